//! The state of the console: a key becomes an [`Action`], which changes it and may ask for an [`Effect`]. It reads the
//! store and holds no lock while a person thinks.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::bans::{Edit, Lists};
use crate::commands::folder::Opened;
use crate::domain::{BanKind, EmailAddress, Localpart};
use crate::store::{
    Cooldown, Indexed, LetterFate, LetterState, OutboxRow, PastRequest, RequestRow, Rotated, StoreError,
    TokenRecord,
};

use super::banning::{Choice, choices, hits, net};
use super::keys::{Action, Panel, action};
use super::list::{Cursor, Input};
use super::look::Look;
use super::status::Status;

/// What is done outside, on a thread of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    Approve(i64),
    Refuse(i64, Option<String>),
    Ban(BanKind, Edit),
    Undo,
    Lift(String),
    Rotate,
    Retry(i64),
    Drop(i64),
    Pause(bool),
}

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

/// A question that only `y` says yes to.
#[derive(Debug)]
pub(super) struct Question {
    pub text: String,
    pub effect: Effect,
}

/// A line to be typed, and what for.
#[derive(Debug)]
pub(super) struct Prompt {
    pub title: String,
    pub input: Input,
    pub purpose: Purpose,
    /// What it would come to, or what is wrong with it.
    pub told: Result<String, String>,
    /// For [`Purpose::Add`] and [`Purpose::Edit`].
    past: Vec<PastRequest>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    Add(BanKind),
    Edit(BanKind, String),
    Test,
    Reason(i64),
}

/// Everything known of a request.
#[derive(Debug)]
pub(super) struct Details {
    pub row: RequestRow,
    pub letter: Option<LetterFate>,
    /// What is alike, and the requests before it that share it, newest first.
    pub alike: Vec<(String, Vec<PastRequest>)>,
}

/// A row of the ban lists as they stand in the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BanRow {
    Heading(BanKind, usize),
    /// Number, text, and what it is.
    Line(BanKind, usize, Arc<str>, LineKind),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    Comment,
    Entry,
    Bad,
}

/// The ban lists as the watching thread has read them.
#[derive(Debug, Default)]
pub(super) struct BanFiles {
    /// By kind: the lines of the file.
    pub lines: Vec<(BanKind, Vec<Arc<str>>)>,
    pub lists: Option<Arc<Lists>>,
}

/// The console.
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
    /// How many rows the panel shows; the view says it.
    pub height: usize,
    index: Vec<Indexed>,
    /// Places in the index that the filter lets through, newest first; None: all.
    matching: Option<Vec<usize>>,
    /// The requests on screen, by their numbers.
    pub window: Vec<RequestRow>,
    /// The selected request keeps selected while new ones come.
    selected_id: Option<i64>,
    pub cooldowns: Vec<Cooldown>,
    pub token: Option<TokenRecord>,
    pub rotations: Vec<Rotated>,
    pub is_revealed: bool,
    bans: BanFiles,
    pub ban_rows: Vec<BanRow>,
    pub ban_problems: HashMap<(BanKind, usize), String>,
    pub ban_hits: HashMap<(BanKind, String), u64>,
    pub outbox: Vec<OutboxRow>,
    /// What was done, or why not.
    pub message: Option<Result<String, String>>,
    /// Effects that are under way.
    pub busy: usize,
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
            height: 10,
            index: Vec::new(),
            matching: None,
            window: Vec::new(),
            selected_id: None,
            cooldowns: Vec::new(),
            token: None,
            rotations: Vec::new(),
            is_revealed: false,
            bans: BanFiles::default(),
            ban_rows: Vec::new(),
            ban_problems: HashMap::new(),
            ban_hits: HashMap::new(),
            outbox: Vec::new(),
            message: None,
            busy: 0,
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
            Mode::Filter(input) => &input.text,
            _ => &self.filters[self.panel.index()],
        }
    }

    /// How many rows the active panel has, and how many without the filter.
    pub(super) fn rows(&self) -> (usize, usize) {
        match self.panel {
            Panel::Requests => (self.matching.as_ref().map_or(self.index.len(), Vec::len), self.index.len()),
            Panel::Cooldowns => (self.shown_cooldowns().count(), self.cooldowns.len()),
            Panel::Token => (0, 0),
            Panel::Bans => (self.ban_rows.len(), self.ban_rows.len()),
            Panel::Outbox => (self.shown_letters().count(), self.outbox.len()),
        }
    }

    fn lets_through(&self, text: &str) -> bool {
        text.to_lowercase().contains(&self.filter().to_lowercase())
    }

    pub(super) fn shown_cooldowns(&self) -> impl Iterator<Item = &Cooldown> {
        self.cooldowns.iter().filter(|one| self.lets_through(&format!("{} {}", one.email, one.username)))
    }

    pub(super) fn shown_letters(&self) -> impl Iterator<Item = &OutboxRow> {
        self.outbox.iter().filter(|one| {
            self.lets_through(&format!("{} {}", one.to, one.last_answer.as_deref().unwrap_or_default()))
        })
    }

    // --- what the store has ------------------------------------------------------------------------------------------

    /// Reads what has changed. To be called when the store has, and once at start.
    pub(super) fn read(&mut self) -> Result<(), StoreError> {
        self.read_status()?;
        self.read_index()?;
        self.read_panel()
    }

    /// What stands above all panels.
    pub(super) fn read_status(&mut self) -> Result<(), StoreError> {
        self.status.read(&self.opened, self.now)
    }

    fn read_index(&mut self) -> Result<(), StoreError> {
        let last = self.index.last().map_or(0, |one| one.id);
        let (new, count) =
            self.opened.store.read(|store| Ok((store.index_after(last)?, store.request_count()?)))?;
        if new.is_empty() && count == self.index.len() {
            return Ok(());
        }
        self.index.extend(new);
        if count != self.index.len() {
            // Some were erased.
            self.index = self.opened.store.read(|store| store.index_after(0))?;
        }
        self.filter_requests(false);
        Ok(())
    }

    /// What the active panel shows.
    pub(super) fn read_panel(&mut self) -> Result<(), StoreError> {
        let (store, now) = (Arc::clone(&self.opened.store), self.now);
        match self.panel {
            Panel::Requests => self.read_window()?,
            Panel::Cooldowns => {
                let settings = &self.opened.settings;
                let cooldown = TimeDelta::from_std(settings.email_cooldown).unwrap_or(TimeDelta::MAX);
                let since = now.checked_sub_signed(cooldown).unwrap_or(DateTime::UNIX_EPOCH);
                self.cooldowns = store.read(|store| store.cooldowns(since, settings.email_identity, None))?;
            }
            Panel::Token => {
                (self.token, self.rotations) = store.read(|store| {
                    Ok((store.current_token()?, store.rotations(now - TimeDelta::hours(24))?))
                })?;
            }
            Panel::Bans => self.read_ban_hits()?,
            Panel::Outbox => {
                self.outbox = store.read(|store| {
                    let mut rows = store.outbox(now - TimeDelta::days(30), Some(10_000))?;
                    rows.extend(store.sent_letters(now - TimeDelta::hours(24), 200)?);
                    Ok(rows)
                })?;
            }
        }
        self.fit();
        Ok(())
    }

    fn id_at(&self, row: usize) -> Option<i64> {
        let place = match &self.matching {
            Some(matching) => *matching.get(row)?,
            None => self.index.len().checked_sub(row + 1)?,
        };
        Some(self.index.get(place)?.id)
    }

    /// The requests on screen.
    fn read_window(&mut self) -> Result<(), StoreError> {
        let (rows, _) = self.rows();
        let mut cursor = self.cursors[0];
        cursor.fit(rows, self.height);
        let ids: Vec<i64> =
            (cursor.top..(cursor.top + self.height).min(rows)).filter_map(|row| self.id_at(row)).collect();
        self.window = self.opened.store.read(|store| store.requests_by_id(&ids))?;
        Ok(())
    }

    /// Applies the filter; `narrower`: what it lets through now it let through before.
    fn filter_requests(&mut self, narrower: bool) {
        let filter = match (&self.mode, self.panel) {
            (Mode::Filter(input), Panel::Requests) => input.text.to_lowercase(),
            _ => self.filters[0].to_lowercase(),
        };
        self.matching = if filter.is_empty() {
            None
        } else {
            let found = |place: &usize| self.index[*place].text.contains(&filter);
            Some(match self.matching.take() {
                Some(before) if narrower => before.into_iter().filter(found).collect(),
                _ => (0..self.index.len()).rev().filter(found).collect(),
            })
        };
        // The selected request stays selected, unless it was the newest: then the newest is.
        if self.cursors[0].at > 0
            && let Some(id) = self.selected_id
        {
            let at = match &self.matching {
                Some(matching) => matching.iter().position(|place| self.index[*place].id == id),
                None => self
                    .index
                    .binary_search_by_key(&id, |one| one.id)
                    .ok()
                    .map(|place| self.index.len() - 1 - place),
            };
            if let Some(at) = at {
                let moved = at.saturating_sub(self.cursors[0].at);
                self.cursors[0].at = at;
                self.cursors[0].top += moved;
            }
        }
    }

    fn past(&self, days: i64) -> Result<Vec<PastRequest>, StoreError> {
        let since = self.now - TimeDelta::days(days);
        self.opened.store.read(|store| store.past_requests(since))
    }

    /// How often each entry has refused somebody in the last 30 days.
    fn read_ban_hits(&mut self) -> Result<(), StoreError> {
        let mut counted: HashMap<(BanKind, String), u64> = HashMap::new();
        for request in self.past(30)? {
            let Some(said) = request.detail.as_deref().and_then(|detail| detail.strip_prefix("banned by "))
            else {
                continue;
            };
            let Some(kind) = BanKind::ALL.into_iter().find(|kind| said.starts_with(kind.file_name())) else {
                continue;
            };
            if let Some((_, entry)) = said.split_once(": ") {
                *counted.entry((kind, entry.to_owned())).or_default() += request.stands_for;
            }
        }
        self.ban_hits = counted;
        Ok(())
    }

    /// The lists as they stand in the files now.
    pub(super) fn take_bans(&mut self, bans: BanFiles) {
        self.ban_problems = bans
            .lists
            .iter()
            .flat_map(|lists| lists.problems())
            .map(|problem| ((problem.kind, problem.line), problem.what.clone()))
            .collect();
        self.bans = bans;
        self.list_bans();
    }

    fn list_bans(&mut self) {
        let filter =
            if self.panel == Panel::Bans { self.filter() } else { &self.filters[Panel::Bans.index()] };
        let filter = filter.to_lowercase();
        let mut rows = Vec::new();
        for (kind, lines) in &self.bans.lines {
            let lines: Vec<BanRow> = lines
                .iter()
                .enumerate()
                .filter(|(_, line)| filter.is_empty() || line.to_lowercase().contains(&filter))
                .map(|(at, line)| {
                    let text = line.trim();
                    let what = if text.is_empty() || text.starts_with('#') {
                        LineKind::Comment
                    } else if self.ban_problems.contains_key(&(*kind, at + 1)) {
                        LineKind::Bad
                    } else {
                        LineKind::Entry
                    };
                    BanRow::Line(*kind, at + 1, Arc::clone(line), what)
                })
                .collect();
            let entries =
                lines.iter().filter(|row| matches!(row, BanRow::Line(_, _, _, LineKind::Entry))).count();
            rows.push(BanRow::Heading(*kind, entries));
            rows.extend(lines);
        }
        self.ban_rows = rows;
        self.fit();
    }

    /// Keeps the selected row on screen.
    pub(super) fn fit(&mut self) {
        let ((rows, _), height) = (self.rows(), self.height);
        self.cursor_mut().fit(rows, height);
        if self.panel == Panel::Requests {
            self.selected_id = self.id_at(self.cursors[0].at);
        }
    }

    // --- what is selected --------------------------------------------------------------------------------------------

    fn selected_request(&self) -> Option<RequestRow> {
        if let Mode::Details(details, _) = &self.mode {
            return Some(details.row.clone());
        }
        let id = self.id_at(self.cursors[0].at)?;
        self.opened.store.read(|store| store.requests_by_id(&[id])).ok()?.pop()
    }

    fn selected_line(&self) -> Option<(BanKind, usize, Arc<str>, LineKind)> {
        match self.ban_rows.get(self.cursor().at)? {
            BanRow::Line(kind, number, text, what) => Some((*kind, *number, Arc::clone(text), *what)),
            BanRow::Heading(..) => None,
        }
    }

    // --- keys --------------------------------------------------------------------------------------------------------

    /// What this key does.
    pub(super) fn key(&mut self, key: KeyEvent) -> Result<Option<Effect>, StoreError> {
        if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
            self.is_over = true;
            return Ok(None);
        }
        self.message = None;
        match &mut self.mode {
            Mode::Filter(_) => self.filter_key(key).map(|()| None),
            Mode::Type(_) => Ok(self.type_key(key)),
            Mode::Ask(_) => Ok(self.ask_key(key)),
            Mode::BanMenu(..) | Mode::KindMenu(_) => self.menu_key(key),
            Mode::Help(scroll) | Mode::Details(_, scroll) => {
                match key.code {
                    KeyCode::Char('q') => self.is_over = true,
                    KeyCode::Esc | KeyCode::Enter | KeyCode::Char('?') => self.mode = Mode::Panel,
                    KeyCode::Down | KeyCode::Char('j') => *scroll += 1,
                    KeyCode::Up | KeyCode::Char('k') => *scroll = scroll.saturating_sub(1),
                    KeyCode::PageDown => *scroll += 10,
                    KeyCode::PageUp => *scroll = scroll.saturating_sub(10),
                    KeyCode::Char('g') | KeyCode::Home => *scroll = 0,
                    KeyCode::Char('G') | KeyCode::End => *scroll = usize::MAX / 2,
                    KeyCode::Char('a' | 'x' | 'b' | 'u') if matches!(self.mode, Mode::Details(..)) => {
                        if let Some(action) = action(Panel::Requests, key) {
                            return self.apply(action);
                        }
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

    /// Text that was pasted: it goes where text is typed, and is no keys elsewhere.
    pub(super) fn paste(&mut self, text: &str) -> Result<(), StoreError> {
        match &mut self.mode {
            Mode::Filter(input) => {
                text.chars().for_each(|c| input.insert(c));
                self.refilter(false)
            }
            Mode::Type(prompt) => {
                text.chars().for_each(|c| prompt.input.insert(c));
                self.judge_prompt();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn edit_input(input: &mut Input, key: KeyEvent) -> bool {
        match key.code {
            KeyCode::Char('u') if key.modifiers.contains(KeyModifiers::CONTROL) => input.clear(),
            KeyCode::Char(_) if key.modifiers.contains(KeyModifiers::CONTROL) => return false,
            KeyCode::Char(c) => input.insert(c),
            KeyCode::Backspace => input.backspace(),
            KeyCode::Delete => input.delete(),
            KeyCode::Left => input.go(-1),
            KeyCode::Right => input.go(1),
            KeyCode::Home => input.go(isize::MIN),
            KeyCode::End => input.go(isize::MAX / 2),
            _ => return false,
        }
        true
    }

    fn filter_key(&mut self, key: KeyEvent) -> Result<(), StoreError> {
        let panel = self.panel.index();
        let Mode::Filter(input) = &mut self.mode else { return Ok(()) };
        match key.code {
            KeyCode::Enter => {
                self.filters[panel] = std::mem::take(&mut input.text);
                self.mode = Mode::Panel;
                Ok(())
            }
            KeyCode::Esc => {
                self.filters[panel].clear();
                self.mode = Mode::Panel;
                self.refilter(false)
            }
            _ => {
                let before = input.text.clone();
                Self::edit_input(input, key);
                let narrower = !before.is_empty() && input.text.starts_with(&before);
                self.refilter(narrower)
            }
        }
    }

    fn refilter(&mut self, narrower: bool) -> Result<(), StoreError> {
        match self.panel {
            Panel::Requests => {
                self.filter_requests(narrower);
                self.read_window()?;
            }
            Panel::Bans => self.list_bans(),
            Panel::Cooldowns | Panel::Token | Panel::Outbox => {}
        }
        self.fit();
        Ok(())
    }

    fn ask_key(&mut self, key: KeyEvent) -> Option<Effect> {
        match (key.code, std::mem::replace(&mut self.mode, Mode::Panel)) {
            (KeyCode::Char('y'), Mode::Ask(question)) => return Some(question.effect),
            (KeyCode::Char('q'), _) => self.is_over = true,
            _ => self.message = Some(Ok("Nothing was changed.".into())),
        }
        None
    }

    fn menu_key(&mut self, key: KeyEvent) -> Result<Option<Effect>, StoreError> {
        let (at, count) = match &mut self.mode {
            Mode::BanMenu(choices, at) => (at, choices.len()),
            Mode::KindMenu(at) => (at, BanKind::ALL.len()),
            _ => return Ok(None),
        };
        match key.code {
            KeyCode::Down | KeyCode::Char('j') => *at = (*at + 1).min(count.saturating_sub(1)),
            KeyCode::Up | KeyCode::Char('k') => *at = at.saturating_sub(1),
            KeyCode::Char('q') => self.is_over = true,
            KeyCode::Esc => self.mode = Mode::Panel,
            KeyCode::Enter => match std::mem::replace(&mut self.mode, Mode::Panel) {
                Mode::BanMenu(choices, at) => {
                    return Ok(choices.get(at).map(|choice| Effect::Ban(choice.kind, choice.edit())));
                }
                Mode::KindMenu(at) => {
                    self.prompt_entry(BanKind::ALL[at.min(BanKind::ALL.len() - 1)], None)?;
                }
                _ => {}
            },
            _ => {}
        }
        Ok(None)
    }

    fn type_key(&mut self, key: KeyEvent) -> Option<Effect> {
        let Mode::Type(prompt) = &mut self.mode else { return None };
        match key.code {
            KeyCode::Esc => {
                self.mode = Mode::Panel;
                self.message = Some(Ok("Nothing was changed.".into()));
                None
            }
            KeyCode::Enter => self.prompt_is_done(),
            _ => {
                if Self::edit_input(&mut prompt.input, key) {
                    self.judge_prompt();
                }
                None
            }
        }
    }

    fn prompt_is_done(&mut self) -> Option<Effect> {
        let Mode::Type(prompt) = &self.mode else { return None };
        let text = prompt.input.text.trim().to_owned();
        let effect = match &prompt.purpose {
            Purpose::Test => {
                // The answer stands there already.
                return None;
            }
            Purpose::Reason(id) => Effect::Refuse(*id, Some(text).filter(|text| !text.is_empty())),
            Purpose::Add(_) | Purpose::Edit(..) if prompt.told.is_err() => return None,
            Purpose::Add(kind) => Effect::Ban(*kind, Edit::Add(text)),
            Purpose::Edit(_, old) if *old == text => {
                self.mode = Mode::Panel;
                self.message = Some(Ok("Nothing was changed.".into()));
                return None;
            }
            Purpose::Edit(kind, old) => Effect::Ban(*kind, Edit::Replace(old.clone(), text)),
        };
        self.mode = Mode::Panel;
        Some(effect)
    }

    /// What the line that is being typed would come to.
    fn judge_prompt(&mut self) {
        let server = self.opened.settings.homeserver.clone();
        let lists = self.bans.lists.clone();
        let Mode::Type(prompt) = &mut self.mode else { return };
        let text = prompt.input.text.trim();
        prompt.told = match &prompt.purpose {
            Purpose::Add(_) | Purpose::Edit(..) if text.is_empty() => Err("nothing is typed yet".into()),
            Purpose::Add(kind) | Purpose::Edit(kind, _) => hits(*kind, text, &prompt.past, &server)
                .map(|hits| format!("it would have refused {}", hits.in_words())),
            Purpose::Reason(_) if text.is_empty() => Ok("nobody is told".into()),
            Purpose::Reason(_) => Ok("this is mailed to the applicant".into()),
            Purpose::Test if text.is_empty() => Ok("an IP address, an e-mail address or a name".into()),
            Purpose::Test => match lists {
                None => Err("the lists are still being read".into()),
                Some(lists) => {
                    let mut found = Vec::new();
                    if let Ok(ip) = text.parse() {
                        found.extend(lists.all_ip(ip));
                    }
                    if let Ok(email) = EmailAddress::parse(text) {
                        found.extend(lists.all_email(&email));
                    }
                    if let Ok(name) = Localpart::parse(text, &server) {
                        found.extend(lists.all_username(&name));
                    }
                    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
                    if found.is_empty() {
                        Ok("no line refuses it".into())
                    } else {
                        Err(format!("refused by {}", found.join("; ")))
                    }
                }
            },
        };
    }

    fn prompt(&mut self, title: String, text: &str, purpose: Purpose, past: Vec<PastRequest>) {
        self.mode =
            Mode::Type(Prompt { title, input: Input::new(text), purpose, told: Ok(String::new()), past });
        self.judge_prompt();
    }

    fn prompt_entry(&mut self, kind: BanKind, old: Option<&str>) -> Result<(), StoreError> {
        let past = self.past(30)?;
        let file = kind.file_name();
        match old {
            None => self.prompt(format!("Add to {file}"), "", Purpose::Add(kind), past),
            Some(old) => {
                self.prompt(format!("Edit in {file}"), old, Purpose::Edit(kind, old.to_owned()), past);
            }
        }
        Ok(())
    }

    fn ask(&mut self, text: impl Into<String>, effect: Effect) {
        self.mode = Mode::Ask(Question { text: text.into(), effect });
    }

    fn say(&mut self, why: impl Into<String>) {
        self.message = Some(Err(why.into()));
    }

    fn show(&mut self, panel: Panel) -> Result<(), StoreError> {
        if self.panel == Panel::Token {
            self.is_revealed = false;
        }
        self.panel = panel;
        self.read_panel()
    }

    fn apply(&mut self, action: Action) -> Result<Option<Effect>, StoreError> {
        if self.read_only && action.changes() {
            self.say("this console only looks (--read-only)");
            return Ok(None);
        }
        let page = isize::try_from(self.height.max(1)).unwrap_or(1);
        match action {
            Action::Quit => self.is_over = true,
            Action::Help => self.mode = Mode::Help(0),
            Action::Clear => {
                self.filters[self.panel.index()].clear();
                self.refilter(false)?;
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
                if self.panel != Panel::Token {
                    self.mode = Mode::Filter(Input::new(&self.filters[self.panel.index()]));
                }
            }
            Action::Pause => {
                let pause = !self.status.is_paused;
                let (verb, more) = if pause {
                    ("Pause", "it takes no requests; letters that are owed still go out")
                } else {
                    ("Resume", "it takes requests again, outside its downtime")
                };
                self.ask(format!("{verb} the desk? {more}."), Effect::Pause(pause));
            }
            Action::Undo => {
                self.mode = Mode::Panel;
                return Ok(Some(Effect::Undo));
            }
            Action::Details => self.details()?,
            Action::Approve | Action::Refuse => return Ok(self.decide(action)),
            Action::Ban => self.ban_menu()?,
            Action::Lift => {
                let selected = self.shown_cooldowns().nth(self.cursor().at).map(|one| one.email.clone());
                return Ok(selected.map(Effect::Lift));
            }
            Action::Reveal => self.is_revealed = !self.is_revealed,
            Action::Rotate => self.ask(
                "Make a new token now? Letters that are on their way carry the old one, which ends.",
                Effect::Rotate,
            ),
            Action::AddEntry => match self.ban_rows.get(self.cursor().at) {
                Some(BanRow::Line(kind, ..)) => self.prompt_entry(*kind, None)?,
                Some(BanRow::Heading(kind, _)) => {
                    let at = BanKind::ALL.iter().position(|one| one == kind).unwrap_or_default();
                    self.mode = Mode::KindMenu(at);
                }
                None => self.mode = Mode::KindMenu(0),
            },
            Action::EditEntry | Action::DeleteEntry => self.change_entry(action)?,
            Action::TestValue => {
                self.prompt("Which lines refuse".into(), "", Purpose::Test, Vec::new());
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

    fn decide(&mut self, action: Action) -> Option<Effect> {
        let Some(row) = self.selected_request() else {
            self.say("there is no request");
            return None;
        };
        self.mode = Mode::Panel;
        if row.verdict != "held" {
            self.say(format!("request {} does not wait for a decision: it is {}", row.id, row.verdict));
            return None;
        }
        if action == Action::Approve {
            return Some(Effect::Approve(row.id));
        }
        let title = format!("Refuse {} for {}: the reason, or nothing", row.username, row.email);
        self.prompt(title, "", Purpose::Reason(row.id), Vec::new());
        None
    }

    fn ban_menu(&mut self) -> Result<(), StoreError> {
        let Some(row) = self.selected_request() else {
            self.say("there is no request");
            return Ok(());
        };
        let choices = choices(&row, &self.past(30)?, &self.opened.settings.homeserver);
        if choices.is_empty() {
            self.say("neither its name nor its address is one that could be banned");
            return Ok(());
        }
        self.mode = Mode::BanMenu(choices, 0);
        Ok(())
    }

    fn change_entry(&mut self, action: Action) -> Result<(), StoreError> {
        let Some((kind, number, text, what)) = self.selected_line() else {
            self.say("there is no entry in this row");
            return Ok(());
        };
        if what == LineKind::Comment {
            self.say("this is a comment: edit it in the file");
            return Ok(());
        }
        let entry = text.trim().to_owned();
        if action == Action::EditEntry {
            return self.prompt_entry(kind, Some(&entry));
        }
        let shown = self.look.visible(&entry);
        self.ask(
            format!("Delete {shown} ({}:{number})?", kind.file_name()),
            Effect::Ban(kind, Edit::Remove(entry)),
        );
        Ok(())
    }

    fn letter(&mut self, action: Action) -> Option<Effect> {
        let selected = self.shown_letters().nth(self.cursor().at).cloned();
        let Some(letter) = selected else {
            self.say("there is no letter");
            return None;
        };
        if letter.state != LetterState::Owed {
            self.say(format!("letter {} is not owed: it is {}", letter.id, letter.state.word()));
            return None;
        }
        if action == Action::Retry {
            return Some(Effect::Retry(letter.id));
        }
        let to = self.look.visible(&letter.to);
        self.ask(
            format!("Drop the letter to {to}? Its name and address are free again."),
            Effect::Drop(letter.id),
        );
        None
    }

    fn details(&mut self) -> Result<(), StoreError> {
        let Some(row) = self.selected_request() else { return Ok(()) };
        let letter = self.opened.store.read(|store| store.letter_fate(row.id))?;
        let past = self.past(30)?;
        let earlier = |alike: &dyn Fn(&PastRequest) -> bool| -> Vec<PastRequest> {
            past.iter().filter(|other| other.id < row.id && alike(other)).cloned().collect()
        };
        let mut all = Vec::new();
        if let Ok(email) = EmailAddress::parse(&row.email) {
            let parsed = |other: &PastRequest| EmailAddress::parse(&other.email).ok();
            let (mailbox, domain) = (email.mailbox(), email.domain().to_owned());
            all.push((
                format!("the address {mailbox}"),
                earlier(&|other| parsed(other).is_some_and(|other| other.mailbox() == mailbox)),
            ));
            all.push((
                format!("the domain {domain}"),
                earlier(&|other| parsed(other).is_some_and(|other| other.domain() == domain)),
            ));
        }
        if let Some(ip) = row.ip.as_deref().and_then(|ip| ip.parse::<std::net::IpAddr>().ok()) {
            let parsed =
                |other: &PastRequest| other.ip.as_deref().and_then(|ip| ip.parse::<std::net::IpAddr>().ok());
            all.push((format!("the IP {ip}"), earlier(&|other| parsed(other) == Some(ip))));
            if let Some(net) = net(ip) {
                all.push((
                    format!("the net {net}"),
                    earlier(&|other| parsed(other).is_some_and(|ip| net.contains(&ip))),
                ));
            }
        }
        self.mode = Mode::Details(Box::new(Details { row, letter, alike: all }), 0);
        Ok(())
    }
}
