//! The source of truth: one SQLite database in the desk's folder. Only this floor knows SQL.
//!
//! All writes of a process go through one thread that commits what has gathered ([`Store::write`]); readers have
//! connections of their own and never wait for it. Other processes (console, commands) open the same file; each change
//! of state is one `UPDATE … WHERE state = …`, and whoever comes second is told.

mod acts;
mod backup;
mod before;
mod bounces;
mod budgets;
mod cooldowns;
mod copies;
mod desk_state;
mod digest;
mod disclosing;
mod error;
mod filtering;
mod forgetting;
mod held;
mod imports;
mod invitations;
mod letters;
mod links;
mod listing;
mod mails;
mod mirror;
mod notices;
mod outstanding_tokens;
mod own_bans;
mod past;
mod proof;
mod receipts;
mod requests;
mod reservations;
mod rows;
mod schema;
mod scratch;
mod sign_ups;
mod suppressions;
mod tokens;
mod veil;
mod waves;
mod writer;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags};

use crate::config::Folder;
use crate::pulse::Pulse;

pub use acts::{Act, DESK, NewAct};
pub use backup::{RestoreError, restore};
pub use before::{Before, Common};
pub use bounces::{AnsweredLetter, Returned};
pub use cooldowns::Cooldown;
pub use copies::retire_copies;
pub use desk_state::{DeskCondition, DeskState, FileStamp};
pub use digest::{DIGEST, Pending, Told, decide_here, decided_in};
pub use error::StoreError;
pub use filtering::Order;
pub use forgetting::Forgotten;
pub use held::{HeldRequest, TakenBack};
pub use imports::{ImportEntry, Imported};
pub use invitations::{INVITATION, NewInvitation, TakenFrom};
pub use letters::{AnswerLetter, LetterState, NotSentAgain, OutboxCounts, OutboxRow, OwedLetter};
pub use links::{Link, LinkKind};
pub use listing::{RequestFilter, RequestRow};
pub use mails::{Answered, MailKey, MailOutcome, NotedMail};
pub use mirror::{MirrorEntry, MirrorVersion};
pub use notices::{Notice, NoticeChannel, NoticeEvent};
pub use outstanding_tokens::{Holder, LeftBehind, PersonalToken, PersonalTokens};
pub use own_bans::OwnBan;
pub use past::{HourCount, PastRequest};
pub use proof::{LINK_HERE, PROOF, TIME_TO_PROVE};
pub use receipts::Progress;
pub use requests::{Record, Recorded};
pub use reservations::Reservation;
pub use scratch::{Replayed, Scratch};
pub use sign_ups::{Begun, Guest};
pub use suppressions::{BY_OPERATOR, NOT_ME, Suppression, Unasked};
pub use tokens::{Asked, Live, Origin, Rotated, TokenRecord};
pub use waves::Surge;
use writer::Writer;

/// How long a writer waits for one of another process.
const BUSY: Duration = Duration::from_secs(5);

/// Reading connections that are kept for the next reader.
const READERS: usize = 16;

/// A database in memory that all connections of this process share, as SQLite calls it.
const NOTHING: &str = "file:/nothing?vfs=memdb";

/// The database of a desk.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
    pulse: Arc<Pulse>,
}

impl Store {
    /// Opens the database of this folder, and makes it where there is none. An older one is brought up to date, if no desk
    /// runs by it.
    pub fn open(folder: &Folder) -> Result<Self, StoreError> {
        Self::open_by(folder, |connection| schema::migrate_beside(connection, folder.path()))
    }

    /// The same for the desk itself.
    pub fn open_for_desk(folder: &Folder) -> Result<Self, StoreError> {
        Self::open_by(folder, |connection| schema::migrate(connection, Some(folder.path())))
    }

    fn open_by(
        folder: &Folder,
        migrate: impl FnOnce(&mut Connection) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        let path = folder.database();
        create_private(&path)?;
        let mut connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // What it may not write SQLite opens for reading, and says nothing.
        if connection.is_readonly(rusqlite::MAIN_DB)? {
            return Err(StoreError::ReadOnly);
        }
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // What the operator wants forgotten is overwritten, not only unlinked.
        connection.pragma_update(None, "secure_delete", "ON")?;
        migrate(&mut connection)?;
        let pulse = Arc::new(Pulse::default());
        let writer = Writer::start(connection, Arc::clone(&pulse))?;
        Ok(Self { path, writer, readers: Mutex::new(Vec::new()), pulse })
    }

    /// A store of a desk that never ran: empty, in memory, and nobody else's.
    pub fn of_nothing() -> Result<Self, StoreError> {
        let path = PathBuf::from(NOTHING);
        let mut connection =
            connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        schema::migrate(&mut connection, None)?;
        let pulse = Arc::new(Pulse::default());
        let writer = Writer::start(connection, Arc::clone(&pulse))?;
        Ok(Self { path, writer, readers: Mutex::new(Vec::new()), pulse })
    }

    /// Does `work` in a transaction with whatever else has gathered, and waits until it is on disk.
    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Writing<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.write(|connection| work(&Writing(Reading(connection))))
    }

    /// Does `work` in a transaction, later; nobody waits for it. False: too much is waiting, and it is not done.
    pub fn write_later(
        &self,
        work: impl FnOnce(&Writing<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> bool {
        self.writer.write_later(|connection| work(&Writing(Reading(connection))))
    }

    /// Reads a consistent state. Never waits for the writer.
    pub fn read<T>(&self, work: impl FnOnce(&Reading<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let kept = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match kept {
            Some(connection) => connection,
            None => connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        };
        connection.prepare_cached("BEGIN")?.execute([])?;
        let result = work(&Reading(&connection));
        connection.prepare_cached("COMMIT")?.execute([])?;
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS {
            readers.push(connection);
        }
        result
    }

    /// Empties the log beside the database, which holds what was overwritten there. False: somebody still reads from it.
    pub fn empty_log(&self) -> Result<bool, StoreError> {
        let connection = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        Ok(busy == 0)
    }

    /// Watches for commits of all processes.
    pub fn watch(&self) -> Result<Watch, StoreError> {
        let connection = connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut watch = Watch { connection, seen: 0 };
        watch.changed()?;
        Ok(watch)
    }

    /// What tells of commits, and of all else that happens at this desk.
    pub fn pulse(&self) -> &Arc<Pulse> {
        &self.pulse
    }
}

/// Tells whether anybody has committed anything since it was asked last.
#[derive(Debug)]
pub struct Watch {
    connection: Connection,
    seen: i64,
}

impl Watch {
    /// Whether there was a commit, of any process, since the last call.
    pub fn changed(&mut self) -> Result<bool, StoreError> {
        let now: i64 =
            self.connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        let changed = now != self.seen;
        self.seen = now;
        Ok(changed)
    }
}

/// A state that does not change while it is read.
#[derive(Debug)]
pub struct Reading<'a>(&'a Connection);

/// A transaction in the making; it can read too.
#[derive(Debug)]
pub struct Writing<'a>(Reading<'a>);

impl<'a> std::ops::Deref for Writing<'a> {
    type Target = Reading<'a>;

    fn deref(&self) -> &Reading<'a> {
        &self.0
    }
}

fn connect(path: &std::path::Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // Only that of nothing is a URI: what stands in a folder's name means nothing.
    let flags =
        if path == std::path::Path::new(NOTHING) { flags | OpenFlags::SQLITE_OPEN_URI } else { flags };
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|error| StoreError::CannotOpen(path.to_owned(), error.to_string()))?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    filtering::teach(&connection)?;
    Ok(connection)
}

/// SQLite gives its other files the mode of this one; tokens stand in them all.
fn create_private(path: &std::path::Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::CannotOpen(path.to_owned(), error.to_string())),
    }
}

/// Instants are stored as milliseconds since 1970.
fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

fn instant(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

/// At most so many rows.
fn limit(at_most: impl TryInto<i64>) -> i64 {
    at_most.try_into().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
