//! Clusters that lose brokers, controllers and the network while krun moves their data, one of `ZooKeeper` and one of 4.x:
//! every runbook that moves ends as planned, says meanwhile who is missing, and leaves nothing behind.
//!
//! `zookeeper` runs always. `KRUN_CHAOS=all cargo test --test main -- real::chaos` runs `kraft_4` too, and cuts the network
//! for a minute instead of 15 s: longer than krun waits for an answer (10 s, and 5 s where it only looks at moves).

mod cut;
mod destination;
mod judge;
mod paused;
mod replaced;
mod source;

use super::broker::OUTSIDE;
use super::changes;
use super::cluster::Cluster;
use super::krun::{Krun, Running};
use super::properties::More;
use super::records::{Written, create_topic};
use super::seen::{Seen, in_flight, wait_for};
use std::collections::BTreeSet;

/// Fast enough for a test, and slow enough that what has begun is not over when the next thing happens to it.
const RATE: &str = "2MB/s";

/// What an operator had set before krun came, and finds again afterwards.
const OPERATORS_RATE: &str = "leader.replication.throttled.rate=7654321";
const OPERATORS_LIST: &str = "leader.replication.throttled.replicas=[1:2]";

struct Scene {
    cluster: Cluster,
    krun: Krun,
    written: Vec<Written>,
    /// krun goes through the proxies.
    outside: bool,
    /// Copies that krun has told of and that lie there still: the broker, and `topic-partition`.
    left: BTreeSet<(i32, String)>,
}

#[test]
fn zookeeper() {
    let Some(kafka) = super::kafka_version("2.6.3") else { return };
    all_of_it(&kafka);
}

#[test]
fn kraft_4() {
    if !everything() {
        super::say("PASSED OVER real::chaos::kraft_4: KRUN_CHAOS=all runs it");
        return;
    }
    let Some(kafka) = super::kafka_version("4.4.0") else { return };
    all_of_it(&kafka);
}

fn everything() -> bool {
    std::env::var("KRUN_CHAOS").is_ok_and(|value| value == "all")
}

/// One cluster goes through all of it: what one case leaves is where the next one begins.
fn all_of_it(kafka: &super::jars::Kafka) {
    let mut scene = Scene::start(kafka);
    scene.end_phase("write 56 MB");
    destination::is_killed(&mut scene);
    scene.end_phase("scale-out to broker 4, which is killed");
    source::is_killed(&mut scene);
    scene.end_phase("drain of broker 2: a source is killed, and krun");
    replaced::while_the_controller_is_killed(&mut scene);
    scene.end_phase("7 in the place of 5, which is dead; the controller is killed");
    paused::for_longer_than_its_session(&mut scene);
    scene.end_phase("scale-out to broker 2; a broker hangs");
    cut::for_longer_than_the_deadlines(&mut scene);
    scene.end_phase("drain of broker 7; krun is cut off");
    if everything() {
        cut::while_it_changes_things(&mut scene);
        scene.end_phase("scale-out to broker 7; krun is cut off as it begins to change things");
    }
    changes::are_as_kafkas_own_client_sees_them(&mut scene.cluster, 2, 3);
    scene.end_phase("every other change");
}

impl Scene {
    fn start(kafka: &super::jars::Kafka) -> Self {
        let authorizer = match kafka.version() {
            "2.6.3" => "kafka.security.authorizer.AclAuthorizer",
            _ => "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        };
        let properties = format!("authorizer.class.name={authorizer}\nsuper.users=User:ANONYMOUS\n");
        let more = More { listeners: vec![(OUTSIDE, "PLAINTEXT")], properties, controller_apart: true, folder: None };
        let mut cluster = Cluster::start_with(kafka, &[1, 2, 3], more);
        let bootstrap = cluster.bootstrap();
        create_topic(&bootstrap, "orders", &[&[1, 2], &[2, 3], &[3, 1], &[1, 2]], &[]);
        create_topic(
            &bootstrap,
            "big",
            &[&[1, 2, 3], &[2, 3, 1], &[3, 1, 2], &[1, 3, 2], &[2, 1, 3], &[3, 2, 1]],
            &[("min.insync.replicas", "2")],
        );
        let written = vec![Written::write(&bootstrap, "orders", 4, 8), Written::write(&bootstrap, "big", 6, 48)];
        judge::assert_all_readable(&written, &cluster);
        // The reader above asked for its coordinator. Nothing new may appear while krun works.
        cluster.wait_until("__consumer_offsets", |cluster| {
            cluster.partitions().iter().any(|partition| partition.topic == "__consumer_offsets")
        });
        cluster.wait_whole();
        let tools = cluster.tools();
        tools.configure_broker(1, OPERATORS_RATE);
        tools.configure_topic("big", OPERATORS_LIST);
        let krun = Krun::on(&cluster);
        Self { cluster, krun, written, outside: false, left: BTreeSet::new() }
    }

    fn end_phase(&mut self, name: &str) {
        self.cluster.end_phase(name);
    }

    /// krun, which knows the brokers that are up now.
    fn start_krun(&mut self, runbook: &str, more: &[&str]) -> (Seen, Running) {
        let before = Seen::now(&self.cluster.tools());
        self.krun = Krun::on(&self.cluster);
        let cluster = if self.outside { "outside" } else { "real" };
        let usual = ["--cluster", cluster, "--throttle", RATE, "--spare", "1", "--yes"];
        // Brokers are hurt on purpose, and the machine may be slow to bring them back.
        let usual = [&usual[..], &["--guard-free", "0", "--guard-grace", "10m"]].concat();
        let running = self.krun.start(&[&[runbook], more, &usual].concat());
        (before, running)
    }

    /// The same, and it moves by now.
    fn begin(&mut self, runbook: &str, more: &[&str]) -> (Seen, Running) {
        let (before, mut running) = self.start_krun(runbook, more);
        wait_for(&mut self.cluster, &mut running, "a partition of `big` on the move", |now| {
            in_flight(now, &before.partitions, "big")
        });
        (before, running)
    }

    /// A broker that leads a partition on the move, and so is copied from. Not the controller: that is another case.
    fn source(&self, before: &Seen) -> i32 {
        let controller = self.cluster.controller();
        let now = self.cluster.partitions();
        let moving = now.iter().zip(&before.partitions).filter(|(now, was)| now.replicas.len() > was.replicas.len());
        let leaders: Vec<i32> = moving.filter_map(|(now, _)| now.leader).collect();
        let found = leaders.iter().copied().find(|id| Some(*id) != controller);
        found.unwrap_or_else(|| panic!("a source that is not the controller {controller:?}: {leaders:?}"))
    }
}
