//! `krun -e`: a question is answered, and nothing is changed or left behind.

use super::place::Place;
use serde_json::json;

fn asked(place: &Place, expression: &str, words: &[&str]) -> super::child::Ended {
    let ended = place.krun_in_vain(&[&["-e", expression, "--cluster", "sandbox"], words].concat());
    assert!(
        !place.state().join("runs").exists() && !place.state().join("locks").exists(),
        "a question leaves no trace"
    );
    ended
}

#[test]
fn an_answer_is_a_table_or_plain_or_json() {
    let place = Place::quick();
    asked(&place, "cluster.topic(\"payments\")", &[]).exits(0).shows(&[
        "name       payments",
        "partitions:",
        "2, 3, 1",
    ]);
    asked(&place, "cluster.configs(\"topic\", \"payments\")", &[]).exits(0).shows(&["source", "DYNAMIC_TOPIC_CONFIG"]);
    asked(&place, "cluster.broker_ids()", &[]).exits(0);
    assert_eq!(asked(&place, "cluster.broker_ids()", &[]).stdout, "1\n2\n3\n4\n");
    assert_eq!(asked(&place, "cluster.broker_ids()", &["--json"]).json(), [json!([1, 2, 3, 4])]);
    assert_eq!(asked(&place, "-1 + 0.5", &["--json"]).json(), [json!(-0.5)]);
    assert_eq!(asked(&place, "let x = cluster.topics(); x.len()", &[]).stdout, "5\n");
    assert_eq!(asked(&place, "cluster", &[]).stdout, "cluster sandbox\n");
    assert_eq!(asked(&place, "()", &[]).stdout, "");
    let said = asked(&place, "log(\"on stderr\"); table([#{ a: 1 }]); 2", &[]);
    said.exits(0).says(&["on stderr"]);
    assert_eq!(said.stdout, "a\n───\n1\n2\n");
    let library = "import \"std/reassign\" as reassign; reassign::assess(cluster)";
    asked(&place, library, &[]).exits(0);
}

#[test]
fn an_effect_is_refused_and_where_it_belongs_is_said() {
    let place = Place::quick();
    let change = "cluster.alter_configs(\"topic\", \"orders\", #{ \"retention.ms\": 1 })";
    for expression in [change.to_owned(), format!("step(\"x\", || {change})")] {
        asked(&place, &expression, &[]).exits(1).says(&[
            "READ_ONLY",
            "`alter_configs` on topic/orders",
            "[-e:1:",
            "a runbook",
        ]);
    }
    let temporarily = format!("temporarily(\"x\", || {change}, || 1)");
    asked(&place, &temporarily, &[]).exits(1).says(&["READ_ONLY"]);
    let told = asked(&place, change, &["--json"]);
    told.exits(1);
    assert_eq!(told.json()[0]["code"], "READ_ONLY");
}

#[test]
fn what_is_wrong_is_shown_at_its_place() {
    let place = Place::quick();
    asked(&place, "cluster.brokrs()", &[]).exits(1).says(&["[-e:1:9]", "did you mean `brokers`?"]);
    asked(&place, "cluster.topic(\"ordres\")", &[]).exits(1).says(&["UNKNOWN_TOPIC_OR_PARTITION", "[-e:1:9]"]);
    asked(&place, "cluster.topic(", &[]).exits(3).says(&["SCRIPT_SYNTAX", "`)` is missing"]);
    asked(&place, "clustr.topics()", &[]).exits(3).says(&["clustr"]);
    asked(&place, "confirm(\"go on?\")", &[]).exits(1).says(&["nobody is asked here: go on?"]);
    asked(&place, "import \"lib/x\" as x; 1", &[]).exits(1).says(&["lib/x"]);
    asked(&place, "cluster", &["--json"]).exits(1);
    asked(&place, "", &[]).exits(2).says(&["nothing is asked"]);
    asked(&place, "1", &["runs"]).exits(2).says(&["one thing at a time"]);
    place.krun(&["-e"]).exits(2).says(&["-e"]);
    place.krun(&["-e", "1"]).exits(2).says(&["CLUSTER_NOT_NAMED"]);
    place.krun(&["--json"]).exits(2);
}
