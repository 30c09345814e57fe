//! Signs of life: a thread gives one whenever it waits by a bell, or has done a piece of its work. Whoever gives none for too
//! long does not get on.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

/// Nobody waits, or works at one piece, for longer.
const SILENCE: Duration = Duration::from_secs(90);

/// Two looks that are farther apart: the process was halted, or had no processor, and so had everybody. That is not held
/// against them.
const BETWEEN_LOOKS: Duration = Duration::from_secs(10);

thread_local! {
    static OWN: RefCell<Option<Alive>> = const { RefCell::new(None) };
}

/// The thread that calls this gets on.
pub fn gets_on() {
    OWN.with_borrow(|own| {
        if let Some(own) = own {
            own.signs.fetch_add(1, Ordering::Relaxed);
        }
    });
}

/// All threads that are to get on.
#[derive(Debug, Default)]
pub struct Life(Mutex<Threads>);

#[derive(Debug, Default)]
struct Threads {
    watched: Vec<Watched>,
    looked_at: Option<Instant>,
}

#[derive(Debug)]
struct Watched {
    name: &'static str,
    signs: Arc<AtomicU64>,
    /// How many signs there were at the last look, and how long there have been no more.
    seen: u64,
    since: Option<DateTime<Utc>>,
    silent_for: Duration,
}

/// A thread that does not get on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// What it is called.
    pub name: &'static str,
    /// When it was seen to get on last.
    pub since: DateTime<Utc>,
    /// How long it does not, as far as the process ran meanwhile.
    pub silent_for: Duration,
}

/// A thread's place among them, until this is dropped.
#[derive(Debug)]
pub struct Place(Arc<Life>, Arc<AtomicU64>);

#[derive(Debug, Clone)]
struct Alive {
    life: Arc<Life>,
    signs: Arc<AtomicU64>,
}

impl Life {
    fn threads(&self) -> MutexGuard<'_, Threads> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those that this thread is one of.
    pub fn of_this_thread() -> Option<Arc<Self>> {
        OWN.with_borrow(|own| own.as_ref().map(|own| Arc::clone(&own.life)))
    }

    /// The thread that calls this is one of them from now on.
    pub fn enter(self: &Arc<Self>, name: &'static str) -> Place {
        let signs = Arc::new(AtomicU64::new(0));
        self.threads().watched.push(Watched {
            name,
            signs: Arc::clone(&signs),
            seen: 0,
            since: None,
            silent_for: Duration::ZERO,
        });
        OWN.set(Some(Alive { life: Arc::clone(self), signs: Arc::clone(&signs) }));
        Place(Arc::clone(self), signs)
    }

    /// Looks at all of them. Returns those that do not get on.
    pub fn look(&self, now: Instant, shown: DateTime<Utc>) -> Vec<Stuck> {
        let threads = &mut *self.threads();
        let passed = threads.looked_at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        threads.looked_at = Some(now);
        for thread in &mut threads.watched {
            let signs = thread.signs.load(Ordering::Relaxed);
            if signs == thread.seen && thread.since.is_some() {
                thread.silent_for += passed.min(BETWEEN_LOOKS);
            } else {
                (thread.seen, thread.since, thread.silent_for) = (signs, Some(shown), Duration::ZERO);
            }
        }
        let silent = threads.watched.iter().filter(|thread| thread.silent_for >= SILENCE);
        silent
            .map(|thread| Stuck {
                name: thread.name,
                since: thread.since.unwrap_or(shown),
                silent_for: thread.silent_for,
            })
            .collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        OWN.set(None);
        self.0.threads().watched.retain(|thread| !Arc::ptr_eq(&thread.signs, &self.1));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use crate::stop::Stop;

    use super::*;

    const STEP: Duration = Duration::from_secs(9);

    #[test]
    fn a_thread_that_hangs_is_named_until_it_gets_on_and_one_that_waits_is_not() {
        let (life, stop) = (Arc::new(Life::default()), Stop::new());
        let (hang, hangs) = channel::<()>();
        let (told, tells) = channel();
        let (began, shown) = (Instant::now(), DateTime::UNIX_EPOCH);
        std::thread::scope(|scope| {
            let (its, stop) = (Arc::clone(&life), &stop);
            scope.spawn(move || {
                let _place = its.enter("hanging");
                told.send(()).unwrap();
                let _ = hangs.recv();
                gets_on();
                told.send(()).unwrap();
                while !stop.wait(Duration::from_millis(1)) {}
            });
            tells.recv().unwrap();
            let mut steps = 0;
            let mut look = |times: u32| {
                let looks = (0..times).map(|_| {
                    steps += 1;
                    life.look(began + steps * STEP, shown + steps * STEP)
                });
                looks.last().unwrap()
            };
            let stuck =
                |times: u32| vec![Stuck { name: "hanging", since: shown + STEP, silent_for: times * STEP }];
            assert_eq!(look(10), []);
            assert_eq!(look(1), stuck(10));
            assert_eq!(look(4), stuck(14), "two minutes, in the same words");
            hang.send(()).unwrap();
            tells.recv().unwrap();
            assert_eq!(look(1), [], "it gets on");
            for _ in 0..11 {
                std::thread::park_timeout(Duration::from_millis(5));
                assert_eq!(look(1), [], "it waits by a bell");
            }
            stop.give();
        });
        assert!(life.threads().watched.is_empty(), "it has ended");
    }

    #[test]
    fn that_the_whole_process_was_halted_is_held_against_nobody() {
        let life = Arc::new(Life::default());
        let _place = life.enter("halted");
        let now = Instant::now();
        for hours in 0..3 {
            assert_eq!(life.look(now + Duration::from_secs(3600 * hours), DateTime::UNIX_EPOCH), []);
        }
        assert!(Life::of_this_thread().is_some());
    }
}
