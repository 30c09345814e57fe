//! What the console shows beyond the listings.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use rusqlite::OptionalExtension;

use super::letters::LetterState;
use super::tokens::Live;
use super::{OutboxRow, Reading, RequestRow, StoreError, instant, millis};

/// A request's number and what a filter looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed {
    /// Its number.
    pub id: i64,
    /// Name and address in lower case, a line each.
    pub text: Box<str>,
}

/// Requests of an hour with the same verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourCount {
    /// How many hours ago, 0 to 23.
    pub hours_ago: usize,
    /// `accepted`, `held`, `refused`
    pub verdict: String,
    /// How many.
    pub count: u64,
}

/// A request of the past, as far as bans and likenesses need it: it lives as long as its row is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastRequest<'a> {
    /// Its number.
    pub id: i64,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// The name.
    pub username: &'a str,
    /// The address as typed.
    pub email: &'a str,
    /// Whence.
    pub ip: Option<&'a str>,
    /// `accepted`, `held`, `refused`
    pub verdict: &'a str,
    /// The reason's code.
    pub reason: Option<&'a str>,
    /// How many refusals it stands for.
    pub stands_for: u64,
}

/// What became of a request's letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterFate {
    /// Its number, state, tries, next try, the mail server's words.
    pub row: OutboxRow,
    /// When it was sent or given up.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A token that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// When.
    pub made_at: DateTime<Utc>,
    /// How it came to be.
    pub how: String,
    /// Whether the homeserver took it.
    pub live: Live,
    /// How many letters carried it.
    pub letters: u64,
    /// Whether it is the current one.
    pub is_current: bool,
}

/// A token that one letter alone carries, and who is to use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonalToken {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Until when it works.
    pub dead_at: Option<DateTime<Utc>>,
    /// Whether it was taken back.
    pub is_withdrawn: bool,
    /// The name that was asked for.
    pub username: String,
    /// The address as typed.
    pub email: String,
    /// How often it was used.
    pub uses: u32,
    /// How often it can be.
    pub uses_allowed: Option<u32>,
}

impl Reading<'_> {
    /// The tokens that a letter alone carries, newest first.
    pub fn personal_tokens_lately(&self, at_most: usize) -> Result<Vec<PersonalToken>, StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT t.made_at, t.dead_at, t.withdrawn_at IS NOT NULL, q.username, q.email, t.uses, t.uses_allowed
             FROM tokens t JOIN letters l ON l.id = t.letter_id JOIN requests q ON q.id = l.request_id
             WHERE t.letter_id IS NOT NULL ORDER BY t.id DESC LIMIT ?1",
        )?;
        let rows = statement.query_map([i64::try_from(at_most).unwrap_or(i64::MAX)], |row| {
            Ok(PersonalToken {
                made_at: instant(row.get(0)?),
                dead_at: row.get::<_, Option<i64>>(1)?.map(instant),
                is_withdrawn: row.get(2)?,
                username: row.get(3)?,
                email: row.get(4)?,
                uses: row.get(5)?,
                uses_allowed: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Numbers and texts of the requests after this one, oldest first.
    pub fn index_after(&self, id: i64) -> Result<Vec<Indexed>, StoreError> {
        let mut statement =
            self.0.prepare_cached("SELECT id, username, email FROM requests WHERE id > ?1 ORDER BY id")?;
        let rows = statement.query_map([id], |row| {
            let (name, email): (String, String) = (row.get(1)?, row.get(2)?);
            Ok(Indexed { id: row.get(0)?, text: format!("{name}\n{email}").to_lowercase().into() })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many requests there are.
    pub fn request_count(&self) -> Result<usize, StoreError> {
        let count: i64 =
            self.0.prepare_cached("SELECT count(*) FROM requests")?.query_row([], |row| row.get(0))?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    /// When the latest of what is kept was written down, by the clock of that time. The last of each kind are looked at:
    /// they are numbered as they come.
    pub fn newest_record(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let newest: Option<i64> = self.0.query_row(
            "SELECT max(at) FROM (SELECT * FROM (SELECT received_at AS at FROM requests ORDER BY id DESC LIMIT 100)
             UNION ALL SELECT * FROM (SELECT made_at AS at FROM tokens ORDER BY id DESC LIMIT 100))",
            [],
            |row| row.get(0),
        )?;
        Ok(newest.map(instant))
    }

    /// These requests, in this order; those that are gone are left out.
    pub fn requests_by_id(&self, ids: &[i64]) -> Result<Vec<RequestRow>, StoreError> {
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            let filter =
                super::RequestFilter { id: Some(*id), limit: Some(1), ..super::RequestFilter::default() };
            rows.extend(self.requests(&filter)?);
        }
        Ok(rows)
    }

    /// Shows each request since, newest first, as long as it is told to go on. None is copied: there may be a hundred
    /// thousand.
    pub fn past_requests(
        &self,
        since: DateTime<Utc>,
        mut each: impl FnMut(&PastRequest<'_>) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, received_at, username, email, ip, verdict, reason, stands_for FROM requests
             WHERE received_at >= ?1 ORDER BY received_at DESC, id DESC",
        )?;
        let mut rows = statement.query([millis(since)])?;
        while let Some(row) = rows.next()? {
            let text = |column| text(row, column);
            let past = PastRequest {
                id: row.get(0)?,
                received_at: instant(row.get(1)?),
                username: text(2)?.unwrap_or_default(),
                email: text(3)?.unwrap_or_default(),
                ip: text(4)?,
                verdict: text(5)?.unwrap_or_default(),
                reason: text(6)?,
                stands_for: row.get::<_, i64>(7)?.unsigned_abs(),
            };
            if each(&past).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The requests of the last 24 hours by hour and verdict.
    pub fn hour_counts(&self, now: DateTime<Utc>) -> Result<Vec<HourCount>, StoreError> {
        const HOUR: i64 = 3_600_000;
        let mut statement = self
            .0
            .prepare_cached(
                "SELECT received_at, verdict, stands_for FROM requests WHERE received_at > ?1 ORDER BY received_at DESC",
            )?;
        let mut rows = statement.query([millis(now) - 24 * HOUR])?;
        let mut counts: Vec<HourCount> = Vec::new();
        while let Some(row) = rows.next()? {
            let ago = millis(now) - row.get::<_, i64>(0)?;
            let hours_ago = usize::try_from((ago / HOUR).max(0)).unwrap_or_default();
            let verdict = text(row, 1)?.unwrap_or_default();
            let count = row.get::<_, i64>(2)?.unsigned_abs();
            // They come by the hour: what is looked for is among the last.
            match counts.iter_mut().rev().find(|one| one.hours_ago == hours_ago && one.verdict == verdict) {
                Some(one) => one.count += count,
                None => counts.push(HourCount { hours_ago, verdict: verdict.to_owned(), count }),
            }
        }
        Ok(counts)
    }

    /// What became of a request's letter.
    pub fn letter_fate(&self, request_id: i64) -> Result<Option<LetterFate>, StoreError> {
        Ok(self
            .0
            .prepare_cached(
                "SELECT id, recipient, state, attempts, due_at, last_answer, created_at, ended_at FROM letters
                 WHERE request_id = ?1 ORDER BY id DESC LIMIT 1",
            )?
            .query_row([request_id], |row| {
                let state = LetterState::from_stored(&row.get::<_, String>(2)?);
                Ok(LetterFate {
                    row: OutboxRow {
                        id: row.get(0)?,
                        to: row.get(1)?,
                        state,
                        attempts: row.get(3)?,
                        next_try: Some(instant(row.get(4)?)),
                        last_answer: row.get(5)?,
                        created_at: instant(row.get(6)?),
                    },
                    ended_at: row.get::<_, Option<i64>>(7)?.map(instant),
                })
            })
            .optional()?)
    }

    /// Letters that were sent since, newest first.
    pub fn sent_letters(&self, since: DateTime<Utc>, limit: i64) -> Result<Vec<OutboxRow>, StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, recipient, attempts, last_answer, created_at FROM letters
             WHERE state = 'sent' AND ended_at > ?1 ORDER BY ended_at DESC LIMIT ?2",
        )?;
        let rows = statement.query_map([millis(since), limit], |row| {
            Ok(OutboxRow {
                id: row.get(0)?,
                to: row.get(1)?,
                state: LetterState::Sent,
                attempts: row.get(2)?,
                next_try: None,
                last_answer: row.get(3)?,
                created_at: instant(row.get(4)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The tokens made since, newest first, the current one among them however old it is.
    pub fn rotations(&self, since: DateTime<Utc>) -> Result<Vec<Rotated>, StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT t.made_at, t.how, t.live, t.state = 'current',
                    (SELECT count(*) FROM letters l WHERE l.token_id = t.id AND l.state = 'sent')
             FROM tokens t WHERE t.state = 'current' OR (t.state = 'retired' AND t.made_at > ?1)
             ORDER BY t.id DESC",
        )?;
        let rows = statement.query_map([millis(since)], |row| {
            let live: String = row.get(2)?;
            Ok(Rotated {
                made_at: instant(row.get(0)?),
                how: row.get(1)?,
                live: match live.as_str() {
                    "yes" => Live::Yes,
                    "unknown" => Live::CannotBeChecked,
                    _ => Live::No,
                },
                is_current: row.get(3)?,
                letters: row.get::<_, i64>(4)?.unsigned_abs(),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// A column's text as it stands in the row.
fn text<'a>(row: &'a rusqlite::Row<'_>, column: usize) -> Result<Option<&'a str>, StoreError> {
    let value = row.get_ref(column)?;
    value.as_str_or_null().map_err(|error| StoreError::Other(error.to_string()))
}
