//! Asking whoever sits at the terminal.

use crate::report::SANDBOX_MARK;
use crate::run::question::{Asked, Person, Said};
use crate::run::stop::{Level, Stop};
use std::io::{BufRead, IsTerminal, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Somebody can read a question and type an answer.
pub(crate) fn is_there() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Gives the line that was typed; none when the input is closed or the run is told to stop. The report has just shown the
/// question; the prompt stands below it.
pub(crate) fn at_the_terminal(stop: Stop, sandbox: bool) -> Option<Person> {
    if !is_there() {
        return None;
    }
    let lines: Mutex<Option<Receiver<String>>> = Mutex::new(None);
    Some(Arc::new(move |asked: &Asked<'_>| {
        let mark = if sandbox { SANDBOX_MARK } else { "" };
        let _ = write!(std::io::stderr(), "{mark}  {} ", asked.prompt).and_then(|()| std::io::stderr().flush());
        let mut lines = lines.lock().ok()?;
        // One reader for all questions: a read cannot be taken back when the run is told to stop.
        let lines = lines.get_or_insert_with(read_lines);
        loop {
            match lines.recv_timeout(Duration::from_millis(50)) {
                Ok(line) => return Some(Said::line(line)),
                Err(RecvTimeoutError::Timeout) if stop.level() == Level::Run && !stop.detached() => {}
                Err(_) => return None,
            }
        }
    }))
}

fn read_lines() -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}
