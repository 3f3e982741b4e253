//! The topics of a state by name, and what is said of one that is not there.

use super::json::is_dash;
use crate::plan::State;
use crate::suggestion::did_you_mean;
use std::collections::HashMap;

pub(super) struct Names<'s> {
    index: HashMap<&'s str, usize>,
}

impl<'s> Names<'s> {
    pub(super) fn of(state: &'s State) -> Self {
        let names = state.topics.iter().enumerate().map(|(index, topic)| (topic.name.as_str(), index));
        Self { index: names.collect() }
    }

    /// Where in the state the topic is.
    pub(super) fn index(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// What is wrong with the name of no topic, and what may have been meant.
    pub(super) fn unknown(&self, name: &str) -> (String, String) {
        let message = format!("there is no topic \"{name}\"");
        let plain: String = name.chars().map(|c| if is_dash(c) { '-' } else { c }).collect();
        let trimmed = plain.trim();
        if trimmed != name && self.index.contains_key(trimmed) {
            let what = if plain == name { "a space" } else { "a dash that a word processor made of a hyphen" };
            return (message, format!("did you mean \"{trimmed}\"? the name here has {what}"));
        }
        // In a fixed order: equal distances must not depend on how names hash.
        let mut names: Vec<&str> = self.index.keys().copied().collect();
        names.sort_unstable();
        let hint = did_you_mean(name, names);
        (message, hint.unwrap_or_else(|| format!("the cluster has {} topics", self.index.len())))
    }
}
