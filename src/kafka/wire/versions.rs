//! Which version of a request a broker and krun both speak.

use super::apis::Api;
use crate::error::Error;
use kafka_protocol::messages::ApiVersionsResponse;
use std::collections::BTreeMap;

/// What one broker offers: API key to its lowest and highest version. Keys that krun does not know are kept.
#[derive(Debug, Default)]
pub(crate) struct Versions(BTreeMap<i16, (i16, i16)>);

impl Versions {
    pub(crate) fn new(response: &ApiVersionsResponse) -> Self {
        Self(response.api_keys.iter().map(|api| (api.api_key, (api.min_version, api.max_version))).collect())
    }

    pub(crate) fn offers<R: Api>(&self) -> bool {
        self.0.contains_key(&R::KEY)
    }

    /// The newest version of a request that both sides speak. Error: `UNSUPPORTED_VERSION`.
    pub(crate) fn choose<R: Api>(&self) -> Result<i16, Error> {
        let offered = self.0.get(&R::KEY);
        let problem = match offered {
            Some(&(low, high)) if low.max(R::OLDEST) <= high.min(R::NEWEST) => return Ok(high.min(R::NEWEST)),
            Some((low, high)) => {
                format!(
                    "offers {} in the versions {low} to {high}; krun speaks {} to {}",
                    R::NAME,
                    R::OLDEST,
                    R::NEWEST
                )
            }
            None => format!("does not offer {}; krun speaks its versions {} to {}", R::NAME, R::OLDEST, R::NEWEST),
        };
        let hint = if offered.is_some_and(|(low, _)| *low > R::NEWEST) {
            "this broker is newer than this krun: use a newer krun".to_owned()
        } else {
            format!("it needs brokers of Kafka {} or newer{}", R::SINCE, R::ONLY)
        };
        Err(Error::new("UNSUPPORTED_VERSION", format!("the broker {problem}")).hint(hint))
    }
}

/// A request that this version cannot express. Error: `UNSUPPORTED_VERSION`.
pub(crate) fn expressible<R: Api>(request: &R, version: i16) -> Result<(), Error> {
    let (needed, since) = request.needs();
    if version >= needed {
        return Ok(());
    }
    let text = format!("the broker offers {} in the versions up to {version}, and this takes {needed}", R::NAME);
    Err(Error::new("UNSUPPORTED_VERSION", text).hint(format!("it needs brokers of Kafka {since} or newer")))
}

#[cfg(test)]
mod tests {
    use super::Versions;
    use kafka_protocol::messages::{AlterPartitionReassignmentsRequest, ListOffsetsRequest, MetadataRequest};

    fn broker(key: i16, low: i16, high: i16) -> Versions {
        Versions([(key, (low, high))].into())
    }

    #[test]
    fn the_newest_common_version() {
        assert_eq!(broker(3, 0, 7).choose::<MetadataRequest>(), Ok(7));
        assert_eq!(broker(3, 0, 99).choose::<MetadataRequest>(), Ok(13));
        assert_eq!(broker(2, 1, 1).choose::<ListOffsetsRequest>(), Ok(1));
    }

    #[test]
    fn an_absent_api_names_the_release_that_has_it() {
        let error = broker(3, 0, 7).choose::<AlterPartitionReassignmentsRequest>().expect_err("refused");
        assert_eq!(error.code, "UNSUPPORTED_VERSION");
        assert!(error.message.contains("AlterPartitionReassignments"), "{error}");
        assert!(error.hint.expect("a hint").contains("Kafka 2.4"));
    }

    #[test]
    fn disjoint_ranges_name_both() {
        let error = broker(3, 0, 3).choose::<MetadataRequest>().expect_err("refused");
        assert!(error.message.contains("0 to 3") && error.message.contains("4 to 13"), "{error}");
        let error = broker(3, 90, 95).choose::<MetadataRequest>().expect_err("refused");
        assert!(error.hint.expect("a hint").contains("newer krun"));
    }
}
