//! `elect_leaders`: gives leadership to the preferred replicas (KIP-460, Kafka 2.4; preferred only from 2.2).
//!
//! Leadership may move on by itself afterwards, so nothing is put back and nobody is blamed for it.

use crate::effect::connection::Connection;
use crate::effect::placement::{by_partition, topic};
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::kafka::{leaders, topics};
use crate::run::effects::{Effect, Settled, Undo};
use serde_json::{Value, json};

pub const NAME: &str = "elect_leaders";

pub struct ElectLeaders(pub Connection);

pub fn args(topic: &str) -> Value {
    json!({ "topic": topic })
}

impl Effect for ElectLeaders {
    fn name(&self) -> &'static str {
        NAME
    }

    fn target(&self, args: &Value) -> String {
        format!("topic/{}", topic(args))
    }

    fn resources(&self, args: &Value) -> Vec<String> {
        vec![format!("topic/{}/leaders", topic(args))]
    }

    fn before(&self, args: &Value) -> Result<Value, Error> {
        let members = self.partitions(topic(args))?.into_iter().map(|partition| {
            (partition.id, json!({ "leader": partition.leader, "preferred": partition.replicas.first() }))
        });
        Ok(by_partition(members))
    }

    fn after(&self, _args: &Value, before: &Value) -> Value {
        let mut after = before.clone();
        for (_, partition) in after.as_object_mut().into_iter().flatten() {
            partition["leader"] = partition["preferred"].clone();
        }
        after
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let others = to_elect(before).count();
        match others {
            0 => format!("elect the preferred leaders of {}", topic(args)),
            1 => format!("elect the preferred leaders of {} (1 partition)", topic(args)),
            _ => format!("elect the preferred leaders of {} ({others} partitions)", topic(args)),
        }
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let topic = topic(&intent.args);
        let wanted: Vec<(String, i32)> = to_elect(&intent.before).map(|id| (topic.to_owned(), id)).collect();
        let results = self.0.write(leaders::elect_preferred(&self.0.client, &wanted))?;
        let refused = results.into_iter().find_map(|result| {
            let error = result.error.filter(|error| error.code != "ELECTION_NOT_NEEDED")?;
            Some(Error { message: format!("{topic}-{}: {}", result.partition, error.message), ..error })
        });
        refused.map_or(Ok(Value::Null), |error| Err(Failure::Refused(error)))
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let partitions = match self.partitions(topic(&intent.args)) {
            Err(error) if error.code == "UNKNOWN_TOPIC_OR_PARTITION" => {
                return Ok(Settled::Changed { evidence: format!("topic {} is gone", topic(&intent.args)) });
            }
            partitions => partitions?,
        };
        let leads = |partition: &topics::Partition| partition.leader == partition.replicas.first().copied();
        Ok(if partitions.iter().all(leads) { Settled::Done(Value::Null) } else { Settled::NotDone })
    }

    fn undo(&self, _intent: &Intent) -> Option<Undo> {
        None
    }

    fn lasts(&self) -> bool {
        false
    }
}

impl ElectLeaders {
    fn partitions(&self, topic: &str) -> Result<Vec<topics::Partition>, Error> {
        let names = [topic.to_owned()];
        let topics = self.0.read(topics::list(&self.0.client, Some(&names)))?;
        Ok(topics.into_iter().flat_map(|topic| topic.partitions).collect())
    }
}

fn to_elect(before: &Value) -> impl Iterator<Item = i32> {
    let partitions = before.as_object().into_iter().flatten();
    partitions.filter(|(_, one)| one["leader"] != one["preferred"]).filter_map(|(id, _)| id.parse().ok())
}
