//! A runbook with everything that it imports, loaded before its first line runs.

mod files;
mod loading;

use super::api::HostApi;
use super::catching;
use super::check::{self, Rules};
use super::imports::Key;
use super::params::Params;
use super::problem::{Problem, Report};
use super::resolver::Modules;
use super::source::SourceMap;
use crate::error::Error;
use files::Files;
use loading::Loaded;
use rhai::{AST, Engine};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Why a runbook cannot be run.
#[derive(Debug)]
pub enum Unloadable {
    /// There is no such runbook, or it cannot be read: a usage error.
    Unreadable(Error),
    /// It does not check.
    Broken(Box<Report>),
}

#[derive(Debug)]
pub struct Runbook {
    ast: AST,
    modules: BTreeMap<Key, AST>,
    texts: Vec<(Key, String)>,
    sources: SourceMap,
    params: Params,
}

impl Runbook {
    /// Loads a runbook and everything it imports. The engine must have the host functions: the parser knows their namespaces.
    pub fn load(path: &Path, engine: &Engine) -> Result<Self, Unloadable> {
        let files = Files::on_disk(path).map_err(Unloadable::Unreadable)?;
        Self::from_files(&files, engine)
    }

    /// The runbook as a run has stored it: [`sources`](Self::sources), the runbook itself first. `path` is how the operator
    /// named it.
    pub fn from_sources(path: &str, sources: &[(String, String)], engine: &Engine) -> Result<Self, Unloadable> {
        let files = Files::stored(path, sources).map_err(Unloadable::Unreadable)?;
        Self::from_files(&files, engine)
    }

    fn from_files(files: &Files, engine: &Engine) -> Result<Self, Unloadable> {
        let loaded = loading::load(files, engine).map_err(Unloadable::Unreadable)?;
        let broken = |problems, sources| Unloadable::Broken(Box::new(Report::new(problems, sources)));
        let Loaded { main, modules, texts, sources, mut problems } = loaded;
        let Some(ast) = main else { return Err(broken(problems, sources)) };
        let (params, wrong) = match sources.main() {
            Some(file) => Params::declared_in(&ast, file),
            None => (Params::default(), Vec::new()),
        };
        problems.extend(wrong);
        let report = Report::new(problems, sources);
        if report.has_errors() {
            return Err(Unloadable::Broken(Box::new(report)));
        }
        Ok(Self { ast, modules, texts, sources: report.sources, params })
    }

    /// All findings about a runbook, also where it cannot be loaded whole: what `krun check` shows.
    pub fn check_file(path: &Path, engine: &Engine, rules: &Rules) -> Result<Report, Error> {
        let loaded = loading::load(&Files::on_disk(path)?, engine)?;
        let api = HostApi::of(engine);
        let mut problems = loaded.problems;
        problems.extend(check::all(loaded.main.as_ref(), &loaded.modules, &loaded.sources, &api, rules));
        Ok(Report::new(problems, loaded.sources))
    }

    /// What can be found without running: errors keep a runbook from being run, warnings are shown.
    pub fn check(&self, engine: &Engine, rules: &Rules) -> Report {
        let api = HostApi::of(engine);
        let problems = check::all(Some(&self.ast), &self.modules, &self.sources, &api, rules);
        Report::new(problems, self.sources.clone())
    }

    pub fn ast(&self) -> &AST {
        &self.ast
    }

    pub(super) fn module_trees(&self) -> &BTreeMap<Key, AST> {
        &self.modules
    }

    /// What serves the runbook's imports: `engine.set_module_resolver(runbook.modules())`.
    pub fn modules(&self) -> Modules {
        Modules::new(self.modules.clone())
    }

    /// The variables of all `catch (name)`: see [`catching`](super::catching).
    pub fn catch_variables(&self) -> BTreeSet<String> {
        std::iter::once(&self.ast).chain(self.modules.values()).flat_map(catching::variables).collect()
    }

    /// The texts by their path below the runbook's folder, the runbook itself first: what a run stores. The paths are
    /// relative and have no `..`.
    pub fn sources(&self) -> &[(Key, String)] {
        &self.texts
    }

    /// What the diagnostics call the runbook itself.
    pub fn name(&self) -> &str {
        self.sources.main().map_or("", |file| file.name())
    }

    pub fn source_map(&self) -> &SourceMap {
        &self.sources
    }

    pub fn params(&self) -> &Params {
        &self.params
    }

    /// The `//!` text at the top, without its markers.
    pub fn doc(&self) -> String {
        let lines = self.ast.doc().lines().map(|line| {
            let line = line.trim_start();
            let text = line.strip_prefix("//!").unwrap_or(line);
            text.strip_prefix(' ').unwrap_or(text).trim_end().to_owned()
        });
        lines.collect::<Vec<_>>().join("\n").trim().to_owned()
    }
}

/// The findings about one text without a file, such as the expression of `krun -e`.
pub fn check_text(name: &str, text: &str, engine: &Engine, rules: &Rules) -> Result<AST, Box<Report>> {
    let mut sources = SourceMap::of_text(name, text);
    let problems: Vec<Problem>;
    match loading::compile(name, text, engine, &mut sources) {
        Ok(ast) => {
            problems = check::all(Some(&ast), &BTreeMap::new(), &sources, &HostApi::of(engine), rules);
            let report = Report::new(problems, sources);
            if report.has_errors() { Err(Box::new(report)) } else { Ok(ast) }
        }
        Err(problem) => Err(Box::new(Report::new(vec![*problem], sources))),
    }
}
