//! A sandbox on a thread of this process, for whoever embeds krun: it ends with its owner.

use super::launch::{folder_unusable, turn};
use super::options::Options;
use super::serve::serve_until;
use super::state_file::{Running, find};
use crate::error::Error;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Dropped, it ends the sandbox, and its cluster with it.
#[derive(Debug)]
pub struct Within {
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Within {
    /// Gives the sandbox of a folder. Where none runs, one is begun on a thread, and lives as long as the second of what
    /// this gives.
    pub fn start(dir: &Path, options: &Options) -> Result<(Running, Option<Self>), Error> {
        options.check()?;
        let dir = std::path::absolute(dir).map_err(|why| folder_unusable(dir, &why))?;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&dir)
            .map_err(|why| folder_unusable(&dir, &why))?;
        let _turn = turn(&dir)?;
        if let Some(running) = find(&dir)? {
            return Ok((running, None));
        }
        let (end, ended) = oneshot::channel::<()>();
        let (tell, told) = mpsc::channel();
        let (options, tell_ready) = (options.clone(), tell.clone());
        let serve = move || {
            let ready = |running: &Running| drop(tell_ready.send(Ok(running.clone())));
            // Also where the other end is gone.
            let until = async move { drop(ended.await) };
            if let Err(error) = serve_until(&dir, &options, |_| (), ready, || Ok(until)) {
                let _ = tell.send(Err(error));
            }
        };
        let failed = |why: &str| Error::new("SANDBOX_FAILED", format!("the sandbox's thread {why}"));
        let thread = std::thread::Builder::new().name("sandbox".to_owned()).spawn(serve);
        let thread = thread.map_err(|why| failed(&format!("cannot be started: {why}")))?;
        let within = Self { end: Some(end), thread: Some(thread) };
        let running = told.recv().map_err(|_| failed("ended at its start"))??;
        Ok((running, Some(within)))
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
