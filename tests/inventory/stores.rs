//! Certificates and keys: PEM files, PEM in the properties, and Java's own stores.

use super::{Folder, a_pair, refused};
use krun::kafka::Client;
use krun::kafka::security::Security;

/// OpenSSL reads all of it: only then does anybody connect, and here nobody listens.
async fn assert_usable(security: &Security) {
    let nobody = ["127.0.0.1:1".to_owned()];
    let error = Client::secured(&nobody, security, krun::kafka::Deadlines::default()).await.err();
    assert_eq!(error.expect("nobody listens").code, "CONNECTION_REFUSED");
}

#[tokio::test]
async fn files_beside_the_properties() {
    let (authority, pair) = a_pair();
    let folder = Folder::with(
        "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location=ca.pem\nssl.keystore.type=PEM\n\
         ssl.keystore.location=krun.pem\nssl.key.password=a word\n",
    );
    folder.put("ca.pem", authority.certificate_pem());
    folder.put("krun.pem", pair.encrypted_key_pem("a word") + pair.certificate_pem().as_str());
    let reach = folder.read().expect("read");
    assert_eq!(reach.warnings, Vec::<String>::new());
    assert_usable(&reach.security).await;
    assert!(!format!("{reach:?}").contains("PRIVATE KEY"));
}

#[tokio::test]
async fn pem_in_the_properties_in_one_line_each() {
    let (authority, pair) = a_pair();
    let one_line = |pem: String| pem.replace('\n', " ");
    let folder = Folder::with(&format!(
        "security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.certificates={}\nssl.keystore.type=PEM\n\
         ssl.keystore.certificate.chain={}\nssl.keystore.key={}\n",
        one_line(authority.certificate_pem()),
        one_line(pair.certificate_pem()),
        pair.key_pem().replace('\n', "\\n"),
    ));
    let reach = folder.read().expect("read");
    assert_usable(&reach.security).await;
    folder.mode("client.properties", 0o604);
    let warnings = folder.read().expect("read").warnings;
    assert!(warnings[0].contains("ssl.keystore.key holds a secret"), "{warnings:?}");
}

#[test]
fn half_of_it_is_told() {
    for (properties, why) in [
        ("ssl.keystore.key=x", "ssl.keystore.certificate.chain is missing"),
        ("ssl.keystore.certificate.chain=x", "ssl.keystore.key is missing"),
        ("ssl.truststore.location=x\nssl.truststore.certificates=y", "are both there"),
        ("ssl.keystore.location=x\nssl.keystore.key=y", "are both there"),
        ("ssl.truststore.location=no/such.pem", "which cannot be read"),
    ] {
        let error = refused(&format!("security.protocol=SSL\n{properties}\n"));
        assert!(error.message.contains(why), "{properties}: {error}");
    }
}

#[test]
fn a_pem_file_that_is_not_said_to_be_one_and_a_key_for_everybody() {
    let (authority, pair) = a_pair();
    let folder =
        Folder::with("security.protocol=SSL\nssl.truststore.location=ca.pem\nssl.keystore.location=krun.pem\n");
    folder.put("ca.pem", authority.certificate_pem());
    folder.put("krun.pem", pair.keystore_pem());
    folder.mode("krun.pem", 0o644);
    let warnings = folder.read().expect("read").warnings;
    for words in ["ssl.truststore.type does not say PEM", "ssl.keystore.type does not say PEM", "holds a private key"] {
        assert!(warnings.iter().any(|warning| warning.contains(words)), "{words}: {warnings:#?}");
    }
}

#[test]
fn java_s_own_stores_are_refused_with_the_way_out() {
    let folder = Folder::with("security.protocol=SSL\nssl.truststore.location=trust.jks\n");
    folder.put("trust.jks", [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]);
    let error = folder.read().expect_err("a JKS store");
    assert!(error.message.contains("client.properties:2: ssl.truststore.location names a JKS store"), "{error}");
    let hint = error.hint.expect("a hint");
    assert!(hint.contains("keytool -list -rfc -keystore") && hint.contains("trust.pem"), "{hint}");

    let folder = Folder::with("security.protocol=SSL\nssl.keystore.location=own.jks\n");
    folder.put("own.jks", [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]);
    let hint = folder.read().expect_err("a JKS store").hint.expect("a hint");
    assert!(hint.contains("keytool -importkeystore") && hint.contains("openssl pkcs12 -in"), "{hint}");

    let folder = Folder::with("security.protocol=SSL\nssl.keystore.location=own.p12\n");
    folder.put("own.p12", [0x30, 0x82, 1, 2, 0xff, 0xfe]);
    let hint = folder.read().expect_err("a PKCS12 store").hint.expect("a hint");
    assert!(!hint.contains("keytool") && hint.contains("openssl pkcs12 -in"), "{hint}");

    let folder = Folder::with("security.protocol=SSL\nssl.keystore.location=text\n");
    folder.put("text", "hello");
    assert!(folder.read().expect_err("a text").message.contains("names no PEM file"));
}
