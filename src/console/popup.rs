//! What stands over a panel: help, details, menus, questions, a line to type.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};
use tui_input::Input;

use super::banning::{Choice, shown_mark};
use super::invitation::{draw_form, draw_link};
use super::keys::{Binding, KEYS, Panel};
use super::look::{Look, Tone};
use super::model::{Console, Details, Mode, Prompt, Purpose, found};
use super::requests;
use super::widgets::{fit, wrapped};
use crate::domain::BanKind;

/// Where texts begin in details; in help twice as far to the right.
const INDENT: usize = 10;

/// Where a count will stand.
const COUNTING: &str = "being counted";

/// A window over the middle, of this height at most, in which `width` columns can be written.
pub(super) fn window(
    frame: &mut Frame<'_>,
    area: Rect,
    console: &Console,
    title: &str,
    height: usize,
) -> Rect {
    let width = area.width.min(100);
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

/// Where a window of this height is beside the selected row: below it where there is room, else above it.
fn beside_row(area: Rect, console: &Console, height: usize) -> Rect {
    let cursor = console.cursor();
    // The row's own line: the header stands above it.
    let row = u16::try_from(cursor.at.saturating_sub(cursor.top) + 1).unwrap_or_default();
    let height = (u16::try_from(height).unwrap_or(u16::MAX).saturating_add(2)).min(area.height);
    let below = row + 1;
    let top = if below + height <= area.height { below } else { row.saturating_sub(height) };
    Rect { y: area.y + top.min(area.height - height), height, ..area }
}

/// How many columns a window over this has.
pub(super) fn inner_width(area: Rect) -> usize {
    usize::from(area.width.min(100)).saturating_sub(2)
}

fn scrolled(
    frame: &mut Frame<'_>,
    area: Rect,
    console: &Console,
    title: &str,
    lines: Vec<Line<'static>>,
    indent: usize,
    scroll: usize,
) {
    let width = inner_width(area);
    let lines: Vec<Line<'static>> = lines.into_iter().flat_map(|line| wrapped(line, width, indent)).collect();
    let page = usize::from(area.height.saturating_sub(2));
    let last = lines.len().saturating_sub(page);
    console.last_scroll.set(last);
    console.page.set(page);
    let more = if last > 0 { ", j k scroll" } else { "" };
    let inner = window(frame, area, console, &format!("{title} (Esc closes{more})"), lines.len());
    let at = scroll.min(last);
    let shown: Vec<Line<'static>> = lines.into_iter().skip(at).take(usize::from(inner.height)).collect();
    frame.render_widget(Paragraph::new(shown), inner);
}

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, console: &Console) {
    match &console.mode {
        Mode::Panel | Mode::Filter(_) => {}
        Mode::Help(scroll) => {
            scrolled(frame, area, console, "Keys", help_lines(console), 2 * INDENT, *scroll);
        }
        Mode::Alarms(scroll) => {
            let mut lines: Vec<Line<'static>> = Vec::new();
            for (word, what) in console.status.alarms() {
                lines.push(told("! ", &format!("{word}: {what}"), console, Tone::Bad));
            }
            if lines.is_empty() {
                lines.push(Line::raw("There is no alarm."));
            }
            scrolled(frame, area, console, "Alarms", lines, 2, *scroll);
        }
        Mode::Details(scroll) => {
            let Some(details) = &console.details else { return };
            let title = format!("Request {}", details.row.id);
            scrolled(frame, area, console, &title, details_lines(details, console), INDENT, *scroll);
        }
        Mode::Palette(input, at) => {
            let options: Vec<String> = found(console, input.value())
                .iter()
                .map(|binding| {
                    let whereabouts = binding.panel.map_or("", Panel::name);
                    format!("{:<9} {whereabouts:<9} {}", binding.shown, binding.help)
                })
                .collect();
            menu(frame, area, console, &format!(": {}_", input.value()), &options, *at, None);
        }
        Mode::BanMenu(choices, at) => {
            let entry = |choice: &Choice| match &choice.entries[..] {
                [entry] => entry.clone(),
                entries => format!("{}: {}", entries.len(), entries.join(", ")),
            };
            let lines: Vec<String> = choices
                .iter()
                .enumerate()
                .map(|(number, choice)| {
                    let hits = match &choice.hits {
                        Some(hits) => format!("hits {}, {} accepted", hits.all, hits.accepted),
                        None => COUNTING.to_owned(),
                    };
                    let ticked = if choice.is_ticked { '*' } else { ' ' };
                    let room = inner_width(area).saturating_sub(2 + 16 + hits.len() + 1);
                    let entry = fit(&entry(choice), room, console.look);
                    format!("{} {ticked} {:<11} {entry} {hits}", number + 1, choice.what)
                })
                .collect();
            let does = console.ban_mark.as_ref().map_or_else(
                || "m: hold instead, until when, a note".to_owned(),
                |mark| format!("It will: {}", shown_mark(mark)),
            );
            let told = choices.get(*at).map(|choice| {
                let entry = console.look.visible(&entry(choice));
                match &choice.hits {
                    Some(hits) => format!("{entry} would have refused {}. {does}", hits.in_words()),
                    None => format!("what {entry} would have refused is being counted: one moment"),
                }
            });
            menu(frame, area, console, "Ban what? (Space marks several, Enter bans)", &lines, *at, told);
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
            menu(frame, area, console, "Add to which list? (Enter takes, Esc cancels)", &lines, *at, None);
        }
        Mode::Ask(question) => {
            let mut lines = wrapped(Line::raw(console.look.visible(&question.text)), inner_width(area), 0);
            lines.extend([Line::raw(""), Line::raw("y: yes   n, or any other key: no")]);
            let inner =
                window(frame, beside_row(area, console, lines.len()), console, "Are you sure?", lines.len());
            frame.render_widget(Paragraph::new(lines), inner);
        }
        Mode::Type(prompt) => typed(frame, area, console, prompt),
        Mode::Invite(form) => draw_form(frame, area, console, form),
        Mode::Link(link) => draw_link(frame, area, console, link),
    }
}

/// Every key, what is this panel's own first, then what holds everywhere.
fn help_lines(console: &Console) -> Vec<Line<'static>> {
    let rank = |binding: &&Binding| match binding.panel {
        Some(panel) if panel == console.panel => 0,
        None => 1,
        Some(_) => 2,
    };
    let mut bindings: Vec<&Binding> = KEYS.iter().collect();
    bindings.sort_by_key(rank);
    let mut lines: Vec<Line<'static>> = bindings
        .into_iter()
        .map(|binding| {
            let whereabouts = binding.panel.map_or("", Panel::name);
            Line::raw(format!("{:<9} {whereabouts:<9} {}", binding.shown, binding.help))
        })
        .collect();
    let marks =
        ["accepted", "held", "refused"].map(|verdict| format!("{} {verdict}", console.look.mark(verdict)));
    lines.push(Line::raw(format!(
        "signs               {}; * marked; 24 h: requests by the hour",
        marks.join(", ")
    )));
    lines
}

/// Options, and below them what is told of the selected one.
fn menu(
    frame: &mut Frame<'_>,
    area: Rect,
    console: &Console,
    title: &str,
    options: &[String],
    at: usize,
    told: Option<String>,
) {
    let below: Vec<Line<'static>> = told
        .map(|told| wrapped(Line::raw(console.look.visible(&told)), inner_width(area), 0))
        .unwrap_or_default();
    let gap = usize::from(!below.is_empty() && usize::from(area.height) > options.len() + below.len() + 2);
    let inner = window(frame, area, console, title, options.len() + gap + below.len());
    let top = (at + 1).saturating_sub(usize::from(inner.height));
    let options = options.iter().enumerate().skip(top).map(|(number, option)| {
        let is_selected = number == at;
        let text = fit(
            &format!("{} {option}", if is_selected { ">" } else { " " }),
            usize::from(inner.width),
            console.look,
        );
        if is_selected { Line::styled(text, Look::selected()) } else { Line::raw(text) }
    });
    let lines: Vec<Line<'static>> =
        options.chain(std::iter::repeat_n(Line::raw(""), gap)).chain(below).collect();
    frame.render_widget(Paragraph::new(lines), inner);
}

fn typed(frame: &mut Frame<'_>, area: Rect, console: &Console, prompt: &Prompt) {
    let what = match prompt.purpose {
        Purpose::Add(_) | Purpose::Edit(..) => "Enter writes it, Esc cancels",
        Purpose::Test => "Esc closes",
        Purpose::Reason(_) => "Enter refuses, Esc cancels",
        Purpose::Resend(..) => "Enter sends it, Esc cancels",
        Purpose::Mark(..) => "Enter takes it, Esc cancels",
    };
    let (told, tone) = match &prompt.told {
        Some(Ok(told)) => (told.as_str(), Tone::Plain),
        Some(Err(why)) => (why.as_str(), Tone::Bad),
        None => ("what it would have refused is being counted: one moment", Tone::Waiting),
    };
    let style = console.look.style(tone);
    let mut below = wrapped(Line::styled(console.look.visible(told), style), inner_width(area), 0);
    // Where there is much to tell, its beginning.
    below.truncate(usize::from(area.height).saturating_sub(4).max(1));
    let inner = window(frame, area, console, &prompt.title, below.len() + 2);
    // The end that is being typed at stays in sight.
    let width = usize::from(inner.width).saturating_sub(3);
    let (shown, column) = line_being_typed(console, &prompt.input, width);
    let mut lines = vec![Line::raw(format!("> {shown}"))];
    lines.extend(below);
    lines.push(Line::styled(what, console.look.style(Tone::Faint)));
    frame.render_widget(Paragraph::new(lines), inner);
    let x = inner.x + u16::try_from(2 + column).unwrap_or(0).min(inner.width.saturating_sub(1));
    frame.set_cursor_position((x, inner.y));
}

/// What is typed, as far as it fits in so many columns with the cursor in sight, and the cursor's column.
pub(super) fn line_being_typed(console: &Console, input: &Input, width: usize) -> (String, usize) {
    let skipped = input.cursor().saturating_sub(width);
    let shown: String = input.value().chars().skip(skipped).take(width + 1).collect();
    let before: String = shown.chars().take(input.cursor() - skipped).collect();
    (console.look.visible(&shown), Span::raw(console.look.visible(&before)).width())
}

/// The details of the selected request beside the list.
pub(super) fn draw_beside(frame: &mut Frame<'_>, area: Rect, console: &Console) {
    let look = console.look;
    let title = console.details.as_ref().map_or_else(String::new, |details| {
        let name = look.visible(&details.row.username);
        format!(" {} ", fit(&name, Span::raw(name.as_str()).width().min(usize::from(area.width) / 2), look))
    });
    let block = Block::bordered()
        .border_set(look.border())
        .border_style(look.style(Tone::Frame))
        .title(Line::styled(title, look.style(Tone::Name)));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    if let Some(details) = &console.details {
        let width = usize::from(inner.width);
        let lines: Vec<Line<'static>> = details_lines(details, console)
            .into_iter()
            .flat_map(|line| wrapped(line, width, INDENT))
            .collect();
        frame.render_widget(Paragraph::new(lines), inner);
    }
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
    let nameless = row.verdict == "held" && row.username.is_empty();
    line("name", if nameless { "none that is clear" } else { &row.username }, Tone::Plain);
    line("address", &row.email, Tone::Plain);
    let without_ip =
        if row.channel == "invitation" { "none, you invited them" } else { "none, it came by mail" };
    line("IP", row.ip.as_deref().unwrap_or(without_ip), Tone::Plain);
    line("channel", &row.channel, Tone::Plain);
    if let Some(answer) = &row.answer {
        line("answer", answer, Tone::Name);
    }
    line("verdict", &row.verdict, requests::tone(&row.verdict));
    if let Some(reason) = &row.reason {
        line("reason", reason, requests::tone(&row.verdict));
    }
    if let Some(detail) = &row.detail {
        line("", detail, Tone::Plain);
    }
    if row.verdict == "held" {
        let approve = if nameless { "" } else { "a approves it, " };
        line("", &format!("it waits for your decision: {approve}x refuses it"), Tone::Plain);
    }
    line("time", &row.received_at.format("%Y-%m-%d %H:%M:%S UTC").to_string(), Tone::Plain);
    if row.stands_for > 1 {
        line("", &format!("stands for {} refusals like it", row.stands_for), Tone::Plain);
    }
    match &details.letter {
        None => line("email", "none", Tone::Faint),
        Some(letter) => {
            line("email", &letter.told(), Tone::Plain);
            if let Some(why) = console.status.why_it_waits(letter, &console.opened.settings, console.now) {
                line("", &why, Tone::Waiting);
            }
            if let Some(answer) = &letter.last_answer {
                line("", answer, Tone::Faint);
            }
        }
    }
    for (label, at) in [("opened", row.link_opened_at), ("account", row.account_made_at)] {
        if let Some(at) = at {
            line(label, &at.format("%Y-%m-%d %H:%M:%S UTC").to_string(), Tone::Good);
        }
    }
    match row.arrived.filter(|_| row.account_made_at.is_none()) {
        None => {}
        Some(true) => line("token", "used: the applicant has arrived", Tone::Good),
        Some(false) => line("token", "not used yet", Tone::Plain),
    }
    let Some(alike) = &details.alike else {
        line("", "", Tone::Plain);
        line("earlier", COUNTING, Tone::Waiting);
        return lines;
    };
    for alike in alike {
        line("", "", Tone::Plain);
        line("earlier", &format!("{} from {}", alike.hits.all, alike.what), Tone::Title);
        for other in &alike.hits.newest {
            let reason = other.reason.as_deref().filter(|_| other.verdict == "refused");
            let verdict = reason.unwrap_or(&other.verdict);
            let at = other.received_at.format("%m-%d %H:%M");
            let text = format!("{at} {verdict} {} {}", other.username, other.email);
            line("", &text, requests::tone(&other.verdict));
        }
    }
    lines
}
