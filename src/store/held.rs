//! Requests that wait for the operator.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::config::EmailIdentity;
use crate::domain::{EmailAddress, Language, Localpart, MessageId, Reason, RequestMail};

use crate::policy::HeldPlace;

use super::rows::selected;
use super::{AnswerLetter, LinkKind, Reading, StoreError, Writing, millis};

/// Of a request `q`: it waits for a decision. Of several for the same name from the same address the first does.
pub(super) const WAITS: &str = "q.verdict = 'held' AND (q.reservation_id IS NULL OR q.id =
    (SELECT min(o.id) FROM requests o WHERE o.reservation_id = q.reservation_id AND o.verdict = 'held'))";

selected! {
    /// One that waits.
    #[derive(Debug, Clone)]
    pub struct HeldRequest {
        /// Its number.
        pub id: i64 = "q.id",
        /// The name asked for. None: the mail, which lies in the folder `Held`, names none that is clear. Such a request
        /// reserves nothing, and can only be refused.
        pub username: Option<Localpart> = "CASE WHEN q.reservation_id IS NOT NULL THEN q.username END",
        /// Where the letter would go.
        pub email: EmailAddress = "q.email",
        /// Whence it came.
        pub ip: Option<IpAddr> = "q.ip",
        /// Since when.
        pub received_at: DateTime<Utc> = "q.received_at",
        /// Why it waits.
        pub reason: Reason = "coalesce(q.reason, 'approval')",
        /// For what it waits once its address is proved.
        pub held_for: Option<Reason> = "q.held_for",
        /// What its applicant is answered in.
        pub language: Language = "q.language",
        reservation_id: Option<i64> = "q.reservation_id",
    }
}

selected! {
    struct HeldMail {
        id: i64 = "id",
        message_id: Option<String> = "message_id",
        references: String = "coalesce(answers_references, '')",
    }
}

/// What can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenBack {
    /// It waits again.
    Yes,
    /// Its letter was mailed, or may have arrived.
    Mailed,
    /// Its letter is being handed to the mail server: what comes of that is not known yet.
    InHands,
    /// Its name or address is somebody else's by now.
    Gone,
    /// There is no such request any more.
    Erased,
}

selected! {
    struct Place {
        id: i64 = "min(id)",
        reservation: i64 = "reservation_id",
        mailbox: String = "coalesce(mailbox, '')",
        ip: Option<IpAddr> = "ip",
        source: String = "source",
    }
}

selected! {
    struct WithoutName {
        count: u64 = "count(*)",
        of_mailbox: Option<i64> = "min(CASE WHEN mailbox = ?1 THEN id END)",
    }
}

impl HeldRequest {
    /// What it reserves.
    pub fn reservation(&self) -> Option<i64> {
        self.reservation_id
    }
}

impl Reading<'_> {
    /// One that waits; of several for the same name from the same address, the first, whose mail is the one to answer. None:
    /// there is none of this number, or it was decided.
    pub fn held_request(&self, id: i64) -> Result<Option<HeldRequest>, StoreError> {
        self.row(
            "FROM requests asked JOIN requests q ON q.id = asked.id OR q.reservation_id = asked.reservation_id
             WHERE asked.id = ?1 AND asked.verdict = 'held' AND q.verdict = 'held' ORDER BY q.id LIMIT 1",
            [id],
        )
    }

    /// Those that wait for a name, one for each name and address. One whose address is not proved takes no place; without
    /// the one of the reservation `corrected`.
    pub fn held_places(&self, corrected: Option<i64>) -> Result<Vec<HeldPlace>, StoreError> {
        let places: Vec<Place> = self.rows(
            "FROM requests WHERE verdict = 'held' AND letter_id IS NULL AND reservation_id IS NOT NULL
                   AND reservation_id IS NOT ?1 AND reason IS NOT 'unproven' GROUP BY reservation_id",
            [corrected],
        )?;
        let place = |Place { id, reservation, mailbox, ip, source }| HeldPlace {
            id,
            reservation,
            mailbox,
            ip,
            source,
        };
        Ok(places.into_iter().map(place).collect())
    }

    /// How many wait without a name, and the first one of this mailbox among them.
    pub fn held_without_name(&self, email: &EmailAddress) -> Result<(u64, Option<i64>), StoreError> {
        let found: Option<WithoutName> =
            self.row("FROM requests WHERE verdict = 'held' AND reservation_id IS NULL", [email.mailbox()])?;
        Ok(found.map_or((0, None), |found| (found.count, found.of_mailbox)))
    }
}

impl Writing<'_> {
    /// Why it waits, and what exactly it is, where that is not known already.
    pub fn note_hold(&self, id: i64, reason: Reason, detail: Option<&str>) -> Result<(), StoreError> {
        self.sql(
            "UPDATE requests SET reason = ?2, detail = coalesce(?3, detail) WHERE id = ?1",
            (id, reason.word(), detail),
        )?;
        Ok(())
    }

    /// The operator says yes: the letter is owed, and due at this time. False: somebody was faster.
    pub fn approve(
        &self,
        held: &HeldRequest,
        message_id: &MessageId,
        now: DateTime<Utc>,
        due_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let reservation = held.reservation_id;
        let changed = self.sql(
            "UPDATE requests SET verdict = 'accepted', reason = NULL, counts = 1 WHERE id = ?1 AND verdict = 'held'",
            [held.id],
        )?;
        if changed == 0 {
            return Ok(false);
        }
        self.sql(
            "UPDATE reservations SET entered_at = coalesce(entered_at, ?2) WHERE id = ?1",
            (reservation, millis(now)),
        )?;
        let letter = self.queue_token_letter(held.id, reservation, &held.email, message_id.as_str(), now)?;
        // Whoever asked twice gets one letter.
        self.sql(
            "UPDATE requests SET verdict = 'accepted', reason = NULL, letter_id = ?2 WHERE reservation_id = ?1 AND verdict = 'held'",
            (reservation, letter),
        )?;
        self.sql("UPDATE letters SET due_at = ?2 WHERE id = ?1", (letter, millis(due_at)))?;
        if let Some(mail) = self.mail_of(held.id)? {
            self.letter_answers(letter, &mail)?;
        }
        Ok(true)
    }

    /// The operator says no: name and address are free, and the letter, if there is one, is due at this time. False: somebody
    /// was faster.
    pub fn refuse_held(
        &self,
        held: &HeldRequest,
        because: Option<&str>,
        letter: Option<&AnswerLetter>,
        now: DateTime<Utc>,
        due_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        if !self.end_held(held.id, held.reservation_id, Reason::RefusedByOperator, because, now)? {
            return Ok(false);
        }
        if let Some(letter) = letter {
            self.queue_answer(Some(held.id), letter, self.mail_of(held.id)?.as_ref(), due_at)?;
        }
        Ok(true)
    }

    /// The desk itself says no to one that waits, for a reason that came up meanwhile: name and address are free, and the
    /// applicant is told.
    pub fn end_waiting(
        &self,
        held: &HeldRequest,
        reason: Reason,
        why: &str,
        letter: &AnswerLetter,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if self.end_held(held.id, held.reservation_id, reason, Some(why), now)? {
            self.queue_answer(Some(held.id), letter, self.mail_of(held.id)?.as_ref(), now)?;
        }
        Ok(())
    }

    /// The mail that a request came in.
    fn mail_of(&self, request_id: i64) -> Result<Option<RequestMail>, StoreError> {
        let found: Option<HeldMail> =
            self.row("FROM mails WHERE request_id = ?1 ORDER BY id LIMIT 1", [request_id])?;
        Ok(found.map(|HeldMail { id, message_id, references }| RequestMail {
            id,
            message_id: message_id.as_deref().and_then(MessageId::parse),
            references: references.split(' ').filter_map(MessageId::parse).collect(),
            hold: None,
            relay: None,
            language: Language::default(),
            to_prove: false,
            guess: String::new(),
            is_taken: false,
        }))
    }

    pub(super) fn end_held(
        &self,
        id: i64,
        reservation: Option<i64>,
        reason: Reason,
        detail: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let changed = self.sql(
            "UPDATE requests SET verdict = 'refused', reason = ?2, detail = coalesce(?3, detail), counts = 0
             WHERE id = ?1 AND verdict = 'held'",
            (id, reason.word(), detail),
        )?;
        if let Some(reservation) = reservation.filter(|_| changed == 1) {
            self.sql(
                "UPDATE requests SET verdict = 'refused', reason = ?2 WHERE reservation_id = ?1 AND verdict = 'held'",
                (reservation, reason.word()),
            )?;
            self.free_reservation(reservation, now)?;
        }
        if changed == 1 {
            self.end_links_of(id, LinkKind::SignUp, "refused", now)?;
        }
        Ok(changed == 1)
    }

    /// Those that came before this time have waited too long. Returns how many.
    pub fn lapse_held(&self, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let old: Vec<HeldRequest> =
            self.rows("FROM requests q WHERE q.verdict = 'held' AND q.received_at < ?1", [millis(before)])?;
        let mut lapsed = 0;
        for held in old {
            lapsed += usize::from(self.end_held(held.id, held.reservation_id, Reason::Lapsed, None, now)?);
        }
        Ok(lapsed)
    }

    /// Takes back an approval or a refusal, as long as no letter of it may have gone out: it waits again, for the reason that
    /// it had. Where an address may have one name
    /// only, `one_name_an_address` says when two addresses are the same.
    pub fn decide_anew(
        &self,
        id: i64,
        held_for: Reason,
        one_name_an_address: Option<EmailIdentity>,
    ) -> Result<TakenBack, StoreError> {
        // 0: it is being handed over; 1: it may have arrived.
        let mailed: Option<bool> = self.value(
            "SELECT max(state <> 'sending' OR fate_unknown) FROM letters
             WHERE request_id = ?1 AND (state IN ('sending', 'sent') OR (state = 'failed' AND attempts > 0) OR fate_unknown)",
            [id],
        )?;
        match mailed {
            Some(true) => return Ok(TakenBack::Mailed),
            Some(false) => return Ok(TakenBack::InHands),
            None => {}
        }
        let decided: Option<Decided> = self.row("FROM requests WHERE id = ?1", [id])?;
        let Some(Decided { reservation, letter }) = decided else { return Ok(TakenBack::Erased) };
        let same_address = one_name_an_address.map_or("0".to_owned(), |identity| {
            let column = super::reservations::column(identity);
            format!("o.{column} = r.{column}")
        });
        let somebody_elses: bool = self.value(
            &format!(
                "SELECT EXISTS (SELECT 1 FROM reservations o JOIN reservations r ON r.id = ?1
                 WHERE o.id <> r.id AND ((o.name = r.name AND o.name_ended_at IS NULL)
                                      OR ({same_address} AND o.address_ended_at IS NULL)))"
            ),
            [reservation],
        )?;
        if somebody_elses {
            return Ok(TakenBack::Gone);
        }
        // What was given out before this approval stays as it was.
        self.sql(
            "UPDATE reservations SET name_ended_at = NULL, address_ended_at = NULL, withdrawn = 0,
                    entered_at = nullif(entered_at, (SELECT created_at FROM letters WHERE id = ?2)),
                    last_letter_id = CASE WHEN ?2 IS NULL THEN last_letter_id ELSE
                        (SELECT max(l.id) FROM letters l JOIN requests q ON q.id = l.request_id
                         WHERE q.reservation_id = ?1 AND l.kind = 'token' AND l.id <> ?2) END
             WHERE id = ?1",
            (reservation, letter),
        )?;
        self.sql("DELETE FROM letters WHERE request_id = ?1 AND state = 'owed'", [id])?;
        self.sql(
            "UPDATE requests SET verdict = 'held', reason = ?2, counts = reservation_id IS NOT NULL, letter_id = NULL
             WHERE id = ?1",
            (id, held_for.word()),
        )?;
        // Those that were decided of along with it.
        self.sql(
            "UPDATE requests SET verdict = 'held', reason = ?4, letter_id = NULL
             WHERE reservation_id = ?1 AND id <> ?2
                   AND CASE WHEN ?3 IS NULL THEN reason = ?5 ELSE letter_id = ?3 END",
            (reservation, id, letter, held_for.word(), Reason::RefusedByOperator.word()),
        )?;
        Ok(TakenBack::Yes)
    }
}

selected! {
    struct Decided {
        reservation: Option<i64> = "reservation_id",
        letter: Option<i64> = "letter_id",
    }
}
