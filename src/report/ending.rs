//! The end of a session: what is in place, what is half done, one sentence, and how to go on.

use super::amount::{between, count, seconds};
use super::in_place::InPlace;
use super::line::{Line, Tone};
use super::outcome::error_lines;
use super::setting::Place;
use super::view::{RunView, Step};
use crate::error::Error;
use crate::event::{Ending, path_text};
use crate::quantity::Window;
use jiff::{Timestamp, tz::TimeZone};
use std::collections::BTreeSet;

/// What only the caller of a report knows at its end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Closing<'a> {
    /// The rendered diagnostic of the failure, shown as it is.
    pub diagnostic: Option<&'a str>,
    /// Where there is no ending: whether the process still runs (`krun show` of a run at work).
    pub alive: bool,
    /// How the session ended, where the journal could not take it any more.
    pub unrecorded: Option<&'a Ending>,
}

/// So many things are listed one by one; a cluster with hundreds of topics would fill the screen.
const LISTED: usize = 20;

/// The exit code of a session, as the manual has it.
pub fn exit_code(ending: &Ending) -> u8 {
    match ending {
        Ending::Done | Ending::Aborted => 0,
        Ending::Failed { .. } | Ending::Broken { .. } => 1,
        Ending::Question { .. } | Ending::Paused { .. } => 4,
        Ending::Blocked { .. } => 5,
        Ending::Outstanding { .. } => 6,
        Ending::Interrupted | Ending::WindowClosed { .. } => 130,
    }
}

/// `03:12:44`.
pub(super) fn time_of_day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// `02:58:13`, with the date where it is not the day of `now`, and how long ago where that is worth saying.
fn since(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let day = |at: Timestamp| at.to_zoned_datetime(zone.clone()).date();
    let date = if day(at) == day(now) { String::new() } else { format!("{} ", day(at)) };
    let ago = if now.duration_since(at).as_secs() < 60 { String::new() } else { format!(", {} ago", between(at, now)) };
    format!("  since {date}{}{ago}", time_of_day(at, zone))
}

/// All that the end of a session depends on.
pub(super) struct Scene<'a> {
    pub(super) view: &'a RunView,
    /// What the run itself said; without a word of it (it was killed) the journal says what is in place.
    pub(super) left: &'a [InPlace],
    pub(super) told_failures: &'a BTreeSet<u64>,
    pub(super) now: Timestamp,
    pub(super) zone: &'a TimeZone,
    pub(super) place: &'a Place,
    pub(super) alive: bool,
    pub(super) unrecorded: Option<&'a Ending>,
    /// A diagnostic has said already what to do, and where.
    pub(super) diagnosed: bool,
    /// Another session went on with the run.
    pub(super) followed: bool,
}

impl Scene<'_> {
    pub(super) fn lines(&self) -> Vec<Line> {
        let view = self.view;
        let ending = view.sessions.last().and_then(|session| session.ended.as_ref()).map(|(_, ending)| ending);
        let ending = ending.or(self.unrecorded);
        let in_place = || if self.is_typed() { view.in_place_of_lines() } else { view.in_place() };
        let left = if self.left.is_empty() { in_place() } else { self.left.to_vec() };
        let mut lines = vec![Line::default()];
        if ending.is_none() && self.alive {
            lines.extend(self.in_place(&left));
            lines.push(Line::at(0).with(Tone::Strong, "… the run is going on"));
            return lines;
        }
        lines.extend(self.unknown());
        lines.extend(self.in_place(&left));
        if !matches!(ending, Some(Ending::Done | Ending::Aborted)) {
            lines.extend(steps("begun and not finished:", &view.innermost_unfinished()));
        }
        if matches!(ending, Some(Ending::Aborted | Ending::Outstanding { .. })) {
            lines.extend(steps("finished steps stay as they are:", &view.lasting_steps()));
        }
        match ending {
            Some(ending) => lines.extend(self.sentence(ending)),
            None => lines.push(Line::at(0).with(Tone::Bad, "■ no ending is recorded: krun was killed")),
        }
        if let (false, Some(head)) = (self.followed, &view.head) {
            lines.extend(self.how_to_go_on(ending, &head.run, !left.is_empty()));
            if head.sandbox {
                lines.push(Line::at(0).with(Tone::Strong, "this was the sandbox, nothing real changed"));
            }
        }
        lines
    }

    fn sentence(&self, ending: &Ending) -> Vec<Line> {
        let (view, now) = (self.view, self.now);
        let exit = format!("  (exit {})", exit_code(ending));
        let say = |tone, mark: &str, text: String| Line::at(0).marked(tone, mark, text).with(Tone::Dim, &exit);
        match ending {
            Ending::Done => {
                let steps = count(view.finished_steps().count(), "step");
                let effects = view.effects.iter().filter(|effect| effect.intent.undoes.is_none());
                let done = effects.filter(|effect| effect.outcome.is_some() && effect.may_hold());
                let took = view.sessions.last().map(|session| now.duration_since(session.started).as_secs());
                let took = seconds(took.and_then(|whole| u64::try_from(whole).ok()).unwrap_or(0));
                vec![say(Tone::Good, "✓", format!("done: {steps}, {}, {took}", count(done.count(), "effect")))]
            }
            Ending::Failed { failure, error, place } => {
                let mut lines = vec![say(Tone::Bad, "✗", format!("failed: {error}"))];
                if !self.diagnosed && !self.told_failures.contains(failure) {
                    lines.extend(error_lines(error, place.as_ref(), 1).into_iter().skip(1));
                }
                lines
            }
            Ending::Interrupted if self.is_typed() => vec![say(Tone::Warn, "■", "interrupted".to_owned())],
            Ending::Interrupted => vec![say(Tone::Warn, "■", "interrupted, and it can be resumed".to_owned())],
            Ending::WindowClosed { window, since, opens } => {
                let (closed, opens) = self.clocks(window, *since, *opens);
                let opening = Line::at(1).with(Tone::Plain, format!("it opens {opens}"));
                vec![say(Tone::Warn, "■", format!("the window {window} {closed}")), opening]
            }
            Ending::Paused { text } => vec![say(Tone::Warn, "■", format!("paused: {text}"))],
            Ending::Question { question, declined: true } => {
                vec![say(Tone::Warn, "■", format!("declined: {question}"))]
            }
            Ending::Question { question, declined: false } => {
                vec![say(Tone::Warn, "■", format!("stopped at a question that nobody answered: {question}"))]
            }
            Ending::Blocked { error } => self.with_details(say(Tone::Bad, "✗", format!("blocked: {error}")), error),
            Ending::Broken { error } => self.with_details(say(Tone::Bad, "✗", format!("broken off: {error}")), error),
            Ending::Aborted => vec![say(Tone::Good, "✓", "aborted: nothing temporary or half done is left".to_owned())],
            Ending::Outstanding { what } => {
                let mut lines =
                    vec![say(Tone::Bad, "✗", format!("{} could not be put back:", count(what.len(), "thing")))];
                lines.extend(what.iter().map(|what| Line::at(1).with(Tone::Bad, what)));
                lines
            }
        }
    }

    /// Since when a window is closed and when it opens, as the clocks there and here show it.
    fn clocks(&self, window: &str, since: Option<Timestamp>, opens: Option<Timestamp>) -> (String, String) {
        let zone = window.parse::<Window>();
        let clocks = |at| match &zone {
            Ok(window) => window.on_both_clocks(at, self.zone),
            Err(_) => format!("{at:.0}"),
        };
        let closed =
            since.map_or_else(|| "is closed".to_owned(), |since| format!("has been closed since {}", clocks(since)));
        let opening = |at: Timestamp| match u64::try_from(self.now.duration_until(at).as_secs()) {
            Ok(left) if left > 0 => format!("{}, in {}", clocks(at), seconds(left)),
            _ => clocks(at),
        };
        (closed, opens.map_or_else(|| "never again".to_owned(), opening))
    }

    /// Typed into `krun repl`: nothing goes on with it.
    fn is_typed(&self) -> bool {
        self.view.head.as_ref().is_some_and(|head| head.typed)
    }

    fn with_details(&self, first: Line, error: &Error) -> Vec<Line> {
        let details = error_lines(error, None, 1).into_iter().skip(1).filter(|_| !self.diagnosed);
        std::iter::once(first).chain(details).collect()
    }

    fn unknown(&self) -> Vec<Line> {
        let effects = self.view.unknown_effects().map(|effect| {
            let line = Line::at(1).marked(Tone::Warn, "?", &effect.intent.summary);
            line.with(Tone::Dim, since(effect.at, self.now, self.zone))
        });
        let who = if self.is_typed() { "abort asks" } else { "resume and abort ask" };
        let title = format!("unknown, it may have happened ({who} the cluster):");
        titled(Line::at(0).with(Tone::Warn, title), effects.collect())
    }

    fn in_place(&self, left: &[InPlace]) -> Vec<Line> {
        let (first, rest) = left.split_at(left.len().min(LISTED));
        let rows = first.iter().map(|left| {
            let line = Line::at(1).with(Tone::Plain, &left.what);
            let line = if left.certain { line } else { line.with(Tone::Warn, "  (perhaps)") };
            line.with(Tone::Dim, since(left.since, self.now, self.zone))
        });
        let more = (!rest.is_empty()).then(|| {
            Line::at(1).with(Tone::Plain, format!("and {} more: all of them stand in {}", rest.len(), self.by_hand()))
        });
        titled(Line::at(0).with(Tone::Warn, "left in place:"), rows.chain(more).collect())
    }

    fn by_hand(&self) -> String {
        match &self.place.folder {
            Some(folder) => folder.join("by-hand.txt").display().to_string(),
            None => "by-hand.txt in the run's folder".to_owned(),
        }
    }

    fn how_to_go_on(&self, ending: Option<&Ending>, run: &str, holds: bool) -> Vec<Line> {
        let command = |what: &str, words: &[&str]| {
            let words = format!("krun {} {}", words.join(" "), self.place.flags);
            Line::at(1).with(Tone::Plain, what).with(Tone::Strong, words.trim_end())
        };
        let abort = command(if holds { "to put it back:  " } else { "to abort:        " }, &["abort", run]);
        match ending {
            Some(Ending::Done | Ending::Aborted) => Vec::new(),
            // What was blocked before it changed anything is simply run again; its hint names whom it waits for.
            Some(Ending::Blocked { .. }) if self.view.effects.is_empty() => Vec::new(),
            Some(Ending::Outstanding { .. }) => vec![
                command("to try again:    ", &["abort", run]),
                Line::at(1).with(Tone::Plain, format!("by hand:         the commands stand in {}", self.by_hand())),
            ],
            _ if self.is_typed() => vec![abort],
            Some(Ending::WindowClosed { .. }) => vec![command("when it opens:   ", &["resume", run, "--wait"]), abort],
            Some(Ending::Question { declined: false, .. }) => {
                let answer = command("to answer:       ", &["resume", run]);
                let flag = self.view.flag.as_ref().map(|flag| command("or beforehand:   ", &["resume", run, flag]));
                std::iter::once(answer).chain(flag).chain([abort]).collect()
            }
            _ => vec![command("to go on:        ", &["resume", run]), abort],
        }
    }
}

fn steps(title: &str, steps: &[&Step]) -> Vec<Line> {
    let rows = steps.iter().map(|step| Line::at(1).with(Tone::Plain, path_text(&step.path)));
    titled(Line::at(0).with(Tone::Strong, title), rows.collect())
}

/// A title stands only above something.
fn titled(title: Line, rows: Vec<Line>) -> Vec<Line> {
    if rows.is_empty() { rows } else { std::iter::once(title).chain(rows).collect() }
}
