//! Ctrl-C once, twice, three times; SIGTERM likewise; SIGHUP.

use crate::event::Progress;
use crate::run::session::Session;
use crate::run::stop::{Level, Stop};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The session that is at work now, if one is.
pub(crate) type AtWork = Arc<Mutex<Option<Session>>>;

/// Hears the signals from now on. The session is told while there is one.
pub(crate) fn hear(handle: &Handle, stop: Stop, last_words: impl Fn() + Send + Sync + 'static) -> AtWork {
    let session = AtWork::default();
    let told = session.clone();
    let _guard = handle.enter();
    let streams = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
    if let [Ok(interrupt), Ok(terminate), Ok(hangup)] = streams {
        handle.spawn(listen(interrupt, terminate, hangup, stop, told, last_words));
    }
    session
}

async fn listen(
    mut interrupt: Signal,
    mut terminate: Signal,
    mut hangup: Signal,
    stop: Stop,
    session: AtWork,
    last_words: impl Fn(),
) {
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {
                stop.detach();
                say(&session, "the terminal is gone: the run goes on, and stops at the next question");
                continue;
            }
        }
        match stop.press() {
            Level::Soon => say(&session, "stopping at the next safe point; once more stops at once"),
            Level::Now => say(&session, "stopping at once; once more leaves without another word"),
            _ => {
                last_words();
                std::process::exit(130);
            }
        }
    }
}

/// On a thread of its own: where nobody reads the screen any more, saying it may block, and the next signal must be heard.
fn say(session: &AtWork, text: &'static str) {
    if let Some(session) = session.lock().unwrap_or_else(PoisonError::into_inner).clone() {
        tokio::task::spawn_blocking(move || session.note(Progress::Stopping { text: text.to_owned() }));
    }
}
