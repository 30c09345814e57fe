//! Addresses that were accepted lately and have to wait.

use chrono::{DateTime, Utc};

use crate::config::EmailIdentity;
use crate::domain::EmailAddress;

use super::reservations::column;
use super::rows::selected;
use super::{Reading, StoreError, Writing, millis};

selected! {
    /// One address in its cooldown. Of a group with `max()`, SQLite takes the other columns from the row that has it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Cooldown {
        /// The address as typed last.
        pub email: String = "email",
        /// The name asked for last.
        pub username: String = "username",
        /// When it was accepted last.
        pub since: DateTime<Utc> = "max(received_at)",
    }
}

impl Reading<'_> {
    /// Addresses accepted since, newest first.
    pub fn cooldowns(
        &self,
        since: DateTime<Utc>,
        identity: EmailIdentity,
        limit: Option<u64>,
    ) -> Result<Vec<Cooldown>, StoreError> {
        let column = column(identity);
        self.rows(
            &format!(
                "FROM requests WHERE counts = 1 AND received_at > ?1 GROUP BY {column} ORDER BY 3 DESC LIMIT ?2"
            ),
            (millis(since), limit.map_or(-1, super::limit)),
        )
    }
}

impl Writing<'_> {
    /// Ends the cooldown of an address. Returns the requests that it came from; none: it had none.
    pub fn lift_cooldown(
        &self,
        email: &EmailAddress,
        identity: EmailIdentity,
    ) -> Result<Vec<i64>, StoreError> {
        let (column, values) = self.key(email, identity)?;
        self.list(
            &format!("UPDATE requests SET counts = 0 WHERE {column} IN (?1, ?2) AND counts = 1 RETURNING id"),
            values,
        )
    }

    /// Takes that back: these count again, where their names and addresses are still reserved.
    pub fn count_again(&self, requests: &[i64]) -> Result<(), StoreError> {
        for id in requests {
            self.sql(
                "UPDATE requests SET counts = 1 WHERE id = ?1 AND verdict <> 'refused' AND reservation_id IN
                     (SELECT id FROM reservations WHERE withdrawn = 0)",
                [id],
            )?;
        }
        Ok(())
    }
}
