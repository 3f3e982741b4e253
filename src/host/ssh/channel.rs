//! One command in one channel: both streams are drained together, and nothing but a whole end counts as one.

use super::connect::Connected;
use super::ready;
use crate::error::{Error, Failure};
use crate::host::command::{Command, Output};
use crate::host::conversation::Conversation;
use ssh2::Channel;
use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

/// How often somebody looks whether to stop.
const TICK: Duration = Duration::from_millis(50);
const KEEPALIVE: Duration = Duration::from_secs(10);
const CHUNK: usize = 32 << 10;
/// `SSH_EXTENDED_DATA_STDERR` of RFC 4254.
const STDERR: i32 = 1;

/// Runs a command. After an error the connection is of no use any more.
pub(super) fn run(on: &Connected, command: &Command, stopped: &dyn Fn() -> bool) -> Result<Output, Failure> {
    let talk = Conversation::about(command);
    on.session.set_blocking(true);
    let mut channel = on.session.channel_session().map_err(|error| {
        Failure::Refused(Error::new("SSH_UNREACHABLE", format!("the host opens no channel: {error}")).retriable())
    })?;
    // From here on it may run.
    channel.exec(&talk.text(command)).map_err(|error| lost(&error))?;
    on.session.set_blocking(false);
    let (until, keepalive) = (Instant::now() + command.limit, Instant::now() + KEEPALIVE);
    let mut call = Call { on, channel, talk, until, keepalive, stopped, has_said_all: false };
    while !call.converse()? {
        call.wait()?;
    }
    call.close()?;
    let signal = call.channel.exit_signal().ok().and_then(|signal| signal.exit_signal);
    let status = call.channel.exit_status().ok().filter(|_| signal.is_none());
    call.talk.answer(status)
}

/// A command that runs.
struct Call<'a> {
    on: &'a Connected,
    channel: Channel,
    talk: Conversation,
    until: Instant,
    /// When the other side is next asked for a sign of life.
    keepalive: Instant,
    stopped: &'a dyn Fn() -> bool,
    has_said_all: bool,
}

impl Call<'_> {
    /// Takes and gives all that there is. True when the command will write no more.
    fn converse(&mut self) -> Result<bool, Failure> {
        while let Some(bytes) = read(&mut self.channel)? {
            self.talk.hear_stdout(&bytes)?;
        }
        while let Some(bytes) = read(&mut self.channel.stream(STDERR))? {
            self.talk.hear_stderr(&bytes)?;
        }
        if self.channel.eof() {
            return Ok(true);
        }
        while !self.talk.to_say().is_empty() {
            match self.channel.write(self.talk.to_say()) {
                Ok(bytes) => self.talk.said(bytes),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(lost(&error)),
            }
        }
        if self.talk.is_over() && !self.has_said_all {
            self.has_said_all = is_done(self.channel.send_eof())?;
        }
        Ok(false)
    }

    fn close(&mut self) -> Result<(), Failure> {
        while !is_done(self.channel.close())? || !is_done(self.channel.wait_close())? {
            self.wait()?;
        }
        Ok(())
    }

    /// Until something can go on, for a tick at most; and whether it shall.
    fn wait(&mut self) -> Result<(), Failure> {
        ready::session(&self.on.session, &self.on.carrier, TICK);
        if (self.stopped)() {
            return Err(cut_off("interrupted while the command ran"));
        }
        let now = Instant::now();
        if now > self.until {
            return Err(cut_off("the command did not end in time"));
        }
        if now > self.keepalive {
            self.keepalive = now + KEEPALIVE;
            // That it cannot be sent shows by what is read.
            let _ = self.on.session.keepalive_send();
        }
        Ok(())
    }
}

/// What is there to be read now.
fn read(from: &mut impl Read) -> Result<Option<Vec<u8>>, Failure> {
    let mut chunk = vec![0; CHUNK];
    match from.read(&mut chunk) {
        Ok(0) => Ok(None),
        Ok(bytes) => {
            chunk.truncate(bytes);
            Ok(Some(chunk))
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(lost(&error)),
    }
}

fn is_done(result: Result<(), ssh2::Error>) -> Result<bool, Failure> {
    match result.map_err(io::Error::from) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(lost(&error)),
    }
}

fn lost(error: &impl fmt::Display) -> Failure {
    cut_off(&format!("the connection was lost while the command ran: {error}"))
}

fn cut_off(text: &str) -> Failure {
    Failure::Unknown(
        Error::new("COMMAND_CUT_OFF", text).hint("the command may have come to its end, and may still run"),
    )
}
