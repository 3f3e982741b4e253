//! Faults that are ordered through the control port.

use super::admin::{TOPIC, config, metadata};
use super::client::{connect, try_ask};
use super::running::{Sandbox, tiny};
use kafka_protocol::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::{IncrementalAlterConfigsRequest, MetadataRequest};
use krun::sandbox::{Fault, Mode};
use std::time::{Duration, Instant};

fn fault(api: &str, mode: Mode) -> Fault {
    Fault { api: api.to_owned(), broker: None, mode, count: 1, milliseconds: None }
}

/// Sets a retention over a connection of its own; `None` where the connection dropped.
fn set_retention(address: &str, value: &str) -> Option<i16> {
    let config = AlterableConfig::default().with_name("retention.ms".into()).with_value(Some(value.to_owned().into()));
    let resource = AlterConfigsResource::default()
        .with_resource_type(TOPIC)
        .with_resource_name("orders".into())
        .with_configs(vec![config]);
    let request = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
    try_ask(&mut connect(address), &request, 1).ok().map(|reply| reply.responses[0].error_code)
}

fn retention(sandbox: &Sandbox) -> String {
    config(sandbox.broker(1), TOPIC, "orders", "retention.ms").unwrap().0.unwrap()
}

#[test]
fn a_lost_reply_is_applied_and_a_lost_request_is_not() {
    let sandbox = Sandbox::start(&tiny());
    let address = sandbox.broker(1);
    sandbox.control().fault(fault("IncrementalAlterConfigs", Mode::LoseRequest)).unwrap();
    sandbox.control().fault(fault("IncrementalAlterConfigs", Mode::LoseReply)).unwrap();
    assert_eq!(set_retention(address, "1"), None);
    assert_eq!(retention(&sandbox), "604800000");
    assert_eq!(set_retention(address, "2"), None);
    assert_eq!(retention(&sandbox), "2");
    assert_eq!(set_retention(address, "3"), Some(0));
    assert_eq!(sandbox.control().counters().unwrap().applied.len(), 2);
}

#[test]
fn a_hang_answers_nobody_and_a_delay_answers_late() {
    let sandbox = Sandbox::start(&tiny());
    let only_2 = Fault { broker: Some(2), ..fault("Metadata", Mode::Hang) };
    sandbox.control().fault(only_2).unwrap();
    assert_eq!(metadata(sandbox.broker(1)).brokers.len(), 4);
    let mut stream = connect(sandbox.broker(2));
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let hung = try_ask(&mut stream, &MetadataRequest::default(), 9).unwrap_err();
    assert!(matches!(hung.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut), "{hung}");
    assert_eq!(metadata(sandbox.broker(2)).brokers.len(), 4);

    let late = Fault { milliseconds: Some(150), ..fault("Metadata", Mode::Delay) };
    sandbox.control().fault(late).unwrap();
    let since = Instant::now();
    assert_eq!(metadata(sandbox.broker(3)).brokers.len(), 4);
    assert!(since.elapsed() >= Duration::from_millis(150));
}

#[test]
fn what_cannot_be_ordered_is_named() {
    let sandbox = Sandbox::start(&tiny());
    let control = sandbox.control();
    let error = control.fault(fault("AlterEverything", Mode::Hang)).unwrap_err();
    assert_eq!(error.code, "SANDBOX_NO_SUCH_API");
    assert!(error.hint.unwrap().contains("AlterPartitionReassignments"));
    assert_eq!(control.kill_broker(9).unwrap_err().code, "SANDBOX_NO_SUCH_BROKER");
}

#[test]
fn the_control_port_speaks_json_lines() {
    use std::io::{BufRead, BufReader, Write};
    let sandbox = Sandbox::start(&tiny());
    let stream = connect(&sandbox.running.control);
    (&stream).write_all(b"{\"do\":\"kill_broker\",\"id\":4}\nnonsense\n{\"do\":\"ping\"}\n").unwrap();
    let lines: Vec<String> = BufReader::new(&stream).lines().take(3).map(Result::unwrap).collect();
    assert_eq!(lines[0], "{\"ok\":null}");
    assert!(lines[1].contains("SANDBOX_COMMAND_UNKNOWN"), "{}", lines[1]);
    assert!(lines[2].contains(&sandbox.running.cluster_id), "{}", lines[2]);
}
