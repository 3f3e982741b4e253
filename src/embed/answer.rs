//! Questions of a run, put to an embedder.

use crate::run::question::{Asked, Person, QuestionKind, Said};
use crate::run::store::About;
use std::sync::Arc;

/// A question that a run waits at. Until it is answered the run holds no lock on its cluster, and other runs may change it.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub kind: QuestionKind,
    /// The run that asks.
    pub run: &'a str,
    pub cluster: &'a str,
    /// Where in the run: the names of the steps on the way there, outermost first.
    pub path: &'a [String],
    /// What is asked, in words.
    pub text: &'a str,
}

/// What an embedder says to a [`Question`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    words: Words,
    who: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    Yes,
    No,
    Done,
    Redo,
    Nobody,
}

impl Answer {
    /// Go on. Answers every kind of question but [`QuestionKind::WhatHappened`].
    pub const YES: Self = Self::of(Words::Yes);
    /// No: the run stops and says that it was declined; resumed, it asks again.
    pub const NO: Self = Self::of(Words::No);
    /// Of a [`QuestionKind::WhatHappened`]: it is as it should be, go on.
    pub const DONE: Self = Self::of(Words::Done);
    /// Of a [`QuestionKind::WhatHappened`]: do it (again).
    pub const REDO: Self = Self::of(Words::Redo);
    /// Nobody answers now: the run stops, and asks again when it is resumed. An answer that does not fit the question
    /// counts as this one.
    pub const NOBODY: Self = Self::of(Words::Nobody);

    const fn of(words: Words) -> Self {
        Self { words, who: None }
    }

    /// Who answered, for the journal; else it is the user of the process.
    #[must_use]
    pub fn by(self, who: impl Into<String>) -> Self {
        Self { who: Some(who.into()), ..self }
    }

    /// As somebody at a terminal would have typed it.
    fn said(self, kind: QuestionKind, cluster: &str) -> Option<Said> {
        let line = match (self.words, kind) {
            (Words::Yes, QuestionKind::PointOfNoReturn) => cluster,
            (Words::Yes, QuestionKind::Confirm | QuestionKind::FirstChange) => "yes",
            (Words::No, _) => "no",
            (Words::Done, QuestionKind::WhatHappened) => "done",
            (Words::Redo, QuestionKind::WhatHappened) => "redo",
            _ => return None,
        };
        Some(Said { line: line.to_owned(), who: self.who })
    }
}

pub(super) type Answerer = dyn Fn(&Question<'_>) -> Answer + Send + Sync;

/// Whom a run asks.
pub(super) fn person(answerer: Arc<Answerer>, about: &About) -> Person {
    let (run, cluster) = (about.run.clone(), about.cluster.clone());
    Arc::new(move |asked: &Asked<'_>| {
        let question =
            Question { kind: asked.kind, run: &run, cluster: &cluster, path: asked.path, text: asked.question };
        answerer(&question).said(asked.kind, &cluster)
    })
}
