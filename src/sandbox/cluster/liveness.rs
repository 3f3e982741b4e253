//! Brokers die and come back; leaders are elected.

use super::partition::Election;
use super::{Broker, Cluster, Process, Refusal};
use crate::sandbox::guise::Guise;
use kafka_protocol::error::ResponseError;

impl Cluster {
    /// Gives whether the broker was alive.
    pub(crate) fn kill_broker(&mut self, id: i32) -> bool {
        if let Some(broker) = self.brokers.get_mut(&id) {
            broker.process = Process::Down;
        }
        self.thaw_metadata(id);
        self.unregister(id)
    }

    /// A broker that was never there before is known from now on, and not registered yet.
    pub(crate) fn welcome(&mut self, id: i32, port: u16, guise: Guise) {
        let (process, protocol) = (Process::Down, guise.line());
        self.brokers.entry(id).or_insert(Broker { port, rack: None, alive: false, process, guise, protocol });
    }

    /// The broker is back with the data that it had, unless it was up already, or is paused.
    pub(crate) fn start_broker(&mut self, id: i32) -> bool {
        let down = self.brokers.get_mut(&id).filter(|broker| broker.process == Process::Down);
        down.map(|broker| broker.process = Process::Up).is_some() && self.register(id)
    }

    /// What the controller does about a broker that is gone: out of every ISR (but the last in one stays), leaderships
    /// move. Gives whether the broker was alive.
    pub(super) fn unregister(&mut self, id: i32) -> bool {
        let was_alive = self.brokers.get_mut(&id).is_some_and(|broker| std::mem::replace(&mut broker.alive, false));
        if was_alive {
            self.restless.rouse_all();
            self.keep_a_controller();
            let living = self.living();
            let elections: Vec<Election> = self.topics.keys().map(|topic| self.election_of(topic)).collect();
            for (topic, election) in self.topics.values_mut().zip(elections) {
                for partition in &mut topic.partitions {
                    partition.broker_died(id, election, &|id| living.contains(&id));
                }
            }
        }
        was_alive
    }

    /// A broker that is back leads again only what nobody else could lead; the ISRs take it in again once it has caught
    /// up. Gives whether it was away.
    pub(super) fn register(&mut self, id: i32) -> bool {
        let was_away = self.brokers.get_mut(&id).is_some_and(|broker| !std::mem::replace(&mut broker.alive, true));
        if was_away {
            self.restless.rouse_all();
            self.keep_a_controller();
            let living = self.living();
            let elections: Vec<Election> = self.topics.keys().map(|topic| self.election_of(topic)).collect();
            for (topic, election) in self.topics.values_mut().zip(elections) {
                for partition in topic.partitions.iter_mut().filter(|partition| partition.leader.is_none()) {
                    partition.settle(election, &|id| living.contains(&id));
                }
            }
        }
        was_away
    }

    /// One partition of `ElectLeaders`.
    pub(crate) fn elect_leader(&mut self, topic: &str, index: i32, unclean: bool) -> Result<(), Refusal> {
        let living = self.living();
        let partition = self.partition_mut(topic, index)?;
        let wanted = if unclean { partition.leader } else { partition.replicas.first().copied() };
        if partition.leader.is_some() && partition.leader == wanted {
            let text = "Leader election not needed for topic partition.";
            return Err(Refusal::new(ResponseError::ElectionNotNeeded, text));
        }
        let (election, name) =
            if unclean { (Election::Unclean, "unclean") } else { (Election::Preferred, "preferred") };
        if !partition.settle(election, &|id| living.contains(&id)) {
            return Err(if unclean {
                let text = "Eligible topic partition leaders are not available.";
                Refusal::new(ResponseError::EligibleLeadersNotAvailable, text)
            } else {
                Refusal::new(ResponseError::PreferredLeaderNotAvailable, "The preferred leader was not available.")
            });
        }
        self.counters.count("ElectLeaders", format!("{topic}-{index} {name}"));
        Ok(())
    }
}
