//! Kafka's error codes as krun's errors: Kafka's own names, whether waiting helps, what to do.

use crate::error::Error;
use kafka_protocol::error::ResponseError;

/// `Ok` for code 0. `what` is the thing that was asked for, such as `topic orders`; `text` is what the broker adds.
pub(crate) fn check(code: i16, text: Option<&str>, what: &str) -> Result<(), Error> {
    match ResponseError::try_from_code(code) {
        None => Ok(()),
        Some(kind) => Err(error(kind, text, what)),
    }
}

/// An answer that leaves out what was asked for.
pub(crate) fn missing(what: &str) -> Error {
    Error::new("INCOMPLETE_REPLY", format!("{what}: the broker's answer does not mention it"))
}

fn error(kind: ResponseError, text: Option<&str>, what: &str) -> Error {
    let name = name(kind);
    let message = match text.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => format!("{what}: {text}"),
        None => format!("{what}: the broker answers {name}"),
    };
    let mut error = Error::new(&name, message);
    error.hint = hint(kind).map(str::to_owned);
    error.retriable = may_pass(kind);
    error
}

/// Kafka's own name: `NotController` is `NOT_CONTROLLER`. A code that is newer than krun keeps its number.
fn name(kind: ResponseError) -> String {
    if let ResponseError::Unknown(code) = kind {
        return format!("UNKNOWN_ERROR_CODE_{code}");
    }
    let mut name = String::new();
    for letter in kind.to_string().chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

/// Whether the same question may be answered otherwise a little later. Kafka's own flag is made for producers and
/// consumers; for an administrator a missing topic is missing, and a broken disk is broken.
fn may_pass(kind: ResponseError) -> bool {
    use ResponseError as E;
    match kind {
        E::BrokerNotAvailable => true,
        E::UnknownTopicOrPartition
        | E::UnknownTopicId
        | E::CorruptMessage
        | E::KafkaStorageError
        | E::ElectionNotNeeded
        | E::PreferredLeaderNotAvailable
        | E::EligibleLeadersNotAvailable => false,
        _ => kind.is_retriable(),
    }
}

fn hint(kind: ResponseError) -> Option<&'static str> {
    use ResponseError as E;
    Some(match kind {
        E::UnknownTopicOrPartition => {
            "check the name; a topic that was just created may take a moment to be known everywhere"
        }
        E::TopicAlreadyExists => "a topic of this name is there: read it, and decide",
        E::InvalidReplicaAssignment => "check that every broker id is registered and named once per partition",
        E::InvalidReplicationFactor => "there are fewer brokers than replicas: start more, or ask for fewer",
        E::ClusterAuthorizationFailed | E::TopicAuthorizationFailed => {
            "the user that krun runs as lacks the ACL for this"
        }
        E::PolicyViolation => "a policy of the cluster (create.topic.policy or alter.config.policy) forbids it",
        E::TopicDeletionDisabled => "the brokers run with delete.topic.enable=false",
        E::ReassignmentInProgress => "wait for the running reassignment, or cancel it",
        E::PreferredLeaderNotAvailable => "the first replica is down or not in the ISR: wait until it has caught up",
        E::KafkaStorageError => "a log dir of the broker has failed: see its log",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn codes_have_the_names_of_kafkas_documentation() {
        for (code, name) in [
            (-1, "UNKNOWN_SERVER_ERROR"),
            (3, "UNKNOWN_TOPIC_OR_PARTITION"),
            (6, "NOT_LEADER_OR_FOLLOWER"),
            (7, "REQUEST_TIMED_OUT"),
            (17, "INVALID_TOPIC_EXCEPTION"),
            (36, "TOPIC_ALREADY_EXISTS"),
            (41, "NOT_CONTROLLER"),
            (56, "KAFKA_STORAGE_ERROR"),
            (84, "ELECTION_NOT_NEEDED"),
            (85, "NO_REASSIGNMENT_IN_PROGRESS"),
            (89, "THROTTLING_QUOTA_EXCEEDED"),
            (9999, "UNKNOWN_ERROR_CODE_9999"),
        ] {
            assert_eq!(check(code, None, "x").expect_err("refused").code, name);
        }
        assert_eq!(check(0, Some("ignored"), "x"), Ok(()));
    }

    #[test]
    fn the_message_names_the_thing_and_quotes_the_broker() {
        let error = check(36, Some("Topic 'orders' already exists."), "topic orders").expect_err("refused");
        assert_eq!(error.message, "topic orders: Topic 'orders' already exists.");
        assert!(!error.retriable && error.hint.is_some());
        assert!(check(41, None, "topic orders").expect_err("refused").retriable);
        assert!(
            !check(3, None, "topic orders").expect_err("refused").retriable,
            "an operator's typing error is not waited for"
        );
    }
}
