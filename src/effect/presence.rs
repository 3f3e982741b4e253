//! Whether a topic is there, and with how many partitions: what the effects on whole topics look at.

use crate::effect::connection::Connection;
use crate::error::{Error, Failure};
use crate::kafka::topics;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Other brokers hear of a change a moment after the controller; this is how long krun looks for it.
const VISIBLE_WITHIN: Duration = Duration::from_secs(15);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// `{"partitions": 12}`, or null where there is no such topic.
pub(crate) fn look(connection: &Connection, name: &str) -> Result<Value, Error> {
    match connection.read(topics::list(&connection.client, Some(&[name.to_owned()]))) {
        Ok(topics) => Ok(image(topics.first().map_or(0, |topic| topic.partitions.len()))),
        Err(error) if is_missing(&error) => Ok(Value::Null),
        Err(error) => Err(error),
    }
}

pub(crate) fn image(partitions: usize) -> Value {
    json!({ "partitions": partitions })
}

pub(crate) fn is_missing(error: &Error) -> bool {
    error.code == "UNKNOWN_TOPIC_OR_PARTITION"
}

/// Looks until the topic is as wanted, at one broker after the other; false where it stays otherwise.
pub(crate) fn becomes(connection: &Connection, name: &str, wanted: &Value, within: Duration) -> Result<bool, Error> {
    let began = Instant::now();
    while look(connection, name)? != *wanted {
        if began.elapsed() > within {
            return Ok(false);
        }
        connection.client.ask_another();
        std::thread::sleep(LOOK_AGAIN);
    }
    Ok(true)
}

/// After a change that was accepted. `Unknown` where it is not to be seen in time.
pub(crate) fn read_back(connection: &Connection, name: &str, wanted: &Value, summary: &str) -> Result<(), Failure> {
    match becomes(connection, name, wanted, VISIBLE_WITHIN) {
        Ok(true) => Ok(()),
        Ok(false) => {
            let text = format!("accepted, and not to be seen after {} s: {summary}", VISIBLE_WITHIN.as_secs());
            let error = Error::new("CHANGE_NOT_VISIBLE", text);
            Err(Failure::Unknown(error.hint("is a broker of its replicas down? see the controller's log")))
        }
        Err(error) => Err(Failure::Unknown(error)),
    }
}

/// What is there, in words.
pub(crate) fn say(image: &Value) -> String {
    match image.get("partitions").and_then(Value::as_u64) {
        Some(1) => "there with 1 partition".to_owned(),
        Some(partitions) => format!("there with {partitions} partitions"),
        None => "not there".to_owned(),
    }
}
