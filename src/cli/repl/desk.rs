//! What becomes of a line: it is asked, or it is a step of the open run; or it is a `:` word.

use super::open_run::{Ground, OpenRun};
use super::past;
use super::person;
use super::watch::Watch;
use crate::bind;
use crate::bind::host::Host;
use crate::cli::{docs, eval, person as at_terminal, screen};
use crate::effect::connection::Connection;
use crate::error::Error;
use crate::host::Hosts;
use crate::kafka::Client;
use crate::report;
use crate::run::question::Answers;
use crate::run::session::Session;
use crate::run::store::StateRoot;
use crate::run::trouble::Halt;
use crate::run::typed;
use crate::script::ask::{Answer, Asking, Unanswered};
use crate::script::completion::Names;
use crate::script::{engine, reference};
use crate::suggestion::did_you_mean;
use std::ops::ControlFlow;
use std::sync::Arc;
use tokio::runtime::Runtime;

pub(super) const READ_ONLY: &str = "(read-only)";
/// In place of a line that begins with a space or names a secret.
const NOT_KEPT: &str = "(not kept)";
const READ_WRITE: &str = "(read-write)";

/// The `:` words, and what they do.
pub(super) const COMMANDS: [(&str, &str); 4] = [
    (":help", "this; `:help NAME` tells a function, as `krun docs NAME` does"),
    (":rw", "changes are allowed: the session becomes a run whose steps are its lines"),
    (":ro", "changes are refused again, and the run ends"),
    (":quit", "leave, as Ctrl-D does"),
];

const KEYS: [(&str, &str); 5] = [
    ("cluster", "the cluster; variables, functions and imports stay from line to line"),
    ("Tab", "completes, with signatures"),
    ("Enter", "ends the line, or goes on below it while something is open"),
    ("Ctrl-C", "stops what runs, or drops the line"),
    ("space", "before a line: it is not kept, and neither is one with a word such as `password`"),
];

pub(super) struct Desk<'a> {
    ground: Ground<'a>,
    connection: Connection,
    /// It only asks.
    reader: Session,
    asking: Asking,
    watch: Watch,
    yes: bool,
    /// Of the last line.
    number: usize,
    /// All lines so far, as the folder of a run keeps them.
    typed: String,
    has_failed: bool,
}

impl<'a> Desk<'a> {
    pub(super) fn open(
        ground: Ground<'a>,
        cluster: (Client, Hosts),
        runtime: &Runtime,
        watch: Watch,
        yes: bool,
    ) -> Self {
        let (reader, connection) =
            eval::reader(ground.shared, &ground.root, &ground.chosen.name, cluster, runtime, watch.stop().clone());
        let (session, of_host) = (reader.clone(), connection.clone());
        let asking = Asking::new(|explain, locate| Host {
            session,
            connection: of_host,
            params: Arc::default(),
            explain,
            locate,
        });
        let (number, typed, has_failed) = (0, String::new(), false);
        Self { ground, connection, reader, asking, watch, yes, number, typed, has_failed }
    }

    pub(super) fn root(&self) -> &StateRoot {
        &self.ground.root
    }

    pub(super) fn names(&self) -> Names {
        self.asking.names()
    }

    /// Whether any line has.
    pub(super) fn has_failed(&self) -> bool {
        self.has_failed
    }

    pub(super) fn welcome(&self) -> String {
        let cluster = &self.ground.chosen.name;
        format!(
            "krun repl on cluster {cluster}, read-only; `:rw` allows changes, `:help` tells the rest, Ctrl-D leaves"
        )
    }

    pub(super) fn prompt(&self) -> String {
        let mode = if self.watch.run().is_some() { READ_WRITE } else { READ_ONLY };
        format!("{} {mode} {}> ", self.ground.chosen.name, self.number + 1)
    }

    /// One line, or a `:` word. `Break` where it says to leave.
    pub(super) fn take(&mut self, text: &str) -> ControlFlow<()> {
        let Some(command) = text.trim().strip_prefix(':') else {
            self.line(text);
            return ControlFlow::Continue(());
        };
        let mut words = command.split_whitespace();
        match (words.next().unwrap_or_default(), words.next(), words.next()) {
            ("quit" | "q" | "exit", None, None) => return ControlFlow::Break(()),
            ("rw", None, None) => self.allow_changes(),
            ("ro", None, None) => self.only_ask(),
            ("help" | "h", None, None) => self.help(),
            ("help" | "h", Some(name), None) => self.page(name),
            (word, ..) => {
                let error = Error::new("USAGE", format!("`:{}` is no word of this REPL", command.trim()));
                let meant = did_you_mean(&format!(":{word}"), COMMANDS.iter().map(|(word, _)| *word));
                self.failed(&error.hint(meant.unwrap_or_else(|| "`:help` lists them".to_owned())));
            }
        }
        ControlFlow::Continue(())
    }

    fn line(&mut self, text: &str) {
        self.number += 1;
        let name = format!("line {}", self.number);
        let kept = if past::is_kept(text) { text } else { NOT_KEPT };
        let comment = if kept == NOT_KEPT { "// " } else { "" };
        self.typed.push_str(&format!("// {name}\n{comment}{kept}\n"));
        let Some(run) = self.watch.run() else {
            let answered = self.asking.ask(&name, text, None);
            return self.tell(answered, false);
        };
        if let Err(error) = run.session.folder().write("sources/0.rhai", self.typed.as_bytes()) {
            return self.failed(&error);
        }
        let step = typed::step_name(self.number, kept);
        let answered = self.asking.ask(&name, text, Some(&step));
        run.rest();
        let finished = answered.is_ok();
        self.tell(answered, true);
        if !finished {
            for what in run.session.left_by(&step) {
                run.session.warn(format!("{name} was not finished and leaves this in place: {what}"));
            }
        }
        // A run that cannot record, or that lost the cluster to somebody else at a question, is over.
        if !run.session.journal_is_sound() || !run.session.holds_lock() {
            self.only_ask();
        }
    }

    fn tell(&mut self, answered: Result<Answer, Unanswered>, is_step: bool) {
        match answered {
            Ok(answer) => {
                if let Err(complaint) = eval::show(self.ground.shared, &answer) {
                    self.has_failed = true;
                    complaint.tell(self.ground.shared);
                }
            }
            // The report of the run has told it already.
            Err(Unanswered::Failed(_)) if is_step => self.has_failed = true,
            Err(Unanswered::Unreadable(report) | Unanswered::Failed(report)) => {
                self.has_failed = true;
                screen::problems(self.ground.shared, &report);
            }
            Err(Unanswered::Halted(halt)) => {
                if halt == Halt::Interrupted && at_terminal::is_there() {
                    // Behind the `^C` that the terminal shows.
                    screen::text("\n");
                }
                self.failed(&halted(halt, is_step));
            }
        }
    }

    fn failed(&mut self, error: &Error) {
        self.has_failed = true;
        screen::error(self.ground.shared, error);
    }

    fn allow_changes(&mut self) {
        if self.watch.run().is_some() {
            return screen::note("changes are allowed already; `:ro` ends that");
        }
        let (stop, sandbox) = (self.watch.stop(), self.ground.chosen.sandbox);
        let answers = Answers {
            yes: self.yes,
            confirm_first_change: self.ground.chosen.defaulted && !sandbox,
            person: at_terminal::is_there().then(|| person::at_the_terminal(stop.clone(), sandbox)),
            ..Answers::default()
        };
        let begun = OpenRun::begin(&self.ground, &self.connection, answers, stop, &self.typed);
        match begun {
            Ok(run) => {
                self.go_on_with(run.session.clone());
                run.rest();
                self.watch.begin(run);
            }
            Err(error) => {
                if error.code == "LOCKED" {
                    self.watch.at_least(5);
                }
                self.failed(&error);
            }
        }
    }

    fn only_ask(&mut self) {
        if self.watch.run().is_none() {
            return screen::note("changes are refused already; `:rw` allows them");
        }
        self.go_on_with(self.reader.clone());
        self.watch.end_run();
    }

    fn go_on_with(&mut self, session: Session) {
        let connection = self.connection.clone();
        let params = Arc::default();
        self.asking.go_on_with(|explain, locate| Host { session, connection, params, explain, locate });
    }

    fn columns(&self) -> usize {
        usize::from(screen::columns(self.ground.shared).min(report::COLUMNS_WITHOUT_TERMINAL))
    }

    fn help(&self) {
        let rows = COMMANDS.iter().chain(&KEYS).map(|(word, about)| vec![(*word).to_owned(), (*about).to_owned()]);
        for row in report::table_rows(&[], &rows.collect::<Vec<_>>(), self.columns(), 1) {
            screen::line(&row);
        }
    }

    fn page(&mut self, name: &str) {
        let entries = reference::entries(&engine::build(bind::register));
        let found = reference::named(&entries, name);
        if found.is_empty() {
            return self.failed(&docs::unknown(&entries, name));
        }
        for row in docs::told(&found, self.columns()) {
            screen::line(&row);
        }
    }
}

/// Why a line was left before its end.
fn halted(halt: Halt, is_step: bool) -> Error {
    match halt {
        Halt::Interrupted => Error::new("INTERRUPTED", "the line was stopped"),
        Halt::Question { question, declined: true } => Error::new("DECLINED", format!("declined: {question}")),
        Halt::Question { question, .. } => {
            let hint =
                if is_step { "at a terminal somebody is asked; `--yes` agrees beforehand" } else { "`:rw` first" };
            Error::new("QUESTION", format!("nobody is asked here: {question}")).hint(hint)
        }
        Halt::Paused { text } => {
            let error = Error::new("PAUSED", format!("nobody goes on here: {text}"));
            error.hint("a pause is for a runbook: it is resumed")
        }
        Halt::WindowClosed { window, .. } => Error::new("WINDOW_CLOSED", format!("the window {window} is closed")),
        Halt::Blocked(error) | Halt::Broken(error) => error,
        Halt::Tripped(tripped) => tripped.error,
    }
}
