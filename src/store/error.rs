use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why the store did not do what it was asked. The operator's: each says what to do.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// A newer doorman wrote it.
    #[error(
        "doorman.db was written by a newer doorman (schema {found}, this one knows {known}): \
         use that version, or restore a backup made by this one; the newer one kept such a copy before its first change, so that \
         `doorman restore backup/schema-{known}.db` leads back to that day"
    )]
    Newer {
        /// The version of its schema.
        found: i64,
        /// The newest version that this doorman knows.
        known: i64,
    },
    /// The desk that runs is older, and would not understand what this doorman writes.
    #[error(
        "the desk that runs here is of an older doorman (its doorman.db has schema {found}, this one has {known}): nothing was \
         changed; use the doorman that the desk runs by, or restart the desk with this one first"
    )]
    OlderDesk {
        /// The version of its schema.
        found: i64,
        /// The version of this doorman's.
        known: i64,
    },
    /// Older than what this doorman can bring up to date.
    #[error(
        "doorman.db was written by an older doorman (schema {found}, this one knows {oldest} and newer): \
         open it with one that knows both, or start in a new folder"
    )]
    TooOld {
        /// The version of its schema.
        found: i64,
        /// The oldest version that this doorman knows.
        oldest: i64,
    },
    /// Before an older database is changed a copy is made, and it could not be.
    #[error(
        "doorman.db is of an older doorman, and a copy of it is kept in backup/ before it is brought to this version, which \
         failed: {0}; nothing was changed"
    )]
    NoCopy(String),
    /// The file is no database, or a damaged one.
    #[error(
        "doorman.db is damaged ({0}): restore a backup with `doorman restore FILE`, \
         or keep the file aside and try `sqlite3 doorman.db .recover`"
    )]
    Corrupt(String),
    /// No room on the disk.
    #[error("the disk is full: make room in the desk's folder; the desk goes on by itself")]
    Full,
    /// The folder or the file cannot be written.
    #[error("doorman.db cannot be written: give its owner write permission on the file and its folder")]
    ReadOnly,
    /// The file cannot be opened or made.
    #[error("{} cannot be opened: {}", .0.display(), .1)]
    CannotOpen(PathBuf, String),
    /// Another process held the write lock too long.
    #[error("doorman.db is locked by another process for too long: try again")]
    Busy,
    /// The writer has ended; the desk is stopping.
    #[error("the store has stopped")]
    Stopped,
    /// Something else went wrong in the database or under it.
    #[error("doorman.db: {0}")]
    Other(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt(error.to_string()),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Other(error.to_string()),
        }
    }
}
