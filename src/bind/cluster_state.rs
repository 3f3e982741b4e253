//! A cluster as the planner takes it. A broker without replicas is new.

use crate::error::Error;
use crate::kafka::{Client, cluster, log_dirs, topics};
use crate::plan::{Broker, BrokerState, State, Topic};
use std::collections::BTreeMap;

pub(crate) async fn read(client: &Client) -> Result<State, Error> {
    let cluster = cluster::describe(client).await?;
    let topics = topics::list(client, None).await?;
    let mut bytes: BTreeMap<(String, i32), u64> = BTreeMap::new();
    for broker in &cluster.brokers {
        for dir in log_dirs::describe(client, broker.id).await? {
            if let Some(error) = dir.error {
                let text =
                    format!("the sizes on broker {} are not known: log dir {}: {}", broker.id, dir.path, error.message);
                return Err(Error::new(&error.code, text).hint("mend the log dir, or take the broker out of the plan"));
            }
            // A copy that is behind is smaller: the largest is what has to be moved.
            for replica in dir.replicas.into_iter().filter(|replica| !replica.future) {
                let size = bytes.entry((replica.topic, replica.partition)).or_default();
                *size = (*size).max(u64::try_from(replica.bytes).unwrap_or(0));
            }
        }
    }
    let holds = |id: i32| topics.iter().flat_map(|topic| &topic.partitions).any(|p| p.replicas.contains(&id));
    let brokers = cluster.brokers.iter().map(|broker| {
        let state = if holds(broker.id) { BrokerState::Old } else { BrokerState::New };
        Broker::new(broker.id, broker.rack.as_deref(), state)
    });
    let topic = |topic: &topics::Topic| {
        let size = |partition: &topics::Partition| bytes.get(&(topic.name.clone(), partition.id)).copied().unwrap_or(0);
        let replicas = topic.partitions.iter().map(|partition| partition.replicas.clone()).collect();
        Topic::new(&topic.name, replicas, topic.partitions.iter().map(size).collect())
    };
    Ok(State { brokers: brokers.collect(), topics: topics.iter().map(topic).collect(), ..State::default() })
}
