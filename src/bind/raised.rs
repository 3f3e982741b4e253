//! Errors between a script and a run: a [`Trouble`] on one side, the engine's error on the other.

use crate::bind::host::Host;
use crate::effect::connection::INTERRUPTED;
use crate::error::Error;
use crate::event::Place;
pub use crate::run::trouble::Raised;
use crate::run::trouble::{Halt, Trouble};
use rhai::{Dynamic, Engine, EvalAltResult, NativeCallContext, Position};
use std::sync::Arc;

/// The result of a host function. The name is what makes Rhai print `-> T` in its metadata.
pub type RhaiResultOf<T> = Result<T, Box<EvalAltResult>>;

/// An error of a host function, at the place of its call: an error from a namespaced call has none by itself.
pub(crate) fn raise(context: &NativeCallContext, error: Error) -> Box<EvalAltResult> {
    leave(context, error.into())
}

/// The place of a call: it stays with an error that a script catches and throws again elsewhere.
pub(crate) fn place_of(host: &Host, context: &NativeCallContext) -> Option<Place> {
    let claimed = context.call_source().unwrap_or_default();
    (host.locate)(claimed, context.fn_name(), context.call_position())
}

pub(crate) fn raise_at(error: Error, position: Position) -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(Raised::new(error)), position))
}

/// What leaves a host function.
pub(crate) fn leave(context: &NativeCallContext, trouble: Trouble) -> Box<EvalAltResult> {
    let position = context.call_position();
    match trouble {
        Trouble::Halt(halt) => Box::new(EvalAltResult::ErrorTerminated(Dynamic::from(halt), position)),
        Trouble::Failed(raised) if raised.error.code == INTERRUPTED => {
            Box::new(EvalAltResult::ErrorTerminated(Dynamic::from(Halt::Interrupted), position))
        }
        Trouble::Failed(mut raised) => {
            if raised.place.is_none() {
                raised.place = Host::of(context).ok().and_then(|host| place_of(&host, context));
            }
            Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(*raised), position))
        }
    }
}

/// What comes out of a script's closure, or out of the whole script.
pub fn trouble_of(host: &Host, error: Box<EvalAltResult>) -> Trouble {
    let raised = match innermost(&error) {
        EvalAltResult::ErrorTerminated(token, _) => {
            // Without a token it is the engine that was told to end.
            return Trouble::Halt(token.clone().try_cast::<Halt>().unwrap_or(Halt::Interrupted));
        }
        EvalAltResult::ErrorRuntime(value, _) => value.clone().try_cast::<Raised>(),
        _ => None,
    };
    let (explained, place) = (host.explain)(&error);
    let (error_data, place, failure) = match raised {
        // The frames know the place better than the value does, as long as they reach it.
        Some(raised) => (raised.error, place.or(raised.place), raised.failure),
        None => (explained, place, None),
    };
    Trouble::Failed(Box::new(Raised { error: error_data, place, failure, origin: Some(Arc::new(error)) }))
}

fn innermost(error: &EvalAltResult) -> &EvalAltResult {
    match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) | EvalAltResult::ErrorInModule(_, inner, _) => {
            innermost(inner)
        }
        other => other,
    }
}

/// `e.code`, `e.message`, `e.hint`, `e.retriable` of what `catch (e)` receives.
pub(crate) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<Raised>("Error")
        .register_get("code", |raised: &mut Raised| raised.error.code.clone())
        .register_get("message", |raised: &mut Raised| raised.error.message.clone())
        .register_get("hint", |raised: &mut Raised| raised.error.hint.clone().unwrap_or_default())
        .register_get("retriable", |raised: &mut Raised| raised.error.retriable)
        .register_fn("to_string", |raised: &mut Raised| raised.error.to_string())
        .register_fn("to_debug", |raised: &mut Raised| raised.error.to_string());
}
