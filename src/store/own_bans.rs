//! Entries that this doorman has written into a ban list lately, so that it is noticed when an editor's older copy of the
//! file overwrites them.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Reading, StoreError, Writing, instant, millis};

/// Editors are seldom left open for longer.
const REMEMBERED: TimeDelta = TimeDelta::hours(12);

/// More than anybody adds in that time by hand.
const MOST: usize = 1000;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnBan {
    /// The list's file name.
    pub file: String,
    /// The entry.
    pub entry: String,
    added_at: i64,
}

impl Reading<'_> {
    /// Entries written lately, oldest first.
    pub fn own_bans(&self) -> Result<Vec<OwnBan>, StoreError> {
        let noted = self.meta("own_bans")?.unwrap_or_default();
        let noted: Vec<(String, String, i64)> = serde_json::from_str(&noted).unwrap_or_default();
        Ok(noted.into_iter().map(|(file, entry, added_at)| OwnBan { file, entry, added_at }).collect())
    }
}

impl Writing<'_> {
    /// An entry was written.
    pub fn note_own_ban(&self, file: &str, entry: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut noted = self.own_bans()?;
        noted.retain(|own| {
            now - instant(own.added_at) < REMEMBERED && (own.file != file || own.entry != entry)
        });
        noted.push(OwnBan { file: file.to_owned(), entry: entry.to_owned(), added_at: millis(now) });
        let from = noted.len().saturating_sub(MOST);
        self.keep(&noted[from..])
    }

    /// An entry was taken out on purpose, or its loss was told. False: it was not one of ours.
    pub fn forget_own_ban(&self, file: &str, entry: &str) -> Result<bool, StoreError> {
        let mut noted = self.own_bans()?;
        let before = noted.len();
        noted.retain(|own| own.file != file || own.entry != entry);
        if noted.len() == before {
            return Ok(false);
        }
        self.keep(&noted)?;
        Ok(true)
    }

    fn keep(&self, noted: &[OwnBan]) -> Result<(), StoreError> {
        let noted: Vec<(&str, &str, i64)> =
            noted.iter().map(|own| (own.file.as_str(), own.entry.as_str(), own.added_at)).collect();
        let text = serde_json::to_string(&noted).map_err(|error| StoreError::Other(error.to_string()))?;
        self.set_meta("own_bans", Some(&text))
    }
}
