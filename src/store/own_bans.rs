//! Entries that this doorman has written into a ban list lately, so that it is noticed when an editor's older copy of the
//! file overwrites them.

use chrono::{DateTime, TimeDelta, Utc};

use super::rows::selected;
use super::{Reading, StoreError, Writing, millis};

/// Editors are seldom left open for longer.
const REMEMBERED: TimeDelta = TimeDelta::hours(12);

/// More than anybody adds in that time by hand.
const MOST: i64 = 1000;

selected! {
    /// One entry.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct OwnBan {
        /// The list's file name.
        pub file: String = "file",
        /// The entry.
        pub entry: String = "entry",
    }
}

impl Reading<'_> {
    /// Entries written lately, oldest first.
    pub fn own_bans(&self) -> Result<Vec<OwnBan>, StoreError> {
        self.rows("FROM own_bans ORDER BY rowid", [])
    }
}

impl Writing<'_> {
    /// An entry was written.
    pub fn note_own_ban(&self, file: &str, entry: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.forget_own_ban(file, entry)?;
        self.sql(
            "INSERT INTO own_bans (file, entry, added_at) VALUES (?1, ?2, ?3)",
            (file, entry, millis(now)),
        )?;
        self.sql(
            "DELETE FROM own_bans WHERE added_at <= ?1
                OR rowid NOT IN (SELECT rowid FROM own_bans ORDER BY rowid DESC LIMIT ?2)",
            (millis(now - REMEMBERED), MOST),
        )?;
        Ok(())
    }

    /// An entry was taken out on purpose, or its loss was told. False: it was not one of ours.
    pub fn forget_own_ban(&self, file: &str, entry: &str) -> Result<bool, StoreError> {
        Ok(self.sql("DELETE FROM own_bans WHERE file = ?1 AND entry = ?2", [file, entry])? > 0)
    }
}
