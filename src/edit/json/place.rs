//! Where the values of a text lie. The text is known to be JSON, and not to nest deeper than serde reads.

use std::ops::Range;

#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) span: Range<usize>,
    pub(super) is_object: bool,
    pub(super) is_list: bool,
    pub(super) items: Vec<Item>,
}

/// An item of a list, or a member of an object with its key.
#[derive(Debug, Clone)]
pub(super) struct Item {
    key: Option<(String, Range<usize>)>,
    value: Place,
}

impl Item {
    pub(super) fn start(&self) -> usize {
        self.key.as_ref().map_or(self.value.span.start, |(_, span)| span.start)
    }

    pub(super) fn end(&self) -> usize {
        self.value.span.end
    }
}

impl Place {
    /// The child of this name or number: of a key that is there several times, the last one.
    pub(super) fn child(&self, name: &str) -> Option<usize> {
        if self.is_list {
            // As RFC 6901 has it: no sign, no zero in front.
            let number: usize = name.parse().ok()?;
            return (number < self.items.len() && number.to_string() == name).then_some(number);
        }
        self.items.iter().rposition(|item| item.key.as_ref().is_some_and(|(key, _)| key == name))
    }

    pub(super) fn take(mut self, at: usize) -> Self {
        self.items.swap_remove(at).value
    }

    pub(super) fn into_child(self, name: &str) -> Option<Self> {
        let at = self.child(name)?;
        Some(self.take(at))
    }

    /// Tells of each key that an object has several times, and where each begins.
    pub(super) fn each_repeated(&self, tell: &mut impl FnMut(&str, &[usize])) {
        self.each_below("", tell);
    }

    fn each_below(&self, pointer: &str, tell: &mut impl FnMut(&str, &[usize])) {
        for (number, item) in self.items.iter().enumerate() {
            let name = item.key.as_ref().map_or_else(|| number.to_string(), |(key, _)| escaped(key));
            let below = format!("{pointer}/{name}");
            if let Some((key, span)) = &item.key {
                let same = self.items.iter().filter_map(|other| other.key.as_ref()).filter(|(other, _)| other == key);
                let starts: Vec<usize> = same.map(|(_, span)| span.start).collect();
                if starts.len() > 1 && starts[0] == span.start {
                    tell(&below, &starts);
                }
            }
            item.value.each_below(&below, tell);
        }
    }
}

/// A name as a pointer has it.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

pub(super) fn read(text: &str, start: usize) -> Place {
    Scan { text, at: start }.value()
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl Scan<'_> {
    fn next(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Goes on by so many bytes, and not beyond the end.
    fn pass(&mut self, count: usize) {
        self.at = (self.at + count).min(self.text.len());
    }

    fn pass_space(&mut self) {
        while matches!(self.next(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Place {
        self.pass_space();
        let (start, opened) = (self.at, self.next());
        let mut items = Vec::new();
        match opened {
            b'{' | b'[' => self.items(opened == b'{', &mut items),
            b'"' => self.quoted(),
            _ => {
                while !matches!(self.next(), 0 | b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n') {
                    self.at += 1;
                }
            }
        }
        Place { span: start..self.at, is_object: opened == b'{', is_list: opened == b'[', items }
    }

    /// From the opening bracket to behind the closing one.
    fn items(&mut self, is_object: bool, items: &mut Vec<Item>) {
        self.pass(1);
        loop {
            self.pass_space();
            match self.next() {
                b',' => self.pass(1),
                b'}' | b']' | 0 => break,
                _ => {
                    let key = is_object.then(|| self.key());
                    items.push(Item { key, value: self.value() });
                }
            }
        }
        self.pass(1);
    }

    fn key(&mut self) -> (String, Range<usize>) {
        let start = self.at;
        self.quoted();
        let span = start..self.at;
        self.pass_space();
        // The colon.
        self.pass(1);
        (serde_json::from_str(&self.text[span.clone()]).unwrap_or_default(), span)
    }

    fn quoted(&mut self) {
        self.pass(1);
        loop {
            match self.next() {
                b'"' | 0 => break,
                b'\\' => self.pass(2),
                _ => self.pass(1),
            }
        }
        self.pass(1);
    }
}
