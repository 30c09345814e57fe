//! One table of keys: it feeds dispatch, the help overlay and the README.

use ratatui::crossterm::event::KeyCode::{self, Char};
use ratatui::crossterm::event::{KeyEvent, KeyModifiers};

/// A part of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Panel {
    Requests,
    Cooldowns,
    Token,
    Bans,
    Outbox,
}

impl Panel {
    pub(super) const ALL: [Self; 5] =
        [Self::Requests, Self::Cooldowns, Self::Token, Self::Bans, Self::Outbox];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Requests => "Requests",
            Self::Cooldowns => "Cooldowns",
            Self::Token => "Token",
            Self::Bans => "Bans",
            Self::Outbox => "Outbox",
        }
    }

    pub(super) fn index(self) -> usize {
        Self::ALL.iter().position(|panel| *panel == self).unwrap_or_default()
    }
}

/// What the operator wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Quit,
    Help,
    Clear,
    Show(Panel),
    NextPanel,
    PreviousPanel,
    Down,
    Up,
    PageDown,
    PageUp,
    First,
    Last,
    Filter,
    Pause,
    Undo,
    Redo,
    Details,
    Approve,
    Refuse,
    Ban,
    Lift,
    Reveal,
    Rotate,
    AddEntry,
    EditEntry,
    DeleteEntry,
    TestValue,
    Retry,
    Drop,
    Background,
}

impl Action {
    /// Whether it changes anything, now or after a question.
    pub(super) fn changes(self) -> bool {
        matches!(
            self,
            Self::Pause
                | Self::Undo
                | Self::Redo
                | Self::Approve
                | Self::Refuse
                | Self::Ban
                | Self::Lift
                | Self::Rotate
                | Self::AddEntry
                | Self::EditEntry
                | Self::DeleteEntry
                | Self::Retry
                | Self::Drop
        )
    }
}

/// A row of the table.
pub(super) struct Binding {
    /// As people read it.
    pub shown: &'static str,
    /// Any of these.
    codes: Codes,
    pub action: Action,
    /// Where it holds; None: everywhere.
    pub panel: Option<Panel>,
    pub help: &'static str,
}

type Codes = &'static [KeyCode];

const fn everywhere(shown: &'static str, codes: Codes, action: Action, help: &'static str) -> Binding {
    Binding { shown, codes, action, panel: None, help }
}

const fn on(panel: Panel, shown: &'static str, codes: Codes, action: Action, help: &'static str) -> Binding {
    Binding { shown, codes, action, panel: Some(panel), help }
}

/// All keys. What a panel says goes before what holds everywhere.
pub(super) const KEYS: &[Binding] = {
    use Action::{
        AddEntry, Approve, Background, Ban, Clear, DeleteEntry, Details, Down, Drop, EditEntry, Filter,
        First, Help, Last, Lift, NextPanel, PageDown, PageUp, Pause, PreviousPanel, Quit, Redo, Refuse,
        Retry, Reveal, Rotate, Show, TestValue, Undo, Up,
    };
    use Panel::{Bans, Cooldowns, Outbox, Requests, Token};
    &[
        on(Requests, "Enter", &[KeyCode::Enter], Details, "everything known of the request"),
        on(Requests, "a", &[Char('a')], Approve, "approve a held request; its letter goes out after 10 s"),
        on(Requests, "x", &[Char('x')], Refuse, "refuse a held request, with a reason or without"),
        on(Requests, "b", &[Char('b')], Ban, "ban the address, its domain, the name, the IP or its net"),
        on(Cooldowns, "l", &[Char('l')], Lift, "lift the cooldown: the address may ask again at once"),
        on(Token, "v", &[Char('v')], Reveal, "show the token, alone on its line; hide it again"),
        on(Token, "R", &[Char('R')], Rotate, "a new token now"),
        on(Bans, "a", &[Char('a')], AddEntry, "add an entry"),
        on(Bans, "e", &[Char('e')], EditEntry, "edit the entry"),
        on(Bans, "d", &[Char('d')], DeleteEntry, "delete the entry"),
        on(Bans, "t", &[Char('t')], TestValue, "test a value against all lists"),
        on(Outbox, "r", &[Char('r')], Retry, "try the letter again now"),
        on(Outbox, "d", &[Char('d')], Drop, "drop the letter; name and address are free again"),
        everywhere("1", &[Char('1')], Show(Requests), "Requests"),
        everywhere("2", &[Char('2')], Show(Cooldowns), "Cooldowns"),
        everywhere("3", &[Char('3')], Show(Token), "Token"),
        everywhere("4", &[Char('4')], Show(Bans), "Bans"),
        everywhere("5", &[Char('5')], Show(Outbox), "Outbox"),
        everywhere("Tab", &[KeyCode::Tab], NextPanel, "the next panel"),
        everywhere("Shift-Tab", &[KeyCode::BackTab], PreviousPanel, "the panel before"),
        everywhere("j, Down", &[Char('j'), KeyCode::Down], Down, "one down"),
        everywhere("k, Up", &[Char('k'), KeyCode::Up], Up, "one up"),
        everywhere("PageDown", &[KeyCode::PageDown], PageDown, "a page down"),
        everywhere("PageUp", &[KeyCode::PageUp], PageUp, "a page up"),
        everywhere("g, Home", &[Char('g'), KeyCode::Home], First, "to the top"),
        everywhere("G, End", &[Char('G'), KeyCode::End], Last, "to the bottom"),
        everywhere("/", &[Char('/')], Filter, "filter while typing: Enter keeps it, Esc clears it"),
        everywhere("p", &[Char('p')], Pause, "pause or resume the desk"),
        everywhere("u", &[Char('u')], Undo, "take back what you did last, again for what came before"),
        everywhere("U", &[Char('U')], Redo, "do again what you took back last"),
        everywhere("?", &[Char('?')], Help, "every key"),
        everywhere("Esc", &[KeyCode::Esc], Clear, "close, clear, cancel"),
        everywhere("Ctrl-Z", &[], Background, "to the background; `fg` brings it back"),
        everywhere("q, Ctrl-C", &[Char('q')], Quit, "quit"),
    ]
};

/// What this key means on this panel.
pub(super) fn action(panel: Panel, key: KeyEvent) -> Option<Action> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return match key.code {
            Char('c') => Some(Action::Quit),
            Char('z') => Some(Action::Background),
            _ => None,
        };
    }
    KEYS.iter()
        .find(|binding| binding.panel.is_none_or(|one| one == panel) && binding.codes.contains(&key.code))
        .map(|binding| binding.action)
}

/// The keys that matter most on a panel, for the line at the bottom; how to get help and out is always among them.
pub(super) fn hints(panel: Panel, width: usize) -> String {
    const ALWAYS: &str = "? help  q quit";
    let own = KEYS.iter().filter(|binding| binding.panel == Some(panel)).map(|binding| {
        let word = match binding.action {
            Action::Details => "show",
            Action::Rotate => "rotate",
            Action::Retry => "retry",
            _ => binding.help.split([' ', ',', ';', ':']).next().unwrap_or_default(),
        };
        format!("{} {word}", binding.shown)
    });
    let filter = (panel != Panel::Token).then(|| "/ filter".to_owned());
    let mut hints = String::new();
    for hint in own.chain(filter).chain(["u undo".into(), "p pause".into(), "1-5 panels".into()]) {
        if hints.len() + hint.len() + 2 + ALWAYS.len() <= width {
            hints.push_str(&hint);
            hints.push_str("  ");
        }
    }
    hints + ALWAYS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_on_one_panel() {
        for panel in Panel::ALL {
            let mut codes: Vec<KeyCode> = KEYS
                .iter()
                .filter(|binding| binding.panel.is_none_or(|one| one == panel))
                .flat_map(|binding| binding.codes)
                .copied()
                .collect();
            let all = codes.len();
            codes.sort_by_key(|code| format!("{code:?}"));
            codes.dedup();
            assert_eq!(codes.len(), all, "{panel:?}");
        }
    }

    #[test]
    fn the_readme_has_this_table_and_no_other() {
        let readme = include_str!("../../README.md");
        let table = readme.split_once("| key | where | what |\n| --- | --- | --- |\n").unwrap().1;
        let rows: Vec<&str> = table.lines().take_while(|line| line.starts_with('|')).collect();
        let ours: Vec<String> = KEYS
            .iter()
            .map(|binding| {
                let keys = binding.shown.replace(", ", "`, `");
                let panel = binding.panel.map_or("everywhere", Panel::name);
                format!("| `{keys}` | {panel} | {} |", binding.help)
            })
            .collect();
        assert_eq!(rows, ours);
    }

    #[test]
    fn help_and_the_way_out_are_in_sight_at_any_width() {
        for panel in Panel::ALL {
            for width in [60, 80, 120] {
                let hints = hints(panel, width);
                assert!(hints.len() <= width && hints.ends_with("? help  q quit"), "{width}: {hints}");
            }
        }
        assert!(
            hints(Panel::Requests, 80)
                .starts_with("Enter show  a approve  x refuse  b ban  / filter  u undo")
        );
    }
}
