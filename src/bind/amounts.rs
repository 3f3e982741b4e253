//! Amounts and instants as people read them.

use crate::bind::offsets::instant;
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::error::Error;
use crate::quantity::{Size, duration};
use jiff::Timestamp;
use rhai::{Engine, INT, NativeCallContext};

pub(crate) fn register(engine: &mut Engine) {
    function("size(bytes: int) -> string", "700000000000 as people read it: \"700GB\".")
        .register_into_engine(engine, size);
    function(
        "ago(how_long: string) -> string",
        "The instant so long before now, as `offsets` takes it: \"2026-01-01T00:00:00Z\". In a step, so that a resume means the same.",
    )
    .register_into_engine(engine, ago);
    function("ahead(how_long: string) -> string", "The instant so long from now: \"2026-01-01T00:00:00Z\".")
        .register_into_engine(engine, ahead);
}

fn size(context: NativeCallContext, bytes: INT) -> RhaiResultOf<String> {
    let bytes = u64::try_from(bytes).map_err(|_| {
        let error = Error::new("INVALID_SIZE", format!("{bytes} bytes is no size"));
        raise(&context, error.hint("0 or more"))
    })?;
    Ok(Size::from_bytes(bytes).to_string())
}

fn ago(context: NativeCallContext, how_long: &str) -> RhaiResultOf<String> {
    let then = milliseconds(how_long).and_then(|back| away(-back));
    then.map_err(|error| raise(&context, error))
}

fn ahead(context: NativeCallContext, how_long: &str) -> RhaiResultOf<String> {
    milliseconds(how_long).and_then(away).map_err(|error| raise(&context, error))
}

fn milliseconds(how_long: &str) -> Result<i64, Error> {
    let how_long = duration::parse(how_long)?;
    Ok(i64::try_from(how_long.as_millis()).unwrap_or(i64::MAX))
}

/// The instant so many milliseconds from now.
fn away(milliseconds: i64) -> Result<String, Error> {
    let then = Timestamp::now().as_millisecond().checked_add(milliseconds).filter(|then| *then >= 0);
    then.and_then(instant).ok_or_else(|| {
        let error = Error::new("INVALID_DURATION", "there is no instant that is so far away");
        error.hint("instants begin with 1970 and end with 9999")
    })
}
