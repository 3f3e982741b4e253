//! The ends of lists, of objects and of the text: what is not closed, closed wrongly, or closed too often.

use super::{DEEPEST, Node, Tree, Value, Wants};
use crate::inventory::json::fault::Fault;
use crate::inventory::json::token::Bracket;
use std::ops::Range;

impl Tree<'_, '_> {
    pub(super) fn lacks_value(&mut self) {
        let Some((key, span)) = self.frames.last_mut().and_then(|frame| frame.key.take()) else { return };
        self.fault(span, format!("the key \"{key}\" has no value"), "write `: ` and the value, or remove the key");
    }

    pub(super) fn close(&mut self, bracket: Bracket, span: Range<usize>) {
        let closing = bracket.closing();
        let Some(depth) = self.frames.iter().rposition(|frame| frame.bracket == bracket) else {
            match self.frames.last() {
                None => self.fault(
                    span,
                    format!("`{closing}` closes nothing"),
                    "remove it, or write the bracket that opens",
                ),
                Some(frame) => {
                    let (name, right, opened) = (frame.bracket.name(), frame.bracket.closing(), frame.opened.clone());
                    let hint = format!("the {name} opened at {} is closed by `{right}`", self.place(opened.start));
                    let fault = Fault::json(span.clone(), format!("`{closing}` where `{right}` must stand"), hint);
                    self.faults.push(fault.other(opened, format!("this {name}")));
                    self.finish(span.end);
                }
            }
            return;
        };
        while self.frames.len() > depth + 1 {
            self.unclosed(span.clone());
        }
        self.trailing(closing);
        self.finish(span.end);
    }

    /// The innermost frame ends without its bracket before what stands at `before`.
    pub(super) fn unclosed(&mut self, before: Range<usize>) {
        let Some(frame) = self.frames.last() else { return };
        let (name, closing, opened) = (frame.bracket.name(), frame.bracket.closing(), frame.opened.clone());
        let next = self.text.get(before.clone()).unwrap_or_default();
        let hint = format!(
            "the {name} opened at {} is not closed: write `{closing}` before `{next}`",
            self.place(opened.start)
        );
        let fault = Fault::json(before.clone(), format!("`{closing}` missing before `{next}`"), hint);
        // The comma that follows belongs to what is around.
        if frame.comma != before {
            self.trailing(closing);
        }
        self.faults.push(fault.other(opened, format!("this {name} is not closed")));
        self.finish(before.start);
    }

    /// A comma, or a key without its value, before the end of a list or object.
    fn trailing(&mut self, closing: char) {
        let Some(frame) = self.frames.last() else { return };
        match frame.wants {
            Wants::Next => {
                let comma = frame.comma.clone();
                self.fault(
                    comma,
                    format!("a comma before `{closing}`"),
                    format!("remove the comma before `{closing}`"),
                );
            }
            Wants::Colon | Wants::Value => self.lacks_value(),
            Wants::First | Wants::Separator => {}
        }
    }

    fn finish(&mut self, end: usize) {
        let Some(frame) = self.frames.pop() else { return };
        let value = match frame.bracket {
            Bracket::List => Value::List(frame.items),
            Bracket::Object => Value::Object(frame.members),
        };
        self.put(Node { span: frame.opened.start..end, value });
    }

    pub(super) fn end(mut self, open_quote: bool) -> Option<Node> {
        let whole = self.text.trim_end().len();
        let last = self.text[..whole].char_indices().next_back().map_or(0..0, |(at, _)| at..whole);
        if self.frames.len() > DEEPEST {
            let hint = "a file that krun reads nests a few levels deep: it is none of these";
            self.fault(last, format!("brackets nest deeper than {DEEPEST} levels"), hint);
            return None;
        }
        if let Some(frame) = self.frames.last() {
            if !self.faults.is_full() {
                let missing: String = self.frames.iter().rev().map(|frame| frame.bracket.closing()).collect();
                let (name, opened) = (frame.bracket.name(), frame.opened.clone());
                let hint = format!(
                    "the {name} opened at {} is not closed: the file is cut off, or `{missing}` was forgotten",
                    self.place(opened.start)
                );
                let fault = Fault::json(last, "the file ends too early", hint);
                self.faults.replace_last_if(open_quote, fault.other(opened, format!("this {name} is not closed")));
            }
            return None;
        }
        if self.root.is_none() && self.faults.is_empty() {
            let what = if self.text.is_empty() { "the file is empty" } else { "the file holds nothing but spaces" };
            self.fault(last, what, "give a file with JSON in it");
        }
        self.root
    }
}
