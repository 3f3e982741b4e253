//! The list of runs: what each is, how it stands, and what it left in place.

use super::amount::seconds;
use super::in_place::{InPlace, State};
use super::line::{Line, Tone};
use super::table;
use super::view::{Head, RunView};
use crate::event::{Ending, path_text};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

/// One run of the list; `krun runs --json` prints it as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunRow {
    pub run: String,
    pub runbook: String,
    pub cluster: String,
    pub sandbox: bool,
    /// Typed into `krun repl`: never resumed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub typed: bool,
    /// Nothing where it was killed before its first record.
    pub started: Option<Timestamp>,
    pub state: State,
    /// The question, pause or window that it waits at, or the step that it was in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    pub left_in_place: Vec<InPlace>,
}

impl RunRow {
    /// `alive`: whether the process of its last session still runs.
    pub fn new(head: &Head, view: &RunView, alive: bool) -> Self {
        let ending = view.sessions.last().and_then(|session| session.ended.as_ref()).map(|(_, ending)| ending);
        let state = view.state(alive);
        let at = match ending {
            Some(Ending::Question { question, .. }) => Some(question.clone()),
            Some(Ending::Paused { text }) => Some(text.clone()),
            Some(Ending::WindowClosed { window, .. }) => Some(window.clone()),
            None if alive && view.question.is_some() => view.question.clone(),
            _ if state.is_over() => None,
            _ => view.innermost_unfinished().last().map(|step| path_text(&step.path)),
        };
        Self {
            run: head.run.clone(),
            runbook: head.runbook.clone(),
            cluster: head.cluster.clone(),
            sandbox: head.sandbox,
            typed: head.typed,
            started: view.sessions.first().map(|session| session.started),
            state,
            at,
            left_in_place: if head.typed { view.in_place_of_lines() } else { view.in_place() },
        }
    }
}

/// So many things are listed of one run.
const LISTED: usize = 10;

/// The rows to print, fitted into `columns`: a table, and below it what the runs have left in place.
pub fn runs_table(runs: &[RunRow], now: Timestamp, zone: &TimeZone, columns: u16) -> Vec<String> {
    if runs.is_empty() {
        return vec!["no runs yet".to_owned()];
    }
    let header = ["run", "runbook", "cluster", "started", "left in place", "state"].map(str::to_owned);
    let cells: Vec<Vec<String>> = runs.iter().map(|run| cells(run, zone)).collect();
    let columns = usize::from(columns);
    // A name is there to be copied: it is never broken.
    let mut rows = table::rows(&header, &cells, columns, 1);
    for run in runs.iter().filter(|run| !run.left_in_place.is_empty()) {
        let how = if run.typed { "krun abort" } else { "krun resume, or krun abort" };
        let title = format!("left in place by {} on {} ({how}):", run.run, run.cluster);
        rows.push(String::new());
        rows.extend(Line::at(0).with(Tone::Plain, title).rows(false, columns));
        let (first, rest) = run.left_in_place.split_at(run.left_in_place.len().min(LISTED));
        for left in first {
            rows.extend(Line::at(1).with(Tone::Plain, in_place(left, now)).rows(false, columns));
        }
        if !rest.is_empty() {
            let more = format!("and {} more: `krun show {}` tells all of them", rest.len(), run.run);
            rows.extend(Line::at(1).with(Tone::Plain, more).rows(false, columns));
        }
    }
    rows
}

fn cells(run: &RunRow, zone: &TimeZone) -> Vec<String> {
    let minute = |at: Timestamp| at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    let state = match &run.at {
        Some(at) => format!("{}: {at}", run.state.words()),
        None => run.state.words().to_owned(),
    };
    let left = match run.left_in_place.len() {
        0 => String::new(),
        number => number.to_string(),
    };
    let started = run.started.map(minute).unwrap_or_default();
    vec![run.run.clone(), run.runbook.clone(), run.cluster.clone(), started, left, state]
}

fn in_place(left: &InPlace, now: Timestamp) -> String {
    let age = u64::try_from(now.as_second().saturating_sub(left.since.as_second())).unwrap_or(0);
    let perhaps = if left.certain { "" } else { "perhaps: " };
    format!("{perhaps}{}  for {}", left.what, seconds(age))
}
