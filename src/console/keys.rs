//! One table of keys: it feeds dispatch, the help overlay and the README.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

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
}

impl Action {
    /// Whether it changes anything, now or after a question.
    pub(super) fn changes(self) -> bool {
        matches!(
            self,
            Self::Pause
                | Self::Undo
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
    codes: &'static [KeyCode],
    pub action: Action,
    /// Where it holds; None: everywhere.
    pub panel: Option<Panel>,
    pub help: &'static str,
}

const fn everywhere(
    shown: &'static str,
    codes: &'static [KeyCode],
    action: Action,
    help: &'static str,
) -> Binding {
    Binding { shown, codes, action, panel: None, help }
}

const fn on(
    panel: Panel,
    shown: &'static str,
    codes: &'static [KeyCode],
    action: Action,
    help: &'static str,
) -> Binding {
    Binding { shown, codes, action, panel: Some(panel), help }
}

use KeyCode::Char;

/// All keys. What a panel says goes before what holds everywhere.
pub(super) const KEYS: &[Binding] = &[
    on(Panel::Requests, "Enter", &[KeyCode::Enter], Action::Details, "everything known of the request"),
    on(
        Panel::Requests,
        "a",
        &[Char('a')],
        Action::Approve,
        "approve a held request; its letter goes out after 10 s",
    ),
    on(Panel::Requests, "x", &[Char('x')], Action::Refuse, "refuse a held request, with a reason or without"),
    on(
        Panel::Requests,
        "b",
        &[Char('b')],
        Action::Ban,
        "ban the address, its domain, the name, the IP or its net",
    ),
    on(
        Panel::Cooldowns,
        "l",
        &[Char('l')],
        Action::Lift,
        "lift the cooldown: the address may ask again at once",
    ),
    on(Panel::Token, "v", &[Char('v')], Action::Reveal, "show the token, alone on its line; hide it again"),
    on(Panel::Token, "R", &[Char('R')], Action::Rotate, "a new token now"),
    on(Panel::Bans, "a", &[Char('a')], Action::AddEntry, "add an entry"),
    on(Panel::Bans, "e", &[Char('e')], Action::EditEntry, "edit the entry"),
    on(Panel::Bans, "d", &[Char('d')], Action::DeleteEntry, "delete the entry"),
    on(Panel::Bans, "t", &[Char('t')], Action::TestValue, "test a value against all lists"),
    on(Panel::Outbox, "r", &[Char('r')], Action::Retry, "try the letter again now"),
    on(Panel::Outbox, "d", &[Char('d')], Action::Drop, "drop the letter; name and address are free again"),
    everywhere("1", &[Char('1')], Action::Show(Panel::Requests), "Requests"),
    everywhere("2", &[Char('2')], Action::Show(Panel::Cooldowns), "Cooldowns"),
    everywhere("3", &[Char('3')], Action::Show(Panel::Token), "Token"),
    everywhere("4", &[Char('4')], Action::Show(Panel::Bans), "Bans"),
    everywhere("5", &[Char('5')], Action::Show(Panel::Outbox), "Outbox"),
    everywhere("Tab", &[KeyCode::Tab], Action::NextPanel, "the next panel"),
    everywhere("Shift-Tab", &[KeyCode::BackTab], Action::PreviousPanel, "the panel before"),
    everywhere("j, Down", &[Char('j'), KeyCode::Down], Action::Down, "one down"),
    everywhere("k, Up", &[Char('k'), KeyCode::Up], Action::Up, "one up"),
    everywhere("PageDown", &[KeyCode::PageDown], Action::PageDown, "a page down"),
    everywhere("PageUp", &[KeyCode::PageUp], Action::PageUp, "a page up"),
    everywhere("g, Home", &[Char('g'), KeyCode::Home], Action::First, "to the top"),
    everywhere("G, End", &[Char('G'), KeyCode::End], Action::Last, "to the bottom"),
    everywhere("/", &[Char('/')], Action::Filter, "filter while typing: Enter keeps it, Esc clears it"),
    everywhere("p", &[Char('p')], Action::Pause, "pause or resume the desk"),
    everywhere(
        "u",
        &[Char('u')],
        Action::Undo,
        "take back the last ban, or a decision that is not mailed yet",
    ),
    everywhere("?", &[Char('?')], Action::Help, "every key"),
    everywhere("Esc", &[KeyCode::Esc], Action::Clear, "close, clear, cancel"),
    everywhere("q, Ctrl-C", &[Char('q')], Action::Quit, "quit"),
];

/// What this key means on this panel.
pub(super) fn action(panel: Panel, key: KeyEvent) -> Option<Action> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return (key.code == Char('c')).then_some(Action::Quit);
    }
    KEYS.iter()
        .find(|binding| binding.panel.is_none_or(|one| one == panel) && binding.codes.contains(&key.code))
        .map(|binding| binding.action)
}

/// The keys that matter most on a panel, for the line at the bottom.
pub(super) fn hints(panel: Panel) -> String {
    let own = KEYS.iter().filter(|binding| binding.panel == Some(panel)).map(|binding| {
        let word = binding.help.split([' ', ',', ';', ':']).next().unwrap_or_default();
        let word = match binding.action {
            Action::Details => "details",
            Action::Rotate => "rotate",
            _ => word,
        };
        format!("{} {word}", binding.shown)
    });
    own.chain(["/ filter".into(), "p pause".into(), "u undo".into(), "? help".into(), "q quit".into()])
        .collect::<Vec<_>>()
        .join("  ")
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
    fn the_readme_names_every_key() {
        let readme = include_str!("../../README.md");
        for binding in KEYS {
            let row = format!("`{}`", binding.shown.replace(", ", "`, `"));
            assert!(
                readme.lines().any(|line| line.contains(&row) && line.contains(binding.help)),
                "README.md lacks {row}: {}",
                binding.help
            );
        }
    }
}
