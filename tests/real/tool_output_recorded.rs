//! Outputs of Kafka 3.9.2's tools as they came, and what they mean.

use super::*;

#[test]
fn topics_with_moves_and_without_leaders() {
    let text = "Topic: big\tTopicId: _5KmmsPiS7WSE7tvI0NRRw\tPartitionCount: 2\tReplicationFactor: 1\tConfigs: min.insync.replicas=1,retention.ms=-1
\tTopic: big\tPartition: 1\tLeader: none\tReplicas: 1,2\tIsr: 2\tAdding Replicas: 1\tRemoving Replicas: 2\tElr: \tLastKnownElr: \n\
\tTopic: big\tPartition: 0\tLeader: 1\tReplicas: 2,1\tIsr: 2,1\tAdding Replicas: 2\tRemoving Replicas: \tElr: \tLastKnownElr: \n\
Topic: a.b-c\tTopicId: 0Dzb8FNqSKOM_5QyskdmhQ\tPartitionCount: 1\tReplicationFactor: 1\tConfigs: \n\
\tTopic: a.b-c\tPartition: 0\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: \n";
    let line = |topic: &str, id, leader, replicas: &[i32], isr: &[i32]| Partition {
        topic: topic.to_owned(),
        id,
        leader,
        replicas: replicas.to_vec(),
        isr: isr.to_vec(),
    };
    let expected = vec![
        line("a.b-c", 0, Some(1), &[1], &[1]),
        line("big", 0, Some(1), &[2, 1], &[1, 2]),
        line("big", 1, None, &[1, 2], &[2]),
    ];
    assert_eq!(topics(text), Ok(expected));
    assert!(topics("\tTopic: big\tPartition: x\tLeader: 1\tReplicas: 1\tIsr: 1\n").is_err());
}

#[test]
fn configs_of_topics() {
    let text = "Dynamic configs for topic big are:
  follower.replication.throttled.replicas= sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:follower.replication.throttled.replicas=}
  leader.replication.throttled.replicas=0:1,0:2 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:leader.replication.throttled.replicas=0:1,0:2}
  retention.ms=-1 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=-1}
Dynamic configs for topic a.b-c are:
";
    let configs = configs(text).expect("it is understood");
    assert_eq!(configs.value("topic big", "retention.ms"), Some("-1"));
    assert_eq!(configs.value("topic big", "follower.replication.throttled.replicas"), Some(""));
    assert_eq!(configs.value("topic big", "retention"), None);
    assert_eq!(configs.0.get("topic a.b-c"), Some(&Vec::new()));
    let throttles = configs.throttles();
    assert_eq!(throttles.len(), 1, "{throttles:?}");
    assert!(throttles[0].starts_with("topic big: leader.replication.throttled.replicas=0:1,0:2 "));
}

#[test]
fn configs_of_brokers() {
    let text = "Dynamic configs for broker 1 are:
  leader.replication.throttled.rate=1234567 sensitive=false synonyms={DYNAMIC_BROKER_CONFIG:leader.replication.throttled.rate=1234567}
Dynamic configs for broker 2 are:
Default configs for brokers in the cluster are:
";
    let parsed = configs(text).expect("it is understood");
    assert_eq!(parsed.value("broker 1", "leader.replication.throttled.rate"), Some("1234567"));
    assert_eq!(parsed.0.keys().collect::<Vec<_>>(), ["broker 1", "broker 2", "brokers in the cluster"]);
    assert!(configs("  a=1 sensitive=false synonyms={}").is_err(), "a config of nothing");
}

#[test]
fn reassignments_in_flight() {
    let text = "Current partition reassignments:
big-0: replicas: 2,1. adding: 2.
a.b-c-1: replicas: 1,2. adding: 1. removing: 2.
";
    let on_the_move = |topic: &str, partition, replicas: &[i32], adding: &[i32], removing: &[i32]| Reassignment {
        topic: topic.to_owned(),
        partition,
        replicas: replicas.to_vec(),
        adding: adding.to_vec(),
        removing: removing.to_vec(),
    };
    let expected = vec![on_the_move("big", 0, &[2, 1], &[2], &[]), on_the_move("a.b-c", 1, &[1, 2], &[1], &[2])];
    assert_eq!(reassignments(text), Ok(expected));
    assert_eq!(reassignments("No partition reassignments found.\n"), Ok(Vec::new()));
    assert!(reassignments("").is_err(), "silence is no empty list");
}

#[test]
fn verdicts_on_a_plan() {
    let text = "Status of partition reassignment:
There is no active reassignment of partition a.b-c-1, but replica set is 2 rather than 1.
Reassignment of partition big-0 is still in progress.
Reassignment of partition big-1 is completed.

";
    let verdicts = verified(text).expect("it is understood");
    assert_eq!(verdicts.get("big-0"), Some(&MoveStatus::InProgress));
    assert_eq!(verdicts.get("big-1"), Some(&MoveStatus::Completed));
    assert!(matches!(verdicts.get("a.b-c-1"), Some(MoveStatus::Elsewhere(said)) if said.contains("rather than 1")));
    assert!(verified("Clearing broker-level throttles on brokers 1,2").is_err(), "it should have preserved them");
}

#[test]
fn plans_generated() {
    let text = r#"Current partition replica assignment
{"version":1,"partitions":[{"topic":"big","partition":0,"replicas":[1,2],"log_dirs":["any","any"]}]}

Proposed partition reassignment configuration
{"version":1,"partitions":[{"topic":"big","partition":0,"replicas":[2,1],"log_dirs":["any","any"]}]}
"#;
    let (current, proposed) = generated(text).expect("it is understood");
    assert_eq!(current["partitions"][0]["replicas"], serde_json::json!([1, 2]));
    assert_eq!(proposed["partitions"][0]["replicas"], serde_json::json!([2, 1]));
    assert!(generated("Error: …").is_err());
}

#[test]
fn sizes_of_replicas() {
    let text = r#"Querying brokers for log directories information
Received log directory information from brokers 1,2
{"brokers":[{"broker":1,"logDirs":[{"partitions":[{"partition":"big-0","size":9978238,"offsetLag":0,"isFuture":false}],"error":null,"logDir":"/d1"}]},{"broker":2,"logDirs":[{"partitions":[{"partition":"a.b-c-2","size":0,"offsetLag":0,"isFuture":true}],"error":null,"logDir":"/d2"}]}],"version":1}
"#;
    let size = |broker, topic: &str, partition, bytes, future| ReplicaSize {
        broker,
        topic: topic.to_owned(),
        partition,
        bytes,
        future,
    };
    assert_eq!(replica_sizes(text), Ok(vec![size(1, "big", 0, 9_978_238, false), size(2, "a.b-c", 2, 0, true)]));
    let offline =
        r#"{"brokers":[{"broker":1,"logDirs":[{"partitions":[],"error":"KafkaStorageException","logDir":"/d1"}]}]}"#;
    assert!(replica_sizes(offline).is_err());
}
