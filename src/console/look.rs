//! Colours and lines: as much as the terminal can, and never colour alone.

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;
use ratatui::text::Span;
use unicode_normalization::UnicodeNormalization;

/// What the terminal can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colours {
    None,
    /// The sixteen that every terminal names itself.
    Sixteen,
    /// Gruvbox, from the palette of 256.
    Indexed,
    /// Gruvbox.
    True,
}

/// How the console looks on this terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    colours: Colours,
    pub utf8: bool,
}

/// What something means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Faint,
    Title,
    Good,
    Bad,
    Waiting,
}

impl Look {
    /// From the environment.
    pub(super) fn of(environment: impl Fn(&str) -> Option<String>) -> Self {
        let is = |name: &str| environment(name).filter(|value| !value.is_empty());
        let term = is("TERM").unwrap_or_default();
        let colours = if is("NO_COLOR").is_some() || term.is_empty() || term == "dumb" {
            Colours::None
        } else if is("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit") {
            Colours::True
        } else if term.contains("256color") || term.contains("direct") {
            Colours::Indexed
        } else {
            Colours::Sixteen
        };
        let locale = is("LC_ALL").or_else(|| is("LC_CTYPE")).or_else(|| is("LANG")).unwrap_or_default();
        let locale = locale.to_ascii_lowercase().replace('-', "");
        Self { colours, utf8: locale.contains("utf8") }
    }

    /// Whether the terminal knows sixteen colours and no more.
    pub(super) fn has_sixteen(self) -> bool {
        self.colours == Colours::Sixteen
    }

    pub(super) fn style(self, tone: Tone) -> Style {
        let style = Style::new();
        let style = match tone {
            Tone::Title => style.add_modifier(Modifier::BOLD),
            // Of sixteen colours the gray is the background's, in some palettes.
            Tone::Faint if self.colours == Colours::Sixteen => return style.add_modifier(Modifier::DIM),
            _ => style,
        };
        match self.colour(tone) {
            Some(colour) => style.fg(colour),
            None => style,
        }
    }

    fn colour(self, tone: Tone) -> Option<Color> {
        // Gruvbox (dark): gray, bright yellow, bright green, bright red, bright orange.
        let (sixteen, indexed, rgb) = match tone {
            Tone::Plain => return None,
            Tone::Faint => (Color::Reset, 245, (0x92, 0x83, 0x74)),
            Tone::Title => (Color::Yellow, 214, (0xfa, 0xbd, 0x2f)),
            Tone::Good => (Color::Green, 142, (0xb8, 0xbb, 0x26)),
            Tone::Bad => (Color::Red, 167, (0xfb, 0x49, 0x34)),
            Tone::Waiting => (Color::Magenta, 208, (0xfe, 0x80, 0x19)),
        };
        match self.colours {
            Colours::None => None,
            Colours::Sixteen => Some(sixteen),
            Colours::Indexed => Some(Color::Indexed(indexed)),
            Colours::True => Some(Color::Rgb(rgb.0, rgb.1, rgb.2)),
        }
    }

    /// For the selected row: reverse, whatever the colours.
    pub(super) fn selected() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    pub(super) fn border(self) -> border::Set<'static> {
        if self.utf8 {
            return border::PLAIN;
        }
        border::Set {
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
            vertical_left: "|",
            vertical_right: "|",
            horizontal_top: "-",
            horizontal_bottom: "-",
        }
    }

    /// Bars of a sparkline, from nothing to the highest.
    pub(super) fn bars(self) -> [&'static str; 9] {
        if self.utf8 {
            [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        } else {
            [" ", ".", ":", "-", "=", "+", "*", "%", "#"]
        }
    }

    /// Stands where a text was cut.
    pub(super) fn cut(self) -> char {
        if self.utf8 { '…' } else { '~' }
    }

    /// Text from outside: what could steer the terminal, or shows nothing, is seen as a sign of its own. What an accent
    /// makes of a letter is one letter.
    pub(super) fn visible(self, text: &str) -> String {
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return text.to_owned();
        }
        let shows_nothing = |c: char| {
            c.is_control()
                || crate::domain::is_unseen(c)
                || Span::raw(c.encode_utf8(&mut [0; 4]) as &str).width() == 0
                // Blanks that are no space.
                || matches!(c, '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{115f}' | '\u{1160}')
        };
        text.nfc()
            .map(|c| match c {
                c if shows_nothing(c) && self.utf8 => '\u{fffd}',
                c if shows_nothing(c) || (!self.utf8 && !c.is_ascii()) => '?',
                c => c,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(set: &'static [(&str, &str)]) -> Look {
        Look::of(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_environment_says_what_the_terminal_can() {
        assert_eq!(look(&[("TERM", "xterm")]).colours, Colours::Sixteen);
        assert_eq!(look(&[("TERM", "xterm-256color")]).colours, Colours::Indexed);
        assert_eq!(look(&[("TERM", "xterm"), ("COLORTERM", "truecolor")]).colours, Colours::True);
        assert_eq!(look(&[("TERM", "xterm"), ("NO_COLOR", "1")]).colours, Colours::None);
        assert_eq!(look(&[("TERM", "dumb")]).colours, Colours::None);
        assert!(look(&[("LANG", "de_DE.UTF-8")]).utf8 && look(&[("LC_ALL", "C.utf8")]).utf8);
        assert!(!look(&[("LANG", "C")]).utf8 && !look(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "C")]).utf8);
    }

    #[test]
    fn what_is_faint_is_no_colour_where_there_are_sixteen() {
        let sixteen = look(&[("TERM", "xterm")]);
        assert_eq!(sixteen.style(Tone::Faint), Style::new().add_modifier(Modifier::DIM));
        assert_eq!(sixteen.style(Tone::Bad), Style::new().fg(Color::Red));
        assert_eq!(look(&[("TERM", "dumb")]).style(Tone::Faint), Style::new());
    }

    #[test]
    fn nothing_from_outside_steers_the_terminal() {
        let look = look(&[("LANG", "C.UTF-8")]);
        assert_eq!(
            look.visible("a\u{1b}[31m\u{202e}b\u{200b}\u{9b}c\n"),
            "a\u{fffd}[31m\u{fffd}b\u{fffd}\u{fffd}c\u{fffd}"
        );
    }

    #[test]
    fn what_stands_on_nothing_or_is_piled_up_is_seen_and_an_accent_is_not_lost() {
        let shown = look(&[("LANG", "C.UTF-8")]);
        assert_eq!(shown.visible("e\u{301} a\u{301}\u{301}\u{34f}x\u{3164}"), "é á\u{fffd}\u{fffd}x\u{fffd}");
        assert_eq!(shown.visible("漢字 👍"), "漢字 👍");
        assert_eq!(look(&[("LANG", "C")]).visible("é…漢"), "???");
    }
}
