use std::time::Duration;

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};

/// When the token is replaced each day, and how long before that the desk is closed. Pure arithmetic in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    reset: NaiveTime,
    downtime: TimeDelta,
}

/// Midnight, and half an hour before it.
impl Default for Schedule {
    fn default() -> Self {
        Self { reset: NaiveTime::MIN, downtime: TimeDelta::minutes(30) }
    }
}

impl Schedule {
    /// A reset each day at `minute_of_day` (below 1440), the desk closed for `downtime_minutes` (below 1440) before it.
    /// None where either is a day or more.
    pub fn new(minute_of_day: u32, downtime_minutes: u32) -> Option<Self> {
        if downtime_minutes >= 24 * 60 {
            return None;
        }
        Some(Self {
            reset: NaiveTime::from_hms_opt(minute_of_day / 60, minute_of_day % 60, 0)?,
            downtime: TimeDelta::minutes(i64::from(downtime_minutes)),
        })
    }

    /// The time of day of the reset.
    pub fn reset_time(&self) -> NaiveTime {
        self.reset
    }

    /// How long the desk is closed before a reset.
    pub fn downtime(&self) -> Duration {
        self.downtime.to_std().unwrap_or_default()
    }

    /// The first reset after `now`; a reset that is just now has passed.
    pub fn next_reset(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let today = now.date_naive().and_time(self.reset).and_utc();
        if today > now { today } else { today + Days::new(1) }
    }

    /// The last reset at or before `now`.
    pub fn last_reset(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.next_reset(now) - Days::new(1)
    }

    /// Whether the last reset has not had its rotation yet, `satisfied` being the last one that has.
    pub fn rotation_is_due(&self, satisfied: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        satisfied.is_none_or(|satisfied| satisfied < self.last_reset(now))
    }

    /// In downtime: when it ends, which is the next reset.
    pub fn downtime_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let reset = self.next_reset(now);
        (now >= reset - self.downtime).then_some(reset)
    }

    /// Outside downtime: when the next one begins. None where there is never one, or it is now.
    pub fn closes_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let start = self.next_reset(now) - self.downtime;
        (!self.downtime.is_zero() && start > now).then_some(start)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn downtime_reaches_over_midnight() {
        let schedule = Schedule::new(10, 30).unwrap();
        assert_eq!(schedule.downtime_until(at("2026-03-01T23:39:59Z")), None);
        assert_eq!(schedule.downtime_until(at("2026-03-01T23:40:00Z")), Some(at("2026-03-02T00:10:00Z")));
        assert_eq!(schedule.downtime_until(at("2026-03-02T00:09:59Z")), Some(at("2026-03-02T00:10:00Z")));
        assert_eq!(schedule.downtime_until(at("2026-03-02T00:10:00Z")), None);
        assert_eq!(schedule.closes_at(at("2026-03-02T00:10:00Z")), Some(at("2026-03-02T23:40:00Z")));
    }

    #[test]
    fn without_downtime_the_desk_never_closes() {
        let schedule = Schedule::new(0, 0).unwrap();
        assert_eq!(schedule.downtime_until(at("2026-03-01T23:59:59.999Z")), None);
        assert_eq!(schedule.closes_at(at("2026-03-01T12:00:00Z")), None);
    }

    #[test]
    fn a_day_of_downtime_is_no_schedule() {
        assert!(Schedule::new(0, 1440).is_none());
        assert!(Schedule::new(1440, 0).is_none());
        assert!(Schedule::new(1439, 1439).is_some());
    }

    proptest! {
        #[test]
        fn every_instant_lies_between_two_resets_a_day_apart(minute in 0u32..1440, down in 0u32..1440, secs in 0i64..4_000_000_000) {
            let schedule = Schedule::new(minute, down).unwrap();
            let now = DateTime::from_timestamp(secs, 0).unwrap();
            let (last, next) = (schedule.last_reset(now), schedule.next_reset(now));
            prop_assert!(last <= now && now < next);
            prop_assert_eq!(next - last, TimeDelta::days(1));
            prop_assert_eq!(next.time(), schedule.reset_time());
            // Closed exactly in the minutes before a reset, and the two answers never contradict each other.
            let closed = next - now <= TimeDelta::minutes(i64::from(down));
            prop_assert_eq!(schedule.downtime_until(now), closed.then_some(next));
            if down > 0 {
                prop_assert_eq!(schedule.closes_at(now).is_some(), !closed);
            }
        }
    }
}
