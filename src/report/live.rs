//! The one line at the bottom of a terminal that is drawn again and again; everything else scrolls above it.

use super::look::Columns;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A stream that the status line and the lines above it share.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Box<dyn Write + Send>>>);

impl Shared {
    pub(super) fn new(writer: Box<dyn Write + Send>) -> Self {
        Self(Arc::new(Mutex::new(writer)))
    }

    fn lock(&self) -> MutexGuard<'_, Box<dyn Write + Send>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever has closed the other end must not end the run: what cannot be written is lost, and that is all.
    pub(super) fn write(&self, text: &str) {
        let mut writer = self.lock();
        let _gone = writer.write_all(text.as_bytes()).and_then(|()| writer.flush());
    }
}

/// The terminal as indicatif wants it: an injected stream and an injected width.
struct Canvas {
    stream: Shared,
    columns: Columns,
}

impl fmt::Debug for Canvas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canvas")
    }
}

impl Canvas {
    #[expect(clippy::unnecessary_wraps, reason = "the shape that the trait's methods return")]
    fn put(&self, text: &str) -> io::Result<()> {
        self.stream.write(text);
        Ok(())
    }

    fn go(&self, steps: usize, direction: char) -> io::Result<()> {
        if steps == 0 { Ok(()) } else { self.put(&format!("\u{1b}[{steps}{direction}")) }
    }
}

impl TermLike for Canvas {
    fn width(&self) -> u16 {
        (self.columns)().max(1)
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.go(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.go(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.go(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.go(n, 'D')
    }

    fn write_line(&self, s: &str) -> io::Result<()> {
        self.put(&format!("{s}\n"))
    }

    fn write_str(&self, s: &str) -> io::Result<()> {
        self.put(s)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.put("\r\u{1b}[2K")
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) struct Live {
    stream: Shared,
    columns: Columns,
    /// Whether the spinner turns by itself between two events.
    turning: bool,
    bar: Option<ProgressBar>,
    /// What the line is about: when that changes, the time beside it starts anew.
    subject: String,
}

impl Live {
    pub(super) fn new(stream: Shared, columns: Columns, turning: bool) -> Self {
        Self { stream, columns, turning, bar: None, subject: String::new() }
    }

    pub(super) fn columns(&self) -> usize {
        usize::from((self.columns)())
    }

    /// Draws `text`; with `timed`, how long `subject` has been there stands behind it.
    pub(super) fn show(&mut self, prefix: &str, subject: &str, text: String, timed: bool) {
        let Some(bar) = self.bar.as_ref().filter(|_| self.subject == subject) else {
            self.begin(prefix, subject, text, timed);
            return;
        };
        bar.set_message(text);
    }

    /// A new line for a new subject, with a clock of its own.
    fn begin(&mut self, prefix: &str, subject: &str, text: String, timed: bool) {
        self.clear();
        subject.clone_into(&mut self.subject);
        let canvas = Canvas { stream: self.stream.clone(), columns: Arc::clone(&self.columns) };
        let template = if timed { "{prefix}{spinner} {msg}  {elapsed}" } else { "{prefix}{spinner} {msg}" };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::term_like(Box::new(canvas)))
            .with_style(style)
            .with_prefix(prefix.to_owned())
            .with_message(text);
        bar.tick();
        if self.turning {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        self.bar = Some(bar);
    }

    /// Runs `print` with the line out of the way.
    pub(super) fn above(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Takes the line away; the cursor stands at the start of an empty row.
    pub(super) fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.clear();
    }
}
