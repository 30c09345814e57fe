//! What goes in and away as a whole.

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::domain::EmailAddress;
use crate::import::import_file;
use crate::store::Forgotten;

use super::deed::Deed;
use super::opened::Opened;
use super::outcome::{Done, NotDone, Outcome};

/// Erases what the database knows of an address, and frees it.
pub fn forget(opened: &Opened, email: &EmailAddress, now: DateTime<Utc>) -> Result<Outcome, NotDone> {
    let email = email.clone();
    let (forgotten, act) = opened.journaled(now, move |store| {
        let forgotten = store.forget(&email)?;
        Ok((forgotten, (forgotten != Forgotten::default()).then_some(Deed::Forget)))
    })?;
    Ok(Outcome { done: Done::Forgotten(forgotten), act })
}

/// Takes in the original's `registrations.json`.
pub fn import(opened: &Opened, file: &Path, now: DateTime<Utc>) -> Result<Outcome, NotDone> {
    let settings = &opened.settings;
    let report = import_file(file, &opened.store, &settings.homeserver, &settings.schedule, now)
        .map_err(|error| NotDone::NotImported(error.to_string()))?;
    let (subject, is_new) = (file.display().to_string(), report.imported > 0);
    let ((), act) = opened.journaled(now, move |_| Ok(((), is_new.then_some(Deed::Import { subject }))))?;
    Ok(Outcome { done: Done::Imported(report), act })
}
