//! Listings for the operator: newest first.

use chrono::{DateTime, Utc};
use rusqlite::types::Value;

use super::held::WAITS;
use super::letters::LetterState;
use super::{Reading, StoreError, instant, millis};

/// One request, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// Its number.
    pub id: i64,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// `web` or `email`
    pub channel: String,
    /// The name, as typed where it is not one.
    pub username: String,
    /// The address as typed.
    pub email: String,
    /// Whence.
    pub ip: Option<String>,
    /// `accepted`, `held`, `refused`
    pub verdict: String,
    /// The reason's code.
    pub reason: Option<String>,
    /// What exactly it was.
    pub detail: Option<String>,
    /// What became of its letter.
    pub letter: Option<LetterState>,
    /// Whether somebody has registered with the token of its letter; None: that cannot be known.
    pub arrived: Option<bool>,
    /// How many refusals this row stands for.
    pub stands_for: u64,
}

/// Which requests are listed. What is None or false filters nothing.
#[derive(Debug, Clone, Default)]
pub struct RequestFilter {
    /// A verdict's word.
    pub verdict: Option<&'static str>,
    /// Part of the address as typed.
    pub email: Option<String>,
    /// Part of the name.
    pub username: Option<String>,
    /// The IP address.
    pub ip: Option<String>,
    /// Not older.
    pub since: Option<DateTime<Utc>>,
    /// Only those with a higher number, the highest first.
    pub after: Option<i64>,
    /// Only this one.
    pub id: Option<i64>,
    /// At most so many, the newest.
    pub limit: Option<u64>,
}

/// One letter, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its number.
    pub id: i64,
    /// The recipient.
    pub to: String,
    /// Where it is on its way.
    pub state: LetterState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next; none once it has failed.
    pub next_try: Option<DateTime<Utc>>,
    /// The mail server's own words.
    pub last_answer: Option<String>,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
}

fn like(part: &str) -> String {
    format!("%{}%", part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

impl Reading<'_> {
    /// Requests, newest first.
    pub fn requests(&self, filter: &RequestFilter) -> Result<Vec<RequestRow>, StoreError> {
        let mut sql = String::from(
            "SELECT q.id, q.received_at, q.channel, q.username, q.email, q.ip, q.verdict, q.reason, q.detail, l.state,
                    q.stands_for, (SELECT max(t.uses) > 0 FROM tokens t WHERE t.letter_id = l.id)
             FROM requests q LEFT JOIN letters l ON l.id = q.letter_id WHERE 1",
        );
        if filter.verdict == Some("held") {
            sql.push_str(&format!(" AND {WAITS}"));
        }
        let mut values: Vec<Value> = Vec::new();
        let mut add = |condition: &str, value: Option<Value>| {
            if let Some(value) = value {
                sql.push_str(condition);
                values.push(value);
            }
        };
        add(" AND q.verdict = ?", filter.verdict.map(|verdict| verdict.to_owned().into()));
        add(" AND q.email LIKE ? ESCAPE '\\'", filter.email.as_deref().map(|part| like(part).into()));
        add(" AND q.username LIKE ? ESCAPE '\\'", filter.username.as_deref().map(|part| like(part).into()));
        add(" AND q.ip = ?", filter.ip.clone().map(Value::from));
        add(" AND q.received_at >= ?", filter.since.map(|at| millis(at).into()));
        add(" AND q.id > ?", filter.after.map(Value::from));
        add(" AND q.id = ?", filter.id.map(Value::from));
        // Whoever follows them wants them as they come; an import comes late with what is old.
        let order = if filter.after.is_some() { "q.id DESC" } else { "q.received_at DESC, q.id DESC" };
        sql.push_str(&format!(" ORDER BY {order} LIMIT ?"));
        values.push(filter.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX)).into());
        let mut statement = self.0.prepare(&sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(values), |row| {
            Ok(RequestRow {
                id: row.get(0)?,
                received_at: instant(row.get(1)?),
                channel: row.get(2)?,
                username: row.get(3)?,
                email: row.get(4)?,
                ip: row.get(5)?,
                verdict: row.get(6)?,
                reason: row.get(7)?,
                detail: row.get(8)?,
                letter: row.get::<_, Option<String>>(9)?.map(|state| LetterState::from_stored(&state)),
                stands_for: row.get::<_, i64>(10)?.unsigned_abs(),
                arrived: row.get(11)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Letters that are owed, and those that failed since, newest first.
    pub fn outbox(
        &self,
        failed_since: DateTime<Utc>,
        limit: Option<u64>,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let mut statement = self.0.prepare(
            "SELECT id, recipient, state, attempts, due_at, last_answer, created_at FROM letters
             WHERE state IN ('owed', 'sending') OR (state = 'failed' AND ended_at >= ?1)
             ORDER BY id DESC LIMIT ?2",
        )?;
        let limit = limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = statement.query_map((millis(failed_since), limit), |row| {
            let state = LetterState::from_stored(&row.get::<_, String>(2)?);
            Ok(OutboxRow {
                id: row.get(0)?,
                to: row.get(1)?,
                state,
                attempts: row.get(3)?,
                next_try: matches!(state, LetterState::Owed | LetterState::Sending)
                    .then(|| row.get(4).map(instant))
                    .transpose()?,
                last_answer: row.get(5)?,
                created_at: instant(row.get(6)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
