//! What the values of a file should be: typed looks at nodes, each miss a fault that names what it is about.

use super::fault::{Fault, Faults};
use super::tree::{Member, Node, Value};
use crate::suggestion::{did_you_mean, nearest};
use std::fmt::Display;
use std::ops::{Range, RangeInclusive};

/// Collects what is wrong with the values of one kind of file.
pub(crate) struct Shape<'f> {
    code: &'static str,
    faults: &'f mut Faults,
}

/// An object, known by the name that messages give it.
#[derive(Clone, Copy)]
pub(crate) struct Object<'n> {
    span: &'n Range<usize>,
    members: &'n [Member],
}

impl<'n> Object<'n> {
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.members.iter().find(|member| member.key == key).map(|member| &member.value)
    }

    fn keys(&self) -> impl Iterator<Item = &'n str> {
        self.members.iter().map(|member| member.key.as_str())
    }
}

impl Node {
    /// The members where it is an object; no fault where it is none.
    pub(crate) fn as_object(&self) -> Option<Object<'_>> {
        match &self.value {
            Value::Object(members) => Some(Object { span: &self.span, members }),
            _ => None,
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null | Value::Broken => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
        }
    }
}

impl<'f> Shape<'f> {
    pub(super) fn new(code: &'static str, faults: &'f mut Faults) -> Self {
        Self { code, faults }
    }

    pub(crate) fn fault(&mut self, span: &Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        let (message, hint) = (message.into(), Some(hint.into()));
        self.faults.push(Fault { code: self.code, message, hint, span: span.clone(), other: None });
    }

    pub(crate) fn object<'n>(&mut self, node: &'n Node, what: &str) -> Option<Object<'n>> {
        let Some(object) = node.as_object() else {
            self.mistyped(node, what, "an object in `{` and `}`");
            return None;
        };
        for (nth, member) in object.members.iter().enumerate() {
            if object.members[..nth].iter().any(|before| before.key == member.key) {
                self.fault(
                    &member.key_span,
                    format!("{what} has the key \"{}\" twice", member.key),
                    "keep one of them",
                );
            }
        }
        Some(object)
    }

    /// Refuses keys that are not known; `ignored_by` says who passes over them.
    pub(crate) fn only(&mut self, object: Object<'_>, what: &str, known: &[&str], ignored_by: &str) {
        for member in object.members {
            // An empty one stands for a key that is missing, and that was said.
            if known.contains(&member.key.as_str()) || member.key.is_empty() {
                continue;
            }
            let free = known.iter().copied().filter(|known| !object.keys().any(|key| key == *known));
            let keys = format!("the keys are {}", known.join(", "));
            let hint = match did_you_mean(&member.key, free) {
                Some(meant) => format!("{meant} {keys}"),
                None => format!("{keys}; {ignored_by} passes over others without a word: remove it"),
            };
            self.fault(&member.key_span, format!("{what} has an unknown key \"{}\"", member.key), hint);
        }
    }

    /// The value of a key that must be there. A key that nearly has its name is said to be unknown already, if `told`.
    pub(crate) fn required<'n>(&mut self, object: Object<'n>, what: &str, key: &str, told: bool) -> Option<&'n Node> {
        let found = object.get(key);
        if found.is_none() {
            let near = nearest(key, object.keys());
            if near.is_some() && told {
                return None;
            }
            let hint = match near {
                Some(near) => format!("is \"{near}\" meant? the key is \"{key}\""),
                None => format!("write \"{key}\" and its value"),
            };
            let start = object.span.start;
            self.fault(&(start..start + 1), format!("{what} lacks \"{key}\""), hint);
        }
        found
    }

    pub(crate) fn list<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        if let Value::List(items) = &node.value {
            return Some(items);
        }
        self.mistyped(node, what, "a list in `[` and `]`");
        None
    }

    pub(crate) fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        let text = node.as_text();
        if text.is_none() {
            self.mistyped(node, what, "a text in double quotes");
        }
        text
    }

    pub(crate) fn truth(&mut self, node: &Node, what: &str) {
        if !matches!(node.value, Value::Bool(_)) {
            self.mistyped(node, what, "true or false");
        }
    }

    /// A whole number of this range.
    pub(crate) fn whole(&mut self, node: &Node, what: &str, range: &RangeInclusive<i128>) -> Option<i128> {
        let Value::Number(written) = &node.value else {
            self.mistyped(node, what, "a whole number");
            return None;
        };
        let number: Option<i128> = written.parse().ok();
        match number {
            Some(number) if range.contains(&number) => return Some(number),
            Some(number) if number < *range.start() => {
                self.wrong_number(node, what, written, &format!("at least {}", range.start()));
            }
            Some(_) => self.wrong_number(node, what, written, &format!("at most {}", range.end())),
            None => self.wrong_number(node, what, written, "a whole number"),
        }
        None
    }

    fn wrong_number(&mut self, node: &Node, what: &str, written: impl Display, wanted: &str) {
        self.fault(&node.span, format!("{what} is {written}"), format!("it must be {wanted}"));
    }

    fn mistyped(&mut self, node: &Node, what: &str, wanted: &str) {
        if node.value != Value::Broken {
            self.fault(&node.span, format!("{what} is {}", node.kind()), format!("it must be {wanted}"));
        }
    }
}
