//! Who may act: somebody who types, a line that runs, or the end of it all.
//!
//! The editor reads the terminal in a call that no signal ends, and goes on reading for ever where the terminal is gone.
//! So the end does not wait for it: whoever hears of it while somebody could type ends the session and the process.

use super::open_run::OpenRun;
use crate::event::Progress;
use crate::run::stop::{Level, Stop};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// A terminal that is gone is seen after so long, also where nobody sends a signal.
const LOOK_AGAIN: Duration = Duration::from_millis(300);
/// A line that is told to end and comes to no safe point is stopped after so long.
const GRACE: Duration = Duration::from_secs(10);

#[derive(Clone)]
pub(super) struct Watch(Arc<Inner>);

struct Inner {
    now: Mutex<Now>,
    stop: Stop,
    /// After the line that runs.
    is_ending: AtomicBool,
    run: Mutex<Option<OpenRun>>,
    /// The highest exit code so far.
    code: AtomicU8,
    /// The terminal as it was found; none where the lines come from a pipe.
    terminal: Option<Termios>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Now {
    Typing,
    Running,
    Over,
}

impl Watch {
    /// Hears the signals from now on.
    pub(super) fn hear(handle: &Handle, is_typed: bool) -> Self {
        let terminal = tcgetattr(std::io::stdin()).ok().filter(|_| is_typed);
        let watch = Self(Arc::new(Inner {
            now: Mutex::new(Now::Running),
            stop: Stop::default(),
            is_ending: AtomicBool::new(false),
            run: Mutex::new(None),
            code: AtomicU8::new(0),
            terminal,
        }));
        let _guard = handle.enter();
        let streams = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
        if let [Ok(interrupt), Ok(terminate), Ok(hangup)] = streams {
            handle.spawn(watch.clone().listen(interrupt, terminate, hangup));
        }
        if is_typed {
            let watch = watch.clone();
            std::thread::spawn(move || watch.until_the_terminal_is_gone());
        }
        watch
    }

    async fn listen(self, mut interrupt: Signal, mut terminate: Signal, mut hangup: Signal) {
        loop {
            let ends = tokio::select! {
                _ = interrupt.recv() => false,
                _ = terminate.recv() => true,
                _ = hangup.recv() => true,
            };
            let watch = self.clone();
            // On a thread of its own: saying something may block, and the next signal must be heard.
            std::thread::spawn(move || if ends { watch.told_to_end() } else { watch.interrupted() });
        }
    }

    fn until_the_terminal_is_gone(&self) {
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        loop {
            let stdin = std::io::stdin();
            let mut look = [PollFd::new(&stdin, PollFlags::empty())];
            let looked = poll(&mut look, Some(&at_once));
            if looked.is_ok() && look[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
                return self.told_to_end();
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// SIGTERM, SIGHUP, or the terminal is gone.
    fn told_to_end(&self) {
        let now = lock(&self.0.now);
        match *now {
            // Nothing else may begin: the lock is kept.
            Now::Typing => self.end_the_process(),
            Now::Running if !self.0.is_ending.swap(true, Ordering::SeqCst) => {
                drop(now);
                self.press();
                std::thread::sleep(GRACE);
                if *lock(&self.0.now) == Now::Running {
                    self.stop_at_once();
                }
            }
            // A second time.
            Now::Running => {
                drop(now);
                self.press();
            }
            Now::Over => {}
        }
    }

    /// Ctrl-C while a line runs: at a prompt it is a key.
    fn interrupted(&self) {
        let now = lock(&self.0.now);
        match *now {
            Now::Running => {
                drop(now);
                self.press();
            }
            Now::Typing if self.0.terminal.is_none() => self.end_the_process(),
            Now::Typing | Now::Over => {}
        }
    }

    /// A line that only asks stops at once. One that may change things stops at its next safe point, then at once.
    fn press(&self) {
        let Some(run) = self.run() else { return self.stop_at_once() };
        let say = |text: &str| run.session.note(Progress::Stopping { text: text.to_owned() });
        match self.0.stop.press() {
            Level::Soon => say("stopping at the next safe point; once more stops at once"),
            Level::Now => say("stopping at once; once more leaves without another word"),
            _ => {
                self.as_found();
                std::process::exit(130);
            }
        }
    }

    fn stop_at_once(&self) {
        if self.0.stop.level() == Level::Exit {
            self.as_found();
            std::process::exit(130);
        }
        while self.0.stop.press() < Level::Now {}
    }

    /// While a line runs, it is told here to stop.
    pub(super) fn stop(&self) -> &Stop {
        &self.0.stop
    }

    /// From now on somebody can type. False where it all ends.
    pub(super) fn somebody_types(&self) -> bool {
        let mut now = lock(&self.0.now);
        if self.is_ending() {
            return false;
        }
        self.0.stop.rest();
        *now = Now::Typing;
        true
    }

    /// From now on the end waits for a line. Does not come back where the end was first.
    pub(super) fn a_line_runs(&self) {
        *lock(&self.0.now) = Now::Running;
    }

    fn is_ending(&self) -> bool {
        self.0.is_ending.load(Ordering::SeqCst)
    }

    /// The session is this run until it ends.
    pub(super) fn begin(&self, run: OpenRun) {
        *lock(&self.0.run) = Some(run);
    }

    pub(super) fn run(&self) -> Option<OpenRun> {
        lock(&self.0.run).clone()
    }

    pub(super) fn end_run(&self) {
        let run = lock(&self.0.run).take();
        if let Some(run) = run {
            self.at_least(run.end());
        }
    }

    /// It ends with this code, or a higher one.
    pub(super) fn at_least(&self, code: u8) {
        self.0.code.fetch_max(code, Ordering::SeqCst);
    }

    /// Ends the session, and gives its exit code.
    pub(super) fn end(&self) -> u8 {
        *lock(&self.0.now) = Now::Over;
        self.end_run();
        self.0.code.load(Ordering::SeqCst)
    }

    fn end_the_process(&self) -> ! {
        self.as_found();
        self.end_run();
        std::process::exit(i32::from(self.0.code.load(Ordering::SeqCst)))
    }

    /// The terminal as it was before the editor took it.
    fn as_found(&self) {
        if let Some(terminal) = &self.0.terminal {
            let _ = std::io::stderr().write_all(b"\x1b[?2004l\r\n");
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, terminal);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
