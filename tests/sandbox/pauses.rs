//! A broker that hangs, as after a SIGSTOP.

use super::admin::{TOPIC, alter_config, config, elect, metadata, moves, numbers, partition, reassign, size};
use super::client::{connect, receive, request_frame, send, try_ask};
use super::running::{Sandbox, eventually, tiny};
use kafka_protocol::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::{IncrementalAlterConfigsRequest, MetadataRequest};
use krun::sandbox::{Data, Options};
use std::time::Duration;

const NEVER: Duration = Duration::from_hours(1);

fn ids(address: &str) -> Vec<i32> {
    metadata(address).brokers.iter().map(|broker| broker.node_id.0).collect()
}

#[test]
fn nobody_answers_and_what_was_asked_is_done_later() {
    let sandbox = Sandbox::start(&tiny());
    let control = sandbox.control();
    control.set_session_timeout(NEVER).unwrap();
    control.pause_broker(2).unwrap();
    let mut stream = connect(sandbox.broker(2));
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let hung = try_ask(&mut stream, &MetadataRequest::default(), 9).unwrap_err();
    assert!(matches!(hung.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut), "{hung}");

    // A client that has given up: its request lies in the socket.
    let retention = AlterableConfig::default().with_name("retention.ms".into()).with_value(Some("7".into()));
    let resource = AlterConfigsResource::default()
        .with_resource_type(TOPIC)
        .with_resource_name("orders".into())
        .with_configs(vec![retention]);
    let request = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
    let mut gone = connect(sandbox.broker(2));
    send(&mut gone, &request_frame(&request, 1)).unwrap();
    drop(gone);
    assert_eq!(ids(sandbox.broker(1)), [1, 2, 3, 4], "it is registered, and leads");
    assert_eq!(partition(sandbox.broker(1), "orders", 1).leader_id.0, 2);
    control.resume_broker(2).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    assert!(receive(&mut stream).is_ok(), "the first one is answered now");
    eventually("the change is made", || {
        config(sandbox.broker(1), TOPIC, "orders", "retention.ms").unwrap().0.as_deref() == Some("7")
    });
}

#[test]
fn after_the_session_it_is_fenced_and_back_it_catches_up() {
    let sandbox = Sandbox::start(&tiny());
    let (control, address) = (sandbox.control(), sandbox.broker(1));
    let before = control.dump().unwrap();
    control.set_session_timeout(Duration::from_millis(300)).unwrap();
    let held = connect(sandbox.broker(2));
    control.pause_broker(2).unwrap();
    eventually("it is fenced", || ids(address) == [1, 3, 4]);
    let orders = partition(address, "orders", 1);
    assert_eq!(
        (orders.leader_id.0, numbers(&orders.isr_nodes), numbers(&orders.offline_replicas)),
        (3, vec![3, 1], vec![2])
    );
    assert_eq!(partition(address, "peter-scaleout1", 1).leader_id.0, -1);
    held.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let open = std::io::Read::read(&mut &held, &mut [0; 1]).unwrap_err();
    assert!(matches!(open.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut), "{open}");
    assert!(std::net::TcpStream::connect(sandbox.broker(2)).is_ok(), "the kernel accepts for it");

    control.resume_broker(2).unwrap();
    eventually("the ISR is whole", || partition(address, "orders", 1).isr_nodes.len() == 3);
    assert_eq!(partition(address, "orders", 1).leader_id.0, 3, "nobody rebalances leaders");
    for topic in metadata(address).topics {
        for one in &topic.partitions {
            elect(address, topic.name.as_ref().unwrap(), one.partition_index);
        }
    }
    eventually("all is as before", || control.dump().unwrap() == before);
}

#[test]
fn nothing_is_copied_to_it_or_from_it() {
    let sandbox = Sandbox::start(&Options { data: Data::Demo, copy_rate: 0, ..tiny() });
    let (control, address) = (sandbox.control(), sandbox.broker(1));
    control.set_session_timeout(NEVER).unwrap();
    assert_eq!(reassign(address, "peter-scaleout2", 0, Some(&[4, 1])), 0);
    for silent in [4, 1] {
        control.pause_broker(silent).unwrap();
        control.set_copy_rate(u64::MAX).unwrap();
        std::thread::sleep(Duration::from_millis(100));
        assert_eq!(moves(sandbox.broker(2)).len(), 1, "{silent} is paused");
        control.set_copy_rate(0).unwrap();
        control.resume_broker(silent).unwrap();
        assert_eq!(size(sandbox.broker(4), "peter-scaleout2", 0), Some(0));
    }
    control.set_copy_rate(u64::MAX).unwrap();
    eventually("the move is done", || moves(address).is_empty());
}

#[test]
fn writes_do_not_wait_for_a_follower_that_hangs_and_a_kill_ends_a_pause() {
    let sandbox = Sandbox::start(&tiny());
    let (control, address) = (sandbox.control(), sandbox.broker(1));
    control.set_session_timeout(NEVER).unwrap();
    control.pause_broker(2).unwrap();
    control.set_inbound("orders", 60_000).unwrap();
    eventually("it is out of the ISR", || numbers(&partition(address, "orders", 0).isr_nodes) == [1, 3]);
    control.set_inbound("orders", 0).unwrap();
    assert_eq!(partition(address, "orders", 1).leader_id.0, 2, "what it leads stays with it");
    control.kill_broker(2).unwrap();
    assert_eq!(ids(address), [1, 3, 4]);
    assert!(std::net::TcpStream::connect(sandbox.broker(2)).is_err());
    control.resume_broker(2).unwrap();
    assert_eq!(ids(address), [1, 3, 4], "who is dead does not go on");
    control.start_broker(2).unwrap();
    eventually("the ISR is whole", || partition(address, "orders", 0).isr_nodes.len() == 3);
    assert_eq!(alter_config(sandbox.broker(2), TOPIC, "orders", "retention.ms", 0, "5"), 0);
}
