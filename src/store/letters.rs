//! The outbox: what is owed, what became of it. The text of a letter is never stored, only what it is about.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, Row};

use crate::clock::BELIEVABLE;
use crate::domain::{EmailAddress, Localpart};

use super::{Reading, StoreError, Writing, instant, millis};

/// No letter is put off for so long: what is due later still was put off when the clock stood wrong, and is due now.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(2);

/// Where a letter is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterState {
    /// Waits for its time.
    Owed,
    /// Is being handed over; found so at start, its fate is unknown.
    Sending,
    /// The mail server took it.
    Sent,
    /// Given up for good.
    Failed,
    /// Taken out by the operator.
    Dropped,
}

impl LetterState {
    /// As scripts see it. A letter that is just being sent is still owed; a dropped one is never to arrive.
    pub fn word(self) -> &'static str {
        match self {
            Self::Owed | Self::Sending => "owed",
            Self::Sent => "sent",
            Self::Failed | Self::Dropped => "failed",
        }
    }

    pub(super) fn from_stored(word: &str) -> Self {
        match word {
            "sending" => Self::Sending,
            "sent" => Self::Sent,
            "failed" => Self::Failed,
            "dropped" => Self::Dropped,
            _ => Self::Owed,
        }
    }
}

/// A letter whose time has come.
#[derive(Debug, Clone)]
pub struct OwedLetter {
    /// Its number.
    pub id: i64,
    /// The recipient, in ASCII form.
    pub recipient: String,
    /// The name that was asked for.
    pub username: Localpart,
    /// Whence it was asked for.
    pub ip: Option<IpAddr>,
    /// Stays the same over retries.
    pub message_id: String,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: u32,
    /// How long it has been tried, the mail server being up.
    pub tried_for: TimeDelta,
    /// An earlier try may have arrived.
    pub fate_unknown: bool,
    /// The token that the last try quoted.
    pub token_id: Option<i64>,
    /// `token`, `refusal`, `help`, `digest`
    pub kind: String,
    /// What it says, where it brings no token.
    pub words: Option<String>,
    /// Message-ID and `References` of the mail that it answers.
    pub answers: Option<(String, String)>,
}

/// How full the outbox is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboxCounts {
    /// Letters not yet handed over.
    pub owed: u64,
    /// When the oldest of them was queued.
    pub oldest: Option<DateTime<Utc>>,
}

fn owed(row: &Row<'_>) -> rusqlite::Result<OwedLetter> {
    Ok(OwedLetter {
        id: row.get(0)?,
        recipient: row.get(1)?,
        username: Localpart::from_stored(row.get(2)?),
        ip: row.get::<_, Option<String>>(13)?.and_then(|ip| ip.parse().ok()),
        message_id: row.get(3)?,
        created_at: instant(row.get(4)?),
        kind: row.get(12)?,
        attempts: row.get(5)?,
        tried_for: TimeDelta::milliseconds(row.get(6)?),
        fate_unknown: row.get(7)?,
        token_id: row.get(8)?,
        words: row.get(9)?,
        answers: row.get::<_, Option<String>>(10)?.zip(row.get(11)?),
    })
}

impl Reading<'_> {
    /// Whether at least so many letters wait to be sent.
    pub fn owes_letters(&self, at_least: u64) -> Result<bool, StoreError> {
        let at_least = i64::try_from(at_least).unwrap_or(i64::MAX);
        let counted: i64 = self
            .0
            .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM letters WHERE state = 'owed' LIMIT ?1)")?
            .query_row([at_least], |row| row.get(0))?;
        Ok(counted >= at_least)
    }

    /// Whether a letter to this mailbox is not handed over yet.
    pub fn owes_a_letter_to(&self, email: &EmailAddress) -> Result<bool, StoreError> {
        Ok(self
            .0
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM letters WHERE mailbox = ?1 AND state IN ('owed', 'sending'))",
            )?
            .query_row([email.mailbox()], |row| row.get(0))?)
    }

    /// How full the outbox is.
    pub fn outbox_counts(&self) -> Result<OutboxCounts, StoreError> {
        Ok(self
            .0
            .prepare_cached(
                "SELECT count(*), min(created_at) FROM letters WHERE state IN ('owed', 'sending')",
            )?
            .query_row([], |row| {
                Ok(OutboxCounts {
                    owed: row.get::<_, i64>(0)?.unsigned_abs(),
                    oldest: row.get::<_, Option<i64>>(1)?.map(instant),
                })
            })?)
    }

    /// The letters whose time has come, the longest waiting first.
    pub fn due_letters(&self, now: DateTime<Utc>, at_most: usize) -> Result<Vec<OwedLetter>, StoreError> {
        self.due(now, false, at_most)
    }

    /// When the next one is due that is not now.
    pub fn next_letter_due(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        let at: Option<i64> = self
            .0
            .prepare_cached("SELECT min(due_at) FROM letters WHERE state = 'owed' AND due_at > ?1")?
            .query_row([millis(now)], |row| row.get(0))?;
        Ok(at.map(instant))
    }

    /// Those of them that bring no token.
    pub fn due_answers(&self, now: DateTime<Utc>, at_most: usize) -> Result<Vec<OwedLetter>, StoreError> {
        self.due(now, true, at_most)
    }

    fn due(&self, now: DateTime<Utc>, answers: bool, at_most: usize) -> Result<Vec<OwedLetter>, StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT l.id, l.recipient, coalesce(q.username, ''), l.message_id, l.created_at, l.attempts, l.tried_for_ms,
                    l.fate_unknown, l.token_id, l.words, l.answers, l.answers_references, l.kind, q.ip
             FROM letters l LEFT JOIN requests q ON q.id = l.request_id
             WHERE l.state = 'owed' AND l.due_at >= ?1 AND l.due_at <= ?2 AND (l.words IS NOT NULL OR NOT ?3)
             ORDER BY l.due_at, l.id LIMIT ?4",
        )?;
        let mut letters = Vec::new();
        for (from, to) in [(i64::MIN, millis(now)), (millis(now + LONGEST_PAUSE), i64::MAX)] {
            let left = i64::try_from(at_most - letters.len()).unwrap_or(i64::MAX);
            for letter in statement.query_map((from, to, answers, left), owed)? {
                letters.push(letter?);
            }
        }
        Ok(letters)
    }

    /// How many letters were sent in the hour before `now`.
    pub fn sent_in_the_hour(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let sent: i64 = self
            .0
            .prepare_cached(
                "SELECT count(*) FROM letters WHERE state = 'sent' AND ended_at > ?1 AND ended_at <= ?2",
            )?
            .query_row([millis(now - TimeDelta::hours(1)), millis(now + BELIEVABLE)], |row| row.get(0))?;
        Ok(sent.unsigned_abs())
    }
}

impl Writing<'_> {
    pub(super) fn queue_token_letter(
        &self,
        request_id: i64,
        reservation_id: i64,
        email: &EmailAddress,
        message_id: &str,
        now: DateTime<Utc>,
    ) -> Result<i64, StoreError> {
        self.0
            .0
            .prepare_cached(
                "INSERT INTO letters (request_id, kind, recipient, mailbox, message_id, state, created_at, due_at)
                 VALUES (?1, 'token', ?2, ?3, ?4, 'owed', ?5, ?5)",
            )?
            .execute((request_id, email.to_ascii(), email.mailbox(), message_id, millis(now)))?;
        let letter_id = self.0.0.last_insert_rowid();
        self.0
            .0
            .prepare_cached("UPDATE requests SET letter_id = ?2 WHERE id = ?1")?
            .execute([request_id, letter_id])?;
        self.0
            .0
            .prepare_cached("UPDATE reservations SET last_letter_id = ?2 WHERE id = ?1")?
            .execute([reservation_id, letter_id])?;
        Ok(letter_id)
    }

    /// Notes that this letter is being handed over now, with which token and under which Message-ID. False: somebody
    /// was faster, or took it out.
    pub fn claim_letter(
        &self,
        id: i64,
        token_id: Option<i64>,
        message_id: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let changed = self
            .0
            .0
            .prepare_cached(
                "UPDATE letters SET state = 'sending', attempts = attempts + 1, token_id = ?2, message_id = ?3,
                        tried_at = ?4
                 WHERE id = ?1 AND state = 'owed'",
            )?
            .execute((id, token_id, message_id, millis(now)))?;
        Ok(changed == 1)
    }

    /// A crash left these in the middle of being sent: they go out again, under the same Message-ID.
    pub fn send_unknown_again(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        Ok(self
            .0
            .0
            .prepare_cached(
                "UPDATE letters SET state = 'owed', fate_unknown = 1, due_at = ?1 WHERE state = 'sending'",
            )?
            .execute([millis(now)])?)
    }

    /// The mail server took it.
    pub fn letter_sent(&self, id: i64, answer: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached(
                "UPDATE letters SET state = 'sent', last_answer = ?2, ended_at = ?3 WHERE id = ?1 AND state = 'sending'",
            )?
            .execute((id, answer, millis(now)))?;
        Ok(())
    }

    /// It was not its fault: it is owed as before, and nothing is charged to it.
    pub fn letter_untried(
        &self,
        id: i64,
        due_at: DateTime<Utc>,
        answer: Option<&str>,
    ) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached(
                "UPDATE letters SET state = 'owed', attempts = max(attempts - 1, 0), due_at = ?2,
                        last_answer = coalesce(?3, last_answer)
                 WHERE id = ?1 AND state = 'sending'",
            )?
            .execute((id, millis(due_at), answer))?;
        Ok(())
    }

    /// It is tried again after a pause.
    pub fn letter_again(
        &self,
        id: i64,
        due_at: DateTime<Utc>,
        pause: TimeDelta,
        answer: &str,
        fate_unknown: bool,
    ) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached(
                "UPDATE letters SET state = 'owed', due_at = ?2, tried_for_ms = tried_for_ms + ?3, last_answer = ?4,
                        fate_unknown = max(fate_unknown, ?5)
                 WHERE id = ?1 AND state = 'sending'",
            )?
            .execute((id, millis(due_at), pause.num_milliseconds(), answer, fate_unknown))?;
        Ok(())
    }

    /// It is given up for good: name and address are free again. False: it has ended otherwise.
    pub fn letter_failed(&self, id: i64, answer: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.end_letter(id, "failed", "state IN ('owed', 'sending')", Some(answer), now)
    }

    /// A report came that it never arrived: name and address are free again.
    pub(super) fn sent_letter_failed(
        &self,
        id: i64,
        answer: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.end_letter(id, "failed", "state IN ('sent', 'owed')", Some(answer), now)
    }

    /// The operator takes it out: name and address are free again. False: it is not owed.
    pub fn drop_letter(&self, id: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.end_letter(id, "dropped", "state = 'owed'", None, now)
    }

    fn end_letter(
        &self,
        id: i64,
        state: &str,
        while_it_is: &str,
        answer: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let changed = self
            .0
            .0
            .prepare_cached(&format!(
                "UPDATE letters SET state = ?2, ended_at = ?3, last_answer = coalesce(?4, last_answer)
                 WHERE id = ?1 AND {while_it_is}"
            ))?
            .execute((id, state, millis(now), answer))?;
        if changed == 1 {
            let reservation: Option<i64> = self
                .0
                .0
                .prepare_cached("SELECT id FROM reservations WHERE last_letter_id = ?1")?
                .query_row([id], |row| row.get(0))
                .optional()?;
            if let Some(reservation) = reservation {
                self.free_reservation(reservation, now)?;
            }
        }
        Ok(changed == 1)
    }

    /// The operator wants the letter of an accepted request sent once more. Where its last one failed, name and address
    /// are reserved again. Why it cannot be done is told in words.
    pub fn resend_letter(
        &self,
        request_id: i64,
        message_id: &str,
        now: DateTime<Utc>,
    ) -> Result<Result<i64, &'static str>, StoreError> {
        type Found = (String, Option<i64>, Option<String>, String, String);
        let connection = self.0.0;
        let found: Option<Found> = connection
            .prepare_cached(
                "SELECT q.verdict, q.reservation_id, l.state, q.username, q.email FROM requests q
                 LEFT JOIN reservations r ON r.id = q.reservation_id
                 LEFT JOIN letters l ON l.id = r.last_letter_id WHERE q.id = ?1",
            )?
            .query_row([request_id], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })
            .optional()?;
        let Some((verdict, Some(reservation), letter, name, email)) = found else {
            return Ok(Err("there is no accepted request of this number"));
        };
        let Ok(email) = EmailAddress::parse(&email) else {
            return Ok(Err("its address cannot be mailed to"));
        };
        if verdict != "accepted" {
            return Ok(Err("this request was not accepted"));
        }
        if matches!(letter.as_deref(), Some("owed" | "sending")) {
            return Ok(Err("its letter is still owed: see `doorman outbox`, `doorman outbox retry`"));
        }
        let holder = self.holder_of_name(&Localpart::from_stored(name))?;
        if holder.is_some_and(|holder| holder.id != reservation) {
            return Ok(Err("another request has its name by now"));
        }
        connection
            .prepare_cached(
                "UPDATE reservations SET withdrawn = 0, name_ended_at = NULL, address_ended_at = NULL,
                        address_lapsed = 0 WHERE id = ?1",
            )?
            .execute([reservation])?;
        connection.prepare_cached("UPDATE requests SET counts = 1 WHERE id = ?1")?.execute([request_id])?;
        self.mirror_changed()?;
        Ok(Ok(self.queue_token_letter(request_id, reservation, &email, message_id, now)?))
    }

    /// The operator wants owed letters tried at once, whatever the pauses; all where none is named. Returns how many were.
    pub fn retry_letters(&self, ids: &[i64], now: DateTime<Utc>) -> Result<usize, StoreError> {
        let mut retried = 0;
        if ids.is_empty() {
            retried += self
                .0
                .0
                .prepare_cached("UPDATE letters SET due_at = ?1 WHERE state = 'owed'")?
                .execute([millis(now)])?;
        }
        for id in ids {
            retried += self
                .0
                .0
                .prepare_cached("UPDATE letters SET due_at = ?2 WHERE id = ?1 AND state = 'owed'")?
                .execute([*id, millis(now)])?;
        }
        if retried > 0 {
            // The outbox's own pauses after a fault of the mail server end too.
            self.set_meta("outbox_retry_at", Some(&millis(now).to_string()))?;
        }
        Ok(retried)
    }
}

impl Reading<'_> {
    /// When the operator last asked for letters to be tried at once.
    pub fn outbox_retry_at(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(self.meta("outbox_retry_at")?.and_then(|at| at.parse().ok()).map(instant))
    }
}
