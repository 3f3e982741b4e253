//! What the brokers answer: one file a group of Kafka APIs. A new API takes a handler here, its shape in `wire/shapes.rs`
//! and its range in `wire/versions.rs`.

mod absent;
mod api_versions;
mod committed;
mod configs;
mod coordination;
mod elections;
mod fetch;
mod groups;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod hostile;
mod list_offsets;
mod log_dirs;
mod membership;
mod metadata;
mod produce;
mod quorum;
mod reassignments;
mod records;
mod topics;

use super::cluster::{Cluster, Refusal};
use super::guise::Guise;
use super::wire::call::{Call, Incoming, Unacceptable};
use bytes::Bytes;
use kafka_protocol::messages::{ApiKey, BrokerId, TopicName};
use kafka_protocol::protocol::{Request, StrBytes};
use std::time::Duration;

/// Where a request is answered: the cluster as the broker `broker` sees it.
pub(crate) struct Here<'a> {
    pub(crate) cluster: &'a mut Cluster,
    pub(crate) broker: i32,
    /// The request's number; it keeps it when it is asked again.
    pub(crate) request: u64,
    /// What the client calls itself, and the version of the request: set by [`answer`].
    pub(crate) client: StrBytes,
    pub(crate) version: i16,
}

impl<'a> Here<'a> {
    pub(crate) fn new(cluster: &'a mut Cluster, broker: i32, request: u64) -> Self {
        Self { cluster, broker, request, client: StrBytes::default(), version: 0 }
    }

    /// The release that the broker is of.
    fn guise(&self) -> Guise {
        self.cluster.guise_of(self.broker)
    }
}

#[derive(Debug)]
pub(crate) enum Answer {
    Reply(Bytes),
    /// The client wants no reply: a produce request with `acks=0`.
    Nothing,
    /// A fetch that found less than it asked for: to be asked again when something was written, and sent at the latest
    /// after this time.
    Early(Bytes, Duration),
    /// A member that waits for the others of its group: to be asked again when something has changed.
    NotYet,
}

/// Answers one request, at once.
pub(crate) fn answer(incoming: &Incoming, here: &mut Here) -> Result<Answer, Unacceptable> {
    let call = match incoming {
        Incoming::Call(call) => call,
        Incoming::VersionsUnknown(call) => {
            return call.encode(&api_versions::unsupported(here.guise())).map(Answer::Reply);
        }
    };
    here.version = call.version;
    here.client = call.client.clone();
    match call.api {
        ApiKey::Produce => {
            let request = call.decode()?;
            let reply = produce::produce(here, &request);
            if request.acks == 0 { Ok(Answer::Nothing) } else { call.encode(&reply).map(Answer::Reply) }
        }
        ApiKey::Fetch => {
            let request = call.decode()?;
            let (reply, wait) = fetch::fetch(here, &request);
            let reply = call.encode(&reply)?;
            Ok(wait.map_or_else(|| Answer::Reply(reply.clone()), |wait| Answer::Early(reply.clone(), wait)))
        }
        ApiKey::ListOffsets => reply(call, here, list_offsets::list_offsets),
        ApiKey::Metadata => reply(call, here, metadata::metadata),
        ApiKey::DescribeCluster => reply(call, here, metadata::describe_cluster),
        ApiKey::JoinGroup => reply_later(call, here, membership::join_group),
        ApiKey::SyncGroup => reply_later(call, here, membership::sync_group),
        ApiKey::Heartbeat => reply(call, here, membership::heartbeat),
        ApiKey::LeaveGroup => reply(call, here, membership::leave_group),
        ApiKey::OffsetCommit => reply(call, here, committed::offset_commit),
        ApiKey::OffsetFetch => reply(call, here, committed::offset_fetch),
        ApiKey::OffsetDelete => reply(call, here, committed::offset_delete),
        ApiKey::ListGroups => reply(call, here, groups::list_groups),
        ApiKey::DescribeGroups => reply(call, here, groups::describe_groups),
        ApiKey::ConsumerGroupDescribe => reply(call, here, groups::consumer_group_describe),
        ApiKey::DeleteGroups => reply(call, here, groups::delete_groups),
        ApiKey::DeleteRecords => reply(call, here, records::delete_records),
        ApiKey::CreatePartitions => reply(call, here, topics::create_partitions),
        ApiKey::AlterConfigs => reply(call, here, configs::alter_configs),
        ApiKey::DescribeQuorum => reply(call, here, quorum::describe_quorum),
        ApiKey::DescribeAcls => reply(call, here, absent::describe_acls),
        ApiKey::CreateAcls => reply(call, here, absent::create_acls),
        ApiKey::DeleteAcls => reply(call, here, absent::delete_acls),
        ApiKey::DescribeClientQuotas => reply(call, here, absent::client_quotas),
        ApiKey::DescribeUserScramCredentials => reply(call, here, absent::scram_users),
        ApiKey::DescribeTransactions => reply(call, here, absent::transactions),
        ApiKey::ListTransactions => reply(call, here, absent::no_transactions),
        ApiKey::FindCoordinator => reply(call, here, coordination::find_coordinator),
        ApiKey::InitProducerId => reply(call, here, coordination::init_producer_id),
        ApiKey::ApiVersions => reply(call, here, api_versions::api_versions),
        ApiKey::CreateTopics => reply(call, here, topics::create_topics),
        ApiKey::DeleteTopics => reply(call, here, topics::delete_topics),
        ApiKey::DescribeConfigs => reply(call, here, configs::describe_configs),
        ApiKey::IncrementalAlterConfigs => reply(call, here, configs::incremental_alter_configs),
        ApiKey::DescribeLogDirs => reply(call, here, log_dirs::describe_log_dirs),
        ApiKey::ElectLeaders => reply(call, here, elections::elect_leaders),
        ApiKey::AlterPartitionReassignments => reply(call, here, reassignments::alter),
        ApiKey::ListPartitionReassignments => reply(call, here, reassignments::list),
        other => Err(Unacceptable(format!("a {other:?} request, which is offered but not answered"))),
    }
}

fn reply<R: Request>(
    call: &Call,
    here: &mut Here,
    handle: impl FnOnce(&mut Here, &R) -> R::Response,
) -> Result<Answer, Unacceptable> {
    let request: R = call.decode()?;
    call.encode(&handle(here, &request)).map(Answer::Reply)
}

/// The same for what may have to wait.
fn reply_later<R: Request>(
    call: &Call,
    here: &mut Here,
    handle: impl FnOnce(&mut Here, &R) -> Option<R::Response>,
) -> Result<Answer, Unacceptable> {
    let request: R = call.decode()?;
    handle(here, &request).map_or(Ok(Answer::NotYet), |response| call.encode(&response).map(Answer::Reply))
}

/// Error code and message of a part of a reply.
fn outcome<T>(result: &Result<T, Refusal>) -> (i16, Option<StrBytes>) {
    match result {
        Ok(_) => (0, None),
        Err(refusal) => (refusal.code.code(), Some(refusal.message.clone().into())),
    }
}

fn ids(brokers: &[i32]) -> Vec<BrokerId> {
    brokers.iter().map(|&id| BrokerId(id)).collect()
}

fn numbers(brokers: &[BrokerId]) -> Vec<i32> {
    brokers.iter().map(|id| id.0).collect()
}

fn topic_name(name: &str) -> TopicName {
    TopicName(name.to_owned().into())
}

/// Where the sandbox listens.
const HOST: StrBytes = StrBytes::from_static_str("127.0.0.1");
