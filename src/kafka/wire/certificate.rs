//! A certificate, as a person reads it: whose it is, who signed it, for which names and which time.

use jiff::Timestamp;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::x509::{X509NameRef, X509Ref};
use std::net::IpAddr;

/// What is told of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate {
    /// `CN=kafka01,O=Example`.
    pub(super) subject: String,
    pub(super) issuer: String,
    /// The hosts that it is for.
    pub(super) names: Vec<String>,
    pub(super) from: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
}

impl Certificate {
    pub(super) fn of(found: &X509Ref) -> Self {
        Self {
            subject: distinguished_name(found.subject_name()),
            issuer: distinguished_name(found.issuer_name()),
            names: names(found),
            from: time(found.not_before()),
            until: time(found.not_after()),
        }
    }

    pub(super) fn is_self_signed(&self) -> bool {
        self.subject == self.issuer
    }
}

/// The order of RFC 2253, in which Kafka writes the principals of client certificates: the most specific part first.
pub(super) fn distinguished_name(name: &X509NameRef) -> String {
    let mut parts: Vec<String> = Vec::new();
    for entry in name.entries() {
        let key = entry.object().nid().short_name().unwrap_or("?");
        let value = entry.data().to_string().unwrap_or_else(|_| "?".to_owned());
        parts.push(format!("{key}={value}"));
    }
    parts.reverse();
    if parts.is_empty() { "(no name)".to_owned() } else { parts.join(",") }
}

/// As host names are matched: the alternative names, and the common name where there are none.
fn names(found: &X509Ref) -> Vec<String> {
    let mut names = Vec::new();
    for name in found.subject_alt_names().into_iter().flatten() {
        if let Some(host) = name.dnsname() {
            names.push(host.to_owned());
        } else if let Some(bytes) = name.ipaddress() {
            names.extend(ip(bytes).map(|ip| ip.to_string()));
        }
    }
    if names.is_empty() {
        let common = found.subject_name().entries_by_nid(openssl::nid::Nid::COMMONNAME);
        names.extend(common.filter_map(|entry| entry.data().to_string().ok()));
    }
    names
}

fn ip(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from);
    four.or_else(|| <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from))
}

fn time(found: &Asn1TimeRef) -> Option<Timestamp> {
    let since = Asn1Time::from_unix(0).ok()?.diff(found).ok()?;
    Timestamp::from_second(i64::from(since.days) * 86_400 + i64::from(since.secs)).ok()
}
