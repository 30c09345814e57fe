//! When those may come again whom the homeserver gave no answer: one after the other, since it may be that it takes about
//! one question a second. Sent away together, they would otherwise come back together.

use std::time::{Duration, Instant};

/// The first comes after so long.
const FIRST: Duration = Duration::from_secs(60);

/// So far apart: the homeserver has others to answer meanwhile.
const APART: Duration = Duration::from_secs(2);

/// Nobody is asked to wait longer; beyond this they come in the gaps.
const LONGEST: Duration = Duration::from_secs(600);

/// The time that was given away last.
#[derive(Debug, Default)]
pub(super) struct Appointments {
    last: Option<Instant>,
}

impl Appointments {
    /// How long the next one is to wait.
    pub(super) fn next(&mut self, now: Instant) -> Duration {
        let first = now + FIRST;
        let after_last = self.last.map_or(first, |last| last + APART);
        let at = if after_last > now + LONGEST { first } else { after_last.max(first) };
        self.last = Some(at);
        at - now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_are_sent_away_together_do_not_come_back_together() {
        let (mut appointments, now) = (Appointments::default(), Instant::now());
        let waits: Vec<u64> = (0..4).map(|_| appointments.next(now).as_secs()).collect();
        assert_eq!(waits, [60, 62, 64, 66]);
        assert_eq!(appointments.next(now + Duration::from_secs(3)).as_secs(), 65);
        assert_eq!(appointments.next(now + Duration::from_secs(300)).as_secs(), 60, "they are through");
    }

    #[test]
    fn nobody_waits_for_longer_than_ten_minutes() {
        let (mut appointments, now) = (Appointments::default(), Instant::now());
        assert!((0..10_000).all(|_| appointments.next(now) <= LONGEST));
    }
}
