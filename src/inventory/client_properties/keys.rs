//! The keys of Kafka's clients: those that krun uses, those that mean nothing to it, and those that it would have to obey
//! and cannot.

/// What krun reads.
const USED: &[&str] = &[
    "security.protocol",
    "sasl.mechanism",
    "sasl.jaas.config",
    "ssl.truststore.type",
    "ssl.truststore.location",
    "ssl.truststore.certificates",
    "ssl.keystore.type",
    "ssl.keystore.location",
    "ssl.keystore.certificate.chain",
    "ssl.keystore.key",
    "ssl.key.password",
    "ssl.endpoint.identification.algorithm",
    "ssl.enabled.protocols",
    "request.timeout.ms",
    "default.api.timeout.ms",
    "socket.connection.setup.timeout.ms",
];

/// Of producers, consumers, streams and other admin clients: how they work, not how they get in.
const OF_OTHERS: &[&str] = &[
    "acks",
    "allow.auto.create.topics",
    "auto.commit.interval.ms",
    "auto.include.jmx.reporter",
    "auto.offset.reset",
    "batch.size",
    "bootstrap.controllers",
    "bootstrap.servers",
    "buffer.memory",
    "check.crcs",
    "client.dns.lookup",
    "client.id",
    "client.rack",
    "compression.gzip.level",
    "compression.lz4.level",
    "compression.type",
    "compression.zstd.level",
    "config.providers",
    "connections.max.idle.ms",
    "delivery.timeout.ms",
    "enable.auto.commit",
    "enable.idempotence",
    "enable.metrics.push",
    "exclude.internal.topics",
    "fetch.max.bytes",
    "fetch.max.wait.ms",
    "fetch.min.bytes",
    "group.id",
    "group.instance.id",
    "group.protocol",
    "group.remote.assignor",
    "heartbeat.interval.ms",
    "interceptor.classes",
    "isolation.level",
    "key.deserializer",
    "key.serializer",
    "linger.ms",
    "max.block.ms",
    "max.in.flight.requests.per.connection",
    "max.partition.fetch.bytes",
    "max.poll.interval.ms",
    "max.poll.records",
    "max.request.size",
    "metadata.max.age.ms",
    "metadata.max.idle.ms",
    "metadata.recovery.rebootstrap.trigger.ms",
    "metadata.recovery.strategy",
    "metric.reporters",
    "metrics.num.samples",
    "metrics.recording.level",
    "metrics.sample.window.ms",
    "partition.assignment.strategy",
    "partitioner.adaptive.partitioning.enable",
    "partitioner.availability.timeout.ms",
    "partitioner.class",
    "partitioner.ignore.keys",
    "receive.buffer.bytes",
    "reconnect.backoff.max.ms",
    "reconnect.backoff.ms",
    "retries",
    "retry.backoff.max.ms",
    "retry.backoff.ms",
    "sasl.login.refresh.buffer.seconds",
    "sasl.login.refresh.min.period.seconds",
    "sasl.login.refresh.window.factor",
    "sasl.login.refresh.window.jitter",
    "security.providers",
    "send.buffer.bytes",
    "session.timeout.ms",
    "socket.connection.setup.timeout.max.ms",
    "ssl.keymanager.algorithm",
    "ssl.protocol",
    "ssl.provider",
    "ssl.secure.random.implementation",
    "ssl.trustmanager.algorithm",
    "transaction.timeout.ms",
    "transaction.two.phase.commit.enable",
    "transactional.id",
    "value.deserializer",
    "value.serializer",
];

/// Families that libraries around Kafka keep in the same file.
const PREFIXES: &[&str] = &[
    "admin.",
    "config.providers.",
    "consumer.",
    "metrics.context.",
    "producer.",
    "sasl.kerberos.",
    "schema.registry.",
];

/// They would change how krun gets in, if it could obey them.
const NOT_OBEYED: &[(&str, &str)] = &[
    ("ssl.cipher.suites", "OpenSSL's own choice of ciphers holds"),
    ("ssl.engine.factory.class", "krun does not load classes"),
    ("ssl.keystore.password", "PEM files have ssl.key.password only"),
    ("ssl.truststore.password", "PEM files of certificates have no password"),
    ("sasl.client.callback.handler.class", "krun does not load classes"),
    ("sasl.login.callback.handler.class", "krun does not load classes; a token comes from token_command in krun.toml"),
    ("sasl.login.class", "krun does not load classes"),
];

const TOKENS: &str = "sasl.oauthbearer.";

pub(super) fn is_used(key: &str) -> bool {
    USED.contains(&key)
}

pub(super) fn is_of_others(key: &str) -> bool {
    OF_OTHERS.contains(&key) || PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

pub(super) fn why_not_used(key: &str) -> Option<&'static str> {
    if key.starts_with(TOKENS) || key.starts_with("sasl.login.") && key.contains(".timeout.ms") {
        return Some("a token comes from token_command in krun.toml");
    }
    NOT_OBEYED.iter().find(|(name, _)| *name == key).map(|(_, why)| *why)
}

pub(super) fn all() -> impl Iterator<Item = &'static str> {
    USED.iter().chain(OF_OTHERS).copied().chain(NOT_OBEYED.iter().map(|(key, _)| *key))
}
