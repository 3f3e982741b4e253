//! `cancel_partition_reassignments`: takes back moves that krun submitted and that are still in flight.
//!
//! A move that has finished meanwhile stays, and one that somebody else submitted is left alone. Kafka gives a cancelled
//! partition its old replicas, but not their order (those that were to be removed come last), so the order, and with it
//! the preferred leader, is restored by a second request.

use crate::effect::connection::Connection;
use crate::effect::placement::{self, Placement, brokers, by_partition, partitions, topic};
use crate::effect::reassign::ids;
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::kafka::reassignments::{self, Move};
use crate::run::effects::{Effect, Settled, Undo};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

pub const NAME: &str = "cancel_partition_reassignments";

const GONE_WITHIN: Duration = Duration::from_secs(30);

/// A placement that nobody asked for is believed when it stays for so long.
const BELIEVED_AFTER: Duration = Duration::from_secs(4);

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
    /// The old replicas in another order.
    to_reorder: BTreeMap<i32, Vec<i32>>,
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
        self.submit(topic, found.in_flight.iter().map(|id| (*id, None)))?;
        self.submit(topic, found.to_reorder.into_iter().map(|(id, replicas)| (id, Some(replicas))))?;
        let began = Instant::now();
        loop {
            let now = self.find(&intent.args).map_err(Failure::Unknown)?;
            // The controller has cancelled it before the broker that is asked has heard of it.
            let believed = now.foreign.is_empty() || began.elapsed() > BELIEVED_AFTER;
            if now.in_flight.is_empty() && now.to_reorder.is_empty() && believed {
                return Ok(json!({ "cancelled": now.back, "finished": now.finished, "left": now.foreign }));
            }
            if now.in_flight.is_empty() {
                self.submit(topic, now.to_reorder.into_iter().map(|(id, replicas)| (id, Some(replicas))))?;
            }
            if !now.foreign.is_empty() {
                self.0.client.ask_another();
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
        Ok(if !found.in_flight.is_empty() || !found.to_reorder.is_empty() {
            Settled::NotDone
        } else if !found.foreign.is_empty() {
            self.0.client.ask_another();
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
    /// Without replicas a move is cancelled.
    fn submit(&self, topic: &str, wanted: impl Iterator<Item = (i32, Option<Vec<i32>>)>) -> Result<(), Failure> {
        let one = |(partition, replicas)| Move { topic: topic.to_owned(), partition, replicas };
        let moves: Vec<Move> = wanted.map(one).collect();
        if moves.is_empty() {
            return Ok(());
        }
        let results = self.0.write(reassignments::alter(&self.0.client, &moves))?;
        // What ended in between needs no cancelling any more.
        let refused = results.into_iter().find_map(|result| {
            let error = result.error.filter(|error| error.code != "NO_REASSIGNMENT_IN_PROGRESS")?;
            Some(Error { message: format!("{topic}-{}: {}", result.partition, error.message), ..error })
        });
        refused.map_or(Ok(()), |error| Err(Failure::Refused(error)))
    }

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
                Some(Placement { replicas, .. }) if same_brokers(replicas, &from) => {
                    drop(found.to_reorder.insert(id, from));
                }
                Some(Placement { replicas, .. }) => found.foreign.push(format!("{topic}-{id} is on {}", ids(replicas))),
                None => found.finished.push(format!("{topic}-{id} is gone")),
            }
        }
        Ok(found)
    }
}

fn same_brokers(one: &[i32], other: &[i32]) -> bool {
    one.len() == other.len() && one.iter().all(|broker| other.contains(broker))
}
