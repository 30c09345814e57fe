use chrono::{DateTime, Utc};

use crate::lock::desk_is_running;

use super::deed::Deed;
use super::opened::Opened;
use super::outcome::{Done, NotDone, Outcome};

/// Vouches for the clock of this machine: the desk believes what it shows, until it is set once more.
pub fn trust_clock(opened: &Opened, now: DateTime<Utc>) -> Result<Outcome, NotDone> {
    let ((), act) = opened.journaled(now, |store| {
        store.vouch_for_clock(true)?;
        Ok(((), Some(Deed::TrustClock)))
    })?;
    Ok(Outcome { done: Done::ClockTrusted { now, is_running: desk_is_running(opened.folder.path()) }, act })
}
