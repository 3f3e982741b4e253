//! What is known of ways from one version to another.

use krun::host::jar::running_version;
use krun::plan::upgrade::{Weight, assess, java_major, removed_keys, runs_on, topic_overrides, withdrawn};
use krun::quantity::Version;

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

fn codes(from: &str, to: &str) -> Vec<(Weight, &'static str)> {
    assess(version(from), version(to)).into_iter().map(|finding| (finding.weight, finding.code)).collect()
}

#[test]
fn some_ways_are_not_one_jump() {
    assert_eq!(codes("2.1.1", "2.6.3"), [(Weight::Note, "CROSSES_2_4")]);
    assert_eq!(codes("2.6.3", "2.6.3"), [], "the same version is a restart");
    let refused = |code| vec![(Weight::Refusal, code)];
    assert_eq!(codes("2.6.3", "2.6.0"), refused("TARGET_OLDER"));
    assert_eq!(codes("2.6.3", "2.9.0"), refused("UNKNOWN_VERSION"));
    assert_eq!(codes("2.6.3", "5.0.0"), refused("UNKNOWN_VERSION"));
    assert_eq!(codes("2.0.1", "2.6.3"), refused("VERSION_TOO_OLD"));
    assert_eq!(codes("3.9.2", "4.0.0"), refused("NEEDS_KRAFT"));
    assert_eq!(codes("2.1.1", "3.9.2"), refused("NEEDS_STEPS"), "KIP-902");
    assert_eq!(codes("2.8.2", "3.9.2"), [(Weight::Doubt, "MAJOR_STEP"), (Weight::Note, "MESSAGE_FORMAT")]);
    let all = [
        (Weight::Doubt, "MAJOR_STEP"),
        (Weight::Note, "CROSSES_2_4"),
        (Weight::Note, "TOPIC_IDS"),
        (Weight::Note, "MESSAGE_FORMAT"),
    ];
    assert_eq!(codes("2.1.1", "3.5.2"), all);
}

#[test]
fn releases_and_javas_that_break_are_named() {
    assert!(withdrawn(version("3.5.1")).is_some_and(|finding| finding.hint.contains("3.5.2")));
    assert_eq!(withdrawn(version("3.5.2")), None);
    let code = |kafka: &str, java| runs_on(version(kafka), java).map(|finding| finding.code);
    assert_eq!(
        [code("2.1.1", 17), code("2.6.3", 17), code("4.0.0", 11), code("4.0.0", 17), code("2.1.1", 8)],
        [Some("JAVA_TOO_NEW"), None, Some("JAVA_TOO_OLD"), None, None]
    );
    let major = ["1.8.0_432", "11.0.25", "21-ea", "17", "x"].map(java_major);
    assert_eq!(major, [Some(8), Some(11), Some(21), Some(17), None]);
}

#[test]
fn keys_that_a_version_gave_up_are_found_where_it_is_crossed() {
    let file = [("broker.id", "1"), ("port", "9093"), ("zookeeper.connect", "zk"), ("quota.producer.default", "1")];
    let found = |from: &str, to: &str| -> Vec<(Weight, String)> {
        let findings = removed_keys(file, version(from), version(to));
        findings.into_iter().map(|finding| (finding.weight, finding.text)).collect()
    };
    assert_eq!(found("2.1.1", "2.8.2"), []);
    let gone = |weight, key: &str| (weight, format!("{key} is gone since Kafka 3.0"));
    assert_eq!(found("2.1.1", "3.5.2"), [gone(Weight::Refusal, "port"), gone(Weight::Doubt, "quota.producer.default")]);
    assert_eq!(found("3.0.1", "3.9.2"), [], "what was dead before does not die now");
    let old = [("authorizer.class.name", "kafka.security.auth.SimpleAclAuthorizer")];
    assert_eq!(removed_keys(old, version("2.8.2"), version("3.0.1")).len(), 1);
    let overrides = [("segment.bytes", "65536"), ("retention.ms", "1")];
    assert_eq!(topic_overrides("orders", overrides, version("4.0.0")).len(), 1);
    assert_eq!(topic_overrides("orders", overrides, version("3.9.2")), []);
}

#[test]
fn a_broker_is_known_by_its_jar() {
    let found = |paths: &[&str]| running_version(paths.iter().copied()).map(|version| version.to_string());
    let libs = "/usr/local/kafka_2.12-2.1.1/libs";
    let all = [format!("{libs}/kafka-clients-2.1.1.jar"), format!("{libs}/kafka_2.12-2.1.1.jar")];
    assert_eq!(found(&all.each_ref().map(String::as_str)), Some("2.1.1".to_owned()));
    assert_eq!(found(&["/x/kafka_2.12-2.1.1-sources.jar", "/x/zookeeper-3.5.9.jar"]), None);
}
