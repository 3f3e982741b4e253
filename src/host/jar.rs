//! Which Kafka a file or folder is of, by its name: `kafka_2.12-2.6.3.jar`, `kafka_2.13-3.9.2`.

use crate::quantity::Version;

/// The version in the name of a broker's jar, or of the folder of a distribution. Jars of tests and of sources are none.
pub fn version_of(path: &str) -> Option<Version> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (scala, version) = name.strip_prefix("kafka_")?.split_once('-')?;
    scala.parse::<Version>().ok()?;
    version.strip_suffix(".jar").unwrap_or(version).parse().ok()
}

/// The version of the broker that has these files open.
pub fn running_version<'a>(jars: impl IntoIterator<Item = &'a str>) -> Option<Version> {
    jars.into_iter().filter(|path| path.contains(".jar")).find_map(version_of)
}
