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
mod usernames;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::config::Folder;
use crate::domain::BanKind;
use crate::pulse::Stamp;

pub use edit::{Edit, EditError, Edited, Written, edit};
pub use file::Line;
pub use lists::{LineProblem, Lists, Who, check_entry, shown};
pub use mark::{Mark, parse_until, shown_until};

use file::read;

/// A file that changes at every look is taken as it is after so many.
const PATIENCE: u32 = 4;

/// Problems that are told one by one.
const TOLD: usize = 10;

/// The lists of a desk.
#[derive(Debug)]
pub struct Bans {
    current: ArcSwap<Lists>,
    watched: Mutex<Vec<Watched>>,
}

/// What became of a look at the files.
#[derive(Debug, Default)]
pub struct Refreshed {
    /// Lists that have changed, or were read at the start, and their content: what stays in force should the file be lost,
    /// also after the next start.
    pub last_good: Vec<(BanKind, String)>,
    /// All that is wrong now: lost files, lines that are left out.
    pub troubles: Vec<String>,
    /// One has changed just now, and is taken in by the next look if it agrees.
    pub is_unsteady: bool,
}

#[derive(Debug)]
struct Watched {
    kind: BanKind,
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
            let mut one = Watched {
                kind,
                path: folder.path().join(kind.file_name()),
                taken: None,
                seen: None,
                unsteady: 0,
                known: last_good.is_some(),
                untold: None,
                trouble: None,
            };
            one.seen = Some(Stamp::of(&one.path));
            // The desk does not open before its lists hold, so the first look takes what there is.
            let found = one.look();
            if let Some(text) = found.as_ref().or(last_good.as_ref()) {
                lists.replace(kind, text);
            }
            one.untold = found.filter(|text| last_good.as_ref() != Some(text));
            watched.push(one);
        }
        Self { current: ArcSwap::from_pointee(lists), watched: Mutex::new(watched) }
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
        for one in watched.iter_mut() {
            if let Some(text) = one.look() {
                let mut lists = Lists::clone(&self.current.load());
                lists.replace(one.kind, &text);
                self.current.store(Arc::new(lists));
                tracing::info!("{} is in force as it stands now", one.kind.file_name());
                one.untold = None;
                refreshed.last_good.push((one.kind, text));
            } else if let Some(text) = one.untold.take() {
                refreshed.last_good.push((one.kind, text));
            }
            refreshed.troubles.extend(one.trouble.clone());
            refreshed.is_unsteady |= one.seen != one.taken;
        }
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
                self.trouble = Some(format!(
                    "{}: {error}; {holds} (to ban nobody, make it an empty file)",
                    self.kind.file_name()
                ));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
