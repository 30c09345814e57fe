//! Sign-up links that the operator gives away.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{EmailAddress, Localpart, Reason};

use super::links::LinkKind;
use super::requests::NewRequest;
use super::reservations::NewReservation;
use super::rows::Save;
use super::{LetterState, Reading, StoreError, Writing, millis};

/// The kind of the email that brings one: the operator's own, outside of all budgets.
pub const INVITATION: &str = "invitation";

/// One that is to be written down.
#[derive(Debug, Clone, Default)]
pub struct NewInvitation {
    /// When it is given away.
    pub at: DateTime<Utc>,
    /// The name; None: it is chosen where the link leads.
    pub name: Option<Localpart>,
    /// Whose it is, where that is known.
    pub email: Option<EmailAddress>,
    /// How long its link works; None: as long as any.
    pub works_for: Option<TimeDelta>,
    /// What the operator writes to them.
    pub note: Option<String>,
    /// Lines of ban lists that do not count, one a line.
    pub despite: String,
}

/// Whether an invitation could be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenFrom {
    /// Its link is dead, and its name free.
    Yes,
    /// An account was made by it, or is being made.
    Made,
    /// There is no such request any more.
    Erased,
}

impl Reading<'_> {
    pub(super) fn is_invitation(&self, request: i64) -> Result<bool, StoreError> {
        self.value(
            "SELECT EXISTS (SELECT 1 FROM requests WHERE id = ?1 AND channel = 'invitation')",
            [request],
        )
    }
}

impl Writing<'_> {
    /// Keeps an invitation, with the reservation that its address has already or a new one where it names somebody. With a
    /// Message-ID its email is owed; without one it is handed over, by a link of its request. Returns its number.
    pub fn record_invitation(
        &self,
        new: &NewInvitation,
        again: Option<i64>,
        message_id: Option<&str>,
    ) -> Result<i64, StoreError> {
        let reservation = match (&new.name, again) {
            (_, Some(id)) => {
                self.sql(
                    "UPDATE reservations SET name_ended_at = NULL, withdrawn = 0, entered_at = coalesce(entered_at, ?2)
                     WHERE id = ?1",
                    [id, millis(new.at)],
                )?;
                self.end_sign_up_links(id, "replaced", new.at)?;
                Some(id)
            }
            (Some(name), None) => Some(self.insert(&NewReservation {
                name: name.as_str().to_owned(),
                email: new.email.as_ref().map(|email| email.as_typed().to_owned()).unwrap_or_default(),
                mailbox: new.email.as_ref().map(EmailAddress::mailbox).unwrap_or_default(),
                address: new.email.as_ref().map(EmailAddress::folded).unwrap_or_default(),
                ip: None,
                made_at: new.at,
                entered_at: Some(new.at),
                entered_us: 0,
                imported_token_dead_at: None,
                name_ended_at: None,
            })?),
            (None, None) => None,
        };
        let request = self.insert(&NewRequest::invitation(new, reservation))?;
        self.sql(
            "INSERT INTO invitations (request_id, works_for, note, despite) VALUES (?1, ?2, ?3, ?4)",
            (request, new.works_for.map(|span| span.num_milliseconds()), &new.note, &new.despite),
        )?;
        if let (Some(message_id), Some(email)) = (message_id, &new.email) {
            self.queue_token_letter(request, reservation, email, message_id, new.at)?;
        }
        Ok(request)
    }

    /// Takes an invitation back from which nothing was made: its link is dead, no email of it goes out, and what it alone
    /// reserved is free.
    pub fn take_invitation_back(&self, request: i64, now: DateTime<Utc>) -> Result<TakenFrom, StoreError> {
        let Some(guest) = self.guest_of(request)? else { return Ok(TakenFrom::Erased) };
        if guest.made_at.is_some() || guest.is_unsure {
            return Ok(TakenFrom::Made);
        }
        let shares: bool = self.value(
            "SELECT EXISTS (SELECT 1 FROM requests o JOIN requests q ON q.reservation_id = o.reservation_id
             WHERE q.id = ?1 AND o.id <> q.id AND o.verdict <> 'refused')",
            [request],
        )?;
        if !shares {
            self.end_request(request, Reason::RefusedByOperator, false, now)?;
            return Ok(TakenFrom::Yes);
        }
        // They have asked by themselves as well, and that stays as it was.
        self.end_links_of(request, LinkKind::SignUp, Reason::RefusedByOperator.word(), now)?;
        self.sql(
            "UPDATE letters SET state = ?2, ended_at = ?3 WHERE request_id = ?1 AND state = ?4",
            (request, LetterState::Dropped.save(), millis(now), LetterState::Owed.save()),
        )?;
        self.sql(
            "UPDATE reservations SET last_letter_id =
                 (SELECT max(l.id) FROM letters l JOIN requests q ON q.id = l.request_id
                  WHERE q.reservation_id = reservations.id AND l.kind = 'token')
             WHERE id = (SELECT reservation_id FROM requests WHERE id = ?1)",
            [request],
        )?;
        self.sql(
            "UPDATE requests SET verdict = 'refused', reason = ?2, counts = 0 WHERE id = ?1",
            (request, Reason::RefusedByOperator.word()),
        )?;
        Ok(TakenFrom::Yes)
    }
}
