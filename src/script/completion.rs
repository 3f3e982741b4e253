//! What can stand at a place of a line that is being typed: functions, methods and fields with their signatures,
//! variables, modules, words of the language. It asks no cluster: a key must not wait for one.

use super::api::{HostApi, HostFunction};
use super::reference::{self, Entry};
use super::stdlib;
use rhai::Engine;
use std::collections::{BTreeMap, BTreeSet};

const WORDS: [&str; 16] = [
    "let", "const", "if", "else", "for", "in", "while", "loop", "break", "continue", "return", "fn", "import", "try",
    "true", "false",
];

/// What a line can name besides the reference.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Each with the word for its type.
    pub variables: BTreeMap<String, String>,
    /// By alias: what was imported, such as `std/reassign`.
    pub modules: BTreeMap<String, String>,
}

/// One thing that can be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    pub text: String,
    /// Its signatures, or what it is.
    pub about: String,
}

/// What could follow, and where in the line it begins.
#[derive(Debug, PartialEq, Eq)]
pub struct Completions {
    /// In bytes.
    pub start: usize,
    pub found: Vec<Completion>,
}

/// Everything that can be typed at any time.
pub struct Vocabulary {
    entries: Vec<Entry>,
    /// Methods of the language: the path (`array.push`) and its signatures.
    of_the_language: BTreeMap<String, BTreeSet<String>>,
}

impl Vocabulary {
    pub fn of(engine: &Engine) -> Self {
        let mut of_the_language: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for function in HostApi::of(engine).of_the_language().filter(|function| is_method(function)) {
            of_the_language.entry(function.path()).or_default().insert(function.signature());
        }
        Self { entries: reference::entries(engine), of_the_language }
    }

    /// What can follow `before`, the text left of the cursor.
    pub fn complete(&self, before: &str, names: &Names) -> Completions {
        if let Some(at) = before.rfind("import \"").map(|at| at + "import \"".len())
            && !before[at..].contains('"')
        {
            let module = |name: &str| Completion { text: format!("std/{name}\" as {name};"), about: String::new() };
            return Completions::of(at, &before[at..], stdlib::names().map(module));
        }
        if is_in_a_text(before) {
            return Completions { start: before.len(), found: Vec::new() };
        }
        let word = before.len() - trailing_word(before).len();
        let (head, typed) = before.split_at(word);
        if let Some(receiver) = head.strip_suffix('.') {
            return Completions::of(word, typed, self.members(self.kind_of(receiver, names).as_deref()));
        }
        if let Some(path) = head.strip_suffix("::") {
            let alias = trailing_word(path);
            let start = path.len() - alias.len();
            let module = names.modules.get(alias).map_or(alias, String::as_str);
            let inside = self.inside(module).map(|one| Completion { text: format!("{alias}::{}", one.text), ..one });
            return Completions::of(start, &before[start..], inside);
        }
        Completions::of(word, typed, self.anything(names))
    }

    /// Methods and fields, of one type where it is known.
    fn members(&self, kind: Option<&str>) -> impl Iterator<Item = Completion> {
        let own = self.entries.iter().filter(|entry| !entry.name.contains("::"));
        let own = own.map(|entry| (entry.name.as_str(), entry.signatures.join(" or ")));
        let standard = self.of_the_language.iter();
        let standard =
            standard.map(|(path, all)| (path.as_str(), all.iter().cloned().collect::<Vec<_>>().join(" or ")));
        // What belongs to krun comes first where nobody knows the type.
        own.chain(standard).filter_map(move |(path, about)| {
            let (of, name) = path.split_once('.')?;
            kind.is_none_or(|kind| kind == of).then(|| callable(name, &about))
        })
    }

    /// The functions of a namespace of krun's, or of a module of the library.
    fn inside(&self, module: &str) -> impl Iterator<Item = Completion> {
        let prefix = format!("{module}::");
        self.entries.iter().filter_map(move |entry| {
            let name = entry.name.strip_prefix(&prefix)?;
            Some(callable(name, &entry.signatures.join(" or ")))
        })
    }

    fn anything(&self, names: &Names) -> impl Iterator<Item = Completion> {
        let variables =
            names.variables.iter().map(|(name, kind)| Completion { text: name.clone(), about: kind.clone() });
        let modules = names.modules.iter().map(|(alias, path)| module(alias, path));
        let plain = self.entries.iter().filter(|entry| !entry.name.contains("::") && !entry.name.contains('.'));
        let plain = plain.map(|entry| callable(&entry.name, &entry.signatures.join(" or ")));
        let spaces: BTreeSet<&str> =
            self.entries.iter().filter_map(|entry| entry.name.split_once("::")).map(|(of, _)| of).collect();
        let spaces = spaces.into_iter().filter(|of| !of.starts_with("std/")).map(|of| module(of, "krun"));
        let words = WORDS.iter().map(|word| Completion { text: (*word).to_owned(), about: String::new() });
        let all: Vec<Completion> = variables.chain(modules).chain(plain).chain(spaces).chain(words).collect();
        all.into_iter()
    }

    /// The type of what stands before a dot, where its name or the function that gives it says so.
    fn kind_of(&self, receiver: &str, names: &Names) -> Option<String> {
        let receiver = receiver.trim_end();
        if receiver.ends_with('"') || receiver.ends_with('`') {
            return Some("string".to_owned());
        }
        let called = receiver.strip_suffix(')').and_then(before_the_call);
        let name = trailing_word(called.unwrap_or(receiver));
        let is_member = called.unwrap_or(receiver).strip_suffix(name).is_some_and(|head| head.ends_with('.'));
        if called.is_none() && !is_member {
            return names.variables.get(name).cloned();
        }
        let ends = format!("{}{name}", if is_member { "." } else { "::" });
        let giving = self.entries.iter().filter(|entry| entry.name == name || entry.name.ends_with(&ends));
        let kinds: BTreeSet<&str> = giving
            .flat_map(|entry| &entry.signatures)
            .filter_map(|signature| signature.rsplit_once(" -> "))
            .map(|(_, kind)| kind)
            .collect();
        kinds.first().filter(|kind| kinds.len() == 1 && **kind != "any value").map(|kind| (*kind).to_owned())
    }
}

impl Completions {
    /// Those that begin as what is typed already.
    fn of(start: usize, typed: &str, all: impl Iterator<Item = Completion>) -> Self {
        let mut found: Vec<Completion> = Vec::new();
        for one in all.filter(|one| one.text.starts_with(typed)) {
            // Methods of several types: one row says them all.
            match found.iter_mut().find(|known| known.text == one.text) {
                Some(known) if !known.about.contains(&one.about) => {
                    known.about = format!("{} or {}", known.about, one.about);
                }
                Some(_) => {}
                None => found.push(one),
            }
        }
        Self { start, found }
    }
}

fn is_method(function: &HostFunction) -> bool {
    let path = function.path();
    path.split_once('.').is_some_and(|(_, name)| name.starts_with(|c: char| c.is_alphabetic()) && !name.contains('$'))
}

/// `topic(` where something stands between the brackets, `brokers()` where nothing does, and a field as it is.
fn callable(name: &str, about: &str) -> Completion {
    let text = match about.split_once(&format!("{name}(")) {
        None => name.to_owned(),
        Some((_, rest)) if rest.starts_with(')') && !about.contains(" or ") => format!("{name}()"),
        Some(_) => format!("{name}("),
    };
    Completion { text, about: about.to_owned() }
}

fn module(alias: &str, path: &str) -> Completion {
    Completion { text: format!("{alias}::"), about: format!("functions of {path}") }
}

fn trailing_word(text: &str) -> &str {
    let start = text.char_indices().rev().take_while(|(_, c)| c.is_alphanumeric() || *c == '_').last();
    start.map_or("", |(at, _)| &text[at..])
}

/// What stands before the bracket that the end of `inside` belongs to: `cluster.topic` of `cluster.topic("x"`.
fn before_the_call(inside: &str) -> Option<&str> {
    let mut depth = 1_usize;
    for (at, c) in inside.char_indices().rev() {
        match c {
            ')' => depth += 1,
            '(' if depth == 1 => return Some(&inside[..at]),
            '(' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Whether the cursor stands between two `"`.
fn is_in_a_text(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or(before);
    line.replace("\\\"", "").matches('"').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::{Names, Vocabulary};
    use crate::bind;
    use crate::script::engine;
    use std::collections::BTreeMap;

    fn found(vocabulary: &Vocabulary, before: &str) -> Vec<String> {
        let pair = |name: &str, of: &str| BTreeMap::from([(name.to_owned(), of.to_owned())]);
        let names = Names { variables: pair("cluster", "Cluster"), modules: pair("re", "std/reassign") };
        let found = vocabulary.complete(before, &names);
        found.found.into_iter().map(|one| format!("{}{}", &before[..found.start], one.text)).collect()
    }

    #[test]
    fn what_can_follow_is_offered_and_nothing_else() {
        let vocabulary = Vocabulary::of(&engine::build(bind::register));
        let one = |before: &str| found(&vocabulary, before);
        assert_eq!(one("cluster.broker_"), ["cluster.broker_ids()"]);
        assert_eq!(
            one("1 + cluster.topi"),
            ["1 + cluster.topic(", "1 + cluster.topic_names()", "1 + cluster.topics()"]
        );
        assert_eq!(one("clu"), ["cluster"]);
        assert_eq!(one("kafka::con"), ["kafka::connect()"]);
        assert_eq!(one("kaf"), ["kafka::"]);
        assert!(one("re::").contains(&"re::assess(".to_owned()), "{:?}", one("re::"));
        assert_eq!(one("import \"std/reas"), ["import \"std/reassign\" as reassign;"]);
        assert_eq!(one("cluster.topic(\"clu"), [""; 0]);
        // The type of what a call gives is known where its signature says so.
        assert_eq!(one("cluster.broker_ids().pus"), ["cluster.broker_ids().push("]);
        assert_eq!(one("kafka::connect().broker_"), ["kafka::connect().broker_ids()"]);
        assert!(one("cluster.broker_ids().topic").is_empty());
        assert!(one("whatever.topic").contains(&"whatever.topic(".to_owned()));
    }

    #[test]
    fn signatures_come_with_the_names() {
        let vocabulary = Vocabulary::of(&engine::build(bind::register));
        let found = vocabulary.complete("cluster.topic(", &Names::default());
        assert_eq!(found.found.len(), vocabulary.complete("", &Names::default()).found.len(), "a new word begins");
        let found = vocabulary.complete("cluster.topic", &Names::default()).found;
        let topic = found.iter().find(|one| one.text == "topic(").expect("a method");
        assert!(topic.about.contains("Cluster.topic(name: string) -> map"), "{}", topic.about);
    }
}
