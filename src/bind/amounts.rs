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
}

fn size(context: NativeCallContext, bytes: INT) -> RhaiResultOf<String> {
    let bytes = u64::try_from(bytes).map_err(|_| {
        let error = Error::new("INVALID_SIZE", format!("{bytes} bytes is no size"));
        raise(&context, error.hint("0 or more"))
    })?;
    Ok(Size::from_bytes(bytes).to_string())
}

fn ago(context: NativeCallContext, how_long: &str) -> RhaiResultOf<String> {
    let how_long = duration::parse(how_long).map_err(|error| raise(&context, error))?;
    let back = i64::try_from(how_long.as_millis()).ok();
    let then = back.and_then(|back| Timestamp::now().as_millisecond().checked_sub(back));
    then.filter(|then| *then >= 0).and_then(instant).ok_or_else(|| {
        let error = Error::new("INVALID_DURATION", "so long ago there was no Kafka");
        raise(&context, error.hint("instants begin with 1970"))
    })
}
