//! Questions: gates, points of no return, and effects whose outcome is unknown.
//!
//! A recorded answer holds only for the identical question. A run that waits at a question holds no lock.

use crate::error::Error;
use crate::event::{Intent, Path, Progress, Record};
use crate::run::session::{Session, user_name};
use crate::run::trouble::{Halt, Trouble};
use std::sync::{Arc, PoisonError};

/// Is asked a question, and gives what was said; nothing when nobody is there any more.
pub type Person = Arc<dyn Fn(&Asked<'_>) -> Option<Said> + Send + Sync>;

/// A question as it is put.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub kind: QuestionKind,
    /// Where in the run it is asked: the names on the way there.
    pub path: &'a [String],
    pub question: &'a str,
    /// What may be typed.
    pub prompt: &'a str,
    /// What answers it beforehand.
    flag: &'a str,
}

/// What an answer to a question means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionKind {
    /// `confirm` of a script.
    Confirm,
    /// `point_of_no_return` of a script.
    PointOfNoReturn,
    /// The first change on a cluster that nobody named.
    FirstChange,
    /// Something is neither as krun left it nor as it was: will that do, or shall it be done (again)?
    WhatHappened,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// As it was typed.
    pub line: String,
    /// Who said it, for the journal; else whoever runs krun.
    pub who: Option<String>,
}

impl Said {
    pub fn line(line: impl Into<String>) -> Self {
        Self { line: line.into(), who: None }
    }

    fn who(self) -> String {
        self.who.unwrap_or_else(user_name)
    }
}

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

impl Session {
    /// A gate. Comes back when somebody agreed.
    pub fn confirm(&self, question: &str) -> Result<(), Trouble> {
        let agrees = |line: &str| matches!(line.trim().to_lowercase().as_str(), "y" | "yes");
        let yes = self.inner().setting.answers.yes.then(|| format!("{} by --yes", user_name()));
        let asked = (QuestionKind::Confirm, question, "[y/N]", "--yes");
        self.gate(asked, yes, agrees)
    }

    /// Wants the cluster's name typed, or `--accept` with the same words.
    pub fn point_of_no_return(&self, what: &str) -> Result<(), Trouble> {
        let cluster = self.about().cluster.clone();
        let accepted = self.inner().setting.answers.accept.iter().any(|accepted| accepted == what);
        let accepted = accepted.then(|| format!("{} by --accept", user_name()));
        let prompt = format!("there is no way back; type the cluster's name ({cluster}) to go on:");
        let (question, flag) = (format!("point of no return: {what}"), format!("--accept {}", in_quotes(what)));
        let asked = (QuestionKind::PointOfNoReturn, &*question, &*prompt, &*flag);
        self.gate(asked, accepted, |line| line.trim() == cluster)
    }

    /// `asked`: its kind, the question, the prompt, and the flag that answers it.
    fn gate(
        &self,
        (kind, question, prompt, flag): (QuestionKind, &str, &str, &str),
        by_flag: Option<String>,
        agrees: impl Fn(&str) -> bool,
    ) -> Result<(), Trouble> {
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
        let said = self.ask(&Asked { kind, path: &path, question, prompt, flag })?;
        if agrees(&said.line) {
            self.record(answered(said.who()))?;
            return Ok(());
        }
        self.record(Record::Declined { path: path.clone(), question: question.to_owned(), who: said.who() })?;
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
            let said = self.ask(&Asked {
                kind: QuestionKind::WhatHappened,
                path: &intent.path,
                question: &question,
                prompt: "[done/redo, anything else: decide later]",
                flag: &flag,
            })?;
            match said.line.trim() {
                "done" => (WhatHappened::Done, said.who()),
                "redo" => (WhatHappened::Redo, said.who()),
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
            let (kind, prompt, flag) = (QuestionKind::FirstChange, "[y/N]", "--yes");
            let said = self.ask(&Asked { kind, path: &path, question: &question, prompt, flag })?;
            if !matches!(said.line.trim(), "y" | "yes") {
                return Err(Halt::Question { question, declined: true });
            }
            said.who()
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

    fn ask(&self, asked: &Asked<'_>) -> Result<Said, Halt> {
        let question = asked.question;
        let _in_turn = self.inner().turns.asking.lock().unwrap_or_else(PoisonError::into_inner);
        // Other items of a `parallel` go on meanwhile, and need the lock.
        let is_alone = self.track().item.is_empty();
        let unanswered = || Halt::Question { question: question.to_owned(), declined: false };
        let person = self.inner().setting.answers.person.as_ref().filter(|_| !self.stop().detached());
        self.note(Progress::Asking { question: question.to_owned(), flag: Some(asked.flag.to_owned()) });
        let Some(person) = person.filter(|_| !self.asks_only()) else { return Err(unanswered()) };
        if is_alone {
            self.release_lock();
        }
        let said = person(asked);
        let waited = if said.is_none() && self.stop().level() > crate::run::stop::Level::Run {
            Err(Halt::Interrupted)
        } else {
            said.ok_or_else(unanswered)
        };
        if is_alone {
            self.retake_lock(asked.path)?;
        }
        waited
    }
}

/// As a shell takes it.
fn in_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
