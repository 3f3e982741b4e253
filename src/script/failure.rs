//! What went wrong in a running script: as an error for the journal, with its innermost true place, and as a problem with
//! one label for each frame.

use super::api::HostApi;
use super::caught;
use super::problem::{Label, Problem};
use super::source::{SourceFile, SourceMap, place};
use super::trail::{self, CallSite};
use super::type_words::word;
use super::wording;
use crate::bind::raised::Raised;
use crate::error::Error;
use crate::event::Place;
use rhai::{Dynamic, EvalAltResult, Map, Position};

/// The error as data: code, message and hint, as the journal keeps it and the screen shows it.
pub fn to_error(error: &EvalAltResult, api: &HostApi) -> Error {
    match innermost(error) {
        EvalAltResult::ErrorRuntime(value, _) => thrown(value, api),
        built_in => wording::built_in(built_in, api),
    }
}

/// Where the error was first raised. `start` is the file whose code was run: the runbook's name.
pub fn place_of(error: &EvalAltResult, start: &str, sources: &SourceMap) -> Option<Place> {
    let trail = trail::follow(error, start, sources);
    let raw = trail.origin.or_else(|| place(&trail.file, trail.position))?;
    // As the screen has it: a qualified name starts at its namespace.
    let shown = label_of_place(&raw, sources).map(|at| Place { file: at.file, line: at.line, column: at.column });
    Some(shown.unwrap_or(raw))
}

/// The error with a label where it was raised, and one for each call on the way there.
pub fn problem(error: &EvalAltResult, start: &str, sources: &SourceMap, api: &HostApi) -> Problem {
    let trail = trail::follow(error, start, sources);
    let mut problem = Problem::of(&to_error(error, api));
    problem.labels.extend(trail.origin.and_then(|place| label_of_place(&place, sources)));
    problem.labels.extend(label_at(&trail.file, trail.position, trail.what, sources));
    for call in trail.calls.iter().rev() {
        let what = if call.what == trail::PASSED { passed(call, sources, api) } else { call.what.clone() };
        problem.labels.extend(label_at(&call.file, call.position, &what, sources));
    }
    problem
}

/// The place of a call, for an error that is raised there. Inside a closure that another file called, Rhai claims that
/// other file: the right one is where the function's name stands.
pub fn place_of_call(claimed: &str, function: &str, position: Position, sources: &SourceMap) -> Option<Place> {
    let calls_it = |file: &&SourceFile| word_at(file, position).ends_with(function);
    let mut others = sources.files().filter(calls_it);
    let file = sources.get(claimed).filter(calls_it).or_else(|| others.next().filter(|_| others.next().is_none()));
    place(file.map_or(claimed, SourceFile::name), position)
}

/// A closure is called by what stands there: `step`, `map`.
fn passed(call: &CallSite, sources: &SourceMap, api: &HostApi) -> String {
    let name = sources.get(&call.file).map(|file| word_at(file, call.position)).unwrap_or_default();
    if name == "call" || api.arities("", name).is_empty() {
        return call.what.clone();
    }
    format!("in the closure of this `{name}`")
}

fn word_at(file: &SourceFile, position: Position) -> &str {
    file.text().get(file.span(position)).unwrap_or_default()
}

fn label_at(file: &str, position: Position, text: &str, sources: &SourceMap) -> Option<Label> {
    position.line()?;
    sources.get(file).map(|file| Label::at(file, position, text))
}

fn label_of_place(place: &Place, sources: &SourceMap) -> Option<Label> {
    sources.get(&place.file).map(|file| Label::over(file, file.span_of_place(place), "raised here"))
}

fn innermost(error: &EvalAltResult) -> &EvalAltResult {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) | EvalAltResult::ErrorInModule(_, inner, _) => {
            innermost(inner)
        }
        error => error,
    }
}

/// What a host function raised or a script threw: any value can be thrown.
fn thrown(value: &Dynamic, api: &HostApi) -> Error {
    if let Some(raised) = value.read_lock::<Raised>() {
        return raised.error.clone();
    }
    if let Some(map) = value.read_lock::<Map>() {
        return thrown_map(&map, api);
    }
    if value.is_unit() {
        return Error::new("THROWN", "the runbook gave up without saying why")
            .hint("say why: `throw \"…\"` or `fail(\"…\")`");
    }
    let text = value.is_string() || value.is_int() || value.is_bool() || value.is_float() || value.is_char();
    if text || value.is_array() {
        let text = value.to_string();
        let text = text.trim();
        return Error::new("THROWN", if text.is_empty() { "the runbook gave up without saying why" } else { text });
    }
    Error::new("THROWN", format!("a value of type {} was thrown", word(value.type_name())))
}

fn thrown_map(map: &Map, api: &HostApi) -> Error {
    if let Some(caught) = caught::read(map) {
        return wording::built_in(&caught.error, api);
    }
    let text =
        |key: &str| map.get(key).and_then(|value| value.clone().into_string().ok()).filter(|text| !text.is_empty());
    let message = text("message").unwrap_or_else(|| {
        let keys: Vec<&str> = map.keys().map(rhai::Identifier::as_str).collect();
        format!("a map without a `message` was thrown, with the keys: {}", keys.join(", "))
    });
    Error {
        code: text("code").unwrap_or_else(|| "THROWN".to_owned()),
        message,
        hint: text("hint"),
        retriable: map.get("retriable").is_some_and(|value| value.as_bool() == Ok(true)),
    }
}
