//! `host.json(path)`: a JSON file that is edited value by value; everything else in it stays byte for byte.

use crate::bind::edited_file::{self, EditedFile};
use crate::bind::machine::OnHost;
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::{encode, to_script};
use crate::effect::edit_json::{JsonFormat, without_secrets, wrapped};
use rhai::{Dynamic, Engine, NativeCallContext};
use serde_json::{Value, json};

type Json = EditedFile<JsonFormat>;

pub(crate) fn register(engine: &mut Engine) {
    edited_file::register::<JsonFormat>(engine, "Json");
    function(
        "Host.json(path: string) -> Json",
        "A JSON file, to be read and edited by pointers such as \"/settings/0/name\".",
    )
    .register_into_engine(engine, |context: NativeCallContext, on: &mut OnHost, path: &str| {
        edited_file::open::<JsonFormat>(&context, on, path)
    });
    function(
        "Json.get(pointer: string) -> any value",
        "The value at a pointer, \"\" for the whole; () where nothing is. Of a key that is there several times, the last one counts.",
    )
    .register_into_engine(engine, |file: &mut Json, pointer: &str| {
        file.edited.get(pointer).map_or(Dynamic::UNIT, |value| to_script(&value))
    });
    function(
        "Json.keys(pointer: string) -> array",
        "The keys of the object at a pointer; none where there is no object.",
    )
    .register_into_engine(engine, |file: &mut Json, pointer: &str| {
        to_script(&json!(file.edited.keys(pointer).unwrap_or_default()))
    });
    function("Json.duplicates() -> array", "The keys that an object has several times: `pointer` and `lines`.")
        .register_into_engine(engine, duplicates);
    function(
        "Json.set(pointer: string, value: any value)",
        "Sets a value, and makes the objects on the way to it; at the number behind its last item, a list grows. Nothing is written before `save()`.",
    )
    .register_into_engine(engine, |context: NativeCallContext, file: &mut Json, pointer: &str, value: Dynamic| {
        let set = encode(&value).and_then(|value| file.put(pointer.to_owned(), wrapped(&value)));
        set.map_err(|error| raise(&context, error))
    });
    function("Json.remove(pointer: string)", "Takes away what is at a pointer. Nothing is written before `save()`.")
        .register_into_engine(engine, |context: NativeCallContext, file: &mut Json, pointer: &str| {
            file.put(pointer.to_owned(), Value::Null).map_err(|error| raise(&context, error))
        });
    function(
        "Json.diff() -> array",
        "What `save()` would change: `pointer`, `before`, `after`, () where it is not there; secrets are `***`.",
    )
    .register_into_engine(engine, diff);
    function("Json.save()", "Writes the file, if anything in it has changed. An effect.")
        .register_into_engine(engine, |context: NativeCallContext, file: &mut Json| -> RhaiResultOf<()> {
            file.save(&context)
        });
}

fn duplicates(file: &mut Json) -> Dynamic {
    let all = file.edited.duplicates();
    to_script(&json!(all.iter().map(|one| json!({ "pointer": one.pointer, "lines": one.lines })).collect::<Vec<_>>()))
}

fn diff(file: &mut Json) -> Dynamic {
    let differing = file.asked.keys().filter(|pointer| file.read.get(pointer) != file.edited.get(pointer));
    let one = |pointer: &String| {
        let shown = |value: Option<Value>| value.map(|value| without_secrets(pointer, &value));
        json!({ "pointer": pointer, "before": shown(file.read.get(pointer)), "after": shown(file.edited.get(pointer)) })
    };
    to_script(&json!(differing.map(one).collect::<Vec<_>>()))
}
