//! What the original's `registrations.json` brings in.

use chrono::{DateTime, Utc};

use crate::domain::{EmailAddress, Localpart};

use super::{Reading, StoreError, Writing, millis};

/// One entry of the original's, as far as it could be understood.
#[derive(Debug, Clone)]
pub struct ImportEntry {
    /// The name; none where there was none that could be one.
    pub name: Option<Localpart>,
    /// What stood there for the name.
    pub name_as_written: String,
    /// The address.
    pub email: EmailAddress,
    /// When it was requested.
    pub requested_at: DateTime<Utc>,
    /// Whence.
    pub ip: Option<String>,
    /// When the token of that day died.
    pub token_dead_at: DateTime<Utc>,
}

/// What became of an imported entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// It is in now.
    New,
    /// It was in already.
    Known,
    /// It is in, but another address holds its name.
    NameHeld,
}

impl Reading<'_> {
    /// Whether a `registrations.json` of the original's was taken in at the first start, or there was none.
    pub fn first_import_is_done(&self) -> Result<bool, StoreError> {
        Ok(self.meta("first_import")?.is_some())
    }
}

impl Writing<'_> {
    /// Notes that the first start's import is done, however it ended.
    pub fn note_first_import(&self) -> Result<(), StoreError> {
        self.set_meta("first_import", Some("done"))
    }

    /// Takes one entry in, once: it may come again after a crash in the middle.
    pub fn import(&self, entry: &ImportEntry) -> Result<Imported, StoreError> {
        let connection = self.0.0;
        let name = entry.name.as_ref().map_or(entry.name_as_written.as_str(), Localpart::as_str);
        let address = entry.email.to_ascii();
        let known: bool = connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM reservations WHERE address = ?1 AND name = ?2)")?
            .query_row([address.as_str(), name], |row| row.get(0))?;
        if known {
            return Ok(Imported::Known);
        }
        let holder = match &entry.name {
            Some(name) => self.holder_of_name(name)?.is_some(),
            None => true,
        };
        let at = millis(entry.requested_at);
        let mailbox = entry.email.mailbox();
        connection
            .prepare_cached(
                "INSERT INTO reservations (name, email, mailbox, address, ip, made_at, entered_at, entered_us,
                                           imported_token_dead_at, name_ended_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9)",
            )?
            .execute((
                name,
                entry.email.as_typed(),
                &mailbox,
                &address,
                &entry.ip,
                at,
                entry.requested_at.timestamp_subsec_micros() % 1000,
                millis(entry.token_dead_at),
                holder.then_some(at),
            ))?;
        let reservation = connection.last_insert_rowid();
        connection
            .prepare_cached(
                "INSERT INTO requests (received_at, channel, username, email, mailbox, address, ip, verdict, detail,
                                       reservation_id, counts)
                 VALUES (?1, 'web', ?2, ?3, ?4, ?5, ?6, 'accepted', 'imported from registrations.json', ?7, 1)",
            )?
            .execute((at, name, entry.email.as_typed(), &mailbox, &address, &entry.ip, reservation))?;
        Ok(if holder && entry.name.is_some() { Imported::NameHeld } else { Imported::New })
    }
}
