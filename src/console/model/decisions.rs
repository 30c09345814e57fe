//! What the operator does with what is selected.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use crate::acts::{self, Door, NotDone};
use crate::bans::{Edit, Mark};
use crate::console::alike::Alike;
use crate::console::banning::{shown_mark, ways};
use crate::console::counting::Count;
use crate::console::effects::Effect;
use crate::console::keys::{Action, Panel};
use crate::domain::BanKind;
use crate::store::{LetterState, OutboxRow, RequestRow, StoreError};

use super::marks::{left_out, told};
use super::prompts::Purpose;
use super::{BanRow, Console, LineKind, Mode};

/// Everything known of a request.
#[derive(Debug)]
pub(in crate::console) struct Details {
    pub row: RequestRow,
    pub letter: Option<OutboxRow>,
    /// What is alike, and the requests before it that share it; None: they are being counted.
    pub alike: Option<Vec<Alike>>,
}

impl Console {
    pub(super) fn selected_request(&self) -> Result<Option<RequestRow>, StoreError> {
        let Some(id) = self.index.id_at(self.cursors[0].at) else { return Ok(None) };
        Ok(self.opened.store.read(|store| store.requests_by_id(&[id]))?.pop())
    }

    pub(super) fn selected_line(&self) -> Option<(BanKind, usize, String, LineKind)> {
        match self.ban_rows.get(self.cursor().at)? {
            BanRow::Line(kind, number, text, what) => Some((*kind, *number, text.trim().to_owned(), *what)),
            BanRow::Heading(..) => None,
        }
    }

    /// Approves or refuses what is marked, else what is selected.
    pub(super) fn decide(&mut self, action: Action) -> Result<Option<Effect>, StoreError> {
        let (ids, is_marked) = (self.chosen(), self.marks() > 0);
        let rows = self.opened.store.read(|store| store.requests_by_id(&ids))?;
        self.mode = Mode::Panel;
        let [row] = &rows[..] else {
            if rows.is_empty() {
                self.say("there is no request");
            } else {
                self.decide_all(action, &rows);
            }
            return Ok(None);
        };
        if is_marked {
            self.decide_all(action, &rows);
            return Ok(None);
        }
        if row.verdict != "held" {
            self.say(format!(
                "request {} is {}: only those that are held wait for a decision",
                row.id, row.verdict
            ));
            return Ok(None);
        }
        if action == Action::Approve {
            self.go_on(&ids);
            return Ok(Some(Effect::Approve(ids)));
        }
        let of = if row.username.is_empty() {
            row.email.clone()
        } else {
            format!("{} for {}", row.username, row.email)
        };
        self.prompt(format!("Refuse {of}: the reason, or nothing"), "", Purpose::Reason(ids));
        Ok(None)
    }

    /// One question for all, which says how many they are, and names the odd ones.
    fn decide_all(&mut self, action: Action, rows: &[RequestRow]) {
        let (waiting, decided): (Vec<&RequestRow>, Vec<_>) =
            rows.iter().partition(|row| row.verdict == "held");
        let (named, nameless): (Vec<&RequestRow>, Vec<_>) =
            waiting.into_iter().partition(|row| action == Action::Refuse || !row.username.is_empty());
        if named.is_empty() {
            self.say("none of the marked waits for a decision");
            return;
        }
        let odd = left_out(&decided, ["it does not wait", "they do not wait"])
            + &left_out(&nameless, ["it has no name", "they have no name"]);
        let (text, ids) = (told(&named), named.iter().map(|row| row.id).collect());
        if action == Action::Approve {
            self.ask(format!("{text}.{odd} Approve them?"), Effect::Approve(ids));
        } else {
            self.prompt(
                format!("{text}.{odd} Refuse them: the reason, or nothing"),
                "",
                Purpose::Reason(ids),
            );
        }
    }

    /// After a decision the next one that waits is selected, else the one before.
    pub(super) fn go_on(&mut self, decided: &[i64]) {
        self.unmark();
        let at = self.cursor().at.saturating_sub(self.cursors[0].top);
        let waits = |row: &&RequestRow| row.verdict == "held" && !decided.contains(&row.id);
        let next = self.window.iter().skip(at).find(waits);
        let next = next.or_else(|| self.window.iter().take(at).rev().find(waits)).map(|row| row.id);
        if let Some(at) = next.and_then(|id| self.index.row_of(id)) {
            self.cursors[0].at = at;
            self.fit();
        }
    }

    pub(super) fn ban_menu(&mut self) -> Result<(), StoreError> {
        let ids = self.chosen();
        let rows = self.opened.store.read(|store| store.requests_by_id(&ids))?;
        if rows.is_empty() {
            self.say("there is no request");
            return Ok(());
        }
        let choices = ways(&self.opened.settings.homeserver, &rows);
        if choices.is_empty() {
            self.say("neither its name nor its address is one that could be banned");
            return Ok(());
        }
        let entries = choices
            .iter()
            .flat_map(|one| one.entries.iter().map(|entry| (one.kind, entry.clone())))
            .collect();
        self.wanted.push(Count::Hits(entries, self.a_month_ago()));
        self.ban_mark = None;
        self.mode = Mode::BanMenu(choices, 0);
        Ok(())
    }

    pub(super) fn menu_key(&mut self, key: KeyEvent) -> Option<Effect> {
        let (at, count) = match &mut self.mode {
            Mode::BanMenu(choices, at) => (at, choices.len()),
            Mode::KindMenu(at) => (at, BanKind::ALL.len()),
            _ => return None,
        };
        match key.code {
            KeyCode::Down | KeyCode::Char('j') => *at = (*at + 1).min(count.saturating_sub(1)),
            KeyCode::Up | KeyCode::Char('k') => *at = at.saturating_sub(1),
            KeyCode::Home | KeyCode::Char('g') => *at = 0,
            KeyCode::End | KeyCode::Char('G') => *at = count.saturating_sub(1),
            KeyCode::Char('q') => self.is_over = true,
            KeyCode::Esc => {
                self.mode = Mode::Panel;
                self.nothing_changed();
            }
            KeyCode::Char(' ') => {
                let at_now = *at;
                *at = (at_now + 1).min(count.saturating_sub(1));
                self.tick_choice(at_now);
            }
            KeyCode::Char('m') => {
                if let Mode::BanMenu(choices, at) = std::mem::replace(&mut self.mode, Mode::Panel) {
                    let mark = self.ban_mark.as_ref().map_or_else(String::new, shown_mark);
                    self.prompt(
                        "What it does, until when, and a note".into(),
                        &mark,
                        Purpose::Mark(choices, at),
                    );
                }
            }
            KeyCode::Char(digit @ '1'..='9') => {
                let place = (digit as usize) - ('1' as usize);
                *at = place.min(count.saturating_sub(1));
                self.tick_choice(place);
            }
            // Nobody bans what they have not seen the count of.
            KeyCode::Enter if self.is_being_counted() => {}
            KeyCode::Enter => match std::mem::replace(&mut self.mode, Mode::Panel) {
                Mode::BanMenu(choices, at) => {
                    let is_any = choices.iter().any(|choice| choice.is_ticked);
                    let meant = choices.iter().enumerate();
                    let meant =
                        meant.filter(|(place, one)| if is_any { one.is_ticked } else { *place == at });
                    let mark = self.ban_mark.take().map(|mark| {
                        let (by, added) =
                            (self.opened.by.who.clone(), self.now.format("%Y-%m-%d").to_string());
                        Mark { by: Some(by), added: Some(added), ..mark }.to_string()
                    });
                    let bans = meant.flat_map(|(_, choice)| choice.bans(mark.as_deref())).collect();
                    self.unmark();
                    return Some(Effect::Ban(bans));
                }
                Mode::KindMenu(at) => {
                    self.prompt_entry(BanKind::ALL[at.min(BanKind::ALL.len() - 1)], None);
                }
                _ => {}
            },
            _ => {}
        }
        None
    }

    pub(super) fn add_entry(&mut self) {
        match self.ban_rows.get(self.cursor().at) {
            Some(BanRow::Line(kind, ..)) => self.prompt_entry(*kind, None),
            Some(BanRow::Heading(kind, ..)) => {
                let at = BanKind::ALL.iter().position(|one| one == kind).unwrap_or_default();
                self.mode = Mode::KindMenu(at);
            }
            None => self.mode = Mode::KindMenu(0),
        }
    }

    pub(super) fn change_entry(&mut self, action: Action) {
        let Some((kind, number, entry, what)) = self.selected_line() else {
            self.say("there is no entry in this row");
            return;
        };
        if what == LineKind::Comment {
            self.say("this is a comment: edit it in the file");
            return;
        }
        if action == Action::EditEntry {
            self.prompt_entry(kind, Some(&entry));
            return;
        }
        let shown = self.look.visible(&entry);
        self.ask(
            format!("Delete {shown} ({}, line {number})?", kind.file_name()),
            Effect::Ban(vec![(kind, Edit::Remove(entry))]),
        );
    }

    /// Of what is counted, this is meant or not.
    fn tick_choice(&mut self, place: usize) {
        if let Mode::BanMenu(choices, _) = &mut self.mode
            && let Some(choice) = choices.get_mut(place)
        {
            choice.is_ticked = !choice.is_ticked;
        }
    }

    /// Tries emails again, or drops them: what is marked, else what is selected.
    pub(super) fn letter(&mut self, action: Action) -> Option<Effect> {
        let (ids, is_marked) = (self.chosen(), self.marks() > 0);
        let chosen: Vec<OutboxRow> =
            self.outbox.iter().filter(|one| ids.contains(&one.id)).cloned().collect();
        let owed: Vec<i64> =
            chosen.iter().filter(|one| one.state == LetterState::Owed).map(|one| one.id).collect();
        match (&chosen[..], action) {
            ([], _) => self.say("there is no email"),
            ([one], Action::Retry) if matches!(one.state, LetterState::Failed | LetterState::Dropped) => {
                match one.request_id {
                    Some(request) => {
                        let title = "Send it again, to this address";
                        self.prompt(title.into(), &one.to, Purpose::Resend(request, one.to.clone()));
                    }
                    None => self.say("it belongs to no request: it cannot be sent again"),
                }
            }
            ([one], _) if owed.is_empty() => {
                self.say(format!("email {} is no longer in the outbox: it is {}", one.id, one.state.word()));
            }
            (_, _) if owed.is_empty() => self.say("none of the marked emails is in the outbox"),
            (_, Action::Retry) => {
                self.unmark();
                return Some(Effect::Retry(owed));
            }
            ([one], _) if !is_marked => {
                let to = self.look.visible(&one.to);
                self.ask(
                    format!("Drop the email to {to}? Its name and address are free again."),
                    Effect::Drop(owed),
                );
            }
            (all, _) => {
                let others = match all.len() - owed.len() {
                    0 => String::new(),
                    others => format!(" {others} of the marked are not in the outbox and stay."),
                };
                self.ask(
                    format!("Drop {} emails?{others} Their names and addresses are free again.", owed.len()),
                    Effect::Drop(owed),
                );
            }
        }
        None
    }

    /// What was done here just now is taken back at once; what somebody else did, or long ago, is asked about.
    pub(super) fn undo(&mut self) -> Result<Option<Effect>, StoreError> {
        if self.panel == Panel::Journal && matches!(self.mode, Mode::Panel) && self.busy == 0 {
            return Ok(self.take_back_line());
        }
        self.mode = Mode::Panel;
        if self.busy > 0 {
            self.say("one moment: the last action is still running");
            return Ok(None);
        }
        let undoable = acts::standing(&self.opened)?.into_iter().filter(|(_, deed)| deed.can_be_taken_back());
        let Some((act, deed)) = undoable.into_iter().find(|(act, _)| !self.final_acts.contains(&act.id))
        else {
            // A letter that was on its way may have been put off since.
            self.final_acts.clear();
            self.say(NotDone::NothingToTakeBack.words(Door::Console));
            return Ok(None);
        };
        let question = format!("Undo {}?", self.look.visible(&deed.words()));
        Ok(self.unless_own(act.id, question, Effect::Undo(act.id, deed)))
    }

    pub(super) fn redo(&mut self) -> Result<Option<Effect>, StoreError> {
        self.mode = Mode::Panel;
        let Some((act, deed)) = acts::last_undone(&self.opened)?.filter(|_| self.busy == 0) else {
            self.say(NotDone::NothingToDoAgain.words(Door::Console));
            return Ok(None);
        };
        let question = format!("Redo {}?", self.look.visible(&deed.words()));
        Ok(self.unless_own(act.id, question, Effect::Redo(act.id, deed)))
    }

    /// At once where this act was done here, else after asking.
    pub(super) fn unless_own(&mut self, act: i64, question: String, effect: Effect) -> Option<Effect> {
        if self.own_acts.contains(&act) {
            return Some(effect);
        }
        self.ask(question, effect);
        None
    }

    /// Everything that is known of the selected request.
    pub(super) fn show_details(&mut self) -> Result<(), StoreError> {
        self.mode = Mode::Details(0);
        self.read_details()?;
        if self.details.is_none() {
            self.mode = Mode::Panel;
        }
        Ok(())
    }

    /// What is known of the selected request, where it can be seen.
    pub(super) fn read_details(&mut self) -> Result<(), StoreError> {
        let is_open = self.is_wide || matches!(self.mode, Mode::Details(_));
        let row = self.selected_request()?.filter(|row| is_open || row.verdict == "held");
        let Some(row) = row.filter(|_| self.panel == Panel::Requests) else {
            self.details = None;
            return Ok(());
        };
        let letter = self.opened.store.read(|store| store.letter_of_request(row.id))?;
        let before = self.details.take().filter(|before| before.row.id == row.id);
        if before.is_none() {
            self.wanted.push(Count::Alike(Box::new(row.clone())));
        }
        let alike = before.and_then(|before| before.alike);
        self.details = Some(Details { row, letter, alike });
        Ok(())
    }
}
