//! The configs that are set on topics themselves.

use super::{Gap, Snapshot};
use crate::error::Error;
use crate::kafka::Client;
use crate::kafka::configs::{self, ConfigEntry, Source};
use serde_json::{Map, Value};

/// So many topics are asked about in one request: an answer has some 30 configs of each.
const AT_ONCE: usize = 100;

/// Adds to each topic under `configs` what is set on it. A topic that cannot be asked about has no such key, and is a gap.
pub async fn add_configs(client: &Client, snapshot: &mut Snapshot) -> Result<(), Error> {
    for topics in snapshot.state.topics.chunks_mut(AT_ONCE) {
        let names: Vec<String> = topics.iter().map(|topic| topic.name.clone()).collect();
        let answers = configs::describe_topics(client, &names).await?;
        for (topic, answer) in topics.iter_mut().zip(answers) {
            match answer {
                Ok(entries) => drop(topic.more.insert("configs".to_owned(), Value::Object(own(entries)))),
                Err(error) => snapshot.gaps.push(Gap::Configs(error)),
            }
        }
    }
    Ok(())
}

fn own(entries: Vec<ConfigEntry>) -> Map<String, Value> {
    let own = entries.into_iter().filter(|entry| entry.source == Source::DynamicTopic);
    own.map(|entry| (entry.name, entry.value.map_or(Value::Null, Value::String))).collect()
}
