//! What the handles of files that are edited key by key have in common: the file as it was read, as it is to be, and what was
//! asked for in between.

use crate::bind::machine::OnHost;
use crate::bind::machine_change::perform;
use crate::bind::raised::{RhaiResultOf, raise};
use crate::effect::edit_file::{self, Asked, Format};
use crate::error::Error;
use rhai::{Engine, NativeCallContext};
use serde_json::{Map, Value};

pub(crate) struct EditedFile<F: Format> {
    pub(crate) on: OnHost,
    pub(crate) path: String,
    pub(crate) read: F::File,
    pub(crate) edited: F::File,
    /// The keys that were set or removed since the last `save`.
    pub(crate) asked: Map<String, Value>,
    /// What is to stand above keys that were not there.
    pub(crate) note: Option<String>,
}

impl<F: Format> Clone for EditedFile<F> {
    fn clone(&self) -> Self {
        Self {
            on: self.on.clone(),
            path: self.path.clone(),
            read: self.read.clone(),
            edited: self.edited.clone(),
            asked: self.asked.clone(),
            note: self.note.clone(),
        }
    }
}

/// The name of a handle's type, and how it prints.
pub(crate) fn register<F: Format>(engine: &mut Engine, name: &str)
where
    F::File: Send + Sync,
{
    let shown = |file: &mut EditedFile<F>| format!("{} on {}", file.path, file.on.which);
    engine
        .register_type_with_name::<EditedFile<F>>(name)
        .register_fn("to_string", shown)
        .register_fn("to_debug", shown);
}

pub(crate) fn open<F: Format>(context: &NativeCallContext, on: &OnHost, path: &str) -> RhaiResultOf<EditedFile<F>> {
    let read = on.machine().and_then(|machine| edit_file::read::<F>(&*machine, path));
    let read = read.map_err(|error| raise(context, error))?;
    let (on, path, edited) = (on.clone(), path.to_owned(), read.clone());
    Ok(EditedFile { on, path, read, edited, asked: Map::new(), note: None })
}

impl<F: Format> EditedFile<F> {
    /// Makes a key what it is to be, here; null takes it away. What was asked for last counts.
    pub(crate) fn put(&mut self, key: String, value: Value) -> Result<(), Error> {
        let hosts = self.on.host.connection.hosts.clone();
        let texts = |hash: &str| hosts.text(hash).and_then(|bytes| String::from_utf8(bytes).ok());
        F::put(&mut self.edited, &key, &value, &Asked { note: self.note.as_deref(), texts: &texts })?;
        self.asked.shift_remove(&key);
        self.asked.insert(key, value);
        Ok(())
    }

    /// Also where nothing has changed: a step that is entered again finds what it had done.
    pub(crate) fn save(&mut self, context: &NativeCallContext) -> RhaiResultOf<()> {
        if self.asked.is_empty() {
            return Ok(());
        }
        let note = self.note.as_deref();
        let args = edit_file::args::<F>(&self.on.host.connection, &self.on.which, &self.path, &self.asked, note);
        perform(context, &self.on, F::NAME, &args)?;
        self.read = self.edited.clone();
        self.asked.clear();
        Ok(())
    }
}
