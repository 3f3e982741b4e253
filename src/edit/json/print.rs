//! How a file writes its JSON, for what is new in it.

use serde_json::Value;

pub(super) struct Style {
    /// What ends a line; none where all stands in one.
    line_break: Option<&'static str>,
    unit: String,
    /// Between a key and its value.
    pub(super) colon: &'static str,
}

impl Style {
    pub(super) fn of(text: &str) -> Self {
        let inner = text.trim_end();
        let line_break = inner.find('\n').map(|at| if inner[..at].ends_with('\r') { "\r\n" } else { "\n" });
        let indents = inner.lines().skip(1).map(indent).filter(|indent| !indent.is_empty());
        let unit = indents.min_by_key(|indent| indent.len()).unwrap_or("  ").to_owned();
        let is_tight = text.contains("\":") && !text.contains("\": ");
        Self { line_break, unit, colon: if is_tight { ":" } else { ": " } }
    }

    /// Behind a comma in one row.
    pub(super) fn gap(&self) -> &'static str {
        if self.colon == ":" { "" } else { " " }
    }

    /// What stands between the brackets of something with one item.
    pub(super) fn around(&self, outer: &str, print: impl FnOnce(&str) -> String) -> String {
        let inner = format!("{outer}{}", self.unit);
        let item = print(&inner);
        match self.line_break {
            Some(end) => format!("{end}{inner}{item}{end}{outer}"),
            None => item,
        }
    }

    pub(super) fn print(&self, value: &Value, outer: &str) -> String {
        let inner = format!("{outer}{}", self.unit);
        let (open, close, items): (char, char, Vec<String>) = match value {
            Value::Array(items) => ('[', ']', items.iter().map(|item| self.print(item, &inner)).collect()),
            Value::Object(members) => {
                let member = |(key, value): (&String, &Value)| {
                    format!("{}{}{}", Value::from(key.as_str()), self.colon, self.print(value, &inner))
                };
                ('{', '}', members.iter().map(member).collect())
            }
            plain => return plain.to_string(),
        };
        match self.line_break {
            _ if items.is_empty() => format!("{open}{close}"),
            Some(end) => format!("{open}{end}{inner}{}{end}{outer}{close}", items.join(&format!(",{end}{inner}"))),
            None => format!("{open}{}{close}", items.join(&format!(",{}", self.gap()))),
        }
    }
}

/// The indentation of the line where a value begins.
pub(super) fn indent_at(text: &str, at: usize) -> &str {
    indent(&text[text[..at].rfind('\n').map_or(0, |at| at + 1)..])
}

fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}
