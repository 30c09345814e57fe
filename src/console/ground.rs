//! The terminal's ground, asked for once and not waited for: the answer comes as keys, which nobody has typed.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What asks for it (OSC 11).
pub(super) const ASK: &str = "\x1b]11;?\x1b\\";

/// An answer is no longer.
const LONGEST: usize = 40;

/// Where the answer is.
#[derive(Debug, Default)]
pub(super) enum Ground {
    /// Nobody has asked, or it is known.
    #[default]
    Known,
    Asked,
    /// So much of it has come.
    Coming(String),
}

/// What a key is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// Somebody typed it.
    Key,
    /// A part of the answer.
    Part,
    /// Its last part: the ground's brightness, from 0 to 255.
    Brightness(u8),
}

impl Ground {
    /// Takes what belongs to the answer.
    pub(super) fn take(&mut self, key: KeyEvent) -> Taken {
        let is_alt = key.modifiers.contains(KeyModifiers::ALT);
        match (std::mem::take(self), key.code) {
            (Self::Asked, KeyCode::Char(']')) if is_alt => *self = Self::Coming(String::new()),
            (Self::Coming(text), KeyCode::Char('\\')) if is_alt => return brightness(&text),
            (Self::Coming(text), KeyCode::Char('g')) if key.modifiers.contains(KeyModifiers::CONTROL) => {
                return brightness(&text);
            }
            (Self::Coming(mut text), KeyCode::Char(c)) if text.len() < LONGEST => {
                text.push(c);
                *self = Self::Coming(text);
            }
            (Self::Coming(_), _) => {}
            (before, _) => {
                *self = before;
                return Taken::Key;
            }
        }
        Taken::Part
    }
}

/// Of `11;rgb:RRRR/GGGG/BBBB`; green counts most.
fn brightness(answer: &str) -> Taken {
    let parts = answer.strip_prefix("11;rgb:").map(|parts| parts.split('/'));
    let parts: Option<Vec<u32>> =
        parts.and_then(|parts| parts.map(|part| u32::from_str_radix(part.get(..2)?, 16).ok()).collect());
    match parts.as_deref() {
        Some([red, green, blue]) => {
            Taken::Brightness(u8::try_from((red * 3 + green * 6 + blue) / 10).unwrap_or(u8::MAX))
        }
        _ => Taken::Part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(keys: &str, alt: &[char]) -> Vec<Taken> {
        let mut ground = Ground::Asked;
        let press = |c: char| {
            let modifiers = if alt.contains(&c) { KeyModifiers::ALT } else { KeyModifiers::NONE };
            ground.take(KeyEvent::new(KeyCode::Char(c), modifiers))
        };
        keys.chars().map(press).collect()
    }

    #[test]
    fn the_answer_is_taken_for_no_keys() {
        let all = taken("j]11;rgb:fbfb/f1f1/c7c7\\k", &[']', '\\']);
        assert_eq!((&all[0], &all[all.len() - 1]), (&Taken::Key, &Taken::Key));
        assert_eq!(all[all.len() - 2], Taken::Brightness(239));
        assert!(all[1..all.len() - 2].iter().all(|one| *one == Taken::Part));
        assert!(taken("]11;rgb:2828/2828/2828\\", &[']', '\\']).contains(&Taken::Brightness(40)));
        // Nonsense, and what never ends.
        assert!(taken("]zz\\q", &[']', '\\']).ends_with(&[Taken::Part, Taken::Key]));
        assert_eq!(taken(&format!("]{}q", "1".repeat(60)), &[']']).last(), Some(&Taken::Key));
        assert_eq!(taken("11;q", &[]), [Taken::Key, Taken::Key, Taken::Key, Taken::Key]);
    }
}
