//! Changes of the ban lists come into force, whoever makes them.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::alarms::Trouble;
use crate::bans::{keep_copy, shown};
use crate::domain::BanKind;
use crate::premises::Premises;
use crate::pulse::Topic;
use crate::store::StoreError;

/// What is told of already: lines that have ended, and what is to be said of others' lists.
#[derive(Debug, Default)]
pub(super) struct Notes(HashSet<String>);

impl Notes {
    fn tell(&mut self, notes: impl Iterator<Item = String>) {
        let notes: HashSet<String> = notes.collect();
        for note in notes.difference(&self.0) {
            tracing::warn!("{note}");
        }
        self.0 = notes;
    }
}

/// Looks at the files. What is wrong in them is an alarm, and their last good content is kept. Returns whether one of them
/// is to be looked at again soon.
pub(super) fn refresh(premises: &Premises, notes: &mut Notes, now: DateTime<Utc>) -> bool {
    premises.bans.subscribe(&premises.folder, &premises.settings.load().lists);
    let mut refreshed = premises.bans.refresh();
    for (path, copy) in refreshed.copies {
        if let Err(error) = keep_copy(&path, &copy) {
            refreshed.notes.push(format!("{}: it cannot be kept: {error}", path.display()));
        }
    }
    let lists = premises.bans.current();
    notes.tell(lists.expired(now).map(|line| line.to_string()).chain(refreshed.notes));
    refreshed.troubles.extend(lists.wide(now).map(|line| line.to_string()));
    if !refreshed.last_good.is_empty() {
        premises.pulse().ring(Topic::Bans);
    }
    for (kind, content) in refreshed.last_good {
        let kept = tell_lost_bans(premises, kind).and_then(|()| {
            premises.store.write(move |store| store.note_last_good(kind.file_name(), &content))
        });
        if let Err(error) = kept {
            premises.alarms.raise(Trouble::Store, error.to_string());
        }
    }
    if refreshed.troubles.is_empty() {
        premises.alarms.clear(Trouble::Bans);
    } else {
        premises.alarms.raise(Trouble::Bans, refreshed.troubles.join("; "));
    }
    refreshed.is_unsteady
}

/// An entry that a command added and that is gone without a command having removed it: most likely an editor has written
/// its older copy of the file over it.
fn tell_lost_bans(premises: &Premises, kind: BanKind) -> Result<(), StoreError> {
    let lists = premises.bans.current();
    let own = premises.store.read(|store| store.own_bans())?;
    for lost in own.into_iter().filter(|own| own.file == kind.file_name()) {
        if lists.entries(kind).any(|line| line.entry == lost.entry) {
            continue;
        }
        let (file, entry) = (lost.file.clone(), lost.entry.clone());
        // A command may have removed it in this instant; then it is no longer one of ours.
        if premises.store.write(move |store| store.forget_own_ban(&file, &entry))? {
            tracing::warn!(
                "{}: the entry {} that was added here is gone: an editor may have written its older copy of the file over \
                 it. To ban it still: doorman ban add {kind} '{}'",
                lost.file,
                shown(&lost.entry),
                shown(&lost.entry)
            );
        }
    }
    Ok(())
}
