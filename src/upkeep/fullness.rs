//! How full is what all have to share: an alarm at a quarter, a half and all of it, with who fills it.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::config::Settings;
use crate::domain::EmailAddress;
use crate::policy::most_owed;
use crate::premises::Premises;
use crate::pulse::Next;
use crate::store::{Reading, StoreError};

/// In quarters, and in words.
const LEVELS: [(u64, &str); 3] = [(1, "a quarter full"), (2, "half full"), (4, "full")];

/// What was told of each: how far it was full, and the words for that. These stay as they were until it is fuller or emptier:
/// each change is news to the operator.
#[derive(Debug, Default)]
pub(super) struct Fullness {
    told: BTreeMap<String, (usize, String)>,
    not_before: Option<Instant>,
}

/// While requests come it is looked at again and again: all of that takes no more than this part of the time.
const PART: u32 = 50;

/// And so late at most.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// How many levels are reached; one that was is left once a fifth of it is free again, so that nothing is told twice a minute.
fn level(count: u64, most: u64, before: usize) -> usize {
    let reached = |count: u64| LEVELS.iter().filter(|(quarters, _)| 4 * count >= quarters * most).count();
    reached(count).max(before.min(reached(count * 5 / 4)))
}

/// For how long it is not looked again after a look that took so long.
fn rest_after(took: Duration) -> Duration {
    took.saturating_mul(PART).min(LONGEST_REST)
}

/// Who has most of it.
fn most_of_it(sources: Vec<(String, Option<String>)>) -> String {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for (source, domain) in sources {
        for who in domain.into_iter().chain([source]).filter(|who| !who.is_empty()) {
            *counts.entry(who).or_default() += 1;
        }
    }
    let first = counts.into_iter().max_by_key(|(who, count)| (*count, who.clone()));
    first.map_or_else(String::new, |(who, count)| format!(", {count} of them by {who}"))
}

impl Fullness {
    /// Looks where it is time, and raises or clears the alarm.
    pub(super) fn look(&mut self, premises: &Premises, clock: &dyn Clock, next: &mut Next) {
        let began_at = clock.monotonic();
        if next.waits(self.not_before, began_at) {
            return;
        }
        self.look_now(premises, clock);
        let ended_at = clock.monotonic();
        self.not_before = Some(ended_at + rest_after(ended_at.saturating_duration_since(began_at)));
    }

    fn look_now(&mut self, premises: &Premises, clock: &dyn Clock) {
        let (settings, now) = (premises.settings.load(), clock.now());
        match premises.store.read(|store| self.seen(store, &settings, now)) {
            Ok(()) if self.told.is_empty() => premises.alarms.clear(Trouble::Budgets),
            Ok(()) => {
                let all: Vec<&str> = self.told.values().map(|(_, words)| words.as_str()).collect();
                premises.alarms.raise(Trouble::Budgets, all.join("; "));
            }
            Err(error) => premises.alarms.raise(Trouble::Store, error.to_string()),
        }
    }

    fn seen(
        &mut self,
        store: &Reading<'_>,
        settings: &Settings,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<(), StoreError> {
        let (most, owed) = (most_owed(settings.letters_per_hour), store.outbox_counts()?.owed);
        self.note("the outbox".into(), owed, most, |level| {
            let by = most_of_it(store.owed_by()?);
            Ok(format!("the outbox is {level}: {owed} of {most} emails wait{by} (`doorman outbox drop --where` takes them out)"))
        })?;
        let (most, held) = (settings.held_at_most as u64, store.held_places(None)?);
        let count = held.len() as u64;
        self.note("held".into(), count, most, |level| {
            let own_domain = |mailbox: &str| {
                EmailAddress::parse(mailbox).ok().and_then(|to| to.own_domain().map(ToOwned::to_owned))
            };
            let by = most_of_it(held.into_iter().map(|held| (held.source, own_domain(&held.mailbox))).collect());
            Ok(format!("the list of held requests is {level}: {count} of {most} places are taken{by} (`doorman refuse --where` refuses them)"))
        })?;
        let most = u64::from(settings.letters_per_domain_per_day);
        let mut domains: HashMap<String, u64> = if most > 0 {
            store.busiest_domains(most.div_ceil(5), now)?.into_iter().collect()
        } else {
            HashMap::new()
        };
        for told in self.told.keys().filter_map(|key| key.strip_prefix('@')) {
            domains.entry(told.to_owned()).or_default();
        }
        for (domain, count) in domains {
            self.note(format!("@{domain}"), count, most, |_| {
                Ok(format!(
                    "{domain} was sent {count} of its {most} emails of the day (letters_per_domain_per_day)"
                ))
            })?;
        }
        Ok(())
    }

    fn note(
        &mut self,
        key: String,
        count: u64,
        most: u64,
        words: impl FnOnce(&str) -> Result<String, StoreError>,
    ) -> Result<(), StoreError> {
        let before = self.told.get(&key).map_or(0, |(level, _)| *level);
        match if most > 0 { level(count, most, before) } else { 0 } {
            0 => _ = self.told.remove(&key),
            same if same == before => {}
            next => _ = self.told.insert(key, (next, words(LEVELS[next - 1].1)?)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_told_once_and_is_over_when_there_is_room_again() {
        let (mut before, mut told) = (0, Vec::new());
        for count in [0, 49, 50, 49, 50, 41, 99, 100, 99, 200, 199, 161, 159, 79, 39, 0] {
            let next = level(count, 200, before);
            if next != before {
                told.push((count, next));
            }
            before = next;
        }
        assert_eq!(told, [(50, 1), (100, 2), (200, 3), (159, 2), (79, 1), (39, 0)]);
    }

    #[test]
    fn a_look_that_takes_long_is_seldom_and_a_quick_one_is_not_put_off() {
        for (took, rest) in [(0, 0), (2, 100), (500, 25_000), (5_000, 60_000)] {
            assert_eq!(rest_after(Duration::from_millis(took)), Duration::from_millis(rest));
        }
    }

    #[test]
    fn who_has_most_is_a_net_or_a_domain() {
        let held = |source: &str, domain: Option<&str>| (source.to_owned(), domain.map(ToOwned::to_owned));
        assert_eq!(most_of_it(vec![held("", None)]), "");
        assert_eq!(
            most_of_it(vec![
                held("198.51.0.0/16", None),
                held("", Some("x.example")),
                held("198.51.0.0/16", Some("x.example")),
                held("", Some("x.example"))
            ]),
            ", 3 of them by x.example"
        );
    }
}
