//! The folder, the lists in it, and the machine's clock.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rustix::fs::{Access, access, statvfs};

use crate::acts::user;
use crate::bans::Bans;
use crate::cli::when::span;
use crate::clock::Clock;
use crate::config::Folder;
use crate::domain::BanKind;
use crate::store::Store;

use super::{Finding, Findings, Patient, fine, note, wrong};

/// Less free space than this is too little for the database and its log; less than that needs an eye.
const TOO_LITTLE: u64 = 50 << 20;
const LITTLE: u64 = 500 << 20;

/// A clock that is further off makes resets and letters wrong; one that is less off is worth a word.
const OFF: TimeDelta = TimeDelta::seconds(60);
const SLIGHTLY_OFF: TimeDelta = TimeDelta::seconds(5);

/// Looks at the folder, and opens the database that is there.
pub(super) fn folder(folder: &Folder, findings: &mut Findings) -> Option<Arc<Store>> {
    const WHAT: &str = "folder";
    let path = folder.path();
    let shown = path.display();
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => {
            findings.tell(WHAT, wrong(format!("{shown}: {error}")));
            return None;
        }
    };
    let owner = user(metadata.uid());
    let mode = metadata.mode() & 0o7777;
    let found = if let Err(error) = access(path, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK) {
        let us = user(rustix::process::geteuid().as_raw());
        wrong(format!(
            "{shown}: {error}: owner {owner}, mode {mode:04o}; the user that the desk runs as, {us}, has to be able to \
             write there"
        ))
    } else if mode & 0o002 != 0 {
        let then = format!("anybody can replace the token and the lists: chmod o-w {shown}");
        wrong(format!("{shown}: mode {mode:04o}: {then}"))
    } else {
        fine(format!("{shown}: owner {owner}, mode {mode:04o}, can be written"))
    };
    findings.tell(WHAT, found);
    if let Some(found) = free_space(path) {
        findings.tell("free space", found);
    }
    let (found, store) = database(folder, mode);
    findings.tell("database", found);
    store.map(Arc::new)
}

fn free_space(path: &Path) -> Option<Finding> {
    let disk = statvfs(path).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let mib = free >> 20;
    // Some file systems count no files.
    Some(if disk.f_files > 0 && disk.f_favail == 0 {
        wrong("the disk has room for no more files, so nothing can be kept")
    } else if free < TOO_LITTLE {
        wrong(format!("{mib} MiB: make room, or requests can soon not be kept"))
    } else if free < LITTLE {
        note(format!("{mib} MiB: that is little"))
    } else {
        fine(format!("{mib} MiB"))
    })
}

fn database(folder: &Folder, folder_mode: u32) -> (Finding, Option<Store>) {
    let path = folder.database();
    let Ok(metadata) = std::fs::metadata(&path) else {
        // Made by whoever runs this it would perhaps not be the desk's.
        return (note("none yet: the desk creates it at its first start"), None);
    };
    let store = match Store::open(folder) {
        Ok(store) => store,
        Err(error) => return (wrong(error.to_string()), None),
    };
    let found = if metadata.mode() & 0o004 != 0 && folder_mode & 0o001 != 0 {
        let shown = path.display();
        wrong(format!("every user of this machine can read the tokens in it: chmod o-r {shown}"))
    } else {
        let owner = user(metadata.uid());
        fine(format!("can be read and written; owner {owner}, as the desk has to be"))
    };
    (found, Some(store))
}

/// The ban lists: lost files, lines that are left out.
pub(super) fn ban_lists(patient: &Patient, findings: &mut Findings) {
    const WHAT: &str = "ban lists";
    let last_good = |kind: BanKind| {
        let store = patient.store.as_ref()?;
        store.read(|store| store.last_good(kind.file_name())).ok().flatten()
    };
    let bans = Bans::open(&patient.folder, last_good);
    let troubles = bans.refresh().troubles;
    if troubles.is_empty() {
        let lists = bans.current();
        let count: usize = BanKind::ALL.into_iter().map(|kind| lists.entries(kind).len()).sum();
        let entries = if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") };
        findings.tell(WHAT, fine(format!("{entries}, all understood")));
    }
    for trouble in troubles {
        findings.tell(WHAT, wrong(trouble));
    }
}

/// The clock against what was written down: a record from the future means that it stands wrong, or once did.
pub(super) fn records(patient: &Patient, clock: &dyn Clock, findings: &mut Findings) {
    let Some(store) = &patient.store else { return };
    let Ok(Some(newest)) = store.read(|store| store.newest_record()) else { return };
    let ahead = newest - clock.now();
    if ahead > OFF {
        let ahead = in_words(ahead);
        let then = "so the clock is wrong, or was then: see `timedatectl`";
        findings.tell("clock", wrong(format!("the newest record was written {ahead} from now, {then}")));
    }
}

/// The clock against the homeserver's.
pub(super) fn clock(theirs: Option<DateTime<Utc>>, ours: DateTime<Utc>) -> Finding {
    let shown = ours.format("%H:%M:%S UTC");
    let Some(theirs) = theirs else {
        return note(format!("{shown}: the homeserver does not say what time it has"));
    };
    let off = ours - theirs;
    let direction = if off > TimeDelta::zero() { "ahead of" } else { "behind" };
    let told = format!("{shown}, {} {direction} the homeserver's", in_words(off.abs()));
    if off.abs() > OFF {
        wrong(format!("{told}: one of the two is wrong; keep the time by NTP (`timedatectl set-ntp true`)"))
    } else if off.abs() > SLIGHTLY_OFF {
        note(told)
    } else {
        fine(format!("{shown}, the homeserver's too"))
    }
}

fn in_words(off: TimeDelta) -> String {
    if off < TimeDelta::minutes(2) { format!("{} s", off.num_seconds()) } else { span(off) }
}
