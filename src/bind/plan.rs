//! Plans: `plan::level(state, options)` and what a plan says of itself. Pure: nothing here asks the cluster.

use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::schedule::{not_moved, one_move};
use crate::bind::scope;
use crate::bind::signature::function;
use crate::bind::value::{ids, ints, to_script};
use crate::error::Error;
use crate::plan::{self as planner, PartitionMove, State, Targets, TopicMoves, throttle, wording};
use crate::quantity::{Rate, Size};
use rhai::{Array, Dynamic, Engine, INT, Map, Module, NativeCallContext};
use serde_json::json;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// What a plan starts from. Recorded by a step.
#[derive(Clone)]
pub struct ClusterState(pub Arc<State>);

/// Which replicas go where, and how well. Recorded by a step.
#[derive(Clone)]
pub struct Plan(pub Arc<planner::Plan>);

pub(crate) fn register(engine: &mut Engine) {
    let mut module = Module::new();
    let level_doc = "Levels replicas within one of each other with the fewest moves. Options: `topics`, `exclude` (regular expressions), \
         `brokers`, `drain`, `replace` (`[\"5=7\"]`), `replication_factor`, `max_bytes`, `by` (`\"bytes\"`), `tolerance` and \
         `spare` (per cent), `forced_only`, `leaders_only`.";
    function("level(state: ClusterState) -> Plan", level_doc)
        .set_into_module(&mut module, |context: NativeCallContext, state: ClusterState| {
            level(context, state, Map::new())
        });
    function("level(state: ClusterState, options: map) -> Plan", level_doc).set_into_module(&mut module, level);
    function(
        "given(state: ClusterState, targets: array) -> Plan",
        "The plan that brings each `topic` and `partition` `to` the replicas named, such as [#{ topic: \"orders\", partition: 0, to: [4, 1, 2] }].",
    )
    .set_into_module(&mut module, given);
    function(
        "resized(state: ClusterState, sizes: map) -> ClusterState",
        "The state with other bytes of the partitions of these topics: #{ \"orders\": [100, 200, 300] }.",
    )
    .set_into_module(&mut module, resized);
    function(
        "merged(existing: string, entries: array) -> string",
        "A list of throttled replicas with entries added; what was in it stays.",
    )
    .set_into_module(&mut module, merged);
    engine.register_static_module("plan", module.into());
    engine
        .register_type_with_name::<ClusterState>("ClusterState")
        .register_fn("to_string", |state: &mut ClusterState| state_text(&state.0))
        .register_fn("to_debug", |state: &mut ClusterState| state_text(&state.0))
        .register_type_with_name::<Plan>("Plan")
        .register_fn("to_string", |plan: &mut Plan| plan_text(&plan.0))
        .register_fn("to_debug", |plan: &mut Plan| plan_text(&plan.0))
        .register_get("is_empty", |plan: &mut Plan| plan.0.is_empty())
        .register_get("is_level", |plan: &mut Plan| plan.0.certificate.is_level())
        .register_get("topics", |plan: &mut Plan| names(&plan.0))
        .register_get("brokers", |plan: &mut Plan| ints(&brokers(&plan.0)))
        .register_get("destinations", |plan: &mut Plan| ints(&destinations(&plan.0)))
        .register_get("bytes", |plan: &mut Plan| INT::try_from(plan.0.certificate.moved_bytes).unwrap_or(INT::MAX))
        .register_get("leader_changes", |plan: &mut Plan| {
            INT::try_from(plan.0.certificate.leader_changes).unwrap_or(INT::MAX)
        })
        .register_get("replicas", |plan: &mut Plan| {
            INT::try_from(plan.0.certificate.moved_replicas).unwrap_or(INT::MAX)
        });
    function("bytes_per_second(rate: string) -> int", "\"20MB/s\" as Kafka's configs want it: 20000000.")
        .register_into_engine(engine, bytes_per_second);
    function("Plan.has(topic: string, partition: int) -> bool", "Whether the plan changes this partition.")
        .register_into_engine(engine, |plan: &mut Plan, topic: &str, partition: INT| {
            one_of(&plan.0, topic, partition).is_some()
        });
    function(
        "Plan.leaves(topic: string, partition: int, broker: int) -> bool",
        "Whether the plan takes this partition away from this broker.",
    )
    .register_into_engine(engine, |plan: &mut Plan, topic: &str, partition: INT, broker: INT| {
        one_of(&plan.0, topic, partition).is_some_and(|one| one.removed().any(|id| INT::from(id) == broker))
    });
    function("rate(bytes_per_second: int) -> string", "20000000 as people and `bytes_per_second` read it: \"20MB/s\".")
        .register_into_engine(engine, rate);
    function("Plan.only(topics: array) -> Plan", "The moves of these topics alone; what the others need is for later.")
        .register_into_engine(engine, only);
    function(
        "Plan.partitions(topic: string) -> array",
        "The moves of a topic: `topic`, `partition`, `from`, `to`, `bytes`, `moved_bytes`.",
    )
    .register_into_engine(engine, partitions);
    function(
        "Plan.throttled(topic: string) -> map",
        "The `leaders` and `followers` entries, `partition:broker`, that a throttle of this topic's moves is about.",
    )
    .register_into_engine(engine, throttled);
    function(
        "Plan.certificate() -> array",
        "What the plan moves, and how that compares with the least there can be, in sentences.",
    )
    .register_into_engine(engine, certificate);
    function("Plan.shares() -> array", "What each broker has before and afterwards, as rows for `table`.")
        .register_into_engine(engine, shares);
}

fn state_text(state: &State) -> String {
    format!("cluster state: {} brokers, {} topics", state.brokers.len(), state.topics.len())
}

fn plan_text(plan: &planner::Plan) -> String {
    format!("plan: {} replicas, {}", plan.certificate.moved_replicas, Size::from_bytes(plan.certificate.moved_bytes))
}

fn level(context: NativeCallContext, state: ClusterState, options: Map) -> RhaiResultOf<Plan> {
    let plan = scope::read(options).and_then(|scope| planner::plan(&state.0, &scope));
    plan.map(|plan| Plan(plan.into())).map_err(|error| raise(&context, error))
}

fn given(context: NativeCallContext, state: ClusterState, targets: Array) -> RhaiResultOf<Plan> {
    let targets = targets.into_iter().map(target).collect::<Result<Targets, _>>();
    let plan = targets.and_then(|targets| planner::given(&state.0, &targets));
    plan.map(|plan| Plan(plan.into())).map_err(|error| raise(&context, error))
}

fn target(given: Dynamic) -> Result<((String, i32), Vec<i32>), Error> {
    let invalid = || {
        Error::new("INVALID_ARGUMENT", format!("`{given}` names no partition with its replicas"))
            .hint("#{ topic: \"orders\", partition: 0, to: [4, 1, 2] }")
    };
    let map = given.read_lock::<Map>().ok_or_else(invalid)?;
    let topic = map.get("topic").and_then(|topic| topic.clone().into_string().ok());
    let partition = map.get("partition").and_then(|id| i32::try_from(id.as_int().ok()?).ok());
    let to = map.get("to").and_then(ids);
    topic.zip(partition).zip(to).ok_or_else(invalid)
}

fn resized(context: NativeCallContext, state: ClusterState, sizes: Map) -> RhaiResultOf<ClusterState> {
    let invalid = |what: String| {
        raise(
            &context,
            Error::new("INVALID_ARGUMENT", what).hint("one size for each partition: #{ \"orders\": [100, 200, 300] }"),
        )
    };
    let mut other = (*state.0).clone();
    for (name, given) in sizes {
        let bytes = given.into_typed_array::<INT>().ok();
        let bytes = bytes.and_then(|all| all.into_iter().map(|one| u64::try_from(one).ok().map(Some)).collect());
        let bytes: Vec<Option<u64>> =
            bytes.ok_or_else(|| invalid(format!("the sizes of {name} are no list of bytes")))?;
        let topic = other.topics.iter_mut().find(|topic| topic.name == name.as_str());
        let topic = topic.ok_or_else(|| invalid(format!("the state has no topic {name}")))?;
        if topic.replicas.len() != bytes.len() {
            return Err(invalid(format!("topic {name} has {} partitions, not {}", topic.replicas.len(), bytes.len())));
        }
        topic.bytes = bytes;
    }
    Ok(ClusterState(other.into()))
}

/// A list of throttled replicas with entries added; what was in it stays.
fn merged(existing: &str, entries: Array) -> String {
    let entries: Vec<String> = entries.iter().map(ToString::to_string).collect();
    throttle::merged(existing, &entries)
}

fn names(plan: &planner::Plan) -> Array {
    plan.moves.iter().map(|topic| topic.topic.clone().into()).collect()
}

/// The brokers that copy something, as a source or as a destination. One that is down copies nothing.
fn brokers(plan: &planner::Plan) -> Vec<i32> {
    let down: Vec<i32> = plan.certificate.brokers.iter().filter(|share| share.down).map(|share| share.broker).collect();
    let moving = plan.moves.iter().flat_map(|topic| &topic.partitions).filter(|p| p.added().next().is_some());
    let ids: std::collections::BTreeSet<i32> = moving.flat_map(|p| p.from.iter().chain(&p.to)).copied().collect();
    ids.into_iter().filter(|id| !down.contains(id)).collect()
}

/// The brokers that get a replica.
fn destinations(plan: &planner::Plan) -> Vec<i32> {
    let moves = plan.moves.iter().flat_map(|topic| &topic.partitions);
    let ids: std::collections::BTreeSet<i32> = moves.flat_map(PartitionMove::added).collect();
    ids.into_iter().collect()
}

fn one_of<'a>(plan: &'a planner::Plan, topic: &str, partition: INT) -> Option<&'a PartitionMove> {
    let moves = plan.moves.iter().find(|moves| moves.topic == topic)?;
    let number = i32::try_from(partition).ok()?;
    let at = moves.partitions.binary_search_by_key(&number, |one| one.partition).ok()?;
    moves.partitions.get(at)
}

fn moves_of<'a>(context: &NativeCallContext, plan: &'a Plan, topic: &str) -> RhaiResultOf<&'a TopicMoves> {
    let found = plan.0.moves.iter().find(|moves| moves.topic == topic);
    found.ok_or_else(|| raise(context, not_moved(topic)))
}

fn partitions(context: NativeCallContext, plan: &mut Plan, topic: &str) -> RhaiResultOf<Array> {
    Ok(moves_of(&context, plan, topic)?.partitions.iter().map(|one| to_script(&one_move(topic, one))).collect())
}

pub(crate) fn per_broker(context: &NativeCallContext, number: INT) -> RhaiResultOf<NonZeroUsize> {
    let number = usize::try_from(number).ok().and_then(NonZeroUsize::new);
    number.ok_or_else(|| raise(context, Error::new("INVALID_ARGUMENT", "moves per broker must be 1 or more")))
}

/// The `partition:broker` entries that a throttle of this topic's moves is about.
fn throttled(context: NativeCallContext, plan: &mut Plan, topic: &str) -> RhaiResultOf<Dynamic> {
    let lists = throttle::throttled(moves_of(&context, plan, topic)?);
    Ok(to_script(&json!({ "leaders": lists.leaders, "followers": lists.followers })))
}

/// `"20MB/s"` as Kafka's configs want it: 20000000.
fn bytes_per_second(context: NativeCallContext, rate: &str) -> RhaiResultOf<INT> {
    let rate: Rate = rate.parse().map_err(|error| raise(&context, error))?;
    Ok(INT::try_from(rate.bytes_per_second()).unwrap_or(INT::MAX))
}

/// Exactly, so that what is read is what is set.
fn rate(context: NativeCallContext, bytes_per_second: INT) -> RhaiResultOf<String> {
    let rate = u64::try_from(bytes_per_second).ok().and_then(|bytes| Rate::from_bytes_per_second(bytes).ok());
    let invalid =
        || Error::new("INVALID_RATE", format!("{bytes_per_second} bytes per second is no rate")).hint("1 or more");
    Ok(rate.ok_or_else(|| raise(&context, invalid()))?.exact())
}

fn only(context: NativeCallContext, plan: &mut Plan, topics: Array) -> RhaiResultOf<Plan> {
    let topics: Vec<String> = topics.iter().map(ToString::to_string).collect();
    plan.0.only(&topics).map(|plan| Plan(plan.into())).map_err(|error| raise(&context, error))
}

/// The certificate in sentences.
fn certificate(plan: &mut Plan) -> Array {
    let certificate = &plan.0.certificate;
    let lines = if plan.0.is_empty() { wording::nothing(certificate) } else { wording::certificate(certificate) };
    lines.into_iter().map(Dynamic::from).collect()
}

/// What each broker has before and afterwards, as rows for `table`.
fn shares(plan: &mut Plan) -> Array {
    let row = |cells: Vec<String>| Dynamic::from_array(cells.into_iter().map(Dynamic::from).collect());
    wording::shares(&plan.0.certificate).into_iter().map(row).collect()
}
