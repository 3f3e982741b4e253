//! Names of steps and scopes: not empty, and unique within their parent.
//!
//! Only literal names can be compared; an interpolated one is different each time, or so its author says.

use super::scopes::is_named;
use super::{Program, Unit};
use crate::script::problem::Problem;
use crate::script::tree::{Call, Function, Node};
use rhai::{Expr, Position, Stmt};
use std::collections::BTreeMap;

pub(super) fn twice(program: &Program, unit: &Unit) -> Vec<Problem> {
    let mut look = Look { program, unit, problems: Vec::new() };
    look.parent(unit.ast.statements());
    for function in unit.own_functions() {
        look.parent(&function.body);
    }
    look.problems
}

/// The names that were met on one way through a parent, and where.
type Met = BTreeMap<String, Position>;

struct Look<'a> {
    program: &'a Program<'a>,
    unit: &'a Unit<'a>,
    problems: Vec<Problem>,
}

impl<'a> Look<'a> {
    /// A new parent: the top level, the body of a function, of a step, of a scope.
    fn parent(&mut self, stmts: &'a [Stmt]) {
        let mut met = Met::new();
        for stmt in stmts {
            self.node(Node::Stmt(stmt), &mut met, false);
        }
    }

    fn node(&mut self, node: Node<'a>, met: &mut Met, in_loop: bool) {
        match node {
            Node::Stmt(Stmt::If(flow, _)) => {
                self.node(Node::Expr(&flow.expr), met, in_loop);
                self.branches([nodes(flow.body.statements()), nodes(flow.branch.statements())], met, in_loop);
            }
            Node::Stmt(Stmt::Switch(parts, _)) => {
                self.node(Node::Expr(&parts.0), met, in_loop);
                self.branches(parts.1.expressions.iter().map(|arm| vec![Node::Expr(&arm.rhs)]), met, in_loop);
            }
            Node::Stmt(Stmt::For(parts, _)) => {
                self.node(Node::Expr(&parts.2.expr), met, in_loop);
                self.all(nodes(parts.2.body.statements()), met, true);
            }
            Node::Stmt(Stmt::While(..) | Stmt::Do(..)) => self.all(node.children(), met, true),
            _ => match node.call() {
                Some(call) => self.call(&call, met, in_loop),
                None => self.all(node.children(), met, in_loop),
            },
        }
    }

    fn all(&mut self, nodes: Vec<Node<'a>>, met: &mut Met, in_loop: bool) {
        for node in nodes {
            self.node(node, met, in_loop);
        }
    }

    /// Ways of which only one is gone: a name in two of them is not met twice.
    fn branches(&mut self, ways: impl IntoIterator<Item = Vec<Node<'a>>>, met: &mut Met, in_loop: bool) {
        let before = met.clone();
        for way in ways {
            let mut on_this_way = before.clone();
            self.all(way, &mut on_this_way, in_loop);
            met.extend(on_this_way);
        }
    }

    fn call(&mut self, call: &Call<'a>, met: &mut Met, in_loop: bool) {
        let named = is_named(call);
        if let Some(name) = call.args().first().filter(|_| named) {
            self.name(call, name, met, in_loop);
        }
        let repeats = call.is_method && self.program.api.is_standard(call.name());
        for arg in call.args() {
            match self.unit.closure(arg) {
                Some(closure) if named => self.parent(&closure.body),
                Some(closure) if repeats => self.all(nodes(&closure.body), met, true),
                Some(closure) => self.unknown_times(closure, call, met, in_loop),
                None => self.node(Node::Expr(arg), met, in_loop),
            }
        }
    }

    /// A closure given to something else. `retry` and the like call it within this parent, attempts being numbered; who
    /// knows what a script's own function does.
    fn unknown_times(&mut self, closure: &'a Function, call: &Call, met: &mut Met, in_loop: bool) {
        if super::scopes::role(call, 0).is_some() {
            self.all(nodes(&closure.body), met, in_loop);
        } else {
            self.parent(&closure.body);
        }
    }

    fn name(&mut self, call: &Call, name: &Expr, met: &mut Met, in_loop: bool) {
        let Expr::StringConstant(text, position) = name else { return };
        let (file, word) = (self.unit.file, call.name());
        if text.trim().is_empty() {
            let problem = Problem::error("STEP_NAME_EMPTY", format!("this `{word}` has an empty name"))
                .hint("say what it does, as a sentence: the name is shown, and is how a resumed run finds it again");
            self.problems.push(problem.at(file, *position, "this name"));
            return;
        }
        if let Some(first) = met.get(text.as_str()) {
            let problem =
                Problem::error("STEP_NAME_TWICE", format!("there are two parts named `{text}` in the same place"))
                    .hint("each needs a name of its own: a resumed run tells them apart by their names");
            self.problems.push(problem.at(file, *position, "the second").at(file, *first, "the first"));
            return;
        }
        met.insert(text.to_string(), *position);
        if in_loop {
            let problem =
                Problem::warning("STEP_NAME_REPEATS", format!("`{text}` keeps its name each time round the loop"))
                    .hint(format!(
                        "a second round fails: put what differs into the name, between backticks: `{text} ${{…}}`"
                    ));
            self.problems.push(problem.at(file, *position, "this name"));
        }
    }
}

fn nodes(stmts: &[Stmt]) -> Vec<Node<'_>> {
    stmts.iter().map(Node::Stmt).collect()
}
