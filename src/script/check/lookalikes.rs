//! Functions of one name in a file and in a module that it imports.
//!
//! While a module runs, Rhai looks for unqualified functions in that module first, also for a closure that another file
//! gave it: `run(|| describe(x))` calls the *module's* `describe` where it has one. The constants of `global::` are those
//! of the module, too. Both happen silently, so both are refused.

use super::{Program, Unit};
use crate::script::problem::{Label, Problem};
use crate::script::tree::{Call, Node};
use rhai::{Expr, Position};
use std::collections::BTreeSet;

pub(super) fn mistaken(program: &Program, unit: &Unit) -> Vec<Problem> {
    let modules = reachable_modules(program, unit);
    if modules.is_empty() {
        return Vec::new();
    }
    let mut given = Given { unit, modules, seen: BTreeSet::new(), problems: Vec::new() };
    unit.visit(&mut |node| {
        let Some(call) = node.call().filter(|call| program.module(unit, &call.namespace()).is_some()) else { return };
        for closure in call.args().iter().filter_map(|arg| unit.closure(arg)) {
            for stmt in &closure.body {
                given.look(Node::Stmt(stmt), &call);
            }
        }
    });
    given.problems
}

/// The modules that a file imports, and those that they import.
fn reachable_modules<'p>(program: &'p Program, unit: &Unit) -> Vec<&'p Unit<'p>> {
    let mut keys: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = unit.aliases.values().map(String::as_str).collect();
    while let Some(key) = open.pop() {
        let Some((key, module)) = program.modules.get_key_value(key) else { continue };
        if keys.insert(key) {
            open.extend(
                module
                    .aliases
                    .values()
                    .filter_map(|key| program.modules.get_key_value(key.as_str()))
                    .map(|(key, _)| *key),
            );
        }
    }
    keys.into_iter().filter_map(|key| program.modules.get(key)).collect()
}

/// What a file gives to a module: closures, and what they call in turn.
struct Given<'a> {
    unit: &'a Unit<'a>,
    modules: Vec<&'a Unit<'a>>,
    /// The functions that were looked through.
    seen: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl Given<'_> {
    fn look(&mut self, node: Node, given_to: &Call) {
        if let Node::Expr(Expr::Variable(variable, _, position)) = node
            && variable.2.path.first().is_some_and(|first| first.name == "global")
        {
            self.constant(&variable.1, *position, given_to);
        }
        if let Some(call) = node.call() {
            if call.namespace().is_empty() {
                self.call(&call, given_to);
            }
            for closure in call.args().iter().filter_map(|arg| self.unit.closure(arg)) {
                for stmt in &closure.body {
                    self.look(Node::Stmt(stmt), given_to);
                }
            }
        }
        for child in node.children() {
            self.look(child, given_to);
        }
    }

    fn call(&mut self, call: &Call, given_to: &Call) {
        let (name, args) = (call.name(), call.args().len());
        let Some(own) = self.unit.function(name, args) else { return };
        if !self.seen.insert(own.signature()) {
            return;
        }
        let twin = self.modules.iter().find_map(|module| Some((module.file, module.function(name, args)?)));
        if let Some((file, twin)) = twin {
            let problem = Problem::error(
                "SCRIPT_LOOKALIKE",
                format!("`{name}` can be taken for that of {} while a module runs this closure", file.name()),
            );
            let hint = format!(
                "there is a function of this name in both files: give the one in {} another",
                self.unit.file.name()
            );
            self.problems.push(
                problem
                    .hint(hint)
                    .at(self.unit.file, call.position, "called here")
                    .at(self.unit.file, given_to.position, "in a closure given to a module here")
                    .label(Label::at(file, twin.start, "the other one")),
            );
            return;
        }
        for stmt in &own.body {
            self.look(Node::Stmt(stmt), given_to);
        }
    }

    fn constant(&mut self, name: &str, position: Position, given_to: &Call) {
        if !self.seen.insert(format!("global::{name}")) {
            return;
        }
        let problem = Problem::error(
            "SCRIPT_LOOKALIKE",
            format!("`global::{name}` is looked for in the module that runs this closure"),
        )
        .hint(format!("take it along as a variable: `let value = global::{name};` before the call"));
        let problem = problem.at(self.unit.file, position, "read here");
        self.problems.push(problem.at(self.unit.file, given_to.position, "in a closure given to a module here"));
    }
}
