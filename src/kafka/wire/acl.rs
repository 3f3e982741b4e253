//! Which right a refused request would have needed, and who lacks it.

use super::apis::Api;
use crate::error::Error;
use kafka_protocol::messages::ApiKey;

/// Adds both to an error by which a broker says that krun may not do this.
pub(super) fn name_what_lacks<R: Api>(error: &mut Error, principal: Option<&str>) {
    let Some(resource) = error.code.strip_suffix("_AUTHORIZATION_FAILED") else { return };
    let who = match principal {
        Some(principal) => format!("{principal}, who krun is here,"),
        None => "the user that the token names".to_owned(),
    };
    let what = match needed(R::KEY, resource) {
        Some(right) => format!("lacks an ACL that allows {right}"),
        None => format!("lacks an ACL for {}", R::NAME),
    };
    error.hint = Some(format!("{who} {what}; kafka-acls.sh --list shows those that there are"));
}

/// The operation and what it is on, as `kafka-acls.sh` has them (Kafka's own table of operations by request).
fn needed(key: i16, resource: &str) -> Option<&'static str> {
    let key = ApiKey::try_from(key).ok()?;
    Some(match (key, resource) {
        (ApiKey::AlterPartitionReassignments | ApiKey::ElectLeaders, "CLUSTER") => "Alter on the cluster",
        (ApiKey::ListPartitionReassignments | ApiKey::DescribeLogDirs, "CLUSTER") => "Describe on the cluster",
        (ApiKey::IncrementalAlterConfigs | ApiKey::AlterConfigs, "CLUSTER") => "AlterConfigs on the cluster",
        (ApiKey::IncrementalAlterConfigs | ApiKey::AlterConfigs, "TOPIC") => "AlterConfigs on the topic",
        (ApiKey::DescribeConfigs, "CLUSTER") => "DescribeConfigs on the cluster",
        (ApiKey::DescribeConfigs, "TOPIC") => "DescribeConfigs on the topic",
        (ApiKey::CreateTopics, _) => "Create on the cluster or on the topic",
        (ApiKey::CreatePartitions, "TOPIC") => "Alter on the topic",
        (ApiKey::DeleteTopics, "TOPIC") => "Delete on the topic",
        (ApiKey::Metadata | ApiKey::ListOffsets, "TOPIC") => "Describe on the topic",
        _ => return None,
    })
}
