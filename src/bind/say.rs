//! `log`, `table`, `listed`, `fail`, `confirm`, `point_of_no_return`, `param`.

use crate::bind::host::Host;
use crate::bind::options::Options;
use crate::bind::raised::{RhaiResultOf, leave, raise};
use crate::bind::signature::function;
use crate::bind::value::{text_of, to_script};
use crate::error::Error;
use crate::event::Progress;
use rhai::{Array, Dynamic, Engine, Map, NativeCallContext};

pub(crate) fn register(engine: &mut Engine) {
    let say = "Says something on the screen and in the run's record: any value.";
    function("log(text: any value)", say).register_into_engine(engine, log);
    // Without it a float would be given to the language's logarithm.
    function("log(text: any value)", say)
        .register_into_engine(engine, |context: NativeCallContext, number: rhai::FLOAT| log(context, number.into()));
    function("warn(text: any value)", "As `log`, and stands out.").register_into_engine(engine, warn);
    function("table(rows: array)", "Shows rows: maps with the same keys, or arrays after one of headings.")
        .register_into_engine(engine, table);
    function(
        "listed(items: array) -> string",
        "A list as a sentence has it: its first items, and how many more there are.",
    )
    .register_into_engine(engine, listed);
    let give_up = "Fails with this message. Options: `code` (\"FAILED\"), `hint`.";
    function("fail(message: string)", give_up)
        .register_into_engine(engine, |context: NativeCallContext, message: &str| fail(context, message, Map::new()));
    function("fail(message: string, options: map)", give_up).register_into_engine(engine, fail);
    function("confirm(question: string)", "Asks, and goes on after a yes; `--yes` says it beforehand.")
        .register_into_engine(engine, confirm);
    function(
        "point_of_no_return(what: string)",
        "Wants the cluster's name typed; `--accept` with the same words says it beforehand.",
    )
    .register_into_engine(engine, point_of_no_return);
    function("param(name: string) -> any value", "A parameter of the runbook; () where an optional one was not given.")
        .register_into_engine(engine, param);
}

fn log(context: NativeCallContext, text: Dynamic) -> RhaiResultOf<()> {
    Host::of(&context)?.session.note(Progress::Log { text: text_of(&context, text) });
    Ok(())
}

fn warn(context: NativeCallContext, text: Dynamic) -> RhaiResultOf<()> {
    Host::of(&context)?.session.warn(text_of(&context, text));
    Ok(())
}

/// A list as a sentence has it: its first items, and how many more there are.
fn listed(items: Array) -> String {
    const NAMED: usize = 8;
    let named: Vec<String> = items.iter().take(NAMED).map(ToString::to_string).collect();
    let more = items.len().saturating_sub(NAMED);
    if more == 0 { named.join(", ") } else { format!("{} and {more} more", named.join(", ")) }
}

/// Rows are maps with the same keys, or arrays after a row of headings.
fn table(context: NativeCallContext, rows: Array) -> RhaiResultOf<()> {
    let host = Host::of(&context)?;
    let (columns, rows) = columns_and_rows(&context, &rows).map_err(|error| raise(&context, error))?;
    host.session.note(Progress::Table { columns, rows });
    Ok(())
}

fn columns_and_rows(context: &NativeCallContext, rows: &Array) -> Result<(Vec<String>, Vec<Vec<String>>), Error> {
    let wrong = || {
        Error::new("INVALID_TABLE", "the rows of a table are neither all maps nor all arrays")
            .hint("table([[\"broker\", \"replicas\"], [1, 20], [2, 21]]), or an array of maps")
    };
    let cell = |value: &Dynamic| text_of(context, value.clone());
    let arrays: Option<Vec<Array>> = rows.iter().map(|row| row.read_lock::<Array>().map(|row| row.clone())).collect();
    if let Some(arrays) = arrays {
        let mut rows = arrays.iter().map(|row| row.iter().map(cell).collect());
        return Ok((rows.next().unwrap_or_default(), rows.collect()));
    }
    let maps: Option<Vec<Map>> = rows.iter().map(|row| row.read_lock::<Map>().map(|row| row.clone())).collect();
    let maps = maps.ok_or_else(wrong)?;
    let mut columns: Vec<String> = Vec::new();
    for key in maps.iter().flat_map(Map::keys) {
        if !columns.iter().any(|known| known == key.as_str()) {
            columns.push(key.to_string());
        }
    }
    let row = |row: &Map| columns.iter().map(|key| row.get(key.as_str()).map(cell).unwrap_or_default()).collect();
    let rows = maps.iter().map(row).collect();
    Ok((columns, rows))
}

/// Options: `code` ("FAILED"), `hint`.
fn fail(context: NativeCallContext, message: &str, options: Map) -> RhaiResultOf<()> {
    let mut options = Options::new("fail", options);
    let error = (|| {
        let code = options.text("code")?.unwrap_or_else(|| "FAILED".to_owned());
        let hint = options.text("hint")?;
        options.finish()?;
        Ok(Error { hint, ..Error::new(&code, message) })
    })();
    Err(raise(&context, error.unwrap_or_else(|error| error)))
}

fn confirm(context: NativeCallContext, question: &str) -> RhaiResultOf<()> {
    Host::of(&context)?.session.confirm(question).map_err(|trouble| leave(&context, trouble))
}

fn point_of_no_return(context: NativeCallContext, what: &str) -> RhaiResultOf<()> {
    Host::of(&context)?.session.point_of_no_return(what).map_err(|trouble| leave(&context, trouble))
}

/// Optional ones that were not given are `()`.
fn param(context: NativeCallContext, name: &str) -> RhaiResultOf<Dynamic> {
    let host = Host::of(&context)?;
    let value = host.params.get(name).ok_or_else(|| {
        let error = Error::new("UNDECLARED_PARAMETER", format!("`{name}` is not declared in PARAMS"));
        raise(&context, error.hint(format!("const PARAMS = #{{ {name}: #{{ kind: \"string\", help: \"…\" }} }};")))
    })?;
    Ok(to_script(value))
}
