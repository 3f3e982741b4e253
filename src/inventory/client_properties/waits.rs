//! How long to wait for brokers, in milliseconds.

use super::properties::Properties;
use crate::error::Error;
use crate::kafka::Deadlines;
use std::time::Duration;

pub(super) fn read(properties: &mut Properties) -> Result<Deadlines, Error> {
    let usual = Deadlines::default();
    let connect = duration(properties, "socket.connection.setup.timeout.ms", usual.connect)?;
    let request = duration(properties, "request.timeout.ms", usual.request)?;
    let call = duration(properties, "default.api.timeout.ms", usual.call.max(request))?;
    if call < request {
        let why = format!("is shorter than request.timeout.ms, {request:?}");
        return Err(properties.wrong("default.api.timeout.ms", &why).hint("a call is one request at least"));
    }
    Ok(Deadlines { connect, request, call })
}

fn duration(properties: &Properties, key: &str, usual: Duration) -> Result<Duration, Error> {
    let Some(text) = properties.value(key) else { return Ok(usual) };
    match text.parse::<u32>() {
        Ok(milliseconds) if milliseconds > 0 => Ok(Duration::from_millis(milliseconds.into())),
        _ => Err(properties.wrong(key, &format!("is no number of milliseconds: {text}")).hint("for example 30000")),
    }
}
