//! One line of the table: a state, who planned it, and what came of it.

use crate::cluster::Score;
use crate::goals::Goal;
use crate::measured::Cost;
use crate::schedule::Schedule;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) case: &'static str,
    pub(crate) seed: u64,
    pub(crate) planner: Planner,
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Planner {
    /// `krun plan`.
    Krun,
    /// `krun plan --forced-only`.
    KrunForcedOnly,
    /// `kafka-reassign-partitions --generate`.
    Apache,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Outcome {
    Planned(Box<Planned>),
    /// Why there is no plan.
    Failed {
        failed: String,
    },
}

#[derive(Debug, Serialize)]
pub(crate) struct Planned {
    /// Only what leaves was to be moved: the bound is those replicas.
    pub(crate) forced_only: bool,
    #[serde(flatten)]
    pub(crate) score: Score,
    #[serde(flatten)]
    pub(crate) cost: Cost,
    /// Apache's: the seconds within the algorithm, without the start of the JVM and the reading.
    pub(crate) planning_seconds: Option<f64>,
    /// krun's alone.
    pub(crate) repeated: Option<Repeated>,
    pub(crate) schedule: Option<Schedule>,
    pub(crate) goals: Vec<Goal>,
}

/// What came of running krun again.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Repeated {
    /// On the same state: the same bytes.
    pub(crate) same_bytes: bool,
    /// On its own result: the partitions that it would still change.
    pub(crate) touched_again: usize,
}

impl Planner {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Krun => "krun",
            Self::KrunForcedOnly => "krun-forced-only",
            Self::Apache => "apache",
        }
    }
}

impl Row {
    pub(crate) fn missed(&self) -> impl Iterator<Item = &Goal> {
        let goals = match &self.outcome {
            Outcome::Planned(planned) => planned.goals.as_slice(),
            Outcome::Failed { .. } => &[],
        };
        goals.iter().filter(|goal| !goal.met)
    }

    /// Whether everything that krun promises holds. Apache promises nothing, and may be missing.
    pub(crate) fn holds(&self) -> bool {
        match self.outcome {
            Outcome::Planned(_) => self.missed().next().is_none(),
            Outcome::Failed { .. } => self.planner == Planner::Apache,
        }
    }
}
