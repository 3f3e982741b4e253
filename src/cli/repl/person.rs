//! Who answers a question that a line asks: whoever typed the line.
//!
//! Between two lines the editor reads the terminal. So nothing may go on reading it after an answer, as a reader of its
//! own thread would.

use crate::report::SANDBOX_MARK;
use crate::run::question::{Asked, Person, Said};
use crate::run::stop::{Level, Stop};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{QueueSelector, tcflush};
use std::io::Write;
use std::sync::Arc;

const LOOK_AGAIN: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// Gives the line that was typed; none when the terminal is gone or the line is told to stop.
pub(super) fn at_the_terminal(stop: Stop, sandbox: bool) -> Person {
    Arc::new(move |asked: &Asked<'_>| {
        let stdin = std::io::stdin();
        // What was typed before the question is no answer to it.
        let _ = tcflush(&stdin, QueueSelector::IFlush);
        let mark = if sandbox { SANDBOX_MARK } else { "" };
        let _ = write!(std::io::stderr(), "{mark}  {} ", asked.prompt).and_then(|()| std::io::stderr().flush());
        loop {
            if stop.level() > Level::Run {
                return None;
            }
            let mut ready = [PollFd::new(&stdin, PollFlags::IN)];
            if matches!(poll(&mut ready, Some(&LOOK_AGAIN)), Ok(1..)) {
                break;
            }
        }
        // A terminal gives one line at a time.
        let mut line = [0_u8; 4096];
        match rustix::io::read(&stdin, &mut line) {
            Ok(0) | Err(_) => None,
            Ok(length) => Some(Said::line(String::from_utf8_lossy(&line[..length]).trim_end_matches(['\n', '\r']))),
        }
    })
}
