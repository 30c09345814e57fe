//! How full is what all have to share: an alarm at a quarter, a half and all of it, with who fills it.

use std::collections::{BTreeMap, HashMap};

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::config::Settings;
use crate::domain::EmailAddress;
use crate::policy::most_owed;
use crate::premises::Premises;
use crate::store::{Reading, StoreError};

/// In quarters, and in words.
const LEVELS: [(u64, &str); 3] = [(1, "a quarter full"), (2, "half full"), (4, "full")];

/// What was told of each: how far it was full, and the words for that. These stay as they were until it is fuller or emptier:
/// each change is news to the operator.
#[derive(Debug, Default)]
pub(super) struct Fullness(BTreeMap<String, (usize, String)>);

/// How many levels are reached; one that was is left once a fifth of it is free again, so that nothing is told twice a minute.
fn level(count: u64, most: u64, before: usize) -> usize {
    let reached = |count: u64| LEVELS.iter().filter(|(quarters, _)| 4 * count >= quarters * most).count();
    reached(count).max(before.min(reached(count * 5 / 4)))
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
    /// Looks, and raises or clears the alarm.
    pub(super) fn look(&mut self, premises: &Premises, clock: &dyn Clock) {
        let (settings, now) = (premises.settings.load(), clock.now());
        match premises.store.read(|store| self.seen(store, &settings, now)) {
            Ok(()) if self.0.is_empty() => premises.alarms.clear(Trouble::Budgets),
            Ok(()) => {
                let all: Vec<&str> = self.0.values().map(|(_, words)| words.as_str()).collect();
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
        let (most, held) = (settings.held_at_most as u64, store.held_places()?);
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
        for told in self.0.keys().filter_map(|key| key.strip_prefix('@')) {
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
        let before = self.0.get(&key).map_or(0, |(level, _)| *level);
        match if most > 0 { level(count, most, before) } else { 0 } {
            0 => _ = self.0.remove(&key),
            same if same == before => {}
            next => _ = self.0.insert(key, (next, words(LEVELS[next - 1].1)?)),
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
