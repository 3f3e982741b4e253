//! What went wrong in a running script: as an error for the journal, with its innermost true place, and as a problem with
//! one label for each frame.

use super::api::HostApi;
use super::problem::{Label, Problem};
use super::source::{SourceMap, place};
use super::trail::{self, Trail};
use super::type_words::word;
use super::wording;
use crate::bind::raised::Raised;
use crate::error::Error;
use crate::event::Place;
use rhai::{Dynamic, EvalAltResult, Map, ParseErrorType, Position};

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
    let raw = origin(&trail).or_else(|| place(&trail.file, trail.position))?;
    // As the screen has it: a qualified name starts at its namespace.
    let shown = label_of_place(&raw, sources).map(|at| Place { file: at.file, line: at.line, column: at.column });
    Some(shown.unwrap_or(raw))
}

/// The error with a label where it was raised, and one for each call on the way there.
pub fn problem(error: &EvalAltResult, start: &str, sources: &SourceMap, api: &HostApi) -> Problem {
    let trail = trail::follow(error, start, sources);
    let mut problem = Problem::of(&to_error(error, api));
    let (first, rest) = match origin(&trail) {
        Some(place) => (label_of_place(&place, sources), true),
        None => (None, false),
    };
    problem.labels.extend(first);
    let here = if rest && !problem.labels.is_empty() { "thrown again here" } else { what_happened(trail.error) };
    problem.labels.extend(label_at(&trail.file, trail.position, here, sources));
    for call in trail.calls.iter().rev() {
        let text = match &call.name {
            Some(name) => format!("in `{name}`, called here"),
            None => "on the way here".to_owned(),
        };
        problem.labels.extend(label_at(&call.file, call.position, &text, sources));
    }
    problem
}

/// The place that a thrown error carries, where it is not the place of the throw: it was caught and thrown again.
fn origin(trail: &Trail) -> Option<Place> {
    let EvalAltResult::ErrorRuntime(value, position) = trail.error else { return None };
    let carried = match value.read_lock::<Raised>() {
        Some(raised) => raised.place.clone(),
        None => value.read_lock::<Map>().and_then(|map| place_in(&map, &trail.file)),
    }?;
    let thrown_at = (position.line(), Some(position.position().unwrap_or(1)));
    (thrown_at != (Some(carried.line), Some(carried.column))).then_some(carried)
}

/// Rhai gives `catch (e)` a map with `line` and `position` for its own errors.
fn place_in(map: &Map, file: &str) -> Option<Place> {
    let number = |key: &str| map.get(key).and_then(|value| value.as_int().ok()).and_then(|n| usize::try_from(n).ok());
    built_in_name(map)?;
    let source = map.get("source").and_then(|source| source.clone().into_string().ok());
    Some(Place { file: source.unwrap_or_else(|| file.to_owned()), line: number("line")?, column: number("position")?.max(1) })
}

fn label_at(file: &str, position: Position, text: &str, sources: &SourceMap) -> Option<Label> {
    position.line()?;
    sources.get(file).map(|file| Label::at(file, position, text))
}

fn label_of_place(place: &Place, sources: &SourceMap) -> Option<Label> {
    sources.get(&place.file).map(|file| Label::over(file, file.span_of_place(place), "raised here"))
}

fn what_happened(error: &EvalAltResult) -> &'static str {
    match error {
        EvalAltResult::ErrorRuntime(value, _) if value.read_lock::<Raised>().is_some() => "raised here",
        EvalAltResult::ErrorRuntime(..) => "thrown here",
        EvalAltResult::ErrorTerminated(..) => "stopped here",
        _ => "here",
    }
}

fn innermost(error: &EvalAltResult) -> &EvalAltResult {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) | EvalAltResult::ErrorInModule(_, inner, _) => innermost(inner),
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
        return Error::new("THROWN", "the runbook gave up without saying why").hint("say why: `throw \"…\"` or `fail(\"…\")`");
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
    if let Some(error) = built_in_name(map).and_then(|name| rebuilt(&name, map)) {
        return wording::built_in(&error, api);
    }
    let text = |key: &str| map.get(key).and_then(|value| value.clone().into_string().ok()).filter(|text| !text.is_empty());
    let code = text("code").filter(|_| built_in_name(map).is_none()).unwrap_or_else(|| "THROWN".to_owned());
    let message = text("message").unwrap_or_else(|| {
        let keys: Vec<&str> = map.keys().map(rhai::Identifier::as_str).collect();
        format!("a map without a `message` was thrown, with the keys: {}", keys.join(", "))
    });
    Error {
        code,
        message: super::type_words::cleaned(&message),
        hint: text("hint"),
        retriable: map.get("retriable").is_some_and(|value| value.as_bool() == Ok(true)),
    }
}

/// `ErrorFunctionNotFound` where the map is what `catch` made of one of Rhai's own errors.
fn built_in_name(map: &Map) -> Option<String> {
    let name = map.get("error")?.clone().into_string().ok()?;
    (name.starts_with("Error") && map.contains_key("message")).then_some(name)
}

/// The error that such a map was made of; none for the kinds that say no more than their name and text.
fn rebuilt(name: &str, map: &Map) -> Option<EvalAltResult> {
    let text = |key: &str| map.get(key).and_then(|value| value.clone().into_string().ok());
    let number = |key: &str| map.get(key).and_then(|value| value.as_int().ok());
    let size = || number("length").and_then(|length| usize::try_from(length).ok());
    let none = Position::NONE;
    let message = text("message").unwrap_or_default();
    Some(match name {
        "ErrorFunctionNotFound" => EvalAltResult::ErrorFunctionNotFound(text("function")?, none),
        "ErrorMismatchDataType" => EvalAltResult::ErrorMismatchDataType(text("requested")?, text("actual")?, none),
        "ErrorArrayBounds" => EvalAltResult::ErrorArrayBounds(size()?, number("index")?, none),
        "ErrorStringBounds" => EvalAltResult::ErrorStringBounds(size()?, number("index")?, none),
        "ErrorPropertyNotFound" => EvalAltResult::ErrorPropertyNotFound(text("variable")?, none),
        "ErrorVariableNotFound" => EvalAltResult::ErrorVariableNotFound(text("variable")?, none),
        "ErrorDotExpr" => EvalAltResult::ErrorDotExpr(text("property")?, none),
        "ErrorIndexNotFound" => EvalAltResult::ErrorIndexNotFound(map.get("index")?.clone(), none),
        "ErrorIndexingType" => EvalAltResult::ErrorIndexingType(text("type")?, none),
        "ErrorModuleNotFound" => EvalAltResult::ErrorModuleNotFound(text("module")?, none),
        "ErrorDataRace" => EvalAltResult::ErrorDataRace(text("variable")?, none),
        "ErrorAssignmentToConstant" => EvalAltResult::ErrorAssignmentToConstant(text("variable")?, none),
        "ErrorArithmetic" => EvalAltResult::ErrorArithmetic(message, none),
        "ErrorFor" => EvalAltResult::ErrorFor(none),
        "ErrorParsing" => EvalAltResult::ErrorParsing(ParseErrorType::UnexpectedEOF, none),
        _ => return None,
    })
}
