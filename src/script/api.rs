//! What scripts can call, from the engine's own metadata.

use super::type_words::{with_article, word};
use crate::suggestion;
use rhai::{Engine, FnNamespace, FuncMetadata};
use std::collections::{BTreeMap, BTreeSet};

/// Functions that Rhai's interpreter answers itself: in no package, each with the least and the most arguments.
const SYNTACTIC: &[(&str, usize, usize)] = &[
    ("type_of", 1, 1),
    ("is_shared", 1, 1),
    ("is_def_var", 1, 1),
    ("is_def_fn", 2, 3),
    ("Fn", 1, 1),
    ("call", 1, usize::MAX),
    ("curry", 1, usize::MAX),
];

#[derive(Debug, Clone)]
pub struct HostFunction {
    /// `kafka` of `kafka::connect`; empty for most.
    pub namespace: String,
    pub name: String,
    pub arity: usize,
    /// Names and types of the parameters where they are known.
    pub params: Vec<String>,
    /// What it gives; empty where it gives nothing, or is not known.
    pub result: String,
    /// What it does.
    pub doc: String,
    /// Can be called without its namespace, and on its first argument as a method.
    is_global: bool,
    is_method: bool,
    is_standard: bool,
}

impl HostFunction {
    /// `Cluster.create_topic(name: string)`, `step(name: string, body: closure)`.
    pub fn signature(&self) -> String {
        let mut params: Vec<String> = self.params.iter().map(|param| param_words(param)).collect();
        params.resize(self.arity, "any value".to_owned());
        let receiver = self.receiver().filter(|of| self.is_method && of != "any value");
        let prefix = match receiver {
            Some(of) => {
                params.remove(0);
                format!("{of}.")
            }
            None if self.is_global => String::new(),
            None => format!("{}::", self.namespace),
        };
        format!("{prefix}{}({})", self.name, params.join(", "))
    }

    /// How it is looked up: `Cluster.topic`, `kafka::connect`, `step`; of a field `Cluster.id`.
    pub fn path(&self) -> String {
        let name = self.name.strip_prefix("get$").unwrap_or(&self.name);
        match self.receiver().filter(|of| self.is_method && of != "any value") {
            Some(of) => format!("{of}.{name}"),
            None if self.is_global => name.to_owned(),
            None => format!("{}::{name}", self.namespace),
        }
    }

    pub fn is_field(&self) -> bool {
        self.name.starts_with("get$")
    }

    /// The type of the first argument, where it is known.
    fn receiver(&self) -> Option<String> {
        self.params.first().and_then(|first| first.rsplit_once(": ")).map(|(_, of)| word(of))
    }
}

/// A function as the engine's metadata has it, with the hash by which the engine finds it.
fn described(namespace: &str, metadata: &FuncMetadata) -> (u64, HostFunction) {
    let params: Vec<String> = metadata.params_info.iter().map(ToString::to_string).collect();
    let doc = metadata.comments.iter().map(|line| line.trim_start_matches("///").trim());
    let function = HostFunction {
        is_global: namespace.is_empty() || metadata.namespace == FnNamespace::Global,
        is_method: params.first().is_some_and(|first| first.contains("&mut ")),
        is_standard: false,
        name: metadata.name.to_string(),
        arity: metadata.num_params,
        params,
        result: if metadata.return_type.is_empty() { String::new() } else { word(&metadata.return_type) },
        doc: doc.collect::<Vec<_>>().join(" "),
        namespace: namespace.to_owned(),
    };
    (metadata.hash, function)
}

fn param_words(param: &str) -> String {
    match param.split_once(": ") {
        Some(("_", kind)) => word(kind),
        Some((name, kind)) => format!("{name}: {}", word(kind)),
        None => word(param),
    }
}

/// The host's and the language's functions. Empty by default: then nothing is known and nothing suggested.
#[derive(Debug, Clone, Default)]
pub struct HostApi {
    functions: Vec<HostFunction>,
    namespaces: BTreeSet<String>,
}

impl HostApi {
    pub fn of(engine: &Engine) -> Self {
        let described = |with_standard| {
            engine.collect_fn_metadata(
                None,
                |function| Some(described(&function.namespace, function.metadata)),
                with_standard,
            )
        };
        let own: BTreeMap<(String, u64), Vec<String>> =
            described(false).into_iter().map(|(hash, f)| ((f.namespace, hash), f.params)).collect();
        let known = described(true).into_iter().filter_map(|(hash, mut function)| {
            let same = own.get(&(function.namespace.clone(), hash));
            function.is_standard = same.is_none();
            // Where a function of the host's takes the place of a standard one, both are listed.
            same.is_none_or(|params| *params == function.params).then_some(function)
        });
        let mut functions: Vec<HostFunction> = known.collect();
        // The engine gives them in an order of its own, another one each time.
        functions.sort_by_cached_key(|function| (function.namespace.clone(), function.signature()));
        let namespaces = functions
            .iter()
            .filter(|function| !function.namespace.is_empty())
            .map(|function| function.namespace.clone())
            .collect();
        Self { functions, namespaces }
    }

    /// Functions of the host's that are in both engines by name and types, so that one would take the place of the other.
    pub(crate) fn in_both(one: &Engine, other: &Engine) -> BTreeSet<String> {
        let described = |engine: &Engine| -> BTreeMap<(String, u64), HostFunction> {
            let describe = |namespace: &str, metadata: &FuncMetadata| {
                let (hash, function) = described(namespace, metadata);
                ((function.namespace.clone(), hash), function)
            };
            let all = engine.collect_fn_metadata(
                None,
                |function| Some(describe(&function.namespace, function.metadata)),
                false,
            );
            all.into_iter().collect()
        };
        let other = described(other);
        described(one).into_iter().filter(|(key, _)| other.contains_key(key)).map(|(_, f)| f.signature()).collect()
    }

    pub fn namespaces(&self) -> impl Iterator<Item = &str> {
        self.namespaces.iter().map(String::as_str)
    }

    pub fn has_namespace(&self, name: &str) -> bool {
        self.namespaces.contains(name)
    }

    /// Functions of a namespace; of `""`, all that can be called without one.
    pub fn functions(&self, namespace: &str) -> impl Iterator<Item = &HostFunction> {
        self.functions.iter().filter(move |function| {
            if namespace.is_empty() { function.is_global } else { function.namespace == namespace }
        })
    }

    /// The numbers of arguments with which `namespace::name` can be called.
    pub fn arities(&self, namespace: &str, name: &str) -> BTreeSet<usize> {
        self.functions(namespace).filter(|function| function.name == name).map(|function| function.arity).collect()
    }

    /// Is this answered by the interpreter, with this many arguments? On a method the receiver is not counted.
    pub(super) fn is_syntactic(name: &str, args: usize, is_method: bool) -> bool {
        let args = args + usize::from(is_method);
        SYNTACTIC.iter().any(|(known, least, most)| *known == name && (*least..=*most).contains(&args))
    }

    /// The functions of krun's own or of an embedder's, not of the language.
    pub fn own(&self) -> impl Iterator<Item = &HostFunction> {
        self.functions.iter().filter(|function| !function.is_standard)
    }

    /// The functions of the language.
    pub(super) fn of_the_language(&self) -> impl Iterator<Item = &HostFunction> {
        self.functions.iter().filter(|function| function.is_standard)
    }

    /// A function of krun's own or of an embedder's, not of the language.
    pub fn is_host(&self, name: &str) -> bool {
        self.functions("").any(|function| function.name == name && !function.is_standard)
    }

    pub(super) fn is_standard(&self, name: &str) -> bool {
        self.functions("").any(|function| function.name == name && function.is_standard)
    }

    /// The host function that a script's own `fn name` with this many parameters would take the place of.
    pub(super) fn shadowed_by(&self, name: &str, params: usize) -> Option<&HostFunction> {
        self.functions("").filter(|function| function.name == name && !function.is_standard).find(|function| {
            // A flow word such as `step` is not to be redefined at all; a method only where a call could mean both.
            !function.is_method || function.arity == params || function.arity == params + 1
        })
    }

    /// Are there methods of this name, and none for a receiver of this type?
    pub(super) fn is_of_others(&self, name: &str, receiver: &str) -> bool {
        let mut methods = self.functions("").filter(|function| function.name == name).peekable();
        methods.peek().is_some()
            && methods.all(|function| function.is_method && function.receiver().is_some_and(|of| of != receiver))
    }

    /// Types of the host's that are no data: what a thread of its own must be given, and cannot take from outside.
    pub(super) fn is_handle(of: &str) -> bool {
        of.starts_with(char::is_uppercase) && !["Plan", "ClusterState", "Error"].contains(&of)
    }

    /// Are there methods of the host's of this name, and all of them on handles?
    pub(super) fn is_of_handles(&self, name: &str) -> bool {
        let mut named = self.functions("").filter(|function| function.name == name).peekable();
        named.peek().is_some()
            && named.all(|function| function.is_method && function.receiver().is_some_and(|of| Self::is_handle(&of)))
    }

    /// Does every function of this name give a handle?
    pub(super) fn gives_a_handle(&self, namespace: &str, name: &str) -> bool {
        let mut named = self.functions(namespace).filter(|function| function.name == name).peekable();
        named.peek().is_some() && named.all(|function| Self::is_handle(&function.result))
    }

    /// The signatures of a name, for a hint: at most four.
    pub(super) fn signatures(&self, namespace: &str, name: &str) -> String {
        let own = |function: &&HostFunction| !self.is_host(name) || !function.is_standard;
        let named = self.functions(namespace).filter(|function| function.name == name);
        let mut known: Vec<String> = named.filter(own).map(HostFunction::signature).collect();
        known.sort();
        known.dedup();
        known.truncate(4);
        known.join(", or ")
    }

    /// The fields of a type of the host's.
    pub(super) fn fields_of(&self, of: &str) -> Vec<&str> {
        let own = self.functions.iter().filter(|function| function.receiver().is_some_and(|receiver| receiver == of));
        let fields: BTreeSet<&str> = own.filter_map(|function| function.name.strip_prefix("get$")).collect();
        fields.into_iter().collect()
    }

    /// The nearest callable name.
    pub(super) fn function_like(&self, namespace: &str, wrong: &str) -> Option<String> {
        suggestion::did_you_mean_name(wrong, self.callable(namespace))
    }

    pub(super) fn callable(&self, namespace: &str) -> impl Iterator<Item = &str> {
        let words = |name: &&str| name.starts_with(|c: char| c.is_alphabetic()) && !name.contains('$');
        self.functions(namespace).map(|function| function.name.as_str()).filter(words).filter(|name| *name != "exit")
    }
}

/// `2 arguments`, `1 or 2 arguments`.
pub(super) fn arity_words(arities: &BTreeSet<usize>) -> String {
    let numbers: Vec<String> = arities.iter().map(ToString::to_string).collect();
    let plural = if numbers.len() == 1 && numbers[0] == "1" { "argument" } else { "arguments" };
    format!("{} {plural}", numbers.join(" or "))
}

pub(super) fn listed(args: &[String]) -> String {
    match args {
        [] => "no arguments".to_owned(),
        [one] => with_article(one),
        many => format!("({})", many.join(", ")),
    }
}
