//! `alter_partition_reassignments`: submits moves of one topic's partitions (KIP-455, Kafka 2.4).
//!
//! Submitting is the effect; that the move arrives is for the runbook to wait for. Its undo cancels what is in flight.

use crate::effect::connection::Connection;
use crate::effect::placement::{self, brokers, by_partition, partitions, topic};
use crate::effect::{cancel, placement::Placement};
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::kafka::PartitionResult;
use crate::kafka::reassignments::{self, Move};
use crate::run::effects::{Effect, Settled, Undo};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub const NAME: &str = "alter_partition_reassignments";

pub struct Reassign(pub Connection);

/// What `perform` takes: the replicas that each partition shall have, in order.
pub fn args(topic: &str, targets: &BTreeMap<i32, Vec<i32>>) -> Value {
    json!({ "topic": topic, "partitions": by_partition(targets.iter().map(|(id, replicas)| (*id, json!(replicas)))) })
}

impl Effect for Reassign {
    fn name(&self) -> &'static str {
        NAME
    }

    fn target(&self, args: &Value) -> String {
        format!("topic/{}", topic(args))
    }

    fn resources(&self, args: &Value) -> Vec<String> {
        partitions(args).keys().map(|id| format!("partition/{}-{id}/replicas", topic(args))).collect()
    }

    fn before(&self, args: &Value) -> Result<Value, Error> {
        let topic = topic(args);
        let mut present = placement::look(&self.0, topic)?.ok_or_else(|| no_topic(topic))?;
        if is_there(&present, args) {
            // Nothing would be submitted then. To a broker that is behind, what left may look as if it were still there.
            self.0.client.ask_another();
            present = placement::look(&self.0, topic)?.ok_or_else(|| no_topic(topic))?;
        }
        let one = |id: i32, to: &[i32]| match present.get(&id) {
            None => Err(no_partition(topic, id)),
            // Under way to just there, since an earlier attempt: nothing is left to do, and that one's undo takes it back.
            Some(Placement { moving_to: Some(target), .. }) if *target == *to => Ok((id, json!(target))),
            Some(Placement { moving_to: Some(target), .. }) => Err(moving_already(topic, id, target)),
            Some(Placement { replicas, .. }) => Ok((id, json!(replicas))),
        };
        let wanted = partitions(args).into_iter().map(|(id, to)| (id, brokers(&to)));
        let replicas: Vec<(i32, Value)> = wanted.map(|(id, to)| one(id, &to)).collect::<Result<_, _>>()?;
        Ok(by_partition(replicas.into_iter()))
    }

    fn after(&self, args: &Value, _before: &Value) -> Value {
        args.get("partitions").cloned().unwrap_or_default()
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let one = |(id, to): (i32, Value)| {
            let from = before.get(id.to_string()).map(brokers).unwrap_or_default();
            format!("{}-{id} {} → {}", topic(args), ids(&from), ids(&brokers(&to)))
        };
        format!("move {}", partitions(args).into_iter().map(one).collect::<Vec<_>>().join(", "))
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let topic = topic(&intent.args);
        let moves: Vec<Move> = partitions(&intent.args)
            .into_iter()
            .map(|(partition, to)| Move { topic: topic.to_owned(), partition, replicas: Some(brokers(&to)) })
            .collect();
        let results = self.0.write(reassignments::alter(&self.0.client, &moves))?;
        let refused: Vec<&PartitionResult> = results.iter().filter(|result| result.error.is_some()).collect();
        let say = |result: &&PartitionResult| {
            let why = result.error.as_ref().map(ToString::to_string).unwrap_or_default();
            format!("{}-{}: {why}", result.topic, result.partition)
        };
        let said: Vec<String> = refused.iter().map(say).collect();
        match refused.first().and_then(|result| result.error.clone()) {
            Some(error) if refused.len() == results.len() => {
                Err(Failure::Refused(Error { message: format!("no move was accepted: {}", said.join("; ")), ..error }))
            }
            _ => Ok(json!({ "refused": said })),
        }
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let topic = topic(&intent.args);
        let Some(present) = placement::look(&self.0, topic)? else {
            return Ok(Settled::Changed { evidence: format!("topic {topic} is gone") });
        };
        let (mut not_done, mut changed) = (false, Vec::new());
        for (id, to) in partitions(&intent.args) {
            let (to, from) = (brokers(&to), intent.before.get(id.to_string()).map(brokers).unwrap_or_default());
            match present.get(&id) {
                Some(Placement { moving_to: Some(target), .. }) if *target == to => {}
                Some(Placement { moving_to: None, replicas, .. }) if *replicas == to => {}
                Some(Placement { moving_to: None, replicas, .. }) if *replicas == from => not_done = true,
                Some(Placement { moving_to: Some(target), .. }) => {
                    changed.push(format!("{topic}-{id} is moving to {}", ids(target)));
                }
                Some(Placement { replicas, .. }) => changed.push(format!("{topic}-{id} is on {}", ids(replicas))),
                None => changed.push(format!("{topic}-{id} is gone")),
            }
        }
        Ok(match (changed.is_empty(), not_done) {
            (false, _) => {
                self.0.client.ask_another();
                Settled::Changed { evidence: changed.join(", ") }
            }
            (true, true) => Settled::NotDone,
            (true, false) => Settled::Done(json!({ "refused": [] })),
        })
    }

    fn narrowed(&self, intent: &Intent, resources: &[String]) -> Intent {
        let topic = topic(&intent.args);
        let is_meant = |id: &String| resources.contains(&format!("partition/{topic}-{id}/replicas"));
        let mut narrowed = intent.clone();
        for image in [&mut narrowed.args["partitions"], &mut narrowed.before, &mut narrowed.after] {
            if let Some(partitions) = image.as_object_mut() {
                partitions.retain(|id, _| is_meant(id));
            }
        }
        narrowed.summary = self.summary(&narrowed.args, &narrowed.before);
        Intent { resources: resources.to_vec(), ..narrowed }
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        Some(Undo { effect: cancel::NAME, args: cancel::args(topic(&intent.args), &intent.before, &intent.after) })
    }

    fn by_hand(&self, intent: &Intent, bootstrap: &str) -> Vec<String> {
        let topic = topic(&intent.args);
        let one =
            |(partition, to): (i32, Value)| json!({ "topic": topic, "partition": partition, "replicas": brokers(&to) });
        let moves: Vec<Value> = partitions(&intent.args).into_iter().map(one).collect();
        let text = json!({ "version": 1, "partitions": moves });
        vec![
            format!("cat > cancel.json <<'END'\n{text}\nEND"),
            format!(
                "kafka-reassign-partitions.sh --bootstrap-server {bootstrap} --cancel --preserve-throttles --reassignment-json-file cancel.json"
            ),
        ]
    }
}

/// Whether every partition is where it shall go, and none of them moves.
fn is_there(present: &BTreeMap<i32, Placement>, args: &Value) -> bool {
    partitions(args)
        .iter()
        .all(|(id, to)| present.get(id).is_some_and(|now| now.moving_to.is_none() && now.replicas == brokers(to)))
}

pub(crate) fn ids(brokers: &[i32]) -> String {
    brokers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn no_topic(topic: &str) -> Error {
    Error::new("UNKNOWN_TOPIC_OR_PARTITION", format!("there is no topic {topic} (any more)"))
}

fn no_partition(topic: &str, id: i32) -> Error {
    Error::new("UNKNOWN_TOPIC_OR_PARTITION", format!("topic {topic} has no partition {id}"))
}

fn moving_already(topic: &str, id: i32, target: &[i32]) -> Error {
    Error::new("REASSIGNMENT_IN_PROGRESS", format!("{topic}-{id} is moving already, to {}", ids(target)))
        .hint("krun does not override a move that it did not submit: let it end, or cancel it")
}
