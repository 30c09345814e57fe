//! What waits for the operator, and what they were told of it by mail.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{EmailAddress, MessageId};

use super::held::WAITS;
use super::{Reading, StoreError, Writing, instant, millis};

/// The kind of the operator's letter.
pub const DIGEST: &str = "digest";

/// Of each list, so much is told; the rest is counted.
const MOST: i64 = 20;

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

/// A held request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its number.
    pub id: i64,
    /// Since when.
    pub received_at: DateTime<Utc>,
    /// The name asked for.
    pub username: String,
    /// Where the letter would go.
    pub email: String,
    /// Why it is held, where that is known.
    pub detail: Option<String>,
}

/// A letter that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedLetter {
    /// Its number.
    pub id: i64,
    /// The recipient.
    pub to: String,
    /// The mail server's own words.
    pub answer: Option<String>,
    /// When.
    pub failed_at: DateTime<Utc>,
}

/// What waits for the operator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pending {
    /// How many requests are held.
    pub held_count: u64,
    /// The newest of them, newest first.
    pub held: Vec<Waiting>,
    /// How many letters have failed since the last digest.
    pub failed_count: u64,
    /// The newest of them, newest first.
    pub failed: Vec<FailedLetter>,
}

impl Reading<'_> {
    /// What the last digest told.
    pub fn told_by_digest(&self) -> Result<Told, StoreError> {
        Ok(self.meta(DIGEST)?.and_then(|told| serde_json::from_str(&told).ok()).unwrap_or_default())
    }

    /// What waits for the operator, the letters that failed after `told` among it.
    pub fn pending(&self, told: &Told, now: DateTime<Utc>) -> Result<Pending, StoreError> {
        let count = |sql: &str, since: i64| -> Result<u64, StoreError> {
            let count: i64 = self.0.prepare_cached(sql)?.query_row([since], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        };
        let failed_after = told.failed.max(millis(now - TimeDelta::days(1)));
        let failed = "state = 'failed' AND kind <> 'digest' AND ended_at > ?1";
        Ok(Pending {
            held_count: count(&format!("SELECT count(*) FROM requests q WHERE {WAITS} AND q.id > ?1"), 0)?,
            held: self
                .0
                .prepare_cached(&format!(
                    "SELECT id, received_at, username, email, detail FROM requests q WHERE {WAITS}
                     ORDER BY id DESC LIMIT ?1",
                ))?
                .query_map([MOST], |row| {
                    Ok(Waiting {
                        id: row.get(0)?,
                        received_at: instant(row.get(1)?),
                        username: row.get(2)?,
                        email: row.get(3)?,
                        detail: row.get(4)?,
                    })
                })?
                .collect::<Result<_, _>>()?,
            failed_count: count(&format!("SELECT count(*) FROM letters WHERE {failed}"), failed_after)?,
            failed: self
                .0
                .prepare_cached(&format!(
                    "SELECT id, recipient, last_answer, ended_at FROM letters WHERE {failed}
                     ORDER BY ended_at DESC LIMIT ?2"
                ))?
                .query_map((failed_after, MOST), |row| {
                    Ok(FailedLetter {
                        id: row.get(0)?,
                        to: row.get(1)?,
                        answer: row.get(2)?,
                        failed_at: instant(row.get(3)?),
                    })
                })?
                .collect::<Result<_, _>>()?,
        })
    }
}

impl Writing<'_> {
    /// Queues the operator's letter, and notes what it tells.
    pub fn queue_digest(
        &self,
        to: &EmailAddress,
        message_id: &MessageId,
        words: &str,
        told: &Told,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached(
                "INSERT INTO letters (kind, recipient, mailbox, message_id, state, created_at, due_at, words)
                 VALUES (?1, ?2, ?3, ?4, 'owed', ?5, ?5, ?6)",
            )?
            .execute((DIGEST, to.to_ascii(), to.mailbox(), message_id.as_str(), millis(now), words))?;
        let told = serde_json::to_string(told).unwrap_or_default();
        self.set_meta(DIGEST, Some(&told))
    }
}
