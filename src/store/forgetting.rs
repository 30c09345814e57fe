//! What is deleted: by the operator's word, and by age.

use chrono::{DateTime, Utc};

use crate::domain::EmailAddress;

use super::{StoreError, Writing, millis};

/// What was erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Requests.
    pub requests: usize,
    /// Letters, owed ones among them.
    pub letters: usize,
    /// Reservations: their names and the address are free.
    pub reservations: usize,
}

impl Writing<'_> {
    /// Erases what is known of a mailbox, whatever tag it was written with.
    pub fn forget(&self, email: &EmailAddress) -> Result<Forgotten, StoreError> {
        let mailbox = email.mailbox();
        self.forget_in_acts(&mailbox)?;
        let erase = |sql: &str| -> Result<usize, StoreError> {
            Ok(self.0.0.prepare_cached(sql)?.execute([&mailbox])?)
        };
        // Requests that were none have no mailbox; what was typed may be just this address.
        let typed = self
            .0
            .0
            .prepare_cached("DELETE FROM requests WHERE mailbox IS NULL AND lower(email) IN (?1, ?2)")?
            .execute((email.as_typed().to_lowercase(), email.folded()))?;
        let requests = typed + erase("DELETE FROM requests WHERE mailbox = ?1")?;
        let letters = erase("DELETE FROM letters WHERE mailbox = ?1")?;
        let reservations = erase("DELETE FROM reservations WHERE mailbox = ?1")?;
        // That a mail was decided stays, so that it is not answered twice; by whom it was goes.
        let senders = {
            let mut senders =
                self.0.0.prepare_cached("SELECT DISTINCT sender FROM mails WHERE sender IS NOT NULL")?;
            let senders = senders.query_map([], |row| row.get::<_, String>(0))?;
            senders.collect::<Result<Vec<_>, _>>()?
        };
        for sender in senders {
            if EmailAddress::parse(&sender).is_ok_and(|sender| sender.mailbox() == mailbox) {
                self.0
                    .0
                    .prepare_cached("UPDATE mails SET sender = NULL, message_id = NULL, answers_references = NULL WHERE sender = ?1")?
                    .execute([sender])?;
            }
        }
        self.mirror_changed()?;
        Ok(Forgotten { requests, letters, reservations })
    }

    /// Deletes refused requests that are older, and the IP addresses of all that are. Returns how many it touched.
    pub fn retire_before(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        let change = |sql: &str| -> Result<usize, StoreError> {
            Ok(self.0.0.prepare_cached(sql)?.execute([millis(before)])?)
        };
        let deleted = change("DELETE FROM requests WHERE verdict = 'refused' AND received_at < ?1")?;
        let requests = change("UPDATE requests SET ip = NULL WHERE received_at < ?1 AND ip IS NOT NULL")?;
        let reservations = change("UPDATE reservations SET ip = NULL WHERE made_at < ?1 AND ip IS NOT NULL")?;
        if reservations > 0 {
            self.mirror_changed()?;
        }
        Ok(deleted + requests + reservations)
    }
}
