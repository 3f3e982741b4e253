//! `kafka::connect()` and what can be asked of a cluster. Parentheses mean I/O; what comes back is a snapshot.

use crate::bind::change::no_configs;
use crate::bind::distribution;
use crate::bind::host::Host;
use crate::bind::plan::ClusterState;
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::{ints, to_script};
use crate::effect::reassign;
use crate::error::Error;
use crate::event::Intent;
use crate::kafka::configs::{self, Resource};
use crate::kafka::{Client, Deadlines, cluster, reassignments, topics};
use crate::snapshot::{self, Gap};
use crate::suggestion::did_you_mean;
use rhai::{Array, Dynamic, Engine, INT, Map, Module, NativeCallContext};
use serde_json::json;
use std::time::Duration;

/// A look at progress is not worth a long wait.
pub(crate) const QUICK: Deadlines =
    Deadlines { connect: Duration::from_secs(2), request: Duration::from_secs(5), call: Duration::from_secs(5) };

/// A handle: it holds no data, so it may be captured by any closure.
#[derive(Clone)]
pub struct Cluster(pub(crate) Host);

pub(crate) fn register(engine: &mut Engine) {
    let mut kafka = Module::new();
    function("connect() -> Cluster", "The cluster that this run is about.").set_into_module(&mut kafka, connect);
    distribution::into(&mut kafka);
    engine.register_static_module("kafka", kafka.into());
    engine
        .register_type_with_name::<Cluster>("Cluster")
        .register_fn("to_string", |cluster: &mut Cluster| format!("cluster {}", cluster.0.session.about().cluster))
        .register_fn("to_debug", |cluster: &mut Cluster| format!("cluster {}", cluster.0.session.about().cluster))
        .register_get("name", |cluster: &mut Cluster| cluster.0.session.about().cluster.clone())
        .register_get("id", |cluster: &mut Cluster| cluster.0.session.about().cluster_id.clone());
    function("Cluster.brokers() -> array", "The brokers that are up: `id`, `host`, `port`, `rack`.")
        .register_into_engine(engine, brokers);
    function("Cluster.broker_ids() -> array", "The ids of the brokers that are up.")
        .register_into_engine(engine, broker_ids);
    function("Cluster.topics() -> array", "All topics, each as `topic` gives it.").register_into_engine(engine, topics);
    function("Cluster.topic_names() -> array", "The names of all topics.").register_into_engine(engine, topic_names);
    function(
        "Cluster.topic(name: string) -> map",
        "`name`, `internal`, `partitions`; of a partition `id`, `leader`, `replicas`, `isr`.",
    )
    .register_into_engine(engine, topic);
    let configs = "The configs of a topic or a broker that are set somewhere: to each its `value` and `source`.";
    function("Cluster.configs(of: string, name: string) -> map", configs).register_into_engine(engine, topic_configs);
    function("Cluster.configs(of: string, id: int) -> map", configs).register_into_engine(engine, broker_configs);
    let config = "One config of a topic or a broker: `value`, `source`, `sensitive`, `read_only`, and the `synonyms` that it comes from.";
    function("Cluster.config(of: string, name: string, key: string) -> map", config)
        .register_into_engine(engine, topic_config);
    function("Cluster.config(of: string, id: int, key: string) -> map", config)
        .register_into_engine(engine, broker_config);
    function(
        "Cluster.partition_reassignments() -> array",
        "The moves in flight: `topic`, `partition`, `replicas`, `adding`, `removing`, `target`, `by_this_run`.",
    )
    .register_into_engine(engine, partition_reassignments);
    function(
        "Cluster.ask_another_broker()",
        "What one broker knows may be old: the next answers come from another one.",
    )
    .register_into_engine(engine, ask_another_broker);
    function(
        "Cluster.changed_by_others() -> array",
        "What somebody else changed of that which this run has in place for a while, in sentences.",
    )
    .register_into_engine(engine, changed_by_others);
    function("Cluster.state() -> ClusterState", "Brokers, topics, replicas and sizes, as `plan::level` takes them.")
        .register_into_engine(engine, state);
}

/// The cluster that this run is about.
fn connect(context: NativeCallContext) -> RhaiResultOf<Cluster> {
    Host::of(&context).map(Cluster)
}

/// A look of a wait that cannot look says so soon, and is repeated anyway.
pub(crate) fn client(cluster: &Cluster) -> Client {
    let client = &cluster.0.connection.client;
    if cluster.0.session.is_waiting() { client.with_deadlines(QUICK) } else { client.clone() }
}

pub(crate) fn read<T>(
    context: &NativeCallContext,
    cluster: &Cluster,
    call: impl Future<Output = Result<T, Error>>,
) -> RhaiResultOf<T> {
    cluster.0.connection.read(call).map_err(|error| raise(context, error))
}

pub(super) fn int(number: i32) -> Dynamic {
    Dynamic::from_int(INT::from(number))
}

pub(super) fn map<const N: usize>(members: [(&str, Dynamic); N]) -> Dynamic {
    Dynamic::from_map(members.into_iter().map(|(key, value)| (key.into(), value)).collect::<Map>())
}

/// The brokers that are up.
fn brokers(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Array> {
    let found = read(&context, cluster, cluster::describe(&client(cluster)))?;
    let one = |broker: cluster::Broker| {
        map([
            ("id", int(broker.id)),
            ("host", broker.host.into()),
            ("port", Dynamic::from_int(INT::from(broker.port))),
            ("rack", broker.rack.map_or(Dynamic::UNIT, Dynamic::from)),
        ])
    };
    Ok(found.brokers.into_iter().map(one).collect())
}

fn broker_ids(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Array> {
    let found = read(&context, cluster, cluster::describe(&client(cluster)))?;
    Ok(found.brokers.iter().map(|broker| int(broker.id)).collect())
}

fn topics(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Array> {
    let found = read(&context, cluster, topics::list(&client(cluster), None))?;
    Ok(found.into_iter().map(topic_map).collect())
}

fn topic_names(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Array> {
    let topics = read(&context, cluster, topics::list(&client(cluster), None))?;
    Ok(topics.into_iter().map(|topic| topic.name.into()).collect())
}

fn topic(context: NativeCallContext, cluster: &mut Cluster, name: &str) -> RhaiResultOf<Dynamic> {
    let names = [name.to_owned()];
    let found = read(&context, cluster, topics::list(&client(cluster), Some(&names)))?;
    let found = found.into_iter().next().map(topic_map);
    found.ok_or_else(|| raise(&context, Error::new("UNKNOWN_TOPIC_OR_PARTITION", format!("there is no topic {name}"))))
}

fn topic_map(topic: topics::Topic) -> Dynamic {
    let partition = |partition: &topics::Partition| {
        map([
            ("id", int(partition.id)),
            ("leader", partition.leader.map_or(Dynamic::UNIT, int)),
            ("replicas", ints(&partition.replicas)),
            ("isr", ints(&partition.isr)),
        ])
    };
    let partitions: Array = topic.partitions.iter().map(partition).collect();
    map([("name", topic.name.into()), ("internal", topic.internal.into()), ("partitions", partitions.into())])
}

fn topic_configs(context: NativeCallContext, cluster: &mut Cluster, of: &str, name: &str) -> RhaiResultOf<Dynamic> {
    if of != "topic" {
        return Err(raise(&context, wrong_resource(of, "its name in quotes")));
    }
    let resource = Resource::Topic(name.to_owned());
    configs_of(&context, cluster, &resource)
}

fn broker_configs(context: NativeCallContext, cluster: &mut Cluster, of: &str, id: INT) -> RhaiResultOf<Dynamic> {
    let id = i32::try_from(id).ok().filter(|_| of == "broker");
    let id = id.ok_or_else(|| raise(&context, wrong_resource(of, "a number")))?;
    configs_of(&context, cluster, &Resource::Broker(id))
}

fn wrong_resource(of: &str, named_by: &str) -> Error {
    Error::new("INVALID_RESOURCE", no_configs(of, named_by)).hint("configs(\"topic\", NAME) or configs(\"broker\", ID)")
}

fn topic_config(
    context: NativeCallContext,
    cluster: &mut Cluster,
    of: &str,
    name: &str,
    key: &str,
) -> RhaiResultOf<Dynamic> {
    if of != "topic" {
        return Err(raise(&context, wrong_resource(of, "its name in quotes")));
    }
    config_of(&context, cluster, &Resource::Topic(name.to_owned()), key)
}

fn broker_config(
    context: NativeCallContext,
    cluster: &mut Cluster,
    of: &str,
    id: INT,
    key: &str,
) -> RhaiResultOf<Dynamic> {
    let id = i32::try_from(id).ok().filter(|_| of == "broker");
    let id = id.ok_or_else(|| raise(&context, wrong_resource(of, "a number")))?;
    config_of(&context, cluster, &Resource::Broker(id), key)
}

/// One config with all that it comes from, what counts most first.
fn config_of(context: &NativeCallContext, cluster: &Cluster, of: &Resource, key: &str) -> RhaiResultOf<Dynamic> {
    let entries = read(context, cluster, configs::describe(&client(cluster), of))?;
    let Some(found) = entries.iter().find(|entry| entry.name == key) else {
        let error = Error::new("UNKNOWN_CONFIG", format!("{of} has no config `{key}`"));
        let names = entries.iter().map(|entry| entry.name.as_str());
        let hint = did_you_mean(key, names).unwrap_or_else(|| "`configs(…)` lists them".to_owned());
        return Err(raise(context, error.hint(hint)));
    };
    let synonym =
        |one: &configs::Synonym| json!({ "name": one.name, "value": one.value, "source": one.source.to_string() });
    Ok(to_script(&json!({
        "value": found.value,
        "source": found.source.to_string(),
        "sensitive": found.sensitive,
        "read_only": found.read_only,
        "synonyms": found.synonyms.iter().map(synonym).collect::<Vec<_>>(),
    })))
}

/// Config → `value` and `source`; only those that are set somewhere.
fn configs_of(context: &NativeCallContext, cluster: &Cluster, resource: &Resource) -> RhaiResultOf<Dynamic> {
    let entries = read(context, cluster, configs::describe(&client(cluster), resource))?;
    let one = |entry: configs::ConfigEntry| {
        let value = entry.value.map_or(Dynamic::UNIT, Dynamic::from);
        (entry.name.into(), map([("value", value), ("source", entry.source.to_string().into())]))
    };
    Ok(Dynamic::from_map(entries.into_iter().map(one).collect::<Map>()))
}

/// The moves in flight. `by_this_run`: krun submitted this very move in this run.
fn partition_reassignments(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Array> {
    let moves = read(&context, cluster, reassignments::list(&client(cluster), None))?;
    let submitted = cluster.0.session.in_place(reassign::NAME);
    let one = |moving: reassignments::Reassignment| {
        let target = moving.target();
        let ours = submitted.iter().any(|intent| is_submitted(intent, &moving, &target));
        map([
            ("topic", moving.topic.into()),
            ("partition", int(moving.partition)),
            ("replicas", ints(&moving.replicas)),
            ("adding", ints(&moving.adding)),
            ("removing", ints(&moving.removing)),
            ("target", ints(&target)),
            ("by_this_run", ours.into()),
        ])
    };
    Ok(moves.into_iter().map(one).collect())
}

fn is_submitted(intent: &Intent, moving: &reassignments::Reassignment, target: &[i32]) -> bool {
    intent.args["topic"] == moving.topic.as_str()
        && intent.args["partitions"].get(moving.partition.to_string()) == Some(&json!(target))
}

/// What one broker knows of the cluster may be old: the next answers come from another one.
fn ask_another_broker(cluster: &mut Cluster) {
    cluster.0.connection.client.ask_another();
}

/// What somebody else changed of that which this run keeps changed for a while, in words.
fn changed_by_others(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Array> {
    let changed = cluster.0.session.changed_by_others().map_err(|error| raise(&context, error))?;
    Ok(changed.into_iter().map(Dynamic::from).collect())
}

/// What a plan starts from: brokers with racks, and every replica with its bytes.
fn state(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<ClusterState> {
    let found = read(&context, cluster, snapshot::read(&cluster.0.connection.client))?;
    // A plan that does not know what is on a broker's disks would fill them.
    match found.gaps.into_iter().find_map(|gap| if let Gap::LogDirs(error) = gap { Some(error) } else { None }) {
        Some(error) => Err(raise(&context, error)),
        None => Ok(ClusterState(found.state.into())),
    }
}
