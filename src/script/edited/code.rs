//! What a closure does, as a digest of its code and of the code of every function of a script that it can reach.
//!
//! Positions, comments and spaces do not count. Rhai prints its trees with positions, and names closures after theirs: both
//! are taken out, and a closure counts with its own code.

use crate::script::check::{Program, Unit};
use crate::script::tree::{self, Call, Node};
use rhai::{Expr, Stmt};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt::{Debug, Write as _};

pub(super) struct Code<'a> {
    program: &'a Program<'a>,
}

/// The code that was gathered so far, and the functions that are in it.
#[derive(Default)]
struct Gathered {
    text: String,
    known: BTreeSet<(String, String)>,
}

impl<'a> Code<'a> {
    pub(super) fn of(program: &'a Program<'a>) -> Self {
        Self { program }
    }

    /// What a call does that is given these: closures with their code, anything else as it is written.
    pub(super) fn of_arguments(&self, unit: &Unit, arguments: &[Expr]) -> String {
        let mut gathered = Gathered::default();
        if arguments.last().is_some_and(|last| unit.closure(last).is_none()) {
            // A closure that comes from elsewhere: whatever the runbook has may be in it.
            for unit in self.program.own_units() {
                unit.visit(&mut |node| match node {
                    Node::Stmt(stmt) => gathered.add(stmt),
                    Node::Expr(expr) => gathered.add(expr),
                });
            }
        }
        for argument in arguments {
            self.expr(unit, argument, &mut gathered);
        }
        let digest = Sha256::digest(gathered.text.as_bytes());
        digest.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    fn stmts(&self, unit: &Unit, stmts: &[Stmt], gathered: &mut Gathered) {
        for stmt in stmts {
            gathered.add(stmt);
            self.reach(unit, Node::Stmt(stmt), gathered);
        }
    }

    fn expr(&self, unit: &Unit, expr: &Expr, gathered: &mut Gathered) {
        gathered.add(expr);
        self.reach(unit, Node::Expr(expr), gathered);
    }

    /// The closures, functions and constants that a piece of code leads to, in their order.
    fn reach(&self, unit: &Unit, node: Node, gathered: &mut Gathered) {
        node.visit(&mut |node| {
            if let Some(call) = node.call() {
                self.function(unit, &call, gathered);
            }
            let Node::Expr(expr) = node else { return };
            if let Some(closure) = unit.closure(expr)
                && gathered.is_new(unit, &closure.name)
            {
                let _ = write!(gathered.text, "closure({})", closure.params.join(", "));
                self.stmts(unit, &closure.body, gathered);
            }
            for (name, _) in tree::captured(expr) {
                self.variable(unit, name, gathered);
            }
            if let Expr::Variable(variable, ..) = expr
                && !variable.2.is_empty()
            {
                self.variable(unit, &variable.1, gathered);
            }
        });
    }

    fn function(&self, unit: &Unit, call: &Call, gathered: &mut Gathered) {
        let namespace = call.namespace();
        let home = if namespace.is_empty() { Some(unit) } else { self.program.module(unit, &namespace) };
        let Some((home, function)) = home.and_then(|home| Some((home, home.function(call.name(), call.args().len())?)))
        else {
            return;
        };
        if gathered.is_new(home, &function.signature()) {
            let _ = write!(gathered.text, "fn {}", function.signature());
            self.stmts(home, &function.body, gathered);
        }
    }

    /// A variable from outside counts with what it was written as: a closure, or a value that stands in the text. What a step
    /// gave is recorded, whatever that step would do now.
    fn variable(&self, unit: &Unit, name: &str, gathered: &mut Gathered) {
        unit.visit(&mut |node| {
            let Node::Stmt(Stmt::Var(parts, ..)) = node else { return };
            let is_written_out = parts.1.is_constant() || unit.closure(&parts.1).is_some();
            if parts.0.name == name && is_written_out && gathered.is_new(unit, &format!("let {name}")) {
                let _ = write!(gathered.text, "let {name}");
                self.expr(unit, &parts.1, gathered);
            }
        });
    }
}

impl Gathered {
    fn is_new(&mut self, unit: &Unit, name: &str) -> bool {
        self.known.insert((unit.file.name().to_owned(), name.to_owned()))
    }

    fn add(&mut self, code: &impl Debug) {
        self.text.push_str(&without_positions(&format!("{code:?}")));
        self.text.push('\n');
    }
}

/// Rhai's print of a tree, without positions such as `3:5` and `3:5-4:1`, and without the names of closures.
fn without_positions(printed: &str) -> String {
    let (mut text, mut rest) = (String::new(), printed);
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '"' => {
                let quoted = quoted(rest);
                text.push_str(if quoted.starts_with("\"anon$") { "closure" } else { quoted });
                quoted.len()
            }
            'a' if rest.starts_with("anon$") => {
                text.push_str("closure");
                rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '$').unwrap_or(rest.len())
            }
            '0'..='9' => {
                let word = rest.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '-').unwrap_or(rest.len());
                if !rest[..word].contains(':') {
                    text.push_str(&rest[..word]);
                }
                word
            }
            other => {
                text.push(other);
                other.len_utf8()
            }
        };
        rest = &rest[taken..];
    }
    text
}

/// A text between its quotes, as Rust prints it.
fn quoted(rest: &str) -> &str {
    let mut is_escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == '"' && !is_escaped;
        is_escaped = *c == '\\' && !is_escaped;
        ends
    });
    end.map_or(rest, |(at, _)| &rest[..=at])
}

#[cfg(test)]
mod tests {
    use super::without_positions;

    #[test]
    fn texts_stay_and_positions_go() {
        let printed = r#"Var(("x", "3:5 \" 1:1", 42), 3:5-4:1) @ 12:1 Fn*("anon$12ab") anon$7f"#;
        assert_eq!(without_positions(printed), r#"Var(("x", "3:5 \" 1:1", 42), ) @  Fn*(closure) closure"#);
    }
}
