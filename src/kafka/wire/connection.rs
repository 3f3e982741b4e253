//! One connection to one broker: one request in flight.
//!
//! [`Connection::exchange`] consumes the connection and gives it back only with a whole, well-formed answer. So a
//! connection that timed out, was cancelled or was answered with nonsense cannot be used again: a late answer would be
//! taken for that of the next request.

use super::address::Address;
use super::answer;
use super::apis::Api;
use super::deadlines::Deadlines;
use super::fault::Fault;
use super::reply;
use super::transport::Transport;
use super::versions::Versions;
use crate::error::Error;
use bytes::{BufMut, BytesMut};
use kafka_protocol::messages::{ApiVersionsRequest, RequestHeader};
use kafka_protocol::protocol::{Encodable, StrBytes};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

pub(crate) struct Connection {
    transport: Transport,
    versions: Versions,
    last_correlation: i32,
}

impl Connection {
    /// Connects and asks which versions the broker speaks, with the one version of that question that all of them know.
    pub(crate) async fn open(address: &Address, deadlines: &Deadlines) -> Result<Self, Error> {
        let transport = Transport::connect(address, deadlines.connect).await?;
        let fresh = Self { transport, versions: Versions::default(), last_correlation: 0 };
        let (mut open, answer) = fresh.exchange(&ApiVersionsRequest::default(), 0, deadlines.request).await?;
        answer::check(answer.error_code, None, &format!("{address} does not tell its versions"))?;
        open.versions = Versions::new(&answer);
        Ok(open)
    }

    pub(crate) fn versions(&self) -> &Versions {
        &self.versions
    }

    /// Whether the broker has neither closed the connection nor said something unasked.
    pub(crate) fn is_quiet(&self) -> bool {
        self.transport.is_quiet()
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn exchange<R: Api>(
        mut self,
        request: &R,
        version: i16,
        wait: Duration,
    ) -> Result<(Self, R::Response), Fault> {
        self.last_correlation = self.last_correlation.wrapping_add(1);
        let frame = encode(request, version, self.last_correlation).map_err(Fault::Unsent)?;
        let deadline = Instant::now() + wait;
        match timeout_at(deadline, self.transport.write(&frame)).await {
            Ok(written) => written.map_err(Fault::Unsent)?,
            // How much of it went out is unknown.
            Err(_) => return Err(Fault::Unanswered(self.silent::<R>("take", wait))),
        }
        let reply = match timeout_at(deadline, self.transport.read()).await {
            Ok(reply) => reply.map_err(Fault::Unanswered)?,
            Err(_) => return Err(Fault::Unanswered(self.silent::<R>("answer", wait))),
        };
        match reply::decode::<R>(reply, version, self.last_correlation) {
            Ok(response) => Ok((self, response)),
            Err(problem) => Err(Fault::Unanswered(
                Error::new(
                    "CORRUPT_REPLY",
                    format!(
                        "the answer of {} to {} v{version} is damaged: {problem}",
                        self.transport.address(),
                        R::NAME
                    ),
                )
                .hint("is this the address of a Kafka broker, with nothing in between that changes bytes?"),
            )),
        }
    }

    fn silent<R: Api>(&self, verb: &str, wait: Duration) -> Error {
        Error::new(
            "NO_ANSWER",
            format!("{} accepts connections but does not {verb} {} within {wait:?}", self.transport.address(), R::NAME),
        )
        .hint("is the broker stuck or overloaded, or is this the listener of something else?")
        .retriable()
    }
}

fn encode<R: Api>(request: &R, version: i16, correlation: i32) -> Result<BytesMut, Error> {
    let header = RequestHeader::default()
        .with_request_api_key(R::KEY)
        .with_request_api_version(version)
        .with_correlation_id(correlation)
        .with_client_id(Some(StrBytes::from_static_str("krun")));
    let mut frame = BytesMut::new();
    frame.put_i32(0);
    header.encode(&mut frame, R::header_version(version)).and_then(|()| request.encode(&mut frame, version)).map_err(
        |error| Error::new("INVALID_REQUEST", format!("{} v{version} cannot express this: {error}", R::NAME)),
    )?;
    let length = i32::try_from(frame.len() - 4)
        .map_err(|_| Error::new("INVALID_REQUEST", format!("{} is too long for one request", R::NAME)))?;
    frame[..4].copy_from_slice(&length.to_be_bytes());
    Ok(frame)
}
