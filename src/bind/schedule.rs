//! Carrying a plan out: how long it takes in which order, who leads meanwhile, and what to submit next. Pure as well.

use crate::bind::plan::{Plan, per_broker};
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::{ids, to_script};
use crate::error::Error;
use crate::plan::schedule::{self, MoveIndex, Order, Traffic, simulate};
use crate::plan::{self as planner, PartitionMove};
use crate::quantity::{Rate, duration};
use rhai::{Array, Dynamic, Engine, INT, Map, NativeCallContext};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Which moves come next. A handle: what it knows follows from the plan and from what was told it, so no step records it.
#[derive(Clone)]
pub(crate) struct Schedule {
    plan: Arc<planner::Plan>,
    state: Arc<Mutex<schedule::Schedule>>,
}

impl Schedule {
    fn maps(&self, moves: Vec<MoveIndex>) -> Array {
        let one = |at: MoveIndex| {
            let topic = self.plan.moves.get(at.topic)?;
            Some(to_script(&one_move(&topic.topic, topic.partitions.get(at.partition)?)))
        };
        moves.into_iter().filter_map(one).collect()
    }

    fn state(&self) -> MutexGuard<'_, schedule::Schedule> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn register(engine: &mut Engine) {
    function(
        "Plan.estimates(rate: string, at_once: int) -> map",
        "How long it takes at a throttle, `one_topic` at a time and `across_topics`: \"about 12 min\".",
    )
    .register_into_engine(engine, estimates);
    function(
        "Plan.lead_away() -> array",
        "The changes of order that take leadership off leaving brokers before the moves: a `topic` and its `moves` each.",
    )
    .register_into_engine(engine, lead_away);
    function(
        "Plan.schedule(topics: array, at_once: int) -> Schedule",
        "Gives the moves of these topics out, so that at most `at_once` touch one broker at a time.",
    )
    .register_into_engine(engine, schedule);
    function(
        "Schedule.next() -> array",
        "The moves to submit now, a `topic` and its `moves` each; they count as under way from here on.",
    )
    .register_into_engine(engine, next);
    function(
        "Schedule.begin(one: map)",
        "A move that was submitted already is under way, whether there is a slot or not.",
    )
    .register_into_engine(engine, begin);
    function("Schedule.end(one: map)", "A move has ended: its slots are free.").register_into_engine(engine, end);
    function("Schedule.is_over(topic: string) -> bool", "Whether all moves of a topic have ended.")
        .register_into_engine(engine, is_over);
    engine
        .register_type_with_name::<Schedule>("Schedule")
        .register_fn("to_string", |schedule: &mut Schedule| format!("schedule: {} moves left", schedule.state().left()))
        .register_fn("to_debug", |schedule: &mut Schedule| format!("schedule: {} moves left", schedule.state().left()))
        .register_get("left", |schedule: &mut Schedule| int(schedule.state().left()))
        .register_get("waiting", |schedule: &mut Schedule| int(schedule.state().waiting()))
        .register_get("bytes_left", |schedule: &mut Schedule| int(schedule.state().bytes_left()))
        .register_get("under_way", |schedule: &mut Schedule| {
            let moves: Vec<MoveIndex> = schedule.state().under_way().collect();
            schedule.maps(moves)
        })
        .register_get("to_come", |schedule: &mut Schedule| {
            let moves: Vec<MoveIndex> = schedule.state().to_come().collect();
            schedule.maps(moves)
        });
}

fn int(number: impl TryInto<INT>) -> INT {
    number.try_into().unwrap_or(INT::MAX)
}

/// A move as scripts have it.
pub(crate) fn one_move(topic: &str, one: &PartitionMove) -> Value {
    json!({
        "topic": topic, "partition": one.partition, "from": one.from, "to": one.to,
        "bytes": one.bytes, "moved_bytes": one.moved_bytes(),
    })
}

/// The topic, the partition and the brokers of a move that came from a plan.
pub(crate) fn read_move(one: &Dynamic) -> Option<(String, PartitionMove)> {
    let one = one.read_lock::<Map>()?;
    let topic = one.get("topic")?.clone().into_string().ok()?;
    let partition = i32::try_from(one.get("partition")?.as_int().ok()?).ok()?;
    let bytes = one.get("bytes").and_then(|bytes| bytes.as_int().ok()).and_then(|bytes| u64::try_from(bytes).ok());
    Some((
        topic,
        PartitionMove {
            partition,
            from: ids(one.get("from")?)?,
            to: ids(one.get("to")?)?,
            bytes: bytes.unwrap_or_default(),
        },
    ))
}

/// How long it takes at a throttle: "about 12 min".
fn estimates(context: NativeCallContext, plan: &mut Plan, rate: &str, at_once: INT) -> RhaiResultOf<Dynamic> {
    let rate: Rate = rate.parse().map_err(|error| raise(&context, error))?;
    let at_once = per_broker(&context, at_once)?;
    let one_topic = simulate(&plan.0, Order::OneTopic, at_once, rate);
    let across_topics = simulate(&plan.0, Order::AcrossTopics, at_once, rate);
    Ok(to_script(&json!({
        "one_topic": duration::rough(one_topic.time),
        "across_topics": duration::rough(across_topics.time),
    })))
}

/// What comes before the moves, so that leaving brokers need not send everything.
fn lead_away(plan: &mut Plan) -> Dynamic {
    let topic = |topic: &planner::TopicMoves| {
        let moves: Vec<Value> = topic.partitions.iter().map(|one| one_move(&topic.topic, one)).collect();
        json!({ "topic": topic.topic, "moves": moves })
    };
    to_script(&plan.0.lead_away().iter().map(topic).collect())
}

fn schedule(context: NativeCallContext, plan: &mut Plan, topics: Array, at_once: INT) -> RhaiResultOf<Schedule> {
    let at_once = per_broker(&context, at_once)?;
    let mut chosen = Vec::new();
    for name in topics {
        let name = name.to_string();
        let index = plan.0.moves.iter().position(|moves| moves.topic == name);
        chosen.push(index.ok_or_else(|| raise(&context, not_moved(&name)))?);
    }
    let traffic = Arc::new(Traffic::of(&plan.0));
    let state = Arc::new(Mutex::new(schedule::Schedule::new(traffic, &chosen, at_once)));
    Ok(Schedule { plan: plan.0.clone(), state })
}

pub(crate) fn not_moved(topic: &str) -> Error {
    Error::new("NOT_IN_THE_PLAN", format!("the plan does not move topic {topic}"))
        .hint("`plan.topics` has those that it moves")
}

fn next(schedule: &mut Schedule) -> Array {
    let mut topics: BTreeMap<usize, Vec<MoveIndex>> = BTreeMap::new();
    for one in schedule.state().give_out() {
        topics.entry(one.topic).or_default().push(one);
    }
    let name = |topic: usize| schedule.plan.moves.get(topic).map(|moves| moves.topic.clone());
    let group = |(topic, moves): (usize, Vec<MoveIndex>)| {
        let members: [(&str, Dynamic); 2] = [("topic", name(topic)?.into()), ("moves", schedule.maps(moves).into())];
        Some(Dynamic::from_map(members.into_iter().map(|(key, value)| (key.into(), value)).collect::<Map>()))
    };
    topics.into_iter().filter_map(group).collect()
}

fn is_over(context: NativeCallContext, schedule: &mut Schedule, topic: &str) -> RhaiResultOf<bool> {
    let index = schedule.plan.moves.iter().position(|moves| moves.topic == topic);
    let index = index.ok_or_else(|| raise(&context, not_moved(topic)))?;
    Ok(schedule.state().is_over(index))
}

fn begin(context: NativeCallContext, schedule: &mut Schedule, one: Map) -> RhaiResultOf<()> {
    let index = index_of(&context, schedule, one)?;
    schedule.state().begin(index);
    Ok(())
}

fn end(context: NativeCallContext, schedule: &mut Schedule, one: Map) -> RhaiResultOf<()> {
    let index = index_of(&context, schedule, one)?;
    schedule.state().end(index);
    Ok(())
}

/// Where a `topic` and `partition` stand in the plan.
fn index_of(context: &NativeCallContext, schedule: &Schedule, one: Map) -> RhaiResultOf<MoveIndex> {
    let topic = one.get("topic").map(ToString::to_string).unwrap_or_default();
    let number = one.get("partition").and_then(|number| number.as_int().ok());
    let number = number.and_then(|number| i32::try_from(number).ok());
    let found = schedule.plan.moves.iter().position(|moves| moves.topic == topic).and_then(|index| {
        let partitions = &schedule.plan.moves[index].partitions;
        let partition = partitions.binary_search_by_key(&number?, |one| one.partition).ok()?;
        Some(MoveIndex { topic: index, partition })
    });
    found.ok_or_else(|| {
        let number = number.map(|number| format!("-{number}")).unwrap_or_default();
        raise(context, not_moved(&format!("{topic}{number}")))
    })
}
