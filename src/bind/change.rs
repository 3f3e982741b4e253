//! Changes on a cluster: Kafka's own verbs. Each is an effect, so each stands in a step.

use crate::bind::cluster::Cluster;
use crate::bind::options::Options;
use crate::bind::raised::{RhaiResultOf, leave, raise};
use crate::bind::signature::function;
use crate::bind::value::ids;
use crate::effect::alter_configs::Meant;
use crate::effect::{alter_configs, elect_leaders, reassign};
use crate::error::Error;
use crate::kafka::configs::Resource;
use rhai::{Array, Dynamic, Engine, INT, Map, NativeCallContext};
use serde_json::Value;
use std::collections::BTreeMap;

/// The methods that change something: `krun check` looks for them outside steps.
pub const EFFECTS: &[&str] = &[
    "alter_configs",
    "alter_partition_reassignments",
    "elect_leaders",
    "create_topic",
    "delete_topic",
    "create_partitions",
    "delete_records",
    "create_acls",
    "delete_acls",
    "write_file",
    "upload",
    "copy",
    "link",
    "run",
    "try_run",
    "start_service",
    "stop_service",
    "save",
];

pub(crate) fn register(engine: &mut Engine) {
    let set = "Sets configs of a topic or a broker; the value () takes an override away. An effect.";
    function("Cluster.alter_configs(of: string, name: string, values: map)", set)
        .register_into_engine(engine, alter_topic_configs);
    function("Cluster.alter_configs(of: string, id: int, values: map)", set)
        .register_into_engine(engine, alter_broker_configs);
    function(
        "Cluster.alter_configs(of: string, id: int, values: map, options: map)",
        "The same for a broker, with options: `prior`, the values to put back where a broker below Kafka 2.6 does not show what is set; `adapts` (false), where it changes what a `temporarily` around it has set, and goes with that. An effect.",
    )
    .register_into_engine(engine, alter_broker_configs_with);
    function(
        "Cluster.alter_partition_reassignments(topic: string, moves: array)",
        "Moves replicas; a move is what `schedule.next()` gives, or #{ partition: 0, to: [1, 2, 4] }. An effect.",
    )
    .register_into_engine(engine, alter_partition_reassignments);
    function(
        "Cluster.elect_leaders(which: string, topic: string)",
        "Gives the partitions of a topic back to their `\"preferred\"` leaders. An effect.",
    )
    .register_into_engine(engine, elect_leaders);
}

pub(super) fn perform(
    context: &NativeCallContext,
    cluster: &Cluster,
    effect: &str,
    args: &Value,
) -> RhaiResultOf<Value> {
    cluster.0.session.perform(effect, args).map_err(|trouble| leave(context, trouble))
}

pub(super) fn wrong(context: &NativeCallContext, message: String, hint: &str) -> Box<rhai::EvalAltResult> {
    raise(context, Error::new("INVALID_ARGUMENT", message).hint(hint))
}

/// Config → value; `()` removes the override.
fn alter_topic_configs(
    context: NativeCallContext,
    cluster: &mut Cluster,
    of: &str,
    name: &str,
    values: Map,
) -> RhaiResultOf<()> {
    if of != "topic" {
        let message = no_configs(of, "its name in quotes");
        return Err(wrong(
            &context,
            message,
            "alter_configs(\"topic\", NAME, #{…}) or alter_configs(\"broker\", ID, #{…})",
        ));
    }
    alter(&context, cluster, &Resource::Topic(name.to_owned()), &values, Meant::default())
}

fn alter_broker_configs(
    context: NativeCallContext,
    cluster: &mut Cluster,
    of: &str,
    id: INT,
    values: Map,
) -> RhaiResultOf<()> {
    alter_broker_configs_with(context, cluster, of, id, values, Map::new())
}

fn alter_broker_configs_with(
    context: NativeCallContext,
    cluster: &mut Cluster,
    of: &str,
    id: INT,
    values: Map,
    options: Map,
) -> RhaiResultOf<()> {
    let id = i32::try_from(id).ok().filter(|_| of == "broker");
    let id = id.ok_or_else(|| {
        let message = no_configs(of, "a number");
        wrong(&context, message, "alter_configs(\"topic\", NAME, #{…}) or alter_configs(\"broker\", ID, #{…})")
    })?;
    let (prior, adapts) = how_meant(options).map_err(|error| raise(&context, error))?;
    let meant = Meant { prior: config_values(&context, &prior)?, adapts };
    alter(&context, cluster, &Resource::Broker(id), &values, meant)
}

fn how_meant(given: Map) -> Result<(Map, bool), Error> {
    let mut options = Options::new("alter_configs", given);
    let meant = (options.map("prior")?.unwrap_or_default(), options.flag("adapts")?);
    options.finish()?;
    Ok(meant)
}

/// Why there are no configs of something that was named like this.
pub(crate) fn no_configs(of: &str, named_by: &str) -> String {
    match of {
        "topic" => format!("a topic is named by its name in quotes, not by {named_by}"),
        "broker" => format!("a broker is named by its id, a small whole number, not by {named_by}"),
        other => format!("`{other}` has no configs"),
    }
}

fn alter(
    context: &NativeCallContext,
    cluster: &Cluster,
    resource: &Resource,
    values: &Map,
    meant: Meant,
) -> RhaiResultOf<()> {
    let wanted = config_values(context, values)?;
    if wanted.is_empty() {
        return Ok(());
    }
    let args = meant.added_to(alter_configs::args(resource, &wanted));
    perform(context, cluster, alter_configs::NAME, &args).map(drop)
}

fn config_values(context: &NativeCallContext, given: &Map) -> RhaiResultOf<serde_json::Map<String, Value>> {
    let one = |(key, value): (&rhai::Identifier, &Dynamic)| {
        let value = config_value(value).ok_or_else(|| {
            wrong(context, format!("the value of `{key}` is neither a string, a number, a bool nor ()"), "quote it")
        })?;
        Ok((key.to_string(), value))
    };
    given.iter().map(one).collect()
}

pub(super) fn config_value(value: &Dynamic) -> Option<Value> {
    let value = value.flatten_clone();
    if value.is_unit() {
        return Some(Value::Null);
    }
    let is_scalar = value.is_string() || value.is_int() || value.is_bool() || value.is_float();
    is_scalar.then(|| Value::String(value.to_string()))
}

/// Takes what `schedule.next()` gives: an array of `#{ partition: 0, to: [1, 2, 4] }`.
fn alter_partition_reassignments(
    context: NativeCallContext,
    cluster: &mut Cluster,
    topic: &str,
    moves: Array,
) -> RhaiResultOf<()> {
    let mut targets = BTreeMap::new();
    for one in moves {
        let (partition, to) = target(one).ok_or_else(|| {
            wrong(
                &context,
                format!("a move of {topic} is not a partition with its brokers"),
                "[#{ partition: 0, to: [1, 2, 4] }]",
            )
        })?;
        targets.insert(partition, to);
    }
    if targets.is_empty() {
        return Ok(());
    }
    let result = perform(&context, cluster, reassign::NAME, &reassign::args(topic, &targets))?;
    let what = format!("some moves of {topic}");
    none_refused(
        &context,
        &result,
        "REASSIGNMENT_REFUSED",
        &what,
        "the others are under way; `krun abort` cancels them",
    )
}

/// Where a part of a change was refused: an error that names each.
pub(super) fn none_refused(
    context: &NativeCallContext,
    result: &Value,
    code: &str,
    what: &str,
    hint: &str,
) -> RhaiResultOf<()> {
    let refused: Vec<&str> = result["refused"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if refused.is_empty() {
        return Ok(());
    }
    let error = Error::new(code, format!("{what} were not accepted: {}", refused.join("; ")));
    Err(raise(context, error.hint(hint)))
}

fn target(one: Dynamic) -> Option<(i32, Vec<i32>)> {
    let one = one.try_cast::<Map>()?;
    let partition = i32::try_from(one.get("partition")?.as_int().ok()?).ok()?;
    Some((partition, ids(one.get("to")?)?))
}

/// `elect_leaders("preferred", TOPIC)`.
fn elect_leaders(context: NativeCallContext, cluster: &mut Cluster, which: &str, topic: &str) -> RhaiResultOf<()> {
    if which != "preferred" {
        return Err(wrong(&context, format!("there is no election `{which}`"), "elect_leaders(\"preferred\", TOPIC)"));
    }
    perform(&context, cluster, elect_leaders::NAME, &elect_leaders::args(topic)).map(drop)
}
