//! Requests that wait for the operator.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use rusqlite::OptionalExtension;

use crate::config::EmailIdentity;
use crate::domain::{EmailAddress, Localpart, MessageId, Reason, RequestMail};
use crate::policy;

use super::{AnswerLetter, Reading, StoreError, Writing, instant, millis};

/// Of a request `q`: it waits for a decision. Of several for the same name from the same address the first does.
pub(super) const WAITS: &str = "q.verdict = 'held' AND (q.reservation_id IS NULL OR q.id =
    (SELECT min(o.id) FROM requests o WHERE o.reservation_id = q.reservation_id AND o.verdict = 'held'))";

/// One that waits.
#[derive(Debug, Clone)]
pub struct HeldRequest {
    /// Its number.
    pub id: i64,
    /// The name asked for. None: the mail, which lies in the folder `Held`, names none that is clear. Such a request
    /// reserves nothing, and can only be refused.
    pub username: Option<Localpart>,
    /// Where the letter would go.
    pub email: EmailAddress,
    /// Whence it came.
    pub ip: Option<IpAddr>,
    /// Since when.
    pub received_at: DateTime<Utc>,
    /// Why it waits.
    pub reason: Reason,
    reservation_id: Option<i64>,
    mail: Option<RequestMail>,
}

/// What can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenBack {
    /// It waits again.
    Yes,
    /// Its letter is on its way, or may have arrived.
    Mailed,
    /// Its name or address is somebody else's by now.
    Gone,
    /// There is no such request any more.
    Erased,
}

impl Reading<'_> {
    /// One that waits; of several for the same name from the same address, the first, whose mail is the one to answer. None:
    /// there is none of this number, or it was decided.
    pub fn held_request(&self, id: i64) -> Result<Option<HeldRequest>, StoreError> {
        let found = self
            .0
            .prepare_cached(
                "SELECT q.username, q.email, q.ip, q.received_at, q.reservation_id, m.id, m.message_id,
                        coalesce(m.answers_references, ''), q.id, coalesce(q.reason, 'approval')
                 FROM requests asked JOIN requests q ON q.id = asked.id OR q.reservation_id = asked.reservation_id
                 LEFT JOIN mails m ON m.request_id = q.id
                 WHERE asked.id = ?1 AND asked.verdict = 'held' AND q.verdict = 'held' ORDER BY q.id, m.id LIMIT 1",
            )?
            .query_row([id], |row| {
                let references: String = row.get(7)?;
                let id = row.get(8)?;
                let message_id: Option<String> = row.get(6)?;
                let mail = row.get::<_, Option<i64>>(5)?.map(|id| RequestMail {
                    id,
                    message_id: message_id.as_deref().and_then(MessageId::parse),
                    references: references.split(' ').filter_map(MessageId::parse).collect(),
                    hold: None,
                });
                let (username, email, ip): (String, String, Option<String>) =
                    (row.get(0)?, row.get(1)?, row.get(2)?);
                let reservation_id: Option<i64> = row.get(4)?;
                let (received_at, reason) = (instant(row.get(3)?), row.get(9)?);
                Ok(EmailAddress::parse(&email).ok().map(|email| HeldRequest {
                    id,
                    username: reservation_id.map(|_| Localpart::from_stored(username)),
                    email,
                    ip: ip.and_then(|ip| ip.parse().ok()),
                    received_at,
                    reason,
                    reservation_id,
                    mail,
                }))
            })
            .optional()?;
        Ok(found.flatten())
    }

    /// Whence those came that wait with a name. Whoever asks for the same again waits for the same decision.
    pub fn held_from(&self) -> Result<Vec<Option<IpAddr>>, StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT ip, min(id) FROM requests
             WHERE verdict = 'held' AND letter_id IS NULL AND reservation_id IS NOT NULL GROUP BY reservation_id",
        )?;
        let ips = statement.query_map([], |row| row.get::<_, Option<String>>(0))?;
        Ok(ips.map(|ip| Ok(ip?.and_then(|ip| ip.parse().ok()))).collect::<Result<_, rusqlite::Error>>()?)
    }

    /// How many wait without a name, and the one of them that this address sent.
    pub fn held_without_name(&self, email: &EmailAddress) -> Result<(u32, Option<i64>), StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT count(*), min(CASE WHEN mailbox = ?1 THEN id END) FROM requests
             WHERE verdict = 'held' AND reservation_id IS NULL",
        )?;
        Ok(statement.query_row([email.mailbox()], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }
}

impl Writing<'_> {
    /// Why it waits, and what exactly it is, where that is not known already.
    pub fn note_hold(&self, id: i64, reason: Reason, detail: Option<&str>) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached("UPDATE requests SET reason = ?2, detail = coalesce(?3, detail) WHERE id = ?1")?
            .execute((id, reason, detail))?;
        Ok(())
    }

    /// The operator says yes: the letter is owed. False: somebody was faster, or it has no name.
    pub fn approve(
        &self,
        held: &HeldRequest,
        message_id: &MessageId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let Some(reservation) = held.reservation_id else { return Ok(false) };
        let changed = self
            .0
            .0
            .prepare_cached(
                "UPDATE requests SET verdict = 'accepted', reason = NULL WHERE id = ?1 AND verdict = 'held'",
            )?
            .execute([held.id])?;
        if changed == 0 {
            return Ok(false);
        }
        self.0
            .0
            .prepare_cached("UPDATE reservations SET entered_at = coalesce(entered_at, ?2) WHERE id = ?1")?
            .execute((reservation, millis(now)))?;
        let letter = self.queue_token_letter(held.id, reservation, &held.email, message_id.as_str(), now)?;
        // Whoever asked twice gets one letter.
        self.0
            .0
            .prepare_cached(
                "UPDATE requests SET verdict = 'accepted', reason = NULL, letter_id = ?2 WHERE reservation_id = ?1 AND verdict = 'held'",
            )?
            .execute([reservation, letter])?;
        self.0
            .0
            .prepare_cached("UPDATE letters SET due_at = ?2 WHERE id = ?1")?
            .execute((letter, millis(now + policy::UNDO_TIME)))?;
        if let Some(mail) = &held.mail {
            self.letter_answers(letter, mail)?;
        }
        self.note_decision("approve", held)?;
        self.mirror_changed()?;
        Ok(true)
    }

    /// The operator says no: name and address are free. False: somebody was faster.
    pub fn refuse_held(
        &self,
        held: &HeldRequest,
        because: Option<&str>,
        letter: Option<&AnswerLetter>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        if !self.end_held(held.id, held.reservation_id, Reason::RefusedByOperator, because, now)? {
            return Ok(false);
        }
        if let Some(letter) = letter {
            self.queue_answer(held.id, letter, held.mail.as_ref(), now + policy::UNDO_TIME)?;
        }
        self.note_decision("refuse", held)?;
        Ok(true)
    }

    fn note_decision(&self, what: &str, held: &HeldRequest) -> Result<(), StoreError> {
        self.set_meta("last_ban", Some(&format!("[\"{what}\",{},\"{}\"]", held.id, held.reason.word())))
    }

    fn end_held(
        &self,
        id: i64,
        reservation: Option<i64>,
        reason: Reason,
        detail: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let changed = self
            .0
            .0
            .prepare_cached(
                "UPDATE requests SET verdict = 'refused', reason = ?2, detail = coalesce(?3, detail), counts = 0
                 WHERE id = ?1 AND verdict = 'held'",
            )?
            .execute((id, reason, detail))?;
        if let Some(reservation) = reservation.filter(|_| changed == 1) {
            self.0
                .0
                .prepare_cached(
                    "UPDATE requests SET verdict = 'refused', reason = ?2 WHERE reservation_id = ?1 AND verdict = 'held'",
                )?
                .execute((reservation, reason))?;
            self.free_reservation(reservation, now)?;
        }
        Ok(changed == 1)
    }

    /// Those that came before this have waited too long. Returns how many.
    pub fn lapse_held(&self, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let old: Vec<(i64, Option<i64>)> = self
            .0
            .0
            .prepare_cached(
                "SELECT id, reservation_id FROM requests WHERE verdict = 'held' AND received_at < ?1",
            )?
            .query_map([millis(before)], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let mut lapsed = 0;
        for (id, reservation) in old {
            lapsed += usize::from(self.end_held(id, reservation, Reason::Lapsed, None, now)?);
        }
        Ok(lapsed)
    }

    /// Takes back an approval or a refusal, as long as no letter of it may have gone out: it waits again, for the reason
    /// it had. Where an address may have one name
    /// only, `one_name_an_address` says when two addresses are the same.
    pub fn decide_anew(
        &self,
        id: i64,
        held_for: Reason,
        one_name_an_address: Option<EmailIdentity>,
    ) -> Result<TakenBack, StoreError> {
        let connection = self.0.0;
        let under_way: bool = connection
            .prepare_cached(
                "SELECT count(*) > 0 FROM letters
                 WHERE request_id = ?1 AND (state IN ('sending', 'sent') OR (state = 'failed' AND attempts > 0) OR fate_unknown)",
            )?
            .query_row([id], |row| row.get(0))?;
        if under_way {
            return Ok(TakenBack::Mailed);
        }
        let decided: Option<(Option<i64>, Option<i64>)> = connection
            .prepare_cached("SELECT reservation_id, letter_id FROM requests WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((reservation, letter)) = decided else { return Ok(TakenBack::Erased) };
        let same_address = match one_name_an_address {
            None => "0",
            Some(EmailIdentity::Mailbox) => "o.mailbox = r.mailbox",
            Some(EmailIdentity::Exact) => "o.address = r.address",
        };
        let somebody_elses: bool = connection
            .prepare_cached(&format!(
                "SELECT count(*) > 0 FROM reservations o JOIN reservations r ON r.id = ?1
                 WHERE o.id <> r.id AND ((o.name = r.name AND o.name_ended_at IS NULL)
                                      OR ({same_address} AND o.address_ended_at IS NULL))"
            ))?
            .query_row([reservation], |row| row.get(0))?;
        if somebody_elses {
            return Ok(TakenBack::Gone);
        }
        // What was given out before this approval stays as it was.
        connection
            .prepare_cached(
                "UPDATE reservations SET name_ended_at = NULL, address_ended_at = NULL, withdrawn = 0,
                        entered_at = nullif(entered_at, (SELECT created_at FROM letters WHERE id = ?2)),
                        last_letter_id = CASE WHEN ?2 IS NULL THEN last_letter_id ELSE
                            (SELECT max(l.id) FROM letters l JOIN requests q ON q.id = l.request_id
                             WHERE q.reservation_id = ?1 AND l.kind = 'token' AND l.id <> ?2) END
                 WHERE id = ?1",
            )?
            .execute((reservation, letter))?;
        connection
            .prepare_cached("DELETE FROM letters WHERE request_id = ?1 AND state = 'owed'")?
            .execute([id])?;
        connection
            .prepare_cached(
                "UPDATE requests SET verdict = 'held', reason = ?2, counts = reservation_id IS NOT NULL, letter_id = NULL
                 WHERE id = ?1",
            )?
            .execute((id, held_for))?;
        // Those that were decided of along with it.
        connection
            .prepare_cached(
                "UPDATE requests SET verdict = 'held', reason = ?4, letter_id = NULL
                 WHERE reservation_id = ?1 AND id <> ?2
                       AND CASE WHEN ?3 IS NULL THEN reason = ?5 ELSE letter_id = ?3 END",
            )?
            .execute((reservation, id, letter, held_for, Reason::RefusedByOperator))?;
        self.mirror_changed()?;
        Ok(TakenBack::Yes)
    }
}
