//! The three ban lists: read, match, edit in place, watch for change.
//!
//! A decision takes as long with a hundred thousand lines as with ten: each line is found by something that a match must
//! contain (a net's prefix, a domain, a literal part of a pattern), and only what was found so is tried. What is in force
//! is an [`Lists`] behind an atomic pointer; a changed file is compiled beside it and put in its place.

mod breadth;
mod edit;
mod emails;
mod file;
mod index;
mod ips;
mod lists;
mod literal;
mod mark;
mod python;
mod subscribed;
mod usernames;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::config::{Folder, ListSource};
use crate::domain::BanKind;
use crate::pulse::Stamp;

pub use edit::{Edit, EditError, Edited, Written, edit};
pub use file::Line;
pub use lists::{LineProblem, Lists, Who, check_entry, shown};
pub use mark::{Mark, parse_until, shown_until};
pub use subscribed::{MOST_BYTES, check_size, etag_of, fetched_copy, keep_copy};

use file::read;
use subscribed::Subscribed;

/// A file that changes at every look is taken as it is after so many.
const PATIENCE: u32 = 4;

/// Problems that are told one by one.
const TOLD: usize = 10;

/// The lists of a desk.
#[derive(Debug)]
pub struct Bans {
    current: ArcSwap<Lists>,
    watched: Mutex<Vec<(BanKind, Watched)>>,
    subscribed: Mutex<Vec<Subscribed>>,
}

/// What became of a look at the files.
#[derive(Debug, Default)]
pub struct Refreshed {
    /// Lists that have changed, or were read at the start, and their content: what stays in force should the file be lost,
    /// also after the next start.
    pub last_good: Vec<(BanKind, String)>,
    /// All that is wrong now: lost files, lines that are left out.
    pub troubles: Vec<String>,
    /// Copies of subscribed lists that are to be kept: where, and what.
    pub copies: Vec<(PathBuf, String)>,
    /// What is to be said of subscribed lists.
    pub notes: Vec<String>,
    /// One has changed just now, and is taken in by the next look if it agrees.
    pub is_unsteady: bool,
}

#[derive(Debug)]
struct Watched {
    /// As the operator knows it.
    name: Arc<str>,
    path: PathBuf,
    /// Of the content that is in force.
    taken: Option<Stamp>,
    /// As the file looked last time, and how often it has differed since.
    seen: Option<Stamp>,
    unsteady: u32,
    /// There was a file once: its absence is no empty list.
    known: bool,
    /// What was read at the start, and nobody remembers yet.
    untold: Option<String>,
    trouble: Option<String>,
}

impl Bans {
    /// Reads the lists. `remembered` is the last good content of a list that has had one: it holds where its file is
    /// missing or unreadable.
    pub fn open(folder: &Folder, remembered: impl Fn(BanKind) -> Option<String>) -> Self {
        let mut lists = Lists::default();
        let mut watched = Vec::new();
        for kind in BanKind::ALL {
            let last_good = remembered(kind);
            let path = folder.path().join(kind.file_name());
            let mut one = Watched::new(&kind.file_name().into(), path, last_good.is_some());
            one.see();
            // The desk does not open before its lists hold, so the first look takes what there is.
            let found = one.look();
            if let Some(text) = found.as_ref().or(last_good.as_ref()) {
                lists.replace(kind, text);
            }
            one.untold = found.filter(|text| last_good.as_ref() != Some(text));
            watched.push((kind, one));
        }
        let (current, subscribed) = (ArcSwap::from_pointee(lists), Mutex::default());
        Self { current, watched: Mutex::new(watched), subscribed }
    }

    /// Has these lists of others in force, and no more. What of them is there is in force when this returns.
    pub fn subscribe(&self, folder: &Folder, sources: &[ListSource]) {
        let mut subscribed = self.subscribed.lock().unwrap_or_else(PoisonError::into_inner);
        if subscribed.iter().map(|one| &one.source).eq(sources) {
            return;
        }
        let mut before = std::mem::take(&mut *subscribed);
        for source in sources {
            let same = before.iter().position(|one| one.source == *source);
            let one = same.map_or_else(|| Subscribed::new(folder, source), |at| before.swap_remove(at));
            subscribed.push(one);
        }
        self.put_in_force(&subscribed);
    }

    fn put_in_force(&self, subscribed: &[Subscribed]) {
        let mut lists = Lists::clone(&self.current.load());
        lists.subscribed = subscribed.iter().filter_map(|one| one.list.clone()).collect();
        self.current.store(Arc::new(lists));
    }

    /// The lists in force. Never waits.
    pub fn current(&self) -> Arc<Lists> {
        self.current.load_full()
    }

    /// Looks at the files and takes in what has changed. To be called when one was touched, and again while one is
    /// unsteady, on a thread that may take its time.
    pub fn refresh(&self) -> Refreshed {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let mut refreshed = Refreshed::default();
        let mut subscribed = self.subscribed.lock().unwrap_or_else(PoisonError::into_inner);
        for (kind, one) in watched.iter_mut() {
            if let Some(text) = one.look() {
                let mut lists = Lists::clone(&self.current.load());
                lists.replace(*kind, &text);
                self.current.store(Arc::new(lists));
                tracing::info!("{} is in force as it stands now", one.name);
                one.untold = None;
                refreshed.last_good.push((*kind, text));
            } else if let Some(text) = one.untold.take() {
                refreshed.last_good.push((*kind, text));
            }
            refreshed.troubles.extend(one.trouble.clone());
            refreshed.is_unsteady |= one.is_unsteady();
        }
        let mut is_new = false;
        for one in subscribed.iter_mut() {
            if let Some((copy, text)) = one.look() {
                is_new = true;
                tracing::info!("{} is in force as it stands now", one.file);
                refreshed.copies.extend(copy.map(|copy| (copy, text)));
            }
            refreshed.copies.extend(one.unkept());
            refreshed.notes.extend(one.note());
            refreshed.is_unsteady |= one.is_unsteady();
        }
        if is_new {
            self.put_in_force(&subscribed);
        }
        refreshed.notes.extend(self.current.load().notes());
        let lists = self.current.load();
        let mut problems = lists.problems();
        refreshed.troubles.extend(problems.by_ref().take(TOLD).map(ToString::to_string));
        let more = problems.count();
        if more > 0 {
            refreshed.troubles.push(format!("{more} more lines; `doorman check-config` tells them all"));
        }
        refreshed
    }
}

impl Watched {
    fn new(name: &Arc<str>, path: PathBuf, known: bool) -> Self {
        let name = Arc::clone(name);
        Self { name, path, taken: None, seen: None, unsteady: 0, known, untold: None, trouble: None }
    }

    /// How the file looks now: the next look takes it, where it agrees.
    fn see(&mut self) {
        self.seen = Some(Stamp::of(&self.path));
    }

    fn is_unsteady(&self) -> bool {
        self.seen != self.taken
    }

    /// The file's new content, if it is to be taken in now: two looks have to agree, so that half a list that an editor
    /// is just writing is not one.
    fn look(&mut self) -> Option<String> {
        let now = Stamp::of(&self.path);
        if self.taken == Some(now) {
            self.seen = Some(now);
            return None;
        }
        if self.seen != Some(now) && self.unsteady < PATIENCE {
            self.seen = Some(now);
            self.unsteady += 1;
            return None;
        }
        self.unsteady = 0;
        self.seen = Some(now);
        self.taken = Some(now);
        if now == Stamp::Missing && !self.known {
            // A file that never was is an empty list.
            self.trouble = None;
            return None;
        }
        match read(&self.path) {
            Ok(text) => {
                self.known = true;
                self.trouble = None;
                Some(text)
            }
            Err(error) => {
                let holds =
                    if self.known { "its last good content stays in force" } else { "it counts as empty" };
                self.trouble =
                    Some(format!("{}: {error}; {holds} (to ban nobody, make it an empty file)", self.name));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
