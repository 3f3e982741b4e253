//! Brokers whose metadata are behind, and controllers that move.

use super::admin::{alter_config, metadata, moves, numbers, partition, reassign};
use super::client::ask;
use super::running::{Sandbox, eventually, tiny};
use kafka_protocol::messages::describe_quorum_request::{PartitionData, TopicData};
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, DescribeClusterRequest, DescribeQuorumRequest,
    ListPartitionReassignmentsRequest, MetadataRequest,
};
use krun::sandbox::Options;

const NOT_CONTROLLER: i16 = 41;

#[test]
fn a_broker_that_is_behind_tells_what_was() {
    let sandbox = Sandbox::start(&tiny());
    let control = sandbox.control();
    let old = metadata(sandbox.broker(2));
    control.freeze_metadata(2).unwrap();
    assert_eq!(reassign(sandbox.broker(1), "orders", 0, Some(&[4, 2, 3])), 0);
    eventually("it is done", || moves(sandbox.broker(1)).is_empty());
    control.kill_broker(3).unwrap();
    assert_eq!(metadata(sandbox.broker(2)), old);
    assert_eq!(numbers(&partition(sandbox.broker(2), "orders", 0).replica_nodes), [1, 2, 3]);
    let brokers = |broker: usize| ask(sandbox.broker(broker), &DescribeClusterRequest::default(), 0).brokers.len();
    assert_eq!([brokers(1), brokers(2)], [3, 4]);
    assert!(moves(sandbox.broker(2)).is_empty(), "what is moving the controller says, whoever is asked");
    assert_eq!(alter_config(sandbox.broker(2), super::admin::TOPIC, "orders", "retention.ms", 0, "7"), 0);

    control.thaw_metadata(2).unwrap();
    assert_eq!(numbers(&partition(sandbox.broker(2), "orders", 0).replica_nodes), [4, 2, 3]);
    control.freeze_metadata(2).unwrap();
    control.start_broker(3).unwrap();
    control.kill_broker(2).unwrap();
    control.start_broker(2).unwrap();
    assert_eq!(metadata(sandbox.broker(2)).brokers.len(), 4, "who starts is told everything");
}

fn controller(sandbox: &Sandbox, asked: usize) -> i32 {
    ask(sandbox.broker(asked), &MetadataRequest::default().with_topics(Some(vec![])), 5).controller_id.0
}

#[test]
fn with_zookeeper_the_old_controller_refuses_and_moves_go_on() {
    let sandbox = Sandbox::start(&Options { guise: "2.6.3".parse().unwrap(), copy_rate: 0, ..tiny() });
    let control = sandbox.control();
    control.freeze_metadata(3).unwrap();
    assert_eq!(reassign(sandbox.broker(1), "orders", 0, Some(&[4, 2, 3])), 0);
    assert_eq!(control.move_controller().unwrap(), 2);
    assert_eq!([1, 2, 3].map(|asked| controller(&sandbox, asked)), [2, 2, 1], "the third is behind");
    let alter = ask(sandbox.broker(1), &AlterPartitionReassignmentsRequest::default(), 0);
    let list = ask(sandbox.broker(1), &ListPartitionReassignmentsRequest::default().with_topics(None), 0);
    assert_eq!([alter.error_code, list.error_code], [NOT_CONTROLLER, NOT_CONTROLLER]);
    assert_eq!(moves(sandbox.broker(2)).len(), 1, "the new one has taken the move over");
    control.set_copy_rate(1_000_000_000).unwrap();
    eventually("it is done", || moves(sandbox.broker(2)).is_empty());
    control.pause_broker(3).unwrap();
    assert_eq!(control.move_controller().unwrap(), 4, "who hangs does not become one");
}

#[test]
fn with_kraft_the_quorum_has_another_leader_and_brokers_forward_to_it() {
    let sandbox = Sandbox::start(&tiny());
    let leader = || {
        let topic = TopicData::default()
            .with_topic_name(super::admin::name("__cluster_metadata"))
            .with_partitions(vec![PartitionData::default()]);
        let reply = ask(sandbox.broker(1), &DescribeQuorumRequest::default().with_topics(vec![topic]), 0);
        let one = &reply.topics[0].partitions[0];
        (one.leader_id.0, one.leader_epoch)
    };
    let (before, epoch) = leader();
    let next = sandbox.control().move_controller().unwrap();
    assert_ne!(next, before);
    assert_eq!(leader(), (next, epoch + 1));
    assert_eq!(reassign(sandbox.broker(3), "orders", 0, Some(&[3, 2, 1])), 0);
}
