//! Panel 1: every request, newest first.

use chrono::{DateTime, Datelike, Utc};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::store::{LetterState, RequestRow};

use super::look::Tone;
use super::model::Console;
use super::widgets::{Cell, Column, list, nothing, plain};

/// What a verdict looks like.
pub(super) fn tone(verdict: &str) -> Tone {
    match verdict {
        "accepted" => Tone::Good,
        "held" => Tone::Waiting,
        _ => Tone::Bad,
    }
}

/// Today's by the minute, older ones by the day, and those of another year by month and year.
fn time(at: DateTime<Utc>, now: DateTime<Utc>, wide: bool) -> String {
    let is_of_this_year = at.year() == now.year();
    let format = match (wide, is_of_this_year) {
        (true, true) => "%m-%d %H:%M:%S",
        (true, false) => "%Y-%m-%d %Hh",
        _ if at.date_naive() == now.date_naive() => "%H:%M",
        (false, true) => "%m-%d",
        (false, false) => "%b%y",
    };
    at.format(format).to_string()
}

/// What fits into a width: columns, and whether times are long.
fn columns(width: usize) -> (Vec<Column>, bool) {
    // The sign of the selected row, and a blank after each column.
    let room = width.saturating_sub(2);
    let wide = width >= 96;
    let time = if wide { 14 } else { 5 };
    if width < 64 {
        let left = room.saturating_sub(3 + time + 1 + 12 + 12 + 1);
        return (vec![("", 2), ("time", time), ("name", 11), ("address", left), ("why", 11)], wide);
    }
    // IPv6 whole where there is room.
    let ip = match width {
        0..=109 => 0,
        110..=139 => 15,
        _ => 39,
    };
    let by = if width < 76 { 0 } else { 5 };
    let taken = |column: usize| if column > 0 { column + 1 } else { 0 };
    let rest = room.saturating_sub(3 + time + 1 + taken(by) + taken(ip));
    // Names are whole up to 16, addresses up to 22.
    let why = if rest >= 64 { 22 } else { rest.saturating_sub(16 + 22 + 3).min(20) };
    let rest = rest.saturating_sub(why + 3);
    let name = (rest * 2 / 5).max(16);
    let mut columns =
        vec![("", 2), ("time", time), ("name", name), ("address", rest.saturating_sub(name)), ("why", why)];
    columns.extend((by > 0).then_some(("by", by)));
    columns.extend((ip > 0).then_some(("IP", ip)));
    (columns, wide)
}

fn cells(console: &Console, row: &RequestRow, columns: usize, wide: bool) -> Vec<Cell> {
    let tone = tone(&row.verdict);
    let why = match (&row.reason, row.stands_for) {
        (Some(reason), 1) => reason.clone(),
        (Some(reason), count) => format!("{reason} x{count}"),
        (None, _) if row.arrived == Some(true) => "arrived".to_owned(),
        (None, _) => row.letter.map(|letter| format!("email {}", letter.word())).unwrap_or_default(),
    };
    let is_lost = matches!(row.letter, Some(LetterState::Failed | LetterState::Dropped));
    let why_tone = match row.reason {
        Some(_) => tone,
        // Whoever it was for knows nothing of it.
        None if is_lost => Tone::Bad,
        None => Tone::Plain,
    };
    let marked = if console.is_marked(row.id) { "*" } else { "" };
    let name = if row.username.is_empty() && row.verdict == "held" { "(no name)" } else { &row.username };
    let mut cells = vec![
        Cell(format!("{}{marked}", console.look.mark(&row.verdict)), tone),
        plain(time(row.received_at, console.now, wide)),
        plain(name),
        plain(&row.email),
        Cell(why, why_tone),
        plain(if row.channel == "invitation" { "invit" } else { &row.channel }),
        plain(row.ip.clone().unwrap_or_default()),
    ];
    cells.truncate(columns);
    cells
}

/// Of what waits, what the applicant said, why it waits, and whether they were seen before.
pub(super) fn words(console: &Console) -> Option<String> {
    let details = console.details.as_ref().filter(|details| details.row.verdict == "held")?;
    let why = details.row.detail.as_deref().or(details.row.reason.as_deref()).unwrap_or("it waits for you");
    let ip = details.row.ip.as_ref().map_or_else(String::new, |ip| format!("{ip}; "));
    let seen = details.alike.as_ref().map_or_else(
        || "seen before: being counted".to_owned(),
        |alike| {
            let seen = alike
                .iter()
                .filter(|one| one.hits.all > 0)
                .map(|one| format!("{} from {} ({} accepted)", one.hits.all, one.what, one.hits.accepted));
            match seen.collect::<Vec<_>>() {
                seen if seen.is_empty() => "never seen before".to_owned(),
                seen => format!("seen before: {}", seen.join(", ")),
            }
        },
    );
    let answer = details.row.answer.as_ref().map_or_else(String::new, |answer| format!("“{answer}” "));
    Some(format!("{answer}{ip}{why}; {seen}"))
}

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, console: &Console) {
    let (columns, wide) = columns(usize::from(area.width));
    let rows = console.window.iter().map(|row| cells(console, row, columns.len(), wide));
    list(frame, area, console, &columns, rows);
    if console.window.is_empty() {
        nothing(frame, area, console, "Nobody has asked for an account yet.");
    }
}
