//! Which brokers may hold replicas afterwards, which must end empty, and the refusals of what cannot be.

use super::scope::{Scope, malformed};
use super::state::{Broker, BrokerState, State, Topic};
use crate::error::Error;
use std::collections::{BTreeMap, BTreeSet};

/// The brokers of a state by what a plan does with them.
#[derive(Debug, Default)]
pub(super) struct Target {
    /// May hold replicas afterwards.
    pub(super) staying: BTreeSet<i32>,
    /// Replaced brokers, each with the one that takes its place.
    pub(super) replaced: BTreeMap<i32, i32>,
    known: BTreeSet<i32>,
    /// Down, and not meant to be emptied.
    down: BTreeSet<i32>,
}

impl Target {
    pub(super) fn of(state: &State, scope: &Scope) -> Result<Self, Error> {
        let known = known(state)?;
        let mut leaving: BTreeSet<i32> = state
            .brokers
            .iter()
            .filter(|broker| broker.state == BrokerState::Leaving)
            .map(|broker| broker.id)
            .collect();
        let mut named = BTreeSet::new();
        for id in scope.drain.iter().chain(scope.replace.iter().map(|one| &one.broker)) {
            there(*id, &known)?;
            if !named.insert(*id) {
                return Err(duplicate(format!("broker {id} is named twice among those to empty")));
            }
        }
        leaving.extend(named);
        let replaced = replaced(scope, &known, &leaving)?;
        let down: BTreeSet<i32> = state.brokers.iter().filter(|broker| is_down(broker)).map(|b| b.id).collect();
        let staying = match &scope.brokers {
            None => known.difference(&leaving).copied().filter(|id| !down.contains(id)).collect(),
            Some(wanted) => wanted_brokers(wanted, &known, &leaving)?,
        };
        if let Some(id) = staying.iter().chain(replaced.values()).find(|id| down.contains(id)) {
            return Err(broker_down(format!("broker {id} is down and cannot take replicas"), *id));
        }
        if let Some((broker, with)) = replaced.iter().find(|(_, with)| !staying.contains(with)) {
            let text = format!("broker {with} is to replace broker {broker}, and is not among the target brokers");
            return Err(Error::new("BROKER_NOT_IN_TARGET", text).hint("name it there, or leave the target brokers out"));
        }
        if staying.is_empty() {
            let error = Error::new("EMPTY_TARGET", "there is no broker left to hold the replicas");
            return Err(error.hint("name at least one broker that stays"));
        }
        Ok(Self { staying, replaced, known, down: down.difference(&leaving).copied().collect() })
    }

    /// Refuses a topic that cannot be planned on these brokers with `factor` replicas, or as many as it has.
    pub(super) fn check(&self, topic: &Topic, factor: Option<u16>) -> Result<(), Error> {
        let name = &topic.name;
        if !topic.bytes.is_empty() && topic.replicas.len() != topic.bytes.len() {
            let (partitions, sizes) = (topic.replicas.len(), topic.bytes.len());
            return Err(malformed(format!("topic \"{name}\" has {partitions} partitions and {sizes} sizes")));
        }
        for (partition, replicas) in topic.replicas.iter().enumerate() {
            let place = || format!("partition {partition} of topic \"{name}\"");
            if replicas.is_empty() {
                return Err(malformed(format!("{} has no replicas", place())));
            }
            if replicas.iter().enumerate().any(|(index, id)| replicas[..index].contains(id)) {
                return Err(malformed(format!("{} has a broker twice in its replicas {replicas:?}", place())));
            }
            if let Some(dead) = replicas.iter().find(|id| !self.known.contains(id)) {
                let text = format!("{} has a replica on broker {dead}, which is not there", place());
                let hint = format!("start broker {dead}, or add it to the state as leaving, to move its replicas away");
                return Err(Error::new("UNKNOWN_BROKER", text).hint(hint));
            }
            if let Some(down) = replicas.iter().find(|id| self.down.contains(id)) {
                return Err(broker_down(format!("{} has a replica on broker {down}, which is down", place()), *down));
            }
            let factor = factor.map_or(replicas.len(), usize::from);
            if factor == 0 {
                let text = format!("{} is to have no replica", place());
                return Err(Error::new("INVALID_REPLICATION_FACTOR", text).hint("one replica is the least there is"));
            }
            if factor > self.staying.len() {
                let text = format!(
                    "{} is to have {factor} replicas, and only {} brokers may hold them: {}",
                    place(),
                    self.staying.len(),
                    list(&self.staying)
                );
                let hint = "add brokers to the target, or lower the replication factor first";
                return Err(Error::new("INVALID_REPLICATION_FACTOR", text).hint(hint));
            }
        }
        Ok(())
    }
}

fn is_down(broker: &Broker) -> bool {
    !broker.registered
}

fn known(state: &State) -> Result<BTreeSet<i32>, Error> {
    let mut known = BTreeSet::new();
    for broker in &state.brokers {
        if broker.id < 0 {
            return Err(malformed(format!("broker id {} is negative", broker.id)));
        }
        if !known.insert(broker.id) {
            return Err(duplicate(format!("broker {} is in the state twice", broker.id)));
        }
    }
    Ok(known)
}

fn there(id: i32, known: &BTreeSet<i32>) -> Result<(), Error> {
    if known.contains(&id) {
        return Ok(());
    }
    let error = Error::new("UNKNOWN_BROKER", format!("there is no broker {id}"));
    Err(error.hint(format!("the brokers are {}", list(known))))
}

fn wanted_brokers(wanted: &[i32], known: &BTreeSet<i32>, leaving: &BTreeSet<i32>) -> Result<BTreeSet<i32>, Error> {
    let mut staying = BTreeSet::new();
    for id in wanted {
        there(*id, known)?;
        if leaving.contains(id) {
            let error = Error::new("BROKER_LEAVING", format!("broker {id} is leaving and cannot be a target"));
            return Err(error.hint("leave it out of the target brokers, or do not empty it"));
        }
        if !staying.insert(*id) {
            return Err(duplicate(format!("broker {id} is named twice in the target brokers")));
        }
    }
    Ok(staying)
}

fn replaced(scope: &Scope, known: &BTreeSet<i32>, leaving: &BTreeSet<i32>) -> Result<BTreeMap<i32, i32>, Error> {
    let mut taken = BTreeSet::new();
    for one in &scope.replace {
        there(one.with, known)?;
        if leaving.contains(&one.with) {
            let text = format!("broker {} is to replace broker {}, and is leaving itself", one.with, one.broker);
            return Err(Error::new("BROKER_LEAVING", text).hint("name a broker that stays"));
        }
        if !taken.insert(one.with) {
            return Err(duplicate(format!("broker {} is to replace two brokers", one.with)));
        }
    }
    Ok(scope.replace.iter().map(|one| (one.broker, one.with)).collect())
}

fn broker_down(text: String, id: i32) -> Error {
    let hint = format!("start broker {id}, or drain it, or replace it by another");
    Error::new("BROKER_DOWN", text).hint(hint)
}

fn list(ids: &BTreeSet<i32>) -> String {
    ids.iter().map(i32::to_string).collect::<Vec<_>>().join(", ")
}

fn duplicate(message: String) -> Error {
    Error::new("DUPLICATE_BROKER", message).hint("name each broker once")
}
