//! Listings for the operator: newest first.

use chrono::{DateTime, Utc};
use rusqlite::params_from_iter;
use rusqlite::types::Value;

use crate::filter::Filter;

use super::filtering::condition;
use super::held::WAITS;
use super::rows::selected;
use super::{LetterState, Reading, StoreError, millis};

/// Of a request `q`: somebody has registered with the token of its letter.
pub(super) const ARRIVED: &str =
    "(EXISTS (SELECT 1 FROM tokens t WHERE t.letter_id = q.letter_id AND t.uses > 0)
      OR EXISTS (SELECT 1 FROM sign_ups s WHERE s.request_id = q.id AND s.made_at IS NOT NULL))";

selected! {
    /// One request, as the operator sees it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct RequestRow {
        /// Its number.
        pub id: i64 = "q.id",
        /// When it came.
        pub received_at: DateTime<Utc> = "q.received_at",
        /// `web` or `email`
        pub channel: String = "q.channel",
        /// The name, as typed where it is not one.
        pub username: String = "q.username",
        /// The address as typed.
        pub email: String = "q.email",
        /// Whence.
        pub ip: Option<String> = "q.ip",
        /// `accepted`, `held`, `refused`
        pub verdict: String = "q.verdict",
        /// The reason's code.
        pub reason: Option<String> = "q.reason",
        /// What exactly it was.
        pub detail: Option<String> = "q.detail",
        /// What became of its letter.
        pub letter: Option<LetterState> = "l.state",
        /// Whether its account was made, by its link or with the token of its letter; None: that cannot be known.
        pub arrived: Option<bool> = "coalesce((SELECT 1 FROM sign_ups s WHERE s.request_id = q.id AND s.made_at IS NOT NULL),
            (SELECT max(t.uses) > 0 FROM tokens t WHERE t.letter_id = l.id))",
        /// When its sign-up link was opened first.
        pub link_opened_at: Option<DateTime<Utc>> =
            "(SELECT min(k.opened_at) FROM links k WHERE k.request_id = q.id AND k.kind = 'sign_up')",
        /// When the desk has made its account.
        pub account_made_at: Option<DateTime<Utc>> = "(SELECT s.made_at FROM sign_ups s WHERE s.request_id = q.id)",
        /// How many refusals this row stands for.
        pub stands_for: u64 = "q.stands_for",
        /// What was answered to the operator's question.
        pub answer: Option<String> = "q.answer",
        /// The version of the terms that was agreed to.
        pub terms_version: Option<String> = "q.terms_version",
        /// When it was.
        pub terms_at: Option<DateTime<Utc>> = "q.terms_at",
    }
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
    /// Only those that this means, too.
    pub meant: Filter,
    /// At most so many, the newest.
    pub limit: Option<u64>,
}

fn like(part: &str) -> String {
    format!("%{}%", part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

impl Reading<'_> {
    /// Requests, newest first.
    pub fn requests(&self, filter: &RequestFilter) -> Result<Vec<RequestRow>, StoreError> {
        let mut sql = String::from("FROM requests q LEFT JOIN letters l ON l.id = q.letter_id WHERE 1");
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
        sql.push_str(&format!(" AND {}", condition(&filter.meant, &mut values)));
        // Whoever follows them wants them as they come; an import comes late with what is old.
        let order = if filter.after.is_some() { "q.id DESC" } else { "q.received_at DESC, q.id DESC" };
        sql.push_str(&format!(" ORDER BY {order} LIMIT ?"));
        values.push(filter.limit.map_or(-1, super::limit).into());
        self.rows(&sql, params_from_iter(values))
    }

    /// These requests, in this order; those that are gone are left out.
    pub fn requests_by_id(&self, ids: &[i64]) -> Result<Vec<RequestRow>, StoreError> {
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            rows.extend(self.requests(&RequestFilter { id: Some(*id), ..RequestFilter::default() })?);
        }
        Ok(rows)
    }

    /// The numbers of the requests after this one, oldest first.
    pub fn numbers_after(&self, id: i64) -> Result<Vec<i64>, StoreError> {
        self.list("SELECT id FROM requests WHERE id > ?1 ORDER BY id", [id])
    }

    /// How many requests there are.
    pub fn request_count(&self) -> Result<usize, StoreError> {
        Ok(usize::try_from(self.value::<u64>("SELECT count(*) FROM requests", [])?).unwrap_or_default())
    }

    /// When the latest of what is kept was written down, by the clock of that time. The last of each kind are looked at:
    /// they are numbered as they come.
    pub fn newest_record(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.value(
            "SELECT max(at) FROM (SELECT * FROM (SELECT received_at AS at FROM requests ORDER BY id DESC LIMIT 100)
             UNION ALL SELECT * FROM (SELECT made_at AS at FROM tokens ORDER BY id DESC LIMIT 100))",
            [],
        )
    }
}
