//! Panel 1: every request, newest first.

use chrono::{DateTime, Utc};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::store::{LetterState, RequestRow};

use super::look::Tone;
use super::model::Console;
use super::widgets::{Cell, Column, list, nothing};

/// What a verdict looks like.
pub(super) fn tone(verdict: &str) -> Tone {
    match verdict {
        "accepted" => Tone::Good,
        "held" => Tone::Waiting,
        _ => Tone::Bad,
    }
}

/// Today's by the minute, older ones by the day.
fn time(at: DateTime<Utc>, now: DateTime<Utc>, wide: bool) -> String {
    if wide {
        at.format("%m-%d %H:%M:%S").to_string()
    } else if at.date_naive() == now.date_naive() {
        at.format("%H:%M").to_string()
    } else {
        at.format("%m-%d").to_string()
    }
}

/// What fits into a width: columns, and whether channel and IP are among them, and whether times are long.
fn columns(width: usize) -> (Vec<Column>, bool, bool) {
    let wide = width >= 110;
    let mut columns: Vec<Column> = vec![("time", if wide { 14 } else { 5 }), ("verdict", 8)];
    if width < 76 {
        columns.extend([
            ("reason", 11),
            ("name", 11),
            ("address", width.saturating_sub(5 + 8 + 11 + 11 + 7)),
        ]);
        return (columns, false, false);
    }
    let fixed = if wide { 14 } else { 5 } + 8 + 4 + 15 + 2 + 7;
    let rest = width.saturating_sub(fixed);
    let reason = if wide { 22 } else { 12 };
    let name = (rest.saturating_sub(reason) * 2 / 5).max(8);
    let address = rest.saturating_sub(reason + name);
    columns.extend([("reason", reason), ("name", name), ("address", address), ("by", 4), ("IP", 15)]);
    (columns, true, wide)
}

fn cells(row: &RequestRow, now: DateTime<Utc>, with_ip: bool, wide: bool) -> Vec<Cell> {
    let tone = tone(&row.verdict);
    let reason = match (&row.reason, row.stands_for) {
        (Some(reason), 1) => reason.clone(),
        (Some(reason), count) => format!("{reason} x{count}"),
        (None, _) if row.arrived == Some(true) => "arrived".to_owned(),
        (None, _) => row.letter.map(|letter| format!("letter {}", letter.word())).unwrap_or_default(),
    };
    let is_lost = matches!(row.letter, Some(LetterState::Failed | LetterState::Dropped));
    let reason_tone = match row.reason {
        Some(_) => tone,
        // Whoever it was for knows nothing of it.
        None if is_lost => Tone::Bad,
        None => Tone::Faint,
    };
    let name = match row.username.as_str() {
        "" if row.verdict == "held" => Cell("(no name)".to_owned(), Tone::Faint),
        name => Cell(name.to_owned(), Tone::Plain),
    };
    let mut cells = vec![
        Cell(time(row.received_at, now, wide), Tone::Plain),
        Cell(row.verdict.clone(), tone),
        Cell(reason, reason_tone),
        name,
        Cell(row.email.clone(), Tone::Plain),
    ];
    if with_ip {
        let channel = if row.channel == "email" { "mail" } else { row.channel.as_str() };
        cells.push(Cell(channel.to_owned(), Tone::Faint));
        cells.push(Cell(row.ip.clone().unwrap_or_default(), Tone::Plain));
    }
    cells
}

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, console: &Console) {
    let (columns, with_ip, wide) = columns(usize::from(area.width));
    let rows = console.window.iter().map(|row| cells(row, console.now, with_ip, wide));
    list(frame, area, console, &columns, rows);
    if console.window.is_empty() {
        nothing(frame, area, console, "Nobody has asked for an account yet.");
    }
}
