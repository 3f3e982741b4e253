//! A state file as what a sandbox is made of.

use crate::cli::{Complaint, malformed};
use crate::inventory::{file_text, state_file};
use crate::plan;
use crate::sandbox::{Twin, TwinBroker, TwinTopic};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

pub(super) fn read(file: &Path) -> Result<Twin, Complaint> {
    // The sandbox's own process reads it again, from another folder.
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let text = file_text::of_file(&file).map_err(malformed::complaint)?;
    let state = state_file::read(&file.display().to_string(), text).map_err(malformed::complaint)?;
    let brokers = state.brokers.iter().map(broker).collect();
    let topics = state.topics.into_iter().map(topic).collect();
    Ok(Twin { file, brokers, topics })
}

fn broker(broker: &plan::Broker) -> TwinBroker {
    let sizes = broker.log_dirs.iter().map(|dir| dir.total_bytes).collect::<Option<Vec<u64>>>();
    let disk = sizes.filter(|sizes| !sizes.is_empty()).map(|sizes| sizes.iter().sum());
    TwinBroker { id: broker.id, rack: broker.rack.clone(), registered: broker.registered, disk }
}

fn topic(topic: plan::Topic) -> TwinTopic {
    let configs = topic.more.get("configs").and_then(Value::as_object).into_iter().flatten();
    let configs = configs.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    TwinTopic {
        configs: configs.collect::<BTreeMap<_, _>>(),
        bytes: topic.bytes.iter().map(|bytes| bytes.unwrap_or(0)).collect(),
        name: topic.name,
        replicas: topic.replicas,
    }
}
