//! What was asked, and what the desk answered.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::config::EmailIdentity;
use crate::domain::{Channel, EmailAddress, Language, Localpart, Reason, TokenRequest};
use crate::policy::Seen;

use super::invitations::NewInvitation;
use super::reservations::NewReservation;
use super::rows::{inserted, selected, words};
use super::{Reading, Reservation, StoreError, Writing};

words!(Language, Reason);

/// A refusal, or what never was a request, as it is kept.
#[derive(Debug, Clone)]
pub struct Record {
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// By which door.
    pub channel: Channel,
    /// The name, as typed where it is not one.
    pub username: String,
    /// The address as typed.
    pub email: String,
    /// Where it is an address.
    pub parsed_email: Option<EmailAddress>,
    /// Whence.
    pub ip: Option<IpAddr>,
    /// Not refused, but held: a mail that names nobody clearly, and so reserves nothing.
    pub held: bool,
    /// Why.
    pub reason: Reason,
    /// The operator's text.
    pub detail: String,
    /// How many refusals this one stands for.
    pub stands_for: u64,
    /// What its applicant is answered in.
    pub language: Language,
}

/// The numbers under which an accepted or held request stands in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// The request.
    pub request_id: i64,
    /// Its letter; none while it is held.
    pub letter_id: Option<i64>,
}

inserted! {
    pub(super) struct NewRequest in "requests" {
        received_at: DateTime<Utc>,
        channel: Channel,
        username: String,
        email: String,
        mailbox: Option<String>,
        address: Option<String>,
        ip: Option<IpAddr>,
        verdict: String,
        reason: Option<Reason>,
        detail: Option<String>,
        reservation_id: Option<i64>,
        letter_id: Option<i64>,
        counts: bool,
        stands_for: u64,
        source: String,
        answer: Option<String>,
        terms_version: Option<String>,
        terms_at: Option<DateTime<Utc>>,
        language: Language,
    }
}

impl NewRequest {
    /// What the operator gives away.
    pub(super) fn invitation(invitation: &NewInvitation, reservation_id: Option<i64>) -> Self {
        let email = invitation.email.as_ref();
        Self {
            received_at: invitation.at,
            channel: Channel::Invitation,
            username: invitation.name.as_ref().map(ToString::to_string).unwrap_or_default(),
            email: email.map(|email| email.as_typed().to_owned()).unwrap_or_default(),
            mailbox: email.map(EmailAddress::mailbox),
            address: email.map(EmailAddress::folded),
            ip: None,
            verdict: "accepted".to_owned(),
            reason: None,
            detail: invitation.note.clone(),
            reservation_id,
            letter_id: None,
            counts: email.is_some(),
            stands_for: 1,
            source: String::new(),
            answer: None,
            terms_version: None,
            terms_at: None,
            // Their browser tells.
            language: Language::default(),
        }
    }

    fn of(request: &TokenRequest, verdict: &str, reservation_id: Option<i64>) -> Self {
        Self {
            received_at: request.received_at,
            channel: request.channel,
            username: request.shown_name().to_owned(),
            email: request.email.as_typed().to_owned(),
            mailbox: Some(request.email.mailbox()),
            address: Some(request.email.folded()),
            ip: request.ip,
            verdict: verdict.to_owned(),
            reason: None,
            detail: None,
            reservation_id,
            letter_id: None,
            counts: true,
            stands_for: 1,
            source: request.source(),
            answer: request.answer.clone(),
            terms_at: request.terms.as_ref().map(|_| request.received_at),
            terms_version: request.terms.clone(),
            language: request.language,
        }
    }

    /// What the original accepted, and reserved so.
    pub(super) fn imported(reservation: NewReservation, reservation_id: i64, detail: &str) -> Self {
        Self {
            received_at: reservation.made_at,
            channel: Channel::Web,
            username: reservation.name,
            email: reservation.email,
            mailbox: Some(reservation.mailbox),
            address: Some(reservation.address),
            ip: reservation.ip,
            verdict: "accepted".to_owned(),
            reason: None,
            detail: Some(detail.to_owned()),
            reservation_id: Some(reservation_id),
            letter_id: None,
            counts: true,
            stands_for: 1,
            source: String::new(),
            answer: None,
            terms_version: None,
            terms_at: None,
            language: Language::default(),
        }
    }
}

selected! {
    struct Earlier {
        id: i64 = "q.id",
        received_at: DateTime<Utc> = "q.received_at",
        verdict: String = "q.verdict",
        held: Option<Reason> = "CASE WHEN q.verdict = 'held' THEN coalesce(q.reason, 'approval') END",
        suppressed: Option<Reason> = "CASE WHEN q.reason = 'suppressed' THEN q.reason END",
        reservation_id: Option<i64> = "q.reservation_id",
        letter_id: Option<i64> = "q.letter_id",
    }
}

impl Reading<'_> {
    /// All that bears on a request, in one state of the store. The reservation that it takes the place of, `corrected`, is left
    /// out; what was mailed for it is not.
    pub fn seen(
        &self,
        name: &Localpart,
        email: &EmailAddress,
        identity: EmailIdentity,
        corrected: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<Seen, StoreError> {
        let (column, [value, deleted]) = self.key(email, identity)?;
        let last_counting_at = self.last_counting_at(email, identity, corrected)?;
        let same_before: Option<Earlier> = match last_counting_at {
            None => None,
            Some(_) => self.row(
                &format!(
                    "FROM requests q LEFT JOIN letters l ON l.id = q.letter_id
                     WHERE q.{column} IN (?1, ?3) AND q.counts = 1 AND q.username = ?2
                       AND (q.verdict <> 'refused' OR q.reason = 'suppressed')
                       AND q.reservation_id IS NOT ?4
                       AND (l.state IS NULL OR l.state NOT IN ('failed', 'dropped') OR q.reason = 'suppressed')
                     ORDER BY q.received_at DESC LIMIT 1"
                ),
                (value.as_str(), name.as_str(), deleted.as_str(), corrected),
            )?,
        };
        let mut seen = self.seen_of_address(email, identity, now)?;
        seen.address_holds.retain(|held| Some(held.id) != corrected);
        let seen_by = |held: Reservation| (Some(held.id) != corrected).then(|| held.seen_by(email, identity));
        Ok(Seen {
            name_held_by: self.holder_of_name(name)?.and_then(seen_by),
            held: self.held_places(corrected)?,
            last_counting_at,
            same_before: same_before.map(|same| (same.id, same.received_at, same.held)),
            ..seen
        })
    }

    /// What bears on an address, whatever name is asked for.
    pub fn seen_of_address(
        &self,
        email: &EmailAddress,
        identity: EmailIdentity,
        now: DateTime<Utc>,
    ) -> Result<Seen, StoreError> {
        let seen_by = |held: Reservation| held.seen_by(email, identity);
        let (column, [value, deleted]) = self.key(email, identity)?;
        let same_before: Option<Earlier> = self.row(
            &format!(
                "FROM requests q LEFT JOIN letters l ON l.id = q.letter_id
                 WHERE q.{column} IN (?1, ?2) AND q.counts = 1 AND q.reservation_id IS NULL AND q.verdict = 'accepted'
                   AND q.channel = 'email' AND l.state NOT IN ('failed', 'dropped')
                 ORDER BY q.received_at DESC LIMIT 1"
            ),
            (value, deleted),
        )?;
        Ok(Seen {
            last_counting_at: self.last_counting_at(email, identity, None)?,
            same_before: same_before.map(|same| (same.id, same.received_at, same.held)),
            address_holds: self.held_by_address(email, identity)?.into_iter().map(seen_by).collect(),
            held_without_name: self.held_without_name(email)?,
            mailed: self.mailed(email, now)?,
            is_suppressed: self.is_suppressed(email)?,
            address_lapsed_at: self.address_lapsed_at(email, identity)?,
            ..Seen::default()
        })
    }
}

impl Reading<'_> {
    /// When the address was accepted last, as far as it counts for the cooldown.
    fn last_counting_at(
        &self,
        email: &EmailAddress,
        identity: EmailIdentity,
        corrected: Option<i64>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let (column, [value, deleted]) = self.key(email, identity)?;
        self.value(
            &format!(
                "SELECT max(received_at) FROM requests
                 WHERE {column} IN (?1, ?2) AND counts = 1 AND (?3 IS NULL OR reservation_id IS NOT ?3)"
            ),
            (&value, &deleted, corrected),
        )
    }
}

impl Writing<'_> {
    /// Keeps a refusal.
    pub fn record_refusal(&self, record: &Record) -> Result<i64, StoreError> {
        self.insert(&NewRequest {
            received_at: record.received_at,
            channel: record.channel,
            username: record.username.clone(),
            email: record.email.clone(),
            mailbox: record.parsed_email.as_ref().map(EmailAddress::mailbox),
            address: record.parsed_email.as_ref().map(EmailAddress::folded),
            ip: record.ip,
            verdict: if record.held { "held" } else { "refused" }.to_owned(),
            reason: Some(record.reason),
            detail: Some(record.detail.clone()),
            reservation_id: None,
            letter_id: None,
            counts: false,
            stands_for: record.stands_for,
            source: String::new(),
            answer: None,
            terms_version: None,
            terms_at: None,
            language: record.language,
        })
    }

    /// Keeps an accepted request with its reservation (a new one, or the one it had already) and queues its letter; or
    /// keeps a held one, without a letter.
    pub fn record_accepted(
        &self,
        request: &TokenRequest,
        again: Option<i64>,
        message_id: Option<&str>,
    ) -> Result<Recorded, StoreError> {
        let reservation = if let Some(id) = again {
            // Its name may have lapsed, or its email come back.
            self.sql("UPDATE reservations SET name_ended_at = NULL, withdrawn = 0 WHERE id = ?1", [id])?;
            Some(id)
        } else if let Some(name) = &request.username {
            Some(self.insert(&NewReservation {
                name: name.as_str().to_owned(),
                email: request.email.as_typed().to_owned(),
                mailbox: request.email.mailbox(),
                address: request.email.folded(),
                ip: request.ip,
                made_at: request.received_at,
                entered_at: message_id.map(|_| request.received_at),
                entered_us: 0,
                imported_token_dead_at: None,
                name_ended_at: None,
            })?)
        } else {
            None
        };
        let verdict = if message_id.is_some() { "accepted" } else { "held" };
        let request_id = self.insert(&NewRequest::of(request, verdict, reservation))?;
        if request.mail.as_ref().is_some_and(|mail| mail.is_taken) {
            self.note_taken(request_id, request.shown_name(), request.received_at)?;
        }
        let queue =
            |id| self.queue_token_letter(request_id, reservation, &request.email, id, request.received_at);
        Ok(Recorded { request_id, letter_id: message_id.map(queue).transpose()? })
    }

    /// What a refused one answers to the operator's question.
    pub fn note_answer(&self, id: i64, answer: Option<&str>) -> Result<(), StoreError> {
        self.sql("UPDATE requests SET answer = ?2 WHERE id = ?1", (id, answer))?;
        Ok(())
    }

    /// Keeps a request that is answered like the first one of its kind. It does not count for the cooldown.
    /// Returns its number; none where the first one is no more.
    pub fn record_repeat(
        &self,
        request: &TokenRequest,
        first: i64,
        detail: &str,
    ) -> Result<Option<i64>, StoreError> {
        let earlier = self.row("FROM requests q WHERE q.id = ?1", [first])?;
        let repeat = |Earlier { verdict, held, suppressed, reservation_id, letter_id, .. }| {
            self.insert(&NewRequest {
                reason: held.or(suppressed),
                detail: Some(detail.to_owned()),
                letter_id,
                counts: false,
                ..NewRequest::of(request, &verdict, reservation_id)
            })
        };
        earlier.map(repeat).transpose()
    }
}
