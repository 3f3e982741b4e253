//! What there is to know of a cluster's health, read from it and from the state folder.

use super::{Broker, Krun, Override, Partitions, Status};
use crate::error::Error;
use crate::kafka::configs::{self, Resource, Source};
use crate::kafka::throttles::{self, Throttle};
use crate::kafka::topics::{Partition, Topic};
use crate::kafka::{Client, cluster, reassignments, releases, topics};
use crate::report::RunView;
use crate::run::history::History;
use crate::run::lock;
use crate::run::store::StateRoot;
use std::collections::{BTreeMap, BTreeSet};

/// Topics that are asked about in one request.
const AT_ONCE: usize = 500;
/// Milliseconds: who keeps records for less than a day may have meant it for an hour.
const SHORT: i64 = 24 * 60 * 60 * 1000;

pub(super) async fn status(client: &Client, name: &str) -> Result<Status, Error> {
    let described = cluster::describe(client).await?;
    let mut status = Status::new(name, client.cluster_id(), described.controller);
    for broker in &described.brokers {
        status.brokers.push(self::broker(client, broker, &mut status.throttles, &mut status.gaps).await);
    }
    let listed = topics::list(client, None).await?;
    match reassignments::list(client, None).await {
        Ok(moves) => status.moving = moves.iter().map(|one| format!("{}-{}", one.topic, one.partition)).collect(),
        Err(error) => status.gaps.push(format!("what moves is not known: {}", error.message)),
    }
    let up: BTreeSet<i32> = described.brokers.iter().map(|broker| broker.id).collect();
    let named: BTreeSet<i32> =
        listed.iter().flat_map(|topic| &topic.partitions).flat_map(|one| &one.replicas).copied().collect();
    status.brokers_down = named.difference(&up).copied().collect();
    let least = topic_configs(client, &listed, &mut status).await?;
    status.partitions = partitions(&listed, &status.moving, &least);
    Ok(status)
}

async fn broker(
    client: &Client,
    broker: &cluster::Broker,
    throttles: &mut Vec<Throttle>,
    gaps: &mut Vec<String>,
) -> Broker {
    let mut told = Broker {
        id: broker.id,
        address: format!("{}:{}", broker.host, broker.port),
        rack: broker.rack.clone(),
        kafka: None,
        metadata_version: None,
        protocol: None,
    };
    match releases::of_broker(client, broker.id).await {
        Ok(offer) => (told.kafka, told.metadata_version) = (Some(offer.release.text), offer.metadata_version),
        Err(error) => gaps.push(format!("the version of broker {} is not known: {}", broker.id, error.message)),
    }
    match configs::describe(client, &Resource::Broker(broker.id)).await {
        Ok(entries) => {
            // With KRaft the config is there and means nothing.
            let protocol = entries.iter().find(|entry| entry.name == "inter.broker.protocol.version");
            told.protocol = protocol.and_then(|entry| entry.value.clone()).filter(|_| told.metadata_version.is_none());
            throttles.extend(throttles::among(&Resource::Broker(broker.id), &entries));
        }
        Err(error) => gaps.push(format!("the configs of broker {} are not known: {}", broker.id, error.message)),
    }
    told
}

/// Notes what looks temporary, and gives each topic's `min.insync.replicas`.
async fn topic_configs(
    client: &Client,
    listed: &[Topic],
    status: &mut Status,
) -> Result<BTreeMap<String, usize>, Error> {
    let mut least = BTreeMap::new();
    for chunk in listed.chunks(AT_ONCE) {
        let names: Vec<String> = chunk.iter().map(|topic| topic.name.clone()).collect();
        for (name, answer) in names.iter().zip(configs::describe_topics(client, &names).await?) {
            let entries = match answer {
                Ok(entries) => entries,
                Err(error) => {
                    status.gaps.push(format!("the configs of topic {name} are not known: {}", error.message));
                    continue;
                }
            };
            status.throttles.extend(throttles::among(&Resource::Topic(name.clone()), &entries));
            for entry in &entries {
                let number = entry.value.as_ref().and_then(|value| value.parse::<i64>().ok());
                if entry.name == "min.insync.replicas" {
                    let number = number.and_then(|number| usize::try_from(number).ok());
                    least.insert(name.clone(), number.unwrap_or(1));
                }
                if entry.source != Source::DynamicTopic {
                    continue;
                }
                let value = entry.value.clone().unwrap_or_default();
                let is_short = entry.name == "retention.ms" && number.is_some_and(|ms| (0..SHORT).contains(&ms));
                if is_short || (entry.name == "unclean.leader.election.enable" && value == "true") {
                    status.overrides.push(Override { topic: name.clone(), config: entry.name.clone(), value });
                }
            }
        }
    }
    Ok(least)
}

/// While a partition moves its new replicas are not in sync yet, which is no fault.
fn partitions(listed: &[Topic], moving: &[String], least: &BTreeMap<String, usize>) -> Partitions {
    let moving: BTreeSet<&str> = moving.iter().map(String::as_str).collect();
    let mut found = Partitions::default();
    for topic in listed {
        let least = least.get(&topic.name).copied().unwrap_or(1);
        for one in &topic.partitions {
            let name = || format!("{}-{}", topic.name, one.id);
            found.total += 1;
            if one.leader.is_none() {
                found.offline.push(name());
            }
            if is_short_of_replicas(one) && !moving.contains(name().as_str()) {
                found.under_replicated.push(name());
            }
            if one.isr.len() < least {
                found.under_min_isr.push(name());
            }
        }
    }
    found
}

fn is_short_of_replicas(partition: &Partition) -> bool {
    partition.isr.len() < partition.replicas.len()
}

/// What krun itself does on this cluster, as far as this state folder knows.
pub(super) fn krun(root: &StateRoot, cluster_id: &str) -> Result<Krun, Error> {
    let mut krun = Krun { lock: lock::holder_of(root, cluster_id), open_runs: Vec::new() };
    for (run, folder) in root.all()? {
        let Ok(folder) = folder else { continue };
        let Some(about) = folder.about().ok().filter(|about| about.cluster_id == cluster_id) else { continue };
        let Ok(entries) = folder.entries() else { continue };
        if !entries.is_empty() && History::of(&entries).is_open() {
            let view = RunView::of_journal(&entries);
            let left = if about.typed { view.in_place_of_lines() } else { view.in_place() };
            let left = left.into_iter().map(|one| one.what).collect();
            krun.open_runs.push(super::OpenRun { run, left_in_place: left });
        }
    }
    Ok(krun)
}
