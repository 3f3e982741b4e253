//! Features of a cluster (KIP-584): what is finalised, and what each broker supports (`ApiVersions`).

use super::wire::answer;
use super::wire::router::Target;
use super::{Client, cluster};
use crate::error::Error;
use kafka_protocol::messages::{ApiVersionsRequest, ApiVersionsResponse};
use kafka_protocol::protocol::StrBytes;
use std::collections::BTreeMap;

/// Lowest and highest level.
pub type Range = (i16, i16);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Features {
    /// Grows with every change, with `KRaft` with all else that is recorded; `None` where nothing was ever finalised.
    pub epoch: Option<i64>,
    /// What all brokers must keep to, by name, such as `metadata.version`.
    pub finalized: BTreeMap<String, Range>,
    /// By broker id: what each supports, or why it cannot be asked.
    pub supported: BTreeMap<i32, Result<BTreeMap<String, Range>, Error>>,
}

struct Told {
    epoch: i64,
    finalized: BTreeMap<String, Range>,
    supported: BTreeMap<String, Range>,
}

/// Asks every broker. Brokers before Kafka 2.4 cannot tell: `UNSUPPORTED_VERSION` at each; 2.4 to 2.6 have no features.
///
/// Errors: those of any read, and where no broker at all can tell, that of the first.
pub async fn describe(client: &Client) -> Result<Features, Error> {
    let mut features = Features { epoch: None, finalized: BTreeMap::new(), supported: BTreeMap::new() };
    let mut newest = -1;
    for broker in cluster::describe(client).await?.brokers {
        let told = of_broker(client, broker.id).await;
        // A broker that is behind tells an older epoch.
        if let Ok(told) = &told
            && told.epoch > newest
        {
            newest = told.epoch;
            features.finalized.clone_from(&told.finalized);
        }
        features.supported.insert(broker.id, told.map(|told| told.supported));
    }
    features.epoch = Some(newest).filter(|epoch| *epoch >= 0);
    match features.supported.values().find_map(|one| one.as_ref().err()) {
        Some(error) if features.supported.values().all(Result::is_err) => Err(error.clone()),
        _ => Ok(features),
    }
}

async fn of_broker(client: &Client, broker: i32) -> Result<Told, Error> {
    let build = |_| {
        ApiVersionsRequest::default()
            .with_client_software_name(StrBytes::from_static_str("krun"))
            .with_client_software_version(StrBytes::from_static_str(env!("CARGO_PKG_VERSION")))
    };
    let what = format!("the features of broker {broker}");
    client.read(Target::Broker(broker), build, |response| told(&response, &what)).await
}

fn told(response: &ApiVersionsResponse, what: &str) -> Result<Told, Error> {
    answer::check(response.error_code, None, what)?;
    let finalized = response.finalized_features.iter();
    let supported = response.supported_features.iter();
    Ok(Told {
        epoch: response.finalized_features_epoch,
        finalized: finalized
            .map(|one| (one.name.to_string(), (one.min_version_level, one.max_version_level)))
            .collect(),
        supported: supported.map(|one| (one.name.to_string(), (one.min_version, one.max_version))).collect(),
    })
}

/// The names of the levels of `metadata.version`, from level 1 on (Kafka's `MetadataVersion`).
const METADATA_VERSIONS: [&str; 33] = [
    "3.0-IV1", "3.1-IV0", "3.2-IV0", "3.3-IV0", "3.3-IV1", "3.3-IV2", "3.3-IV3", "3.4-IV0", "3.5-IV0", "3.5-IV1",
    "3.5-IV2", "3.6-IV0", "3.6-IV1", "3.6-IV2", "3.7-IV0", "3.7-IV1", "3.7-IV2", "3.7-IV3", "3.7-IV4", "3.8-IV0",
    "3.9-IV0", "4.0-IV0", "4.0-IV1", "4.0-IV2", "4.0-IV3", "4.1-IV0", "4.1-IV1", "4.2-IV0", "4.2-IV1", "4.3-IV0",
    "4.4-IV0", "4.4-IV1", "4.4-IV2",
];

/// What Kafka's tools call a level of `metadata.version`: 21 is `3.9-IV0`. `None` for one that is newer than krun.
pub fn metadata_version(level: i16) -> Option<&'static str> {
    METADATA_VERSIONS.get(usize::try_from(level).ok()?.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::metadata_version;

    #[test]
    fn levels_have_kafkas_names() {
        assert_eq!(metadata_version(1), Some("3.0-IV1"));
        assert_eq!(metadata_version(21), Some("3.9-IV0"));
        assert_eq!(metadata_version(25), Some("4.0-IV3"));
        assert_eq!(metadata_version(33), Some("4.4-IV2"));
        assert_eq!([metadata_version(0), metadata_version(-1), metadata_version(99)], [None; 3]);
    }
}
