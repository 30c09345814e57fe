//! What `registrations.json` shows of the store.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Reading, StoreError, instant};

/// One reservation, as the mirror shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorEntry {
    /// The name.
    pub requested_name: String,
    /// The address as typed.
    pub email: String,
    /// When it entered.
    pub entered_at: DateTime<Utc>,
    /// Whence; none for a request by e-mail.
    pub ip: Option<String>,
}

impl Reading<'_> {
    /// Differs whenever the mirror would. Triggers count what is changed and deleted.
    pub fn mirror_version(&self) -> Result<(i64, i64), StoreError> {
        Ok(self
            .0
            .prepare_cached("SELECT coalesce(max(id), 0), (SELECT changes FROM mirror) FROM reservations")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// Shows each entry, oldest first.
    pub fn for_each_mirror_entry(
        &self,
        mut show: impl FnMut(&MirrorEntry) -> std::io::Result<()>,
    ) -> Result<std::io::Result<()>, StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT name, email, entered_at, ip, entered_us FROM reservations
             WHERE entered_at IS NOT NULL AND withdrawn = 0 ORDER BY entered_at, id",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let entry = MirrorEntry {
                requested_name: row.get(0)?,
                email: row.get(1)?,
                entered_at: instant(row.get(2)?) + Duration::from_micros(row.get::<_, u32>(4)?.into()),
                ip: row.get(3)?,
            };
            if let Err(error) = show(&entry) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }
}
