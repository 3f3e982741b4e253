//! The values of a text with their places, and what is wrong with its brackets, commas and colons.
//!
//! The frames are a stack of this file's own: a text cannot nest so deep that it ends the process.

mod closing;

use super::fault::{Fault, Faults, line_column};
use super::scan::Scanner;
use super::token::{Bracket, Kind, Token};
use std::ops::Range;

/// As deep as serde goes.
const DEEPEST: usize = 127;

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<Member>),
    /// Something that is wrong, and was said to be.
    Broken,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) value: Node,
}

/// The value of a text, as it was meant; nothing where its end is missing.
pub(super) fn read(text: &str, faults: &mut Faults) -> Option<Node> {
    if !text.trim().is_empty() && !text.contains(['{', '[']) {
        let line = text.find(|c: char| !c.is_whitespace()).unwrap_or(0);
        let end = text[line..].find('\n').map_or(text.len(), |end| line + end);
        faults.push(Fault::json(line..end, "this is no JSON", "give a file that begins with `{`"));
        return None;
    }
    let mut scanner = Scanner::new(text, faults);
    let mut tree = Tree { text, faults, frames: Vec::new(), root: None, last: 0..0 };
    while let Some(token) = scanner.next(tree.faults) {
        let last = token.span.clone();
        match token.kind {
            Kind::Word(_) if tree.frames.is_empty() && tree.is_outside(&token) => {
                let line = scanner.pass_line(token.span.start);
                tree.no_json(line);
            }
            Kind::Colon => tree.colon(token.span),
            Kind::Comma => tree.comma(token.span),
            Kind::Close(bracket) => tree.close(bracket, token.span),
            _ => tree.value(token),
        }
        tree.last = last;
        if tree.faults.is_full() || tree.frames.len() > DEEPEST {
            break;
        }
    }
    tree.end(scanner.open_quote)
}

/// A list or an object that is not closed yet.
struct Frame {
    bracket: Bracket,
    opened: Range<usize>,
    items: Vec<Node>,
    members: Vec<Member>,
    /// The key whose value comes next.
    key: Option<(String, Range<usize>)>,
    wants: Wants,
    comma: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wants {
    /// An item or a key, or the end.
    First,
    /// An item or a key, after a comma.
    Next,
    Colon,
    Value,
    /// A comma, or the end.
    Separator,
}

struct Tree<'t, 'f> {
    text: &'t str,
    faults: &'f mut Faults,
    frames: Vec<Frame>,
    root: Option<Node>,
    /// The piece before.
    last: Range<usize>,
}

impl Tree<'_, '_> {
    fn fault(&mut self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        self.faults.push(Fault::json(span, message, hint));
    }

    fn place(&self, byte: usize) -> String {
        let (line, column) = line_column(self.text, byte);
        format!("{line}:{column}")
    }

    /// A word beside the JSON, where only JSON should be.
    fn is_outside(&self, token: &Token<'_>) -> bool {
        let is_literal = matches!(token.kind, Kind::Word("true" | "false" | "null"));
        self.root.is_some() || !is_literal
    }

    fn no_json(&mut self, line: Range<usize>) {
        let hint = if self.text.contains("Proposed partition reassignment configuration") {
            "this is all that --generate prints: keep only the JSON below \"Proposed partition reassignment configuration\""
        } else {
            "remove this line: a file has the JSON and nothing else"
        };
        self.fault(line, "this line is no JSON", hint);
    }

    /// A value, a key, or the beginning of a list or object.
    fn value(&mut self, token: Token<'_>) {
        let Some(frame) = self.frames.last() else {
            if self.root.is_some() {
                self.fault(
                    token.span.clone(),
                    "a second JSON text begins here",
                    "a file has one: keep the one that is meant, and remove the other",
                );
            }
            return self.take(token);
        };
        let begins_object = token.kind == Kind::Open(Bracket::Object);
        if frame.wants == Wants::Separator && frame.bracket == Bracket::Object && begins_object && self.is_in_list() {
            self.unclosed(token.span.clone());
        }
        let Some(frame) = self.frames.last_mut() else { return };
        if frame.wants == Wants::Separator {
            frame.wants = Wants::Next;
            let last = self.last.clone();
            self.fault(last, "`,` missing after this", "write a comma between the two");
        }
        let Some(frame) = self.frames.last_mut() else { return };
        match (frame.bracket, frame.wants) {
            (Bracket::Object, Wants::First | Wants::Next) => self.key(token),
            (Bracket::Object, Wants::Colon) => {
                frame.wants = Wants::Value;
                let last = self.last.clone();
                self.fault(last, "`:` missing after this key", "write a colon between a key and its value");
                self.take(token);
            }
            _ => self.take(token),
        }
    }

    fn key(&mut self, token: Token<'_>) {
        let follows_in_list = self.is_in_list() && self.frames.last().is_some_and(|frame| !frame.members.is_empty());
        let Some(frame) = self.frames.last_mut() else { return };
        match token.kind {
            Kind::Text(key) => {
                frame.key = Some((key, token.span));
                frame.wants = Wants::Colon;
            }
            Kind::Word(word) => {
                frame.key = Some((word.to_owned(), token.span.clone()));
                frame.wants = Wants::Colon;
                self.fault(token.span, format!("the key `{word}` has no quotes"), format!("write `\"{word}\"`"));
            }
            // The next object of a list, where the one before was not closed.
            Kind::Open(Bracket::Object) if follows_in_list => {
                let before = self.last.clone();
                self.unclosed(before);
                if let Some(list) = self.frames.last_mut() {
                    list.wants = Wants::Next;
                }
                self.take(token);
            }
            _ => {
                frame.key = Some((String::new(), token.span.clone()));
                frame.wants = Wants::Value;
                self.fault(token.span.clone(), "a key must stand here", "write `\"key\": ` before the value");
                self.take(token);
            }
        }
    }

    /// Whether the innermost frame is an item of a list.
    fn is_in_list(&self) -> bool {
        self.frames.iter().rev().nth(1).is_some_and(|outer| outer.bracket == Bracket::List)
    }

    /// Takes a value where one may stand.
    fn take(&mut self, token: Token<'_>) {
        let value = match token.kind {
            Kind::Open(bracket) => {
                return self.frames.push(Frame {
                    bracket,
                    opened: token.span,
                    items: Vec::new(),
                    members: Vec::new(),
                    key: None,
                    wants: Wants::First,
                    comma: 0..0,
                });
            }
            Kind::Text(text) => Value::Text(text),
            Kind::Number(number) => Value::Number(number.to_owned()),
            Kind::Word("true") => Value::Bool(true),
            Kind::Word("false") => Value::Bool(false),
            Kind::Word("null") => Value::Null,
            Kind::Word(word) => {
                let hint = match word.to_lowercase().as_str() {
                    "true" => "write `true`".to_owned(),
                    "false" => "write `false`".to_owned(),
                    "none" | "nil" | "nan" | "null" | "undefined" => "write `null`".to_owned(),
                    _ => format!("write `\"{word}\"`"),
                };
                self.fault(token.span.clone(), format!("`{word}` has no quotes"), hint);
                Value::Text(word.to_owned())
            }
            Kind::Close(_) | Kind::Colon | Kind::Comma => Value::Broken,
        };
        self.put(Node { span: token.span, value });
    }

    /// Puts a whole value where it belongs.
    fn put(&mut self, node: Node) {
        let Some(frame) = self.frames.last_mut() else {
            self.root.get_or_insert(node);
            return;
        };
        frame.wants = Wants::Separator;
        match (frame.bracket, frame.key.take()) {
            (Bracket::Object, Some((key, key_span))) => frame.members.push(Member { key, key_span, value: node }),
            _ => frame.items.push(node),
        }
    }

    fn colon(&mut self, span: Range<usize>) {
        match self.frames.last_mut() {
            Some(frame) if frame.wants == Wants::Colon => frame.wants = Wants::Value,
            Some(frame) if frame.bracket == Bracket::Object && matches!(frame.wants, Wants::First | Wants::Next) => {
                frame.key = Some((String::new(), span.clone()));
                frame.wants = Wants::Value;
                self.fault(span, "a key is missing before `:`", "write `\"key\"` before it");
            }
            Some(frame) if frame.bracket == Bracket::List => {
                self.fault(
                    span,
                    "a list has no keys: `:` cannot stand here",
                    "write `,`, or `{` and `}` around key and value",
                );
            }
            _ => self.fault(span, "`:` cannot stand here", "remove it"),
        }
    }

    fn comma(&mut self, span: Range<usize>) {
        let Some(frame) = self.frames.last_mut() else {
            return self.fault(span, "a comma outside of the JSON", "remove the comma");
        };
        let wanted = frame.wants;
        frame.wants = Wants::Next;
        frame.comma = span.clone();
        match wanted {
            Wants::Separator => {}
            Wants::First | Wants::Next => self.fault(span, "a comma with nothing before it", "remove the comma"),
            Wants::Colon | Wants::Value => self.lacks_value(),
        }
    }
}
