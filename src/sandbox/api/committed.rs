//! `OffsetCommit`, `OffsetFetch` and `OffsetDelete`: what groups have read.

use super::{Here, outcome, topic_name};
use crate::sandbox::cluster::group::{Group, Phase};
use crate::sandbox::cluster::groups::Commit;
use crate::sandbox::cluster::{Cluster, Refusal};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic};
use kafka_protocol::messages::offset_delete_response::{OffsetDeleteResponsePartition, OffsetDeleteResponseTopic};
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions, OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
};
use kafka_protocol::messages::{
    OffsetCommitRequest, OffsetCommitResponse, OffsetDeleteRequest, OffsetDeleteResponse, OffsetFetchRequest,
    OffsetFetchResponse,
};
use std::collections::BTreeMap;

pub(super) fn offset_commit(here: &mut Here, request: &OffsetCommitRequest) -> OffsetCommitResponse {
    let group = request.group_id.as_str();
    let allowed = may_commit(here, request);
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|one| {
            let known = here.cluster.partition(&topic.name, one.partition_index).is_some();
            let error = match &allowed {
                Err(refusal) => refusal.code.code(),
                Ok(()) if !known => ResponseError::UnknownTopicOrPartition.code(),
                Ok(()) => {
                    let commit = Commit {
                        offset: one.committed_offset,
                        leader_epoch: one.committed_leader_epoch,
                        metadata: one.committed_metadata.as_deref().unwrap_or_default().to_owned(),
                    };
                    let committed = here.cluster.groups.committed.entry(group.to_owned()).or_default();
                    committed.insert((topic.name.to_string(), one.partition_index), commit);
                    0
                }
            };
            OffsetCommitResponsePartition::default().with_partition_index(one.partition_index).with_error_code(error)
        });
        OffsetCommitResponseTopic::default().with_name(topic.name.clone()).with_partitions(partitions.collect())
    });
    OffsetCommitResponse::default().with_topics(topics.collect())
}

/// A member of the present generation may, and anybody while nobody is in the group.
fn may_commit(here: &mut Here, request: &OffsetCommitRequest) -> Result<(), Refusal> {
    here.cluster.check_coordinator(&request.group_id, here.broker)?;
    let generation = request.generation_id_or_member_epoch;
    let groups = &mut here.cluster.groups.by_id;
    let group = match groups.get_mut(request.group_id.as_str()) {
        Some(group) => group,
        None if generation < 0 => groups.entry(request.group_id.to_string()).or_insert_with(Group::new),
        None => return Err(Refusal::new(ResponseError::IllegalGeneration, "")),
    };
    if generation < 0 && group.is_empty() {
        return Ok(());
    }
    group.check_member(&request.member_id, generation, request.group_instance_id.as_deref())?;
    match group.phase {
        Phase::Completing => Err(Refusal::new(ResponseError::RebalanceInProgress, "")),
        _ => Ok(()),
    }
}

type Found = BTreeMap<String, Vec<(i32, Option<Commit>)>>;

pub(super) fn offset_fetch(here: &mut Here, request: &OffsetFetchRequest) -> OffsetFetchResponse {
    if here.version < 8 {
        let asked = request.topics.as_ref().map(|topics| {
            topics.iter().map(|topic| (topic.name.to_string(), topic.partition_indexes.clone())).collect()
        });
        return match found(here, &request.group_id, asked) {
            Ok(found) => OffsetFetchResponse::default().with_topics(found.into_iter().map(old_topic).collect()),
            Err(refusal) => OffsetFetchResponse::default().with_error_code(refusal.code.code()),
        };
    }
    let groups = request.groups.iter().map(|group| {
        let asked = group.topics.as_ref().map(|topics| {
            topics.iter().map(|topic| (topic.name.to_string(), topic.partition_indexes.clone())).collect()
        });
        let reply = OffsetFetchResponseGroup::default().with_group_id(group.group_id.clone());
        match found(here, &group.group_id, asked) {
            Ok(found) => reply.with_topics(found.into_iter().map(topic).collect()),
            Err(refusal) => reply.with_error_code(refusal.code.code()),
        }
    });
    OffsetFetchResponse::default().with_groups(groups.collect())
}

/// What a group has committed of these partitions, or all; nothing is no error.
fn found(here: &Here, group: &str, asked: Option<Vec<(String, Vec<i32>)>>) -> Result<Found, Refusal> {
    here.cluster.check_coordinator(group, here.broker)?;
    let committed = here.cluster.groups.committed.get(group);
    let mut found = Found::new();
    match asked {
        None => {
            for ((topic, index), commit) in committed.into_iter().flatten() {
                found.entry(topic.clone()).or_default().push((*index, Some(commit.clone())));
            }
        }
        Some(topics) => {
            for (topic, indexes) in topics {
                let commit = |index| committed.and_then(|them| them.get(&(topic.clone(), index)).cloned());
                let rows = indexes.into_iter().map(|index| (index, commit(index))).collect();
                found.insert(topic, rows);
            }
        }
    }
    Ok(found)
}

/// Nothing is said as -1.
fn told(commit: Option<Commit>) -> Commit {
    commit.unwrap_or(Commit { offset: -1, leader_epoch: -1, metadata: String::new() })
}

fn old_topic((name, rows): (String, Vec<(i32, Option<Commit>)>)) -> OffsetFetchResponseTopic {
    let partition = |(index, commit): (i32, Option<Commit>)| {
        let commit = told(commit);
        OffsetFetchResponsePartition::default()
            .with_partition_index(index)
            .with_committed_offset(commit.offset)
            .with_committed_leader_epoch(commit.leader_epoch)
            .with_metadata(Some(commit.metadata.into()))
    };
    let partitions = rows.into_iter().map(partition).collect();
    OffsetFetchResponseTopic::default().with_name(topic_name(&name)).with_partitions(partitions)
}

fn topic((name, rows): (String, Vec<(i32, Option<Commit>)>)) -> OffsetFetchResponseTopics {
    let partition = |(index, commit): (i32, Option<Commit>)| {
        let commit = told(commit);
        OffsetFetchResponsePartitions::default()
            .with_partition_index(index)
            .with_committed_offset(commit.offset)
            .with_committed_leader_epoch(commit.leader_epoch)
            .with_metadata(Some(commit.metadata.into()))
    };
    let partitions = rows.into_iter().map(partition).collect();
    OffsetFetchResponseTopics::default().with_name(topic_name(&name)).with_partitions(partitions)
}

/// Of a group without members only: a subscription is not looked into here, so any member holds all of its topics.
pub(super) fn offset_delete(here: &mut Here, request: &OffsetDeleteRequest) -> OffsetDeleteResponse {
    let group = request.group_id.as_str();
    let found = here.cluster.check_coordinator(group, here.broker).and_then(|()| {
        let missing = || Refusal::new(ResponseError::GroupIdNotFound, "");
        here.cluster.groups.by_id.get(group).map(Group::is_empty).ok_or_else(missing)
    });
    let free = match found {
        Ok(free) => free,
        Err(refusal) => return OffsetDeleteResponse::default().with_error_code(refusal.code.code()),
    };
    let topics = request.topics.iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|one| {
            let deleted = delete_one(here.cluster, group, &topic.name, one.partition_index, free);
            OffsetDeleteResponsePartition::default()
                .with_partition_index(one.partition_index)
                .with_error_code(outcome(&deleted).0)
        });
        OffsetDeleteResponseTopic::default().with_name(topic.name.clone()).with_partitions(partitions.collect())
    });
    OffsetDeleteResponse::default().with_topics(topics.collect())
}

fn delete_one(cluster: &mut Cluster, group: &str, topic: &str, index: i32, free: bool) -> Result<(), Refusal> {
    if !free {
        return Err(Refusal::new(ResponseError::GroupSubscribedToTopic, "The group is subscribed to the topic."));
    }
    cluster.partition_mut(topic, index)?;
    if let Some(committed) = cluster.groups.committed.get_mut(group)
        && committed.remove(&(topic.to_owned(), index)).is_some()
    {
        cluster.counters.count("OffsetDelete", format!("{group} {topic}-{index}"));
    }
    cluster.groups.committed.retain(|_, committed| !committed.is_empty());
    Ok(())
}
