//! What Tab offers: functions, methods and fields with their signatures, variables, modules, and the `:` words.

use super::desk::COMMANDS;
use crate::bind;
use crate::script::completion::{Names, Vocabulary};
use crate::script::engine;
use reedline::{Completer, CompletionResult, Span, Suggestion};
use std::sync::{Arc, Mutex, PoisonError};

pub(super) struct Completing {
    /// Made when it is first asked for: a REPL opens without waiting for it.
    vocabulary: Option<Vocabulary>,
    names: Arc<Mutex<Names>>,
}

impl Completing {
    pub(super) fn new(names: Arc<Mutex<Names>>) -> Self {
        Self { vocabulary: None, names }
    }
}

impl Completer for Completing {
    fn complete(&mut self, line: &str, position: usize) -> CompletionResult {
        let before = line.get(..position).unwrap_or(line);
        let offer = |start: usize, text: String, about: String| Suggestion {
            value: text,
            description: Some(about).filter(|about| !about.is_empty()),
            span: Span::new(start, position),
            ..Suggestion::default()
        };
        if before.starts_with(':') {
            let commands = COMMANDS.iter().filter(|(word, _)| word.starts_with(before));
            let offers = commands.map(|(word, about)| offer(0, (*word).to_owned(), (*about).to_owned()));
            return CompletionResult::fresh(offers.collect::<Vec<_>>());
        }
        let vocabulary = self.vocabulary.get_or_insert_with(|| Vocabulary::of(&engine::build(bind::register)));
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let completions = vocabulary.complete(before, &names);
        let offers = completions.found.into_iter().map(|one| offer(completions.start, one.text, one.about));
        CompletionResult::fresh(offers.collect::<Vec<_>>())
    }
}
