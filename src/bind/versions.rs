//! `versions::…`: what is known of Kafka's releases. Pure: nothing here asks anybody.

use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::to_script;
use crate::error::Error;
use crate::host::jar;
use crate::plan::upgrade::{self, Finding};
use crate::quantity::Version;
use rhai::{Array, Dynamic, Engine, Map, Module, NativeCallContext};
use serde_json::json;

pub(crate) fn register(engine: &mut Engine) {
    let mut module = Module::new();
    function(
        "way(from: string, to: string) -> array",
        "What speaks about a rolling upgrade of a ZooKeeper cluster, or against it: `weight` (\"note\", \"doubt\", \"refusal\"), `code`, `text`, `hint`.",
    )
    .set_into_module(&mut module, way);
    function(
        "removed_keys(entries: map, from: string, to: string) -> array",
        "Which of these entries of a `server.properties` the new version does not take any more; findings as `way` gives them.",
    )
    .set_into_module(&mut module, removed_keys);
    function(
        "topic_overrides(topic: string, overrides: map, to: string) -> array",
        "Which of a topic's own configs would keep a broker of that version from starting; findings as `way` gives them.",
    )
    .set_into_module(&mut module, topic_overrides);
    function(
        "runs_on(kafka: string, java: string) -> array",
        "What speaks against this Kafka on this Java, by its version (\"1.8.0_432\", \"11.0.25\"); findings as `way` gives them.",
    )
    .set_into_module(&mut module, runs_on);
    function("line(version: string) -> string", "What `inter.broker.protocol.version` takes: \"2.6\" of \"2.6.3\".")
        .set_into_module(&mut module, line);
    function("is_older(one: string, other: string) -> bool", "Whether one version comes before the other.")
        .set_into_module(&mut module, is_older);
    function(
        "of_jars(paths: array) -> string",
        "The version of the broker that has these jars open; () where none of them is a broker's.",
    )
    .set_into_module(&mut module, of_jars);
    function("is_kafkas(jar: string) -> bool", "Whether a jar of this name comes with some release of Kafka.")
        .set_into_module(&mut module, |jar: &str| upgrade::is_kafkas(jar));
    engine.register_static_module("versions", module.into());
}

fn version(context: &NativeCallContext, text: &str) -> RhaiResultOf<Version> {
    text.parse().map_err(|error: Error| raise(context, error))
}

fn told(findings: impl IntoIterator<Item = Finding>) -> Dynamic {
    to_script(&json!(findings.into_iter().collect::<Vec<_>>()))
}

fn way(context: NativeCallContext, from: &str, to: &str) -> RhaiResultOf<Dynamic> {
    let (from, to) = (version(&context, from)?, version(&context, to)?);
    Ok(told(upgrade::assess(from, to).into_iter().chain(upgrade::withdrawn(to))))
}

fn removed_keys(context: NativeCallContext, entries: Map, from: &str, to: &str) -> RhaiResultOf<Dynamic> {
    let entries = texts(&entries);
    let pairs = entries.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    Ok(told(upgrade::removed_keys(pairs, version(&context, from)?, version(&context, to)?)))
}

fn topic_overrides(context: NativeCallContext, topic: &str, overrides: Map, to: &str) -> RhaiResultOf<Dynamic> {
    let overrides = texts(&overrides);
    let pairs = overrides.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    Ok(told(upgrade::topic_overrides(topic, pairs, version(&context, to)?)))
}

fn runs_on(context: NativeCallContext, kafka: &str, java: &str) -> RhaiResultOf<Dynamic> {
    let major = upgrade::java_major(java).ok_or_else(|| {
        let error = Error::new("INVALID_VERSION", format!("`{java}` is no version of Java"));
        raise(&context, error.hint("such as \"11.0.25\", as `java -version` says it"))
    })?;
    Ok(told(upgrade::runs_on(version(&context, kafka)?, major)))
}

fn line(context: NativeCallContext, text: &str) -> RhaiResultOf<String> {
    Ok(version(&context, text)?.line().to_string())
}

fn is_older(context: NativeCallContext, one: &str, other: &str) -> RhaiResultOf<bool> {
    Ok(version(&context, one)? < version(&context, other)?)
}

fn of_jars(paths: Array) -> Dynamic {
    let paths: Vec<String> = paths.into_iter().map(|path| path.to_string()).collect();
    let version = jar::running_version(paths.iter().map(String::as_str));
    version.map_or(Dynamic::UNIT, |version| version.to_string().into())
}

fn texts(entries: &Map) -> Vec<(String, String)> {
    entries.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}
