//! A builder of sample streams: each call is one event, on a clock that the sample sets.

use jiff::{SignedDuration, Timestamp};
use krun::error::Error;
use krun::event::{Ending, Entry, Event, Intent, Note, Outcome, Path, Place, Progress, Record, Verb};
use serde_json::{Value, json};

pub(super) struct Stream {
    pub(super) events: Vec<Event>,
    at: Timestamp,
    seq: u64,
    pid: u32,
}

pub(super) fn path(names: &str) -> Path {
    names.split(" › ").map(str::to_owned).collect()
}

/// A change that a step makes, or with `undoes` one that puts it back.
pub(super) fn change(at: &str, target: &str, summary: &str, undoes: Option<u64>) -> Record {
    Record::EffectIntent(Box::new(Intent {
        path: path(at),
        attempt: 1,
        effect: "alter_configs".to_owned(),
        target: target.to_owned(),
        resources: vec![target.to_owned()],
        nth: 1,
        args: json!({}),
        before: Value::Null,
        after: json!(1),
        summary: summary.to_owned(),
        undoes,
    }))
}

impl Stream {
    pub(super) fn new() -> Self {
        let at = "2026-03-14T02:58:13Z".parse().expect("a valid moment");
        Self { events: Vec::new(), at, seq: 0, pid: 4711 }
    }

    pub(super) fn pass(&mut self, seconds: f64) -> &mut Self {
        self.at += SignedDuration::from_secs_f64(seconds);
        self
    }

    pub(super) fn record(&mut self, record: Record) -> &mut Self {
        self.seq += 1;
        self.events.push(Event::Record(Entry { seq: self.seq, at: self.at, record }));
        self
    }

    pub(super) fn say(&mut self, progress: Progress) -> &mut Self {
        self.events.push(Event::Progress(Note { at: self.at, progress, item: Vec::new() }));
        self
    }

    pub(super) fn session(&mut self, verb: Verb, cluster: &str) -> &mut Self {
        self.say(Progress::RunOpened {
            typed: false,
            run: "20260314-scaleout-7f3a".to_owned(),
            runbook: "runbooks/scaleout.rhai".to_owned(),
            cluster: cluster.to_owned(),
            sandbox: cluster == "sandbox",
            verb,
        });
        self.pid += 1;
        self.record(Record::SessionStarted {
            verb,
            who: "ops".to_owned(),
            host: "admin01".to_owned(),
            pid: self.pid,
            krun: "0.1.0".to_owned(),
        })
    }

    pub(super) fn ended(&mut self, ending: Ending) -> &mut Self {
        self.record(Record::SessionEnded { ending })
    }

    pub(super) fn begun(&mut self, at: &str, attempt: u32) -> &mut Self {
        self.record(Record::StepBegun { path: path(at), attempt })
    }

    pub(super) fn finished(&mut self, at: &str) -> &mut Self {
        self.record(Record::StepFinished { path: path(at), attempt: 1, value: Value::Null })
    }

    pub(super) fn failed(&mut self, at: &str, failure: u64, error: Error) -> &mut Self {
        let place = Some(Place { file: "std/reassign".to_owned(), line: 41, column: 9 });
        self.record(Record::StepFailed { path: path(at), attempt: 1, failure, error, place })
    }

    pub(super) fn opened(&mut self, at: &str) -> &mut Self {
        self.record(Record::TemporaryOpened { path: path(at), keep: true })
    }

    pub(super) fn closed(&mut self, at: &str, finished: bool) -> &mut Self {
        self.record(Record::TemporaryClosed { path: path(at), finished })
    }

    /// The number of the effect, for [`Self::outcome`] and for what puts it back.
    pub(super) fn intent(&mut self, at: &str, target: &str, summary: &str, undoes: Option<u64>) -> u64 {
        self.record(change(at, target, summary, undoes));
        self.seq
    }

    pub(super) fn outcome(&mut self, effect: u64, outcome: Outcome) -> &mut Self {
        self.record(Record::EffectOutcome { effect, outcome })
    }

    /// An effect that happens at once.
    pub(super) fn effect(&mut self, at: &str, target: &str, summary: &str, undoes: Option<u64>) -> u64 {
        let effect = self.intent(at, target, summary, undoes);
        self.outcome(effect, Outcome::Done { value: Value::Null, acted: true });
        effect
    }

    pub(super) fn replayed(&mut self, at: &str) -> &mut Self {
        self.say(Progress::StepReplayed { path: path(at) })
    }

    pub(super) fn preflight(&mut self, at: &str) -> &mut Self {
        self.say(Progress::Preflight { path: path(at) });
        self.pass(0.4);
        self.record(Record::PreflightPassed { path: path(at) })
    }

    pub(super) fn log(&mut self, text: &str) -> &mut Self {
        self.say(Progress::Log { text: text.to_owned() })
    }

    pub(super) fn asking(&mut self, question: &str) -> &mut Self {
        self.say(Progress::Asking { question: question.to_owned(), flag: Some("--yes".to_owned()) })
    }

    /// A move of `total` bytes, with a look a second at `done`.
    pub(super) fn moving(&mut self, what: &str, done: &[u64], total: u64) -> &mut Self {
        for (second, done) in (0_u64..).zip(done) {
            self.say(Progress::Waiting {
                what: what.to_owned(),
                text: format!("{} of 4 partitions moved", done * 4 / total),
                done: Some(*done),
                total: Some(total),
                seconds_left: None,
                elapsed: second,
            });
            self.pass(1.0);
        }
        self
    }

    pub(super) fn wait_over(&mut self, what: &str, elapsed: u64) -> &mut Self {
        self.say(Progress::WaitOver { what: what.to_owned(), elapsed })
    }

    /// The journal alone, as `krun resume`, `krun abort` and `krun runs` read it.
    pub(super) fn journal(&self) -> Vec<Entry> {
        self.events
            .iter()
            .filter_map(|event| match event {
                Event::Record(entry) => Some(entry.clone()),
                Event::Progress(_) => None,
            })
            .collect()
    }

    pub(super) fn notes(&self) -> Vec<Note> {
        self.events
            .iter()
            .filter_map(|event| match event {
                Event::Progress(note) => Some(note.clone()),
                Event::Record(_) => None,
            })
            .collect()
    }
}
