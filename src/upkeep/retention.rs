//! What has had its time: held requests that nobody decides, and with `retention_days` what is older.

use std::time::Duration;

use chrono::TimeDelta;

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::policy::HELD_LAPSES_AFTER;
use crate::premises::Premises;
use crate::stop::Stop;

/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_secs(24 * 3600);

/// Lets it go, at once and daily, until the stop signal comes.
pub fn retire(premises: &Premises, clock: &dyn Clock, stop: &Stop) {
    loop {
        let now = clock.now();
        match premises.store.write(move |store| store.lapse_held(now - HELD_LAPSES_AFTER, now)) {
            Ok(0) => {}
            Ok(count) => tracing::info!("{count} held requests waited for 14 days and were let go"),
            Err(error) => premises.alarms.raise(Trouble::Store, error.to_string()),
        }
        let days = premises.settings.load().retention_days;
        if days > 0 {
            let before = clock.now() - TimeDelta::days(i64::from(days));
            match premises.store.write(move |store| store.retire_before(before)) {
                Ok(0) => {}
                Ok(count) => {
                    tracing::info!("retention_days: {count} records older than {days} days were thinned out");
                }
                Err(error) => premises.alarms.raise(Trouble::Store, error.to_string()),
            }
        }
        if stop.wait(LOOK_EVERY) {
            return;
        }
    }
}
