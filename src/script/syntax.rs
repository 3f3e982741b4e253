//! What the parser says, in an operator's words: where, what, and what to write instead.

use super::api::HostApi;
use super::problem::Problem;
use super::source::{SourceFile, SourceMap};
use super::stdlib;
use super::type_words::cleaned;
use super::wording::lower;
use crate::suggestion::did_you_mean_name;
use rhai::{Engine, LexError, ParseError, ParseErrorType, Position};

/// The first thing that keeps a text from being read: the parser stops there.
pub(super) fn problem(error: &ParseError, name: &str, sources: &SourceMap, engine: &Engine) -> Problem {
    let Some(file) = sources.get(name) else { return Problem::error("SCRIPT_SYNTAX", "this cannot be read") };
    let text = file.text();
    let kind = error.err_type();
    let problem = match kind {
        ParseErrorType::Reserved(word) => reserved(word),
        ParseErrorType::BadInput(LexError::ImproperSymbol(symbol, _)) if symbol == "eval" => {
            Problem::error("SCRIPT_EVAL", "`eval` is not available: what a run can execute is checked before it starts")
                .hint("write the code out, or put it into a closure")
        }
        ParseErrorType::BadInput(input) => bad_input(input),
        ParseErrorType::VariableUndefined(variable) => unknown_variable(variable, text),
        ParseErrorType::ModuleUndefined(module) => unknown_module(module, &HostApi::of(engine), text),
        ParseErrorType::AssignmentToConstant(variable) => {
            let what =
                if variable.is_empty() { "a constant".to_owned() } else { format!("`{variable}`, which is constant,") };
            Problem::error("SCRIPT_CONSTANT", format!("{what} cannot be changed")).hint("declare it with `let`")
        }
        ParseErrorType::MismatchedType(wanted, found) => {
            Problem::error("SCRIPT_TYPE", format!("{} is needed here, not {}", cleaned(wanted), cleaned(found)))
        }
        ParseErrorType::MissingToken(..) if follows_a_digit(error.position(), file) => {
            Problem::error("SCRIPT_SYNTAX", "a number cannot have a unit")
                .hint("sizes, rates and durations are texts: `\"30s\"`, `\"50MB/s\"`")
        }
        other => structure(other),
    };
    problem.at(file, at_end_of_text(error.position(), text), "here")
}

/// Is this the unit of `30s`?
fn follows_a_digit(position: Position, file: &SourceFile) -> bool {
    let (before, after) = file.text().split_at(file.span(position).start);
    before.ends_with(|c: char| c.is_ascii_digit()) && after.starts_with(|c: char| c.is_alphabetic())
}

/// Rhai places what is missing at the end behind the last line; a reader looks at the last character.
fn at_end_of_text(position: Position, text: &str) -> Position {
    let lines = text.lines().count().max(1);
    if position.line().is_some_and(|line| line <= lines) {
        return position;
    }
    let column = text.lines().last().map_or(1, |line| line.chars().count() + 1);
    match (u16::try_from(lines), u16::try_from(column)) {
        (Ok(line), Ok(column)) => Position::new(line, column),
        _ => position,
    }
}

fn reserved(word: &str) -> Problem {
    let is_word = word.starts_with(|c: char| c.is_alphabetic());
    let problem = Problem::error(
        "SCRIPT_RESERVED",
        format!("`{word}` is a reserved {}", if is_word { "word" } else { "symbol" }),
    );
    match word {
        "exit" => problem.hint("to stop with an error, call `fail(\"why\")`; to leave early, `return`"),
        "null" | "nil" | "void" => problem.hint("nothing is written `()`"),
        "var" | "static" => problem.hint("variables are declared with `let`, constants with `const`"),
        "match" | "case" => problem.hint("the word for it is `switch value { 1 => …, _ => … }`"),
        "goto" | "go" | "spawn" | "thread" | "async" | "await" => {
            problem.hint("take another name; for work at the same time there is `parallel`")
        }
        "===" | "!==" => problem.hint("compare with `==` and `!=`"),
        "++" | "--" => problem.hint("write `x += 1`"),
        "->" => problem.hint("a function does not declare what it returns: `fn f(x) { … }`"),
        ":=" => problem.hint("assign with `=`"),
        "#" | "@" | "$" => problem.hint("comments start with `//`; a map is `#{ key: value }`"),
        _ if is_word => problem.hint(format!("take another name; as the key of a map, quote it: `\"{word}\": …`")),
        _ => problem,
    }
}

fn bad_input(input: &LexError) -> Problem {
    let problem = |text: String| Problem::error("SCRIPT_SYNTAX", text);
    match input {
        LexError::UnterminatedString => problem("this text is not closed".into())
            .hint("a text in `\"` ends on its line; one in backticks may have several"),
        LexError::MalformedChar(text) if text.chars().count() != 1 => {
            problem(format!("`'{text}'` is no character")).hint(format!("a text stands in double quotes: `\"{text}\"`"))
        }
        LexError::MalformedChar(text) => problem(format!("`{text}` is no character")),
        LexError::MalformedEscapeSequence(text) => problem(format!("`{text}` means nothing in a text"))
            .hint("a backslash is written `\\\\`; a raw text stands in `#\"…\"#`"),
        LexError::MalformedNumber(text) => problem(format!("`{text}` is no number"))
            .hint("with a unit, quote it: sizes and durations are texts such as `\"50MB/s\"` and `\"30s\"`"),
        LexError::UnexpectedInput(text) => problem(format!("`{}` cannot stand here", text.escape_debug())),
        LexError::ImproperSymbol(symbol, why) if !why.is_empty() => {
            problem(format!("`{symbol}` cannot stand here")).hint(lower(&cleaned(why)))
        }
        other => problem(lower(&cleaned(&other.to_string()))),
    }
}

fn structure(kind: &ParseErrorType) -> Problem {
    let problem = |text: &str| Problem::error("SCRIPT_SYNTAX", text);
    match kind {
        ParseErrorType::UnexpectedEOF => problem("the script ends in the middle of something")
            .hint("is a `}`, a `)` or the end of a comment missing?"),
        ParseErrorType::MissingToken(token, why) => {
            let problem = problem(&format!("`{token}` is missing {}", cleaned(why)));
            if token == ";" { problem.hint("statements end with `;`") } else { problem }
        }
        ParseErrorType::DuplicatedProperty(key) => problem(&format!("the map has the key `{key}` twice")),
        ParseErrorType::FnDuplicatedDefinition(name, arity) => {
            problem(&format!("there is a function `{name}` with {arity} parameters already"))
        }
        ParseErrorType::WrongFnDefinition => problem("a function cannot be defined inside a block or another function")
            .hint("move the `fn` to the top level of the file, or use a closure: `let f = |x| …;`"),
        ParseErrorType::WrongDocComment => problem("`///` describes a function, and no function follows")
            .hint("a plain comment starts with `//`, the text at the top of a runbook with `//!`"),
        ParseErrorType::LoopBreak => {
            problem("`break` and `continue` belong into a loop").hint("a closure is left with `return`")
        }
        ParseErrorType::ExprTooDeep => {
            problem("this nests too deep").hint("give parts of it a name with `let` or `fn`")
        }
        ParseErrorType::AssignmentToInvalidLHS(_) => {
            problem("nothing can be assigned to this").hint("compare with `==`")
        }
        ParseErrorType::VariableExpected => problem("the name of a variable is missing here"),
        ParseErrorType::PropertyExpected => problem("the name of a field or method is missing here"),
        ParseErrorType::UnknownOperator(operator) => problem(&format!("there is no operator `{operator}`")),
        other => problem(&lower(&cleaned(&other.to_string()))),
    }
}

fn unknown_variable(name: &str, text: &str) -> Problem {
    let problem = Problem::error("SCRIPT_UNKNOWN_VARIABLE", format!("there is no variable `{name}` here"));
    let declared = declared_names(text);
    if declared.contains(&name) {
        return problem.hint(
            "it is declared elsewhere in this file; a function sees its parameters only: pass it, or make it a \
             `const` and write `global::NAME`",
        );
    }
    problem.hint_if_any(did_you_mean_name(name, declared))
}

fn unknown_module(name: &str, api: &HostApi, text: &str) -> Problem {
    let problem = Problem::error("SCRIPT_UNKNOWN_MODULE", format!("there is no module `{name}` here"));
    if stdlib::text(name).is_some() {
        return problem.hint(format!("import it first: `import \"std/{name}\" as {name};`"));
    }
    let aliases = words_after(text, "as");
    let hint = did_you_mean_name(name, aliases.iter().copied().chain(api.namespaces()));
    problem.hint_if_any(hint.or_else(|| Some(format!("import it first: `import \"…\" as {name};`"))))
}

/// The names that a text declares anywhere, roughly: only for suggestions.
fn declared_names(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = ["let", "const", "for"].iter().flat_map(|word| words_after(text, word)).collect();
    // Parameters of closures and functions.
    for list in
        text.split('|').skip(1).step_by(2).chain(text.split("fn ").skip(1).filter_map(|f| f.split(['(', ')']).nth(1)))
    {
        names.extend(list.split(',').map(str::trim).filter(|name| is_name(name)));
    }
    names
}

fn words_after<'t>(text: &'t str, keyword: &str) -> Vec<&'t str> {
    let words: Vec<&str> =
        text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    words.windows(2).filter(|pair| pair[0] == keyword && is_name(pair[1])).map(|pair| pair[1]).collect()
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_') && word.chars().all(|c| c.is_alphanumeric() || c == '_')
}
