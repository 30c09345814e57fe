//! The whole screen: it only draws what the model has.

use ratatui::Frame;
use ratatui::layout::{Rect, Size};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph, Wrap};

use crate::filter::candidates;

use super::alarm::alarm_lines;
use super::keys::{Panel, hints};
use super::look::{Look, Tone};
use super::model::{Console, Mode};
use super::widgets::{fit, wrapped};
use super::{bans, cooldowns, outbox, popup, requests, sparkline, token};

/// Smaller than this nothing can be seen.
const SMALLEST: (u16, u16) = (60, 14);

/// Below this height the sparkline makes room for rows.
const SPARKLINE_FROM: u16 = 18;

/// The fields of the status in the order in which they are shortened.
const SHORTENED: [usize; 6] = [5, 0, 4, 2, 3, 1];

/// A wave of refusals is told on small screens, too.
fn has_sparkline(console: &Console, height: u16) -> bool {
    height >= SPARKLINE_FROM || console.status.wave().is_some()
}

/// Below these lists the selected row's words stand in full.
fn has_words_below(panel: Panel) -> bool {
    matches!(panel, Panel::Bans | Panel::Outbox)
}

/// How many lines they have.
const WORDS: u16 = 2;

/// A message has so many lines at most.
const MESSAGE: usize = 3;

/// How high the list is on a screen of this size.
pub(super) fn list_height(console: &Console, size: Size) -> usize {
    let above =
        2 + alarm_lines(console, size).len() + 1 + usize::from(has_sparkline(console, size.height)) + 1;
    let below = 1 + if has_words_below(console.panel) { usize::from(WORDS) } else { 0 };
    usize::from(size.height).saturating_sub(above + below)
}

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, console: &Console) {
    let area = frame.area();
    if is_too_small(area.as_size()) {
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
    let alarm = alarm_lines(console, area.as_size());
    let alarm_height = u16::try_from(alarm.len()).unwrap_or_default();
    for text in alarm {
        line(frame, Line::styled(text, console.look.style(Tone::Bad)));
    }
    line(frame, tabs(console));
    if has_sparkline(console, area.height) {
        line(frame, sparkline::draw(console, usize::from(area.width)));
    }
    let words = if has_words_below(console.panel) { WORDS } else { 0 };
    let body = Rect { y, height: (area.y + area.height).saturating_sub(y + 1 + words), ..area };
    match console.panel {
        Panel::Requests => requests::draw(frame, body, console),
        Panel::Cooldowns => cooldowns::draw(frame, body, console),
        Panel::Token => token::draw(frame, body, console),
        Panel::Bans => bans::draw(frame, body, console),
        Panel::Outbox => outbox::draw(frame, body, console),
    }
    let below = Rect { y: body.y + body.height, height: words, ..area };
    match console.panel {
        Panel::Bans => draw_words(frame, below, console, bans::words(console)),
        Panel::Outbox => draw_words(frame, below, console, outbox::words(console)),
        _ => {}
    }
    let bottom = bottom_lines(console, usize::from(area.width));
    let height = u16::try_from(bottom.len()).unwrap_or(1);
    let bottom_area = Rect { y: area.y + area.height - height, height, ..area };
    frame.render_widget(Clear, bottom_area);
    frame.render_widget(Paragraph::new(bottom), bottom_area);
    // The status, the name of the panel and the keys stay in sight.
    let below = area.y + 3 + alarm_height;
    popup::draw(frame, Rect { y: below, height: area.y + area.height - below - 1, ..area }, console);
}

fn draw_words(frame: &mut Frame<'_>, area: Rect, console: &Console, words: Option<String>) {
    let Some(words) = words else { return };
    let line = Line::styled(console.look.visible(&words), console.look.style(Tone::Faint));
    let lines = wrapped(line, usize::from(area.width), 2);
    frame.render_widget(Paragraph::new(lines), area);
}

/// Whether nothing can be seen on a screen of this size.
pub(super) fn is_too_small(size: Size) -> bool {
    size.width < SMALLEST.0 || size.height < SMALLEST.1
}

fn too_small(frame: &mut Frame<'_>, area: Rect) {
    let text = format!(
        "{}x{}: too small, at least {}x{} is needed",
        area.width, area.height, SMALLEST.0, SMALLEST.1
    );
    frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
}

fn status_lines(console: &Console, width: usize) -> [Line<'static>; 2] {
    let fields = console.status.fields(console.now);
    let separator = if console.look.utf8 { " · " } else { " | " };
    let style = |is_bad: bool| if is_bad { console.look.style(Tone::Bad) } else { Style::new() };
    let lay = |is_short: &[bool]| -> Option<[Line<'static>; 2]> {
        let mut lines: [Vec<Span<'static>>; 2] = Default::default();
        let (mut at, mut used) = (0, 0);
        for (field, is_short) in fields.iter().zip(is_short) {
            let text = if *is_short { field.short.clone() } else { field.long.clone() };
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
    // Field by field is shortened, why the desk is closed last, until all have room.
    let mut is_short = vec![false; fields.len()];
    let mut order = SHORTENED.iter();
    loop {
        match (lay(&is_short), order.next()) {
            (Some(_), _) => break,
            (None, Some(at)) => is_short[*at] = true,
            (None, None) => return Default::default(),
        }
    }
    // One that needed much room may have made others short that have room now.
    for at in SHORTENED.iter().rev() {
        let was_short = std::mem::replace(&mut is_short[*at], false);
        is_short[*at] = was_short && lay(&is_short).is_none();
    }
    lay(&is_short).unwrap_or_default()
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

/// The filter that is typed, what was done, or the keys.
fn bottom_lines(console: &Console, width: usize) -> Vec<Line<'static>> {
    let look = console.look;
    let told = |text: &str, tone| {
        let line = Line::styled(look.visible(text.trim_end()), look.style(tone));
        let mut lines = wrapped(line, width, 2);
        lines.truncate(MESSAGE);
        lines
    };
    if let Mode::Filter(input) = &console.mode {
        let (rows, all) = console.rows();
        let typed = fit(&format!("/{}_  {rows} of {all}", input.value()), width, look);
        let (told, tone) = match (&console.unclear, candidates(input.value())) {
            (Some(unclear), _) => (format!("! {unclear}"), Tone::Bad),
            (None, found) if found.is_empty() => ("Enter keeps it, Esc clears it".into(), Tone::Faint),
            (None, found) => (format!("Tab: {}", found.join(" ")), Tone::Faint),
        };
        return vec![Line::raw(typed), Line::styled(fit(&told, width, look), look.style(tone))];
    }
    let here = match &console.mode {
        Mode::Help(_) => "j k scroll  Esc closes  q quit",
        Mode::Details(details, _) if details.row.verdict == "held" => {
            "a approve  x refuse  b ban  u undo  Esc closes  q quit"
        }
        Mode::Details(..) => "b ban  u undo  Esc closes  q quit",
        Mode::BanMenu(..) if console.is_being_counted() => {
            "one moment: it is being counted  Esc cancels  q quit"
        }
        Mode::BanMenu(..) | Mode::KindMenu(_) => "j k choose  Enter takes  Esc cancels  q quit",
        Mode::Ask(_) => "y yes  n no  q quit",
        Mode::Type(_) => "Esc leaves",
        Mode::Panel | Mode::Filter(_) => "",
    };
    match &console.message {
        None if !here.is_empty() => told(here, Tone::Faint),
        Some(Ok(done)) => told(done, Tone::Good),
        Some(Err(why)) => told(&format!("! {}", why.trim_end()), Tone::Bad),
        None if console.busy > 0 => told("one moment", Tone::Waiting),
        None => {
            let filter = console.filter();
            let kept = if filter.is_empty() {
                String::new()
            } else {
                let filter = fit(filter, filter.chars().count().min(16), look);
                let (rows, all) = console.rows();
                format!("filter: {filter}, {rows} of {all} (Esc clears)  ")
            };
            let room = width.saturating_sub(Span::raw(kept.as_str()).width());
            vec![Line::styled(format!("{kept}{}", hints(console.panel, room)), look.style(Tone::Faint))]
        }
    }
}
