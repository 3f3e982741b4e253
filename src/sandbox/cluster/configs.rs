//! Dynamic configs: what was set, where a value comes from, and the throttles that are among them.

use super::Refusal;
use super::config_keys::{BROKER_KEYS, Kind, Scope, TOPIC_KEYS};
use kafka_protocol::error::ResponseError;
use serde_json::{Value, json};
use std::collections::BTreeMap;

type Values = BTreeMap<String, String>;

#[derive(Debug, Default)]
pub(crate) struct Configs {
    topics: BTreeMap<String, Values>,
    brokers: BTreeMap<i32, Values>,
    /// The cluster-wide default of the brokers: the resource without a name.
    all_brokers: Values,
    /// What each broker's own file says.
    files: BTreeMap<i32, Values>,
}

/// What has configs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resource {
    Topic(String),
    Broker(i32),
    AllBrokers,
}

/// Where a value comes from. The numbers are Kafka's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Topic = 1,
    Broker = 2,
    AllBrokers = 3,
    File = 4,
    Default = 5,
}

/// One effective value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Described {
    pub(crate) name: String,
    /// `None`: the broker does not know the key, and so takes it for a secret.
    pub(crate) value: Option<String>,
    pub(crate) source: Source,
    pub(crate) read_only: bool,
    pub(crate) kind: Option<Kind>,
    /// Every place that has a value, the one that holds first: name there, value, source.
    pub(crate) synonyms: Vec<(String, String, Source)>,
}

/// One change of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Set(String),
    Delete,
    Append(String),
    Subtract(String),
}

/// Whose quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ThrottledSide {
    Leader,
    Follower,
}

/// The replicas of one topic that a throttle holds for.
#[derive(Debug)]
pub(crate) enum Throttled {
    All,
    Listed(Vec<(usize, i32)>),
}

impl Throttled {
    pub(crate) fn holds(&self, partition: usize, broker: i32) -> bool {
        match self {
            Self::All => true,
            Self::Listed(replicas) => replicas.contains(&(partition, broker)),
        }
    }
}

impl Resource {
    fn scope(&self) -> Scope {
        match self {
            Self::Topic(_) => Scope::Topic,
            Self::Broker(_) | Self::AllBrokers => Scope::Broker,
        }
    }

    /// `topic/orders`, `broker/3`, `broker/default`.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Topic(name) => format!("topic/{name}"),
            Self::Broker(id) => format!("broker/{id}"),
            Self::AllBrokers => "broker/default".to_owned(),
        }
    }
}

impl Configs {
    pub(crate) fn set_file(&mut self, broker: i32, values: Values) {
        self.files.insert(broker, values);
    }

    pub(crate) fn topic_created(&mut self, topic: &str, values: Values) {
        self.topics.insert(topic.to_owned(), values);
    }

    pub(crate) fn topic_deleted(&mut self, topic: &str) {
        self.topics.remove(topic);
    }

    /// The value that holds for a topic on any broker without settings of its own.
    pub(crate) fn topic_value(&self, topic: &str, name: &str) -> Option<String> {
        let key = TOPIC_KEYS.iter().find(|key| key.name == name)?;
        let own = self.topics.get(topic).and_then(|values| values.get(name));
        own.or_else(|| self.all_brokers.get(key.broker_key)).cloned().or_else(|| Some(key.default.to_owned()))
    }

    /// `follower.replication.throttled.rate` or its like, in bytes per second, where it is set on the broker itself: the
    /// cluster-wide default has no effect on quotas (KAFKA-10190).
    pub(crate) fn throttle_rate(&self, broker: i32, side: ThrottledSide) -> Option<u64> {
        let name = match side {
            ThrottledSide::Leader => "leader.replication.throttled.rate",
            ThrottledSide::Follower => "follower.replication.throttled.rate",
        };
        self.brokers.get(&broker)?.get(name)?.trim().parse().ok()
    }

    pub(crate) fn throttled(&self, topic: &str, side: ThrottledSide) -> Throttled {
        let name = match side {
            ThrottledSide::Leader => "leader.replication.throttled.replicas",
            ThrottledSide::Follower => "follower.replication.throttled.replicas",
        };
        let list = self.topics.get(topic).and_then(|values| values.get(name)).map_or("", String::as_str);
        if list.trim() == "*" {
            return Throttled::All;
        }
        let pair = |entry: &str| {
            let (partition, broker) = entry.trim().split_once(':')?;
            Some((partition.parse().ok()?, broker.parse().ok()?))
        };
        Throttled::Listed(list.split(',').filter_map(pair).collect())
    }

    /// Checks the changes of one resource and gives what its dynamic values would be, with one line that says what
    /// changes. The resource exists.
    pub(crate) fn changed(
        &self,
        resource: &Resource,
        changes: &BTreeMap<String, Change>,
    ) -> Result<(Values, String), Refusal> {
        let scope = resource.scope();
        let mut values = self.own_values(resource).cloned().unwrap_or_default();
        let mut said = vec![];
        for (name, change) in changes {
            if let Some(key) = BROKER_KEYS.iter().find(|key| scope == Scope::Broker && key.name == name && !key.dynamic)
            {
                let message = format!("Cannot update these configs dynamically: Set({})", key.name);
                return Err(Refusal::new(ResponseError::InvalidRequest, message));
            }
            let (text, new) = match change {
                Change::Delete => (format!("delete {name}"), None),
                Change::Set(value) => (format!("set {name}={value}"), Some(value.clone())),
                Change::Append(more) => {
                    let list = self.list_of(resource, name, &values, "APPEND")?;
                    let more = items(more).into_iter().filter(|item| !list.contains(item)).collect::<Vec<_>>();
                    (format!("append {name}={}", more.join(",")), Some([list, more].concat().join(",")))
                }
                Change::Subtract(less) => {
                    let (list, gone) = (self.list_of(resource, name, &values, "SUBTRACT")?, items(less));
                    let left: Vec<String> = list.into_iter().filter(|item| !gone.contains(item)).collect();
                    (format!("subtract {name}={less}"), Some(left.join(",")))
                }
            };
            said.push(text);
            match new {
                Some(value) => values.insert(name.clone(), value),
                None => values.remove(name),
            };
        }
        for (name, value) in values.iter().filter(|(name, _)| changes.contains_key(*name)) {
            let code = match scope {
                Scope::Topic => ResponseError::InvalidConfig,
                // KAFKA-13609: a broker config that does not fit is answered like this.
                Scope::Broker => ResponseError::InvalidRequest,
            };
            scope.check(name, value).map_err(|message| Refusal::new(code, message))?;
        }
        Ok((values, format!("{} {}", resource.text(), said.join(", "))))
    }

    /// Stores what [`Self::changed`] gave.
    pub(crate) fn store(&mut self, resource: &Resource, values: Values) {
        match resource {
            Resource::Topic(name) => self.topics.insert(name.clone(), values),
            Resource::Broker(id) => self.brokers.insert(*id, values),
            Resource::AllBrokers => Some(std::mem::replace(&mut self.all_brokers, values)),
        };
    }

    fn own_values(&self, resource: &Resource) -> Option<&Values> {
        match resource {
            Resource::Topic(name) => self.topics.get(name),
            Resource::Broker(id) => self.brokers.get(id),
            Resource::AllBrokers => Some(&self.all_brokers),
        }
    }

    fn list_of(&self, resource: &Resource, name: &str, now: &Values, verb: &str) -> Result<Vec<String>, Refusal> {
        if !resource.scope().kind(name).is_some_and(Kind::is_list) {
            let message = format!("Can't {verb} to key {name} because its type is not LIST.");
            return Err(Refusal::new(ResponseError::InvalidConfig, message));
        }
        let default = match resource {
            Resource::Topic(topic) => self.topic_value(topic, name),
            Resource::Broker(_) | Resource::AllBrokers => None,
        };
        Ok(now.get(name).cloned().or(default).map(|list| items(&list)).unwrap_or_default())
    }

    /// The effective configs of a resource, as the broker `asked` sees them.
    pub(crate) fn describe(&self, resource: &Resource, asked: i32) -> Vec<Described> {
        match resource {
            Resource::Topic(name) => self.describe_topic(name, asked),
            Resource::Broker(id) => self.describe_broker(*id),
            Resource::AllBrokers => self
                .all_brokers
                .iter()
                .filter_map(|(name, value)| {
                    described(name, Scope::Broker.kind(name), false, vec![from(name, value, Source::AllBrokers)])
                })
                .collect(),
        }
    }

    fn describe_topic(&self, topic: &str, asked: i32) -> Vec<Described> {
        let own = self.topics.get(topic);
        let describe = |key: &super::config_keys::TopicKey| {
            let mut places = vec![];
            places.extend(own.and_then(|own| own.get(key.name)).map(|value| from(key.name, value, Source::Topic)));
            places.extend(self.broker_places(asked, key.broker_key));
            let default_name = if key.broker_key.is_empty() { key.name } else { key.broker_key };
            places.push(from(default_name, key.default, Source::Default));
            described(key.name, Some(key.kind), false, places)
        };
        TOPIC_KEYS.iter().filter_map(describe).collect()
    }

    fn describe_broker(&self, id: i32) -> Vec<Described> {
        let mut names: Vec<&str> = BROKER_KEYS.iter().map(|key| key.name).collect();
        let set = [self.brokers.get(&id), Some(&self.all_brokers), self.files.get(&id)];
        names.extend(set.into_iter().flatten().flat_map(Values::keys).map(String::as_str));
        names.sort_unstable();
        names.dedup();
        let describe = |name: &str| {
            let key = BROKER_KEYS.iter().find(|key| key.name == name);
            let mut places = self.broker_places(id, name);
            places.extend(key.and_then(|key| key.default).map(|value| from(name, value, Source::Default)));
            described(name, key.map(|key| key.kind), key.is_some_and(|key| !key.dynamic), places)
        };
        names.into_iter().filter_map(describe).collect()
    }

    fn broker_places(&self, id: i32, name: &str) -> Vec<(String, String, Source)> {
        let places = [
            (self.brokers.get(&id), Source::Broker),
            (Some(&self.all_brokers), Source::AllBrokers),
            (self.files.get(&id), Source::File),
        ];
        let value = |(values, source): (Option<&Values>, Source)| Some(from(name, values?.get(name)?, source));
        places.into_iter().filter_map(value).collect()
    }

    pub(crate) fn dump(&self) -> Value {
        fn some<K: ToString>(values: &BTreeMap<K, Values>) -> BTreeMap<String, &Values> {
            values.iter().filter(|(_, set)| !set.is_empty()).map(|(name, set)| (name.to_string(), set)).collect()
        }
        json!({ "topics": some(&self.topics), "brokers": some(&self.brokers), "all_brokers": self.all_brokers })
    }
}

fn from(name: &str, value: &str, source: Source) -> (String, String, Source) {
    (name.to_owned(), value.to_owned(), source)
}

/// The first place holds. A key that is set nowhere and has no default is absent.
fn described(
    name: &str,
    kind: Option<Kind>,
    read_only: bool,
    synonyms: Vec<(String, String, Source)>,
) -> Option<Described> {
    let (_, value, source) = synonyms.first()?;
    // What the broker's file alone knows, such as its listeners, is no secret.
    let known = kind.is_some() || *source == Source::File;
    let (value, source) = (known.then(|| value.clone()), *source);
    Some(Described {
        name: name.to_owned(),
        value,
        source,
        read_only: read_only || (known && kind.is_none()),
        kind,
        synonyms,
    })
}

fn items(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(configs: &mut Configs, resource: &Resource, name: &str, change: Change) -> Result<String, Refusal> {
        let (values, text) = configs.changed(resource, &BTreeMap::from([(name.to_owned(), change)]))?;
        configs.store(resource, values);
        Ok(text)
    }

    #[test]
    fn a_value_holds_from_the_topic_over_the_brokers_to_the_default() {
        let mut configs = Configs::default();
        let (topic, all) = (Resource::Topic("t".to_owned()), Resource::AllBrokers);
        let holds = |configs: &Configs| {
            let all = configs.describe(&Resource::Topic("t".to_owned()), 1);
            let one = all.into_iter().find(|one| one.name == "retention.ms").unwrap();
            (one.value.unwrap(), one.source)
        };
        assert_eq!(holds(&configs), ("604800000".to_owned(), Source::Default));
        change(&mut configs, &all, "log.retention.ms", Change::Set("5".to_owned())).unwrap();
        assert_eq!(holds(&configs), ("5".to_owned(), Source::AllBrokers));
        change(&mut configs, &Resource::Broker(1), "log.retention.ms", Change::Set("6".to_owned())).unwrap();
        assert_eq!(holds(&configs), ("6".to_owned(), Source::Broker));
        let text = change(&mut configs, &topic, "retention.ms", Change::Set("7".to_owned())).unwrap();
        assert_eq!(text, "topic/t set retention.ms=7");
        assert_eq!(holds(&configs), ("7".to_owned(), Source::Topic));
        change(&mut configs, &topic, "retention.ms", Change::Delete).unwrap();
        assert_eq!(holds(&configs), ("6".to_owned(), Source::Broker));
    }

    #[test]
    fn lists_grow_without_doubles_and_shrink_to_an_empty_one() {
        let mut configs = Configs::default();
        let topic = Resource::Topic("t".to_owned());
        let name = "leader.replication.throttled.replicas";
        change(&mut configs, &topic, name, Change::Append("0:1,1:2".to_owned())).unwrap();
        change(&mut configs, &topic, name, Change::Append("1:2,2:3".to_owned())).unwrap();
        assert_eq!(configs.topic_value("t", name).unwrap(), "0:1,1:2,2:3");
        assert!(configs.throttled("t", ThrottledSide::Leader).holds(1, 2));
        assert!(!configs.throttled("t", ThrottledSide::Leader).holds(1, 3));
        change(&mut configs, &topic, name, Change::Subtract("0:1,1:2,2:3".to_owned())).unwrap();
        assert_eq!(configs.topic_value("t", name).unwrap(), "");
        let refused = change(&mut configs, &topic, "retention.ms", Change::Append("1".to_owned())).unwrap_err();
        assert_eq!(refused.code, ResponseError::InvalidConfig);
    }
}
