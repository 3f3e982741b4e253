//! The same cluster for librdkafka, which produces and consumes: its settings, its tokens, and what it last complained of.

use super::Client;
use super::security::{Sasl, Security, Tls, TlsVersion, TokenSource};
use super::wire::token;
use crate::error::Error;
use openssl::base64;
use rdkafka::ClientConfig;
use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::KafkaError;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::runtime::Handle;

const TOKEN_WAIT: Duration = Duration::from_secs(30);
/// Of a token that does not say when it ends.
const TOKEN_SERVES: Duration = Duration::from_mins(5);

/// Settings for a producer or a consumer of this cluster.
///
/// Error: `NOT_FOR_LIBRDKAFKA` names the key of the client properties that librdkafka has no setting for.
pub(crate) fn settings(client: &Client) -> Result<ClientConfig, Error> {
    refuse_what_it_lacks(client.security())?;
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", client.addresses().join(","));
    config.set("client.id", "krun");
    config.set("allow.auto.create.topics", "false");
    // A leader that has moved is found soon, and a broker that is back is tried soon.
    config.set("reconnect.backoff.max.ms", "1000");
    config.set("topic.metadata.refresh.interval.ms", "10000");
    for (key, value) in client.security().rdkafka_settings() {
        config.set(key, value);
    }
    Ok(config)
}

/// Left out, these would let a connection in that was not meant, or keep one out without a word.
fn refuse_what_it_lacks(security: &Security) -> Result<(), Error> {
    let key = match (&security.tls, &security.sasl) {
        (Some(Tls { oldest, newest, .. }), _) if (*oldest, *newest) != (TlsVersion::V1_2, TlsVersion::V1_3) => {
            "ssl.enabled.protocols"
        }
        (_, Some(Sasl::Scram(_, login))) if login.is_delegation_token => "sasl.jaas.config (tokenauth)",
        (_, Some(Sasl::OauthBearer(bearer))) if !bearer.extensions.is_empty() => "sasl.jaas.config (extensions)",
        _ => return Ok(()),
    };
    let text = format!("{key} of the client properties cannot be kept by librdkafka, which produces and consumes here");
    Err(Error::new("NOT_FOR_LIBRDKAFKA", text)
        .hint("give krun client properties without it, or run without canary and samples"))
}

/// What librdkafka asks its client for, and tells it.
#[derive(Clone)]
pub(crate) struct Contact {
    token: Option<TokenSource>,
    runtime: Handle,
    complaint: Arc<Mutex<Option<String>>>,
}

impl Contact {
    pub(crate) fn new(client: &Client, runtime: &Handle) -> Self {
        let token = match &client.security().sasl {
            Some(Sasl::OauthBearer(bearer)) => Some(bearer.token.clone()),
            _ => None,
        };
        Self { token, runtime: runtime.clone(), complaint: Arc::default() }
    }

    /// The last thing that went wrong with a connection, for whoever waits in vain.
    pub(crate) fn complaint(&self) -> Option<String> {
        self.complaint.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ClientContext for Contact {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    /// Nobody prints but the report.
    fn log(&self, _: RDKafkaLogLevel, _: &str, _: &str) {}

    fn error(&self, _: KafkaError, reason: &str) {
        *self.complaint.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason.to_owned());
    }

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        let Some(source) = &self.token else { return Err("no token is needed".into()) };
        let token = self.runtime.block_on(token::get(source, TOKEN_WAIT))?;
        let claims = claims(token.reveal());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let ends = claims["exp"].as_i64().map(|seconds| seconds.saturating_mul(1000));
        let serves = i64::try_from((now + TOKEN_SERVES).as_millis()).unwrap_or(i64::MAX);
        Ok(OAuthToken {
            principal_name: claims["sub"].as_str().unwrap_or("krun").to_owned(),
            lifetime_ms: ends.unwrap_or(serves),
            token: token.reveal().to_owned(),
        })
    }
}

impl ConsumerContext for Contact {}

/// What a token says of itself, where it is one that can be read.
fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap_or_default().replace('-', "+").replace('_', "/");
    let padded = format!("{part}{}", "=".repeat((4 - part.len() % 4) % 4));
    let text = base64::decode_block(&padded).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::security::{Login, ScramHash};
    use crate::secret::Secret;

    #[test]
    fn what_a_token_says() {
        // {"sub":"alice","exp":1060} in base64url without padding
        assert_eq!(claims("e30.eyJzdWIiOiJhbGljZSIsImV4cCI6MTA2MH0.x")["exp"], 1060);
        assert_eq!(claims("opaque"), Value::Null);
    }

    #[test]
    fn what_librdkafka_lacks_is_refused_by_its_key() {
        let login =
            |is_delegation_token| Login { user: "krun".to_owned(), password: Secret::new("p"), is_delegation_token };
        let scram = |token| Security { tls: None, sasl: Some(Sasl::Scram(ScramHash::Sha256, login(token))) };
        assert_eq!(refuse_what_it_lacks(&scram(false)), Ok(()));
        let refused = refuse_what_it_lacks(&scram(true)).expect_err("refused");
        assert_eq!(refused.code, "NOT_FOR_LIBRDKAFKA");
        assert!(refused.message.contains("sasl.jaas.config"), "{}", refused.message);
        let tls = Tls {
            trusted: None,
            identity: None,
            verify_host: true,
            oldest: TlsVersion::V1_3,
            newest: TlsVersion::V1_3,
        };
        let refused = refuse_what_it_lacks(&Security { tls: Some(tls), sasl: None }).expect_err("refused");
        assert!(refused.message.contains("ssl.enabled.protocols"), "{}", refused.message);
    }
}
