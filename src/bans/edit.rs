//! Changes to a ban list, beside editors and scripts: adding is one append; everything else is read again under a lock
//! and written only over what was read.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::config::Folder;
use crate::domain::BanKind;
use crate::files;
use crate::lock::{Lock, LockError, Purpose};

use super::file::lines;
use super::lists::check_entry;

/// How often a change is tried anew because somebody else changed the file meanwhile.
const TRIES: usize = 10;

/// A change to a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// At the end.
    Add(String),
    /// At this line, or at the end where the file is shorter: what takes back a removal.
    Insert(usize, String),
    /// Away.
    Remove(String),
    /// Another in its place.
    Replace(String, String),
}

/// Why a list was not changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The entry cannot be understood.
    #[error("{0}")]
    Entry(String),
    /// It is there already, in this line.
    #[error("it is there already, in line {0}")]
    Present(usize),
    /// It is not there.
    #[error("there is no such entry")]
    Absent,
    /// Somebody else changes the file again and again.
    #[error("somebody else is changing the file all the time; try again")]
    Contended,
    /// Another change does not end.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The file cannot be read or written.
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
}

/// Makes a change. Returns the line of the file that it was about.
pub fn edit(folder: &Folder, kind: BanKind, change: &Edit) -> Result<usize, EditError> {
    if let Edit::Add(new) | Edit::Insert(_, new) | Edit::Replace(_, new) = change {
        check_entry(kind, new).map_err(EditError::Entry)?;
    }
    let path = folder.path().join(kind.file_name());
    // A link to a file elsewhere stays one.
    let path = path.canonicalize().unwrap_or(path);
    let failed = |error| EditError::File(path.clone(), error);
    // One change at a time, whichever process makes it.
    let _lock = Lock::take(folder.path(), Purpose::Bans)?;
    for _ in 0..TRIES {
        let old = match files::read(&path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        let bytes = old.as_deref().unwrap_or_default();
        let (line, new) = changed(bytes, change)?;
        let done = match (change, new) {
            (Edit::Add(entry), _) => append(&path, bytes, entry.trim()).map(|()| true),
            (_, new) => put(&path, bytes, &new),
        };
        if done.map_err(failed)? {
            return Ok(line);
        }
    }
    Err(EditError::Contended)
}

/// The line that it is about, and the new content.
fn changed(bytes: &[u8], change: &Edit) -> Result<(usize, Vec<u8>), EditError> {
    let text = String::from_utf8_lossy(bytes);
    let find = |entry: &str| lines(&text).find(|line| line.entry == entry.trim()).map(|line| line.number);
    let absent = |entry: &str| find(entry).map_or(Ok(()), |line| Err(EditError::Present(line)));
    // Lines with their ends, byte by byte: what is not ours to change stays as it is.
    let mut parts: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let end: &[u8] = if bytes.windows(2).any(|pair| pair == b"\r\n") { b"\r\n" } else { b"\n" };
    let whole = |entry: &str| [entry.trim().as_bytes(), end].concat();
    let line = match change {
        Edit::Add(entry) => {
            absent(entry)?;
            parts.len() + 1
        }
        Edit::Insert(line, entry) => {
            absent(entry)?;
            let at = line.saturating_sub(1).min(parts.len());
            if let Some(last) = parts.last_mut().filter(|last| !last.ends_with(b"\n")) {
                last.extend_from_slice(end);
            }
            parts.insert(at, whole(entry));
            at + 1
        }
        Edit::Remove(entry) => {
            let line = find(entry).ok_or(EditError::Absent)?;
            parts.remove(line - 1);
            line
        }
        Edit::Replace(entry, new) => {
            let line = find(entry).ok_or(EditError::Absent)?;
            if entry.trim() != new.trim() {
                absent(new)?;
            }
            parts[line - 1] = whole(new);
            line
        }
    };
    Ok((line, parts.concat()))
}

/// One write at the end, together with a line end that was missing before it.
fn append(path: &Path, old: &[u8], entry: &str) -> io::Result<()> {
    let end = if old.windows(2).any(|pair| pair == b"\r\n") { "\r\n" } else { "\n" };
    let missing = if old.is_empty() || old.ends_with(b"\n") { "" } else { end };
    let line = format!("{missing}{entry}{end}");
    let mut file = OpenOptions::new().append(true).create(true).mode(0o640).open(path)?;
    let written = file.write(line.as_bytes())?;
    if written < line.len() {
        // A full disk: half a pattern would be another pattern.
        let size = file.metadata()?.len();
        file.set_len(size.saturating_sub(written as u64))?;
        return Err(io::ErrorKind::StorageFull.into());
    }
    file.sync_all()
}

/// Puts `new` in the place of `old`, keeping owner and mode. False: `old` does not stand there any more.
fn put(path: &Path, old: &[u8], new: &[u8]) -> io::Result<bool> {
    let metadata = std::fs::metadata(path)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".doorman-new");
    let beside = path.with_file_name(name);
    let _ = std::fs::remove_file(&beside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    let prepared = (|| {
        // Only root may give a file away; as anybody else we own the old one too, or may not replace it.
        let _ = std::os::unix::fs::fchown(&file, Some(metadata.uid()), Some(metadata.gid()));
        file.set_permissions(std::fs::Permissions::from_mode(metadata.mode() & 0o7777))?;
        file.write_all(new)?;
        file.sync_all()
    })();
    let done = prepared.and_then(|()| exchange(path, &beside, old, new));
    // What lies beside is the old list now, or what never came to be.
    let _ = std::fs::remove_file(&beside);
    done
}

fn exchange(path: &Path, beside: &Path, old: &[u8], new: &[u8]) -> io::Result<bool> {
    match renameat_with(CWD, beside, CWD, path, RenameFlags::EXCHANGE) {
        Ok(()) => {
            // What an editor wrote in between lies beside now: it goes back, and the change is made anew.
            if std::fs::read(beside)? == old {
                sync_folder(path)?;
                return Ok(true);
            }
            renameat_with(CWD, beside, CWD, path, RenameFlags::EXCHANGE)?;
            Ok(false)
        }
        // A bind mount of this one file into a container.
        Err(rustix::io::Errno::BUSY | rustix::io::Errno::XDEV) => in_place(path, old, new),
        // This file system cannot exchange.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::OPNOTSUPP) => {
            if std::fs::read(path)? != old {
                return Ok(false);
            }
            match std::fs::rename(beside, path) {
                Err(error) if error.raw_os_error() == Some(rustix::io::Errno::BUSY.raw_os_error()) => {
                    in_place(path, old, new)
                }
                renamed => {
                    renamed?;
                    sync_folder(path)?;
                    Ok(true)
                }
            }
        }
        Err(error) => Err(error.into()),
    }
}

fn in_place(path: &Path, old: &[u8], new: &[u8]) -> io::Result<bool> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    if std::fs::read(path)? != old {
        return Ok(false);
    }
    file.write_all_at(new, 0)?;
    file.set_len(new.len() as u64)?;
    file.sync_all()?;
    Ok(true)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}
