//! Tables for people.

use std::io::IsTerminal;

use ratatui::crossterm::terminal::size;
use ratatui::text::Span;

use crate::domain::printable;

/// Longest cell on a terminal, in characters; the last column has what is left of the line.
const CELL: usize = 34;

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

/// How many columns of a terminal it takes.
fn columns_of(text: &str) -> usize {
    Span::raw(text).width()
}

/// As much of it as has room in so many columns.
fn cut(text: &str, room: usize) -> String {
    if columns_of(text) <= room {
        return text.to_owned();
    }
    let mut used = 1;
    let kept = text.chars().take_while(|c| {
        used += columns_of(c.encode_utf8(&mut [0; 4]));
        used <= room
    });
    kept.chain(['…']).collect()
}

/// The rows under a header, one line each: in full for a pipe, as wide as the terminal for people.
pub fn table(header: &[&str], rows: &[Vec<Cell>]) -> String {
    let width =
        std::io::stdout().is_terminal().then(|| size().map_or(80, |(columns, _)| usize::from(columns)));
    render(header, rows, width, width.is_some() && std::env::var_os("NO_COLOR").is_none())
}

fn render(header: &[&str], rows: &[Vec<Cell>], width: Option<usize>, colours: bool) -> String {
    let header: Vec<Cell> = header.iter().map(cell).collect();
    let rows: Vec<&Vec<Cell>> = std::iter::once(&header).chain(rows).collect();
    let most = if width.is_some() { CELL } else { usize::MAX };
    let longest = |column: usize| rows.iter().map(|row| columns_of(&row[column].text)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..header.len() - 1).map(|column| longest(column).min(most)).collect();
    let taken: usize = widths.iter().map(|width| width + 2).sum();
    let rest = width.map_or(usize::MAX, |width| width.saturating_sub(taken).max(CELL / 2));
    let mut lines = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let room = widths.get(column).copied().unwrap_or(rest);
            let text = cut(&cell.text, room);
            let padding = if column < widths.len() { room - columns_of(&text) + 2 } else { 0 };
            let colour = match cell.style {
                Style::Granted if colours => "\x1b[32m",
                Style::Refused if colours => "\x1b[31m",
                Style::Waiting if colours => "\x1b[33m",
                _ => "",
            };
            let end = if colour.is_empty() { "" } else { "\x1b[0m" };
            line.push_str(&format!("{colour}{text}{end}{:padding$}", ""));
        }
        lines.push_str(line.trim_end());
        lines.push('\n');
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
            render(&["id", "verdict", "name"], &rows, None, false),
            "id  verdict   name\n1   accepted  a [31mb\n22  x\n"
        );
        assert!(
            render(&["id", "verdict", "name"], &rows, Some(80), true).contains("\x1b[32maccepted\x1b[0m  a")
        );
    }

    #[test]
    fn columns_are_counted_as_a_terminal_shows_them() {
        let rows = vec![vec![cell("\u{540d}\u{524d}"), cell("x")], vec![cell("abc"), cell("y")]];
        assert_eq!(render(&["name", "is"], &rows, None, false), "name  is\n\u{540d}\u{524d}  x\nabc   y\n");
        assert_eq!(cut("\u{540d}\u{524d}\u{540d}", 5), "\u{540d}\u{524d}\u{2026}");
        assert_eq!(cut("\u{540d}\u{524d}\u{540d}", 4), "\u{540d}\u{2026}");
    }

    #[test]
    fn a_row_is_a_line_in_full_in_a_pipe_and_as_wide_as_the_terminal() {
        let long = vec![vec![cell("7"), cell("refused ".repeat(6)), cell("word ".repeat(30))]];
        let piped = render(&["id", "verdict", "name"], &long, None, false);
        assert_eq!((piped.lines().count(), piped.matches("word").count()), (2, 30), "{piped}");
        assert_eq!(piped.matches("refused").count(), 6, "{piped}");
        let shown = render(&["id", "verdict", "name"], &long, Some(80), false);
        assert!(
            shown.lines().count() == 2 && shown.lines().all(|line| line.chars().count() <= 80),
            "{shown}"
        );
        assert!(shown.ends_with("…\n") && shown.matches("word").count() > 5, "{shown}");
    }
}
