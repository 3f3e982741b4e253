//! What krun's client reads of a cluster, a fact a line, in the words of `tests/real/AdminOracle.java`.

use krun::error::Error;
use krun::kafka::configs::{self, ConfigEntry, Resource};
use krun::kafka::offsets::{self, Spec};
use krun::kafka::{Client, acls, cluster, committed, features, groups, log_dirs, quorum, topics};
use std::collections::BTreeSet;

pub(crate) struct Facts {
    client: Client,
    lines: BTreeSet<String>,
}

/// All facts about a topic and a group.
pub(crate) async fn read(client: &Client, topic: &str, group: &str, millis: i64) -> BTreeSet<String> {
    let mut facts = Facts { client: client.clone(), lines: BTreeSet::new() };
    let brokers = facts.cluster().await;
    facts.topic(topic).await;
    facts.configs(&Resource::Topic(topic.to_owned()), "topic", topic).await;
    for id in &brokers {
        facts.configs(&Resource::Broker(*id), "broker", &id.to_string()).await;
        facts.log_dirs(*id, topic).await;
    }
    facts.offsets(topic, "EarliestSpec", Spec::Earliest).await;
    facts.offsets(topic, "LatestSpec", Spec::Latest).await;
    facts.offsets(topic, "TimestampSpec", Spec::At(millis)).await;
    facts.offsets(topic, "MaxTimestampSpec", Spec::MaxTimestamp).await;
    facts.groups(group).await;
    facts.features().await;
    facts.quorum().await;
    facts.acls().await;
    facts.lines
}

fn list<T: ToString>(items: &[T]) -> String {
    format!("[{}]", items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}

/// How the Admin client calls an error.
fn exception(error: &Error) -> &'static str {
    match error.code.as_str() {
        "UNSUPPORTED_VERSION" => "UnsupportedVersionException",
        "SECURITY_DISABLED" => "SecurityDisabledException",
        other => panic!("{other}: {error}"),
    }
}

/// `RebalanceInProgress` → what Java prints, which is the same; a null is `null`.
fn or_null(text: Option<&String>) -> &str {
    text.map_or("null", String::as_str)
}

impl Facts {
    fn say(&mut self, line: String) {
        self.lines.insert(line);
    }

    async fn cluster(&mut self) -> Vec<i32> {
        let found = cluster::describe(&self.client).await.expect("answered");
        self.say(format!("cluster {}", found.cluster_id));
        for broker in &found.brokers {
            self.say(format!("broker {} {}:{} {}", broker.id, broker.host, broker.port, or_null(broker.rack.as_ref())));
        }
        found.brokers.iter().map(|broker| broker.id).collect()
    }

    async fn topic(&mut self, name: &str) {
        let listed = topics::list(&self.client, Some(&[name.to_owned()])).await.expect("answered");
        for one in &listed[0].partitions {
            let mut isr = one.isr.clone();
            isr.sort_unstable();
            let leader = one.leader.map_or("none".to_owned(), |id| id.to_string());
            self.say(format!("partition {name}-{} {leader} {} {}", one.id, list(&one.replicas), list(&isr)));
        }
    }

    async fn configs(&mut self, resource: &Resource, kind: &str, name: &str) {
        let entries = configs::describe(&self.client, resource).await.expect("answered");
        for ConfigEntry { name: key, value, source, sensitive, read_only, synonyms } in entries {
            let synonyms: Vec<String> = synonyms
                .iter()
                .map(|one| format!("{}={}@{}", one.name, or_null(one.value.as_ref()), one.source))
                .collect();
            let value = or_null(value.as_ref());
            let synonyms = synonyms.join(",");
            self.say(format!("config {kind} {name} {key}={value} {source} {sensitive} {read_only} {synonyms}"));
        }
    }

    async fn log_dirs(&mut self, broker: i32, topic: &str) {
        for dir in log_dirs::describe(&self.client, broker).await.expect("answered") {
            let total = dir.total_bytes.unwrap_or(-1);
            self.say(format!("log_dir {broker} {} {total} {}", dir.path, dir.usable_bytes.is_some()));
            for one in dir.replicas.iter().filter(|one| one.topic == topic) {
                self.say(format!("replica {broker} {topic}-{} {} {}", one.partition, one.bytes, one.future));
            }
        }
    }

    async fn offsets(&mut self, topic: &str, named: &str, spec: Spec) {
        let found = offsets::of_topics(&self.client, &[topic.to_owned()], spec).await.expect("answered");
        for ((topic, id), found) in found {
            match found {
                Ok(found) => self.say(format!("offset {named} {topic}-{id} {}", found.offset)),
                Err(error) => self.say(format!("offsets {named} refused {}", exception(&error))),
            }
        }
    }

    async fn groups(&mut self, id: &str) {
        let listing = groups::list(&self.client).await.expect("answered");
        assert_eq!(listing.gaps, []);
        for one in listing.groups {
            self.say(format!("group {} {}", one.id, one.state.unwrap_or("unknown".to_owned())));
        }
        let group = groups::describe(&self.client, id).await.expect("the group is there");
        let kind = format!("{}{}", group.kind[..1].to_uppercase(), &group.kind[1..]);
        self.say(format!("described {id} {} {kind} {} {}", group.state, group.assignor, group.coordinator));
        for one in &group.members {
            let each = one.assigned.iter().flat_map(|(topic, ids)| ids.iter().map(move |id| format!("{topic}-{id}")));
            let mut assigned: Vec<String> = each.collect();
            assigned.sort();
            let instance = one.instance_id.as_deref().unwrap_or("none");
            self.say(format!("member {} {} {} {instance} {}", one.id, one.client_id, one.host, assigned.join(",")));
        }
        for ((topic, partition), offset) in committed::of_group(&self.client, id).await.expect("answered") {
            self.say(format!("committed {topic}-{partition} {}", offset.expect("no error")));
        }
    }

    async fn features(&mut self) {
        match features::describe(&self.client).await {
            Ok(found) => {
                for (name, (min, max)) in &found.finalized {
                    self.say(format!("finalized {name} {min} {max}"));
                }
                // All brokers of these clusters are of one version, and Java asks any.
                for (name, (min, max)) in found.supported.into_values().flat_map(|each| each.expect("no error")) {
                    self.say(format!("supported {name} {min} {max}"));
                }
            }
            // To Java a broker that cannot tell has none.
            Err(error) => assert_eq!(error.code, "UNSUPPORTED_VERSION", "{error}"),
        }
    }

    async fn quorum(&mut self) {
        match quorum::describe(&self.client).await {
            Ok(found) => {
                self.say(format!("quorum {} {}", found.leader, found.leader_epoch));
                for one in &found.voters {
                    self.say(format!("voter {}", one.id));
                }
                for one in &found.observers {
                    self.say(format!("observer {}", one.id));
                }
            }
            Err(error) => self.say(format!("quorum refused {}", exception(&error))),
        }
    }

    async fn acls(&mut self) {
        match acls::list(&self.client).await {
            Ok(found) => {
                for acl in found {
                    self.say(format!(
                        "acl {} {} {} {} {} {} {}",
                        acl.resource, acl.name, acl.pattern, acl.principal, acl.host, acl.operation, acl.permission
                    ));
                }
            }
            Err(error) => self.say(format!("acls refused {}", exception(&error))),
        }
    }
}
