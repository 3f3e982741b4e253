//! Which broker gets a request, on which connection.

use super::access::Access;
use super::address::Address;
use super::apis::Api;
use super::client::{OTHER_CLUSTER, Shared};
use super::connection::Connection;
use super::deadlines::Deadlines;
use super::fault::Fault;
use super::listener;
use super::retry::NOT_LISTED;
use super::routes::Routes;
use super::sasl;
use super::token;
use super::versions::expressible;
use crate::error::Error;
use kafka_protocol::messages::{MetadataRequest, MetadataResponse};
use std::sync::atomic::Ordering;
use tokio::time::{Instant, timeout_at};

/// Who has to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// Whoever answers.
    Any,
    /// The one that Metadata names: the active controller with `ZooKeeper`, a broker that forwards with `KRaft`.
    Controller,
    Broker(i32),
}

/// One call's view: the cluster, its deadlines, and when it is over.
pub(crate) struct Router<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) deadlines: &'a Deadlines,
    pub(crate) until: Instant,
}

impl Router<'_> {
    /// The broker that `target` means now. `stale`: what is known was wrong a moment ago, so ask first.
    pub(crate) async fn locate(&self, target: Target, stale: bool) -> Result<Address, Error> {
        if target == Target::Any {
            return Ok(self.candidate());
        }
        if !stale && let Some(address) = find(&self.shared.routes(), target) {
            return Ok(address);
        }
        self.refresh().await?;
        find(&self.shared.routes(), target).ok_or_else(|| match target {
            Target::Broker(id) => Error::new(NOT_LISTED, format!("broker {id} is not in the cluster's metadata"))
                .hint("is the id right, and is the broker running and registered?")
                .retriable(),
            _ => Error::new("CONTROLLER_NOT_AVAILABLE", "the cluster has no active controller at the moment")
                .hint("see the brokers' logs if this lasts")
                .retriable(),
        })
    }

    /// Sends one request to one broker. A fresh connection is opened where none is usable.
    pub(crate) async fn ask<R: Api>(&self, address: &Address, build: impl Fn(i16) -> R) -> Result<R::Response, Fault> {
        let slot = self.shared.slot(address);
        // Others may be before us on this connection: an attempt that has begun waits for one of their requests at least.
        let patience = self.until.max(Instant::now() + self.deadlines.request);
        let Ok(mut place) = timeout_at(patience, slot.lock()).await else {
            return Err(Fault::Unsent(self.busy(address)));
        };
        let mut kept = place.take();
        let connection = match kept.take_if(Connection::is_quiet) {
            Some(connection) => self.renewed(connection, address).await,
            None => self.open(address).await,
        };
        let connection = connection.map_err(Fault::Unsent)?;
        let chosen = connection.versions().choose::<R>().and_then(|version| {
            let request = build(version);
            expressible(&request, version).map(|()| (version, request))
        });
        let (version, request) = match chosen {
            Ok(chosen) => chosen,
            Err(error) => {
                *place = Some(connection);
                return Err(Fault::Unsent(Error { message: format!("{address}: {}", error.message), ..error }));
            }
        };
        let (connection, response) = connection.exchange(&request, version, self.deadlines.request).await?;
        *place = Some(connection);
        Ok(response)
    }

    /// After a fault at `Target::Any`, or while looking for a broker that answers: the next one in turn.
    pub(crate) fn rotate(&self) {
        self.shared.turn.fetch_add(1, Ordering::Relaxed);
    }

    /// Asks one broker after the other who is in the cluster.
    async fn refresh(&self) -> Result<(), Error> {
        let mut last = None;
        for _ in 0..self.shared.candidates().len() {
            let address = self.candidate();
            match self.ask(&address, |_| about_the_cluster()).await {
                Ok(response) => return self.shared.admit(&address, &response),
                Err(fault) if fault.error().code == OTHER_CLUSTER => return Err(fault.into()),
                Err(fault) => last = Some(fault.into()),
            }
            self.rotate();
            if Instant::now() >= self.until {
                break;
            }
        }
        Err(last.unwrap_or_else(|| Error::new(NOT_LISTED, "no broker of the cluster is known")))
    }

    /// The connection, with a session that does not end meanwhile. Where it cannot be renewed, another connection.
    async fn renewed(&self, connection: Connection, address: &Address) -> Result<Connection, Error> {
        if !connection.is_due() {
            return Ok(connection);
        }
        match connection.authenticated(&self.shared.access, self.deadlines).await {
            Ok(connection) => Ok(connection),
            Err(error) if [sasl::REFUSED, token::TOKEN_FAILED].contains(&error.code.as_str()) => Err(error),
            Err(_) => self.open(address).await,
        }
    }

    /// A connection whose other end was asked which cluster it belongs to: addresses are reused, and a change must not
    /// reach a neighbour's broker.
    async fn open(&self, address: &Address) -> Result<Connection, Error> {
        let (connection, response) = introduce(address, &self.shared.access, self.deadlines)
            .await
            .map_err(|error| self.origin_told(address, error))?;
        self.shared.admit(address, &response)?;
        Ok(connection)
    }

    /// An address that nobody typed comes from the brokers themselves, and is to be corrected there.
    fn origin_told(&self, address: &Address, error: Error) -> Error {
        if self.shared.is_seed(address) {
            return error;
        }
        let hint = error.hint.clone().unwrap_or_default();
        error.hint(format!("{hint} (a broker gives this address in its advertised.listeners)").trim_start())
    }

    /// Operators know brokers by their ids: `broker 4 at kafka04:9092 refuses connections`. Where a broker with `KRaft` is
    /// silent as it forwards, the controller may be what is away.
    pub(crate) fn name_broker(&self, error: &mut Error, target: Target) {
        let routes = self.shared.routes();
        let is_about = |address: &Address| {
            error.message.strip_prefix(&address.to_string()).is_some_and(|rest| rest.starts_with(' '))
        };
        if let Some(id) = routes.brokers.iter().find(|(_, address)| is_about(address)).map(|(id, _)| *id) {
            error.message.insert_str(0, &format!("broker {id} at "));
        }
        if target == Target::Controller && error.code == "NO_ANSWER" {
            error.message.push_str("; it is the controller, or forwards this to it");
        }
    }

    fn candidate(&self) -> Address {
        let candidates = self.shared.candidates();
        let turn = self.shared.turn.load(Ordering::Relaxed);
        candidates[turn % candidates.len()].clone()
    }

    fn busy(&self, address: &Address) -> Error {
        let wait = self.deadlines.request;
        Error::new("NO_ANSWER", format!("{address} was busy with other requests of this krun for more than {wait:?}"))
            .hint("is the broker stuck or overloaded?")
            .retriable()
    }
}

/// Connects and asks about the cluster.
pub(crate) async fn introduce(
    address: &Address,
    access: &Access,
    deadlines: &Deadlines,
) -> Result<(Connection, MetadataResponse), Error> {
    match greet(address, access, deadlines).await {
        Ok(greeted) => Ok(greeted),
        Err(error) => Err(listener::explain(error, address, access, deadlines).await),
    }
}

async fn greet(
    address: &Address,
    access: &Access,
    deadlines: &Deadlines,
) -> Result<(Connection, MetadataResponse), Error> {
    let connection = Connection::open(address, access, deadlines).await?;
    let version = connection.versions().choose::<MetadataRequest>().map_err(|error| {
        let error = Error { message: format!("{address}: {}", error.message), ..error };
        if connection.versions().offers::<MetadataRequest>() {
            return error;
        }
        error.hint("is this the listener of a KRaft controller? give that of a broker")
    })?;
    connection.exchange(&about_the_cluster(), version, deadlines.request).await.map_err(|fault| match fault.into() {
        Error { code, message, retriable, .. } if code == "CONNECTION_LOST" => {
            Error { code, message: format!("{message} instead of answering Metadata"), hint: None, retriable }
                .hint("a listener that wants SASL closes like this; or is the broker restarting?")
        }
        error => error,
    })
}

/// Metadata of no topic.
fn about_the_cluster() -> MetadataRequest {
    MetadataRequest::default().with_topics(Some(Vec::new())).with_allow_auto_topic_creation(false)
}

fn find(routes: &Routes, target: Target) -> Option<Address> {
    let id = match target {
        Target::Any => None,
        Target::Controller => routes.controller,
        Target::Broker(id) => Some(id),
    };
    routes.brokers.get(&id?).cloned()
}
