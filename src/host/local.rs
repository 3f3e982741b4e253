//! This machine, as a host.

use super::command::{Command, Output, Shell};
use super::conversation::Conversation;
use crate::error::{Error, Failure};
use std::io::{self, Read, Write};
use std::process::{ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How often somebody looks whether to stop.
const TICK: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, Copy, Default)]
pub struct Local;

enum Heard {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    End,
}

impl Shell for Local {
    fn run(&self, command: &Command, stopped: &dyn Fn() -> bool) -> Result<Output, Failure> {
        let mut talk = Conversation::about(command);
        let not_begun =
            |error: io::Error| Failure::Refused(Error::new("NO_SHELL", format!("sh does not start: {error}")));
        let mut process = std::process::Command::new("sh");
        process.arg("-c").arg(talk.text(command));
        process.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = process.spawn().map_err(not_begun)?;
        let (sender, heard) = channel();
        let mut stdin = child.stdin.take();
        listen(child.stdout.take(), Heard::Stdout, sender.clone());
        listen(child.stderr.take(), Heard::Stderr, sender);
        let ended = converse(&mut talk, &mut stdin, &heard, Instant::now() + command.limit, stopped);
        drop(stdin);
        if let Err(failure) = ended {
            // Whoever waits for its end would wait for what was just given up.
            thread::spawn(move || child.wait());
            return Err(failure);
        }
        let status = child.wait().map_err(|error| unknown(format!("the command cannot be waited for: {error}")))?;
        talk.answer(status.code())
    }
}

/// A thread for each stream: neither fills up while the other is read.
fn listen(stream: Option<impl Read + Send + 'static>, heard: fn(Vec<u8>) -> Heard, to: Sender<Heard>) {
    thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        let mut stream = stream;
        while let Some(Ok(bytes @ 1..)) = stream.as_mut().map(|stream| stream.read(&mut buffer)) {
            if to.send(heard(buffer[..bytes].to_vec())).is_err() {
                return;
            }
        }
        // Nobody may be listening any more.
        let _ = to.send(Heard::End);
    });
}

fn converse(
    talk: &mut Conversation,
    stdin: &mut Option<ChildStdin>,
    heard: &Receiver<Heard>,
    until: Instant,
    stopped: &dyn Fn() -> bool,
) -> Result<(), Failure> {
    let mut open = 2;
    while open > 0 {
        // A command that does not read its input to the end is no fault.
        if let Some(pipe) = stdin.as_mut().filter(|_| !talk.to_say().is_empty()) {
            let all = talk.to_say().len();
            let _ = pipe.write_all(talk.to_say());
            talk.said(all);
        }
        if talk.is_over() {
            *stdin = None;
        }
        match heard.recv_timeout(TICK) {
            Ok(Heard::Stdout(bytes)) => talk.hear_stdout(&bytes)?,
            Ok(Heard::Stderr(bytes)) => talk.hear_stderr(&bytes)?,
            Ok(Heard::End) => open -= 1,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if stopped() {
            return Err(unknown("interrupted while the command ran".to_owned()));
        }
        if Instant::now() > until {
            return Err(unknown("the command did not end in time".to_owned()));
        }
    }
    Ok(())
}

fn unknown(text: String) -> Failure {
    Failure::Unknown(Error::new("COMMAND_CUT_OFF", text))
}
