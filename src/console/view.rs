//! The whole screen: it only draws what the model has.

use ratatui::Frame;
use ratatui::layout::{Rect, Size};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph, Wrap};

use crate::filter::{What, candidates};
use crate::store::Order;

use super::alarm::alarm_lines;
use super::keys::{Panel, hints};
use super::look::{Look, Tone};
use super::model::{Console, Mode};
use super::widgets::{fit, wrapped};
use super::{bans, cooldowns, dashboard, journal, outbox, popup, requests, sparkline, token};

/// Smaller than this nothing can be seen.
const SMALLEST: (u16, u16) = (60, 14);

/// Below this height frame and sparkline make room for rows.
const FRAMED_FROM: u16 = 18;

/// From this width on the details stand beside the list.
const WIDE: u16 = 120;

/// From this size on there is everything at once.
const ALL_AT_ONCE: (u16, u16) = (160, 45);

/// How high the panes below the list are.
const PANES: u16 = 9;

/// A message has so many lines at most.
const MESSAGE: usize = 3;

/// Where things stand.
struct Places {
    is_framed: bool,
    /// The panel, its frame included, and within it.
    outer: Rect,
    list: Rect,
    /// Words in full above or below the list.
    words: Rect,
    details: Option<Rect>,
    panes: Option<Rect>,
}

/// How many lines of words stand with the list, and whether above it.
fn words_of(console: &Console, height: u16) -> (u16, bool) {
    match console.panel {
        Panel::Bans | Panel::Outbox => (2, false),
        Panel::Journal => (2, true),
        Panel::Requests if !console.is_wide && is_of_what_waits(console) => {
            (if height < FRAMED_FROM { 2 } else { 3 }, false)
        }
        Panel::Requests | Panel::Cooldowns | Panel::Token => (0, false),
    }
}

fn is_of_what_waits(console: &Console) -> bool {
    console.asked().terms.iter().any(|term| term.what == What::Verdict("held") && !term.is_not)
}

fn places(console: &Console, size: Size) -> Places {
    let is_framed = size.height >= FRAMED_FROM;
    let alarms = u16::try_from(alarm_lines(console, size).len()).unwrap_or_default();
    let top = 2 + alarms;
    // The keys stand below everything.
    let body = Rect::new(0, top, size.width, size.height.saturating_sub(top + 1));
    let has_panes = has_panes(size);
    let [body, panes] = split(body, false, if has_panes { PANES } else { 0 });
    let is_wide = size.width >= WIDE && console.panel == Panel::Requests;
    let [outer, details] = split(body, true, if is_wide { (size.width * 2 / 5).max(46) } else { 0 });
    let has_wave = !is_framed && console.status.wave().is_some();
    let within = if is_framed {
        Rect::new(outer.x + 1, outer.y + 1, outer.width.saturating_sub(2), outer.height.saturating_sub(2))
    } else {
        let above = 1 + u16::from(has_wave);
        Rect { y: outer.y + above, height: outer.height.saturating_sub(above), ..outer }
    };
    let (lines, is_above) = words_of(console, size.height);
    let [first, second] =
        split(within, false, if is_above { within.height.saturating_sub(lines) } else { lines });
    let (words, list) = if is_above { (first, second) } else { (second, first) };
    Places {
        is_framed,
        outer,
        list,
        words,
        details: is_wide.then_some(details),
        panes: has_panes.then_some(panes),
    }
}

/// What is left, and so much at the right or at the bottom.
fn split(area: Rect, is_at_right: bool, much: u16) -> [Rect; 2] {
    if is_at_right {
        let left = area.width.saturating_sub(much);
        return [Rect { width: left, ..area }, Rect { x: area.x + left, width: area.width - left, ..area }];
    }
    let above = area.height.saturating_sub(much);
    [Rect { height: above, ..area }, Rect { y: area.y + above, height: area.height - above, ..area }]
}

/// Whether the details stand beside the list on a screen of this size.
pub(super) fn is_wide(size: Size) -> bool {
    size.width >= WIDE
}

/// Whether there are panes of everything below it.
pub(super) fn has_panes(size: Size) -> bool {
    size.width >= ALL_AT_ONCE.0 && size.height >= ALL_AT_ONCE.1
}

/// How many rows the list has on a screen of this size: its header is none.
pub(super) fn list_height(console: &Console, size: Size) -> usize {
    usize::from(places(console, size).list.height).saturating_sub(1)
}

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, console: &Console) {
    let area = frame.area();
    if is_too_small(area.as_size()) {
        return too_small(frame, area);
    }
    let places = places(console, area.as_size());
    let mut y = area.y;
    let mut line = |frame: &mut Frame<'_>, line: Line<'_>| {
        frame.render_widget(Paragraph::new(line), Rect { y, height: 1, ..area });
        y += 1;
    };
    for status in status_lines(console, usize::from(area.width)) {
        line(frame, status);
    }
    for text in alarm_lines(console, area.as_size()) {
        line(frame, Line::styled(text, console.look.style(Tone::Bad)));
    }
    draw_frame(frame, console, &places);
    match console.panel {
        Panel::Requests => requests::draw(frame, places.list, console),
        Panel::Cooldowns => cooldowns::draw(frame, places.list, console),
        Panel::Token => token::draw(frame, places.list, console),
        Panel::Bans => bans::draw(frame, places.list, console),
        Panel::Outbox => outbox::draw(frame, places.list, console),
        Panel::Journal => journal::draw(frame, places.list, console),
    }
    let words = match console.panel {
        Panel::Bans => bans::words(console),
        Panel::Outbox => outbox::words(console),
        Panel::Journal => Some(journal::words(console)),
        Panel::Requests => requests::words(console),
        Panel::Cooldowns | Panel::Token => None,
    };
    if let Some(words) = words.filter(|_| places.words.height > 0) {
        let text = Line::styled(console.look.visible(&words), console.look.style(Tone::Faint));
        frame.render_widget(Paragraph::new(wrapped(text, usize::from(places.words.width), 2)), places.words);
    }
    if let Some(area) = places.details {
        popup::draw_beside(frame, area, console);
    }
    if let Some(area) = places.panes {
        dashboard::draw(frame, area, console);
    }
    let bottom = bottom_lines(console, usize::from(area.width));
    let height = u16::try_from(bottom.len()).unwrap_or(1);
    let bottom_area = Rect { y: area.y + area.height - height, height, ..area };
    frame.render_widget(Clear, bottom_area);
    frame.render_widget(Paragraph::new(bottom), bottom_area);
    // The status, the name of the panel and the keys stay in sight.
    let top = places.outer.y + 1;
    popup::draw(frame, Rect { y: top, height: area.y + area.height - top - 1, ..area }, console);
    console.look.paint(frame.buffer_mut());
}

/// The panel's frame: the names of all panels in its upper line, the last day in its lower one.
fn draw_frame(frame: &mut Frame<'_>, console: &Console, places: &Places) {
    let (look, outer) = (console.look, places.outer);
    let width = usize::from(outer.width);
    if !places.is_framed {
        frame.render_widget(Paragraph::new(tabs(console, width, " ")), Rect { height: 1, ..outer });
        if console.status.wave().is_some() {
            let below = Rect { y: outer.y + 1, height: 1, ..outer };
            frame.render_widget(Paragraph::new(sparkline::draw(console, width)), below);
        }
        return;
    }
    let tone = if places.details.is_some() || places.panes.is_some() { Tone::Focus } else { Tone::Frame };
    let between = if look.utf8 { "─" } else { "-" };
    let block = Block::bordered()
        .border_set(look.border())
        .border_style(look.style(tone))
        .title(tabs(console, width.saturating_sub(4), between))
        .title_bottom(sparkline::draw(console, width.saturating_sub(4)).right_aligned());
    frame.render_widget(block, outer);
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
    let lay = |is_short: &[bool], is_cut: bool| -> Option<[Line<'static>; 2]> {
        let mut lines: [Vec<Span<'static>>; 2] = Default::default();
        let (mut at, mut used) = (0, 0);
        for (field, is_short) in fields.iter().zip(is_short) {
            let text = if *is_short { field.short.clone() } else { field.long.clone() };
            let gap = if used > 0 { 3 } else { 0 };
            let length = Span::raw(text.as_str()).width();
            if used > 0 && used + gap + length > width && (at == 0 || !is_cut) {
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
            line.push(Span::styled(
                text,
                field.tone.map_or_else(Style::new, |tone| console.look.style(tone)),
            ));
        }
        Some(lines.map(Line::from))
    };
    // Field by field is shortened, why the desk is closed last, until all have room.
    let mut order: Vec<usize> = (0..fields.len()).collect();
    order.sort_by_key(|at| fields[*at].rank);
    let mut is_short = vec![false; fields.len()];
    for at in &order {
        if lay(&is_short, false).is_some() {
            break;
        }
        is_short[*at] = true;
    }
    // One that needed much room may have made others short that have room now.
    for at in order.iter().rev() {
        let was_short = std::mem::replace(&mut is_short[*at], false);
        is_short[*at] = was_short && lay(&is_short, false).is_none();
    }
    lay(&is_short, false).or_else(|| lay(&is_short, true)).unwrap_or_default()
}

/// The names of all panels; where they have no room, the others by their beginnings.
fn tabs(console: &Console, width: usize, between: &str) -> Line<'static> {
    let look = console.look;
    let all = |longest: usize| -> Vec<Span<'static>> {
        let mut spans = Vec::new();
        for (at, panel) in Panel::ALL.into_iter().enumerate() {
            if panel == console.panel {
                spans.push(Span::styled(format!("[{} {}]", at + 1, panel.name()), Look::selected()));
            } else {
                let name: String = panel.name().chars().take(longest).collect();
                spans.push(Span::styled(format!(" {} {name} ", at + 1), look.style(Tone::Faint)));
            }
            spans.push(Span::styled(between.trim_start().to_owned(), look.style(Tone::Frame)));
        }
        spans.pop();
        if console.read_only {
            spans.push(Span::styled(" read-only".to_owned(), look.style(Tone::Unusual)));
        }
        spans
    };
    let found = [9, 4, 2, 0].map(|longest| Line::from(all(longest)));
    found.iter().find(|line| line.width() <= width).unwrap_or(&found[3]).clone()
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
    let (rows, all) = console.counts();
    if let Mode::Filter(input) = &console.mode {
        let typed = fit(&format!("/{}_  {rows} of {all}", input.value()), width, look);
        let (told, tone) = match (&console.unclear, candidates(input.value())) {
            (Some(unclear), _) => (format!("! {unclear}"), Tone::Bad),
            (None, found) if found.is_empty() => {
                ("Enter keeps it, Esc clears it, Up brings earlier ones".into(), Tone::Faint)
            }
            (None, found) => (format!("Tab: {}", found.join(" ")), Tone::Faint),
        };
        return vec![Line::raw(typed), Line::styled(fit(&told, width, look), look.style(tone))];
    }
    let is_held = console.details.as_ref().is_some_and(|details| details.row.verdict == "held");
    let here = match &console.mode {
        Mode::Help(_) | Mode::Alarms(_) => "j k scroll  Esc closes  q quit",
        Mode::Details(_) if is_held => "a approve  x refuse  b ban  u undo  y copy  Esc closes  q quit",
        Mode::Details(_) => "b ban  u undo  y copy  Esc closes  q quit",
        Mode::BanMenu(..) if console.is_being_counted() => {
            "one moment: it is being counted  Esc cancels  q quit"
        }
        Mode::BanMenu(..) => "j k choose  Space or its number marks several  Enter bans  Esc cancels  q quit",
        Mode::KindMenu(_) => "j k choose  Enter takes  Esc cancels  q quit",
        Mode::Palette(..) => "type what is wanted  Enter does it  Esc closes",
        Mode::Ask(_) => "y yes  n no  q quit",
        Mode::Type(_) => "Esc leaves",
        Mode::Invite(_) => "Enter invites  Tab goes on  Esc cancels",
        Mode::Link(_) => "y copy  Esc closes",
        Mode::Panel | Mode::Filter(_) => "",
    };
    match &console.message {
        None if !here.is_empty() => told(here, Tone::Faint),
        Some(Ok(done)) => told(done, Tone::Good),
        Some(Err(why)) => told(&format!("! {}", why.trim_end()), Tone::Bad),
        None if console.busy > 0 => told("one moment", Tone::Waiting),
        None => {
            let mut kept = Vec::new();
            let filter = console.filter();
            if !filter.is_empty() {
                let filter = fit(filter, Span::raw(filter).width().min(24), look);
                kept.push(format!("/{filter}: {rows} of {all} (Esc clears)"));
            }
            if console.panel == Panel::Requests && console.order != Order::default() {
                kept.push(console.order.words().to_owned());
            }
            if console.marks() > 0 {
                kept.push(format!("{} marked", console.marks()));
            }
            kept.push(String::new());
            let kept = kept.join("  ");
            let room = width.saturating_sub(Span::raw(kept.as_str()).width());
            vec![Line::from(vec![
                Span::styled(kept, look.style(Tone::Unusual)),
                Span::styled(hints(console.panel, room), look.style(Tone::Faint)),
            ])]
        }
    }
}
