//! The files of kafka-reassign-partitions.sh: the handbook's own texts with all of their faults, and what a word processor,
//! a hurry or another cluster does to such files.

use krun::inventory::{Unreadable, file_text, reassignment_file, topics_file};
use krun::plan::{Broker, BrokerState, State, Topic};

const TOPICS: &str = include_str!("handbook/reassign-partitions-topic.json");
const MOVE: &str = include_str!("handbook/move.json");

/// The handbook's cluster: four brokers, the last one just added.
fn cluster() -> State {
    let brokers = (1..=4).map(|id| Broker::new(id, None, if id < 4 { BrokerState::Old } else { BrokerState::New }));
    let topics = vec![
        Topic::new("peter-scaleout1", vec![vec![1], vec![2], vec![3], vec![1]], vec![10, 20, 30, 40]),
        Topic::new("peter-scaleout2", vec![vec![1, 2], vec![2, 3]], vec![5; 2]),
        Topic::new("__consumer_offsets", vec![vec![1, 2, 3]], vec![1]),
        Topic::new("a", vec![vec![1, 2]], vec![7]),
    ];
    State { brokers: brokers.collect(), topics, ..State::default() }
}

/// `line:column what`, and the hint.
type Told = Vec<(String, String)>;

fn told(unreadable: &Unreadable) -> Told {
    let after_name = |message: &str| message.split_once(':').map_or("", |(_, rest)| rest).replacen(": ", " ", 1);
    let errors = unreadable.errors().into_iter();
    errors.map(|error| (after_name(&error.message), error.hint.expect("every fault has a hint"))).collect()
}

fn topics(text: &str) -> Result<Vec<String>, Told> {
    topics_file::read("topics.json", text.to_owned(), &cluster()).map_err(|unreadable| told(&unreadable))
}

fn moves(text: &str) -> Result<reassignment_file::GivenMoves, Told> {
    reassignment_file::read("move.json", text.to_owned(), &cluster()).map_err(|unreadable| told(&unreadable))
}

fn places(told: &Told) -> Vec<&str> {
    told.iter().map(|(message, _)| message.as_str()).collect()
}

#[test]
fn the_handbook_s_list_of_topics_has_all_of_its_faults_told() {
    let faults = topics(TOPICS).expect_err("faults");
    assert_eq!(
        places(&faults),
        [
            "1:57 JSON has no comments",
            "2:1 a second JSON text begins here",
            "2:70 `}` missing before `]`",
            "3:1 JSON has no comments",
        ]
    );
    assert_eq!(faults[0].1, "remove from `//` on");
    assert_eq!(faults[2].1, "the object opened at 2:43 is not closed: write `}` before `]`");

    let mut lines = TOPICS.lines();
    let (one, several) = (lines.next().expect("a line"), lines.next().expect("a line"));
    assert_eq!(places(&topics(one).expect_err("a comment")), ["1:57 JSON has no comments"]);
    assert_eq!(places(&topics(several).expect_err("a brace")), ["1:70 `}` missing before `]`"]);

    let one = one.split(" //").next().expect("the JSON");
    assert_eq!(topics(one), Ok(vec!["peter-scaleout1".to_owned()]));
    let several = several.replace("scaleout2\"]", "scaleout2\"}]");
    assert_eq!(topics(&several), Ok(vec!["peter-scaleout1".to_owned(), "peter-scaleout2".to_owned()]));
}

#[test]
fn the_handbook_s_move_json_has_five_commas_too_many_and_is_read_without_them() {
    let faults = moves(MOVE).expect_err("faults");
    let brace = "a comma before `}`";
    let wanted: Vec<String> = [8, 14, 20, 26].iter().map(|line| format!("{line}:25 {brace}")).collect();
    assert_eq!(places(&faults)[..4], wanted);
    assert_eq!(places(&faults)[4..], ["27:4 a comma before `]`"]);
    assert_eq!(faults[0].1, "remove the comma before `}`");

    let sound = MOVE.replace("],\n\t\t}", "]\n\t\t}").replace("},\n\t]", "}\n\t]");
    let given = moves(&sound).expect("moves");
    assert_eq!(given.named, 4);
    let changed: Vec<(i32, &[i32], &[i32])> =
        given.moves[0].partitions.iter().map(|p| (p.partition, &p.from[..], &p.to[..])).collect();
    assert_eq!(changed, [(0, &[1][..], &[2][..]), (1, &[2], &[3]), (2, &[3], &[4])], "the last one is there already");
    assert_eq!(given.moves[0].partitions[2].bytes, 30);
}

#[test]
fn what_a_word_processor_or_a_hurry_does_is_explained() {
    let good = r#"{"topics": [{"topic": "peter-scaleout1"}], "version": 1}"#;
    for (text, wanted, hint) in [
        (good.replace('"', "“"), "1:2 a text in typographic quotes", "word processor"),
        (good.replace("\"version\"", "“version”"), "1:44 a text in typographic quotes", "write `\"` on both sides"),
        (good.replace("1\"}", "1”}"), "1:23 a text in typographic quotes", "word processor"),
        (good.replace('"', "'"), "1:2 a text in single quotes", "double quotes"),
        (
            good.replace("peter-", "peter—"),
            "1:23 there is no topic \"peter—scaleout1\"",
            "did you mean \"peter-scaleout1\"? the name here has a dash",
        ),
        (good.replace("scaleout1", "scaleout1 "), "1:23 there is no topic \"peter-scaleout1 \"", "a space"),
        (good.replace(": 1}", ": –1}"), "1:55 `–1` is no number", "made `–` of a hyphen"),
        (format!("\u{feff}{good}"), "1:1 the file begins with a byte order mark", "without a byte order mark"),
        (good.replace("\"version\"", "version"), "1:44 the key `version` has no quotes", "write `\"version\"`"),
        (good.replace("\"version\": 1", "\"version\" 1"), "1:44 `:` missing after this key", "a colon"),
        (good.replace("], ", "] "), "1:41 `,` missing after this", "a comma"),
        (good.replace("], ", "],, "), "1:43 a comma with nothing before it", "remove the comma"),
        (good.replace(": 1}", ": }"), "1:44 the key \"version\" has no value", "remove the key"),
        (good.replace(": 1}", ": 01}"), "1:55 `01` is no number", "such as 12"),
        (good.replace(": 1}", ": 1]"), "1:56 `]` where `}` must stand", "the object opened at 1:1 is closed by `}`"),
        (format!("{good}}}"), "1:57 `}` closes nothing", "remove it"),
        (format!("{good},"), "1:57 a comma outside of the JSON", "remove the comma"),
        (format!("# topics\n{good}"), "1:1 JSON has no comments", "remove from `#` on"),
        (good.replace("], ", "], /* one */ "), "1:44 JSON has no comments", "`/*` to `*/`"),
        (good.replace("topics", "topcis"), "1:2 the file has an unknown key \"topcis\"", "did you mean \"topics\"?"),
        (good.replace("\"topic\"", "\"name\""), "1:13 topics[0] lacks \"topic\"", "write \"topic\""),
        (good.replace(": 1}", ": 2}"), "1:55 \"version\" is 2", "at most 1"),
        (
            good.replace("{\"topic\": \"peter-scaleout1\"}", "\"peter-scaleout1\""),
            "1:13 topics[0] is a text",
            "{\"topic\": \"peter-scaleout1\"}",
        ),
        (good.replace("{\"topic\": \"peter-scaleout1\"}", ""), "1:12 the list of topics is empty", "name one topic"),
        (good.replace("scaleout1", "scaleuot1"), "1:23 there is no topic", "did you mean \"peter-scaleout1\"?"),
        (
            good.replace("}]", "}, {\"topic\": \"peter-scaleout1\"}]"),
            "1:53 topic \"peter-scaleout1\" is there twice",
            "once",
        ),
        (r#"{"version":1,"partitions":[]}"#.to_owned(), "1:27 this is no list of topics", "--reassignment-json-file"),
        (
            good.replace("{\"topic\": \"peter-scaleout1\"}", "{\"topic\": \"a\", {\"topic\": \"peter-scaleout1\"}"),
            "1:26 `}` missing before `,`",
            "opened at 1:13",
        ),
        (
            good.replace('\n', "").replace("peter-scaleout1\"}", "peter-scaleout1}"),
            "1:23 this text is not closed",
            "write `\"`",
        ),
    ] {
        let faults = topics(&text).expect_err(&text);
        let found = faults.iter().find(|(message, _)| message.starts_with(wanted));
        let (_, hinted) = found.unwrap_or_else(|| panic!("`{wanted}` is not told of {text}: {faults:?}"));
        assert!(hinted.contains(hint), "{text}: {hinted}");
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok() || faults.len() < 8, "{text}: {faults:?}");
    }
    let tabs = good.replace(' ', "\t").replace("\t\"version\"", "\r\n\t\"version\"");
    assert_eq!(topics(&tabs), Ok(vec!["peter-scaleout1".to_owned()]), "tabs and Windows lines are fine");
}

#[test]
fn a_plan_that_does_not_fit_the_cluster_is_refused_entry_by_entry() {
    let entry = |entry: &str| format!("{{\"version\":1,\"partitions\":[\n{entry}]}}");
    for (text, wanted, hint) in [
        (
            entry(r#"{"topic":"ordres","partition":0,"replicas":[1]}"#),
            "2:10 there is no topic \"ordres\"",
            "the cluster has 4 topics",
        ),
        (
            entry(r#"{"topic":"a","partition":1,"replicas":[1]}"#),
            "2:26 topic \"a\" has no partition 1",
            "it has 1, the first is 0",
        ),
        (entry(r#"{"topic":"a","partition":-1,"replicas":[1]}"#), "2:26", "at least 0"),
        (
            entry(r#"{"topic":"a","partition":0,"replicas":[1,9]}"#),
            "2:42 there is no broker 9",
            "the brokers are 1, 2, 3, 4",
        ),
        (
            entry(r#"{"topic":"a","partition":0,"replicas":[3,3]}"#),
            "2:42 partition 0 of topic \"a\" has broker 3 twice",
            "once",
        ),
        (
            entry(r#"{"topic":"a","partition":0,"replicas":[]}"#),
            "2:39 partition 0 of topic \"a\" is to have no replicas",
            "one broker",
        ),
        (
            entry(
                "{\"topic\":\"a\",\"partition\":0,\"replicas\":[3]},\n{\"topic\":\"a\",\"partition\":0,\"replicas\":[4]}",
            ),
            "3:26 partition 0 of topic \"a\" is there twice",
            "keep one",
        ),
        (
            entry(r#"{"topic":"a","partition":0,"replicas":[3,4],"log_dirs":["any"]}"#),
            "2:56 partition 0 of topic \"a\" has 2 replicas and 1 log dirs",
            "leave \"log_dirs\" out",
        ),
        (
            entry(r#"{"topic":"a","partition":0,"replicas":[3],"log_dirs":["/data/1"]}"#),
            "2:55 partition 0 of topic \"a\" is to lie in the log dir \"/data/1\"",
            "krun does not choose log dirs",
        ),
        (
            entry(r#"{"topic":"a","partition":0,"replica":[3]}"#),
            "2:28 partitions[0] (topic \"a\") has an unknown key \"replica\"",
            "did you mean \"replicas\"?",
        ),
        (entry(r#"{"topic":"a","replicas":[3]}"#), "2:1 partitions[0] (topic \"a\") lacks \"partition\"", "write"),
        (
            entry(r#"{"topic":"a","partition":"0","replicas":[3]}"#),
            "2:26 \"partition\" of partitions[0] (topic \"a\") is a text",
            "whole",
        ),
        (
            entry(r#"{"topic":"a","partition":0,"replicas":["3"]}"#),
            "2:40 a replica of partitions[0] (topic \"a\") is a text",
            "whole",
        ),
        (entry(""), "1:27 the list of partitions is empty", "refuses it too"),
        (
            r#"{"version":1,"topics":[{"topic":"a"}]}"#.to_owned(),
            "1:23 this is no reassignment",
            "--topics-to-move-json-file",
        ),
        (r#"{"brokers":[],"topics":[]}"#.to_owned(), "1:", "--"),
        ("{\"version\":3,\"partitions\":[]}".to_owned(), "1:12 \"version\" is 3", "at most 1"),
    ] {
        let faults = moves(&text).expect_err(&text);
        let found = faults.iter().find(|(message, _)| message.starts_with(wanted));
        let (_, hinted) = found.unwrap_or_else(|| panic!("`{wanted}` is not told of {text}: {faults:?}"));
        assert!(hinted.contains(hint), "{text}: {hinted}");
    }
}

#[test]
fn syntax_keys_and_cluster_are_all_judged_at_once() {
    let text = "{\"version\":1,\"partitions\":[\n {\"topic\":\"ordres\",\"partition\":0,\"replicas\":[1],},\n \
        {\"topic\":\"a\",\"partition\":0,\"replica\":[1]},\n {\"topic\":\"a\",\"partition\":0,\"replicas\":[9]}\n]} // done\n";
    let faults = moves(text).expect_err("faults");
    assert_eq!(
        places(&faults),
        [
            "2:11 there is no topic \"ordres\"",
            "2:48 a comma before `}`",
            "3:29 partitions[1] (topic \"a\") has an unknown key \"replica\"",
            "4:41 there is no broker 9",
            "5:4 JSON has no comments",
        ]
    );
}

#[test]
fn at_most_twenty_faults_are_told_and_that_there_may_be_more() {
    let entries: Vec<String> =
        (0..50).map(|n| format!("{{\"topic\":\"none{n}\",\"partition\":0,\"replicas\":[1]}}")).collect();
    let text = format!("{{\"version\":1,\"partitions\":[{}]}}", entries.join(",\n"));
    let Err(Unreadable::Faulty(faulty)) = reassignment_file::read("move.json", text, &cluster()) else {
        panic!("fifty faults")
    };
    assert_eq!((faulty.faults.len(), faulty.more), (20, true));
}

#[test]
fn all_that_generate_prints_is_recognised() {
    let text = "Current partition replica assignment\n{\"version\":1,\"partitions\":[]}\n\n\
        Proposed partition reassignment configuration\n{\"version\":1,\"partitions\":[]}\n";
    let faults = moves(text).expect_err("two plans and their headings");
    assert_eq!(faults[0].0, "1:1 this line is no JSON");
    assert!(faults[0].1.contains("keep only the JSON below \"Proposed"), "{}", faults[0].1);
}

#[test]
fn any_bytes_are_refused_in_words_and_never_end_krun() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("move.json");
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain("{}".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for (bytes, why) in [
        (utf16, "UTF-16"),
        (vec![0x1f, 0x8b, 8, 0], "compressed"),
        (b"{\"topic\": \"caf\xe9\"}".to_vec(), "byte 0xe9 is no UTF-8"),
    ] {
        std::fs::write(&path, bytes).expect("written");
        let errors = file_text::of_file(&path).expect_err(why).errors();
        assert!(errors[0].message.contains(why), "{}", errors[0].message);
    }
    // Cut off, doubled, and with every piece left out: no such text is taken for a plan or ends the process.
    let deep = "[".repeat(100_000);
    assert!(places(&moves(&deep).expect_err("deep")).iter().any(|it| it.contains("nest deeper")));
    for at in 0..MOVE.len() {
        let (head, tail) = MOVE.split_at(at);
        moves(head).expect_err("a part");
        moves(tail.get(1..).unwrap_or_default()).expect_err("without its beginning");
        moves(&format!("{head}{}", tail.get(1..).unwrap_or_default())).expect_err("commas are left");
    }
}
