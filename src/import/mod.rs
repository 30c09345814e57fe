//! Takes in the original's `registrations.json`, as far as it can be understood.

mod date;
mod scan;

use std::io;
use std::net::IpAddr;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::config::Folder;
use crate::domain::{EmailAddress, Localpart, Schedule, ServerName, printable};
use crate::store::{ImportEntry, Imported, Store, StoreError};

pub use date::date;
pub use scan::{Piece, pieces};

/// Entries that are written in one transaction: a running desk waits for each no longer than for a letter.
const BATCH: usize = 2000;

/// Problems that are told one by one; beyond, they are counted.
const TOLD: usize = 20;

/// Where the file is kept untouched once it has been taken in at the first start.
const KEPT_AS: &str = "registrations.json.before-doorman";

/// Why nothing could be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{}: {}", .0.display(), .1)]
    File(std::path::PathBuf, io::Error),
    /// The store does not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of a file's entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Taken in now.
    pub imported: usize,
    /// Were in already.
    pub known: usize,
    /// Could not be understood, or only in part.
    pub problems: usize,
    /// The first of the problems, each with its line.
    pub told: Vec<String>,
}

impl Report {
    fn problem(&mut self, line: usize, what: &str) {
        self.problems += 1;
        if self.told.len() < TOLD {
            self.told.push(format!("line {line}: {what}"));
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} imported, {} known already, {} with problems", self.imported, self.known, self.problems)
    }
}

/// At the first start: takes in the `registrations.json` that lies in the folder, and keeps a copy of it aside. None: it
/// is not the first start, or there is no such file.
pub fn import_at_first_start(
    folder: &Folder,
    store: &Store,
    server: &ServerName,
    schedule: &Schedule,
    now: DateTime<Utc>,
) -> Result<Option<Report>, ImportError> {
    if store.read(|store| store.first_import_is_done())? {
        return Ok(None);
    }
    let path = folder.registrations_json();
    let report = if path.exists() {
        let report = import_file(&path, store, server, schedule, now)?;
        keep_aside(&path)?;
        Some(report)
    } else {
        None
    };
    store.write(|store| store.note_first_import())?;
    Ok(report)
}

/// The file itself stays where it is until the mirror takes its place.
fn keep_aside(path: &Path) -> Result<(), ImportError> {
    let kept = path.with_file_name(KEPT_AS);
    match std::fs::hard_link(path, &kept) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // Some file systems have no links.
        Err(_) => std::fs::copy(path, &kept).map(drop),
        Ok(()) => Ok(()),
    }
    .map_err(|error| ImportError::File(kept, error))
}

/// Takes in a file of the original's. What is in already is passed over, so it can be done again.
pub fn import_file(
    path: &Path,
    store: &Store,
    server: &ServerName,
    schedule: &Schedule,
    now: DateTime<Utc>,
) -> Result<Report, ImportError> {
    let bytes = std::fs::read(path).map_err(|error| ImportError::File(path.to_owned(), error))?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_start_matches('\u{feff}');
    let mut report = Report::default();
    let mut reader = EntryReader { server, schedule, now, last_date: None };
    let mut batch = Vec::with_capacity(BATCH);
    for piece in pieces(text) {
        if let Some(entry) = reader.entry(piece, &mut report) {
            batch.push((piece.line, entry));
        }
        if batch.len() == BATCH {
            take_in(std::mem::take(&mut batch), store, &mut report)?;
        }
    }
    take_in(batch, store, &mut report)?;
    if report.imported + report.known + report.problems == 0 && !matches!(text.trim(), "" | "[]") {
        report.problem(1, "there is no entry in this file: it should be a JSON array of objects");
    }
    Ok(report)
}

fn take_in(batch: Vec<(usize, ImportEntry)>, store: &Store, report: &mut Report) -> Result<(), StoreError> {
    let outcomes = store.write(move |store| {
        batch
            .into_iter()
            .map(|(line, entry)| {
                Ok((line, store.import(&entry, "imported from registrations.json")?, entry.name_as_written))
            })
            .collect::<Result<Vec<_>, StoreError>>()
    })?;
    for (line, outcome, name) in outcomes {
        match outcome {
            Imported::New => report.imported += 1,
            Imported::Known => report.known += 1,
            Imported::NameHeld => {
                report.imported += 1;
                report.problem(
                    line,
                    &format!("{name} is held by another address; only the address is taken in"),
                );
            }
        }
    }
    Ok(())
}

struct EntryReader<'a> {
    server: &'a ServerName,
    schedule: &'a Schedule,
    now: DateTime<Utc>,
    /// Entries stand in the order of their dates: the one before is the best guess.
    last_date: Option<DateTime<Utc>>,
}

impl EntryReader<'_> {
    fn entry(&mut self, piece: Piece<'_>, report: &mut Report) -> Option<ImportEntry> {
        let Ok(object) = serde_json::from_str::<Value>(piece.text) else {
            report.problem(piece.line, "the entry is cut off or is no JSON; passed over");
            return None;
        };
        let text = |key: &str| match &object[key] {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let email = match EmailAddress::parse(&text("email")) {
            Ok(email) => email,
            Err(problem) => {
                report.problem(piece.line, &format!("no usable email address ({problem}); passed over"));
                return None;
            }
        };
        let written = text("requested_name");
        let name = Localpart::parse(&written, self.server);
        if let Err(problem) = &name {
            report.problem(piece.line, &format!("no usable name ({problem}); only the address is taken in"));
        }
        let requested_at = date(&object["datetime"]).map(|at| at.min(self.now));
        if requested_at.is_none() {
            report.problem(piece.line, "no readable date; the one before it stands in");
        }
        let requested_at = requested_at.or(self.last_date).unwrap_or(self.now);
        self.last_date = Some(requested_at);
        Some(ImportEntry {
            name: name.ok(),
            name_as_written: printable(&written, 255),
            email,
            requested_at,
            ip: text("ip_address").trim().parse::<IpAddr>().ok().map(|ip| ip.to_canonical()),
            token_dead_at: self.schedule.next_reset(requested_at),
        })
    }
}

#[cfg(test)]
mod tests;
