//! What a consumer group has committed (`OffsetFetch`, of its coordinator), and how far it is behind.

use super::coordinators;
use super::groups::group_id;
use super::offsets::{self, Spec};
use super::wire::answer;
use super::wire::router::Target;
use super::{Client, topics};
use crate::error::Error;
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use kafka_protocol::messages::{OffsetFetchRequest, OffsetFetchResponse};
use std::collections::{BTreeMap, BTreeSet};

/// Partitions of a group with the offset of the next record that it will read.
pub type Committed = BTreeMap<(String, i32), Result<i64, Error>>;

/// How far a group is behind on one partition; why not, where that cannot be told, such as `UNKNOWN_TOPIC_OR_PARTITION` for
/// a topic that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lag {
    pub topic: String,
    pub partition: i32,
    pub committed: Result<i64, Error>,
    /// The offset that the next record will get.
    pub end: Result<i64, Error>,
}

impl Lag {
    /// Records that are there and not read, among them those that compaction or a transaction has taken away.
    pub fn records(&self) -> Option<i64> {
        match (&self.committed, &self.end) {
            (Ok(committed), Ok(end)) => Some((end - committed).max(0)),
            _ => None,
        }
    }
}

/// All that a group has committed: empty for one that never did, and for one that is not there.
pub async fn of_group(client: &Client, group: &str) -> Result<Committed, Error> {
    let what = format!("the offsets of group {group}");
    let build = |version| {
        let request = OffsetFetchRequest::default();
        if version >= 8 {
            request
                .with_groups(vec![OffsetFetchRequestGroup::default().with_group_id(group_id(group)).with_topics(None)])
        } else {
            request.with_group_id(group_id(group)).with_topics(None)
        }
    };
    let (build, what) = (&build, &what);
    coordinators::ask(client, group, |client, coordinator| async move {
        client.read(Target::Broker(coordinator), build, |response| committed(&response, group, what)).await
    })
    .await
}

fn committed(response: &OffsetFetchResponse, group: &str, what: &str) -> Result<Committed, Error> {
    answer::check(response.error_code, None, what)?;
    let mut found = Vec::new();
    for topic in &response.topics {
        for one in &topic.partitions {
            found.push((topic.name.0.to_string(), one.partition_index, one.error_code, one.committed_offset));
        }
    }
    for one in response.groups.iter().filter(|one| one.group_id.0.as_str() == group) {
        answer::check(one.error_code, None, what)?;
        for topic in &one.topics {
            for one in &topic.partitions {
                found.push((topic.name.0.to_string(), one.partition_index, one.error_code, one.committed_offset));
            }
        }
    }
    let item = |(topic, id, code, offset): (String, i32, i16, i64)| {
        let result = answer::check(code, None, &format!("{what} on {topic}-{id}")).map(|()| offset);
        ((topic, id), result)
    };
    // -1: nothing is committed there.
    Ok(found.into_iter().map(item).filter(|(_, result)| *result != Ok(-1)).collect())
}

/// How far a group is behind, on every partition that it has committed.
pub async fn lag(client: &Client, group: &str) -> Result<Vec<Lag>, Error> {
    let committed = of_group(client, group).await?;
    let named: BTreeSet<&String> = committed.keys().map(|(topic, _)| topic).collect();
    let there: BTreeSet<String> = topics::list(client, None).await?.into_iter().map(|topic| topic.name).collect();
    let asked: Vec<String> = named.into_iter().filter(|name| there.contains(*name)).cloned().collect();
    let ends =
        if asked.is_empty() { BTreeMap::new() } else { offsets::of_topics(client, &asked, Spec::Latest).await? };
    let one = |((topic, partition), committed): ((String, i32), Result<i64, Error>)| {
        let end = ends.get(&(topic.clone(), partition)).cloned();
        let end = end.unwrap_or_else(|| Err(gone(group, &topic, partition))).map(|found| found.offset);
        Lag { topic, partition, committed, end }
    };
    Ok(committed.into_iter().map(one).collect())
}

fn gone(group: &str, topic: &str, partition: i32) -> Error {
    let text = format!("group {group} has committed an offset of {topic}-{partition}, which is not there");
    Error::new("UNKNOWN_TOPIC_OR_PARTITION", text).hint("was the topic deleted, or is it hidden from this user?")
}
