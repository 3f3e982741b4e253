//! `ListGroups`, `DescribeGroups`, `ConsumerGroupDescribe` and `DeleteGroups`: each broker for what it coordinates.

use super::{Here, outcome};
use crate::sandbox::cluster::Refusal;
use crate::sandbox::cluster::group::{Group, Member, Phase};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::consumer_group_describe_response::DescribedGroup as DescribedConsumerGroup;
use kafka_protocol::messages::delete_groups_response::DeletableGroupResult;
use kafka_protocol::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, DeleteGroupsRequest, DeleteGroupsResponse,
    DescribeGroupsRequest, DescribeGroupsResponse, GroupId, ListGroupsRequest, ListGroupsResponse,
};
use kafka_protocol::protocol::StrBytes;

/// The host of every client, as brokers write it.
const CLIENT_HOST: StrBytes = StrBytes::from_static_str("/127.0.0.1");

/// Filters are compared without regard to case (KIP-518, KIP-848).
pub(super) fn list_groups(here: &mut Here, request: &ListGroupsRequest) -> ListGroupsResponse {
    let fits = |wanted: &[StrBytes], it: &str| {
        wanted.is_empty() || wanted.iter().any(|one| one.as_str().eq_ignore_ascii_case(it))
    };
    let groups = here
        .cluster
        .groups_of(here.broker)
        .filter(|(_, group)| fits(&request.states_filter, group.state()) && fits(&request.types_filter, "classic"))
        .map(|(id, group)| {
            ListedGroup::default()
                .with_group_id(GroupId(id.clone().into()))
                .with_protocol_type(group.protocol_type.clone().into())
                .with_group_state(StrBytes::from_static_str(group.state()))
                .with_group_type(StrBytes::from_static_str("classic"))
        });
    ListGroupsResponse::default().with_groups(groups.collect())
}

pub(super) fn describe_groups(here: &mut Here, request: &DescribeGroupsRequest) -> DescribeGroupsResponse {
    let groups = request.groups.iter().map(|id| {
        let found =
            here.cluster.check_coordinator(id, here.broker).map(|()| here.cluster.groups.by_id.get(id.as_str()));
        let described = DescribedGroup::default().with_group_id(id.clone());
        match found {
            Err(refusal) => described.with_error_code(refusal.code.code()),
            Ok(Some(group)) => whole(described, group),
            // Since v6 it is an error (KIP-1043); before, a group that is not there is one that is dead.
            Ok(None) => {
                let dead = described.with_group_state(StrBytes::from_static_str("Dead"));
                if here.version < 6 {
                    return dead;
                }
                let message = format!("Group {} not found.", id.as_str());
                dead.with_error_code(ResponseError::GroupIdNotFound.code()).with_error_message(Some(message.into()))
            }
        }
    });
    DescribeGroupsResponse::default().with_groups(groups.collect())
}

fn whole(described: DescribedGroup, group: &Group) -> DescribedGroup {
    let protocol = group.protocol.as_ref().filter(|_| matches!(group.phase, Phase::Stable | Phase::Completing));
    let member = |(id, member): (&String, &Member)| {
        DescribedGroupMember::default()
            .with_member_id(id.clone().into())
            .with_group_instance_id(member.instance.clone().map(Into::into))
            .with_client_id(member.client.clone().into())
            .with_client_host(CLIENT_HOST)
            .with_member_metadata(member.metadata(protocol))
            .with_member_assignment(member.assignment.clone())
    };
    described
        .with_group_state(StrBytes::from_static_str(group.state()))
        .with_protocol_type(group.protocol_type.clone().into())
        .with_protocol_data(protocol.cloned().unwrap_or_default().into())
        .with_members(group.members.iter().map(member).collect())
}

/// There are no groups of the protocol of KIP-848 here; brokers before Kafka 4.0 have it switched off.
pub(super) fn consumer_group_describe(
    here: &mut Here,
    request: &ConsumerGroupDescribeRequest,
) -> ConsumerGroupDescribeResponse {
    let switched_on = here.guise().is_at_least((4, 0));
    let error = if switched_on { ResponseError::GroupIdNotFound } else { ResponseError::UnsupportedVersion };
    let group = |id: &GroupId| {
        let here = here.cluster.check_coordinator(id, here.broker).map_err(|refusal| refusal.code);
        let error = here.err().unwrap_or(error);
        DescribedConsumerGroup::default().with_group_id(id.clone()).with_error_code(error.code())
    };
    ConsumerGroupDescribeResponse::default().with_groups(request.group_ids.iter().map(group).collect())
}

pub(super) fn delete_groups(here: &mut Here, request: &DeleteGroupsRequest) -> DeleteGroupsResponse {
    let results = request.groups_names.iter().map(|id| {
        let deleted: Result<(), Refusal> =
            here.cluster.check_coordinator(id, here.broker).and_then(|()| here.cluster.delete_group(id));
        DeletableGroupResult::default().with_group_id(id.clone()).with_error_code(outcome(&deleted).0)
    });
    DeleteGroupsResponse::default().with_results(results.collect())
}
