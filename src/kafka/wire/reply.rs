//! One reply frame, from bytes to a message: the correlation id, the guard, the codec.

use super::apis::Api;
use super::guard;
use bytes::{Buf, Bytes};
use kafka_protocol::messages::ResponseHeader;
use kafka_protocol::protocol::{Decodable, HeaderVersion};

/// Decodes the reply to request number `correlation`. The error says what is wrong with it.
pub(crate) fn decode<R: Api>(mut frame: Bytes, version: i16, correlation: i32) -> Result<R::Response, String> {
    let header_version = R::Response::header_version(version);
    let Some((id, rest)) = frame.split_first_chunk::<4>() else {
        return Err(format!("it has {} bytes only", frame.len()));
    };
    let id = i32::from_be_bytes(*id);
    if id != correlation {
        return Err(format!("it answers request {id}, and request {correlation} was asked"));
    }
    guard::check(&R::REPLY, version, header_version >= 1, rest)?;
    ResponseHeader::decode(&mut frame, header_version).map_err(|error| error.to_string())?;
    let response = R::Response::decode(&mut frame, version).map_err(|error| error.to_string())?;
    match frame.remaining() {
        0 => Ok(response),
        left => Err(format!("{left} bytes too many at its end")),
    }
}
