//! Who is the controller: with `ZooKeeper` one of the brokers, with `KRaft` one of three nodes of their own.

use super::{Cluster, Refusal};
use crate::sandbox::guise::Guise;
use kafka_protocol::error::ResponseError;

/// The nodes of a `KRaft` quorum.
pub(crate) const QUORUM: [i32; 3] = [3001, 3002, 3003];

#[derive(Debug, Clone, Copy)]
pub(crate) struct Controller {
    /// A node's id; -1 while nobody is.
    pub(crate) active: i32,
    /// Grows with every move.
    pub(crate) epoch: i32,
}

impl Controller {
    pub(super) fn new(guise: Guise, first_broker: Option<i32>) -> Self {
        let active = if guise.has_zookeeper() { first_broker.unwrap_or(-1) } else { QUORUM[0] };
        Self { active, epoch: 1 }
    }
}

impl Cluster {
    /// The broker that clients are told to be the controller; -1 where there is none. With `KRaft` any broker forwards to
    /// the real one (KIP-590), so it is simply the first that lives.
    pub(crate) fn advertised_controller(&self) -> i32 {
        if self.guise.has_zookeeper() {
            return self.controller.active;
        }
        self.living().first().copied().unwrap_or(-1)
    }

    /// Whether `broker` may answer what only the controller answers.
    pub(crate) fn check_controller(&self, broker: i32) -> Result<(), Refusal> {
        if self.guise.has_zookeeper() && self.controller.active != broker {
            return Err(Refusal::new(ResponseError::NotController, "This is not the correct controller."));
        }
        Ok(())
    }

    /// The next one takes over; gives who. Nobody does where no other could.
    pub(crate) fn move_controller(&mut self) -> i32 {
        let fit: Vec<i32> =
            if self.guise.has_zookeeper() { self.running().into_iter().collect() } else { QUORUM.to_vec() };
        let before = self.controller.active;
        let next = fit.iter().find(|&&id| id > before).or(fit.first()).copied().unwrap_or(-1);
        if next != before {
            self.controller = Controller { active: next, epoch: self.controller.epoch + 1 };
        }
        next
    }

    /// Elects another one where the broker that was it is gone.
    pub(super) fn keep_a_controller(&mut self) {
        if self.guise.has_zookeeper() && !self.is_alive(self.controller.active) {
            self.move_controller();
        }
    }
}
