//! What a listener speaks, found out where krun was told something else: so that the error names the cause.

use super::access::Access;
use super::address::Address;
use super::connection::Connection;
use super::deadlines::Deadlines;
use super::sasl;
use super::tls::Tls;
use super::tls_fault::{self, HANDSHAKE_LOST};
use super::transport::{self, Transport};
use crate::error::Error;

/// The error of a first contact, or one that says more. Asks the listener once more, without any secret.
pub(super) async fn explain(error: Error, address: &Address, access: &Access, deadlines: &Deadlines) -> Error {
    match error.code.as_str() {
        HANDSHAKE_LOST => plaintext(address, deadlines).await.unwrap_or(error),
        "CONNECTION_LOST" => {
            if !access.speaks_sasl()
                && let Some(error) = wants_sasl(address, access, deadlines).await
            {
                return error;
            }
            if !access.speaks_tls()
                && let Some(error) = wants_tls(address, deadlines).await
            {
                return error;
            }
            error
        }
        _ => error,
    }
}

/// A listener without TLS takes the beginning of TLS for a giant frame, and closes.
async fn plaintext(address: &Address, deadlines: &Deadlines) -> Option<Error> {
    let connection = Connection::enter(address, &Access::default(), deadlines).await.ok()?;
    let text = format!("{address} speaks Kafka in plaintext, and krun was told to use TLS");
    let mechanisms = mechanisms(connection, deadlines).await;
    let (listener, protocol) = match &mechanisms {
        Some(_) => ("SASL_SSL", "SASL_PLAINTEXT"),
        None => ("SSL", "PLAINTEXT"),
    };
    let hint = format!("give the port of a {listener} listener; security.protocol={protocol} is what this one speaks");
    Some(Error::new("LISTENER_IS_PLAINTEXT", text).hint(hint))
}

/// A listener that wants SASL answers `ApiVersions`, and closes on anything else.
async fn wants_sasl(address: &Address, access: &Access, deadlines: &Deadlines) -> Option<Error> {
    let connection = Connection::enter(address, access, deadlines).await.ok()?;
    let mechanisms = mechanisms(connection, deadlines).await?;
    let text = format!("{address} wants to know who krun is: it takes SASL only ({})", mechanisms.join(", "));
    let protocol = if access.speaks_tls() { "SASL_SSL" } else { "SASL_PLAINTEXT" };
    let hint =
        format!("set security.protocol={protocol}, sasl.mechanism and sasl.jaas.config in the client properties");
    Some(Error::new("LISTENER_WANTS_SASL", text).hint(hint))
}

/// A listener with TLS answers its beginning, be it with a certificate that nobody trusts.
async fn wants_tls(address: &Address, deadlines: &Deadlines) -> Option<Error> {
    let tls = Tls::trusting_nobody().ok()?;
    let error = Transport::connect(address, Some(&tls), deadlines.connect).await.err()?;
    tls_fault::shows_tls(&error).then(|| transport::listener_wants_tls(address))
}

/// Those that are offered; `None` without SASL.
async fn mechanisms(connection: Connection, deadlines: &Deadlines) -> Option<Vec<String>> {
    // No mechanism has an empty name: the answer is the list.
    let (_, _, offered) = sasl::offer(connection, "", deadlines.request).await.ok()?;
    Some(offered).filter(|offered| !offered.is_empty())
}
