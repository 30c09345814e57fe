//! Whole copies of a database: the operator's, and those that the desk makes by itself before it brings an older database to
//! its own version.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, OpenFlags};
use rustix::fs::statvfs;

use super::{StoreError, create_private};

/// So many of its own are kept: those of the newest versions.
const KEPT: usize = 3;

/// Writes a consistent copy to `file`, which must not be there yet. Writers go on meanwhile.
pub(super) fn copy(of: &Connection, file: &Path) -> Result<(), StoreError> {
    // Tokens and addresses stand in it, too.
    create_private(file)?;
    let copied = || {
        let mut copy = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)
            .map_err(|error| StoreError::CannotOpen(file.to_owned(), error.to_string()))?;
        // In one step, within one read transaction.
        rusqlite::backup::Backup::new(of, &mut copy)?.step(-1)?;
        copy.pragma_update(None, "journal_mode", "DELETE")?;
        drop(copy);
        File::open(file)
            .and_then(|file| file.sync_all())
            .map_err(|error| StoreError::CannotOpen(file.to_owned(), error.to_string()))
    };
    copied().inspect_err(|_| {
        let _ = std::fs::remove_file(file);
    })
}

fn folder_of_copies(folder: &Path) -> PathBuf {
    folder.join("backup")
}

/// Keeps a copy of what the doorman of this version wrote, as `backup/schema-VERSION.db`: the way back to that doorman.
pub(super) fn keep(of: &Connection, folder: &Path, version: i64) -> Result<(), StoreError> {
    let not_kept = |why: &dyn std::fmt::Display| StoreError::NoCopy(why.to_string());
    let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let size: i64 = of.query_row(size, [], |row| row.get(0))?;
    // The copy, and what the change itself writes.
    let needed = size.unsigned_abs().saturating_mul(2);
    if let Ok(disk) = statvfs(folder) {
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < needed {
            let (needed, free) = ((needed >> 20) + 1, free >> 20);
            return Err(not_kept(&format!("it takes {needed} MiB, and {free} MiB are free: make room")));
        }
    }
    let copies = folder_of_copies(folder);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&copies)
        .map_err(|error| not_kept(&format!("{}: {error}", copies.display())))?;
    let (file, beside) = (copies.join(format!("schema-{version}.db")), copies.join("unfinished.db"));
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(not_kept(&error)),
        _ => {}
    }
    copy(of, &beside).map_err(|error| not_kept(&error))?;
    std::fs::rename(&beside, &file)
        .and_then(|()| File::open(&copies)?.sync_all())
        .map_err(|error| not_kept(&format!("{}: {error}", file.display())))?;
    tracing::info!("doorman.db of an older doorman (schema {version}) is kept as {}", file.display());
    let mut kept = ours(folder);
    kept.sort_unstable_by_key(|(version, _)| *version);
    for (_, file) in kept.iter().rev().skip(KEPT) {
        let _ = std::fs::remove_file(file);
    }
    Ok(())
}

/// The copies that the desk made by itself, and of which version.
fn ours(folder: &Path) -> Vec<(i64, PathBuf)> {
    let files = std::fs::read_dir(folder_of_copies(folder)).into_iter().flatten().flatten();
    let version =
        |path: &Path| path.file_name()?.to_str()?.strip_prefix("schema-")?.strip_suffix(".db")?.parse().ok();
    files.map(|file| file.path()).filter_map(|path| Some((version(&path)?, path))).collect()
}

/// Deletes those of before this instant: what is thinned out, or to be forgotten, stands in them yet.
pub fn retire_copies(folder: &Path, before: SystemTime) -> usize {
    let older = |path: &Path| path.metadata().and_then(|file| file.modified()).is_ok_and(|at| at < before);
    ours(folder).iter().filter(|(_, path)| older(path) && std::fs::remove_file(path).is_ok()).count()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    use crate::clock::{Clock, SystemClock};

    use super::*;

    #[test]
    fn the_last_few_are_kept_whole_for_their_owner_alone_and_what_is_not_ours_stays() {
        let dir = tempfile::tempdir().unwrap();
        let database = Connection::open(dir.path().join("doorman.db")).unwrap();
        database.execute_batch("CREATE TABLE t (n); INSERT INTO t VALUES (1)").unwrap();
        std::fs::create_dir(folder_of_copies(dir.path())).unwrap();
        std::fs::write(folder_of_copies(dir.path()).join("mine.db"), "mine").unwrap();
        for version in [8, 9, 10, 11, 11] {
            keep(&database, dir.path(), version).unwrap();
        }
        let mut versions: Vec<i64> = ours(dir.path()).iter().map(|(version, _)| *version).collect();
        versions.sort_unstable();
        assert_eq!(versions, [9, 10, 11]);
        for (_, path) in ours(dir.path()) {
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            let copy = Connection::open(path).unwrap();
            assert_eq!(copy.query_row("SELECT n FROM t", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
        }
        let now = SystemTime::from(SystemClock.now());
        assert_eq!(retire_copies(dir.path(), now - Duration::from_secs(3600)), 0);
        assert_eq!(retire_copies(dir.path(), now + Duration::from_secs(3600)), 3);
        assert!(folder_of_copies(dir.path()).join("mine.db").exists());
    }
}
