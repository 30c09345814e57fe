//! Who holds which name and which address, and since when the token that they were sent is dead.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::config::EmailIdentity;
use crate::domain::{EmailAddress, Localpart};
use crate::policy::Reserved;

use super::rows::{inserted, selected};
use super::{Reading, StoreError, Writing, millis};

selected! {
    /// A name and an address that belong together until they are freed or lapse.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Reservation {
        /// Its number.
        pub id: i64 = "r.id",
        /// The reserved name.
        pub name: Localpart = "r.name",
        /// The mailbox that it was reserved for.
        pub mailbox: String = "r.mailbox",
        /// The address, case folded.
        pub address: String = "r.address",
        /// Whether the name is still held; an address is held longer.
        pub holds_name: bool = "r.name_ended_at IS NULL",
        /// Whether it was accepted once; else it waits still.
        pub was_accepted: bool = "r.entered_at IS NOT NULL AND r.withdrawn = 0",
        /// From when on the token of the last letter, and the link in it, open no door any more. None: that is not known yet, or no
        /// letter was sent.
        pub token_dead_at: Option<DateTime<Utc>> = "coalesce(
            (SELECT CASE WHEN l.token_id IS NULL THEN max(coalesce(k.ended_at, k.expires_at))
                         ELSE max(t.dead_at, coalesce(max(coalesce(k.ended_at, k.expires_at)), t.dead_at)) END
             FROM links k WHERE k.letter_id = l.id AND k.kind = 'sign_up' AND l.state = 'sent'),
            t.dead_at,
            (SELECT max(coalesce(k.ended_at, k.expires_at)) FROM requests q JOIN links k ON k.request_id = q.id AND k.kind = 'sign_up'
             WHERE q.reservation_id = r.id AND r.last_letter_id IS NULL),
            r.imported_token_dead_at)",
    }
}

inserted! {
    pub(super) struct NewReservation in "reservations" {
        pub(super) name: String,
        pub(super) email: String,
        pub(super) mailbox: String,
        pub(super) address: String,
        pub(super) ip: Option<IpAddr>,
        pub(super) made_at: DateTime<Utc>,
        pub(super) entered_at: Option<DateTime<Utc>>,
        pub(super) entered_us: u32,
        pub(super) imported_token_dead_at: Option<DateTime<Utc>>,
        pub(super) name_ended_at: Option<DateTime<Utc>>,
    }
}

impl Reservation {
    /// As whoever asks by this address sees it.
    pub(super) fn seen_by(self, email: &EmailAddress, identity: EmailIdentity) -> Reserved {
        let same_address = match identity {
            EmailIdentity::Mailbox => self.mailbox == email.mailbox(),
            EmailIdentity::Exact => self.address == email.folded(),
        };
        Reserved { same_address, ..self.seen_by_anybody() }
    }

    /// As whoever gives no address sees it.
    pub fn seen_by_anybody(self) -> Reserved {
        Reserved {
            id: self.id,
            same_address: false,
            holds_name: self.holds_name,
            was_accepted: self.was_accepted,
            token_dead_at: self.token_dead_at,
            name: self.name,
        }
    }
}

const FROM: &str = "FROM reservations r
    LEFT JOIN letters l ON l.id = r.last_letter_id
    LEFT JOIN tokens t ON t.id = l.token_id AND l.state = 'sent'";

/// The column by which an address is known.
pub(super) fn column(identity: EmailIdentity) -> &'static str {
    match identity {
        EmailIdentity::Mailbox => "mailbox",
        EmailIdentity::Exact => "address",
    }
}

impl Reading<'_> {
    /// Who holds this name, as somebody without an address sees it.
    pub fn seen_of_name(&self, name: &Localpart) -> Result<Option<Reserved>, StoreError> {
        let seen_by = |held: Reservation| Reserved {
            id: held.id,
            same_address: false,
            holds_name: held.holds_name,
            was_accepted: held.was_accepted,
            token_dead_at: held.token_dead_at,
            name: held.name,
        };
        Ok(self.holder_of_name(name)?.map(seen_by))
    }

    /// The column and the values by which an address is known: as it is, and as what is left where it was deleted.
    pub(super) fn key(
        &self,
        email: &EmailAddress,
        identity: EmailIdentity,
    ) -> Result<(&'static str, [String; 2]), StoreError> {
        let value = match identity {
            EmailIdentity::Mailbox => email.mailbox(),
            EmailIdentity::Exact => email.folded(),
        };
        let deleted = self.veiled(&value)?.unwrap_or_else(|| value.clone());
        Ok((column(identity), [value, deleted]))
    }

    /// Who holds this name.
    pub fn holder_of_name(&self, name: &Localpart) -> Result<Option<Reservation>, StoreError> {
        self.row(&format!("{FROM} WHERE r.name = ?1 AND r.name_ended_at IS NULL"), [name.as_str()])
    }

    /// What this address holds, oldest first.
    pub fn held_by_address(
        &self,
        email: &EmailAddress,
        identity: EmailIdentity,
    ) -> Result<Vec<Reservation>, StoreError> {
        let (column, values) = self.key(email, identity)?;
        self.rows(
            &format!(
                "{FROM} WHERE r.{column} IN (?1, ?2) AND r.address_ended_at IS NULL ORDER BY r.id LIMIT 100"
            ),
            values,
        )
    }

    /// When a reservation of this address lapsed last.
    pub fn address_lapsed_at(
        &self,
        email: &EmailAddress,
        identity: EmailIdentity,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let (column, values) = self.key(email, identity)?;
        self.value(
            &format!(
                "SELECT max(address_ended_at) FROM reservations WHERE {column} IN (?1, ?2) AND address_lapsed = 1"
            ),
            values,
        )
    }

    /// Whether the homeserver once said that the account of this reserved name exists.
    pub fn account_was_seen(&self, name: &Localpart) -> Result<bool, StoreError> {
        self.value(
            "SELECT EXISTS (SELECT 1 FROM reservations WHERE name = ?1 AND name_ended_at IS NULL
                            AND account_seen_at IS NOT NULL)",
            [name.as_str()],
        )
    }
}

impl Writing<'_> {
    /// The account was never made: somebody else may have the name. The address stays held.
    pub fn lapse_name(&self, id: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.sql(
            "UPDATE reservations SET name_ended_at = ?2 WHERE id = ?1 AND name_ended_at IS NULL",
            (id, millis(now)),
        )?;
        Ok(())
    }

    /// The account was never made: the address may ask for another name.
    pub fn lapse_address(&self, id: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.lapse_name(id, now)?;
        self.sql(
            "UPDATE reservations SET address_ended_at = ?2, address_lapsed = 1
             WHERE id = ?1 AND address_ended_at IS NULL",
            (id, millis(now)),
        )?;
        Ok(())
    }

    /// Name and address are free again at once, the cooldown ends, and the entry leaves the mirror.
    pub(super) fn free_reservation(&self, id: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.sql(
            "UPDATE reservations SET withdrawn = 1, name_ended_at = coalesce(name_ended_at, ?2),
                    address_ended_at = coalesce(address_ended_at, ?2) WHERE id = ?1",
            (id, millis(now)),
        )?;
        self.sql("UPDATE requests SET counts = 0 WHERE reservation_id = ?1", [id])?;
        Ok(())
    }

    /// The homeserver says that the account of this name exists.
    pub fn note_account_seen(&self, name: &Localpart, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.sql(
            "UPDATE reservations SET account_seen_at = ?2
             WHERE name = ?1 AND name_ended_at IS NULL AND account_seen_at IS NULL",
            (name.as_str(), millis(now)),
        )?;
        Ok(())
    }
}
