//! Lines of a `parallel` that works on several items at once: they come one among the other, so each names its item.

use super::line::{Line, Tone};
use super::told::Told;
use super::tree::Tree;
use super::view::RunView;
use crate::event::{Event, Path, Record, path_text};
use std::collections::BTreeSet;

/// Every `parallel` that is under way and works on several items at once.
#[derive(Debug, Clone, Default)]
pub(super) struct Items(BTreeSet<Path>);

impl Items {
    pub(super) fn see(&mut self, event: &Event) {
        let Event::Record(entry) = event else { return };
        match &entry.record {
            Record::ParallelBegun { path, at_once, .. } if *at_once > 1 => drop(self.0.insert(path.clone())),
            Record::ParallelEnded { path, .. } => drop(self.0.remove(path)),
            Record::SessionStarted { .. } => self.0.clear(),
            _ => {}
        }
    }

    /// The path of the item that an event happens in; none for the beginning and the end of the item itself.
    pub(super) fn of(&self, event: &Event, view: &RunView) -> Option<Path> {
        match event {
            Event::Progress(note) => Some(note.item.clone()).filter(|item| !item.is_empty()),
            Event::Record(entry) => self.around(path_of(&entry.record, view)?),
        }
    }

    fn around(&self, path: &[String]) -> Option<Path> {
        let parallels = (1..path.len()).rev().filter(|length| self.0.contains(&path[..*length]));
        parallels.map(|length| path[..=length].to_vec()).find(|item| item.len() < path.len())
    }

    /// What a step inside an item is called where nothing else says in which.
    pub(super) fn label(&self, path: &[String]) -> Option<String> {
        let item = self.around(path)?;
        Some(path_text(&path[item.len() - 1..]))
    }
}

fn path_of<'a>(record: &'a Record, view: &'a RunView) -> Option<&'a Path> {
    match record {
        Record::StepBegun { path, .. }
        | Record::StepFinished { path, .. }
        | Record::StepFailed { path, .. }
        | Record::PreflightPassed { path }
        | Record::CanaryJudged { path, .. }
        | Record::GuardTripped { path, .. }
        | Record::GuardPassed { path }
        | Record::ParallelBegun { path, .. }
        | Record::ParallelEnded { path, .. }
        | Record::TemporaryOpened { path, .. }
        | Record::TemporaryWorkDone { path }
        | Record::TemporaryClosed { path, .. }
        | Record::Answered { path, .. }
        | Record::Declined { path, .. }
        | Record::Paused { path, .. } => Some(path),
        Record::EffectIntent(intent) => Some(&intent.path),
        Record::EffectOutcome { effect, .. } => view.effect(*effect).map(|effect| &effect.intent.path),
        Record::SessionStarted { .. } | Record::SessionEnded { .. } | Record::Edited { .. } => None,
    }
}

/// The same, with the name of the item in front.
pub(super) fn named(told: Told, item: &[String], tree: &Tree) -> Told {
    let base = tree.depth(item);
    let name = item.last().map_or("", String::as_str);
    let of_item = |line: Line| line.of_item(name, base);
    match told {
        Told::Line(line) => Told::Line(of_item(line)),
        Told::Begun { path, line } => Told::Begun { path, line: of_item(line) },
        Told::Ended { path, line } => Told::Ended { path, line: of_item(line) },
        Told::Acting { effect, line } => Told::Acting { effect, line: of_item(line) },
        Told::Acted { effect, line, tail } => Told::Acted { effect, line: of_item(line), tail },
        Told::Looked { what, look } => Told::Looked { what: format!("{name} │ {what}"), look },
        Told::WaitOver { what, line } => Told::WaitOver { what: format!("{name} │ {what}"), line: line.map(of_item) },
        Told::Asked(line) => Told::Asked(of_item(line)),
        Told::Replied(line) => Told::Replied(of_item(line)),
        told @ (Told::Verbatim(_) | Told::Table { .. } | Told::Beat { .. } | Told::Silent { .. }) => told,
    }
}

/// What is said about all items at the end.
pub(super) fn counts(ok: usize, failed: usize, unreachable: usize, not_started: usize) -> String {
    let counts = [(ok, "ok"), (failed, "failed"), (unreachable, "unreachable"), (not_started, "not started")];
    let some = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    format!(" — {}", some.collect::<Vec<_>>().join(", "))
}

/// Behind the name of a `parallel` that begins.
pub(super) fn size(items: usize, at_once: usize) -> String {
    let together = if at_once > 1 { format!(", {at_once} at once") } else { String::new() };
    format!("  {}{together}", super::amount::count(items, "item"))
}

impl Line {
    /// The name of the item stands where the item's own line begins, and the text keeps its level behind it.
    fn of_item(self, name: &str, base: usize) -> Self {
        let inner = "  ".repeat(self.depth.saturating_sub(base + 1));
        Self::at(base).with(Tone::Dim, format!("{name} │ {inner}")).joined(self)
    }
}
