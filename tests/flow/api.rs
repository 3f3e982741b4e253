//! The whole script API as the engine's metadata has it: a change of it is a change for everybody's runbooks.

use krun::bind;
use krun::script::api::HostApi;
use krun::script::engine;
use rhai::Engine;
use std::collections::BTreeSet;

/// Words that Rhai keeps for itself: a function of such a name could not be called.
const RESERVED: &[&str] = &[
    "async", "await", "case", "default", "exit", "go", "goto", "is", "match", "module", "new", "null", "nil", "package",
    "public", "protected", "shared", "spawn", "static", "super", "sync", "thread", "use", "var", "void", "with", "yield",
];

fn own(api: &HostApi) -> BTreeSet<String> {
    let spaces = std::iter::once("").chain(api.namespaces().collect::<Vec<_>>());
    let all = spaces.flat_map(|space| api.functions(space).map(|function| (space, function)).collect::<Vec<_>>());
    all.filter(|(space, function)| !space.is_empty() || api.is_host(&function.name))
        .map(|(_, function)| function.signature())
        .collect()
}

#[test]
fn the_whole_api() {
    let standard = own(&HostApi::of(&engine::build(|_| ())));
    let api = HostApi::of(&engine::build(bind::register));
    let ours: Vec<String> = own(&api).into_iter().filter(|signature| !standard.contains(signature)).collect();
    for signature in &ours {
        for rust in ["&", "i64", "Dynamic", "::Array", "ImmutableString", "EvalAlt", "NativeCallContext"] {
            assert!(!signature.contains(rust), "{signature} shows {rust}");
        }
    }
    insta::assert_snapshot!(ours.join("\n"));
}

#[test]
fn no_name_is_a_reserved_word() {
    let api = HostApi::of(&engine::build(bind::register));
    for space in std::iter::once("").chain(api.namespaces()) {
        for function in api.functions(space).filter(|function| !space.is_empty() || api.is_host(&function.name)) {
            let name = function.name.trim_start_matches("get$").trim_start_matches("set$");
            assert!(name == "exit" || !RESERVED.contains(&name), "{}", function.signature());
        }
    }
}

/// The parser itself is the judge: each name can be called.
#[test]
fn every_name_can_be_written() {
    let engine: Engine = engine::build(bind::register);
    let api = HostApi::of(&engine);
    for function in api.functions("").filter(|function| api.is_host(&function.name)) {
        let text = match function.name.strip_prefix("get$") {
            Some(field) => format!("let it = 1; it.{field}"),
            None => format!("{}({})", function.name, vec!["1"; function.arity].join(", ")),
        };
        engine.compile(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}
