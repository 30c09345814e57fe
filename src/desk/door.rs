//! Whether the desk is open, and whether the token may be quoted.

use chrono::{DateTime, Utc};

use crate::clock::BELIEVABLE;
use crate::domain::{Closed, Schedule};
use crate::store::{Live, Reading, StoreError};

/// What the store knows that opens or closes the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    paused: bool,
    live: Live,
    satisfied: Option<DateTime<Utc>>,
}

impl Door {
    /// As the store has it now.
    pub fn read(store: &Reading<'_>, now: DateTime<Utc>) -> Result<Self, StoreError> {
        Ok(Self {
            paused: store.desk_state()?.paused_since.is_some(),
            live: store.current_token()?.map_or(Live::No, |token| token.live),
            satisfied: store.satisfied_reset(now + BELIEVABLE)?,
        })
    }

    /// Why the desk takes no requests.
    pub fn closed(&self, schedule: &Schedule, now: DateTime<Utc>) -> Option<Closed> {
        if self.paused {
            return Some(Closed::Paused);
        }
        self.token_rests(schedule, now)
    }

    /// Why no letter may quote the token: from the start of downtime until the new one is live. A pause does not count.
    pub fn token_rests(&self, schedule: &Schedule, now: DateTime<Utc>) -> Option<Closed> {
        if let Some(until) = schedule.downtime_until(now) {
            return Some(Closed::Downtime { until });
        }
        (self.live == Live::No || schedule.rotation_is_due(self.satisfied, now)).then_some(Closed::NotLive)
    }
}
