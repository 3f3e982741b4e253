//! Rows and columns that fit the screen: long cells wrap, and what cannot fit becomes a list; nothing is cut.

use super::line::harmless;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle};

/// Narrower than this, a column is not read any more.
const LEAST_COLUMN: usize = 8;
const GAP: usize = 2;

/// The rows to print, none wider than `columns` where that is possible at all. The first `unbroken` columns do not wrap;
/// a column without any cell is left out.
pub fn rows(header: &[String], cells: &[Vec<String>], columns: usize, unbroken: usize) -> Vec<String> {
    let header: Vec<String> = header.iter().map(|cell| harmless(cell)).collect();
    let cells: Vec<Vec<String>> = cells.iter().map(|row| row.iter().map(|cell| harmless(cell)).collect()).collect();
    if header.is_empty() && cells.is_empty() {
        return Vec::new();
    }
    let filled =
        |nth: usize| cells.is_empty() || cells.iter().any(|row| row.get(nth).is_some_and(|cell| !cell.is_empty()));
    let only_filled = |row: &Vec<String>| -> Vec<String> {
        row.iter().enumerate().filter(|(nth, _)| filled(*nth)).map(|(_, cell)| cell.clone()).collect()
    };
    let header = only_filled(&header);
    let cells: Vec<Vec<String>> = cells.iter().map(only_filled).collect();
    let widths = widths(&header, &cells);
    let least = |(nth, width): (usize, &usize)| if nth < unbroken { *width } else { (*width).min(LEAST_COLUMN) } + GAP;
    if widths.iter().enumerate().map(least).sum::<usize>() > columns + GAP {
        return list(&header, &cells);
    }
    grid(&header, &cells, &widths, columns, unbroken)
}

fn widths(header: &[String], cells: &[Vec<String>]) -> Vec<usize> {
    let count = cells.iter().map(Vec::len).chain([header.len()]).max().unwrap_or(0);
    let longest = |text: &String| text.lines().map(|row| row.chars().count()).max().unwrap_or(0);
    (0..count)
        .map(|nth| {
            let column = cells.iter().filter_map(|row| row.get(nth)).chain(header.get(nth));
            column.map(longest).max().unwrap_or(0)
        })
        .collect()
}

fn grid(header: &[String], cells: &[Vec<String>], widths: &[usize], columns: usize, unbroken: usize) -> Vec<String> {
    let mut table = Table::new();
    table.force_no_tty();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')));
    table.set_content_arrangement(ContentArrangement::Dynamic);
    // The last column's padding on the right is never printed, see below.
    table.set_width(u16::try_from(columns + GAP).unwrap_or(u16::MAX));
    if !header.is_empty() {
        table.set_header(header);
    }
    for row in cells {
        table.add_row((0..widths.len()).map(|nth| row.get(nth).map_or("", String::as_str)));
    }
    for (nth, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, u16::try_from(GAP).unwrap_or(2)));
        if nth < unbroken {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        if is_numeric(nth, cells) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    // The rule below the header is as wide as the padding that is never printed.
    let rule = |row: &str| row.chars().all(|c| c == '─');
    let shown = |row: &str| if rule(row) { row.chars().take(columns).collect() } else { row.trim_end().to_owned() };
    table.lines().map(|row| shown(&row)).collect()
}

/// Whether every cell of a column starts as a number does: such a column is compared by its right edge.
fn is_numeric(nth: usize, cells: &[Vec<String>]) -> bool {
    let mut filled = cells.iter().filter_map(|row| row.get(nth)).filter(|cell| !cell.is_empty()).peekable();
    filled.peek().is_some()
        && filled.all(|cell| {
            cell.trim_start_matches(['+', '-', '±', '−']).starts_with(|c: char| c.is_ascii_digit())
                && cell.chars().all(|c| c.is_ascii_digit() || " +-±−.%/kMGTPiBs".contains(c))
        })
}

/// One `column: cell` a row.
fn list(header: &[String], cells: &[Vec<String>]) -> Vec<String> {
    let mut rows = Vec::new();
    for (nth, row) in cells.iter().enumerate() {
        if nth > 0 {
            rows.push(String::new());
        }
        for (place, cell) in row.iter().enumerate() {
            let name = header.get(place).map_or("", String::as_str);
            rows.extend(format!("{name}: {cell}").lines().map(str::to_owned));
        }
    }
    rows
}
