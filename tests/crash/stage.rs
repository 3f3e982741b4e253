//! The cluster before the run, made so that whatever is not put back shows; and the run.

use super::job::Job;
use crate::support::{Command, Journalled, Scene};
use krun::kafka::configs::Resource;
use krun::sandbox::Applied;
use serde_json::Value;
use std::path::PathBuf;

const LEADERS: &str = "leader.replication.throttled.replicas";
const FOLLOWERS: &str = "follower.replication.throttled.replicas";
const LEADER_RATE: &str = "leader.replication.throttled.rate";
const FOLLOWER_RATE: &str = "follower.replication.throttled.rate";

/// Bytes per second at which a few KB are there with the next look.
const AT_ONCE: u64 = 1_000_000_000;

/// How fast the brokers copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// A move has arrived when the next look comes.
    Fast,
    /// A move takes about a tenth of a second: whoever comes after a crash finds it in flight.
    Slow,
}

impl Pace {
    /// Bytes per second.
    fn rate(self) -> u64 {
        match self {
            Self::Fast => AT_ONCE,
            Self::Slow => 20_000,
        }
    }
}

pub(super) struct Stage {
    pub(super) scene: Scene,
    /// The cluster before the run.
    pub(super) before: Value,
    pub(super) job: Job,
    /// Requests that were applied before the run.
    applied_before: usize,
    /// Runs that made the cluster what it was before.
    earlier: Vec<PathBuf>,
}

impl Stage {
    pub(super) fn set(pace: Pace) -> Self {
        Self::of(Job::ScaleOut, pace)
    }

    pub(super) fn of(job: Job, pace: Pace) -> Self {
        let scene = Scene::with_sandbox(&["--data", "tiny", "--clean-every", "100ms", "--idle", "2m"]);
        let operator = scene.operator();
        // Throttles of somebody else: to be merged with, and to be found again afterwards.
        operator.set(&Resource::Topic("orders".to_owned()), &[(LEADERS, Some("0:1,5:3"))]);
        operator.set(&Resource::Topic("clicks".to_owned()), &[(FOLLOWERS, Some("*"))]);
        operator.set(&Resource::Broker(1), &[(FOLLOWER_RATE, Some("12345678"))]);
        operator.set(&Resource::Broker(3), &[(LEADER_RATE, Some("23456789")), (FOLLOWER_RATE, Some("34567890"))]);
        // A broker that was away leads nothing, so that there is something to elect.
        let control = scene.control();
        control.kill_broker(2).expect("the sandbox kills a broker");
        control.start_broker(2).expect("the sandbox starts a broker");
        control.set_copy_rate(AT_ONCE).expect("the sandbox takes a rate");
        job.prepare(&scene);
        let before = scene.dump_at_rest();
        control.set_copy_rate(pace.rate()).expect("the sandbox takes a rate");
        let applied_before = control.counters().expect("the sandbox counts").applied.len();
        let earlier = scene.runs();
        Self { scene, before, job, applied_before, earlier }
    }

    pub(super) fn run(&self) -> Command {
        let words = self.job.arguments(&self.scene);
        self.scene.krun(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    pub(super) fn resume(&self) -> Command {
        self.scene.krun(&[&["resume", "--yes"], self.job.agreed()].concat())
    }

    pub(super) fn abort(&self) -> Command {
        self.scene.krun(&["abort"])
    }

    /// The journal of the run, once it has a line.
    pub(super) fn journal(&self) -> Option<Journalled> {
        self.scene.journal_besides(&self.earlier)
    }

    /// The requests of krun that changed something, in order.
    pub(super) fn applied(&self) -> Vec<Applied> {
        let counters = self.scene.control().counters().expect("the sandbox counts");
        counters.applied.into_iter().skip(self.applied_before).collect()
    }

    /// Moves that are in flight stay in flight.
    pub(super) fn freeze(&self) {
        self.scene.control().set_copy_rate(1).expect("the sandbox takes a rate");
    }

    pub(super) fn thaw(&self) {
        self.scene.control().set_copy_rate(AT_ONCE).expect("the sandbox takes a rate");
    }
}
