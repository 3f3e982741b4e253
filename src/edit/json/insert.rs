//! A new member or item: after the last one, with the comma, spaces and indentation that its neighbours have.

use super::place::Place;
use super::print::{Style, indent_at};
use super::{Json, Unfit};
use serde_json::Value;

impl Json {
    pub(super) fn insert(&mut self, parent: &Place, name: &str, value: &Value, around: &str) -> Result<(), Unfit> {
        let style = Style::of(&self.text);
        let key = if parent.is_object {
            format!("{}{}", Value::from(name), style.colon)
        } else if parent.is_list && name == parent.items.len().to_string() {
            String::new()
        } else {
            let what = if parent.is_list {
                format!("a list of {} items", parent.items.len())
            } else {
                "neither an object nor a list".to_owned()
            };
            let around = if around.is_empty() { "the whole" } else { around };
            return Err(Unfit(format!("there is no `{name}` in {around}: that is {what}")));
        };
        let Some(last) = parent.items.last() else {
            let outer = indent_at(&self.text, parent.span.start);
            let text = style.around(outer, |inner| format!("{key}{}", style.print(value, inner)));
            self.text.replace_range(parent.span.start + 1..parent.span.end - 1, &text);
            return Ok(());
        };
        let before = parent.items.len().checked_sub(2).map_or(parent.span.start + 1, |at| parent.items[at].end());
        let gap = &self.text[before..last.start()];
        let gap = gap.split_once(',').map_or(gap, |(_, behind)| behind);
        // Of a single item in a row the space before it says nothing about what stands behind commas.
        let is_alone_in_its_row = parent.items.len() == 1 && !gap.contains('\n');
        let gap = if is_alone_in_its_row { style.gap() } else { gap };
        let indent =
            gap.rsplit_once('\n').map_or_else(|| indent_at(&self.text, parent.span.start), |(_, indent)| indent);
        let text = format!(",{gap}{key}{}", style.print(value, indent));
        self.text.insert_str(last.end(), &text);
        Ok(())
    }
}
