//! `krun load`: what producers write to a cluster, without an agent.

use crate::cli::arguments::Shared;
use crate::cli::{Code, Done, connect, screen};
use crate::error::Error;
use crate::kafka::load::{self, Flow, Load};
use crate::quantity::{Rate, duration};
use crate::report;
use clap::Args;
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// How long to look
    #[arg(long = "for", value_name = "DURATION", default_value = "10s", value_parser = how_long)]
    how_long: Duration,
}

fn how_long(text: &str) -> Result<Duration, Error> {
    let how_long = duration::parse(text)?;
    if how_long < Duration::from_secs(1) {
        return Err(Error::new("INVALID_DURATION", "less than a second tells nothing"));
    }
    Ok(how_long)
}

pub(super) fn load(shared: &Shared, arguments: &Arguments) -> Done {
    let root = shared.root()?;
    let chosen = connect::choose(shared, &root, None)?;
    let runtime = connect::runtime()?;
    let client = connect::connect(&runtime, &chosen.settings)?;
    let first = runtime.block_on(load::look(&client))?;
    screen::note(&format!("looking at {} for {}", chosen.name, duration::text(arguments.how_long)));
    std::thread::sleep(arguments.how_long);
    let found = load::between(&first, &runtime.block_on(load::look(&client))?);
    if shared.json {
        screen::json_line(&as_json(&chosen.name, &found));
    } else {
        for row in rows(&found, usize::from(screen::columns(shared))) {
            screen::line(&row);
        }
    }
    Ok(Code::DONE)
}

fn as_json(cluster: &str, load: &Load) -> Value {
    let mut all = flow(&load.all);
    all["cluster"] = json!(cluster);
    all["seconds"] = json!(load.seconds);
    let with = |name: &str, of: Value, mut row: Value| {
        row[name] = of;
        row
    };
    all["topics"] = load.topics.iter().map(|(topic, one)| with("topic", json!(topic), flow(one))).collect();
    let of_broker = |(id, one): (&i32, &Flow)| {
        let mut row = with("broker", json!(id), flow(one));
        if load.silent.contains_key(id) {
            (row["bytes_per_second"], row["copied_per_second"]) = (Value::Null, Value::Null);
        }
        row
    };
    all["brokers"] = load.brokers.iter().map(of_broker).collect();
    let silent = load.silent.iter().map(|(id, error)| json!({ "broker": id, "error": error.message }));
    all["silent"] = silent.collect();
    all
}

fn flow(flow: &Flow) -> Value {
    json!({
        "records_per_second": flow.records,
        "bytes_per_second": flow.bytes,
        "copied_per_second": flow.copied,
        "estimated": flow.estimated,
        "unknown": flow.unknown,
    })
}

fn rows(load: &Load, columns: usize) -> Vec<String> {
    let is_silent = |name: &str| load.silent.keys().any(|id| id.to_string() == name);
    let table = |what: &str, all: Vec<(String, &Flow)>| {
        let header = [what, "records/s", "written", "copied", ""].map(str::to_owned);
        let row = |(name, flow): &(String, &Flow)| {
            let is_known = what != "broker" || !is_silent(name);
            let bytes = |bytes: f64| if is_known { rate(bytes) } else { "unknown".to_owned() };
            vec![name.clone(), format!("{:.1}", flow.records), bytes(flow.bytes), bytes(flow.copied), doubt(flow)]
        };
        report::table_rows(&header, &all.iter().map(row).collect::<Vec<_>>(), columns, 1)
    };
    let mut topics: Vec<(String, &Flow)> = load.topics.iter().map(|(name, flow)| (name.clone(), flow)).collect();
    // The busiest first.
    topics.sort_by(|(_, one), (_, other)| (other.bytes + other.records).total_cmp(&(one.bytes + one.records)));
    topics.push(("all".to_owned(), &load.all));
    let mut rows = table("topic", topics);
    rows.push(String::new());
    rows.extend(table("broker", load.brokers.iter().map(|(id, flow)| (id.to_string(), flow)).collect()));
    rows.push(String::new());
    for error in load.silent.values() {
        rows.push(format!("not known: {}", error.message));
    }
    rows.push(
        "written is what leaders take from producers, copied what followers fetch; what consumers read is not seen"
            .to_owned(),
    );
    if load.all.estimated > 0 {
        rows.push("estimated: the log shrank meanwhile, or its leader moved: records at their mean size".to_owned());
    }
    rows
}

fn doubt(flow: &Flow) -> String {
    let said = [(flow.estimated, "estimated"), (flow.unknown, "unknown")];
    let said = said.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    said.collect::<Vec<_>>().join(", ")
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate of bytes, never less than none")]
fn rate(bytes: f64) -> String {
    let bytes = bytes.round() as u64;
    Rate::from_bytes_per_second(bytes).map_or_else(|_| "0B/s".to_owned(), |rate| rate.to_string())
}
