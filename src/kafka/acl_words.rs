//! Kafka's words for the numbers in ACLs.

use crate::error::Error;
use crate::suggestion::did_you_mean;

/// Matches every kind, where one is asked for.
pub(super) const ANY: i8 = 1;

/// Words of one kind with their numbers.
pub(super) struct Words(&'static [(i8, &'static str)]);

pub(super) const RESOURCES: Words =
    Words(&[(2, "TOPIC"), (3, "GROUP"), (4, "CLUSTER"), (5, "TRANSACTIONAL_ID"), (6, "DELEGATION_TOKEN"), (7, "USER")]);

pub(super) const PATTERNS: Words = Words(&[(3, "LITERAL"), (4, "PREFIXED")]);

pub(super) const OPERATIONS: Words = Words(&[
    (2, "ALL"),
    (3, "READ"),
    (4, "WRITE"),
    (5, "CREATE"),
    (6, "DELETE"),
    (7, "ALTER"),
    (8, "DESCRIBE"),
    (9, "CLUSTER_ACTION"),
    (10, "DESCRIBE_CONFIGS"),
    (11, "ALTER_CONFIGS"),
    (12, "IDEMPOTENT_WRITE"),
    (13, "CREATE_TOKENS"),
    (14, "DESCRIBE_TOKENS"),
    (15, "TWO_PHASE_COMMIT"),
]);

pub(super) const PERMISSIONS: Words = Words(&[(2, "DENY"), (3, "ALLOW")]);

impl Words {
    /// A number that is newer than krun stays a number.
    pub(super) fn word(&self, number: i8) -> String {
        let found = self.0.iter().find(|(known, _)| *known == number);
        found.map_or_else(|| format!("UNKNOWN_{number}"), |(_, word)| (*word).to_owned())
    }

    /// Error: `INVALID_ACL` names the words that there are.
    pub(super) fn number(&self, of: &str, word: &str) -> Result<i8, Error> {
        let found = self.0.iter().find(|(_, known)| *known == word);
        found.map(|(number, _)| *number).ok_or_else(|| {
            let known: Vec<&str> = self.0.iter().map(|(_, known)| *known).collect();
            let hint =
                did_you_mean(word, known.iter().copied()).unwrap_or_else(|| format!("one of {}", known.join(", ")));
            Error::new("INVALID_ACL", format!("`{word}` is no {of} of an ACL")).hint(hint)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{OPERATIONS, PERMISSIONS, RESOURCES};

    #[test]
    fn words_and_numbers_go_both_ways() {
        for (number, word) in RESOURCES.0.iter().chain(PERMISSIONS.0) {
            let words = if RESOURCES.0.contains(&(*number, *word)) { RESOURCES } else { PERMISSIONS };
            assert_eq!(words.word(*number), *word);
            assert_eq!(words.number("word", word), Ok(*number));
        }
        assert_eq!(OPERATIONS.word(77), "UNKNOWN_77");
        let error = OPERATIONS.number("operation", "DESCRIBES").expect_err("refused");
        assert!(error.hint.expect("a hint").contains("DESCRIBE"));
    }
}
