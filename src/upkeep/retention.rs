//! What has had its time: held requests that nobody decides, and with `retention_days` what is older.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::domain::LinkSecret;
use crate::policy::HELD_LAPSES_AFTER;
use crate::premises::Premises;
use crate::pulse::Next;
use crate::store::{StoreError, Writing, retire_copies};

/// How often it is looked for.
const EVERY: Duration = Duration::from_secs(24 * 3600);

/// What the desk kept of before an upgrade goes after so long.
const COPIES: TimeDelta = TimeDelta::days(30);

/// While the clock is not believed, it is tried again after so long.
const AGAIN: Duration = Duration::from_secs(60);

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
            tracing::info!("{count} held requests waited for 14 days and have lapsed");
        }
        write(premises, move |store| store.retire_decide_links(now));
        if retire_copies(premises.folder.path(), (now - COPIES).into()) > 0 {
            tracing::info!("the copies in backup/ that were made before an upgrade 30 days ago are deleted");
        }
        let settings = premises.settings.load();
        let (kept, all) = (&settings.retention, settings.retention_days);
        let before = |days: u32| (days > 0).then(|| now - TimeDelta::days(i64::from(days)));
        let mut count = 0;
        if let Some(at) = before(kept.refused.unwrap_or(all)) {
            count += write(premises, move |store| store.retire_refused(at));
        }
        if let Some(at) = before(kept.answers) {
            count += write(premises, move |store| store.retire_answers(at));
        }
        if let Some(at) = before(kept.ip.unwrap_or(all)) {
            count += write(premises, move |store| store.retire_ips(at));
        }
        if let Some(days) = kept.ip.filter(|days| *days > 0) {
            let at = now - TimeDelta::hours(12 * i64::from(days));
            count += write(premises, move |store| store.shorten_ips(at));
        }
        if let Some(at) = before(kept.addresses) {
            let fresh = LinkSecret::generate(&mut UnwrapErr(SysRng), 256).reveal().to_owned();
            count += write(premises, move |store| store.veil_addresses(at, &fresh));
        }
        if count > 0 {
            tracing::info!("retention: {count} records were deleted");
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
