//! Effective configs: which value holds, where it comes from, and what lies below it.

use super::config_keys::{BROKER_KEYS, Kind, Scope, TOPIC_KEYS, TopicKey};
use super::configs::{Configs, Resource, Values};

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

impl Configs {
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
        let describe = |key: &TopicKey| {
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
        let defaults = self.defaults.get(&id);
        let set = [self.brokers.get(&id), Some(&self.all_brokers), self.files.get(&id), defaults];
        names.extend(set.into_iter().flatten().flat_map(Values::keys).map(String::as_str));
        names.sort_unstable();
        names.dedup();
        let describe = |name: &str| {
            let key = BROKER_KEYS.iter().find(|key| key.name == name);
            let mut places = self.broker_places(id, name);
            let default =
                defaults.and_then(|own| own.get(name)).map(String::as_str).or(key.and_then(|key| key.default));
            places.extend(default.map(|value| from(name, value, Source::Default)));
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
    // What the broker's file or release alone knows, such as its listeners, is no secret.
    let known = kind.is_some() || matches!(source, Source::File | Source::Default);
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::sandbox::cluster::configs::Change;
    use std::collections::BTreeMap;

    fn change(configs: &mut Configs, resource: &Resource, name: &str, change: Change) -> String {
        let (values, text) = configs.changed(resource, &BTreeMap::from([(name.to_owned(), change)])).unwrap();
        configs.store(resource, values);
        text
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
        change(&mut configs, &all, "log.retention.ms", Change::Set("5".to_owned()));
        assert_eq!(holds(&configs), ("5".to_owned(), Source::AllBrokers));
        change(&mut configs, &Resource::Broker(1), "log.retention.ms", Change::Set("6".to_owned()));
        assert_eq!(holds(&configs), ("6".to_owned(), Source::Broker));
        let text = change(&mut configs, &topic, "retention.ms", Change::Set("7".to_owned()));
        assert_eq!(text, "topic/t set retention.ms=7");
        assert_eq!(holds(&configs), ("7".to_owned(), Source::Topic));
        change(&mut configs, &topic, "retention.ms", Change::Delete);
        assert_eq!(holds(&configs), ("6".to_owned(), Source::Broker));
    }
}
