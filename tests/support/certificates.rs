//! Certificates made on the spot: authorities, and what they sign.

use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::symm::Cipher;
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Name};
use std::time::{SystemTime, UNIX_EPOCH};

/// A certificate with its private key.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) certificate: X509,
    pub(crate) key: PKey<Private>,
}

/// What a certificate says.
pub(crate) struct Wish<'a> {
    pub(crate) name: &'a str,
    /// Host names and IP addresses.
    pub(crate) hosts: &'a [&'a str],
    pub(crate) is_authority: bool,
    /// Days from now, at which it begins and ends.
    pub(crate) days: (i64, i64),
}

impl Wish<'_> {
    pub(crate) fn authority(name: &str) -> Wish<'_> {
        Wish { name, hosts: &[], is_authority: true, days: (-1, 30) }
    }

    pub(crate) fn host<'a>(name: &'a str, hosts: &'a [&'a str]) -> Wish<'a> {
        Wish { name, hosts, is_authority: false, days: (-1, 30) }
    }

    pub(crate) fn self_signed(&self) -> Pair {
        self.signed(None)
    }

    pub(crate) fn signed_by(&self, issuer: &Pair) -> Pair {
        self.signed(Some(issuer))
    }

    fn signed(&self, issuer: Option<&Pair>) -> Pair {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("a known curve");
        let key = PKey::from_ec_key(EcKey::generate(&group).expect("a key")).expect("a key");
        let mut subject = X509Name::builder().expect("a name");
        subject.append_entry_by_text("O", "krun tests").expect("a name");
        subject.append_entry_by_text("CN", self.name).expect("a name");
        let subject = subject.build();
        let mut serial = BigNum::new().expect("a number");
        serial.rand(120, MsbOption::MAYBE_ZERO, false).expect("a random number");

        let mut made = X509::builder().expect("a certificate");
        made.set_version(2).expect("version 3");
        made.set_serial_number(&serial.to_asn1_integer().expect("a number")).expect("a number");
        made.set_subject_name(&subject).expect("a name");
        made.set_issuer_name(issuer.map_or(&*subject, |issuer| issuer.certificate.subject_name())).expect("a name");
        made.set_pubkey(&key).expect("a key");
        made.set_not_before(&day(self.days.0)).expect("a time");
        made.set_not_after(&day(self.days.1)).expect("a time");
        if self.is_authority {
            let constraint = BasicConstraints::new().critical().ca().build().expect("an extension");
            made.append_extension(constraint).expect("an extension");
        }
        if !self.hosts.is_empty() {
            let mut names = SubjectAlternativeName::new();
            for host in self.hosts {
                if host.parse::<std::net::IpAddr>().is_ok() {
                    names.ip(host)
                } else {
                    names.dns(host)
                };
            }
            let names = names.build(&made.x509v3_context(None, None)).expect("an extension");
            made.append_extension(names).expect("an extension");
        }
        made.sign(issuer.map_or(&key, |issuer| &issuer.key), MessageDigest::sha256()).expect("signed");
        Pair { certificate: made.build(), key }
    }
}

impl Pair {
    pub(crate) fn certificate_pem(&self) -> String {
        text(self.certificate.to_pem())
    }

    /// PKCS#8, as Kafka wants it.
    pub(crate) fn key_pem(&self) -> String {
        text(self.key.private_key_to_pem_pkcs8())
    }

    pub(crate) fn encrypted_key_pem(&self, password: &str) -> String {
        text(self.key.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), password.as_bytes()))
    }

    /// The key and the certificate in one, as in a PEM keystore.
    pub(crate) fn keystore_pem(&self) -> String {
        format!("{}{}", self.key_pem(), self.certificate_pem())
    }
}

fn text(pem: Result<Vec<u8>, openssl::error::ErrorStack>) -> String {
    String::from_utf8(pem.expect("PEM")).expect("PEM is ASCII")
}

fn day(from_now: i64) -> Asn1Time {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock that is right").as_secs();
    let now = i64::try_from(now).expect("not that late");
    Asn1Time::from_unix(now + from_now * 86_400).expect("a time")
}
