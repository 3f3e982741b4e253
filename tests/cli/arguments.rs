//! Words that name nothing, and parameters of every kind, right and wrong.

use super::place::{Place, SCALE_OUT};

const EVERY_KIND: &str = r#"//! One parameter of each kind.
const PARAMS = #{
    text:    #{ kind: "string", help: "a text", value: "t" },
    number:  #{ kind: "int", help: "a number", value: 1 },
    flag:    #{ kind: "bool", help: "a flag", value: false },
    size:    #{ kind: "size", help: "a size", value: "1MB" },
    rate:    #{ kind: "rate", help: "a rate", value: "1MB/s" },
    time:    #{ kind: "duration", help: "a time", value: "1s" },
    release: #{ kind: "version", help: "a version", value: "2.6.3" },
    items:   #{ kind: "list", help: "some items", value: ["a"] },
    hours:   #{ kind: "window", help: "when to work", optional: true },
};
log(`text=${param("text")} number=${param("number") + 1} flag=${!param("flag")} size=${param("size")}`);
log(`rate=${param("rate")} time=${param("time")} release=${param("release")} items=${param("items").len()}`);
log(`hours=${param("hours")}`);
"#;

const REQUIRED: &str = r#"//! Has one that must be given.
const PARAMS = #{ to_version: #{ kind: "version", help: "Kafka version to run afterwards" } };
log(param("to_version"));
"#;

#[test]
fn every_kind_of_parameter_takes_what_it_should() {
    let place = Place::quick();
    place.own(EVERY_KIND, &[]).exits(0).says(&["text=t number=2 flag=true size=1MB", "items=1", "hours=\n"]);
    let given = "--text=x=y --number=-41 --flag --size=2GiB --rate=5kB/s --time=1h30m --release=4.1 --items=a,b,c";
    let given: Vec<&str> = given.split(' ').chain(["--hours", "01:00-05:00 Asia/Seoul"]).collect();
    place.own(EVERY_KIND, &given).exits(0).says(&[
        "text=x=y number=-40 flag=false size=2GiB",
        "rate=5kB/s time=1h30m release=4.1 items=3",
        "hours=01:00-05:00 Asia/Seoul",
    ]);
    place.own(EVERY_KIND, &["--flag=no"]).exits(0).says(&["flag=true"]);
}

#[test]
fn a_wrong_value_is_named_with_what_is_wanted_and_all_of_them_at_once() {
    let place = Place::quick();
    let wrong = [
        ("--number=many", "`many` is no whole number"),
        ("--number=99999999999999999999", "is out of range"),
        ("--flag=maybe", "`maybe` is neither true nor false"),
        ("--size=big", "\"big\" is no size"),
        ("--rate=5", "\"5\" is no rate"),
        ("--time=5", "\"5\" is no duration"),
        ("--release=new", "\"new\" is no Kafka version"),
        ("--items=a,,b", "`a,,b` has an empty item"),
        ("--hours=25:00-26:00", "window"),
    ];
    for (word, why) in wrong {
        let flag = word.split('=').next().expect("a flag");
        place.own(EVERY_KIND, &[word]).exits(2).says(&["krun: INVALID_PARAMETER", flag, why, "hint: it is "]);
    }
    place.own(EVERY_KIND, &["--number=x", "--size=y"]).exits(2).says(&["--number", "--size"]);
    assert_eq!(place.runs(), [""; 0], "a usage error leaves no run");
}

#[test]
fn a_missing_and_an_unknown_parameter_are_named() {
    let place = Place::quick();
    place.own(REQUIRED, &[]).exits(2).says(&["--to-version is missing", "Kafka version to run afterwards"]);
    place.own(REQUIRED, &["--to-versoin", "2.6"]).exits(2).says(&["--to-versoin", "--to-version"]);
    place.own(REQUIRED, &["--to-version"]).exits(2).says(&["--to-version"]);
    place.own(REQUIRED, &["--to-version", "2.6", "--to-version", "2.7"]).exits(2).says(&["--to-version"]);
    place.own(REQUIRED, &["--to-version", "2.6", "orders"]).exits(2).says(&["orders"]);
    place.own(REQUIRED, &["--to_version", "2.6"]).exits(2).says(&["--to-version"]);
    place.own(REQUIRED, &["--to-version", "2.6"]).exits(0).says(&["2.6"]);
    assert_eq!(place.runs().len(), 1);
}

#[test]
fn help_of_a_runbook_shows_its_own_parameters_first() {
    let place = Place::without_sandbox();
    let help = place.krun(&[SCALE_OUT, "--help"]);
    help.exits(0).shows(&[
        "Usage: krun runbooks/scaleout.rhai",
        "--throttle <rate|auto>",
        "[default: 20MB/s]",
        "--yes",
    ]);
    help.shows(&["Scale-out: give brokers that were just added their share of the load.\n\nA new broker gets nothing"]);
    let at = |words: &str| help.stdout.find(words).unwrap_or_else(|| panic!("{words}: {help}"));
    assert!(at("--throttle") < at("--yes"), "{help}");
    let longest = help.stdout.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(100), "{help}");
    place
        .krun(&["--help"])
        .exits(0)
        .shows(&["Usage: krun [OPTIONS] <RUNBOOK.rhai | COMMAND>", "runbooks/scaleout.rhai"]);
}

#[test]
fn what_does_not_exist_is_named() {
    let place = Place::quick();
    place.krun_in_vain(&["nope.rhai"]).exits(2).says(&["RUNBOOK_NOT_FOUND", "nope.rhai"]);
    place.krun_in_vain(&["runbooks"]).exits(2).says(&["`runbooks` is neither a command nor a runbook"]);
    place.krun_in_vain(&["resum"]).exits(2).says(&["`resum` is neither", "did you mean \"resume\"?"]);
    place.krun_in_vain(&["runs", "--bogus"]).exits(2).says(&["--bogus"]);
    place.krun_in_vain(&[SCALE_OUT, "--cluster", "prod"]).exits(2).says(&["UNKNOWN_CLUSTER", "\"prod\"", "sandbox"]);
    for verb in [&["resume", "nope"][..], &["abort", "nope"], &["abort", "nope", "--plan"], &["show", "nope"]] {
        place.krun_in_vain(verb).exits(2).says(&["NO_SUCH_RUN", "nope", "krun runs"]);
    }
    for verb in ["resume", "abort", "show"] {
        place.krun_in_vain(&[verb]).exits(2).says(&["krun: NO_"]);
    }
    place.krun_in_vain(&["check", "nope.rhai"]).exits(2).says(&["nope.rhai"]);
    assert_eq!(place.runs(), [""; 0]);
}

#[test]
fn a_topic_or_a_broker_that_is_not_there_fails_the_run_and_changes_nothing() {
    let place = Place::quick();
    let topic = place.krun_in_vain(&[SCALE_OUT, "--yes", "--topics", "ordres"]);
    topic.exits(1).says(&["UNKNOWN_TOPIC_OR_PARTITION", "there is no topic \"ordres\"", "did you mean \"orders\"?"]);
    let broker = r#"
        let cluster = kafka::connect();
        step("throttle a broker", || cluster.alter_configs("broker", 99, #{ "leader.replication.throttled.rate": 5 }));
    "#;
    let before = place.look();
    place.own(broker, &[]).exits(1).says(&["BROKER_NOT_AVAILABLE", "broker 99", "own.rhai:3:"]);
    let topic = r#"
        let cluster = kafka::connect();
        step("move a topic", || cluster.alter_partition_reassignments("nope", [#{ partition: 0, to: [1, 2] }]));
    "#;
    place.own(topic, &[]).exits(1).says(&["UNKNOWN_TOPIC_OR_PARTITION", "nope"]);
    let placed_on_nobody = r#"
        let cluster = kafka::connect();
        step("move a topic", || cluster.alter_partition_reassignments("orders", [#{ partition: 0, to: [1, 2, 99] }]));
    "#;
    place.own(placed_on_nobody, &[]).exits(1).says(&["INVALID_REPLICA_ASSIGNMENT", "99"]);
    assert_eq!(place.look(), before);
}
