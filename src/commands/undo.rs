//! `undo`: takes back what was done last, a change of a ban list or a decision.

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::bans::{Edit, edit, in_words, shown};
use crate::store::StoreError;

use super::ban::{from_note, note_own, refuse_where_lost};
use super::folder::{Intent, Opened, open};
use super::held;
use super::{Done, Failure, print};

/// What [`undo`] would take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastAct {
    /// Tells it from any other.
    pub note: String,
    /// What it was.
    pub words: String,
}

/// What was done last and can be taken back.
pub fn last_act(opened: &Opened) -> Result<Option<LastAct>, StoreError> {
    let Some(note) = opened.store.read(|store| store.last_ban())? else { return Ok(None) };
    let words = match (held::decision(&note), from_note(&note)) {
        (Some((id, _)), _) => format!("the decision on request {id}"),
        (None, Some((kind, back))) => {
            let file = kind.file_name();
            match &back {
                Edit::Remove(entry) => format!("the ban of {} in {file}", shown(entry)),
                Edit::Add(entry) | Edit::Insert(_, entry) => {
                    format!("the deletion of {} from {file}", shown(entry))
                }
                Edit::Replace(new, old) => {
                    format!("the change of {} to {} in {file}", shown(old), shown(new))
                }
            }
        }
        (None, None) => return Ok(None),
    };
    Ok(Some(LastAct { note, words }))
}

/// `undo`
pub fn run(config: Option<&Path>, now: DateTime<Utc>) -> Done {
    print(&undo(&open(config, Intent::Write)?, now)?)
}

/// Takes back the last ban or decision. Says what was done.
pub fn undo(opened: &Opened, now: DateTime<Utc>) -> Result<String, Failure> {
    let note = opened.store.read(|store| store.last_ban())?;
    if let Some(decision) = note.as_deref().and_then(held::decision) {
        return held::undo(opened, decision);
    }
    let Some((kind, back)) = note.as_deref().and_then(from_note) else {
        return Err(Failure::new("there is nothing to take back"));
    };
    refuse_where_lost(opened, kind)?;
    let (line, _) = edit(&opened.folder, kind, &back)
        .map_err(|error| Failure::new(format!("{} was changed since: {error}", kind.file_name())))?;
    note_own(opened, kind, &back, now)?;
    opened.store.write(|store| store.note_last_ban(None))?;
    Ok(format!("{}\n", in_words(kind, line, &back)))
}
