//! What an event says to a person: pure, one event after the other, without streams, colours or times of day.

use super::amount::{between, count, seconds};
use super::canary::verdict_lines;
use super::ending::{Closing, Scene, time_of_day};
use super::guard::sight_line;
use super::in_place::InPlace;
use super::items::{self, Items};
use super::line::{Line, Tone};
use super::outcome::{error_lines, outcome_tail};
use super::setting::Place;
use super::told::{Told, begins_session, edited, stops};
use super::tree::Tree;
use super::view::{Effect, RunView};
use super::wait::Look;
use crate::event::{Entry, Event, Note, Outcome, Path, Progress, Record, Sight, Verb};
use jiff::{Timestamp, tz::TimeZone};
use std::collections::BTreeSet;

pub(super) struct Story {
    view: RunView,
    zone: TimeZone,
    place: Place,
    tree: Tree,
    items: Items,
    told_failures: BTreeSet<u64>,
    /// Names of the steps that were finished before, until something else happens.
    replayed: Vec<String>,
    left: Vec<InPlace>,
    /// The last session that was told has not been closed yet.
    session_open: bool,
    now: Timestamp,
    still: bool,
}

impl Story {
    /// `view` is what is known already, such as the journal of earlier sessions.
    pub(super) fn new(view: RunView, zone: TimeZone, place: Place) -> Self {
        Self {
            view,
            zone,
            place,
            tree: Tree::default(),
            items: Items::default(),
            told_failures: BTreeSet::new(),
            replayed: Vec::new(),
            left: Vec::new(),
            session_open: false,
            now: Timestamp::UNIX_EPOCH,
            still: false,
        }
    }

    pub(super) fn view(&self) -> &RunView {
        &self.view
    }

    pub(super) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Whether nothing is under way any more: a failure is on its way up, or the session is over.
    pub(super) fn stands_still(&self) -> bool {
        self.still
    }

    pub(super) fn tell(&mut self, event: &Event) -> Vec<Told> {
        let mut told = Vec::new();
        let at = match event {
            Event::Record(entry) => entry.at,
            Event::Progress(note) => note.at,
        };
        self.now = at;
        self.items.see(event);
        if !matches!(event, Event::Progress(Note { progress: Progress::StepReplayed { .. }, .. })) {
            told.extend(self.told_replayed());
        }
        self.view.apply(event);
        self.still = stops(event);
        let mut news = Vec::new();
        match event {
            Event::Record(entry) => self.tell_record(entry, &mut news),
            Event::Progress(note) => self.tell_progress(note, &mut news),
        }
        match self.items.of(event, &self.view) {
            Some(item) => told.extend(news.into_iter().map(|one| items::named(one, &item, &self.tree))),
            None => told.extend(news),
        }
        told
    }

    /// Nothing stands open any more, though not everything was told to its end.
    pub(super) fn rest(&mut self) {
        self.tree.clear();
    }

    /// Whether a session that has been told must be closed before this event: another one begins.
    pub(super) fn is_followed_by(&self, event: &Event) -> bool {
        self.session_open && begins_session(event)
    }

    /// The last lines of a session; `followed` by another one, they do not say how to go on.
    pub(super) fn close(&mut self, closing: &Closing<'_>, followed: bool) -> Vec<Told> {
        let mut told = Vec::new();
        told.extend(self.told_replayed());
        if !self.session_open {
            return told;
        }
        self.session_open = false;
        self.tree.clear();
        let left = std::mem::take(&mut self.left);
        if let Some(text) = closing.diagnostic {
            told.push(Told::Line(Line::default()));
            told.push(Told::Verbatim(text.to_owned()));
        }
        let scene = Scene {
            view: &self.view,
            left: &left,
            told_failures: &self.told_failures,
            now: self.now,
            zone: &self.zone,
            place: &self.place,
            alive: closing.alive,
            unrecorded: closing.unrecorded,
            diagnosed: closing.diagnostic.is_some(),
            followed,
        };
        told.extend(scene.lines().into_iter().map(Told::Line));
        told
    }

    fn tell_record(&mut self, entry: &Entry, told: &mut Vec<Told>) {
        match &entry.record {
            Record::SessionStarted { verb, who, host, pid, krun } => {
                self.session_open = true;
                let when = self.now.to_zoned_datetime(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string();
                let by = format!("by {who} on {host}, process {pid}, krun {krun}, {when}");
                told.push(Told::Line(Line::at(1).with(Tone::Dim, by)));
                if *verb != Verb::Run {
                    told.extend(self.before_this_session().map(Told::Line));
                }
            }
            Record::SessionEnded { .. } => self.tree.clear(),
            // The ending tells of a pause.
            Record::TemporaryWorkDone { .. } | Record::Paused { .. } => {}
            Record::StepBegun { path, attempt } => {
                let again = if *attempt > 1 { format!("  attempt {attempt}") } else { String::new() };
                told.push(self.begin(path, "", &again));
            }
            Record::StepFinished { path, .. } => {
                told.push(self.end(path, Tone::Good, "✓", "", ""));
            }
            Record::StepFailed { path, failure, error, place, .. } => {
                told.push(self.end(path, Tone::Bad, "✗", "", ""));
                let depth = self.tree.depth(path) + 1;
                if self.told_failures.insert(*failure) {
                    told.extend(error_lines(error, place.as_ref(), depth).into_iter().map(Told::Line));
                }
            }
            Record::PreflightPassed { path } => told.push(self.end(path, Tone::Good, "✓", "preflight: ", "")),
            Record::Edited { number, accepted, .. } => {
                told.push(Told::Line(Line::at(1).with(Tone::Warn, edited(*number, accepted))));
            }
            Record::ParallelBegun { path, items, at_once } => {
                told.push(self.begin(path, "parallel: ", &items::size(items.len(), *at_once)));
            }
            Record::ParallelEnded { path, ok, failed, unreachable, not_started } => {
                let (tone, mark) = if failed + unreachable > 0 { (Tone::Warn, "!") } else { (Tone::Good, "✓") };
                let counts = items::counts(*ok, *failed, *unreachable, *not_started);
                told.push(self.end(path, tone, mark, "parallel: ", &counts));
            }
            Record::TemporaryOpened { path, .. } => told.push(self.begin(path, "temporarily: ", "")),
            Record::TemporaryClosed { path, finished } => {
                let mark = if *finished { "✓" } else { "↩" };
                told.push(self.end(path, Tone::Good, mark, "temporarily: ", self.put_back(path, *finished)));
            }
            Record::GuardTripped { path, error, .. } => {
                told.push(self.end(path, Tone::Bad, "✗", "guard: ", ""));
                let depth = self.tree.depth(path) + 1;
                if self.told_failures.insert(entry.seq) {
                    told.extend(error_lines(error, None, depth).into_iter().map(Told::Line));
                }
            }
            Record::GuardPassed { path } => told.push(self.end(path, Tone::Good, "✓", "guard: ", "")),
            Record::CanaryJudged { path, verdict } => {
                let name = path.last().map_or("", String::as_str);
                let lines = verdict_lines(name, verdict, self.tree.depth_inside(path), &self.zone);
                told.push(Told::Silent { path: path.clone() });
                told.extend(lines.into_iter().map(Told::Line));
            }
            Record::EffectIntent(_) => {
                if let Some(effect) = self.view.effect(entry.seq) {
                    told.push(Told::Acting { effect: entry.seq, line: self.effect_line(effect) });
                }
            }
            Record::EffectOutcome { effect: number, outcome } => {
                if let Some(effect) = self.view.effect(*number) {
                    let line = self.effect_line(effect);
                    told.push(Told::Acted { effect: *number, line, tail: outcome_tail(effect, outcome, self.now) });
                }
            }
            Record::Answered { question, answer, who, .. } => {
                let line = Line::at(self.tree.depth_here()).marked(Tone::Good, "✓", question);
                told.push(Told::Replied(
                    line.with(Tone::Plain, format!(" {answer}")).with(Tone::Dim, format!("  by {who}")),
                ));
            }
            Record::Declined { question, who, .. } => {
                let line = Line::at(self.tree.depth_here()).marked(Tone::Bad, "✗", question);
                told.push(Told::Replied(line.with(Tone::Dim, format!("  declined by {who}"))));
            }
        }
    }

    fn tell_progress(&mut self, note: &Note, told: &mut Vec<Told>) {
        let here = Line::at(self.tree.depth_in(&note.item));
        match &note.progress {
            Progress::RunOpened { run, runbook, cluster, verb, .. } => {
                self.tree.clear();
                self.left.clear();
                let doing = match verb {
                    Verb::Run => "running",
                    Verb::Resume => "resuming",
                    Verb::Abort => "aborting",
                };
                let line = Line::at(0).marked(Tone::Strong, "▶", doing).with(Tone::Plain, " ");
                let line =
                    line.with(Tone::Strong, runbook).with(Tone::Plain, " on cluster ").with(Tone::Strong, cluster);
                told.push(Told::Line(line.with(Tone::Plain, ", run ").with(Tone::Strong, run)));
            }
            Progress::Log { text } => told.push(Told::Line(here.marked(Tone::Plain, " ", text))),
            Progress::Warning { text } | Progress::Stopping { text } => {
                told.push(Told::Line(here.with(Tone::Warn, format!("! {text}"))));
            }
            Progress::Table { columns, rows } => {
                told.push(Told::Table { columns: columns.clone(), rows: rows.clone() });
            }
            Progress::StepReplayed { path } => {
                let label = self.items.label(path).unwrap_or_else(|| self.tree.label(path));
                self.replayed.push(label);
            }
            Progress::Preflight { path } => told.push(self.begin(path, "preflight: ", "")),
            Progress::Waiting { what, text, done, total, seconds_left, elapsed } => {
                let look = Look {
                    text: text.clone(),
                    done: *done,
                    total: *total,
                    seconds_left: *seconds_left,
                    elapsed: *elapsed,
                };
                told.push(Told::Looked { what: what.clone(), look });
            }
            Progress::WaitOver { what, elapsed } => {
                let line = here.marked(Tone::Good, "✓", what).with(Tone::Dim, format!("  {}", seconds(*elapsed)));
                // What was so at the first look is no news.
                told.push(Told::WaitOver { what: what.clone(), line: (*elapsed > 0).then_some(line) });
            }
            Progress::Guard { path, sight: Sight::Begun, .. } => told.push(self.begin(path, "guard: ", "")),
            Progress::Guard { path, sight, text } => {
                let inside = Line::at(self.tree.depth(path) + 1);
                told.push(Told::Line(sight_line(path, *sight, text, inside)));
            }
            Progress::Canary { path, beat } => told.push(Told::Beat { path: path.clone(), beat: beat.clone() }),
            Progress::LeftInPlace { what, since } => {
                self.left.push(InPlace { what: what.clone(), since: *since, certain: true });
            }
            Progress::Asking { question, .. } => told.push(Told::Asked(here.with(Tone::Ask, format!("? {question}")))),
        }
    }

    /// What a resume or an abort finds, where the session before it had no chance to say so.
    fn before_this_session(&self) -> Option<Line> {
        let before = self.view.sessions.len().checked_sub(2).and_then(|index| self.view.sessions.get(index))?;
        if before.ended.is_some() {
            return None;
        }
        let unknown = self.view.unknown_effects().count();
        let unknown = match unknown {
            0 => String::new(),
            _ => format!("; {} may have happened, the cluster is asked", count(unknown, "effect")),
        };
        let at = time_of_day(before.started, &self.zone);
        Some(Line::at(1).with(Tone::Warn, format!("! the session that began at {at} was killed{unknown}")))
    }

    fn told_replayed(&mut self) -> Option<Told> {
        const NAMED: usize = 4;
        let names = std::mem::take(&mut self.replayed);
        let (first, rest) = names.split_at(names.len().min(NAMED));
        if first.is_empty() {
            return None;
        }
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        let was = if names.len() == 1 { "step was" } else { "steps were" };
        let text = format!("{} {was} finished before: {}{more}", names.len(), first.join(", "));
        Some(Told::Line(Line::at(self.tree.depth_here()).with(Tone::Dim, format!("✓ {text}"))))
    }

    fn begin(&mut self, path: &Path, kind: &str, tail: &str) -> Told {
        let line = Line::at(self.tree.depth(path))
            .with(Tone::Strong, "▸ ")
            .with(Tone::Plain, kind)
            .with(Tone::Strong, self.tree.label(path))
            .with(Tone::Dim, tail);
        self.tree.begin(path, self.now);
        Told::Begun { path: path.clone(), line }
    }

    fn end(&mut self, path: &Path, tone: Tone, mark: &str, kind: &str, how: &str) -> Told {
        let since = self.tree.end(path).or_else(|| self.view.step(path).map(|step| step.since));
        let name = format!("{kind}{}{how}", self.tree.label(path));
        let line = Line::at(self.tree.depth(path)).marked(tone, mark, name);
        let line = match since {
            Some(since) => line.with(Tone::Dim, format!("  {}", between(since, self.now))),
            None => line,
        };
        Told::Ended { path: path.clone(), line }
    }

    /// How a temporary that is closed has gone.
    fn put_back(&self, path: &[String], finished: bool) -> &'static str {
        let left = |effect: &Effect| matches!(effect.outcome, Some(Outcome::Left { .. }));
        if self.view.effects.iter().any(|effect| effect.intent.path.starts_with(path) && left(effect)) {
            " — put back, but for what somebody else has changed"
        } else if finished {
            " — put back"
        } else {
            " — put back, its work is not finished"
        }
    }

    fn effect_line(&self, effect: &Effect) -> Line {
        let mark = if effect.intent.undoes.is_some() { "↩" } else { "•" };
        Line::at(self.tree.depth_inside(&effect.intent.path)).marked(Tone::Strong, mark, &effect.intent.summary)
    }
}
