//! What has had its time: held requests that nobody decides, and with `retention_days` what is older.

use std::time::{Duration, Instant};

use chrono::TimeDelta;

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::policy::HELD_LAPSES_AFTER;
use crate::premises::Premises;
use crate::pulse::Next;
use crate::store::{StoreError, Writing};

/// How often it is looked for.
const EVERY: Duration = Duration::from_secs(24 * 3600);

/// While the clock is not believed, it is tried again after so long.
const AGAIN: Duration = Duration::from_secs(1);

/// When it was looked for last.
#[derive(Debug, Default)]
pub(super) struct Retention(Option<Instant>);

impl Retention {
    /// Lets it go, at once and daily.
    pub(super) fn retire(&mut self, premises: &Premises, clock: &dyn Clock, next: &mut Next) {
        let (at, moment) = (clock.reading(), clock.monotonic());
        if next.waits(self.0.map(|at| at + EVERY), moment) {
            return;
        }
        if !premises.believes(at) {
            next.at(moment + AGAIN);
            return;
        }
        let now = at.wall;
        self.0 = Some(moment);
        let count = write(premises, move |store| store.lapse_held(now - HELD_LAPSES_AFTER, now));
        if count > 0 {
            tracing::info!("{count} held requests waited for 14 days and were let go");
        }
        let days = premises.settings.load().retention_days;
        if days > 0 {
            let before = now - TimeDelta::days(i64::from(days));
            let count = write(premises, move |store| store.retire_before(before));
            if count > 0 {
                tracing::info!("retention_days: {count} records older than {days} days were thinned out");
            }
        }
    }
}

fn write(
    premises: &Premises,
    work: impl FnOnce(&Writing<'_>) -> Result<usize, StoreError> + Send + 'static,
) -> usize {
    premises.store.write(work).unwrap_or_else(|error| {
        premises.alarms.raise(Trouble::Store, error.to_string());
        0
    })
}
