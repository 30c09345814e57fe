//! The form by which somebody is invited, and the link that is handed over, as they stand over a panel.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

use crate::domain::LinkSecret;

use super::look::Tone;
use super::model::{Console, FIELDS, InviteForm};
use super::popup::{inner_width, line_being_typed, window};
use super::widgets::wrapped;

/// Before what is typed.
const LABEL: usize = 8;

pub(super) fn draw_form(frame: &mut Frame<'_>, area: Rect, console: &Console, form: &InviteForm) {
    let look = console.look;
    let ticked = |is: bool| if is { "[x]" } else { "[ ]" };
    let (told, tone) = match &form.wrong {
        Some(why) => (why.as_str(), Tone::Bad),
        None => (FIELDS[form.at].1, Tone::Plain),
    };
    let mut below = wrapped(Line::styled(look.visible(told), look.style(tone)), inner_width(area), 0);
    below.truncate(usize::from(area.height).saturating_sub(FIELDS.len() + 4).max(1));
    let height = FIELDS.len() + 2 + below.len();
    let inner = window(frame, area, console, "Invite: a sign-up link, past a closed desk", height);
    let width = usize::from(inner.width).saturating_sub(LABEL + 1);
    let mut lines = Vec::new();
    for (at, ((label, _), input)) in FIELDS.iter().zip(&form.inputs).enumerate() {
        let (shown, column) = line_being_typed(console, input, width);
        let mark = if at == form.at { '>' } else { ' ' };
        lines.push(Line::raw(format!("{mark} {label:<6}{shown}")));
        if at == form.at {
            let x = u16::try_from(LABEL + column).unwrap_or(0).min(inner.width.saturating_sub(1));
            frame.set_cursor_position((inner.x + x, inner.y + u16::try_from(at).unwrap_or(0)));
        }
    }
    lines.push(Line::raw(format!(
        "  {} Ctrl-P hand it over  {} Ctrl-B despite bans",
        ticked(form.is_handed_over),
        ticked(form.despite_bans)
    )));
    lines.extend(below);
    lines.push(Line::styled("Enter invites, Tab goes on, Esc cancels", look.style(Tone::Faint)));
    frame.render_widget(Paragraph::new(lines), inner);
}

pub(super) fn draw_link(frame: &mut Frame<'_>, area: Rect, console: &Console, link: &LinkSecret) {
    let url = console.url(link);
    let width = usize::from(frame.area().width).max(1);
    let rows = Span::raw(url.as_str()).width().div_ceil(width).max(1);
    let told = "The link to hand over: whoever has it can make the account. It is shown this once.";
    let mut lines = wrapped(Line::raw(told), inner_width(area), 0);
    let line_of_url = lines.len() + 1;
    lines.extend((0..rows + 2).map(|_| Line::raw("")));
    lines.push(Line::styled("y copies it, Esc closes", console.look.style(Tone::Faint)));
    let inner = window(frame, area, console, "Invited", lines.len());
    frame.render_widget(Paragraph::new(lines), inner);
    // Alone on its lines, the frame's too, so that it can be selected.
    let y = (inner.y + u16::try_from(line_of_url).unwrap_or(0)).min(frame.area().bottom().saturating_sub(1));
    let height = u16::try_from(rows).unwrap_or(1).min(frame.area().bottom() - y);
    let whole = Rect { y, height, ..frame.area() };
    frame.render_widget(Clear, whole);
    let pieces: Vec<char> = url.chars().collect();
    let rows: Vec<Line<'_>> =
        pieces.chunks(width).map(|row| Line::raw(row.iter().collect::<String>())).collect();
    frame.render_widget(Paragraph::new(rows), whole);
}
