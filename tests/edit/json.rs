//! JSON: what is set is read, and everything else is as it was, byte for byte.

use krun::edit::json::{Duplicate, Json};
use proptest::prelude::*;
use serde_json::{Value, json};

fn parsed(text: &str) -> Json {
    Json::parse(text.as_bytes()).expect("well formed")
}

fn text(json: &Json) -> String {
    String::from_utf8(json.bytes()).expect("UTF-8")
}

fn set(text_before: &str, pointer: &str, value: &Value) -> String {
    let mut json = parsed(text_before);
    json.set(pointer, value).expect("it can be set");
    text(&json)
}

fn removed(text_before: &str, pointer: &str) -> String {
    let mut json = parsed(text_before);
    assert!(json.remove(pointer), "{pointer}");
    text(&json)
}

const FILE: &str = "{\r\n\t\"a\" : 1.10,\r\n\t\"list\": [1, 2 ,3],\r\n\t\"o\": {}\r\n}\r\n";

#[test]
fn a_value_is_set_where_it_stands_and_the_rest_stays() {
    assert_eq!(set(FILE, "/a", &json!(1.1)), FILE, "it is so already");
    assert_eq!(set(FILE, "/a", &json!("é\"")), FILE.replace("1.10", "\"é\\\"\""));
    assert_eq!(set(FILE, "/list/1", &json!(null)), FILE.replace("2 ,", "null ,"));
    assert_eq!(set(FILE, "/list/3", &json!(4)), FILE.replace(",3]", ",3,4]"));
    assert_eq!(set(FILE, "/new", &json!(true)), FILE.replace("{}", "{},\r\n\t\"new\": true"));
    let nested = "{\r\n\t\t\"x\": {\r\n\t\t\t\"y\": [\r\n\t\t\t\t1\r\n\t\t\t]\r\n\t\t}\r\n\t}";
    assert_eq!(set(FILE, "/o/x/y", &json!([1])), FILE.replace("{}", nested));
}

#[test]
fn what_is_in_one_line_stays_in_one_line() {
    assert_eq!(set("{\"a\":1}", "/b/c", &json!([1, 2])), "{\"a\":1,\"b\":{\"c\":[1,2]}}");
    assert_eq!(set("{ \"a\": 1 }\n", "/b", &json!({ "c": [] })), "{ \"a\": 1, \"b\": {\"c\": []} }\n");
    assert_eq!(set("\u{feff}[]", "/0", &json!(1)), "\u{feff}[1]");
    assert_eq!(set("1", "", &json!(2)), "2");
}

#[test]
fn what_is_removed_takes_its_comma_along() {
    assert_eq!(removed(FILE, "/o"), FILE.replace(",\r\n\t\"o\": {}", ""));
    assert_eq!(removed(FILE, "/a"), FILE.replace("\"a\" : 1.10,\r\n\t", ""));
    assert_eq!(removed(FILE, "/list/0"), FILE.replace("1, 2", "2"));
    assert_eq!(removed("{ \"a\": 1 }", "/a"), "{}");
    assert!(!parsed(FILE).remove("/nothing/there") && !parsed(FILE).remove("/list/7"));
}

#[test]
fn of_a_key_that_is_there_several_times_the_last_one_counts() {
    let twice = "{\"a\": 1,\n \"b/c\": [{\"x\": 1, \"x\": 2}],\n \"a\": 3}";
    let file = parsed(twice);
    assert_eq!((file.get("/a"), file.get("/b~1c/0/x")), (Some(json!(3)), Some(json!(2))));
    let wanted = [("/a", vec![1, 3]), ("/b~1c/0/x", vec![2, 2])];
    let wanted = wanted.map(|(pointer, lines)| Duplicate { pointer: pointer.to_owned(), lines });
    assert_eq!(file.duplicates(), wanted);
    assert_eq!(set(twice, "/a", &json!(4)), twice.replace("\"a\": 3", "\"a\": 4"));
    assert_eq!(parsed(&removed(twice, "/a")).get("/a"), None, "the first one does not come to life");
}

#[test]
fn what_cannot_be_is_refused() {
    let wrong = [("/list/9", "a list of 3 items"), ("/a/b", "neither an object nor a list"), ("a", "begins with `/`")];
    for (pointer, why) in wrong {
        let mut file = parsed(FILE);
        let refused = file.set(pointer, &json!(1)).expect_err("it cannot be set");
        assert!(refused.0.contains(why) && text(&file) == FILE, "{pointer}: {refused}");
    }
    for text in ["", "{", "{\"a\": 1,}", "// no\n{}", "{} {}"] {
        assert!(Json::parse(text.as_bytes()).is_err(), "{text}");
    }
    assert!(Json::parse(b"\xff\xfe{\0}\0").is_err());
}

/// JSON in all kinds of layouts.
fn soup() -> impl Strategy<Value = String> {
    const LEAVES: [&str; 7] = ["1", "-0.50e3", "null", "true", "\"\"", "\"é\\u00e9\\n\"", "\"}],:\\\"\""];
    let space = proptest::sample::select(&["", " ", "\n  ", "\r\n\t"][..]);
    let leaf = proptest::sample::select(&LEAVES[..]).prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let keys = proptest::sample::select(&["a", "b", "c/d", "~", ""][..]);
        let list = (proptest::collection::vec(inner.clone(), 0..4), space.clone(), space.clone());
        let object = (proptest::collection::vec((keys, inner), 0..4), space.clone(), space.clone());
        prop_oneof![
            list.prop_map(|(items, before, after)| {
                let items: Vec<String> = items.iter().map(|item| format!("{before}{item}{after}")).collect();
                format!("[{}{before}]", items.join(","))
            }),
            object.prop_map(|(items, before, after)| {
                let item = |(key, item): &(&str, String)| format!("{before}\"{key}\"{after}:{before}{item}{after}");
                format!("{{{}{after}}}", items.iter().map(item).collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                pointers(item, &format!("{at}/{number}"), all);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                pointers(member, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        _ => {}
    }
}

fn all_pointers(value: &Value) -> Vec<String> {
    let mut all = Vec::new();
    pointers(value, "", &mut all);
    all
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_is_read_as_serde_does_and_printed_as_it_was(text in soup()) {
        let (file, value) = (parsed(&text), serde_json::from_str::<Value>(&text).expect("JSON"));
        prop_assert_eq!(file.bytes(), text.as_bytes());
        for pointer in all_pointers(&value) {
            prop_assert_eq!(file.get(&pointer), value.pointer(&pointer).cloned(), "{}", pointer);
        }
    }

    /// As serde's own value would be changed; and only bytes of the value at the pointer.
    #[test]
    fn what_is_set_is_read_and_nothing_else_changes(
        text in soup(),
        at in any::<prop::sample::Index>(),
        mark in 1000u32..2000,
    ) {
        let mut wanted: Value = serde_json::from_str(&text).expect("JSON");
        let all = all_pointers(&wanted);
        let pointer = &all[at.index(all.len())];
        let (mut file, new) = (parsed(&text), json!(format!("new {mark}")));
        file.set(pointer, &new).expect("it is there");
        *wanted.pointer_mut(pointer).expect("it is there") = new.clone();
        let after = String::from_utf8(file.bytes()).expect("UTF-8");
        prop_assert_eq!(serde_json::from_str::<Value>(&after).expect("still JSON"), wanted);
        let (before_it, behind_it) = after.split_once(&new.to_string()).expect("it is written");
        prop_assert!(text.starts_with(before_it) && text.ends_with(behind_it), "{:?} → {:?}", text, after);
    }

    #[test]
    fn a_new_key_is_there_and_removed_all_is_as_before(
        text in soup(),
        at in any::<prop::sample::Index>(),
        new in soup(),
    ) {
        let value: Value = serde_json::from_str(&text).expect("JSON");
        let new: Value = serde_json::from_str(&new).expect("JSON");
        let mut all = all_pointers(&value);
        all.retain(|pointer| value.pointer(pointer).is_some_and(Value::is_object));
        if all.is_empty() {
            return Ok(());
        }
        let pointer = format!("{}/new", all[at.index(all.len())]);
        let mut file = parsed(&text);
        prop_assert_eq!(file.set(&pointer, &new), Ok(true));
        prop_assert_eq!(parsed(&String::from_utf8(file.bytes()).expect("UTF-8")).get(&pointer), Some(new));
        prop_assert!(file.remove(&pointer));
        prop_assert_eq!(serde_json::from_slice::<Value>(&file.bytes()).expect("JSON"), value);
    }
}
