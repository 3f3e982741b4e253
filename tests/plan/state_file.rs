//! State files: read as written, refused with the place, the broker and the topic, and large ones at once.

use krun::inventory::{Unreadable, state_file};
use krun::plan::{BrokerState, State};
use std::time::Instant;

fn read(text: &str) -> Result<State, Vec<(String, String)>> {
    state_file::read("state.json", text.to_owned()).map_err(|unreadable| {
        assert!(matches!(unreadable, Unreadable::Faulty(_)), "{unreadable:?}");
        unreadable.errors().into_iter().map(|error| (error.message, error.hint.unwrap_or_default())).collect()
    })
}

const WHOLE: &str = r#"{"version": 1, "cluster_id": "q1Sh-9_ISia_zwGINzRvyQ", "taken_at": "2026-03-14T02:58:13Z",
"brokers": [
  {"id": 1, "rack": "r1", "host": "a:9092", "log_dirs": [{"path": "/d", "total_bytes": 9, "usable_bytes": 7, "replicas": 2}]},
  {"id": 2, "rack": null, "state": "leaving"},
  {"id": 3, "state": "new", "registered": false}],
"topics": [
  {"name": "orders", "replicas": [[1, 2], [2, 1]], "bytes": [5, null], "configs": {"retention.ms": "1"}},
  {"name": "logs", "replicas": [[2]]}],
"intent": "drain"}"#;

#[test]
fn a_whole_file_is_read_and_written_again_as_it_was() {
    let state = read(WHOLE).expect("a state");
    assert_eq!(
        state.brokers.iter().map(|b| b.state).collect::<Vec<_>>(),
        [BrokerState::Old, BrokerState::Leaving, BrokerState::New]
    );
    assert_eq!(state.brokers[0].log_dirs[0].usable_bytes, Some(7));
    assert_eq!(state.brokers[0].more["host"], "a:9092");
    assert!(state.brokers[0].registered && !state.brokers[2].registered);
    assert_eq!(
        (state.topics[0].bytes_of(0), state.topics[0].bytes_of(1), state.topics[1].bytes_of(0)),
        (Some(5), None, None)
    );
    assert_eq!(state.topics[0].more["configs"]["retention.ms"], "1");
    assert_eq!(state.more["intent"], "drain", "what is not known is kept");

    let mut text = Vec::new();
    state_file::write(&state, &mut text).expect("written");
    let text = String::from_utf8(text).expect("UTF-8");
    assert_eq!(read(&text).expect("a state"), state);
    assert_eq!(text.lines().nth(1), Some("\"version\":1,"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("{\"name\":\"logs\"")), "a topic a line: {text}");
    let empty = r#"{"brokers":[],"topics":[]}"#;
    assert!(read(empty).expect("a state").topics.is_empty());
}

#[test]
fn what_is_wrong_has_its_place_and_names_what_it_is_about() {
    let broker = |broker: &str| format!("{{\"brokers\": [\n  {broker}],\n \"topics\": []}}");
    let topic = |topic: &str| format!("{{\"brokers\": [{{\"id\": 1}}],\n \"topics\": [\n  {topic}]}}");
    for (text, place, why, hint) in [
        (String::new(), "1:1", "the file is empty", "JSON"),
        ("\n  \n".to_owned(), "1:1", "nothing but spaces", "JSON"),
        ("brokers:\n  - id: 1\n".to_owned(), "1:1", "this is no JSON", "begins with `{`"),
        ("[]".to_owned(), "1:1", "the state is a list", "an object"),
        (r#"{"topics":[]}"#.to_owned(), "1:1", "the state lacks \"brokers\"", "write \"brokers\""),
        (r#"{"brokers": [], "topcis": []}"#.to_owned(), "1:1", "lacks \"topics\"", "is \"topcis\" meant?"),
        (r#"{"version": 1, "partitions": []}"#.to_owned(), "1:30", "no state file", "--reassignment-json-file"),
        (WHOLE.replace("\"version\": 1", "\"version\": 2"), "1:13", "of a newer version", "this krun reads version 1"),
        (WHOLE.replace("\"version\": 1", "\"version\": \"1\""), "1:13", "\"version\" is a text", "a whole number"),
        (WHOLE.replace("\"version\": 1", "\"version\": 0"), "1:13", "\"version\" is 0", "at least 1"),
        (broker(r#"{"id": "1"}"#), "2:10", "the id of brokers[0] is a text", "a whole number"),
        (broker(r#"{"id": -1}"#), "2:10", "the id of broker -1 is -1", "at least 0"),
        (broker(r#"{"id": 3000000000}"#), "2:10", "is 3000000000", "at most 2147483647"),
        (broker(r#"{"rack": "r1"}"#), "2:3", "brokers[0] lacks \"id\"", "write \"id\""),
        (
            broker(r#"{"id": 1, "state": "leavin"}"#),
            "2:22",
            "the state of broker 1 is \"leavin\"",
            "did you mean \"leaving\"?",
        ),
        (broker(r#"{"id": 1, "state": "gone"}"#), "2:22", "\"gone\"", "it is one of old, new, leaving"),
        (broker(r#"{"id": 1, "rack": 5}"#), "2:21", "the rack of broker 1 is a number", "a text"),
        (broker(r#"{"id": 1, "registered": "no"}"#), "2:27", "\"registered\" of broker 1", "true or false"),
        (
            broker(r#"{"id": 1, "log_dirs": [{"total_bytes": 1}]}"#),
            "2:26",
            "a log dir of broker 1 lacks \"path\"",
            "write",
        ),
        (broker(r#"{"id": 1, "id": 2}"#), "2:13", "has the key \"id\" twice", "keep one"),
        (topic(r#"{"replicas": [[1]]}"#), "3:3", "topics[0] lacks \"name\"", "write"),
        (
            topic(r#"{"name": "orders", "replcias": [[1]]}"#),
            "3:3",
            "topic \"orders\" lacks \"replicas\"",
            "\"replcias\"",
        ),
        (
            topic(r#"{"name": "orders", "replicas": [1]}"#),
            "3:35",
            "the replicas of partition 0 of topic \"orders\" is a number",
            "a list",
        ),
        (
            topic(r#"{"name": "o", "replicas": [[1], ["1"]]}"#),
            "3:36",
            "a replica of partition 1 of topic \"o\" is a text",
            "whole",
        ),
        (
            topic(r#"{"name": "orders", "replicas": [[1], [1]], "bytes": [5, -7]}"#),
            "3:59",
            "the size of partition 1 of topic \"orders\" is -7",
            "at least 0",
        ),
        (
            topic(r#"{"name": "o", "replicas": [[1]], "bytes": [1.5]}"#),
            "3:46",
            "partition 0 of topic \"o\" is 1.5",
            "whole",
        ),
        (topic(r#"{"name": "o", "replicas": [[1]], "bytes": ["5GB"]}"#), "3:46", "is a text", "a whole number"),
        (topic(r#"{"name": "o", "replicas": [[1]], "bytes": [1, 2]}"#), "3:45", "1 partitions and 2 sizes", "null"),
        (
            topic(r#"{"name": "o", "replicas": [[1]], "bytes": {}}"#),
            "3:45",
            "\"bytes\" of topic \"o\" is an object",
            "a list",
        ),
    ] {
        let faults = read(&text).expect_err(&text);
        let (message, hinted) = &faults[0];
        assert!(message.starts_with(&format!("state.json:{place}: ")) && message.contains(why), "{text}: {message}");
        assert!(hinted.contains(hint), "{text}: {hinted}");
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
    }
}

#[test]
fn every_fault_is_told_and_a_newer_version_alone() {
    let text = WHOLE.replace("\"leaving\"", "\"leavin\"").replace("[5, null]", "[-5, null]").replace("[[2]]", "[2]");
    let faults = read(&text).expect_err("three faults");
    let places: Vec<&str> =
        faults.iter().map(|(message, _)| &message[11..message.find(": ").expect("a place")]).collect();
    assert_eq!(places, ["4:36", "7:62", "8:33"]);
    let newer = text.replace("\"version\": 1", "\"version\": 7");
    assert_eq!(read(&newer).expect_err("newer").len(), 1, "what else it has is not for this krun to judge");
}

#[test]
fn a_file_that_was_cut_off_anywhere_is_refused_and_never_read_short() {
    for (end, _) in WHOLE.char_indices().skip(1) {
        let faults = read(&WHOLE[..end]).expect_err("a part");
        assert!(faults.iter().any(|(message, _)| message.contains("the file ends too early")), "{end}: {faults:?}");
    }
}

/// The size of the largest case: 1,000,000 partitions of three replicas.
#[test]
fn a_million_partitions_are_read_in_seconds() {
    let mut text = String::from("{\"brokers\":[");
    let brokers: Vec<String> =
        (1..=1050).map(|id| format!("{{\"id\":{id},\"rack\":\"r{}\",\"state\":\"old\"}}", id % 10)).collect();
    text.push_str(&brokers.join(","));
    text.push_str("],\"topics\":[");
    for topic in 0..10_000 {
        let lists: Vec<String> = (0..100).map(|p| format!("[{},{},{}]", p + 1, p + 300, p + 700)).collect();
        let sizes: Vec<String> = (0..100).map(|p| format!("{}", 1_000_000_007_u64 * (p + 1))).collect();
        let comma = if topic == 0 { "" } else { "," };
        text.push_str(&format!(
            "{comma}{{\"name\":\"t{topic:05}\",\"replicas\":[{}],\"bytes\":[{}]}}",
            lists.join(","),
            sizes.join(",")
        ));
    }
    text.push_str("]}");
    let begun = Instant::now();
    let state = state_file::read("large.json", text.clone()).expect("a state");
    // An unoptimised build on a machine with other work; `krun plan` itself takes a tenth of it.
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    assert_eq!(state.topics.iter().map(|topic| topic.replicas.len()).sum::<usize>(), 1_000_000);

    // The last size of all is wrong: its place is found in a line of megabytes.
    let end = text.len() - "]}]}".len();
    text.insert_str(end, ".5");
    let errors = state_file::read("large.json", text).expect_err("a fault").errors();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].message.contains("the size of partition 99 of topic \"t09999\""), "{}", errors[0].message);
}
