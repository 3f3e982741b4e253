//! What the two output streams can show: colours, a line that is redrawn, how many columns.

use comfy_table::Table;
use std::ffi::OsStr;
use std::io::{IsTerminal, Write};

/// The columns of a table where no terminal says how many there are.
pub const COLUMNS_WITHOUT_TERMINAL: u16 = 100;

/// The `--color` switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColourChoice {
    #[default]
    Auto,
    Always,
    Never,
}

/// Asks a terminal for its present width in columns.
pub type Columns = std::sync::Arc<dyn Fn() -> u16 + Send + Sync>;

/// One output stream, and what it can show.
pub struct Stream {
    pub writer: Box<dyn Write + Send>,
    pub colour: bool,
    /// There where a terminal with a movable cursor is on the other side.
    pub terminal: Option<Columns>,
}

impl Stream {
    /// A file, a pipe or a terminal that can do nothing.
    pub fn plain(writer: impl Write + Send + 'static) -> Self {
        Self { writer: Box::new(writer), colour: false, terminal: None }
    }

    /// This process's standard output.
    pub fn stdout(choice: ColourChoice) -> Self {
        let is_terminal = std::io::stdout().is_terminal();
        Self {
            writer: Box::new(std::io::stdout()),
            colour: colour_from_environment(choice, is_terminal),
            terminal: columns(is_terminal, Table::new()),
        }
    }

    /// This process's standard error.
    pub fn stderr(choice: ColourChoice) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let mut table = Table::new();
        table.use_stderr();
        Self {
            writer: Box::new(std::io::stderr()),
            colour: colour_from_environment(choice, is_terminal),
            terminal: columns(is_terminal, table),
        }
    }
}

fn columns(is_terminal: bool, table: Table) -> Option<Columns> {
    let capable = is_terminal && !is_dumb(std::env::var_os("TERM").as_deref());
    // Zero columns is what a serial line or a detached pane reports: it means that nobody knows.
    capable
        .then(|| -> Columns { std::sync::Arc::new(move || table.width().filter(|columns| *columns > 0).unwrap_or(80)) })
}

fn colour_from_environment(choice: ColourChoice, is_terminal: bool) -> bool {
    let no_color = std::env::var_os("NO_COLOR");
    wants_colour(choice, is_terminal, no_color.as_deref(), std::env::var_os("TERM").as_deref())
}

/// The switch wins; then `NO_COLOR`, where it is not empty (no-color.org); then what the terminal can do.
fn wants_colour(choice: ColourChoice, is_terminal: bool, no_color: Option<&OsStr>, term: Option<&OsStr>) -> bool {
    match choice {
        ColourChoice::Always => true,
        ColourChoice::Never => false,
        ColourChoice::Auto => is_terminal && no_color.is_none_or(OsStr::is_empty) && !is_dumb(term),
    }
}

fn is_dumb(term: Option<&OsStr>) -> bool {
    term.is_none_or(|name| name.is_empty() || name == "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_wins_then_no_color_then_the_terminal() {
        let decide = |choice, is_terminal, no_color: Option<&str>, term: Option<&str>| {
            wants_colour(choice, is_terminal, no_color.map(OsStr::new), term.map(OsStr::new))
        };
        assert!(decide(ColourChoice::Auto, true, None, Some("xterm")));
        assert!(decide(ColourChoice::Auto, true, Some(""), Some("xterm")), "an empty NO_COLOR is none");
        assert!(!decide(ColourChoice::Auto, true, Some("1"), Some("xterm")));
        assert!(!decide(ColourChoice::Auto, true, None, Some("dumb")));
        assert!(!decide(ColourChoice::Auto, true, None, None));
        assert!(!decide(ColourChoice::Auto, false, None, Some("xterm")));
        assert!(decide(ColourChoice::Always, false, Some("1"), Some("dumb")));
        assert!(!decide(ColourChoice::Never, true, None, Some("xterm")));
    }
}
