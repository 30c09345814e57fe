//! What the original's `registrations.json` brings in.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::domain::{EmailAddress, Localpart};

use super::requests::NewRequest;
use super::reservations::NewReservation;
use super::{Reading, StoreError, Writing};

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
    pub ip: Option<IpAddr>,
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

    /// Takes one entry in, once: it may come again after a crash in the middle. `detail` tells the operator whence it came.
    pub fn import(&self, entry: &ImportEntry, detail: &str) -> Result<Imported, StoreError> {
        let name = entry.name.as_ref().map_or(entry.name_as_written.as_str(), Localpart::as_str);
        let address = entry.email.folded();
        let is_known: bool = self.value(
            "SELECT EXISTS (SELECT 1 FROM reservations WHERE address = ?1 AND name = ?2)",
            [address.as_str(), name],
        )?;
        if is_known {
            return Ok(Imported::Known);
        }
        let is_held = match &entry.name {
            Some(name) => self.holder_of_name(name)?.is_some(),
            None => true,
        };
        let reservation = NewReservation {
            name: name.to_owned(),
            email: entry.email.as_typed().to_owned(),
            mailbox: entry.email.mailbox(),
            address,
            ip: entry.ip,
            made_at: entry.requested_at,
            entered_at: Some(entry.requested_at),
            entered_us: entry.requested_at.timestamp_subsec_micros() % 1000,
            imported_token_dead_at: Some(entry.token_dead_at),
            name_ended_at: is_held.then_some(entry.requested_at),
        };
        let id = self.insert(&reservation)?;
        self.insert(&NewRequest::imported(reservation, id, detail))?;
        Ok(if is_held && entry.name.is_some() { Imported::NameHeld } else { Imported::New })
    }
}
