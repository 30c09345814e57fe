//! What the rules are judged by: the settings they depend on, and what the store knows.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::alarms::Trouble;
use crate::config::{Approval, EmailIdentity, Settings, WhenUnreachable};
use crate::domain::{EmailAddress, TokenRequest};
use crate::policy::{Facts, Hold, Rules};
use crate::store::{Reading, Reservation, StoreError};

use super::{Desk, Door};

/// Hours' worth of letters that may be owed before requests are turned away.
const OWED_HOURS: u64 = 24;

/// The settings that the rules depend on.
pub(super) fn rules(settings: &Settings, request: &TokenRequest) -> Rules {
    Rules {
        email_cooldown: settings.email_cooldown,
        multiple_users_per_email: settings.multiple_users_per_email,
        letters_per_address_per_day: settings.letters_per_address_per_day,
        accept_when_unreachable: settings.when_homeserver_unreachable == WhenUnreachable::Accept,
        hold_all: settings.approval == Approval::Manual
            || request.mail.as_ref().is_some_and(|mail| mail.hold.is_some()),
    }
}

/// Fills in what the store knows; what the homeserver said, and what came from memory, stays.
pub(super) fn look_up(
    store: &Reading<'_>,
    request: &TokenRequest,
    settings: &Settings,
    now: DateTime<Utc>,
    facts: &mut Facts,
) -> Result<(), StoreError> {
    let identity = settings.email_identity;
    facts.closed = Door::read(store, now)?.closed(&settings.schedule, now);
    let seen = store.seen(&request.username, &request.email, identity, now)?;
    let hold = |reservation: Reservation| hold(reservation, &request.email, identity);
    facts.name_held_by = seen.name_holder.map(hold);
    facts.address_holds = seen.address_holds.into_iter().map(hold).collect();
    facts.address_lapsed_at = seen.address_lapsed_at;
    facts.last_counting_at = seen.last_counting_at;
    facts.same_before = seen.same_before;
    facts.letters_lately = seen.letters_lately;
    facts.availability_lies |= store.desk_state()?.availability_lies;
    let most_owed = most_owed(settings);
    if facts.rate_limit.is_none() && most_owed > 0 && store.owes_letters(most_owed)? {
        facts.rate_limit = Some((
            Duration::from_secs(3600),
            format!("{most_owed} letters wait in the outbox: 24 hours' worth by letters_per_hour"),
        ));
    }
    Ok(())
}

/// How many letters may wait before everybody is asked to come again later; 0: any number.
pub fn most_owed(settings: &Settings) -> u64 {
    OWED_HOURS * u64::from(settings.letters_per_hour)
}

impl Desk {
    /// Whether a letter to this address is owed and cannot go out at once: more than `letters_per_hour` are before it, or
    /// the mail server, or the homeserver that makes the tokens, is in trouble.
    pub fn letter_waits(&self, to: &EmailAddress, now: DateTime<Utc>) -> bool {
        let premises = self.premises();
        let in_trouble = [Trouble::MailServer, Trouble::TokenApi]
            .into_iter()
            .any(|trouble| premises.alarms.is_raised(trouble));
        let per_hour = u64::from(premises.settings.load().letters_per_hour);
        if !in_trouble && per_hour == 0 {
            return false;
        }
        let waits = |store: &Reading<'_>| {
            // One that was asked for again may have gone out long ago.
            Ok(store.owes_a_letter_to(to)?
                && (in_trouble || store.sent_in_the_hour(now)? + store.outbox_counts()?.owed > per_hour))
        };
        premises.store.read(waits).unwrap_or(false)
    }
}

fn hold(reservation: Reservation, email: &EmailAddress, identity: EmailIdentity) -> Hold {
    Hold {
        id: reservation.id,
        same_address: reservation.is_for(email, identity),
        holds_name: reservation.holds_name,
        token_dead_at: reservation.token_dead_at,
        name: reservation.name,
    }
}
