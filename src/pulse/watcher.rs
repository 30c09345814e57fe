//! What other processes do: files that are touched, commits, and the clock that is set.
//!
//! The kernel tells of it (inotify), where it can. It does not of what another machine or container does on some file
//! systems, nor of a link's target that is exchanged in a folder of its own; so it is looked once a second anyway. That is
//! the one look again and again that the desk has.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};

use crate::stop::{Bell, Stop};

use super::{Pulse, Topic};

/// Without a word of the kernel's it is looked so often: what a command changes is in force within a second.
const LOOK_EVERY: Duration = Duration::from_millis(900);

/// With one, so often at most: while requests come, the database's log is written to all the time.
const REST: Duration = Duration::from_millis(100);

/// A clock that goes astray by so much was set, or the machine has slept.
const ASTRAY: TimeDelta = TimeDelta::milliseconds(250);

/// Differs when the file was touched or replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stamp {
    /// There is no file.
    Missing,
    /// It cannot be looked at.
    Unreadable,
    /// Inode, size, and when content and inode changed last.
    File(u64, u64, (i64, i64), (i64, i64)),
}

impl Stamp {
    /// The file's stamp now, a link's that of what it leads to.
    pub fn of(path: &Path) -> Self {
        match std::fs::metadata(path) {
            Ok(file) => Self::File(
                file.ino(),
                file.len(),
                (file.mtime(), file.mtime_nsec()),
                (file.ctime(), file.ctime_nsec()),
            ),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::Missing,
            Err(_) => Self::Unreadable,
        }
    }
}

/// Watches over a folder.
#[derive(Debug)]
pub struct Watcher {
    pulse: Arc<Pulse>,
    folder: PathBuf,
    stop: Stop,
    /// Rung by the stop signal.
    bell: Option<Arc<Bell>>,
    /// None: the kernel lets the desk have none.
    inotify: Option<OwnedFd>,
    seen: BTreeMap<(Topic, PathBuf), Stamp>,
    /// The two clocks, when they last went together.
    clocks: Option<(DateTime<Utc>, Instant)>,
    was_told: bool,
}

impl Watcher {
    /// Tells of it here, until the stop signal comes.
    pub fn new(folder: &Path, pulse: &Arc<Pulse>, stop: &Stop) -> Self {
        let inotify = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC);
        if let Err(error) = &inotify {
            tracing::debug!(
                "the kernel does not tell which files change ({error}): they are looked at each second"
            );
        }
        let bell = Bell::beside_a_socket().ok().map(Arc::new);
        if let Some(bell) = &bell {
            stop.ring_too(bell);
        }
        Self {
            pulse: Arc::clone(pulse),
            folder: folder.to_owned(),
            stop: stop.clone(),
            bell,
            inotify: inotify.ok(),
            seen: BTreeMap::new(),
            clocks: None,
            was_told: false,
        }
    }

    /// Looks at these files and at the clocks, and tells of what has changed since the last look.
    pub fn look(&mut self, files: &[(Topic, PathBuf)], now: DateTime<Utc>, monotonic: Instant) {
        // Before the look: what happens between the two wakes it again. What is watched already stays so.
        if let Some(inotify) = &self.inotify {
            let touched = WatchFlags::MODIFY | WatchFlags::ATTRIB | WatchFlags::DELETE_SELF;
            let moved =
                WatchFlags::CREATE | WatchFlags::DELETE | WatchFlags::MOVED_TO | WatchFlags::MOVED_FROM;
            for path in files.iter().map(|(_, path)| path).chain([&self.folder]) {
                let _ = inotify::add_watch(inotify, path, touched | moved);
            }
        }
        for file in files {
            let now = Stamp::of(&file.1);
            if self.seen.insert(file.clone(), now).is_none_or(|before| before != now) {
                self.pulse.ring(file.0);
            }
        }
        let (shown, at) = *self.clocks.get_or_insert((now, monotonic));
        let passed = TimeDelta::from_std(monotonic.saturating_duration_since(at)).unwrap_or(TimeDelta::MAX);
        if (now - shown - passed).abs() > ASTRAY {
            self.clocks = Some((now, monotonic));
            self.pulse.ring(Topic::Clock);
        }
    }

    /// Waits until it is time to look again, `at_most` so long. Returns whether the kernel has told of something.
    pub fn wait(&mut self, at_most: Duration) -> bool {
        if self.was_told {
            self.stop.wait(REST);
        }
        let span = at_most.min(LOOK_EVERY);
        let inotify = self.inotify.as_ref().map(AsFd::as_fd);
        let descriptors = [inotify, self.bell.as_ref().and_then(|bell| bell.descriptor())];
        let mut polled: Vec<_> =
            descriptors.into_iter().flatten().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
        self.was_told = match poll(&mut polled, Timespec::try_from(span).ok().as_ref()) {
            Ok(count) => count > 0,
            Err(_) => self.stop.wait(REST),
        };
        if let (true, Some(inotify)) = (self.was_told, &self.inotify) {
            // What they were about, the look tells.
            let mut words = [0; 4096];
            while rustix::io::read(inotify, &mut words).is_ok_and(|read| read > 0) {}
        }
        self.was_told
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{rename, write};
    use std::os::unix::fs::symlink;

    use crate::clock::{Clock, ManualClock};
    use crate::pulse::Listener;

    use super::*;

    struct Bench {
        dir: tempfile::TempDir,
        pulse: Arc<Pulse>,
        watcher: Watcher,
        listener: Listener,
        clock: ManualClock,
    }

    impl Bench {
        /// A ban list that links to a file in another folder, and a token file.
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            for folder in ["desk", "elsewhere"] {
                std::fs::create_dir(dir.path().join(folder)).unwrap();
            }
            write(dir.path().join("elsewhere/list"), "one").unwrap();
            symlink("../elsewhere/list", dir.path().join("desk/bans")).unwrap();
            let (pulse, stop) = (Arc::new(Pulse::default()), Stop::new());
            let watcher = Watcher::new(&dir.path().join("desk"), &pulse, &stop);
            let listener = pulse.listen(&stop, &[Topic::BanFiles, Topic::TokenFiles], Duration::ZERO);
            let clock = ManualClock::at("2026-01-01T12:00:00Z");
            let mut bench = Self { dir, pulse, watcher, listener, clock };
            bench.heard();
            bench
        }

        fn path(&self, name: &str) -> PathBuf {
            self.dir.path().join(name)
        }

        /// What the next look tells of.
        fn heard(&mut self) -> Vec<Topic> {
            let files =
                [(Topic::BanFiles, self.path("desk/bans")), (Topic::TokenFiles, self.path("desk/token"))];
            self.watcher.look(&files, self.clock.now(), self.clock.monotonic());
            let heard = self.listener.bell().hear();
            let topics = [Topic::BanFiles, Topic::TokenFiles, Topic::Clock];
            topics.into_iter().filter(|topic| heard & topic.reason() != 0).collect()
        }

        /// What the kernel says of by itself.
        fn told(&mut self) -> Vec<Topic> {
            assert!(self.watcher.wait(LOOK_EVERY), "the kernel says nothing");
            self.heard()
        }
    }

    #[test]
    fn a_file_that_is_made_written_to_replaced_or_removed_is_seen() {
        let mut bench = Bench::new();
        let token = bench.path("desk/token");
        write(&token, "a").unwrap();
        assert_eq!(bench.told(), [Topic::TokenFiles]);
        write(&token, "ab").unwrap();
        assert_eq!(bench.told(), [Topic::TokenFiles]);
        write(bench.path("desk/token.new"), "ab").unwrap();
        assert_eq!(bench.told(), [], "it is another file");
        rename(bench.path("desk/token.new"), &token).unwrap();
        assert_eq!(bench.told(), [Topic::TokenFiles]);
        std::fs::remove_file(&token).unwrap();
        assert_eq!(bench.told(), [Topic::TokenFiles]);
        assert!(!bench.watcher.wait(Duration::ZERO), "nothing more");
    }

    #[test]
    fn what_a_link_leads_to_is_seen_and_what_takes_its_place_there() {
        let mut bench = Bench::new();
        for text in ["two", "three"] {
            write(bench.path("elsewhere/list"), text).unwrap();
            assert_eq!(bench.told(), [Topic::BanFiles]);
            write(bench.path("elsewhere/new"), text).unwrap();
            rename(bench.path("elsewhere/new"), bench.path("elsewhere/list")).unwrap();
            assert_eq!(bench.told(), [Topic::BanFiles]);
        }
    }

    #[test]
    fn where_the_kernel_tells_nothing_the_next_look_does() {
        let mut bench = Bench::new();
        bench.watcher.inotify = None;
        write(bench.path("elsewhere/list"), "two").unwrap();
        write(bench.path("desk/token"), "a").unwrap();
        assert_eq!(bench.heard(), [Topic::BanFiles, Topic::TokenFiles]);
        assert_eq!(bench.heard(), []);
    }

    #[test]
    fn a_clock_that_is_set_is_noticed_and_one_that_goes_is_not() {
        let mut bench = Bench::new();
        bench.clock.advance(Duration::from_secs(3 * 24 * 3600));
        assert_eq!(bench.heard(), []);
        for time in ["2026-01-09T07:00:00Z", "2026-01-01T12:00:00Z"] {
            bench.clock.step_to(time);
            assert_eq!(bench.heard(), [Topic::Clock]);
            assert_eq!(bench.heard(), []);
        }
        assert!(Arc::strong_count(&bench.pulse) > 1);
    }

    #[test]
    fn a_desk_that_stops_waits_no_longer() {
        let mut bench = Bench::new();
        bench.watcher.stop.give();
        assert!(bench.watcher.wait(LOOK_EVERY));
    }
}
