//! Names of the host that a script takes for itself: Rhai would call the script's function, silently.
//!
//! A variable named like a namespace is fine (`let plan = plan::level(…)`): Rhai keeps the two apart.

use super::{Program, Unit};
use crate::script::imports;
use crate::script::problem::Problem;
use crate::script::tree::Function;
use rhai::Position;

/// Names that read as the host's although no function is registered below them.
const RESERVED_ALIASES: [&str; 2] = ["std", "global"];

pub(super) fn shadowed(program: &Program, unit: &Unit) -> Vec<Problem> {
    let mut problems = Vec::new();
    for function in unit.own_functions() {
        if let Some(host) = program.api.shadowed_by(&function.name, function.params.len()) {
            let name = &function.name;
            let problem =
                Problem::error("SCRIPT_SHADOWS", format!("`fn {name}` takes the place of krun's own `{name}`"))
                    .hint(format!("take another name: {} is called by this name", host.signature()));
            problems.push(problem.at(unit.file, name_position(unit, function), "this name"));
        }
    }
    for import in imports::of(unit.ast) {
        let Some((alias, position)) = import.alias else { continue };
        if program.api.has_namespace(&alias) || RESERVED_ALIASES.contains(&alias.as_str()) {
            let problem = Problem::error(
                "SCRIPT_SHADOWS",
                format!("the alias `{alias}` takes the place of krun's own `{alias}`"),
            );
            problems.push(problem.hint("take another alias").at(unit.file, position, "this alias"));
        }
    }
    problems
}

/// The tree keeps where a function's body starts, not its name: the name is looked up in the text, before the body.
fn name_position(unit: &Unit, function: &Function) -> Position {
    let body = function.start;
    let Some(body_line) = body.line() else { return body };
    let lines: Vec<&str> = unit.file.text().lines().take(body_line).collect();
    let found = lines.iter().enumerate().rev().find_map(|(nth, line)| {
        let at = line.find(&format!("fn {}", function.name))? + "fn ".len();
        Some((nth + 1, line[..at].chars().count() + 1))
    });
    match found.map(|(line, column)| (u16::try_from(line), u16::try_from(column))) {
        Some((Ok(line), Ok(column))) => Position::new(line, column),
        _ => body,
    }
}
