//! How many come, how many may, and what the desk does about it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::SurgeMode;

use super::rows::{selected, words};
use super::{HeldRequest, Reading, StoreError, Writing, millis};

words!(SurgeMode);

/// Whether there is a surge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Surge {
    /// What the operator says.
    pub mode: SurgeMode,
    /// By itself: since when.
    pub since: Option<DateTime<Utc>>,
}

impl Surge {
    /// Whether there is one, by the operator's word or by itself.
    pub fn is_on(self) -> bool {
        match self.mode {
            SurgeMode::On => true,
            SurgeMode::Off => false,
            SurgeMode::Auto => self.since.is_some(),
        }
    }
}

/// Of a reservation: it is nobody's whom the operator has invited, who stand outside of what is usual and of the quota.
const CAME: &str = "NOT EXISTS (SELECT 1 FROM requests q WHERE q.reservation_id = reservations.id AND q.channel = 'invitation')";

selected! {
    struct InHour {
        hour: i64 = "made_at / 3600000",
        count: u64 = "count(*)",
    }
}

pub(super) const WAITS_FOR_QUOTA: &str =
    "q.verdict = 'held' AND q.reason = 'quota' AND q.letter_id IS NULL AND q.id =
    (SELECT min(o.id) FROM requests o WHERE o.reservation_id = q.reservation_id AND o.verdict = 'held')";

impl Reading<'_> {
    /// Whether there is a surge.
    pub fn surge(&self) -> Result<Surge, StoreError> {
        let mode = self.meta("surge_mode")?.and_then(|mode| mode.parse().ok()).unwrap_or_default();
        Ok(Surge { mode, since: self.meta_instant("surge_since")? })
    }

    /// How many in an hour are one, as the desk has found out.
    pub fn known_threshold(&self) -> Result<Option<u64>, StoreError> {
        Ok(self.meta("surge_threshold")?.and_then(|value| value.parse().ok()))
    }

    /// How many passed all rules since then, whatever became of them; no more than so many are counted.
    pub fn passed_since(
        &self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
        at_most: u64,
    ) -> Result<u64, StoreError> {
        self.value(
            &format!(
                "SELECT count(*) FROM
                     (SELECT 1 FROM reservations WHERE made_at > ?1 AND made_at <= ?2 AND {CAME} LIMIT ?3)"
            ),
            (millis(since), millis(now), super::limit(at_most)),
        )
    }

    /// The same in each whole hour of the last 28 days, from the first request on.
    pub fn passed_by_hour(&self, now: DateTime<Utc>) -> Result<Vec<u64>, StoreError> {
        let this_hour = millis(now) / 3_600_000;
        let begin = millis(now - TimeDelta::days(28)) / 3_600_000;
        let first: Option<i64> = self.value("SELECT min(made_at) / 3600000 FROM reservations", [])?;
        let Some(begin) = first.map(|first| first.max(begin)).filter(|first| *first < this_hour) else {
            return Ok(Vec::new());
        };
        let mut hours = vec![0; usize::try_from(this_hour - begin).unwrap_or_default()];
        let counted: Vec<InHour> = self.rows(
            &format!("FROM reservations WHERE made_at >= ?1 AND made_at < ?2 AND {CAME} GROUP BY 1"),
            [begin * 3_600_000, this_hour * 3_600_000],
        )?;
        for InHour { hour, count } in counted {
            if let Some(of) = usize::try_from(hour - begin).ok().and_then(|at| hours.get_mut(at)) {
                *of = count;
            }
        }
        Ok(hours)
    }

    /// How many accounts were given away since then; one whose letter failed gives its place back.
    pub fn given_since(&self, since: DateTime<Utc>) -> Result<u64, StoreError> {
        self.value(
            &format!("SELECT count(*) FROM reservations WHERE entered_at >= ?1 AND withdrawn = 0 AND {CAME}"),
            [millis(since)],
        )
    }

    /// Those that wait for an account of another day, oldest first.
    pub fn waiting_for_quota(&self, at_most: u64) -> Result<Vec<HeldRequest>, StoreError> {
        self.rows(
            &format!("FROM requests q WHERE {WAITS_FOR_QUOTA} ORDER BY q.id LIMIT ?1"),
            [super::limit(at_most)],
        )
    }
}

impl Writing<'_> {
    /// What the operator says of surges.
    pub fn set_surge_mode(&self, mode: SurgeMode) -> Result<(), StoreError> {
        self.set_meta("surge_mode", Some(mode.into()))
    }

    /// One begins by itself, or is over.
    pub fn note_surge(&self, since: Option<DateTime<Utc>>) -> Result<(), StoreError> {
        self.set_meta("surge_since", since.map(|at| millis(at).to_string()).as_deref())
    }

    /// How many in an hour are one.
    pub fn note_threshold(&self, threshold: Option<u64>) -> Result<(), StoreError> {
        self.set_meta("surge_threshold", threshold.map(|value| value.to_string()).as_deref())
    }
}
