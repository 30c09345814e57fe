//! What panels and windows are drawn with.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use super::look::{Look, Tone};
use super::model::Console;

/// A line's text, cut or filled up to a width in columns.
pub(super) fn fit(text: &str, width: usize, look: Look) -> String {
    let columns = |text: &str| Span::raw(text).width();
    let text = look.visible(text);
    let all = columns(&text);
    if all <= width {
        return format!("{text}{}", " ".repeat(width - all));
    }
    let (mut kept, mut used) = (String::new(), 0);
    for c in text.chars() {
        let next = columns(c.encode_utf8(&mut [0; 4]));
        if used + next + 1 > width {
            break;
        }
        kept.push(c);
        used += next;
    }
    if width > 0 {
        kept.push(look.cut());
        used += 1;
    }
    format!("{kept}{}", " ".repeat(width.saturating_sub(used)))
}

/// A line too long for its place goes on below, so far to the right.
pub(super) fn wrapped(line: Line<'static>, width: usize, indent: usize) -> Vec<Line<'static>> {
    if line.width() <= width {
        return vec![line];
    }
    let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
    let columns = |c: char| Span::raw(c.encode_utf8(&mut [0; 4]) as &str).width();
    let mut rest: Vec<char> = text.chars().collect();
    let mut lines = Vec::new();
    while !rest.is_empty() {
        let indent = if lines.is_empty() { 0 } else { indent };
        let room = width.saturating_sub(indent).max(2);
        let mut used = 0;
        let fits = rest
            .iter()
            .take_while(|c| {
                used += columns(**c);
                used <= room
            })
            .count();
        // At a blank, where there is one.
        let end = if fits == rest.len() {
            fits
        } else {
            let blank = rest[..fits].iter().rposition(|c| *c == ' ').filter(|at| *at > fits / 2);
            blank.map_or(fits.max(1), |at| at + 1)
        };
        let piece: String = rest.drain(..end).collect();
        lines.push(Line::styled(format!("{}{piece}", " ".repeat(indent)), line.style));
    }
    lines
}

/// A column: its header and its width.
pub(super) type Column = (&'static str, usize);

/// A cell of a row.
pub(super) struct Cell(pub String, pub Tone);

/// Text as it is.
pub(super) fn plain(text: impl Into<String>) -> Cell {
    Cell(text.into(), Tone::Plain)
}

/// Header and rows of a list; the selected row differs by reverse style and a sign.
pub(super) fn list(
    frame: &mut Frame<'_>,
    area: Rect,
    console: &Console,
    columns: &[Column],
    rows: impl Iterator<Item = Vec<Cell>>,
) {
    let look = console.look;
    let header = columns.iter().map(|(name, width)| fit(name, *width, look)).collect::<Vec<_>>().join(" ");
    let mut lines = vec![Line::styled(format!("  {header}"), look.style(Tone::Title))];
    let cursor = console.cursor();
    for (at, row) in rows.take(usize::from(area.height.saturating_sub(1))).enumerate() {
        let is_selected = cursor.top + at == cursor.at;
        let mut spans = vec![Span::raw(if is_selected { "> " } else { "  " })];
        for (Cell(text, tone), (_, width)) in row.into_iter().zip(columns) {
            // Reversed, colours side by side could not be read.
            let tone = if is_selected { Tone::Plain } else { tone };
            spans.push(Span::styled(format!("{} ", fit(&text, *width, look)), look.style(tone)));
        }
        let line = Line::from(spans);
        lines.push(if is_selected { line.style(Look::selected()) } else { line });
    }
    frame.render_widget(Paragraph::new(lines), area);
}

/// Where a list would be and is empty.
pub(super) fn nothing(frame: &mut Frame<'_>, area: Rect, console: &Console, text: &str) {
    let text = if console.filter().is_empty() { text } else { "Nothing matches the filter." };
    let below = Rect { y: area.y + 1.min(area.height), height: area.height.saturating_sub(1), ..area };
    frame.render_widget(Paragraph::new(format!("  {text}")).wrap(Wrap { trim: false }), below);
}
