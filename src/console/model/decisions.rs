//! What the operator does with what is selected.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use crate::bans::Edit;
use crate::commands::acts;
use crate::console::alike::Alike;
use crate::console::banning::ways;
use crate::console::counting::Count;
use crate::console::keys::Action;
use crate::domain::BanKind;
use crate::store::{LetterState, OutboxRow, RequestRow, StoreError};

use super::prompts::Purpose;
use super::{BanRow, Console, Effect, LineKind, Mode};

/// Everything known of a request.
#[derive(Debug)]
pub(in crate::console) struct Details {
    pub row: RequestRow,
    pub letter: Option<OutboxRow>,
    /// What is alike, and the requests before it that share it; None: they are being counted.
    pub alike: Option<Vec<Alike>>,
}

impl Console {
    fn selected_request(&self) -> Result<Option<RequestRow>, StoreError> {
        if let Mode::Details(details, _) = &self.mode {
            return Ok(Some(details.row.clone()));
        }
        let Some(id) = self.index.id_at(self.cursors[0].at) else { return Ok(None) };
        Ok(self.opened.store.read(|store| store.requests_by_id(&[id]))?.pop())
    }

    fn selected_line(&self) -> Option<(BanKind, usize, String, LineKind)> {
        match self.ban_rows.get(self.cursor().at)? {
            BanRow::Line(kind, number, text, what) => Some((*kind, *number, text.trim().to_owned(), *what)),
            BanRow::Heading(..) => None,
        }
    }

    pub(super) fn decide(&mut self, action: Action) -> Result<Option<Effect>, StoreError> {
        let Some(row) = self.selected_request()? else {
            self.say("there is no request");
            return Ok(None);
        };
        self.mode = Mode::Panel;
        if row.verdict != "held" {
            self.say(format!(
                "request {} is {}: only those that are held wait for a decision",
                row.id, row.verdict
            ));
            return Ok(None);
        }
        if action == Action::Approve {
            return Ok(Some(Effect::Approve(row.id)));
        }
        let of =
            if row.username.is_empty() { row.email } else { format!("{} for {}", row.username, row.email) };
        let title = format!("Refuse {of}: the reason, or nothing");
        self.prompt(title, "", Purpose::Reason(row.id));
        Ok(None)
    }

    pub(super) fn ban_menu(&mut self) -> Result<(), StoreError> {
        let Some(row) = self.selected_request()? else {
            self.say("there is no request");
            return Ok(());
        };
        let server = &self.opened.settings.homeserver;
        let choices = ways(server, &row);
        if choices.is_empty() {
            self.say("neither its name nor its address is one that could be banned");
            return Ok(());
        }
        let entries = choices.iter().map(|choice| (choice.kind, choice.entry.clone())).collect();
        self.wanted.push(Count::Hits(entries, self.a_month_ago()));
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
            // Nobody bans what they have not seen the count of.
            KeyCode::Enter if self.is_being_counted() => {}
            KeyCode::Enter => match std::mem::replace(&mut self.mode, Mode::Panel) {
                Mode::BanMenu(choices, at) => {
                    return choices.get(at).map(|choice| Effect::Ban(choice.kind, choice.edit()));
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
            Some(BanRow::Heading(kind, _)) => {
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
            Effect::Ban(kind, Edit::Remove(entry)),
        );
    }

    pub(super) fn letter(&mut self, action: Action) -> Option<Effect> {
        let selected = self.shown_letters().nth(self.cursor().at).cloned();
        let Some(letter) = selected else {
            self.say("there is no letter");
            return None;
        };
        if letter.state != LetterState::Owed {
            self.say(format!("letter {} is not owed any more: it is {}", letter.id, letter.state.word()));
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

    /// What was done here just now is taken back at once; what somebody else did, or long ago, is asked about.
    pub(super) fn undo(&mut self) -> Result<Option<Effect>, StoreError> {
        self.mode = Mode::Panel;
        if self.busy > 0 {
            self.say("one moment: the last thing is still being done");
            return Ok(None);
        }
        let Some(last) = acts::last_act(&self.opened)? else {
            self.say("there is nothing to take back");
            return Ok(None);
        };
        if self.own_act.as_ref() == Some(&last.note) {
            return Ok(Some(Effect::Undo));
        }
        self.ask(format!("Take back {}?", self.look.visible(&last.words)), Effect::Undo);
        Ok(None)
    }

    pub(super) fn details(&mut self) -> Result<(), StoreError> {
        let Some(row) = self.selected_request()? else { return Ok(()) };
        let letter = self.opened.store.read(|store| store.letter_of_request(row.id))?;
        self.wanted.push(Count::Alike(Box::new(row.clone())));
        self.mode = Mode::Details(Box::new(Details { row, letter, alike: None }), 0);
        Ok(())
    }

    /// Brings open details up to date: verdict and letter.
    pub(super) fn refresh_details(&mut self) -> Result<(), StoreError> {
        let Mode::Details(details, _) = &mut self.mode else { return Ok(()) };
        let id = details.row.id;
        let read = |store: &crate::store::Reading<'_>| {
            Ok((store.requests_by_id(&[id])?, store.letter_of_request(id)?))
        };
        let (mut rows, letter) = self.opened.store.read(read)?;
        if let Some(row) = rows.pop() {
            (details.row, details.letter) = (row, letter);
        }
        Ok(())
    }
}
