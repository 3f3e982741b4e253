//! `--json`: each line of stdout is an object, whatever happens, and stderr has none.

use super::place::{Place, SCALE_OUT};

#[test]
fn a_run_and_all_that_can_be_asked_about_it() {
    let place = Place::quick();
    let waits = place.krun(&[SCALE_OUT, "--json"]);
    let events = waits.exits(4).json();
    assert_eq!(events.last().expect("events")["ending"]["as"], "question");
    assert!(events.iter().any(|event| event["kind"] == "table"));

    let plan = place.krun(&["abort", "--plan", "--json"]);
    plan.exits(0).json();
    let done = place.krun(&["resume", "--yes", "--json"]).exits(0).json();
    assert_eq!(done.last().expect("events")["ending"]["as"], "done");
    let shown = place.krun(&["show", "--json"]).exits(0).json();
    assert_eq!(shown.last(), done.last(), "show tells what the run told");
    let runs = place.krun(&["runs", "--json"]).exits(0).json();
    assert_eq!((runs.len(), &runs[0]["state"]), (1, &"done".into()));
    place.own("confirm(\"x\");", &[]).exits(4);
    let aborted = place.krun(&["abort", "--json"]).exits(0).json();
    assert_eq!(aborted.last().expect("events")["ending"]["as"], "aborted");
    let check = place.krun(&["check", SCALE_OUT, "--json"]);
    check.exits(0).json();
    let sandbox = place.krun(&["sandbox", "status", "--json"]).exits(0).json();
    assert_eq!(sandbox[0]["cluster_id"], place.running().cluster_id.as_str());
}

#[test]
fn every_complaint() {
    let place = Place::quick();
    let broken = place.file("broken.rhai", "log(");
    let config = place.file("krun.toml", "[clusters.prod]\nbootstrap_servers = [\"127.0.0.1:1\"]\n");
    let complaints: [(&[&str], i32, &str); 11] = [
        (&["--json"], 2, "USAGE"),
        (&["runs", "--bogus", "--json"], 2, "USAGE"),
        (&[SCALE_OUT, "--bogus", "--json"], 2, "USAGE"),
        (&[SCALE_OUT, "--throttle=x", "--json"], 2, "INVALID_PARAMETER"),
        (&["--json", "nope.rhai"], 2, "RUNBOOK_NOT_FOUND"),
        (&["nope.rhai", "--json"], 2, "RUNBOOK_NOT_FOUND"),
        (&[SCALE_OUT, "--json", "--cluster", "nope"], 2, "UNKNOWN_CLUSTER"),
        (&["resume", "--json"], 2, "NO_OPEN_RUN"),
        (&["show", "nope", "--json"], 2, "NO_SUCH_RUN"),
        (&["sandbox", "start", "--brokers", "0", "--json"], 2, "SANDBOX_OPTION_INVALID"),
        (&[SCALE_OUT, "--json", "--cluster", "prod", "--config", &config], 1, "CONNECTION_REFUSED"),
    ];
    for (words, exit, code) in complaints {
        let ended = place.krun(words);
        let said = ended.exits(exit).json();
        assert!(said.iter().any(|line| line["kind"] == "error" && line["code"] == code), "{code}: {ended}");
        assert_eq!(ended.stderr, "", "{ended}");
    }
    let ended = place.krun(&[&broken, "--json"]);
    assert!(!ended.exits(3).json().is_empty(), "{ended}");
}

#[test]
fn a_failure_has_its_code_and_place() {
    let place = Place::quick();
    let ended = place.own("step(\"try\", || fail(\"no\", #{ code: \"MINE\", hint: \"do it\" }));", &["--json"]);
    let events = ended.exits(1).json();
    let last = &events.last().expect("events")["ending"];
    assert_eq!((&last["as"], &last["error"]["code"]), (&"failed".into(), &"MINE".into()));
    assert_eq!(last["place"]["line"], 1);
}
