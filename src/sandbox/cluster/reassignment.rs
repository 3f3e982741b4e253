//! `AlterPartitionReassignments`, one partition at a time.

use super::partition::{CancelRefused, Election};
use super::{Cluster, Refusal, ids_text};
use kafka_protocol::error::ResponseError;

impl Cluster {
    /// Moves a partition to `target`, or gives up the move under way where there is no target.
    pub(crate) fn alter_reassignment(
        &mut self,
        topic: &str,
        index: i32,
        target: Option<&[i32]>,
    ) -> Result<(), Refusal> {
        let living = self.living();
        let alive = |id: i32| living.contains(&id);
        let unclean_allowed = self.election_of(topic) == Election::Unclean;
        self.partition_mut(topic, index)?;
        let Some(target) = target else {
            let partition = self.partition_mut(topic, index)?;
            partition.cancel(unclean_allowed, &alive).map_err(|refused| match refused {
                CancelRefused::NothingToCancel => {
                    Refusal::new(ResponseError::NoReassignmentInProgress, "No partition reassignment is in progress.")
                }
                CancelRefused::Unclean => Refusal::new(
                    ResponseError::InvalidReplicaAssignment,
                    format!(
                        "Unable to revert partition assignment for {topic}:{index} because it would require an unclean \
                         leader election."
                    ),
                ),
            })?;
            self.counters.count("AlterPartitionReassignments", format!("{topic}-{index} cancel"));
            return Ok(());
        };
        self.check_assignment(target)?;
        // With ZooKeeper a broker that is dead is not registered either.
        if self.guise.has_zookeeper() && !target.iter().all(|&id| alive(id)) {
            let message =
                format!("Replica assignment has brokers that are not alive. Replica list: {}", ids_text(target));
            return Err(Refusal::new(ResponseError::InvalidReplicaAssignment, message));
        }
        self.partition_mut(topic, index)?.reassign(target, &alive);
        self.counters.count("AlterPartitionReassignments", format!("{topic}-{index} -> {}", ids_text(target)));
        Ok(())
    }

    /// A replica list must not be empty and must name registered brokers, each once. They need not live.
    pub(crate) fn check_assignment(&self, replicas: &[i32]) -> Result<(), Refusal> {
        let invalid = |what: String| {
            let message = format!("The manual partition assignment includes {what}.");
            Err(Refusal::new(ResponseError::InvalidReplicaAssignment, message))
        };
        if replicas.is_empty() {
            return invalid("an empty replica list".to_owned());
        }
        let mut sorted = replicas.to_vec();
        sorted.sort_unstable();
        if let Some(unknown) = sorted.iter().find(|id| !self.brokers.contains_key(id)) {
            return invalid(format!("broker {unknown}, but no such broker is registered"));
        }
        match sorted.windows(2).find(|pair| pair.first() == pair.last()) {
            Some(pair) => invalid(format!("the broker {} more than once", pair.first().copied().unwrap_or_default())),
            None => Ok(()),
        }
    }
}
