//! Addresses that were accepted lately and have to wait.

use chrono::{DateTime, Utc};

use crate::config::EmailIdentity;
use crate::domain::EmailAddress;

use super::reservations::key;
use super::{Reading, StoreError, Writing, instant, millis};

/// One address in its cooldown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cooldown {
    /// The address as typed last.
    pub email: String,
    /// The name asked for last.
    pub username: String,
    /// When it was accepted last.
    pub since: DateTime<Utc>,
}

impl Reading<'_> {
    /// Addresses accepted since, newest first.
    pub fn cooldowns(
        &self,
        since: DateTime<Utc>,
        identity: EmailIdentity,
        limit: Option<u64>,
    ) -> Result<Vec<Cooldown>, StoreError> {
        let column = match identity {
            EmailIdentity::Mailbox => "mailbox",
            EmailIdentity::Exact => "address",
        };
        // Of a group with max(), SQLite takes the other columns from the row that has it.
        let mut statement = self.0.prepare(&format!(
            "SELECT email, username, max(received_at) FROM requests WHERE counts = 1 AND received_at > ?1
             GROUP BY {column} ORDER BY 3 DESC LIMIT ?2"
        ))?;
        let limit = limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = statement.query_map((millis(since), limit), |row| {
            Ok(Cooldown { email: row.get(0)?, username: row.get(1)?, since: instant(row.get(2)?) })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Writing<'_> {
    /// Ends the cooldown of an address. Returns the requests that it came from; none: it had none.
    pub fn lift_cooldown(
        &self,
        email: &EmailAddress,
        identity: EmailIdentity,
    ) -> Result<Vec<i64>, StoreError> {
        let (column, value) = key(email, identity);
        let mut statement = self.0.0.prepare_cached(&format!(
            "UPDATE requests SET counts = 0 WHERE {column} = ?1 AND counts = 1 RETURNING id"
        ))?;
        Ok(statement.query_map([value], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Takes that back: these count again, where their names and addresses are still reserved.
    pub fn count_again(&self, requests: &[i64]) -> Result<(), StoreError> {
        for id in requests {
            self.0
                .0
                .prepare_cached(
                    "UPDATE requests SET counts = 1 WHERE id = ?1 AND verdict <> 'refused' AND reservation_id IN
                         (SELECT id FROM reservations WHERE withdrawn = 0)",
                )?
                .execute([id])?;
        }
        Ok(())
    }
}
