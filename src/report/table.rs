//! Rows and columns that fit the screen: long cells wrap, and what cannot fit becomes a list; nothing is cut.

use super::line::harmless;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle};

/// Narrower than this, a column is not read any more.
const LEAST_COLUMN: usize = 8;
const GAP: usize = 2;
/// The gap and the border that nobody sees.
const BETWEEN: usize = GAP + 1;

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
    let natural = widths.iter().sum::<usize>() + BETWEEN * widths.len().saturating_sub(1);
    if natural <= columns
        && !header.is_empty()
        && header.iter().chain(cells.iter().flatten()).all(|cell| is_plain(cell))
    {
        return padded(&header, &cells, &widths, columns);
    }
    grid(&header, &cells, &widths, columns, unbroken)
}

/// One row of the screen, and a column of it a byte.
fn is_plain(cell: &str) -> bool {
    cell.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}

/// What [`grid`] gives where nothing has to wrap, without measuring a thousand rows again and again.
fn padded(header: &[String], cells: &[Vec<String>], widths: &[usize], columns: usize) -> Vec<String> {
    let right: Vec<bool> = (0..widths.len()).map(|nth| is_numeric(nth, cells)).collect();
    let row = |row: &Vec<String>| {
        let mut text = String::new();
        for (nth, width) in widths.iter().enumerate() {
            let cell = row.get(nth).map_or("", String::as_str);
            let blank = " ".repeat(width.saturating_sub(cell.len()));
            let (left, behind) = if right[nth] { (blank.as_str(), "") } else { ("", blank.as_str()) };
            text.extend([left, cell, behind, &" ".repeat(BETWEEN)]);
        }
        text.trim_end().to_owned()
    };
    let whole = widths.iter().sum::<usize>() + BETWEEN * widths.len().saturating_sub(1) + GAP;
    let rule = "─".repeat(whole.min(columns));
    [row(&header.to_vec()), rule].into_iter().chain(cells.iter().map(row)).collect()
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

#[cfg(test)]
mod tests {
    use super::{grid, padded, rows, widths};

    #[test]
    fn what_fits_is_drawn_as_what_does_not() {
        let text = |words: &str| words.split('|').map(str::to_owned).collect::<Vec<String>>();
        for (header, cells) in [
            ("topic|partition|leader", &["orders|0|1", "a|12|", "long name of a topic|3|22"][..]),
            ("a", &["1"]),
            ("id|x y", &["1|-", "22|b  c"]),
            ("only|header", &[]),
        ] {
            let (header, cells) = (text(header), cells.iter().map(|row| text(row)).collect::<Vec<_>>());
            let widths = widths(&header, &cells);
            let natural = widths.iter().sum::<usize>() + 3 * (widths.len() - 1);
            for columns in [natural, natural + 1, 60, usize::from(u16::MAX)] {
                let slow = grid(&header, &cells, &widths, columns, 1);
                assert_eq!(padded(&header, &cells, &widths, columns), slow, "{header:?} in {columns}");
                assert_eq!(rows(&header, &cells, columns, 1), slow);
            }
        }
    }
}
