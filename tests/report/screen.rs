//! Where a report writes in a test: a file that can be read, and a terminal that obeys what a terminal obeys.

use jiff::tz::TimeZone;
use krun::event::Event;
use krun::report::{Closing, Reporter, RunView, Setting, Stream, Terminal};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// A writer of which the test keeps the other end.
#[derive(Clone, Default)]
pub(super) struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no writer panicked").clone()).expect("only text is written")
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn quiet(setting: &mut Setting, known: RunView) {
    setting.zone = TimeZone::UTC;
    setting.turning = false;
    setting.known = known;
}

/// stderr and stdout of the events, without a terminal.
pub(super) fn in_a_log(events: &[Event], known: RunView, closing: &Closing<'_>) -> String {
    let (out, err) = (Written::default(), Written::default());
    let mut setting = Setting::new(Stream::plain(out.clone()), Stream::plain(err.clone()));
    quiet(&mut setting, known);
    let mut terminal = Terminal::new(setting);
    for event in events {
        terminal.on_event(event);
    }
    terminal.end(closing);
    match out.text() {
        results if results.is_empty() => err.text(),
        results => format!("{}── stdout ──\n{results}", err.text()),
    }
}

/// A terminal of `columns` that both streams go to.
pub(super) struct Window {
    pub(super) terminal: Terminal,
    written: Written,
    columns: usize,
}

impl Window {
    pub(super) fn new(columns: u16, known: RunView) -> Self {
        Self::set_up(columns, known, |_| {})
    }

    pub(super) fn set_up(columns: u16, known: RunView, change: impl FnOnce(&mut Setting)) -> Self {
        let written = Written::default();
        let stream = || {
            let mut stream = Stream::plain(written.clone());
            stream.terminal = Some(Arc::new(move || columns));
            stream
        };
        let mut setting = Setting::new(stream(), stream());
        quiet(&mut setting, known);
        change(&mut setting);
        Self { terminal: Terminal::new(setting), written, columns: usize::from(columns) }
    }

    pub(super) fn tell(&mut self, events: &[Event]) -> &mut Self {
        for event in events {
            self.terminal.on_event(event);
        }
        self
    }

    /// All that was written, with its control sequences.
    pub(super) fn raw(&self) -> String {
        self.written.text()
    }

    /// What a person sees now.
    pub(super) fn seen(&self) -> String {
        seen(&self.written.text(), self.columns)
    }
}

/// The whole screen after `events` and the end.
pub(super) fn in_a_window(events: &[Event], columns: u16, known: RunView) -> String {
    let mut window = Window::new(columns, known);
    window.tell(events).terminal.end(&Closing::default());
    window.seen()
}

/// The rows of an endless screen: newline, return, wrapping at the edge, cursor up and down, line cleared.
fn seen(text: &str, columns: usize) -> String {
    let mut rows: Vec<Vec<char>> = vec![Vec::new()];
    let (mut row, mut column) = (0_usize, 0_usize);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\n' => {
                row += 1;
                column = 0;
            }
            '\r' => column = 0,
            '\u{7}' => {}
            '\u{1b}' => {
                assert_eq!(chars.next(), Some('['), "only control sequences are known here");
                let parameter: String = chars.by_ref().take_while(|c| !"ABCDKmJ".contains(*c)).collect();
                // `take_while` has eaten the letter: it is known by what stands before it in the text.
                let eaten = text[..text.len() - chars.as_str().len()].chars().next_back();
                let steps = parameter.parse().unwrap_or(1);
                match eaten {
                    Some('A') => row = row.saturating_sub(steps),
                    Some('B') => row += steps,
                    Some('K') => rows[row].clear(),
                    Some('m') => {}
                    other => panic!("a report has no use for {other:?}"),
                }
            }
            c => {
                // As in life the cursor stays behind the last column until one more character comes.
                if column == columns {
                    row += 1;
                    column = 0;
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
