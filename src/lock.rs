//! Locks on a desk's folder, a file of its own for each purpose: whoever may read the folder cannot take them. Nobody
//! holds one while they ask the network.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{Access, FlockOperation, OFlags, access, flock};

/// How often a lock that somebody else has is tried for.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// What only one may do at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Be the desk of this folder.
    Desk,
    /// Change the token file, and which token is current.
    Tokens,
    /// Change a ban list.
    Bans,
}

impl Purpose {
    // The desk's is not on the database: closing any descriptor of that would drop SQLite's own locks on it.
    fn path(self, folder: &Path) -> PathBuf {
        folder.join(match self {
            Self::Desk => "doorman.lock",
            Self::Tokens => ".doorman.tokens.lock",
            Self::Bans => ".doorman.bans.lock",
        })
    }

    /// How long it is waited for. Whoever has it makes a change to some small files.
    fn patience(self) -> Duration {
        match self {
            // A command that looks whether a desk runs has it for an instant.
            Self::Desk => Duration::from_secs(1),
            // Within that SQLite gives up a change that has to wait.
            Self::Tokens | Self::Bans => Duration::from_secs(10),
        }
    }
}

/// Held until it is dropped, or the process ends, however it ends.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "closing it gives the lock up")] File);

/// Why it is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody has it, and does not give it up: the file, and their process, as far as that is known.
    #[error("{}", in_words(*.0, .1, .2))]
    Held(Purpose, PathBuf, String),
    /// The file cannot be made, or not be opened.
    #[error("{} cannot be written ({}): give the desk's user write permission on it", .0.display(), .1)]
    File(PathBuf, io::Error),
}

fn in_words(purpose: Purpose, file: &Path, process: &str) -> String {
    let by = if process.is_empty() { String::new() } else { format!(" (process {process})") };
    let folder = file.parent().unwrap_or(file).display();
    match purpose {
        Purpose::Desk => format!("a desk is already running in this folder{by}: {folder}"),
        Purpose::Tokens => format!(
            "another doorman{by} is at the tokens of {folder} and does not end: end it, and try again"
        ),
        Purpose::Bans => format!(
            "another doorman{by} is at the ban lists of {folder} and does not end: end it, and try again"
        ),
    }
}

impl Lock {
    /// Takes it; waits for whoever has it, some seconds at most.
    pub fn take(folder: &Path, purpose: Purpose) -> Result<Self, LockError> {
        Self::within(folder, purpose, purpose.patience())
    }

    /// Takes it, if nobody has it.
    pub fn try_take(folder: &Path, purpose: Purpose) -> Result<Option<Self>, LockError> {
        match Self::within(folder, purpose, Duration::ZERO) {
            Err(LockError::Held(..)) => Ok(None),
            taken => taken.map(Some),
        }
    }

    fn within(folder: &Path, purpose: Purpose, patience: Duration) -> Result<Self, LockError> {
        // With all its files there, a desk would get far in a folder where it can replace none of them.
        access(folder, Access::WRITE_OK | Access::EXEC_OK)
            .map_err(|error| LockError::File(folder.to_owned(), error.into()))?;
        let path = purpose.path(folder);
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
            .open(&path);
        let mut file = opened.map_err(|error| LockError::File(path.clone(), error))?;
        let until = Instant::now() + patience;
        while flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            if Instant::now() >= until {
                let mut process = String::new();
                let _ = file.take(20).read_to_string(&mut process);
                process.retain(|c| c.is_ascii_digit());
                return Err(LockError::Held(purpose, path, process));
            }
            std::thread::park_timeout(TRY_EVERY);
        }
        // Only a help for whoever waits.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self(file))
    }

    /// Whether somebody has it now.
    pub fn is_held(folder: &Path, purpose: Purpose) -> bool {
        File::open(purpose.path(folder))
            .is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockShared).is_err())
    }
}

/// Whether a desk is running in this folder.
pub fn desk_is_running(folder: &Path) -> bool {
    Lock::is_held(folder, Purpose::Desk)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn one_purpose_keeps_no_other_waiting_and_each_has_one_holder() {
        let dir = tempfile::tempdir().unwrap();
        let held: Vec<Lock> = [Purpose::Desk, Purpose::Tokens, Purpose::Bans]
            .map(|purpose| Lock::take(dir.path(), purpose).unwrap())
            .into();
        assert!(desk_is_running(dir.path()));
        assert!(Lock::try_take(dir.path(), Purpose::Bans).unwrap().is_none());
        let second = Lock::take(dir.path(), Purpose::Desk).unwrap_err().to_string();
        assert!(second.starts_with("a desk is already running in this folder"), "{second}");
        drop(held);
        assert!(!desk_is_running(dir.path()));
        drop(Lock::take(dir.path(), Purpose::Desk).unwrap());
        assert!(Lock::try_take(dir.path(), Purpose::Bans).unwrap().is_some());
    }

    #[test]
    fn whoever_waits_too_long_is_told_for_whom() {
        let dir = tempfile::tempdir().unwrap();
        let _held = Lock::take(dir.path(), Purpose::Tokens).unwrap();
        let told =
            Lock::within(dir.path(), Purpose::Tokens, Duration::from_millis(30)).unwrap_err().to_string();
        let whom = format!("another doorman (process {}) is at the tokens of", std::process::id());
        assert!(told.starts_with(&whom), "{told}");
    }

    #[test]
    fn nobody_else_can_take_it() {
        let dir = tempfile::tempdir().unwrap();
        let _held = Lock::take(dir.path(), Purpose::Tokens).unwrap();
        for file in std::fs::read_dir(dir.path()).unwrap() {
            assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o7777, 0o600);
        }
    }
}
