//! No broker outlives the test process: a shell waits for the end of this process and kills, by pid, what it was told of.
//!
//! `Drop` covers a test that ends or panics. This covers a test process that is itself killed, whose brokers would go
//! on for ever and answer on their addresses.

use std::io::{self, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

/// Each line replaces the list of pids. End of input without the word `done` means that the test process is gone.
const SCRIPT: &str = r#"trap '' INT TERM HUP
pids=
while read -r line; do
  [ "$line" = done ] && exit 0
  pids=$line
done
[ -n "$pids" ] && kill -9 $pids 2>/dev/null"#;

pub(crate) struct Reaper {
    shell: Child,
    lines: ChildStdin,
}

impl Reaper {
    pub(crate) fn start() -> io::Result<Self> {
        let mut shell = Command::new("sh").args(["-c", SCRIPT]).stdin(Stdio::piped()).spawn()?;
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
fn kills_what_it_was_told_of_when_its_input_ends() {
    let mut sleeper = Command::new("sleep").arg("600").spawn().expect("sleep starts");
    let mut reaper = Reaper::start().expect("sh starts");
    reaper.watch(&[1_000_000_000, sleeper.id()]).expect("the shell reads");
    let Reaper { shell, lines } = &mut reaper;
    // What the kernel does to a killed test process.
    let input = std::mem::replace(
        lines,
        Command::new("true").stdin(Stdio::piped()).spawn().expect("true starts").stdin.take().expect("piped"),
    );
    drop(input);
    shell.wait().expect("the shell ends");
    let status = sleeper.wait().expect("sleep ends");
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
}
