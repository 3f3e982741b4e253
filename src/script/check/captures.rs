//! Handles that the closure of a `parallel`, or the test of a `guard`, takes from outside: these have threads of their own, and
//! what two threads hold is no one's. Each is given a cluster; hosts and files come from that.

use super::functions::map_keys;
use super::{Program, Unit};
use crate::script::problem::Problem;
use crate::script::tree::{self, Call, Function, Node};
use rhai::{Expr, Stmt};
use std::collections::BTreeSet;

/// A closure that runs on a thread of its own.
struct Beside {
    word: &'static str,
    /// How many arguments after it.
    before_the_end: usize,
    /// What it is given.
    params: usize,
    /// What it is called.
    whose: &'static str,
    written: &'static str,
    why: &'static str,
}

const BESIDE: [Beside; 2] = [
    Beside {
        word: "parallel",
        before_the_end: 0,
        params: 2,
        whose: "the closure of this `parallel`",
        written: "|item, cluster| …: the item, and a cluster of its own",
        why: "items are worked on by threads of their own: take the cluster that the closure is given, |item, cluster|, and hosts and files from that",
    },
    Beside {
        word: "guard",
        before_the_end: 1,
        params: 1,
        whose: "the test of this `guard`",
        written: "|cluster| …: a cluster of its own",
        why: "it runs on a thread of its own: take the cluster that it is given, |cluster|, and hosts and files from that",
    },
];

pub(super) fn of_other_threads(program: &Program, unit: &Unit) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut handles = None;
    unit.visit(&mut |node| {
        let Some(call) = node.call().filter(Call::is_plain) else { return };
        let Some(beside) = BESIDE.iter().find(|beside| beside.word == call.name()) else { return };
        let arg = call.args().iter().rev().nth(beside.before_the_end);
        let Some((arg, closure)) = arg.and_then(|arg| Some((arg, unit.closure(arg)?))) else { return };
        problems.extend(wrong_arity(unit, &call, beside, arg, closure));
        let handles = handles.get_or_insert_with(|| handles_of(program, unit));
        for (name, position) in tree::captured(arg) {
            if handles.contains(name) || is_asked(program, unit, &closure.body, name) {
                let text = format!("{} takes `{name}` from outside", beside.whose);
                let problem = Problem::error("CAPTURED_HANDLE", text).hint(beside.why);
                let this = format!("this `{}`", beside.word);
                problems.push(problem.at(unit.file, position, "used here").at(unit.file, call.position, &this));
            }
        }
    });
    problems
}

fn wrong_arity(unit: &Unit, call: &Call, beside: &Beside, arg: &Expr, closure: &Function) -> Option<Problem> {
    let params = closure.params.len().saturating_sub(tree::captured(arg).len());
    if params == beside.params {
        return None;
    }
    let wanted = if beside.params == 2 { "two arguments" } else { "one argument" };
    let whose = beside.whose.replace("this ", "");
    let problem = Problem::error("SCRIPT_ARGUMENTS", format!("{whose} takes {wanted}, not {params}"));
    let this = format!("this `{}`", beside.word);
    Some(problem.hint(format!("write {}", beside.written)).at(unit.file, call.position, &this))
}

/// The variables of a file that hold a handle wherever one of this name is declared.
fn handles_of(program: &Program, unit: &Unit) -> BTreeSet<String> {
    let (mut handles, mut others) = (BTreeSet::new(), BTreeSet::new());
    unit.visit(&mut |node| match node {
        Node::Stmt(Stmt::Var(parts, ..)) => {
            let names = if gives_a_handle(program, &parts.1) { &mut handles } else { &mut others };
            names.insert(parts.0.name.to_string());
        }
        Node::Stmt(Stmt::For(parts, _)) => drop(others.insert(parts.0.name.to_string())),
        _ => {}
    });
    let params = unit.own_functions().flat_map(|function| function.params.iter().cloned());
    others.extend(params);
    handles.retain(|name| !others.contains(name));
    handles
}

fn gives_a_handle(program: &Program, expr: &Expr) -> bool {
    match expr {
        Expr::Dot(pair, ..) => gives_a_handle(program, &pair.rhs),
        _ => Node::Expr(expr)
            .call()
            .is_some_and(|call| program.api.gives_a_handle(&call.namespace().join("::"), call.name())),
    }
}

/// Whether a method that only handles have is called on this variable, here or in a closure inside.
fn is_asked(program: &Program, unit: &Unit, body: &[Stmt], name: &str) -> bool {
    let keys = map_keys(program, unit);
    let mut found = false;
    let mut closures = Vec::new();
    for stmt in body {
        Node::Stmt(stmt).visit(&mut |node| {
            let Node::Expr(expr) = node else { return };
            if let Expr::Dot(pair, ..) = expr
                && matches!(&pair.lhs, Expr::Variable(variable, ..) if variable.1 == name)
                && let Some(call) = first_call(&pair.rhs)
            {
                found |= program.api.is_of_handles(call.name()) && !keys.contains(call.name());
            }
            if tree::captured(expr).iter().any(|(captured, _)| *captured == name) {
                closures.extend(unit.closure(expr));
            }
        });
    }
    found || closures.into_iter().any(|closure| is_asked(program, unit, &closure.body, name))
}

fn first_call(expr: &Expr) -> Option<Call<'_>> {
    match expr {
        Expr::Dot(pair, ..) => first_call(&pair.lhs),
        _ => Node::Expr(expr).call(),
    }
}
