//! Who holds which name and which address, and since when the token that they were sent is dead.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row};

use crate::config::EmailIdentity;
use crate::domain::{EmailAddress, Localpart};
use crate::policy::Reserved;

use super::{Reading, StoreError, Writing, instant, millis};

/// A name and an address that belong together until they are freed or lapse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// Its number.
    pub id: i64,
    /// The reserved name.
    pub name: Localpart,
    /// The mailbox that it was reserved for.
    pub mailbox: String,
    /// The address, its local part as typed.
    pub address: String,
    /// Whether the name is still held; an address is held longer.
    pub holds_name: bool,
    /// From when on the token of the last letter opens no door any more. None: that is not known yet, or no letter was
    /// sent.
    pub token_dead_at: Option<DateTime<Utc>>,
}

impl Reservation {
    /// As whoever asks by this address sees it.
    pub(super) fn seen_by(self, email: &EmailAddress, identity: EmailIdentity) -> Reserved {
        Reserved {
            id: self.id,
            same_address: match identity {
                EmailIdentity::Mailbox => self.mailbox == email.mailbox(),
                EmailIdentity::Exact => self.address == email.to_ascii(),
            },
            holds_name: self.holds_name,
            token_dead_at: self.token_dead_at,
            name: self.name,
        }
    }
}

const SELECT: &str = "
    SELECT r.id, r.name, r.mailbox, r.address, r.name_ended_at IS NULL,
           coalesce(t.dead_at, r.imported_token_dead_at)
    FROM reservations r
    LEFT JOIN letters l ON l.id = r.last_letter_id
    LEFT JOIN tokens t ON t.id = l.token_id AND l.state = 'sent'";

fn reservation(row: &Row<'_>) -> rusqlite::Result<Reservation> {
    Ok(Reservation {
        id: row.get(0)?,
        name: Localpart::from_stored(row.get(1)?),
        mailbox: row.get(2)?,
        address: row.get(3)?,
        holds_name: row.get(4)?,
        token_dead_at: row.get::<_, Option<i64>>(5)?.map(instant),
    })
}

/// The column and the value by which an address is known.
pub(super) fn key(email: &EmailAddress, identity: EmailIdentity) -> (&'static str, String) {
    match identity {
        EmailIdentity::Mailbox => ("mailbox", email.mailbox()),
        EmailIdentity::Exact => ("address", email.to_ascii()),
    }
}

impl Reading<'_> {
    /// Who holds this name.
    pub fn holder_of_name(&self, name: &Localpart) -> Result<Option<Reservation>, StoreError> {
        Ok(self
            .0
            .prepare_cached(&format!("{SELECT} WHERE r.name = ?1 AND r.name_ended_at IS NULL"))?
            .query_row([name.as_str()], reservation)
            .optional()?)
    }

    /// What this address holds, oldest first.
    pub fn held_by_address(
        &self,
        email: &EmailAddress,
        identity: EmailIdentity,
    ) -> Result<Vec<Reservation>, StoreError> {
        let (column, value) = key(email, identity);
        let mut statement = self.0.prepare_cached(&format!(
            "{SELECT} WHERE r.{column} = ?1 AND r.address_ended_at IS NULL ORDER BY r.id LIMIT 100"
        ))?;
        Ok(statement.query_map([value], reservation)?.collect::<Result<_, _>>()?)
    }

    /// When a reservation of this address lapsed last.
    pub fn address_lapsed_at(
        &self,
        email: &EmailAddress,
        identity: EmailIdentity,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let (column, value) = key(email, identity);
        let at: Option<i64> = self
            .0
            .prepare_cached(&format!(
                "SELECT max(address_ended_at) FROM reservations WHERE {column} = ?1 AND address_lapsed = 1"
            ))?
            .query_row([value], |row| row.get(0))?;
        Ok(at.map(instant))
    }

    /// Whether the homeserver once said that the account of this reserved name exists.
    pub fn account_was_seen(&self, name: &Localpart) -> Result<bool, StoreError> {
        Ok(self
            .0
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM reservations WHERE name = ?1 AND name_ended_at IS NULL
                                AND account_seen_at IS NOT NULL)",
            )?
            .query_row([name.as_str()], |row| row.get(0))?)
    }
}

impl Writing<'_> {
    /// The account was never made: somebody else may have the name. The address stays held.
    pub fn lapse_name(&self, id: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached(
                "UPDATE reservations SET name_ended_at = ?2 WHERE id = ?1 AND name_ended_at IS NULL",
            )?
            .execute((id, millis(now)))?;
        Ok(())
    }

    /// The account was never made: the address may ask for another name.
    pub fn lapse_address(&self, id: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.lapse_name(id, now)?;
        self.0
            .0
            .prepare_cached(
                "UPDATE reservations SET address_ended_at = ?2, address_lapsed = 1
                 WHERE id = ?1 AND address_ended_at IS NULL",
            )?
            .execute((id, millis(now)))?;
        Ok(())
    }

    /// Name and address are free again at once, the cooldown ends, and the entry leaves the mirror.
    pub fn free_reservation(&self, id: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached(
                "UPDATE reservations SET withdrawn = 1, name_ended_at = coalesce(name_ended_at, ?2),
                        address_ended_at = coalesce(address_ended_at, ?2) WHERE id = ?1",
            )?
            .execute((id, millis(now)))?;
        self.0.0.prepare_cached("UPDATE requests SET counts = 0 WHERE reservation_id = ?1")?.execute([id])?;
        Ok(())
    }

    /// The homeserver says that the account of this name exists.
    pub fn note_account_seen(&self, name: &Localpart, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.0
            .0
            .prepare_cached(
                "UPDATE reservations SET account_seen_at = ?2
                 WHERE name = ?1 AND name_ended_at IS NULL AND account_seen_at IS NULL",
            )?
            .execute((name.as_str(), millis(now)))?;
        Ok(())
    }
}
