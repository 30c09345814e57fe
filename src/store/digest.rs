//! What waits for the operator, and what they were told of it by mail.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::LinkHash;

use super::held::WAITS;
use super::{AnswerLetter, LinkKind, OutboxRow, Reading, RequestRow, StoreError, Writing, instant, millis};

/// The kind of the operator's letter.
pub const DIGEST: &str = "digest";

/// The operator's own link to a request works for so long.
pub const DECIDE_FOR: TimeDelta = TimeDelta::days(7);

/// Where the link to this request is to stand: the email is stored without. Nothing that an applicant wrote can have it, since
/// no control character is left in that.
pub fn decide_here(request: i64) -> String {
    format!("\u{1}{request}\u{1}")
}

/// The requests whose links are to stand in it.
pub fn decided_in(words: &str) -> impl Iterator<Item = i64> {
    words.split('\u{1}').skip(1).step_by(2).filter_map(|id| id.parse().ok())
}

/// Nobody is called by what is not proved yet, and by what waits for the desk itself.
pub(super) const CALLS: &str = "q.reason IS NOT 'unproven' AND q.reason IS NOT 'quota'";

/// What the last digest told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When it was queued, in milliseconds since 1970; 0: there was none yet.
    pub at: i64,
    /// The highest number of a held request.
    pub held: i64,
    /// When the last letter failed, likewise.
    pub failed: i64,
    /// The alarms by their words.
    pub alarms: Vec<String>,
}

impl Told {
    /// When it was queued.
    pub fn instant(&self) -> DateTime<Utc> {
        instant(self.at)
    }
}

/// What waits for the operator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pending {
    /// How many requests are held.
    pub held_count: u64,
    /// The newest of them, newest first.
    pub held: Vec<RequestRow>,
    /// How many letters have failed.
    pub failed_count: u64,
    /// The newest of them, newest first.
    pub failed: Vec<OutboxRow>,
}

impl Reading<'_> {
    /// What the last digest told.
    pub fn told_by_digest(&self) -> Result<Told, StoreError> {
        Ok(self.meta_json(DIGEST)?.unwrap_or_default())
    }

    /// How many requests wait for the operator.
    pub fn held_count(&self) -> Result<u64, StoreError> {
        self.value(&format!("SELECT count(*) FROM requests q WHERE {WAITS} AND {CALLS}"), [])
    }

    /// How many applicants were seen to have their account.
    pub fn arrived_count(&self) -> Result<u64, StoreError> {
        self.value("SELECT count(*) FROM reservations WHERE account_seen_at IS NOT NULL", [])
    }

    /// Requests whose link was opened or whose account was made since, newest first.
    pub fn moved(&self, since: DateTime<Utc>, at_most: u64) -> Result<Vec<RequestRow>, StoreError> {
        self.rows(
            "FROM requests q LEFT JOIN letters l ON l.id = q.letter_id WHERE q.id IN
                (SELECT request_id FROM sign_ups WHERE made_at > ?1
                 UNION SELECT request_id FROM links WHERE kind = 'sign_up' AND opened_at > ?1)
             ORDER BY q.id DESC LIMIT ?2",
            (millis(since), super::limit(at_most)),
        )
    }

    /// What waits for the operator, the letters that failed since among it; of each so many, the rest is counted.
    pub fn pending(&self, failed_since: DateTime<Utc>, at_most: u64) -> Result<Pending, StoreError> {
        let failed = "FROM letters WHERE state = 'failed' AND kind <> 'digest' AND ended_at > ?1";
        let since = millis(failed_since);
        let held = format!(
            "FROM requests q LEFT JOIN letters l ON l.id = q.letter_id WHERE {WAITS} AND {CALLS}
             ORDER BY q.id DESC LIMIT ?1"
        );
        Ok(Pending {
            held_count: self.held_count()?,
            held: self.rows(&held, [super::limit(at_most)])?,
            failed_count: self.value(&format!("SELECT count(*) {failed}"), [since])?,
            failed: self
                .rows(&format!("{failed} ORDER BY ended_at DESC LIMIT ?2"), (since, super::limit(at_most)))?,
        })
    }
}

impl Writing<'_> {
    /// Queues the operator's letter, and notes what it tells.
    pub fn queue_digest(
        &self,
        letter: &AnswerLetter,
        told: &Told,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.queue_answer(None, letter, None, now)?;
        self.set_meta_json(DIGEST, told)
    }

    /// The link to a request that goes out with this digest.
    pub fn add_decide_link(
        &self,
        hash: &LinkHash,
        request: i64,
        letter: i64,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.add_link(hash, LinkKind::Decide, (Some(request), Some(letter)), (now, Some(now + DECIDE_FOR)))
    }

    /// Deletes the links of digests that have ended by themselves. Returns how many.
    pub fn retire_decide_links(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        self.sql("DELETE FROM links WHERE kind = 'decide' AND expires_at < ?1", [millis(now)])
    }
}
