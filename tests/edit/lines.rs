//! Lines: what is set is there, and everything else is as it was, byte for byte.

use krun::edit::lines::{Ambiguous, Lines, Repeated};
use proptest::prelude::*;

fn text(lines: &Lines) -> String {
    String::from_utf8(lines.bytes()).expect("UTF-8")
}

#[test]
fn a_line_is_found_by_how_it_begins_or_as_a_whole() {
    let mut lines = Lines::parse(b"# heap\r\nHEAP=1g\r\n\r\nexport HEAP");
    assert_eq!(lines.set_starting("HEAP=", "HEAP=1g"), Ok(false));
    assert_eq!(lines.set_starting("HEAP=", "HEAP=4g"), Ok(true));
    assert_eq!(lines.set_starting("JMX=", "JMX=9999"), Ok(true));
    assert!(lines.add("ulimit -n 100000") && !lines.add("ulimit -n 100000") && lines.replace("# heap", "# the heap"));
    assert_eq!(text(&lines), "# the heap\r\nHEAP=4g\r\n\r\nexport HEAP\r\nJMX=9999\r\nulimit -n 100000\r\n");
    assert_eq!(lines.remove_starting("JMX="), Ok(true));
    assert!(lines.remove("export HEAP") && !lines.remove("export HEAP") && !lines.replace("export HEAP", "x"));
    assert_eq!(text(&lines), "# the heap\r\nHEAP=4g\r\n\r\nulimit -n 100000\r\n");
}

#[test]
fn which_of_several_lines_is_meant_is_not_guessed() {
    let mut lines = Lines::parse(b"a=1\nb\na=2\nb\n\n\n");
    assert_eq!(lines.set_starting("a=", "a=3"), Err(Ambiguous { lines: vec![1, 3] }));
    assert_eq!(lines.remove_starting("a="), Err(Ambiguous { lines: vec![1, 3] }));
    assert_eq!(lines.duplicates(), [Repeated { text: "b".to_owned(), lines: vec![2, 4] }]);
    assert_eq!(lines.starting("a="), ["a=1", "a=2"]);
}

#[test]
fn bytes_of_another_encoding_stay() {
    let mut lines = Lines::parse(b"caf\xe9\nx=1\n");
    assert_eq!(lines.set_starting("x=", "x=2"), Ok(true));
    assert_eq!(lines.bytes(), b"caf\xe9\nx=2\n");
    assert_eq!(lines.texts(), ["caf\u{fffd}", "x=2"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_that_is_not_changed_is_printed_as_it_was(bytes in "[a-c=\r\n é]{0,40}") {
        prop_assert_eq!(Lines::parse(bytes.as_bytes()).bytes(), bytes.as_bytes());
    }

    #[test]
    fn what_is_set_is_there_and_other_lines_are_as_before(
        bytes in "[a-c=\r\n ]{0,40}",
        start in "[a-c]=",
        rest in "[a-c ]{0,3}",
    ) {
        let before = Lines::parse(bytes.as_bytes());
        let (mut after, line) = (before.clone(), format!("{start}{rest}"));
        if after.set_starting(&start, &line).is_err() {
            prop_assert!(before.starting(&start).len() > 1 && after == before);
            return Ok(());
        }
        let again = Lines::parse(&after.bytes());
        prop_assert_eq!(again.starting(&start), [line.clone()]);
        let others = |lines: &Lines| -> Vec<String> {
            // A carriage return at the end of the file becomes half of a line break where another line follows.
            let texts = lines.texts().into_iter().filter(|text| !text.starts_with(&start));
            texts.map(|text| text.trim_end_matches('\r').to_owned()).collect()
        };
        prop_assert_eq!(others(&again), others(&before));
        let mut twice = after.clone();
        prop_assert_eq!(twice.set_starting(&start, &line), Ok(false));
        let back = match before.starting(&start).first() {
            Some(old) => after.set_starting(&start, old),
            None => after.remove_starting(&start),
        };
        prop_assert!(back.is_ok());
        prop_assert_eq!(after.texts(), before.texts());
    }
}
