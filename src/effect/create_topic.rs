//! `create_topic`: makes a topic (`CreateTopics`). Its undo deletes it, with all that was written to it.

use crate::effect::connection::Connection;
use crate::effect::placement::{brokers, topic};
use crate::effect::presence::{self, becomes, look, read_back};
use crate::effect::{delete_topic, reassign::ids};
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::kafka::topics::{self, Layout, NewTopic};
use crate::run::effects::{Effect, Settled, Undo};
use serde_json::{Map, Value, json};
use std::time::Duration;

pub const NAME: &str = "create_topic";

/// A lost answer is followed by a look; brokers that have not heard of the topic yet must not make krun create it again.
const HEARD_WITHIN: Duration = Duration::from_secs(3);

pub struct CreateTopic(pub Connection);

/// What `perform` takes.
pub fn args(new: &NewTopic) -> Value {
    let configs: Map<String, Value> = new.configs.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    match &new.layout {
        Layout::Spread { partitions, replication } => {
            json!({ "topic": new.name, "partitions": partitions, "replication": replication, "configs": configs })
        }
        Layout::Assigned(replicas) => json!({ "topic": new.name, "replicas": replicas, "configs": configs }),
    }
}

impl Effect for CreateTopic {
    fn name(&self) -> &'static str {
        NAME
    }

    fn target(&self, args: &Value) -> String {
        format!("topic/{}", topic(args))
    }

    /// Error: `TOPIC_ALREADY_EXISTS`.
    fn before(&self, args: &Value) -> Result<Value, Error> {
        let present = look(&self.0, topic(args))?;
        if present.is_null() {
            return Ok(present);
        }
        let text = format!("topic {} is {} already", topic(args), presence::say(&present));
        Err(Error::new("TOPIC_ALREADY_EXISTS", text)
            .hint("read it first, and decide; krun changes no topic into another"))
    }

    fn after(&self, args: &Value, _before: &Value) -> Value {
        presence::image(usize::try_from(partitions(args)).unwrap_or(0))
    }

    fn summary(&self, args: &Value, _before: &Value) -> String {
        let count = partitions(args);
        let partitions = if count == 1 { "1 partition".to_owned() } else { format!("{count} partitions") };
        let placed = match args.get("replicas").and_then(Value::as_array) {
            Some(replicas) => {
                let each: Vec<String> = replicas.iter().map(|one| ids(&brokers(one))).collect();
                format!("on {}", each.join(" | "))
            }
            None => format!("on {} brokers each", args["replication"]),
        };
        let configs = args["configs"].as_object().into_iter().flatten();
        let configs = configs.map(|(key, value)| format!("{key} = {}", value.as_str().unwrap_or_default()));
        let parts: Vec<String> = std::iter::once(format!("{partitions} {placed}")).chain(configs).collect();
        format!("create topic {}: {}", topic(args), parts.join(", "))
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        self.0.write(topics::create(&self.0.client, &new_topic(&intent.args)))?;
        read_back(&self.0, topic(&intent.args), &intent.after, &intent.summary)?;
        Ok(Value::Null)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let name = topic(&intent.args);
        if becomes(&self.0, name, &intent.after, HEARD_WITHIN)? {
            return Ok(Settled::Done(Value::Null));
        }
        let present = look(&self.0, name)?;
        Ok(if present.is_null() {
            Settled::NotDone
        } else {
            Settled::Changed { evidence: format!("topic {name} is {}", presence::say(&present)) }
        })
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        Some(Undo { effect: delete_topic::NAME, args: delete_topic::args(topic(&intent.args)) })
    }

    fn by_hand(&self, intent: &Intent, bootstrap: &str) -> Vec<String> {
        let name = topic(&intent.args);
        vec![format!("kafka-topics.sh --bootstrap-server {bootstrap} --delete --topic {name}")]
    }
}

fn partitions(args: &Value) -> u64 {
    match args.get("replicas").and_then(Value::as_array) {
        Some(replicas) => replicas.len() as u64,
        None => args["partitions"].as_u64().unwrap_or(0),
    }
}

fn new_topic(args: &Value) -> NewTopic {
    let number = |key: &str| args[key].as_i64().unwrap_or(-1);
    let layout = match args.get("replicas").and_then(Value::as_array) {
        Some(replicas) => Layout::Assigned(replicas.iter().map(brokers).collect()),
        None => Layout::Spread {
            partitions: i32::try_from(number("partitions")).unwrap_or(-1),
            replication: i16::try_from(number("replication")).unwrap_or(-1),
        },
    };
    let configs = args["configs"].as_object().into_iter().flatten();
    let configs = configs.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect();
    NewTopic { name: topic(args).to_owned(), layout, configs }
}
