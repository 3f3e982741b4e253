//! What an operator gets wrong with `krun plan`: exit 2, a code, what was meant, and nothing on stdout.

use super::place::Place;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const STATE: &str = r#"{"brokers":[{"id":1},{"id":2},{"id":3,"state":"leaving"}],
"topics":[{"name":"orders","replicas":[[1,2],[3,1]],"bytes":[5,6]}]}"#;

#[test]
fn flags_that_do_not_go_together_or_do_not_exist() {
    let place = Place::without_sandbox();
    let state = place.file("state.json", STATE);
    for (words, said) in [
        (&["--bogus"][..], &["--bogus"][..]),
        (&["--drian", "1"], &["--drian", "--drain"]),
        (&["—drain", "1"], &["—drain", "write `--`, two plain hyphens"]),
        (&["--cluster", "sandbox"], &["both --cluster and the state file", "state.json", "one of the two"]),
        (&["--topics", "orders", "--topics-to-move-json-file", "t.json"], &["cannot be used with"]),
        (&["--reassignment-json-file", "m.json", "--drain", "1"], &["cannot be used with", "--drain"]),
        (&["--reassignment-json-file", "m.json", "--by", "bytes"], &["cannot be used with", "--by"]),
        (&["--write", "d", "--move", "f"], &["cannot be used with", "--move"]),
        (&["--tolerance", "5%"], &["--tolerance", "give --by bytes with it"]),
        (&["--by", "bytes", "--tolerance", "101%"], &["`101%` is no percentage"]),
        (&["--by", "size"], &["size", "counts", "bytes"]),
        (&["--order", "all"], &["one-topic", "across-topics"]),
        (&["--brokers", "1,two"], &["two"]),
        (&["--drain", ""], &["--drain"]),
        (&["--replace", "5"], &["`5` names no two brokers", "5=7"]),
        (&["--replication-factor", "0"], &["--replication-factor"]),
        (&["--max-bytes", "lots"], &["\"lots\" is no size"]),
        (&["--throttle", "20"], &["\"20\" is no rate", "\"/s\" is missing"]),
        (&["--at-once", "0"], &["--at-once"]),
        (&["extra.json"], &["extra.json"]),
    ] {
        for json in [&[][..], &["--json"]] {
            let ended = place.krun_without_flag(&[&["plan", "--state", &state], words, json].concat());
            ended.exits(2).says(&["krun: "]).says(said);
            assert_eq!(ended.stdout, "", "{ended}");
        }
    }
}

#[test]
fn files_that_cannot_be_read() {
    let place = Place::without_sandbox();
    let state = place.file("state.json", STATE);
    let folder = place.scratch().to_str().expect("plain").to_owned();
    let missing = format!("{folder}/nope.json");
    let plan = |words: &[&str]| place.krun_without_flag(&[&["plan"], words].concat());
    plan(&["--state", &missing]).exits(2).says(&["FILE_NOT_FOUND", "nope.json"]);
    plan(&["--state", &folder]).exits(2).says(&["CLUSTER_NOT_NAMED", "or give a state file: --state FILE"]);
    plan(&[]).exits(2).says(&["CLUSTER_NOT_NAMED", "--state FILE"]);
    for flag in ["--topics-to-move-json-file", "--reassignment-json-file"] {
        plan(&["--state", &state, flag, &missing]).exits(2).says(&["FILE_NOT_FOUND", "nope.json"]);
        plan(&["--state", &state, flag, &folder]).exits(2).says(&["FILE_UNREADABLE", "is a folder"]);
    }
    if !rustix::process::getuid().is_root() {
        fs::set_permissions(&state, fs::Permissions::from_mode(0o000)).expect("forbidden");
        plan(&["--state", &state]).exits(2).says(&["FILE_UNREADABLE", "check who may read it"]);
    }
    let broken = place.file("broken.json", "{\"brokers\": [{\"id\": 1,}],\n\"topics\": []");
    let ended = plan(&["--state", &broken, "--json"]);
    ended.exits(2).says(&["INVALID_JSON", "broken.json:1:22", "a comma before `}`", "the file ends too early"]);
    assert_eq!(ended.stdout, "", "{ended}");
    let long = format!("{{\"brokers\":[{}{{\"id\":\"x\"}}],\"topics\":[]}}", "{\"id\":1},".repeat(100));
    let long = place.file("long.json", &long);
    let ended = plan(&["--state", &long]);
    ended.exits(2).says(&["long.json:1:919: the id of brokers[100] is a text, at"]);
    assert!(ended.stderr.len() < 500, "a line of megabytes is not drawn: {ended}");
}

#[test]
fn what_the_state_does_not_have_or_does_not_allow() {
    let place = Place::without_sandbox();
    let state = place.file("state.json", STATE);
    for (words, said) in [
        (&["--topics", "ordres"][..], &["UNKNOWN_TOPIC_OR_PARTITION", "\"ordres\"", "did you mean \"orders\"?"][..]),
        (&["--exclude", "order"], &["no topic is named like `order`", "did you mean \"orders\"?"]),
        (&["--exclude", "ord(ers"], &["INVALID_REGEX", "ord(ers"]),
        (&["--brokers", "1,9"], &["UNKNOWN_BROKER", "there is no broker 9", "the brokers are 1, 2, 3"]),
        (&["--brokers", "1,1"], &["DUPLICATE_BROKER"]),
        (&["--brokers", "1,3"], &["BROKER_LEAVING", "broker 3 is leaving"]),
        (&["--brokers", "1"], &["INVALID_REPLICATION_FACTOR", "only 1 brokers"]),
        (&["--drain", "1,2"], &["EMPTY_TARGET"]),
        (&["--drain", "7"], &["UNKNOWN_BROKER", "there is no broker 7"]),
        (&["--replace", "1=3"], &["BROKER_LEAVING"]),
        (&["--replication-factor", "3"], &["INVALID_REPLICATION_FACTOR"]),
    ] {
        let ended = place.krun_without_flag(&[&["plan", "--state", &state, "--json"], words].concat());
        ended.exits(2).says(said).says(&["hint: "]);
        assert_eq!(ended.stdout, "", "{ended}");
    }
}

#[test]
fn a_result_that_cannot_be_written_is_an_error() {
    let place = Place::without_sandbox();
    let state = place.file("state.json", STATE);
    let mut command = place.without_flag(&["plan", "--state", &state, "--json"]);
    let full = fs::File::options().write(true).open("/dev/full").expect("there");
    let output = command.stdout(full).output().expect("krun starts");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("FILE_NOT_WRITTEN") && said.contains("stdout"), "{said}");
    place.krun_without_flag(&["plan", "--state", &state, "--write", &state]).exits(2).says(&["FILE_NOT_WRITTEN"]);
}
