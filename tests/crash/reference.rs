//! The run that nobody interrupts: what every other one is compared with.

use super::job::Job;
use super::stage::{Pace, Stage};
use krun::event::{Entry, Outcome, Record, path_text};
use krun::sandbox::Applied;
use serde_json::Value;
use std::sync::OnceLock;

pub(super) struct Reference {
    pub(super) after: Value,
    pub(super) applied: Vec<Applied>,
    pub(super) entries: Vec<Entry>,
    /// What lies at each point, the first one at 0.
    pub(super) points: Vec<String>,
}

impl Reference {
    /// Made once for all matrices.
    pub(super) fn get() -> &'static Self {
        Self::of(Job::ScaleOut)
    }

    pub(super) fn of(job: Job) -> &'static Self {
        static ALL: [OnceLock<Reference>; Job::ALL.len()] = [const { OnceLock::new() }; Job::ALL.len()];
        let index = Job::ALL.iter().position(|one| *one == job).expect("it is one of all");
        ALL[index].get_or_init(|| Self::make(job))
    }

    fn make(job: Job) -> Self {
        let stage = Stage::of(job, Pace::Fast);
        let ended = stage.run().killed_at(u64::MAX).run().expect_code(0);
        let journal = stage.journal().expect("the run has a journal");
        let points = points(&journal.entries);
        let told = format!("kill points passed: {}", points.len());
        assert!(ended.mentions(&told), "the journal predicts {} points: {ended}", points.len());
        let after = stage.scene.dump();
        assert!(job.is_done(&stage.before, &after), "it is not what {job:?} is for: {after:#}; {ended}");
        assert_eq!(after["configs"], stage.before["configs"], "the run put its throttle back: {ended}");
        let applied = stage.applied();
        let has = |api: &str| applied.iter().any(|one| one.api == api);
        let wanted: &[&str] = match job {
            // The others find the leaders that they want.
            Job::ScaleOut | Job::Refilled => {
                &["IncrementalAlterConfigs", "AlterPartitionReassignments", "ElectLeaders"]
            }
            Job::DietByRecords => &["DeleteRecords", "AlterPartitionReassignments"],
            Job::Diet | Job::Drain | Job::Replace | Job::Rollback => {
                &["IncrementalAlterConfigs", "AlterPartitionReassignments"]
            }
        };
        assert!(wanted.iter().copied().all(has), "each kind of effect is in it: {applied:#?}");
        println!(
            "{job:?}: {} journal lines, {} points, {} requests",
            journal.entries.len(),
            points.len(),
            applied.len()
        );
        Self { after, applied, entries: journal.entries, points }
    }

    /// The points, counted from 1 as `KRUN_KILL_AT` does.
    pub(super) fn numbers(&self) -> std::ops::RangeInclusive<u64> {
        1..=self.points.len() as u64
    }

    pub(super) fn point(&self, n: u64) -> &str {
        let index = usize::try_from(n).ok().and_then(|n| n.checked_sub(1));
        index.and_then(|index| self.points.get(index)).map_or("the end", String::as_str)
    }
}

/// Two points for each line of the journal, two for each act; nothing else is counted.
pub(super) fn points(entries: &[Entry]) -> Vec<String> {
    let mut points = Vec::new();
    for entry in entries {
        let name = name(&entry.record);
        if let Record::EffectOutcome { outcome: Outcome::Done { acted: true, .. }, effect } = &entry.record {
            points.extend([format!("before the act of {effect}"), format!("after the act of {effect}")]);
        }
        points.extend([format!("before line {} ({name})", entry.seq), format!("after line {} ({name})", entry.seq)]);
    }
    points
}

fn name(record: &Record) -> String {
    match record {
        Record::SessionStarted { .. } => "session started".to_owned(),
        Record::SessionEnded { .. } => "session ended".to_owned(),
        Record::StepBegun { path, .. } => format!("begun: {}", path_text(path)),
        Record::StepFinished { path, .. } => format!("finished: {}", path_text(path)),
        Record::StepFailed { path, .. } => format!("failed: {}", path_text(path)),
        Record::PreflightPassed { path } => format!("preflight: {}", path_text(path)),
        Record::TemporaryOpened { path, .. } => format!("opened: {}", path_text(path)),
        Record::TemporaryWorkDone { path } => format!("work done: {}", path_text(path)),
        Record::TemporaryClosed { path, .. } => format!("closed: {}", path_text(path)),
        Record::CanaryJudged { path, .. } => format!("judged: {}", path_text(path)),
        Record::GuardTripped { path, .. } => format!("tripped: {}", path_text(path)),
        Record::GuardPassed { path } => format!("passed: {}", path_text(path)),
        Record::EffectIntent(intent) => format!("intent: {}", intent.summary),
        Record::EffectOutcome { effect, .. } => format!("outcome of {effect}"),
        Record::Answered { question, .. } | Record::Declined { question, .. } => format!("answer: {question}"),
        Record::Edited { number, .. } => format!("edited: {number}"),
        Record::ParallelBegun { path, .. } => format!("parallel {path:?} begun"),
        Record::ParallelEnded { path, .. } => format!("parallel {path:?} ended"),
        Record::Paused { text, .. } => format!("pause: {text}"),
    }
}
