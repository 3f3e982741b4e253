//! The value that a question gave, for a person: a table where it is made of maps, plain text otherwise.

use super::table;
use serde_json::{Map, Value};

/// What says which one a row is stands before all that is said about it.
const FIRST: [&str; 6] = ["topic", "name", "id", "partition", "broker", "path"];

/// The rows to print, fitted into `columns`; nothing for `()`.
pub fn answer(value: &Value, columns: usize) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_object) => of_maps(items, columns),
        Value::Array(items) if items.iter().any(Value::is_object) => items.iter().map(cell).collect(),
        Value::Array(items) => items.iter().flat_map(|item| plain(&cell(item))).collect(),
        Value::Object(members) => of_map(members, columns),
        other => plain(&cell(other)),
    }
}

/// A text as it is, but for what a terminal would obey.
fn plain(text: &str) -> Vec<String> {
    text.lines().map(super::line::harmless).collect()
}

/// One row a map; a column for each key that any of them has.
fn of_maps(items: &[Value], columns: usize) -> Vec<String> {
    let maps: Vec<&Map<String, Value>> = items.iter().filter_map(Value::as_object).collect();
    let header = keys(maps.iter().copied());
    let row = |map: &&Map<String, Value>| header.iter().map(|key| map.get(key).map_or(String::new(), cell)).collect();
    let cells: Vec<Vec<String>> = maps.iter().map(row).collect();
    table::rows(&header, &cells, columns, 1)
}

/// Maps of one kind under their keys are a table; else a row a key, and below them the lists of maps as tables.
fn of_map(members: &Map<String, Value>, columns: usize) -> Vec<String> {
    if !members.is_empty() && members.values().all(Value::is_object) {
        let named = members.iter().filter_map(|(key, value)| Some((key, value.as_object()?)));
        let header = keys(named.clone().map(|(_, map)| map));
        let row = |(name, map): (&String, &Map<String, Value>)| {
            let cells = header.iter().map(|key| map.get(key).map_or(String::new(), cell));
            std::iter::once(name.clone()).chain(cells).collect::<Vec<String>>()
        };
        let cells: Vec<Vec<String>> = named.map(row).collect();
        let header: Vec<String> = std::iter::once(String::new()).chain(header).collect();
        return table::rows(&header, &cells, columns, 1);
    }
    let order = keys(std::iter::once(members));
    let (tables, single): (Vec<&String>, Vec<&String>) = order.iter().partition(|key| is_table(&members[*key]));
    let cells: Vec<Vec<String>> = single.iter().map(|key| vec![(*key).clone(), cell(&members[*key])]).collect();
    let mut rows = table::rows(&[], &cells, columns, 1);
    for key in tables {
        if !rows.is_empty() {
            rows.push(String::new());
        }
        rows.push(format!("{key}:"));
        rows.extend(answer(&members[key], columns));
    }
    rows
}

fn is_table(value: &Value) -> bool {
    value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(Value::is_object))
}

fn keys<'a>(maps: impl Iterator<Item = &'a Map<String, Value>>) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for key in maps.flat_map(Map::keys) {
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    keys.sort_by_key(|key| FIRST.iter().position(|first| first == key).unwrap_or(FIRST.len()));
    keys
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().any(Value::is_object) => match items.len() {
            1 => "1 item".to_owned(),
            number => format!("{number} items"),
        },
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| format!("{key}: {}", cell(value));
            members.iter().map(member).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::answer;
    use serde_json::json;

    #[test]
    fn what_is_made_of_maps_is_a_table() {
        let brokers = json!([{ "host": "a", "id": 1, "rack": null }, { "host": "b", "id": 12, "more": [1, 2] }]);
        assert_eq!(answer(&brokers, 80), ["id   host   more", "──────────────────", " 1   a", "12   b      1, 2"]);
        let configs = json!({ "a.b": { "source": "S", "value": "1" }, "c": { "source": "T", "value": null } });
        assert_eq!(
            answer(&configs, 80),
            ["      source   value", "──────────────────────", "a.b   S            1", "c     T"]
        );
        let topic = json!({ "internal": false, "name": "t", "partitions": [{ "id": 0, "isr": [1] }] });
        assert_eq!(
            answer(&topic, 80),
            ["name       t", "internal   false", "", "partitions:", "id   isr", "──────────", " 0     1"]
        );
    }

    #[test]
    fn anything_else_is_plain() {
        assert_eq!(answer(&json!(null), 80), [""; 0]);
        assert_eq!(answer(&json!([]), 80), [""; 0]);
        assert_eq!(answer(&json!([1, 2]), 80), ["1", "2"]);
        assert_eq!(answer(&json!("a\u{1b}[2J\nb"), 80), ["a␛[2J", "b"]);
        assert_eq!(answer(&json!(1.5), 80), ["1.5"]);
    }
}
