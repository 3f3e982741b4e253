//! What is run and killed: the runbooks that move something, on what each of them needs to find.

use crate::support::Scene;
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Job {
    /// The scale-out with its defaults: what a topic moves is submitted all at once.
    ScaleOut,
    /// The same, and moves wait for each other: most of them have their turn when another has arrived.
    Refilled,
    Drain,
    /// Of a broker that is dead.
    Replace,
    /// Of a drain.
    Rollback,
    /// What is older than half an hour goes before the move: by a shorter retention, and by `DeleteRecords`.
    Diet,
    DietByRecords,
}

/// What only the dead broker has cannot be copied from anywhere.
const LOST: &str = "peter-scaleout1";

impl Job {
    pub(super) const ALL: [Self; 7] =
        [Self::ScaleOut, Self::Refilled, Self::Drain, Self::Replace, Self::Rollback, Self::Diet, Self::DietByRecords];

    /// What is agreed to beforehand, besides `--yes`.
    pub(super) fn agreed(self) -> &'static [&'static str] {
        match self {
            Self::Diet | Self::DietByRecords => &["--accept", "delete what is older than 30m of orders, payments"],
            _ => &[],
        }
    }

    /// Makes the scene what the job is for.
    pub(super) fn prepare(self, scene: &Scene) {
        match self {
            Self::ScaleOut | Self::Refilled | Self::Drain | Self::Diet | Self::DietByRecords => {}
            Self::Replace => scene.control().kill_broker(3).expect("the sandbox kills a broker"),
            Self::Rollback => {
                let words = Self::Drain.arguments(scene);
                scene.krun(&words.iter().map(String::as_str).collect::<Vec<_>>()).run().expect_code(0);
                scene.dump_at_rest();
            }
        }
    }

    /// The command line.
    pub(super) fn arguments(self, scene: &Scene) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let own: Vec<String> = match self {
            Self::ScaleOut => words(&["runbooks/scaleout.rhai"]),
            Self::Refilled => words(&["runbooks/scaleout.rhai", "--order", "across-topics", "--at-once", "2"]),
            Self::Drain => words(&["runbooks/drain.rhai", "--broker", "3"]),
            Self::Replace => words(&["runbooks/replace.rhai", "--broker", "3", "--with", "4", "--exclude", LOST]),
            // The retention of one of them is inherited, that of the other its own.
            Self::Diet => words(&["runbooks/diet_and_reassign.rhai", "--topics", "orders,payments", "--keep", "30m"]),
            Self::DietByRecords => words(&[
                "runbooks/diet_and_reassign.rhai",
                "--topics",
                "orders,payments",
                "--keep",
                "30m",
                "--by",
                "records",
            ]),
            Self::Rollback => words(&["runbooks/rollback.rhai", "--run", &drained(scene)]),
        };
        let usual = ["--cluster", "sandbox", "--measure", "50ms", "--yes"];
        [own, words(&usual), words(self.agreed())].concat()
    }

    /// Whether a cluster is as the job is to make it.
    pub(super) fn is_done(self, before: &Value, now: &Value) -> bool {
        match self {
            Self::ScaleOut | Self::Refilled => {
                let counts: Vec<usize> = (1..=4).map(|broker| held(now, broker, "").len()).collect();
                let (least, most) = (counts.iter().min().copied(), counts.iter().max().copied());
                least.zip(most).is_some_and(|(least, most)| most - least <= 1)
            }
            Self::Drain => held(now, 3, "").is_empty(),
            Self::Diet | Self::DietByRecords => held(now, 4, "").len() > 3,
            Self::Replace => held(now, 3, LOST).is_empty() && held(now, 4, "") == held(before, 3, LOST),
            // The drain had sent all of it to the broker that was empty.
            Self::Rollback => held(now, 4, "").is_empty() && held(now, 3, "") == held(before, 4, ""),
        }
    }
}

/// The partitions that a broker holds, of all topics but one.
fn held(dump: &Value, broker: i64, but: &str) -> Vec<String> {
    let topics = dump["topics"].as_object().into_iter().flatten().filter(|(topic, _)| *topic != but);
    let partitions = topics.flat_map(|(topic, partitions)| {
        partitions.as_array().into_iter().flatten().enumerate().map(move |(id, one)| (format!("{topic}-{id}"), one))
    });
    let has = |one: &Value| one["replicas"].as_array().is_some_and(|ids| ids.iter().any(|id| *id == broker));
    partitions.filter(|(_, one)| has(one)).map(|(name, _)| name).collect()
}

/// The name of the first run.
fn drained(scene: &Scene) -> String {
    let runs = scene.runs();
    let folder = runs.first().expect("there was a drain");
    folder.file_name().expect("a run has a name").to_string_lossy().into_owned()
}
