//! Changes of the ban lists come into force, whoever makes them.

use std::time::Duration;

use crate::alarms::Trouble;
use crate::bans::shown;
use crate::domain::BanKind;
use crate::premises::Premises;
use crate::stop::Stop;
use crate::store::StoreError;

/// How often the ban lists are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Looks at the files until the stop signal comes. What is wrong in them is an alarm, and their last good content is kept.
pub fn watch_bans(premises: &Premises, stop: &Stop) {
    loop {
        let refreshed = premises.bans.refresh();
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
        if stop.wait(LOOK_EVERY) {
            return;
        }
    }
}

/// An entry that a command added and that is gone without a command having removed it: most likely an editor has written
/// its older copy of the file over it.
fn tell_lost_bans(premises: &Premises, kind: BanKind) -> Result<(), StoreError> {
    let lists = premises.bans.current();
    let own = premises.store.read(|store| store.own_bans())?;
    for lost in own.into_iter().filter(|own| own.file == kind.file_name()) {
        if lists.entries(kind).any(|(_, entry)| entry == lost.entry) {
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
