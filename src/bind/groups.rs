//! Consumer groups: which there are, who is in one, what it has committed and how far it is behind.

use crate::bind::cluster::{Cluster, client, read};
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::to_script;
use crate::error::Error;
use crate::kafka::groups::{self, Member};
use crate::kafka::{committed, committed::Lag};
use rhai::{Dynamic, Engine, INT, NativeCallContext};
use serde_json::{Value, json};
use std::sync::Arc;

/// A group as it was when it was read; its methods ask again.
#[derive(Clone)]
pub(crate) struct Group(Cluster, Arc<groups::Group>);

pub(crate) fn register(engine: &mut Engine) {
    function(
        "Cluster.groups() -> array",
        "All consumer groups, from every broker: `id`, `protocol_type`, `state` (from Kafka 2.6, else ()), `kind` (from 3.8). An error where some cannot be listed.",
    )
    .register_into_engine(engine, list);
    function(
        "Cluster.group(id: string) -> Group",
        "A consumer group: `id`, `state`, `kind`, `protocol_type`, `assignor`, `coordinator`, and its `members` with what is `assigned` to each.",
    )
    .register_into_engine(engine, describe);
    function(
        "Group.offsets() -> array",
        "What the group has committed: `topic`, `partition`, `offset`, `error`, from its coordinator.",
    )
    .register_into_engine(engine, offsets);
    function(
        "Group.lag() -> array",
        "How far the group is behind on each partition that it has committed: `topic`, `partition`, `committed`, `end`, `lag`; `error` where that cannot be told.",
    )
    .register_into_engine(engine, lag);
    engine
        .register_type_with_name::<Group>("Group")
        .register_fn("to_string", |group: &mut Group| format!("group {} ({})", group.1.id, group.1.state))
        .register_fn("to_debug", |group: &mut Group| format!("group {} ({})", group.1.id, group.1.state))
        .register_get("id", |group: &mut Group| group.1.id.clone())
        .register_get("state", |group: &mut Group| group.1.state.clone())
        .register_get("kind", |group: &mut Group| group.1.kind.clone())
        .register_get("protocol_type", |group: &mut Group| group.1.protocol_type.clone())
        .register_get("assignor", |group: &mut Group| group.1.assignor.clone())
        .register_get("coordinator", |group: &mut Group| INT::from(group.1.coordinator))
        .register_get("members", |group: &mut Group| to_script(&group.1.members.iter().map(member).collect()));
}

fn member(member: &Member) -> Value {
    json!({
        "id": member.id,
        "instance_id": member.instance_id,
        "client_id": member.client_id,
        "host": member.host,
        "assigned": member.assigned,
    })
}

/// A list that lacks some without saying so would be read as "there are no others".
fn list(context: NativeCallContext, cluster: &mut Cluster) -> RhaiResultOf<Dynamic> {
    let listing = read(&context, cluster, groups::list(&client(cluster)))?;
    if let Some(first) = listing.gaps.first() {
        let said: Vec<&str> = listing.gaps.iter().map(|gap| gap.message.as_str()).collect();
        return Err(raise(&context, Error { message: said.join("; "), ..first.clone() }));
    }
    let one = |group: groups::Listed| json!({ "id": group.id, "protocol_type": group.protocol_type, "state": group.state, "kind": group.kind });
    Ok(to_script(&listing.groups.into_iter().map(one).collect()))
}

fn describe(context: NativeCallContext, cluster: &mut Cluster, id: &str) -> RhaiResultOf<Group> {
    let group = read(&context, cluster, groups::describe(&client(cluster), id))?;
    Ok(Group(cluster.clone(), group.into()))
}

fn offsets(context: NativeCallContext, group: &mut Group) -> RhaiResultOf<Dynamic> {
    let found = read(&context, &group.0, committed::of_group(&client(&group.0), &group.1.id))?;
    let one = |((topic, partition), offset): ((String, i32), Result<i64, Error>)| {
        let error = offset.as_ref().err().map(ToString::to_string);
        json!({ "topic": topic, "partition": partition, "offset": offset.ok(), "error": error })
    };
    Ok(to_script(&found.into_iter().map(one).collect()))
}

fn lag(context: NativeCallContext, group: &mut Group) -> RhaiResultOf<Dynamic> {
    let found = read(&context, &group.0, committed::lag(&client(&group.0), &group.1.id))?;
    Ok(to_script(&found.into_iter().map(behind).collect()))
}

fn behind(lag: Lag) -> Value {
    let error = lag.end.as_ref().or(lag.committed.as_ref()).err().map(ToString::to_string);
    json!({
        "topic": lag.topic,
        "partition": lag.partition,
        "committed": lag.committed.as_ref().ok(),
        "end": lag.end.as_ref().ok(),
        "lag": lag.records(),
        "error": error,
    })
}
