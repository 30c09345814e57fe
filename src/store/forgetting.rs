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
        self.sql("DELETE FROM suppressed WHERE mailbox = ?1", [&mailbox])?;
        let own = "SELECT id FROM requests WHERE mailbox = ?1";
        self.sql(&format!("DELETE FROM sign_ups WHERE request_id IN ({own})"), [&mailbox])?;
        // What is left of a link says nothing of anybody.
        self.sql(
            &format!(
                "UPDATE links SET ended_at = coalesce(ended_at, made_at), ended_by = 'forgotten', request_id = NULL,
                        letter_id = NULL
                 WHERE request_id IN ({own})"
            ),
            [&mailbox],
        )?;
        // Requests that were none have no mailbox; what was typed may be just this address.
        let typed = self.sql(
            "DELETE FROM requests WHERE mailbox IS NULL AND lower(email) IN (?1, ?2)",
            (email.as_typed().to_lowercase(), email.folded()),
        )?;
        let forgotten = Forgotten {
            requests: typed + self.sql("DELETE FROM requests WHERE mailbox = ?1", [&mailbox])?,
            letters: self.sql("DELETE FROM letters WHERE mailbox = ?1", [&mailbox])?,
            reservations: self.sql("DELETE FROM reservations WHERE mailbox = ?1", [&mailbox])?,
        };
        // That a mail was decided stays, so that it is not answered twice; by whom it was goes.
        let senders: Vec<String> =
            self.list("SELECT DISTINCT sender FROM mails WHERE sender IS NOT NULL", [])?;
        for sender in senders {
            if EmailAddress::parse(&sender).is_ok_and(|sender| sender.mailbox() == mailbox) {
                self.sql(
                    "UPDATE mails SET sender = NULL, message_id = NULL, answers_references = NULL WHERE sender = ?1",
                    [sender],
                )?;
            }
        }
        Ok(forgotten)
    }

    /// Deletes refused requests that are older, and the IP addresses of all that are. Returns how many it touched.
    pub fn retire_before(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut touched = 0;
        for sql in [
            "DELETE FROM requests WHERE verdict = 'refused' AND received_at < ?1",
            "UPDATE requests SET ip = NULL WHERE received_at < ?1 AND ip IS NOT NULL",
            "UPDATE reservations SET ip = NULL WHERE made_at < ?1 AND ip IS NOT NULL",
        ] {
            touched += self.sql(sql, [millis(before)])?;
        }
        Ok(touched)
    }
}
