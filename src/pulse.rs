//! What happens at the desk, and who is woken by it. Whatever can happen rings by itself: a commit, a file, a setting, an
//! alarm; so nobody has to remember whom it concerns, and nobody looks again and again.

mod watcher;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwapAny, Guard, RefCnt};
use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::stop::{Bell, LONGEST_WAIT, Stop};

pub use watcher::{Stamp, Watcher};

/// What can have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// Somebody has written to the database, in whichever process.
    Store,
    /// The settings, or the homeserver, are others now.
    Settings,
    /// A file that holds the token was touched.
    TokenFiles,
    /// A ban list's file was touched.
    BanFiles,
    /// Other ban lists are in force.
    Bans,
    /// `registrations.json` was touched.
    Mirror,
    /// Something is wrong that was not, or right again; or the desk is otherwise in another condition.
    Condition,
    /// Somebody has set the clock.
    Clock,
}

impl Topic {
    fn reason(self) -> u32 {
        1 << self as u32
    }
}

/// Tells those who wait of what happens.
#[derive(Debug, Default)]
pub struct Pulse {
    bells: Mutex<Vec<(u32, Weak<Bell>)>>,
}

impl Pulse {
    fn bells(&self) -> MutexGuard<'_, Vec<(u32, Weak<Bell>)>> {
        self.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It has happened.
    pub fn ring(&self, topic: Topic) {
        for (topics, bell) in self.bells().iter() {
            if topics & topic.reason() != 0
                && let Some(bell) = bell.upgrade()
            {
                bell.ring(topic.reason());
            }
        }
    }

    /// For a thread that is to be woken by these topics, and when the clock is set, but not more often than every `rest`,
    /// however much happens.
    pub fn listen(&self, stop: &Stop, topics: &[Topic], rest: Duration) -> Listener {
        self.listen_by(Bell::default(), stop, &[topics, &[Topic::Clock]].concat(), rest)
    }

    /// The same for one that waits for a socket, too.
    pub fn listen_beside_a_socket(&self, stop: &Stop, topics: &[Topic]) -> io::Result<Listener> {
        Ok(self.listen_by(Bell::beside_a_socket()?, stop, topics, Duration::ZERO))
    }

    fn listen_by(&self, bell: Bell, stop: &Stop, topics: &[Topic], rest: Duration) -> Listener {
        let bell = Arc::new(bell);
        stop.ring_too(&bell);
        let mut bells = self.bells();
        bells.retain(|(_, bell)| bell.strong_count() > 0);
        bells.push((topics.iter().fold(0, |all, topic| all | topic.reason()), Arc::downgrade(&bell)));
        Listener { bell, rest, heard_at: None }
    }
}

/// One thread's ear.
#[derive(Debug)]
pub struct Listener {
    bell: Arc<Bell>,
    rest: Duration,
    heard_at: Option<Instant>,
}

impl Listener {
    /// Waits until something has happened, or `next` has come. False: the stop signal was given.
    pub fn wait(&mut self, mut next: Next) -> bool {
        next.at(Instant::now() + LONGEST_WAIT);
        self.bell.wait(0, next.0);
        // What happens in quick succession is heard together.
        if let Some(heard_at) = self.heard_at {
            next.at(heard_at + self.rest);
            self.bell.wait(!Stop::REASON, next.0);
        }
        self.heard_at = Some(Instant::now());
        self.bell.hear() & Stop::REASON == 0
    }

    /// What it waits by, for whoever polls a socket beside it.
    pub fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }
}

/// When a thread has something to do next, whatever happens: the earliest of what it is told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Next(Option<Instant>);

impl Next {
    /// As soon as something happens.
    pub fn never() -> Self {
        Self::default()
    }

    /// After this.
    pub fn after(span: Duration) -> Self {
        Self(Some(Instant::now() + span))
    }

    /// At this instant, too.
    pub fn at(&mut self, at: Instant) {
        self.0 = Some(self.0.map_or(at, |next| next.min(at)));
    }

    /// At this instant, too, if that has not come yet. Returns whether it has not.
    pub fn waits(&mut self, until: Option<Instant>, now: Instant) -> bool {
        let ahead = until.filter(|until| now < *until);
        if let Some(until) = ahead {
            self.at(until);
        }
        ahead.is_some()
    }

    /// When the clock shows this, too, if it is to show it. Should it be set meanwhile, whoever listens is woken.
    pub fn at_time(&mut self, at: Option<DateTime<Utc>>, clock: &dyn Clock) {
        if let Some(at) = at {
            self.at(clock.monotonic() + (at - clock.now()).to_std().unwrap_or_default());
        }
    }
}

/// A value that is replaced while others read it: whoever listens to the topic is woken.
#[derive(Debug)]
pub struct Posted<T: RefCnt> {
    value: ArcSwapAny<T>,
    topic: Topic,
    pulse: Arc<Pulse>,
}

impl<T: RefCnt> Posted<T> {
    /// That this is another value now is this topic.
    pub fn new(value: T, topic: Topic, pulse: &Arc<Pulse>) -> Self {
        Self { value: ArcSwapAny::new(value), topic, pulse: Arc::clone(pulse) }
    }

    /// The value, for a short look.
    pub fn load(&self) -> Guard<T> {
        self.value.load()
    }

    /// The value.
    pub fn load_full(&self) -> T {
        self.value.load_full()
    }

    /// Puts another in its place.
    pub fn store(&self, value: T) {
        self.value.store(value);
        self.pulse.ring(self.topic);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn who_listens_is_woken_once_by_all_that_has_happened_and_by_nothing_else() {
        let (pulse, stop) = (Pulse::default(), Stop::new());
        let mut listener = pulse.listen(&stop, &[Topic::Store, Topic::Bans], Duration::ZERO);
        pulse.ring(Topic::Settings);
        assert!(!listener.bell().is_rung());
        for _ in 0..3 {
            pulse.ring(Topic::Store);
            pulse.ring(Topic::Clock);
        }
        assert!(listener.bell().is_rung() && listener.wait(Next::never()));
        assert!(!listener.bell().is_rung());
        assert!(listener.wait(Next::after(Duration::ZERO)), "nothing has happened since");
    }

    #[test]
    fn one_that_rests_hears_late_what_happens_and_the_stop_signal_at_once() {
        let (pulse, stop) = (Pulse::default(), Stop::new());
        let mut listener = pulse.listen(&stop, &[Topic::Store], LONG);
        pulse.ring(Topic::Store);
        assert!(listener.wait(Next::never()), "the first is heard at once");
        pulse.ring(Topic::Store);
        assert!(listener.wait(Next::after(Duration::from_millis(1))), "what is due is due");
        pulse.ring(Topic::Store);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| listener.wait(Next::never()));
            stop.give();
            assert!(!waiting.join().unwrap());
        });
        assert!(!listener.wait(Next::never()), "it stays given");
    }

    #[test]
    fn a_bell_beside_a_socket_is_readable_while_it_is_rung() {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let (pulse, stop) = (Pulse::default(), Stop::new());
        let listener = pulse.listen_beside_a_socket(&stop, &[Topic::Settings]).unwrap();
        let is_readable = || {
            let mut polled = [PollFd::from_borrowed_fd(listener.bell().descriptor().unwrap(), PollFlags::IN)];
            poll(&mut polled, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap() == 1
        };
        assert!(!is_readable());
        pulse.ring(Topic::Settings);
        assert!(is_readable());
        listener.bell().hear();
        assert!(!is_readable());
        stop.give();
        listener.bell().hear();
        assert!(is_readable(), "it stays given");
    }

    #[test]
    fn another_value_is_told() {
        let (pulse, stop) = (Arc::new(Pulse::default()), Stop::new());
        let told = Posted::new(Arc::new(1), Topic::Settings, &pulse);
        let mut listener = pulse.listen(&stop, &[Topic::Settings], Duration::ZERO);
        told.store(Arc::new(2));
        assert!(listener.bell().is_rung() && listener.wait(Next::never()));
        assert_eq!((**told.load(), *told.load_full()), (2, 2));
    }
}
