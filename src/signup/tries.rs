//! How often something was tried by a link: whoever holds it could guess at a password.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// So many in an hour that slides.
const TRIES: usize = 20;
const HOUR: Duration = Duration::from_secs(3600);

/// So many links are remembered; beyond that, those that rested are forgotten.
const REMEMBERED: usize = 10_000;

/// The last tries of each request.
#[derive(Debug, Default)]
pub(super) struct Tries(HashMap<i64, VecDeque<Instant>>);

impl Tries {
    /// Counts one more. Some: it is one too many, for so long.
    pub(super) fn count(&mut self, request: i64, now: Instant) -> Option<Duration> {
        if self.0.len() >= REMEMBERED {
            self.0.retain(|_, tries| tries.back().is_some_and(|last| now < *last + HOUR));
        }
        let tries = self.0.entry(request).or_default();
        while tries.front().is_some_and(|first| now >= *first + HOUR) {
            tries.pop_front();
        }
        if tries.len() >= TRIES {
            return tries.front().map(|first| *first + HOUR - now);
        }
        tries.push_back(now);
        None
    }

    /// The last one was none.
    pub(super) fn uncount(&mut self, request: i64) {
        if let Some(tries) = self.0.get_mut(&request) {
            tries.pop_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twenty_first_try_of_an_hour_is_too_many() {
        let (mut tries, start) = (Tries::default(), Instant::now());
        for second in 0..20 {
            assert_eq!(tries.count(7, start + Duration::from_secs(second)), None);
        }
        let wait = tries.count(7, start + Duration::from_secs(100)).unwrap();
        assert_eq!(wait, Duration::from_secs(3500));
        assert_eq!(tries.count(8, start + Duration::from_secs(100)), None, "another link");
        assert_eq!(tries.count(7, start + Duration::from_secs(3600)), None, "the hour slides");
        tries.uncount(7);
        assert_eq!(tries.count(7, start + Duration::from_secs(3600)), None);
    }
}
