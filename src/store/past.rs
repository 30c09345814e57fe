//! The requests of the past, for what looks at very many of them.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};

use super::{Reading, StoreError, instant, millis};

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
    /// What exactly it was.
    pub detail: Option<&'a str>,
    /// How many refusals it stands for.
    pub stands_for: u64,
}

impl Reading<'_> {
    /// Shows each request since, newest first, as long as it is told to go on. None is copied: there may be a hundred
    /// thousand.
    pub fn past_requests(
        &self,
        since: DateTime<Utc>,
        mut each: impl FnMut(&PastRequest<'_>) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, received_at, username, email, ip, verdict, reason, detail, stands_for FROM requests
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
                detail: text(7)?,
                stands_for: row.get::<_, i64>(8)?.unsigned_abs(),
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
}

/// A column's text as it stands in the row.
fn text<'a>(row: &'a rusqlite::Row<'_>, column: usize) -> Result<Option<&'a str>, StoreError> {
    let value = row.get_ref(column)?;
    value.as_str_or_null().map_err(|error| StoreError::Other(error.to_string()))
}
