//! A Kafka client of a few lines: one connection a request.

use bytes::{Buf, Bytes, BytesMut};
use kafka_protocol::messages::{RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, HeaderVersion, Request, encode_request_header_into_buffer};
use std::io::{Read, Result, Write};
use std::net::TcpStream;
use std::time::Duration;

const CORRELATION: i32 = 77;

pub(crate) fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

pub(crate) fn request_frame<R: Request>(request: &R, version: i16) -> Bytes {
    let header = RequestHeader::default()
        .with_request_api_key(R::KEY)
        .with_request_api_version(version)
        .with_correlation_id(CORRELATION)
        .with_client_id(Some("test".into()));
    let mut frame = BytesMut::new();
    encode_request_header_into_buffer(&mut frame, &header).unwrap();
    request.encode(&mut frame, version).unwrap();
    frame.freeze()
}

pub(crate) fn send(stream: &mut TcpStream, frame: &[u8]) -> Result<()> {
    stream.write_all(&u32::try_from(frame.len()).unwrap().to_be_bytes())?;
    stream.write_all(frame)
}

pub(crate) fn receive(stream: &mut TcpStream) -> Result<Bytes> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut frame = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
    stream.read_exact(&mut frame)?;
    Ok(frame.into())
}

/// Asks and decodes; an error where the broker closes instead.
pub(crate) fn try_ask<R: Request>(stream: &mut TcpStream, request: &R, version: i16) -> Result<R::Response> {
    send(stream, &request_frame(request, version))?;
    let mut frame = receive(stream)?;
    let header = ResponseHeader::decode(&mut frame, R::Response::header_version(version)).unwrap();
    assert_eq!(header.correlation_id, CORRELATION);
    let response = R::Response::decode(&mut frame, version).unwrap();
    assert!(!frame.has_remaining(), "bytes after the reply");
    Ok(response)
}

pub(crate) fn ask<R: Request>(address: &str, request: &R, version: i16) -> R::Response {
    try_ask(&mut connect(address), request, version).unwrap()
}
