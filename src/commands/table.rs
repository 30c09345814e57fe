//! Tables for people: readable at 80 columns, colours only on a terminal.

use std::io::IsTerminal;

use crate::domain::printable;

/// Longest cell, in characters; the last column is not cut.
const CELL: usize = 34;

/// Widest line. What does not fit of the last column goes on below.
const LINE: usize = 80;

/// What a cell means; the terminal chooses its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Nothing special.
    Plain,
    /// It went well.
    Granted,
    /// It did not.
    Refused,
    /// It waits.
    Waiting,
}

/// One cell.
#[derive(Debug, Clone)]
pub struct Cell {
    text: String,
    style: Style,
}

/// A cell; whatever an applicant typed in it is made harmless.
pub fn cell(text: impl AsRef<str>) -> Cell {
    styled(text, Style::Plain)
}

/// A cell that means something.
pub fn styled(text: impl AsRef<str>, style: Style) -> Cell {
    Cell { text: printable(text.as_ref(), 300), style }
}

/// The rows as lines under a header; nothing for no rows.
pub fn table(header: &[&str], rows: &[Vec<Cell>]) -> String {
    render(header, rows, std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none())
}

fn render(header: &[&str], rows: &[Vec<Cell>], colours: bool) -> String {
    let last = header.len().saturating_sub(1);
    let width = |text: &str| text.chars().count().min(CELL);
    let widths: Vec<usize> = (0..header.len())
        .map(|column| {
            rows.iter().map(|row| width(&row[column].text)).chain([width(header[column])]).max().unwrap_or(0)
        })
        .collect();
    let mut lines = String::new();
    let header: Vec<Cell> = header.iter().map(cell).collect();
    for row in std::iter::once(&header).chain(rows) {
        let mut line = String::new();
        let fits = widths[..last].iter().map(|width| width + 2).sum::<usize>()
            + row[last].text.chars().count()
            <= LINE;
        for (column, cell) in row.iter().enumerate() {
            let text = if column < last {
                printable(&cell.text, CELL)
            } else if fits {
                cell.text.clone()
            } else {
                line.truncate(line.trim_end().len());
                below(&cell.text, widths[0] + 2)
            };
            let padding =
                if column == last { 0 } else { widths[column].saturating_sub(text.chars().count()) + 2 };
            let colour = match cell.style {
                Style::Plain => "",
                Style::Granted => "\x1b[32m",
                Style::Refused => "\x1b[31m",
                Style::Waiting => "\x1b[33m",
            };
            if colours && !colour.is_empty() {
                line.push_str(&format!("{colour}{text}\x1b[0m"));
            } else {
                line.push_str(&text);
            }
            line.extend(std::iter::repeat_n(' ', padding));
        }
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    lines
}

/// This text on lines of its own, indented.
fn below(text: &str, indent: usize) -> String {
    let mut lines = String::new();
    let mut left = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let width = word.chars().count();
        if left < width + 1 {
            lines.push('\n');
            lines.extend(std::iter::repeat_n(' ', indent));
            left = LINE - indent - width.min(LINE - indent);
        } else {
            lines.push(' ');
            left -= width + 1;
        }
        lines.push_str(word);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_and_nothing_steers_the_terminal() {
        let rows = vec![
            vec![cell("1"), styled("accepted", Style::Granted), cell("a\x1b[31m\u{202e}b")],
            vec![cell("22"), cell("x"), cell("")],
        ];
        assert_eq!(
            render(&["id", "verdict", "name"], &rows, false),
            "id  verdict   name\n1   accepted  a [31mb\n22  x\n"
        );
        let long = vec![vec![cell("7"), cell("refused"), cell("word ".repeat(30))]];
        let listing = render(&["id", "verdict", "name"], &long, false);
        assert!(listing.contains("\n7   refused\n    word word"), "{listing}");
        assert!(listing.lines().all(|line| line.chars().count() <= LINE), "{listing}");
        assert_eq!(listing.matches("word").count(), 30);
        assert!(render(&["id", "verdict", "name"], &rows, true).contains("\x1b[32maccepted\x1b[0m  a"));
    }
}
