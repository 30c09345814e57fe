use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::bans::{Bans, Edit, EditError, Edited, Lists, Written, edit};
use crate::config::{Folder, ListSource};
use crate::domain::{Action, BanKind, EmailAddress, Localpart};
use crate::store::{RequestFilter, RequestRow, Store, StoreError, Writing};

use super::deed::{BanLine, Deed};
use super::opened::Opened;
use super::outcome::{Done, NotDone, Outcome};

/// Changes a ban list. Without `force` no line is written that alone hits nearly everybody.
pub fn ban(
    opened: &Opened,
    kind: BanKind,
    change: &Edit,
    force: bool,
    now: DateTime<Utc>,
) -> Result<Outcome, NotDone> {
    let (old, new) = entries(change);
    if let Some(wide) = new.filter(|_| !force).and_then(|new| too_wide(kind, new, now)) {
        return Err(NotDone::TooWide(wide));
    }
    let failed = |error| NotDone::Edit(kind, old.to_owned(), error);
    let Edited { line, mark_before, mark_after } = change_file(opened, kind, change, failed)?;
    let at = |entry: &str, mark| Some(BanLine { kind, line, entry: entry.trim().to_owned(), mark });
    let before = match change {
        Edit::Add(_) | Edit::Insert(..) => None,
        Edit::Remove(entry) | Edit::Replace(entry, _) => at(entry, mark_before),
    };
    let after = new.and_then(|new| at(&new.entry, mark_after));
    let in_force = after.as_ref().map(|line| Written { entry: line.entry.clone(), mark: line.mark.clone() });
    let (subject, own) = (old.trim().to_owned(), change.clone());
    let ((), act) = opened.journaled(now, move |store| {
        note_own(store, kind, &own, now)?;
        Ok(((), Some(Deed::Ban { subject, before, after })))
    })?;
    let held = in_force.map_or(Ok(Vec::new()), |new| held_hits(opened, kind, &new, now))?;
    Ok(Outcome { done: Done::Banned { kind, line, edit: change.clone(), held }, act })
}

/// What is said of an entry that alone hits nearly everybody.
fn too_wide(kind: BanKind, new: &Written, now: DateTime<Utc>) -> Option<String> {
    Lists::single(kind, new).ok()?.wide(now).next().map(|wide| wide.what)
}

/// The entry that a change is about, and the one that is in force after it.
fn entries(change: &Edit) -> (&str, Option<&Written>) {
    match change {
        Edit::Add(new) | Edit::Insert(_, new) => (&new.entry, Some(new)),
        Edit::Remove(entry) => (entry, None),
        Edit::Replace(entry, new) => (entry, Some(new)),
    }
}

/// Changes the file.
pub(super) fn change_file(
    opened: &Opened,
    kind: BanKind,
    change: &Edit,
    failed: impl FnOnce(EditError) -> NotDone,
) -> Result<Edited, NotDone> {
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
    let new = new.map(|new| new.entry.as_str());
    if new != Some(old) {
        store.forget_own_ban(kind.file_name(), old.trim())?;
    }
    new.map_or(Ok(()), |new| store.note_own_ban(kind.file_name(), new.trim(), now))
}

/// The lists in force, as at the desk: of a file that was lost the last good content holds.
pub fn lists_in_force(folder: &Folder, store: Option<&Store>, sources: &[ListSource]) -> Arc<Lists> {
    let last_good = |kind: BanKind| store?.read(|store| store.last_good(kind.file_name())).ok()?;
    let bans = Bans::open(folder, last_good);
    bans.subscribe(folder, sources);
    bans.current()
}

/// The requests that wait and would be refused by this entry.
fn held_hits(
    opened: &Opened,
    kind: BanKind,
    new: &Written,
    now: DateTime<Utc>,
) -> Result<Vec<RequestRow>, NotDone> {
    let Ok(list) = Lists::single(kind, new) else { return Ok(Vec::new()) };
    let held = RequestFilter { verdict: Some("held"), ..RequestFilter::default() };
    let mut held = opened.store.read(|store| store.requests(&held))?;
    held.retain(|row| {
        let ip = row.ip.as_deref().and_then(|ip| ip.parse::<IpAddr>().ok());
        let email = EmailAddress::parse(&row.email).ok();
        let name = Localpart::parse(&row.username, &opened.settings.homeserver).ok();
        list.hits(ip, email.as_ref(), name.as_ref(), now).first(Action::Refuse).is_some()
    });
    Ok(held)
}
