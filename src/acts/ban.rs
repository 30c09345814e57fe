use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::bans::{Bans, Edit, Lists, edit};
use crate::config::Folder;
use crate::domain::{Action, BanKind, EmailAddress, Localpart};
use crate::store::{RequestFilter, RequestRow, Store, StoreError, Writing};

use super::deed::{BanLine, Deed};
use super::opened::Opened;
use super::outcome::{Done, NotDone, Outcome};

/// Changes a ban list.
pub fn ban(opened: &Opened, kind: BanKind, change: &Edit, now: DateTime<Utc>) -> Result<Outcome, NotDone> {
    let failed = |error| NotDone::Edit(kind, entries(change).0.to_owned(), error);
    let line = change_file(opened, kind, change, failed)?;
    let at = |entry: &str| Some(BanLine { kind, line, entry: entry.trim().to_owned() });
    let (before, after) = match change {
        Edit::Add(entry) | Edit::Insert(_, entry) => (None, at(entry)),
        Edit::Remove(entry) => (at(entry), None),
        Edit::Replace(entry, new) => (at(entry), at(new)),
    };
    let subject = entries(change).0.trim().to_owned();
    let own = change.clone();
    let ((), act) = opened.journaled(now, move |store| {
        note_own(store, kind, &own, now)?;
        Ok(((), Some(Deed::Ban { subject, before, after })))
    })?;
    let held = entries(change).1.map_or(Ok(Vec::new()), |entry| held_hits(opened, kind, entry))?;
    Ok(Outcome { done: Done::Banned { kind, line, edit: change.clone(), held }, act })
}

/// The entry that a change is about, and the one that is in force after it.
fn entries(change: &Edit) -> (&str, Option<&str>) {
    match change {
        Edit::Add(entry) | Edit::Insert(_, entry) => (entry, Some(entry)),
        Edit::Remove(entry) => (entry, None),
        Edit::Replace(entry, new) => (entry, Some(new)),
    }
}

/// Changes the file. Returns the line that it was about.
pub(super) fn change_file(
    opened: &Opened,
    kind: BanKind,
    change: &Edit,
    failed: impl FnOnce(crate::bans::EditError) -> NotDone,
) -> Result<usize, NotDone> {
    // A new file in the place of a lost one would end all the bans that are still in force.
    let (file, path) = (kind.file_name(), opened.folder.path().join(kind.file_name()));
    if !path.exists()
        && opened.store.read(|store| store.last_good(file))?.is_some_and(|text| !text.trim().is_empty())
    {
        return Err(NotDone::ListLost(kind));
    }
    edit(&opened.folder, kind, change).map_err(failed)
}

/// So that the desk notices when an editor's older copy overwrites it.
pub(super) fn note_own(
    store: &Writing<'_>,
    kind: BanKind,
    change: &Edit,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (old, new) = entries(change);
    if new != Some(old) {
        store.forget_own_ban(kind.file_name(), old.trim())?;
    }
    new.map_or(Ok(()), |new| store.note_own_ban(kind.file_name(), new.trim(), now))
}

/// The lists in force, as at the desk: of a file that was lost the last good content holds.
pub fn lists_in_force(folder: &Folder, store: Option<&Store>) -> Arc<Lists> {
    let last_good = |kind: BanKind| store?.read(|store| store.last_good(kind.file_name())).ok()?;
    Bans::open(folder, last_good).current()
}

/// The requests that wait and are hit by this entry.
fn held_hits(opened: &Opened, kind: BanKind, entry: &str) -> Result<Vec<RequestRow>, NotDone> {
    let Ok(list) = Lists::single(kind, entry) else { return Ok(Vec::new()) };
    let held = RequestFilter { verdict: Some("held"), ..RequestFilter::default() };
    let mut held = opened.store.read(|store| store.requests(&held))?;
    held.retain(|row| {
        let ip = row.ip.as_deref().and_then(|ip| ip.parse::<IpAddr>().ok());
        let email = EmailAddress::parse(&row.email).ok();
        let name = Localpart::parse(&row.username, &opened.settings.homeserver).ok();
        list.hits(ip, email.as_ref(), name.as_ref()).first(Action::Refuse).is_some()
    });
    Ok(held)
}
