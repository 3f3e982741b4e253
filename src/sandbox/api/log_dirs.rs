//! `DescribeLogDirs`: each broker answers for its own disk.

use super::{Here, topic_name};
use kafka_protocol::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use kafka_protocol::messages::{DescribeLogDirsRequest, DescribeLogDirsResponse};

pub(super) fn describe_log_dirs(here: &mut Here, request: &DescribeLogDirsRequest) -> DescribeLogDirsResponse {
    let asked = |topic: &str, partition: i32| {
        request.topics.as_ref().is_none_or(|topics| {
            topics.iter().any(|one| one.topic.as_str() == topic && one.partitions.contains(&partition))
        })
    };
    let mut topics = vec![];
    for (name, topic) in &here.cluster.topics {
        let mut partitions = vec![];
        for (index, partition) in (0..).zip(&topic.partitions) {
            let Some(bytes) = partition.size_on(here.broker) else { continue };
            let size = i64::try_from(bytes).unwrap_or(i64::MAX);
            if asked(name, index) {
                partitions.push(
                    DescribeLogDirsPartition::default()
                        .with_partition_index(index)
                        .with_partition_size(size)
                        .with_offset_lag(partition.log.end() - partition.log.end_within(bytes + partition.log.gone())),
                );
            }
        }
        if !partitions.is_empty() {
            topics.push(DescribeLogDirsTopic::default().with_name(topic_name(name)).with_partitions(partitions));
        }
    }
    let total = here.cluster.disk_size(here.broker);
    let number = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    let dir = DescribeLogDirsResult::default()
        .with_log_dir(format!("/var/lib/kafka/broker-{}", here.broker).into())
        .with_topics(topics)
        .with_total_bytes(number(total))
        .with_usable_bytes(number(total.saturating_sub(here.cluster.disk_used(here.broker))));
    DescribeLogDirsResponse::default().with_results(vec![dir])
}
