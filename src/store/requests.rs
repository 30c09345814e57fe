//! What was asked, and what the desk answered.

use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::OptionalExtension;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::config::EmailIdentity;
use crate::domain::{Channel, EmailAddress, Localpart, Reason, TokenRequest};
use crate::policy::Seen;

use super::reservations::key;
use super::{Reading, StoreError, Writing, instant, millis};

/// A refusal, or what never was a request, as it is kept.
#[derive(Debug, Clone)]
pub struct Record {
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// By which door.
    pub channel: Channel,
    /// The name, as typed where it is not one.
    pub username: String,
    /// The address as typed.
    pub email: String,
    /// Where it is an address.
    pub parsed_email: Option<EmailAddress>,
    /// Whence.
    pub ip: Option<IpAddr>,
    /// Not refused, but held: a mail that names nobody clearly, and so reserves nothing.
    pub held: bool,
    /// Why.
    pub reason: Reason,
    /// The operator's text.
    pub detail: String,
    /// How many refusals this one stands for.
    pub stands_for: u64,
}

/// The numbers under which an accepted or held request stands in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// The request.
    pub request_id: i64,
    /// Its letter; none while it is held.
    pub letter_id: Option<i64>,
}

impl Reading<'_> {
    /// All that bears on a request for this name, in one state of the store.
    pub fn seen(
        &self,
        name: &Localpart,
        email: &EmailAddress,
        identity: EmailIdentity,
        now: DateTime<Utc>,
    ) -> Result<Seen, StoreError> {
        let (column, value) = key(email, identity);
        let last: Option<i64> = self
            .0
            .prepare_cached(&format!(
                "SELECT max(received_at) FROM requests WHERE {column} = ?1 AND counts = 1"
            ))?
            .query_row([&value], |row| row.get(0))?;
        let same_before = match last {
            None => None,
            Some(_) => self
                .0
                .prepare_cached(&format!(
                    "SELECT q.id, q.received_at, CASE WHEN q.verdict = 'held' THEN coalesce(q.reason, 'approval') END FROM requests q
                     LEFT JOIN letters l ON l.id = q.letter_id
                     WHERE q.{column} = ?1 AND q.counts = 1 AND q.username = ?2
                       AND (l.state IS NULL OR l.state NOT IN ('failed', 'dropped'))
                     ORDER BY q.received_at DESC LIMIT 1"
                ))?
                .query_row([value.as_str(), name.as_str()], |row| {
                    Ok((row.get(0)?, instant(row.get(1)?), row.get(2)?))
                })
                .optional()?,
        };
        let day_ago = millis(now - Duration::from_secs(24 * 3600));
        let letters_lately = self
            .0
            .prepare_cached(
                "SELECT created_at FROM letters WHERE mailbox = ?1 AND created_at > ?2 ORDER BY created_at LIMIT 1000",
            )?
            .query_map((email.mailbox(), day_ago), |row| row.get(0).map(instant))?
            .collect::<Result<_, _>>()?;
        Ok(Seen {
            name_held_by: self.holder_of_name(name)?.map(|held| held.seen_by(email, identity)),
            address_holds: self
                .held_by_address(email, identity)?
                .into_iter()
                .map(|held| held.seen_by(email, identity))
                .collect(),
            held_from: self.held_from()?,
            last_counting_at: last.map(instant),
            same_before,
            letters_lately,
            address_lapsed_at: self.address_lapsed_at(email, identity)?,
            ..Seen::default()
        })
    }
}

impl Writing<'_> {
    /// Keeps a refusal.
    pub fn record_refusal(&self, record: &Record) -> Result<i64, StoreError> {
        self.0
            .0
            .prepare_cached(
                "INSERT INTO requests (received_at, channel, username, email, mailbox, address, ip, verdict, reason,
                                       detail, stands_for)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?11, ?8, ?9, ?10)",
            )?
            .execute((
                millis(record.received_at),
                record.channel.word(),
                &record.username,
                &record.email,
                record.parsed_email.as_ref().map(EmailAddress::mailbox),
                record.parsed_email.as_ref().map(EmailAddress::to_ascii),
                record.ip.map(|ip| ip.to_string()),
                record.reason,
                &record.detail,
                i64::try_from(record.stands_for).unwrap_or(i64::MAX),
                if record.held { "held" } else { "refused" },
            ))?;
        Ok(self.0.0.last_insert_rowid())
    }

    /// Keeps an accepted request with its reservation (a new one, or the one it had already) and queues its letter; or
    /// keeps a held one, without a letter.
    pub fn record_accepted(
        &self,
        request: &TokenRequest,
        again: Option<i64>,
        message_id: Option<&str>,
    ) -> Result<Recorded, StoreError> {
        let at = millis(request.received_at);
        let (mailbox, address) = (request.email.mailbox(), request.email.to_ascii());
        let ip = request.ip.map(|ip| ip.to_string());
        let reservation = if let Some(id) = again {
            // Its name may have lapsed and be had again.
            self.0
                .0
                .prepare_cached("UPDATE reservations SET name_ended_at = NULL WHERE id = ?1")?
                .execute([id])?;
            id
        } else {
            self.0
                .0
                .prepare_cached(
                    "INSERT INTO reservations (name, email, mailbox, address, ip, made_at, entered_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute((
                    request.username.as_str(),
                    request.email.as_typed(),
                    &mailbox,
                    &address,
                    &ip,
                    at,
                    message_id.is_some().then_some(at),
                ))?;
            self.0.0.last_insert_rowid()
        };
        self.0
            .0
            .prepare_cached(
                "INSERT INTO requests (received_at, channel, username, email, mailbox, address, ip, verdict,
                                       reservation_id, counts)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)",
            )?
            .execute((
                at,
                request.channel.word(),
                request.username.as_str(),
                request.email.as_typed(),
                &mailbox,
                &address,
                &ip,
                if message_id.is_some() { "accepted" } else { "held" },
                reservation,
            ))?;
        let request_id = self.0.0.last_insert_rowid();
        let letter_id = match message_id {
            Some(message_id) => Some(self.queue_token_letter(
                request_id,
                reservation,
                &request.email,
                message_id,
                request.received_at,
            )?),
            None => None,
        };
        Ok(Recorded { request_id, letter_id })
    }

    /// Keeps a request that is answered like the first one of its kind. It does not count for the cooldown.
    pub fn record_repeat(&self, request: &TokenRequest, first: i64) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached(
                "INSERT INTO requests (received_at, channel, username, email, mailbox, address, ip, verdict, reason,
                                       detail, reservation_id, letter_id)
                 SELECT ?1, ?2, username, ?3, ?4, ?5, ?6, verdict, reason, 'the same again: answered as request ' || id,
                        reservation_id, letter_id
                 FROM requests WHERE id = ?7",
            )?
            .execute((
                millis(request.received_at),
                request.channel.word(),
                request.email.as_typed(),
                request.email.mailbox(),
                request.email.to_ascii(),
                request.ip.map(|ip| ip.to_string()),
                first,
            ))?;
        Ok(())
    }
}

impl FromSql for Reason {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

impl ToSql for Reason {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.word().into())
    }
}
