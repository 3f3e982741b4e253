//! Files with anything in them: what serde takes for JSON has no fault of JSON, everything else has one at least, each in its
//! place, and nothing ends krun.

use krun::inventory::{Unreadable, reassignment_file, state_file, topics_file};
use krun::plan::{Broker, BrokerState, State, Topic};
use proptest::prelude::*;

const WHOLE: [&str; 3] = [
    "{\"version\": 1,\n \"partitions\": [{\"topic\": \"a\", \"partition\": 0, \"replicas\": [1, 2], \"log_dirs\": [\"any\", \"any\"]}]}",
    "{\"topics\": [{\"topic\": \"a\"},\n {\"topic\": \"b\"}], \"version\": 1}",
    "{\"brokers\": [{\"id\": 1, \"rack\": null, \"state\": \"old\"}],\n\"topics\": [{\"name\": \"a\", \"replicas\": [[1]], \"bytes\": [-0.5e3]}]}",
];
const PIECES: [&str; 24] = [
    "{", "}", "[", "]", ",", ":", "\"", "'", "“", "”", "—", "//", "#", "/*", "\\", "\\u12", "\n", "\t", "\u{feff}",
    "null", "x", "07", "단", "\u{0}",
];

fn cluster() -> State {
    let brokers = vec![Broker::new(1, None, BrokerState::Old), Broker::new(2, None, BrokerState::New)];
    State { brokers, topics: vec![Topic::new("a", vec![vec![1]], vec![1])], ..State::default() }
}

/// A file with some pieces put in and some characters taken out.
fn soup() -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), prop::option::of(prop::sample::select(PIECES.to_vec())));
    (prop::sample::select(WHOLE.to_vec()), prop::collection::vec(edit, 0..6)).prop_map(|(whole, edits)| {
        let mut chars: Vec<String> = whole.chars().map(String::from).collect();
        for (at, piece) in edits {
            let at = at.index(chars.len());
            match piece {
                Some(piece) => chars.insert(at, piece.to_owned()),
                None => drop(chars.remove(at)),
            }
        }
        chars.concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn any_text_is_taken_or_explained(text in soup()) {
        let is_json = serde_json::from_str::<serde_json::Value>(&text).is_ok();
        let read = [
            state_file::read("f", text.clone()).err(),
            topics_file::read("f", text.clone(), &cluster()).err(),
            reassignment_file::read("f", text.clone(), &cluster()).err(),
        ];
        for refused in &read {
            let Some(Unreadable::Faulty(faulty)) = refused else {
                prop_assert!(is_json && refused.is_none(), "{:?}", text);
                continue;
            };
            prop_assert!(!faulty.faults.is_empty() && faulty.faults.len() <= 20);
            let syntax = faulty.faults.iter().any(|fault| fault.code == "INVALID_JSON");
            prop_assert_eq!(syntax, !is_json, "{:?}: {:?}", text, faulty.faults);
            for fault in &faulty.faults {
                prop_assert!(faulty.text.get(fault.span.clone()).is_some(), "{:?}", fault);
                prop_assert!(fault.hint.is_some() && !fault.message.is_empty());
                let (line, column) = faulty.line_column(fault.span.start);
                prop_assert!(line >= 1 && line <= text.matches('\n').count() + 1 && column >= 1);
            }
        }
    }
}
