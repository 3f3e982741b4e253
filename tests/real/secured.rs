//! krun on a secured cluster of real brokers: every mechanism, a client certificate, a whole scale-out, and what is said
//! where something is wrong.

use super::changes;
use super::cluster::Cluster;
use super::jars::Kafka;
use super::krun::{Ended, Krun};
use super::properties::More;
use super::records::{Written, create_topic};
use super::seen::{assert_level, wait_said};
use super::sessions;
use crate::support::certificates::{Pair, Wish};
use krun::inventory::Entry;
use krun::kafka::security::Security;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use std::time::Duration;

const PASSWORD: &str = "correct horse";
const HOSTS: &[&str] = &["127.0.2.1", "127.0.2.2", "127.0.0.1"];
const MODULES: &str = "org.apache.kafka.common.security";

/// Sessions end after this, and krun's last longer.
const SESSION_MS: u32 = 2500;

struct Secured {
    cluster: Cluster,
    krun: Krun,
    authority: Pair,
}

#[test]
fn a_secured_cluster_is_scaled_out_and_every_fault_has_a_name() {
    let Some(kafka) = super::kafka() else { return };
    let mut secured = start(&kafka);
    secured.cluster.end_phase("a secured broker");
    secured.every_way_in();
    secured.cluster.end_phase("every way in");
    secured.sessions_that_end();
    secured.cluster.end_phase("sessions that end");
    secured.every_way_out();
    secured.cluster.end_phase("every way out");
    secured.scaled_out();
    secured.cluster.end_phase("scale-out to broker 2, killed and resumed");
    changes::are_as_kafkas_own_client_sees_them(&mut secured.cluster, 1, 2);
    secured.cluster.end_phase("every other change");
}

/// One broker with three more listeners: SASL over TLS, TLS with client certificates, and SASL in plaintext.
fn start(kafka: &Kafka) -> Secured {
    let authority = Wish::authority("the authority").self_signed();
    let broker = Wish::host("broker", HOSTS).signed_by(&authority);
    let (keystore, truststore) = (one_line(&broker.key_pem()), one_line(&authority.certificate_pem()));
    let properties = format!(
        "ssl.keystore.type=PEM
ssl.keystore.key={keystore}
ssl.keystore.certificate.chain={}
ssl.truststore.type=PEM
ssl.truststore.certificates={truststore}
listener.name.mtls.ssl.client.auth=required
sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512,PLAIN,OAUTHBEARER
listener.name.sasl_plaintext.sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512,PLAIN
listener.name.sasl_ssl.connections.max.reauth.ms={SESSION_MS}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:krun;User:CN=krun,O=krun tests
{}{}",
        one_line(&broker.certificate_pem()),
        mechanisms("sasl_ssl"),
        mechanisms("sasl_plaintext"),
    );
    let listeners = vec![("SASL_SSL", "SASL_SSL"), ("MTLS", "SSL"), ("SASL_PLAINTEXT", "SASL_PLAINTEXT")];
    let cluster = Cluster::start_with(kafka, &[1], More { listeners, properties, ..More::default() });
    for (user, mechanism) in [("krun", "SCRAM-SHA-256"), ("krun", "SCRAM-SHA-512"), ("nobody", "SCRAM-SHA-512")] {
        cluster.tools().add_scram_user(user, mechanism, PASSWORD);
    }
    let krun = Krun::on(&cluster);
    krun.put("ca.pem", &authority.certificate_pem());
    Secured { cluster, krun, authority }
}

/// What a listener's mechanisms need at the broker.
fn mechanisms(listener: &str) -> String {
    let at = format!("listener.name.{listener}");
    format!(
        "{at}.scram-sha-256.sasl.jaas.config={MODULES}.scram.ScramLoginModule required;
{at}.scram-sha-512.sasl.jaas.config={MODULES}.scram.ScramLoginModule required;
{at}.plain.sasl.jaas.config={MODULES}.plain.PlainLoginModule required user_krun=\"{PASSWORD}\";
{at}.oauthbearer.sasl.jaas.config={MODULES}.oauthbearer.OAuthBearerLoginModule required \
         unsecuredLoginStringClaim_sub=\"broker\";
"
    )
}

fn one_line(pem: &str) -> String {
    pem.replace('\n', " ")
}

fn scram(mechanism: &str, user: &str, password: &str) -> String {
    format!(
        "sasl.mechanism={mechanism}\nsasl.jaas.config={MODULES}.scram.ScramLoginModule required username=\"{user}\" \
         password=\"{password}\";\n"
    )
}

fn plain(user: &str, password: &str) -> String {
    scram("PLAIN", user, password).replace("scram.Scram", "plain.Plain")
}

fn bearer(user: &str) -> String {
    format!(
        "sasl.mechanism=OAUTHBEARER\nsasl.jaas.config={MODULES}.oauthbearer.OAuthBearerLoginModule required \
         unsecuredLoginStringClaim_sub=\"{user}\";\n"
    )
}

const TRUST: &str = "ssl.truststore.type=PEM\nssl.truststore.location=ca.pem\n";

impl Secured {
    /// `krun snapshot` through a listener with these client properties.
    fn snapshot(&self, listener: &str, properties: &str) -> Ended {
        self.describe(listener, properties, "");
        self.krun.run(&["snapshot", "--cluster", "secured"])
    }

    fn describe(&self, listener: &str, properties: &str, more: &str) {
        self.krun.put("client.properties", properties);
        let inventory = format!(
            "[clusters.secured]\nbootstrap_servers = {:?}\ncluster_id = {:?}\n\
             client_properties = \"client.properties\"\n{more}",
            self.cluster.addresses_of(listener),
            self.cluster.id()
        );
        self.krun.put("krun.toml", &inventory);
    }

    fn every_way_in(&self) {
        let is_seen = |ended: Ended| {
            let ended = ended.expect_code(0);
            assert!(ended.stdout.contains(self.cluster.id()), "{ended}");
            assert_eq!(ended.stderr, "", "nothing to warn of");
        };
        for (listener, protocol) in [("SASL_SSL", "SASL_SSL"), ("SASL_PLAINTEXT", "SASL_PLAINTEXT")] {
            let head = format!("security.protocol={protocol}\n{TRUST}");
            let mut logins = vec![
                scram("SCRAM-SHA-256", "krun", PASSWORD),
                scram("SCRAM-SHA-512", "krun", PASSWORD),
                plain("krun", PASSWORD),
            ];
            if listener == "SASL_SSL" {
                logins.push(bearer("krun"));
            }
            for login in logins {
                is_seen(self.snapshot(listener, &format!("{head}{login}")));
                self.is_seen_by_librdkafka(listener);
            }
        }
        let own = Wish::host("krun", &[]).signed_by(&self.authority);
        self.krun.put("own.pem", &format!("{}{}", own.encrypted_key_pem("a word"), own.certificate_pem()));
        is_seen(self.snapshot("MTLS", &format!("security.protocol=SSL\n{TRUST}{OWN}")));
        self.is_seen_by_librdkafka("MTLS");
        self.a_token_of_a_command(is_seen);
    }

    /// The token is the one that a broker takes which checks no signature: as everywhere in these tests.
    fn a_token_of_a_command(&self, is_seen: impl Fn(Ended)) {
        let properties = format!("security.protocol=SASL_SSL\n{TRUST}sasl.mechanism=OAUTHBEARER\n");
        let script = "now=$(date +%s); b() { printf %s \"$1\" | base64 -w0 | tr -d = | tr +/ -_; }; \
                      echo \"$(b '{\"alg\":\"none\"}').$(b \"{\\\"sub\\\":\\\"krun\\\",\\\"iat\\\":$now,\\\"exp\\\":$((now + 60))}\").\"";
        self.krun.put("token.sh", script);
        self.describe("SASL_SSL", &properties, "token_command = [\"sh\", \"token.sh\"]\n");
        is_seen(self.krun.run(&["snapshot", "--cluster", "secured"]));

        self.krun.put("token.sh", &script.replace("now + 60", "now - 60"));
        let ended = self.krun.run(&["snapshot", "--cluster", "secured"]).expect_code(1);
        assert!(ended.mentions("SASL_AUTHENTICATION_FAILED") && ended.mentions("invalid_token"), "{ended}");
    }

    /// The file that krun has just used, for an independent client.
    fn is_seen_by_librdkafka(&self, listener: &str) {
        let security = self.security();
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.cluster.addresses_of(listener).join(",")).set("log_level", "0");
        for (key, value) in security.rdkafka_settings() {
            config.set(key, value);
        }
        let client: BaseConsumer = config.create().expect("librdkafka takes the settings");
        // Only a client that is polled gets its tokens.
        assert!(client.poll(Duration::ZERO).is_none());
        let metadata = client.fetch_metadata(None, Duration::from_secs(30));
        assert_eq!(metadata.expect("librdkafka gets in").brokers().len(), 1, "{listener}");
    }

    /// What `client.properties` says now.
    fn security(&self) -> Security {
        let client_properties = Some(self.krun.path("client.properties"));
        Entry { client_properties, ..Entry::default() }.read().expect("krun has read it").security
    }

    fn sessions_that_end(&self) {
        self.krun.put(
            "client.properties",
            &format!("security.protocol=SASL_SSL\n{TRUST}{}", scram("SCRAM-SHA-512", "krun", PASSWORD)),
        );
        let broker = &self.cluster.addresses_of("SASL_SSL")[0];
        sessions::outlast(broker, &self.security(), Duration::from_millis((SESSION_MS + 500).into()));
    }

    fn every_way_out(&self) {
        let own = |pair: &Pair| self.krun.put("own.pem", &pair.keystore_pem());
        let tls = format!("security.protocol=SASL_SSL\n{TRUST}");
        let right = scram("SCRAM-SHA-512", "krun", PASSWORD);
        let other = Wish::authority("another authority").self_signed();
        self.krun.put("other.pem", &other.certificate_pem());
        let told = |listener: &str, properties: &str, code: &str, words: &str| {
            let ended = self.snapshot(listener, properties).expect_code(1);
            assert!(ended.mentions(&format!("krun: {code}: ")) && ended.mentions(words), "{code} {words}: {ended}");
            assert!(!ended.mentions("wrong horse") && !ended.mentions(PASSWORD), "{ended}");
        };
        let failed = "SASL_AUTHENTICATION_FAILED";
        told("SASL_SSL", &format!("{tls}{}", scram("SCRAM-SHA-512", "krun", "wrong horse")), failed, "user krun");
        told("SASL_SSL", &format!("{tls}{}", scram("SCRAM-SHA-256", "stranger", PASSWORD)), failed, "user stranger");
        told("SASL_SSL", &format!("{tls}{}", plain("krun", "wrong horse")), failed, "Invalid username or password");
        told(
            "SASL_PLAINTEXT",
            &format!("security.protocol=SASL_PLAINTEXT\n{}", plain("krun", "wrong horse")),
            failed,
            "user krun",
        );
        told(
            "SASL_SSL",
            &format!("{}{right}", tls.replace("ca.pem", "other.pem")),
            "TLS_UNTRUSTED",
            "CN=the authority",
        );
        told("SASL_SSL", "", "LISTENER_WANTS_TLS", "speaks TLS");
        told("MTLS", "", "LISTENER_WANTS_TLS", "speaks TLS");
        told("SASL_PLAINTEXT", "", "LISTENER_WANTS_SASL", "SCRAM-SHA-512");
        let ssl = format!("security.protocol=SSL\n{TRUST}");
        told("SASL_SSL", &ssl, "LISTENER_WANTS_SASL", "security.protocol=SASL_SSL");
        told("SASL_PLAINTEXT", &ssl, "LISTENER_IS_PLAINTEXT", "security.protocol=SASL_PLAINTEXT");
        told("MTLS", &ssl, "TLS_CLIENT_CERTIFICATE_REQUIRED", "ssl.keystore.location");
        told(
            "MTLS",
            &format!("{ssl}ssl.enabled.protocols=TLSv1.2\n"),
            "TLS_CLIENT_CERTIFICATE_REQUIRED",
            "bad certificate",
        );
        own(&Wish::host("krun", &[]).signed_by(&other));
        told("MTLS", &format!("{ssl}{OWN}"), "TLS_CLIENT_CERTIFICATE_REFUSED", "CN=krun,O=krun tests");
        own(&Wish { days: (-30, -1), ..Wish::host("krun", &[]) }.signed_by(&self.authority));
        told("MTLS", &format!("{ssl}{OWN}"), "TLS_CLIENT_CERTIFICATE_REFUSED", "certificate");
        own(&Wish::host("krun", &[]).signed_by(&self.authority));
        told("MTLS", &format!("security.protocol=SASL_SSL\n{TRUST}{OWN}{right}"), "LISTENER_WITHOUT_SASL", "SASL");
        told(
            "SASL_PLAINTEXT",
            &format!("security.protocol=SASL_PLAINTEXT\n{}", bearer("krun")),
            "UNSUPPORTED_SASL_MECHANISM",
            "SCRAM-SHA-512",
        );
        self.without_an_acl(&tls);
    }

    /// Describing is not allowed either, so that krun meets the refusal at its first question about the cluster.
    fn without_an_acl(&self, tls: &str) {
        let properties = format!("{tls}{}", scram("SCRAM-SHA-512", "nobody", PASSWORD));
        let ended = self.snapshot("SASL_SSL", &properties);
        assert_ne!(ended.status.code(), Some(0), "{ended}");
        assert!(ended.mentions("CLUSTER_AUTHORIZATION_FAILED") && ended.mentions("User:nobody"), "{ended}");
        assert!(ended.mentions("Describe on the cluster"), "{ended}");
    }

    /// The run outlives its sessions, and a killed one is resumed from any folder: it has noted how to get in.
    fn scaled_out(&mut self) {
        let bootstrap = self.cluster.bootstrap();
        create_topic(&bootstrap, "orders", &[&[1], &[1], &[1], &[1]], &[]);
        let written = Written::write(&bootstrap, "orders", 4, 24);
        self.cluster.add_broker(2);
        self.describe(
            "SASL_SSL",
            &format!("security.protocol=SASL_SSL\n{TRUST}{}", scram("SCRAM-SHA-512", "krun", PASSWORD)),
            "",
        );
        let scale_out =
            ["runbooks/scaleout.rhai", "--cluster", "secured", "--spare", "1", "--throttle", "2MB/s", "--yes"];
        let mut running = self.krun.start(&scale_out);
        wait_said(&mut self.cluster, &mut running, "… moves of orders");
        let killed = running.sigkill();
        assert!(!killed.mentions(PASSWORD), "{killed}");
        self.krun.put("krun.toml", "");
        let resumed = self.krun.run(&["resume", "--yes"]).expect_code(0);
        assert!(!resumed.mentions(PASSWORD), "{resumed}");
        assert_level(&self.cluster.partitions(), &[1, 2]);
        assert_eq!(written.read_back(&self.cluster.bootstrap()), Ok(()));
        assert_eq!(self.krun.state_files_with(PASSWORD), Vec::<std::path::PathBuf>::new());
        assert_ne!(self.krun.state_files_with("client.properties"), Vec::<std::path::PathBuf>::new());
    }
}

const OWN: &str = "ssl.keystore.type=PEM\nssl.keystore.location=own.pem\nssl.key.password=a word\n";
