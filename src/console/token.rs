//! Panel 3: the token, its age, and the last day's rotations.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Clear, Paragraph};

use crate::cli::when::span;
use crate::store::Live;

use super::look::Tone;
use super::model::Console;
use super::status::age;
use super::widgets::fit;

/// Lower than this, everything has to stand close together.
const LOW: u16 = 14;

fn live(live: Live) -> (&'static str, Tone) {
    match live {
        Live::Yes => ("live: the homeserver accepts it", Tone::Good),
        Live::No => ("not live: the homeserver has not accepted it so far", Tone::Bad),
        Live::CannotBeChecked => ("cannot be checked on this homeserver", Tone::Plain),
    }
}

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, console: &Console) {
    let look = console.look;
    if let Some(works) = console.status.personal {
        return draw_personal(frame, area, console, works);
    }
    let Some(token) = &console.token else {
        let text = "There is no token yet: the desk makes one when it starts.";
        return frame.render_widget(Paragraph::new(format!("\n  {text}")), area);
    };
    let reset = console.opened.settings.schedule.next_reset(console.now);
    let (words, tone) = live(token.live);
    let current = console.rotations.iter().find(|rotated| rotated.is_current);
    // Blank lines and what can be seen elsewhere make room for the history.
    let is_low = area.height < LOW;
    let mut lines = Vec::new();
    if !is_low {
        lines.extend([Line::styled("  The token", look.style(Tone::Title)), Line::raw("")]);
    }
    let line_of_token = u16::try_from(lines.len()).unwrap_or_default();
    lines.push(Line::styled(
        if console.is_revealed { "" } else { "  (hidden; v shows it)" },
        look.style(Tone::Faint),
    ));
    if console.is_revealed {
        lines.push(Line::raw(""));
        lines.extend(spelt(token.token.reveal(), usize::from(area.width)));
    }
    if !is_low {
        lines.push(Line::raw(""));
    }
    lines.extend([
        Line::raw(format!("  age         {}", age(console.now - token.made_at))),
        Line::raw(format!(
            "  next reset  {} UTC, in {}",
            reset.format("%Y-%m-%d %H:%M"),
            span(reset - console.now)
        )),
        Line::styled(format!("  homeserver  {words}"), look.style(tone)),
        Line::raw(format!("  emails      {} carried it", current.map_or(0, |rotated| rotated.letters))),
    ]);
    if !is_low {
        if let Some(homeserver) = &console.status.condition.homeserver {
            lines.push(Line::raw(fit(&format!("  it is       {homeserver}"), usize::from(area.width), look)));
        }
        lines.push(Line::raw(""));
    }
    lines.push(Line::styled("  The last day's tokens", look.style(Tone::Title)));
    let room = usize::from(area.height).saturating_sub(lines.len());
    let shown = if console.rotations.len() > room { room.saturating_sub(1) } else { room };
    for rotated in console.rotations.iter().take(shown) {
        lines.push(Line::raw(format!(
            "  {}  {:<10} {:>4} emails{}",
            rotated.made_at.format("%m-%d %H:%M"),
            rotated.how,
            rotated.letters,
            if rotated.is_current { "  current" } else { "" },
        )));
    }
    if let more @ 1.. = console.rotations.len().saturating_sub(shown) {
        lines.push(Line::raw(format!("  and {more} more")));
    }
    frame.render_widget(Paragraph::new(lines), area);
    if console.is_revealed {
        // Alone on its line, the frame's too, so that it can be selected.
        let line = Rect { y: area.y + line_of_token, height: 1, ..frame.area() };
        frame.render_widget(Clear, line);
        frame.render_widget(Paragraph::new(token.token.reveal()), line);
    }
}

/// The words for letters on the telephone.
const WORDS: [&str; 26] = [
    "alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "kilo",
    "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "victor",
    "whiskey", "xray", "yankee", "zulu",
];

/// For the telephone, in groups of four: a capital's word has a capital.
fn spelt(token: &str, width: usize) -> Vec<Line<'static>> {
    let word = |c: char| {
        let place = c
            .to_ascii_lowercase()
            .is_ascii_lowercase()
            .then(|| c.to_ascii_lowercase() as usize - 'a' as usize);
        let Some(word) = place.and_then(|place| WORDS.get(place)) else { return c.to_string() };
        if c.is_ascii_uppercase() {
            format!("{}{}", word[..1].to_ascii_uppercase(), &word[1..])
        } else {
            (*word).to_owned()
        }
    };
    let letters: Vec<String> = token.chars().map(word).collect();
    let mut lines: Vec<String> = Vec::new();
    for group in letters.chunks(4).map(|group| group.join("-")) {
        match lines.last_mut().filter(|line| line.len() + 3 + group.len() <= width) {
            Some(line) => {
                line.push_str("   ");
                line.push_str(&group);
            }
            None => lines.push(format!("  {group}")),
        }
    }
    lines.into_iter().map(Line::raw).collect()
}

/// Each applicant has a token of their own: who has arrived with it.
fn draw_personal(frame: &mut Frame<'_>, area: Rect, console: &Console, is_live: Live) {
    let (look, counts) = (console.look, console.personal_counts);
    let (words, tone) = match is_live {
        Live::Yes => ("live: the homeserver makes them", Tone::Good),
        _ => ("not live: the homeserver has not made any so far", Tone::Bad),
    };
    let mut lines = vec![
        Line::styled("  Each applicant has a token of their own", look.style(Tone::Title)),
        Line::raw(""),
        Line::styled(format!("  homeserver  {words}"), look.style(tone)),
        Line::raw(format!("  emails      {} carry one that works", counts.outstanding)),
        Line::raw(format!("  30 days     {} made, {} used by somebody", counts.made, counts.used)),
    ];
    if let Some(homeserver) = &console.status.condition.homeserver {
        lines.push(Line::raw(fit(&format!("  it is       {homeserver}"), usize::from(area.width), look)));
    }
    lines.push(Line::raw(""));
    lines.push(Line::styled("  The last ones", look.style(Tone::Title)));
    for token in &console.personal {
        let (what, tone) = if token.uses > 0 {
            ("arrived", Tone::Good)
        } else if token.is_withdrawn {
            ("withdrawn", Tone::Faint)
        } else if token.dead_at.is_some_and(|at| at <= console.now) {
            ("has ended", Tone::Faint)
        } else {
            ("not yet", Tone::Waiting)
        };
        let uses = match token.uses_allowed {
            Some(allowed) => format!("{} of {allowed}", token.uses),
            None => token.uses.to_string(),
        };
        let text = format!(
            "  {}  {what:<9} {uses:<7} {}  {}",
            token.made_at.format("%m-%d %H:%M"),
            token.username,
            token.email
        );
        lines.push(Line::styled(fit(&text, usize::from(area.width), look), look.style(tone)));
    }
    frame.render_widget(Paragraph::new(lines), area);
}
