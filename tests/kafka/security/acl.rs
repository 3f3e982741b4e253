//! A right that is missing: whose, and which.

use super::sasl::{is, lets_in, offers, plain};
use super::{connect, works};
use crate::kafka::broker::{Act, Asked, Broker};
use kafka_protocol::messages::{ApiKey, ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse};
use krun::kafka::reassignments;
use krun::kafka::security::Security;

/// `CLUSTER_AUTHORIZATION_FAILED`
const FORBIDDEN: i16 = 31;

fn forbids(asked: &Asked) -> Act {
    if is(asked, ApiKey::SaslHandshake) {
        offers(asked, &["PLAIN"])
    } else if is(asked, ApiKey::SaslAuthenticate) {
        lets_in(asked, "")
    } else if is(asked, ApiKey::ListPartitionReassignments) {
        let answer = ListPartitionReassignmentsResponse::default().with_error_code(FORBIDDEN);
        asked.answer::<ListPartitionReassignmentsRequest>(&answer)
    } else {
        Act::AsUsual
    }
}

#[tokio::test]
async fn who_lacks_it_and_what_it_is() {
    for (security, who) in [(plain("right"), "User:krun"), (Security::default(), "User:ANONYMOUS")] {
        let broker = Broker::alone(forbids).await;
        let client = connect(&broker.address, &security).await.expect("let in");
        let error = reassignments::list(&client, None).await.expect_err("not allowed");
        assert_eq!(error.code, "CLUSTER_AUTHORIZATION_FAILED");
        let hint = error.hint.expect("a hint");
        assert!(hint.contains(who) && hint.contains("Describe on the cluster"), "{hint}");
        works(&broker.address, &security).await;
    }
}
