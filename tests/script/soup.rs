//! Whatever stands in a file: the checker neither panics nor points outside the text, and what checks clean and fails when
//! run is told without a word of Rust.

use super::host::{self, RULES};
use krun::script::api::HostApi;
use krun::script::diagnostic::{self, Look};
use krun::script::failure;
use krun::script::problem::Problem;
use krun::script::runbook::check_text;
use krun::script::source::SourceMap;
use proptest::prelude::*;

const WORDS: &[&str] = &[
    "let",
    "const",
    "fn",
    "if",
    "else",
    "for",
    "in",
    "while",
    "import",
    "as",
    "throw",
    "try",
    "catch",
    "return",
    "switch",
    "x",
    "y",
    "PARAMS",
    "step",
    "temporarily",
    "wait_until",
    "param",
    "kafka::connect",
    "cluster",
    "brokers",
    "alter_configs",
    "exit",
    "eval",
    "default",
    "global",
    "std",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "#{",
    "|",
    "||",
    ";",
    ",",
    ".",
    "::",
    ":",
    "=",
    "==",
    "+",
    "-",
    "=>",
    "..",
    "`",
    "${",
    "\"",
    "'",
    "//!",
    "///",
    "/*",
    "\n",
    "\r\n",
    "1",
    "30s",
    "\"a\"",
    "`b ${x}`",
    "é",
    "\u{1f40b}",
    "\u{0}",
    "this",
    "_",
    "true",
    "()",
    "break",
    "$",
    "@",
    "#!",
];

/// Statements that are well formed, with values of any type in them.
const VALUES: &[&str] =
    &["1", "-1", "2.5", "\"é\"", "'c'", "true", "()", "[1, 2]", "[]", "#{ a: 1 }", "|x| x", "1..3", "kafka::connect()"];
const SHAPES: &[&str] = &[
    "A + B",
    "A - B",
    "A == B",
    "A < B",
    "-A",
    "!A",
    "A[B]",
    "A.a",
    "A.len",
    "A.brokers()",
    "A.call(B)",
    "A.push(B)",
    "A.map(B)",
    "for i in A { i }",
    "if A { 1 }",
    "step(A, B)",
    "A.alter_configs(B, #{})",
    "throw A",
    "A in B",
    "A ?? B",
    "switch A { 1 => B }",
    "let v = A; v.a = B; v",
    "let v = A; v[B] = 1; v",
    "let v = A; v += B; v",
    "const C = A; C.push(B)",
    "parse_int(A)",
    "A.id",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_words(words in prop::collection::vec(prop::sample::select(WORDS), 0..24)) {
        checked(&words.join(" "));
    }

    #[test]
    fn any_text(text in "\\PC{0,60}") {
        checked(&text);
    }

    #[test]
    fn any_values(shape in prop::sample::select(SHAPES), a in prop::sample::select(VALUES), b in prop::sample::select(VALUES)) {
        let text = format!("let a = {a}; let b = {b}; {}", shape.replace('A', "a").replace('B', "b"));
        let mut engine = host::engine();
        engine.on_progress(|count| (count > 100_000).then_some(rhai::Dynamic::UNIT));
        let Ok(ast) = engine.compile(&text) else { return Ok(()) };
        if let Err(error) = engine.eval_ast::<rhai::Dynamic>(&ast) {
            let sources = SourceMap::of_text("-e", &text);
            told(&failure::problem(&error, "-e", &sources, &HostApi::of(&engine)), &sources);
        }
    }
}

fn checked(text: &str) {
    if let Err(report) = check_text("-e", text, &host::engine(), &RULES) {
        for problem in &report.problems {
            told(problem, &report.sources);
        }
    }
}

fn told(problem: &Problem, sources: &SourceMap) {
    for label in &problem.labels {
        let text = sources.get(&label.file).expect("a file").text();
        assert!(text.get(label.span.clone()).is_some(), "{label:?} is not in {text:?}");
    }
    let drawn = diagnostic::render(problem, sources, Look { width: 80, colour: false });
    assert!(drawn.contains(&problem.code), "{drawn}");
    let said = format!("{} {}", problem.message, problem.hint.as_deref().unwrap_or_default());
    for word in ["alloc::", "&str", "i64", "f64", "ImmutableString", "EvalAlt", "Dynamic", "rhai::", "FnPtr", "anon$"] {
        assert!(!said.contains(word), "{word}: {said}");
    }
}
