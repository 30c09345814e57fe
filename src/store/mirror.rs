//! What `registrations.json` shows of the store.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::rows::{Selected, selected};
use super::{Reading, StoreError};

selected! {
    /// One reservation, as the mirror shows it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct MirrorEntry {
        /// The name.
        pub requested_name: String = "name",
        /// The address as typed.
        pub email: String = "email",
        entered_at: DateTime<Utc> = "entered_at",
        entered_us: u32 = "entered_us",
        /// Whence; none for a request by email.
        pub ip: Option<String> = "ip",
    }
}

selected! {
    /// Differs whenever the mirror would: triggers count what is changed and deleted, and what is new has a new number.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct MirrorVersion {
        newest: Option<i64> = "max(id)",
        changes: i64 = "(SELECT changes FROM mirror)",
    }
}

impl MirrorEntry {
    /// When it entered.
    pub fn entered_at(&self) -> DateTime<Utc> {
        self.entered_at + Duration::from_micros(self.entered_us.into())
    }
}

impl Reading<'_> {
    /// What the mirror is to show.
    pub fn mirror_version(&self) -> Result<Option<MirrorVersion>, StoreError> {
        self.row("FROM reservations", [])
    }

    /// Shows each entry, oldest first.
    pub fn for_each_mirror_entry(
        &self,
        mut show: impl FnMut(&MirrorEntry) -> std::io::Result<()>,
    ) -> Result<std::io::Result<()>, StoreError> {
        let mut statement = self.0.prepare_cached(&format!(
            "SELECT {} FROM reservations WHERE entered_at IS NOT NULL AND withdrawn = 0 ORDER BY entered_at, id",
            MirrorEntry::COLUMNS
        ))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let Err(error) = show(&MirrorEntry::read(row)?) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }
}
