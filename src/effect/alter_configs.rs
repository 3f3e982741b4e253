//! `alter_configs`: sets or removes configs of a topic or a broker (`IncrementalAlterConfigs`, KIP-339, Kafka 2.3).
//!
//! Its before-image holds only what is set on that very topic or broker, so that putting back removes what was not set
//! instead of writing down an inherited value.
//!
//! Brokers below 2.6 do not show a throttle rate that is set (KAFKA-9625). Then the value to put back has to be given, and
//! what is there is taken to be what was written last.

use crate::effect::connection::Connection;
use crate::error::{Error, Failure};
use crate::event::Intent;
use crate::kafka::NOT_LISTED;
use crate::kafka::configs::{self, Change, Resource, Source};
use crate::kafka::reassignments;
use crate::kafka::throttles::is_throttle;
use crate::run::effects::{Effect, Settled, Undo};
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};

pub const NAME: &str = "alter_configs";

/// Configs spread through a cluster after they were accepted; this is how long krun looks for them.
const VISIBLE_WITHIN: Duration = Duration::from_secs(15);

pub struct AlterConfigs(pub Connection);

/// What `perform` takes: `values` maps a config to its value, or to null to remove it.
pub fn args(resource: &Resource, values: &Map<String, Value>) -> Value {
    match resource {
        Resource::Topic(name) => json!({ "resource": "topic", "name": name, "values": values }),
        Resource::Broker(id) => json!({ "resource": "broker", "name": id.to_string(), "values": values }),
    }
}

/// How a change is meant, where that does not go without saying.
#[derive(Debug, Clone, Default)]
pub struct Meant {
    /// The values that are put back where the broker does not show what is set.
    pub prior: Map<String, Value>,
    /// It changes what a `temporarily` around it has set, and goes with it.
    pub adapts: bool,
}

impl Meant {
    /// Adds itself to the arguments; those of a plain change stay as they are.
    pub fn added_to(self, mut args: Value) -> Value {
        if !self.prior.is_empty() {
            args["prior"] = Value::Object(self.prior);
        }
        if self.adapts {
            args["adapts"] = Value::Bool(true);
        }
        args
    }
}

impl Effect for AlterConfigs {
    fn name(&self) -> &'static str {
        NAME
    }

    fn target(&self, args: &Value) -> String {
        format!("{}/{}", text(args, "resource"), text(args, "name"))
    }

    fn resources(&self, args: &Value) -> Vec<String> {
        values(args).keys().map(|key| format!("{}/{key}", self.target(args))).collect()
    }

    fn adapts(&self, args: &Value) -> bool {
        args["adapts"] == Value::Bool(true)
    }

    /// Only what was given as the prior value may be hidden.
    fn shows_itself(&self, intent: &Intent) -> Result<bool, Error> {
        if intent.args.get("prior").is_none() {
            return Ok(true);
        }
        let present = self.present(&intent.args)?;
        Ok(!present.as_object().into_iter().flatten().any(|(_, value)| *value == hidden_value()))
    }

    fn before(&self, args: &Value) -> Result<Value, Error> {
        let mut present = self.present(args)?;
        for (key, value) in present.as_object_mut().into_iter().flatten() {
            if *value == hidden_value() {
                let prior = args["prior"].get(key).filter(|prior| prior.is_string());
                *value = prior.cloned().ok_or_else(|| hidden(&self.target(args), key))?;
            }
        }
        Ok(present)
    }

    fn after(&self, args: &Value, _before: &Value) -> Value {
        Value::Object(values(args))
    }

    fn summary(&self, args: &Value, before: &Value) -> String {
        let on = format!("{} {}", text(args, "resource"), text(args, "name"));
        if let Some(both) = both_sides(&values(args), before) {
            return format!("{on}: {both}");
        }
        let one = |(key, value): (&String, &Value)| {
            let present = before.get(key).and_then(Value::as_str);
            let was = present.map_or("unset".to_owned(), short);
            match value.as_str() {
                Some(value) if present == Some(value) => format!("{key} = {} (already so)", short(value)),
                Some(value) => format!("{key} = {} (was {was})", short(value)),
                None => format!("remove {key} (was {was})"),
            }
        };
        format!("{on}: {}", values(args).iter().map(one).collect::<Vec<_>>().join(", "))
    }

    fn act(&self, intent: &Intent) -> Result<Value, Failure> {
        let present = self.present(&intent.args).map_err(Failure::Refused)?;
        // Taking back leaves what somebody else wrote meanwhile.
        let left: Vec<String> = foreign(intent, &present).filter(|_| intent.undoes.is_some()).collect();
        let values = values(&intent.args);
        let wanted = values.into_iter().filter(|(key, value)| !left.contains(key) && present.get(key) != Some(value));
        let changes: Vec<Change> =
            wanted.map(|(name, value)| Change { name, value: value.as_str().map(str::to_owned) }).collect();
        let resource = resource(&intent.args).map_err(Failure::Refused)?;
        if !changes.is_empty() {
            self.0.write(configs::alter(&self.0.client, &resource, &changes))?;
        }
        self.read_back(intent, &left)?;
        Ok(if left.is_empty() { Value::Null } else { json!({ "left": evidence(intent, &present, &left) }) })
    }

    fn settle(&self, intent: &Intent) -> Result<Settled, Error> {
        let present = match self.present(&intent.args) {
            Ok(present) => assumed(intent, present),
            Err(error) if is_gone(&error) => {
                let evidence = format!("{} is gone", intent.target);
                return Ok(if intent.undoes.is_some() {
                    Settled::Over { evidence }
                } else {
                    Settled::Changed { evidence }
                });
            }
            Err(error) => return Err(error),
        };
        let changed: Vec<String> = foreign(intent, &present).collect();
        let still_as_before = |key: &String| {
            present.get(key) == intent.before.get(key) && intent.before.get(key) != intent.after.get(key)
        };
        let some_to_do = values(&intent.args).keys().any(still_as_before);
        Ok(if present == intent.after {
            Settled::Done(Value::Null)
        } else if changed.is_empty() || (intent.undoes.is_some() && some_to_do) {
            Settled::NotDone
        } else {
            self.0.client.ask_another();
            Settled::Changed { evidence: evidence(intent, &present, &changed).join("; ") }
        })
    }

    fn narrowed(&self, intent: &Intent, resources: &[String]) -> Intent {
        let is_meant = |key: &String| resources.contains(&format!("{}/{key}", intent.target));
        let mut narrowed = intent.clone();
        for image in [&mut narrowed.args["values"], &mut narrowed.before, &mut narrowed.after] {
            if let Some(values) = image.as_object_mut() {
                values.retain(|key, _| is_meant(key));
            }
        }
        narrowed.summary = self.summary(&narrowed.args, &narrowed.before);
        Intent { resources: resources.to_vec(), ..narrowed }
    }

    fn undo(&self, intent: &Intent) -> Option<Undo> {
        let mut args = intent.args.clone();
        args["values"] = intent.before.clone();
        Some(Undo { effect: NAME, args })
    }

    /// A throttle is never lifted while a move under it is listed.
    fn not_yet(&self, intent: &Intent) -> Result<Option<String>, Error> {
        if !values(&intent.args).keys().any(|key| is_throttle(key)) {
            return Ok(None);
        }
        let moves = self.0.read(reassignments::list(&self.0.client, None))?;
        let name = text(&intent.args, "name");
        let under = moves.iter().filter(|moving| match text(&intent.args, "resource") {
            "topic" => moving.topic == name,
            _ => moving.replicas.iter().any(|broker| broker.to_string() == name),
        });
        let listed: Vec<String> = under.map(|moving| format!("{}-{}", moving.topic, moving.partition)).collect();
        if listed.is_empty() {
            return Ok(None);
        }
        let some = listed.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        let more = if listed.len() > 5 { format!(" and {} more", listed.len() - 5) } else { String::new() };
        Ok(Some(format!("the throttle stays while moves under it are listed: {some}{more}")))
    }

    fn by_hand(&self, intent: &Intent, bootstrap: &str) -> Vec<String> {
        let entity = if text(&intent.args, "resource") == "topic" { "topics" } else { "brokers" };
        let name = text(&intent.args, "name");
        let start = format!(
            "kafka-configs.sh --bootstrap-server {bootstrap} --alter --entity-type {entity} --entity-name {name}"
        );
        let back = |(key, value): (&String, &Value)| match value.as_str() {
            // Brackets keep the commas of a list together.
            Some(value) => format!("{start} --add-config '{key}=[{value}]'"),
            None => format!("{start} --delete-config {key}"),
        };
        let mut lines: Vec<String> = intent.before.as_object().into_iter().flatten().map(back).collect();
        if entity == "brokers" {
            lines.insert(0, format!("# broker {name} must be up for this: no other broker takes its configs"));
        }
        lines
    }
}

impl AlterConfigs {
    /// What is set on this very topic or broker, of the configs that the effect is about.
    fn present(&self, args: &Value) -> Result<Value, Error> {
        let resource = resource(args)?;
        let entries =
            self.0.read(configs::describe(&self.0.client, &resource)).map_err(|error| down(&resource, error))?;
        let own = match resource {
            Resource::Topic(_) => Source::DynamicTopic,
            Resource::Broker(_) => Source::DynamicBroker,
        };
        let mut present = Map::new();
        for key in values(args).keys() {
            let entry = entries.iter().find(|entry| entry.name == *key && entry.source == own);
            let value = match entry.map(|entry| entry.value.clone()) {
                None => Value::Null,
                Some(Some(value)) => Value::String(value),
                Some(None) => hidden_value(),
            };
            present.insert(key.clone(), value);
        }
        Ok(Value::Object(present))
    }

    fn read_back(&self, intent: &Intent, left: &[String]) -> Result<(), Failure> {
        let began = Instant::now();
        loop {
            let present = self.present(&intent.args).map_err(Failure::Unknown)?;
            let is_there = |(key, value): (&String, &Value)| {
                let now = present.get(key);
                left.contains(key) || now == Some(value) || (now == Some(&hidden_value()) && value.is_string())
            };
            if values(&intent.args).iter().all(is_there) {
                return Ok(());
            }
            if began.elapsed() > VISIBLE_WITHIN {
                let text =
                    format!("accepted, and not to be seen after {} s: {}", VISIBLE_WITHIN.as_secs(), intent.summary);
                return Err(Failure::Unknown(Error::new("CONFIG_NOT_VISIBLE", text)));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The configs that are neither as before nor as afterwards.
fn foreign<'a>(intent: &'a Intent, present: &'a Value) -> impl Iterator<Item = String> + 'a {
    let keys = intent.args["values"].as_object().into_iter().flatten().map(|(key, _)| key);
    keys.filter(|key| {
        let now = present.get(key.as_str());
        now != intent.before.get(key.as_str()) && now != intent.after.get(key.as_str()) && now != Some(&hidden_value())
    })
    .cloned()
}

/// Something is set, and the broker does not show what.
fn hidden_value() -> Value {
    json!({ "hidden": true })
}

/// Where a broker does not show a value: it is krun's where nothing was set before, and else it has to be written (again),
/// which does no harm.
fn assumed(intent: &Intent, mut present: Value) -> Value {
    for (key, now) in present.as_object_mut().into_iter().flatten() {
        if *now == hidden_value() {
            let (before, after) = (&intent.before[key.as_str()], &intent.after[key.as_str()]);
            *now = if before.is_null() { after.clone() } else { before.clone() };
        }
    }
    present
}

/// What somebody else changed, in words.
fn evidence(intent: &Intent, present: &Value, changed: &[String]) -> Vec<String> {
    let say =
        |value: Option<&Value>| value.and_then(Value::as_str).map_or("unset".to_owned(), |text| format!("`{text}`"));
    let (wrote, was) = match intent.undoes {
        Some(_) => (&intent.before, &intent.after),
        None => (&intent.after, &intent.before),
    };
    let one = |key: &String| {
        let (now, wrote, was) = (say(present.get(key)), say(wrote.get(key)), say(was.get(key)));
        format!("{key} on {} is {now}, krun wrote {wrote}, and before that it was {was}", intent.target)
    };
    changed.iter().map(one).collect()
}

/// A throttle is set on leaders and followers alike, with names that differ in one word: one row instead of two.
fn both_sides(values: &Map<String, Value>, before: &Value) -> Option<String> {
    let mut names = values.keys();
    let (Some(one), Some(other), None) = (names.next(), names.next(), names.next()) else { return None };
    let (leader, follower) = if one.starts_with("leader.") { (one, other) } else { (other, one) };
    let rest = leader.strip_prefix("leader.").filter(|rest| follower.strip_prefix("follower.") == Some(rest))?;
    let told = |of: &dyn Fn(&str) -> Option<Value>| {
        let [leader, follower] = [leader, follower].map(|name| of(name).unwrap_or_default());
        let say = |value: &Value| value.as_str().map_or("unset".to_owned(), short);
        if leader == follower { say(&leader) } else { format!("{} and {}", say(&leader), say(&follower)) }
    };
    let wanted = told(&|name| values.get(name).cloned());
    let was = told(&|name| before.get(name).cloned());
    let verb = if values.values().all(Value::is_null) { "remove" } else { "set" };
    let to = if verb == "set" { format!(" = {wanted}") } else { String::new() };
    let was = if was == wanted { "already so".to_owned() } else { format!("was {was}") };
    Some(format!("{verb} {{leader,follower}}.{rest}{to} ({was})"))
}

/// A long list is told by its length; the journal has it whole.
fn short(value: &str) -> String {
    let entries = value.split(',').count();
    if value.len() > 24 && entries > 3 { format!("a list of {entries}") } else { value.to_owned() }
}

fn is_gone(error: &Error) -> bool {
    error.code == "UNKNOWN_TOPIC_OR_PARTITION"
}

/// Seen with `KRaft` 3.9: every other broker refuses both to tell and to take the configs of one that is down.
fn down(resource: &Resource, error: Error) -> Error {
    match resource {
        Resource::Broker(id) if error.code == NOT_LISTED => {
            let text = format!("broker {id} is not registered, and no other broker tells or takes its configs");
            Error { message: text, ..error }.hint("is the id right? start the broker, then try again")
        }
        _ => error,
    }
}

fn hidden(target: &str, key: &str) -> Error {
    Error::new("PRIOR_VALUE_HIDDEN", format!("{key} is set on {target}, and this broker does not show its value"))
        .hint("it could not be put back, so it is not touched (KAFKA-9625, readable from Kafka 2.6): say what it was, as the runbooks' --prior-rate does")
}

fn resource(args: &Value) -> Result<Resource, Error> {
    let name = text(args, "name");
    match text(args, "resource") {
        "topic" => Ok(Resource::Topic(name.to_owned())),
        "broker" => name.parse().map(Resource::Broker).map_err(|_| {
            Error::new("INVALID_BROKER_ID", format!("`{name}` is no broker id")).hint("a broker id is a whole number")
        }),
        other => Err(Error::new("INVALID_RESOURCE", format!("`{other}` has no configs")).hint("`topic` or `broker`")),
    }
}

fn text<'a>(args: &'a Value, key: &str) -> &'a str {
    args.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn values(args: &Value) -> Map<String, Value> {
    args.get("values").and_then(Value::as_object).cloned().unwrap_or_default()
}
