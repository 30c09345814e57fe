//! Whether a desk runs on a folder: it holds a `flock` for as long as it lives, also seen from other containers.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

use rustix::fs::{Access, FlockOperation, access, flock};

use crate::config::Folder;

use super::StoreError;

/// The lock is on a file of its own: closing any descriptor of the database would drop SQLite's own locks on it.
const LOCK: &str = "doorman.lock";

/// Held by the running desk; given up when dropped or when the process ends, however it ends.
#[derive(Debug)]
pub struct DeskLock {
    _file: File,
}

impl DeskLock {
    /// Takes the lock. None: another desk holds it.
    pub fn take(folder: &Folder) -> Result<Option<Self>, StoreError> {
        // With all its files there, a desk would get far in a folder where it can replace none of them.
        access(folder.path(), Access::WRITE_OK | Access::EXEC_OK)
            .map_err(|error| StoreError::FolderNotWritable(folder.path().to_owned(), error.to_string()))?;
        let path = folder.path().join(LOCK);
        let file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|error| StoreError::CannotOpen(path, error.to_string()))?;
        // A command that looks whether a desk runs holds the lock for an instant.
        let until = Instant::now() + Duration::from_secs(1);
        while flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            if Instant::now() >= until {
                return Ok(None);
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        Ok(Some(Self { _file: file }))
    }
}

/// Whether a desk runs on this folder.
pub fn desk_is_running(folder: &Folder) -> bool {
    File::open(folder.path().join(LOCK))
        .is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockShared).is_err())
}
