//! Panel 6: who did what when, and what has come since the last visit.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::acts::Deed;
use crate::acts::words::{counted, words_of};
use crate::cli::when::span;

use super::look::Tone;
use super::model::Console;
use super::widgets::{Cell, list, nothing, plain};

/// What has come since whoever sits here left last.
pub(super) fn words(console: &Console) -> String {
    let Some(at) = console.visited_at else {
        return "This is your first visit. Next time, this line says what has happened since.".into();
    };
    let since = format!(
        "Since your last visit, {} UTC ({} ago)",
        at.format("%Y-%m-%d %H:%M"),
        span(console.now - at)
    );
    let Some(visit) = &console.since_visit else { return format!("{since}: being counted") };
    let [accepted, held, refused] = visit.requests;
    let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    format!(
        "{since}: {accepted} accepted, {held} held, {refused} refused; {} failed; {} below",
        counted(number(visit.failed), "email"),
        counted(number(visit.acts), "line"),
    )
}

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, console: &Console) {
    let is_narrow = area.width < 76;
    let (time, who) = if is_narrow { (11, 12) } else { (16, 20) };
    let what = usize::from(area.width).saturating_sub(2 + time + who + 3);
    let columns = [("time (UTC)", time), ("who", who), ("what", what)];
    let rows = console.shown_acts().skip(console.cursor().top).map(|act| {
        let undone = if act.undone_at.is_some() { " (undone)" } else { "" };
        let tone = match Deed::of(act) {
            Some(Deed::Alarm { .. }) => Tone::Bad,
            Some(Deed::AlarmOver { .. }) => Tone::Good,
            _ if act.undone_at.is_some() => Tone::Faint,
            _ => Tone::Plain,
        };
        let is_new = console.visited_at.is_some_and(|at| act.at > at);
        let at = act.at.format(if is_narrow { "%m-%d %H:%M" } else { "%Y-%m-%d %H:%M" }).to_string();
        vec![
            Cell(at, if is_new { Tone::Title } else { Tone::Plain }),
            plain(act.author()),
            Cell(format!("{}{undone}", words_of(act)), tone),
        ]
    });
    list(frame, area, console, &columns, rows);
    if console.rows().0 == 0 {
        nothing(frame, area, console, "The journal is empty.");
    }
}
