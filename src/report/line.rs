//! One line of the screen: pieces of text with a meaning each, which only the last moment turns into colours.

use anstyle::{AnsiColor, Style};

/// What a piece of text means to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    /// A name that the eye looks for.
    Strong,
    /// True and seldom needed.
    Dim,
    Good,
    Warn,
    Bad,
    /// Somebody is asked.
    Ask,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Dim => Style::new().dimmed(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Warn => AnsiColor::Yellow.on_default().bold(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Ask => AnsiColor::Cyan.on_default().bold(),
        }
    }

    /// The text in this tone, or bare.
    pub(super) fn paint(self, text: &str, colour: bool) -> String {
        if !colour || self == Self::Plain || text.is_empty() {
            return text.to_owned();
        }
        let style = self.style();
        format!("{style}{text}{style:#}")
    }
}

type Cell = (Tone, char);

/// A row keeps this many columns for its text, however deep it stands.
const LEAST_WIDTH: usize = 16;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// Levels of indentation.
    pub(super) depth: usize,
    pieces: Vec<(Tone, String)>,
}

impl Line {
    pub(super) fn at(depth: usize) -> Self {
        Self { depth, pieces: Vec::new() }
    }

    #[must_use]
    pub(super) fn with(mut self, tone: Tone, text: impl AsRef<str>) -> Self {
        self.pieces.push((tone, harmless(text.as_ref())));
        self
    }

    /// Two pieces: a mark of one column, and what it marks.
    #[must_use]
    pub(super) fn marked(self, tone: Tone, mark: &str, text: impl AsRef<str>) -> Self {
        self.with(tone, mark).with(Tone::Plain, " ").with(Tone::Plain, text)
    }

    #[must_use]
    pub(super) fn joined(mut self, tail: Self) -> Self {
        self.pieces.extend(tail.pieces);
        self
    }

    /// The words alone, in one row.
    pub(super) fn text(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.replace('\n', " ")).collect()
    }

    /// The rows to print, none wider than `columns`. What follows the first row is indented below its text.
    pub(super) fn rows(&self, colour: bool, columns: usize) -> Vec<String> {
        let mut cells: Vec<Cell> = Vec::new();
        for (tone, text) in &self.pieces {
            cells.extend(text.chars().map(|c| (*tone, c)));
        }
        let mut rows = Vec::new();
        for part in cells.split(|(_, c)| *c == '\n') {
            let mut rest = part;
            loop {
                let indent = "  ".repeat(self.depth + usize::from(!rows.is_empty()));
                let width = columns.saturating_sub(indent.len()).max(LEAST_WIDTH);
                let (row, more) = break_at(rest, width);
                rows.push(indent + paint(row, colour).as_str());
                rest = more;
                if rest.is_empty() {
                    break;
                }
            }
        }
        rows
    }
}

/// What fits into one row, up to a space if there is one, and what does not.
fn break_at(cells: &[Cell], width: usize) -> (&[Cell], &[Cell]) {
    if cells.len() <= width {
        return (cells, &[]);
    }
    let space = cells[..=width].iter().rposition(|(_, c)| *c == ' ').filter(|at| *at > 0);
    let (row, rest) = cells.split_at(space.unwrap_or(width));
    let blanks = rest.iter().take_while(|(_, c)| *c == ' ').count();
    (row, &rest[blanks..])
}

fn paint(cells: &[Cell], colour: bool) -> String {
    let pieces = cells.chunk_by(|(left, _), (right, _)| left == right);
    pieces.map(|piece| piece[0].0.paint(&piece.iter().map(|(_, c)| *c).collect::<String>(), colour)).collect()
}

/// Text of a broker, a host or a script must not move the reader's cursor: control characters become visible ones.
pub(super) fn harmless(text: &str) -> String {
    text.trim_end_matches(['\n', '\r'])
        .chars()
        .map(|c| match c {
            '\n' => '\n',
            '\t' => ' ',
            c if u32::from(c) < 0x20 => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
            c if c.is_control() || is_bidi(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

/// Marks that reorder the text around them, so that a name can look like another one.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_and_not_obeyed() {
        assert_eq!(harmless("a\u{1b}[2Jb\rc\u{7f}\u{9b}\u{202e}\td\n"), "a␛[2Jb␍c\u{fffd}\u{fffd}\u{fffd} d");
    }

    #[test]
    fn rows_below_the_first_are_indented_and_painted_alike() {
        let line = Line::at(1).marked(Tone::Bad, "✗", "one\ntwo");
        assert_eq!(line.rows(false, usize::MAX), ["  ✗ one", "    two"]);
        assert_eq!(line.rows(true, usize::MAX), ["  \u{1b}[1m\u{1b}[31m✗\u{1b}[0m one", "    two"]);
    }

    #[test]
    fn a_row_breaks_at_a_space_and_a_long_word_where_it_must() {
        let line = Line::at(1).with(Tone::Plain, "set retention.ms on topic orders 0123456789012345678901234567890");
        let rows = line.rows(false, 24);
        assert_eq!(rows, ["  set retention.ms on", "    topic orders", "    01234567890123456789", "    01234567890"]);
        assert_eq!(Line::at(40).with(Tone::Plain, "deep, and still to be read").rows(false, 24).len(), 2);
        assert_eq!(Line::at(0).rows(false, 24), [""]);
    }
}
