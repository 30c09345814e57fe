//! From one panel to another: to what waits, to the requests that something is about, and back.

use crate::acts::Deed;
use crate::console::keys::Panel;
use crate::domain::BanKind;
use crate::store::StoreError;

use super::{BanRow, Console, LineKind, Mode};

/// What waits for the operator.
const WAITING: &str = "held";

impl Console {
    /// Shows what waits, or all again.
    pub(super) fn show_waiting(&mut self) -> Result<(), StoreError> {
        let is_shown = self.panel == Panel::Requests && self.filters[0] == WAITING;
        self.back.clear();
        self.panel = Panel::Requests;
        self.filters[0] = if is_shown { String::new() } else { WAITING.to_owned() };
        self.cursors[0].at = 0;
        self.selected_id = None;
        self.refilter()
    }

    /// Escape: what is marked, what is filtered, and whence Enter led, one after the other.
    pub(super) fn clear(&mut self) -> Result<(), StoreError> {
        if self.marks() > 0 {
            self.unmark();
            return Ok(());
        }
        if !self.back.is_empty() && self.panel == Panel::Requests {
            return self.go_back();
        }
        self.filters[self.panel.index()].clear();
        self.refilter()
    }

    pub(super) fn go_back(&mut self) -> Result<(), StoreError> {
        let Some((panel, filter)) = self.back.pop() else { return Ok(()) };
        self.filters[0] = filter;
        self.panel = Panel::Requests;
        self.refilter()?;
        self.show(panel)
    }

    /// Enter: the requests that the selected row is about.
    pub(super) fn follow(&mut self) -> Result<(), StoreError> {
        match self.followed() {
            Some(Ok(id)) => self.lead_to_request(id),
            Some(Err(filter)) => self.lead_to(filter),
            None => {
                self.say("there is no request that this is about");
                Ok(())
            }
        }
    }

    /// The one request that the selected row is about, or the filter that means them.
    fn followed(&self) -> Option<Result<i64, String>> {
        let at = self.cursor().at;
        let quoted = |text: &str| format!("\"{}\"", text.trim().replace('"', ""));
        let banned = |kind: BanKind, entry: &str| match kind {
            BanKind::Ip => format!("ip:{}", entry.trim()),
            BanKind::Email | BanKind::Username => format!("list:{}", quoted(entry)),
        };
        Some(match self.panel {
            Panel::Cooldowns => Err(quoted(&self.shown_cooldowns().nth(at)?.email)),
            Panel::Bans => match self.ban_rows.get(at)? {
                BanRow::Line(kind, _, text, LineKind::Entry) => Err(banned(*kind, text)),
                BanRow::Line(..) | BanRow::Heading(..) => return None,
            },
            Panel::Outbox => {
                let letter = self.shown_letters().nth(at)?;
                letter.request_id.ok_or_else(|| quoted(&letter.to))
            }
            Panel::Journal => match Deed::of(self.shown_acts().nth(at)?)? {
                Deed::Approve { subject, .. }
                | Deed::Refuse { subject, .. }
                | Deed::Invite { subject }
                | Deed::Resend { subject } => Ok(subject),
                Deed::Ban { after, before, .. } => {
                    after.or(before).map(|line| Err(banned(line.kind, &line.entry)))?
                }
                Deed::Lift { subject, .. } => Err(quoted(&subject)),
                _ => return None,
            },
            Panel::Requests | Panel::Token => return None,
        })
    }

    /// To the requests that this means.
    fn lead_to(&mut self, filter: String) -> Result<(), StoreError> {
        self.back.push((self.panel, std::mem::replace(&mut self.filters[0], filter)));
        self.panel = Panel::Requests;
        (self.cursors[0].at, self.selected_id) = (0, None);
        self.refilter()
    }

    /// To the details of this one.
    fn lead_to_request(&mut self, id: i64) -> Result<(), StoreError> {
        self.lead_to(String::new())?;
        let Some(at) = self.index.row_of(id) else {
            self.say(format!("request {id} is not there any more"));
            return self.go_back();
        };
        self.cursors[0].at = at;
        self.fit();
        self.read_window()?;
        self.show_details()
    }

    /// What is selected, for the terminal to keep.
    pub(super) fn copy(&mut self) -> Result<(), StoreError> {
        let at = self.cursor().at;
        let copied = match self.panel {
            Panel::Requests => self.selected_request()?.map(|row| row.email),
            Panel::Cooldowns => self.shown_cooldowns().nth(at).map(|one| one.email.clone()),
            Panel::Token => {
                self.token.as_ref().filter(|_| self.is_revealed).map(|token| token.token.reveal().to_owned())
            }
            Panel::Bans => self.selected_line().map(|(_, _, entry, _)| entry),
            Panel::Outbox => self.shown_letters().nth(at).map(|one| one.to.clone()),
            Panel::Journal => self.shown_acts().nth(at).map(crate::acts::words::words_of),
        };
        match &copied {
            None if self.panel == Panel::Token => self.say("v shows the token first"),
            None => self.say("there is nothing to copy"),
            Some(text) => {
                let what = if self.panel == Panel::Token { "the token" } else { text };
                self.message = Some(Ok(format!(
                    "Sent to your terminal: {what}. If it was not copied, select it with the mouse."
                )));
            }
        }
        self.copied = copied;
        if matches!(self.mode, Mode::Palette(..)) {
            self.mode = Mode::Panel;
        }
        Ok(())
    }
}
