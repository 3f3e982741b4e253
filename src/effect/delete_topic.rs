//! `delete_topic`: takes a topic away, with its data (`DeleteTopics`). Nothing brings it back; it is also what undoes
//! `create_topic`.

use crate::effect::connection::Connection;
use crate::effect::placement::topic;
use crate::effect::presence::{self, is_missing, look, read_back};
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::kafka::topics;
use crate::run::effects::{Effect, Settled, Undo};
use serde_json::{Value, json};

pub const NAME: &str = "delete_topic";

pub struct DeleteTopic(pub Connection);

pub fn args(topic: &str) -> Value {
    json!({ "topic": topic })
}

impl Effect for DeleteTopic {
    fn name(&self) -> &'static str {
        NAME
    }

    fn target(&self, args: &Value) -> String {
        format!("topic/{}", topic(args))
    }

    fn before(&self, args: &Value) -> Result<Value, Error> {
        let present = look(&self.0, topic(args))?;
        if present.is_null() {
            let text = format!("there is no topic {}", topic(args));
            return Err(Error::new("UNKNOWN_TOPIC_OR_PARTITION", text).hint("check the name"));
        }
        Ok(present)
    }

    fn after(&self, _args: &Value, _before: &Value) -> Value {
        Value::Null
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let partitions = before["partitions"].as_u64().unwrap_or(0);
        let and_data = if partitions == 1 { "1 partition".to_owned() } else { format!("{partitions} partitions") };
        format!("delete topic {} with the data of its {and_data}", topic(args))
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let name = topic(&intent.args);
        match self.0.write(topics::delete(&self.0.client, name)) {
            // After an answer that was lost, say.
            Err(Failure::Refused(error)) if is_missing(&error) => {}
            outcome => outcome?,
        }
        read_back(&self.0, name, &Value::Null, &intent.summary)?;
        Ok(Value::Null)
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let present = look(&self.0, topic(&intent.args))?;
        Ok(if present.is_null() {
            Settled::Done(Value::Null)
        } else if present == intent.before {
            Settled::NotDone
        } else {
            self.0.client.ask_another();
            let (now, was) = (presence::say(&present), presence::say(&intent.before));
            Settled::Changed { evidence: format!("topic {} is {now}, and was {was}", topic(&intent.args)) }
        })
    }

    fn undo(&self, _intent: &Intent) -> Option<Undo> {
        None
    }

    fn is_final(&self) -> Option<&'static str> {
        Some("a deleted topic does not come back, nor do its data")
    }
}
