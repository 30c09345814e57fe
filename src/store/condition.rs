//! What the running desk tells of itself, for the console.

use serde::{Deserialize, Serialize};

use super::{Reading, StoreError, Writing};

const KEY: &str = "desk_condition";

/// How the running desk is. Of a desk that does not run it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskCondition {
    /// The alarms: word, and what is wrong.
    pub alarms: Vec<(String, String)>,
    /// Whether the letter box is connected; None: there is none.
    pub letter_box_is_open: Option<bool>,
    /// Which homeserver it is, in words.
    pub homeserver: Option<String>,
}

impl Reading<'_> {
    /// As the desk wrote it down last.
    pub fn condition(&self) -> Result<DeskCondition, StoreError> {
        Ok(self.meta(KEY)?.and_then(|noted| serde_json::from_str(&noted).ok()).unwrap_or_default())
    }
}

impl Writing<'_> {
    /// Writes it down.
    pub fn note_condition(&self, condition: &DeskCondition) -> Result<(), StoreError> {
        self.set_meta(KEY, Some(&serde_json::to_string(condition).unwrap_or_default()))
    }
}
