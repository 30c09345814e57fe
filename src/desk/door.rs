//! Whether the desk is open, and whether the token may be quoted.

use chrono::{DateTime, Utc};

use crate::clock::BELIEVABLE;
use crate::config::{OnSurge, Settings};
use crate::domain::{Closed, Schedule};
use crate::store::{Live, Reading, StoreError};

/// What the store knows that opens or closes the desk.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    /// A newer doorman has changed the database.
    outdated: bool,
    paused: bool,
    live: Live,
    /// Each letter has a token of its own: none rests, and none is replaced.
    each_has_one: bool,
    /// The shared token works until then, whether it has been replaced in time or not.
    works_until: Option<DateTime<Utc>>,
    satisfied: Option<DateTime<Utc>>,
    surges: bool,
}

impl Door {
    /// As the store has it now.
    pub fn read(store: &Reading<'_>, now: DateTime<Utc>) -> Result<Self, StoreError> {
        if matches!(store.check_version(), Err(StoreError::Newer { .. })) {
            return Ok(Self::outdated());
        }
        let personal = store.personal_tokens()?;
        let current = store.current_token()?;
        Ok(Self {
            outdated: false,
            paused: store.desk_state()?.paused_since.is_some(),
            live: personal.unwrap_or(current.as_ref().map_or(Live::No, |token| token.live)),
            each_has_one: personal.is_some(),
            works_until: current.and_then(|token| token.dead_at),
            satisfied: store.satisfied_reset(now + BELIEVABLE)?,
            surges: store.surge()?.is_on(),
        })
    }

    /// Of what else stands there nothing is known.
    fn outdated() -> Self {
        Self {
            outdated: true,
            surges: false,
            paused: false,
            live: Live::No,
            each_has_one: false,
            works_until: None,
            satisfied: None,
        }
    }

    /// Why the desk takes no requests. `is_doubted`: the clock is not believed, so that no new token is to come by it.
    pub fn closed(&self, settings: &Settings, now: DateTime<Utc>, is_doubted: bool) -> Option<Closed> {
        let surges = self.surges && settings.on_surge == OnSurge::Close;
        let paused = (self.paused && !self.outdated).then_some(Closed::Paused);
        let rests = || self.token_rests(&settings.schedule, now, is_doubted);
        paused.or_else(rests).or(surges.then_some(Closed::Surge))
    }

    /// Why no letter may quote the token: from the start of downtime until the new one is live. A pause does not count.
    pub fn token_rests(&self, schedule: &Schedule, now: DateTime<Utc>, is_doubted: bool) -> Option<Closed> {
        if self.outdated {
            return Some(Closed::Outdated);
        }
        let is_over = if self.each_has_one || is_doubted {
            false
        } else if let Some(until) = schedule.downtime_until(now) {
            return Some(Closed::Downtime { until });
        } else {
            match self.works_until {
                Some(at) => now >= at,
                None => schedule.rotation_is_due(self.satisfied, now),
            }
        };
        (self.live == Live::No || is_over).then_some(Closed::NotLive)
    }
}
