//! Effects that are certainly outside a step, or certainly in a place that only looks.
//!
//! The body of a function counts for whoever calls it: a function that changes something without a step of its own is
//! fine inside a step, and reported where it is called outside one.

use super::scopes::{Role, role};
use super::{Program, Unit};
use crate::script::problem::{Label, Problem};
use crate::script::tree::{Call, Function, Node};
use rhai::Position;

pub(super) fn outside(program: &Program, unit: &Unit) -> Vec<Problem> {
    let mut look = Look { program, problems: Vec::new() };
    for stmt in unit.ast.statements() {
        look.node(unit, Node::Stmt(stmt), Zone::Outside);
    }
    // What is inside a function is judged on its own where a scope in it says what may happen.
    for function in unit.own_functions() {
        for stmt in &function.body {
            look.node(unit, Node::Stmt(stmt), Zone::Unknown);
        }
    }
    look.problems
}

#[derive(Clone, Copy)]
enum Zone<'z> {
    /// Certainly outside every step.
    Outside,
    /// A body that may be called from anywhere.
    Unknown,
    /// Inside a step.
    Changes,
    /// In a closure of this flow word, which only looks.
    Looks(&'z str),
}

struct Look<'a> {
    program: &'a Program<'a>,
    problems: Vec<Problem>,
}

impl Look<'_> {
    fn node(&mut self, unit: &Unit, node: Node, zone: Zone) {
        let Some(call) = node.call() else {
            for child in node.children() {
                self.node(unit, child, zone);
            }
            return;
        };
        self.judge(unit, &call, zone);
        let mut nth = 0;
        for arg in call.args() {
            let Some(closure) = unit.closure(arg) else {
                self.node(unit, Node::Expr(arg), zone);
                continue;
            };
            let inside = zone_of_closure(self.program, &call, nth, zone);
            nth += 1;
            for stmt in &closure.body {
                self.node(unit, Node::Stmt(stmt), inside);
            }
        }
    }

    fn judge(&mut self, unit: &Unit, call: &Call, zone: Zone) {
        if matches!(zone, Zone::Changes | Zone::Unknown) {
            return;
        }
        let name = call.name();
        let (subject, cause) = if is_effect(self.program, call) {
            (format!("`{name}` changes the cluster"), None)
        } else {
            match bare_effect(self.program, unit, call, &mut Vec::new()) {
                Some(cause) => (format!("`{name}` changes the cluster"), Some(cause)),
                None => return,
            }
        };
        let problem = match zone {
            Zone::Looks(word) => Problem::error("EFFECT_IN_TEST", format!("{subject}, and a `{word}` only looks"))
                .hint("it can be run many times, also before anything is decided: change things in a `step`"),
            _ => Problem::error("EFFECT_OUTSIDE_STEP", format!("{subject} outside a step")).hint(format!(
                "put it into one: `step(\"…\", || {name}(…))`, so that it is done once and can be put back"
            )),
        };
        let problem = problem.at(unit.file, call.position, "called here");
        self.problems.push(match cause {
            Some(cause) => problem.label(cause),
            None => problem,
        });
    }
}

fn zone_of_closure<'z>(program: &Program, call: &Call<'z>, nth: usize, zone: Zone<'z>) -> Zone<'z> {
    match (role(call, nth), zone) {
        // Whatever is called from a test is part of the test.
        (_, Zone::Looks(word)) => Zone::Looks(word),
        (Some(Role::Changes), _) | (None, Zone::Changes) => Zone::Changes,
        (Some(Role::Looks), _) => Zone::Looks(call.name()),
        (Some(Role::Around), zone) => zone,
        // `ids.for_each(|id| …)` runs its closure here and now.
        (None, zone) if call.is_method && program.api.is_standard(call.name()) => zone,
        (None, _) => Zone::Unknown,
    }
}

fn is_effect(program: &Program, call: &Call) -> bool {
    call.callee.namespace.is_empty() && program.rules.effects.contains(&call.name())
}

/// The first effect that a call of a script's own function has without a step of that function's own.
fn bare_effect(program: &Program, unit: &Unit, call: &Call, open: &mut Vec<(String, String)>) -> Option<Label> {
    let namespace = call.namespace();
    let home = if namespace.is_empty() { unit } else { program.module(unit, &namespace)? };
    let function = home.function(call.name(), call.args().len())?;
    let id = (home.file.name().to_owned(), function.signature());
    if open.contains(&id) {
        return None;
    }
    open.push(id);
    tree_effect(program, home, function, open)
}

fn tree_effect(program: &Program, unit: &Unit, function: &Function, open: &mut Vec<(String, String)>) -> Option<Label> {
    function.body.iter().find_map(|stmt| node_effect(program, unit, Node::Stmt(stmt), open))
}

fn node_effect(program: &Program, unit: &Unit, node: Node, open: &mut Vec<(String, String)>) -> Option<Label> {
    let Some(call) = node.call() else {
        return node.children().into_iter().find_map(|child| node_effect(program, unit, child, open));
    };
    if is_effect(program, &call) {
        return Some(changed_at(unit, call.position));
    }
    if let Some(found) = bare_effect(program, unit, &call, open) {
        return Some(found);
    }
    let mut nth = 0;
    call.args().iter().find_map(|arg| {
        let Some(closure) = unit.closure(arg) else {
            return node_effect(program, unit, Node::Expr(arg), open);
        };
        let here_and_now = match role(&call, nth) {
            Some(role) => role == Role::Around,
            None => call.is_method && program.api.is_standard(call.name()),
        };
        nth += 1;
        if here_and_now { tree_effect(program, unit, closure, open) } else { None }
    })
}

fn changed_at(unit: &Unit, position: Position) -> Label {
    Label::at(unit.file, position, "changed here")
}
