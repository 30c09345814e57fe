//! The panes below the list, where there is room for everything at once: the day, the token, the bans that hit, the outbox.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};

use crate::cli::when::span;
use crate::store::Live;

use super::look::Tone;
use super::model::Console;
use super::status::age;
use super::widgets::fit;

/// Dots of a braille cell from the bottom up, in its left and right column.
const DOTS: [[u32; 4]; 2] = [[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]];

/// What a day's token is as old as, in hours.
const DAY: f64 = 24.0;

fn pane(frame: &mut Frame<'_>, area: Rect, console: &Console, title: &str, lines: Vec<Line<'static>>) {
    let look = console.look;
    let block = Block::bordered()
        .border_set(look.border())
        .border_style(look.style(Tone::Frame))
        .title(Line::styled(format!(" {title} "), look.style(Tone::Title)));
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

/// Draws them all.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, console: &Console) {
    let [day, token, bans, outbox] = Layout::horizontal([Constraint::Fill(1); 4]).areas(area);
    pane(frame, day, console, "Last 24 hours", chart(console, day));
    pane(frame, token, console, "3 Token", token_lines(console, token));
    pane(frame, bans, console, "4 Bans that hit", ban_lines(console, bans));
    pane(frame, outbox, console, "5 Outbox", outbox_lines(console, outbox));
}

/// A line a verdict, two hours a column of braille dots, or a bar an hour where there is none.
fn chart(console: &Console, area: Rect) -> Vec<Line<'static>> {
    let (look, hours) = (console.look, &console.status.hours);
    let words = [("accepted", Tone::Good), ("held", Tone::Waiting), ("refused", Tone::Bad)];
    let mut lines = Vec::new();
    for ((word, tone), hours) in words.into_iter().zip(hours) {
        let highest = hours.iter().copied().max().unwrap_or(0).max(1);
        let total: u64 = hours.iter().sum();
        // Of eight steps; whatever is not nothing is seen.
        let step = |count: u64| usize::try_from((count * 8).div_ceil(highest)).unwrap_or(8).min(8);
        let rows: Vec<String> = if look.utf8 {
            [4, 0]
                .map(|below| {
                    hours
                        .iter()
                        .map(|hour| {
                            let filled = step(*hour).saturating_sub(below).min(4);
                            let dots: u32 = DOTS.iter().flat_map(|column| &column[..filled]).sum();
                            char::from_u32(0x2800 + dots).unwrap_or(' ')
                        })
                        .collect()
                })
                .to_vec()
        } else {
            let bars = look.bars();
            vec![hours.iter().map(|hour| bars[step(*hour)]).collect()]
        };
        let label = [format!("{word:<9}"), format!("{total:<9}")];
        for (row, label) in rows.iter().zip(label.iter().cycle()) {
            lines.push(Line::from(vec![
                Span::styled(label.clone(), look.style(tone)),
                Span::styled(row.clone(), look.style(tone)),
            ]));
        }
    }
    lines.truncate(usize::from(area.height.saturating_sub(2)));
    lines
}

fn token_lines(console: &Console, area: Rect) -> Vec<Line<'static>> {
    let (look, status) = (console.look, &console.status);
    let width = usize::from(area.width.saturating_sub(4));
    let live = status.personal.or(status.token.map(|(_, live)| live)).unwrap_or(Live::No);
    let (words, tone) = match live {
        Live::Yes => ("live", Tone::Good),
        Live::No => ("not live", Tone::Bad),
        Live::CannotBeChecked => ("cannot be checked", Tone::Plain),
    };
    let mut lines = Vec::new();
    if let Some((made_at, _)) = status.token.filter(|_| status.personal.is_none()) {
        let old = console.now - made_at;
        #[expect(clippy::cast_precision_loss, reason = "a few columns")]
        let part = old.num_minutes() as f64 / 60.0 / DAY;
        lines.push(Line::styled(format!(" {}", look.gauge(part, width)), look.style(Tone::Number)));
        lines.push(Line::raw(format!(" {} old", age(old))));
    } else if status.personal.is_some() {
        lines.push(Line::raw(" each applicant has one of their own"));
    } else {
        lines.push(Line::raw(" there is none yet"));
    }
    lines.push(Line::styled(format!(" {words}"), look.style(tone)));
    if let Some(reset) = status.next_reset {
        lines.push(Line::raw(format!(
            " reset {} UTC, in {}",
            reset.format("%H:%M"),
            span(reset - console.now)
        )));
    }
    if let Some(homeserver) = &status.condition.homeserver {
        lines.push(Line::styled(fit(&format!(" {homeserver}"), width, look), look.style(Tone::Faint)));
    }
    lines
}

fn ban_lines(console: &Console, area: Rect) -> Vec<Line<'static>> {
    let width = usize::from(area.width.saturating_sub(2));
    let mut hits: Vec<(&str, u64)> =
        console.ban_hits.iter().map(|((_, entry), count)| (entry.as_str(), *count)).collect();
    hits.sort_by_key(|(entry, count)| (std::cmp::Reverse(*count), *entry));
    if hits.is_empty() {
        return vec![Line::styled(" none in 30 days", console.look.style(Tone::Faint))];
    }
    let rows = hits.iter().take(usize::from(area.height.saturating_sub(2)));
    rows.map(|(entry, count)| {
        Line::raw(format!(" {} {count:>7}", fit(entry, width.saturating_sub(10), console.look)))
    })
    .collect()
}

fn outbox_lines(console: &Console, area: Rect) -> Vec<Line<'static>> {
    let (look, status) = (console.look, &console.status);
    let oldest =
        status.outbox.oldest.map_or_else(String::new, |at| format!(", oldest {}", age(console.now - at)));
    let failed = if status.failed[0] > 0 { Tone::Bad } else { Tone::Plain };
    let mut lines = vec![
        Line::raw(format!(" {} owed{oldest}", status.outbox.owed)),
        Line::styled(format!(" {} failed in 30 days", status.failed[0]), look.style(failed)),
        Line::raw(format!(" {} sent in the last hour", status.sent)),
    ];
    let width = usize::from(area.width.saturating_sub(2));
    let worst = console.outbox.iter().filter(|row| row.last_answer.is_some());
    let told = worst.map(|row| {
        let text = format!(" {}: {}", row.to, row.last_answer.as_deref().unwrap_or_default());
        Line::styled(fit(&text, width, look), look.style(Tone::Faint))
    });
    lines.extend(told.take(usize::from(area.height.saturating_sub(5))));
    lines
}
