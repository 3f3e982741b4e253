//! Questions to a cluster, one after the other and outside of any runbook: variables and functions of one are there for
//! the next.

use super::api::HostApi;
use super::completion::Names;
use super::engine::{self, Engine};
use super::imports;
use super::play::{hook, on_its_own_thread};
use super::problem::{Problem, Report};
use super::resolver::Modules;
use super::source::SourceMap;
use super::type_words::word;
use super::{catching, failure, stdlib, syntax};
use crate::bind;
use crate::bind::cluster::Cluster;
use crate::bind::host::{Explain, Host, Locate};
use crate::bind::raised::trouble_of;
use crate::bind::value::encode;
use crate::error::Error;
use crate::run::trouble::{Halt, Trouble};
use rhai::{AST, Dynamic, EvalAltResult, Position, Scope};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Everything that was typed, and what it left behind.
pub struct Asking {
    engine: Engine,
    api: HostApi,
    host: Host,
    scope: Scope<'static>,
    /// The functions and closures of what was asked before.
    functions: AST,
    texts: Arc<RwLock<Texts>>,
    /// `std/*` is compiled once something is imported.
    has_library: bool,
    /// By alias: what was imported, such as `std/reassign`.
    modules: BTreeMap<String, String>,
}

/// What has been typed so far, and which of it runs now.
#[derive(Default)]
struct Texts {
    sources: SourceMap,
    current: String,
}

/// What came of a question.
#[derive(Debug)]
pub struct Answer {
    /// The value as data, or why it has none: a cluster, a closure.
    pub data: Result<Value, Error>,
    /// The value as `print` shows it, where it is no plain data.
    pub text: String,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Unanswered {
    /// The text is no script.
    Unreadable(Box<Report>),
    /// It failed, and where.
    Failed(Box<Report>),
    /// It was interrupted, or asked a question of its own.
    Halted(Halt),
}

impl Asking {
    /// `host` gives the session that is asked through; `cluster` is its cluster.
    pub fn new(host: impl FnOnce(Explain, Locate) -> Host) -> Self {
        let engine = engine::build(bind::register);
        let api = HostApi::of(&engine);
        let texts: Arc<RwLock<Texts>> = Arc::default();
        let host = host(explain(&api, &texts), locate(&texts));
        let (scope, functions) = (Scope::new(), AST::empty());
        let mut asking =
            Self { engine, api, host, scope, functions, texts, has_library: false, modules: BTreeMap::new() };
        asking.bind();
        asking
    }

    /// From now on through another session: one that may change things, or no longer may.
    pub fn go_on_with(&mut self, host: impl FnOnce(Explain, Locate) -> Host) {
        self.host = host(explain(&self.api, &self.texts), locate(&self.texts));
        self.bind();
    }

    fn bind(&mut self) {
        self.engine.set_default_tag(Dynamic::from(self.host.clone()));
        hook(&mut self.engine, &self.host.session);
        if !self.scope.contains("cluster") {
            self.scope.push("cluster", Cluster(self.host.clone()));
        }
        // A cluster that somebody keeps under another name goes through the new session, too.
        let names: Vec<String> = self.scope.iter_raw().map(|(name, ..)| name.to_owned()).collect();
        for name in names {
            if let Some(mut cluster) = self.scope.get_mut(&name).and_then(Dynamic::write_lock::<Cluster>) {
                *cluster = Cluster(self.host.clone());
            }
        }
    }

    /// What a question can name, sorted.
    pub fn names(&self) -> Names {
        let kinds: BTreeMap<String, String> =
            self.scope.iter().map(|(name, _, value)| (name.to_owned(), word(value.type_name()))).collect();
        Names { variables: kinds.into_iter().collect(), modules: self.modules.clone() }
    }

    /// Runs one text. `step`: as the step of this name, so that it may change things.
    pub fn ask(&mut self, name: &str, text: &str, step: Option<&str>) -> Result<Answer, Unanswered> {
        let ast = self.compile(name, text)?;
        if !self.has_library && !imports::of(&ast).is_empty() {
            self.engine.set_module_resolver(standard_library(&self.engine, &self.texts));
            self.has_library = true;
        }
        let whole = {
            let mut whole = self.functions.merge(&ast);
            whole.set_source(name);
            whole
        };
        catching::unify(&mut self.engine, catching::variables(&whole));
        let (engine, host, scope) = (&self.engine, &self.host, &mut self.scope);
        let result = on_its_own_thread(move || {
            let mut given = Dynamic::UNIT;
            let mut run = || {
                given = engine.eval_ast_with_scope(scope, &whole).map_err(|error| trouble_of(host, error))?;
                // Nothing ever asks for it again: what was typed is never played from a journal.
                Ok(Value::Null)
            };
            match step {
                Some(step) => host.session.step(step, run).map(drop)?,
                None => run().map(drop)?,
            }
            Ok(answer(engine, &given))
        });
        self.functions = self.functions.merge(&ast.clone_functions_only());
        self.keep_imports(&ast);
        match result {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(trouble)) => Err(self.unanswered(name, trouble)),
            Err(error) => Err(Unanswered::Halted(Halt::Broken(error))),
        }
    }

    /// An `import` of Rhai's ends with its text; here it is there for the next one, too.
    fn keep_imports(&mut self, ast: &AST) {
        for (path, alias) in imports::at_the_top(ast) {
            if let Ok(module) = self.engine.module_resolver().resolve(&self.engine, None, path, Position::NONE) {
                self.engine.register_static_module(alias, module);
                self.modules.insert(alias.to_owned(), path.to_owned());
            }
        }
    }

    fn compile(&self, name: &str, text: &str) -> Result<AST, Unanswered> {
        let mut texts = self.texts.write().unwrap_or_else(PoisonError::into_inner);
        name.clone_into(&mut texts.current);
        texts.sources.add(name, text);
        match self.engine.compile_with_scope(&self.scope, text) {
            Ok(mut ast) => {
                ast.set_source(name);
                texts.sources.learn(name, &ast);
                Ok(ast)
            }
            Err(error) => {
                let problem = syntax::problem(&error, name, &texts.sources, &self.engine);
                Err(Unanswered::Unreadable(Box::new(Report::new(vec![problem], texts.sources.clone()))))
            }
        }
    }

    fn unanswered(&self, name: &str, trouble: Trouble) -> Unanswered {
        let raised = match trouble {
            Trouble::Halt(halt) => return Unanswered::Halted(halt),
            Trouble::Failed(raised) => raised,
        };
        let sources = self.texts.read().unwrap_or_else(PoisonError::into_inner).sources.clone();
        let origin = raised.origin.as_ref().and_then(|origin| origin.downcast_ref::<Box<EvalAltResult>>());
        let problem = match origin {
            Some(error) => failure::problem(error, name, &sources, &self.api),
            None => Problem::of(&raised.error),
        };
        Unanswered::Failed(Box::new(Report::new(vec![problem], sources)))
    }
}

fn explain(api: &HostApi, texts: &Arc<RwLock<Texts>>) -> Explain {
    let (api, texts) = (api.clone(), texts.clone());
    Arc::new(move |error| {
        let texts = texts.read().unwrap_or_else(PoisonError::into_inner);
        (failure::to_error(error, &api), failure::place_of(error, &texts.current, &texts.sources))
    })
}

fn locate(texts: &Arc<RwLock<Texts>>) -> Locate {
    let texts = texts.clone();
    Arc::new(move |claimed, name, position| {
        let texts = texts.read().unwrap_or_else(PoisonError::into_inner);
        failure::place_of_call(claimed, name, position, &texts.sources)
    })
}

/// `std/*` can be imported; files cannot, since a question stands in no folder.
fn standard_library(engine: &Engine, texts: &Arc<RwLock<Texts>>) -> Modules {
    let mut compiled = BTreeMap::new();
    for name in stdlib::names() {
        let (path, text) = (format!("std/{name}"), stdlib::text(name).unwrap_or_default());
        let (Ok(key), Ok(mut ast)) = (imports::key(&path), engine.compile(text)) else { continue };
        ast.set_source(&path);
        let mut texts = texts.write().unwrap_or_else(PoisonError::into_inner);
        texts.sources.add(&path, text);
        texts.sources.learn(&path, &ast);
        compiled.insert(key, ast);
    }
    Modules::new(compiled)
}

fn answer(engine: &Engine, value: &Dynamic) -> Answer {
    let data = encode(value);
    if data.as_ref().is_ok_and(|data| data.get("$krun").is_none()) {
        return Answer { data, text: String::new() };
    }
    let mut scope = Scope::new();
    scope.push_dynamic("value", value.clone());
    let text = engine.eval_expression_with_scope::<String>(&mut scope, "value.to_string()");
    Answer { data, text: text.unwrap_or_else(|_| value.to_string()) }
}
