//! `cancel_partition_reassignments`: takes back moves that krun submitted and that are still in flight.
//!
//! A move that has finished meanwhile stays, and one that somebody else submitted is left alone.

use crate::effect::connection::Connection;
use crate::effect::placement::{self, Placement, brokers, by_partition, partitions, topic};
use crate::effect::reassign::ids;
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::kafka::reassignments::{self, Move};
use crate::run::door::{Effect, Settled, Undo};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub const NAME: &str = "cancel_partition_reassignments";

const GONE_WITHIN: Duration = Duration::from_secs(30);

pub struct Cancel(pub Connection);

/// From the images of the move that it takes back: partition → replicas.
pub(crate) fn args(topic: &str, before: &Value, after: &Value) -> Value {
    let moved = before.as_object().into_iter().flatten().filter(|(id, from)| after.get(id.as_str()) != Some(from));
    let one = |(id, from): (&String, &Value)| {
        Some((id.parse().ok()?, json!({ "from": from, "to": after.get(id.as_str()).cloned().unwrap_or_default() })))
    };
    json!({ "topic": topic, "partitions": by_partition(moved.filter_map(one)) })
}

/// What has become of the moves to take back.
#[derive(Default)]
struct Found {
    in_flight: Vec<i32>,
    back: Vec<i32>,
    finished: Vec<String>,
    foreign: Vec<String>,
}

impl Effect for Cancel {
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
        Ok(by_partition(partitions(args).into_iter().map(|(id, one)| (id, one["to"].clone()))))
    }

    fn after(&self, args: &Value, _before: &Value) -> Value {
        by_partition(partitions(args).into_iter().map(|(id, one)| (id, one["from"].clone())))
    }

    fn summary(&self, args: &Value, _before: &Value) -> String {
        let one = |(id, one): (i32, Value)| format!("{}-{id} (back to {})", topic(args), ids(&brokers(&one["from"])));
        format!("cancel the move of {}", partitions(args).into_iter().map(one).collect::<Vec<_>>().join(", "))
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let topic = topic(&intent.args);
        let found = self.find(&intent.args).map_err(Failure::Refused)?;
        let cancel = |id: &i32| Move { topic: topic.to_owned(), partition: *id, replicas: None };
        let cancels: Vec<Move> = found.in_flight.iter().map(cancel).collect();
        let results = self.0.write(reassignments::alter(&self.0.client, &cancels))?;
        // What ended in between needs no cancelling any more.
        let refused = results.into_iter().find_map(|result| {
            let error = result.error.filter(|error| error.code != "NO_REASSIGNMENT_IN_PROGRESS")?;
            Some(Error { message: format!("{topic}-{}: {}", result.partition, error.message), ..error })
        });
        if let Some(error) = refused {
            return Err(Failure::Refused(error));
        }
        let began = Instant::now();
        loop {
            let now = self.find(&intent.args).map_err(Failure::Unknown)?;
            if now.in_flight.is_empty() {
                return Ok(json!({ "cancelled": now.back, "finished": now.finished, "left": now.foreign }));
            }
            if began.elapsed() > GONE_WITHIN {
                let text = format!("moves of {topic} are still listed {} s after cancelling", GONE_WITHIN.as_secs());
                return Err(Failure::Unknown(Error::new("CANCEL_NOT_VISIBLE", text)));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let found = self.find(&intent.args)?;
        Ok(if !found.in_flight.is_empty() {
            Settled::NotDone
        } else if !found.foreign.is_empty() {
            Settled::Changed { evidence: found.foreign.join(", ") }
        } else if found.back.is_empty() {
            Settled::Over { evidence: found.finished.join(", ") }
        } else {
            Settled::Done(json!({ "cancelled": found.back, "finished": found.finished, "left": [] }))
        })
    }

    fn undo(&self, _intent: &Intent) -> Option<Undo> {
        None
    }
}

impl Cancel {
    fn find(&self, args: &Value) -> Result<Found, Error> {
        let topic = topic(args);
        let Some(present) = placement::look(&self.0, topic)? else {
            return Ok(Found { finished: vec![format!("topic {topic} is gone")], ..Found::default() });
        };
        let mut found = Found::default();
        for (id, one) in partitions(args) {
            let (from, to) = (brokers(&one["from"]), brokers(&one["to"]));
            match present.get(&id) {
                Some(Placement { moving_to: Some(target), .. }) if *target == to => found.in_flight.push(id),
                Some(Placement { moving_to: Some(target), .. }) => {
                    found
                        .foreign
                        .push(format!("{topic}-{id} is moving to {}, which krun did not ask for", ids(target)));
                }
                Some(Placement { replicas, .. }) if *replicas == from => found.back.push(id),
                Some(Placement { replicas, .. }) if *replicas == to => {
                    found.finished.push(format!("{topic}-{id} had finished moving: it stays on {}", ids(&to)));
                }
                Some(Placement { replicas, .. }) => found.foreign.push(format!("{topic}-{id} is on {}", ids(replicas))),
                None => found.finished.push(format!("{topic}-{id} is gone")),
            }
        }
        Ok(found)
    }
}
