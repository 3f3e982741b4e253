//! The lab proves itself: what the other tests build on is shown here without krun, which comes at the end.

use super::cluster::Cluster;
use super::records::{Written, create_topic};
use super::tool_output::MoveStatus;
use serde_json::json;

const RATE: &str = "leader.replication.throttled.rate";

#[test]
fn a_real_cluster_grows_moves_and_survives() {
    let Some(kafka) = super::kafka() else { return };

    let mut cluster = Cluster::start(&kafka, &[1, 2, 3]);

    let bootstrap = cluster.bootstrap();
    create_topic(&bootstrap, "peter-scaleout1", &[&[1], &[2], &[3], &[1]], &[]);
    create_topic(
        &bootstrap,
        "big",
        &[&[1, 2, 3], &[2, 3, 1], &[3, 1, 2], &[1, 3, 2], &[2, 1, 3], &[3, 2, 1]],
        &[("min.insync.replicas", "2")],
    );
    let small = Written::write(&bootstrap, "peter-scaleout1", 4, 4);
    let big = Written::write(&bootstrap, "big", 6, 100);
    cluster.end_phase("write 104 MB");

    cluster.add_broker(4);
    cluster.end_phase("add broker 4");

    let tools = cluster.tools();
    assert_eq!(tools.topics(), cluster.partitions(), "Kafka's own tool and librdkafka see the same");
    assert_eq!(tools.reassignments(), []);
    assert_eq!(tools.configs().value("topic big", "min.insync.replicas"), Some("2"));
    assert_eq!(tools.configs().throttles(), Vec::<String>::new());
    let sizes = tools.replica_sizes();
    let on = |broker| sizes.iter().filter(|size| size.broker == broker).map(|size| size.bytes).sum::<u64>();
    assert!(on(1) > 100_000_000 && on(2) > 100_000_000 && on(3) > 100_000_000, "{sizes:?}");
    assert_eq!(on(4), 0, "nothing moves onto a new broker by itself");
    let (current, proposed) = tools.generate(&["peter-scaleout1"], &[1, 2, 3, 4]);
    assert_eq!(current["partitions"][3]["replicas"], json!([1]));
    assert_eq!(proposed["partitions"].as_array().map(Vec::len), Some(4));
    cluster.end_phase("ask Kafka's tools, 9 times");

    let plan = json!({ "version": 1, "partitions": [
        { "topic": "peter-scaleout1", "partition": 3, "replicas": [4] },
        { "topic": "big", "partition": 0, "replicas": [4, 2, 3] },
        { "topic": "big", "partition": 1, "replicas": [2, 3, 4] },
    ]});
    // Slow enough to be seen in flight, whatever the machine.
    tools.execute(&plan, 100_000);
    assert_eq!(tools.configs().value("broker 1", RATE), Some("100000"));
    let moving: Vec<String> = tools
        .reassignments()
        .iter()
        .map(|each| format!("{}-{} to {:?}", each.topic, each.partition, each.adding))
        .collect();
    assert!(moving.contains(&"big-0 to [4]".to_owned()) && moving.contains(&"big-1 to [4]".to_owned()), "{moving:?}");
    assert_eq!(tools.verify(&plan).get("big-0"), Some(&MoveStatus::InProgress));
    cluster.end_phase("begin a throttled move");

    cluster.kill(2);
    assert!(cluster.partitions().iter().any(|partition| !partition.whole()), "broker 2 is missed");
    cluster.end_phase("kill -9 broker 2");
    cluster.restart(2);
    cluster.end_phase("restart broker 2");
    assert!(!tools.reassignments().is_empty(), "the move has outlived the broker");

    tools.execute(&plan, 50_000_000);
    assert_eq!(tools.configs().value("broker 4", "follower.replication.throttled.rate"), Some("50000000"));
    cluster.wait_until("the end of the move", |_| tools.verify(&plan).values().all(|it| *it == MoveStatus::Completed));
    tools.verify_and_clear_throttles(&plan);
    assert_eq!(tools.configs().throttles(), Vec::<String>::new());
    assert_eq!(tools.reassignments(), []);
    cluster.wait_whole();
    let partitions = cluster.partitions();
    assert_eq!(tools.topics(), partitions);
    let replicas = |topic: &str, id| {
        partitions.iter().find(|each| each.topic == topic && each.id == id).map(|each| each.replicas.clone())
    };
    assert_eq!(replicas("peter-scaleout1", 3), Some(vec![4]));
    assert_eq!(replicas("big", 0), Some(vec![4, 2, 3]));
    assert_eq!(replicas("big", 1), Some(vec![2, 3, 4]));
    cluster.end_phase("raise the rate and finish the move");

    super::files::are_taken_by_kafkas_tool(&mut cluster);

    let bootstrap = cluster.bootstrap();
    assert_eq!(small.read_back(&bootstrap), Ok(()));
    assert_eq!(big.read_back(&bootstrap), Ok(()));
    cluster.end_phase("read 104 MB back");

    crate::kafka::real::every_request_is_understood(&bootstrap);
    cluster.end_phase("every request of krun's own client");

    super::oracle::krun_reads_what_kafkas_own_client_reads(&kafka, &bootstrap);
    cluster.end_phase("the same facts from Kafka's own client");
}
