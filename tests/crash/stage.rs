//! The cluster before the run, made so that whatever is not put back shows; and the run.

use crate::support::{Command, Scene};
use krun::kafka::configs::Resource;
use krun::sandbox::Applied;
use serde_json::Value;

const LEADERS: &str = "leader.replication.throttled.replicas";
const FOLLOWERS: &str = "follower.replication.throttled.replicas";
const LEADER_RATE: &str = "leader.replication.throttled.rate";
const FOLLOWER_RATE: &str = "follower.replication.throttled.rate";

/// How fast the brokers copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// A move has arrived when the next look comes.
    Fast,
    /// A move takes about a tenth of a second: whoever comes after a crash finds it in flight.
    Slow,
}

impl Pace {
    fn rate(self) -> &'static str {
        match self {
            Self::Fast => "1000MB",
            Self::Slow => "20kB",
        }
    }
}

/// How a plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// With the runbook's defaults: what a topic moves is submitted all at once.
    OneTopic,
    /// Moves wait for each other, so that most of them have their turn when another has arrived.
    Refilled,
}

impl Way {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::OneTopic => &[],
            Self::Refilled => &["--order", "across-topics", "--at-once", "2"],
        }
    }
}

pub(super) struct Stage {
    pub(super) scene: Scene,
    /// The cluster before the run.
    pub(super) before: Value,
    way: Way,
    /// Requests that were applied before the run.
    applied_before: usize,
}

impl Stage {
    pub(super) fn set(pace: Pace) -> Self {
        Self::of(Way::OneTopic, pace)
    }

    pub(super) fn of(way: Way, pace: Pace) -> Self {
        let scene = Scene::with_sandbox(&["--data", "tiny", "--copy-rate", pace.rate(), "--idle", "2m"]);
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
        let before = scene.dump_at_rest();
        let applied_before = control.counters().expect("the sandbox counts").applied.len();
        Self { scene, before, way, applied_before }
    }

    pub(super) fn run(&self) -> Command {
        let plain = ["runbooks/scaleout.rhai", "--cluster", "sandbox", "--measure", "50ms", "--yes"];
        self.scene.krun(&[&plain, self.way.arguments()].concat())
    }

    pub(super) fn resume(&self) -> Command {
        self.scene.krun(&["resume", "--yes"])
    }

    pub(super) fn abort(&self) -> Command {
        self.scene.krun(&["abort"])
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
        self.scene.control().set_copy_rate(1_000_000_000).expect("the sandbox takes a rate");
    }
}
