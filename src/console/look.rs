//! Colours and lines: as much as the terminal can, and never colour alone.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;
use ratatui::text::Span;
use unicode_normalization::UnicodeNormalization;

use crate::config::ConsoleTheme;

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

/// Whose colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Theme {
    /// Gruvbox, on its own dark ground.
    #[default]
    Dark,
    /// On its own light ground.
    Light,
    /// The terminal's own sixteen, on its own ground.
    Terminal,
}

/// How the console looks on this terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    colours: Colours,
    theme: Theme,
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
    /// Names and IDs.
    Name,
    /// Times, counts, charts.
    Number,
    /// What is unusual: sorted, marked, read-only.
    Unusual,
    /// A frame, and that of what has the focus.
    Frame,
    Focus,
}

/// A colour by name, in the palette of 256, and in full.
type Shade = (u8, u32);

/// Dark, light, and of the sixteen. Where Gruvbox has less contrast than 4.5 to 1 on its ground, it is a little stronger.
const fn shades(tone: Tone) -> (Shade, Shade, Color) {
    match tone {
        Tone::Plain => ((223, 0xeb_db_b2), (237, 0x3c_38_36), Color::Reset),
        Tone::Faint => ((246, 0xa8_99_84), (241, 0x66_5c_54), Color::Reset),
        Tone::Title | Tone::Focus => ((214, 0xfa_bd_2f), (94, 0x95_60_0f), Color::Yellow),
        Tone::Good => ((142, 0xb8_bb_26), (58, 0x6f_6a_0b), Color::Green),
        Tone::Bad => ((203, 0xfb_5d_4a), (88, 0x9d_00_06), Color::Red),
        Tone::Waiting => ((208, 0xfe_80_19), (130, 0xaf_3a_03), Color::Yellow),
        Tone::Name => ((108, 0x8e_c0_7c), (22, 0x3d_73_52), Color::Cyan),
        Tone::Number => ((109, 0x83_a5_98), (24, 0x07_66_78), Color::Reset),
        Tone::Unusual => ((175, 0xd3_86_9b), (90, 0x8f_3f_71), Color::Magenta),
        Tone::Frame => ((239, 0x50_49_45), (187, 0xd5_c4_a1), Color::Reset),
    }
}

const GROUNDS: (Shade, Shade) = ((235, 0x28_28_28), (230, 0xfb_f1_c7));

impl Look {
    /// From the environment, and what `console.theme` says.
    pub(super) fn of(environment: impl Fn(&str) -> Option<String>, theme: ConsoleTheme) -> Self {
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
        let theme = match theme {
            _ if matches!(colours, Colours::None | Colours::Sixteen) => Theme::Terminal,
            ConsoleTheme::Light => Theme::Light,
            ConsoleTheme::Terminal => Theme::Terminal,
            ConsoleTheme::Dark | ConsoleTheme::Auto => Theme::Dark,
        };
        let locale = is("LC_ALL").or_else(|| is("LC_CTYPE")).or_else(|| is("LANG")).unwrap_or_default();
        let locale = locale.to_ascii_lowercase().replace('-', "");
        Self { colours, theme, utf8: locale.contains("utf8") }
    }

    /// Whether the terminal knows sixteen colours and no more.
    pub(super) fn has_sixteen(self) -> bool {
        self.colours == Colours::Sixteen
    }

    /// Whether it is worth asking the terminal for its ground.
    pub(super) fn has_ground(self) -> bool {
        self.theme != Theme::Terminal
    }

    /// The theme for a ground of this brightness, from 0 to 255.
    pub(super) fn on_ground(self, brightness: u8) -> Self {
        let theme = if brightness < 128 { Theme::Dark } else { Theme::Light };
        if self.has_ground() { Self { theme, ..self } } else { self }
    }

    /// The next theme; of fewer colours there is one.
    pub(super) fn next(self) -> Self {
        let theme = match self.theme {
            Theme::Dark => Theme::Light,
            Theme::Light => Theme::Terminal,
            Theme::Terminal => Theme::Dark,
        };
        let has_more = matches!(self.colours, Colours::Indexed | Colours::True);
        if has_more { Self { theme, ..self } } else { self }
    }

    pub(super) fn style(self, tone: Tone) -> Style {
        let style = match tone {
            Tone::Title | Tone::Focus => Style::new().add_modifier(Modifier::BOLD),
            // Of sixteen colours the gray is the background's, in some palettes.
            Tone::Faint | Tone::Frame if self.theme == Theme::Terminal && self.colours != Colours::None => {
                return Style::new().add_modifier(Modifier::DIM);
            }
            _ => Style::new(),
        };
        let (dark, light, named) = shades(tone);
        match self.theme {
            _ if self.colours == Colours::None => style,
            Theme::Terminal if named == Color::Reset => style,
            Theme::Terminal => style.fg(named),
            _ if tone == Tone::Plain => style,
            Theme::Dark => style.fg(self.colour(dark)),
            Theme::Light => style.fg(self.colour(light)),
        }
    }

    fn colour(self, (indexed, rgb): Shade) -> Color {
        let [_, red, green, blue] = rgb.to_be_bytes();
        if self.colours == Colours::True { Color::Rgb(red, green, blue) } else { Color::Indexed(indexed) }
    }

    /// Text and ground where nothing else is said.
    pub(super) fn paint(self, buffer: &mut Buffer) {
        let (dark, light, _) = shades(Tone::Plain);
        let (text, ground) = match self.theme {
            Theme::Terminal => return,
            Theme::Dark => (dark, GROUNDS.0),
            Theme::Light => (light, GROUNDS.1),
        };
        let (text, ground) = (self.colour(text), self.colour(ground));
        for cell in &mut buffer.content {
            cell.bg = if cell.bg == Color::Reset { ground } else { cell.bg };
            cell.fg = if cell.fg == Color::Reset { text } else { cell.fg };
        }
    }

    /// For the selected row: reverse, whatever the colours.
    pub(super) fn selected() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    pub(super) fn border(self) -> border::Set<'static> {
        if self.utf8 {
            return border::ROUNDED;
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

    /// What a verdict looks like.
    pub(super) fn mark(self, verdict: &str) -> &'static str {
        match (verdict, self.utf8) {
            ("accepted", true) => "●",
            ("held", true) => "◐",
            (_, true) => "○",
            ("accepted", false) => "+",
            ("held", false) => "?",
            (_, false) => "-",
        }
    }

    /// How much of something is full.
    pub(super) fn gauge(self, part: f64, width: usize) -> String {
        let (full, empty) = if self.utf8 { ("▓", "░") } else { ("#", ".") };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a few columns"
        )]
        let filled = (part.clamp(0.0, 1.0) * width as f64).round() as usize;
        full.repeat(filled) + &empty.repeat(width - filled)
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
        Look::of(
            |name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
            ConsoleTheme::Auto,
        )
    }

    /// What a terminal shows for a member of the palette of 256.
    fn of_palette(index: u8) -> u32 {
        let step = |part: u8| if part == 0 { 0 } else { 55 + u32::from(part) * 40 };
        match index {
            232.. => (8 + u32::from(index - 232) * 10) * 0x01_01_01,
            16.. => {
                let index = index - 16;
                (step(index / 36) << 16) | (step(index / 6 % 6) << 8) | step(index % 6)
            }
            _ => unreachable!("the first sixteen are the terminal's own"),
        }
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(rgb: u32) -> f64 {
        let [_, red, green, blue] = rgb.to_be_bytes().map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    #[test]
    fn all_text_can_be_read_on_its_ground() {
        let contrast = |one: u32, other: u32| {
            let (one, other) = (luminance(one), luminance(other));
            (one.max(other) + 0.05) / (one.min(other) + 0.05)
        };
        for tone in [
            Tone::Plain,
            Tone::Faint,
            Tone::Title,
            Tone::Good,
            Tone::Bad,
            Tone::Waiting,
            Tone::Name,
            Tone::Number,
            Tone::Unusual,
            Tone::Focus,
        ] {
            let (dark, light, _) = shades(tone);
            for (text, ground) in [(dark, GROUNDS.0), (light, GROUNDS.1)] {
                let (full, indexed) =
                    (contrast(text.1, ground.1), contrast(of_palette(text.0), of_palette(ground.0)));
                assert!(full >= 4.5 && indexed >= 4.5, "{tone:?}: {full:.2}, {indexed:.2}");
            }
        }
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
        // As where the terminal's own colours are asked for.
        let own = look(&[("TERM", "xterm-256color")]).next().next();
        assert_eq!(own.style(Tone::Bad), Style::new().fg(Color::Red));
        assert_eq!(own.on_ground(255).style(Tone::Bad), Style::new().fg(Color::Red));
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
