//! Whether a name is free on the homeserver: what it says, and how far its word is taken.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::domain::Localpart;
use crate::homeserver::NameAnswer;
use crate::policy::{Availability, Facts, Judgement};
use crate::store::StoreError;

use super::Desk;
use super::facts::judge_name;

/// What an answer means for a name; where there was none, when it is to be asked again.
pub fn availability(answer: NameAnswer, wait: Duration) -> Availability {
    match answer {
        NameAnswer::Free => Availability::Free,
        NameAnswer::InUse { words }
        | NameAnswer::Reserved { words }
        | NameAnswer::Invalid { words }
        | NameAnswer::Forbidden { words } => Availability::Unavailable(words),
        NameAnswer::CannotBeAsked { .. } => Availability::CannotBeAsked,
        NameAnswer::RegistrationClosed { words } | NameAnswer::NoAnswer { words } => {
            Availability::NoAnswer { retry_after: wait, detail: words }
        }
    }
}

impl Desk {
    pub(super) fn ask(&self, name: &Localpart, deadline: Instant, now: DateTime<Utc>) -> Availability {
        let Some(homeserver) = self.premises.homeserver.load_full() else {
            return Availability::CannotBeAsked;
        };
        let asked_at = self.clock.monotonic();
        let answer = homeserver.name(name, deadline.saturating_duration_since(asked_at));
        self.premises.metrics.homeserver_asked(self.clock.monotonic().duration_since(asked_at));
        self.premises.heed(&answer);
        let mut wait = Duration::from_secs(300);
        match &answer {
            NameAnswer::InUse { .. } => {
                let name = name.clone();
                self.premises.store.write_later(move |store| store.note_account_seen(&name, now));
            }
            NameAnswer::NoAnswer { .. } => {
                let mut appointments = self.appointments.lock().unwrap_or_else(PoisonError::into_inner);
                wait = appointments.next(self.clock.monotonic());
            }
            _ => {}
        }
        availability(answer, wait)
    }

    /// Whether a name can be had, for whoever types it: by the lists, what was asked for here, and the homeserver, which is
    /// asked in any case, so that the time tells nobody which of them it was. None: that cannot be said now. Writes nothing.
    pub fn can_be_had(&self, name: &Localpart, deadline: Instant) -> Result<Option<bool>, StoreError> {
        let premises = &self.premises;
        let answer = premises.homeserver.load_full().map(|homeserver| {
            homeserver.name_in_passing(name, deadline.saturating_duration_since(self.clock.monotonic()))
        });
        let said = answer.map(|answer| availability(answer, Duration::ZERO));
        let is_free = match &said {
            // A trial has none, and plays that it has.
            None | Some(Availability::Free) => Some(true),
            Some(Availability::CannotBeAsked | Availability::NoAnswer { .. }) => None,
            Some(Availability::Unavailable(_)) => Some(false),
        };
        let said =
            if is_free.is_none() { Availability::CannotBeAsked } else { said.unwrap_or(Availability::Free) };
        let at = self.clock.reading();
        Ok(match premises.store.read(|store| judge_name(store, name, said, premises, at))? {
            Judgement::Accept(_) => is_free,
            _ => Some(false),
        })
    }

    /// Whether one of the names that the homeserver called free is seen to have an account all the same.
    pub(super) fn an_account_exists(&self, facts: &Facts, deadline: Instant) -> bool {
        let Some(homeserver) = self.premises.homeserver.load_full() else { return false };
        facts.answers.iter().filter(|(_, answer)| **answer == Availability::Free).any(|(name, _)| {
            let left = deadline.saturating_duration_since(self.clock.monotonic());
            homeserver.account_exists(name, left) == Some(true)
        })
    }

    pub(super) fn availability_lies(&self, facts: &mut Facts) -> Result<(), StoreError> {
        facts.availability_lies = true;
        tracing::warn!(
            "the homeserver called a name free whose account exists: from now on no reservation lapses on its word"
        );
        self.premises.store.write(|store| store.note_availability_lies())
    }
}
