//! Mails that came in: each is decided once.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::OptionalExtension;

use crate::domain::{EmailAddress, MessageId, RequestMail};

use super::{Reading, StoreError, Writing, millis};

/// The same Message-ID from the same sender within this is the same mail, delivered twice.
const SAME_MAIL: TimeDelta = TimeDelta::days(7);

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl MailOutcome {
    /// As it stands in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Ignored => "ignored",
            Self::Held => "held",
            Self::Failed => "failed",
        }
    }

    fn from_stored(word: &str) -> Self {
        match word {
            "done" => Self::Done,
            "held" => Self::Held,
            "failed" => Self::Failed,
            _ => Self::Ignored,
        }
    }
}

/// A mail that was written down.
#[derive(Debug, Clone, Copy)]
pub struct NotedMail {
    /// Its number in the store.
    pub id: i64,
    /// How often it was begun to be read, this time included.
    pub attempts: u32,
    /// What became of it already.
    pub outcome: Option<MailOutcome>,
}

/// How many answers went out that are not letters with a token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AnswersLately {
    /// To this address, in 24 hours.
    pub to_address: u64,
    /// To its domain, in 24 hours.
    pub to_domain: u64,
    /// To all, in an hour.
    pub to_all: u64,
    /// Help to this address, in seven days.
    pub help_to_address: u64,
}

/// A letter without a token: what it is, to whom, and what it says.
#[derive(Debug, Clone)]
pub struct AnswerLetter {
    /// `refusal` or `help`.
    pub kind: &'static str,
    /// The recipient.
    pub to: EmailAddress,
    /// Its own.
    pub message_id: MessageId,
    /// Its text.
    pub words: String,
}

fn joined(references: &[MessageId]) -> String {
    references.iter().map(MessageId::as_str).collect::<Vec<_>>().join(" ")
}

impl Reading<'_> {
    /// What went out to this address lately, and in all.
    pub fn answers_lately(&self, to: &EmailAddress, now: DateTime<Utc>) -> Result<AnswersLately, StoreError> {
        let (day, hour, week) = (TimeDelta::hours(24), TimeDelta::hours(1), TimeDelta::days(7));
        let since = |span: TimeDelta| millis(now - span);
        let count = |sql: &str, parameters: &[&dyn rusqlite::ToSql]| -> Result<u64, StoreError> {
            let count: i64 = self
                .0
                .prepare_cached(&format!(
                    "SELECT count(*) FROM letters WHERE kind IN ('refusal', 'help') AND {sql}"
                ))?
                .query_row(parameters, |row| row.get(0))?;
            Ok(count.unsigned_abs())
        };
        let (mailbox, domain) = (to.mailbox(), format!("@{}", to.domain()));
        Ok(AnswersLately {
            to_address: count("mailbox = ?1 AND created_at > ?2", &[&mailbox, &since(day)])?,
            to_domain: count(
                "substr(recipient, -length(?1)) = ?1 AND created_at > ?2",
                &[&domain, &since(day)],
            )?,
            to_all: count("created_at > ?1", &[&since(hour)])?,
            help_to_address: count(
                "kind = 'help' AND mailbox = ?1 AND created_at > ?2",
                &[&mailbox, &since(week)],
            )?,
        })
    }

    /// Whether another mail of this Message-ID by this sender was decided lately.
    pub fn mail_came_before(
        &self,
        id: i64,
        message_id: &MessageId,
        sender: &EmailAddress,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let found: Option<i64> = self
            .0
            .prepare_cached(
                "SELECT 1 FROM mails WHERE message_id = ?1 AND sender = ?2 AND id <> ?3 AND outcome IS NOT NULL
                 AND seen_at > ?4 LIMIT 1",
            )?
            .query_row((message_id.as_str(), sender.folded(), id, millis(now - SAME_MAIL)), |row| row.get(0))
            .optional()?;
        Ok(found.is_some())
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
        let connection = self.0.0;
        let (id, attempts, outcome): (i64, u32, Option<String>) = connection
            .prepare_cached(
                "INSERT INTO mails (mailbox, uid_validity, uid, digest, seen_at, attempts) VALUES (?1, ?2, ?3, ?4, ?5, 1)
                 ON CONFLICT (mailbox, uid_validity, uid) DO UPDATE SET
                     -- Of another account, or a mailbox made anew: another mail under the same number.
                     attempts = CASE WHEN digest = excluded.digest THEN attempts + 1 ELSE 1 END,
                     outcome = CASE WHEN digest = excluded.digest THEN outcome END,
                     request_id = CASE WHEN digest = excluded.digest THEN request_id END,
                     message_id = CASE WHEN digest = excluded.digest THEN message_id END,
                     sender = CASE WHEN digest = excluded.digest THEN sender END,
                     answers_references = CASE WHEN digest = excluded.digest THEN answers_references END,
                     digest = excluded.digest
                 RETURNING id, attempts, outcome",
            )?
            .query_row((&key.mailbox, key.uid_validity, key.uid, digest, millis(now)), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        let outcome = match outcome {
            Some(outcome) => Some(outcome),
            None => connection
                .prepare_cached(
                    "UPDATE mails SET (outcome, request_id) =
                        (SELECT outcome, request_id FROM mails WHERE digest = ?2 AND outcome IS NOT NULL LIMIT 1)
                     WHERE id = ?1 AND EXISTS (SELECT 1 FROM mails WHERE digest = ?2 AND outcome IS NOT NULL)
                     RETURNING outcome",
                )?
                .query_row((id, digest), |row| row.get(0))
                .optional()?,
        };
        Ok(NotedMail { id, attempts, outcome: outcome.as_deref().map(MailOutcome::from_stored) })
    }

    /// It is decided.
    pub fn mail_decided(
        &self,
        mail: &RequestMail,
        sender: Option<&EmailAddress>,
        outcome: MailOutcome,
        request_id: Option<i64>,
    ) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached(
                "UPDATE mails SET outcome = ?2, request_id = ?3, message_id = ?4, sender = ?5, answers_references = ?6
                 WHERE id = ?1",
            )?
            .execute((
                mail.id,
                outcome.word(),
                request_id,
                mail.message_id.as_ref().map(MessageId::as_str),
                sender.map(EmailAddress::folded),
                // Only what waits is answered later.
                (outcome == MailOutcome::Held).then(|| joined(&mail.references)),
            ))?;
        Ok(())
    }

    /// Its time has not come: it is read again later, and that it was read now does not count.
    pub fn mail_deferred(&self, id: i64) -> Result<(), StoreError> {
        self.0.0.prepare_cached("UPDATE mails SET attempts = 0 WHERE id = ?1")?.execute([id])?;
        Ok(())
    }

    /// This letter answers a mail.
    pub fn letter_answers(&self, letter_id: i64, mail: &RequestMail) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached("UPDATE letters SET answers = ?2, answers_references = ?3 WHERE id = ?1")?
            .execute((
                letter_id,
                mail.message_id.as_ref().map_or("", MessageId::as_str),
                joined(&mail.references),
            ))?;
        Ok(())
    }

    /// Queues an answer without a token; `mail` is what it answers, if it is one.
    pub fn queue_answer(
        &self,
        request_id: i64,
        letter: &AnswerLetter,
        mail: Option<&RequestMail>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached(
                "INSERT INTO letters (request_id, kind, recipient, mailbox, message_id, state, created_at, due_at, words)
                 VALUES (?1, ?2, ?3, ?4, ?5, 'owed', ?6, ?6, ?7)",
            )?
            .execute((
                request_id,
                letter.kind,
                letter.to.to_ascii(),
                letter.to.mailbox(),
                letter.message_id.as_str(),
                millis(now),
                &letter.words,
            ))?;
        mail.map_or(Ok(()), |mail| self.letter_answers(self.0.0.last_insert_rowid(), mail))
    }

    /// A report says that the letter of this Message-ID has failed for good. False: there is no such letter, or it has
    /// ended otherwise.
    pub fn letter_bounced(
        &self,
        message_id: &MessageId,
        answer: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let id: Option<i64> = self
            .0
            .0
            .prepare_cached("SELECT id FROM letters WHERE message_id = ?1 AND state IN ('sent', 'owed')")?
            .query_row([message_id.as_str()], |row| row.get(0))
            .optional()?;
        match id {
            Some(id) => self.sent_letter_failed(id, answer, now),
            None => Ok(false),
        }
    }
}
