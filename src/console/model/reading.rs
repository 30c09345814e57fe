//! What the console reads from the store: everything at start, then what has changed. It holds no lock while a person thinks.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::acts::Opened;
use crate::acts::words::requests;
use crate::console::counting::{Count, Counted, QUICK};
use crate::console::effects::{Effect, Told};
use crate::console::keys::Panel;
use crate::store::{Order, StoreError};

use super::{BanFiles, BanRow, Console, Mode};

/// What costs a look at all requests of the last time is counted anew so often at most.
const RECOUNT_EVERY: TimeDelta = TimeDelta::seconds(2);

/// Time passes by the hour there.
const RECOUNT_UNASKED: TimeDelta = TimeDelta::minutes(1);

/// So much of the journal is shown; a filter of time looks at no more.
const MOST_ACTS: u64 = 2_000;

/// Very many requests are looked through again at most so often.
const LOOK_EVERY: TimeDelta = TimeDelta::seconds(5);

impl Console {
    /// Reads what has changed. To be called when the store has, and once at start.
    pub(in crate::console) fn read(&mut self) -> Result<(), StoreError> {
        let now = self.now;
        self.status.read(&self.opened, now)?;
        self.read_index()?;
        self.look_again();
        self.read_panel()?;
        self.is_recount_due = true;
        self.recount().map(drop)
    }

    /// What passes with time. True: something looks different.
    pub(in crate::console) fn tick(&mut self) -> Result<bool, StoreError> {
        let now = self.now;
        self.status.tick(&self.opened, now);
        if self.is_look_due && self.looked_at.is_none_or(|at| now - at >= LOOK_EVERY) {
            self.look_through();
        }
        if self.counted_at.is_none_or(|at| self.now - at >= RECOUNT_UNASKED) {
            self.is_recount_due = true;
        }
        self.recount()
    }

    /// Counts what needs a look at many requests, where that is due. True: it was.
    fn recount(&mut self) -> Result<bool, StoreError> {
        let soon =
            self.counted_at.is_some_and(|at| (TimeDelta::zero()..RECOUNT_EVERY).contains(&(self.now - at)));
        if soon || !self.is_recount_due {
            return Ok(false);
        }
        self.status.count_hours(&self.opened, self.now)?;
        self.count_bans();
        (self.counted_at, self.is_recount_due) = (Some(self.now), false);
        Ok(true)
    }

    /// Other settings, or another database, in the same folder.
    pub(in crate::console) fn reopen(&mut self, opened: Arc<Opened>) -> Result<(), StoreError> {
        self.opened = opened;
        self.index.replace(Vec::new());
        self.read()
    }

    /// An effect is done.
    pub(in crate::console) fn take_done(&mut self, told: Told) -> Result<(), StoreError> {
        self.busy = self.busy.saturating_sub(1);
        self.own_acts.extend(told.acts);
        self.final_acts.extend(told.is_final);
        self.message = Some(told.failed.map_or_else(|| Ok(told.done.join(" ")), Err));
        self.take_invited(told.link);
        if !told.held.is_empty() && matches!(self.mode, Mode::Panel) {
            let ids = told.held.iter().map(|row| row.id).collect();
            let text = format!("Requests that wait are hit by it: {}. Refuse them?", requests(&told.held));
            self.ask(text, Effect::Refuse(ids, None));
        }
        self.read()
    }

    fn read_index(&mut self) -> Result<(), StoreError> {
        let newest = self.index.newest();
        let (new, count) =
            self.opened.store.read(|store| Ok((store.numbers_after(newest)?, store.request_count()?)))?;
        if new.is_empty() && count == self.index.rows().1 {
            return Ok(());
        }
        self.index.extend(new);
        if count != self.index.rows().1 {
            // Some were erased.
            self.index.replace(self.opened.store.read(|store| store.numbers_after(0))?);
        }
        self.make_room();
        Ok(())
    }

    /// What the active panel shows.
    pub(in crate::console) fn read_panel(&mut self) -> Result<(), StoreError> {
        let (store, now) = (Arc::clone(&self.opened.store), self.now);
        match self.panel {
            Panel::Requests => self.read_window()?,
            Panel::Cooldowns => {
                let settings = &self.opened.settings;
                let cooldown = TimeDelta::from_std(settings.email_cooldown).unwrap_or(TimeDelta::MAX);
                let since = now.checked_sub_signed(cooldown).unwrap_or(DateTime::UNIX_EPOCH);
                let cooldowns = store.read(|store| store.cooldowns(since, settings.email_identity, None))?;
                let selected = self.shown_cooldowns().nth(self.cursor().at).map(|one| one.email.clone());
                self.cooldowns = cooldowns;
                let at = self.shown_cooldowns().position(|one| Some(&one.email) == selected.as_ref());
                self.select(Panel::Cooldowns, at);
            }
            Panel::Token => {
                (self.token, self.rotations) = store.read(|store| {
                    Ok((store.current_token()?, store.rotations(now - TimeDelta::hours(24))?))
                })?;
                (self.personal, self.personal_counts) = store.read(|store| {
                    let counts = store.count_personal_tokens(now - TimeDelta::days(30), now)?;
                    Ok((store.personal_tokens_lately(100)?, counts))
                })?;
            }
            Panel::Journal => {
                let journal = store.read(|store| store.acts(None, Some(MOST_ACTS)))?;
                let selected = self.shown_acts().nth(self.cursor().at).map(|one| one.id);
                self.journal = journal;
                let at = self.shown_acts().position(|one| Some(one.id) == selected);
                self.select(Panel::Journal, at);
                self.count_visit();
            }
            Panel::Bans | Panel::Outbox => {}
        }
        if self.panel == Panel::Outbox || self.has_panes {
            let outbox = store.read(|store| {
                let mut rows = store.outbox(now - TimeDelta::days(30), Some(5_000))?;
                rows.extend(store.sent_letters(now - TimeDelta::hours(24), 200)?);
                Ok(rows)
            })?;
            let at = self.cursors[Panel::Outbox.index()].at;
            let selected = self.shown_letters().nth(at).map(|one| one.id);
            self.outbox = outbox;
            let at = self.shown_letters().position(|one| Some(one.id) == selected);
            self.select(Panel::Outbox, at);
        }
        self.fit();
        Ok(())
    }

    /// The row that somebody has chosen stays selected, wherever it stands now; where it is gone, its place is.
    fn select(&mut self, panel: Panel, at: Option<usize>) {
        let cursor = &mut self.cursors[panel.index()];
        cursor.at = at.filter(|_| cursor.is_chosen).unwrap_or(cursor.at);
    }

    /// The requests on screen.
    pub(super) fn read_window(&mut self) -> Result<(), StoreError> {
        let (rows, _) = self.rows();
        let mut cursor = self.cursors[0];
        cursor.fit(rows, self.height);
        let ids: Vec<i64> = (cursor.top..(cursor.top + self.height).min(rows))
            .filter_map(|row| self.index.id_at(row))
            .collect();
        self.window = self.opened.store.read(|store| store.requests_by_id(&ids))?;
        self.read_details()
    }

    /// Has the requests looked through again where something about them has changed: many are not gone through at each commit.
    fn look_again(&mut self) {
        self.is_look_due = !self.meant().is_empty() || self.order != Order::default();
        if self.is_look_due && self.index.rows().1 <= QUICK {
            self.look_through();
        }
    }

    /// Has looked for the requests that the filter means.
    pub(super) fn look_through(&mut self) {
        self.is_look_due = false;
        let meant = self.meant().clone();
        if meant.is_empty() && self.order == Order::default() {
            self.index.show(None);
            self.keep_selected();
            return;
        }
        self.looked_at = Some(self.now);
        self.wanted.push(Count::Meant(meant, self.order));
    }

    /// The selected request stays selected: nobody may decide another one because it came at the wrong moment.
    fn keep_selected(&mut self) {
        let cursor = &mut self.cursors[0];
        if self.is_touched
            && let Some(at) = self.selected_id.and_then(|id| self.index.row_of(id))
        {
            if cursor.top > 0 {
                cursor.top += at.saturating_sub(cursor.at);
            }
            cursor.at = at;
        }
    }

    /// New ones stand above. At the top of the list they stay in sight, until the selected one leaves the screen.
    fn make_room(&mut self) {
        let was_on_screen = self.cursors[0].top == 0 && self.cursors[0].at < self.height;
        self.keep_selected();
        if was_on_screen && self.cursors[0].at >= self.height {
            self.cursors[0].at = 0;
        }
    }

    /// Has the hits of the lists counted, where they are shown.
    pub(super) fn count_bans(&mut self) {
        if let Some(lists) = self.bans.lists.clone().filter(|_| self.panel == Panel::Bans || self.has_panes) {
            self.wanted.push(Count::OfLists(lists, self.a_month_ago()));
        }
    }

    pub(super) fn a_month_ago(&self) -> DateTime<Utc> {
        self.now - TimeDelta::days(30)
    }

    /// What has been counted beside, where it is still looked at.
    pub(in crate::console) fn take_counted(&mut self, counted: Counted) {
        match (counted, &mut self.mode) {
            (Counted::OfLists(hits), _) => self.ban_hits = hits,
            // Something else may be looked for by now.
            (Counted::Meant(meant, order, ids), _) if meant == self.meant[0] && order == self.order => {
                self.index.show(Some(ids));
                self.keep_selected();
                self.fit();
                // What cannot be read is told at the next look.
                let _ = self.read_window();
            }
            (Counted::Alike(of, alike), _) => {
                if let Some(details) = self.details.as_mut().filter(|details| details.row.id == of) {
                    details.alike = Some(alike);
                }
            }
            (Counted::Since(visit), _) => self.since_visit = Some(visit),
            (Counted::Hits(hits), Mode::BanMenu(choices, _)) => {
                let mut hits = hits.into_iter();
                for choice in choices {
                    choice.take(&mut hits);
                }
            }
            // What has been typed since may be no entry at all.
            (Counted::Hits(hits), Mode::Type(prompt)) if prompt.told.is_none() => {
                let told = hits.first().map(|hits| format!("it would have refused {}", hits.in_words()));
                prompt.told = told.map(Ok);
            }
            _ => {}
        }
    }

    /// The lists as they stand in the files now.
    pub(in crate::console) fn take_bans(&mut self, bans: BanFiles) {
        self.ban_problems = bans.problems();
        self.bans = bans;
        self.list_bans();
        self.count_bans();
    }

    pub(super) fn list_bans(&mut self) {
        let rows = self.bans.rows(&self.ban_problems, &self.meant[Panel::Bans.index()]);
        let old = std::mem::replace(&mut self.ban_rows, rows);
        let was_at = self.cursors[Panel::Bans.index()].at;
        let same = old.get(was_at).and_then(|selected| {
            let places = self.ban_rows.iter().enumerate().filter(|(_, row)| row.is_same(selected));
            places.map(|(at, _)| at).min_by_key(|at| at.abs_diff(was_at))
        });
        self.select(Panel::Bans, same);
        if same.is_none() {
            self.select_first_entry();
        }
        self.fit();
    }

    /// Headings are no entries.
    pub(super) fn select_first_entry(&mut self) {
        let first = self.ban_rows.iter().position(|row| matches!(row, BanRow::Line(..)));
        let cursor = &mut self.cursors[Panel::Bans.index()];
        cursor.at = first.unwrap_or_default();
        cursor.top = 0;
        self.fit();
    }
}
