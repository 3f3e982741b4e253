//! `log`, `table`, `listed`, `fail`, `confirm`, `point_of_no_return`, `param`.

use crate::bind::host::Host;
use crate::bind::options::Options;
use crate::bind::raised::{RhaiResultOf, leave, raise};
use crate::bind::value::to_script;
use crate::error::Error;
use crate::event::Progress;
use rhai::{Array, Dynamic, Engine, Map, NativeCallContext};

pub(crate) fn register(engine: &mut Engine) {
    engine
        .register_fn("log", log)
        .register_fn("warn", warn)
        .register_fn("table", table)
        .register_fn("listed", listed)
        .register_fn("fail", |context: NativeCallContext, message: &str| fail(context, message, Map::new()))
        .register_fn("fail", fail)
        .register_fn("confirm", confirm)
        .register_fn("point_of_no_return", point_of_no_return)
        .register_fn("param", param);
}

fn log(context: NativeCallContext, text: Dynamic) -> RhaiResultOf<()> {
    Host::of(&context)?.session.note(Progress::Log { text: text.to_string() });
    Ok(())
}

fn warn(context: NativeCallContext, text: Dynamic) -> RhaiResultOf<()> {
    Host::of(&context)?.session.warn(text.to_string());
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
    let (columns, rows) = columns_and_rows(&rows).map_err(|error| raise(&context, error))?;
    host.session.note(Progress::Table { columns, rows });
    Ok(())
}

fn columns_and_rows(rows: &Array) -> Result<(Vec<String>, Vec<Vec<String>>), Error> {
    let wrong = || {
        Error::new("INVALID_TABLE", "the rows of a table are neither all maps nor all arrays")
            .hint("table([[\"broker\", \"replicas\"], [1, 20], [2, 21]]), or an array of maps")
    };
    let cells = |row: &Array| row.iter().map(ToString::to_string).collect::<Vec<_>>();
    let arrays: Option<Vec<_>> = rows.iter().map(|row| row.read_lock::<Array>().map(|row| cells(&row))).collect();
    if let Some(mut arrays) = arrays {
        if arrays.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let columns = arrays.remove(0);
        return Ok((columns, arrays));
    }
    let maps: Option<Vec<Map>> = rows.iter().map(|row| row.read_lock::<Map>().map(|row| row.clone())).collect();
    let maps = maps.ok_or_else(wrong)?;
    let columns: Vec<String> = maps.first().into_iter().flat_map(|row| row.keys().map(ToString::to_string)).collect();
    let row = |row: &Map| {
        columns.iter().map(|key| row.get(key.as_str()).map(ToString::to_string).unwrap_or_default()).collect()
    };
    Ok((columns.clone(), maps.iter().map(row).collect()))
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
