//! What the operator has told the desk, and what it remembers of its files.

use chrono::{DateTime, Utc};
use rusqlite::OptionalExtension;

use super::{Reading, StoreError, Writing, instant, millis};

/// What is in force until somebody changes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeskState {
    /// Since when the operator has paused the desk.
    pub paused_since: Option<DateTime<Utc>>,
    /// The homeserver calls names free whose accounts exist, so nothing lapses on its word.
    pub availability_lies: bool,
}

/// Owner and mode of a file, to give them back to it when it was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStamp {
    /// User ID.
    pub uid: u32,
    /// Group ID.
    pub gid: u32,
    /// Permission bits.
    pub mode: u32,
}

impl Reading<'_> {
    /// What is in force.
    pub fn desk_state(&self) -> Result<DeskState, StoreError> {
        Ok(DeskState {
            paused_since: self.meta("paused_since")?.and_then(|at| at.parse().ok()).map(instant),
            availability_lies: self.meta("availability_lies")?.is_some(),
        })
    }

    /// Owner and mode that the token file had last.
    pub fn token_file_stamp(&self) -> Result<Option<FileStamp>, StoreError> {
        Ok(self.meta("token_file_stamp")?.and_then(|stamp| {
            let mut fields = stamp.split(' ').map(|field| field.parse().ok());
            Some(FileStamp { uid: fields.next()??, gid: fields.next()??, mode: fields.next()?? })
        }))
    }

    /// The token that `after_rotation` has told the homeserver of, by its number.
    pub fn told_of_token(&self) -> Result<Option<i64>, StoreError> {
        Ok(self.meta("told_of_token")?.and_then(|id| id.parse().ok()))
    }

    /// The last good content of a ban list, by its file name.
    pub fn last_good(&self, file: &str) -> Result<Option<String>, StoreError> {
        self.meta(&format!("last_good:{file}"))
    }

    pub(super) fn meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        Ok(self
            .0
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?)
    }
}

impl Writing<'_> {
    /// Closes the desk by hand, or opens it again. False: it was so already.
    pub fn pause(&self, since: Option<DateTime<Utc>>) -> Result<bool, StoreError> {
        if self.desk_state()?.paused_since.is_some() == since.is_some() {
            return Ok(false);
        }
        self.set_meta("paused_since", since.map(|at| millis(at).to_string()).as_deref())?;
        Ok(true)
    }

    /// What this database was called when it was first asked; `fresh` names it now where it has no name yet.
    pub fn desk_id(&self, fresh: u128) -> Result<String, StoreError> {
        if let Some(id) = self.meta("desk_id")? {
            return Ok(id);
        }
        let id = format!("{fresh:032x}");
        self.set_meta("desk_id", Some(&id))?;
        Ok(id)
    }

    /// Notes that the homeserver called a name free whose account exists.
    pub fn note_availability_lies(&self) -> Result<(), StoreError> {
        self.set_meta("availability_lies", Some("1"))
    }

    /// Notes that `after_rotation` has told the homeserver of this token.
    pub fn note_told_of_token(&self, id: i64) -> Result<(), StoreError> {
        self.set_meta("told_of_token", Some(&id.to_string()))
    }

    /// Of whichever token it was told, it may not know it any more.
    pub fn forget_told_of_token(&self) -> Result<(), StoreError> {
        self.set_meta("told_of_token", None)
    }

    /// Writes something and leaves nothing behind but the proof that it can be done.
    pub fn probe(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.set_meta("probed_at", Some(&millis(now).to_string()))
    }

    /// Notes owner and mode of the token file.
    pub fn note_token_file_stamp(&self, stamp: FileStamp) -> Result<(), StoreError> {
        self.set_meta("token_file_stamp", Some(&format!("{} {} {}", stamp.uid, stamp.gid, stamp.mode)))
    }

    /// Keeps the content of a ban list, for the time when its file is lost.
    pub fn note_last_good(&self, file: &str, content: &str) -> Result<(), StoreError> {
        self.set_meta(&format!("last_good:{file}"), Some(content))
    }

    pub(super) fn set_meta(&self, key: &str, value: Option<&str>) -> Result<(), StoreError> {
        match value {
            Some(value) => self
                .0
                .0
                .prepare_cached(
                    "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
                )?
                .execute([key, value])?,
            None => self.0.0.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([key])?,
        };
        Ok(())
    }
}
