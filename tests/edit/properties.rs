//! `.properties` files: what is in them, and that an edit leaves everything else as it is.

use krun::edit::properties::{Change, Duplicate, Properties, changes, is_secret};
use proptest::prelude::*;

fn parsed(text: &str) -> Properties {
    Properties::parse(text.as_bytes()).expect("well formed")
}

fn text(properties: &Properties) -> String {
    String::from_utf8(properties.bytes()).expect("ASCII")
}

fn pairs(text: &str) -> Vec<(String, String, usize)> {
    let owned = |entry: krun::edit::properties::Entry| (entry.key.to_owned(), entry.value.to_owned(), entry.line);
    parsed(text).entries().map(owned).collect()
}

fn one(text: &str) -> (String, String) {
    let mut found = pairs(text);
    assert_eq!(found.len(), 1, "{text}");
    let (key, value, _) = found.remove(0);
    (key, value)
}

/// The examples of the documentation of `java.util.Properties.load`.
#[test]
fn as_java_documents_it() {
    let beauty = ("Truth".to_owned(), "Beauty".to_owned());
    for text in ["Truth = Beauty", " Truth:Beauty", "Truth                    :Beauty", "Truth Beauty"] {
        assert_eq!(one(text), beauty, "{text}");
    }
    let fruits = "fruits                           apple, banana, pear, \\\n\
                  \t                                 cantaloupe, watermelon, \\\n\
                  \t                                 kiwi, mango";
    assert_eq!(one(fruits).1, "apple, banana, pear, cantaloupe, watermelon, kiwi, mango");
    assert_eq!(one("cheeses"), ("cheeses".to_owned(), String::new()));
    assert_eq!(one("\\:\\=").0, ":=");
}

#[test]
fn comments_blank_lines_and_places() {
    let text = "# one\n\n  ! two\r\na=1\rb = \\\n\n  # no comment: it goes on\nc=3\\\\\nd==x";
    let found = pairs(text);
    let wanted = [("a", "1", 4), ("b", "", 5), ("c", "3\\", 8), ("d", "=x", 9)];
    assert_eq!(found, wanted.map(|(key, value, number)| (key.to_owned(), value.to_owned(), number)));
}

#[test]
fn escapes_and_letters_of_latin_1() {
    assert_eq!(one("a=\\u00e9\\ud83d\\ude00\\t\\q\\\\"), ("a".to_owned(), "é😀\tq\\".to_owned()));
    assert_eq!(one("a b=c d ").1, "b=c d ", "blanks at the end belong to the value");
    assert_eq!(Properties::parse(b"a=\xe9").expect("well formed").get("a"), Some("é"));
    for text in ["a=1\nb=\\u12", "a=1\nb=\\uxyzw", "a=1\nb=\\u+123"] {
        assert_eq!(Properties::parse(text.as_bytes()).expect_err("malformed").line, 2, "{text}");
    }
}

const FILE: &str =
    "# Ours.\r\nbroker.id=1\r\nlog.dirs : /data/a,\\\r\n    /data/b\r\n\r\n#num.io.threads=8\r\nempty\r\nlisteners=";

#[test]
fn a_value_is_set_where_it_stands() {
    let mut file = parsed(FILE);
    assert!(!file.set("broker.id", "1"), "it is so already");
    assert_eq!(text(&file), FILE);
    assert!(
        file.set("broker.id", "2")
            && file.set("log.dirs", " /x")
            && file.set("empty", "no")
            && file.set("listeners", "a\\b")
    );
    assert_eq!(
        text(&file),
        "# Ours.\r\nbroker.id=2\r\nlog.dirs : \\ /x\r\n\r\n#num.io.threads=8\r\nempty=no\r\nlisteners=a\\\\b"
    );
    assert!(file.set("new one", "é"));
    assert!(text(&file).ends_with("\r\nlisteners=a\\\\b\r\nnew\\ one=\\u00e9\r\n"));
    assert!(file.remove("new one") && !file.remove("new one"));
}

#[test]
fn of_a_key_in_several_lines_the_last_one_counts() {
    let mut file = parsed("a=1\nb=2\na=3\n");
    assert_eq!(file.get("a"), Some("3"));
    assert_eq!(file.duplicates(), [Duplicate { key: "a".to_owned(), lines: vec![1, 3] }]);
    assert_eq!(file.keys(), ["a", "b"]);
    file.set("a", "4");
    assert_eq!(text(&file), "a=1\nb=2\na=4\n");
    file.remove("a");
    assert_eq!(text(&file), "b=2\n", "the first one does not come to life");
}

#[test]
fn a_backslash_at_the_end_of_the_file_takes_nothing_in() {
    for end in ["a=1\\", "a=1\\\n"] {
        let mut file = parsed(end);
        file.set("b", "2");
        let again = parsed(&text(&file));
        assert_eq!((again.get("a"), again.get("b")), (Some("1"), Some("2")), "{:?}", text(&file));
    }
}

#[test]
fn changes_are_told_without_secrets() {
    let before = parsed("a=1\nssl.key.password=x\nb=2\n");
    let mut after = before.clone();
    after.set("a", "5");
    after.set("ssl.key.password", "y");
    after.remove("b");
    after.set("listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config", "z");
    let change = |key: &str, before: Option<&str>, after: Option<&str>| Change {
        key: key.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    let jaas = "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config";
    let wanted = [
        change("a", Some("1"), Some("5")),
        change("ssl.key.password", Some("***"), Some("***")),
        change("b", Some("2"), None),
        change(jaas, None, Some("***")),
    ];
    assert_eq!(changes(&before, &after), wanted);
    assert!(!is_secret("ssl.keystore.location") && is_secret("password.encoder.old.secret"));
}

/// Text of what makes the syntax difficult.
pub(super) fn soup() -> impl Strategy<Value = Vec<u8>> {
    const ATOMS: [&str; 18] = [
        "a", "b", "key", "=", ":", " ", "\t", "\\", "\\\\", "\n", "\r\n", "\r", "#", "!", "\\u00e9", "\\n", "x y",
        "\u{c}",
    ];
    let atom = prop_oneof![
        20 => proptest::sample::select(&ATOMS[..]).prop_map(|atom| atom.as_bytes().to_vec()),
        1 => Just(b"\xe9".to_vec()),
        1 => Just(b"\\u12".to_vec()),
    ];
    proptest::collection::vec(atom, 0..40).prop_map(|atoms| atoms.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_that_is_not_changed_is_printed_as_it_was(bytes in soup()) {
        if let Ok(file) = Properties::parse(&bytes) {
            prop_assert_eq!(file.bytes(), bytes);
        }
    }

    /// What is set is read again, by the same file and from its bytes; every other key is as before, and so are the bytes of
    /// every other piece.
    #[test]
    fn what_is_set_is_read_and_nothing_else_changes(bytes in soup(), key in "[a-z =:#\\\\é]{1,4}", value in "[a-c =:#\\\\é\n😀]{0,6}") {
        let Ok(before) = Properties::parse(&bytes) else { return Ok(()) };
        let mut after = before.clone();
        after.set(&key, &value);
        let again = Properties::parse(&after.bytes()).expect("what krun writes is well formed");
        prop_assert_eq!(again.get(&key), Some(value.as_str()), "{:?}", String::from_utf8_lossy(&after.bytes()));
        // Java takes a lone backslash at the end of a file for a key without letters, and only there.
        for other in before.keys().into_iter().filter(|other| *other != key && !other.is_empty()) {
            prop_assert_eq!(before.get(other), again.get(other));
        }
        prop_assert!(again.keys().into_iter().all(|one| one == key || before.get(one).is_some()));
        let mut back = after.clone();
        match before.get(&key) {
            Some(value) => back.set(&key, value),
            None => back.remove(&key),
        };
        let back = Properties::parse(&back.bytes()).expect("well formed");
        prop_assert!(changes(&before, &back).iter().all(|change| change.key.is_empty()));
    }

    #[test]
    fn what_is_removed_is_gone(bytes in soup()) {
        let Ok(mut file) = Properties::parse(&bytes) else { return Ok(()) };
        for key in file.clone().keys() {
            prop_assert!(file.remove(key));
            let again = Properties::parse(&file.bytes()).expect("well formed");
            prop_assert_eq!(again.get(key), None);
            prop_assert_eq!(again.keys(), file.keys());
        }
    }
}
