//! Offsets of a topic's partitions by time.

use crate::bind::cluster::{Cluster, client, read};
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::to_script;
use crate::error::Error;
use crate::kafka::offsets::{self, Found, Spec};
use jiff::Timestamp;
use rhai::{Dynamic, Engine, NativeCallContext};
use serde_json::{Value, json};

pub(crate) fn register(engine: &mut Engine) {
    function(
        "Cluster.offsets(topic: string, when: string) -> array",
        "Of each partition the `offset`, and the `timestamp` of the record there: \"earliest\", \"latest\", \"max_timestamp\" (Kafka 3.0), or the first at or after an instant such as \"2026-01-01T00:00:00Z\"; () where there is none. `error` where a partition cannot be asked.",
    )
    .register_into_engine(engine, of_topic);
}

fn of_topic(context: NativeCallContext, cluster: &mut Cluster, topic: &str, when: &str) -> RhaiResultOf<Dynamic> {
    let spec = spec(when).map_err(|error| raise(&context, error))?;
    let found = read(&context, cluster, offsets::of_topics(&client(cluster), &[topic.to_owned()], spec))?;
    // Where nobody can tell, the reason is the answer: a broker too old for the question, say.
    if let Some(Err(error)) = found.values().next()
        && found.values().all(|other| other.as_ref().is_err_and(|other| other.code == error.code))
    {
        return Err(raise(&context, error.clone()));
    }
    let one = |((_, partition), found): ((String, i32), Result<Found, Error>)| match found {
        Ok(found) => json!({
            "partition": partition,
            "offset": known(found.offset),
            "timestamp": known(found.timestamp).as_i64().and_then(instant),
            "error": null,
        }),
        Err(error) => {
            json!({ "partition": partition, "offset": null, "timestamp": null, "error": error.to_string() })
        }
    };
    Ok(to_script(&found.into_iter().map(one).collect()))
}

/// Kafka's -1 is nothing.
fn known(number: i64) -> Value {
    if number < 0 { Value::Null } else { json!(number) }
}

/// Milliseconds since 1970 as an instant in UTC.
pub(super) fn instant(millis: i64) -> Option<String> {
    Timestamp::from_millisecond(millis).ok().map(|instant| instant.to_string())
}

fn spec(when: &str) -> Result<Spec, Error> {
    match when {
        "earliest" => Ok(Spec::Earliest),
        "latest" => Ok(Spec::Latest),
        "max_timestamp" => Ok(Spec::MaxTimestamp),
        instant => match instant.parse::<Timestamp>() {
            Ok(instant) if instant.as_millisecond() >= 0 => Ok(Spec::At(instant.as_millisecond())),
            _ => Err(Error::new("INVALID_INSTANT", format!("`{instant}` is no instant"))
                .hint("\"earliest\", \"latest\", \"max_timestamp\", or one such as \"2026-01-01T00:00:00Z\" or \"2026-01-01T09:00:00+09:00\"")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::spec;
    use crate::kafka::offsets::Spec;

    #[test]
    fn instants_have_a_zone() {
        assert_eq!(spec("1970-01-01T00:00:01Z"), Ok(Spec::At(1000)));
        assert_eq!(spec("1970-01-01T09:00:01+09:00"), Ok(Spec::At(1000)));
        for text in ["2026-01-01", "2026-01-01T00:00:00", "now", "", "1960-01-01T00:00:00Z"] {
            assert_eq!(spec(text).expect_err("refused").code, "INVALID_INSTANT", "{text}");
        }
    }
}
