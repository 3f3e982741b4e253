//! What can be found in a runbook and its imports without running them: one file a rule.
//!
//! Only what is certain is an error. A function can be called from inside a step or from outside, so an effect in it is
//! judged where it is called.

mod captures;
mod effects;
mod functions;
mod lookalikes;
mod names;
mod parameters;
pub(super) mod scopes;
mod steps;

use super::api::HostApi;
use super::imports::{self, Key};
use super::problem::Problem;
use super::source::{SourceFile, SourceMap};
use super::tree::{self, Function, Node};
use rhai::{AST, Expr};
use std::collections::BTreeMap;

/// What the host adds to the rules of the language.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules<'a> {
    /// The methods and functions that change the world, such as `alter_configs`.
    pub effects: &'a [&'a str],
}

/// One file as the rules see it.
pub(super) struct Unit<'a> {
    pub(super) ast: &'a AST,
    pub(super) file: &'a SourceFile,
    /// Its functions and closures, in the order of their places.
    functions: Vec<Function>,
    /// What each alias of its imports leads to.
    aliases: BTreeMap<String, Key>,
}

impl<'a> Unit<'a> {
    fn new(ast: &'a AST, file: &'a SourceFile) -> Self {
        let aliases = imports::of(ast).into_iter().filter_map(|import| {
            let (alias, _) = import.alias?;
            Some((alias, imports::key(&import.path?).ok()?))
        });
        Self { ast, file, functions: tree::functions(ast), aliases: aliases.collect() }
    }

    /// All functions of one name: each has another number of parameters.
    fn named(&self, name: &str) -> impl Iterator<Item = &Function> {
        self.functions.iter().filter(move |function| function.name == name)
    }

    pub(super) fn function(&self, name: &str, arity: usize) -> Option<&Function> {
        self.named(name).find(|function| function.params.len() == arity)
    }

    /// The closure that stands in this argument.
    pub(super) fn closure(&self, arg: &Expr) -> Option<&Function> {
        self.named(&tree::closure_name(arg)?).next()
    }

    /// The functions that have a name.
    fn own_functions(&self) -> impl Iterator<Item = &Function> {
        self.functions.iter().filter(|function| !function.is_closure())
    }

    /// Visits every node: the statements of the file, then the bodies of its functions and closures.
    pub(super) fn visit<'u>(&'u self, look: &mut impl FnMut(Node<'u>)) {
        let bodies = self.functions.iter().flat_map(|function| &function.body);
        for stmt in self.ast.statements().iter().chain(bodies) {
            Node::Stmt(stmt).visit(look);
        }
    }
}

/// Everything that is loaded.
pub(super) struct Program<'a> {
    pub(super) main: Option<Unit<'a>>,
    modules: BTreeMap<&'a str, Unit<'a>>,
    api: &'a HostApi,
    rules: &'a Rules<'a>,
}

impl<'a> Program<'a> {
    pub(super) fn new(
        main: Option<&'a AST>,
        modules: &'a BTreeMap<Key, AST>,
        sources: &'a SourceMap,
        api: &'a HostApi,
        rules: &'a Rules<'a>,
    ) -> Self {
        let unit = |ast: &'a AST| Some(Unit::new(ast, sources.get(ast.source()?)?));
        let modules = modules.iter().filter_map(|(key, ast)| Some((key.as_str(), unit(ast)?))).collect();
        Self { main: main.and_then(unit), modules, api, rules }
    }

    pub(super) fn units(&self) -> impl Iterator<Item = &Unit<'a>> {
        self.main.iter().chain(self.modules.values())
    }

    /// The runbook and the files beside it: not the standard library.
    pub(super) fn own_units(&self) -> impl Iterator<Item = &Unit<'a>> {
        let beside = self.modules.iter().filter(|(key, _)| imports::std_name(key).is_none());
        self.main.iter().chain(beside.map(|(_, unit)| unit))
    }

    /// The file that a namespace leads to from a unit; none for namespaces of the host and for files that did not load.
    pub(super) fn module(&self, unit: &Unit, namespace: &[&str]) -> Option<&Unit<'a>> {
        let (first, rest) = namespace.split_first()?;
        let found = self.modules.get(unit.aliases.get(*first)?.as_str())?;
        if rest.is_empty() { Some(found) } else { self.module(found, rest) }
    }
}

/// All findings. `main` is none where the runbook itself does not compile: then its
/// imports are still checked.
pub(super) fn all(
    main: Option<&AST>,
    modules: &BTreeMap<Key, AST>,
    sources: &SourceMap,
    api: &HostApi,
    rules: &Rules,
) -> Vec<Problem> {
    let program = Program::new(main, modules, sources, api, rules);
    let mut problems = Vec::new();
    for unit in program.units() {
        problems.extend(names::shadowed(&program, unit));
        problems.extend(functions::unknown(&program, unit));
        problems.extend(lookalikes::mistaken(&program, unit));
        problems.extend(steps::twice(&program, unit));
        problems.extend(effects::outside(&program, unit));
        problems.extend(captures::of_other_threads(&program, unit));
    }
    problems.extend(parameters::wrong(&program));
    problems
}
