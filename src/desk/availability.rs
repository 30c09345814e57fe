//! Whether a name is free on the homeserver: what it says, and how far its word is taken.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::alarms::Trouble;
use crate::domain::Localpart;
use crate::homeserver::NameAnswer;
use crate::policy::{Availability, Facts};
use crate::store::StoreError;

use super::Desk;

impl Desk {
    pub(super) fn ask(&self, name: &Localpart, deadline: Instant, now: DateTime<Utc>) -> Availability {
        let Some(homeserver) = self.premises.homeserver.load_full() else {
            return Availability::CannotBeAsked;
        };
        let left = deadline.saturating_duration_since(self.clock.monotonic());
        let unanswered = |detail, retry_after| Availability::NoAnswer { retry_after, detail };
        let answer = homeserver.name(name, left);
        let alarms = &self.premises.alarms;
        if !matches!(
            answer,
            NameAnswer::NoAnswer { .. }
                | NameAnswer::CannotBeAsked { .. }
                | NameAnswer::RegistrationClosed { .. }
        ) {
            alarms.clear(Trouble::Homeserver);
        }
        match answer {
            NameAnswer::Free => Availability::Free,
            NameAnswer::InUse { words } => {
                let name = name.clone();
                self.premises.store.write_later(move |store| store.note_account_seen(&name, now));
                Availability::Unavailable(words)
            }
            NameAnswer::Reserved { words }
            | NameAnswer::Invalid { words }
            | NameAnswer::Forbidden { words } => Availability::Unavailable(words),
            NameAnswer::CannotBeAsked { words } => {
                alarms.raise(
                    Trouble::Homeserver,
                    format!(
                        "the homeserver cannot be asked whether a name is free ({words}): \
                         requests are accepted without that check"
                    ),
                );
                Availability::CannotBeAsked
            }
            NameAnswer::RegistrationClosed { words } => {
                alarms.raise(
                    Trouble::Homeserver,
                    format!("the homeserver says that registration is closed ({words}): open it, with a token required"),
                );
                unanswered(words, Duration::from_secs(300))
            }
            NameAnswer::NoAnswer { words } => {
                alarms.raise(Trouble::Homeserver, format!("the homeserver does not answer: {words}"));
                let mut appointments = self.appointments.lock().unwrap_or_else(PoisonError::into_inner);
                unanswered(words, appointments.next(self.clock.monotonic()))
            }
        }
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
