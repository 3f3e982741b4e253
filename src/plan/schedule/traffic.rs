//! Who sends what to whom when a plan is carried out, in flat tables; and the least time that this takes.

use super::MoveIndex;
use super::lead_away::first_leaders;
use crate::plan::Plan;
use crate::plan::state::is_internal;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The moves of a plan as copies from leaders to the brokers that get a replica.
///
/// New replicas are fetched from the leader, wherever the replica that goes away is.
#[derive(Debug)]
pub struct Traffic {
    /// The brokers by index.
    pub(super) brokers: usize,
    /// By topic, then by partition, as in the plan.
    pub(super) copies: Vec<Copy>,
    /// Where the copies of each topic begin; one more at the end.
    begins: Vec<usize>,
    internal: Vec<bool>,
    receivers: Vec<u32>,
}

/// One move.
#[derive(Debug, Clone, Copy)]
pub(super) struct Copy {
    pub(super) at: MoveIndex,
    /// The index of the broker that leads the partition meanwhile.
    pub(super) leader: u32,
    /// Bytes of one replica.
    pub(super) bytes: u64,
    first: u32,
    number: u32,
}

impl Copy {
    /// The bytes that the leader sends.
    pub(super) fn sent(&self) -> u64 {
        self.bytes.saturating_mul(u64::from(self.number))
    }
}

impl Traffic {
    /// With the leaders that partitions have after [`Plan::lead_away`].
    pub fn of(plan: &Plan) -> Self {
        Self::led_by(plan, &first_leaders(plan))
    }

    /// With other leaders for some of the moves.
    pub(super) fn led_by(plan: &Plan, leaders: &BTreeMap<MoveIndex, i32>) -> Self {
        let moves = || plan.moves.iter().flat_map(|topic| &topic.partitions);
        let ids: BTreeSet<i32> = moves().flat_map(|one| one.from.iter().chain(&one.to)).copied().collect();
        let index: BTreeMap<i32, u32> = ids.iter().copied().zip(0..).collect();
        let mut traffic = Self {
            brokers: index.len(),
            copies: Vec::with_capacity(moves().count()),
            begins: vec![0],
            internal: plan.moves.iter().map(|topic| is_internal(&topic.topic)).collect(),
            receivers: Vec::new(),
        };
        for (topic, moves) in plan.moves.iter().enumerate() {
            for (partition, one) in moves.partitions.iter().enumerate() {
                let at = MoveIndex { topic, partition };
                let leader = leaders.get(&at).or_else(|| one.from.first());
                let first = traffic.receivers.len();
                traffic.receivers.extend(one.added().filter_map(|id| index.get(&id)));
                traffic.copies.push(Copy {
                    at,
                    leader: leader.and_then(|id| index.get(id)).copied().unwrap_or_default(),
                    bytes: one.bytes,
                    first: narrow(first),
                    number: narrow(traffic.receivers.len() - first),
                });
            }
            traffic.begins.push(traffic.copies.len());
        }
        traffic
    }

    /// The whole plan.
    pub(super) fn all(&self) -> Range<usize> {
        0..self.copies.len()
    }

    pub fn topics(&self) -> usize {
        self.internal.len()
    }

    pub(super) fn is_internal(&self, topic: usize) -> bool {
        self.internal.get(topic).copied().unwrap_or_default()
    }

    /// The places of a topic's moves in `copies`.
    pub(super) fn positions(&self, topic: usize) -> Range<usize> {
        let border = |topic: usize| self.begins.get(topic).copied().unwrap_or(self.copies.len());
        border(topic)..border(topic.saturating_add(1))
    }

    pub(super) fn position(&self, one: MoveIndex) -> Option<usize> {
        self.positions(one.topic).nth(one.partition)
    }

    /// The brokers that get a replica, by index; none where only the order changes, or replicas go away.
    pub(super) fn receivers(&self, copy: usize) -> &[u32] {
        let copy = &self.copies[copy];
        &self.receivers[copy.first as usize..(copy.first + copy.number) as usize]
    }

    /// The leader that sends, and those that get a replica.
    pub(super) fn busy(&self, copy: usize) -> impl Iterator<Item = usize> + use<'_> {
        let receivers = self.receivers(copy);
        let leader = (!receivers.is_empty()).then_some(self.copies[copy].leader);
        leader.into_iter().chain(receivers.iter().copied()).map(|broker| broker as usize)
    }

    /// The bytes that the busiest broker must send or receive: at a rate, no schedule takes less time than these.
    pub(super) fn bound(&self, copies: Range<usize>) -> u64 {
        let (mut sent, mut received) = (BTreeMap::<u32, u64>::new(), BTreeMap::<u32, u64>::new());
        let add = |load: &mut BTreeMap<u32, u64>, broker: u32, bytes: u64| {
            let sum = load.entry(broker).or_default();
            *sum = sum.saturating_add(bytes);
        };
        for copy in copies {
            add(&mut sent, self.copies[copy].leader, self.copies[copy].sent());
            for broker in self.receivers(copy) {
                add(&mut received, *broker, self.copies[copy].bytes);
            }
        }
        sent.into_values().chain(received.into_values()).max().unwrap_or(0)
    }

    /// The same for topics one after the other.
    pub(super) fn bound_one_by_one(&self) -> u64 {
        (0..self.topics()).map(|topic| self.bound(self.positions(topic))).fold(0, u64::saturating_add)
    }
}

/// A plan of more than four billion replicas was refused before.
pub(super) fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
