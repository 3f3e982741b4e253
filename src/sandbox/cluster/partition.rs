//! One partition as the controller knows it: replicas, the move that is under way, the ISR, the leader.
//!
//! The rules are those of a `KRaft` controller (KIP-455, Kafka 3.9), its odd ones included: a cancelled move gives the
//! replicas back in the order that the *move* had made of them, and a replica that a later move has overridden is no
//! longer listed as being added.

use super::log::{Keep, Log};
use std::collections::BTreeMap;

/// Which brokers live: the controller's view.
pub(crate) type Alive<'a> = &'a dyn Fn(i32) -> bool;

#[derive(Debug, Clone)]
pub(crate) struct Partition {
    pub(crate) replicas: Vec<i32>,
    pub(crate) adding: Vec<i32>,
    pub(crate) removing: Vec<i32>,
    pub(crate) isr: Vec<i32>,
    pub(crate) leader: Option<i32>,
    pub(crate) leader_epoch: i32,
    pub(crate) log: Log,
    /// How much of the log each replica has, in bytes. A fraction of one is kept, so that short ticks add up.
    pub(crate) copied: BTreeMap<i32, f64>,
    /// Where in the log a replica begins that was made when a part of it could not be read any more.
    skipped: BTreeMap<i32, u64>,
}

/// How a leader is looked for when the present one cannot stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Election {
    /// Keep the leader, else the first replica that lives and is in sync.
    Online,
    /// The first replica, if it lives and is in sync.
    Preferred,
    /// Like online, but rather any living replica than none. Loses what that replica does not have.
    Unclean,
}

/// A cancelled move would leave no replica that is in sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CancelRefused {
    NothingToCancel,
    Unclean,
}

impl Partition {
    /// A new partition, led by its first living replica; dead ones are not in sync.
    pub(crate) fn new(replicas: Vec<i32>, alive: Alive) -> Self {
        let isr: Vec<i32> = replicas.iter().copied().filter(|&id| alive(id)).collect();
        let copied = replicas.iter().map(|&id| (id, 0.0)).collect();
        let leader = isr.first().copied();
        Self {
            replicas,
            adding: vec![],
            removing: vec![],
            isr,
            leader,
            leader_epoch: 0,
            log: Log::default(),
            copied,
            skipped: BTreeMap::new(),
        }
    }

    /// The same as a broker knows it that has no replica.
    pub(crate) fn without_data(&self) -> Self {
        Self {
            replicas: self.replicas.clone(),
            adding: self.adding.clone(),
            removing: self.removing.clone(),
            isr: self.isr.clone(),
            leader: self.leader,
            leader_epoch: self.leader_epoch,
            log: Log::default(),
            copied: BTreeMap::new(),
            skipped: BTreeMap::new(),
        }
    }

    pub(crate) fn is_moving(&self) -> bool {
        !self.adding.is_empty() || !self.removing.is_empty()
    }

    /// Bytes of the log that this replica has; none where there is no such replica.
    pub(crate) fn size_on(&self, broker: i32) -> Option<u64> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the log's size")]
        let bytes = self.copied.get(&broker).map(|&bytes| bytes as u64)?;
        let skipped = self.skipped.get(&broker).copied().unwrap_or(0);
        Some(bytes.saturating_sub(self.log.gone().max(skipped)))
    }

    /// Starts to move to `target`, or replaces the target of the move under way. The target is valid already.
    pub(crate) fn reassign(&mut self, target: &[i32], alive: Alive) {
        let missing = |from: &[i32], of: &[i32]| -> Vec<i32> {
            let mut ids: Vec<i32> = from.iter().copied().filter(|id| !of.contains(id)).collect();
            ids.sort_unstable();
            ids
        };
        let removing = missing(&self.replicas, target);
        let adding = missing(target, &self.replicas);
        self.replicas = target.iter().chain(&removing).copied().collect();
        // As the real controller has it: where the new target adds (or removes) nothing, the old lists stay as they are.
        if !removing.is_empty() {
            self.removing = removing;
        }
        if !adding.is_empty() {
            self.adding = adding;
        }
        self.settle(Election::Online, alive);
    }

    /// Deletes old segments, see [`Log::clean`]; gives how many bytes each replica loses. One that lacks some of them does not
    /// have to copy them any more.
    pub(crate) fn clean(&mut self, keep: Keep, now: i64, written: i64) -> BTreeMap<i32, u64> {
        let sizes = |partition: &Self| -> BTreeMap<i32, u64> {
            partition.copied.keys().filter_map(|id| Some((*id, partition.size_on(*id)?))).collect()
        };
        let before = sizes(self);
        if !self.log.clean(keep, now, written) {
            return BTreeMap::new();
        }
        let gone = bytes_f64(self.log.gone());
        for bytes in self.copied.values_mut() {
            *bytes = bytes.max(gone);
        }
        let after = sizes(self);
        let lost = |(id, bytes): (i32, u64)| (id, bytes.saturating_sub(after.get(&id).copied().unwrap_or(0)));
        before.into_iter().map(lost).collect()
    }

    /// Gives up the move under way: what it was adding goes, what it was removing stays.
    pub(crate) fn cancel(&mut self, unclean_allowed: bool, alive: Alive) -> Result<(), CancelRefused> {
        if !self.is_moving() {
            return Err(CancelRefused::NothingToCancel);
        }
        let mut isr = without(&self.isr, &self.adding);
        let replicas = without(&self.replicas, &self.adding);
        if isr.is_empty() {
            let first = *replicas.first().filter(|_| unclean_allowed).ok_or(CancelRefused::Unclean)?;
            isr.push(first);
            self.lose_what_is_not_on(first);
        }
        self.isr = isr;
        self.replicas = replicas;
        self.adding.clear();
        self.removing.clear();
        self.settle(if unclean_allowed { Election::Unclean } else { Election::Online }, alive);
        Ok(())
    }

    /// Takes a broker that died out of the ISR, unless it is the last one in it.
    pub(crate) fn broker_died(&mut self, broker: i32, election: Election, alive: Alive) {
        if self.isr.iter().any(|&id| id != broker) {
            self.isr.retain(|&id| id != broker);
        }
        self.settle(election, alive);
    }

    /// Takes a replica that has the whole log into the ISR, which may be what a move was waiting for.
    pub(crate) fn caught_up(&mut self, broker: i32, alive: Alive) {
        if !self.isr.contains(&broker) {
            self.isr.push(broker);
        }
        self.settle(Election::Online, alive);
    }

    /// Ends a move that is complete, then sees to it that there is a leader. Gives whether the leader is another one.
    pub(crate) fn settle(&mut self, election: Election, alive: Alive) -> bool {
        let before = self.leader;
        let replicas_before = self.copied.len();
        if self.is_moving() {
            let target = without(&self.replicas, &self.removing);
            let isr = without(&self.isr, &self.removing);
            if !target.is_empty() && target.iter().all(|id| isr.contains(id)) {
                self.replicas = target;
                self.isr = isr;
                self.adding.clear();
                self.removing.clear();
            }
        }
        self.copied.retain(|id, _| self.replicas.contains(id));
        let dropped = self.copied.len() < replicas_before;
        self.skipped.retain(|id, _| self.replicas.contains(id));
        for &id in self.replicas.iter().filter(|id| !self.copied.contains_key(id)).collect::<Vec<_>>() {
            let first = self.log.start_position();
            self.copied.insert(id, bytes_f64(first));
            self.skipped.insert(id, first);
        }
        self.elect(election, alive);
        if self.leader != before || dropped {
            self.leader_epoch = self.leader_epoch.saturating_add(1);
        }
        self.leader != before
    }

    fn elect(&mut self, election: Election, alive: Alive) {
        let fit = |id: &i32| self.isr.contains(id) && alive(*id);
        let preferred = self.replicas.first().copied().filter(|id| election == Election::Preferred && fit(id));
        let stays = self.leader.filter(|id| fit(id) && self.replicas.contains(id));
        let clean = preferred.or(stays).or_else(|| self.replicas.iter().copied().find(fit));
        let unclean = || self.replicas.iter().copied().find(|&id| election == Election::Unclean && alive(id));
        self.leader = clean.or_else(unclean);
        if let Some(leader) = self.leader.filter(|id| !self.isr.contains(id)) {
            self.isr = vec![leader];
            self.lose_what_is_not_on(leader);
        }
    }

    fn lose_what_is_not_on(&mut self, leader: i32) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the log's size")]
        let has = self.copied.get(&leader).map_or(0, |&bytes| bytes as u64);
        self.log.truncate(has);
        let size = bytes_f64(self.log.size());
        for bytes in self.copied.values_mut() {
            *bytes = bytes.min(size);
        }
        self.copied.insert(leader, size);
    }
}

/// Sizes stay far below 2^53 bytes.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 bytes")]
pub(crate) fn bytes_f64(bytes: u64) -> f64 {
    bytes as f64
}

fn without(ids: &[i32], gone: &[i32]) -> Vec<i32> {
    ids.iter().copied().filter(|id| !gone.contains(id)).collect()
}
