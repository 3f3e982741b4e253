//! `client.properties`: protocols, mechanisms, login modules, times, and keys that are not krun's.

use super::{Folder, read, refused};
use krun::inventory::{Entry, SecretSource};
use krun::kafka::Deadlines;
use krun::kafka::security::{Sasl, ScramHash, Security, TlsVersion, TokenCommand, TokenSource};
use std::time::Duration;

const SCRAM: &str = "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\nsasl.jaas.config=\\\n  \
                     org.apache.kafka.common.security.scram.ScramLoginModule required username=\"krun\" \
                     password=\"pass word\";\n";

const PLAIN: &str = "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n";
const PLAIN_MODULE: &str = "org.apache.kafka.common.security.plain.PlainLoginModule";
const BEARER_MODULE: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";

#[test]
fn scram_over_tls() {
    let reach = read(SCRAM);
    let Some(Sasl::Scram(ScramHash::Sha512, login)) = &reach.security.sasl else { panic!("{reach:?}") };
    assert_eq!((login.user.as_str(), login.password.reveal()), ("krun", "pass word"));
    assert!(!login.is_delegation_token);
    let tls = reach.security.tls.as_ref().expect("TLS");
    assert!(tls.verify_host && tls.trusted.is_none() && tls.identity.is_none());
    assert_eq!((tls.oldest, tls.newest), (TlsVersion::V1_2, TlsVersion::V1_3));
    assert_eq!(reach.deadlines, Deadlines::default());
    assert_eq!(reach.security.protocol(), "SASL_SSL");
    assert!(!format!("{reach:?}").contains("pass word"), "no secret in any message");
}

#[test]
fn nothing_at_all_is_plaintext() {
    assert_eq!(read("").security, Security::default());
    assert_eq!(Entry::default().read().expect("nothing is needed").security, Security::default());
    let reach = Folder::with("sasl.mechanism=PLAIN\n").read().expect("plaintext");
    assert_eq!(reach.security, Security::default());
    assert!(
        reach.warnings[0].contains("without security.protocol the connection is plaintext"),
        "{:?}",
        reach.warnings
    );
}

#[test]
fn the_password_may_lie_elsewhere() {
    let folder = Folder::with(&format!("{PLAIN}sasl.jaas.config={PLAIN_MODULE} required username=\"krun\";\n"));
    let error = folder.read().expect_err("no password");
    assert!(error.message.contains("client.properties:3: sasl.jaas.config has no password for krun"), "{error}");
    assert!(error.hint.expect("a hint").contains("env"));
    let secret = folder.put("secret", "hunter2\n");
    let entry = Entry { password: Some(SecretSource::File(secret)), ..folder.entry() };
    let Some(Sasl::Plain(login)) = entry.read().expect("read").security.sasl else { panic!("PLAIN") };
    assert_eq!(login.password.reveal(), "hunter2");

    let unused = Entry { client_properties: None, ..entry };
    let error = unused.read().expect_err("a password for nothing");
    assert!(error.message.contains("client_properties"), "{error}");
}

#[test]
fn a_delegation_token_is_said_to_be_one() {
    let reach = read(&SCRAM.replace("username", "tokenauth=\"true\" username"));
    let Some(Sasl::Scram(_, login)) = reach.security.sasl else { panic!("SCRAM") };
    assert!(login.is_delegation_token);
}

#[test]
fn a_token_by_a_command_or_without_a_signature() {
    let properties = format!(
        "security.protocol=sasl_ssl\nsasl.mechanism=OAUTHBEARER\nsasl.jaas.config={BEARER_MODULE} required \
         unsecuredLoginStringClaim_sub=\"alice\" extension_cluster='lkc 1' unsecuredLoginLifetimeSeconds=\"60\";\n"
    );
    let Some(Sasl::OauthBearer(bearer)) = read(&properties).security.sasl else { panic!("OAUTHBEARER") };
    assert_eq!(bearer.extensions["cluster"], "lkc 1");
    let TokenSource::Unsecured(token) = &bearer.token else { panic!("{bearer:?}") };
    assert_eq!((token.subject(), token.lifetime_seconds), (Some("alice"), 60));

    let folder = Folder::with(
        "security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\n\
         sasl.login.callback.handler.class=com.example.Handler\nsasl.oauthbearer.token.endpoint.url=https://idp\n",
    );
    let error = folder.read().expect_err("no token");
    assert!(error.hint.expect("a hint").contains("token_command"));
    let command = TokenCommand { words: vec!["get-token".to_owned()], folder: "/".into() };
    let reach = Entry { token_command: Some(command.clone()), ..folder.entry() }.read().expect("read");
    let Some(Sasl::OauthBearer(bearer)) = reach.security.sasl else { panic!("OAUTHBEARER") };
    assert_eq!(bearer.token, TokenSource::Command(command));
    assert_eq!(reach.warnings.len(), 2, "{:?}", reach.warnings);
    assert!(reach.warnings.iter().all(|warning| warning.contains("token_command")), "{:?}", reach.warnings);
}

#[test]
fn what_is_refused_is_named_with_its_place() {
    for (properties, why, hint) in [
        ("security.protocol=SASL_SLL", "client.properties:1: security.protocol is no protocol: SASL_SLL", "SASL_SSL"),
        ("\nsecurity.protocol=SASL_SSL", "sasl.mechanism is missing", ""),
        ("security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA512", ":2: sasl.mechanism is not known", "SCRAM-SHA-512"),
        ("security.protocol=SASL_SSL\nsasl.mechanism=GSSAPI", "Kerberos", "SCRAM"),
        ("security.protocol=SASL_SSL\nsasl.mechanism=PLAIN", "sasl.jaas.config is missing", "for example"),
        ("security.protocol=SSL\nssl.enabled.protocols=TLSv1.1", "names no version that krun speaks", "TLSv1.2"),
        ("security.protocol=SSL\nssl.endpoint.identification.algorithm=http", "is not known: http", "https"),
        ("request.timeout.ms=soon", ":1: request.timeout.ms is no number of milliseconds: soon", "30000"),
        ("request.timeout.ms=20000\ndefault.api.timeout.ms=10000", "shorter than request.timeout.ms", ""),
        ("a=\\u12", ":1: a \\u is not followed by four", ""),
        ("config.providers=file\nsecurity.protocol=${file:/x:y}", "config provider", "krun.toml"),
    ] {
        let error = refused(properties);
        assert_eq!(error.code, "INVALID_CONFIG");
        assert!(error.message.contains(why), "{properties}: {error}");
        assert!(error.hint.unwrap_or_default().contains(hint), "{properties}");
    }
    for (module, why) in [
        ("required;", "lacks `required`"),
        ("x.PlainLoginModule required password=\"hunter2\";", "has no username"),
        ("x.PlainLoginModule required username=\"krun\" password=\"hunter2\"", "does not end in `;`"),
        ("com.sun.security.auth.module.Krb5LoginModule required;", "has no user and password"),
    ] {
        let error = refused(&format!("{PLAIN}sasl.jaas.config={module}"));
        assert!(error.message.contains(why), "{module}: {error}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}

#[test]
fn a_file_that_is_not_there() {
    let entry = Entry { client_properties: Some("/no/such/client.properties".into()), ..Entry::default() };
    let error = entry.read().expect_err("no file");
    assert_eq!(error.code, "CONFIG_NOT_FOUND");
    assert!(error.message.contains("/no/such/client.properties"), "{error}");
}

#[test]
fn times_are_those_of_the_file() {
    let text = "request.timeout.ms=40000\nsocket.connection.setup.timeout.ms = 2500\n";
    let seconds = Duration::from_secs;
    let wanted = Deadlines { connect: Duration::from_millis(2500), request: seconds(40), call: seconds(40) };
    assert_eq!(read(text).deadlines, wanted);
    let wanted = Deadlines { call: seconds(90), ..wanted };
    assert_eq!(read(&format!("{text}default.api.timeout.ms:90000")).deadlines, wanted);
}

#[test]
fn keys_of_producers_mean_nothing_and_mistakes_are_told() {
    read(
        "bootstrap.servers=x:1\nacks=all\nproducer.acks=1\ngroup.id=g\nclient.id=c\nsasl.kerberos.service.name=kafka\n",
    );
    let folder = Folder::with(
        "securty.protocol=SSL\nssl.cipher.suites=X\nlistener.name.x.y=1\nssl.truststore.password=x\n\
         client.id=a\nclient.id=b\nssl.enabled.protocols=TLSv1.2,TLSv1\n\
         security.protocol=SSL\nssl.endpoint.identification.algorithm=\n",
    );
    let warnings = folder.read().expect("read").warnings;
    for (number, words) in [
        (1, "securty.protocol is no key of a Kafka client: did you mean \"security.protocol\"?"),
        (2, "ssl.cipher.suites is not used: OpenSSL's own choice"),
        (3, "listener.name.x.y is no key"),
        (4, "ssl.truststore.password is not used"),
        (6, "client.id is in line 5 too"),
        (7, "ssl.enabled.protocols names TLSv1, which is not safe"),
        (9, "ssl.endpoint.identification.algorithm is empty: whoever has any certificate"),
    ] {
        let told = format!("client.properties:{number}: {words}");
        assert!(warnings.iter().any(|warning| warning.contains(&told)), "{told}: {warnings:#?}");
    }
    assert_eq!(warnings.len(), 7, "{warnings:#?}");
}

#[test]
fn letters_that_java_reads_otherwise_are_told() {
    let folder = Folder::with(&SCRAM.replace("pass word", "pässword"));
    let reach = folder.read().expect("read");
    assert!(reach.warnings[0].contains("ISO-8859-1"), "{:?}", reach.warnings);
    let Some(Sasl::Scram(_, login)) = reach.security.sasl else { panic!("SCRAM") };
    assert_eq!(login.password.reveal(), "pÃ¤ssword", "as Java reads the bytes of UTF-8");
}

#[test]
fn a_secret_that_everybody_can_read_is_told() {
    let folder = Folder::with(SCRAM);
    folder.mode("client.properties", 0o644);
    let reach = folder.read().expect("read");
    assert_eq!(reach.warnings.len(), 1);
    assert!(reach.warnings[0].contains(":3: sasl.jaas.config holds a secret"), "{:?}", reach.warnings);
    folder.put("client.properties", "client.id=krun\n");
    folder.mode("client.properties", 0o644);
    assert_eq!(folder.read().expect("read").warnings, Vec::<String>::new());
}
