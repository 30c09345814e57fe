//! Lists that others keep: read where they lie, or as they were fetched last.

use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{Folder, ListPlace, ListSource};

use super::Watched;
use super::file::read;
use super::lists::List;

/// Longer than any such list that is well kept, in bytes and in lines.
pub const MOST_BYTES: usize = 10 * 1024 * 1024;
pub const MOST_LINES: usize = 500_000;

/// How a copy begins that was fetched: the next line has what its server calls this state of it.
const FETCHED: &str = "# fetched from ";
const ETAG: &str = "# etag: ";

/// Whether a list is short enough.
///
/// # Errors
/// What it is too long in.
pub fn check_size(text: &str) -> Result<(), String> {
    if text.len() > MOST_BYTES {
        return Err("it is larger than 10 MB".into());
    }
    if text.lines().count() > MOST_LINES {
        return Err(format!("it has more than {MOST_LINES} lines"));
    }
    Ok(())
}

/// The copy of a list that was fetched, with what is needed to fetch it again.
pub fn fetched_copy(url: &str, etag: Option<&str>, text: &str) -> String {
    let etag = etag.filter(|etag| !etag.contains(char::is_control)).unwrap_or_default();
    format!("{FETCHED}{url}\n{ETAG}{etag}\n{text}")
}

/// What its server calls the state that this copy was fetched in.
pub fn etag_of(copy: &str, url: &str) -> Option<String> {
    let mut lines = copy.lines();
    (lines.next()?.strip_prefix(FETCHED)? == url).then_some(())?;
    lines.next()?.strip_prefix(ETAG).filter(|etag| !etag.is_empty()).map(ToOwned::to_owned)
}

/// Puts a copy in the place of the one before, whole.
pub fn keep_copy(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.is_dir()) {
        std::fs::DirBuilder::new().mode(0o750).create(folder)?;
    }
    let beside = path.with_extension("new");
    let _ = std::fs::remove_file(&beside);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o640).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}

/// One of them, as it is in force.
#[derive(Debug)]
pub(super) struct Subscribed {
    pub(super) source: ListSource,
    pub(super) file: Arc<str>,
    copy: PathBuf,
    watched: Watched,
    /// None: nothing of it was ever there.
    pub(super) list: Option<Arc<List>>,
    /// What keeps its last content from being in force.
    too_long: Option<String>,
    /// What was read at the start, and is to be kept.
    unkept: Option<(PathBuf, String)>,
}

impl Subscribed {
    pub(super) fn new(folder: &Folder, source: &ListSource) -> Self {
        let copy = folder.path().join(source.copy());
        let path = match &source.place {
            ListPlace::Url(_) => copy.clone(),
            ListPlace::File(path) => path.clone(),
        };
        let file: Arc<str> = source.shown(folder.path()).into();
        let watched = Watched::new(&file, path, true);
        let mut one =
            Self { source: source.clone(), file, copy, watched, list: None, too_long: None, unkept: None };
        one.watched.see();
        let kept = read(&one.copy).ok();
        match one.look() {
            Some((Some(copy), text)) if kept.as_ref() != Some(&text) => one.unkept = Some((copy, text)),
            Some(_) => {}
            None => one.list = kept.map(|text| one.compiled(&text)),
        }
        one
    }

    fn compiled(&self, text: &str) -> Arc<List> {
        Arc::new(List::of(self.source.kind, Arc::clone(&self.file), Some(self.source.action), text))
    }

    /// Takes in what has changed. Returns it, and where its copy belongs, where that is not kept by whoever has fetched it.
    pub(super) fn look(&mut self) -> Option<(Option<PathBuf>, String)> {
        let text = self.watched.look()?;
        let is_file = matches!(self.source.place, ListPlace::File(_));
        self.too_long = if is_file { check_size(&text).err() } else { None };
        if self.too_long.is_some() {
            return None;
        }
        self.list = Some(self.compiled(&text));
        Some((is_file.then(|| self.copy.clone()), text))
    }

    /// A copy that was not kept yet.
    pub(super) fn unkept(&mut self) -> Option<(PathBuf, String)> {
        self.unkept.take()
    }

    pub(super) fn is_unsteady(&self) -> bool {
        self.watched.is_unsteady()
    }

    /// What is to be said of it.
    pub(super) fn note(&self) -> Option<String> {
        let never = || match (&self.list, &self.source.place) {
            (None, ListPlace::Url(_)) => Some("it has not been fetched yet, and hits nobody"),
            (None, ListPlace::File(_)) => Some("there is no such file, and it hits nobody"),
            (Some(_), _) => None,
        };
        let holds = |why: &String| format!("{}: {why}; what it was before stays in force", self.file);
        let lost = || self.watched.trouble.clone().filter(|_| self.list.is_some());
        self.too_long
            .as_ref()
            .map(holds)
            .or_else(lost)
            .or_else(|| never().map(|what| format!("{}: {what}", self.file)))
    }
}
