//! The reply to a change is lost after the change was made, or the request before it: krun finds out, and it is made once.

use super::place::Place;
use krun::sandbox::{Fault, Mode};

/// A step, the API that it uses, and what the sandbox counts of it, on brokers of a release.
struct Change {
    release: &'static str,
    api: &'static str,
    body: &'static str,
    counted: &'static str,
}

const CHANGES: [Change; 9] = [
    Change {
        release: "3.9.2",
        api: "IncrementalAlterConfigs",
        body: "cluster.alter_configs(\"topic\", \"orders\", #{ \"retention.ms\": \"7000\" });",
        counted: "topic/orders set retention.ms=7000",
    },
    Change {
        release: "2.2.2",
        api: "AlterConfigs",
        body: "cluster.alter_configs(\"topic\", \"orders\", #{ \"retention.ms\": \"7000\" });",
        counted: "topic/orders set retention.ms=7000",
    },
    Change {
        release: "3.9.2",
        api: "CreateTopics",
        body: "cluster.create_topic(\"fresh\", #{ replicas: [[1, 2]] });",
        counted: "fresh [1,2]",
    },
    Change { release: "3.9.2", api: "DeleteTopics", body: "cluster.delete_topic(\"clicks\");", counted: "clicks" },
    Change {
        release: "3.9.2",
        api: "CreatePartitions",
        body: "cluster.create_partitions(\"payments\", 4);",
        counted: "payments ",
    },
    Change {
        release: "3.9.2",
        api: "DeleteRecords",
        body: "cluster.delete_records(\"orders\", [#{ partition: 0, offset: 5 }]);",
        counted: "orders-0 ",
    },
    Change {
        release: "3.9.2",
        api: "AlterPartitionReassignments",
        body: "cluster.alter_partition_reassignments(\"orders\", [#{ topic: \"orders\", partition: 0, to: [4, 2, 3] }]);",
        counted: "orders-0 -> [4,2,3]",
    },
    Change {
        release: "3.9.2",
        api: "ElectLeaders",
        body: "cluster.elect_leaders(\"preferred\", \"orders\");",
        counted: "orders-0 preferred",
    },
    Change {
        release: "2.4.1",
        api: "AlterPartitionReassignments",
        body: "cluster.alter_partition_reassignments(\"orders\", [#{ topic: \"orders\", partition: 0, to: [4, 2, 3] }]);",
        counted: "orders-0 -> [4,2,3]",
    },
];

#[test]
fn every_change_whose_reply_or_request_is_lost_is_made_once() {
    for change in &CHANGES {
        for mode in [Mode::LoseReply, Mode::LoseRequest] {
            let place = Place::of_release(change.release);
            if change.api == "ElectLeaders" {
                // Away and back: another one leads.
                place.control().kill_broker(1).expect("the sandbox obeys");
                place.control().start_broker(1).expect("the sandbox obeys");
                super::place::until("it is in sync again", || {
                    let dump = place.control().dump().expect("the sandbox tells its state");
                    dump["topics"]["orders"][0]["isr"].as_array().is_some_and(|isr| isr.len() == 3)
                });
            }
            let fault = Fault { api: change.api.to_owned(), broker: None, mode, count: 1, milliseconds: None };
            place.control().fault(fault).expect("the sandbox obeys");
            let script = format!("let cluster = kafka::connect();\nstep(\"change it\", || {{ {} }});", change.body);
            let ended = place.own(&script, &["--yes"]);
            let name = format!("{} on {}, {mode:?}: {ended}", change.api, change.release);
            ended.exits(0);
            let applied = place.control().counters().expect("the sandbox counts").applied;
            let same = applied.iter().filter(|one| one.api == change.api && one.text.starts_with(change.counted));
            assert_eq!(same.count(), 1, "{name}{applied:#?}");
        }
    }
}

/// An abort, too, may lose the reply to what it takes back.
#[test]
fn a_cancel_whose_reply_is_lost_is_made_once() {
    for mode in [Mode::LoseReply, Mode::LoseRequest] {
        let place = Place::stuck();
        let live = place.scale_out_in_flight(&["--at-once", "1"]);
        live.signal(rustix::process::Signal::KILL);
        live.ends();
        let api = "AlterPartitionReassignments".to_owned();
        place.control().fault(Fault { api, broker: None, mode, count: 1, milliseconds: None }).expect("obeyed");
        place.krun(&["abort"]).exits(0);
        let times = place.control().counters().expect("the sandbox counts").times;
        let cancels: Vec<_> = times.iter().filter(|(text, _)| text.ends_with(" cancel")).collect();
        assert!(!cancels.is_empty() && cancels.iter().all(|(_, times)| **times == 1), "{cancels:?}");
        let bystander = super::bystander::Bystander::at(&place);
        assert_eq!((bystander.moves(), bystander.throttles()), (vec![], vec![]));
    }
}
