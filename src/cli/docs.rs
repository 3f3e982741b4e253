//! `krun docs`: the script reference, and the texts of the standard library.

use crate::bind;
use crate::cli::arguments::Shared;
use crate::cli::{Code, Complaint, Done, screen, written_file};
use crate::error::Error;
use crate::report;
use crate::script::reference::{self, Entry};
use crate::script::{engine, stdlib};
use crate::suggestion::did_you_mean;
use clap::Args;
use std::path::Path;

#[derive(Debug, Args)]
pub(crate) struct Docs {
    /// A function, a type, a module, such as `topic`, `Cluster`, `std/reassign` [default: a list of all]
    name: Option<String>,
    /// Write this module of the standard library into the present folder, where it wins over krun's own
    #[arg(long, value_name = "std/NAME", conflicts_with = "name")]
    eject: Option<String>,
}

pub(super) fn docs(shared: &Shared, arguments: &Docs) -> Done {
    if let Some(module) = &arguments.eject {
        return eject(module).map(|()| Code::DONE);
    }
    let entries = reference::entries(&engine::build(bind::register));
    let chosen: Vec<&Entry> = match &arguments.name {
        None => entries.iter().collect(),
        Some(name) => reference::named(&entries, name),
    };
    if chosen.is_empty() {
        let name = arguments.name.as_deref().unwrap_or_default();
        return Err(Complaint::usage(unknown(&entries, name)));
    }
    if shared.json {
        for entry in &chosen {
            screen::json_line(&serde_json::to_value(entry).unwrap_or_default());
        }
        return Ok(Code::DONE);
    }
    let columns = usize::from(screen::columns(shared).min(report::COLUMNS_WITHOUT_TERMINAL));
    let rows = if arguments.name.is_none() { list(&chosen, columns) } else { told(&chosen, columns) };
    for row in rows {
        screen::line(&row);
    }
    Ok(Code::DONE)
}

/// More than so many are listed, not told.
const MANY: usize = 6;

pub(super) fn unknown(entries: &[Entry], name: &str) -> Error {
    let error = Error::new("UNKNOWN_NAME", format!("the script reference has no `{name}`"));
    error.hint(reference::meant(entries, name).unwrap_or_else(|| "`krun docs` lists all names".to_owned()))
}

fn list(entries: &[&Entry], columns: usize) -> Vec<String> {
    let header = ["name", "what it does"].map(str::to_owned);
    let first = |text: &str| text.split_inclusive(". ").next().unwrap_or_default().trim_end().to_owned();
    let cells: Vec<Vec<String>> = entries.iter().map(|entry| vec![entry.name.clone(), first(&entry.text)]).collect();
    report::table_rows(&header, &cells, columns, 1)
}

/// What was asked for by name.
pub(super) fn told(entries: &[&Entry], columns: usize) -> Vec<String> {
    if entries.len() > MANY { list(entries, columns) } else { pages(entries, columns) }
}

/// Whole pages, with an empty row between two.
fn pages(entries: &[&Entry], columns: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for entry in entries {
        if !rows.is_empty() {
            rows.push(String::new());
        }
        rows.extend(page(entry, columns));
    }
    rows
}

fn page(entry: &Entry, columns: usize) -> Vec<String> {
    let mut rows = entry.signatures.clone();
    let told = |name: &str, text: String| vec![name.to_owned(), text];
    let mut cells = Vec::new();
    if !entry.kind_words.is_empty() {
        cells.push(told("kind", entry.kind_words.to_owned()));
    }
    cells.extend(entry.since.map(|since| told("since", format!("Kafka {since}"))));
    if !entry.errors.is_empty() {
        cells.push(told("errors", entry.errors.join(", ")));
    }
    if let Some((module, _)) = entry.name.strip_prefix("std/").and_then(|name| name.split_once("::")) {
        cells.push(told("import", format!("import \"std/{module}\" as {module};")));
    }
    let indented = |rows: Vec<String>| rows.into_iter().map(|row| format!("  {row}"));
    let columns = columns.saturating_sub(2);
    rows.extend(indented(report::table_rows(&[], &[vec![entry.text.clone()]], columns, 0)));
    rows.extend(indented(report::table_rows(&[], &cells, columns, 1)));
    if let Some(example) = &entry.example {
        rows.push("  example".to_owned());
        rows.extend(example.lines().map(|line| format!("    {line}")));
    }
    rows
}

/// Writes `std/NAME.rhai` below the present folder. One that is there stays.
fn eject(module: &str) -> Result<(), Complaint> {
    let name = module.strip_prefix("std/").unwrap_or(module).trim_end_matches(".rhai");
    let Some(text) = stdlib::text(name) else {
        let known: Vec<String> = stdlib::names().map(|name| format!("std/{name}")).collect();
        let there_are = format!("there are {}", known.join(", "));
        let hint = did_you_mean(module, known.iter().map(String::as_str)).unwrap_or(there_are);
        let error = Error::new("UNKNOWN_NAME", format!("the standard library has no `{module}`"));
        return Err(Complaint::usage(error.hint(hint)));
    };
    let path = format!("std/{name}.rhai");
    let path = Path::new(&path);
    if path.exists() {
        let error = Error::new("FILE_EXISTS", format!("{} is there already, and stays as it is", path.display()));
        return Err(error.hint("move it away to get krun's own").into());
    }
    std::fs::create_dir_all("std")
        .map_err(|error| Error::new("FILE_NOT_WRITTEN", format!("the folder std cannot be made: {error}")))?;
    written_file::put(path, &|out| out.write_all(text.as_bytes()))?;
    screen::note(&format!("wrote {}: runbooks of this folder import it in place of krun's own", path.display()));
    Ok(())
}
