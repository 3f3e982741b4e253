//! Through another host: a channel of its session carries the connection to the next one.

use super::connect::Connected;
use super::ready;
use crate::error::Error;
use ssh2::Channel;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

const TICK: Duration = Duration::from_millis(50);
const CHUNK: usize = 32 << 10;

/// What carries bytes between a channel and a socket. It has a thread of its own, which ends with either of them.
pub(super) struct Pump {
    /// The end that the next session talks to.
    near: UnixStream,
    far: UnixStream,
}

impl Pump {
    pub(super) fn cut(&self) {
        // What is cut already cannot be cut.
        let _ = self.far.shutdown(Shutdown::Both);
    }
}

impl AsFd for Pump {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.near.as_fd()
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.cut();
    }
}

/// A connection from that host to the next one.
pub(super) fn through(before: Connected, host: &str, port: u16) -> Result<(UnixStream, Pump), Error> {
    let channel = before.session.channel_direct_tcpip(host, port, None).map_err(|error| {
        Error::new("SSH_UNREACHABLE", format!("{host} cannot be reached at port {port} through the jump host: {error}"))
            .hint("does `ssh` get there from here?")
            .retriable()
    })?;
    sockets(before, channel)
        .map_err(|error| Error::new("SSH_UNREACHABLE", format!("there is no socket to jump with: {error}")))
}

fn sockets(before: Connected, channel: Channel) -> io::Result<(UnixStream, Pump)> {
    let (near, far) = UnixStream::pair()?;
    let (given, carried) = (near.try_clone()?, far.try_clone()?);
    carried.set_nonblocking(true)?;
    before.session.set_blocking(false);
    thread::spawn(move || {
        // However it ends, it is over.
        let _ = carry(&before, channel, &carried);
        before.carrier.cut();
        let _ = carried.shutdown(Shutdown::Both);
    });
    Ok((given, Pump { near, far }))
}

/// Until either side ends.
fn carry(before: &Connected, mut channel: Channel, mut socket: &UnixStream) -> io::Result<()> {
    let (mut there, mut back) = (Vec::new(), Vec::new());
    loop {
        let mut is_idle = !fill(&mut there, &mut socket)?;
        is_idle &= !fill(&mut back, &mut channel)?;
        is_idle &= !pour(&mut there, &mut channel)?;
        is_idle &= !pour(&mut back, &mut socket)?;
        if is_idle {
            ready::either(&before.session, &before.carrier, socket, !back.is_empty(), TICK);
        }
    }
}

/// Reads into an empty buffer. Gives whether anything came; the end is an error.
fn fill(buffer: &mut Vec<u8>, from: &mut impl Read) -> io::Result<bool> {
    if !buffer.is_empty() {
        return Ok(false);
    }
    let mut chunk = vec![0; CHUNK];
    match from.read(&mut chunk) {
        Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
        Ok(bytes) => {
            buffer.extend_from_slice(&chunk[..bytes]);
            Ok(true)
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error),
    }
}

/// Writes what is in the buffer. Gives whether anything went.
fn pour(buffer: &mut Vec<u8>, to: &mut impl Write) -> io::Result<bool> {
    if buffer.is_empty() {
        return Ok(false);
    }
    match to.write(buffer) {
        Ok(bytes) => {
            buffer.drain(..bytes);
            Ok(bytes > 0)
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
        Err(error) => Err(error),
    }
}
