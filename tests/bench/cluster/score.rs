//! The figures of a plan: a cluster before and after it, compared.

use super::levels::{bound, even, of_replicas, off};
use super::topics::Excess;
use super::{Cluster, Intent, Level, Role};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Score {
    /// Partitions whose replicas are others, or in another order.
    pub(crate) touched: u64,
    /// Replicas on brokers that did not have them.
    pub(crate) moved: u64,
    /// Fewer cannot bring every broker to its level, racks kept apart.
    pub(crate) bound: u64,
    /// The same for a planner that knows no racks.
    pub(crate) bound_without_racks: u64,
    /// The replicas on brokers that leave.
    pub(crate) forced: u64,
    pub(crate) moved_bytes: u64,
    /// Fewer bytes cannot make the brokers as even as this plan does.
    pub(crate) bytes_bound_at_reached: u64,
    /// Replicas per broker that stays, and how far the brokers are from their levels in all.
    pub(crate) replicas: Spread,
    pub(crate) replicas_off: u64,
    pub(crate) bytes: Spread,
    pub(crate) leaders: Spread,
    pub(crate) leaders_off: u64,
    pub(crate) leader_changes: u64,
    pub(crate) leader_bound: u64,
    /// Partitions on fewer racks than they could be.
    pub(crate) rack_violations_before: u64,
    pub(crate) rack_violations: u64,
    /// Partitions on fewer racks than before.
    pub(crate) racks_made_worse: u64,
    /// On a scale-out: replicas that go to a broker that had data already, and how many of them the bound itself needs.
    pub(crate) old_to_old: Option<u64>,
    pub(crate) old_to_old_needed: Option<u64>,
    pub(crate) left_on_leaving: u64,
    pub(crate) factor_changed: u64,
    pub(crate) excess_before: Excess,
    pub(crate) excess: Excess,
}

/// Over the brokers that stay.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) most: u64,
    pub(crate) least: u64,
    pub(crate) mean: f64,
}

impl Spread {
    #[expect(clippy::cast_precision_loss, reason = "a share is shown with three places")]
    pub(crate) fn most_to_mean(&self) -> f64 {
        self.most as f64 / self.mean
    }

    #[expect(clippy::cast_precision_loss, reason = "a share is shown with three places")]
    pub(crate) fn least_to_mean(&self) -> f64 {
        self.least as f64 / self.mean
    }

    #[expect(clippy::cast_precision_loss, reason = "a share is shown with three places")]
    fn of(loads: &[u64], cluster: &Cluster) -> Self {
        let staying = || loads.iter().zip(&cluster.brokers).filter(|(_, broker)| broker.stays()).map(|(load, _)| *load);
        let mean = staying().sum::<u64>() as f64 / staying().count() as f64;
        Self { most: staying().max().unwrap_or(0), least: staying().min().unwrap_or(0), mean }
    }
}

/// What each broker has, in the order of the brokers.
struct Loads {
    replicas: Vec<u64>,
    bytes: Vec<u64>,
    leaders: Vec<u64>,
}

impl Loads {
    fn of(cluster: &Cluster, index: &BTreeMap<i32, usize>) -> Self {
        let none = vec![0; cluster.brokers.len()];
        let mut loads = Self { replicas: none.clone(), bytes: none.clone(), leaders: none };
        for topic in &cluster.topics {
            for (replicas, bytes) in topic.replicas.iter().zip(&topic.bytes) {
                loads.leaders[index[&replicas[0]]] += 1;
                for id in replicas {
                    loads.replicas[index[id]] += 1;
                    loads.bytes[index[id]] += bytes;
                }
            }
        }
        loads
    }
}

/// What changed from partition to partition.
#[derive(Default)]
struct Changes {
    touched: u64,
    moved: u64,
    moved_bytes: u64,
    /// Replicas that go to a broker that had data.
    into_old: u64,
    leaders: u64,
    factor: u64,
    violations_before: u64,
    violations: u64,
    worse: u64,
}

impl Score {
    /// Both have the same brokers and topics, in the same order.
    pub(crate) fn of(before: &Cluster, after: &Cluster) -> Self {
        let index: BTreeMap<i32, usize> = before.brokers.iter().enumerate().map(|(at, b)| (b.id, at)).collect();
        let changes = Changes::between(before, after, &index);
        let (was, is) = (Loads::of(before, &index), Loads::of(after, &index));
        let replicas = was.replicas.iter().sum();
        let levels = of_replicas(before, replicas);
        let leader_levels = even(before, before.partitions());
        let leaving = |loads: &[u64]| {
            let pairs = loads.iter().zip(&before.brokers).filter(|(_, broker)| !broker.stays());
            pairs.map(|(load, _)| load).sum::<u64>()
        };
        let bound_of_replicas = bound(&was.replicas, &levels);
        let scale_out = before.intent == Intent::ScaleOut;
        let reached = Spread::of(&is.bytes, before);
        let at_reached = |_| Level { low: reached.least, high: reached.most };
        let byte_levels: Vec<Option<Level>> = levels.iter().map(|level| level.map(at_reached)).collect();
        Self {
            touched: changes.touched,
            moved: changes.moved,
            bound: bound_of_replicas,
            bound_without_racks: bound(&was.replicas, &even(before, replicas)),
            forced: leaving(&was.replicas),
            moved_bytes: changes.moved_bytes,
            bytes_bound_at_reached: bound(&was.bytes, &byte_levels),
            replicas: Spread::of(&is.replicas, before),
            replicas_off: off(&is.replicas, &levels),
            bytes: reached,
            leaders: Spread::of(&is.leaders, before),
            leaders_off: off(&is.leaders, &leader_levels),
            leader_changes: changes.leaders,
            leader_bound: bound(&was.leaders, &leader_levels),
            rack_violations_before: changes.violations_before,
            rack_violations: changes.violations,
            racks_made_worse: changes.worse,
            old_to_old: scale_out.then_some(changes.into_old),
            old_to_old_needed: scale_out.then(|| needed_into_old(before, &was.replicas, &levels, bound_of_replicas)),
            left_on_leaving: leaving(&is.replicas),
            factor_changed: changes.factor,
            excess_before: Excess::of(before),
            excess: Excess::of(after),
        }
    }
}

/// An old broker below its level must be filled, and what the new ones cannot take must go to old ones.
fn needed_into_old(cluster: &Cluster, loads: &[u64], levels: &[Option<Level>], bound: u64) -> u64 {
    let (mut missing, mut room) = (0, 0);
    for ((broker, load), level) in cluster.brokers.iter().zip(loads).zip(levels) {
        let Some(level) = level else { continue };
        match broker.state {
            Role::Old => missing += level.low.saturating_sub(*load),
            Role::New => room += level.high.saturating_sub(*load),
            Role::Leaving => {}
        }
    }
    missing.max(bound.saturating_sub(room))
}

impl Changes {
    fn between(before: &Cluster, after: &Cluster, index: &BTreeMap<i32, usize>) -> Self {
        let racks = Racks::of(before, index);
        let mut changes = Self::default();
        for (was, is) in before.topics.iter().zip(&after.topics) {
            for ((old, new), bytes) in was.replicas.iter().zip(&is.replicas).zip(&was.bytes) {
                changes.count(old, new, *bytes, &racks);
                let fresh = new.iter().filter(|id| !old.contains(id));
                changes.into_old += fresh.filter(|id| before.brokers[index[id]].state == Role::Old).count() as u64;
            }
        }
        changes
    }

    fn count(&mut self, old: &[i32], new: &[i32], bytes: u64, racks: &Racks<'_>) {
        let fresh = new.iter().filter(|id| !old.contains(id)).count() as u64;
        self.touched += u64::from(old != new);
        self.moved += fresh;
        self.moved_bytes += fresh * bytes;
        self.leaders += u64::from(old[0] != new[0]);
        self.factor += u64::from(old.len() != new.len());
        if racks.there_are {
            let (were, are) = (racks.used(old), racks.used(new));
            self.violations_before += u64::from(were < old.len().min(racks.staying));
            self.violations += u64::from(are < new.len().min(racks.staying));
            self.worse += u64::from(are < were.min(racks.staying));
        }
    }
}

struct Racks<'a> {
    cluster: &'a Cluster,
    index: &'a BTreeMap<i32, usize>,
    there_are: bool,
    /// Of the brokers that stay.
    staying: usize,
}

impl<'a> Racks<'a> {
    fn of(cluster: &'a Cluster, index: &'a BTreeMap<i32, usize>) -> Self {
        let staying = cluster.brokers.iter().filter(|broker| broker.stays());
        let racks: BTreeSet<_> = staying.map(|broker| &broker.rack).collect();
        Self { cluster, index, there_are: cluster.brokers.iter().all(|b| b.rack.is_some()), staying: racks.len() }
    }

    fn used(&self, replicas: &[i32]) -> usize {
        let racks = replicas.iter().map(|id| &self.cluster.brokers[self.index[id]].rack);
        racks.collect::<BTreeSet<_>>().len()
    }
}
