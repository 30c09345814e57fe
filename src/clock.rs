//! Time as a parameter: whoever needs to know how late it is takes a [`Clock`].

mod trust;
pub mod when;

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

pub use trust::{Doubt, Reading, Remembered, Theirs, Trust};

/// A record that lies further ahead than this comes from a time when the clock stood wrong, and is disregarded.
pub const BELIEVABLE: TimeDelta = TimeDelta::minutes(10);

/// Tells the time. The desk thinks in UTC only.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock. It can jump, forth and back.
    fn now(&self) -> DateTime<Utc>;

    /// A clock that only goes forward, for time-outs and sliding windows in memory.
    fn monotonic(&self) -> Instant;

    /// How long the machine runs, sleep included: nobody sets that.
    fn since_boot(&self) -> TimeDelta;

    /// All of them at once, to see whether the wall clock can be believed.
    fn reading(&self) -> Reading {
        Reading { wall: self.now(), since_boot: self.since_boot() }
    }
}

/// The machine's own clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the wall clock is read")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn monotonic(&self) -> Instant {
        Instant::now()
    }

    fn since_boot(&self) -> TimeDelta {
        let since = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        TimeDelta::new(since.tv_sec, since.tv_nsec.try_into().unwrap_or_default()).unwrap_or_default()
    }
}

/// Which boot of the machine this is; empty where it does not tell.
pub fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

/// A clock that tests set by hand.
#[cfg(test)]
#[derive(Debug)]
pub struct ManualClock {
    start: Instant,
    /// The wall clock, the monotonic one, and for how long the machine slept.
    state: std::sync::Mutex<(DateTime<Utc>, std::time::Duration, TimeDelta)>,
}

#[cfg(test)]
impl ManualClock {
    /// A clock that stands at `now` (RFC 3339).
    pub fn at(now: &str) -> Self {
        let now = DateTime::parse_from_rfc3339(now).unwrap().to_utc();
        Self {
            start: Instant::now(),
            state: std::sync::Mutex::new((now, std::time::Duration::ZERO, TimeDelta::zero())),
        }
    }

    /// Both clocks go on by `span`.
    pub fn advance(&self, span: std::time::Duration) {
        let mut state = self.state.lock().unwrap();
        state.0 += span;
        state.1 += span;
    }

    /// The machine sleeps until then.
    pub fn sleep_until(&self, now: &str) {
        let now = DateTime::parse_from_rfc3339(now).unwrap().to_utc();
        let mut state = self.state.lock().unwrap();
        let asleep = now - state.0;
        state.2 += asleep;
        state.0 = now;
    }

    /// Somebody sets the wall clock; the monotonic one does not notice.
    pub fn step_to(&self, now: &str) {
        self.state.lock().unwrap().0 = DateTime::parse_from_rfc3339(now).unwrap().to_utc();
    }
}

#[cfg(test)]
impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        self.state.lock().unwrap().0
    }

    fn monotonic(&self) -> Instant {
        self.start + self.state.lock().unwrap().1
    }

    fn since_boot(&self) -> TimeDelta {
        let state = self.state.lock().unwrap();
        TimeDelta::from_std(state.1).unwrap() + state.2
    }
}
