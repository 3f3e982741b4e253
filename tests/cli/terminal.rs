//! krun at a terminal: a real one, by script(1), and what a person sees on it.

use super::child::{Ended, Live, PATIENCE, plain};
use super::place::{Place, until};
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

pub(super) struct Pty {
    live: Live,
    typescript: PathBuf,
    columns: usize,
}

/// What was on the screen when krun had ended.
pub(super) struct Screen {
    ended: Ended,
    pub(super) text: String,
}

impl Pty {
    /// Starts `krun WORDS` at a terminal of so many columns.
    pub(super) fn start(place: &Place, words: &[&str], columns: usize) -> Self {
        Self::start_in(place, Path::new(env!("CARGO_MANIFEST_DIR")), words, columns)
    }

    pub(super) fn start_in(place: &Place, folder: &Path, words: &[&str], columns: usize) -> Self {
        let krun = place.without_flag(words);
        let quoted = |word: &OsStr| format!("'{}'", word.to_string_lossy().replace('\'', "'\\''"));
        let line: Vec<String> = std::iter::once(krun.get_program()).chain(krun.get_args()).map(quoted).collect();
        let typescript = place.scratch().join(format!("{}.typescript", uuid::Uuid::new_v4().simple()));
        let mut command = plain("script");
        command.args(["--quiet", "--return", "--flush", "--command"]);
        command.arg(format!("stty cols {columns} rows 50; exec {}", line.join(" "))).arg(&typescript);
        command.envs(krun.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("NO_COLOR", "1");
        command.current_dir(folder).stdin(Stdio::piped());
        Self { live: Live::start(command, place.scratch()), typescript, columns }
    }

    fn text(&self) -> String {
        screen(inside(&read(&self.typescript)), self.columns)
    }

    /// Waits until the screen has these words.
    pub(super) fn shows(&mut self, words: &str) {
        let since = Instant::now();
        loop {
            let over = self.live.is_over();
            let text = self.text();
            if text.contains(words) {
                return;
            }
            assert!(!over && since.elapsed() < PATIENCE, "`{words}` never was on the screen:\n{text}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(super) fn types(&mut self, keys: &str) {
        let stdin = self.live.stdin();
        stdin.write_all(keys.as_bytes()).and_then(|()| stdin.flush()).expect("the terminal takes keys");
    }

    /// The terminal goes away, as when a connection to a machine is lost.
    pub(super) fn hang_up(self) {
        self.live.signal(rustix::process::Signal::KILL);
        self.live.ends();
    }

    pub(super) fn ends(self) -> Screen {
        let Self { live, typescript, columns } = self;
        let ended = live.ends();
        until("script has written all", || read(&typescript).contains("Script done on"));
        Screen { ended, text: screen(inside(&read(&typescript)), columns) }
    }
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}

/// Without the first line and the last, which are script's own.
fn inside(typescript: &str) -> &str {
    let whole = typescript.split_once('\n').map_or("", |(_, text)| text);
    whole.rfind("\nScript done on").map_or(whole, |end| &whole[..end])
}

impl Screen {
    #[track_caller]
    pub(super) fn exits(&self, code: i32) -> &Self {
        self.ended.exits(code);
        self
    }

    #[track_caller]
    pub(super) fn shows(&self, words: &[&str]) -> &Self {
        for one in words {
            assert!(self.text.contains(one), "`{one}` is not on the screen:\n{}", self.text);
        }
        self
    }

    #[track_caller]
    pub(super) fn does_not_show(&self, words: &[&str]) -> &Self {
        for one in words {
            assert!(!self.text.contains(one), "`{one}` is on the screen:\n{}", self.text);
        }
        self
    }
}

/// The rows of an endless screen after newline, return, wrapping at the edge, cursor up and down, line cleared.
fn screen(text: &str, columns: usize) -> String {
    let mut rows: Vec<Vec<char>> = vec![Vec::new()];
    let (mut row, mut column) = (0_usize, 0_usize);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\n' => row += 1,
            '\r' => column = 0,
            '\u{1b}' => {
                let mut parameter = String::new();
                let letter = chars.by_ref().skip_while(|c| *c == '[').find(|c| {
                    let ends = c.is_ascii_alphabetic();
                    if !ends {
                        parameter.push(*c);
                    }
                    ends
                });
                let steps = parameter.parse().unwrap_or(1);
                match letter {
                    Some('A') => row = row.saturating_sub(steps),
                    Some('B') => row += steps,
                    Some('C') => column += steps,
                    Some('D') => column = column.saturating_sub(steps),
                    Some('K') => rows[row].clear(),
                    _ => {}
                }
            }
            c if c.is_control() => {}
            c => {
                if column == columns {
                    (row, column) = (row + 1, 0);
                }
                rows.resize(rows.len().max(row + 1), Vec::new());
                let cells = &mut rows[row];
                cells.resize(cells.len().max(column + 1), ' ');
                cells[column] = c;
                column += 1;
            }
        }
        rows.resize(rows.len().max(row + 1), Vec::new());
    }
    let lines: Vec<String> = rows.iter().map(|cells| cells.iter().collect::<String>().trim_end().to_owned()).collect();
    format!("{}\n", lines.join("\n").trim_end())
}
