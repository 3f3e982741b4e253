//! What `catch (e)` makes of the language's own errors: a map with a text of Rhai's. Thrown again, it is read back here.

use crate::event::Place;
use rhai::{Dynamic, EvalAltResult, Map, Position};

/// The error and its place; none where the map is a script's own.
pub(super) struct Caught {
    pub(super) error: EvalAltResult,
    pub(super) place: Option<Place>,
}

pub(super) fn read(map: &Map) -> Option<Caught> {
    let text = |key: &str| map.get(key).and_then(|value| value.clone().into_string().ok());
    let is_built_in = text("error").is_some_and(|name| name.starts_with("Error"));
    let message = text("message").filter(|_| is_built_in)?;
    // One line an error, the innermost first, each with its file and position where Rhai knows them.
    let first = message.lines().next().unwrap_or_default();
    let number = |key: &str| map.get(key).and_then(|value| value.as_int().ok()).and_then(|n| usize::try_from(n).ok());
    let place = place_in(first, text("source"))
        .or_else(|| Some(Place { file: text("source")?, line: number("line")?, column: number("position")?.max(1) }));
    let said = first.split(" (line ").next().unwrap_or(first);
    let said = said.split(" @ '").next().unwrap_or(said);
    Some(Caught { error: error_of(said), place })
}

/// `… @ 'runbooks/a.rhai' (line 2, position 10)`.
fn place_in(line: &str, source: Option<String>) -> Option<Place> {
    let (before, at) = line.rsplit_once(" (line ")?;
    let (line, column) = at.strip_suffix(')')?.split_once(", position ")?;
    let named = before.rsplit_once(" @ '").and_then(|(_, file)| file.strip_suffix('\''));
    Some(Place { file: named.map(str::to_owned).or(source)?, line: line.parse().ok()?, column: column.parse().ok()? })
}

/// The error that Rhai describes with this text.
fn error_of(text: &str) -> EvalAltResult {
    let none = Position::NONE;
    let after = |start: &str| text.strip_prefix(start).map(str::to_owned);
    let words: Vec<&str> = text.split_whitespace().collect();
    let count = |word: &str| word.trim_end_matches(':').parse::<usize>().unwrap_or(0);
    if let Some(signature) = after("Function not found: ") {
        return EvalAltResult::ErrorFunctionNotFound(signature, none);
    }
    if let ["Array", "index", index, "out", "of", "bounds:", "only", size, ..] = words.as_slice() {
        return EvalAltResult::ErrorArrayBounds(count(size), index.parse().unwrap_or(0), none);
    }
    if let ["Array", "index", index, ..] = words.as_slice() {
        return EvalAltResult::ErrorArrayBounds(0, index.parse().unwrap_or(0), none);
    }
    if let ["String", "index", index, "out", "of", "bounds:", "only", size, ..] = words.as_slice() {
        return EvalAltResult::ErrorStringBounds(count(size), index.parse().unwrap_or(0), none);
    }
    if let Some((found, wanted)) =
        after("Data type incorrect: ").as_deref().and_then(|rest| rest.split_once(" (expecting "))
    {
        return EvalAltResult::ErrorMismatchDataType(wanted.trim_end_matches(')').to_owned(), found.to_owned(), none);
    }
    if let Some(name) = after("Property not found: ") {
        return EvalAltResult::ErrorPropertyNotFound(name, none);
    }
    if let Some(name) = after("Variable not found: ") {
        return EvalAltResult::ErrorVariableNotFound(name, none);
    }
    if let Some(name) = after("Module not found: ") {
        return EvalAltResult::ErrorModuleNotFound(name, none);
    }
    if let Some(name) = after("Cannot modify constant ") {
        return EvalAltResult::ErrorAssignmentToConstant(name, none);
    }
    if let Some(index) = after("Invalid index: ") {
        return EvalAltResult::ErrorIndexNotFound(Dynamic::from(index), none);
    }
    if let Some(of) = after("Indexer unavailable: ") {
        return EvalAltResult::ErrorIndexingType(of, none);
    }
    if let Some(what) = after("Data race detected on ") {
        return EvalAltResult::ErrorDataRace(what, none);
    }
    if text.starts_with("For loop expects") {
        return EvalAltResult::ErrorFor(none);
    }
    if text.contains("property '") {
        return EvalAltResult::ErrorDotExpr(text.to_owned(), none);
    }
    EvalAltResult::ErrorArithmetic(text.to_owned(), none)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_are_those_of_rhai() {
        let errors = [
            EvalAltResult::ErrorFunctionNotFound("f (i64)".into(), Position::NONE),
            EvalAltResult::ErrorArrayBounds(2, 7, Position::NONE),
            EvalAltResult::ErrorArrayBounds(1, -7, Position::NONE),
            EvalAltResult::ErrorArrayBounds(0, 7, Position::NONE),
            EvalAltResult::ErrorStringBounds(3, 9, Position::NONE),
            EvalAltResult::ErrorMismatchDataType("i64".into(), "string".into(), Position::NONE),
            EvalAltResult::ErrorPropertyNotFound("x".into(), Position::NONE),
            EvalAltResult::ErrorVariableNotFound("x".into(), Position::NONE),
            EvalAltResult::ErrorModuleNotFound("x".into(), Position::NONE),
            EvalAltResult::ErrorAssignmentToConstant("x".into(), Position::NONE),
            EvalAltResult::ErrorIndexNotFound(Dynamic::from("x"), Position::NONE),
            EvalAltResult::ErrorIndexingType("Cluster [i64]".into(), Position::NONE),
            EvalAltResult::ErrorDataRace("argument #1 of function 'map'".into(), Position::NONE),
            EvalAltResult::ErrorFor(Position::NONE),
            EvalAltResult::ErrorDotExpr(
                "Unknown property 'b' - a getter is not registered for type 'i64'".into(),
                Position::NONE,
            ),
            EvalAltResult::ErrorArithmetic("Division by zero: 1 / 0".into(), Position::NONE),
        ];
        for error in errors {
            assert_eq!(format!("{:?}", error_of(&error.to_string())), format!("{error:?}"));
        }
    }

    #[test]
    fn the_innermost_place_counts() {
        let line = "Array index 7 out of bounds: only 2 elements in array @ 'a.rhai' (line 2, position 10)";
        let place = Place { file: "a.rhai".into(), line: 2, column: 10 };
        assert_eq!(place_in(line, None), Some(place));
        assert_eq!(place_in("Division by zero", None), None);
    }
}
