//! `JoinGroup`, `SyncGroup`, `Heartbeat` and `LeaveGroup`: the life of a classic consumer group.

use super::Here;
use crate::sandbox::cluster::Refusal;
use crate::sandbox::cluster::group::{Group, Join, Waiting};
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;
use kafka_protocol::messages::leave_group_response::MemberResponse;
use kafka_protocol::messages::{
    HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, LeaveGroupResponse,
    SyncGroupRequest, SyncGroupResponse,
};
use kafka_protocol::protocol::StrBytes;
use std::time::Duration;

/// From this version on a newcomer is given an id before it may join (KIP-394).
const ID_FIRST: i16 = 4;

fn milliseconds(number: i32) -> Duration {
    Duration::from_millis(u64::try_from(number).unwrap_or(0))
}

pub(super) fn join_group(here: &mut Here, request: &JoinGroupRequest) -> Waiting<JoinGroupResponse> {
    let join = Join {
        request: here.request,
        member: request.member_id.to_string(),
        instance: request.group_instance_id.as_ref().map(ToString::to_string),
        client: here.client.to_string(),
        session: milliseconds(request.session_timeout_ms),
        rebalance: milliseconds(if here.version == 0 {
            request.session_timeout_ms
        } else {
            request.rebalance_timeout_ms
        }),
        protocol_type: request.protocol_type.to_string(),
        protocols: request.protocols.iter().map(|one| (one.name.to_string(), one.metadata.clone())).collect(),
        id_first: here.version >= ID_FIRST,
    };
    let refused = |refusal: Refusal, member: StrBytes| {
        let reply = JoinGroupResponse::default()
            .with_error_code(refusal.code.code())
            .with_generation_id(-1)
            .with_member_id(member);
        Some(if here.version < 7 { reply.with_protocol_name(Some(StrBytes::default())) } else { reply })
    };
    if let Err(refusal) = here.cluster.check_coordinator(&request.group_id, here.broker) {
        return refused(refusal, request.member_id.clone());
    }
    let now = here.cluster.now;
    let groups = &mut here.cluster.groups.by_id;
    if !groups.contains_key(request.group_id.as_str()) && !join.member.is_empty() {
        return refused(Refusal::new(ResponseError::UnknownMemberId, ""), request.member_id.clone());
    }
    let group = groups.entry(request.group_id.to_string()).or_insert_with(Group::new);
    match group.join(&join, now) {
        Ok(None) => None,
        Ok(Some(id)) => Some(joined(group, id)),
        Err(refusal) if refusal.code == ResponseError::MemberIdRequired => {
            let given = StrBytes::from_string(refusal.message.clone());
            refused(refusal, given)
        }
        Err(refusal) => refused(refusal, request.member_id.clone()),
    }
}

/// Only the leader is told who the others are.
fn joined(group: &Group, id: String) -> JoinGroupResponse {
    let protocol = group.protocol.as_ref();
    let member = |(id, member): (&String, _)| {
        let member: &crate::sandbox::cluster::group::Member = member;
        JoinGroupResponseMember::default()
            .with_member_id(id.clone().into())
            .with_group_instance_id(member.instance.clone().map(Into::into))
            .with_metadata(member.metadata(protocol))
    };
    let leads = group.leader.as_ref() == Some(&id);
    JoinGroupResponse::default()
        .with_generation_id(group.generation)
        .with_protocol_type(Some(group.protocol_type.clone().into()))
        .with_protocol_name(Some(protocol.cloned().unwrap_or_default().into()))
        .with_leader(group.leader.clone().unwrap_or_default().into())
        .with_member_id(id.into())
        .with_members(if leads { group.members.iter().map(member).collect() } else { vec![] })
}

pub(super) fn sync_group(here: &mut Here, request: &SyncGroupRequest) -> Waiting<SyncGroupResponse> {
    let assignments = request.assignments.iter().map(|one| (one.member_id.to_string(), one.assignment.clone()));
    let (now, instance) = (here.cluster.now, request.group_instance_id.as_deref());
    let synced = group(here, &request.group_id).and_then(|group| {
        group.check_member(&request.member_id, request.generation_id, instance)?;
        let assignment = group.sync(&request.member_id, request.generation_id, assignments, now)?;
        Ok(assignment.map(|assignment| (assignment, group.protocol_type.clone(), group.protocol.clone())))
    });
    let reply = SyncGroupResponse::default();
    match synced {
        Ok(None) => None,
        Ok(Some((assignment, protocol_type, protocol))) => Some(
            reply
                .with_assignment(assignment)
                .with_protocol_type(Some(protocol_type.into()))
                .with_protocol_name(protocol.map(Into::into)),
        ),
        Err(refusal) => Some(reply.with_error_code(refusal.code.code()).with_assignment(Bytes::new())),
    }
}

pub(super) fn heartbeat(here: &mut Here, request: &HeartbeatRequest) -> HeartbeatResponse {
    let (now, instance) = (here.cluster.now, request.group_instance_id.as_deref());
    let beaten = group(here, &request.group_id).and_then(|group| {
        group.check_member(&request.member_id, request.generation_id, instance)?;
        group.heartbeat(&request.member_id, request.generation_id, now)
    });
    HeartbeatResponse::default().with_error_code(code(&beaten))
}

pub(super) fn leave_group(here: &mut Here, request: &LeaveGroupRequest) -> LeaveGroupResponse {
    let now = here.cluster.now;
    let reply = LeaveGroupResponse::default();
    let group = match group(here, &request.group_id) {
        Ok(group) => group,
        Err(refusal) => return reply.with_error_code(refusal.code.code()),
    };
    if request.members.is_empty() {
        return reply.with_error_code(code(&group.leave(&request.member_id, None, now)));
    }
    let members = request.members.iter().map(|one| {
        MemberResponse::default()
            .with_member_id(one.member_id.clone())
            .with_group_instance_id(one.group_instance_id.clone())
            .with_error_code(code(&group.leave(&one.member_id, one.group_instance_id.as_deref(), now)))
    });
    reply.with_members(members.collect())
}

/// A group that is coordinated here.
fn group<'a>(here: &'a mut Here, id: &str) -> Result<&'a mut Group, Refusal> {
    here.cluster.check_coordinator(id, here.broker)?;
    here.cluster.groups.by_id.get_mut(id).ok_or_else(|| Refusal::new(ResponseError::UnknownMemberId, ""))
}

fn code<T>(result: &Result<T, Refusal>) -> i16 {
    result.as_ref().err().map_or(0, |refusal| refusal.code.code())
}
