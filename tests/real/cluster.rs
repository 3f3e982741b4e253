//! A cluster of child processes on loopback, with `KRaft` or `ZooKeeper` as its release has it: started, grown, and gone
//! with its value. What is done to it is in `hurt`.

use super::broker::Broker;
use super::cost::{self, Phases};
use super::jars::Kafka;
use super::node::Node;
use super::partition::{self, Partition};
use super::properties::{More, Quorum};
use super::reaper::Reaper;
use super::tools::Tools;
use rdkafka::consumer::Consumer;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Generous: a machine of two cores may be running everything else at the same time.
const PATIENCE: Duration = Duration::from_mins(2);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// CPU is the limit: two clusters at once are slower than one after the other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Waits until no other cluster of this process runs.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) struct Cluster {
    pub(super) kafka: Kafka,
    pub(super) quorum: Quorum,
    pub(super) brokers: BTreeMap<i32, Broker>,
    /// `ZooKeeper`, or a controller that is no broker.
    pub(super) keeper: Option<Node>,
    /// The broker that was killed as the controller.
    pub(super) killed_controller: Option<i32>,
    reaper: Reaper,
    folder: Option<TempDir>,
    /// CPU seconds of processes that are gone.
    pub(super) spent: f64,
    phases: Phases,
    _turn: MutexGuard<'static, ()>,
}

impl Cluster {
    /// A new cluster of these brokers, all of them registered. With `KRaft` the first is the controller too.
    pub(crate) fn start(kafka: &Kafka, ids: &[i32]) -> Self {
        Self::start_with(kafka, ids, More::default())
    }

    /// With more than a plaintext listener.
    pub(crate) fn start_with(kafka: &Kafka, ids: &[i32], more: More) -> Self {
        let turn = turn();
        let folder = tempfile::Builder::new()
            .prefix("kafka-")
            .tempdir_in(more.folder.as_deref().unwrap_or(Path::new(env!("CARGO_TARGET_TMPDIR"))))
            .expect("the folder takes a cluster");
        let quorum = Quorum::new(kafka.version(), ids, more);
        let mut cluster = Self {
            kafka: kafka.clone(),
            keeper: quorum.keeper(folder.path()),
            quorum,
            brokers: BTreeMap::new(),
            killed_controller: None,
            reaper: Reaper::start(folder.path()).expect("sh starts"),
            folder: Some(folder),
            spent: 0.0,
            phases: Phases::start(),
            _turn: turn,
        };
        if let Some(keeper) = &mut cluster.keeper {
            keeper.start(kafka);
        }
        for id in ids {
            cluster.launch_new(*id);
        }
        cluster.learn_id();
        cluster.wait_registered();
        cluster.end_phase(&format!("start brokers {ids:?}"));
        cluster
    }

    /// Adds an empty broker and waits until it is registered. Nothing moves onto it by itself.
    pub(crate) fn add_broker(&mut self, id: i32) {
        self.launch_new(id);
        self.wait_registered();
    }

    /// Waits until every replica of every partition is in sync and led.
    pub(crate) fn wait_whole(&mut self) {
        self.wait_until("all replicas to be in sync", |cluster| cluster.partitions().iter().all(Partition::whole));
    }

    pub(crate) fn id(&self) -> &str {
        self.quorum.cluster_id.as_deref().expect("known since the start")
    }

    fn up(&self) -> impl Iterator<Item = &Broker> {
        self.brokers.values().filter(|broker| broker.node.is_up())
    }

    fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.brokers.values().map(|broker| &broker.node).chain(&self.keeper)
    }

    /// The addresses of the brokers that are up.
    pub(crate) fn addresses(&self) -> Vec<String> {
        self.up().map(|broker| broker.address.to_string()).collect()
    }

    /// Their addresses of another listener.
    pub(crate) fn addresses_of(&self, listener: &str) -> Vec<String> {
        let of = |broker: &Broker| broker.more.iter().find(|(name, _)| *name == listener).map(|(_, at)| at.to_string());
        self.up().filter_map(of).collect()
    }

    pub(crate) fn bootstrap(&self) -> String {
        self.addresses().join(",")
    }

    /// Kafka's own tools, talking to this cluster: those of one release, so that they print the same of all.
    pub(crate) fn tools(&self) -> Tools {
        let folder = self.folder.as_ref().expect("held until the cluster is dropped");
        let kafka = Kafka::resolve().expect("the tools are there");
        Tools::new(kafka, self.bootstrap(), folder.path())
    }

    /// Every partition of every topic, by topic and number.
    pub(crate) fn partitions(&self) -> Vec<Partition> {
        partition::all(&self.bootstrap())
    }

    /// Looks again until `test` holds. Panics, naming `what`, when it takes too long or when a node ends by itself.
    pub(crate) fn wait_until(&mut self, what: &str, mut test: impl FnMut(&Self) -> bool) {
        let begun = Instant::now();
        while !test(self) {
            for node in self.brokers.values_mut().map(|broker| &mut broker.node).chain(&mut self.keeper) {
                if let Some(status) = node.ended() {
                    panic!("{} ended with {status} while waiting for {what}", node.name);
                }
            }
            assert!(begun.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// Says what the test has spent since the phase before.
    pub(crate) fn end_phase(&mut self, name: &str) {
        let living = self.nodes().filter_map(Node::pid).map(cost::of_process).sum::<f64>();
        self.phases.end(name, self.spent + living);
    }

    fn launch_new(&mut self, id: i32) {
        let folder = self.folder.as_ref().expect("held until the cluster is dropped");
        let mut broker = Broker::new(id, &self.quorum, folder.path());
        broker.node.start(&self.kafka);
        let known = self.brokers.insert(id, broker);
        assert!(known.is_none(), "broker {id} is in the cluster already");
        self.watch();
    }

    /// In `ZooKeeper` mode brokers make up the cluster's id, and note it.
    fn learn_id(&mut self) {
        if self.quorum.cluster_id.is_some() {
            return;
        }
        self.wait_until("the cluster to have an id", |cluster| {
            cluster.brokers.values().all(|broker| broker.node.data().join("meta.properties").exists())
        });
        let noted = |broker: &Broker| {
            let text = std::fs::read_to_string(broker.node.data().join("meta.properties")).expect("it is there");
            text.lines().find_map(|line| line.strip_prefix("cluster.id=").map(str::to_owned)).expect("an id")
        };
        let ids: std::collections::BTreeSet<String> = self.brokers.values().map(noted).collect();
        assert_eq!(ids.len(), 1, "one cluster: {ids:?}");
        self.quorum.cluster_id = ids.into_iter().next();
    }

    pub(super) fn watch(&mut self) {
        let pids: Vec<u32> = self.nodes().filter_map(Node::pid).collect();
        self.reaper.watch(&pids).expect("the reaper listens");
    }

    /// Every broker that is up knows exactly these, at their own addresses, in this very cluster: another cluster that
    /// answers on such an address is not taken for it. A broker that knows them knows the controller as well.
    pub(super) fn wait_registered(&mut self) {
        let expected: BTreeMap<i32, String> = self.up().map(|broker| (broker.id, broker.address.to_string())).collect();
        let what = format!("exactly the brokers {:?} to be registered", expected.keys().collect::<Vec<_>>());
        self.wait_until(&what, |cluster| {
            cluster.addresses().iter().all(|asked| cluster.registered(asked).is_some_and(|found| found == expected))
        });
    }

    fn registered(&self, asked: &str) -> Option<BTreeMap<i32, String>> {
        let client = partition::client(asked);
        let metadata = client.fetch_metadata(None, Duration::from_secs(5)).ok()?;
        let answering = client.client().fetch_cluster_id(Duration::from_secs(5))?;
        assert_eq!(answering, self.id(), "another cluster answers on {asked}");
        let brokers = metadata.brokers().iter();
        Some(brokers.map(|broker| (broker.id(), format!("{}:{}", broker.host(), broker.port()))).collect())
    }
}

impl Drop for Cluster {
    /// Ends every process. After a panic the logs stay, and their last lines, from before this end, are shown.
    fn drop(&mut self) {
        let failed = std::thread::panicking();
        for node in self.nodes().filter(|_| failed) {
            super::say(&format!("end of the log of {}:\n{}", node.name, node.log_tail(20)));
        }
        for node in self.brokers.values_mut().map(|broker| &mut broker.node).chain(&mut self.keeper) {
            node.kill();
        }
        if let Some(folder) = self.folder.take_if(|_| failed) {
            for node in self.nodes() {
                node.remove_data();
            }
            super::say(&format!("whole logs: {}", folder.keep().display()));
        }
    }
}
