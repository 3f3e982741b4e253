//! Questions to a cluster, one after the other and outside of any runbook: variables and functions of one are there for
//! the next.

use super::api::HostApi;
use super::engine::{self, Engine};
use super::imports;
use super::play::{hook, on_its_own_thread};
use super::problem::{Problem, Report};
use super::resolver::Modules;
use super::source::SourceMap;
use super::{catching, failure, stdlib, syntax};
use crate::bind;
use crate::bind::cluster::Cluster;
use crate::bind::host::{Explain, Host, Locate};
use crate::bind::raised::trouble_of;
use crate::bind::value::encode;
use crate::error::Error;
use crate::run::trouble::{Halt, Trouble};
use rhai::{AST, Dynamic, EvalAltResult, Scope};
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
    /// The value as `print` shows it.
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
        let mut asking = Self { engine, api, host, scope, functions, texts, has_library: false };
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
        self.scope.set_value("cluster", Cluster(self.host.clone()));
    }

    /// The names that a question can use, sorted.
    pub fn variables(&self) -> Vec<String> {
        let mut names: Vec<String> = self.scope.iter_raw().map(|(name, ..)| name.to_owned()).collect();
        names.sort();
        names.dedup();
        names
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
                Ok(encode(&given).unwrap_or(Value::Null))
            };
            match step {
                Some(step) => host.session.step(step, run).map(drop)?,
                None => run().map(drop)?,
            }
            Ok(answer(engine, &given))
        });
        self.functions = self.functions.merge(&ast.clone_functions_only());
        match result {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(trouble)) => Err(self.unanswered(name, trouble)),
            Err(error) => Err(Unanswered::Halted(Halt::Broken(error))),
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
    let mut scope = Scope::new();
    scope.push_dynamic("value", value.clone());
    let text = engine.eval_expression_with_scope::<String>(&mut scope, "value.to_string()");
    Answer { data: encode(value), text: text.unwrap_or_else(|_| value.to_string()) }
}
