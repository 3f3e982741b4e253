//! The hosts as a person reads them: a row each, then what is in the way.

use super::Row;
use crate::host::Facts;
use crate::quantity::Size;
use crate::report;

pub(super) fn rows(rows: &[Row], columns: usize) -> Vec<String> {
    let header = ["broker", "host", "by", "as", "service", "link", "runs", "free", "java", "clock"].map(str::to_owned);
    let cells: Vec<Vec<String>> = rows.iter().map(row).collect();
    let mut lines = report::table_rows(&header, &cells, columns, 1);
    let keys: Vec<String> = rows.iter().filter_map(key).collect();
    if !keys.is_empty() {
        lines.push(String::new());
        lines.extend(keys);
    }
    let faults = rows.iter().flat_map(|row| row.faults.iter().map(move |fault| (row, fault)));
    let hint = |row: &Row| row.error.as_ref().and_then(|error| error.hint.clone());
    let faults: Vec<String> = faults
        .map(|(row, fault)| {
            let hint = hint(row).map_or(String::new(), |hint| format!("\n  {hint}"));
            format!("broker {}: {fault}{hint}", row.broker)
        })
        .collect();
    lines.push(String::new());
    let unfit = rows.iter().filter(|row| !row.fit).count();
    lines.push(match (rows.len(), unfit) {
        (0, _) => "no broker's host is known".to_owned(),
        (all, 0) => format!("all {all} are fit"),
        (all, unfit) => format!("{unfit} of {all} not fit:"),
    });
    lines.extend(faults.iter().flat_map(|fault| fault.lines()).map(str::to_owned));
    lines
}

fn row(row: &Row) -> Vec<String> {
    let by = row.access.as_ref().map_or(String::new(), |access| format!("{} with {}", access.user, access.identity));
    let mut cells = vec![row.broker.to_string(), row.host.clone(), by];
    match &row.facts {
        Some(facts) => cells.extend(told(facts)),
        None => cells.extend([if row.reachable { "–" } else { "unreachable" }.to_owned()]),
    }
    cells
}

fn told(facts: &Facts) -> [String; 7] {
    let service = match &facts.service {
        None => "no systemd".to_owned(),
        Some(service) if service.load != "loaded" => service.load.clone(),
        Some(service) => format!("{} ({})", service.active, service.sub),
    };
    let link = facts.link.as_ref().map_or(String::new(), |target| format!("→ {target}"));
    let free = facts.log_dirs.iter().filter_map(|dir| dir.disk).map(|disk| disk.free_bytes).min();
    let clock = facts.clock;
    [
        facts.user.clone(),
        service,
        link,
        facts.running_version.clone().unwrap_or_default(),
        free.map_or(String::new(), |bytes| Size::from_bytes(bytes).to_string()),
        facts.java.clone().unwrap_or_default(),
        format!("{:+} ±{} ms", clock.ahead_ms, clock.within_ms),
    ]
}

/// How the key of a host was verified.
fn key(row: &Row) -> Option<String> {
    let access = row.access.as_ref()?;
    Some(format!("broker {}: {} at {}:{}, {}", row.broker, row.host, access.host, access.port, access.key))
}
