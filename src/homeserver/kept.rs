//! Equal questions share one asking, and its answer is kept for a while.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Clock;

/// So many answers are kept at most; beyond that, all are forgotten.
const AT_MOST: usize = 10_000;

/// What asking brought, and for how long it holds.
#[derive(Debug, Clone)]
pub(super) enum Asked<A> {
    /// Holds for so long; for no time at all: only for those who were waiting for it.
    Answer(A, Duration),
    /// The asker's time was up. Whoever waits for the same and has time left asks anew.
    RanOut(A),
}

/// Answers by question.
pub(super) struct Kept<K, A> {
    entries: Mutex<HashMap<K, Entry<A>>>,
    clock: Arc<dyn Clock>,
}

enum Entry<A> {
    /// Somebody is asking.
    Asking(Arc<Shared<A>>),
    Known {
        answer: A,
        until: Instant,
    },
}

/// Where those wait who want to know the same.
struct Shared<A> {
    outcome: Mutex<Outcome<A>>,
    bell: Condvar,
}

#[derive(Clone)]
enum Outcome<A> {
    Pending,
    Answered(A),
    /// Nothing to share.
    GivenUp,
}

impl<K: Eq + Hash + Clone, A: Clone> Kept<K, A> {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { entries: Mutex::default(), clock }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<K, Entry<A>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer that is known, or the one that somebody is just asking for, or what `ask` brings. None: somebody
    /// else was asking for it beyond the deadline.
    pub(super) fn answer(&self, key: &K, deadline: Instant, ask: impl FnOnce() -> Asked<A>) -> Option<A> {
        loop {
            let now = self.clock.monotonic();
            let mut entries = self.entries();
            let shared = match entries.get(key) {
                Some(Entry::Known { answer, until }) if now < *until => return Some(answer.clone()),
                Some(Entry::Asking(shared)) => Arc::clone(shared),
                _ => {
                    let shared =
                        Arc::new(Shared { outcome: Mutex::new(Outcome::Pending), bell: Condvar::new() });
                    entries.insert(key.clone(), Entry::Asking(Arc::clone(&shared)));
                    drop(entries);
                    let mut asking =
                        Asking { kept: self, key, shared, outcome: Outcome::GivenUp, until: None };
                    return Some(asking.settle(ask()));
                }
            };
            drop(entries);
            match shared.wait(deadline) {
                Outcome::Answered(answer) => return Some(answer),
                Outcome::Pending => return None,
                Outcome::GivenUp if Instant::now() >= deadline => return None,
                Outcome::GivenUp => {}
            }
        }
    }

    /// Forgets all answers.
    pub(super) fn forget_all(&self) {
        self.entries().retain(|_, entry| matches!(entry, Entry::Asking(_)));
    }

    /// Forgets the answer, so that the next one asks.
    pub(super) fn forget(&self, key: &K) {
        let mut entries = self.entries();
        if matches!(entries.get(key), Some(Entry::Known { .. })) {
            entries.remove(key);
        }
    }
}

impl<A: Clone> Shared<A> {
    fn wait(&self, deadline: Instant) -> Outcome<A> {
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        while matches!(*outcome, Outcome::Pending) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            outcome = self.bell.wait_timeout(outcome, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        outcome.clone()
    }
}

/// Somebody who asks for others too. Dropped, also by a panic, it tells them.
struct Asking<'kept, K: Eq + Hash + Clone, A: Clone> {
    kept: &'kept Kept<K, A>,
    key: &'kept K,
    shared: Arc<Shared<A>>,
    outcome: Outcome<A>,
    until: Option<Instant>,
}

impl<K: Eq + Hash + Clone, A: Clone> Asking<'_, K, A> {
    fn settle(&mut self, asked: Asked<A>) -> A {
        match asked {
            Asked::Answer(answer, holds) => {
                self.outcome = Outcome::Answered(answer.clone());
                self.until = (!holds.is_zero()).then(|| self.kept.clock.monotonic() + holds);
                answer
            }
            Asked::RanOut(answer) => answer,
        }
    }
}

impl<K: Eq + Hash + Clone, A: Clone> Drop for Asking<'_, K, A> {
    fn drop(&mut self) {
        let mut entries = self.kept.entries();
        match (&self.outcome, self.until) {
            (Outcome::Answered(answer), Some(until)) => {
                if entries.len() > AT_MOST {
                    entries.retain(|_, entry| matches!(entry, Entry::Asking(_)));
                }
                entries.insert(self.key.clone(), Entry::Known { answer: answer.clone(), until });
            }
            _ => {
                entries.remove(self.key);
            }
        }
        drop(entries);
        *self.shared.outcome.lock().unwrap_or_else(PoisonError::into_inner) = self.outcome.clone();
        self.shared.bell.notify_all();
    }
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;
