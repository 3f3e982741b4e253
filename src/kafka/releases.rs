//! Which Kafka a broker is: no request tells its version, but what it offers says between which releases it lies.

use super::Client;
use super::wire::answer;
use super::wire::router::Target;
use crate::error::Error;
use kafka_protocol::messages::{ApiVersionsRequest, ApiVersionsResponse};
use kafka_protocol::protocol::StrBytes;
use std::collections::BTreeMap;

/// What a broker says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub release: Release,
    /// The finalized `metadata.version` as a level; none with `ZooKeeper`, and where brokers are older than 3.3.
    pub metadata_version: Option<i16>,
}

/// The releases that a broker may be of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// For people: `2.6`, `3.3 to 3.4`, `4.1 or newer`.
    pub text: String,
    /// The first of them; none where it is older than all that can be told apart.
    pub since: Option<&'static str>,
    /// The first that it is not any more.
    pub before: Option<&'static str>,
}

/// A release, and the API that its brokers are the first to offer in this version (Kafka's own message schemas).
const FIRSTS: [(&str, i16, i16); 16] = [
    ("2.2", 43, 0),
    ("2.3", 44, 0),
    ("2.4", 45, 0),
    ("2.5", 9, 7),
    ("2.6", 48, 0),
    ("2.7", 50, 0),
    ("2.8", 60, 0),
    ("3.0", 65, 0),
    ("3.1", 1, 13),
    ("3.2", 11, 8),
    ("3.3", 35, 4),
    ("3.5", 1, 15),
    ("3.7", 1, 16),
    ("3.9", 1, 17),
    ("4.0", 3, 13),
    ("4.1", 45, 1),
];

/// Asks one broker.
pub async fn of_broker(client: &Client, broker: i32) -> Result<Offer, Error> {
    // Brokers before Kafka 2.4 have no place for the name of a client.
    let build = |version| match version {
        ..3 => ApiVersionsRequest::default(),
        _ => ApiVersionsRequest::default()
            .with_client_software_name(StrBytes::from_static_str("krun"))
            .with_client_software_version(StrBytes::from_static_str(env!("CARGO_PKG_VERSION"))),
    };
    let what = format!("what broker {broker} offers");
    client.read(Target::Broker(broker), build, |response| offer(&response, &what)).await
}

fn offer(response: &ApiVersionsResponse, what: &str) -> Result<Offer, Error> {
    answer::check(response.error_code, None, what)?;
    let offered = response.api_keys.iter().map(|api| (api.api_key, api.max_version)).collect();
    let metadata = response.finalized_features.iter().find(|feature| feature.name.as_str() == "metadata.version");
    Ok(Offer { release: release(&offered), metadata_version: metadata.map(|feature| feature.max_version_level) })
}

/// The newest release of which a first is offered; it may be any up to the one before the next first.
fn release(offered: &BTreeMap<i16, i16>) -> Release {
    let has = |(_, api, version): &(&str, i16, i16)| offered.get(api).is_some_and(|newest| newest >= version);
    let newest = FIRSTS.iter().rposition(has);
    let since = newest.map(|newest| FIRSTS[newest].0);
    let before = FIRSTS.get(newest.map_or(0, |newest| newest + 1)).map(|next| next.0);
    let text = match (since, before) {
        (None, _) => "2.1 or older".to_owned(),
        (Some(first), None) => format!("{first} or newer"),
        (_, Some("3.5")) => "3.3 to 3.4".to_owned(),
        (_, Some("3.7")) => "3.5 to 3.6".to_owned(),
        (_, Some("3.9")) => "3.7 to 3.8".to_owned(),
        (Some(first), Some(_)) => first.to_owned(),
    };
    Release { text, since, before }
}

#[cfg(test)]
mod tests {
    use super::release;

    #[test]
    fn a_release_is_told_by_its_newest_first() {
        let told = |offered: &[(i16, i16)]| release(&offered.iter().copied().collect()).text;
        assert_eq!(told(&[(1, 10), (3, 7)]), "2.1 or older");
        assert_eq!(told(&[(1, 11), (45, 0), (44, 1), (48, 0)]), "2.6");
        assert_eq!(told(&[(1, 13), (35, 4)]), "3.3 to 3.4");
        assert_eq!(told(&[(1, 17), (3, 12)]), "3.9");
        assert_eq!(told(&[(1, 18), (3, 13), (45, 1)]), "4.1 or newer", "never a release that nobody can know");
    }
}
