//! Sandboxes with racks, and such as are made from a state file.

use super::admin::{metadata, moves, numbers, partition, reassign, size};
use super::running::{Sandbox, eventually, krun, tiny};
use krun::sandbox::{self, Options, Twin, TwinBroker, TwinTopic};
use std::collections::BTreeMap;
use std::process::Command;

fn racks(address: &str) -> Vec<(i32, Option<String>)> {
    let brokers = metadata(address).brokers;
    brokers.iter().map(|one| (one.node_id.0, one.rack.as_ref().map(ToString::to_string))).collect()
}

#[test]
fn brokers_have_their_racks_in_turn() {
    let options = Options { racks: vec!["a".to_owned(), "b".to_owned(), "c".to_owned()], ..tiny() };
    let sandbox = Sandbox::start(&options);
    let told = racks(sandbox.broker(2));
    assert_eq!(told, [(1, "a"), (2, "b"), (3, "c"), (4, "a")].map(|(id, rack)| (id, Some(rack.to_owned()))));
    assert!(racks(Sandbox::start(&tiny()).broker(1)).iter().all(|(_, rack)| rack.is_none()));
}

const STATE: &str = r#"{ "version": 1,
    "brokers": [
        { "id": 11, "rack": "a", "state": "old", "log_dirs": [{ "path": "/d", "total_bytes": 9000000, "usable_bytes": 1 }] },
        { "id": 12, "rack": "b", "state": "old" },
        { "id": 15, "registered": false, "state": "old" },
        { "id": 20, "rack": "c", "state": "new" }
    ],
    "topics": [
        { "name": "orders", "replicas": [[11, 12], [12, 11], [12, 15]], "bytes": [1000000, 2000000, null],
          "configs": { "retention.ms": "7000" } },
        { "name": "empty", "replicas": [[12]] }
    ] }"#;

#[test]
fn a_state_file_becomes_a_cluster() {
    let state = tempfile::tempdir().unwrap();
    let file = state.path().join("prod.json");
    std::fs::write(&file, STATE).unwrap();
    let said = Command::new(krun())
        .arg("--state")
        .arg(state.path())
        .args(["sandbox", "start", "--copy-rate", "1000MB", "--idle", "2m", "--twin"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(said.status.success(), "{said:?}");
    let dir = state.path().join("sandbox");
    let running = sandbox::find(&dir).unwrap().unwrap();
    // In the order of their ids; 15 is dead.
    let address = running.bootstrap[0].as_str();
    let text = |rack: &str| Some(rack.to_owned());
    assert_eq!(racks(address), [(11, text("a")), (12, text("b")), (20, text("c"))]);
    assert_eq!([size(address, "orders", 0), size(address, "orders", 1)], [Some(1_000_000), Some(2_000_000)]);
    let orders = partition(address, "orders", 2);
    assert_eq!((numbers(&orders.replica_nodes), numbers(&orders.isr_nodes)), (vec![12, 15], vec![12]));
    let config = super::admin::config(address, super::admin::TOPIC, "orders", "retention.ms").unwrap();
    assert_eq!(config.0.as_deref(), Some("7000"));
    assert_eq!(reassign(address, "orders", 1, Some(&[12, 20])), 0);
    eventually("it is copied", || moves(address).is_empty());
    assert_eq!(size(&running.bootstrap[3], "orders", 1), Some(2_000_000));
    assert!(sandbox::stop(&dir).unwrap());
}

#[test]
fn what_is_no_cluster_is_refused() {
    let broker = |id| TwinBroker { id, rack: None, registered: true, disk: None };
    let topic = |replicas| TwinTopic { name: "t".to_owned(), replicas, bytes: vec![], configs: BTreeMap::new() };
    let twin = |brokers, topics| Twin { file: "prod.json".into(), brokers, topics };
    let check = |twin: Twin| Options { twin: Some(twin), ..tiny() }.check();
    assert!(check(twin(vec![broker(1)], vec![topic(vec![vec![1]])])).is_ok());
    for (wrong, said) in [
        (twin(vec![], vec![]), "between 1 and 200"),
        (twin(vec![broker(1), broker(1)], vec![]), "of which 1 differ"),
        (twin(vec![broker(1)], vec![topic(vec![vec![1], vec![1, 2]])]), "topic t has a replica on broker 2"),
    ] {
        let error = check(wrong).unwrap_err();
        assert_eq!(error.code, "SANDBOX_OPTION_INVALID");
        assert!(error.message.contains(said) && error.message.contains("prod.json"), "{error:?}");
    }
}
