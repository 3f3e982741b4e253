//! A broker that hangs, as after a SIGSTOP: its connections stay open, nothing is answered and nothing is copied.

use super::Cluster;
use std::time::Duration;

/// What is the matter with a broker's process, whatever the controller believes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Process {
    Up,
    /// Since this time of the cluster.
    Paused(Duration),
    Down,
}

impl Cluster {
    pub(crate) fn process(&self, id: i32) -> Process {
        self.brokers.get(&id).map_or(Process::Down, |broker| broker.process)
    }

    /// Gives whether the broker was at work.
    pub(crate) fn pause_broker(&mut self, id: i32) -> bool {
        let now = self.now;
        let at_work = self.brokers.get_mut(&id).filter(|broker| broker.process == Process::Up);
        at_work.map(|broker| broker.process = Process::Paused(now)).is_some()
    }

    /// The broker goes on with what it had; where it was fenced meanwhile, it registers again. Gives whether it was paused.
    pub(crate) fn resume_broker(&mut self, id: i32) -> bool {
        let paused = self.brokers.get_mut(&id).filter(|broker| matches!(broker.process, Process::Paused(_)));
        let Some(broker) = paused else { return false };
        broker.process = Process::Up;
        self.register(id);
        true
    }

    /// The controller fences who has been silent for a session: it lives no longer, as far as the cluster is concerned.
    pub(super) fn fence_the_silent(&mut self) {
        let silent = |process| matches!(process, Process::Paused(since) if self.now >= since + self.session_timeout);
        let silent = self.brokers.iter().filter(|(_, broker)| broker.alive && silent(broker.process));
        for id in silent.map(|(&id, _)| id).collect::<Vec<_>>() {
            self.unregister(id);
        }
    }
}
