//! What krun changes besides replicas, by small runbooks on real brokers: topics, partitions, configs, records, ACLs, leaders.
//! Kafka's own Admin client says what became of it.

use super::cluster::Cluster;
use super::krun::{Ended, Krun};
use super::oracle;
use super::records::Written;
use std::collections::BTreeSet;

/// Two brokers of the cluster take part.
const PARAMS: &str = "const PARAMS = #{ a: #{ kind: \"int\", help: \"a broker\" }, b: #{ kind: \"int\", help: \"another\" } };
let cluster = kafka::connect();
let a = param(\"a\");
let b = param(\"b\");
let acls = [
    #{ resource: \"TOPIC\", name: \"changed\", principal: \"User:alice\", operation: \"READ\" },
    #{ resource: \"GROUP\", name: \"chan\", pattern: \"PREFIXED\", principal: \"User:bob\", host: \"127.0.0.1\", operation: \"ALL\", permission: \"DENY\" },
];
";

const MAKE: &str = r#"
step("create the topic", || cluster.create_topic("changed", #{
    replicas: [[a, b], [b, a]],
    configs: #{ "retention.ms": 86400000, "segment.bytes": 1048576 },
}));
step("give it one more", || cluster.create_partitions("changed", 3, #{ replicas: [[b, a]] }));
step("configure the topic", || cluster.alter_configs("topic", "changed", #{ "retention.ms": -1, "segment.bytes": () }));
step("configure the broker", || cluster.alter_configs("broker", b, #{ "leader.replication.throttled.rate": 1234567 }));
step("make ACLs", || cluster.create_acls(acls));
"#;

const USE: &str = r#"
step("delete records", || cluster.delete_records("changed", [#{ partition: 0, offset: 7 }, #{ partition: 2, offset: 9 }]));
step("prefer the other", || {
    cluster.alter_partition_reassignments("changed", [#{ partition: 0, to: [b, a] }]);
    wait_until("its order", #{ every: "200ms", timeout: "1m" }, || cluster.topic("changed").partitions[0].replicas == [b, a]);
});
step("let it lead", || cluster.elect_leaders("preferred", "changed"));
"#;

const UNDO: &str = r#"
step("take the ACLs away", || cluster.delete_acls(acls));
step("take the config away", || cluster.alter_configs("broker", b, #{ "leader.replication.throttled.rate": () }));
"#;

const DELETE: &str = r#"
step("delete the topic", || cluster.delete_topic("changed"));
"#;

/// Wants an authorizer to whom everybody without a name is a super user, and no topic `changed`.
pub(crate) fn are_as_kafkas_own_client_sees_them(cluster: &mut Cluster, a: i32, b: i32) {
    let krun = Krun::on(cluster);
    let before = cluster.tools().configs();
    run(&krun, MAKE, a, b);
    let written = Written::write(&cluster.bootstrap(), "changed", 3, 1);
    assert_facts(
        cluster,
        &[
            format!("partition changed-0 {a} [{a}, {b}] {}", sorted(a, b)),
            format!("partition changed-1 {b} [{b}, {a}] {}", sorted(a, b)),
            format!("partition changed-2 {b} [{b}, {a}] {}", sorted(a, b)),
            "config topic changed retention.ms=-1 DYNAMIC_TOPIC_CONFIG".to_owned(),
            "config topic changed segment.bytes=1073741824 DEFAULT_CONFIG".to_owned(),
            format!("config broker {b} leader.replication.throttled.rate=1234567 DYNAMIC_BROKER_CONFIG"),
            "acl TOPIC changed LITERAL User:alice * READ ALLOW".to_owned(),
            "acl GROUP chan PREFIXED User:bob 127.0.0.1 ALL DENY".to_owned(),
            "offset EarliestSpec changed-0 0".to_owned(),
        ],
    );
    assert_eq!(written.read_back(&cluster.bootstrap()), Ok(()));

    run(&krun, USE, a, b);
    assert_facts(
        cluster,
        &[
            format!("partition changed-0 {b} [{b}, {a}] {}", sorted(a, b)),
            "offset EarliestSpec changed-0 7".to_owned(),
            "offset EarliestSpec changed-1 0".to_owned(),
            "offset EarliestSpec changed-2 9".to_owned(),
        ],
    );

    run(&krun, UNDO, a, b);
    let facts = facts(cluster);
    assert_eq!(facts.iter().find(|fact| fact.starts_with("acl ")), None);
    run(&krun, DELETE, a, b);
    cluster.wait_until("the topic to be gone", |cluster| {
        !cluster.partitions().iter().any(|partition| partition.topic == "changed")
    });
    assert_eq!(cluster.tools().configs(), before);

    let refused = run_to(&krun, DELETE, a, b, 1);
    assert!(refused.mentions("UNKNOWN_TOPIC_OR_PARTITION") && refused.mentions("changed"), "{refused}");
    krun.run(&["abort"]).expect_code(0);
}

fn run(krun: &Krun, steps: &str, a: i32, b: i32) {
    run_to(krun, steps, a, b, 0);
}

fn run_to(krun: &Krun, steps: &str, a: i32, b: i32, code: i32) -> Ended {
    krun.put("changes.rhai", &format!("//! Changes.\n{PARAMS}{steps}"));
    let (file, a, b) = (krun.path("changes.rhai"), a.to_string(), b.to_string());
    let file = file.to_str().expect("a plain path");
    krun.run(&[file, "--cluster", "real", "--a", &a, "--b", &b, "--yes"]).expect_code(code)
}

/// In sync, by id.
fn sorted(a: i32, b: i32) -> String {
    format!("{:?}", [a.min(b), a.max(b)])
}

fn facts(cluster: &Cluster) -> BTreeSet<String> {
    oracle::facts(&cluster.bootstrap(), "changed")
}

/// Each is the beginning of a line of the oracle. What brokers learn from each other is seen a moment later.
fn assert_facts(cluster: &mut Cluster, wanted: &[String]) {
    let mut missing = String::new();
    for _ in 0..10 {
        let facts = facts(cluster);
        let told =
            |wanted: &&String| facts.iter().any(|fact| fact == *wanted || fact.starts_with(&format!("{wanted} ")));
        match wanted.iter().find(|wanted| !told(wanted)) {
            None => return,
            Some(one) => missing = format!("no fact `{one}` in\n{}", Vec::from_iter(facts).join("\n")),
        }
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    panic!("{missing}");
}
