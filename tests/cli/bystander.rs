//! Somebody else at work on the same cluster, and what there is to see for him.

use super::place::Place;
use krun::kafka::configs::{self, Change, Resource};
use krun::kafka::reassignments::{self, Move, Reassignment};
use krun::kafka::topics::{self, Layout, NewTopic};
use krun::kafka::{Client, Deadlines, cluster, records};
use tokio::runtime::Runtime;

pub(super) struct Bystander {
    runtime: Runtime,
    client: Client,
}

impl Bystander {
    pub(super) fn at(place: &Place) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let servers = &place.running().bootstrap;
        let client = runtime.block_on(Client::connect(servers, Deadlines::default())).expect("the sandbox answers");
        Self { runtime, client }
    }

    pub(super) fn sets(&self, resource: &Resource, name: &str, value: &str) {
        let change = Change { name: name.to_owned(), value: Some(value.to_owned()) };
        self.runtime.block_on(configs::alter(&self.client, resource, &[change])).expect("the config is set");
    }

    /// The value that is set on this very topic or broker.
    pub(super) fn reads(&self, resource: &Resource, name: &str) -> Option<String> {
        let entries = self.runtime.block_on(configs::describe(&self.client, resource)).expect("configs are told");
        let own = [configs::Source::DynamicBroker, configs::Source::DynamicTopic];
        entries.into_iter().find(|entry| entry.name == name && own.contains(&entry.source))?.value
    }

    pub(super) fn moves(&self) -> Vec<Reassignment> {
        self.runtime.block_on(reassignments::list(&self.client, None)).expect("moves are told")
    }

    pub(super) fn cancels_all_moves(&self) {
        let cancel = |one: Reassignment| Move { topic: one.topic, partition: one.partition, replicas: None };
        let moves: Vec<Move> = self.moves().into_iter().map(cancel).collect();
        assert!(!moves.is_empty(), "there is something to cancel");
        self.runtime.block_on(reassignments::alter(&self.client, &moves)).expect("the moves are cancelled");
    }

    pub(super) fn moves_one(&self, topic: &str, partition: i32, replicas: &[i32]) {
        let one = Move { topic: topic.to_owned(), partition, replicas: Some(replicas.to_vec()) };
        let answers = self.runtime.block_on(reassignments::alter(&self.client, &[one])).expect("an answer");
        assert!(answers.iter().all(|answer| answer.error.is_none()), "{answers:?}");
    }

    pub(super) fn topics(&self) -> Vec<String> {
        let topics = self.runtime.block_on(topics::list(&self.client, None)).expect("topics are told");
        topics.into_iter().map(|topic| topic.name).collect()
    }

    /// The first offset of a partition from now on.
    pub(super) fn deletes_records(&self, topic: &str, partition: i32, below: i64) {
        let below = [(partition, below)].into();
        let deleted = records::delete(&self.client, topic, &below);
        self.runtime.block_on(deleted).expect("records are deleted");
    }

    pub(super) fn creates(&self, topic: &str, partitions: i32) {
        let layout = Layout::Spread { partitions, replication: 2 };
        let new = NewTopic { name: topic.to_owned(), layout, configs: Vec::new() };
        self.runtime.block_on(topics::create(&self.client, &new)).expect("the topic is made");
    }

    pub(super) fn deletes(&self, topic: &str) {
        self.runtime.block_on(topics::delete(&self.client, topic)).expect("the topic is deleted");
    }

    /// Every throttle that is set on a topic or on a broker that is up, as `WHERE NAME`.
    pub(super) fn throttles(&self) -> Vec<String> {
        let topics = self.runtime.block_on(topics::list(&self.client, None)).expect("topics are told");
        let topics = topics.into_iter().map(|topic| Resource::Topic(topic.name));
        let brokers = self.runtime.block_on(cluster::describe(&self.client)).expect("brokers are told").brokers;
        let brokers = brokers.into_iter().map(|broker| Resource::Broker(broker.id));
        let mut found = Vec::new();
        for resource in topics.chain(brokers) {
            let entries = self.runtime.block_on(configs::describe(&self.client, &resource)).expect("configs are told");
            let set = entries.into_iter().filter(|entry| entry.value.is_some() && entry.name.contains("throttled"));
            let own = [configs::Source::DynamicBroker, configs::Source::DynamicTopic];
            found.extend(set.filter(|entry| own.contains(&entry.source)).map(|e| format!("{resource} {}", e.name)));
        }
        found
    }
}
