//! How long to wait before the next try: of a letter that the mail server put off, and of a mail server that is in
//! trouble itself. Two clocks, so that a mail server that is down costs no letter anything.

use std::time::Duration;

use chrono::TimeDelta;
use rand::{Rng, RngExt};

use crate::backoff::Backoff;

/// Letters are tried for so long, counting only time in which the mail server was up.
pub const LETTER_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// Shortest and longest pause of a letter; those of Postfix (`minimal_backoff_time`, `maximal_backoff_time`).
const SHORTEST: TimeDelta = TimeDelta::minutes(5);
const LONGEST: TimeDelta = TimeDelta::seconds(4000);

/// Pauses of the mail server: from, up to.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LAST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// The pause after a temporary failure of a letter that has been tried for `tried_for` (the sum of its pauses so far).
/// It is as long as that, within bounds, ±10 %: tries fall at 0, 5, 10, 20, 40, 80 minutes, then every 67 minutes.
/// The last one falls at the end of [`LETTER_LIFETIME`]; None: that was it, the letter has failed.
pub fn pause(tried_for: TimeDelta, rng: &mut impl Rng) -> Option<TimeDelta> {
    let left = LETTER_LIFETIME - tried_for;
    if left <= TimeDelta::zero() {
        return None;
    }
    let millis = tried_for.clamp(SHORTEST, LONGEST).num_milliseconds();
    let jitter = rng.random_range(-millis / 10..=millis / 10);
    Some(TimeDelta::milliseconds(millis + jitter).min(left))
}

/// The pauses of the mail server itself: 1 s, doubling up to 5 minutes, ±10 %, until a letter gets through again.
#[derive(Debug, Clone, Copy)]
pub struct RelayPause(Backoff);

impl Default for RelayPause {
    fn default() -> Self {
        Self(Backoff::new(FIRST_PAUSE, LAST_PAUSE))
    }
}

impl RelayPause {
    /// The mail server had a fault: how long to leave it alone.
    pub fn after_fault(&mut self, rng: &mut impl Rng) -> Duration {
        self.0.next_pause().mul_f64(rng.random_range(0.9..=1.1))
    }

    /// It answered about a letter, whatever it said.
    pub fn after_answer(&mut self) {
        self.0.reset();
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn a_letter_is_tried_at_0_5_10_20_40_80_minutes_and_then_every_67() {
        for seed in 0..50 {
            let mut rng = StdRng::seed_from_u64(seed);
            for (tried_for, nominal) in
                [(0, 300), (300, 300), (600, 600), (1200, 1200), (2400, 2400), (4800, 4000), (80_000, 4000)]
            {
                let pause = pause(TimeDelta::seconds(tried_for), &mut rng).unwrap().as_seconds_f64();
                let nominal = f64::from(nominal);
                assert!((nominal * 0.9..=nominal * 1.1).contains(&pause), "after {tried_for} s: {pause} s");
            }
        }
    }

    #[test]
    fn a_letter_is_given_up_after_24_hours_of_tries_and_not_before() {
        for seed in 0..50 {
            let mut rng = StdRng::seed_from_u64(seed);
            let (mut tried_for, mut tries) = (TimeDelta::zero(), 1);
            while let Some(pause) = pause(tried_for, &mut rng) {
                assert!(pause > TimeDelta::zero());
                tried_for += pause;
                tries += 1;
            }
            assert_eq!(tried_for, LETTER_LIFETIME);
            assert!((25..=30).contains(&tries), "{tries}");
        }
    }

    #[test]
    fn a_mail_server_in_trouble_is_asked_more_and_more_seldom_until_it_answers() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut relay = RelayPause::default();
        for nominal in [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0, 300.0] {
            let pause = relay.after_fault(&mut rng).as_secs_f64();
            assert!((nominal * 0.9..=nominal * 1.1).contains(&pause), "{pause} s, not about {nominal}");
        }
        for _ in 0..100 {
            assert!(relay.after_fault(&mut rng) <= LAST_PAUSE.mul_f64(1.1));
        }
        relay.after_answer();
        assert!(relay.after_fault(&mut rng) < Duration::from_secs(2));
    }
}
