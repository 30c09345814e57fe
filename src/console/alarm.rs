//! What is wrong, above all panels.

use ratatui::layout::Size;
use ratatui::text::Line;

use super::model::Console;
use super::widgets::{fit, wrapped};

/// What is wrong has one line of so many.
const LINES_PER_ALARM_LINE: u16 = 8;

/// The first thing that is wrong, on as many lines as there is room for; where that is not all, how all of it is seen.
pub(super) fn alarm_lines(console: &Console, size: Size) -> Vec<String> {
    let alarms = console.status.alarms();
    let Some((word, what)) = alarms.first() else { return Vec::new() };
    let most = usize::from(size.height / LINES_PER_ALARM_LINE).max(1);
    let width = usize::from(size.width);
    let told = console.look.visible(&format!("! {word}: {what}"));
    let lay = |text: &str| -> Vec<String> {
        wrapped(Line::raw(text.to_owned()), width, 2).into_iter().map(|line| line.to_string()).collect()
    };
    let more = match alarms.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more: ! shows them)"),
    };
    let lines = lay(&format!("{told}{more}"));
    if lines.len() <= most {
        return lines;
    }
    let more = if more.is_empty() { " (! shows all of it)" } else { &more };
    let mut lines = lay(&told);
    let last = lines.split_off(most.min(lines.len()) - 1).concat();
    lines.push(format!("{}{more}", fit(&last, width.saturating_sub(more.len()), console.look)));
    lines
}
