//! The state of the console: a key becomes an [`Action`], which changes it and may ask for an [`Effect`]. It reads the
//! store and holds no lock while a person thinks.

mod ban_lines;
mod decisions;
mod index;
mod prompts;
mod reading;

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;

use crate::acts::Opened;
use crate::domain::{BanKind, EmailAddress};
use crate::filter::{Filter, Row, Unclear};
use crate::store::{
    Cooldown, Order, OutboxRow, PersonalToken, PersonalTokens, RequestRow, Rotated, StoreError, TokenRecord,
};

use super::banning::Choice;
use super::counting::Count;
use super::effects::Effect;
use super::keys::{Action, Panel, action};
use super::list::Cursor;
use super::look::Look;
use super::status::Status;
pub(super) use ban_lines::{BanFiles, BanRow, LineKind};
pub(super) use decisions::Details;
use index::Index;
pub(super) use prompts::{Prompt, Purpose, Question};

/// What the keys go to.
#[derive(Debug)]
pub(super) enum Mode {
    /// The active panel.
    Panel,
    /// The filter's line.
    Filter(Input),
    Help(usize),
    Details(Box<Details>, usize),
    /// What of a request to ban.
    BanMenu(Vec<Choice>, usize),
    /// Which list to add to.
    KindMenu(usize),
    Ask(Question),
    Type(Prompt),
}

/// The console.
#[expect(clippy::struct_excessive_bools, reason = "each says one thing, and none excludes another")]
pub(super) struct Console {
    pub opened: Arc<Opened>,
    pub look: Look,
    pub read_only: bool,
    pub now: DateTime<Utc>,
    pub panel: Panel,
    pub mode: Mode,
    pub status: Status,
    cursors: [Cursor; 5],
    filters: [String; 5],
    /// What the filters mean, and of the one that is typed what is not understood: the one before holds meanwhile.
    meant: [Filter; 5],
    pub unclear: Option<Unclear>,
    /// In which order the requests stand.
    pub order: Order,
    is_look_due: bool,
    looked_at: Option<DateTime<Utc>>,
    /// How many rows the panel shows; the view says it.
    pub height: usize,
    index: Index,
    /// The requests on screen, by their numbers.
    pub window: Vec<RequestRow>,
    /// The selected request keeps selected while new ones come.
    selected_id: Option<i64>,
    /// Whether a key was pressed; before that the newest is selected.
    is_touched: bool,
    pub cooldowns: Vec<Cooldown>,
    pub token: Option<TokenRecord>,
    pub rotations: Vec<Rotated>,
    /// Where each letter has a token of its own: the last ones, and how many there are.
    pub personal: Vec<PersonalToken>,
    pub personal_counts: PersonalTokens,
    pub is_revealed: bool,
    bans: BanFiles,
    pub ban_rows: Vec<BanRow>,
    pub ban_problems: HashMap<(BanKind, usize), String>,
    pub ban_hits: HashMap<(BanKind, String), u64>,
    pub outbox: Vec<OutboxRow>,
    /// What was done, or why not.
    pub message: Option<Result<String, String>>,
    /// What is to be counted beside.
    pub wanted: Vec<Count>,
    /// Effects that are under way.
    pub busy: usize,
    /// What was done here, as lines of the journal; and what of it all cannot be taken back.
    own_acts: HashSet<i64>,
    final_acts: HashSet<i64>,
    counted_at: Option<DateTime<Utc>>,
    is_recount_due: bool,
    /// How far open details or help can be scrolled; the view says it.
    pub last_scroll: Cell<usize>,
    /// The screen is too small to show anything.
    pub is_unseen: bool,
    /// Ctrl-Z.
    pub wants_background: bool,
    pub is_over: bool,
}

impl Console {
    pub(super) fn new(opened: Arc<Opened>, look: Look, read_only: bool, now: DateTime<Utc>) -> Self {
        Self {
            opened,
            look,
            read_only,
            now,
            panel: Panel::Requests,
            mode: Mode::Panel,
            status: Status::default(),
            cursors: [Cursor::default(); 5],
            filters: Default::default(),
            meant: Default::default(),
            unclear: None,
            order: Order::default(),
            is_look_due: false,
            looked_at: None,
            height: 10,
            index: Index::default(),
            window: Vec::new(),
            selected_id: None,
            is_touched: false,
            cooldowns: Vec::new(),
            token: None,
            rotations: Vec::new(),
            personal: Vec::new(),
            personal_counts: PersonalTokens::default(),
            is_revealed: false,
            bans: BanFiles::default(),
            ban_rows: Vec::new(),
            ban_problems: HashMap::new(),
            ban_hits: HashMap::new(),
            outbox: Vec::new(),
            message: None,
            wanted: Vec::new(),
            busy: 0,
            own_acts: HashSet::new(),
            final_acts: HashSet::new(),
            counted_at: None,
            is_recount_due: true,
            last_scroll: Cell::new(0),
            is_unseen: false,
            wants_background: false,
            is_over: false,
        }
    }

    pub(super) fn cursor(&self) -> Cursor {
        self.cursors[self.panel.index()]
    }

    fn cursor_mut(&mut self) -> &mut Cursor {
        &mut self.cursors[self.panel.index()]
    }

    pub(super) fn filter(&self) -> &str {
        match &self.mode {
            Mode::Filter(input) => input.value(),
            _ => &self.filters[self.panel.index()],
        }
    }

    /// How many rows the active panel has, and how many without the filter.
    pub(super) fn rows(&self) -> (usize, usize) {
        match self.panel {
            Panel::Requests => self.index.rows(),
            Panel::Cooldowns => (self.shown_cooldowns().count(), self.cooldowns.len()),
            Panel::Token => (0, 0),
            Panel::Bans => (self.ban_rows.len(), self.ban_rows.len()),
            Panel::Outbox => (self.shown_letters().count(), self.outbox.len()),
        }
    }

    /// How many requests there are.
    pub(super) fn request_count(&self) -> usize {
        self.index.rows().1
    }

    fn meant(&self) -> &Filter {
        &self.meant[Panel::Requests.index()]
    }

    pub(super) fn shown_cooldowns(&self) -> impl Iterator<Item = &Cooldown> {
        let meant = &self.meant[Panel::Cooldowns.index()];
        self.cooldowns.iter().filter(|one| {
            let (texts, at) = ([one.email.as_str(), &one.username], Some(one.since));
            meant.takes(&Row { texts: &texts, at, name: &one.username, email: &one.email, ..Row::default() })
        })
    }

    pub(super) fn shown_letters(&self) -> impl Iterator<Item = &OutboxRow> {
        let meant = &self.meant[Panel::Outbox.index()];
        self.outbox.iter().filter(|one| meant.takes(&one.as_filtered(&one.texts())))
    }

    /// Keeps the selected row on screen.
    pub(super) fn fit(&mut self) {
        let ((rows, _), height) = (self.rows(), self.height);
        self.cursor_mut().fit(rows, height);
        if self.panel == Panel::Requests {
            self.selected_id = self.index.id_at(self.cursors[0].at);
        }
    }

    // --- keys --------------------------------------------------------------------------------------------------------

    /// What this key does.
    pub(super) fn key(&mut self, key: KeyEvent) -> Result<Option<Effect>, StoreError> {
        if key.modifiers.contains(KeyModifiers::ALT) {
            // Escape and a key that came in one piece, as over a slow line, look the same.
            self.key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE))?;
            return self.key(KeyEvent::new(key.code, key.modifiers - KeyModifiers::ALT));
        }
        if self.is_unseen {
            // Nothing is done that cannot be seen.
            self.is_over |= action(self.panel, key) == Some(Action::Quit);
            return Ok(None);
        }
        if key.modifiers.contains(KeyModifiers::CONTROL)
            && let Some(action) = action(self.panel, key)
        {
            return self.apply(action);
        }
        self.message = None;
        self.is_touched = true;
        match &mut self.mode {
            Mode::Filter(_) => self.filter_key(key).map(|()| None),
            Mode::Type(_) => Ok(self.type_key(key)),
            Mode::Ask(_) => Ok(self.ask_key(key)),
            Mode::BanMenu(..) | Mode::KindMenu(_) => Ok(self.menu_key(key)),
            Mode::Help(scroll) | Mode::Details(_, scroll) => {
                *scroll = (*scroll).min(self.last_scroll.get());
                match key.code {
                    KeyCode::Char('q') => self.is_over = true,
                    KeyCode::Esc | KeyCode::Enter | KeyCode::Char('?') => self.mode = Mode::Panel,
                    KeyCode::Down | KeyCode::Char('j') => *scroll += 1,
                    KeyCode::Up | KeyCode::Char('k') => *scroll = scroll.saturating_sub(1),
                    KeyCode::PageDown => *scroll += 10,
                    KeyCode::PageUp => *scroll = scroll.saturating_sub(10),
                    KeyCode::Char('g') | KeyCode::Home => *scroll = 0,
                    KeyCode::Char('G') | KeyCode::End => *scroll = usize::MAX / 2,
                    KeyCode::Char('a' | 'x' | 'b' | 'u' | 'U') if matches!(self.mode, Mode::Details(..)) => {
                        if let Some(action) = action(Panel::Requests, key) {
                            return self.apply(action);
                        }
                    }
                    _ => {
                        if let Some(action @ (Action::Show(_) | Action::NextPanel | Action::PreviousPanel)) =
                            action(self.panel, key)
                        {
                            self.mode = Mode::Panel;
                            return self.apply(action);
                        }
                    }
                }
                Ok(None)
            }
            Mode::Panel => match action(self.panel, key) {
                Some(action) => self.apply(action),
                None => Ok(None),
            },
        }
    }

    /// Whether a menu or a line is open whose count is not there yet.
    pub(super) fn is_being_counted(&self) -> bool {
        match &self.mode {
            Mode::BanMenu(choices, _) => choices.iter().any(|choice| choice.hits.is_none()),
            Mode::Type(prompt) => prompt.told.is_none(),
            _ => false,
        }
    }

    fn nothing_changed(&mut self) {
        self.message = Some(Ok("Nothing was changed.".into()));
    }

    fn say(&mut self, why: impl Into<String>) {
        self.message = Some(Err(why.into()));
    }

    fn show(&mut self, panel: Panel) -> Result<(), StoreError> {
        if self.panel == Panel::Token {
            self.is_revealed = false;
        }
        self.panel = panel;
        self.count_bans();
        self.read_panel()
    }

    fn apply(&mut self, action: Action) -> Result<Option<Effect>, StoreError> {
        if self.read_only && action.changes() {
            self.say("this console is read-only: it only looks");
            return Ok(None);
        }
        let page = isize::try_from(self.height.max(1)).unwrap_or(1);
        match action {
            Action::Quit => self.is_over = true,
            Action::Background => self.wants_background = true,
            Action::Help => self.mode = Mode::Help(0),
            Action::Clear => {
                self.filters[self.panel.index()].clear();
                self.refilter()?;
            }
            Action::Show(panel) => self.show(panel)?,
            Action::NextPanel => self.show(Panel::ALL[(self.panel.index() + 1) % 5])?,
            Action::PreviousPanel => self.show(Panel::ALL[(self.panel.index() + 4) % 5])?,
            Action::Down => self.step(1)?,
            Action::Up => self.step(-1)?,
            Action::PageDown => self.step(page)?,
            Action::PageUp => self.step(-page)?,
            Action::First => self.step(isize::MIN)?,
            Action::Last => self.step(isize::MAX / 2)?,
            Action::Filter => {
                if self.panel == Panel::Token {
                    self.say("there is nothing to filter here");
                } else {
                    self.mode = Mode::Filter(Input::new(self.filters[self.panel.index()].clone()));
                }
            }
            Action::Pause => {
                let pause = !self.status.is_paused;
                let (verb, more) = if pause {
                    ("Pause", "It takes no requests; letters that are owed still go out")
                } else {
                    ("Resume", "It takes requests again, outside its downtime")
                };
                self.ask(format!("{verb} the desk? {more}."), Effect::Pause(pause));
            }
            Action::Undo => return self.undo(),
            Action::Redo => return self.redo(),
            Action::Details => self.details()?,
            Action::Approve | Action::Refuse => return self.decide(action),
            Action::Ban => self.ban_menu()?,
            Action::Lift => {
                let selected = self.shown_cooldowns().nth(self.cursor().at);
                let email = selected.and_then(|one| EmailAddress::parse(&one.email).ok());
                if email.is_none() {
                    self.say("there is no cooldown");
                }
                return Ok(email.map(Effect::Lift));
            }
            Action::Reveal => self.is_revealed = !self.is_revealed,
            Action::Rotate => self.ask(
                "Make a new token now? Letters that are on their way carry the old one, which ends.",
                Effect::Rotate,
            ),
            Action::AddEntry => self.add_entry(),
            Action::EditEntry | Action::DeleteEntry => self.change_entry(action),
            Action::TestValue => {
                self.prompt("Which lines refuse this?".into(), "", Purpose::Test);
            }
            Action::Retry | Action::Drop => return Ok(self.letter(action)),
        }
        Ok(None)
    }

    fn step(&mut self, by: isize) -> Result<(), StoreError> {
        let (rows, _) = self.rows();
        self.cursor_mut().step(by, rows);
        self.fit();
        if self.panel == Panel::Requests {
            self.read_window()?;
        }
        Ok(())
    }
}
