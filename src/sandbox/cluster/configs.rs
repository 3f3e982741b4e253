//! Dynamic configs: what was set, how it is changed, and the throttles that are among them.

use super::Refusal;
use super::config_keys::{BROKER_KEYS, Kind, Scope, TOPIC_KEYS};
use kafka_protocol::error::ResponseError;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) type Values = BTreeMap<String, String>;

#[derive(Debug, Default)]
pub(crate) struct Configs {
    pub(super) topics: BTreeMap<String, Values>,
    pub(super) brokers: BTreeMap<i32, Values>,
    /// The cluster-wide default of the brokers: the resource without a name.
    pub(super) all_brokers: Values,
    /// What each broker's own file says.
    pub(super) files: BTreeMap<i32, Values>,
    /// What holds where it says nothing, of keys whose default is another one in each release.
    pub(super) defaults: BTreeMap<i32, Values>,
    /// As if `alter.config.policy.class.name` named a policy that takes no change.
    pub(crate) is_closed: bool,
}

/// What has configs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resource {
    Topic(String),
    Broker(i32),
    AllBrokers,
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
    /// What a broker that starts reads, and what its release takes where that says nothing.
    pub(crate) fn set_file(&mut self, broker: i32, values: Values, defaults: Values) {
        self.files.insert(broker, values);
        self.defaults.insert(broker, defaults);
    }

    pub(crate) fn topic_created(&mut self, topic: &str, values: Values) {
        self.topics.insert(topic.to_owned(), values);
    }

    pub(crate) fn topic_deleted(&mut self, topic: &str) {
        self.topics.remove(topic);
    }

    /// The first log dir that a broker's file names.
    pub(crate) fn log_dir(&self, broker: i32) -> Option<&str> {
        let dirs = self.files.get(&broker)?.get("log.dirs")?;
        dirs.split(',').map(str::trim).find(|dir| !dir.is_empty())
    }

    /// The value that holds for a topic on any broker without settings of its own.
    pub(crate) fn topic_value(&self, topic: &str, name: &str) -> Option<String> {
        let key = TOPIC_KEYS.iter().find(|key| key.name == name)?;
        let own = self.topics.get(topic).and_then(|values| values.get(name));
        own.or_else(|| self.all_brokers.get(key.broker_key)).cloned().or_else(|| Some(key.default.to_owned()))
    }

    /// The value that holds for a topic on one broker, with what the broker's own file says.
    pub(crate) fn topic_value_on(&self, broker: i32, topic: &str, name: &str) -> Option<String> {
        let key = TOPIC_KEYS.iter().find(|key| key.name == name)?;
        let own = self.topics.get(topic).and_then(|values| values.get(name));
        let of_broker = || self.broker_value(broker, key.broker_key);
        own.cloned().or_else(of_broker).or_else(|| Some(key.default.to_owned()))
    }

    /// What is set for a broker, by whatever place holds first.
    pub(crate) fn broker_value(&self, broker: i32, name: &str) -> Option<String> {
        let places = [self.brokers.get(&broker), Some(&self.all_brokers), self.files.get(&broker)];
        places.into_iter().flatten().find_map(|values| values.get(name)).cloned()
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

    /// The same where `changes` is all that shall be set.
    pub(crate) fn replaced(
        &self,
        resource: &Resource,
        mut changes: BTreeMap<String, Change>,
    ) -> Result<(Values, String), Refusal> {
        for name in self.own_values(resource).into_iter().flatten().map(|(name, _)| name) {
            changes.entry(name.clone()).or_insert(Change::Delete);
        }
        self.changed(resource, &changes)
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

    pub(crate) fn dump(&self) -> Value {
        fn some<K: ToString>(values: &BTreeMap<K, Values>) -> BTreeMap<String, &Values> {
            values.iter().filter(|(_, set)| !set.is_empty()).map(|(name, set)| (name.to_string(), set)).collect()
        }
        json!({ "topics": some(&self.topics), "brokers": some(&self.brokers), "all_brokers": self.all_brokers })
    }
}

fn items(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn change(configs: &mut Configs, resource: &Resource, name: &str, change: Change) -> Result<String, Refusal> {
        let (values, text) = configs.changed(resource, &BTreeMap::from([(name.to_owned(), change)]))?;
        configs.store(resource, values);
        Ok(text)
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
