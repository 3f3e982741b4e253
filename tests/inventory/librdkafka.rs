//! The same file for librdkafka: it takes the settings, and they are the ones that were meant.

use super::{Folder, a_pair};
use rdkafka::ClientConfig;
use rdkafka::consumer::BaseConsumer;
use std::collections::BTreeMap;

/// librdkafka reads certificates and keys when it is made, and refuses settings that it does not know.
fn settings(folder: &Folder) -> BTreeMap<String, String> {
    let settings = folder.read().expect("read").security.rdkafka_settings();
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", "127.0.0.1:1").set("log_level", "0");
    for (key, value) in &settings {
        config.set(key, value);
    }
    let made: Result<BaseConsumer, _> = config.create();
    if let Err(error) = made {
        panic!("{error}");
    }
    settings.into_iter().collect()
}

#[test]
fn scram_and_a_client_certificate_by_files() {
    let (authority, pair) = a_pair();
    let folder = Folder::with(
        "security.protocol=SASL_SSL\nssl.truststore.type=PEM\nssl.truststore.location=ca.pem\nssl.keystore.type=PEM\n\
         ssl.keystore.location=krun.pem\nssl.key.password=a word\nssl.endpoint.identification.algorithm=\n\
         sasl.mechanism=SCRAM-SHA-256\nsasl.jaas.config=x.ScramLoginModule required username=\"krun\" password=\"p\";\n",
    );
    let ca = folder.put("ca.pem", authority.certificate_pem());
    folder.put("krun.pem", pair.encrypted_key_pem("a word") + pair.certificate_pem().as_str());
    let settings = settings(&folder);
    for (key, value) in [
        ("security.protocol", "SASL_SSL"),
        ("sasl.mechanism", "SCRAM-SHA-256"),
        ("sasl.username", "krun"),
        ("sasl.password", "p"),
        ("ssl.ca.location", &ca.display().to_string()),
        ("ssl.key.password", "a word"),
        ("ssl.endpoint.identification.algorithm", "none"),
    ] {
        assert_eq!(settings.get(key).map(String::as_str), Some(value), "{key}");
    }
}

#[test]
fn pem_in_the_properties_and_an_unsecured_token() {
    let (authority, _) = a_pair();
    let folder = Folder::with(&format!(
        "security.protocol=SASL_SSL\nssl.truststore.type=PEM\nssl.truststore.certificates={}\nsasl.mechanism=OAUTHBEARER\n\
         sasl.jaas.config=x.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"alice\";\n",
        authority.certificate_pem().replace('\n', " ")
    ));
    let settings = settings(&folder);
    assert!(settings["ssl.ca.pem"].starts_with("-----BEGIN CERTIFICATE-----\n"));
    assert_eq!(settings["sasl.oauthbearer.config"], "principal=alice lifeSeconds=3600");
    assert_eq!(settings["ssl.endpoint.identification.algorithm"], "https");
}

#[test]
fn plaintext() {
    let all = settings(&Folder::with(""));
    assert_eq!(all, [("security.protocol".to_owned(), "PLAINTEXT".to_owned())].into());
}
