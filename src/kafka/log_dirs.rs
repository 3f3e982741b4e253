//! What lies on a broker's disks (`DescribeLogDirs`).

use super::wire::answer;
use super::wire::router::Target;
use super::{Client, Deadlines};
use crate::error::Error;
use kafka_protocol::messages::TopicName;
use kafka_protocol::messages::describe_log_dirs_request::{DescribableLogDirTopic, DescribeLogDirsRequest};
use kafka_protocol::messages::describe_log_dirs_response::{DescribeLogDirsResponse, DescribeLogDirsResult};
use kafka_protocol::protocol::StrBytes;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogDir {
    pub path: String,
    /// `KAFKA_STORAGE_ERROR` where the disk failed; its replicas are not listed then.
    pub error: Option<Error>,
    /// Of the file system that holds the folder; Kafka 3.3 and newer tell it (KIP-827).
    pub total_bytes: Option<i64>,
    pub usable_bytes: Option<i64>,
    /// By topic and partition.
    pub replicas: Vec<ReplicaSize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaSize {
    pub topic: String,
    pub partition: i32,
    /// Of all segments that are not yet marked for deletion.
    pub bytes: i64,
    /// A copy on its way from another log dir of the same broker.
    pub future: bool,
}

/// A broker that is dead but still listed would use up a whole call.
const PATIENCE: Duration = Duration::from_secs(10);

/// The log dirs of one broker, which is asked itself.
pub async fn describe(client: &Client, broker: i32) -> Result<Vec<LogDir>, Error> {
    let deadlines = client.deadlines();
    let patient = client.with_deadlines(Deadlines { call: deadlines.call.min(PATIENCE), ..deadlines });
    let what = format!("the log dirs of broker {broker}");
    let build = |_| DescribeLogDirsRequest::default().with_topics(None);
    patient.read(Target::Broker(broker), build, |response| log_dirs(&response, &what)).await
}

/// The bytes of these partitions on one broker; one that it does not have is left out. The broker is asked about no others.
pub async fn sizes(
    client: &Client,
    broker: i32,
    partitions: &BTreeSet<(String, i32)>,
) -> Result<BTreeMap<(String, i32), i64>, Error> {
    let what = format!("the log dirs of broker {broker}");
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for (topic, partition) in partitions {
        topics.entry(topic).or_default().push(*partition);
    }
    let build = |_| {
        let topic = |(name, partitions): (&&str, &Vec<i32>)| {
            DescribableLogDirTopic::default()
                .with_topic(TopicName(StrBytes::from_string((*name).to_owned())))
                .with_partitions(partitions.clone())
        };
        DescribeLogDirsRequest::default().with_topics(Some(topics.iter().map(topic).collect()))
    };
    let dirs = client.read(Target::Broker(broker), build, |response| log_dirs(&response, &what)).await?;
    let replicas = dirs.into_iter().flat_map(|dir| dir.replicas).filter(|replica| !replica.future);
    let sizes = replicas.map(|replica| ((replica.topic, replica.partition), replica.bytes));
    Ok(sizes.filter(|(key, _)| partitions.contains(key)).collect())
}

fn log_dirs(response: &DescribeLogDirsResponse, what: &str) -> Result<Vec<LogDir>, Error> {
    answer::check(response.error_code, None, what)?;
    Ok(response.results.iter().map(|found| log_dir(found, what)).collect())
}

fn log_dir(found: &DescribeLogDirsResult, what: &str) -> LogDir {
    let mut replicas: Vec<_> = found
        .topics
        .iter()
        .flat_map(|topic| {
            topic.partitions.iter().map(|partition| ReplicaSize {
                topic: topic.name.0.to_string(),
                partition: partition.partition_index,
                bytes: partition.partition_size,
                future: partition.is_future_key,
            })
        })
        .collect();
    replicas.sort_by(|a, b| (&a.topic, a.partition).cmp(&(&b.topic, b.partition)));
    LogDir {
        path: found.log_dir.to_string(),
        error: answer::check(found.error_code, None, &format!("{what}, {}", found.log_dir.as_str())).err(),
        total_bytes: Some(found.total_bytes).filter(|bytes| *bytes >= 0),
        usable_bytes: Some(found.usable_bytes).filter(|bytes| *bytes >= 0),
        replicas,
    }
}
