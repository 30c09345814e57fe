//! Mails that came in: each is decided once.

use chrono::{DateTime, Utc};

use crate::domain::{EmailAddress, MessageId, RequestMail};

use super::rows::{selected, words};
use super::{Reading, StoreError, Writing, millis};

/// Where a mail lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailKey {
    /// The folder.
    pub mailbox: String,
    /// Changes when the server gives new numbers.
    pub uid_validity: u32,
    /// Its number there.
    pub uid: u32,
}

/// What became of a mail, and so where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum MailOutcome {
    /// It was a request, or a report, and is dealt with.
    Done,
    /// Nobody answers it.
    Ignored,
    /// A person has to look at it.
    Held,
    /// It could not be read, three times.
    Failed,
}

words!(MailOutcome);

selected! {
    /// A mail that was written down.
    #[derive(Debug, Clone, Copy)]
    pub struct NotedMail {
        /// Its number in the store.
        pub id: i64 = "id",
        /// How often it was begun to be read, this time included.
        pub attempts: u32 = "attempts",
        /// What became of it already.
        pub outcome: Option<MailOutcome> = "outcome",
    }
}

/// Who was answered.
#[derive(Debug, Clone, Copy)]
pub enum Answered<'a> {
    /// This address.
    Address(&'a EmailAddress),
    /// This address, by help.
    WithHelp(&'a EmailAddress),
    /// Anybody at its domain.
    Domain(&'a EmailAddress),
    /// Anybody.
    Anybody,
}

pub(super) fn joined(references: &[MessageId]) -> String {
    references.iter().map(MessageId::as_str).collect::<Vec<_>>().join(" ")
}

impl Reading<'_> {
    /// How many answers went out since that are not letters with a token.
    pub fn answers_since(&self, to: Answered<'_>, since: DateTime<Utc>) -> Result<u64, StoreError> {
        let (condition, value) = match to {
            Answered::Address(email) => ("mailbox = ?2", email.mailbox()),
            Answered::WithHelp(email) => ("kind = 'help' AND mailbox = ?2", email.mailbox()),
            Answered::Domain(email) => {
                ("substr(recipient, -length(?2)) = ?2", format!("@{}", email.domain()))
            }
            Answered::Anybody => ("?2 = ''", String::new()),
        };
        self.value(
            &format!(
                "SELECT count(*) FROM letters WHERE kind IN ('refusal', 'help') AND created_at > ?1 AND {condition}"
            ),
            (millis(since), value),
        )
    }

    /// Whether another mail of this Message-ID by this sender was decided since.
    pub fn mail_came_before(
        &self,
        id: i64,
        message_id: &MessageId,
        sender: &EmailAddress,
        since: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.value(
            "SELECT EXISTS (SELECT 1 FROM mails WHERE message_id = ?1 AND sender = ?2 AND id <> ?3
                            AND outcome IS NOT NULL AND seen_at > ?4)",
            (message_id.as_str(), sender.folded(), id, millis(since)),
        )
    }
}

impl Writing<'_> {
    /// Notes that this mail is about to be read. One with the same bytes that was decided already decides it, too.
    pub fn note_mail(
        &self,
        key: &MailKey,
        digest: &[u8],
        now: DateTime<Utc>,
    ) -> Result<NotedMail, StoreError> {
        self.sql(
            "INSERT INTO mails (mailbox, uid_validity, uid, digest, seen_at, attempts) VALUES (?1, ?2, ?3, ?4, ?5, 1)
             ON CONFLICT (mailbox, uid_validity, uid) DO UPDATE SET
                 -- Of another account, or a mailbox made anew: another mail under the same number.
                 attempts = CASE WHEN digest = excluded.digest THEN attempts + 1 ELSE 1 END,
                 outcome = CASE WHEN digest = excluded.digest THEN outcome END,
                 request_id = CASE WHEN digest = excluded.digest THEN request_id END,
                 message_id = CASE WHEN digest = excluded.digest THEN message_id END,
                 sender = CASE WHEN digest = excluded.digest THEN sender END,
                 answers_references = CASE WHEN digest = excluded.digest THEN answers_references END,
                 digest = excluded.digest",
            (&key.mailbox, key.uid_validity, key.uid, digest, millis(now)),
        )?;
        let this = "mailbox = ?1 AND uid_validity = ?2 AND uid = ?3";
        self.sql(
            &format!(
                "UPDATE mails SET (outcome, request_id) =
                     (SELECT outcome, request_id FROM mails WHERE digest = ?4 AND outcome IS NOT NULL LIMIT 1)
                 WHERE {this} AND outcome IS NULL"
            ),
            (&key.mailbox, key.uid_validity, key.uid, digest),
        )?;
        let noted =
            self.row(&format!("FROM mails WHERE {this}"), (&key.mailbox, key.uid_validity, key.uid))?;
        noted.ok_or_else(|| StoreError::Other("a mail was not noted".into()))
    }

    /// It is decided.
    pub fn mail_decided(
        &self,
        mail: &RequestMail,
        sender: Option<&EmailAddress>,
        outcome: MailOutcome,
        request_id: Option<i64>,
    ) -> Result<(), StoreError> {
        self.sql(
            "UPDATE mails SET outcome = ?2, request_id = ?3, message_id = ?4, sender = ?5, answers_references = ?6
             WHERE id = ?1",
            (
                mail.id,
                <&str>::from(outcome),
                request_id,
                mail.message_id.as_ref().map(MessageId::as_str),
                sender.map(EmailAddress::folded),
                // Only what waits is answered later.
                (outcome == MailOutcome::Held).then(|| joined(&mail.references)),
            ),
        )?;
        Ok(())
    }

    /// Its time has not come: it is read again later, and that it was read now does not count.
    pub fn mail_deferred(&self, id: i64) -> Result<(), StoreError> {
        self.sql("UPDATE mails SET attempts = 0 WHERE id = ?1", [id])?;
        Ok(())
    }
}
