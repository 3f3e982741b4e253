//! What a runbook wants to be told: the parameters of its `PARAMS`, and the values that a command line gives them.

use super::declaration;
use super::kinds::Kind;
use super::problem::Problem;
use super::source::SourceFile;
use crate::suggestion::did_you_mean_name;
use rhai::{AST, Position};
use serde_json::Value;
use std::collections::BTreeMap;

/// One parameter, in the order of its declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    /// As a script names it: `throttle_rate`.
    pub name: String,
    pub kind: Kind,
    /// What a choice may be; empty for the other kinds.
    pub choices: Vec<String>,
    /// What a quantity may be besides, such as `auto`: given as it is written.
    pub words: Vec<String>,
    pub help: String,
    /// May be left out; without a default a script then gets `()`.
    pub optional: bool,
    pub default: Option<Value>,
    pub(super) position: Position,
}

impl Declared {
    /// As a command line names it: `--throttle-rate`.
    pub fn flag(&self) -> String {
        flag(&self.name)
    }

    /// What it can be, for hints and `--help`.
    pub fn example(&self) -> String {
        match self.choices.as_slice() {
            [] => {
                let words = self.words.iter().map(|word| format!(", or {word}"));
                std::iter::once(self.kind.example().to_owned()).chain(words).collect()
            }
            choices => choices.join(" or "),
        }
    }

    /// What stands for the value in `--help`: `rate`, or `rate|auto`.
    pub fn value_name(&self) -> String {
        [self.kind.name()].into_iter().chain(self.words.iter().map(String::as_str)).collect::<Vec<_>>().join("|")
    }

    /// The value of a text from the command line; a fragment that says what is wrong, otherwise.
    pub(super) fn parse(&self, text: &str) -> Result<Value, String> {
        if let Some(word) = self.words.iter().find(|word| *word == text.trim()) {
            return Ok(Value::from(word.as_str()));
        }
        let value = self.kind.parse(text)?;
        match &value {
            Value::String(chosen) if self.kind == Kind::Choice && !self.choices.contains(chosen) => {
                Err(format!("`{chosen}` is none of {}", self.choices.join(", ")))
            }
            _ => Ok(value),
        }
    }

    pub fn is_required(&self) -> bool {
        !self.optional && self.default.is_none()
    }
}

/// A parameter that was given wrongly, or not at all: a usage error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageProblem {
    pub param: String,
    pub message: String,
    pub hint: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Params {
    declared: Vec<Declared>,
}

impl Params {
    /// Reads `const PARAMS = #{ … }` without running anything: what could be read, and what is wrong with the rest.
    pub(super) fn declared_in(ast: &AST, file: &SourceFile) -> (Self, Vec<Problem>) {
        let (declared, problems) = declaration::read(ast, file);
        (Self { declared }, problems)
    }

    pub fn declared(&self) -> &[Declared] {
        &self.declared
    }

    /// The values of all parameters from what was given, names with `_` or `-`: every declared one has an entry, `null`
    /// where an optional one was left out.
    pub fn resolve(&self, given: &BTreeMap<String, String>) -> Result<BTreeMap<String, Value>, Vec<UsageProblem>> {
        let mut problems: Vec<UsageProblem> = given.keys().filter_map(|name| self.unknown(name)).collect();
        let given: BTreeMap<String, &String> =
            given.iter().map(|(name, text)| (name.replace('-', "_"), text)).collect();
        let mut values = BTreeMap::new();
        for param in &self.declared {
            match value(param, given.get(&param.name).copied()) {
                Ok(value) => {
                    values.insert(param.name.clone(), value);
                }
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(values) } else { Err(problems) }
    }

    fn unknown(&self, name: &str) -> Option<UsageProblem> {
        if self.declared.iter().any(|param| param.name == name.replace('-', "_")) {
            return None;
        }
        let flags: Vec<String> = self.declared.iter().map(Declared::flag).collect();
        let hint = match flags.as_slice() {
            [] => Some("this runbook has no parameters".to_owned()),
            flags => did_you_mean_name(&flag(name), flags.iter().map(String::as_str))
                .or_else(|| Some(format!("this runbook has {}", flags.join(", ")))),
        };
        Some(UsageProblem { param: name.to_owned(), message: format!("there is no parameter {}", flag(name)), hint })
    }
}

fn flag(name: &str) -> String {
    format!("--{}", name.replace('_', "-"))
}

fn value(param: &Declared, given: Option<&String>) -> Result<Value, UsageProblem> {
    let problem = |message: String| UsageProblem {
        param: param.name.clone(),
        message,
        hint: Some(match param.help.as_str() {
            "" => format!("it is {}", param.example()),
            help => format!("it is {}: {help}", param.example()),
        }),
    };
    match given {
        Some(text) => param.parse(text).map_err(|why| problem(format!("{}: {why}", param.flag()))),
        None if param.is_required() => Err(problem(format!("{} is missing", param.flag()))),
        None => Ok(param.default.clone().unwrap_or(Value::Null)),
    }
}
