//! Events for a person: progress to stderr, results to stdout.
//!
//! With a terminal one status line is drawn again and again at the bottom, and a step that is over before anything
//! happened in it takes one row. Without one, every row has its time, and a row is written as soon as it is known.

use super::Reporter;
use super::canary::Pulse;
use super::ending::{Closing, time_of_day};
use super::line::{Line, Tone};
use super::live::Live;
use super::look::COLUMNS_WITHOUT_TERMINAL;
use super::setting::{Port, Setting, push_rows};
use super::story::Story;
use super::table;
use super::told::Told;
use super::view::RunView;
use super::wait::{Wait, shorten};
use crate::event::canary::Beat;
use crate::event::{Event, Path};
use jiff::{Timestamp, civil::Date};
use std::collections::BTreeMap;

/// Before each line of a run on the sandbox.
pub const SANDBOX_MARK: &str = "sandbox │ ";

pub struct Terminal {
    story: Story,
    out: Port,
    err: Port,
    live: Option<Live>,
    times: bool,
    status: bool,
    day: Option<Date>,
    waits: BTreeMap<String, Wait>,
    /// The wait that was looked at last.
    waiting: Option<String>,
    canaries: Vec<Pulse>,
    /// The effects in flight and their words.
    acting: Vec<(u64, String)>,
    /// The effect whose row has no end yet (without a terminal).
    unended: Option<u64>,
    /// Begun steps whose row waits until something happens in them (with a terminal).
    held: Vec<(Path, Timestamp, Line)>,
    asking: bool,
}

impl Terminal {
    pub fn new(setting: Setting) -> Self {
        let (out, err) = (Port::new(setting.stdout), Port::new(setting.stderr));
        let live = err.columns.clone().map(|columns| Live::new(err.stream.clone(), columns, setting.turning));
        Self {
            story: Story::new(setting.known, setting.zone, setting.place),
            times: setting.times || live.is_none(),
            status: setting.status,
            out,
            err,
            live,
            day: None,
            waits: BTreeMap::new(),
            waiting: None,
            canaries: Vec::new(),
            acting: Vec::new(),
            unended: None,
            held: Vec::new(),
            asking: false,
        }
    }

    /// The run as far as it has been told.
    pub fn view(&self) -> &RunView {
        self.story.view()
    }

    fn show(&mut self, told: Told) {
        match told {
            Told::Verbatim(text) => {
                let rows: Vec<String> = text.lines().map(str::to_owned).collect();
                self.print_rows(self.story.now(), &rows);
            }
            Told::Begun { path, line } if self.live.is_some() => self.held.push((path, self.story.now(), line)),
            Told::Line(line) | Told::Begun { line, .. } => self.print(&line),
            Told::Ended { path, line } => {
                if self.held.last().is_some_and(|(held, ..)| *held == path) {
                    self.held.pop();
                }
                self.print(&line);
            }
            Told::Acting { effect, line } => self.act(effect, &line),
            Told::Acted { effect, line, tail } => self.acted(effect, line, &tail),
            Told::Table { columns, rows } => self.print_table(&columns, &rows),
            Told::Looked { what, look } => {
                let wait = self.waits.entry(what.clone()).or_insert_with(|| Wait::new(&what));
                wait.see(look, self.story.now());
                let news = self.live.is_none() && wait.is_news(self.story.now());
                let sentence = news.then(|| wait.sentence());
                self.waiting = Some(what);
                if let Some(sentence) = sentence {
                    let line = self.here().marked(Tone::Plain, "…", sentence);
                    self.print(&line);
                }
            }
            Told::Beat { path, beat } => self.hear(path, beat),
            Told::Silent { path } => self.canaries.retain(|pulse| pulse.path != path),
            Told::WaitOver { what, line } => {
                self.waits.remove(&what);
                self.waiting = self.waits.keys().next_back().cloned();
                if let Some(line) = line {
                    self.print(&line);
                }
            }
            Told::Asked(line) => {
                self.print(&line);
                if self.live.is_some() {
                    // A bell: somebody waits for an answer, perhaps in another window.
                    self.err.stream.write("\u{7}");
                }
                self.asking = true;
            }
            Told::Replied(line) => {
                self.asking = false;
                self.print(&line);
            }
        }
    }

    /// A canary sings: on the status line, or now and then in a log.
    fn hear(&mut self, path: Path, beat: Beat) {
        let (now, depth) = (self.story.now(), self.story.tree().depth_here());
        let at = self.canaries.iter().position(|pulse| pulse.path == path).unwrap_or_else(|| {
            self.canaries.push(Pulse::new(path));
            self.canaries.len() - 1
        });
        let Some(pulse) = self.canaries.get_mut(at) else { return };
        pulse.see(beat);
        if self.live.is_none() && pulse.is_news(now) {
            let line = pulse.line(depth);
            self.print(&line);
        }
    }

    /// The columns that a text on stderr may take, beside what stands before each row; a log has no edge.
    pub fn text_columns(&self) -> usize {
        match &self.live {
            Some(live) => live.columns().saturating_sub(self.start_of_row(self.story.now(), false).chars().count()),
            None => usize::MAX,
        }
    }

    fn here(&self) -> Line {
        Line::at(self.story.tree().depth_here())
    }

    fn act(&mut self, effect: u64, line: &Line) {
        self.acting.push((effect, line.text()));
        if self.live.is_some() {
            return;
        }
        self.end_row();
        let start = self.start_of_row(self.story.now(), self.err.colour);
        let rows = line.rows(self.err.colour, usize::MAX).join(&format!("\n{start}"));
        self.err.stream.write(&format!("{start}{rows}"));
        self.unended = Some(effect);
    }

    fn acted(&mut self, effect: u64, line: Line, tail: &Line) {
        self.acting.retain(|(number, _)| *number != effect);
        if self.unended == Some(effect) {
            self.unended = None;
            let rows = tail.rows(self.err.colour, usize::MAX);
            self.err.stream.write(&rows[0]);
            self.err.stream.write("\n");
            let below: Vec<String> = rows[1..].iter().map(|row| format!("{}{row}", "  ".repeat(line.depth))).collect();
            self.print_rows(self.story.now(), &below);
        } else {
            self.print(&line.joined(tail.clone()));
        }
    }

    fn print(&mut self, line: &Line) {
        self.print_held();
        self.print_rows(self.story.now(), &line.rows(self.err.colour, self.text_columns()));
    }

    fn print_held(&mut self) {
        for (_, at, held) in std::mem::take(&mut self.held) {
            self.print_rows(at, &held.rows(self.err.colour, self.text_columns()));
        }
    }

    fn print_rows(&mut self, at: Timestamp, rows: &[String]) {
        self.end_row();
        let start = self.start_of_row(at, self.err.colour);
        let mut text = String::new();
        let day = at.to_zoned_datetime(self.story.zone().clone()).date();
        if self.times && self.day.replace(day).is_some_and(|before| before != day) {
            push_rows(&mut text, &start, &[format!("── {day} ──")]);
        }
        push_rows(&mut text, &start, rows);
        let stream = self.err.stream.clone();
        self.above(|| stream.write(&text));
    }

    fn print_table(&mut self, columns: &[String], rows: &[Vec<String>]) {
        self.print_held();
        self.end_row();
        let width = self.out.columns.as_ref().map_or(COLUMNS_WITHOUT_TERMINAL, |columns| columns());
        let width = usize::from(width).saturating_sub(self.sandbox(false).chars().count());
        let mut text = String::new();
        push_rows(&mut text, &self.sandbox(self.out.colour), &table::rows(columns, rows, width, 0));
        let stream = self.out.stream.clone();
        self.above(|| stream.write(&text));
    }

    fn above(&self, print: impl FnOnce()) {
        match &self.live {
            Some(live) => live.above(print),
            None => print(),
        }
    }

    /// Ends the row of an effect whose outcome did not come next.
    fn end_row(&mut self) {
        if self.unended.take().is_some() {
            self.err.stream.write("\n");
        }
    }

    fn start_of_row(&self, at: Timestamp, colour: bool) -> String {
        let time = if self.times {
            Tone::Dim.paint(&format!("{} ", time_of_day(at, self.story.zone())), colour)
        } else {
            String::new()
        };
        format!("{time}{}", self.sandbox(colour))
    }

    fn sandbox(&self, colour: bool) -> String {
        match &self.story.view().head {
            Some(head) if head.sandbox => Tone::Dim.paint(SANDBOX_MARK, colour),
            _ => String::new(),
        }
    }

    /// The status line says what is going on now: a wait, else an effect in flight, else the step.
    fn draw_status(&mut self) {
        let prefix = self.sandbox(self.err.colour);
        let taken = self.sandbox(false).chars().count() + 3;
        let Some(live) = &mut self.live else { return };
        let song = self.canaries.iter().map(|pulse| format!("{} · ", pulse.status())).collect::<Vec<_>>().concat();
        let columns = live.columns().saturating_sub(taken + song.chars().count());
        // Behind a timed text stand two spaces and a duration such as `59m`.
        let timed_columns = columns.saturating_sub(8);
        if self.asking || !self.status {
            live.clear();
        } else if let Some(wait) = self.waiting.as_ref().and_then(|what| self.waits.get(what)) {
            live.show(&prefix, "wait", format!("{song}{}", wait.status(columns)), false);
        } else if let Some((effect, text)) = self.acting.last() {
            live.show(&prefix, &format!("effect {effect}"), format!("{song}{}", shorten(text, timed_columns)), true);
        } else if let Some(step) = self.story.tree().innermost().and_then(|path| path.last()) {
            live.show(&prefix, &format!("step {step}"), format!("{song}{}", shorten(step, timed_columns)), true);
        } else if !song.is_empty() {
            live.show(&prefix, "canary", song.trim_end_matches(" · ").to_owned(), false);
        } else {
            live.clear();
        }
    }

    fn forget_what_was_going_on(&mut self) {
        self.waits.clear();
        self.waiting = None;
        self.canaries.clear();
        self.acting.clear();
        self.asking = false;
    }
}

impl Reporter for Terminal {
    fn on_event(&mut self, event: &Event) {
        if self.story.is_followed_by(event) {
            for told in self.story.close(&Closing::default(), true) {
                self.show(told);
            }
        }
        for told in self.story.tell(event) {
            self.show(told);
        }
        if self.story.stands_still() {
            self.forget_what_was_going_on();
        }
        self.draw_status();
    }

    fn rest(&mut self) {
        self.print_held();
        self.end_row();
        self.forget_what_was_going_on();
        self.story.rest();
        if let Some(live) = &mut self.live {
            live.clear();
        }
    }

    fn end(&mut self, closing: &Closing<'_>) {
        self.forget_what_was_going_on();
        if let Some(live) = &mut self.live {
            live.clear();
        }
        for told in self.story.close(closing, false) {
            self.show(told);
        }
        self.end_row();
    }
}
