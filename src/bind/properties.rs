//! `host.properties(path)`: a `.properties` file that is edited key by key; everything else in it stays byte for byte.

use crate::bind::edited_file::{self, EditedFile};
use crate::bind::machine::OnHost;
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::to_script;
use crate::edit::properties::{Change, changes};
use crate::effect::edit_properties::PropertiesFormat;
use rhai::{Array, Dynamic, Engine, NativeCallContext};
use serde_json::{Value, json};

type Properties = EditedFile<PropertiesFormat>;

pub(crate) fn register(engine: &mut Engine) {
    edited_file::register::<PropertiesFormat>(engine, "Properties");
    function(
        "Host.properties(path: string) -> Properties",
        "A `.properties` file, such as a broker's `server.properties`, to be read and edited.",
    )
    .register_into_engine(engine, |context: NativeCallContext, on: &mut OnHost, path: &str| {
        edited_file::open::<PropertiesFormat>(&context, on, path)
    });
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
    .register_into_engine(engine, |context: NativeCallContext, file: &mut Properties, key: &str, value: &str| {
        file.put(key.to_owned(), json!(value)).map_err(|error| raise(&context, error))
    });
    function(
        "Properties.remove(key: string)",
        "Takes a key away, with all its lines. Nothing is written before `save()`.",
    )
    .register_into_engine(engine, |context: NativeCallContext, file: &mut Properties, key: &str| {
        file.put(key.to_owned(), Value::Null).map_err(|error| raise(&context, error))
    });
    function(
        "Properties.diff() -> array",
        "What `save()` would change: `key`, `before`, `after`, () where it is not there; secrets are `***`.",
    )
    .register_into_engine(engine, diff);
    function("Properties.save()", "Writes the file, if anything in it has changed. An effect.")
        .register_into_engine(engine, |context: NativeCallContext, file: &mut Properties| -> RhaiResultOf<()> {
            file.save(&context)
        });
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
