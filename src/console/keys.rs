//! One table of keys: it feeds dispatch, the help overlay and the handbook.

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
    Journal,
}

/// How many there are.
pub(super) const PANELS: usize = 6;

impl Panel {
    pub(super) const ALL: [Self; PANELS] =
        [Self::Requests, Self::Cooldowns, Self::Token, Self::Bans, Self::Outbox, Self::Journal];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Requests => "Requests",
            Self::Cooldowns => "Cooldowns",
            Self::Token => "Token",
            Self::Bans => "Bans",
            Self::Outbox => "Outbox",
            Self::Journal => "Journal",
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
    HalfDown,
    HalfUp,
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
    Follow,
    Mark,
    MarkAll,
    Waiting,
    Sort,
    Copy,
    Redraw,
    Palette,
    Alarms,
    Theme,
    Invite,
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
                | Self::Invite
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
        AddEntry, Alarms, Approve, Background, Ban, Clear, Copy, DeleteEntry, Details, Down, Drop, EditEntry,
        Filter, First, Follow, HalfDown, HalfUp, Help, Invite, Last, Lift, Mark, MarkAll, NextPanel,
        PageDown, PageUp, Palette, Pause, PreviousPanel, Quit, Redo, Redraw, Refuse, Retry, Reveal, Rotate,
        Show, Sort, TestValue, Theme, Undo, Up, Waiting,
    };
    use Panel::{Bans, Cooldowns, Journal, Outbox, Requests, Token};
    &[
        on(Requests, "Enter", &[KeyCode::Enter], Details, "everything known of the request"),
        on(
            Requests,
            "a",
            &[Char('a')],
            Approve,
            "approve a held request, or all marked; the email goes out after 10 s",
        ),
        on(
            Requests,
            "x",
            &[Char('x')],
            Refuse,
            "refuse a held request, or all marked, with a reason or without",
        ),
        on(Requests, "b", &[Char('b')], Ban, "ban address, domain, name, IP or net; Space marks several"),
        on(Requests, "Space", &[Char(' ')], Mark, "mark or unmark it"),
        on(Requests, "*", &[Char('*')], MarkAll, "mark all that are shown, or none"),
        on(Requests, "s", &[Char('s')], Sort, "sort: newest, oldest, name, address, reason"),
        on(Cooldowns, "Enter", &[KeyCode::Enter], Follow, "its requests; Esc comes back"),
        on(Cooldowns, "l", &[Char('l')], Lift, "lift the cooldown: the address may ask again at once"),
        on(Token, "v", &[Char('v')], Reveal, "show the token, and spell it out; hide it again"),
        on(Token, "R", &[Char('R')], Rotate, "a new token now"),
        on(Bans, "Enter", &[KeyCode::Enter], Follow, "the requests that it refused; Esc comes back"),
        on(Bans, "a", &[Char('a')], AddEntry, "add an entry"),
        on(Bans, "e", &[Char('e')], EditEntry, "edit the entry"),
        on(Bans, "d", &[Char('d')], DeleteEntry, "delete the entry"),
        on(Bans, "t", &[Char('t')], TestValue, "test a value against all lists"),
        on(Outbox, "Enter", &[KeyCode::Enter], Follow, "its request; Esc comes back"),
        on(Outbox, "r", &[Char('r')], Retry, "retry it now, or all marked; a failed one is sent again"),
        on(Outbox, "d", &[Char('d')], Drop, "drop it, or all marked; name and address are free again"),
        on(Outbox, "Space", &[Char(' ')], Mark, "mark or unmark it"),
        on(Outbox, "*", &[Char('*')], MarkAll, "mark all that are shown, or none"),
        on(Journal, "Enter", &[KeyCode::Enter], Follow, "the requests that it is about; Esc comes back"),
        everywhere("h", &[Char('h')], Waiting, "what waits for you, and back"),
        everywhere(
            "i",
            &[Char('i')],
            Invite,
            "invite somebody: a sign-up link, mailed or for you to hand over",
        ),
        everywhere("u", &[Char('u')], Undo, "undo what you did last; in the journal, the selected line"),
        everywhere("U", &[Char('U')], Redo, "redo what you undid last"),
        everywhere(
            "/",
            &[Char('/')],
            Filter,
            "filter while typing: Tab completes, Up brings earlier ones, Esc clears",
        ),
        everywhere("y", &[Char('y')], Copy, "copy what is selected, if your terminal allows it"),
        everywhere("p", &[Char('p')], Pause, "pause or resume the desk"),
        everywhere("!", &[Char('!')], Alarms, "all alarms in full"),
        everywhere(":", &[Char(':')], Palette, "find any action by its words"),
        everywhere("1", &[Char('1')], Show(Requests), "Requests"),
        everywhere("2", &[Char('2')], Show(Cooldowns), "Cooldowns"),
        everywhere("3", &[Char('3')], Show(Token), "Token"),
        everywhere("4", &[Char('4')], Show(Bans), "Bans"),
        everywhere("5", &[Char('5')], Show(Outbox), "Outbox"),
        everywhere(
            "6",
            &[Char('6')],
            Show(Journal),
            "Journal: who did what, and what came since your last visit",
        ),
        everywhere("Tab", &[KeyCode::Tab], NextPanel, "the next panel"),
        everywhere("Shift-Tab", &[KeyCode::BackTab], PreviousPanel, "the panel before"),
        everywhere("j, Down", &[Char('j'), KeyCode::Down], Down, "one down"),
        everywhere("k, Up", &[Char('k'), KeyCode::Up], Up, "one up"),
        everywhere("PageDown, Ctrl-F", &[KeyCode::PageDown], PageDown, "a page down"),
        everywhere("PageUp, Ctrl-B", &[KeyCode::PageUp], PageUp, "a page up"),
        everywhere("Ctrl-D", &[], HalfDown, "half a page down"),
        everywhere("Ctrl-U", &[], HalfUp, "half a page up"),
        everywhere("g, Home", &[Char('g'), KeyCode::Home], First, "to the top"),
        everywhere("G, End", &[Char('G'), KeyCode::End], Last, "to the bottom"),
        everywhere("T", &[Char('T')], Theme, "other colours: dark, light, the terminal's own"),
        everywhere("Ctrl-L", &[], Redraw, "redraw the screen"),
        everywhere("?", &[Char('?')], Help, "every key, this panel's first"),
        everywhere("Esc", &[KeyCode::Esc], Clear, "close, clear, go back"),
        everywhere("Ctrl-Z", &[], Background, "to the background"),
        everywhere("q, Ctrl-C", &[Char('q')], Quit, "quit"),
    ]
};

/// What this key means on this panel.
pub(super) fn action(panel: Panel, key: KeyEvent) -> Option<Action> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return match key.code {
            Char('c') => Some(Action::Quit),
            Char('z') => Some(Action::Background),
            Char('l') => Some(Action::Redraw),
            Char('f') => Some(Action::PageDown),
            Char('b') => Some(Action::PageUp),
            Char('d') => Some(Action::HalfDown),
            Char('u') => Some(Action::HalfUp),
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
    let own = KEYS.iter().filter(|binding| binding.panel == Some(panel)).filter_map(|binding| {
        let word = match binding.action {
            Action::Details => "show",
            Action::Follow => "requests",
            Action::Rotate => "rotate",
            Action::Retry => "retry",
            Action::MarkAll => return None,
            _ => binding.help.split([' ', ',', ';', ':']).next().unwrap_or_default(),
        };
        Some(format!("{} {word}", binding.shown))
    });
    let filter = (panel != Panel::Token).then(|| "/ filter".to_owned());
    let mut hints = String::new();
    let more = ["u undo", "h waiting", "p pause", ": all", "1-6 panels"].map(str::to_owned);
    for hint in own.chain(filter).chain(more) {
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
    fn the_handbook_has_this_table_and_no_other() {
        let page = include_str!("../../docs/console.md");
        let table = page.split_once("| key | where | what |\n| --- | --- | --- |\n").unwrap().1;
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
                .starts_with("Enter show  a approve  x refuse  b ban  Space mark  s sort")
        );
    }
}
