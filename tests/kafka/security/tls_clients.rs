//! Client certificates: shown where they are asked for, and what is said where they are missing or refused.

use super::{behind_tls, connect, pem, refused, trusting, with_tls, works};
use crate::kafka::broker::{Act, Broker};
use crate::kafka::security::Front;
use crate::support::certificates::{Pair, Wish};
use krun::kafka::security::{Identity, Security, Tls};
use krun::secret::Secret;
use openssl::ssl::{SslAcceptor, SslMethod, SslVerifyMode, SslVersion};
use openssl::x509::store::X509StoreBuilder;

struct Scene {
    authority: Pair,
    front: Front,
    _broker: Broker,
}

/// A listener that wants a certificate of its authority.
async fn scene(newest: SslVersion) -> Scene {
    let authority = Wish::authority("the authority").self_signed();
    let pair = Wish::host("kafka01", &["127.0.0.1"]).signed_by(&authority);
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).expect("OpenSSL");
    acceptor.set_certificate(&pair.certificate).expect("a certificate");
    acceptor.set_private_key(&pair.key).expect("a key");
    acceptor.set_max_proto_version(Some(newest)).expect("a version");
    let mut store = X509StoreBuilder::new().expect("a store");
    store.add_cert(authority.certificate.clone()).expect("a certificate");
    acceptor.set_verify_cert_store(store.build()).expect("a store");
    acceptor.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    let (broker, front) = behind_tls(acceptor.build(), |_| Act::AsUsual).await;
    Scene { authority, front, _broker: broker }
}

impl Scene {
    fn security(&self, identity: Option<Identity>) -> Security {
        with_tls(Tls { identity, ..trusting(&self.authority.certificate_pem()) })
    }
}

fn identity(pair: &Pair) -> Identity {
    Identity { chain: pem(&pair.certificate_pem()), key: pem(&pair.key_pem()), key_password: None }
}

#[tokio::test]
async fn a_certificate_of_the_right_authority() {
    for newest in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let scene = scene(newest).await;
        let krun = Wish::host("krun", &[]).signed_by(&scene.authority);
        works(&scene.front.address, &scene.security(Some(identity(&krun)))).await;

        // In one file, in the order in which other tools write it, and encrypted.
        let parts = [scene.authority.certificate_pem(), krun.certificate_pem(), krun.encrypted_key_pem("a word")];
        let both = pem(&parts.concat());
        let password = Some(Secret::new("a word"));
        let encrypted = Identity { chain: both.clone(), key: both, key_password: password };
        works(&scene.front.address, &scene.security(Some(encrypted))).await;
    }
}

#[tokio::test]
async fn none_at_all() {
    let old = scene(SslVersion::TLS1_2).await;
    let error = refused(&old.front.address, &old.security(None)).await;
    // TLS 1.2 has no word for this: OpenSSL says handshake failure, Java bad certificate.
    assert_eq!(error.code, "TLS_NOT_AGREED");
    assert!(error.hint.expect("a hint").contains("client certificate"));

    let new = scene(SslVersion::TLS1_3).await;
    let error = refused(&new.front.address, &new.security(None)).await;
    assert_eq!(error.code, "TLS_CLIENT_CERTIFICATE_REQUIRED");
    assert!(error.hint.expect("a hint").contains("ssl.keystore.location"));
}

#[tokio::test]
async fn one_of_another_authority() {
    let other = Wish::authority("another authority").self_signed();
    for newest in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        let scene = scene(newest).await;
        let krun = Wish::host("krun", &[]).signed_by(&other);
        let error = refused(&scene.front.address, &scene.security(Some(identity(&krun)))).await;
        assert_eq!(error.code, "TLS_CLIENT_CERTIFICATE_REFUSED", "{error}");
        assert!(error.message.contains("CN=krun,O=krun tests"), "{error}");
        assert!(error.message.contains("unknown certification authority"), "{error}");
    }
}

#[tokio::test]
async fn a_key_that_is_none_or_of_another_certificate() {
    let authority = Wish::authority("the authority").self_signed();
    let (krun, other) = (Wish::host("krun", &[]).signed_by(&authority), Wish::host("x", &[]).signed_by(&authority));
    let (chain, password) = (pem(&krun.certificate_pem()), |word: &str| Some(Secret::new(word)));
    let encrypted = pem(&krun.encrypted_key_pem("a word"));
    for (key, key_password, why) in [
        (pem(&other.key_pem()), None, "has no certificate for the private key"),
        (pem("nothing"), None, "holds no private key"),
        (encrypted.clone(), None, "holds an encrypted private key"),
        (encrypted, password("another word"), "ssl.key.password does not decrypt"),
    ] {
        let identity = Some(Identity { chain: chain.clone(), key, key_password });
        let security = with_tls(Tls { identity, ..trusting(&authority.certificate_pem()) });
        let error = connect("127.0.0.1:1", &security).await.err().expect("no key");
        assert_eq!(error.code, "INVALID_CONFIG", "{error}");
        assert!(error.message.contains(why), "{error}");
        assert!(!format!("{error:?} {security:?}").contains("a word"));
    }
}
