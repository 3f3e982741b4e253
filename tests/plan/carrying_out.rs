//! Batches and their time.

use krun::plan::batch::batches;
use krun::plan::estimate::{estimate, estimate_batch};
use krun::plan::{PartitionMove, TopicMoves};
use krun::quantity::Rate;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

fn moving(partition: i32, from: &[i32], to: &[i32], bytes: u64) -> PartitionMove {
    PartitionMove { partition, from: from.to_vec(), to: to.to_vec(), bytes }
}

fn cut(partitions: Vec<PartitionMove>, per_broker: usize) -> Vec<Vec<PartitionMove>> {
    let moves = TopicMoves { topic: "orders".to_owned(), partitions };
    batches(&moves, NonZeroUsize::new(per_broker).expect("at least one"))
}

fn numbers(batches: &[Vec<PartitionMove>]) -> Vec<Vec<i32>> {
    batches.iter().map(|batch| batch.iter().map(|partition| partition.partition).collect()).collect()
}

#[test]
fn a_broker_is_in_as_many_moves_of_a_batch_as_it_may() {
    let partitions = || {
        vec![
            moving(0, &[1, 2], &[1, 4], 10),
            moving(1, &[1, 2], &[3, 2], 20),
            moving(2, &[2, 3], &[2, 4], 30),
            moving(3, &[5, 6], &[7, 6], 5),
        ]
    };
    // 2 keeps 2 and 4 busy; 1 keeps 1 and 3 busy; 0 would need 1 and 4.
    assert_eq!(numbers(&cut(partitions(), 1)), [vec![2, 1, 3], vec![0]]);
    assert_eq!(numbers(&cut(partitions(), 2)), [vec![2, 1, 0, 3]]);
    assert_eq!(numbers(&cut(vec![], 1)), Vec::<Vec<i32>>::new());
}

#[test]
fn a_change_of_order_keeps_nobody_busy() {
    let partitions = vec![moving(0, &[1, 2], &[1, 3], 10), moving(1, &[1, 3], &[3, 1], 1000)];
    assert_eq!(numbers(&cut(partitions, 1)), [vec![0, 1]]);
}

#[test]
fn a_batch_takes_as_long_as_its_busiest_broker() {
    let rate = |text: &str| text.parse::<Rate>().expect("a rate");
    // Broker 1 sends the first twice, and the second: 50 MB.
    let batch = [moving(0, &[1], &[2, 3], 20_000_000), moving(1, &[1], &[2], 10_000_000)];
    assert_eq!(estimate_batch(&batch, rate("10MB/s")), Duration::from_secs(5));
    let other =
        [moving(2, &[1, 2], &[4, 2], 1_500), moving(3, &[3, 2], &[4, 2], 1_500), moving(4, &[2, 1], &[1, 2], 99)];
    assert_eq!(estimate_batch(&other, rate("1kB/s")), Duration::from_secs(3), "broker 4 receives both");
    assert_eq!(estimate(&[batch.to_vec(), other.to_vec()], rate("10MB/s")), Duration::from_secs(5));
    assert_eq!(estimate(&[], rate("1B/s")), Duration::ZERO);
    let huge = [moving(0, &[1], &[2], u64::MAX), moving(1, &[1], &[2], u64::MAX)];
    assert!(estimate(&[huge.to_vec()], rate("1B/s")) >= Duration::from_secs(u64::MAX / 1000));
}

proptest! {
    #[test]
    fn every_move_is_in_one_batch_and_no_broker_in_too_many(
        pairs in prop::collection::vec((1..7_i32, 1..6_i32, 0..1000_u64), 0..40),
        most in 1..4_usize,
    ) {
        let partition = |(number, (from, by, bytes)): (i32, (i32, i32, u64))| {
            moving(number, &[from], &[(from + by - 1) % 6 + 1], bytes)
        };
        let partitions: Vec<PartitionMove> = (0..).zip(pairs).map(partition).collect();
        let batches = cut(partitions.clone(), most);
        for batch in &batches {
            let mut load = BTreeMap::<i32, usize>::new();
            for partition in batch.iter().filter(|partition| partition.added().count() > 0) {
                for broker in [partition.from[0], partition.to[0]] {
                    *load.entry(broker).or_default() += 1;
                }
            }
            prop_assert!(!batch.is_empty() && load.values().all(|moves| *moves <= most));
        }
        let mut all: Vec<PartitionMove> = batches.into_iter().flatten().collect();
        all.sort_by_key(|partition| partition.partition);
        prop_assert_eq!(all, partitions);
    }
}
