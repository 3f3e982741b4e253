//! A part of a plan: some of its topics now, the others later.

use super::moves::{PartitionMove, Plan, TopicMoves};
use super::share::BrokerShare;
use crate::error::Error;
use crate::suggestion::did_you_mean;

impl Plan {
    /// The moves of these topics, in the order of the plan. What the others need is for later, as with a budget.
    ///
    /// `NOT_IN_THE_PLAN` names a topic that has no moves.
    pub fn only(&self, topics: &[String]) -> Result<Self, Error> {
        let known = || self.moves.iter().map(|moves| moves.topic.as_str());
        if let Some(name) = topics.iter().find(|name| !known().any(|known| known == name.as_str())) {
            let hint = did_you_mean(name, known()).unwrap_or_else(|| "the plan has no moves for it".to_owned());
            return Err(Error::new("NOT_IN_THE_PLAN", format!("nothing of topic `{name}` moves")).hint(hint));
        }
        let (now, later): (Vec<TopicMoves>, Vec<TopicMoves>) =
            self.moves.iter().cloned().partition(|moves| topics.contains(&moves.topic));
        let mut plan = Self { moves: now, certificate: self.certificate.clone() };
        for one in later.iter().flat_map(|moves| &moves.partitions) {
            plan.leave(one);
        }
        Ok(plan)
    }

    /// One partition stays where it is, for now.
    fn leave(&mut self, one: &PartitionMove) {
        let certificate = &mut self.certificate;
        let (replicas, bytes) = (one.added().count() as u64, one.moved_bytes());
        certificate.moved_replicas = certificate.moved_replicas.saturating_sub(replicas);
        certificate.moved_bytes = certificate.moved_bytes.saturating_sub(bytes);
        certificate.leader_changes = certificate.leader_changes.saturating_sub(u64::from(one.changes_leader()));
        certificate.later_replicas += replicas;
        certificate.later_bytes = certificate.later_bytes.saturating_add(bytes);
        let sender = one
            .from
            .iter()
            .copied()
            .find(|id| certificate.brokers.iter().any(|share| share.broker == *id && !share.down));
        for share in &mut certificate.brokers {
            stay(share, one, sender);
        }
    }
}

fn stay(share: &mut BrokerShare, one: &PartitionMove, sender: Option<i32>) {
    let id = share.broker;
    if one.added().any(|added| added == id) {
        share.replicas.after = share.replicas.after.saturating_sub(1);
        share.bytes.after = share.bytes.after.saturating_sub(one.bytes);
        share.bytes_in = share.bytes_in.saturating_sub(one.bytes);
    }
    if one.removed().any(|removed| removed == id) {
        share.replicas.after += 1;
        share.bytes.after = share.bytes.after.saturating_add(one.bytes);
    }
    if sender == Some(id) {
        share.bytes_out = share.bytes_out.saturating_sub(one.moved_bytes());
    }
    if one.changes_leader() {
        share.leaders.after = share.leaders.after.saturating_sub(u64::from(one.to.first() == Some(&id)));
        share.leaders.after += u64::from(one.from.first() == Some(&id));
    }
}
