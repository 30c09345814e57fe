//! What stands over a panel: help, details, menus, questions, a line to type.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph, Wrap};

use crate::domain::BanKind;
use crate::store::LetterState;

use super::keys::{KEYS, Panel};
use super::look::{Look, Tone};
use super::model::{Console, Details, Mode, Prompt, Purpose};
use super::requests;
use super::view::fit;

/// Where texts begin in details and help.
const INDENT: usize = 10;

/// A window over the middle, of this height at most, in which `width` columns can be written.
fn window(frame: &mut Frame<'_>, area: Rect, console: &Console, title: &str, height: usize) -> Rect {
    let width = area.width.saturating_sub(2).min(100);
    let height = u16::try_from(height + 2).unwrap_or(u16::MAX).min(area.height).max(3);
    let outer = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height: height.min(area.height),
    };
    frame.render_widget(Clear, outer);
    let block = Block::bordered().border_set(console.look.border()).title(Line::styled(
        format!(" {} ", fit(title, title.chars().count().min(usize::from(width) - 6), console.look)),
        console.look.style(Tone::Title),
    ));
    let inner = block.inner(outer);
    frame.render_widget(block, outer);
    inner
}

fn scrolled(
    frame: &mut Frame<'_>,
    area: Rect,
    console: &Console,
    title: &str,
    lines: Vec<Line<'static>>,
    scroll: usize,
) {
    let width = usize::from(area.width.saturating_sub(2).min(100)) - 2;
    let lines: Vec<Line<'static>> = lines.into_iter().flat_map(|line| wrapped(line, width)).collect();
    let inner = window(frame, area, console, title, lines.len());
    let last = lines.len().saturating_sub(usize::from(inner.height));
    let at = scroll.min(last);
    let shown: Vec<Line<'static>> = lines.into_iter().skip(at).take(usize::from(inner.height)).collect();
    frame.render_widget(Paragraph::new(shown), inner);
}

/// A line too long for its window goes on below, where its text began.
fn wrapped(line: Line<'static>, width: usize) -> Vec<Line<'static>> {
    let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
    if line.width() <= width {
        return vec![line];
    }
    let mut rest: Vec<char> = text.chars().collect();
    let mut lines = Vec::new();
    while !rest.is_empty() {
        let indent = if lines.is_empty() { 0 } else { INDENT };
        let room = width.saturating_sub(indent).max(1);
        // At a blank, where there is one.
        let end = if rest.len() <= room {
            rest.len()
        } else {
            let blank = rest[..room].iter().rposition(|c| *c == ' ').filter(|at| *at > room / 2);
            blank.map_or(room, |at| at + 1)
        };
        let piece: String = rest.drain(..end).collect();
        lines.push(Line::styled(format!("{}{piece}", " ".repeat(indent)), line.style));
    }
    lines
}

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, console: &Console) {
    match &console.mode {
        Mode::Panel | Mode::Filter(_) => {}
        Mode::Help(scroll) => {
            let mut lines = Vec::new();
            for (word, what) in console.status.alarms() {
                lines.push(told("! ", &format!("{word}: {what}"), console, Tone::Bad));
            }
            for binding in KEYS {
                let whereabouts = binding.panel.map_or("", Panel::name);
                lines.push(Line::raw(format!("{:<9} {whereabouts:<9} {}", binding.shown, binding.help)));
            }
            scrolled(frame, area, console, "Keys (Esc closes)", lines, *scroll);
        }
        Mode::Details(details, scroll) => {
            let title = format!("Request {} (Esc closes)", details.row.id);
            scrolled(frame, area, console, &title, details_lines(details, console), *scroll);
        }
        Mode::BanMenu(choices, at) => {
            let width = usize::from(area.width).min(102) - 6;
            let lines: Vec<String> = choices
                .iter()
                .map(|choice| {
                    let hits =
                        format!("would have refused {} ({} accepted)", choice.hits.all, choice.hits.accepted);
                    let room = width.saturating_sub(12 + hits.len() + 2);
                    format!("{:<11} {} {hits}", choice.what, fit(&choice.entry, room, console.look))
                })
                .collect();
            let title = "Ban what? Of the last 30 days' requests it (Enter bans, Esc cancels)";
            menu(frame, area, console, title, &lines, *at);
        }
        Mode::KindMenu(at) => {
            let lines: Vec<String> = BanKind::ALL
                .into_iter()
                .map(|kind| {
                    let what = match kind {
                        BanKind::Ip => "an address or a range: 192.0.2.7, 192.0.2.0/24",
                        BanKind::Email => "an address or a domain: *@trash.example, trash.example",
                        BanKind::Username => "a regular expression: .*admin.*",
                    };
                    format!("{:<22} {what}", kind.file_name())
                })
                .collect();
            menu(frame, area, console, "Add to which list? (Enter takes, Esc cancels)", &lines, *at);
        }
        Mode::Ask(question) => {
            let inner = window(frame, area, console, "y yes, any other key no", 3);
            let text = console.look.visible(&question.text);
            let lines = vec![Line::raw(text), Line::raw(""), Line::raw("y: yes   n: no")];
            frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: true }), inner);
        }
        Mode::Type(prompt) => typed(frame, area, console, prompt),
    }
}

fn menu(frame: &mut Frame<'_>, area: Rect, console: &Console, title: &str, options: &[String], at: usize) {
    let inner = window(frame, area, console, title, options.len());
    let top = (at + 1).saturating_sub(usize::from(inner.height));
    let lines: Vec<Line<'static>> = options
        .iter()
        .enumerate()
        .skip(top)
        .map(|(number, option)| {
            let is_selected = number == at;
            let text = fit(
                &format!("{} {option}", if is_selected { ">" } else { " " }),
                usize::from(inner.width),
                console.look,
            );
            if is_selected { Line::styled(text, Look::selected()) } else { Line::raw(text) }
        })
        .collect();
    frame.render_widget(Paragraph::new(lines), inner);
}

fn typed(frame: &mut Frame<'_>, area: Rect, console: &Console, prompt: &Prompt) {
    let what = match prompt.purpose {
        Purpose::Add(_) | Purpose::Edit(..) => "Enter writes it, Esc cancels",
        Purpose::Test => "Esc closes",
        Purpose::Reason(_) => "Enter refuses, Esc cancels",
    };
    let inner = window(frame, area, console, &prompt.title, 5);
    // The end that is being typed at stays in sight.
    let width = usize::from(inner.width).saturating_sub(3);
    let skipped = prompt.input.cursor.saturating_sub(width);
    let mut shown: String = prompt.input.text.chars().skip(skipped).take(width + 1).collect();
    shown = console.look.visible(&shown);
    let (told, tone) = match &prompt.told {
        Ok(told) => (told, Tone::Plain),
        Err(why) => (why, Tone::Bad),
    };
    let lines = vec![
        Line::raw(format!("> {shown}")),
        Line::styled(console.look.visible(told), console.look.style(tone)),
        Line::raw(""),
        Line::styled(what, console.look.style(Tone::Faint)),
    ];
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), inner);
    let before: String =
        prompt.input.text.chars().skip(skipped).take(prompt.input.cursor - skipped).collect();
    let column = 2 + Span::raw(console.look.visible(&before)).width();
    let x = inner.x + u16::try_from(column).unwrap_or(0).min(inner.width.saturating_sub(1));
    frame.set_cursor_position((x, inner.y));
}

fn told(label: &str, text: &str, console: &Console, tone: Tone) -> Line<'static> {
    Line::styled(format!("{label}{}", console.look.visible(text)), console.look.style(tone))
}

fn details_lines(details: &Details, console: &Console) -> Vec<Line<'static>> {
    let row = &details.row;
    let mut lines = Vec::new();
    let mut line = |label: &str, text: &str, tone: Tone| {
        lines.push(told(&format!("{label:<9} "), text, console, tone));
    };
    line("name", &row.username, Tone::Plain);
    line("address", &row.email, Tone::Plain);
    line("IP", row.ip.as_deref().unwrap_or("none, it came by mail"), Tone::Plain);
    line("channel", &row.channel, Tone::Plain);
    line("time", &row.received_at.format("%Y-%m-%d %H:%M:%S UTC").to_string(), Tone::Plain);
    line("verdict", &row.verdict, requests::tone(&row.verdict));
    if let Some(reason) = &row.reason {
        line("reason", reason, Tone::Bad);
    }
    if let Some(detail) = &row.detail {
        line("", detail, Tone::Plain);
    }
    if row.stands_for > 1 {
        line("", &format!("stands for {} refusals of its kind", row.stands_for), Tone::Plain);
    }
    match &details.letter {
        None => line("letter", "none", Tone::Faint),
        Some(letter) => {
            let when = letter.ended_at.map(|at| at.format(" %Y-%m-%d %H:%M:%S UTC").to_string());
            let state = match letter.row.state {
                LetterState::Dropped => "dropped",
                state => state.word(),
            };
            let tries = match letter.row.attempts {
                1 => "1 try".to_owned(),
                tries => format!("{tries} tries"),
            };
            line("letter", &format!("{state}{}, {tries}", when.unwrap_or_default()), Tone::Plain);
            if let Some(answer) = &letter.row.last_answer {
                line("", answer, Tone::Faint);
            }
        }
    }
    for (what, earlier) in &details.alike {
        line("", "", Tone::Plain);
        line("earlier", &format!("{} from {what}", earlier.len()), Tone::Title);
        for other in earlier.iter().take(5) {
            let verdict = other.reason.as_deref().unwrap_or(&other.verdict);
            let text = format!(
                "{} {verdict} {} {}",
                other.received_at.format("%m-%d %H:%M"),
                other.username,
                other.email
            );
            line("", &text, requests::tone(&other.verdict));
        }
    }
    lines
}
