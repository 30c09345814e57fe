use chrono::{DateTime, Utc};

use crate::lock::desk_is_running;

use super::deed::Deed;
use super::opened::Opened;
use super::outcome::{Done, NotDone, Outcome};

/// Closes the desk by hand, or opens it again.
pub fn pause(opened: &Opened, is_paused: bool, now: DateTime<Utc>) -> Result<Outcome, NotDone> {
    let ((), act) = opened.journaled(now, move |store| {
        let before = store.desk_state()?.paused_since.unwrap_or(now);
        let deed = if is_paused { Deed::Pause } else { Deed::Resume { before } };
        Ok(((), store.pause(is_paused.then_some(now))?.then_some(deed)))
    })?;
    Ok(Outcome { done: paused(opened, is_paused, act.is_some()), act })
}

pub(super) fn paused(opened: &Opened, is_paused: bool, is_new: bool) -> Done {
    Done::Paused { is_paused, is_new, is_running: desk_is_running(opened.folder.path()) }
}
