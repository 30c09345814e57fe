//! `registrations.json`: a mirror of every accepted request, for the operator's scripts. Never the source of truth.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::premises::Premises;
use crate::stop::Stop;
use crate::store::{MirrorEntry, MirrorVersion, Store, StoreError};

/// How often it is looked whether the mirror is behind, or gone.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// After writing it rests so many times as long as that took, once it is more than small.
const REST_FACTOR: u32 = 99;

/// Up to so many bytes, some 800 entries, it is small: not long behind, however slow the disk is.
const SMALL: u64 = 128 * 1024;

/// After trouble it is tried again after so long.
const AFTER_TROUBLE: Duration = Duration::from_secs(5);

/// An entry as the original wrote it.
#[derive(Serialize)]
struct Written<'a> {
    requested_name: &'a str,
    email: &'a str,
    datetime: String,
    ip_address: Option<&'a str>,
}

/// Why the mirror could not be written.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be written.
    #[error("{} cannot be written: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
}

/// Keeps the mirror until the stop signal comes; then once more, so that it is complete.
pub fn keep(premises: &Arc<Premises>, clock: &dyn Clock, stop: &Stop) {
    let path = premises.folder.registrations_json();
    let mut shown = None;
    let mut rests_until: Option<Instant> = None;
    loop {
        let stopping = stop.is_given();
        let resting = rests_until.is_some_and(|until| clock.monotonic() < until);
        if stopping || !resting {
            let began = clock.monotonic();
            match look(premises, &path, &mut shown) {
                Ok(false) => {}
                Ok(true) => {
                    let took = clock.monotonic().saturating_duration_since(began);
                    let bytes = std::fs::metadata(&path).map_or(0, |file| file.len());
                    rests_until = Some(clock.monotonic() + rest(took, bytes));
                    premises.alarms.clear(Trouble::Mirror);
                }
                Err(error) => {
                    premises.alarms.raise(Trouble::Mirror, error.to_string());
                    rests_until = Some(clock.monotonic() + AFTER_TROUBLE);
                }
            }
        }
        if stopping {
            return;
        }
        stop.wait(LOOK_EVERY);
    }
}

/// How long after writing so many bytes, which took so long, it is not written again.
fn rest(took: Duration, bytes: u64) -> Duration {
    if bytes <= SMALL { took } else { took * REST_FACTOR }
}

/// Writes the mirror where it is behind. True: it was.
fn look(premises: &Premises, path: &Path, shown: &mut Option<MirrorVersion>) -> Result<bool, MirrorError> {
    let version = premises.store.read(|store| store.mirror_version())?;
    if version.is_some() && *shown == version && path.exists() {
        return Ok(false);
    }
    *shown = write(&premises.store, path)?;
    Ok(true)
}

/// Writes the mirror: beside, then renamed, so that it is valid at every instant. Returns what it shows.
pub fn write(store: &Store, path: &Path) -> Result<Option<MirrorVersion>, MirrorError> {
    let at = |error| MirrorError::File(path.to_owned(), error);
    let beside = path.with_file_name(".registrations.json.new");
    let old = std::fs::metadata(path).ok();
    let mode = old.as_ref().map_or(0o640, |old| old.mode() & 0o7777);
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(error)),
        _ => {}
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside).map_err(at)?;
    let written = write_entries(store, &file).and_then(|version| {
        if let Some(old) = &old {
            // Only root can, and where it cannot be done the file is at least ours.
            let _ = std::os::unix::fs::fchown(&file, Some(old.uid()), Some(old.gid()));
        }
        file.set_permissions(std::fs::Permissions::from_mode(mode)).map_err(at)?;
        file.sync_data().map_err(at)?;
        std::fs::rename(&beside, path).map_err(at)?;
        Ok(version)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

fn write_entries(store: &Store, file: &File) -> Result<Option<MirrorVersion>, MirrorError> {
    let mut out = BufWriter::with_capacity(64 * 1024, file);
    let (version, written) = store.read(|store| {
        let version = store.mirror_version()?;
        let mut first = true;
        let written = store.for_each_mirror_entry(|entry| {
            out.write_all(if first { b"[\n" } else { b",\n" })?;
            first = false;
            serde_json::to_writer(&mut out, &as_written(entry))?;
            Ok(())
        })?;
        Ok((version, written.map(|()| first)))
    })?;
    written
        .and_then(|empty| out.write_all(if empty { b"[]\n" } else { b"\n]\n" }))
        .and_then(|()| out.flush())
        .map_err(|error| MirrorError::File(PathBuf::from("registrations.json"), error))?;
    Ok(version)
}

fn as_written(entry: &MirrorEntry) -> Written<'_> {
    // Naive UTC, as Python's isoformat() has it: microseconds, or no fraction at all.
    let at = entry.entered_at();
    let whole = at.timestamp_subsec_micros() == 0;
    let format = if whole { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%dT%H:%M:%S%.6f" };
    Written {
        requested_name: &entry.requested_name,
        email: &entry.email,
        datetime: at.format(format).to_string(),
        ip_address: entry.ip.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_mirror_is_not_long_behind_on_a_slow_disk_and_a_large_one_takes_a_hundredth_of_the_time() {
        let slow = Duration::from_millis(200);
        assert!(LOOK_EVERY + slow + rest(slow, 100 * 1024) < Duration::from_secs(1));
        assert!(rest(slow, 1024 * 1024) >= slow * 99);
    }
}
