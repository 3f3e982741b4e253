//! Questions: gates, points of no return, and effects whose outcome is unknown.
//!
//! A recorded answer holds only for the identical question. A run that waits at a question holds no lock.

use crate::error::Error;
use crate::event::{Intent, Path, Progress, Record};
use crate::run::session::{Session, user_name};
use crate::run::trouble::{Halt, Trouble};
use std::sync::{Arc, PoisonError};

/// Asks a question and gives the line that was typed; none when the input is closed.
pub type Person = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Who answers: flags of the command line, and a person where there is a terminal.
#[derive(Clone, Default)]
pub struct Answers {
    /// `--yes`: answers `confirm`, and nothing else.
    pub yes: bool,
    /// `--accept WHAT`: points of no return that are agreed to beforehand.
    pub accept: Vec<String>,
    /// `--answer 'STEP=done|redo'`: what happened to effects of a step.
    pub known: Vec<(String, WhatHappened)>,
    /// The cluster was not named but taken from `default`: its first change is confirmed.
    pub confirm_first_change: bool,
    /// Asks a person and gives the line typed; none without a terminal. `None` from it: the input is closed.
    pub person: Option<Person>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhatHappened {
    /// It is as it should be: go on.
    Done,
    /// Do it (again).
    Redo,
}

/// How a question is put.
struct Gate<'a> {
    question: &'a str,
    prompt: &'a str,
    /// What answers it beforehand.
    flag: &'a str,
}

impl Session {
    /// A gate. Comes back when somebody agreed.
    pub fn confirm(&self, question: &str) -> Result<(), Trouble> {
        let said = |line: &str| matches!(line.trim().to_lowercase().as_str(), "y" | "yes");
        let yes = self.inner().setting.answers.yes.then(|| format!("{} by --yes", user_name()));
        self.gate(&Gate { question, prompt: "[y/N]", flag: "--yes" }, yes, said)
    }

    /// Wants the cluster's name typed, or `--accept` with the same words.
    pub fn point_of_no_return(&self, what: &str) -> Result<(), Trouble> {
        let cluster = self.about().cluster.clone();
        let accepted = self.inner().setting.answers.accept.iter().any(|accepted| accepted == what);
        let accepted = accepted.then(|| format!("{} by --accept", user_name()));
        let prompt = format!("there is no way back; type the cluster's name ({cluster}) to go on:");
        let (question, flag) = (format!("point of no return: {what}"), format!("--accept {}", in_quotes(what)));
        let gate = Gate { question: &question, prompt: &prompt, flag: &flag };
        self.gate(&gate, accepted, |line| line.trim() == cluster)
    }

    fn gate(&self, gate: &Gate<'_>, by_flag: Option<String>, said: impl Fn(&str) -> bool) -> Result<(), Trouble> {
        let question = gate.question;
        if let Some(place) = self.track().reads_only() {
            return Err(Error::new("QUESTION_MISPLACED", format!("a question inside {place}: {question}"))
                .hint("ask before it or after it")
                .into());
        }
        self.safe_point()?;
        let path = self.track().path();
        if self.answered_before(&path, question).is_some() {
            return Ok(());
        }
        let answered =
            |who| Record::Answered { path: path.clone(), question: question.to_owned(), answer: "yes".into(), who };
        if let Some(who) = by_flag {
            self.record(answered(who))?;
            return Ok(());
        }
        let line = self.ask(&path, gate)?;
        if said(&line) {
            self.record(answered(user_name()))?;
            return Ok(());
        }
        self.record(Record::Declined { path: path.clone(), question: question.to_owned(), who: user_name() })?;
        Err(Halt::Question { question: question.to_owned(), declined: true }.into())
    }

    /// Something is neither as krun left it nor as it was: shows it and asks whether that will do.
    pub(crate) fn ask_what_happened(&self, intent: &Intent, evidence: &str) -> Result<WhatHappened, Halt> {
        let question =
            format!("{}: {evidence}. Is that as it should be (done), shall krun do it (redo)?", intent.summary);
        if let Some(answer) = self.answered_before(&intent.path, &question) {
            return Ok(if answer == "redo" { WhatHappened::Redo } else { WhatHappened::Done });
        }
        let step = intent.path.join(" › ");
        let known = &self.inner().setting.answers.known;
        let by_flag =
            known.iter().find(|(name, _)| *name == step || intent.path.last() == Some(name)).map(|(_, what)| *what);
        let (what, who) = if let Some(what) = by_flag {
            (what, format!("{} by --answer", user_name()))
        } else {
            let flag = format!("--answer {}", in_quotes(&format!("{step}=done|redo")));
            let gate = Gate { question: &question, prompt: "[done/redo, anything else: decide later]", flag: &flag };
            match self.ask(&intent.path, &gate)?.trim() {
                "done" => (WhatHappened::Done, user_name()),
                "redo" => (WhatHappened::Redo, user_name()),
                _ => return Err(Halt::Question { question, declined: true }),
            }
        };
        let answer = if what == WhatHappened::Redo { "redo" } else { "done" };
        self.record(Record::Answered { path: intent.path.clone(), question, answer: answer.to_owned(), who })?;
        Ok(what)
    }

    /// The first change on a cluster that nobody named.
    pub(crate) fn confirm_first_change(&self) -> Result<(), Halt> {
        if !self.inner().setting.answers.confirm_first_change {
            return Ok(());
        }
        let _in_turn = self.inner().turns.first_change.lock().unwrap_or_else(PoisonError::into_inner);
        let question = format!("`{}` is only the default cluster: change it?", self.about().cluster);
        if self.state().history.answers.iter().any(|answer| answer.question == question) {
            return Ok(());
        }
        let path = self.track().path();
        let who = if self.inner().setting.answers.yes {
            format!("{} by --yes", user_name())
        } else {
            let gate = Gate { question: &question, prompt: "[y/N]", flag: "--yes" };
            let line = self.ask(&path, &gate)?;
            if !matches!(line.trim(), "y" | "yes") {
                return Err(Halt::Question { question, declined: true });
            }
            user_name()
        };
        self.record(Record::Answered { path, question, answer: "yes".to_owned(), who })?;
        Ok(())
    }

    fn answered_before(&self, path: &Path, question: &str) -> Option<String> {
        self.nth_answer(path, question, self.nth_asked(path, question))
    }

    /// How often this session has come to the question before.
    pub(super) fn nth_asked(&self, path: &Path, question: &str) -> usize {
        let mut state = self.state();
        let asked = state.asked.entry((path.clone(), question.to_owned())).or_default();
        *asked += 1;
        *asked - 1
    }

    pub(super) fn nth_answer(&self, path: &Path, question: &str, nth: usize) -> Option<String> {
        let state = self.state();
        let mut same =
            state.history.answers.iter().filter(|answer| answer.path == *path && answer.question == question);
        same.nth(nth).map(|answer| answer.answer.clone())
    }

    fn ask(&self, path: &[String], gate: &Gate<'_>) -> Result<String, Halt> {
        let question = gate.question;
        let _in_turn = self.inner().turns.asking.lock().unwrap_or_else(PoisonError::into_inner);
        // Other items of a `parallel` go on meanwhile, and need the lock.
        let is_alone = self.track().item.is_empty();
        let unanswered = || Halt::Question { question: question.to_owned(), declined: false };
        let person = self.inner().setting.answers.person.as_ref().filter(|_| !self.stop().detached());
        self.note(Progress::Asking { question: question.to_owned(), flag: Some(gate.flag.to_owned()) });
        let Some(person) = person.filter(|_| !self.asks_only()) else { return Err(unanswered()) };
        if is_alone {
            self.release_lock();
        }
        let line = person(gate.prompt);
        let waited = if line.is_none() && self.stop().level() > crate::run::stop::Level::Run {
            Err(Halt::Interrupted)
        } else {
            line.ok_or_else(unanswered)
        };
        if is_alone {
            self.retake_lock(path)?;
        }
        waited
    }
}

/// As a shell takes it.
fn in_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
