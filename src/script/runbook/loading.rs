//! Follows the imports from the runbook on: compiles each file once, refuses cycles, and gathers what is wrong.

use super::files::{Files, Text};
use crate::error::Error;
use crate::script::imports::{self, Import, Key};
use crate::script::problem::Problem;
use crate::script::source::SourceMap;
use crate::script::{stdlib, syntax};
use crate::suggestion::did_you_mean_name;
use rhai::{AST, Engine};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Everything that could be loaded, and what could not.
pub(super) struct Loaded {
    /// None where the runbook itself does not compile.
    pub(super) main: Option<AST>,
    pub(super) modules: BTreeMap<Key, AST>,
    pub(super) texts: Vec<(Key, String)>,
    pub(super) sources: SourceMap,
    pub(super) problems: Vec<Problem>,
}

/// An error only where the runbook itself cannot be read.
pub(super) fn load(files: &Files, engine: &Engine) -> Result<Loaded, Error> {
    let main = files.main()?;
    let loaded = Loaded {
        main: None,
        modules: BTreeMap::new(),
        texts: Vec::new(),
        sources: SourceMap::default(),
        problems: Vec::new(),
    };
    let mut walk = Walk { files, engine, loaded, way: Vec::new() };
    walk.loaded.main = walk.file(&files.main_key, &main);
    Ok(walk.loaded)
}

/// Compiles one text under its name.
pub(super) fn compile(name: &str, text: &str, engine: &Engine, sources: &mut SourceMap) -> Result<AST, Box<Problem>> {
    sources.add(name, text);
    match engine.compile(without_shebang(text).as_ref()) {
        Ok(mut ast) => {
            ast.set_source(name);
            sources.learn(name, &ast);
            Ok(ast)
        }
        Err(error) => Err(Box::new(syntax::problem(&error, name, sources, engine))),
    }
}

/// Blanks a `#!` line: a runbook may be executable, and every position stays.
fn without_shebang(text: &str) -> Cow<'_, str> {
    if !text.starts_with("#!") {
        return Cow::Borrowed(text);
    }
    let end = text.find('\n').unwrap_or(text.len());
    Cow::Owned(format!("{}{}", " ".repeat(text[..end].chars().count()), &text[end..]))
}

struct Walk<'a> {
    files: &'a Files,
    engine: &'a Engine,
    loaded: Loaded,
    /// The files from the runbook to the one that is being loaded.
    way: Vec<(Key, String)>,
}

impl Walk<'_> {
    fn file(&mut self, key: &str, file: &Text) -> Option<AST> {
        self.loaded.texts.push((key.to_owned(), file.text.clone()));
        match compile(&file.name, &file.text, self.engine, &mut self.loaded.sources) {
            Ok(ast) => {
                self.way.push((key.to_owned(), file.name.clone()));
                for import in imports::of(&ast) {
                    if let Some(problem) = self.import(&import) {
                        self.report(&file.name, &import, problem);
                    }
                }
                self.way.pop();
                Some(ast)
            }
            Err(problem) => {
                self.loaded.problems.push(*problem);
                None
            }
        }
    }

    fn report(&mut self, file: &str, import: &Import, problem: Problem) {
        if let Some(file) = self.loaded.sources.get(file) {
            self.loaded.problems.push(problem.at(file, import.path_position, "imported here"));
        }
    }

    fn import(&mut self, import: &Import) -> Option<Problem> {
        let Some(path) = &import.path else {
            return Some(Problem::error("IMPORT_COMPUTED", "the path of an import must be a literal").hint(
                "write it out: everything that a run can execute is loaded, checked and stored before it starts",
            ));
        };
        let key =
            match imports::key(path) {
                Ok(key) => key,
                Err(why) => {
                    return Some(Problem::error("IMPORT_PATH", format!("`{path}` cannot be imported: {why}")).hint(
                        "files are imported from the runbook's own folder, as `import \"lib/checks\" as checks;`",
                    ));
                }
            };
        if let Some(from) = self.way.iter().position(|(open, _)| *open == key) {
            let mut names: Vec<&str> = self.way[from..].iter().map(|(_, name)| name.as_str()).collect();
            names.extend(names.first().copied());
            return Some(
                Problem::error("IMPORT_CYCLE", format!("files import each other in a circle: {}", names.join(" → ")))
                    .hint("move what both need into a third file"),
            );
        }
        if self.loaded.texts.iter().any(|(known, _)| *known == key) {
            return None;
        }
        match self.files.module(&key) {
            Ok(Some(file)) => {
                if let Some(ast) = self.file(&key, &file) {
                    self.loaded.modules.insert(key, ast);
                }
                None
            }
            Ok(None) => Some(self.missing(path, &key)),
            Err(error) => Some(Problem::of(&error)),
        }
    }

    fn missing(&self, path: &str, key: &str) -> Problem {
        let Some(name) = imports::std_name(key) else {
            return Problem::error("IMPORT_NOT_FOUND", format!("there is no file {}", self.files.name_of(key)))
                .hint("an import is relative to the runbook's folder, and `.rhai` is added");
        };
        let known: Vec<String> = stdlib::names().map(|name| format!("std/{name}")).collect();
        let hint = did_you_mean_name(&format!("std/{name}"), known.iter().map(String::as_str))
            .unwrap_or_else(|| format!("the standard library has {}", known.join(", ")));
        Problem::error("IMPORT_NOT_FOUND", format!("there is no module `{path}`")).hint(hint)
    }
}
