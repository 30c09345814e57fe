//! Mailboxes whose owners want nothing from this desk.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{EmailAddress, LinkSecret, Reason};

use super::links::LinkKind;
use super::rows::{Save, selected};
use super::{LetterState, Reading, StoreError, Writing, millis};

/// By its owner's word.
pub const NOT_ME: &str = "not_me";

/// By the operator's.
pub const BY_OPERATOR: &str = "operator";

selected! {
    /// A mailbox that gets no email.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Suppression {
        /// One of its addresses.
        pub address: String = "address",
        /// Since when.
        pub since: DateTime<Utc> = "since",
        /// [`NOT_ME`] or [`BY_OPERATOR`].
        pub how: String = "how",
    }
}

selected! {
    /// What a link says of an email that nobody asked for.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Unasked {
        /// Where it went.
        pub address: EmailAddress = "l.recipient",
        /// The request that it is about.
        pub request: Option<i64> = "q.id",
        /// The name that was asked for; empty where there is none.
        pub username: String = "coalesce(q.username, '')",
        /// Whether somebody has made an account of it.
        pub has_account: bool = "coalesce((SELECT max(t.uses) > 0 FROM tokens t WHERE t.letter_id = l.id), 0)
            OR EXISTS (SELECT 1 FROM sign_ups s WHERE s.request_id = q.id AND (s.unsure OR s.made_at IS NOT NULL))",
        /// Whether the mailbox gets nothing any more.
        pub is_suppressed: bool = "EXISTS (SELECT 1 FROM suppressed s WHERE s.mailbox = l.mailbox)",
    }
}

impl Reading<'_> {
    /// The mailboxes that get no email, the latest first.
    pub fn suppressions(&self, limit: Option<u64>) -> Result<Vec<Suppression>, StoreError> {
        self.rows("FROM suppressed ORDER BY since DESC, mailbox LIMIT ?1", [limit.map_or(-1, super::limit)])
    }

    /// Whether this mailbox gets no email.
    pub fn is_suppressed(&self, email: &EmailAddress) -> Result<bool, StoreError> {
        self.value("SELECT EXISTS (SELECT 1 FROM suppressed WHERE mailbox = ?1)", [email.mailbox()])
    }

    /// What a not-me link is about. None: there is no such link, or what it was about is forgotten.
    pub fn unasked(&self, secret: &LinkSecret) -> Result<Option<Unasked>, StoreError> {
        let letter = self.link(LinkKind::NotMe, secret)?.and_then(|link| link.letter_id);
        let of = |letter| {
            self.row("FROM letters l LEFT JOIN requests q ON q.id = l.request_id WHERE l.id = ?1", [letter])
        };
        letter.map_or(Ok(None), of)
    }
}

impl Writing<'_> {
    /// This mailbox gets no email from now on. False: it gets none already.
    pub fn suppress(
        &self,
        email: &EmailAddress,
        how: &str,
        since: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let added = "INSERT OR IGNORE INTO suppressed (mailbox, address, since, how) VALUES (?1, ?2, ?3, ?4)";
        Ok(self.sql(added, (email.mailbox(), email.folded(), millis(since), how))? == 1)
    }

    /// It gets email again, and what was asked for it meanwhile holds it no more. None: it was not suppressed.
    pub fn lift_suppression(
        &self,
        email: &EmailAddress,
        now: DateTime<Utc>,
    ) -> Result<Option<Suppression>, StoreError> {
        let mailbox = email.mailbox();
        let before = self.row("FROM suppressed WHERE mailbox = ?1", [&mailbox])?;
        self.sql("DELETE FROM suppressed WHERE mailbox = ?1", [&mailbox])?;
        let kept: Vec<i64> = self.list(
            "SELECT DISTINCT reservation_id FROM requests
             WHERE mailbox = ?1 AND reason = ?2 AND reservation_id IS NOT NULL",
            (&mailbox, Reason::Suppressed.word()),
        )?;
        for reservation in kept {
            self.free_reservation(reservation, now)?;
        }
        Ok(before)
    }

    /// Whoever reads this mailbox has not asked: the request ends, unless there is an account by now, and the mailbox gets
    /// nothing any more.
    pub fn not_me(
        &self,
        secret: &LinkSecret,
        unasked: &Unasked,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.end_link(&secret.hash(), "used", now)?;
        self.suppress(&unasked.address, NOT_ME, now)?;
        match unasked.request.filter(|_| !unasked.has_account) {
            Some(request) => self.end_request(request, Reason::NotMe, true, now),
            None => Ok(()),
        }
    }

    /// It does not go out, since its mailbox gets no email. Its name is free; its address is held and cools down as if it had
    /// gone out, so that whoever asks again finds no difference.
    pub fn letter_suppressed(&self, id: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        let dropped = self.sql(
            "UPDATE letters SET state = ?2, ended_at = ?3, last_answer = ?4 WHERE id = ?1 AND state = ?5",
            (
                id,
                LetterState::Dropped.save(),
                millis(now),
                "its mailbox gets no email from this desk",
                LetterState::Owed.save(),
            ),
        )?;
        if dropped == 1 {
            self.sql(
                "UPDATE reservations SET withdrawn = 1, name_ended_at = coalesce(name_ended_at, ?2)
                 WHERE last_letter_id = ?1",
                [id, millis(now)],
            )?;
            self.sql(
                "UPDATE requests SET verdict = 'refused', reason = ?2 WHERE letter_id = ?1 AND verdict <> 'refused'",
                (id, Reason::Suppressed.word()),
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Folder;

    use super::super::Store;
    use super::*;

    #[test]
    fn a_mailbox_is_suppressed_by_whatever_address_it_has_until_that_is_lifted() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Folder::new(dir.path())).unwrap();
        let now = DateTime::parse_from_rfc3339("2026-11-28T12:00:00Z").unwrap().to_utc();
        let email = |typed| EmailAddress::parse(typed).unwrap();
        let (one, other) = (email("Jane.Doe@gmail.com"), email("janedoe+x@googlemail.com"));
        let suppressed = one.clone();
        assert!(store.write(move |store| store.suppress(&suppressed, BY_OPERATOR, now)).unwrap());
        let again = other.clone();
        assert!(!store.write(move |store| store.suppress(&again, NOT_ME, now)).unwrap());
        assert!(store.read(|store| store.is_suppressed(&other)).unwrap());
        assert_eq!(store.read(|store| store.suppressions(None)).unwrap().len(), 1);
        let lifted = other.clone();
        let before = store.write(move |store| store.lift_suppression(&lifted, now)).unwrap().unwrap();
        assert_eq!((before.how.as_str(), before.since), (BY_OPERATOR, now));
        assert!(!store.read(|store| store.is_suppressed(&one)).unwrap());
        assert_eq!(store.write(move |store| store.lift_suppression(&other, now)).unwrap(), None);
    }
}
