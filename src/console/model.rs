//! The state of the console: a key becomes an [`Action`], which changes it and may ask for an [`Effect`]. It reads the
//! store and holds no lock while a person thinks.

mod ban_lines;
mod decisions;
mod index;
mod inviting;
mod journal;
mod marks;
mod palette;
mod prompts;
mod reading;
mod walk;

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;
use tui_input::Input;

use crate::acts::Opened;
use crate::bans::Mark;
use crate::domain::{BanKind, EmailAddress, LinkSecret};
use crate::filter::{Filter, Row, Unclear};
use crate::store::{
    Act, Cooldown, Order, OutboxRow, PersonalToken, PersonalTokens, RequestRow, Rotated, StoreError,
    TokenRecord,
};

use super::banning::Choice;
use super::counting::Count;
use super::effects::Effect;
use super::ground::Ground;
use super::keys::{Action, PANELS, Panel, action};
use super::list::Cursor;
use super::look::Look;
use super::status::Status;
use super::view;
pub(super) use ban_lines::{BanFiles, BanRow, LineKind};
pub(super) use decisions::Details;
use index::Index;
pub(super) use inviting::{FIELDS, InviteForm};
pub(super) use journal::Visit;
pub(super) use palette::found;
pub(super) use prompts::{Prompt, Purpose, Question};

/// What the keys go to.
#[derive(Debug)]
pub(super) enum Mode {
    /// The active panel.
    Panel,
    /// The filter's line.
    Filter(Input),
    Help(usize),
    Alarms(usize),
    /// Of the selected request.
    Details(usize),
    /// What of the requests to ban, and which of it is selected.
    BanMenu(Vec<Choice>, usize),
    /// What is looked for among all that can be done, and which of it is selected.
    Palette(Input, usize),
    /// Which list to add to.
    KindMenu(usize),
    Ask(Question),
    Type(Prompt),
    /// Who is invited.
    Invite(Box<InviteForm>),
    /// What the operator hands over; shown this once.
    Link(LinkSecret),
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
    /// What is known of the selected request.
    pub details: Option<Details>,
    pub status: Status,
    cursors: [Cursor; PANELS],
    filters: [String; PANELS],
    /// What the filters mean, and of the one that is typed what is not understood: the one before holds meanwhile.
    meant: [Filter; PANELS],
    pub unclear: Option<Unclear>,
    /// In which order the requests stand.
    pub order: Order,
    is_look_due: bool,
    looked_at: Option<DateTime<Utc>>,
    /// Filters of before, the last one last; and which of them is shown.
    remembered: Vec<String>,
    recalled: usize,
    /// What is marked, by number.
    marked: [BTreeSet<i64>; PANELS],
    /// Whence Enter led here: the panel, and what was filtered among the requests.
    back: Vec<(Panel, String)>,
    pub journal: Vec<Act>,
    /// When whoever sits here left last, and what has come since.
    pub visited_at: Option<DateTime<Utc>>,
    pub since_visit: Option<Visit>,
    /// The form that is being done, should it come back; and a link that is not shown yet.
    inviting: Option<Box<InviteForm>>,
    given_link: Option<LinkSecret>,
    /// To be given to the terminal.
    pub copied: Option<String>,
    pub ground: Ground,
    /// What the entries that are about to be added do.
    pub ban_mark: Option<Mark>,
    pub wants_redraw: bool,
    /// How many rows the panel shows, and how many lines what stands over it; the view says it.
    pub height: usize,
    pub page: Cell<usize>,
    /// Details stand beside the list.
    pub is_wide: bool,
    /// And panes of everything below it.
    has_panes: bool,
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
    /// What was done here, as lines of the journal; and what of it all cannot be undone.
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
            details: None,
            status: Status::default(),
            cursors: [Cursor::default(); PANELS],
            filters: Default::default(),
            meant: Default::default(),
            unclear: None,
            order: Order::default(),
            is_look_due: false,
            looked_at: None,
            remembered: Vec::new(),
            recalled: 0,
            marked: Default::default(),
            back: Vec::new(),
            journal: Vec::new(),
            visited_at: None,
            since_visit: None,
            inviting: None,
            given_link: None,
            copied: None,
            ground: Ground::default(),
            ban_mark: None,
            wants_redraw: false,
            height: 10,
            page: Cell::new(10),
            is_wide: false,
            has_panes: false,
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
            Panel::Journal => (self.shown_acts().count(), self.journal.len()),
        }
    }

    /// How many requests there are.
    pub(super) fn request_count(&self) -> usize {
        self.index.rows().1
    }

    /// How many of how many, as a person counts them: headings are no entries.
    pub(super) fn counts(&self) -> (usize, usize) {
        if self.panel != Panel::Bans {
            return self.rows();
        }
        let headings = self.ban_rows.iter().filter_map(|row| match row {
            BanRow::Heading(_, shown, all) => Some((shown, all)),
            BanRow::Line(..) => None,
        });
        headings.fold((0, 0), |(shown, all), one| (shown + one.0, all + one.1))
    }

    fn meant(&self) -> &Filter {
        &self.meant[Panel::Requests.index()]
    }

    /// What the filter of the active panel means.
    pub(super) fn asked(&self) -> &Filter {
        &self.meant[self.panel.index()]
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

    /// The screen has this size. True: other things have to be read for it.
    pub(super) fn resize(&mut self, size: Size) -> bool {
        let before = (self.height, self.is_wide, self.has_panes);
        (self.is_wide, self.has_panes) = (view::is_wide(size), view::has_panes(size));
        self.height = view::list_height(self, size);
        self.fit();
        if self.has_panes && !before.2 {
            self.count_bans();
        }
        before != (self.height, self.is_wide, self.has_panes)
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
        let effect = self.key_in_mode(key);
        self.show_link();
        effect
    }

    fn key_in_mode(&mut self, key: KeyEvent) -> Result<Option<Effect>, StoreError> {
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
        let asked = action(self.panel, key).filter(|_| key.modifiers.contains(KeyModifiers::CONTROL));
        if let Some(asked @ (Action::Quit | Action::Background | Action::Redraw)) = asked {
            return self.apply(asked);
        }
        self.message = None;
        self.is_touched = true;
        match &mut self.mode {
            Mode::Filter(_) => self.filter_key(key).map(|()| None),
            Mode::Palette(..) => self.palette_key(key),
            Mode::Type(_) => Ok(self.type_key(key)),
            Mode::Ask(_) => Ok(self.ask_key(key)),
            Mode::Invite(_) => Ok(self.invite_key(key)),
            Mode::Link(_) => {
                self.link_key(key);
                Ok(None)
            }
            Mode::BanMenu(..) | Mode::KindMenu(_) => Ok(self.menu_key(key)),
            Mode::Help(scroll) | Mode::Alarms(scroll) | Mode::Details(scroll) => {
                let page = self.page.get().max(1);
                *scroll = (*scroll).min(self.last_scroll.get());
                match action(self.panel, key) {
                    Some(Action::Down) => *scroll += 1,
                    Some(Action::Up) => *scroll = scroll.saturating_sub(1),
                    Some(Action::PageDown) => *scroll += page,
                    Some(Action::PageUp) => *scroll = scroll.saturating_sub(page),
                    Some(Action::HalfDown) => *scroll += page.div_ceil(2),
                    Some(Action::HalfUp) => *scroll = scroll.saturating_sub(page.div_ceil(2)),
                    Some(Action::First) => *scroll = 0,
                    Some(Action::Last) => *scroll = usize::MAX / 2,
                    Some(Action::Quit) => self.is_over = true,
                    Some(Action::Clear | Action::Details | Action::Follow) => return self.close(),
                    Some(asked @ (Action::Help | Action::Alarms)) => {
                        let is_same = matches!(
                            (&self.mode, asked),
                            (Mode::Help(_), Action::Help) | (Mode::Alarms(_), Action::Alarms)
                        );
                        return if is_same { self.close() } else { self.apply(asked) };
                    }
                    Some(
                        asked @ (Action::Approve
                        | Action::Refuse
                        | Action::Ban
                        | Action::Undo
                        | Action::Redo
                        | Action::Copy),
                    ) if matches!(self.mode, Mode::Details(_)) => return self.apply(asked),
                    Some(
                        asked @ (Action::Show(_)
                        | Action::NextPanel
                        | Action::PreviousPanel
                        | Action::Waiting
                        | Action::Palette
                        | Action::Theme),
                    ) => {
                        self.mode = Mode::Panel;
                        return self.apply(asked);
                    }
                    _ => {}
                }
                Ok(None)
            }
            Mode::Panel => match action(self.panel, key) {
                Some(action) => self.apply(action),
                None => Ok(None),
            },
        }
    }

    /// What stands over the panel is closed, and what Enter led to is left.
    fn close(&mut self) -> Result<Option<Effect>, StoreError> {
        let was_details = matches!(std::mem::replace(&mut self.mode, Mode::Panel), Mode::Details(_));
        if was_details && self.filters[0].is_empty() && !self.back.is_empty() {
            self.go_back()?;
        }
        Ok(None)
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
        self.unclear = None;
        self.count_bans();
        self.count_visit();
        self.read_panel()
    }

    fn apply(&mut self, action: Action) -> Result<Option<Effect>, StoreError> {
        if self.read_only && action.changes() {
            self.say("this console is read-only: it only looks");
            return Ok(None);
        }
        let page = isize::try_from(self.height.max(1)).unwrap_or(1);
        let half = page.midpoint(1).max(1);
        match action {
            Action::Quit => self.is_over = true,
            Action::Background => self.wants_background = true,
            Action::Help => self.mode = Mode::Help(0),
            Action::Alarms => self.mode = Mode::Alarms(0),
            Action::Palette => self.mode = Mode::Palette(Input::default(), 0),
            Action::Redraw => self.wants_redraw = true,
            Action::Theme => self.look = self.look.next(),
            Action::Clear => self.clear()?,
            Action::Show(panel) => {
                self.back.clear();
                self.show(panel)?;
            }
            Action::NextPanel => self.show(Panel::ALL[(self.panel.index() + 1) % PANELS])?,
            Action::PreviousPanel => self.show(Panel::ALL[(self.panel.index() + PANELS - 1) % PANELS])?,
            Action::Waiting => self.show_waiting()?,
            Action::Follow => self.follow()?,
            Action::Copy => self.copy()?,
            Action::Mark => self.mark()?,
            Action::MarkAll => self.mark_all(),
            Action::Sort => {
                self.order = match self.order {
                    Order::Newest => Order::Oldest,
                    Order::Oldest => Order::Name,
                    Order::Name => Order::Address,
                    Order::Address => Order::Reason,
                    Order::Reason => Order::Newest,
                };
                self.message = Some(Ok(format!("Sorted: {}.", self.order.words())));
                self.look_through();
                self.read_window()?;
            }
            Action::Down => self.step(1)?,
            Action::Up => self.step(-1)?,
            Action::PageDown => self.step(page)?,
            Action::PageUp => self.step(-page)?,
            Action::HalfDown => self.step(half)?,
            Action::HalfUp => self.step(-half)?,
            Action::First if self.panel == Panel::Bans => self.select_first_entry(),
            Action::First => self.step(isize::MIN)?,
            Action::Last => self.step(isize::MAX / 2)?,
            Action::Filter => {
                if self.panel == Panel::Token {
                    self.say("there is nothing to filter here");
                } else {
                    self.recalled = self.remembered.len();
                    let filter = self.filters[self.panel.index()].trim_end();
                    // What is typed next is another word.
                    let filter = if filter.is_empty() { String::new() } else { format!("{filter} ") };
                    self.mode = Mode::Filter(Input::new(filter));
                }
            }
            Action::Pause => {
                let pause = !self.status.is_paused;
                let (verb, more) = if pause {
                    ("Pause", "It takes no requests; emails in the outbox are still sent")
                } else {
                    ("Resume", "It takes requests again, outside its downtime")
                };
                self.ask(format!("{verb} the desk? {more}."), Effect::Pause(pause));
            }
            Action::Invite => self.mode = Mode::Invite(Box::default()),
            Action::Undo => return self.undo(),
            Action::Redo => return self.redo(),
            Action::Details => self.show_details()?,
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
                "Make a new token now? Emails that are on their way contain the old one, which stops working.",
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
