//! What the host functions of one run share: it travels as the engine's tag, so it reaches closures and modules alike.

use crate::bind::raised::RhaiResultOf;
use crate::effect::connection::Connection;
use crate::error::Error;
use crate::event::Place;
use crate::run::session::Session;
use rhai::{EvalAltResult, NativeCallContext, Position};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An engine error in krun's words, and its true place.
pub type Explain = Arc<dyn Fn(&EvalAltResult) -> (Error, Option<Place>) + Send + Sync>;

/// The place of a call, from the file that the engine claims, the function's name and the position.
pub type Locate = Arc<dyn Fn(&str, &str, Position) -> Option<Place> + Send + Sync>;

#[derive(Clone)]
pub struct Host {
    pub session: Session,
    pub connection: Connection,
    pub params: Arc<BTreeMap<String, Value>>,
    pub explain: Explain,
    pub locate: Locate,
}

impl Host {
    /// The run that a host function was called from.
    pub(crate) fn of(context: &NativeCallContext) -> RhaiResultOf<Self> {
        let host = context.tag().and_then(|tag| tag.clone().try_cast::<Self>());
        host.ok_or_else(|| {
            let error = Error::new("NO_RUN", "this works only in a run").hint("run the script with `krun SCRIPT.rhai`");
            super::raised::raise_at(error, Position::NONE)
        })
    }
}
