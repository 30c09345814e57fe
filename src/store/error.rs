use std::path::PathBuf;

use rusqlite::ErrorCode;

/// Why the store did not do what it was asked. The operator's: each says what to do.
#[derive(Debug, Clone)]
pub enum StoreError {
    /// A newer doorman wrote it.
    Newer {
        /// The version of its schema.
        found: i64,
        /// The newest version that this doorman knows.
        known: i64,
    },
    /// The file is no database, or a damaged one.
    Corrupt(String),
    /// No room on the disk.
    Full,
    /// The folder or the file cannot be written.
    ReadOnly,
    /// The file cannot be opened or made.
    CannotOpen(PathBuf, String),
    /// Another process held the write lock too long.
    Busy,
    /// The writer has ended; the desk is stopping.
    Stopped,
    /// Something else went wrong in the database or under it.
    Other(String),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Newer { found, known } => write!(
                f,
                "doorman.db was written by a newer doorman (schema {found}, this one knows {known}): \
                 use that version, or restore a backup made by this one"
            ),
            Self::Corrupt(what) => write!(
                f,
                "doorman.db is damaged ({what}): restore a backup with `doorman restore FILE`, \
                 or keep the file aside and try `sqlite3 doorman.db .recover`"
            ),
            Self::Full => {
                f.write_str("the disk is full: make room in the desk's folder; the desk goes on by itself")
            }
            Self::ReadOnly => f.write_str(
                "doorman.db cannot be written: give its owner write permission on the file and its folder",
            ),
            Self::CannotOpen(path, why) => write!(f, "{} cannot be opened: {why}", path.display()),
            Self::Busy => f.write_str("doorman.db is locked by another process for too long: try again"),
            Self::Stopped => f.write_str("the store has stopped"),
            Self::Other(what) => write!(f, "doorman.db: {what}"),
        }
    }
}

impl std::error::Error for StoreError {}

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
