//! What the operator has told the desk, and what it remembers of itself and its files.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clock::Remembered;

use super::{Reading, StoreError, Writing, instant, millis};

/// What is in force until somebody changes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeskState {
    /// Since when the operator has paused the desk.
    pub paused_since: Option<DateTime<Utc>>,
    /// The homeserver calls names free whose accounts exist, so nothing lapses on its word.
    pub availability_lies: bool,
}

/// How the running desk is, for the console. Of a desk that does not run it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskCondition {
    /// The alarms: word, and what is wrong.
    pub alarms: Vec<(String, String)>,
    /// Whether the letter box is connected; None: there is none.
    pub letter_box_is_open: Option<bool>,
    /// Which homeserver it is, in words.
    pub homeserver: Option<String>,
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
            paused_since: self.meta_instant("paused_since")?,
            availability_lies: self.meta("availability_lies")?.is_some(),
        })
    }

    /// How the desk is, as it wrote it down last.
    pub fn condition(&self) -> Result<DeskCondition, StoreError> {
        Ok(self.meta_json("desk_condition")?.unwrap_or_default())
    }

    /// Whether this doorman still understands the database.
    pub fn check_version(&self) -> Result<(), StoreError> {
        super::schema::is_still_ours(self.0)
    }

    /// What is remembered of the clock.
    pub fn clock(&self) -> Result<Option<Remembered>, StoreError> {
        self.meta_json("clock")
    }

    /// Whether the operator has said that the clock is right, and the desk has not heard it yet.
    pub fn clock_is_vouched_for(&self) -> Result<bool, StoreError> {
        Ok(self.meta("clock_vouched_for")?.is_some())
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
        self.meta_parsed("told_of_token")
    }

    /// The last good content of a ban list, by its file name.
    pub fn last_good(&self, file: &str) -> Result<Option<String>, StoreError> {
        self.found("SELECT content FROM last_good_lists WHERE file = ?1", [file])
    }

    pub(super) fn meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.found("SELECT value FROM meta WHERE key = ?1", [key])
    }

    fn meta_parsed<T: FromStr>(&self, key: &str) -> Result<Option<T>, StoreError> {
        Ok(self.meta(key)?.and_then(|value| value.parse().ok()))
    }

    pub(super) fn meta_instant(&self, key: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(self.meta_parsed(key)?.map(instant))
    }

    pub(super) fn meta_json<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        Ok(self.meta(key)?.and_then(|value| serde_json::from_str(&value).ok()))
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

    /// Notes how the desk is.
    pub fn note_condition(&self, condition: &DeskCondition) -> Result<(), StoreError> {
        self.set_meta_json("desk_condition", condition)
    }

    /// Notes what the next start is to know of the clock.
    pub fn note_clock(&self, remembered: &Remembered) -> Result<(), StoreError> {
        self.set_meta_json("clock", remembered)
    }

    /// Notes that the operator says that the clock is right, or that the desk has heard it.
    pub fn vouch_for_clock(&self, is_said: bool) -> Result<(), StoreError> {
        self.set_meta("clock_vouched_for", is_said.then_some("1"))
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
        self.sql("INSERT OR REPLACE INTO last_good_lists (file, content) VALUES (?1, ?2)", [file, content])?;
        Ok(())
    }

    pub(super) fn set_meta(&self, key: &str, value: Option<&str>) -> Result<(), StoreError> {
        match value {
            Some(value) => self.sql(
                "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
                [key, value],
            )?,
            None => self.sql("DELETE FROM meta WHERE key = ?1", [key])?,
        };
        Ok(())
    }

    pub(super) fn set_meta_json(&self, key: &str, value: &impl Serialize) -> Result<(), StoreError> {
        let json = serde_json::to_string(value).map_err(|error| StoreError::Other(error.to_string()))?;
        self.set_meta(key, Some(&json))
    }
}
