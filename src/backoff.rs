//! How long to leave alone what has failed: twice as long each time, up to a longest pause.

use std::time::{Duration, Instant};

/// The pauses after failures in a row.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
    until: Option<Instant>,
}

impl Backoff {
    /// Nothing has failed yet.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, next: first, until: None }
    }

    /// It has failed: for how long to leave it alone.
    pub fn next_pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.longest);
        pause
    }

    /// It has failed: from now on it is left alone.
    pub fn failed(&mut self, now: Instant) {
        self.until = Some(now + self.next_pause());
    }

    /// The next pause is the first again, and this one is over.
    pub fn reset(&mut self) {
        *self = Self::new(self.first, self.longest);
    }

    /// Until when it is left alone. None: the last try did not fail.
    pub fn until(&self) -> Option<Instant> {
        self.until
    }

    /// Whether it is left alone now.
    pub fn rests(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest_and_begin_anew() {
        let (mut now, second) = (Instant::now(), Duration::from_secs(1));
        let mut backoff = Backoff::new(second, 5 * second);
        for expected in [1, 2, 4, 5, 5] {
            assert!(!backoff.rests(now));
            backoff.failed(now);
            assert!(backoff.rests(now));
            assert_eq!(backoff.until(), Some(now + expected * second));
            now += expected * second;
        }
        backoff.reset();
        assert_eq!(backoff.until(), None);
        assert_eq!([backoff.next_pause(), backoff.next_pause()], [second, 2 * second]);
    }
}
