//! `DescribeLogDirs`: each broker answers for its own disk.

use super::{Here, topic_name};
use crate::sandbox::unit::furnish::DATA;
use kafka_protocol::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use kafka_protocol::messages::{DescribeLogDirsRequest, DescribeLogDirsResponse};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn describe_log_dirs(here: &mut Here, request: &DescribeLogDirsRequest) -> DescribeLogDirsResponse {
    // By topic, as there may be many of both.
    let asked: Option<BTreeMap<&str, BTreeSet<i32>>> = request.topics.as_ref().map(|topics| {
        topics.iter().map(|one| (one.topic.as_str(), one.partitions.iter().copied().collect())).collect()
    });
    let mut topics = vec![];
    for (name, topic) in &here.cluster.topics {
        let wanted = asked.as_ref().map(|asked| asked.get(name.as_str()));
        if wanted == Some(None) {
            continue;
        }
        let is_asked = |partition: &i32| wanted.flatten().is_none_or(|partitions| partitions.contains(partition));
        let mut partitions = vec![];
        for (index, partition) in (0..).zip(&topic.partitions).filter(|(index, _)| is_asked(index)) {
            let Some(bytes) = partition.size_on(here.broker) else { continue };
            let size = i64::try_from(bytes).unwrap_or(i64::MAX);
            partitions.push(
                DescribeLogDirsPartition::default()
                    .with_partition_index(index)
                    .with_partition_size(size)
                    .with_offset_lag(partition.log.end() - partition.log.end_within(bytes + partition.log.gone())),
            );
        }
        if !partitions.is_empty() {
            topics.push(DescribeLogDirsTopic::default().with_name(topic_name(name)).with_partitions(partitions));
        }
    }
    let total = here.cluster.disk_size(here.broker);
    let number = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    let dir = DescribeLogDirsResult::default()
        .with_log_dir(here.cluster.configs.log_dir(here.broker).unwrap_or(DATA).to_owned().into())
        .with_topics(topics)
        .with_total_bytes(number(total))
        .with_usable_bytes(number(total.saturating_sub(here.cluster.disk_used(here.broker))));
    DescribeLogDirsResponse::default().with_results(vec![dir])
}
