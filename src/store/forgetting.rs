//! What is deleted: by the operator's word, and by age.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use ipnet::IpNet;

use crate::domain::EmailAddress;

use super::{StoreError, Writing, millis};

/// Where IP addresses stand, and by when they are old.
const IPS: [(&str, &str); 2] = [("requests", "received_at"), ("reservations", "made_at")];

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
        let deleted = self.veiled(&mailbox)?.unwrap_or_else(|| mailbox.clone());
        let own = "SELECT id FROM requests WHERE mailbox IN (?1, ?2)";
        for table in ["sign_ups", "invitations"] {
            self.sql(&format!("DELETE FROM {table} WHERE request_id IN ({own})"), [&mailbox, &deleted])?;
        }
        // What is left of a link says nothing of anybody.
        self.sql(
            &format!(
                "UPDATE links SET ended_at = coalesce(ended_at, made_at), ended_by = 'forgotten', request_id = NULL,
                        letter_id = NULL
                 WHERE request_id IN ({own})"
            ),
            [&mailbox, &deleted],
        )?;
        // Requests that were none have no mailbox; what was typed may be just this address.
        let typed = self.sql(
            "DELETE FROM requests WHERE mailbox IS NULL AND lower(email) IN (?1, ?2)",
            (email.as_typed().to_lowercase(), email.folded()),
        )?;
        let forgotten = Forgotten {
            requests: typed
                + self.sql("DELETE FROM requests WHERE mailbox IN (?1, ?2)", [&mailbox, &deleted])?,
            letters: self.sql("DELETE FROM letters WHERE mailbox = ?1", [&mailbox])?,
            reservations: self
                .sql("DELETE FROM reservations WHERE mailbox IN (?1, ?2)", [&mailbox, &deleted])?,
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

    /// Deletes refused requests that are older. Returns how many.
    pub fn retire_refused(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        for table in ["links", "invitations"] {
            self.sql(
                &format!(
                    "DELETE FROM {table} WHERE request_id IN
                        (SELECT id FROM requests WHERE verdict = 'refused' AND received_at < ?1)"
                ),
                [millis(before)],
            )?;
        }
        self.sql("DELETE FROM requests WHERE verdict = 'refused' AND received_at < ?1", [millis(before)])
    }

    /// Deletes answers to the operator's question that are older. Returns how many.
    pub fn retire_answers(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        self.sql(
            "UPDATE requests SET answer = NULL WHERE answer IS NOT NULL AND verdict <> 'held' AND received_at < ?1",
            [millis(before)],
        )
    }

    /// Deletes IP addresses that are older. Returns how many.
    pub fn retire_ips(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut touched = 0;
        for (table, at) in IPS {
            touched += self.sql(
                &format!("UPDATE {table} SET ip = NULL WHERE {at} < ?1 AND ip IS NOT NULL"),
                [millis(before)],
            )?;
        }
        for sql in [
            "UPDATE requests SET source = '' WHERE received_at < ?1 AND source <> ''",
            "UPDATE letters SET source = '' WHERE created_at < ?1 AND source <> '' AND state NOT IN ('owed', 'sending')",
        ] {
            touched += self.sql(sql, [millis(before)])?;
        }
        Ok(touched)
    }

    /// Of IP addresses that are older the network is left, a /24 or a /48. Returns how many it touched.
    pub fn shorten_ips(&self, before: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut touched = 0;
        for (table, at) in IPS {
            let old: Vec<IpAddr> = self.list(
                &format!("SELECT DISTINCT ip FROM {table} WHERE {at} < ?1 AND ip IS NOT NULL"),
                [millis(before)],
            )?;
            for ip in old {
                let bits = if ip.is_ipv4() { 24 } else { 48 };
                let Some(net) = IpNet::new(ip, bits).ok().map(|net| net.network()).filter(|net| *net != ip)
                else {
                    continue;
                };
                touched += self.sql(
                    &format!("UPDATE {table} SET ip = ?2 WHERE {at} < ?1 AND ip = ?3"),
                    (millis(before), net.to_string(), ip.to_string()),
                )?;
            }
        }
        Ok(touched)
    }
}
