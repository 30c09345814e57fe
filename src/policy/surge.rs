//! Whether more requests come than usual.

/// The desk's own rate is known after so many hours.
const KNOWN_AFTER: usize = 7 * 24;

/// So many in an hour are no surge at any desk.
const NEVER_BELOW: u64 = 10;

/// What so many requests in each hour, zeros among them, say of how many in one hour are a surge: more than four times their
/// 95th percentile. None: a new desk does not know yet what is usual.
pub fn surge_threshold(mut hours: Vec<u64>) -> Option<u64> {
    if hours.len() < KNOWN_AFTER {
        return None;
    }
    let at = (hours.len() * 95).div_ceil(100) - 1;
    let (_, percentile, _) = hours.select_nth_unstable(at);
    Some((4 * *percentile).max(NEVER_BELOW))
}

/// What came lately, and what is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// In the last hour.
    pub in_hour: u64,
    /// In its last ten minutes.
    pub in_ten_minutes: u64,
    /// More than so many in an hour are a surge.
    pub threshold: u64,
    /// Whether the operator has said so, and nothing else counts.
    pub is_set: bool,
}

impl Rate {
    /// Whether it is a surge with one more. A wave is not waited for until its hour is full: ten minutes at that rate are
    /// enough, where they have more than chance makes of a busy hour.
    pub fn is_surge(&self) -> bool {
        // An f64 holds any count there can be.
        #[expect(clippy::cast_precision_loss, reason = "counts of requests")]
        let (ten, threshold) = (self.in_ten_minutes as f64 + 1.0, self.threshold as f64);
        let busy = threshold / 24.0;
        let enough = (threshold / 6.0).max(busy + 5.0 * busy.sqrt() + 3.0);
        self.in_hour + 1 > self.threshold || (!self.is_set && ten >= enough)
    }

    /// Whether a surge is over, an hour after it began: the last hour had less than half of what is too much.
    pub fn is_calm(&self) -> bool {
        self.in_hour * 2 < self.threshold
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    const DAY: u64 = 24 * 60;

    /// How many come in a minute of which so many come on average.
    fn poisson(mean: f64, rng: &mut SmallRng) -> u64 {
        let (limit, mut count, mut product) = ((-mean).exp(), 0, rng.random::<f64>());
        while product > limit {
            count += 1;
            product *= rng.random::<f64>();
        }
        count
    }

    /// A desk over time, minute by minute.
    struct Desk {
        minutes: VecDeque<u64>,
        hours: VecDeque<u64>,
        threshold: Option<u64>,
        since: Option<u64>,
        surges: u64,
    }

    impl Desk {
        fn new() -> Self {
            Self { minutes: VecDeque::new(), hours: VecDeque::new(), threshold: None, since: None, surges: 0 }
        }

        fn minute(&mut self, now: u64, came: u64) {
            self.minutes.push_back(came);
            if self.minutes.len() > 60 {
                self.minutes.pop_front();
            }
            if now % 60 == 59 {
                self.hours.push_back(self.minutes.iter().sum());
                if self.hours.len() > 28 * 24 {
                    self.hours.pop_front();
                }
                self.threshold = surge_threshold(self.hours.iter().copied().collect());
            }
            let Some(threshold) = self.threshold else { return };
            let of = |minutes: usize| self.minutes.iter().rev().take(minutes).sum::<u64>();
            let rate = Rate { in_hour: of(60), in_ten_minutes: of(10), threshold, is_set: false };
            match self.since {
                // What came last is among what came.
                None if came > 0
                    && Rate {
                        in_hour: rate.in_hour - 1,
                        in_ten_minutes: rate.in_ten_minutes - 1,
                        ..rate
                    }
                    .is_surge() =>
                {
                    self.since = Some(now);
                    self.surges += 1;
                }
                Some(since) if now >= since + 60 && rate.is_calm() => self.since = None,
                None | Some(_) => {}
            }
        }
    }

    /// Of so many an hour, how many come at this minute: more by day and at the weekend.
    fn usual(per_hour: f64, now: u64) -> f64 {
        let minute = u32::try_from(now % DAY).unwrap_or_default();
        let hour = f64::from(minute) / 60.0;
        let by_day = 1.0 + 0.8 * ((hour - 9.0) / 24.0 * std::f64::consts::TAU).sin();
        let by_week = if (now / DAY) % 7 >= 5 { 1.4 } else { 0.85 };
        per_hour * by_day * by_week
    }

    #[test]
    fn a_year_without_a_wave_has_less_than_one_surge_a_month_and_a_wave_is_caught_within_ten_minutes() {
        for (server, per_hour) in [("small", 0.3), ("small", 2.0), ("middle", 15.0), ("large", 250.0)] {
            let (mut rng, mut desk) = (SmallRng::seed_from_u64(7), Desk::new());
            for now in 0..365 * DAY {
                desk.minute(now, poisson(usual(per_hour, now) / 60.0, &mut rng));
            }
            assert!(desk.surges < 12, "{server}, {per_hour} an hour: {} surges in a year", desk.surges);

            // Ten times the rate of a busy hour; what is less than 90 an hour is a wave at no desk.
            let wave = (10.0 * usual(per_hour, 15 * 60)).max(90.0);
            let mut late = 0;
            for day in 0..50 {
                let begin = (365 + day) * DAY;
                for now in begin..begin + DAY {
                    let in_wave = (15 * 60..16 * 60).contains(&(now % DAY));
                    let rate = if in_wave { wave } else { usual(per_hour, now) };
                    desk.minute(now, poisson(rate / 60.0, &mut rng));
                    if now % DAY == 15 * 60 + 9 {
                        late += u64::from(desk.since.is_none());
                    }
                }
                assert_eq!(desk.since, None, "{server}: it is over by itself");
            }
            assert!(
                late <= 5,
                "{server}, {per_hour} an hour: {late} of 50 waves were not caught in ten minutes"
            );
        }
    }

    #[test]
    fn a_new_desk_does_not_know_what_is_usual_and_an_operator_may() {
        assert_eq!(surge_threshold(vec![50; 167]), None);
        assert_eq!(surge_threshold(vec![0; 168]), Some(10));
        assert_eq!(surge_threshold(vec![5; 672]), Some(20));
        let set = |in_hour| Rate { in_hour, in_ten_minutes: in_hour, threshold: 20, is_set: true };
        assert!(!set(19).is_surge() && set(20).is_surge());
        assert!(set(9).is_calm() && !set(10).is_calm());
    }
}
