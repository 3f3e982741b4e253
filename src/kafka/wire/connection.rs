//! One connection to one broker: one request in flight.
//!
//! [`Connection::exchange`] consumes the connection and gives it back only with a whole, well-formed answer. So a
//! connection that timed out, was cancelled or was answered with nonsense cannot be used again: a late answer would be
//! taken for that of the next request.

use super::access::Access;
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
    authenticated: bool,
    /// When krun has to prove anew who it is.
    renew: Option<Instant>,
}

impl Connection {
    /// Connects, and proves who krun is where that is asked for.
    pub(crate) async fn open(address: &Address, access: &Access, deadlines: &Deadlines) -> Result<Self, Error> {
        let connection = Self::enter(address, access, deadlines).await?;
        connection.authenticated(access, deadlines).await
    }

    /// Connects and asks which versions the broker speaks, with the one version of that question that all of them know.
    /// It is answered before authentication too.
    pub(super) async fn enter(address: &Address, access: &Access, deadlines: &Deadlines) -> Result<Self, Error> {
        let transport = Transport::connect(address, access.tls.as_ref(), deadlines.connect).await?;
        let versions = Versions::default();
        let fresh = Self { transport, versions, last_correlation: 0, authenticated: false, renew: None };
        let (mut open, answer) = fresh.exchange(&ApiVersionsRequest::default(), 0, deadlines.request).await?;
        answer::check(answer.error_code, None, &format!("{address} does not tell its versions"))?;
        open.versions = Versions::new(&answer);
        Ok(open)
    }

    /// The same connection with a session that lasts.
    pub(super) async fn authenticated(self, access: &Access, deadlines: &Deadlines) -> Result<Self, Error> {
        let Some(sasl) = &access.sasl else { return Ok(self) };
        let (mut connection, renew) = sasl.authenticate(self, deadlines.request).await?;
        (connection.authenticated, connection.renew) = (true, renew);
        Ok(connection)
    }

    pub(super) fn is_authenticated(&self) -> bool {
        self.authenticated
    }

    /// Whether the session is about to end: the broker would close the connection at the next request after that.
    pub(super) fn is_due(&self) -> bool {
        self.renew.is_some_and(|renew| Instant::now() >= renew)
    }

    pub(crate) fn address(&self) -> &Address {
        self.transport.address()
    }

    pub(crate) fn versions(&self) -> &Versions {
        &self.versions
    }

    /// Whether the broker has neither closed the connection nor said something unasked.
    pub(crate) fn is_quiet(&mut self) -> bool {
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
