//! `--json`: events for a program.
//!
//! One JSON object a line, written and flushed as it happens. Every object has
//!
//! | key | |
//! |---|---|
//! | `v` | the version of this format: 1. It grows only when a key changes its meaning or goes; new ones may appear |
//! | `at` | when, RFC 3339 in UTC |
//! | `seq` | the position in the journal; only where the event is a line of it, and so outlives a crash |
//! | `kind` | what happened, in snake case: `run_opened`, `step_begun`, `effect_intent`, `waiting` … |
//! | `item` | of what is said on the way: the path of the item of a `parallel` that says it, where several are worked on at once |
//!
//! and beside them the fields of that kind, as [`Record`] and [`Progress`] have them: `jq 'select(.kind ==
//! "step_failed") | .error.code'`. Bytes and seconds are plain numbers.

use super::Reporter;
use super::ending::Closing;
use crate::event::{Event, Progress, Record};
use jiff::Timestamp;
use serde::Serialize;
use std::io::Write;

const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Envelope<'a> {
    v: u32,
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    #[serde(flatten)]
    body: Body<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a> {
    Record(&'a Record),
    Progress {
        #[serde(flatten)]
        progress: &'a Progress,
        #[serde(skip_serializing_if = "<[String]>::is_empty")]
        item: &'a [String],
    },
}

pub struct JsonLines<W: Write> {
    writer: W,
    /// The reader has gone: the run goes on without it.
    gone: bool,
}

impl<W: Write> JsonLines<W> {
    pub fn new(writer: W) -> Self {
        Self { writer, gone: false }
    }

    fn write(&mut self, envelope: &Envelope<'_>) {
        let Ok(mut row) = serde_json::to_vec(envelope) else { return };
        row.push(b'\n');
        self.gone = self.gone || self.writer.write_all(&row).and_then(|()| self.writer.flush()).is_err();
    }
}

impl<W: Write + Send> Reporter for JsonLines<W> {
    fn on_event(&mut self, event: &Event) {
        let envelope = match event {
            Event::Record(entry) => {
                Envelope { v: FORMAT, at: entry.at, seq: Some(entry.seq), body: Body::Record(&entry.record) }
            }
            Event::Progress(note) => Envelope {
                v: FORMAT,
                at: note.at,
                seq: None,
                body: Body::Progress { progress: &note.progress, item: &note.item },
            },
        };
        if !self.gone {
            self.write(&envelope);
        }
    }

    /// The last event has said how it ended, unless the journal could not take that any more.
    fn end(&mut self, closing: &Closing<'_>) {
        if let Some(ending) = closing.unrecorded.filter(|_| !self.gone) {
            let ended = Record::SessionEnded { ending: ending.clone() };
            self.write(&Envelope { v: FORMAT, at: Timestamp::now(), seq: None, body: Body::Record(&ended) });
        }
    }
}
