//! The whole script API as the engine's metadata has it: a change of it is a change for everybody's runbooks.

use krun::bind;
use krun::script::api::{HostApi, HostFunction};
use krun::script::engine;
use rhai::Engine;
use std::collections::BTreeSet;

/// Words that Rhai keeps for itself: a function of such a name could not be called.
const RESERVED: &[&str] = &[
    "async",
    "await",
    "case",
    "default",
    "exit",
    "go",
    "goto",
    "is",
    "match",
    "module",
    "new",
    "null",
    "nil",
    "package",
    "public",
    "protected",
    "shared",
    "spawn",
    "static",
    "super",
    "sync",
    "thread",
    "use",
    "var",
    "void",
    "with",
    "yield",
];

#[test]
fn the_whole_api() {
    let api = HostApi::of(&engine::build(bind::register));
    let own = api.own().filter(|function| function.name != "exit");
    let own: BTreeSet<String> = own.map(reference).collect();
    for entry in &own {
        for rust in ["&", "i64", "Dynamic", "::Array", "ImmutableString", "EvalAlt", "NativeCallContext"] {
            assert!(!entry.contains(rust), "{entry} shows {rust}");
        }
    }
    insta::assert_snapshot!(own.into_iter().collect::<Vec<_>>().join("\n"));
}

fn reference(function: &HostFunction) -> String {
    let result = if function.result.is_empty() { String::new() } else { format!(" -> {}", function.result) };
    let doc = if function.doc.is_empty() { String::new() } else { format!("\n    {}", function.doc) };
    format!("{}{result}{doc}", function.signature())
}

/// A hint shows the signature: it must say what each argument is.
#[test]
fn whatever_is_called_is_described() {
    let api = HostApi::of(&engine::build(bind::register));
    let called = |function: &&HostFunction| {
        !function.name.contains('$') && !["exit", "to_string", "to_debug"].contains(&function.name.as_str())
    };
    for function in api.own().filter(called) {
        assert!(!function.doc.is_empty(), "{} says what it does", function.signature());
        let named = function.params.iter().all(|param| param.contains(": ") && !param.starts_with('_'));
        assert!(named && function.params.len() == function.arity, "{}: {:?}", function.signature(), function.params);
    }
}

#[test]
fn no_name_is_a_reserved_word() {
    let api = HostApi::of(&engine::build(bind::register));
    for function in api.own() {
        let name = function.name.trim_start_matches("get$").trim_start_matches("set$");
        assert!(name == "exit" || !RESERVED.contains(&name), "{}", function.signature());
    }
}

/// The parser itself is the judge: each name can be called.
#[test]
fn every_name_can_be_written() {
    let engine: Engine = engine::build(bind::register);
    let api = HostApi::of(&engine);
    for function in api.own() {
        let text = match function.name.strip_prefix("get$") {
            Some(field) => format!("let it = 1; it.{field}"),
            None if !function.namespace.is_empty() => {
                format!("{}::{}({})", function.namespace, function.name, vec!["1"; function.arity].join(", "))
            }
            None => format!("{}({})", function.name, vec!["1"; function.arity].join(", ")),
        };
        engine.compile(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}
