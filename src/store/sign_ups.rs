//! Accounts that the desk makes itself, for those who come by a sign-up link: what is known of each before, while and after
//! the homeserver is asked.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::config::EmailIdentity;
use crate::domain::{EmailAddress, LinkSecret, Localpart};

use super::links::{Link, LinkKind};
use super::reservations::NewReservation;
use super::rows::selected;
use super::{Reading, StoreError, Writing, millis};

selected! {
    /// Whom a sign-up link was given to, and how far they have come.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Guest {
        /// Their request.
        pub request_id: i64 = "q.id",
        /// The name that is kept for them; where none is, perhaps one that they may have meant.
        pub name: String = "q.username",
        /// Whether that is kept for them. Else it is chosen on the page, and judged as any.
        pub is_reserved: bool = "q.reservation_id IS NOT NULL",
        /// Their address; empty where the link was handed over.
        pub email: String = "q.email",
        /// Whence they asked.
        pub ip: Option<IpAddr> = "q.ip",
        /// Lines of ban lists in spite of which the operator has invited them.
        pub despite: String = "coalesce((SELECT i.despite FROM invitations i WHERE i.request_id = q.id), '')",
        /// Whether they were refused since.
        pub is_refused: bool = "q.verdict = 'refused'",
        /// Whether the homeserver was asked for their account, and what it has made of that is not known.
        pub is_unsure: bool = "coalesce(s.unsure, 0)",
        /// Whether somebody else had the name.
        pub is_taken: bool = "coalesce(s.taken, 0)",
        /// The user that MAS has made for them.
        pub remote_id: Option<String> = "s.remote_id",
        /// When their account was made.
        pub made_at: Option<DateTime<Utc>> = "s.made_at",
        reservation_id: Option<i64> = "q.reservation_id",
    }
}

impl Guest {
    /// Their address, where it is one.
    pub fn address(&self) -> Option<EmailAddress> {
        EmailAddress::parse(&self.email).ok()
    }
}

/// What became of an account's beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is noted: the homeserver can be asked.
    Yes,
    /// Somebody else here has the name.
    NameHeld,
    /// The address has an account of this name, or is to have it.
    AddressHeld(Localpart),
    /// Its link leads nowhere any more.
    Ended,
}

impl Reading<'_> {
    /// Whom this link was given to, whether it still leads anywhere or not. None: it is nobody's.
    pub fn guest(&self, secret: &LinkSecret) -> Result<Option<(Link, Option<Guest>)>, StoreError> {
        let Some(link) = self.link(LinkKind::SignUp, secret)? else { return Ok(None) };
        let guest = link.request_id.map(|id| self.guest_of(id)).transpose()?.flatten();
        Ok(Some((link, guest)))
    }

    /// Whether the name that was kept for them is somebody else's here by now.
    pub fn has_lost_name(&self, guest: &Guest) -> Result<bool, StoreError> {
        let holder = self.holder_of_name(&Localpart::from_stored(guest.name.clone()))?;
        Ok(guest.is_reserved && holder.is_some_and(|holder| Some(holder.id) != guest.reservation_id))
    }

    /// Who made this request, as one who signs up.
    pub fn guest_of(&self, request_id: i64) -> Result<Option<Guest>, StoreError> {
        self.row("FROM requests q LEFT JOIN sign_ups s ON s.request_id = q.id WHERE q.id = ?1", [request_id])
    }
}

impl Writing<'_> {
    /// Notes that the homeserver is asked for this account now. Where the name is not the one that is kept for them, it is kept
    /// from now on, as long as nobody else here has it, and, where an address may have one account only, theirs has none.
    pub fn begin_account(
        &self,
        secret: &LinkSecret,
        name: &Localpart,
        one_account_an_address: Option<EmailIdentity>,
        now: DateTime<Utc>,
    ) -> Result<Begun, StoreError> {
        let Some((link, Some(guest))) = self.guest(secret)? else { return Ok(Begun::Ended) };
        if !link.is_open(now) || guest.is_refused || guest.made_at.is_some() {
            return Ok(Begun::Ended);
        }
        let holder = self.holder_of_name(name)?.map(|holder| holder.id);
        if holder.is_some() && holder != guest.reservation_id {
            return Ok(Begun::NameHeld);
        }
        if let (Some(identity), Some(email)) = (one_account_an_address, guest.address())
            && guest.reservation_id.is_none()
            && let Some(other) = self.held_by_address(&email, identity)?.first()
        {
            return Ok(Begun::AddressHeld(other.name.clone()));
        }
        if let Some(id) = guest.reservation_id {
            // It may have lapsed, or be another than before.
            self.sql(
                "UPDATE reservations SET name = ?2, name_ended_at = NULL WHERE id = ?1",
                (id, name.as_str()),
            )?;
        } else {
            let email = guest.address();
            let reservation = self.insert(&NewReservation {
                name: name.as_str().to_owned(),
                email: guest.email.clone(),
                mailbox: email.as_ref().map(EmailAddress::mailbox).unwrap_or_default(),
                address: email.as_ref().map(EmailAddress::folded).unwrap_or_default(),
                ip: guest.ip,
                made_at: now,
                entered_at: Some(now),
                entered_us: 0,
                imported_token_dead_at: None,
                name_ended_at: None,
            })?;
            self.sql(
                "UPDATE requests SET reservation_id = ?2 WHERE id = ?1",
                [guest.request_id, reservation],
            )?;
            if let Some(letter) = link.letter_id {
                self.sql("UPDATE reservations SET last_letter_id = ?2 WHERE id = ?1", [reservation, letter])?;
            }
        }
        self.sql("UPDATE requests SET username = ?2 WHERE id = ?1", (guest.request_id, name.as_str()))?;
        self.sql(
            "INSERT INTO sign_ups (request_id, name, begun_at, unsure) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT (request_id) DO UPDATE SET name = ?2, begun_at = ?3, unsure = 1",
            (guest.request_id, name.as_str(), millis(now)),
        )?;
        Ok(Begun::Yes)
    }

    /// Somebody else has the name that it asked for: another is chosen where its link leads.
    pub(super) fn note_taken(
        &self,
        request_id: i64,
        name: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.sql(
            "INSERT INTO sign_ups (request_id, name, begun_at, unsure, taken) VALUES (?1, ?2, ?3, 0, 1)",
            (request_id, name, millis(now)),
        )?;
        Ok(())
    }

    /// MAS has made a user for it.
    pub fn note_remote_user(&self, request_id: i64, remote_id: &str) -> Result<(), StoreError> {
        self.sql("UPDATE sign_ups SET remote_id = ?2 WHERE request_id = ?1", (request_id, remote_id))?;
        Ok(())
    }

    /// The homeserver has surely made nothing of it; `taken`: since somebody else has the name.
    pub fn account_not_made(&self, request_id: i64, taken: bool) -> Result<(), StoreError> {
        self.sql(
            "UPDATE sign_ups SET unsure = 0, taken = ?2 WHERE request_id = ?1 AND made_at IS NULL",
            (request_id, taken),
        )?;
        Ok(())
    }

    /// The account is there: its links are used up.
    pub fn account_made(
        &self,
        request_id: i64,
        name: &Localpart,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.sql(
            "UPDATE sign_ups SET unsure = 0, made_at = coalesce(made_at, ?2) WHERE request_id = ?1",
            (request_id, millis(now)),
        )?;
        self.end_links_of(request_id, LinkKind::SignUp, "used", now)?;
        self.note_account_seen(name, now)
    }

    /// Ends the links that lead to the account of this reservation.
    pub(super) fn end_sign_up_links(
        &self,
        reservation_id: i64,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.sql(
            "UPDATE links SET ended_at = ?3, ended_by = ?2
             WHERE kind = 'sign_up' AND ended_at IS NULL
                   AND request_id IN (SELECT id FROM requests WHERE reservation_id = ?1)",
            (reservation_id, by, millis(now)),
        )?;
        Ok(())
    }
}
