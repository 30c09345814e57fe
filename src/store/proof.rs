//! Addresses that are to be proved before anybody is called.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{LinkHash, Reason, RequestMail};

use super::digest::Told;
use super::rows::Save;
use super::{AnswerLetter, DIGEST, HeldRequest, LinkKind, Reading, StoreError, Writing, millis};

/// The kind of the email by which an address is proved.
pub const PROOF: &str = "proof";

/// Where its link is to stand: the email is stored without.
pub const LINK_HERE: &str = "{link}";

/// So long there is time to prove it.
pub const TIME_TO_PROVE: TimeDelta = TimeDelta::hours(24);

/// Of a reservation: since when nobody has asked for it any more who would have to prove it.
const LAST_ASKED: &str = "SELECT reservation_id, max(received_at) AS at FROM requests
    WHERE verdict = 'held' AND reason = 'unproven' AND reservation_id IS NOT NULL GROUP BY reservation_id";

impl Reading<'_> {
    /// When the next of them has had its time.
    pub fn next_unproven_lapses(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let first: Option<DateTime<Utc>> = self.value(&format!("SELECT min(at) FROM ({LAST_ASKED})"), [])?;
        Ok(first.map(|at| at + TIME_TO_PROVE))
    }

    /// The request that an email to prove an address is about.
    pub fn request_of_letter(&self, letter_id: i64) -> Result<Option<i64>, StoreError> {
        self.value("SELECT request_id FROM letters WHERE id = ?1", [letter_id])
    }
}

impl Writing<'_> {
    /// This request waits until its address is proved, which an email asks for; then it waits for this reason.
    pub fn ask_for_proof(
        &self,
        id: i64,
        held_for: Reason,
        letter: &AnswerLetter,
        mail: Option<&RequestMail>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.sql("UPDATE requests SET held_for = ?2 WHERE id = ?1", (id, held_for.word()))?;
        self.queue_answer(Some(id), letter, mail, now)
    }

    /// The link that goes out with this email.
    pub fn add_proof_link(
        &self,
        hash: &LinkHash,
        letter_id: i64,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let request_id = self.request_of_letter(letter_id)?;
        self.add_link(hash, LinkKind::Proof, (request_id, Some(letter_id)), (now, Some(now + TIME_TO_PROVE)))
    }

    /// Its address is proved: for this it waits now, whoever asked for it how often.
    pub fn note_proved(
        &self,
        held: &HeldRequest,
        reason: Reason,
        detail: Option<&str>,
    ) -> Result<(), StoreError> {
        self.sql(
            "UPDATE requests SET reason = ?2, detail = ?3, held_for = NULL
             WHERE verdict = 'held' AND reason = 'unproven' AND (id = ?1 OR reservation_id = ?4)",
            (held.id, reason.save(), detail, held.reservation()),
        )?;
        // It is news for the operator, though younger ones may have been told of.
        let told = self.told_by_digest()?;
        self.set_meta_json(DIGEST, &Told { held: told.held.min(held.id - 1), ..told })
    }

    /// Those whose address nobody has proved in time are let go. Returns how many.
    pub fn lapse_unproven(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let late: Vec<HeldRequest> = self.rows(
            &format!(
                "FROM requests q JOIN ({LAST_ASKED}) last ON last.reservation_id = q.reservation_id
                 WHERE q.verdict = 'held' AND q.reason = 'unproven' AND last.at <= ?1"
            ),
            [millis(now - TIME_TO_PROVE)],
        )?;
        let mut lapsed = 0;
        for held in late {
            let why = Some("its address was not proved in time");
            lapsed += usize::from(self.end_held(held.id, held.reservation(), Reason::Lapsed, why, now)?);
        }
        Ok(lapsed)
    }
}
