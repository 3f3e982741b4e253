//! What cancelled moves may leave on a disk.
//!
//! A broker that was down when its half-made copies were cancelled finds them when it starts again, renames their folders
//! to `TOPIC-N.….-stray`, and keeps them. `DescribeLogDirs` does not list these, so no request tells whether they are there.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// So many partitions are named of one broker.
const NAMED: usize = 6;

/// A line a broker, from what the cancelled moves gave.
pub(crate) fn strays(cancelled: &[Value]) -> Vec<String> {
    let mut by_broker: BTreeMap<i32, BTreeSet<&str>> = BTreeMap::new();
    for (broker, names) in cancelled.iter().filter_map(|one| one["begun_on_brokers_down"].as_object()).flatten() {
        let names = names.as_array().into_iter().flatten().filter_map(Value::as_str);
        if let Ok(broker) = broker.parse() {
            by_broker.entry(broker).or_default().extend(names);
        }
    }
    by_broker.into_iter().map(|(broker, names)| line(broker, &names)).collect()
}

fn line(broker: i32, names: &BTreeSet<&str>) -> String {
    let first: Vec<&str> = names.iter().take(NAMED).copied().collect();
    let more = names.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!(
        "broker {broker} was down when moves to it were cancelled: when it starts, what it had copied of {}{more} may stay on \
         its disks in folders that no Kafka tool lists; on its host: find LOG_DIR -maxdepth 1 -name '*-stray'",
        first.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::strays;
    use serde_json::json;

    #[test]
    fn each_broker_is_told_once_with_its_partitions() {
        let values = [
            json!({ "begun_on_brokers_down": { "4": ["orders-1"], "5": ["orders-0"] } }),
            json!({ "cancelled": [0] }),
            json!({ "begun_on_brokers_down": { "4": ["clicks-0"] } }),
        ];
        let lines = strays(&values);
        assert_eq!(lines.len(), 2);
        assert!(
            lines[0].starts_with("broker 4 was down") && lines[0].contains("clicks-0, orders-1 may stay"),
            "{lines:?}"
        );
        assert!(lines[1].starts_with("broker 5 was down"), "{lines:?}");
    }

    #[test]
    fn nothing_is_said_where_no_broker_was_down() {
        assert_eq!(strays(&[json!({ "cancelled": [0], "finished": [], "left": [] })]), [""; 0]);
    }
}
