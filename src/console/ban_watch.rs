//! Looks at the ban lists, on a thread of its own: compiling long ones takes a while.

use std::os::unix::fs::MetadataExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use crate::bans::Bans;
use crate::commands::folder::Opened;
use crate::domain::BanKind;
use crate::stop::Stop;

use super::News;
use super::model::BanFiles;

/// How often the ban lists are looked at.
const BANS_EVERY: Duration = Duration::from_millis(250);

/// Reads the lists, and again whenever a file has changed. Should that end by itself, it is told.
pub(super) fn watch_bans(opened: Arc<Opened>, sender: Sender<News>) {
    let unwatched = sender.clone();
    let watching = move || {
        let read = || -> Vec<(BanKind, Vec<u8>)> {
            BanKind::ALL
                .into_iter()
                .map(|kind| {
                    let path = opened.folder.path().join(kind.file_name());
                    (kind, std::fs::read(path).unwrap_or_default())
                })
                .collect()
        };
        let lines_of_files = |files: &[(BanKind, Vec<u8>)]| {
            let lines = |bytes: &[u8]| {
                String::from_utf8_lossy(bytes).trim_start_matches('\u{feff}').lines().map(Arc::from).collect()
            };
            files.iter().map(|(kind, bytes)| (*kind, lines(bytes))).collect()
        };
        let stamps = || -> Vec<_> {
            BanKind::ALL
                .into_iter()
                .map(|kind| std::fs::metadata(opened.folder.path().join(kind.file_name())).ok())
                .map(|file| file.map(|file| (file.ino(), file.size(), file.mtime(), file.mtime_nsec())))
                .collect()
        };
        let (bans, stop) = (Bans::open(&opened.folder, |_| None), Stop::new());
        let mut seen = stamps();
        let (mut shown, mut told) = (seen.clone(), bans.current());
        let first = BanFiles { lines: lines_of_files(&read()), lists: Some(Arc::clone(&told)) };
        if sender.send(News::Bans(first)).is_err() {
            return;
        }
        loop {
            stop.wait(BANS_EVERY);
            let now = stamps();
            bans.refresh();
            let lists = bans.current();
            // A file that has just changed is taken in at the next look, and shown then: its lines, and what is wrong
            // with them, belong together.
            let is_steady = now == seen;
            seen = now;
            if (is_steady && seen != shown) || !Arc::ptr_eq(&lists, &told) {
                (shown, told) = (seen.clone(), Arc::clone(&lists));
                let news = BanFiles { lines: lines_of_files(&read()), lists: Some(lists) };
                if sender.send(News::Bans(news)).is_err() {
                    return;
                }
            }
        }
    };
    let told = unwatched.clone();
    let spawned = std::thread::Builder::new().name("console-bans".into()).spawn(move || {
        if catch_unwind(AssertUnwindSafe(watching)).is_err() {
            let _ = told.send(News::BansUnwatched);
        }
    });
    // Without it the console still shows everything else.
    if spawned.is_err() {
        let _ = unwatched.send(News::BansUnwatched);
    }
}
