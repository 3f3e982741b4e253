//! No broker outlives the test process: a shell waits for the end of this process, kills, by pid, what it was told of,
//! and removes its folder.
//!
//! `Drop` covers a test that ends or panics. This covers a test process that is itself killed or interrupted, whose
//! brokers would go on for ever and answer on their addresses.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

/// Each line replaces the list of pids. End of input without the word `done` means that the test process is gone. A
/// process that dies may still write a file while its folder is removed, so that is done again.
const SCRIPT: &str = r#"trap '' INT TERM HUP
pids=
while read -r line; do
  [ "$line" = done ] && exit 0
  pids=$line
done
[ -n "$pids" ] && kill -9 $pids 2>/dev/null
for again in 1 2 3 4 5; do rm -rf "$1" 2>/dev/null && exit 0; sleep 1; done"#;

pub(crate) struct Reaper {
    shell: Child,
    lines: ChildStdin,
}

impl Reaper {
    /// `folder` is the scratch folder of the processes that it will be told of.
    pub(crate) fn start(folder: &Path) -> io::Result<Self> {
        let mut shell = Command::new("sh").args(["-c", SCRIPT, "reaper"]).arg(folder).stdin(Stdio::piped()).spawn()?;
        let lines = shell.stdin.take().ok_or_else(|| io::Error::other("the shell has no stdin"))?;
        Ok(Self { shell, lines })
    }

    /// From now on exactly these processes are in its care.
    pub(crate) fn watch(&mut self, pids: &[u32]) -> io::Result<()> {
        let pids: Vec<String> = pids.iter().map(u32::to_string).collect();
        writeln!(self.lines, "{}", pids.join(" "))
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        // A shell that is gone already has nothing left to be told.
        let _ = writeln!(self.lines, "done");
        let _ = self.shell.wait();
    }
}

#[test]
fn kills_and_removes_what_it_was_told_of_when_its_input_ends() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let mut sleeper = Command::new("sleep").arg("600").spawn().expect("sleep starts");
    let mut reaper = Reaper::start(folder.path()).expect("sh starts");
    // One that is gone already does not save the others.
    reaper.watch(&[1_000_000_000, sleeper.id()]).expect("the shell reads");
    // What the kernel does to a killed test process: its end of the pipe closes, and nobody says `done`.
    let mut other = Command::new("true").stdin(Stdio::piped()).spawn().expect("true starts");
    let input = other.stdin.take().expect("piped");
    drop(std::mem::replace(&mut reaper.lines, input));
    let status = sleeper.wait().expect("sleep ends");
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
    reaper.shell.wait().expect("the shell ends");
    assert!(!folder.path().exists());
    other.wait().expect("true ends");
}
