//! The parameters that a run is given.

use std::collections::BTreeMap;
use std::fmt::Display;

/// The values of a runbook's parameters, as texts: what would be typed behind `--NAME`. Names with `_` or `-`.
///
/// ```
/// use krun::Params;
///
/// let none = Params::from(());
/// let two = Params::from([("to", "2.6.3"), ("window", "01:00-05:00 Asia/Seoul")]);
/// let more = two.and("canary", 200);
/// # let _ = (none, more);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(pub(super) BTreeMap<String, String>);

impl Params {
    /// One more.
    #[must_use]
    pub fn and(mut self, name: &str, value: impl Display) -> Self {
        self.0.insert(name.to_owned(), value.to_string());
        self
    }
}

impl From<()> for Params {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl<V: Display, const N: usize> From<[(&str, V); N]> for Params {
    fn from(pairs: [(&str, V); N]) -> Self {
        pairs.into_iter().fold(Self::default(), |params, (name, value)| params.and(name, value))
    }
}

impl From<BTreeMap<String, String>> for Params {
    fn from(pairs: BTreeMap<String, String>) -> Self {
        Self(pairs)
    }
}
