//! Unknown functions, methods and modules, wrong numbers of arguments, `exit`.

use super::{Program, Unit};
use crate::script::api::{HostApi, arity_words};
use crate::script::imports;
use crate::script::problem::Problem;
use crate::script::tree::{Call, Node};
use crate::script::{engine, stdlib};
use crate::suggestion::did_you_mean_name;
use rhai::{Expr, Stmt};
use std::collections::BTreeSet;

pub(super) fn unknown(program: &Program, unit: &Unit) -> Vec<Problem> {
    let keys = map_keys(program, unit);
    let variables = variables(unit);
    let look = Look { program, unit, keys: &keys, variables: &variables };
    let mut problems = Vec::new();
    unit.visit(&mut |node| problems.extend(node.call().and_then(|call| look.at(&call))));
    problems
}

/// The keys of all maps: a closure in a map is called like a method. The maps of the standard library hold data, which takes
/// no mistake away from a runbook.
pub(super) fn map_keys(program: &Program, own: &Unit) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let modules = program.modules.iter().filter(|(key, _)| imports::std_name(key).is_none()).map(|(_, unit)| unit);
    for unit in program.main.iter().chain(modules).chain([own]) {
        unit.visit(&mut |node| match node {
            Node::Expr(Expr::Map(map, _)) => keys.extend(map.0.iter().map(|(key, _)| key.name.to_string())),
            Node::Stmt(Stmt::Assignment(parts)) => {
                Node::Expr(&parts.1.lhs).visit(&mut |part| {
                    if let Node::Expr(Expr::Property(property, _)) = part {
                        keys.insert(property.2.to_string());
                    }
                });
            }
            _ => {}
        });
    }
    keys
}

/// The names of variables and parameters of a file.
fn variables(unit: &Unit) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    unit.visit(&mut |node| match node {
        Node::Stmt(Stmt::Var(parts, ..)) => {
            names.insert(parts.0.name.to_string());
        }
        Node::Stmt(Stmt::For(parts, _)) => {
            names.insert(parts.0.name.to_string());
        }
        _ => {}
    });
    names.extend(unit.functions.iter().flat_map(|function| function.params.iter().cloned()));
    names
}

struct Look<'a> {
    program: &'a Program<'a>,
    unit: &'a Unit<'a>,
    keys: &'a BTreeSet<String>,
    variables: &'a BTreeSet<String>,
}

impl Look<'_> {
    fn at(&self, call: &Call) -> Option<Problem> {
        let namespace = call.namespace();
        let problem = if namespace.is_empty() { self.plain(call) } else { self.qualified(call, &namespace) }?;
        Some(problem.at(self.unit.file, call.position, "called here"))
    }

    fn plain(&self, call: &Call) -> Option<Problem> {
        let (name, args) = (call.name(), call.args().len());
        if name == "exit" && !call.is_method && self.unit.function(name, args).is_none() {
            return Some(Problem::of(&engine::exit_error()));
        }
        if HostApi::is_syntactic(name, args, call.is_method) {
            return None;
        }
        let mut own: BTreeSet<usize> = self.unit.named(name).map(|function| function.params.len()).collect();
        let mut host = self.program.api.arities("", name);
        if call.is_method {
            // The receiver is the first argument of a host function, and `this` of a script's own.
            host = host.into_iter().filter_map(|arity| arity.checked_sub(1)).collect();
            if self.keys.contains(name) {
                return None;
            }
        }
        if own.contains(&args) || host.contains(&args) {
            return None;
        }
        if call.is_method && own.contains(&(args + 1)) && host.is_empty() {
            let problem = Problem::error("SCRIPT_ARGUMENTS", format!("`{name}` is a function, not a method"));
            return Some(problem.hint(format!("write `{name}(…)`, with what stands before the dot first")));
        }
        own.extend(host);
        if own.is_empty() {
            return Some(self.no_such(call));
        }
        let problem = Problem::error("SCRIPT_ARGUMENTS", format!("`{name}` takes {}, not {args}", arity_words(&own)));
        let signatures = self.program.api.signatures("", name);
        Some(problem.hint_if_any((!signatures.is_empty()).then(|| format!("it is {signatures}"))))
    }

    fn no_such(&self, call: &Call) -> Problem {
        let name = call.name();
        let what = if call.is_method { "method" } else { "function" };
        let problem = Problem::error("SCRIPT_UNKNOWN_FUNCTION", format!("there is no {what} `{name}`"));
        if !call.is_method && self.variables.contains(name) {
            return problem.hint(format!("`{name}` is a variable; a closure is called with `{name}.call(…)`"));
        }
        let elsewhere =
            self.program.api.namespaces().find(|namespace| !self.program.api.arities(namespace, name).is_empty());
        if let Some(namespace) = elsewhere {
            return problem.hint(format!("write `{namespace}::{name}(…)`"));
        }
        let alias = self.unit.aliases.iter().find(|(_, key)| {
            self.program.modules.get(key.as_str()).is_some_and(|module| module.named(name).next().is_some())
        });
        if let Some((alias, _)) = alias {
            return problem.hint(format!("write `{alias}::{name}(…)`"));
        }
        let own = self.unit.own_functions().map(|function| function.name.as_str());
        let hint = did_you_mean_name(name, own.chain(self.program.api.callable("")));
        problem.hint_if_any(hint.or_else(|| Some("`krun docs` lists what a runbook can call".to_owned())))
    }

    fn qualified(&self, call: &Call, namespace: &[&str]) -> Option<Problem> {
        let (name, args, path) = (call.name(), call.args().len(), namespace.join("::"));
        if let Some(module) = self.program.module(self.unit, namespace) {
            return in_module(module, &path, name, args);
        }
        if self.unit.aliases.contains_key(*namespace.first()?) {
            // Imported, but the file did not load: that is said elsewhere.
            return None;
        }
        let api = self.program.api;
        if !api.has_namespace(&path) {
            return Some(self.no_module(&path));
        }
        let arities = api.arities(&path, name);
        if arities.contains(&args) {
            return None;
        }
        if arities.is_empty() {
            let problem = Problem::error("SCRIPT_UNKNOWN_FUNCTION", format!("there is no function `{path}::{name}`"));
            let all: Vec<&str> = api.callable(&path).collect();
            let hint = did_you_mean_name(name, all.iter().copied())
                .unwrap_or_else(|| format!("`{path}` has {}", all.join(", ")));
            return Some(problem.hint(hint));
        }
        let problem =
            Problem::error("SCRIPT_ARGUMENTS", format!("`{path}::{name}` takes {}, not {args}", arity_words(&arities)));
        Some(problem.hint(format!("it is {}", api.signatures(&path, name))))
    }

    fn no_module(&self, path: &str) -> Problem {
        let problem = Problem::error("SCRIPT_UNKNOWN_MODULE", format!("there is no module `{path}` here"));
        if stdlib::text(path).is_some() {
            return problem.hint(format!("import it first: `import \"std/{path}\" as {path};`"));
        }
        let known = self.unit.aliases.keys().map(String::as_str).chain(self.program.api.namespaces());
        problem.hint_if_any(did_you_mean_name(path, known))
    }
}

fn in_module(module: &Unit, path: &str, name: &str, args: usize) -> Option<Problem> {
    let public = || module.own_functions().filter(|function| !function.is_private);
    let arities: BTreeSet<usize> = public().filter(|f| f.name == name).map(|function| function.params.len()).collect();
    if arities.contains(&args) {
        return None;
    }
    if !arities.is_empty() {
        let message = format!("`{path}::{name}` takes {}, not {args}", arity_words(&arities));
        let signatures: Vec<String> = module.named(name).map(|f| format!("{path}::{}", f.signature())).collect();
        return Some(Problem::error("SCRIPT_ARGUMENTS", message).hint(format!("it is {}", signatures.join(", or "))));
    }
    let file = module.file.name();
    if module.named(name).next().is_some() {
        let problem = Problem::error("SCRIPT_UNKNOWN_FUNCTION", format!("`{name}` is private in {file}"));
        return Some(problem.hint("take its `private` away, or call what uses it"));
    }
    let known: Vec<&str> = public().map(|function| function.name.as_str()).collect();
    let hint = did_you_mean_name(name, known.iter().copied()).unwrap_or_else(|| match known.as_slice() {
        [] => format!("{file} has no functions"),
        known => format!("{file} has {}", known.join(", ")),
    });
    Some(Problem::error("SCRIPT_UNKNOWN_FUNCTION", format!("there is no function `{path}::{name}`")).hint(hint))
}
