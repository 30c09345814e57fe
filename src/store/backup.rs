//! A copy of the database, and the way back.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::config::Folder;
use crate::lock::{Lock, LockError, Purpose};

use super::{Store, StoreError, copies, create_private, schema};

/// Why a backup could not be put back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// A desk runs on this folder.
    #[error("a desk is running in this folder: stop it first, then restore")]
    DeskRuns,
    /// What is wrong with the backup.
    #[error("the backup cannot be used: {0}")]
    Unfit(StoreError),
    /// A file could not be written.
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
}

impl Store {
    /// Writes a consistent copy to `file`, which must not be there yet. The desk may be busy meanwhile.
    pub fn backup(&self, file: &Path) -> Result<(), StoreError> {
        if file.exists() {
            return Err(StoreError::CannotOpen(file.to_owned(), "there is a file already".into()));
        }
        self.read(|store| copies::copy(store.0, file))
    }
}

/// Puts a backup in the database's place. The old database is kept beside it as `doorman.db.before-restore`.
pub fn restore(folder: &Folder, backup: &Path) -> Result<(), RestoreError> {
    let _lock = Lock::take(folder.path(), Purpose::Desk).map_err(|error| match error {
        LockError::Held(..) => RestoreError::DeskRuns,
        LockError::File(path, error) => RestoreError::File(path, error),
    })?;
    check(backup).map_err(RestoreError::Unfit)?;
    let database = folder.database();
    let beside = database.with_extension("db.restoring");
    let at = |path: &Path, error| RestoreError::File(path.to_owned(), error);
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&beside, error)),
        _ => {}
    }
    create_private(&beside).map_err(RestoreError::Unfit)?;
    std::fs::copy(backup, &beside)
        .and_then(|_| {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&beside, std::fs::Permissions::from_mode(0o600))?;
            std::fs::File::open(&beside)?.sync_all()
        })
        .map_err(|error| at(&beside, error))?;
    if database.exists() {
        // What stands in the log belongs to the old database only.
        if let Ok(old) = Connection::open_with_flags(&database, OpenFlags::SQLITE_OPEN_READ_WRITE) {
            let _ = old.pragma_update(None, "journal_mode", "DELETE");
        }
        let kept = database.with_extension("db.before-restore");
        std::fs::rename(&database, &kept).map_err(|error| at(&kept, error))?;
        for log in ["db-wal", "db-shm"] {
            let log = database.with_extension(log);
            match std::fs::remove_file(&log) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&log, error)),
                _ => {}
            }
        }
    }
    std::fs::rename(&beside, &database)
        .and_then(|()| std::fs::File::open(folder.path())?.sync_all())
        .map_err(|error| at(&database, error))
}

fn check(backup: &Path) -> Result<(), StoreError> {
    let connection = Connection::open_with_flags(backup, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(|error| StoreError::CannotOpen(backup.to_owned(), error.to_string()))?;
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreError::Corrupt(verdict));
    }
    schema::check_version(&connection)
}
