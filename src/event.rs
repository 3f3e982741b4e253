//! The vocabulary of what happens in a run. Events are a run's only output.
//!
//! A [`Record`] is durable: it is a line of `journal.jsonl`, and resume and abort are functions of these lines. A
//! [`Progress`] goes to `events.jsonl` without fsync and may be lost. `krun show` feeds both to the same report code.

pub mod canary;

use crate::error::Error;
use canary::{Beat, Verdict};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The names on the way to a step or a scope, outermost first: its key.
pub type Path = Vec<String>;

/// The names on the way, as a person reads them.
pub fn path_text(path: &[String]) -> String {
    path.join(" › ")
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    Record(Entry),
    Progress(Note),
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Position in the journal, from 1.
    pub seq: u64,
    pub at: Timestamp,
    pub record: Record,
}

/// One line of `events.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub at: Timestamp,
    pub progress: Progress,
    /// The item that it comes from, where several items of a `parallel` are worked on at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub item: Path,
}

/// What a run did, durably.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Record {
    /// A process began to work on the run: the first time, at `krun resume`, or at `krun abort`.
    SessionStarted {
        verb: Verb,
        who: String,
        host: String,
        pid: u32,
        krun: String,
    },
    SessionEnded {
        ending: Ending,
    },

    StepBegun {
        path: Path,
        attempt: u32,
    },
    StepFinished {
        path: Path,
        attempt: u32,
        value: Value,
    },
    /// `failure` is the same number on every step that one error passed on its way up.
    StepFailed {
        path: Path,
        attempt: u32,
        failure: u64,
        error: Error,
        place: Option<Place>,
    },

    PreflightPassed {
        path: Path,
    },

    /// Items of a `parallel` are begun or gone on with: each is a step below its path.
    ParallelBegun {
        path: Path,
        items: Vec<String>,
        at_once: usize,
    },
    /// No item of it is under way any more.
    ParallelEnded {
        path: Path,
        ok: usize,
        failed: usize,
        unreachable: usize,
        not_started: usize,
    },

    /// The change of a `temporarily` is about to be made, or made anew.
    TemporaryOpened {
        path: Path,
        keep: bool,
    },
    /// Its work went through: from here on it is only put back, and never made anew.
    TemporaryWorkDone {
        path: Path,
    },
    /// Nothing of it is left: put back, or taken over by somebody else and shown. `finished`: its work went through.
    TemporaryClosed {
        path: Path,
        finished: bool,
    },

    /// What a guard found had lasted too long: its body was left at this safe point. The entry's `seq` is the failure's number.
    GuardTripped {
        path: Path,
        evidence: Vec<String>,
        error: Error,
    },
    /// The body of a guard went through, and all was well at its end: it is not tested again.
    GuardPassed {
        path: Path,
    },

    /// What a canary saw, at the end of its body.
    CanaryJudged {
        path: Path,
        verdict: Box<Verdict>,
    },

    /// About to act. The entry's `seq` is the effect's number from here on.
    EffectIntent(Box<Intent>),
    EffectOutcome {
        effect: u64,
        outcome: Outcome,
    },

    /// From here on the run goes by an edited text: `sources/edit-N/` has its files, the runbook first.
    Edited {
        number: u32,
        files: Vec<String>,
        /// Parameters that the text before did not have, with their defaults.
        params: BTreeMap<String, Value>,
        /// Finished steps whose code has changed, which somebody accepted; they keep what they gave.
        accepted: Vec<Path>,
    },

    Answered {
        path: Path,
        question: String,
        answer: String,
        who: String,
    },
    Declined {
        path: Path,
        question: String,
        who: String,
    },
    /// The run stops here, and goes on when somebody resumes it.
    Paused {
        path: Path,
        text: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    Run,
    Resume,
    Abort,
}

/// Everything that is needed to settle or to undo an effect without the script.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    pub path: Path,
    pub attempt: u32,
    /// The registered name of the effect, such as `alter_configs`.
    pub effect: String,
    /// What it changes, such as `topic/orders`.
    pub target: String,
    /// The single things that it changes, such as `topic/orders/retention.ms`.
    pub resources: Vec<String>,
    /// The how-manieth of its key.
    pub nth: u32,
    pub args: Value,
    /// What was there, and what is there afterwards.
    pub before: Value,
    pub after: Value,
    /// One line for the screen: `set retention.ms = 86400000 on topic orders (was 604800000)`.
    pub summary: String,
    /// The effect that this one puts back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Outcome {
    /// `acted` is false where the world was already as intended, or where reading back showed that it had happened.
    Done { value: Value, acted: bool },
    /// Certainly not applied.
    Refused { error: Error },
    /// Only of an effect that puts something back: somebody else changed it meanwhile, so it was left alone.
    Left { evidence: String },
    /// Only of an effect that puts something back: nothing to do any more, such as a move that has finished.
    Kept { evidence: String },
}

/// What a put-back found that stays: a move that had finished, or a value that somebody else wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    pub text: String,
    pub by_somebody_else: bool,
}

impl Outcome {
    pub fn stays(&self) -> Vec<Stay> {
        let finished = |text: &str| Stay { text: text.to_owned(), by_somebody_else: false };
        let left = |text: &str| Stay {
            text: format!("left as it is, since somebody changed it: {text}"),
            by_somebody_else: true,
        };
        match self {
            Self::Kept { evidence } => vec![finished(evidence)],
            Self::Left { evidence } => vec![left(evidence)],
            Self::Refused { .. } => Vec::new(),
            Self::Done { value, .. } => {
                let member = |name: &str| value.get(name).and_then(Value::as_array).into_iter().flatten();
                let texts = |name: &str| member(name).filter_map(Value::as_str);
                texts("finished").map(finished).chain(texts("left").map(left)).collect()
            }
        }
    }
}

/// How one session of a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "snake_case")]
pub enum Ending {
    Done,
    Failed {
        failure: u64,
        error: Error,
        place: Option<Place>,
    },
    /// Ctrl-C or SIGTERM.
    Interrupted,
    /// A window that was closed, or has closed; it is left as by a Ctrl-C.
    WindowClosed {
        window: String,
        since: Option<Timestamp>,
        opens: Option<Timestamp>,
    },
    /// The runbook stops here until somebody resumes the run.
    Paused {
        text: String,
    },
    /// A question that nobody answered, or that was declined.
    Question {
        question: String,
        declined: bool,
    },
    /// Somebody holds the cluster, or an open temporary of another run is in the way.
    Blocked {
        error: Error,
    },
    /// The run itself went wrong: a step was passed by, the disk is full, an effect's outcome is unknown.
    Broken {
        error: Error,
    },
    /// Given up by `krun abort`: everything put back.
    Aborted,
    /// Something temporary could not be put back.
    Outstanding {
        what: Vec<String>,
    },
}

/// A place in a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// How the last look of a guard went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    /// It begins to look.
    Begun,
    /// All is well again.
    Well,
    /// Something is wrong; it is borne for a while.
    Wrong,
    /// It cannot look; that is borne for a while.
    Blind,
}

/// What a run says on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Progress {
    /// Before everything else: which runbook, on which cluster.
    RunOpened {
        run: String,
        runbook: String,
        cluster: String,
        sandbox: bool,
        verb: Verb,
        /// Typed line by line: there is no runbook that could be played again.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        typed: bool,
    },
    Log {
        text: String,
    },
    Warning {
        text: String,
    },
    Table {
        columns: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    /// A finished step was passed with its recorded value.
    StepReplayed {
        path: Path,
    },
    Preflight {
        path: Path,
    },
    /// One look of a `wait_until`, a `retry` or a `sleep`. `done` and `total` are bytes.
    Waiting {
        what: String,
        text: String,
        done: Option<u64>,
        total: Option<u64>,
        seconds_left: Option<u64>,
        elapsed: u64,
    },
    WaitOver {
        what: String,
        elapsed: u64,
    },
    /// What a guard sees, where that is news.
    Guard {
        path: Path,
        sight: Sight,
        text: String,
    },
    /// How a canary is going, once a second.
    Canary {
        path: Path,
        beat: Beat,
    },
    /// A first Ctrl-C was seen: the run stops at the next safe point.
    Stopping {
        text: String,
    },
    /// What is in place and how to go on, at the end of a session.
    LeftInPlace {
        what: String,
        since: Timestamp,
    },
    Asking {
        question: String,
        /// The flag that answers it beforehand, such as `--yes`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flag: Option<String>,
    },
}
