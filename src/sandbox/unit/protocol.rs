//! `inter.broker.protocol.version`: which values a release knows, and what it takes where its file says nothing.

use crate::sandbox::guise::Line;

/// The newest protocol of each release, as brokers write it (Kafka's `ApiVersion` and `MetadataVersion`).
const NEWEST: [(Line, u8); 18] = [
    ((2, 1), 2),
    ((2, 2), 1),
    ((2, 3), 1),
    ((2, 4), 1),
    ((2, 5), 0),
    ((2, 6), 0),
    ((2, 7), 2),
    ((2, 8), 1),
    ((3, 0), 1),
    ((3, 1), 0),
    ((3, 2), 0),
    ((3, 3), 3),
    ((3, 4), 0),
    ((3, 5), 2),
    ((3, 6), 2),
    ((3, 7), 4),
    ((3, 8), 0),
    ((3, 9), 0),
];
/// Releases before the oldest one that the sandbox passes for, whose protocols the later ones know.
const OLDER: [&str; 8] = ["0.8.", "0.9.", "0.10.", "0.11.", "1.0", "1.1", "2.0", "0.8.2"];

/// What a broker of this release takes where its file says nothing: `2.6-IV0`.
pub(super) fn default_of(release: Line) -> Option<String> {
    let (_, step) = NEWEST.iter().find(|(line, _)| *line == release)?;
    Some(format!("{}.{}-IV{step}", release.0, release.1))
}

/// The line of a value; nothing where this release does not know it. As in Kafka, `2.6.3` and `2.6` are the same.
pub(super) fn line_of(value: &str, release: Line) -> Option<Line> {
    let (numbers, step) = match value.split_once("-IV") {
        Some((numbers, step)) => (numbers, Some(step.parse::<u8>().ok()?)),
        None => (value, None),
    };
    if OLDER.iter().any(|older| numbers.starts_with(older)) {
        return Some((2, 0));
    }
    let mut parts = numbers.split('.').map(|part| part.parse::<u8>().ok());
    let line = (parts.next()??, parts.next()??);
    let (_, newest) = NEWEST.iter().find(|(known, _)| *known == line && *known <= release)?;
    step.is_none_or(|step| step <= *newest).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_knows_its_own_protocol_and_all_before() {
        assert_eq!(default_of((2, 6)).as_deref(), Some("2.6-IV0"));
        assert_eq!(default_of((4, 0)), None);
        for (value, line) in
            [("2.1", (2, 1)), ("2.1-IV2", (2, 1)), ("2.6.3", (2, 6)), ("0.11.0", (2, 0)), ("1.1", (2, 0))]
        {
            assert_eq!(line_of(value, (2, 6)), Some(line), "{value}");
        }
        for value in ["2.7", "2.6-IV1", "2", "latest", "", "2.9"] {
            assert_eq!(line_of(value, (2, 6)), None, "{value}");
        }
    }
}
