//! The calls on the way to an error, each in its true file.
//!
//! In `ErrorInFunctionCall(name, source, inner, position)` the position lies in the *caller's* file, and `source` is the
//! file of `inner`: so one starts in the file that was run and shifts by one at each call. Rhai's `source` is wrong for a
//! closure that a module calls: it names the module. The closure's own name tells its file, and for the functions that it
//! calls in turn, whether the call is qualified does.

use super::source::SourceMap;
use crate::bind::raised::Raised;
use rhai::{EvalAltResult, Position};
use std::sync::Arc;

pub(super) struct Trail<'e> {
    /// The call sites, outermost first.
    pub(super) calls: Vec<CallSite>,
    innermost: Innermost<'e>,
    /// Where the error lies.
    pub(super) file: String,
    pub(super) position: Position,
}

impl Trail<'_> {
    /// The error itself.
    pub(super) fn error(&self) -> &EvalAltResult {
        match &self.innermost {
            Innermost::Own(error) => error,
            Innermost::Carried(origin) => below_its_frames(origin),
        }
    }
}

/// The error at the end of a trail: of the error that was followed, or of one that it carries.
enum Innermost<'e> {
    Own(&'e EvalAltResult),
    Carried(Arc<Box<EvalAltResult>>),
}

pub(super) struct CallSite {
    pub(super) file: String,
    pub(super) position: Position,
    pub(super) what: What,
}

/// Why a place is on the way.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum What {
    Function(String),
    /// A closure was called from here, or a file imported.
    Closure,
    /// An error that was caught was thrown again here.
    ThrownAgain,
}

/// Follows an error that came out of `start`, the name of the file that was run.
///
/// An error that left a closure of `step` and the like has become a value; it carries the engine's own error, with the
/// frames inside that closure, and so on inwards.
pub(super) fn follow<'e>(error: &'e EvalAltResult, start: &str, sources: &SourceMap) -> Trail<'e> {
    let here = Here { file: start.to_owned(), claimed: start.to_owned() };
    let mut walk = Walk { here, calls: Vec::new(), sources };
    let mut trail_end = walk.descend(error).position();
    let mut innermost = Innermost::Own(below_its_frames(error));
    let mut carried = carried_by(below_its_frames(error));
    while let Some(origin) = carried {
        walk.pass_on(&origin, trail_end);
        let inner = walk.descend(&origin);
        trail_end = inner.position();
        carried = carried_by(inner);
        innermost = Innermost::Carried(origin);
    }
    let Walk { here, calls, .. } = walk;
    finish(Trail { calls, innermost, file: here.file, position: trail_end }, sources)
}

fn finish<'e>(mut trail: Trail<'e>, sources: &SourceMap) -> Trail<'e> {
    // Rhai gives no position to some errors: the call that raised them is the nearest that is known.
    while trail.position.is_none() {
        let Some(call) = trail.calls.pop() else { break };
        trail.position = call.position;
        trail.file = call.file;
    }
    if let Some(only) = shared_at(trail.error(), &trail.file, sources) {
        trail.position = only;
    }
    trail.calls.retain(|call| !call.position.is_none());
    let mut seen = vec![(trail.file.clone(), trail.position)];
    // A host function and the closure that it called share a position: one label is enough.
    trail.calls.reverse();
    trail.calls.retain(|call| {
        let at = (call.file.clone(), call.position);
        let new = !seen.contains(&at);
        seen.push(at);
        new
    });
    trail.calls.reverse();
    trail
}

/// The error without the calls on the way to it.
pub(super) fn below_its_frames(error: &EvalAltResult) -> &EvalAltResult {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) | EvalAltResult::ErrorInModule(_, inner, _) => {
            below_its_frames(inner)
        }
        error => error,
    }
}

/// The engine's error that a raised value carries.
fn carried_by(error: &EvalAltResult) -> Option<Arc<Box<EvalAltResult>>> {
    let EvalAltResult::ErrorRuntime(value, _) = error else { return None };
    let origin = value.read_lock::<Raised>()?.origin.clone()?;
    origin.downcast().ok()
}

struct Walk<'s> {
    here: Here,
    calls: Vec<CallSite>,
    sources: &'s SourceMap,
}

impl Walk<'_> {
    /// Goes through the frames of one error, and gives what lies below them.
    fn descend<'o>(&mut self, mut error: &'o EvalAltResult) -> &'o EvalAltResult {
        loop {
            match error {
                EvalAltResult::ErrorInFunctionCall(name, source, inner, position) => {
                    let what = if is_closure(name) { What::Closure } else { What::Function(name.clone()) };
                    self.pass(*position, what);
                    self.here.enter(name, source, *position, self.sources);
                    error = inner;
                }
                EvalAltResult::ErrorInModule(module, inner, position) => {
                    self.pass(*position, What::Closure);
                    if self.sources.get(module).is_some() {
                        self.here = Here { file: module.clone(), claimed: module.clone() };
                    }
                    error = inner;
                }
                error => return error,
            }
        }
    }

    fn pass(&mut self, position: Position, what: What) {
        self.calls.push(CallSite { file: self.here.file.clone(), position, what });
    }

    /// From a raised value at `position` to the error that it carries. Where the two do not lie at the same call, the
    /// value was caught and thrown again, perhaps by another file: the closure tells its own.
    fn pass_on(&mut self, origin: &EvalAltResult, position: Position) {
        let EvalAltResult::ErrorInFunctionCall(name, _, _, called_at) = origin else { return };
        if *called_at == position {
            return;
        }
        self.pass(position, What::ThrownAgain);
        if let Some(home) = self.sources.only_home(name) {
            self.here = Here { file: home.name().to_owned(), claimed: home.name().to_owned() };
        }
    }
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
