//! Which broker coordinates a consumer group (`FindCoordinator`), and asking it again when the group has moved on.

use super::wire::answer;
use super::wire::retry::Attempts;
use super::wire::router::Target;
use super::{Client, Deadlines, topics};
use crate::error::Error;
use kafka_protocol::messages::{FindCoordinatorRequest, FindCoordinatorResponse};
use kafka_protocol::protocol::StrBytes;
use std::time::Duration;

/// Where Kafka keeps groups and their offsets.
pub(crate) const OFFSETS_TOPIC: &str = "__consumer_offsets";

pub(crate) const NO_GROUP: &str = "GROUP_ID_NOT_FOUND";

/// The id of the broker that coordinates a group, whether the group exists or not.
///
/// Errors: `GROUP_ID_NOT_FOUND` where the cluster has never had a group: asking its brokers for a coordinator would make them
/// create `__consumer_offsets`, and a question changes nothing. `COORDINATOR_NOT_AVAILABLE` where its partition has no leader.
pub async fn find(client: &Client, group: &str) -> Result<i32, Error> {
    match topics::list(client, Some(&[OFFSETS_TOPIC.to_owned()])).await {
        Err(error) if error.code == "UNKNOWN_TOPIC_OR_PARTITION" => {
            return Err(Error::new(NO_GROUP, format!("there is no group {group}: this cluster has never had one")));
        }
        // It may be there and hidden from this user; the coordinator tells.
        _ => {}
    }
    let what = format!("the coordinator of group {group}");
    let build = |version| {
        let key = StrBytes::from_string(group.to_owned());
        let request = FindCoordinatorRequest::default();
        if version >= 4 { request.with_coordinator_keys(vec![key]) } else { request.with_key(key) }
    };
    client.read(Target::Any, build, |response| coordinator(&response, group, &what)).await
}

fn coordinator(response: &FindCoordinatorResponse, group: &str, what: &str) -> Result<i32, Error> {
    if let Some(found) = response.coordinators.iter().find(|found| found.key.as_str() == group) {
        answer::check(found.error_code, found.error_message.as_deref(), what)?;
        return Ok(found.node_id.0);
    }
    if !response.coordinators.is_empty() {
        return Err(answer::missing(what));
    }
    answer::check(response.error_code, response.error_message.as_deref(), what)?;
    Ok(response.node_id.0)
}

/// Asks the coordinator of a group by `ask`, and finds it again where it was not, or is not any more, the one.
pub(crate) async fn ask<T, F: Future<Output = Result<T, Error>>>(
    client: &Client,
    group: &str,
    ask: impl Fn(Client, i32) -> F,
) -> Result<T, Error> {
    let mut attempts = Attempts::within(client.deadlines().call);
    let deadlines = client.deadlines();
    let hasty = client.with_deadlines(Deadlines { call: Duration::ZERO, ..deadlines });
    loop {
        let outcome = match find(client, group).await {
            Ok(coordinator) => ask(hasty.clone(), coordinator).await,
            Err(error) => return Err(error),
        };
        let mut error = match outcome {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        if !error.retriable || !attempts.again().await {
            error.message.push_str(&attempts.told());
            return Err(error);
        }
    }
}
