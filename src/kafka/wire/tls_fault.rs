//! Why TLS with a broker did not come about: the cause by name, and whose certificate it is about.

use super::address::Address;
use super::certificate::Certificate;
use crate::error::Error;
use jiff::Timestamp;
use openssl::ssl;
use openssl::x509::X509VerifyResult;
use std::io;
use std::time::Duration;

/// The end of a handshake that was met by nothing: a listener without TLS does that.
pub(super) const HANDSHAKE_LOST: &str = "TLS_HANDSHAKE_LOST";

/// The first certificate that was not accepted.
pub(super) struct Distrust {
    pub(super) why: X509VerifyResult,
    /// 0: the broker's own; above: the authorities, one by one.
    pub(super) depth: u32,
    pub(super) certificate: Option<Certificate>,
}

/// What is known where a handshake has failed.
pub(super) struct Met<'a> {
    pub(super) address: &'a Address,
    pub(super) distrust: Option<Distrust>,
    /// Where the trusted certificates lie.
    pub(super) trusted: &'a str,
    /// Of the client certificate, where there is one.
    pub(super) principal: Option<&'a str>,
}

/// X.509's own numbers (`openssl verify`).
mod verdict {
    pub(super) const NOT_YET_VALID: i32 = 9;
    pub(super) const EXPIRED: i32 = 10;
    pub(super) const SELF_SIGNED: i32 = 18;
    pub(super) const HOST: i32 = 62;
    pub(super) const IP: i32 = 64;
    /// No way leads to a trusted certificate: unknown issuer, or a root that is not among them.
    pub(super) const NO_WAY: [i32; 5] = [2, 18, 19, 20, 21];
}

pub(super) fn of_handshake(error: &ssl::Error, met: &Met<'_>) -> Error {
    let address = met.address;
    if let Some(distrust) = &met.distrust {
        return distrusted(distrust, met);
    }
    if let Some(number) = alert(error) {
        return of_alert(number, address, met.principal);
    }
    if is_end(error) {
        let text = format!("{address} ends the connection in the middle of the TLS handshake");
        return Error::new(HANDSHAKE_LOST, text)
            .hint("is it a listener with TLS? or is the broker just starting or stopping? its log says why")
            .retriable();
    }
    if speaks_otherwise(error) {
        return Error::new("LISTENER_IS_PLAINTEXT", format!("{address} does not speak TLS, and krun was told to"))
            .hint("is this the port of a TLS listener? or set security.protocol without SSL");
    }
    Error::new("TLS_FAILED", format!("TLS with {address} does not come about: {}", reason(error)))
        .hint("`openssl s_client -connect HOST:PORT` shows both sides of it")
}

/// Whether this could only be said of somebody who speaks TLS.
pub(super) fn shows_tls(error: &Error) -> bool {
    ["TLS_UNTRUSTED", "TLS_REFUSED", "TLS_VERSION_REFUSED", "TLS_NOT_AGREED"].contains(&error.code.as_str())
}

pub(super) fn silent(address: &Address, wait: Duration) -> Error {
    let text = format!("{address} accepts connections but does not answer a TLS handshake within {wait:?}");
    Error::new("TLS_TIMEOUT", text).hint("is it a listener with TLS, and is the broker well?").retriable()
}

/// What the other side says by an alert that comes instead of an answer.
pub(super) fn of_answer(error: &io::Error, address: &Address, principal: Option<&str>) -> Option<Error> {
    let error = error.get_ref()?.downcast_ref::<ssl::Error>()?;
    Some(of_alert(alert(error)?, address, principal))
}

fn distrusted(distrust: &Distrust, met: &Met<'_>) -> Error {
    let Met { address, trusted, .. } = met;
    let why = distrust.why.error_string();
    let Some(certificate) = &distrust.certificate else {
        return Error::new("TLS_UNTRUSTED", format!("the certificate of {address} is not accepted: {why}"))
            .hint(format!("the trusted certificates are in {trusted}"));
    };
    let whose = match distrust.depth {
        0 => format!("the certificate of {address} ({})", certificate.subject),
        _ => format!("the authority {} that vouches for {address}", certificate.subject),
    };
    let now = Timestamp::now();
    match distrust.why.as_raw() {
        verdict::EXPIRED => Error::new(
            "TLS_CERTIFICATE_EXPIRED",
            format!("{whose} expired {}", certificate.until.map_or_else(String::new, |until| since(until, now))),
        )
        .hint("it must be renewed where it is used; krun does not go on with one that has run out"),
        verdict::NOT_YET_VALID => Error::new(
            "TLS_CERTIFICATE_NOT_YET_VALID",
            format!("{whose} is not valid before {}", certificate.from.map_or_else(String::new, |at| at.to_string())),
        )
        .hint(format!("is the clock of this machine right? it says {}", now.strftime("%Y-%m-%dT%H:%M:%SZ"))),
        verdict::HOST | verdict::IP => Error::new(
            "TLS_WRONG_HOST",
            format!("the certificate of {address} is for {}, not for {}", list(&certificate.names), address.host),
        )
        .hint(
            "call the broker by one of these names (bootstrap_servers, advertised.listeners), or have the certificate \
             made for this one",
        ),
        verdict::SELF_SIGNED => Error::new(
            "TLS_UNTRUSTED",
            format!("{whose} is signed by itself, and is not among those that krun trusts ({trusted})"),
        )
        .hint("if it is the right one, put it into the truststore"),
        number if verdict::NO_WAY.contains(&number) => {
            let by = if certificate.is_self_signed() {
                "is not among those that krun trusts".to_owned()
            } else {
                format!("is signed by {}, which is not among those that krun trusts", certificate.issuer)
            };
            Error::new("TLS_UNTRUSTED", format!("{whose} {by} ({trusted})"))
                .hint("is this the truststore of this cluster, and does the broker send its intermediate certificates?")
        }
        _ => Error::new("TLS_UNTRUSTED", format!("{whose} is not accepted: {why}"))
            .hint("`openssl s_client -connect HOST:PORT -showcerts` shows it"),
    }
}

/// TLS's own numbers (RFC 8446 §6).
fn of_alert(number: i32, address: &Address, principal: Option<&str>) -> Error {
    match (number, principal) {
        (42..=46 | 48 | 49 | 116, Some(principal)) => Error::new(
            "TLS_CLIENT_CERTIFICATE_REFUSED",
            format!("{address} does not accept krun's certificate ({principal}): {}", said(number)),
        )
        .hint("is it signed by an authority in the broker's truststore, and still valid?"),
        (42 | 116, None) => Error::new(
            "TLS_CLIENT_CERTIFICATE_REQUIRED",
            format!("{address} wants a client certificate, and krun has none ({})", said(number)),
        )
        .hint("set ssl.keystore.type=PEM and ssl.keystore.location in the client properties"),
        (40, None) => Error::new(
            "TLS_NOT_AGREED",
            format!("{address} and krun find no way to speak TLS with each other ({})", said(number)),
        )
        .hint("does the listener want a client certificate (ssl.client.auth), or ciphers that are too old?"),
        (70, _) => Error::new(
            "TLS_VERSION_REFUSED",
            format!("{address} does not speak a version of TLS that krun may use ({})", said(number)),
        )
        .hint("krun speaks TLS 1.2 and 1.3; ssl.enabled.protocols may leave out one of them"),
        _ => Error::new("TLS_REFUSED", format!("{address} refuses to speak TLS: {}", said(number)))
            .hint("the broker's log says why"),
    }
}

fn said(number: i32) -> String {
    let name = match number {
        40 => "handshake failure",
        42 => "bad certificate",
        43 => "unsupported certificate",
        44 => "certificate revoked",
        45 => "certificate expired",
        46 => "certificate unknown",
        48 => "unknown certification authority",
        49 => "access denied",
        70 => "protocol version",
        80 => "internal error",
        112 => "unrecognised name",
        116 => "certificate required",
        _ => return format!("alert {number}"),
    };
    format!("alert {number}, {name}")
}

/// The number of an alert that the other side has sent. OpenSSL gives it as the reason, 1000 higher.
fn alert(error: &ssl::Error) -> Option<i32> {
    let mut errors = error.ssl_error()?.errors().iter();
    errors.find_map(|error| Some(error.reason_code() - 1000).filter(|number| (1..=255).contains(number)))
}

fn is_end(error: &ssl::Error) -> bool {
    /// `SSL_R_UNEXPECTED_EOF_WHILE_READING`
    const END: i32 = 294;
    let ended = error.ssl_error().is_some_and(|stack| stack.errors().iter().any(|error| error.reason_code() == END));
    ended || error.io_error().is_some() || (error.code() == ssl::ErrorCode::SYSCALL && error.ssl_error().is_none())
}

/// The other side's bytes are no TLS.
fn speaks_otherwise(error: &ssl::Error) -> bool {
    /// `SSL_R_WRONG_VERSION_NUMBER`, `SSL_R_HTTP_REQUEST`, `SSL_R_PACKET_LENGTH_TOO_LONG`, `SSL_R_UNKNOWN_PROTOCOL`
    const FOREIGN: [i32; 4] = [267, 156, 198, 252];
    error.ssl_error().is_some_and(|stack| stack.errors().iter().any(|error| FOREIGN.contains(&error.reason_code())))
}

fn reason(error: &ssl::Error) -> String {
    let reasons = error.ssl_error().map(|stack| {
        let reasons: Vec<&str> = stack.errors().iter().filter_map(openssl::error::Error::reason).collect();
        reasons.join(", ")
    });
    reasons.filter(|text| !text.is_empty()).unwrap_or_else(|| error.to_string())
}

/// `on 2026-11-24T00:00:00Z, 3 days ago`.
fn since(then: Timestamp, now: Timestamp) -> String {
    let hours = (now.as_second() - then.as_second()) / 3600;
    let ago = match hours {
        ..1 => "within the last hour".to_owned(),
        1 => "1 hour ago".to_owned(),
        2..48 => format!("{hours} hours ago"),
        _ => format!("{} days ago", hours / 24),
    };
    format!("on {then}, {ago}")
}

fn list(names: &[String]) -> String {
    const SHOWN: usize = 8;
    match names.len() {
        0 => "no host at all".to_owned(),
        more if more > SHOWN => format!("{} and {} more", names[..SHOWN].join(", "), more - SHOWN),
        _ => names.join(", "),
    }
}
