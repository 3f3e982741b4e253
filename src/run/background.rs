//! Threads beside the script's: they end with the scope that owns them, whichever way it is left.

use crate::error::Error;
use crate::run::parallel::STACK;
use std::thread::JoinHandle;

/// Does `work` on a thread of its own while `body` runs here, and comes back when both are over. `end` tells the thread that the body
/// is.
///
/// Errors: `NO_THREADS`, then nothing has run; `THREAD_PANICKED`.
pub fn beside<T>(name: &str, work: impl FnOnce() + Send, end: impl Fn(), body: impl FnOnce() -> T) -> Result<T, Error> {
    struct AtTheEnd<F: Fn()>(F);
    impl<F: Fn()> Drop for AtTheEnd<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| no_threads(&error))?;
        let value = {
            let _end = AtTheEnd(end);
            body()
        };
        thread.join().map_err(|_| panicked())?;
        Ok(value)
    })
}

fn no_threads(error: &std::io::Error) -> Error {
    Error::new("NO_THREADS", format!("cannot start a thread: {error}"))
}

fn panicked() -> Error {
    Error::new("THREAD_PANICKED", "a thread beside the script ended in a panic")
        .hint("this is a fault of krun; `krun resume` goes on")
}

/// Owns its threads. Dropped, it tells them to end at once and waits until they have.
pub struct Background {
    threads: Vec<JoinHandle<()>>,
    end_at_once: Box<dyn Fn() + Send>,
}

impl Background {
    /// `end_at_once` is how its threads are told; each of them looks at least every second or so.
    pub fn new(end_at_once: impl Fn() + Send + 'static) -> Self {
        Self { threads: Vec::new(), end_at_once: Box::new(end_at_once) }
    }

    /// Error: `NO_THREADS`.
    pub fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(work);
        let thread = thread.map_err(|error| no_threads(&error))?;
        self.threads.push(thread);
        Ok(())
    }

    pub fn has_ended(&self) -> bool {
        self.threads.iter().all(JoinHandle::is_finished)
    }

    /// Waits until all have ended. Error: `THREAD_PANICKED`.
    pub fn join(mut self) -> Result<(), Error> {
        let count = self.threads.drain(..).map(JoinHandle::join).filter(Result::is_err).count();
        if count == 0 { Ok(()) } else { Err(panicked()) }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        (self.end_at_once)();
        for thread in self.threads.drain(..) {
            // The scope is being left for a reason of its own.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn its_threads_end_when_it_is_dropped() {
        let (end, ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let tell = Arc::clone(&end);
        let mut background = Background::new(move || tell.store(true, Ordering::SeqCst));
        let (told, say) = (Arc::clone(&end), Arc::clone(&ended));
        let work = move || {
            while !told.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            say.store(true, Ordering::SeqCst);
        };
        background.spawn("waits", work).expect("started");
        assert!(!background.has_ended());
        drop(background);
        assert!(ended.load(Ordering::SeqCst));
    }

    #[test]
    fn a_panic_is_told() {
        let mut background = Background::new(|| ());
        background.spawn("panics", || panic!("on purpose")).expect("started");
        assert_eq!(background.join().expect_err("told").code, "THREAD_PANICKED");
    }
}
