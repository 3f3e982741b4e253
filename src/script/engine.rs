//! The only place that builds a Rhai engine: strictness, limits, and what the language is not allowed to do.

use crate::bind::raised::Raised;
use crate::error::Error;
use crate::event::Place;
use rhai::module_resolvers::DummyModuleResolver;
pub use rhai::{self, Engine};
use rhai::{Dynamic, EvalAltResult, FLOAT, INT, NativeCallContext, OptimizationLevel};

/// How deep script functions may call each other. Set explicitly: Rhai's own defaults differ between debug and release.
pub const CALL_LEVELS: usize = 64;
/// How deep expressions and blocks may nest. A closure in a closure counts on.
const NESTING: usize = 64;
const MODULES: usize = 256;
const FUNCTIONS: usize = 4096;
const VARIABLES: usize = 4096;

/// An engine with the host functions that `register` adds. Whoever runs a script adds the hooks for `print`, `debug` and
/// progress, and the runbook's own [resolver](super::resolver::Modules): without it every `import` fails.
///
/// One engine compiles, checks and runs, without optimisation: what runs is what was checked, the names of closures and
/// the positions are the same in both, and no host function is called while compiling.
pub fn build(register: impl FnOnce(&mut Engine)) -> Engine {
    let mut engine = Engine::new();
    // `type_of` speaks as the diagnostics do.
    engine.register_type_with_name::<INT>("int").register_type_with_name::<FLOAT>("float");
    register(&mut engine);
    // Afterwards: nobody who adds functions can loosen these.
    bound(&mut engine);
    engine
}

fn bound(engine: &mut Engine) {
    engine
        .set_strict_variables(true)
        .set_fail_on_invalid_map_property(true)
        .set_optimization_level(OptimizationLevel::None)
        .set_module_resolver(DummyModuleResolver::new())
        .disable_symbol("eval");
    engine
        .set_max_call_levels(CALL_LEVELS)
        .set_max_expr_depths(NESTING, NESTING)
        // With any limit of these, Rhai counts all that is in a value each time something is added to it: a loop over 20,000
        // partitions would take minutes. `memory` bounds all of them together.
        .set_max_string_size(0)
        .set_max_array_size(0)
        .set_max_map_size(0)
        .set_max_modules(MODULES)
        .set_max_functions(FUNCTIONS)
        .set_max_variables(VARIABLES)
        // A wait runs for hours: only its timeout ends it.
        .set_max_operations(0);
    // `exit` is a function of a package, not a symbol: it can only be replaced. Left alone it would end a run, past
    // every `try`, as if all had gone well.
    engine.register_fn("exit", |context: NativeCallContext| exit_is_off(&context));
    engine.register_fn("exit", |context: NativeCallContext, _: Dynamic| exit_is_off(&context));
}

fn exit_is_off(context: &NativeCallContext) -> Result<(), Box<EvalAltResult>> {
    let position = context.call_position();
    let place = position.line().map(|line| Place {
        file: context.call_source().unwrap_or_default().to_owned(),
        line,
        column: position.position().unwrap_or(1),
    });
    let error = exit_error();
    Err(Box::new(EvalAltResult::ErrorRuntime(
        Dynamic::from(Raised { error, place, failure: None, origin: None }),
        position,
    )))
}

pub(super) fn exit_error() -> Error {
    Error::new("SCRIPT_EXIT", "`exit` is not available: a run ends when its script ends")
        .hint("to stop with an error, call `fail(\"why\")`; to leave early, `return`")
}
