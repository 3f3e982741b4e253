//! A cluster to send requests to.

use super::access::Access;
use super::acl;
use super::address::Address;
use super::apis::Api;
use super::connection::Connection;
use super::deadlines::Deadlines;
use super::fault::Fault;
use super::retry::{Attempts, Mode, is_repeatable};
use super::router::{Router, Target, introduce};
use super::routes::Routes;
use super::{sasl, token};
use crate::error::{Error, Failure};
use crate::kafka::security::Security;
use kafka_protocol::messages::MetadataResponse;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One cluster. Cheap to clone; clones share their connections, at most one a broker.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    deadlines: Deadlines,
}

pub(crate) struct Shared {
    bootstrap: Vec<String>,
    seeds: Vec<Address>,
    cluster_id: String,
    pub(crate) access: Access,
    routes: Mutex<Routes>,
    slots: Mutex<HashMap<Address, Slot>>,
    /// Which of the candidates is asked where any will do.
    pub(crate) turn: AtomicUsize,
}

/// A broker that was found to belong to another cluster.
pub(crate) const OTHER_CLUSTER: &str = "CLUSTER_ID_MISMATCH";

/// The place of one broker's connection. Whoever uses the connection holds the lock.
pub(crate) type Slot = Arc<tokio::sync::Mutex<Option<Connection>>>;

impl Client {
    /// [`Client::secured`] in plaintext.
    pub async fn connect(bootstrap: &[String], deadlines: Deadlines) -> Result<Self, Error> {
        Self::secured(bootstrap, &Security::default(), deadlines).await
    }

    /// Asks the bootstrap servers, each once, and remembers the cluster of the first that answers.
    ///
    /// Errors: `INVALID_ADDRESS`, `INVALID_CONFIG`, or the error of the servers; where these differ, `NO_BOOTSTRAP_SERVER`
    /// names them all.
    pub async fn secured(bootstrap: &[String], security: &Security, deadlines: Deadlines) -> Result<Self, Error> {
        let access = Access::new(security)?;
        let seeds = bootstrap.iter().map(|text| Address::parse(text)).collect::<Result<Vec<_>, _>>()?;
        let mut errors = Vec::new();
        for (turn, seed) in seeds.iter().enumerate() {
            let answer = introduce(seed, &access, &deadlines).await;
            match answer.and_then(|(connection, response)| Ok((connection, Routes::new(seed, &response)?))) {
                Ok((connection, routes)) => {
                    let slot = Arc::new(tokio::sync::Mutex::new(Some(connection)));
                    let slots = [(seed.clone(), slot)].into();
                    return Ok(Self::over(bootstrap, seeds, access, deadlines, routes, slots, turn));
                }
                // The others would say the same, and count it as one more attempt to guess.
                Err(error) if [sasl::REFUSED, token::TOKEN_FAILED].contains(&error.code.as_str()) => return Err(error),
                Err(error) => errors.push(error),
            }
        }
        Err(nobody(errors))
    }

    /// The same without asking anybody: for a cluster whose id is known, and which may be down. Whoever answers later must belong
    /// to it.
    pub fn unasked(
        bootstrap: &[String],
        security: &Security,
        deadlines: Deadlines,
        cluster_id: &str,
    ) -> Result<Self, Error> {
        let access = Access::new(security)?;
        let seeds = bootstrap.iter().map(|text| Address::parse(text)).collect::<Result<Vec<_>, _>>()?;
        let routes = Routes { cluster_id: cluster_id.to_owned(), brokers: BTreeMap::new(), controller: None };
        Ok(Self::over(bootstrap, seeds, access, deadlines, routes, HashMap::new(), 0))
    }

    fn over(
        bootstrap: &[String],
        seeds: Vec<Address>,
        access: Access,
        deadlines: Deadlines,
        routes: Routes,
        slots: HashMap<Address, Slot>,
        turn: usize,
    ) -> Self {
        let shared = Shared {
            bootstrap: bootstrap.to_vec(),
            seeds,
            cluster_id: routes.cluster_id.clone(),
            access,
            routes: Mutex::new(routes),
            slots: Mutex::new(slots),
            turn: AtomicUsize::new(turn),
        };
        Self { shared: Arc::new(shared), deadlines }
    }

    pub fn cluster_id(&self) -> &str {
        &self.shared.cluster_id
    }

    /// The bootstrap servers as they were given.
    pub fn bootstrap(&self) -> &[String] {
        &self.shared.bootstrap
    }

    /// How it got in, for a client of another library.
    pub fn security(&self) -> &Security {
        self.shared.access.security()
    }

    /// Every address that may answer: the bootstrap servers, then the brokers that are known besides.
    pub(crate) fn addresses(&self) -> Vec<String> {
        self.shared.candidates().iter().map(ToString::to_string).collect()
    }

    pub fn deadlines(&self) -> Deadlines {
        self.deadlines
    }

    /// The same cluster and connections with other deadlines.
    #[must_use]
    pub fn with_deadlines(&self, deadlines: Deadlines) -> Self {
        Self { shared: Arc::clone(&self.shared), deadlines }
    }

    /// The same cluster over connections of its own: who waits for an answer here keeps nobody else waiting.
    ///
    /// Errors: those of a security setting that cannot be read any more.
    pub fn apart(&self) -> Result<Self, Error> {
        let shared = &self.shared;
        let (access, routes) = (Access::new(shared.access.security())?, shared.routes().clone());
        let turn = shared.turn.load(Ordering::Relaxed);
        let (bootstrap, seeds) = (&shared.bootstrap, shared.seeds.clone());
        Ok(Self::over(bootstrap, seeds, access, self.deadlines, routes, HashMap::new(), turn))
    }

    /// Questions that any broker can answer go to the next one from now on: the one before may be behind.
    pub fn ask_another(&self) {
        self.shared.turn.fetch_add(1, Ordering::Relaxed);
    }

    /// Asks until `judge` accepts the answer, within the deadline of the call. `build` makes the request for a version.
    pub(crate) async fn read<R: Api, T>(
        &self,
        target: Target,
        build: impl Fn(i16) -> R,
        judge: impl Fn(R::Response) -> Result<T, Error>,
    ) -> Result<T, Error> {
        Ok(self.call(Mode::Read, target, build, judge).await?)
    }

    /// Changes something: repeated only where it is certain that the attempt before changed nothing.
    pub(crate) async fn write<R: Api, T>(
        &self,
        target: Target,
        build: impl Fn(i16) -> R,
        judge: impl Fn(R::Response) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        Ok(self.call(Mode::Write, target, build, judge).await?)
    }

    async fn call<R: Api, T>(
        &self,
        mode: Mode,
        target: Target,
        build: impl Fn(i16) -> R,
        judge: impl Fn(R::Response) -> Result<T, Error>,
    ) -> Result<T, Fault> {
        let mut attempts = Attempts::within(self.deadlines.call);
        let router = Router { shared: &self.shared, deadlines: &self.deadlines, until: attempts.until() };
        let mut stale = false;
        loop {
            let outcome = match router.locate(target, stale).await {
                Ok(address) => router.ask(&address, &build).await,
                Err(error) => Err(Fault::Unsent(error)),
            };
            let mut fault = match outcome.and_then(|response| judge(response).map_err(Fault::Answered)) {
                Ok(value) => return Ok(value),
                Err(fault) => fault,
            };
            router.rotate();
            stale = true;
            if !is_repeatable(mode, &fault) || !attempts.again().await {
                let error = fault.error_mut();
                router.name_broker(error, target);
                error.message.push_str(&attempts.told());
                acl::name_what_lacks::<R>(error, self.shared.access.principal().as_deref());
                return Err(fault);
            }
        }
    }
}

impl Shared {
    /// Takes over what a broker says about the cluster. Error: `CLUSTER_ID_MISMATCH`.
    pub(crate) fn admit(&self, address: &Address, response: &MetadataResponse) -> Result<(), Error> {
        let routes = Routes::new(address, response)?;
        if routes.cluster_id != self.cluster_id {
            return Err(Error::new(
                OTHER_CLUSTER,
                format!("{address} belongs to cluster {} now, not to {}", routes.cluster_id, self.cluster_id),
            )
            .hint("another cluster uses this address: nothing was sent to it; check bootstrap_servers and what runs there"));
        }
        *lock(&self.routes) = routes;
        Ok(())
    }

    pub(crate) fn routes(&self) -> MutexGuard<'_, Routes> {
        lock(&self.routes)
    }

    /// Every address that may answer: the bootstrap servers, then the brokers that are not among them. Never empty.
    pub(crate) fn candidates(&self) -> Vec<Address> {
        let mut candidates = self.seeds.clone();
        let routes = self.routes();
        candidates.extend(routes.brokers.values().filter(|address| !self.is_seed(address)).cloned());
        candidates
    }

    pub(crate) fn is_seed(&self, address: &Address) -> bool {
        self.seeds.contains(address)
    }

    pub(crate) fn slot(&self, address: &Address) -> Slot {
        Arc::clone(lock(&self.slots).entry(address.clone()).or_default())
    }
}

/// A panic elsewhere leaves these maps whole: each is changed by one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is said where no bootstrap server could be used.
fn nobody(errors: Vec<Error>) -> Error {
    let several = errors.len() > 1;
    let message = errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; ");
    let retriable = errors.iter().all(|error| error.retriable);
    let one_code = errors.iter().all(|error| error.code == errors[0].code);
    let Some(first) = errors.into_iter().next() else {
        return Error::new("INVALID_ADDRESS", "no bootstrap server is given")
            .hint("give one or more, such as kafka01:9092");
    };
    let code = if one_code { first.code } else { "NO_BOOTSTRAP_SERVER".to_owned() };
    let message = if several { format!("no bootstrap server can be used: {message}") } else { first.message };
    Error { code, message, hint: first.hint, retriable }
}
