//! Leadership back to the preferred leader, the first replica (`ElectLeaders`, Kafka 2.2).

use super::partitions::by_topic;
use super::topics::topic_name;
use super::wire::answer;
use super::wire::router::Target;
use super::{Client, PartitionResult};
use crate::error::{Error, Failure};
use kafka_protocol::messages::elect_leaders_request::TopicPartitions;
use kafka_protocol::messages::{ElectLeadersRequest, ElectLeadersResponse};

const NOT_NEEDED: &str = "ELECTION_NOT_NEEDED";

/// Elects the preferred leaders of these partitions. A partition that it leads already is no error.
///
/// Part of them may fail: `PREFERRED_LEADER_NOT_AVAILABLE` where the first replica is down or not in the ISR.
pub async fn elect_preferred(client: &Client, partitions: &[(String, i32)]) -> Result<Vec<PartitionResult>, Failure> {
    let build = |_| {
        let topics = by_topic(partitions.iter().map(|(topic, id)| (topic.as_str(), *id)));
        let topics = topics
            .into_iter()
            .map(|(name, ids)| TopicPartitions::default().with_topic(topic_name(name)).with_partitions(ids));
        ElectLeadersRequest::default()
            .with_election_type(0)
            .with_topic_partitions(Some(topics.collect()))
            .with_timeout_ms(client.deadlines().broker_timeout_ms())
    };
    client.write(Target::Controller, build, |response| results(&response, partitions)).await
}

fn results(response: &ElectLeadersResponse, partitions: &[(String, i32)]) -> Result<Vec<PartitionResult>, Error> {
    answer::check(response.error_code, None, "the election of preferred leaders")?;
    let outcome = |topic: &str, id: i32| {
        let what = format!("the preferred leader of {topic}-{id}");
        response
            .replica_election_results
            .iter()
            .filter(|result| *result.topic.0 == *topic)
            .flat_map(|result| &result.partition_result)
            .find(|result| result.partition_id == id)
            .map_or_else(
                || Err(answer::missing(&what)),
                |found| answer::check(found.error_code, found.error_message.as_deref(), &what),
            )
    };
    let results: Vec<_> = partitions
        .iter()
        .map(|(topic, id)| PartitionResult {
            topic: topic.clone(),
            partition: *id,
            error: outcome(topic, *id).err().filter(|error| error.code != NOT_NEEDED),
        })
        .collect();
    // Version 0 has no error of its own: a broker that is not the controller says so at each partition.
    match results.iter().find_map(|result| result.error.as_ref()) {
        Some(error) if results.iter().all(|result| is(result, "NOT_CONTROLLER")) => Err(error.clone()),
        _ => Ok(results),
    }
}

fn is(result: &PartitionResult, code: &str) -> bool {
    result.error.as_ref().is_some_and(|error| error.code == code)
}
