//! Refusals are kept one by one as long as they are few; beyond that they are thinned out and counted, so that a flood
//! of them fills no disk.

use chrono::{DateTime, TimeDelta, Utc};

/// So many refusals of an hour are kept one by one …
const ONE_BY_ONE: u64 = 1000;

/// … and of those beyond, one for so many.
const ONE_FOR: u64 = 100;

/// Decides which refusals are kept.
#[derive(Debug, Default)]
pub(super) struct Thinning {
    hour_began_at: Option<DateTime<Utc>>,
    kept: u64,
    passed_over: u64,
}

impl Thinning {
    /// A refusal at `now`. Some: keep it; it stands for so many.
    pub(super) fn note(&mut self, now: DateTime<Utc>) -> Option<u64> {
        // A clock that was set back begins a new hour too.
        let same_hour = self.hour_began_at.is_some_and(|began| {
            let age = now - began;
            age >= TimeDelta::zero() && age < TimeDelta::hours(1)
        });
        if !same_hour {
            self.hour_began_at = Some(now);
            self.kept = 0;
        }
        self.passed_over += 1;
        if self.kept < ONE_BY_ONE {
            self.kept += 1;
        } else if self.passed_over < ONE_FOR {
            return None;
        }
        Some(std::mem::take(&mut self.passed_over))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_thinned_out_and_none_is_left_uncounted() {
        let mut thinning = Thinning::default();
        let began = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let kept: Vec<u64> = (0..2050).filter_map(|_| thinning.note(began)).collect();
        assert_eq!(kept.len(), 1010);
        assert_eq!(kept.iter().sum::<u64>(), 2000);
        // The next hour is kept one by one again, and the first one brings along those that were left.
        assert_eq!(thinning.note(began + TimeDelta::hours(1)), Some(51));
        assert_eq!(thinning.note(began + TimeDelta::hours(1)), Some(1));
    }
}
