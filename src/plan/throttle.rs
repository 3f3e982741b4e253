//! Which replicas a throttle is about (KIP-73): the lists of `leader.` and `follower.replication.throttled.replicas`.

use super::moves::TopicMoves;

/// One topic's lists, as `partition:broker` entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throttled {
    /// Every replica that the moved partitions have now: any of them may be read from.
    pub leaders: Vec<String>,
    /// The replicas that come.
    pub followers: Vec<String>,
}

pub fn throttled(moves: &TopicMoves) -> Throttled {
    let entry = |partition: i32, broker: i32| format!("{partition}:{broker}");
    let moving = || moves.partitions.iter().filter(|partition| partition.added().next().is_some());
    Throttled {
        leaders: moving().flat_map(|p| p.from.iter().map(move |broker| entry(p.partition, *broker))).collect(),
        followers: moving().flat_map(|p| p.added().map(move |broker| entry(p.partition, broker))).collect(),
    }
}

/// An existing list with entries added; `*` stays what it is.
pub fn merged(existing: &str, entries: &[String]) -> String {
    if existing.trim() == "*" {
        return existing.to_owned();
    }
    let mut all: Vec<&str> = existing.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect();
    for entry in entries {
        if !all.contains(&entry.as_str()) {
            all.push(entry);
        }
    }
    all.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::PartitionMove;

    #[test]
    fn leaders_are_all_that_are_there_and_followers_those_that_come() {
        let partitions = vec![
            PartitionMove { partition: 0, from: vec![1, 2], to: vec![1, 4], bytes: 7 },
            PartitionMove { partition: 1, from: vec![1, 2], to: vec![2, 1], bytes: 7 },
        ];
        let lists = throttled(&TopicMoves { topic: "orders".into(), partitions });
        assert_eq!(lists.leaders, ["0:1", "0:2"]);
        assert_eq!(lists.followers, ["0:4"]);
    }

    #[test]
    fn a_list_keeps_what_was_in_it_and_a_star_stays() {
        let entries = ["0:1".to_owned(), "3:9".to_owned()];
        assert_eq!(merged("3:9", &entries), "3:9,0:1");
        assert_eq!(merged("", &entries), "0:1,3:9");
        assert_eq!(merged("*", &entries), "*");
    }
}
