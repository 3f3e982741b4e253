//! A sandbox for one test, gone when the test ends.

use krun::kafka::{Client, Deadlines};
use krun::sandbox::{self, Control, Data, Options, Running};
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(crate) struct Sandbox {
    pub(crate) dir: TempDir,
    pub(crate) running: Running,
}

pub(crate) fn krun() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_krun"))
}

/// Few data, and replicas that are copied in no time.
pub(crate) fn tiny() -> Options {
    Options { data: Data::Tiny, copy_rate: 1_000_000_000, idle: Duration::from_mins(2), ..Options::default() }
}

impl Sandbox {
    pub(crate) fn start(options: &Options) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let running = sandbox::start(krun(), dir.path(), options).unwrap();
        Self { dir, running }
    }

    pub(crate) fn control(&self) -> Control {
        Control::new(&self.running.control)
    }

    /// The address of a broker.
    pub(crate) fn broker(&self, id: usize) -> &str {
        &self.running.bootstrap[id - 1]
    }

    /// krun's own client.
    pub(crate) async fn client(&self) -> Client {
        let seconds = Duration::from_secs;
        let deadlines = Deadlines { connect: seconds(2), request: seconds(5), call: seconds(10) };
        Client::connect(&self.running.bootstrap, deadlines).await.expect("the sandbox answers")
    }

    pub(crate) fn bootstrap(&self) -> String {
        self.running.bootstrap.join(",")
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let stopped = sandbox::stop(self.dir.path());
        if !std::thread::panicking() {
            stopped.unwrap();
        }
    }
}

/// Waits until `test` holds, and fails the test if it does not within ten seconds.
pub(crate) fn eventually(what: &str, mut test: impl FnMut() -> bool) {
    let since = Instant::now();
    while !test() {
        assert!(since.elapsed() < Duration::from_secs(10), "{what}: not within ten seconds");
        std::thread::sleep(Duration::from_millis(2));
    }
}
