//! `krun load`, and waiting for a quiet hour.

use super::place::Place;
use krun::sandbox::{Fault, Mode};

#[test]
fn what_producers_write_is_told_by_topic_and_broker() {
    let place = Place::quick();
    place.control().set_inbound("orders", 50_000).expect("the sandbox obeys");
    let seen = place.krun(&["load", "--cluster", "sandbox", "--for", "3s", "--json"]);
    let seen = seen.exits(0).json().remove(0);
    let bytes = seen["bytes_per_second"].as_f64().expect("a rate");
    assert!(bytes > 10_000.0, "{seen}");
    let of = |name: &str| {
        let topics = seen["topics"].as_array().expect("a list");
        let found = topics.iter().find(|one| one["topic"] == name).expect("it is there");
        found["bytes_per_second"].as_f64().expect("a rate")
    };
    assert!(of("orders") > 10_000.0 && of("clicks") < 1.0, "{seen}");
    assert_eq!(seen["brokers"].as_array().map(Vec::len), Some(4));
    assert_eq!(seen["silent"].as_array().map(Vec::len), Some(0));
    place.krun(&["load", "--cluster", "sandbox", "--for", "1s"]).exits(0).shows(&[
        "topic",
        "records/s",
        "orders",
        "what consumers read is not seen",
    ]);
}

#[test]
fn a_broker_that_does_not_tell_is_named() {
    let place = Place::quick();
    let api = "DescribeLogDirs".to_owned();
    let hang = Fault { api, broker: Some(3), mode: Mode::Hang, count: 1000, milliseconds: None };
    place.control().fault(hang).expect("the sandbox obeys");
    place.krun(&["load", "--cluster", "sandbox", "--for", "1s"]).exits(0).shows(&[
        "not known: ",
        "broker 3",
        "unknown",
    ]);
    place.krun(&["load", "--cluster", "sandbox", "--for", "soon"]).exits(2).says(&["--for"]);
    place.krun(&["load", "--cluster", "sandbox", "--for", "10ms"]).exits(2).says(&["less than a second"]);
}

#[test]
fn quiet_is_waited_for() {
    let place = Place::quick();
    place.control().set_inbound("orders", 5_000_000).expect("the sandbox obeys");
    let text = r#"
    import "std/load" as load;
    let cluster = kafka::connect();
    step("wait for a quiet hour", || load::wait_until_quiet(cluster, #{ below: "100kB/s", lasting: "1s", measure: "1s" }));
    log("quiet");
"#;
    let mut live = place.start_own(text, &[]);
    live.says("most to topic orders");
    place.control().set_inbound("orders", 1000).expect("the sandbox obeys");
    live.ends().exits(0).says(&["✓ wait for a quiet hour", "quiet"]);
    let text = text.replace("lasting", "lastnig");
    place.own(&text, &[]).exits(1).says(&["wait_until_quiet has no option \"lastnig\""]);
}
