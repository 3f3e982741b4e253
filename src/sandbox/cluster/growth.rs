//! A topic gets more partitions.

use super::partition::Partition;
use super::topics::MOST_PARTITIONS;
use super::{Cluster, Refusal, ids_text};
use kafka_protocol::error::ResponseError;

impl Cluster {
    /// Gives a topic `count` partitions in all, or only checks that with `validate_only`. `placed` says where the new ones
    /// lie; without it they go on round robin.
    pub(crate) fn create_partitions(
        &mut self,
        name: &str,
        count: i32,
        placed: Option<&[Vec<i32>]>,
        validate_only: bool,
    ) -> Result<(), Refusal> {
        let invalid = |message: String| Refusal::new(ResponseError::InvalidPartitions, message);
        let topic = self.topics.get(name).ok_or_else(|| {
            Refusal::new(ResponseError::UnknownTopicOrPartition, "This server does not host this topic-partition.")
        })?;
        let (now, factor) = (topic.partitions.len(), topic.partitions.first().map_or(0, |one| one.replicas.len()));
        if topic.partitions.iter().any(Partition::is_moving) {
            let message = format!("Partition reassignment in progress for topic {name}.");
            return Err(Refusal::new(ResponseError::ReassignmentInProgress, message));
        }
        let wanted = usize::try_from(count.min(MOST_PARTITIONS + 1)).unwrap_or(0);
        if wanted == now {
            return Err(invalid(format!("Topic already has {now} partition(s).")));
        }
        if wanted < now {
            let message =
                format!("The topic {name} currently has {now} partition(s); {count} would not be an increase.");
            return Err(invalid(message));
        }
        if count > MOST_PARTITIONS {
            return Err(invalid(format!("Number of partitions was set to an invalid value: {count}.")));
        }
        let placement = match placed {
            Some(placed) => self.placement_of_more(placed, wanted - now, factor)?,
            None => (now..wanted).map(|at| self.row(at, factor)).collect(),
        };
        let living = self.living();
        let more: Vec<Partition> =
            placement.iter().map(|replicas| Partition::new(replicas.clone(), &|id| living.contains(&id))).collect();
        if more.iter().any(|partition| partition.leader.is_none()) {
            let message = "All brokers specified in the manual partition assignment are fenced.";
            return Err(Refusal::new(ResponseError::InvalidReplicaAssignment, message));
        }
        if !validate_only && let Some(topic) = self.topics.get_mut(name) {
            topic.partitions.extend(more);
            self.restless.rouse_all();
            let placed: Vec<String> = placement.iter().map(|replicas| ids_text(replicas)).collect();
            self.counters.count("CreatePartitions", format!("{name} {}", placed.join(",")));
        }
        Ok(())
    }

    fn placement_of_more(&self, placed: &[Vec<i32>], more: usize, factor: usize) -> Result<Vec<Vec<i32>>, Refusal> {
        let invalid = |message| Err(Refusal::new(ResponseError::InvalidReplicaAssignment, message));
        if placed.len() != more {
            let message = format!(
                "Attempted to add {more} additional partition(s), but only {} assignment(s) were \
                                   specified.",
                placed.len()
            );
            return invalid(message);
        }
        for replicas in placed {
            self.check_assignment(replicas)?;
            if replicas.len() != factor {
                return invalid(format!("Inconsistent replication factor, expected {factor}."));
            }
        }
        Ok(placed.to_vec())
    }

    /// The replicas of one partition of a topic that the controller places: round robin, the living first.
    pub(super) fn row(&self, at: usize, factor: usize) -> Vec<i32> {
        let (mut ids, dead): (Vec<i32>, Vec<i32>) = self.brokers.keys().partition(|&&id| self.is_alive(id));
        if !ids.is_empty() {
            let start = at % ids.len();
            ids.rotate_left(start);
        }
        ids.extend(dead);
        ids.truncate(factor);
        ids
    }
}
