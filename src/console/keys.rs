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
    everywhere("u", &[Char('u')], Action::Undo, "take back what you did last, again for what came before"),
    everywhere("U", &[Char('U')], Action::Redo, "do again what you took back last"),
    everywhere("?", &[Char('?')], Action::Help, "every key"),
    everywhere("Esc", &[KeyCode::Esc], Action::Clear, "close, clear, cancel"),
    everywhere("Ctrl-Z", &[], Action::Background, "to the background; `fg` brings it back"),
    everywhere("q, Ctrl-C", &[Char('q')], Action::Quit, "quit"),
];

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
