//! Panel 4: the three lists as they stand in the files.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::look::Tone;
use super::model::{BanRow, Console, LineKind};
use super::widgets::{Cell, list, nothing};

/// `#: …`, which belongs to the entry below.
fn is_mark(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// What is wrong with the selected line, in full.
pub(super) fn words(console: &Console) -> Option<String> {
    let BanRow::Line(kind, number, text, LineKind::Bad) = console.ban_rows.get(console.cursor().at)? else {
        return None;
    };
    let problem = console.ban_problems.get(&(*kind, *number))?;
    let what = if is_mark(text) { "cannot be understood" } else { "is left out" };
    Some(format!("line {number} of {} {what}: {problem}", kind.file_name()))
}

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, console: &Console) {
    let width = usize::from(area.width).saturating_sub(2 + 6 + 6 + 3);
    let columns = [("line", 6), ("30 d", 6), ("entry", width)];
    let rows = console.ban_rows.iter().skip(console.cursor().top).map(|row| match row {
        BanRow::Heading(kind, entries) => {
            let noun = if *entries == 1 { "entry" } else { "entries" };
            vec![
                Cell(String::new(), Tone::Plain),
                Cell(String::new(), Tone::Plain),
                Cell(format!("{}: {entries} {noun}", kind.file_name()), Tone::Title),
            ]
        }
        BanRow::Line(kind, number, text, what) => {
            let hits = console.ban_hits.get(&(*kind, text.trim().to_owned())).copied().unwrap_or_default();
            let problem = console.ban_problems.get(&(*kind, *number));
            let (text, tone) = match what {
                LineKind::Comment => (text.to_string(), Tone::Faint),
                LineKind::Entry => (text.to_string(), Tone::Plain),
                LineKind::Bad => {
                    let what = problem.map(String::as_str).unwrap_or_default();
                    let is_left_out = if is_mark(text) { "" } else { "LEFT OUT: " };
                    (format!("! {text}  {is_left_out}{what}"), Tone::Bad)
                }
            };
            let hits = if *what == LineKind::Entry { hits.to_string() } else { String::new() };
            vec![Cell(number.to_string(), Tone::Faint), Cell(hits, Tone::Plain), Cell(text, tone)]
        }
    });
    list(frame, area, console, &columns, rows);
    if console.ban_rows.is_empty() {
        nothing(frame, area, console, "The lists are being read.");
    }
}
