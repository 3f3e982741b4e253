//! Runbooks that edit lines and JSON on hosts of the sandbox: byte for byte, killed anywhere and resumed or aborted.

use super::place::Place;
use std::fs;

const ENV: &str = "/etc/kafka.env";
const JSON: &str = "/etc/exporter.json";

const ENV_BEFORE: &str = "# heap\r\nKAFKA_HEAP_OPTS=-Xmx1g\r\nold line\r\nKEY_PASSWORD=hush\r\n\r\nlast";
const ENV_AFTER: &str =
    "# heap\r\nKAFKA_HEAP_OPTS=-Xmx4g\r\nnew line\r\nKEY_PASSWORD=psst\r\n\r\nlast\r\nJMX_PORT=9999\r\nulimit -n 9\r\n";
const JSON_BEFORE: &str = "{\n    \"port\":9404,\n    \"auth\": { \"password\" : \"hush\" },\n    \"gone\": 1\n}";
const JSON_AFTER: &str =
    "{\n    \"port\":9405,\n    \"auth\": { \"password\" : \"psst\" },\n    \"rules\": [\n        1\n    ]\n}";

const EDIT: &str = r#"
let cluster = kafka::connect();
step("edit", || {
    let env = cluster.host(1).lines("/etc/kafka.env");
    env.set("KAFKA_HEAP_OPTS=", "KAFKA_HEAP_OPTS=-Xmx4g");
    env.replace("old line", "new line");
    env.set("KEY_PASSWORD=", "KEY_PASSWORD=psst");
    env.set("JMX_PORT=", "JMX_PORT=9999");
    env.set("ulimit -n 9");
    log(env.diff());
    env.save();
    let json = cluster.host(1).json("/etc/exporter.json");
    json.set("/port", 9405);
    json.set("/auth/password", "psst");
    json.remove("/gone");
    json.set("/rules", [1]);
    log(json.diff());
    json.save();
    END
});
"#;

fn place() -> Place {
    let place = Place::of_release("2.1.1");
    fs::write(place.on_host(1, ENV), ENV_BEFORE).expect("it is written");
    fs::write(place.on_host(1, JSON), JSON_BEFORE).expect("it is written");
    place
}

fn look(place: &Place) -> (String, String) {
    let read = |path: &str| fs::read_to_string(place.on_host(1, path)).expect("it is there");
    (read(ENV), read(JSON))
}

fn before() -> (String, String) {
    (ENV_BEFORE.to_owned(), JSON_BEFORE.to_owned())
}

fn after() -> (String, String) {
    (ENV_AFTER.to_owned(), JSON_AFTER.to_owned())
}

#[test]
fn an_edit_changes_what_it_says_and_a_second_one_nothing() {
    let place = place();
    let text = EDIT.replace("END", "");
    let ended = place.own(&text, &[]);
    ended.exits(0).says(&["KAFKA_HEAP_OPTS=-Xmx4g (was KAFKA_HEAP_OPTS=-Xmx1g)", "`new line` for `old line`"]);
    ended.says(&[
        "/port=9405 (was 9404)",
        "remove /gone (was 1)",
        "/auth/password=*** (was ***)",
        "\"after\": \"***\"",
    ]);
    ended.does_not_say(&["psst", "hush"]);
    assert_eq!(look(&place), after(), "{ended}");
    let journal = fs::read_to_string(place.run_folder().join("journal.jsonl")).expect("a journal");
    assert!(!journal.contains("psst") && !journal.contains("hush"), "{journal}");
    place.own(&text, &[]).exits(0).says(&["already so"]);
    assert_eq!(look(&place), after());
}

#[test]
fn given_up_both_files_are_as_before() {
    let place = place();
    place.own(&EDIT.replace("END", "fail(\"left\");"), &[]).exits(1);
    assert_eq!(look(&place), after());
    place.krun(&["abort"]).exits(0);
    assert_eq!(look(&place), before());
}

#[test]
fn what_somebody_else_writes_meanwhile_stays() {
    let place = place();
    let text = EDIT.replace("END", "fail(\"left\");").replace("env.set(\"KEY_PASSWORD=\", \"KEY_PASSWORD=psst\");", "");
    place.own(&text.replace("json.set(\"/auth/password\", \"psst\");", ""), &[]).exits(1);
    let (env, json) = look(&place);
    fs::write(place.on_host(1, ENV), env.replace("# heap", "# the heap")).expect("it is written");
    fs::write(place.on_host(1, JSON), json.replace("hush", "loud")).expect("it is written");
    place.krun(&["abort"]).exits(0);
    let (env, json) = look(&place);
    assert_eq!(env, ENV_BEFORE.replace("# heap", "# the heap") + "\r\n");
    let wanted: serde_json::Value = serde_json::from_str(&JSON_BEFORE.replace("hush", "loud")).expect("JSON");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).expect("JSON"), wanted);
}

#[test]
fn killed_anywhere_it_is_resumed_or_aborted() {
    let text = EDIT.replace("END", "");
    let killed = |n: u64| {
        let place = place();
        let path = place.file("own.rhai", &text);
        let mut command = place.command(&[&path, "--cluster", "sandbox"]);
        let ended = command.env("KRUN_KILL_AT", n.to_string()).output().expect("it starts");
        (place, ended.status.code().is_none())
    };
    for n in 3.. {
        let (place, was_killed) = killed(n);
        let is_over = fs::read_to_string(place.run_folder().join("journal.jsonl"))
            .is_ok_and(|text| text.contains("\"as\":\"done\""));
        if !was_killed || is_over {
            assert!(n > 12, "it was hardly killed at all");
            break;
        }
        place.krun(&["resume"]).exits(0);
        assert_eq!(look(&place), after(), "killed at {n}, resumed");
        // The last points lie behind the end of the step, which stays.
        let (place, _) = killed(n);
        place.krun(&["abort"]).exits(0);
        let found = look(&place);
        assert!(found == before() || (n > 15 && found == after()), "killed at {n}, aborted: {found:?}");
    }
}

#[test]
fn what_cannot_be_edited_is_refused_and_nothing_is_written() {
    let place = place();
    for (code, said) in [
        ("host.lines(\"/etc/kafka.env\").replace(\"no such line\", \"x\")", "NO_SUCH_LINE"),
        ("host.lines(\"/etc/kafka.env\").set(\"A=\", \"B=1\")", "INVALID_ARGUMENT"),
        ("host.lines(\"/etc/kafka.env\").set(\"two\\nlines\")", "INVALID_ARGUMENT"),
        ("host.lines(\"/etc/nothing\")", "NO_SUCH_FILE"),
        ("host.json(\"/etc/kafka.env\")", "MALFORMED_JSON"),
        ("host.json(\"/etc/exporter.json\").set(\"/port/x\", 1)", "NO_SUCH_PLACE"),
        ("host.json(\"/etc/exporter.json\").set(\"port\", 1)", "NO_SUCH_PLACE"),
        ("host.json(\"/etc/exporter.json\").set(\"/port\", || 1)", "NOT_PLAIN_DATA"),
    ] {
        let text = format!("let host = kafka::connect().host(1);\nstep(\"edit\", || {code});");
        place.own(&text, &[]).exits(1).says(&[said]);
        place.krun(&["abort"]).exits(0);
    }
    assert_eq!(look(&place), before());
}
