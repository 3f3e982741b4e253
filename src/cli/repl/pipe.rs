//! Lines from a pipe or a file: no prompt, no history.

use super::{Lines, Typed};
use crate::script::unfinished::wants_more;
use std::io::BufRead;

pub(super) struct Pipe;

impl Lines for Pipe {
    fn next(&mut self, _prompt: &str) -> Typed {
        let mut text = String::new();
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            text.push_str(&line);
            if text.trim().is_empty() {
                text.clear();
            } else if text.trim_start().starts_with(':') || !wants_more(&text) {
                return Typed::Text(text);
            } else {
                text.push('\n');
            }
        }
        // Cut short: the parser says what is missing.
        if text.is_empty() { Typed::End } else { Typed::Text(text) }
    }
}
