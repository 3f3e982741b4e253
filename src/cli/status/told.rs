//! The status as a person reads it: first whether all is well, then what is not, then what is under way.

use super::{Broker, Status};
use crate::quantity::Rate;
use crate::report;

/// So many are named of what may be thousands.
const NAMED: usize = 8;

pub(super) fn rows(status: &Status, columns: usize) -> Vec<String> {
    let mut cells: Vec<[String; 2]> = Vec::new();
    let mut say = |name: &str, text: String| cells.push([name.to_owned(), text]);
    say("cluster", format!("{} ({})", status.cluster, status.cluster_id));
    say("health", if status.healthy { "all is well" } else { "not well" }.to_owned());
    say("controller", status.controller.map_or("none at the moment".to_owned(), |id| format!("broker {id}")));
    let levels = distinct(&status.brokers, |broker| broker.metadata_version.map(|level| level.to_string()));
    if !levels.is_empty() {
        say("metadata.version", levels);
    }
    let protocols = distinct(&status.brokers, |broker| broker.protocol.clone());
    if !protocols.is_empty() {
        say("protocol", protocols);
    }
    if !status.brokers_down.is_empty() {
        let ids: Vec<String> = status.brokers_down.iter().map(ToString::to_string).collect();
        say("brokers down", format!("{}, which have replicas and are not registered", ids.join(", ")));
    }
    let sick = &status.partitions;
    say("partitions", sick.total.to_string());
    for (name, which) in [
        ("  offline", &sick.offline),
        ("  under-replicated", &sick.under_replicated),
        ("  under min ISR", &sick.under_min_isr),
        ("  moving", &status.moving),
    ] {
        say(name, some(which));
    }
    for throttle in &status.throttles {
        let value = throttle
            .value
            .as_ref()
            .map_or("not shown by the broker".to_owned(), |value| value.parse().map_or_else(|_| list(value), rate));
        say("throttle", format!("{}: {} = {value}", throttle.on, throttle.config));
    }
    for one in &status.overrides {
        say("looks temporary", format!("topic {}: {} = {}", one.topic, one.config, one.value));
    }
    if let Some(holder) = &status.krun.lock {
        let at = format!("run {} of {}@{}, at `{}`", holder.run, holder.who, holder.host, holder.step);
        say("locked by", format!("{at}, since {:.0}", holder.since));
    }
    for open in &status.krun.open_runs {
        say("open run", open.run.clone());
        open.left_in_place.iter().for_each(|left| say("  left in place", left.clone()));
    }
    status.gaps.iter().for_each(|gap| say("not known", gap.clone()));
    let cells: Vec<Vec<String>> = cells.into_iter().map(Vec::from).collect();
    let mut rows = report::table_rows(&[], &cells, columns, 1);
    rows.push(String::new());
    rows.extend(brokers(&status.brokers, columns));
    rows
}

fn brokers(brokers: &[Broker], columns: usize) -> Vec<String> {
    let header = ["broker", "rack", "address", "kafka"].map(str::to_owned);
    let row = |broker: &Broker| {
        let (rack, kafka) = (broker.rack.clone().unwrap_or_default(), broker.kafka.clone().unwrap_or_default());
        vec![broker.id.to_string(), rack, broker.address.clone(), kafka]
    };
    report::table_rows(&header, &brokers.iter().map(row).collect::<Vec<_>>(), columns, 1)
}

/// What the brokers agree on, or each value with who has it.
fn distinct(brokers: &[Broker], of: impl Fn(&Broker) -> Option<String>) -> String {
    let mut values: Vec<(String, Vec<i32>)> = Vec::new();
    for broker in brokers {
        let Some(value) = of(broker) else { continue };
        match values.iter_mut().find(|(known, _)| *known == value) {
            Some((_, ids)) => ids.push(broker.id),
            None => values.push((value, vec![broker.id])),
        }
    }
    if let [(value, ids)] = values.as_slice()
        && ids.len() == brokers.len()
    {
        return value.clone();
    }
    let ids = |ids: &[i32]| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    values.iter().map(|(value, of)| format!("{value} on {}", ids(of))).collect::<Vec<_>>().join("; ")
}

fn some(names: &[String]) -> String {
    let first = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => "0".to_owned(),
        number if number <= NAMED => format!("{number}: {first}"),
        number => format!("{number}: {first} and {} more", number - NAMED),
    }
}

fn rate(bytes: u64) -> String {
    Rate::from_bytes_per_second(bytes).map_or_else(|_| bytes.to_string(), |rate| rate.to_string())
}

fn list(entries: &str) -> String {
    match entries.split(',').count() {
        number if number > NAMED => format!("a list of {number}"),
        _ => entries.to_owned(),
    }
}
