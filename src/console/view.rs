//! The whole screen: it only draws what the model has.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::keys::{Panel, hints};
use super::look::{Look, Tone};
use super::model::{Console, Mode};
use super::{bans, cooldowns, outbox, popup, requests, token};

/// Smaller than this nothing can be seen.
const SMALLEST: (u16, u16) = (60, 14);

/// Below this height the sparkline makes room for rows.
const SPARKLINE_FROM: u16 = 18;

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

/// How high the list is on a screen of this size.
pub(super) fn list_height(console: &Console, height: u16) -> usize {
    let above =
        2 + u16::from(!console.status.alarms().is_empty()) + 1 + u16::from(height >= SPARKLINE_FROM) + 1;
    usize::from(height.saturating_sub(above + 1))
}

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, console: &Console) {
    let area = frame.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return too_small(frame, area);
    }
    let mut y = area.y;
    let mut line = |frame: &mut Frame<'_>, line: Line<'_>| {
        frame.render_widget(Paragraph::new(line), Rect { y, height: 1, ..area });
        y += 1;
    };
    for status in status_lines(console, usize::from(area.width)) {
        line(frame, status);
    }
    if let Some((word, what)) = console.status.alarms().first() {
        let more = console.status.alarms().len() - 1;
        let more = if more > 0 { format!(" (and {more} more: ? shows them)") } else { String::new() };
        let told = format!("! {word}: {what}");
        let room = usize::from(area.width).saturating_sub(more.len());
        line(
            frame,
            Line::styled(format!("{}{more}", fit(&told, room, console.look)), console.look.style(Tone::Bad)),
        );
    }
    line(frame, tabs(console));
    if area.height >= SPARKLINE_FROM {
        line(frame, sparklines(console, usize::from(area.width)));
    }
    let body = Rect { y, height: (area.y + area.height).saturating_sub(y + 1), ..area };
    match console.panel {
        Panel::Requests => requests::draw(frame, body, console),
        Panel::Cooldowns => cooldowns::draw(frame, body, console),
        Panel::Token => token::draw(frame, body, console),
        Panel::Bans => bans::draw(frame, body, console),
        Panel::Outbox => outbox::draw(frame, body, console),
    }
    let bottom = Rect { y: area.y + area.height - 1, height: 1, ..area };
    frame.render_widget(Paragraph::new(bottom_line(console, usize::from(area.width))), bottom);
    // The status stays in sight.
    let below = area.y + 2 + u16::from(!console.status.alarms().is_empty());
    popup::draw(frame, Rect { y: below, height: area.y + area.height - below, ..area }, console);
}

fn too_small(frame: &mut Frame<'_>, area: Rect) {
    let text = format!("{}x{}: too small, {}x{} it takes", area.width, area.height, SMALLEST.0, SMALLEST.1);
    frame.render_widget(Paragraph::new(text), area);
}

fn status_lines(console: &Console, width: usize) -> [Line<'static>; 2] {
    let fields = console.status.fields(console.now);
    let separator = if console.look.utf8 { " · " } else { " | " };
    let style = |is_bad: bool| if is_bad { console.look.style(Tone::Bad) } else { Style::new() };
    let lay = |short: bool| -> Option<[Line<'static>; 2]> {
        let mut lines: [Vec<Span<'static>>; 2] = Default::default();
        let (mut at, mut used) = (0, 0);
        for field in &fields {
            let text = if short { field.short.clone() } else { field.long.clone() };
            let gap = if used > 0 { 3 } else { 0 };
            let length = Span::raw(text.as_str()).width();
            if used > 0 && used + gap + length > width {
                at += 1;
                used = 0;
            }
            let line = lines.get_mut(at)?;
            if used > 0 {
                line.push(Span::styled(separator.to_owned(), console.look.style(Tone::Faint)));
                used += 3;
            }
            used += length;
            // Also told without colour.
            line.push(Span::styled(text, style(field.is_bad)));
        }
        Some(lines.map(Line::from))
    };
    lay(false).or_else(|| lay(true)).unwrap_or_default()
}

fn tabs(console: &Console) -> Line<'static> {
    let mut spans = Vec::new();
    for (at, panel) in Panel::ALL.into_iter().enumerate() {
        let name = format!("{} {}", at + 1, panel.name());
        spans.push(if panel == console.panel {
            Span::styled(format!("[{name}]"), Look::selected())
        } else {
            Span::styled(format!(" {name} "), Style::new())
        });
    }
    if console.read_only {
        spans.push(Span::styled(" read-only".to_owned(), console.look.style(Tone::Waiting)));
    }
    Line::from(spans)
}

fn sparklines(console: &Console, width: usize) -> Line<'static> {
    let look = console.look;
    let bars = look.bars();
    let highest = console.status.hours.iter().flatten().copied().max().unwrap_or(0).max(1);
    let mut spans = vec![Span::styled("24 h ".to_owned(), look.style(Tone::Faint))];
    let mut room = width.saturating_sub(5);
    for (row, (word, tone)) in
        [("accepted", Tone::Good), ("held", Tone::Waiting), ("refused", Tone::Bad)].into_iter().enumerate()
    {
        let hours = &console.status.hours[row];
        let total: u64 = hours.iter().sum();
        if row == 1 && total == 0 {
            continue;
        }
        let label =
            if width >= 100 { format!("{word} {total} ") } else { format!("{} ", ["+", "?", "-"][row]) };
        // Of 24 hours as many as there is room for, the last ones.
        let count = room.saturating_sub(label.len() + 1).min(24);
        let graph: String = hours[24 - count..]
            .iter()
            .map(|hour| {
                let step = if *hour == 0 { 0 } else { 1 + usize::try_from(hour * 7 / highest).unwrap_or(7) };
                bars[step.min(8)]
            })
            .collect();
        room = room.saturating_sub(label.len() + count + 1);
        spans.push(Span::styled(format!("{label}{graph} "), look.style(tone)));
    }
    Line::from(spans)
}

fn bottom_line(console: &Console, width: usize) -> Line<'static> {
    let look = console.look;
    if let Mode::Filter(input) = &console.mode {
        let (rows, all) = console.rows();
        return Line::raw(fit(&format!("/{}_  {rows} of {all}", input.text), width, look));
    }
    match &console.message {
        Some(Ok(done)) => Line::styled(fit(done.trim_end(), width, look), look.style(Tone::Good)),
        Some(Err(why)) => {
            Line::styled(fit(&format!("! {}", why.trim_end()), width, look), look.style(Tone::Bad))
        }
        None if console.busy > 0 => Line::styled(fit("one moment", width, look), look.style(Tone::Waiting)),
        None => {
            let filter = console.filter();
            let kept =
                if filter.is_empty() { String::new() } else { format!("filter: {filter} (Esc clears)  ") };
            Line::styled(
                fit(&format!("{kept}{}", hints(console.panel)), width, look),
                look.style(Tone::Faint),
            )
        }
    }
}

/// A column: its header and its width.
pub(super) type Column = (&'static str, usize);

/// A cell of a row.
pub(super) struct Cell(pub String, pub Tone);

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
            spans.push(Span::styled(format!("{} ", fit(&text, *width, look)), look.style(tone)));
        }
        let line = Line::from(spans);
        lines.push(if is_selected { line.style(Look::selected()) } else { line });
    }
    frame.render_widget(Paragraph::new(lines), area);
}

/// Where a list would be and is empty.
pub(super) fn nothing(frame: &mut Frame<'_>, area: Rect, console: &Console, text: &str) {
    let text = if console.filter().is_empty() { text } else { "Nothing that the filter lets through." };
    let below = Rect { y: area.y + 1.min(area.height), height: area.height.saturating_sub(1), ..area };
    frame.render_widget(Paragraph::new(format!("  {text}")), below);
}
