//! TLS to a broker: what is trusted, what is shown, and the handshake.

use super::address::Address;
use super::certificate::{Certificate, distinguished_name};
use super::tls_fault::{self, Distrust, Met};
use crate::error::Error;
use crate::kafka::security::{self, Identity, Pem, TlsVersion};
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslConnector, SslConnectorBuilder, SslMethod, SslVerifyMode, SslVersion};
use openssl::x509::X509;
use openssl::x509::store::{X509Lookup, X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyFlags;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_openssl::SslStream;

/// Ready to shake hands with any broker of a cluster.
pub(crate) struct Tls {
    connector: SslConnector,
    verify_host: bool,
    /// For a person: where the certificates that are trusted lie.
    trusted: String,
    /// Who the client certificate says krun is, as Kafka writes it.
    pub(super) principal: Option<String>,
}

impl Tls {
    /// Error: `INVALID_CONFIG` for what is no certificate or key, `NO_SYSTEM_AUTHORITIES`.
    pub(crate) fn new(settings: &security::Tls) -> Result<Self, Error> {
        let broken = |error: ErrorStack| Error::new("TLS_FAILED", format!("OpenSSL cannot be set up: {error}"));
        let mut builder = SslConnector::builder(SslMethod::tls_client()).map_err(broken)?;
        builder.set_min_proto_version(Some(version(settings.oldest))).map_err(broken)?;
        builder.set_max_proto_version(Some(version(settings.newest))).map_err(broken)?;
        let (store, trusted) = match &settings.trusted {
            Some(pem) => (trust(&certificates(pem)?).map_err(broken)?, pem.origin.clone()),
            None => system_authorities()?,
        };
        // In place of whatever this OpenSSL takes by default.
        builder.set_cert_store(store);
        let principal = settings.identity.as_ref().map(|identity| show(&mut builder, identity)).transpose()?;
        Ok(Self { connector: builder.build(), verify_host: settings.verify_host, trusted, principal })
    }

    /// For a look at who is there: no certificate is good enough, and no secret goes out.
    pub(super) fn trusting_nobody() -> Result<Self, ErrorStack> {
        let mut builder = SslConnector::builder(SslMethod::tls_client())?;
        builder.set_cert_store(trust(&[])?);
        Ok(Self { connector: builder.build(), verify_host: false, trusted: String::new(), principal: None })
    }

    /// Errors: those of [`tls_fault`].
    pub(super) async fn handshake(
        &self,
        stream: TcpStream,
        address: &Address,
        wait: Duration,
    ) -> Result<Pin<Box<SslStream<TcpStream>>>, Error> {
        let distrust = Arc::new(Mutex::new(None));
        let met = |error| {
            let distrust = distrust.lock().unwrap_or_else(PoisonError::into_inner).take();
            let Self { trusted, principal, .. } = self;
            tls_fault::of_handshake(&error, &Met { address, distrust, trusted, principal: principal.as_deref() })
        };
        let stream = self.begin(stream, address, &distrust);
        let mut stream = Box::pin(stream.map_err(|error| met(error.into()))?);
        match timeout(wait, stream.as_mut().connect()).await {
            Ok(Ok(())) => Ok(stream),
            Ok(Err(error)) => Err(met(error)),
            Err(_) => Err(tls_fault::silent(address, wait)),
        }
    }

    fn begin(
        &self,
        stream: TcpStream,
        address: &Address,
        distrust: &Arc<Mutex<Option<Distrust>>>,
    ) -> Result<SslStream<TcpStream>, ErrorStack> {
        let mut handshake = self.connector.configure()?;
        handshake.set_verify_hostname(self.verify_host);
        let distrust = Arc::clone(distrust);
        // Once the handshake has failed OpenSSL tells only a number, not whose certificate it was about.
        handshake.set_verify_callback(SslVerifyMode::PEER, move |is_trusted, context| {
            if !is_trusted {
                let certificate = context.current_cert().map(Certificate::of);
                let mut distrust = distrust.lock().unwrap_or_else(PoisonError::into_inner);
                distrust.get_or_insert(Distrust { why: context.error(), depth: context.error_depth(), certificate });
            }
            is_trusted
        });
        // The dot that ends a full name is not part of what is in certificates.
        let host = address.host.strip_suffix('.').unwrap_or(&address.host);
        SslStream::new(handshake.into_ssl(host)?, stream)
    }
}

/// Any certificate among them may end the chain, as in Java: also that of an intermediate authority, or the broker's own.
fn trust(certificates: &[X509]) -> Result<X509Store, ErrorStack> {
    let mut store = X509StoreBuilder::new()?;
    store.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
    for certificate in certificates {
        store.add_cert(certificate.clone())?;
    }
    Ok(store.build())
}

fn system_authorities() -> Result<(X509Store, String), Error> {
    let unusable = |place: &str, error: &ErrorStack| {
        Error::new("NO_SYSTEM_AUTHORITIES", format!("the certification authorities in {place} cannot be read: {error}"))
    };
    if let Some(file) = security::system_authorities() {
        let place = file.display().to_string();
        let text = std::fs::read(&file).unwrap_or_default();
        let read = X509::stack_from_pem(&text).and_then(|found| trust(&found));
        return read.map(|store| (store, place.clone())).map_err(|error| unusable(&place, &error));
    }
    let folders = openssl_probe::probe().cert_dir;
    let Some(first) = folders.first() else {
        let text = "this machine has no list of certification authorities, and no truststore is named";
        return Err(Error::new("NO_SYSTEM_AUTHORITIES", text)
            .hint("install ca-certificates, or set ssl.truststore.type=PEM and ssl.truststore.location"));
    };
    let place = first.display().to_string();
    let store = || {
        let mut store = X509StoreBuilder::new()?;
        store.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
        let lookup = store.add_lookup(X509Lookup::hash_dir())?;
        for folder in &folders {
            lookup.add_dir(&folder.to_string_lossy(), openssl::ssl::SslFiletype::PEM)?;
        }
        Ok(store.build())
    };
    store().map(|store| (store, place.clone())).map_err(|error| unusable(&place, &error))
}

fn certificates(pem: &Pem) -> Result<Vec<X509>, Error> {
    match X509::stack_from_pem(pem.text.reveal().as_bytes()) {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(invalid(pem, "holds no certificate").hint("it should have blocks `-----BEGIN CERTIFICATE-----`")),
        Err(_) => Err(invalid(pem, "holds a damaged certificate").hint("see `openssl x509 -noout -text -in FILE`")),
    }
}

/// Takes over certificate, chain and key, and gives the name in the certificate.
fn show(builder: &mut SslConnectorBuilder, identity: &Identity) -> Result<String, Error> {
    let key = private_key(identity)?;
    let mut chain = certificates(&identity.chain)?;
    // Kafka's files begin with it; those that openssl writes may not.
    let own = chain.iter().position(|found| found.public_key().is_ok_and(|public| public.public_eq(&key)));
    let Some(own) = own else {
        let why = format!("has no certificate for the private key in {}", identity.key.origin);
        return Err(invalid(&identity.chain, &why).hint("certificate and key must be of one pair"));
    };
    let own = chain.remove(own);
    let unusable = |error: ErrorStack| invalid(&identity.chain, &format!("cannot be used: {error}"));
    builder.set_certificate(&own).map_err(unusable)?;
    builder.set_private_key(&key).map_err(unusable)?;
    for other in chain {
        builder.add_extra_chain_cert(other).map_err(unusable)?;
    }
    Ok(distinguished_name(own.subject_name()))
}

fn private_key(identity: &Identity) -> Result<PKey<Private>, Error> {
    let mut is_encrypted = false;
    // Without a callback OpenSSL would ask at the terminal.
    let key = PKey::private_key_from_pem_callback(identity.key.text.reveal().as_bytes(), |buffer| {
        is_encrypted = true;
        let password = identity.key_password.as_ref().map_or(&[][..], |password| password.reveal().as_bytes());
        let length = password.len().min(buffer.len());
        buffer[..length].copy_from_slice(&password[..length]);
        Ok(length)
    });
    let pem = &identity.key;
    key.map_err(|_| match (is_encrypted, &identity.key_password) {
        (true, None) => invalid(pem, "holds an encrypted private key").hint("set ssl.key.password"),
        (true, Some(_)) => invalid(pem, "holds a private key that ssl.key.password does not decrypt")
            .hint("try it: openssl pkey -noout -in FILE"),
        (false, _) => invalid(pem, "holds no private key, or a damaged one")
            .hint("it should have a block `-----BEGIN PRIVATE KEY-----` (PKCS#8), as well as the certificate"),
    })
}

fn invalid(pem: &Pem, why: &str) -> Error {
    Error::new("INVALID_CONFIG", format!("{} {why}", pem.origin))
}

fn version(version: TlsVersion) -> SslVersion {
    match version {
        TlsVersion::V1_2 => SslVersion::TLS1_2,
        TlsVersion::V1_3 => SslVersion::TLS1_3,
    }
}
