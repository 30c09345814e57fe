//! A channel that does not get on: an alarm, and told again once an hour, however often it is tried.

use std::time::{Duration, Instant};

use crate::alarms::Trouble;
use crate::backoff::Backoff;
use crate::clock::Clock;
use crate::premises::Premises;
use crate::store::StoreError;

const TOLD_EVERY: Duration = Duration::from_secs(60 * 60);

/// How a channel gets on.
pub(super) struct Failing {
    trouble: Trouble,
    pauses: Backoff,
    told_at: Option<Instant>,
}

/// Why something could not be told or heard: in words, and for how long to leave it alone where the other side says so.
#[derive(Debug)]
pub(super) struct Fault {
    pub words: String,
    pub wait: Option<Duration>,
}

impl Fault {
    pub(super) fn new(words: impl Into<String>) -> Self {
        Self { words: words.into(), wait: None }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::new(error.to_string())
    }
}

impl Failing {
    /// Nothing has failed yet; the first pause, and the longest.
    pub(super) fn new(trouble: Trouble, first: Duration, longest: Duration) -> Self {
        Self { trouble, pauses: Backoff::new(first, longest), told_at: None }
    }

    /// It has failed. Returns how long to leave it alone.
    pub(super) fn failed(&mut self, premises: &Premises, clock: &dyn Clock, fault: &Fault) -> Duration {
        let now = clock.monotonic();
        // Who asks to be left alone for a moment gets on.
        if fault.wait.is_none_or(|wait| wait > Duration::from_secs(60))
            // Another thread may have cleared it.
            && (!premises.alarms.is_raised(self.trouble)
                || self.told_at.is_none_or(|at| now.duration_since(at) >= TOLD_EVERY))
        {
            if premises.alarms.is_raised(self.trouble) {
                tracing::warn!(trouble = self.trouble.word(), "still: {}", fault.words);
            }
            self.told_at = Some(now);
            premises.alarms.raise(self.trouble, &*fault.words);
        }
        let pause = self.pauses.next_pause();
        fault.wait.map_or(pause, |wait| wait.max(Duration::from_millis(50)))
    }

    /// It works.
    pub(super) fn works(&mut self, premises: &Premises) {
        self.pauses.reset();
        // Another thread may have raised it.
        if self.told_at.take().is_some() {
            premises.alarms.clear(self.trouble);
        }
    }
}
