use chrono::{DateTime, Utc};

use crate::domain::SurgeMode;

use super::deed::Deed;
use super::opened::Opened;
use super::outcome::{Done, NotDone, Outcome};

/// Says that there is a surge, that there is none, or that the desk is to find out.
pub fn surge(opened: &Opened, mode: SurgeMode, now: DateTime<Utc>) -> Result<Outcome, NotDone> {
    let ((), act) = opened.journaled(now, move |store| {
        let before = store.surge()?.mode;
        store.set_surge_mode(mode)?;
        Ok(((), (before != mode).then_some(Deed::Surge { before, after: mode })))
    })?;
    Ok(Outcome { done: Done::Surge(mode), act })
}
