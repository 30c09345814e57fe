//! Panel 5: letters that are owed, that failed, and those of the last day that were sent.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::store::LetterState;

use super::look::Tone;
use super::model::Console;
use super::widgets::{Cell, list, nothing};

/// What the selected letter waits for, and what the mail server said of it, in full.
pub(super) fn words(console: &Console) -> Option<String> {
    let letter = console.shown_letters().nth(console.cursor().at)?;
    let waits = console.status.why_it_waits(letter, &console.opened.settings, console.now);
    let words: Vec<String> = waits.into_iter().chain(letter.last_answer.clone()).collect();
    (!words.is_empty()).then(|| format!("{}: {}", letter.to, words.join("; ")))
}

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, console: &Console) {
    let width = usize::from(area.width).saturating_sub(2 + 7 + 5 + 11 + 5);
    let columns = [
        ("state", 7),
        ("tries", 5),
        ("next try", 11),
        ("to", width * 2 / 5),
        ("the mail server's words", width - width * 2 / 5),
    ];
    let rows = console.shown_letters().skip(console.cursor().top).map(|row| {
        let tone = match row.state {
            LetterState::Sent => Tone::Good,
            LetterState::Failed | LetterState::Dropped => Tone::Bad,
            LetterState::Owed | LetterState::Sending => Tone::Waiting,
        };
        let marked = if console.is_marked(row.id) { "*" } else { "" };
        vec![
            Cell(format!("{}{marked}", row.state.word()), tone),
            Cell(row.attempts.to_string(), Tone::Plain),
            Cell(
                row.next_try.map(|at| at.format("%m-%d %H:%M").to_string()).unwrap_or_default(),
                Tone::Plain,
            ),
            Cell(row.to.clone(), Tone::Plain),
            Cell(row.last_answer.clone().unwrap_or_default(), Tone::Faint),
        ]
    });
    list(frame, area, console, &columns, rows);
    if console.rows().0 == 0 {
        nothing(
            frame,
            area,
            console,
            "The outbox is empty: no email failed in 30 days, and none was sent today.",
        );
    }
}
