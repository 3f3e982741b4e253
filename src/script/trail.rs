//! The calls on the way to an error, each in its true file.
//!
//! In `ErrorInFunctionCall(name, source, inner, position)` the position lies in the *caller's* file, and `source` is the
//! file of `inner`: so one starts in the file that was run and shifts by one at each call. Rhai's `source` is wrong for a
//! closure that a module calls: it names the module. The closure's own name tells its file, and for the functions that it
//! calls in turn, whether the call is qualified does.

use super::source::SourceMap;
use rhai::{EvalAltResult, Position};

pub(super) struct Trail<'e> {
    /// The call sites, outermost first.
    pub(super) calls: Vec<CallSite>,
    /// The error itself, and where it lies.
    pub(super) error: &'e EvalAltResult,
    pub(super) file: String,
    pub(super) position: Position,
}

pub(super) struct CallSite {
    pub(super) file: String,
    pub(super) position: Position,
    /// None for a closure.
    pub(super) name: Option<String>,
}

/// Follows an error that came out of `start`, the name of the file that was run.
pub(super) fn follow<'e>(error: &'e EvalAltResult, start: &str, sources: &SourceMap) -> Trail<'e> {
    let mut here = Here { file: start.to_owned(), claimed: start.to_owned() };
    let mut calls: Vec<CallSite> = Vec::new();
    let mut error = error;
    loop {
        match error {
            EvalAltResult::ErrorInFunctionCall(name, source, inner, position) => {
                let shown = (!is_closure(name)).then(|| name.clone());
                calls.push(CallSite { file: here.file.clone(), position: *position, name: shown });
                here.enter(name, source, *position, sources);
                error = inner;
            }
            EvalAltResult::ErrorInModule(module, inner, position) => {
                calls.push(CallSite { file: here.file.clone(), position: *position, name: None });
                if sources.get(module).is_some() {
                    here = Here { file: module.clone(), claimed: module.clone() };
                }
                error = inner;
            }
            _ => break,
        }
    }
    let mut position = error.position();
    // Rhai gives no position to some errors: the call that raised them is the nearest that is known.
    while position.is_none() {
        let Some(call) = calls.pop() else { break };
        position = call.position;
        here.file = call.file;
    }
    if let Some(only) = shared_at(error, &here.file, sources) {
        position = only;
    }
    calls.retain(|call| !call.position.is_none());
    let mut seen = vec![(here.file.clone(), position)];
    // A host function and the closure that it called share a position: one label is enough.
    calls.reverse();
    calls.retain(|call| {
        let at = (call.file.clone(), call.position);
        let new = !seen.contains(&at);
        seen.push(at);
        new
    });
    calls.reverse();
    Trail { calls, error, file: here.file, position }
}

/// Rhai gives no position to a value that is shared while it changes, but the name of the method: where the file calls
/// that method once, it is there.
fn shared_at(error: &EvalAltResult, file: &str, sources: &SourceMap) -> Option<Position> {
    let EvalAltResult::ErrorDataRace(what, Position::NONE) = error else { return None };
    let method = what.split('\'').nth(1)?;
    sources.get(file)?.only_call_of(method)
}

pub(super) fn is_closure(name: &str) -> bool {
    name.starts_with("anon$")
}

struct Here {
    /// The file that we are in.
    file: String,
    /// The file that Rhai believes we are in.
    claimed: String,
}

impl Here {
    /// Goes into the function that is called at `position`.
    fn enter(&mut self, name: &str, source: &str, position: Position, sources: &SourceMap) {
        let source = if sources.get(source).is_some() { source } else { self.claimed.as_str() }.to_owned();
        let stays = if is_closure(name) {
            match sources.only_home(name) {
                Some(home) => {
                    home.name().clone_into(&mut self.file);
                    true
                }
                None => false,
            }
        } else {
            let file = sources.get(&self.file);
            let qualified = file.is_some_and(|file| file.is_qualified(position));
            // Rhai looks in the module that runs first. A host function is defined in no file: what it calls is told by
            // the next frame.
            let defined_there = sources.get(&source).is_some_and(|file| file.defines(name));
            !qualified && !defined_there
        };
        if !stays {
            self.file.clone_from(&source);
        }
        self.claimed = source;
    }
}
