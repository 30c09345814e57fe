//! What waits for the operator, and what they were told of it by mail.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::held::WAITS;
use super::{AnswerLetter, OutboxRow, Reading, RequestRow, StoreError, Writing, instant, millis};

/// The kind of the operator's letter.
pub const DIGEST: &str = "digest";

/// Nobody is called by what is not proved yet, and by what waits for the desk itself.
const CALLS: &str = "q.reason IS NOT 'unproven' AND q.reason IS NOT 'quota'";

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
}
