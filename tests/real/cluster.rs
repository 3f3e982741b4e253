//! A `KRaft` cluster of child processes on loopback: started, grown, hurt, and gone with its value.

use super::broker::{Broker, More, Quorum, free_address, random_id};
use super::cost::{self, Phases};
use super::jars::Kafka;
use super::partition::{Partition, in_order};
use super::reaper::Reaper;
use super::tools::Tools;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Generous: a machine of two cores may be running everything else at the same time.
const PATIENCE: Duration = Duration::from_mins(2);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// CPU is the limit: two clusters at once are slower than one after the other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

pub(crate) struct Cluster {
    kafka: Kafka,
    quorum: Quorum,
    brokers: BTreeMap<i32, Broker>,
    reaper: Reaper,
    folder: Option<TempDir>,
    /// CPU seconds of processes that are gone.
    spent: f64,
    phases: Phases,
    _turn: MutexGuard<'static, ()>,
}

impl Cluster {
    /// A new cluster of these brokers, all of them registered. The first is the controller too.
    pub(crate) fn start(kafka: &Kafka, ids: &[i32]) -> Self {
        Self::start_with(kafka, ids, More::default())
    }

    /// With more than a plaintext listener.
    pub(crate) fn start_with(kafka: &Kafka, ids: &[i32], more: More) -> Self {
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let voter = *ids.first().expect("a cluster has a broker");
        let folder = tempfile::Builder::new()
            .prefix("kafka-")
            .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .expect("the target folder takes a cluster");
        let mut cluster = Self {
            kafka: kafka.clone(),
            quorum: Quorum { cluster_id: random_id(), voter, controller: free_address(voter), more },
            brokers: BTreeMap::new(),
            reaper: Reaper::start(folder.path()).expect("sh starts"),
            folder: Some(folder),
            spent: 0.0,
            phases: Phases::start(),
            _turn: turn,
        };
        for id in ids {
            cluster.launch_new(*id);
        }
        cluster.wait_registered();
        cluster.end_phase(&format!("start brokers {ids:?}"));
        cluster
    }

    /// Adds an empty broker and waits until it is registered. Nothing moves onto it by itself.
    pub(crate) fn add_broker(&mut self, id: i32) {
        self.launch_new(id);
        self.wait_registered();
    }

    /// `kill -9`, and waits until the cluster has noticed.
    pub(crate) fn kill(&mut self, id: i32) {
        assert_ne!(id, self.quorum.voter, "broker {id} is the only controller");
        self.kill_unnoticed(id);
        self.wait_registered();
    }

    /// `kill -9` of the controller's node, which leaves nobody to notice it.
    pub(crate) fn kill_controller(&mut self) {
        self.kill_unnoticed(self.quorum.voter);
    }

    pub(crate) fn restart_controller(&mut self) {
        self.restart(self.quorum.voter);
    }

    fn kill_unnoticed(&mut self, id: i32) {
        let broker = self.brokers.get_mut(&id).expect("a broker of this cluster");
        self.spent += broker.pid().map_or(0.0, cost::of_process);
        broker.kill();
        self.watch();
    }

    /// Starts a killed broker on its old data and address, and waits until it is registered. Its replicas may still lag.
    pub(crate) fn restart(&mut self, id: i32) {
        let broker = self.brokers.get_mut(&id).expect("a broker of this cluster");
        broker.start(&self.kafka);
        self.watch();
        self.wait_registered();
    }

    /// Waits until every replica of every partition is in sync and led.
    pub(crate) fn wait_whole(&mut self) {
        self.wait_until("all replicas to be in sync", |cluster| cluster.partitions().iter().all(Partition::whole));
    }

    pub(crate) fn id(&self) -> &str {
        &self.quorum.cluster_id
    }

    /// The addresses of the brokers that run.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let running = self.brokers.values().filter(|broker| broker.pid().is_some());
        running.map(|broker| broker.address.to_string()).collect()
    }

    /// Their addresses of another listener.
    pub(crate) fn addresses_of(&self, listener: &str) -> Vec<String> {
        let running = self.brokers.values().filter(|broker| broker.pid().is_some());
        let of = |broker: &Broker| broker.more.iter().find(|(name, _)| *name == listener).map(|(_, at)| at.to_string());
        running.filter_map(of).collect()
    }

    pub(crate) fn bootstrap(&self) -> String {
        self.addresses().join(",")
    }

    /// Kafka's own tools, talking to this cluster.
    pub(crate) fn tools(&self) -> Tools {
        let folder = self.folder.as_ref().expect("held until the cluster is dropped");
        Tools::new(self.kafka.clone(), self.bootstrap(), folder.path())
    }

    /// A client that has never asked before, so that nothing it answers is old.
    fn client(&self) -> BaseConsumer {
        ClientConfig::new()
            .set("bootstrap.servers", self.bootstrap())
            .set("log_level", "0")
            .create()
            .expect("librdkafka takes a bootstrap address")
    }

    /// Every partition of every topic, by topic and number.
    pub(crate) fn partitions(&self) -> Vec<Partition> {
        let metadata = self.client().fetch_metadata(None, PATIENCE).expect("the cluster answers");
        let partitions = metadata.topics().iter().flat_map(|topic| {
            topic.partitions().iter().map(|partition| Partition {
                topic: topic.name().to_owned(),
                id: partition.id(),
                leader: (partition.leader() >= 0).then(|| partition.leader()),
                replicas: partition.replicas().to_vec(),
                isr: partition.isr().to_vec(),
            })
        });
        in_order(partitions.collect())
    }

    /// Looks again until `test` holds. Panics, naming `what`, when it takes too long or when a broker ends by itself.
    pub(crate) fn wait_until(&mut self, what: &str, mut test: impl FnMut(&Self) -> bool) {
        let begun = Instant::now();
        while !test(self) {
            for broker in self.brokers.values_mut() {
                if let Some(status) = broker.ended() {
                    panic!("broker {} ended with {status} while waiting for {what}", broker.id);
                }
            }
            assert!(begun.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// Says what the test has spent since the phase before.
    pub(crate) fn end_phase(&mut self, name: &str) {
        let living = self.brokers.values().filter_map(Broker::pid).map(cost::of_process).sum::<f64>();
        self.phases.end(name, self.spent + living);
    }

    fn launch_new(&mut self, id: i32) {
        let folder = self.folder.as_ref().expect("held until the cluster is dropped");
        let mut broker = Broker::new(id, &self.quorum, folder.path());
        broker.start(&self.kafka);
        let known = self.brokers.insert(id, broker);
        assert!(known.is_none(), "broker {id} is in the cluster already");
        self.watch();
    }

    fn watch(&mut self) {
        let pids: Vec<u32> = self.brokers.values().filter_map(Broker::pid).collect();
        self.reaper.watch(&pids).expect("the reaper listens");
    }

    /// Exactly the brokers that run are registered, at their own addresses, in this very cluster: another cluster that
    /// answers on such an address is not taken for it.
    fn wait_registered(&mut self) {
        let running = self.brokers.values().filter(|broker| broker.pid().is_some());
        let expected: BTreeMap<i32, String> = running.map(|broker| (broker.id, broker.address.to_string())).collect();
        let what = format!("exactly the brokers {:?} to be registered", expected.keys().collect::<Vec<_>>());
        self.wait_until(&what, |cluster| cluster.registered().is_some_and(|found| found == expected));
    }

    fn registered(&self) -> Option<BTreeMap<i32, String>> {
        let client = self.client();
        let metadata = client.fetch_metadata(None, Duration::from_secs(5)).ok()?;
        let answering = client.client().fetch_cluster_id(Duration::from_secs(5))?;
        assert_eq!(answering, self.quorum.cluster_id, "another cluster answers on {}", self.bootstrap());
        let brokers = metadata.brokers().iter();
        Some(brokers.map(|broker| (broker.id(), format!("{}:{}", broker.host(), broker.port()))).collect())
    }
}

impl Drop for Cluster {
    /// Ends every process. After a panic the logs stay, and their last lines, from before this end, are shown.
    fn drop(&mut self) {
        let failed = std::thread::panicking();
        for broker in self.brokers.values().filter(|_| failed) {
            super::say(&format!("end of the log of broker {}:\n{}", broker.id, broker.log_tail(20)));
        }
        for broker in self.brokers.values_mut() {
            broker.kill();
        }
        if let Some(folder) = self.folder.take_if(|_| failed) {
            for broker in self.brokers.values() {
                broker.remove_data();
            }
            super::say(&format!("whole logs: {}", folder.keep().display()));
        }
    }
}
