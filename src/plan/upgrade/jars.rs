//! Jars that come with Kafka: what else lies among them, somebody has put there.

/// How the names of all jars begin that distributions from 2.1 to 4.4 have below `libs`, without their versions. Names that end with a
/// hyphen stand for a family.
const KNOWN: [&str; 103] = [
    "activation",
    "aopalliance-",
    "argparse4j",
    "asm",
    "audience-annotations",
    "caffeine",
    "checker-qual",
    "classgraph",
    "commons-",
    "connect-",
    "error_prone_annotations",
    "failureaccess",
    "generator",
    "group-coordinator",
    "guava",
    "hash4j",
    "hk2-",
    "j2objc-annotations",
    "jackson-",
    "jakarta.",
    "javassist",
    "javax.",
    "jaxb-",
    "jersey-",
    "jetty-",
    "jline",
    "jopt-simple",
    "jose4j",
    "jsr305",
    "jspecify",
    "junit",
    "kafka",
    "kafka-clients",
    "kafka-group-coordinator",
    "kafka-group-coordinator-api",
    "kafka-log4j-appender",
    "kafka-metadata",
    "kafka-raft",
    "kafka-server",
    "kafka-server-common",
    "kafka-share-coordinator",
    "kafka-shell",
    "kafka-storage",
    "kafka-storage-api",
    "kafka-streams",
    "kafka-streams-examples",
    "kafka-streams-scala",
    "kafka-streams-test-utils",
    "kafka-tools",
    "kafka-tools-api",
    "kafka-transaction-coordinator",
    "kafka-coordinator-common",
    "kafka-clients-test-fixtures",
    "listenablefuture",
    "log4j",
    "log4j-",
    "lz4-java",
    "maven-artifact",
    "metadata",
    "metrics-core",
    "mirror",
    "netty-",
    "opentelemetry-",
    "org.osgi",
    "osgi-resource-locator",
    "paranamer",
    "pcollections",
    "plexus-utils",
    "protobuf-java",
    "raft",
    "re2j",
    "reactor-core",
    "reflections",
    "reload4j",
    "rocksdbjni",
    "scala-",
    "server",
    "server-common",
    "share",
    "share-coordinator",
    "shell",
    "slf4j-",
    "snakeyaml",
    "snappy-java",
    "spotbugs-annotations",
    "storage",
    "storage-api",
    "streams",
    "swagger-",
    "tools",
    "tools-api",
    "transaction-coordinator",
    "transaction-",
    "trogdor",
    "txw2",
    "jul-to-slf4j",
    "validation-api",
    "istack-commons-runtime",
    "javafx-",
    "zkclient",
    "zookeeper",
    "zookeeper-jute",
    "zstd-jni",
];

/// Whether a jar is one that some release of Kafka has.
pub fn is_kafkas(jar: &str) -> bool {
    let parts: Vec<&str> = jar.split('-').collect();
    let is_version = |part: &str| part.starts_with(|sign: char| sign.is_ascii_digit());
    let until = parts.iter().position(|part| is_version(part)).unwrap_or(parts.len());
    let name = parts[..until].join("-");
    let name = name.strip_suffix(".jar").unwrap_or(&name);
    // `kafka_2.12` has the version of Scala in its name, as some others have.
    let name = name.split_once("_2.").map_or(name, |(name, _)| name);
    KNOWN.iter().any(|known| match known.chars().last() {
        Some('-' | '.') => name.starts_with(known),
        _ => name == *known,
    })
}

#[cfg(test)]
mod tests {
    use super::is_kafkas;

    #[test]
    fn jars_of_kafka_are_told_from_others() {
        for jar in [
            "kafka_2.12-2.1.1.jar",
            "kafka-clients-2.6.3.jar",
            "scala-library-2.12.10.jar",
            "jackson-dataformat-csv-2.10.5.jar",
            "zookeeper-3.5.9.jar",
            "slf4j-log4j12-1.7.30.jar",
            "metrics-core-2.2.0.jar",
            "scala-java8-compat_2.12-0.9.1.jar",
            "jakarta.inject-2.6.1.jar",
            "connect-runtime-2.6.3.jar",
        ] {
            assert!(is_kafkas(jar), "{jar}");
        }
        for jar in ["jmx_prometheus_javaagent-0.16.1.jar", "our-authorizer.jar", "kafka-authorizer-1.0.jar"] {
            assert!(!is_kafkas(jar), "{jar}");
        }
    }
}
