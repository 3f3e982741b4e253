//! A loaded runbook, played from its first line to its last.

use super::api::HostApi;
use super::catching;
use super::engine::Engine;
use super::failure;
use super::memory::Memory;
use super::problem::Problem;
use super::runbook::Runbook;
use crate::bind::host::{Explain, Host, Locate};
use crate::bind::raised::trouble_of;
use crate::error::Error;
use crate::event::Progress;
use crate::run::parallel::STACK;
use crate::run::session::Session;
use crate::run::stop::Level;
use crate::run::trouble::{Halt, Raised, Trouble};
use rhai::{Dynamic, EvalAltResult, Scope};
use std::sync::Arc;

/// Plays the runbook on a thread of its own, to its end or its trouble. `host` gives the run that the host functions find.
pub fn play(mut engine: Engine, runbook: &Runbook, host: impl FnOnce(Explain, Locate) -> Host) -> Result<(), Trouble> {
    let host = host(explain(&engine, runbook), locate(runbook));
    engine.set_default_tag(Dynamic::from(host.clone()));
    engine.set_module_resolver(runbook.modules());
    catching::unify(&mut engine, runbook.catch_variables());
    hook(&mut engine, &host.session);
    let run = || {
        let result = engine.run_ast_with_scope(&mut Scope::new(), runbook.ast());
        result.map_err(|error| trouble_of(&host, error))
    };
    on_its_own_thread(run).unwrap_or_else(|error| Err(Halt::Broken(error).into()))
}

/// Scripts run on a thread whose stack holds as many calls as the engine allows.
pub(crate) fn on_its_own_thread<T: Send>(run: impl FnOnce() -> T + Send) -> Result<T, Error> {
    let joined = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("script".to_owned()).stack_size(STACK).spawn_scoped(scope, run);
        thread.map(std::thread::ScopedJoinHandle::join)
    });
    joined.ok().and_then(Result::ok).ok_or_else(|| {
        let error = Error::new("SCRIPT_THREAD", "the script's thread could not be run to its end");
        error.hint(
            "something panicked: a fault of krun, or of what a program that embeds it has added; a resume goes on",
        )
    })
}

/// What the screen shows of an uncaught error: its place, and one label for each call on the way to it. None where the
/// language had no part in it.
pub fn problem_of(raised: &Raised, runbook: &Runbook, engine: &Engine) -> Option<Problem> {
    let error = raised.origin.as_ref()?.downcast_ref::<Box<EvalAltResult>>()?;
    Some(failure::problem(error, runbook.name(), runbook.source_map(), &HostApi::of(engine)))
}

fn explain(engine: &Engine, runbook: &Runbook) -> Explain {
    let (api, sources, start) = (HostApi::of(engine), runbook.source_map().clone(), runbook.name().to_owned());
    Arc::new(move |error| (failure::to_error(error, &api), failure::place_of(error, &start, &sources)))
}

fn locate(runbook: &Runbook) -> Locate {
    let sources = runbook.source_map().clone();
    Arc::new(move |claimed, name, position| failure::place_of_call(claimed, name, position, &sources))
}

pub(super) fn hook(engine: &mut Engine, session: &Session) {
    let (print, debug, stop) = (session.clone(), session.clone(), session.stop().clone());
    engine.on_print(move |text| print.note(Progress::Log { text: text.to_owned() }));
    engine.on_debug(move |text, _, position| debug.note(Progress::Log { text: format!("{position:?}: {text}") }));
    let memory = Memory::new();
    engine.on_progress(move |_| {
        if stop.level() >= Level::Now {
            return Some(Dynamic::from(Halt::Interrupted));
        }
        memory.is_used_up().map(|error| Dynamic::from(Halt::Broken(error)))
    });
}
