//! `host.properties(path)`: a `.properties` file that is edited key by key; everything else in it stays byte for byte.

use crate::bind::machine::OnHost;
use crate::bind::machine_change::perform;
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::to_script;
use crate::edit::properties::{self, Change, changes};
use crate::effect::edit_properties;
use rhai::{Array, Dynamic, Engine, NativeCallContext};
use serde_json::json;
use std::collections::BTreeMap;

/// A file as it was read, and as it is to be.
#[derive(Clone)]
pub(crate) struct Properties {
    on: OnHost,
    path: String,
    read: properties::Properties,
    edited: properties::Properties,
    /// What `set` and `remove` were asked for since the last `save`.
    asked: BTreeMap<String, Option<String>>,
    /// What is to stand above keys that were not there.
    note: Option<String>,
}

pub(crate) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<Properties>("Properties")
        .register_fn("to_string", |file: &mut Properties| format!("{} on {}", file.path, file.on.which))
        .register_fn("to_debug", |file: &mut Properties| format!("{} on {}", file.path, file.on.which));
    function(
        "Host.properties(path: string) -> Properties",
        "A `.properties` file, such as a broker's `server.properties`, to be read and edited.",
    )
    .register_into_engine(engine, open);
    function(
        "Properties.get(key: string) -> string",
        "The value of a key; () where it is not there. Of a key in several lines, the last one counts.",
    )
    .register_into_engine(engine, |file: &mut Properties, key: &str| {
        file.edited.get(key).map_or(Dynamic::UNIT, |value| value.to_owned().into())
    });
    function(
        "Properties.note(text: string)",
        "What is to stand in a comment above the keys that are set and were not there: `is_noted` finds them again.",
    )
    .register_into_engine(engine, |file: &mut Properties, text: &str| {
        file.note = Some(text.replace(['\n', '\r'], " "));
    });
    function("Properties.is_noted(key: string) -> bool", "Whether krun set this key, and noted it in a comment above.")
        .register_into_engine(engine, |file: &mut Properties, key: &str| file.edited.is_noted(key));
    function("Properties.keys() -> array", "All keys, each once, in the order of the file.")
        .register_into_engine(engine, keys);
    function("Properties.duplicates() -> array", "The keys that stand in several lines: `key` and `lines`.")
        .register_into_engine(engine, duplicates);
    function(
        "Properties.set(key: string, value: string)",
        "Sets a key where it stands, or at the end. Nothing is written before `save()`.",
    )
    .register_into_engine(engine, |file: &mut Properties, key: &str, value: &str| {
        match file.note.clone() {
            Some(note) => file.edited.set_noted(key, value, &note),
            None => file.edited.set(key, value),
        };
        file.asked.insert(key.to_owned(), Some(value.to_owned()));
    });
    function(
        "Properties.remove(key: string)",
        "Takes a key away, with all its lines. Nothing is written before `save()`.",
    )
    .register_into_engine(engine, |file: &mut Properties, key: &str| {
        file.edited.remove(key);
        file.asked.insert(key.to_owned(), None);
    });
    function(
        "Properties.diff() -> array",
        "What `save()` would change: `key`, `before`, `after`, () where it is not there; secrets are `***`.",
    )
    .register_into_engine(engine, diff);
    function("Properties.save()", "Writes the file, if anything in it has changed. An effect.")
        .register_into_engine(engine, save);
}

fn open(context: NativeCallContext, on: &mut OnHost, path: &str) -> RhaiResultOf<Properties> {
    let read = on.machine().and_then(|machine| edit_properties::read(&*machine, path));
    let read = read.map_err(|error| raise(&context, error))?;
    Ok(Properties {
        on: on.clone(),
        path: path.to_owned(),
        edited: read.clone(),
        read,
        asked: BTreeMap::new(),
        note: None,
    })
}

fn keys(file: &mut Properties) -> Array {
    file.edited.keys().into_iter().map(|key| Dynamic::from(key.to_owned())).collect()
}

fn duplicates(file: &mut Properties) -> Dynamic {
    let all = file.edited.duplicates();
    to_script(&json!(all.iter().map(|one| json!({ "key": one.key, "lines": one.lines })).collect::<Vec<_>>()))
}

fn diff(file: &mut Properties) -> Dynamic {
    let one = |change: Change| json!({ "key": change.key, "before": change.before, "after": change.after });
    to_script(&json!(changes(&file.read, &file.edited).into_iter().map(one).collect::<Vec<_>>()))
}

/// Also where nothing has changed: a step that is entered again finds what it had done.
fn save(context: NativeCallContext, file: &mut Properties) -> RhaiResultOf<()> {
    if file.asked.is_empty() {
        return Ok(());
    }
    let args =
        edit_properties::args(&file.on.host.connection, &file.on.which, &file.path, &file.asked, file.note.as_deref());
    perform(&context, &file.on, edit_properties::NAME, &args)?;
    file.read = file.edited.clone();
    file.asked.clear();
    Ok(())
}
