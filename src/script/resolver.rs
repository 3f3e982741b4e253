//! Serves the modules that were loaded with a runbook. Nothing is read while a script runs.

use super::imports::{self, Key};
use rhai::{AST, Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

/// The compiled modules of one runbook; each is evaluated when it is first imported, and once.
#[derive(Debug, Default)]
pub struct Modules {
    compiled: BTreeMap<Key, AST>,
    evaluated: RwLock<BTreeMap<Key, Shared<Module>>>,
}

impl Modules {
    pub(super) fn new(compiled: BTreeMap<Key, AST>) -> Self {
        Self { compiled, evaluated: RwLock::default() }
    }

    fn evaluated(&self, key: &str) -> Option<Shared<Module>> {
        self.evaluated.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

impl ModuleResolver for Modules {
    fn resolve(
        &self,
        engine: &Engine,
        _source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let missing = || Box::new(EvalAltResult::ErrorModuleNotFound(path.to_owned(), position));
        let key = imports::key(path).map_err(|_| missing())?;
        if let Some(module) = self.evaluated(&key) {
            return Ok(module);
        }
        let ast = self.compiled.get(&key).ok_or_else(missing)?;
        // The lock is free meanwhile: the module may import others.
        let module = Module::eval_ast_as_new(Scope::new(), ast, engine).map_err(|error| {
            let name = ast.source().unwrap_or(path).to_owned();
            Box::new(EvalAltResult::ErrorInModule(name, error, position))
        })?;
        let module = Shared::new(module);
        self.evaluated.write().unwrap_or_else(PoisonError::into_inner).insert(key, module.clone());
        Ok(module)
    }
}
