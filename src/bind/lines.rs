//! `host.lines(path)`: a text file that is edited line by line; everything else in it stays byte for byte.

use crate::bind::edited_file::{self, EditedFile};
use crate::bind::machine::OnHost;
use crate::bind::raised::{RhaiResultOf, raise};
use crate::bind::signature::function;
use crate::bind::value::to_script;
use crate::effect::edit_file::keep;
use crate::effect::edit_lines::{LinesFormat, in_place_of, starting, whole};
use crate::error::Error;
use crate::secret;
use rhai::{Dynamic, Engine, NativeCallContext};
use serde_json::{Value, json};

type Lines = EditedFile<LinesFormat>;

pub(crate) fn register(engine: &mut Engine) {
    edited_file::register::<LinesFormat>(engine, "Lines");
    function(
        "Host.lines(path: string) -> Lines",
        "A text file, such as an environment file or a unit, to be read and edited line by line.",
    )
    .register_into_engine(engine, |context: NativeCallContext, on: &mut OnHost, path: &str| {
        edited_file::open::<LinesFormat>(&context, on, path)
    });
    function("Lines.texts() -> array", "All lines, without their ends.")
        .register_into_engine(engine, |file: &mut Lines| to_script(&json!(file.edited.texts())));
    function("Lines.get(start: string) -> string", "The line that begins so; () where there is none.")
        .register_into_engine(engine, get);
    function(
        "Lines.duplicates() -> array",
        "The lines that are there several times: `line` and `lines`, their numbers.",
    )
    .register_into_engine(engine, duplicates);
    function(
        "Lines.set(start: string, line: string)",
        "Makes the line that begins with `start` this one; where there is none, it comes at the end. Nothing is written before `save()`.",
    )
    .register_into_engine(engine, set);
    function(
        "Lines.set(line: string)",
        "Sees to it that this line is there: else it comes at the end. Nothing is written before `save()`.",
    )
    .register_into_engine(engine, |context: NativeCallContext, file: &mut Lines, line: &str| {
        let key = one_line(line).map(|()| key_of(file, line));
        put(&context, file, key, json!(true))
    });
    function(
        "Lines.replace(old: string, new: string)",
        "Makes each line that reads `old` read `new`. Nothing is written before `save()`.",
    )
    .register_into_engine(engine, replace);
    function("Lines.remove(start: string)", "Takes away the line that begins so. Nothing is written before `save()`.")
        .register_into_engine(engine, |context: NativeCallContext, file: &mut Lines, start: &str| {
            let key = beginning(start).map(|()| starting(start));
            put(&context, file, key, Value::Null)
        });
    function(
        "Lines.diff() -> array",
        "What `save()` would change: `before`, `after`, () where there is none; secrets are `***`.",
    )
    .register_into_engine(engine, diff);
    function("Lines.save()", "Writes the file, if anything in it has changed. An effect.")
        .register_into_engine(engine, |context: NativeCallContext, file: &mut Lines| file.save(&context));
}

fn put(context: &NativeCallContext, file: &mut Lines, key: Result<String, Error>, value: Value) -> RhaiResultOf<()> {
    key.and_then(|key| file.put(key, value)).map_err(|error| raise(context, error))
}

fn key_of(file: &Lines, line: &str) -> String {
    whole(line, |secret| keep(&file.on.host.connection, secret))
}

fn one_line(line: &str) -> Result<(), Error> {
    if line.contains(['\n', '\r']) || line.is_empty() {
        let what = if line.is_empty() { "is empty" } else { "has a line break in it" };
        return Err(Error::new("INVALID_ARGUMENT", format!("a line {what}")).hint("give one line, without its end"));
    }
    Ok(())
}

fn beginning(start: &str) -> Result<(), Error> {
    one_line(start).map_err(|error| error.hint("say how the line begins: \"KAFKA_HEAP_OPTS=\""))
}

fn get(context: NativeCallContext, file: &mut Lines, start: &str) -> RhaiResultOf<Dynamic> {
    let found = file.edited.starting(start);
    match found.as_slice() {
        [] => Ok(Dynamic::UNIT),
        [one] => Ok(one.clone().into()),
        several => {
            let text = format!("{} lines begin with `{start}`", several.len());
            Err(raise(&context, Error::new("AMBIGUOUS_LINE", text).hint("say more of how the line begins")))
        }
    }
}

fn duplicates(file: &mut Lines) -> Dynamic {
    let all = file.edited.duplicates();
    to_script(&json!(all.iter().map(|one| json!({ "line": one.text, "lines": one.lines })).collect::<Vec<_>>()))
}

fn set(context: NativeCallContext, file: &mut Lines, start: &str, line: &str) -> RhaiResultOf<()> {
    let key = beginning(start).and_then(|()| one_line(line)).and_then(|()| {
        if line.starts_with(start) {
            return Ok(starting(start));
        }
        // It would not be found again.
        let text = format!("the line does not begin with `{start}` itself");
        Err(Error::new("INVALID_ARGUMENT", text).hint("set(\"KAFKA_HEAP_OPTS=\", \"KAFKA_HEAP_OPTS=-Xmx4g\")"))
    });
    put(&context, file, key, json!(line))
}

fn replace(context: NativeCallContext, file: &mut Lines, old: &str, new: &str) -> RhaiResultOf<()> {
    let key = one_line(old).and_then(|()| one_line(new)).map(|()| key_of(file, new));
    let old = key_of(file, old);
    put(&context, file, key, in_place_of(&old))
}

fn diff(file: &mut Lines) -> Dynamic {
    let shown =
        |line: Option<String>| line.map(|line| if secret::is_named_in(&line) { "***".to_owned() } else { line });
    let (before, after) = (file.read.texts(), file.edited.texts());
    // Edits only change, remove or append lines: what is in both in this order is the same.
    let (mut changes, mut rest) = (Vec::new(), after.into_iter().peekable());
    for (at, line) in before.iter().enumerate() {
        let goes_on = |next: &String| next == line;
        if rest.next_if(goes_on).is_some() {
            continue;
        }
        let is_changed = rest.peek().is_some_and(|next| !before[at + 1..].contains(next));
        let new = if is_changed { rest.next() } else { None };
        changes.push(json!({ "before": shown(Some(line.clone())), "after": shown(new) }));
    }
    changes.extend(rest.map(|line| json!({ "before": null, "after": shown(Some(line)) })));
    to_script(&json!(changes))
}
