//! The calls on the way to an error, each in its true file.
//!
//! In `ErrorInFunctionCall(name, source, inner, position)` the position lies in the *caller's* file, and `source` is the
//! file of `inner`: so one starts in the file that was run and shifts by one at each call. Rhai's `source` is wrong for a
//! closure that a module calls: it names the module. The closure's own name tells its file, and for the functions that it
//! calls in turn, whether the call is qualified does.
//!
//! A host function that calls a closure turns the closure's error into one of its own, which keeps the first as its
//! origin: the trail goes on there.

use super::caught;
use super::source::{SourceMap, place};
use crate::bind::raised::Raised;
use crate::event::Place;
use rhai::{EvalAltResult, Map, Position};

pub(super) struct Trail {
    /// The call sites, outermost first.
    pub(super) calls: Vec<CallSite>,
    /// Where the error itself lies, and what happened there.
    pub(super) file: String,
    pub(super) position: Position,
    pub(super) what: &'static str,
    /// Where the error was first raised, where that is elsewhere: it was caught and thrown again.
    pub(super) origin: Option<Place>,
}

pub(super) struct CallSite {
    pub(super) file: String,
    pub(super) position: Position,
    pub(super) what: String,
}

/// Follows an error that came out of `start`, the name of the file that was run.
pub(super) fn follow(error: &EvalAltResult, start: &str, sources: &SourceMap) -> Trail {
    let here = Here { file: start.to_owned(), claimed: start.to_owned(), is_known: true };
    let mut walk = Walk { sources, here, calls: Vec::new() };
    walk.go(error)
}

pub(super) fn is_closure(name: &str) -> bool {
    name.starts_with("anon$")
}

struct Walk<'s> {
    sources: &'s SourceMap,
    here: Here,
    calls: Vec<CallSite>,
}

impl Walk<'_> {
    fn go(&mut self, error: &EvalAltResult) -> Trail {
        match error {
            EvalAltResult::ErrorInFunctionCall(name, source, inner, position) => {
                let closure = is_closure(name);
                // A closure stands where it is given to a step: so its file is that of the call.
                if let Some(home) = self.sources.only_home(name).filter(|_| closure && !self.here.is_known) {
                    let file = home.name().to_owned();
                    self.here = Here { claimed: file.clone(), file, is_known: true };
                }
                self.call(*position, if closure { PASSED.to_owned() } else { format!("in `{name}`, called here") });
                self.here.enter(name, source, *position, self.sources);
                self.go(inner)
            }
            EvalAltResult::ErrorInModule(module, inner, position) => {
                self.call(*position, PASSED.to_owned());
                if self.sources.get(module).is_some() {
                    self.here = Here { file: module.clone(), claimed: module.clone(), is_known: true };
                }
                self.go(inner)
            }
            EvalAltResult::ErrorRuntime(value, position) => {
                let raised = value.read_lock::<Raised>();
                let origin = raised.as_ref().and_then(|raised| raised.origin.as_ref());
                let Some(origin) = origin.and_then(|origin| origin.downcast_ref::<Box<EvalAltResult>>()) else {
                    return self.end(error);
                };
                let file = self.sources.get(&self.here.file);
                let thrown = file.is_some_and(|file| file.text()[file.span(*position)].starts_with("throw"));
                self.call(*position, if thrown { THROWN_AGAIN } else { PASSED }.to_owned());
                // Where it was caught says nothing about where the step was that it came from.
                self.here.is_known &= !thrown;
                self.go(origin)
            }
            _ => self.end(error),
        }
    }

    fn call(&mut self, position: Position, what: String) {
        if self.here.is_known && !position.is_none() {
            self.calls.push(CallSite { file: self.here.file.clone(), position, what });
        }
    }

    fn end(&mut self, error: &EvalAltResult) -> Trail {
        let mut position = if self.here.is_known { error.position() } else { Position::NONE };
        let mut calls = std::mem::take(&mut self.calls);
        // Rhai gives no position to some errors: the call that raised them is the nearest that is known.
        if position.is_none()
            && let Some(call) = calls.pop()
        {
            position = call.position;
            self.here.file = call.file;
        }
        if let Some(only) = shared_at(error, &self.here.file, self.sources) {
            position = only;
        }
        let origin = carried(error, &self.here.file, position);
        let what = if origin.is_some() { given_again(error) } else { what_happened(error) };
        let mut seen = vec![(self.here.file.clone(), position)];
        // A host function and the closure that it called share a position: one label is enough.
        calls.reverse();
        calls.retain(|call| {
            let at = (call.file.clone(), call.position);
            let new = !seen.contains(&at);
            seen.push(at);
            new
        });
        calls.reverse();
        Trail { calls, file: self.here.file.clone(), position, what, origin }
    }
}

/// Of a call whose name is not known: of a closure, of a file that is imported.
pub(super) const PASSED: &str = "on the way here";
const THROWN_AGAIN: &str = "thrown again here";

fn what_happened(error: &EvalAltResult) -> &'static str {
    match error {
        EvalAltResult::ErrorRuntime(value, _) if value.read_lock::<Raised>().is_some() => "raised here",
        EvalAltResult::ErrorRuntime(..) => "thrown here",
        EvalAltResult::ErrorTerminated(..) => "stopped here",
        _ => "here",
    }
}

/// An error that lies elsewhere than it was raised.
fn given_again(error: &EvalAltResult) -> &'static str {
    let raised = match error {
        EvalAltResult::ErrorRuntime(value, _) => value.read_lock::<Raised>(),
        _ => None,
    };
    let is_recorded = raised.is_some_and(|raised| raised.failure.is_some() && raised.origin.is_none());
    if is_recorded { "failed before: this is the error that was recorded" } else { THROWN_AGAIN }
}

/// The place that a thrown value carries, where it is not that of the throw.
fn carried(error: &EvalAltResult, file: &str, thrown_at: Position) -> Option<Place> {
    let EvalAltResult::ErrorRuntime(value, _) = error else { return None };
    let carried = match value.read_lock::<Raised>() {
        Some(raised) => raised.place.clone(),
        None => value.read_lock::<Map>().and_then(|map| caught::read(&map)?.place),
    }?;
    let thrown_at = place(file, thrown_at);
    let is_elsewhere = thrown_at.is_none_or(|at| (at.line, at.column) != (carried.line, carried.column));
    is_elsewhere.then_some(carried)
}

/// Rhai gives no position to a value that is shared while it changes, but the name of the method: where the file calls
/// that method once, it is there.
fn shared_at(error: &EvalAltResult, file: &str, sources: &SourceMap) -> Option<Position> {
    let EvalAltResult::ErrorDataRace(what, Position::NONE) = error else { return None };
    let method = what.split('\'').nth(1)?;
    sources.get(file)?.only_call_of(method)
}

struct Here {
    /// The file that we are in.
    file: String,
    /// The file that Rhai believes we are in.
    claimed: String,
    is_known: bool,
}

impl Here {
    /// Goes into the function that is called at `position`.
    fn enter(&mut self, name: &str, source: &str, position: Position, sources: &SourceMap) {
        let source = if sources.get(source).is_some() { source } else { self.claimed.as_str() }.to_owned();
        let stays = if is_closure(name) {
            match sources.only_home(name) {
                Some(home) => {
                    home.name().clone_into(&mut self.file);
                    self.is_known = true;
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
