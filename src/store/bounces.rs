//! Emails that came back: by the address that they came back to, or by their Message-ID.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{BounceKey, BounceTag, EmailAddress, Localpart, MessageId};

use super::letters::LetterState;
use super::rows::selected;
use super::{Reading, StoreError, Writing, millis};

/// Mail servers try for so long (RFC 5321, section 4.5.4.1); what comes later is not about the email.
const COMES_BACK_WITHIN: TimeDelta = TimeDelta::days(5);

/// Where the key is kept, and for which letter box the mail server takes `+detail`.
const KEY: &str = "bounce_key";
const TAKES_DETAIL: &str = "takes_detail";

/// By what a report says which email it is about.
#[derive(Debug, Clone, Copy)]
pub enum Returned<'a> {
    /// It came to that email's own address.
    To(&'a BounceTag),
    /// It has its Message-ID in it.
    Naming(&'a MessageId),
}

selected! {
    struct Bounced {
        id: i64 = "id",
        mailbox: String = "mailbox",
        sent_at: DateTime<Utc> = "coalesce(ended_at, tried_at, created_at)",
    }
}

selected! {
    /// An email of the desk that somebody has answered.
    #[derive(Debug, Clone)]
    pub struct AnsweredLetter {
        /// Its number.
        pub id: i64 = "l.id",
        /// `token`, `refusal`, `help` …
        pub kind: String = "l.kind",
        /// When it was queued.
        pub created_at: DateTime<Utc> = "l.created_at",
        /// The name that was asked for, if any.
        pub username: Option<Localpart> = "nullif(q.username, '')",
    }
}

impl Reading<'_> {
    fn bounce_key(&self) -> Result<Option<BounceKey>, StoreError> {
        Ok(self.meta(KEY)?.and_then(|hex| BounceKey::from_hex(&hex)))
    }

    /// Where the bounces of an email are to come to. None: this letter box takes no `+detail`, as far as is known.
    pub fn bounce_address(
        &self,
        letter_box: &EmailAddress,
        letter: i64,
    ) -> Result<Option<EmailAddress>, StoreError> {
        if self.meta(TAKES_DETAIL)?.as_deref() != Some(&letter_box.folded()) {
            return Ok(None);
        }
        Ok(self.bounce_key()?.and_then(|key| letter_box.with_detail(&key.tag(letter).to_string())))
    }

    /// The email of the desk that is among these, the first that is.
    pub fn answered_letter(&self, answers: &[MessageId]) -> Result<Option<AnsweredLetter>, StoreError> {
        for id in answers {
            let found = self.row(
                "FROM letters l LEFT JOIN requests q ON q.id = l.request_id WHERE l.message_id = ?1",
                [id.as_str()],
            )?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

impl Writing<'_> {
    /// The key that tags are made with; `fresh` from now on where there is none.
    pub fn keep_bounce_key(&self, fresh: BounceKey) -> Result<BounceKey, StoreError> {
        if let Some(key) = self.bounce_key()? {
            return Ok(key);
        }
        self.set_meta(KEY, Some(&fresh.to_hex()))?;
        Ok(fresh)
    }

    /// Notes whether the mail server takes `+detail` for this letter box.
    pub fn note_detail_taken(&self, letter_box: &EmailAddress, is_taken: bool) -> Result<(), StoreError> {
        self.set_meta(TAKES_DETAIL, is_taken.then(|| letter_box.folded()).as_deref())
    }

    /// A report says that an email could not be delivered to these, in lower case. The email, its links and its own token are of
    /// no use any more, and its name is free; the address stays counted, as anybody can write a report of what they got. False:
    /// it is about none of ours, or not to be believed.
    pub fn letter_bounced(
        &self,
        returned: Returned<'_>,
        recipients: &[String],
        answer: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (which, value) = match returned {
            Returned::To(tag) => {
                if self.bounce_key()?.is_none_or(|key| key.tag(tag.letter) != *tag) {
                    return Ok(false);
                }
                ("id = ?1", tag.letter.to_string())
            }
            Returned::Naming(id) => ("message_id = ?1", id.as_str().to_owned()),
        };
        let found: Option<Bounced> =
            self.row(&format!("FROM letters WHERE {which} AND state IN ('sent', 'owed')"), [value])?;
        let Some(Bounced { id, mailbox, sent_at }) = found else { return Ok(false) };
        let is_to = |address: &String| EmailAddress::parse(address).is_ok_and(|to| to.mailbox() == mailbox);
        // By the email's own address it is clear enough whom it is about.
        let names_it =
            recipients.iter().any(is_to) || (recipients.is_empty() && matches!(returned, Returned::To(_)));
        if !names_it || now - sent_at > COMES_BACK_WITHIN {
            return Ok(false);
        }
        let failed = "UPDATE letters SET state = ?2, ended_at = ?3, last_answer = ?4 WHERE id = ?1";
        self.sql(failed, (id, <&str>::from(LetterState::Failed), millis(now), answer))?;
        self.sql(
            "UPDATE links SET ended_at = ?2, ended_by = 'bounce' WHERE letter_id = ?1 AND ended_at IS NULL",
            [id, millis(now)],
        )?;
        self.sql(
            "UPDATE reservations SET withdrawn = 1, name_ended_at = coalesce(name_ended_at, ?2)
             WHERE last_letter_id = ?1 AND account_seen_at IS NULL",
            [id, millis(now)],
        )?;
        Ok(true)
    }
}
