//! `cancel_partition_reassignments`: takes back moves that krun submitted and that are still in flight.
//!
//! A move that has finished meanwhile stays, and one that somebody else submitted is left alone. Where none of the old
//! replicas is up and in sync, the partition would lose its leader, and what only the new ones have (`KAFKA-14424`; `ZooKeeper`'s
//! controllers do it without asking): then it is not cancelled. Kafka gives a cancelled
//! partition its old replicas, but not their order (those that were to be removed come last), so the order, and with it
//! the preferred leader, is restored by a second request.

use crate::effect::connection::Connection;
use crate::effect::placement::{self, Placement, brokers, by_partition, partitions, same_brokers, topic, without};
use crate::effect::reassign::ids;
use crate::effect::stray::strays;
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::kafka::reassignments::{self, Move};
use crate::run::effects::{Effect, Settled, Undo};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
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
    /// In flight, and the old replicas could not take over.
    stranded: Vec<Stranded>,
    /// By broker that is down: the copies that it had been given, of those in flight or back.
    begun_on: BTreeMap<i32, BTreeSet<i32>>,
}

/// A partition whose old replicas are all down or not in sync.
struct Stranded {
    partition: i32,
    old: Vec<i32>,
    down: Vec<i32>,
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
        let found = self.find_what_can_go(&intent.args).map_err(Failure::Refused)?;
        self.submit(topic, found.in_flight.iter().map(|id| (*id, None)))?;
        self.submit(topic, found.to_reorder.into_iter().map(|(id, replicas)| (id, Some(replicas))))?;
        let began = Instant::now();
        loop {
            let now = self.find(&intent.args).map_err(Failure::Unknown)?;
            // The controller has cancelled it before the broker that is asked has heard of it.
            let believed = now.foreign.is_empty() || began.elapsed() > BELIEVED_AFTER;
            if now.in_flight.is_empty() && now.to_reorder.is_empty() && believed {
                // A broker that was down when its copy was cancelled, and one that is now.
                return now.told(topic, &found.begun_on);
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
        // What cannot be cancelled now is for `act` to say.
        let to_do = !found.in_flight.is_empty() || !found.to_reorder.is_empty() || !found.stranded.is_empty();
        Ok(if to_do {
            Settled::NotDone
        } else if !found.foreign.is_empty() {
            self.0.client.ask_another();
            Settled::Changed { evidence: found.foreign.join(", ") }
        } else if found.back.is_empty() {
            Settled::Over { evidence: found.finished.join(", ") }
        } else {
            let nobody_more = BTreeMap::new();
            Settled::Done(found.told(topic(&intent.args), &nobody_more).unwrap_or_default())
        })
    }

    fn undo(&self, _intent: &Intent) -> Option<Undo> {
        None
    }

    fn afterwards(&self, done: &[Value]) -> Vec<String> {
        strays(done)
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

    /// What one broker knows may be some seconds old: that a partition is stranded is believed when it stays so.
    fn find_what_can_go(&self, args: &Value) -> Result<Found, Error> {
        let began = Instant::now();
        loop {
            let found = self.find(args)?;
            if found.stranded.is_empty() || began.elapsed() > BELIEVED_AFTER {
                return Ok(found);
            }
            self.0.client.ask_another();
            std::thread::sleep(Duration::from_millis(250));
        }
    }

    fn find(&self, args: &Value) -> Result<Found, Error> {
        let topic = topic(args);
        let Some(present) = placement::look(&self.0, topic)? else {
            return Ok(Found { finished: vec![format!("topic {topic} is gone")], ..Found::default() });
        };
        let up = placement::registered(&self.0)?;
        let mut found = Found::default();
        for (id, one) in partitions(args) {
            let (from, to) = (brokers(&one["from"]), brokers(&one["to"]));
            let place = present.get(&id);
            if place.is_some_and(|place| place.moves(&from, &to) || place.replicas == from) {
                for down in without(&without(&to, &from), &up) {
                    found.begun_on.entry(down).or_default().insert(id);
                }
            }
            match place {
                Some(place) if place.moves(&from, &to) => {
                    if from.iter().any(|broker| up.contains(broker) && place.isr.contains(broker)) {
                        found.in_flight.push(id);
                    } else {
                        found.stranded.push(Stranded { partition: id, down: without(&from, &up), old: from });
                    }
                }
                Some(Placement { moving_to: Some(target), adding, .. }) => {
                    let (target, adding) = (ids(target), ids(adding));
                    let text =
                        format!("{topic}-{id} is moving to {target} (adding {adding}), which krun did not ask for");
                    found.foreign.push(text);
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

impl Found {
    /// What came of it: names what could not be cancelled, else what was.
    fn told(self, topic: &str, begun_on_before: &BTreeMap<i32, BTreeSet<i32>>) -> Result<Value, Failure> {
        if !self.stranded.is_empty() {
            return Err(Failure::Refused(stranded(topic, &self.stranded)));
        }
        let mut begun_on = self.begun_on;
        for (broker, partitions) in begun_on_before {
            begun_on.entry(*broker).or_default().extend(partitions);
        }
        let back = self.back;
        let one = |(broker, partitions): (i32, BTreeSet<i32>)| {
            let cancelled = partitions.iter().filter(|id| back.contains(id));
            let names: Vec<String> = cancelled.map(|id| format!("{topic}-{id}")).collect();
            (!names.is_empty()).then(|| (broker.to_string(), json!(names)))
        };
        let begun_on: Map<String, Value> = begun_on.into_iter().filter_map(one).collect();
        let mut told = json!({ "cancelled": back, "finished": self.finished, "left": self.foreign });
        if !begun_on.is_empty() {
            told["begun_on_brokers_down"] = Value::Object(begun_on);
        }
        Ok(told)
    }
}

fn stranded(topic: &str, all: &[Stranded]) -> Error {
    let one = |one: &Stranded| format!("{topic}-{} (was on {})", one.partition, ids(&one.old));
    let named: Vec<String> = all.iter().map(one).collect();
    let text = format!(
        "not cancelled: {}: none of these old replicas is up and in sync, so cancelling would take the partition's leader \
         away, and the records that only new replicas have",
        named.join(", ")
    );
    let down: BTreeSet<i32> = all.iter().flat_map(|one| one.down.iter().copied()).collect();
    let down: Vec<i32> = down.into_iter().collect();
    let what = match down.as_slice() {
        [] => "wait until an old replica is in sync again".to_owned(),
        [only] => format!("start broker {only} and wait until it is in sync"),
        several => format!("start brokers {} and wait until they are in sync", ids(several)),
    };
    Error::new("OLD_REPLICAS_DOWN", text).hint(format!("{what}, then `krun abort` again; or let the move end"))
}
