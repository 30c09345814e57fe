//! What could be written next.

use super::{CHANNELS, DAYS, FLAGS, KEYS, LETTERS, reasons, words};

/// The word that is being written, without its `!`, and where it begins.
fn last(typed: &str) -> (usize, &str) {
    let (at, word) =
        words(typed).last().filter(|(at, word)| at + word.len() == typed.len()).unwrap_or((typed.len(), ""));
    let bare = word.trim_start_matches('!');
    (at + word.len() - bare.len(), bare)
}

/// What the last word could become.
pub fn candidates(typed: &str) -> Vec<String> {
    let word = last(typed).1.to_ascii_lowercase();
    let values = match word.split_once(':') {
        None => FLAGS.map(str::to_owned).into_iter().chain(KEYS.map(|(key, _)| format!("{key}:"))).collect(),
        Some((key, _)) => {
            let values: Vec<&str> = match key {
                "reason" => reasons(),
                "by" => CHANNELS.to_vec(),
                "letter" => LETTERS.to_vec(),
                "on" | "since" | "before" => DAYS.to_vec(),
                _ => KEYS.iter().filter(|(known, _)| *known == key).map(|(_, example)| *example).collect(),
            };
            values.into_iter().map(|value| format!("{key}:{value}")).collect::<Vec<_>>()
        }
    };
    values.into_iter().filter(|one| one.starts_with(&word) && one.len() > word.len()).collect()
}

/// With the last word completed as far as all that it could become agree. None: nothing more is sure.
pub fn completed(typed: &str) -> Option<String> {
    let (at, word) = last(typed);
    let found = candidates(typed);
    let first = found.first()?;
    let agreed = found.iter().fold(first.len(), |agreed, one| {
        let same = one.bytes().zip(first.bytes()).take_while(|(one, other)| one == other).count();
        agreed.min(same)
    });
    let end = if found.len() == 1 && !first.ends_with(':') { " " } else { "" };
    (agreed > word.len()).then(|| format!("{}{}{end}", &typed[..at], &first[..agreed]))
}
