//! What an edit changes, key by key, without the secrets.

use super::Properties;

/// A value of one key before and after. `None`: it is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub key: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// All keys whose values differ: those of `before` in its order, then new ones. Secrets read `***`.
pub fn changes(before: &Properties, after: &Properties) -> Vec<Change> {
    let mut keys = before.keys();
    keys.extend(after.keys().into_iter().filter(|key| before.get(key).is_none()));
    let differing = keys.into_iter().filter(|key| before.get(key) != after.get(key));
    let shown =
        |key: &str, value: Option<&str>| value.map(|value| if is_secret(key) { "***" } else { value }.to_owned());
    let change = |key: &str| Change {
        key: key.to_owned(),
        before: shown(key, before.get(key)),
        after: shown(key, after.get(key)),
    };
    differing.map(change).collect()
}

/// Whether the value of such a key is a secret: passwords, keys, and JAAS lines, which hold passwords.
pub fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let ends = ["password", "secret", "jaas.config", "keystore.key", "master.key"];
    ends.iter().any(|end| key.ends_with(end))
}
