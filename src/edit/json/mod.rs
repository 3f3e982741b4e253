//! JSON, edited by pointers such as `/settings/0/name` (RFC 6901): spaces, order, line ends, numbers as they are written, and
//! everything else stay as they are, byte for byte. What is new is written as its neighbours are.

mod insert;
mod place;
mod print;

use place::Place;
use serde_json::Value;
use std::fmt;
use std::ops::Range;

/// A file with one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json {
    text: String,
}

/// Why a text is no JSON, or why a place in it cannot be what is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit(pub String);

/// A key that an object has several times: all but the last are dead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    pub pointer: String,
    /// From 1.
    pub lines: Vec<usize>,
}

/// The byte order mark that some editors write.
const MARK: char = '\u{feff}';

impl Json {
    /// UTF-8, with a byte order mark or without.
    pub fn parse(bytes: &[u8]) -> Result<Self, Unfit> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| Unfit(format!("it is no UTF-8 at byte {}", error.valid_up_to())))?;
        let json = text.strip_prefix(MARK).unwrap_or(text);
        serde_json::from_str::<Value>(json).map_err(|error| Unfit(error.to_string()))?;
        Ok(Self { text: text.to_owned() })
    }

    /// The whole file.
    pub fn bytes(&self) -> Vec<u8> {
        self.text.clone().into_bytes()
    }

    fn root(&self) -> Place {
        place::read(&self.text, if self.text.starts_with(MARK) { MARK.len_utf8() } else { 0 })
    }

    /// The value at a pointer; none where nothing is.
    pub fn get(&self, pointer: &str) -> Option<Value> {
        let mut place = self.root();
        for name in names(pointer)? {
            place = place.into_child(&name)?;
        }
        serde_json::from_str(&self.text[place.span]).ok()
    }

    /// The keys of the object at a pointer, each once; none where there is no object.
    pub fn keys(&self, pointer: &str) -> Option<Vec<String>> {
        match self.get(pointer)? {
            Value::Object(members) => Some(members.into_iter().map(|(key, _)| key).collect()),
            _ => None,
        }
    }

    /// Keys that an object has several times, with the lines where each stands.
    pub fn duplicates(&self) -> Vec<Duplicate> {
        let mut found = Vec::new();
        self.root().each_repeated(&mut |pointer, starts| {
            let line = |start: &usize| self.text[..*start].matches('\n').count() + 1;
            found.push(Duplicate { pointer: pointer.to_owned(), lines: starts.iter().map(line).collect() });
        });
        found
    }

    /// Sets the value at a pointer, and makes the objects on the way to it where there are none; one past the last item of a
    /// list comes at its end. True where that changed something.
    pub fn set(&mut self, pointer: &str, value: &Value) -> Result<bool, Unfit> {
        if self.get(pointer).as_ref() == Some(value) {
            return Ok(false);
        }
        let names = names(pointer).ok_or_else(|| Unfit(format!("`{pointer}` is no pointer: it begins with `/`")))?;
        let mut place = self.root();
        for (depth, name) in names.iter().enumerate() {
            let Some(at) = place.child(name) else {
                let around = |value, name: &String| Value::Object([(name.clone(), value)].into_iter().collect());
                let value = names[depth + 1..].iter().rev().fold(value.clone(), around);
                self.insert(&place, name, &value, &pointer_to(&names[..depth]))?;
                return Ok(true);
            };
            place = place.take(at);
        }
        let style = print::Style::of(&self.text);
        let indent = print::indent_at(&self.text, place.span.start);
        self.text.replace_range(place.span, &style.print(value, indent));
        Ok(true)
    }

    /// Takes away what is at a pointer, of a key that is there several times all of them. True where there was something.
    pub fn remove(&mut self, pointer: &str) -> bool {
        let mut is_gone = false;
        while let Some((span, is_member)) = self.span_to_remove(pointer) {
            self.text.replace_range(span, "");
            is_gone = true;
            if !is_member {
                // The next item of a list has moved up.
                break;
            }
        }
        is_gone
    }

    fn span_to_remove(&self, pointer: &str) -> Option<(Range<usize>, bool)> {
        let names = names(pointer)?;
        let (name, around) = names.split_last()?;
        let mut parent = self.root();
        for name in around {
            parent = parent.into_child(name)?;
        }
        let (at, items) = (parent.child(name)?, &parent.items);
        let span = match (at.checked_sub(1), items.get(at + 1)) {
            // With the comma before it.
            (Some(before), _) => items[before].end()..items[at].end(),
            (None, Some(next)) => items[at].start()..next.start(),
            (None, None) => parent.span.start + 1..parent.span.end - 1,
        };
        Some((span, parent.is_object))
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The names on the way; none where it is no pointer. The empty pointer is the whole value.
fn names(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    let unescaped = |name: &str| name.replace("~1", "/").replace("~0", "~");
    Some(pointer.strip_prefix('/')?.split('/').map(unescaped).collect())
}

fn pointer_to(names: &[String]) -> String {
    names.iter().fold(String::new(), |pointer, name| format!("{pointer}/{}", place::escaped(name)))
}
