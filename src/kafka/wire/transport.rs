//! Bytes to and from one broker: a connection that carries frames, and says what it met where that is not Kafka.

use super::address::Address;
use super::stream::Stream;
use super::tls::Tls;
use super::tls_fault;
use crate::error::Error;
use bytes::{BufMut, Bytes, BytesMut};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};

/// No first answer is longer; what is longer does not come from a Kafka broker.
const FIRST_FRAME: usize = 64 << 10;
/// Kafka's own default for `socket.request.max.bytes`, which bounds the other direction.
const ANY_FRAME: usize = 100 << 20;
/// What is reserved before the bytes are there.
const RESERVED: usize = 64 << 10;

pub(crate) struct Transport {
    stream: Stream,
    address: Address,
    /// Whom the client certificate names, where there is one.
    principal: Option<String>,
    answered: bool,
}

impl Transport {
    /// `wait` is for the TCP connection, and once more for TLS on it.
    ///
    /// Errors: `HOST_NOT_FOUND`, `CONNECTION_REFUSED`, `HOST_UNREACHABLE`, `CONNECT_TIMEOUT`, `CONNECT_FAILED`, and those
    /// of TLS.
    pub(crate) async fn connect(address: &Address, tls: Option<&Tls>, wait: Duration) -> Result<Self, Error> {
        let stream = connect(address, wait).await?;
        let stream = match tls {
            Some(tls) => Stream::Tls(tls.handshake(stream, address, wait).await?),
            None => Stream::Plain(stream),
        };
        let principal = tls.and_then(|tls| tls.principal.clone());
        Ok(Self { stream, address: address.clone(), principal, answered: false })
    }
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// Nothing waits to be read and the broker has not closed: brokers drop idle connections, and a request that is
    /// written into a closed one is lost without a trace.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.stream.is_quiet()
    }

    /// Hands a whole frame to the kernel. After an error the broker cannot have all of it. Error: `CONNECTION_LOST`.
    pub(crate) async fn write(&mut self, frame: &[u8]) -> Result<(), Error> {
        self.stream.write_all(frame).await.map_err(|error| self.lost(&error))
    }

    /// The next frame, without its length. Errors: `CONNECTION_LOST`, `LISTENER_WANTS_TLS`, `NOT_KAFKA`, `CORRUPT_REPLY`.
    pub(crate) async fn read(&mut self) -> Result<Bytes, Error> {
        let mut prefix = [0; 4];
        self.stream.read_exact(&mut prefix).await.map_err(|error| self.lost(&error))?;
        let limit = if self.answered { ANY_FRAME } else { FIRST_FRAME };
        let length = usize::try_from(i32::from_be_bytes(prefix)).unwrap_or(usize::MAX);
        if length > limit {
            return Err(foreign(&self.address, prefix));
        }
        let mut frame = BytesMut::with_capacity(length.min(RESERVED)).limit(length);
        while frame.has_remaining_mut() {
            match self.stream.read_buf(&mut frame).await {
                Ok(0) => return Err(self.lost(&io::ErrorKind::UnexpectedEof.into())),
                Ok(_) => {}
                Err(error) => return Err(self.lost(&error)),
            }
        }
        self.answered = true;
        Ok(frame.into_inner().freeze())
    }

    fn lost(&self, error: &io::Error) -> Error {
        if let Some(error) = tls_fault::of_answer(error, &self.address, self.principal.as_deref()) {
            return error;
        }
        let how = match error.kind() {
            io::ErrorKind::UnexpectedEof => "closed the connection".to_owned(),
            io::ErrorKind::ConnectionReset => "reset the connection".to_owned(),
            _ => format!("lost the connection ({error})"),
        };
        let (when, hint) = if self.answered {
            ("", "is the broker restarting? its log says why it closed")
        } else {
            let hint = match (self.stream.is_tls(), &self.principal) {
                (false, _) => {
                    "is it the port of a plaintext Kafka listener? those of TLS, SASL and ZooKeeper may close like this"
                }
                (true, None) => "a listener that wants a client certificate (ssl.client.auth) may close like this",
                (true, Some(_)) => "does the broker accept krun's client certificate? its log says why it closed",
            };
            (" before it answered anything", hint)
        };
        Error::new("CONNECTION_LOST", format!("{} {how}{when}", self.address)).hint(hint).retriable()
    }
}

async fn connect(address: &Address, wait: Duration) -> Result<TcpStream, Error> {
    let deadline = Instant::now() + wait;
    let found = timeout_at(deadline, lookup_host((address.host.as_str(), address.port))).await;
    let hosts: Vec<SocketAddr> = match found {
        Ok(Ok(hosts)) => hosts.collect(),
        Ok(Err(error)) => return Err(not_found(address, &error.to_string())),
        Err(_) => return Err(not_found(address, &format!("no answer within {wait:?}"))),
    };
    let mut error = not_found(address, "the name has no address");
    for (tried, host) in hosts.iter().enumerate() {
        // A name may have addresses that lead nowhere: each gets its share of what time is left.
        let shares = u32::try_from(hosts.len() - tried).unwrap_or(u32::MAX);
        let share = Instant::now() + (deadline - Instant::now()) / shares;
        match timeout_at(share, TcpStream::connect(host)).await {
            Ok(Ok(stream)) => {
                // Without it small requests wait for the acknowledgement of the one before.
                stream.set_nodelay(true).map_err(|error| cannot_connect(address, &error, wait))?;
                return Ok(stream);
            }
            Ok(Err(problem)) => error = cannot_connect(address, &problem, wait),
            Err(_) => error = cannot_connect(address, &io::ErrorKind::TimedOut.into(), wait),
        }
    }
    Err(error)
}

fn not_found(address: &Address, why: &str) -> Error {
    Error::new("HOST_NOT_FOUND", format!("the host name of {address} cannot be resolved: {why}"))
        .hint("check the spelling, and that this machine resolves the name: getent hosts NAME")
        .retriable()
}

fn cannot_connect(address: &Address, error: &io::Error, wait: Duration) -> Error {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            Error::new("CONNECTION_REFUSED", format!("{address} refuses connections: nothing listens there"))
                .hint("is the broker running, and is this the port of its listener?")
        }
        io::ErrorKind::TimedOut => {
            Error::new("CONNECT_TIMEOUT", format!("{address} does not accept a connection within {wait:?}"))
                .hint("is the host up, and does a firewall drop packets on the way?")
        }
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            Error::new("HOST_UNREACHABLE", format!("{address} cannot be reached: {error}"))
                .hint("check the network and the routes from this machine")
        }
        _ => Error::new("CONNECT_FAILED", format!("cannot connect to {address}: {error}")),
    }
    .retriable()
}

pub(super) fn listener_wants_tls(address: &Address) -> Error {
    Error::new("LISTENER_WANTS_TLS", format!("{address} speaks TLS, and krun was not told to"))
        .hint("set security.protocol=SSL or SASL_SSL in client_properties, or give the port of another listener")
}

/// The first four bytes of something that is no frame of this size: what speaks like that?
fn foreign(address: &Address, prefix: [u8; 4]) -> Error {
    match prefix {
        // A TLS record: an alert or a handshake message, and major version 3.
        [0x15 | 0x16, 0x03, ..] => listener_wants_tls(address),
        [b'H', b'T', b'T', b'P'] => Error::new("NOT_KAFKA", format!("{address} answers HTTP: it is no Kafka listener"))
            .hint("give the address of a broker's listener, as in bootstrap.servers"),
        _ if prefix.iter().all(u8::is_ascii_graphic) => Error::new(
            "NOT_KAFKA",
            format!("{address} answers with text (`{}…`): it is no Kafka listener", prefix.escape_ascii()),
        )
        .hint("give the address of a broker's listener, as in bootstrap.servers"),
        _ => Error::new(
            "CORRUPT_REPLY",
            format!(
                "{address} announces an answer of {} bytes: it is damaged or not Kafka's",
                i32::from_be_bytes(prefix)
            ),
        )
        .hint("check that this is the address of a broker's listener, as in bootstrap.servers"),
    }
}
