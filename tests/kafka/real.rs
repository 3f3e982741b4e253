//! Every request against real brokers. `tests/real/lab.rs` brings them.

use krun::error::{Error, Failure};
use krun::kafka::configs::{Change, ConfigEntry, Resource, Source};
use krun::kafka::offsets::Spec;
use krun::kafka::reassignments::Move;
use krun::kafka::topics::{Layout, NewTopic};
use krun::kafka::{Client, Deadlines, cluster, configs, leaders, log_dirs, offsets, reassignments, topics};
use std::future::Future;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Asks again until the answer is as wanted: what a change did is seen by all brokers a moment later.
async fn until<T, F: Future<Output = Result<T, Error>>>(ask: impl Fn() -> F, wanted: impl Fn(&T) -> bool) -> T {
    let patient = async {
        loop {
            match ask().await {
                Ok(answer) if wanted(&answer) => return answer,
                _ => sleep(Duration::from_millis(50)).await,
            }
        }
    };
    timeout(Duration::from_secs(20), patient).await.expect("seen in time")
}

async fn set(client: &Client, resource: &Resource, name: &str, value: Option<&str>) -> Result<(), Failure> {
    let change = Change { name: name.to_owned(), value: value.map(str::to_owned) };
    configs::alter(client, resource, &[change]).await
}

fn find<'a>(entries: &'a [ConfigEntry], name: &str) -> Option<&'a ConfigEntry> {
    entries.iter().find(|entry| entry.name == name)
}

fn code<T: std::fmt::Debug>(result: Result<T, Failure>) -> String {
    match result {
        Err(Failure::Refused(error)) => error.code,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn every_request_is_understood(bootstrap: &str) {
    let bootstrap: Vec<String> = bootstrap.split(',').map(str::to_owned).collect();
    let client = Client::connect(&bootstrap, Deadlines::default()).await.expect("the brokers answer");
    let cluster = cluster::describe(&client).await.expect("answered");
    println!("{cluster:?}");
    assert_eq!(cluster.cluster_id, client.cluster_id());
    let broker = cluster.brokers[0].id;
    let name = format!("krun-test-{}", std::process::id());

    let fresh = NewTopic {
        name: name.clone(),
        layout: Layout::Spread { partitions: 4, replication: 1 },
        configs: vec![("retention.ms".to_owned(), "86400000".to_owned())],
    };
    topics::create(&client, &fresh).await.expect("created");
    assert_eq!(code(topics::create(&client, &fresh).await), "TOPIC_ALREADY_EXISTS");
    let impossible = NewTopic {
        name: format!("{name}-x"),
        layout: Layout::Spread { partitions: 1, replication: 999 },
        configs: vec![],
    };
    assert_eq!(code(topics::create(&client, &impossible).await), "INVALID_REPLICATION_FACTOR");
    let names = [name.clone()];
    let listed = until(|| topics::list(&client, Some(&names)), |topics| topics[0].partitions.len() == 4).await;
    println!("{listed:?}");
    assert!(topics::list(&client, None).await.expect("answered").contains(&listed[0]));
    let missing = topics::list(&client, Some(&["krun-test-none".to_owned()])).await.expect_err("no such topic");
    assert_eq!(missing.code, "UNKNOWN_TOPIC_OR_PARTITION");

    on_configs(&client, &name, broker).await;
    on_partitions(&client, &name, broker).await;

    topics::delete(&client, &name).await.expect("deleted");
    assert_eq!(code(topics::delete(&client, &name).await), "UNKNOWN_TOPIC_OR_PARTITION");
    assert_eq!(log_dirs::describe(&client, 9999).await.expect_err("no such broker").code, "BROKER_NOT_AVAILABLE");
}

async fn on_configs(client: &Client, name: &str, broker: i32) {
    let topic = Resource::Topic(name.to_owned());
    let entries = configs::describe(client, &topic).await.expect("answered");
    let retention = find(&entries, "retention.ms").expect("every topic has it");
    assert_eq!((retention.value.as_deref(), retention.source), (Some("86400000"), Source::DynamicTopic));
    set(client, &topic, "retention.ms", None).await.expect("deleted");
    let is_default = |entries: &Vec<ConfigEntry>| {
        find(entries, "retention.ms").is_some_and(|entry| entry.source != Source::DynamicTopic)
    };
    until(|| configs::describe(client, &topic), is_default).await;
    for (key, value) in [("retention.ms", "soon"), ("no.such.key", "1")] {
        let code = code(set(client, &topic, key, Some(value)).await);
        // The second is what 2.6 says.
        assert!(["INVALID_CONFIG", "INVALID_REQUEST"].contains(&code.as_str()), "{key}: {code}");
    }

    let broker = Resource::Broker(broker);
    let rate = "leader.replication.throttled.rate";
    set(client, &broker, rate, Some("1000000")).await.expect("set");
    let is_set = |entries: &Vec<ConfigEntry>| {
        find(entries, rate)
            .is_some_and(|entry| entry.source == Source::DynamicBroker && entry.value.as_deref() == Some("1000000"))
    };
    let entries = until(|| configs::describe(client, &broker), is_set).await;
    println!(
        "{} configs of {broker}, {} sensitive",
        entries.len(),
        entries.iter().filter(|entry| entry.sensitive).count()
    );
    set(client, &broker, rate, None).await.expect("deleted");
    until(|| configs::describe(client, &broker), |entries| !is_set(entries)).await;
}

async fn on_partitions(client: &Client, name: &str, broker: i32) {
    let partition = |id| (name.to_owned(), id);
    let single = |id, replicas: Option<Vec<i32>>| Move { topic: name.to_owned(), partition: id, replicas };
    assert_eq!(reassignments::list(client, None).await, Ok(vec![]));
    assert_eq!(reassignments::list(client, Some(&[(name.to_owned(), vec![0, 1])])).await, Ok(vec![]));
    let moves =
        [single(0, Some(vec![9999])), single(1, Some(vec![broker])), single(2, None), single(9, Some(vec![broker]))];
    let results = reassignments::alter(client, &moves).await.expect("answered");
    println!("{results:?}");
    let codes: Vec<_> = results.iter().map(|result| result.error.as_ref().map(|error| error.code.as_str())).collect();
    let wanted = [
        Some("INVALID_REPLICA_ASSIGNMENT"),
        None,
        Some("NO_REASSIGNMENT_IN_PROGRESS"),
        Some("UNKNOWN_TOPIC_OR_PARTITION"),
    ];
    assert_eq!(codes, wanted);
    let settled = until(|| reassignments::list(client, None), Vec::is_empty).await;
    assert_eq!(settled, vec![]);

    let results =
        leaders::elect_preferred(client, &[partition(0), partition(1), partition(9)]).await.expect("answered");
    println!("{results:?}");
    assert_eq!((&results[0].error, &results[1].error), (&None, &None));
    assert_eq!(results[2].error.as_ref().expect("no such partition").code, "UNKNOWN_TOPIC_OR_PARTITION");

    let has_all = |dirs: &Vec<log_dirs::LogDir>| {
        dirs.iter().flat_map(|dir| &dir.replicas).filter(|replica| replica.topic == name).count() >= 1
    };
    let dirs = until(|| log_dirs::describe(client, broker), has_all).await;
    println!("{:?} of {:?} bytes free in {}", dirs[0].usable_bytes, dirs[0].total_bytes, dirs[0].path);
    for spec in [Spec::Earliest, Spec::Latest] {
        assert_eq!(offsets::list(client, name, spec).await, Ok(vec![(0, 0), (1, 0), (2, 0), (3, 0)]));
    }
    let at = offsets::list(client, name, Spec::At(0)).await.expect("answered");
    assert!(at.iter().all(|(_, offset)| *offset == -1), "{at:?}");
}
