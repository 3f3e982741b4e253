//! SASL: krun proves who it is on a connection, and again before its session ends (KIP-368).
//!
//! `SaslHandshake` names the mechanism; each message of the mechanism's own conversation is a `SaslAuthenticate`.

use super::apis::Api;
use super::connection::Connection;
use super::scram::Scram;
use super::token;
use crate::error::Error;
use crate::kafka::security::{self, Bearer};
use crate::secret::Secret;
use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::{SaslAuthenticateRequest, SaslAuthenticateResponse, SaslHandshakeRequest};
use kafka_protocol::protocol::StrBytes;
use std::time::Duration;
use tokio::time::Instant;

pub(super) const REFUSED: &str = "SASL_AUTHENTICATION_FAILED";

/// With this version on the conversation goes on in Kafka's own frames.
const HANDSHAKE: i16 = 1;
/// How long one token serves: connections to all brokers open within a few seconds of each other.
const TOKEN_SERVES: Duration = Duration::from_secs(10);
const TOKEN_WAIT: Duration = Duration::from_secs(30);

pub(crate) struct Sasl {
    settings: security::Sasl,
    token: tokio::sync::Mutex<Option<(Secret, Instant)>>,
}

impl Sasl {
    pub(super) fn new(settings: security::Sasl) -> Self {
        Self { settings, token: tokio::sync::Mutex::new(None) }
    }

    pub(super) fn user(&self) -> Option<&str> {
        self.settings.user()
    }

    /// The connection, let in, and when that has to be done again.
    ///
    /// Errors: `SASL_AUTHENTICATION_FAILED`, `UNSUPPORTED_SASL_MECHANISM`, `LISTENER_WITHOUT_SASL`, `TOKEN_COMMAND_FAILED`,
    /// or those of the connection.
    pub(super) async fn authenticate(
        &self,
        connection: Connection,
        wait: Duration,
    ) -> Result<(Connection, Option<Instant>), Error> {
        // Before the broker is told anything: it does not wait long for a conversation that has begun.
        let token = self.token(connection.is_authenticated()).await?;
        let connection = self.handshake(connection, wait).await?;
        let begun = Instant::now();
        let mut talk = Talk { sasl: self, connection, wait, lifetime: Duration::ZERO };
        match &self.settings {
            security::Sasl::Plain(login) => {
                let message = format!("\0{}\0{}", login.user, login.password.reveal());
                talk = talk.say(message).await?.0;
            }
            security::Sasl::Scram(hash, login) => talk = talk.scram(Scram::new(*hash, login.clone())).await?,
            security::Sasl::OauthBearer(bearer) => talk = talk.bearer(bearer, &token).await?,
        }
        // Java's clients do it after 85 to 95 % as well.
        let renew = (!talk.lifetime.is_zero()).then(|| begun + talk.lifetime.mul_f64(0.85));
        Ok((talk.connection, renew))
    }

    /// A new one for a connection that has been let in before: its old one is about to run out.
    async fn token(&self, is_again: bool) -> Result<Secret, Error> {
        let security::Sasl::OauthBearer(bearer) = &self.settings else { return Ok(Secret::new("")) };
        let mut kept = self.token.lock().await;
        if let Some((token, got)) = &*kept
            && !is_again
            && got.elapsed() < TOKEN_SERVES
        {
            return Ok(token.clone());
        }
        let token = token::get(&bearer.token, TOKEN_WAIT).await?;
        *kept = Some((token.clone(), Instant::now()));
        Ok(token)
    }

    async fn handshake(&self, connection: Connection, wait: Duration) -> Result<Connection, Error> {
        let mechanism = self.settings.mechanism();
        let address = connection.address().clone();
        let (connection, code, offered) = offer(connection, mechanism, wait).await?;
        match ResponseError::try_from_code(code) {
            None => Ok(connection),
            Some(ResponseError::UnsupportedSaslMechanism) => Err(Error::new(
                "UNSUPPORTED_SASL_MECHANISM",
                format!("{address} does not offer {mechanism} but {}", offered.join(", ")),
            )
            .hint("set sasl.mechanism to one of these")),
            Some(ResponseError::IllegalSaslState) => {
                Err(Error::new("LISTENER_WITHOUT_SASL", format!("{address} does not use SASL, and krun was told to"))
                    .hint("is this the port of a SASL listener? or set security.protocol to SSL or PLAINTEXT"))
            }
            Some(other) => {
                let text = format!("{address} does not let {} in: {other}", self.who());
                Err(Error::new(REFUSED, text).hint("the broker's log says why"))
            }
        }
    }

    fn who(&self) -> String {
        self.settings.user().map_or_else(|| "krun".to_owned(), |user| format!("user {user}"))
    }

    fn refused(&self, connection: &Connection, said: &str) -> Error {
        let (address, mechanism) = (connection.address(), self.settings.mechanism());
        let text = format!("{address} does not let {} in with {mechanism}: {said}", self.who());
        let hint = match &self.settings {
            security::Sasl::Plain(_) => {
                "wrong password, or a user that this broker does not know: PLAIN users stand in its sasl.jaas.config"
                    .to_owned()
            }
            security::Sasl::Scram(_, login) => format!(
                "wrong password, or no such user with this mechanism: kafka-configs.sh --describe --entity-type users \
                 --entity-name {}",
                login.user
            ),
            security::Sasl::OauthBearer(_) => {
                "the broker does not accept the token: is it for this cluster, and still valid?".to_owned()
            }
        };
        Error::new(REFUSED, text).hint(hint)
    }
}

/// A mechanism's conversation on one connection.
struct Talk<'a> {
    sasl: &'a Sasl,
    connection: Connection,
    wait: Duration,
    /// Of the session, as last heard; zero: without end.
    lifetime: Duration,
}

impl Talk<'_> {
    /// Sends one message of the mechanism and gives the answer.
    async fn say(mut self, message: impl Into<Bytes>) -> Result<(Self, Bytes), Error> {
        let request = SaslAuthenticateRequest::default().with_auth_bytes(message.into());
        let version = self.connection.versions().choose::<SaslAuthenticateRequest>()?;
        let refusal = self.sasl.refused(&self.connection, "it closes the connection");
        let answer = self.connection.exchange(&request, version, self.wait).await;
        let (connection, answer) = answer.map_err(|fault| match fault.into() {
            Error { code, .. } if code == "CONNECTION_LOST" => refusal.retriable(),
            error => error,
        })?;
        self.connection = connection;
        let SaslAuthenticateResponse { error_code, error_message, auth_bytes, session_lifetime_ms, .. } = answer;
        if let Some(kind) = ResponseError::try_from_code(error_code) {
            let said = error_message.map_or_else(|| kind.to_string(), |text| text.to_string());
            return Err(self.sasl.refused(&self.connection, said.trim()));
        }
        self.lifetime = Duration::from_millis(u64::try_from(session_lifetime_ms).unwrap_or_default());
        Ok((self, auth_bytes))
    }

    async fn scram(self, scram: Result<Scram, String>) -> Result<Self, Error> {
        let scram = scram.map_err(|why| self.sasl.refused(&self.connection, &why))?;
        let (talk, first) = self.say(scram.first()).await?;
        let first = String::from_utf8_lossy(&first).into_owned();
        // The broker says how much work it is.
        let proof = tokio::task::spawn_blocking(move || scram.prove(&first)).await;
        let proof = proof.unwrap_or_else(|error| Err(error.to_string()));
        let proof = proof.map_err(|why| talk.distrusted(&why))?;
        let (talk, last) = talk.say(proof.message.clone()).await?;
        proof.check(&String::from_utf8_lossy(&last)).map_err(|why| talk.distrusted(&why))?;
        Ok(talk)
    }

    async fn bearer(self, bearer: &Bearer, token: &Secret) -> Result<Self, Error> {
        // RFC 7628 §3.1: separated by bytes of value 1.
        let mut message = format!("n,,\u{1}auth=Bearer {}\u{1}", token.reveal());
        for (name, value) in &bearer.extensions {
            message.push_str(&format!("{name}={value}\u{1}"));
        }
        message.push('\u{1}');
        let (talk, answer) = self.say(message).await?;
        if answer.is_empty() {
            return Ok(talk);
        }
        // §3.2.3: the reason comes as JSON, and the refusal when that has been acknowledged.
        let reason = String::from_utf8_lossy(&answer).into_owned();
        let refusal = talk.sasl.refused(&talk.connection, &reason);
        match talk.say("\u{1}").await {
            Err(error) if error.code != REFUSED => Err(error),
            _ => Err(refusal),
        }
    }

    /// The other side does not behave as a broker that knows the user would.
    fn distrusted(&self, why: &str) -> Error {
        let text = format!("{} is not trusted with {}: {why}", self.connection.address(), self.sasl.who());
        Error::new("SASL_BROKER_NOT_TRUSTED", text)
            .hint("is this a broker of the cluster that it should be? whoever answers there does not know the user")
    }
}

/// Names a mechanism. What the broker says to that, and the mechanisms that it offers.
pub(super) async fn offer(
    connection: Connection,
    mechanism: &'static str,
    wait: Duration,
) -> Result<(Connection, i16, Vec<String>), Error> {
    if !connection.versions().offers::<SaslHandshakeRequest>() {
        let text = format!("{} does not offer {}", connection.address(), SaslHandshakeRequest::NAME);
        return Err(Error::new("LISTENER_WITHOUT_SASL", text));
    }
    let request = SaslHandshakeRequest::default().with_mechanism(StrBytes::from_static_str(mechanism));
    let (connection, answer) = connection.exchange(&request, HANDSHAKE, wait).await?;
    let offered = answer.mechanisms.iter().map(ToString::to_string).collect();
    Ok((connection, answer.error_code, offered))
}
