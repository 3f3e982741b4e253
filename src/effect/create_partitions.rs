//! `create_partitions`: gives a topic more partitions (`CreatePartitions`). Kafka takes none away again, and records with
//! a key go to other partitions from then on.

use crate::effect::connection::Connection;
use crate::effect::placement::{brokers, topic};
use crate::effect::presence::{self, look, read_back};
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::kafka::topics;
use crate::run::effects::{Effect, Settled, Undo};
use serde_json::{Value, json};

pub const NAME: &str = "create_partitions";

pub struct CreatePartitions(pub Connection);

/// What `perform` takes: how many there shall be in all, and perhaps where those that are added lie.
pub fn args(topic: &str, count: i32, replicas: Option<&[Vec<i32>]>) -> Value {
    match replicas {
        Some(replicas) => json!({ "topic": topic, "count": count, "replicas": replicas }),
        None => json!({ "topic": topic, "count": count }),
    }
}

impl Effect for CreatePartitions {
    fn name(&self) -> &'static str {
        NAME
    }

    fn target(&self, args: &Value) -> String {
        format!("topic/{}", topic(args))
    }

    fn resources(&self, args: &Value) -> Vec<String> {
        vec![format!("topic/{}/partitions", topic(args))]
    }

    /// Error: `INVALID_PARTITIONS` where it has more already.
    fn before(&self, args: &Value) -> Result<Value, Error> {
        let present = look(&self.0, topic(args))?;
        match present["partitions"].as_u64() {
            None => Err(Error::new("UNKNOWN_TOPIC_OR_PARTITION", format!("there is no topic {}", topic(args)))),
            Some(now) if now > count(args) => {
                let text = format!("topic {} has {now} partitions, and shall have {}", topic(args), count(args));
                Err(Error::new("INVALID_PARTITIONS", text).hint("Kafka takes no partition away"))
            }
            Some(_) => Ok(present),
        }
    }

    fn after(&self, args: &Value, _before: &Value) -> Value {
        presence::image(usize::try_from(count(args)).unwrap_or(0))
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let (now, count) = (before["partitions"].as_u64().unwrap_or(0), count(args));
        let so = if now == count { " (already so)".to_owned() } else { format!(" (has {now})") };
        format!("give topic {} {count} partitions{so}", topic(args))
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let name = topic(&intent.args);
        let count = i32::try_from(count(&intent.args)).unwrap_or(i32::MAX);
        let replicas = intent.args.get("replicas").and_then(Value::as_array);
        let replicas: Option<Vec<Vec<i32>>> = replicas.map(|each| each.iter().map(brokers).collect());
        self.0.write(topics::create_partitions(&self.0.client, name, count, replicas.as_deref()))?;
        read_back(&self.0, name, &intent.after, &intent.summary)?;
        Ok(Value::Null)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let present = look(&self.0, topic(&intent.args))?;
        Ok(if present == intent.after {
            Settled::Done(Value::Null)
        } else if present == intent.before {
            Settled::NotDone
        } else {
            self.0.client.ask_another();
            Settled::Changed { evidence: format!("topic {} is {}", topic(&intent.args), presence::say(&present)) }
        })
    }

    fn undo(&self, _intent: &Intent) -> Option<Undo> {
        None
    }

    fn is_final(&self) -> Option<&'static str> {
        Some("Kafka takes no partition away")
    }
}

fn count(args: &Value) -> u64 {
    args["count"].as_u64().unwrap_or(0)
}
