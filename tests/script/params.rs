//! Parameters: declared in a runbook, given as texts, resolved to values.

use super::host;
use krun::script::params::UsageProblem;
use krun::script::runbook::Runbook;
use serde_json::json;
use std::collections::BTreeMap;

const RUNBOOK: &str = r#"
const PARAMS = #{
    to: #{ kind: "version", help: "Kafka version to run afterwards" },
    throttle_rate: #{ kind: "rate", help: "for moves", value: "50MB/s" },
    window: #{ kind: "window", help: "only work inside", optional: true },
    brokers: #{ kind: "list", help: "ids", value: ["1", "2"] },
    wave: #{ kind: "int", help: "partitions at once", value: -4 },
    verify: #{ kind: "bool", help: "compare afterwards", value: true },
    order: #{ kind: "choice", of: ["one-topic", "across-topics"], help: "of the moves", value: "one-topic" },
};
"#;

fn runbook(text: &str) -> Runbook {
    let sources = [("x.rhai".to_owned(), text.to_owned())];
    Runbook::from_sources("runbooks/x.rhai", &sources, &host::engine()).expect("it loads")
}

fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn declared_in_their_order() {
    let runbook = runbook(RUNBOOK);
    let params = runbook.params().declared();
    let flags: Vec<String> = params.iter().map(krun::script::params::Declared::flag).collect();
    assert_eq!(flags, ["--to", "--throttle-rate", "--window", "--brokers", "--wave", "--verify", "--order"]);
    assert!(params[0].is_required() && !params[1].is_required() && !params[2].is_required());
    assert_eq!(params[0].help, "Kafka version to run afterwards");
    assert_eq!(params[1].kind.name(), "rate");
}

#[test]
fn defaults_and_given_values() {
    let values =
        runbook(RUNBOOK).params().resolve(&given(&[("to", "2.6.3"), ("throttle-rate", "1MiB/s"), ("wave", "3")]));
    let expected = BTreeMap::from([
        ("to".to_owned(), json!("2.6.3")),
        ("throttle_rate".to_owned(), json!("1MiB/s")),
        ("window".to_owned(), json!(null)),
        ("brokers".to_owned(), json!(["1", "2"])),
        ("wave".to_owned(), json!(3)),
        ("verify".to_owned(), json!(true)),
        ("order".to_owned(), json!("one-topic")),
    ]);
    assert_eq!(values, Ok(expected));
}

#[test]
fn a_choice_is_one_of_those_that_it_lists() {
    let chosen = |text: &str| runbook(RUNBOOK).params().resolve(&given(&[("to", "2.6.3"), ("order", text)]));
    assert_eq!(chosen(" across-topics ").map(|values| values["order"].clone()), Ok(json!("across-topics")));
    let problems = chosen("across").expect_err("it is none of them");
    assert_eq!(problems[0].message, "--order: `across` is none of one-topic, across-topics");
    assert_eq!(problems[0].hint.as_deref(), Some("it is one-topic or across-topics: of the moves"));
}

#[test]
fn words_stand_beside_a_quantity() {
    let runbook = runbook(
        r#"const PARAMS = #{
            rate: #{ kind: "rate", or: ["auto", "none"], help: "for moves", value: "auto" },
            at_once: #{ kind: "int", or: ["all"], help: "moves", value: 5 },
            most: #{ kind: "int", or: ["all"], help: "moves", value: "all" },
        };"#,
    );
    let resolved = |pairs: &[(&str, &str)]| runbook.params().resolve(&given(pairs));
    let values = resolved(&[("at-once", " all ")]).expect("words are taken");
    assert_eq!((&values["rate"], &values["at_once"], &values["most"]), (&json!("auto"), &json!("all"), &json!("all")));
    let values = resolved(&[("rate", "5MB/s"), ("at-once", "3")]).expect("and what the kind reads");
    assert_eq!((&values["rate"], &values["at_once"]), (&json!("5MB/s"), &json!(3)));
    let problems = resolved(&[("rate", "automatic"), ("at-once", "ALL")]).expect_err("anything else is not");
    assert_eq!(problems[0].hint.as_deref(), Some("it is a whole number, such as 3, or all: moves"));
    assert!(problems[1].message.starts_with("--rate: \"automatic\" is no rate"), "{problems:?}");
    assert_eq!(problems[1].hint.as_deref(), Some("it is a rate, such as 50MB/s, or auto, or none: for moves"));
    assert_eq!(runbook.params().declared()[0].value_name(), "rate|auto|none");
}

#[test]
fn every_wrong_one_is_named() {
    let problems = runbook(RUNBOOK)
        .params()
        .resolve(&given(&[("widnow", "x"), ("wave", "many"), ("throttle_rate", "50MB")]))
        .expect_err("four are wrong");
    let told: Vec<String> = problems
        .iter()
        .map(|UsageProblem { param, message, hint }| format!("{param} | {message} | {}", hint.as_deref().unwrap_or("")))
        .collect();
    assert_eq!(
        told,
        [
            "widnow | there is no parameter --widnow | did you mean `--window`?",
            "to | --to is missing | it is a version, such as 2.6.3: Kafka version to run afterwards",
            "throttle_rate | --throttle-rate: \"50MB\" is no rate: \"/s\" is missing at character 5 (did you mean \"50MB/s\"?) | it is a rate, such as 50MB/s: for moves",
            "wave | --wave: `many` is no whole number | it is a whole number, such as 3: partitions at once",
        ]
    );
}

#[test]
fn a_runbook_without_parameters_says_so() {
    let problems = runbook("let x = 1;").params().resolve(&given(&[("to", "2.6.3")])).expect_err("unknown");
    assert_eq!(problems[0].hint.as_deref(), Some("this runbook has no parameters"));
}
