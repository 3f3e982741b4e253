//! One table of the file: typed access to its keys, and errors with their places.

use crate::error::Error;
use crate::secret::SecretSource;
use crate::suggestion::did_you_mean;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value of the file, with its place.
type Value<'a> = Spanned<DeValue<'a>>;

/// The file that is read.
#[derive(Clone, Copy)]
pub(super) struct Document<'a> {
    pub(super) file: &'a Path,
    pub(super) text: &'a str,
}

impl Document<'_> {
    /// The error for what stands at `span`: file, line and column (in characters, both from 1).
    pub(super) fn wrong(&self, span: &Range<usize>, why: &str) -> Error {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Error::new("INVALID_CONFIG", format!("{}:{line}:{column}: {why}", self.file.display()))
    }
}

/// A table, known by the name that its header has.
pub(super) struct Section<'a> {
    document: Document<'a>,
    pub(super) name: String,
    table: &'a DeTable<'a>,
    span: Range<usize>,
}

impl<'a> Section<'a> {
    /// The table, refusing keys that it does not have.
    pub(super) fn new(
        document: Document<'a>,
        name: String,
        table: &'a Spanned<DeTable<'a>>,
        known: &[&str],
    ) -> Result<Self, Error> {
        let section = Self::open(document, name, table.get_ref(), table.span());
        section.check_keys(known)?;
        Ok(section)
    }

    fn open(document: Document<'a>, name: String, table: &'a DeTable<'a>, span: Range<usize>) -> Self {
        Self { document, name, table, span }
    }

    pub(super) fn check_keys(&self, known: &[&str]) -> Result<(), Error> {
        for (key, span, _) in self.entries() {
            if !known.contains(&key) {
                let error = self.document.wrong(&span, &format!("unknown key \"{key}\" in {}", self.name));
                let keys = format!("the keys are {}", known.join(", "));
                let hint = did_you_mean(key, known.iter().copied());
                return Err(error.hint(hint.map_or(keys.clone(), |meant| format!("{meant} {keys}"))));
            }
        }
        Ok(())
    }

    /// The keys with their places and values.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, Range<usize>, &'a Value<'a>)> {
        self.table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value))
    }

    fn get(&self, key: &str) -> Option<&'a Value<'a>> {
        self.entries().find(|(name, ..)| *name == key).map(|(.., value)| value)
    }

    /// The error for the value of a key.
    pub(super) fn wrong(&self, value: &Value<'_>, why: &str) -> Error {
        self.document.wrong(&value.span(), why)
    }

    /// The error for the value of a key that is known by its name.
    pub(super) fn wrong_key(&self, key: &str, why: &str) -> Error {
        let span = self.get(key).map_or(self.span.clone(), Spanned::span);
        self.document.wrong(&span, &format!("\"{key}\" in {} {why}", self.name))
    }

    /// The error for a key that must be there.
    pub(super) fn lacks(&self, key: &str) -> Error {
        self.document.wrong(&self.span, &format!("{} lacks \"{key}\"", self.name))
    }

    /// A text that is not empty.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>, Error> {
        let Some(value) = self.get(key) else { return Ok(None) };
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => Ok(Some(text.as_ref().to_owned())),
            DeValue::String(_) => {
                Err(self.wrong(value, &format!("\"{key}\" is empty")).hint("give a value, or leave it out"))
            }
            other => Err(self.mistyped(key, value, "a text", other)),
        }
    }

    pub(super) fn truth(&self, key: &str) -> Result<Option<bool>, Error> {
        let Some(value) = self.get(key) else { return Ok(None) };
        match value.get_ref() {
            DeValue::Boolean(truth) => Ok(Some(*truth)),
            other => Err(self.mistyped(key, value, "true or false", other)),
        }
    }

    /// The texts of a list, with their places; none where there is no list.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<(String, &'a Value<'a>)>, Error> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let DeValue::Array(list) = value.get_ref() else {
            return Err(self.mistyped(key, value, "a list of texts", value.get_ref()));
        };
        let text = |item: &'a Value<'a>| match item.get_ref() {
            DeValue::String(text) => Ok((text.as_ref().to_owned(), item)),
            other => Err(self.mistyped(key, item, "a list of texts", other)),
        };
        list.iter().map(text).collect()
    }

    /// A table below this one.
    pub(super) fn section(&self, key: &str, name: String) -> Result<Option<Section<'a>>, Error> {
        self.get(key).map(|value| self.inner(key, value, name)).transpose()
    }

    /// The value of `key`, which must be a table.
    pub(super) fn inner(&self, key: &str, value: &'a Value<'a>, name: String) -> Result<Section<'a>, Error> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(Self::open(self.document, name, table, value.span())),
            other => Err(self.mistyped(key, value, "a table", other)),
        }
    }

    /// `{ env = "NAME" }` or `{ file = "PATH" }`, never the secret itself.
    pub(super) fn secret(&self, key: &str) -> Result<Option<SecretSource>, Error> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let hint = format!("write {key} = {{ env = \"NAME\" }}, or {{ file = \"PATH\" }}");
        let DeValue::Table(table) = value.get_ref() else {
            // The value is not repeated: it may be the secret.
            let why = format!("\"{key}\" in {} is written out, and secrets are never literal here", self.name);
            return Err(self.wrong(value, &why).hint(hint));
        };
        let name = format!("\"{key}\" of {}", self.name);
        let source = Self::open(self.document, name.clone(), table, value.span());
        source.check_keys(&["env", "file"])?;
        match (source.text("env")?, source.text("file")?) {
            (Some(variable), None) => Ok(Some(SecretSource::Env(variable))),
            (None, Some(file)) => Ok(Some(SecretSource::File(self.path(&file)))),
            _ => Err(self.wrong(value, &format!("{name} must have either \"env\" or \"file\"")).hint(hint)),
        }
    }

    /// A path relative to the folder of the file.
    pub(super) fn path(&self, text: &str) -> std::path::PathBuf {
        self.document.file.parent().unwrap_or(Path::new("")).join(text)
    }

    fn mistyped(&self, key: &str, value: &Value<'_>, wanted: &str, found: &DeValue<'_>) -> Error {
        let why = format!("\"{key}\" in {} must be {wanted}, and is {}", self.name, kind(found));
        self.wrong(value, &why).hint(format!("correct \"{key}\""))
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
