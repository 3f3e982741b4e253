//! The script reference, made from the registrations themselves and from the comments of the standard library.

use super::api::{HostApi, HostFunction};
use super::stdlib;
use crate::bind::reference::{self, Kind};
use crate::suggestion::nearest;
use rhai::{Engine, FnAccess};
use serde::Serialize;

/// One function or field as a script author reads about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// `Cluster.topic`, `kafka::connect`, `step`, `std/reassign::assess`; of a field `Cluster.id`.
    pub name: String,
    /// All ways to call it, each with what it gives.
    pub signatures: Vec<String>,
    pub text: String,
    /// `read`, `convergent`, `flow`, `talk`, `pure`; nothing for a function of the standard library: its parts decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    #[serde(skip)]
    pub kind_words: &'static str,
    /// The first Kafka release whose brokers answer it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<&'static str>,
    pub errors: Vec<&'static str>,
    pub example: Option<String>,
}

/// Everything that a runbook can call or read, in the order of the names; the standard library comes last.
pub fn entries(engine: &Engine) -> Vec<Entry> {
    let api = HostApi::of(engine);
    let mut entries: Vec<Entry> = Vec::new();
    for function in api.own().filter(|function| is_told(function)) {
        let name = function.path();
        let signature = signature(function);
        match entries.iter_mut().find(|entry| entry.name == name) {
            Some(entry) if entry.signatures.contains(&signature) => {}
            Some(entry) => entry.signatures.push(signature),
            None => entries.push(entry(name, signature, &function.doc)),
        }
    }
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    entries.extend(stdlib::names().flat_map(|module| of_library(module, engine)));
    entries
}

/// What the host has only so that values can be printed, and what it takes away.
fn is_told(function: &HostFunction) -> bool {
    !["to_string", "to_debug", "exit"].contains(&function.name.as_str())
}

fn signature(function: &HostFunction) -> String {
    let head = if function.is_field() { function.path() } else { function.signature() };
    if function.result.is_empty() { head } else { format!("{head} -> {}", function.result) }
}

fn entry(name: String, signature: String, doc: &str) -> Entry {
    let page = reference::page_of(&name);
    let text = page.map_or("", |page| page.field);
    Entry {
        text: if doc.is_empty() { text } else { doc }.to_owned(),
        kind: page.map(|page| page.kind.name()),
        kind_words: page.map_or("", |page| page.kind.words()),
        since: page.map(|page| page.since).filter(|since| !since.is_empty()).or_else(|| oldest(page?.kind)),
        errors: page.map(|page| page.errors.to_vec()).unwrap_or_default(),
        example: page.map(|page| page.example.to_owned()),
        signatures: vec![signature],
        name,
    }
}

/// What asks a broker needs one that krun can talk to.
fn oldest(kind: Kind) -> Option<&'static str> {
    matches!(kind, Kind::Read | Kind::Convergent).then_some("2.1")
}

/// The public functions of a module with the comments above them.
fn of_library(module: &str, engine: &Engine) -> Vec<Entry> {
    let Some(Ok(ast)) = stdlib::text(module).map(|text| engine.compile(text)) else { return Vec::new() };
    let public = ast.iter_functions().filter(|function| function.access == FnAccess::Public);
    let public = public.filter(|function| !function.name.starts_with("anon$"));
    let one = |function: rhai::ScriptFnMetadata| {
        let lines = function.comments.iter().flat_map(|comment| comment.lines());
        let text: Vec<&str> = lines.map(|line| line.trim().trim_start_matches('/').trim()).collect();
        let name = format!("std/{module}::{}", function.name);
        Entry {
            signatures: vec![format!("{module}::{}({})", function.name, function.params.join(", "))],
            text: text.join(" "),
            kind: None,
            kind_words: "",
            since: None,
            errors: Vec::new(),
            example: None,
            name,
        }
    };
    let mut entries: Vec<Entry> = public.map(one).collect();
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    entries
}

/// The entries of that name: the whole name, its last part, or a type or module with all that is in it; in any case.
pub fn named<'e>(entries: &'e [Entry], name: &str) -> Vec<&'e Entry> {
    let wanted = name.trim_end_matches("()").to_lowercase();
    let which = |test: &dyn Fn(&str) -> bool| -> Vec<&'e Entry> {
        entries.iter().filter(|entry| test(&entry.name.to_lowercase())).collect()
    };
    let exact = which(&|name| name == wanted || name.strip_prefix("std/").is_some_and(|name| name == wanted));
    if !exact.is_empty() {
        return exact;
    }
    // `Schedule` is a type, and `schedule` a method of another one.
    let of_type = which(&|known| known.split_once('.').is_some_and(|(of, _)| of == wanted) && name != wanted);
    if !of_type.is_empty() {
        return of_type;
    }
    let parts = which(&|name| parts(name).any(|part| part == wanted));
    if !parts.is_empty() {
        return parts;
    }
    which(&|name| name.strip_prefix("std/").unwrap_or(name).split("::").next() == Some(wanted.as_str()))
}

/// The nearest name to one that is unknown.
pub fn meant(entries: &[Entry], name: &str) -> Option<String> {
    let names = entries.iter().flat_map(|entry| parts(&entry.name).chain([entry.name.as_str()]));
    nearest(name, names).map(|name| format!("did you mean `{name}`?"))
}

/// `Cluster` and `topic` of `Cluster.topic`, `std/reassign` and `assess` of `std/reassign::assess`.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split("::").flat_map(|part| part.split('.')).filter(|part| !part.is_empty())
}
