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

use super::file::{MARK, lines};
use super::lists::check_entry;
use super::mark::Mark;

/// How often a change is tried anew because somebody else changed the file meanwhile.
const TRIES: usize = 10;

/// An entry as it is written, with what belongs to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The entry.
    pub entry: String,
    /// The line above it, `#: …`.
    pub mark: Option<String>,
}

impl<T: Into<String>> From<T> for Written {
    fn from(entry: T) -> Self {
        Self { entry: entry.into(), mark: None }
    }
}

/// A change to a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// At the end.
    Add(Written),
    /// At this line, or at the end where the file is shorter: what takes back a removal.
    Insert(usize, Written),
    /// Away, with what belongs to it.
    Remove(String),
    /// Another in its place. Without a mark that of the old one stays; an empty one takes it away.
    Replace(String, Written),
}

/// What was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The line of the file that it was about.
    pub line: usize,
    /// What stood above the old entry and belonged to it.
    pub mark_before: Option<String>,
    /// What stands above the new one.
    pub mark_after: Option<String>,
}

/// Why a list was not changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The entry cannot be understood.
    #[error("{0}")]
    Entry(String),
    /// It is there already, in this line.
    #[error("it is already there, in line {0}")]
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

/// Makes a change.
pub fn edit(folder: &Folder, kind: BanKind, change: &Edit) -> Result<Edited, EditError> {
    if let Edit::Add(new) | Edit::Insert(_, new) | Edit::Replace(_, new) = change {
        check_entry(kind, &new.entry).map_err(EditError::Entry)?;
        if let Some(mark) = new.mark.as_deref().filter(|mark| !mark.is_empty()) {
            mark.parse::<Mark>().map_err(EditError::Entry)?;
        }
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
        let (edited, new) = changed(bytes, change)?;
        let done = match change {
            // Only what comes behind it is written.
            Edit::Add(_) => append(&path, new.get(bytes.len()..).unwrap_or_default()).map(|()| true),
            _ => put(&path, bytes, &new),
        };
        if done.map_err(failed)? {
            return Ok(edited);
        }
    }
    Err(EditError::Contended)
}

/// What is changed, and the new content.
fn changed(bytes: &[u8], change: &Edit) -> Result<(Edited, Vec<u8>), EditError> {
    let text = String::from_utf8_lossy(bytes);
    let found = |entry: &str| lines(&text).find(|line| line.entry == entry.trim());
    let find = |entry: &str| {
        let line = found(entry).ok_or(EditError::Absent)?;
        Ok::<_, EditError>((line.number, line.mark.map(ToOwned::to_owned)))
    };
    let absent = |entry: &str| found(entry).map_or(Ok(()), |line| Err(EditError::Present(line.number)));
    // Lines with their ends, byte by byte: what is not ours to change stays as it is.
    let mut parts: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let end: &[u8] = if bytes.windows(2).any(|pair| pair == b"\r\n") { b"\r\n" } else { b"\n" };
    let is_mark = |line: &[u8]| line.trim_ascii_start().starts_with(MARK.as_bytes());
    // A mark and its entry, from this line on. Returns the entry's line.
    let put_in = |parts: &mut Vec<Vec<u8>>, mut at: usize, mark: Option<&str>, entry: &str| {
        if let Some(last) = parts.last_mut().filter(|last| !last.ends_with(b"\n")) {
            last.extend_from_slice(end);
        }
        if at > 0 && is_mark(&parts[at - 1]) {
            if at < parts.len() {
                // What stands above belongs to the entry below.
                at -= 1;
            } else {
                // It belongs to nothing, and must not belong to ours.
                parts.push(end.to_vec());
                at += 1;
            }
        }
        let lines = mark.into_iter().chain([entry]).map(|line| [line.trim().as_bytes(), end].concat());
        let count = lines.clone().count();
        parts.splice(at..at, lines);
        at + count
    };
    let mark = |written: &Written| written.mark.clone().filter(|mark| !mark.is_empty());
    let (line, mark_before, mark_after) = match change {
        Edit::Add(new) => {
            absent(&new.entry)?;
            let at = parts.len();
            (put_in(&mut parts, at, mark(new).as_deref(), &new.entry), None, mark(new))
        }
        Edit::Insert(line, new) => {
            absent(&new.entry)?;
            let before = line.saturating_sub(1 + usize::from(mark(new).is_some()));
            let at = before.min(parts.len());
            (put_in(&mut parts, at, mark(new).as_deref(), &new.entry), None, mark(new))
        }
        Edit::Remove(entry) => {
            let (line, old) = find(entry)?;
            parts.drain(line - 1 - usize::from(old.is_some())..line);
            (line, old, None)
        }
        Edit::Replace(entry, new) => {
            let (line, old) = find(entry)?;
            if entry.trim() != new.entry.trim() {
                absent(&new.entry)?;
            }
            let from = line - 1 - usize::from(old.is_some());
            let kept = if new.mark.is_some() { mark(new) } else { old.clone() };
            let lines = kept.iter().chain([&new.entry]).map(|line| [line.trim().as_bytes(), end].concat());
            parts.splice(from..line, lines);
            (from + 1 + usize::from(kept.is_some()), old, kept)
        }
    };
    Ok((Edited { line, mark_before, mark_after }, parts.concat()))
}

/// One write at the end.
fn append(path: &Path, lines: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).mode(0o640).open(path)?;
    let written = file.write(lines)?;
    if written < lines.len() {
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
