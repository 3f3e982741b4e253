//! Every kind of runtime error in an operator's words: a code, what was wrong, what to do. Never a Rust type's name.

use super::api::{HostApi, arity_words, listed};
use super::trail::is_closure;
use super::type_words::{Described, cleaned, described, with_article, word};
use crate::error::Error;
use crate::suggestion::did_you_mean_name;
use rhai::EvalAltResult;

/// The built-in errors of the language. Errors that a host function or a `throw` raised are told by
/// [`failure`](super::failure).
pub(super) fn built_in(error: &EvalAltResult, api: &HostApi) -> Error {
    data(error, api).or_else(|| indexing(error)).or_else(|| naming(error)).unwrap_or_else(|| limits(error))
}

/// Wrong functions, types, arithmetic.
fn data(error: &EvalAltResult, api: &HostApi) -> Option<Error> {
    Some(match error {
        EvalAltResult::ErrorFunctionNotFound(signature, _) => not_found(&described(signature), api),
        EvalAltResult::ErrorMismatchDataType(wanted, found, _)
        | EvalAltResult::ErrorMismatchOutputType(wanted, found, _) => {
            Error::new("SCRIPT_TYPE", mismatch(wanted, found))
        }
        EvalAltResult::ErrorDotExpr(text, _) => field(text, api),
        EvalAltResult::ErrorArithmetic(text, _) => arithmetic(text),
        EvalAltResult::ErrorFor(_) => Error::new("SCRIPT_TYPE", "a `for` cannot go through this value")
            .hint("it goes through arrays, ranges such as `1..=3`, maps' `.keys()` and `.values()`, and strings"),
        EvalAltResult::ErrorUnboundThis(_) => Error::new("SCRIPT_TYPE", "`this` is nothing here")
            .hint("`this` is the value before the dot, in a function that is called as a method"),
        _ => return None,
    })
}

fn mismatch(wanted: &str, found: &str) -> String {
    match (wanted.trim(), found.trim()) {
        (wanted, "") => format!("{} is needed here", with_article(&word(wanted))),
        ("", found) => format!("{} cannot be used here", with_article(&word(found))),
        (wanted, found) => {
            format!("{} is needed here, not {}", with_article(&word(wanted)), with_article(&word(found)))
        }
    }
}

fn not_found(call: &Described, api: &HostApi) -> Error {
    let (namespace, name) = call.name.rsplit_once("::").unwrap_or(("", &call.name));
    if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return operator(name, &call.args);
    }
    if is_closure(name) {
        return Error::new("SCRIPT_ARGUMENTS", "the closure takes another number of values than it is called with")
            .hint("count what stands between its bars: `|a, b|` takes two");
    }
    if let Some(field) = name.strip_prefix("get$").or_else(|| name.strip_prefix("set$")) {
        return Error::new("SCRIPT_FIELD", format!("there is no field `{field}` here"));
    }
    if name.starts_with("index$") {
        let of = call.args.first().map_or_else(|| "this value".to_owned(), |of| with_article(of));
        return Error::new("SCRIPT_TYPE", format!("{of} has no elements to take with `[…]`"));
    }
    let arities = api.arities(namespace, name);
    if arities.is_empty() {
        let unknown = Error::new(
            "SCRIPT_UNKNOWN_FUNCTION",
            format!("there is no function `{}` for {}", call.name, listed(&call.args)),
        );
        return match api.function_like(namespace, name) {
            Some(hint) => unknown.hint(hint),
            None => unknown.hint("`krun docs` lists what a runbook can call"),
        };
    }
    if let [of] = call.args.as_slice()
        && api.fields_of(of).contains(&name)
    {
        return Error::new("SCRIPT_ARGUMENTS", format!("`{name}` of {} is a field", with_article(of)))
            .hint(format!("write `.{name}`: what has parentheses asks the cluster"));
    }
    let receiver = call.args.first().filter(|receiver| namespace.is_empty() && api.is_of_others(name, receiver));
    let message = if let Some(receiver) = receiver {
        format!("{} has no `{name}`", with_article(receiver))
    } else if arities.contains(&call.args.len()) {
        format!("`{}` cannot be called with {}", call.name, listed(&call.args))
    } else {
        format!("`{}` takes {}, not {}", call.name, arity_words(&arities), call.args.len())
    };
    Error::new("SCRIPT_ARGUMENTS", message).hint(format!("it is {}", api.signatures(namespace, name)))
}

fn operator(name: &str, args: &[String]) -> Error {
    let message = match args {
        [one] => format!("`{name}` cannot be used on {}", with_article(one)),
        [left, right] => {
            format!("`{name}` cannot be used between {} and {}", with_article(left), with_article(right))
        }
        _ => format!("`{name}` cannot be used here"),
    };
    let error = Error::new("SCRIPT_TYPE", message);
    match args {
        [left, right] if name == "+" && (left == "string" || right == "string") => {
            error.hint("to put values into a text, write `text ${value}` between backticks")
        }
        _ => error,
    }
}

/// Rhai's texts: `Unknown property 'b' - a getter is not registered for type 'i64'`.
fn field(text: &str, api: &HostApi) -> Error {
    let mut quoted = text.split('\'').skip(1).step_by(2);
    let (Some(name), Some(of)) = (quoted.next(), quoted.next()) else {
        return Error::new(
            "SCRIPT_FIELD",
            if text.is_empty() { "nothing can follow this dot".to_owned() } else { lower(&cleaned(text)) },
        );
    };
    if text.starts_with("Unknown property") || text.starts_with("Non-readable") {
        let error = Error::new("SCRIPT_FIELD", format!("{} has no field `{name}`", with_article(&word(of))));
        if !api.arities("", name).is_empty() {
            return error.hint(format!("a call needs its parentheses: `.{name}()`"));
        }
        let fields = api.fields_of(&word(of));
        let all = || (!fields.is_empty()).then(|| format!("it has {}", fields.join(", ")));
        return match did_you_mean_name(name, fields.iter().copied()).or_else(all) {
            Some(hint) => error.hint(hint),
            None => error,
        };
    }
    Error::new("SCRIPT_FIELD", format!("the field `{name}` of {} cannot be set", with_article(&word(of))))
        .hint("fields are a snapshot; what changes the cluster is a call, such as `alter_configs`")
}

fn arithmetic(text: &str) -> Error {
    let message = if text.is_empty() { "this cannot be calculated".to_owned() } else { lower(&cleaned(text)) };
    if let Some(number) = text.strip_prefix("Error parsing ").and_then(|rest| rest.split('\'').nth(1)) {
        return Error::new("SCRIPT_NUMBER", format!("`{number}` is no number"));
    }
    let error = Error::new("SCRIPT_ARITHMETIC", message);
    if text.contains("overflow") {
        return error.hint("whole numbers go from -9223372036854775808 to 9223372036854775807");
    }
    error
}

/// Wrong elements.
fn indexing(error: &EvalAltResult) -> Option<Error> {
    Some(match error {
        EvalAltResult::ErrorArrayBounds(size, index, _) => bounds("array", "element", *size, *index),
        EvalAltResult::ErrorStringBounds(size, index, _) => bounds("string", "character", *size, *index),
        EvalAltResult::ErrorBitFieldBounds(size, index, _) => bounds("bit field", "bit", *size, *index),
        EvalAltResult::ErrorIndexNotFound(index, _) => {
            Error::new("SCRIPT_INDEX", format!("there is no element {index} here"))
        }
        EvalAltResult::ErrorPropertyNotFound(name, _) => {
            Error::new("SCRIPT_KEY", format!("the map has no key `{name}`"))
                .hint(format!("ask first: `if \"{name}\" in map {{ … }}`"))
        }
        EvalAltResult::ErrorIndexingType(text, _) => {
            let of = text.split(" [").next().unwrap_or(text);
            Error::new("SCRIPT_TYPE", format!("{} has no elements to take with `[…]`", with_article(&word(of))))
        }
        _ => return None,
    })
}

fn bounds(whole: &str, part: &str, size: usize, index: i64) -> Error {
    let message = match size {
        0 => format!("the {whole} is empty: there is no {part} {index}"),
        1 => format!("there is no {part} {index}: the {whole} has one"),
        _ => format!("there is no {part} {index}: the {whole} has {size}"),
    };
    let error = Error::new("SCRIPT_INDEX", message);
    match size {
        0 => error,
        1 => error.hint("the first is 0"),
        _ => error.hint(format!("the first is 0, the last is {} or -1", size - 1)),
    }
}

/// Wrong names of variables and modules.
fn naming(error: &EvalAltResult) -> Option<Error> {
    Some(match error {
        EvalAltResult::ErrorVariableNotFound(name, _) => {
            Error::new("SCRIPT_UNKNOWN_VARIABLE", format!("there is no variable `{name}` here")).hint(
                "a function sees its parameters only; a file's `const NAME` is `global::NAME` inside its functions",
            )
        }
        EvalAltResult::ErrorVariableExists(name, _) => {
            Error::new("SCRIPT_NAME", format!("there is a variable `{name}` already"))
        }
        EvalAltResult::ErrorForbiddenVariable(name, _) => {
            Error::new("SCRIPT_NAME", format!("`{name}` cannot be the name of a variable"))
        }
        EvalAltResult::ErrorModuleNotFound(name, _) => {
            Error::new("SCRIPT_UNKNOWN_MODULE", format!("there is no module `{name}` here"))
                .hint("import it at the top of this file: `import \"std/…\" as name;`")
        }
        EvalAltResult::ErrorAssignmentToConstant(name, _) => {
            Error::new("SCRIPT_CONSTANT", format!("`{name}` is constant")).hint("declare it with `let`")
        }
        EvalAltResult::ErrorNonPureMethodCallOnConstant(name, _) => {
            let name = name.rsplit('$').find(|part| !part.is_empty()).unwrap_or(name);
            Error::new("SCRIPT_CONSTANT", format!("`{name}` would change a constant")).hint("declare it with `let`")
        }
        EvalAltResult::ErrorDataRace(what, _) => {
            let message = match what.split('\'').nth(1) {
                Some(method) => format!("the value whose `{method}` is called is used inside the closure as well"),
                None => "a value is used in two places while it is being changed".to_owned(),
            };
            Error::new("SCRIPT_SHARED", message)
                .hint("inside the closure, use its parameter, or a copy made before with `let`")
        }
        _ => return None,
    })
}

/// Everything that ends a script whatever it tries.
fn limits(error: &EvalAltResult) -> Error {
    match error {
        EvalAltResult::ErrorStackOverflow(_) => Error::new("SCRIPT_TOO_DEEP", "functions call each other too deep")
            .hint(format!(
                "at most {} calls can be open at once: is there a function that never stops calling itself?",
                super::engine::CALL_LEVELS
            )),
        EvalAltResult::ErrorTooManyOperations(_) => Error::new("SCRIPT_LIMIT", "the script runs too many operations"),
        EvalAltResult::ErrorTooManyVariables(_) => Error::new("SCRIPT_LIMIT", "there are too many variables at once"),
        EvalAltResult::ErrorTooManyModules(_) => Error::new("SCRIPT_LIMIT", "too many files are imported")
            .hint("an `import` inside a loop or a function is done each time: put it at the top"),
        EvalAltResult::ErrorDataTooLarge(what, _) => {
            let what = if what.contains("tring") {
                "string"
            } else if what.contains("map") {
                "map"
            } else {
                "array"
            };
            Error::new("SCRIPT_LIMIT", format!("the {what} grows too large"))
        }
        EvalAltResult::ErrorTerminated(..) => Error::new("STOPPED", "the run was told to stop"),
        EvalAltResult::LoopBreak(..) => {
            Error::new("SCRIPT_SYNTAX", "`break` and `continue` belong into a loop").hint("out of a closure, `return`")
        }
        EvalAltResult::ErrorSystem(text, inner) => {
            let text = if text.is_empty() { inner.to_string() } else { format!("{text}: {inner}") };
            Error::new("SCRIPT_ERROR", cleaned(&text))
        }
        EvalAltResult::ErrorParsing(kind, _) => Error::new("SCRIPT_SYNTAX", lower(&cleaned(&kind.to_string()))),
        _ => Error::new("SCRIPT_ERROR", "the script cannot go on here"),
    }
}

/// Messages are fragments: they start in lower case.
pub(super) fn lower(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), second) if !second.is_some_and(char::is_uppercase) => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}
