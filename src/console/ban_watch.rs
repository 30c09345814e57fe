//! Looks at the ban lists, on a thread of its own: compiling long ones takes a while.

use std::os::unix::fs::MetadataExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::bans::Bans;
use crate::config::{Folder, ListSource};
use crate::domain::BanKind;
use crate::files;
use crate::stop::Stop;

use super::model::BanFiles;

/// How often the ban lists are looked at.
const BANS_EVERY: Duration = Duration::from_millis(250);

/// Reads the lists, and again whenever a file has changed, until nobody wants them any more (`tell` says no). Should that end
/// by itself, None is told.
pub(super) fn watch_bans(
    folder: Folder,
    others: Vec<ListSource>,
    tell: impl Fn(Option<BanFiles>) -> bool + Clone + Send + 'static,
) {
    let unwatched = tell.clone();
    let watching = move || {
        if catch_unwind(AssertUnwindSafe(|| watch(&folder, &others, &tell))).is_err() {
            tell(None);
        }
    };
    // Without it the console still shows everything else.
    if std::thread::Builder::new().name("console-bans".into()).spawn(watching).is_err() {
        unwatched(None);
    }
}

fn watch(folder: &Folder, others: &[ListSource], tell: impl Fn(Option<BanFiles>) -> bool) {
    let files = BanKind::ALL.map(|kind| folder.path().join(kind.file_name()));
    let stamp = |file: &PathBuf| {
        let file = std::fs::metadata(file).ok()?;
        Some((file.ino(), file.size(), file.mtime(), file.mtime_nsec()))
    };
    let lines = |file: &PathBuf| {
        let bytes = files::read(file).unwrap_or_default();
        String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').lines().map(Arc::from).collect()
    };
    let (bans, stop) = (Bans::open(folder, |_| None), Stop::new());
    bans.subscribe(folder, others);
    let (mut seen, mut shown, mut told) = (files.each_ref().map(stamp), None, bans.current());
    loop {
        let now = files.each_ref().map(stamp);
        bans.refresh();
        let lists = bans.current();
        // A file that has just changed is taken in at the next look, and shown then: its lines, and what is wrong with them,
        // belong together.
        let is_steady = now == seen;
        seen = now;
        if (is_steady && shown != Some(seen)) || !Arc::ptr_eq(&lists, &told) {
            (shown, told) = (Some(seen), Arc::clone(&lists));
            let lines = BanKind::ALL.into_iter().zip(files.iter().map(lines)).collect();
            if !tell(Some(BanFiles { lines, lists: Some(lists) })) {
                return;
            }
        }
        stop.wait(BANS_EVERY);
    }
}
