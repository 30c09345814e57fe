//! The last day's requests by the hour, a graph for each verdict.

use ratatui::text::{Line, Span};

use super::look::Tone;
use super::model::Console;

/// One line: accepted, held, refused; a wave of refusals is told in words before them.
pub(super) fn draw(console: &Console, width: usize) -> Line<'static> {
    let look = console.look;
    let (bars, hours) = (look.bars(), &console.status.hours);
    let highest = hours.iter().flatten().copied().max().unwrap_or(0).max(1);
    let head = match console.status.wave() {
        Some(wave) => Span::styled(format!("! {wave} refused in the last hour "), look.style(Tone::Bad)),
        None => Span::styled("24 h ".to_owned(), look.style(Tone::Faint)),
    };
    let graphs: Vec<(usize, &str, Tone)> =
        [(0, "accepted", Tone::Good), (1, "held", Tone::Waiting), (2, "refused", Tone::Bad)]
            .into_iter()
            .filter(|(row, ..)| *row != 1 || hours[1].iter().any(|hour| *hour > 0))
            .collect();
    // In words where all hours have room then; else by a sign each.
    let labels = |in_words: bool| -> Vec<String> {
        let label = |(row, word, _): &(usize, &str, Tone)| {
            let total: u64 = hours[*row].iter().sum();
            if in_words { format!("{word} {total} ") } else { format!("{} ", ["+", "?", "-"][*row]) }
        };
        graphs.iter().map(label).collect()
    };
    let room = |labels: &[String]| {
        let taken: usize = labels.iter().map(|label| label.len() + 1).sum();
        (width.saturating_sub(head.width() + taken) / graphs.len()).min(24)
    };
    let labels = Some(labels(true)).filter(|labels| room(labels) == 24).unwrap_or_else(|| labels(false));
    // Of 24 hours as many as there is room for, the last ones.
    let count = room(&labels);
    let mut spans = vec![head];
    for ((row, _, tone), label) in graphs.iter().zip(labels) {
        let graph: String = hours[*row][24 - count..]
            .iter()
            .map(|hour| {
                let step = if *hour == 0 { 0 } else { 1 + usize::try_from(hour * 7 / highest).unwrap_or(7) };
                bars[step.min(8)]
            })
            .collect();
        spans.push(Span::styled(format!("{label}{graph} "), look.style(*tone)));
    }
    Line::from(spans)
}
