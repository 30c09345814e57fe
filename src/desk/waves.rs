//! Whether more come than usual, and whose turn it is where accounts are given away by the day.

use chrono::{DateTime, TimeDelta, Utc};

use crate::alarms::Trouble;
use crate::config::{OnSurge, Settings};
use crate::domain::SurgeMode;
use crate::policy::{Quota, Rate, surge_threshold};
use crate::premises::Premises;
use crate::store::{Reading, StoreError, Surge, Writing};

/// How fast requests come that pass all rules. None: what is too much is not known.
fn rate(store: &Reading<'_>, settings: &Settings, now: DateTime<Utc>) -> Result<Option<Rate>, StoreError> {
    let Some(threshold) =
        settings.surge_threshold.map_or_else(|| store.known_threshold(), |set| Ok(Some(set)))?
    else {
        return Ok(None);
    };
    let passed = |minutes| store.passed_since(now - TimeDelta::minutes(minutes), now, threshold + 1);
    let is_set = settings.surge_threshold.is_some();
    Ok(Some(Rate { in_hour: passed(60)?, in_ten_minutes: passed(10)?, threshold, is_set }))
}

/// Whether what passes all rules is part of a surge.
pub(super) fn surges(
    store: &Reading<'_>,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let surge = store.surge()?;
    if surge.mode != SurgeMode::Auto || surge.is_on() || settings.on_surge == OnSurge::Off {
        return Ok(surge.is_on() && (surge.mode == SurgeMode::On || settings.on_surge != OnSurge::Off));
    }
    Ok(rate(store, settings, now)?.is_some_and(|rate| rate.is_surge()))
}

/// How many accounts are left for today, and who waits for one.
pub(super) fn quota(
    store: &Reading<'_>,
    settings: &Settings,
    most: u64,
    now: DateTime<Utc>,
) -> Result<Quota, StoreError> {
    let given = store.given_since(settings.schedule.last_reset(now))?;
    let first = store.waiting_for_quota(1)?.first().and_then(|held| held.reservation());
    Ok(Quota { left: most.saturating_sub(given), first })
}

/// How it is to be; None: as it is.
fn next(store: &Reading<'_>, settings: &Settings, now: DateTime<Utc>) -> Result<Option<Surge>, StoreError> {
    let surge = store.surge()?;
    let rate = if settings.on_surge == OnSurge::Off { None } else { rate(store, settings, now)? };
    let since = match (surge.since, rate) {
        (None, Some(rate)) if rate.is_surge() && surge.mode == SurgeMode::Auto => Some(now),
        (Some(_), None) => None,
        // One from the future is of a clock that stood wrong.
        (Some(since), Some(rate)) if (now - since).abs() >= TimeDelta::hours(1) && rate.is_calm() => None,
        (since, _) => since,
    };
    Ok((since != surge.since).then_some(Surge { since, ..surge }))
}

/// Has a surge begin and end, with an alarm. Returns whether there is one.
pub(super) fn keep(premises: &Premises, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let settings = premises.settings.load_full();
    let mut surge = premises.store.read(|store| store.surge())?;
    if let Some(next) = premises.store.read(|store| next(store, &settings, now))? {
        premises.store.write(move |store| store.note_surge(next.since))?;
        surge = next;
    }
    if surge.is_on() {
        let done = if settings.on_surge == OnSurge::Close {
            "the desk is closed"
        } else {
            "what passes all rules waits for you"
        };
        let ends = match surge.mode {
            SurgeMode::On => "`doorman surge auto` ends it",
            SurgeMode::Off | SurgeMode::Auto => {
                "it ends by itself when fewer come; `doorman surge off` ends it now, `doorman requests --held` shows them"
            }
        };
        premises.alarms.raise(Trouble::Surge, format!("more requests come than usual: {done}; {ends}"));
    } else {
        premises.alarms.clear(Trouble::Surge);
    }
    Ok(surge.is_on())
}

/// Finds out anew what is usual.
pub(super) fn learn(store: &Writing<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
    store.note_threshold(surge_threshold(store.passed_by_hour(now)?))
}
