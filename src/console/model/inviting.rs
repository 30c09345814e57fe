//! The form by which somebody is invited, and the link that is handed over.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;

use crate::acts::{Door, Invitation, NotInvited};
use crate::console::effects::Effect;
use crate::domain::{EmailAddress, LinkSecret, Localpart};

use super::prompts::{edit_input, paste_into};
use super::{Console, Mode};

/// The lines of the form, and what they are for.
pub(in crate::console) const FIELDS: [(&str, &str); 4] = [
    ("name", "empty: they choose it"),
    ("email", "the link is mailed there; empty: you hand it over"),
    ("hours", "how long the link works; empty: sign_up_hours"),
    ("note", "what the email says to them from you"),
];

/// A link works so many hours at most.
const MOST_HOURS: u32 = 24 * 365;

/// What is typed of an invitation.
#[derive(Debug, Clone, Default)]
pub(in crate::console) struct InviteForm {
    /// In the order of [`FIELDS`].
    pub inputs: [Input; FIELDS.len()],
    /// Which is typed in.
    pub at: usize,
    pub is_handed_over: bool,
    pub despite_bans: bool,
    /// Why it was not done.
    pub wrong: Option<String>,
}

impl Console {
    pub(super) fn invite_key(&mut self, key: KeyEvent) -> Option<Effect> {
        let Mode::Invite(form) = &mut self.mode else { return None };
        let last = FIELDS.len() - 1;
        match (key.modifiers.contains(KeyModifiers::CONTROL), key.code) {
            (true, KeyCode::Char('p')) => form.is_handed_over = !form.is_handed_over,
            (true, KeyCode::Char('b')) => form.despite_bans = !form.despite_bans,
            (_, KeyCode::Tab | KeyCode::Down) => form.at = if form.at == last { 0 } else { form.at + 1 },
            (_, KeyCode::BackTab | KeyCode::Up) => form.at = form.at.checked_sub(1).unwrap_or(last),
            (_, KeyCode::Esc) => {
                self.mode = Mode::Panel;
                self.nothing_changed();
            }
            (_, KeyCode::Enter) => return self.form_is_done(),
            _ => {
                edit_input(&mut form.inputs[form.at], key);
            }
        }
        None
    }

    pub(super) fn paste_into_form(&mut self, text: &str) {
        if let Mode::Invite(form) = &mut self.mode {
            paste_into(&mut form.inputs[form.at], text);
        }
    }

    fn form_is_done(&mut self) -> Option<Effect> {
        let Mode::Invite(form) = &mut self.mode else { return None };
        let typed = |at: usize| Some(form.inputs[at].value().trim()).filter(|text| !text.is_empty());
        let name = typed(0).map(|text| Localpart::parse(text, &self.opened.settings.homeserver)).transpose();
        let email = typed(1).map(EmailAddress::parse).transpose();
        let hours = typed(2).map(|text| text.parse().ok().filter(|hours| (1..=MOST_HOURS).contains(hours)));
        let invitation = match (name, email, hours) {
            (Err(why), ..) => Err((0, why.to_string())),
            (_, Err(why), _) => Err((1, why.to_string())),
            (.., Some(None)) => Err((2, format!("a number from 1 to {MOST_HOURS}"))),
            (_, Ok(None), _) if !form.is_handed_over => Err((1, NotInvited::Nowhere.words(Door::Console))),
            (Ok(name), Ok(email), hours) => Ok(Invitation {
                name,
                email,
                hours: hours.flatten(),
                note: typed(3).map(str::to_owned),
                is_handed_over: form.is_handed_over,
                despite_bans: form.despite_bans,
            }),
        };
        match invitation {
            Ok(invitation) => {
                if let Mode::Invite(form) = std::mem::replace(&mut self.mode, Mode::Panel) {
                    self.inviting = Some(form);
                }
                Some(Effect::Invite(Box::new(invitation)))
            }
            Err((at, why)) => {
                (form.at, form.wrong) = (at, Some(why));
                None
            }
        }
    }

    /// What came of the form. Whoever types something else by now is not interrupted.
    pub(super) fn take_invited(&mut self, link: Option<LinkSecret>) {
        if let Some(link) = link {
            self.given_link = Some(link);
        }
        let form = self.inviting.take();
        if let (Some(form), Some(Err(why)), Mode::Panel) = (form, &self.message, &self.mode) {
            self.mode = Mode::Invite(Box::new(InviteForm { wrong: Some(why.clone()), ..*form }));
            self.message = None;
        }
        self.show_link();
    }

    /// The link that is to be handed over, once nothing stands before it.
    pub(super) fn show_link(&mut self) {
        if matches!(self.mode, Mode::Panel)
            && let Some(link) = self.given_link.take()
        {
            self.mode = Mode::Link(link);
        }
    }

    /// The whole link.
    pub(in crate::console) fn url(&self, link: &LinkSecret) -> String {
        self.opened.settings.public(&format!("/signup/{}", link.reveal())).unwrap_or_default()
    }

    pub(super) fn link_key(&mut self, key: KeyEvent) {
        let Mode::Link(link) = &self.mode else { return };
        match key.code {
            KeyCode::Char('y') => {
                self.copied = Some(self.url(link));
                self.message = Some(Ok(
                    "Given to your terminal: the link. Not every terminal takes it; then select it with the mouse."
                        .into(),
                ));
            }
            KeyCode::Esc => self.mode = Mode::Panel,
            _ => self.message = Some(Ok("Esc closes it; it is not shown again.".into())),
        }
    }
}
