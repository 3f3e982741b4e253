//! Waiting until sockets are ready, instead of asking again and again.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use ssh2::{BlockDirections, Session};
use std::os::fd::AsFd;
use std::time::Duration;

/// Until a session can go on, or `tick` is over.
pub(super) fn session(session: &Session, carrier: &impl AsFd, tick: Duration) {
    wait(&mut [PollFd::new(carrier, wanted(session))], tick);
}

/// The same, or until another socket can be read, and written if that is waited for.
pub(super) fn either(session: &Session, carrier: &impl AsFd, other: &impl AsFd, writes: bool, tick: Duration) {
    let others = if writes { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
    wait(&mut [PollFd::new(carrier, wanted(session)), PollFd::new(other, others)], tick);
}

fn wanted(session: &Session) -> PollFlags {
    match session.block_directions() {
        BlockDirections::None | BlockDirections::Inbound => PollFlags::IN,
        BlockDirections::Outbound => PollFlags::OUT,
        BlockDirections::Both => PollFlags::IN | PollFlags::OUT,
    }
}

fn wait(sockets: &mut [PollFd<'_>], tick: Duration) {
    let tick = Timespec { tv_sec: 0, tv_nsec: i64::from(tick.subsec_nanos()) };
    // Interrupted by a signal: whoever waits looks again anyway.
    let _ = poll(sockets, Some(&tick));
}
