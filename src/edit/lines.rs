//! Any text, line by line: what is not asked for stays as it is, byte for byte, whatever encoding it has.
//!
//! A line is found by how it begins, or as a whole. It ends with a line feed, with or without a carriage return before; a last
//! line without an end gets one where another line comes after it.

/// A file in lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    text: Vec<u8>,
    /// What ends it: nothing at the end of some files.
    end: Vec<u8>,
}

/// Several lines begin like this: which one is meant cannot be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ambiguous {
    /// From 1.
    pub lines: Vec<usize>,
}

/// A line that is in the file several times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated {
    pub text: String,
    /// From 1.
    pub lines: Vec<usize>,
}

impl Lines {
    pub fn parse(bytes: &[u8]) -> Self {
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').map(|raw| {
            let end = if raw.ends_with(b"\r\n") { 2 } else { usize::from(raw.ends_with(b"\n")) };
            let (text, end) = raw.split_at(raw.len() - end);
            Line { text: text.to_owned(), end: end.to_owned() }
        });
        Self { lines: lines.collect() }
    }

    /// The whole file.
    pub fn bytes(&self) -> Vec<u8> {
        self.lines.iter().flat_map(|line| line.text.iter().chain(&line.end).copied()).collect()
    }

    /// All lines without their ends; what is no UTF-8 reads as U+FFFD.
    pub fn texts(&self) -> Vec<String> {
        self.lines.iter().map(Line::shown).collect()
    }

    /// The lines that begin so.
    pub fn starting(&self, start: &str) -> Vec<String> {
        self.lines.iter().filter(|line| line.text.starts_with(start.as_bytes())).map(Line::shown).collect()
    }

    pub fn has(&self, text: &str) -> bool {
        self.lines.iter().any(|line| line.text == text.as_bytes())
    }

    /// Lines that are there several times, but for empty ones.
    pub fn duplicates(&self) -> Vec<Repeated> {
        let mut repeated: Vec<(&[u8], Vec<usize>)> = Vec::new();
        for (index, line) in self.lines.iter().enumerate().filter(|(_, line)| !line.text.trim_ascii().is_empty()) {
            match repeated.iter_mut().find(|(text, _)| *text == line.text) {
                Some((_, lines)) => lines.push(index + 1),
                None => repeated.push((&line.text, vec![index + 1])),
            }
        }
        let several = repeated.into_iter().filter(|(_, lines)| lines.len() > 1);
        several.map(|(text, lines)| Repeated { text: String::from_utf8_lossy(text).into_owned(), lines }).collect()
    }

    /// Makes the line that begins with `start` this one; where there is none, it comes at the end. True where that changed
    /// something.
    pub fn set_starting(&mut self, start: &str, text: &str) -> Result<bool, Ambiguous> {
        match self.one_starting(start)? {
            Some(index) if self.lines[index].text == text.as_bytes() => return Ok(false),
            Some(index) => text.as_bytes().clone_into(&mut self.lines[index].text),
            None => self.append(text),
        }
        Ok(true)
    }

    /// Takes away the line that begins with `start`. True where there was one.
    pub fn remove_starting(&mut self, start: &str) -> Result<bool, Ambiguous> {
        let found = self.one_starting(start)?;
        if let Some(index) = found {
            self.lines.remove(index);
        }
        Ok(found.is_some())
    }

    /// Sees to it that this line is there: else it comes at the end.
    pub fn add(&mut self, text: &str) -> bool {
        let is_new = !self.has(text);
        if is_new {
            self.append(text);
        }
        is_new
    }

    /// Takes away every line that reads so.
    pub fn remove(&mut self, text: &str) -> bool {
        let before = self.lines.len();
        self.lines.retain(|line| line.text != text.as_bytes());
        self.lines.len() < before
    }

    /// Makes every line that reads `old` read `new`. False where there is none.
    pub fn replace(&mut self, old: &str, new: &str) -> bool {
        let mut found = false;
        for line in self.lines.iter_mut().filter(|line| line.text == old.as_bytes()) {
            new.as_bytes().clone_into(&mut line.text);
            found = true;
        }
        found
    }

    fn one_starting(&self, start: &str) -> Result<Option<usize>, Ambiguous> {
        let begins = |(_, line): &(usize, &Line)| line.text.starts_with(start.as_bytes());
        let found: Vec<usize> = self.lines.iter().enumerate().filter(begins).map(|(index, _)| index).collect();
        match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            several => Err(Ambiguous { lines: several.iter().map(|index| index + 1).collect() }),
        }
    }

    fn append(&mut self, text: &str) {
        let first = self.lines.iter().find(|line| !line.end.is_empty());
        let end = first.map_or_else(|| b"\n".to_vec(), |line| line.end.clone());
        if let Some(last) = self.lines.last_mut().filter(|last| last.end.is_empty()) {
            last.end.clone_from(&end);
        }
        self.lines.push(Line { text: text.as_bytes().to_owned(), end });
    }
}

impl Line {
    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.text).into_owned()
    }
}
