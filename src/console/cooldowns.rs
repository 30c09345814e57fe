//! Panel 2: who may ask again when.

use chrono::TimeDelta;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::cli::when::span;

use super::look::Tone;
use super::model::Console;
use super::widgets::{Cell, list, nothing};

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, console: &Console) {
    let cooldown = TimeDelta::from_std(console.opened.settings.email_cooldown).unwrap_or_default();
    let width = usize::from(area.width).saturating_sub(2 + 12 + 13 + 4);
    let columns =
        [("until (UTC)", 12), ("left", 13), ("name", width * 2 / 5), ("address", width - width * 2 / 5)];
    let rows = console.shown_cooldowns().skip(console.cursor().top).map(|one| {
        let until = one.since + cooldown;
        vec![
            Cell(until.format("%m-%d %H:%M").to_string(), Tone::Plain),
            Cell(span(until - console.now), Tone::Plain),
            Cell(one.username.clone(), Tone::Plain),
            Cell(one.email.clone(), Tone::Plain),
        ]
    });
    list(frame, area, console, &columns, rows);
    if console.rows().0 == 0 {
        nothing(frame, area, console, "No address is in a cooldown.");
    }
}
