//! `delete_records`: moves the first readable offset of partitions up (`DeleteRecords`, KIP-107). What lay below is gone.

use crate::effect::connection::Connection;
use crate::effect::placement::{by_partition, partitions, topic};
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::kafka::PartitionResult;
use crate::kafka::offsets::{self, Spec};
use crate::kafka::records;
use crate::run::effects::{Effect, Settled, Undo};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub const NAME: &str = "delete_records";

pub struct DeleteRecords(pub Connection);

/// What `perform` takes: the offset that shall be the first readable one, by partition.
pub fn args(topic: &str, below: &BTreeMap<i32, i64>) -> Value {
    json!({ "topic": topic, "partitions": by_partition(below.iter().map(|(id, offset)| (*id, json!(offset)))) })
}

impl Effect for DeleteRecords {
    fn name(&self) -> &'static str {
        NAME
    }

    fn target(&self, args: &Value) -> String {
        format!("topic/{}", topic(args))
    }

    fn resources(&self, args: &Value) -> Vec<String> {
        partitions(args).keys().map(|id| format!("partition/{}-{id}/records", topic(args))).collect()
    }

    fn before(&self, args: &Value) -> Result<Value, Error> {
        let starts = self.starts(topic(args))?;
        let one = |id: i32| {
            let text = || format!("topic {} has no partition {id}", topic(args));
            let start = starts.get(&id).ok_or_else(|| Error::new("UNKNOWN_TOPIC_OR_PARTITION", text()))?;
            Ok((id, json!(start)))
        };
        let starts: Vec<(i32, Value)> = partitions(args).into_keys().map(one).collect::<Result<_, Error>>()?;
        Ok(by_partition(starts.into_iter()))
    }

    /// A partition that begins above the offset already stays as it is.
    fn after(&self, args: &Value, before: &Value) -> Value {
        by_partition(partitions(args).into_iter().map(|(id, offset)| {
            let start = before[id.to_string()].as_i64().unwrap_or(0);
            (id, json!(offset.as_i64().unwrap_or(0).max(start)))
        }))
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let one = |(id, offset): (i32, Value)| {
            let start = before[id.to_string()].as_i64().unwrap_or(0);
            let count = (offset.as_i64().unwrap_or(0) - start).max(0);
            (id, offset, start, count)
        };
        let all: Vec<_> = partitions(args).into_iter().map(one).collect();
        let count: i64 = all.iter().map(|(_, _, _, count)| count).sum();
        let each = all.iter().map(|(id, offset, start, _)| format!("{}-{id} {start} → {offset}", topic(args)));
        let shown: Vec<String> = each.take(5).collect();
        let more = if all.len() > 5 { format!(" and {} more", all.len() - 5) } else { String::new() };
        format!("delete up to {count} records: {}{more}", shown.join(", "))
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let below = partitions(&intent.args).into_iter().filter_map(|(id, offset)| Some((id, offset.as_i64()?)));
        // Kafka refuses to move a start down.
        let is_above = |(id, offset): &(i32, i64)| intent.before[id.to_string()].as_i64().is_none_or(|at| at < *offset);
        let below: BTreeMap<i32, i64> = below.filter(is_above).collect();
        let results = self.0.write(records::delete(&self.0.client, topic(&intent.args), &below))?;
        let said: Vec<String> = results.iter().filter_map(PartitionResult::told).collect();
        match results.iter().find_map(|result| result.error.clone()) {
            Some(error) if said.len() == results.len() => {
                Err(Failure::Refused(Error { message: format!("nothing was deleted: {}", said.join("; ")), ..error }))
            }
            _ => Ok(json!({ "refused": said })),
        }
    }

    /// To delete once more below the same offset is harmless, so whatever is not there yet is not done.
    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let name = topic(&intent.args);
        let starts = match self.starts(name) {
            Err(error) if error.code == "UNKNOWN_TOPIC_OR_PARTITION" => {
                return Ok(Settled::Changed { evidence: format!("topic {name} is gone") });
            }
            starts => starts?,
        };
        let is_there = |(id, offset): (i32, Value)| starts.get(&id).copied() >= offset.as_i64();
        Ok(if partitions(&intent.args).into_iter().all(is_there) {
            Settled::Done(json!({ "refused": [] }))
        } else {
            Settled::NotDone
        })
    }

    fn undo(&self, _intent: &Intent) -> Option<Undo> {
        None
    }

    fn is_final(&self) -> Option<&'static str> {
        Some("deleted records do not come back")
    }
}

impl DeleteRecords {
    /// The first readable offset of every partition.
    fn starts(&self, topic: &str) -> Result<BTreeMap<i32, i64>, Error> {
        Ok(self.0.read(offsets::list(&self.0.client, topic, Spec::Earliest))?.into_iter().collect())
    }
}
