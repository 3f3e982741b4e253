//! Whatever is done to a cluster: once all brokers are up and time passes, it comes to rest as it was last told to.

use super::Cluster;
use super::topics::NewTopic;
use crate::sandbox::cluster::batch::BatchHeader;
use crate::sandbox::cluster::partition::bytes_f64;
use crate::sandbox::guise::Guise;
use kafka_protocol::error::ResponseError;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

const TOPIC: &str = "t";

#[derive(Debug, Clone)]
enum Deed {
    Move(i32, Vec<i32>),
    Cancel(i32),
    Kill(i32),
    Start(i32),
    Pause(i32),
    Resume(i32),
    Write(i32),
    Wait(u64),
    Elect(i32),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let partition = 0..3_i32;
    let broker = 1..=4_i32;
    let target = prop::sample::subsequence(vec![1, 2, 3, 4], 1..=4).prop_shuffle();
    let deed = prop_oneof![
        4 => (partition.clone(), target).prop_map(|(partition, target)| Deed::Move(partition, target)),
        2 => partition.clone().prop_map(Deed::Cancel),
        2 => broker.clone().prop_map(Deed::Kill),
        2 => broker.clone().prop_map(Deed::Start),
        1 => broker.clone().prop_map(Deed::Pause),
        2 => broker.prop_map(Deed::Resume),
        2 => partition.clone().prop_map(Deed::Write),
        3 => (0..2_000_u64).prop_map(Deed::Wait),
        1 => partition.prop_map(Deed::Elect),
    ];
    prop::collection::vec(deed, 0..40)
}

/// Three partitions of two replicas on brokers 1 to 3, each with one batch; 4 is empty.
fn cluster() -> Cluster {
    let ports = (1..=4).map(|id| (id, 9000)).collect();
    let mut cluster = Cluster::new("id".to_owned(), &ports, 1000, Guise::default());
    cluster.session_timeout = Duration::from_millis(700);
    let assignments = BTreeMap::from([(0, vec![1, 2]), (1, vec![2, 3]), (2, vec![3, 1])]);
    let new = NewTopic {
        name: TOPIC.to_owned(),
        partitions: -1,
        replication_factor: -1,
        assignments,
        configs: BTreeMap::new(),
    };
    cluster.create_topic(&new, false).unwrap();
    for partition in 0..3 {
        write(&mut cluster, partition);
    }
    cluster
}

fn write(cluster: &mut Cluster, index: i32) {
    let batch = crate::sandbox::seed::batch(TOPIC, 5, 100).unwrap();
    let header = BatchHeader::read(&batch).unwrap();
    let leader = cluster.partition(TOPIC, index).unwrap().leader;
    if leader.is_some_and(|leader| cluster.running().contains(&leader)) {
        cluster.drop_the_silent_from_isr(TOPIC, index);
        cluster.append(TOPIC, index, header, batch).unwrap();
    }
}

/// What holds at every moment.
fn check_always(cluster: &Cluster) {
    for partition in &cluster.topics[TOPIC].partitions {
        let known = |ids: &[i32]| ids.iter().all(|id| partition.replicas.contains(id));
        assert!(known(&partition.isr) && known(&partition.removing), "{partition:?}");
        assert!(!partition.isr.is_empty(), "{partition:?}");
        assert!(partition.leader.is_none_or(|id| partition.isr.contains(&id) && cluster.is_alive(id)), "{partition:?}");
        let copies: Vec<i32> = partition.copied.keys().copied().collect();
        let mut replicas = partition.replicas.clone();
        replicas.sort_unstable();
        assert_eq!(copies, replicas);
        let size = bytes_f64(partition.log.size());
        assert!(partition.copied.values().all(|copied| (0.0..=size).contains(copied)), "{partition:?}");
        assert!(partition.isr.iter().all(|id| partition.copied[id] + 0.5 >= size), "{partition:?}");
    }
}

proptest! {
    #[test]
    fn every_partition_comes_to_rest_on_its_last_target(deeds in deeds()) {
        let mut cluster = cluster();
        let mut ends: Vec<i64> = cluster.topics[TOPIC].partitions.iter().map(|one| one.log.end()).collect();
        // Where each partition is bound for, by what the controller lists right after the deed.
        let mut bound: Vec<Vec<i32>> = cluster.topics[TOPIC].partitions.iter().map(|one| one.replicas.clone()).collect();
        for deed in deeds {
            match deed {
                Deed::Move(index, target) => {
                    let was_moving = cluster.partition(TOPIC, index).unwrap().is_moving();
                    cluster.alter_reassignment(TOPIC, index, Some(&target)).unwrap();
                    let now = cluster.partition(TOPIC, index).unwrap();
                    let listed: Vec<i32> =
                        now.replicas.iter().copied().filter(|id| !now.removing.contains(id)).collect();
                    if !was_moving {
                        prop_assert_eq!(&listed, &target);
                    }
                    bound[usize::try_from(index).unwrap()] = listed;
                }
                Deed::Cancel(index) => {
                    let before = cluster.partition(TOPIC, index).unwrap().clone();
                    let result = cluster.alter_reassignment(TOPIC, index, None);
                    match result.map_err(|refusal| refusal.code) {
                        Ok(()) => {
                            let kept: Vec<i32> =
                                before.replicas.iter().copied().filter(|id| !before.adding.contains(id)).collect();
                            prop_assert_eq!(&cluster.partition(TOPIC, index).unwrap().replicas, &kept);
                            bound[usize::try_from(index).unwrap()] = kept;
                        }
                        Err(ResponseError::NoReassignmentInProgress) => prop_assert!(!before.is_moving()),
                        Err(code) => {
                            prop_assert_eq!(code, ResponseError::InvalidReplicaAssignment);
                            prop_assert!(before.isr.iter().all(|id| before.adding.contains(id)));
                        }
                    }
                }
                Deed::Kill(id) => drop(cluster.kill_broker(id)),
                Deed::Start(id) => drop(cluster.start_broker(id)),
                Deed::Pause(id) => drop(cluster.pause_broker(id)),
                Deed::Resume(id) => drop(cluster.resume_broker(id)),
                Deed::Write(index) => {
                    write(&mut cluster, index);
                    ends[usize::try_from(index).unwrap()] = cluster.partition(TOPIC, index).unwrap().log.end();
                }
                Deed::Wait(milliseconds) => cluster.advance(Duration::from_millis(milliseconds)),
                Deed::Elect(index) => drop(cluster.elect_leader(TOPIC, index, false)),
            }
            check_always(&cluster);
        }
        for id in 1..=4 {
            cluster.start_broker(id);
            cluster.resume_broker(id);
        }
        for _ in 0..10 {
            cluster.advance(Duration::from_mins(1));
        }
        check_always(&cluster);
        for ((partition, bound), end) in cluster.topics[TOPIC].partitions.iter().zip(bound).zip(ends) {
            prop_assert!(!partition.is_moving());
            prop_assert_eq!(&partition.replicas, &bound);
            let mut isr = partition.isr.clone();
            isr.sort_unstable();
            prop_assert_eq!(isr, partition.copied.keys().copied().collect::<Vec<_>>());
            prop_assert!(partition.leader.is_some());
            prop_assert_eq!(partition.log.end(), end, "no record is lost");
        }
    }
}
