//! A disk that fails when it is told to, threads that panic, and a clock that jumps.

use std::path::PathBuf;
use std::process::Command;

use super::desk::{Desk, Folder, doorman};

/// `EIO`
pub const IO: i32 = 5;
/// `ENOSPC`
pub const NO_SPACE: i32 = 28;

/// Calls on regular files that fail.
#[derive(Debug)]
pub struct Disk {
    dir: tempfile::TempDir,
}

impl Disk {
    /// All is well with it yet.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/integration/support/faults.c");
        let output = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(dir.path().join("faults.so"))
            .arg(source)
            .arg("-ldl")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { dir }
    }

    /// From now on these calls (`sync`, `write`, `rename`) fail with this errno on files with this in their path.
    pub fn fails(&self, calls: &[&str], errno: i32, path: &str) {
        let lines: Vec<String> = calls.iter().map(|call| format!("{call} {errno} {path}\n")).collect();
        self.order(&lines.concat());
    }

    /// From now on threads with this in their names panic: the library unwraps what it asks of the clock. The first
    /// thread is called as the program.
    pub fn panics(&self, thread: &str) {
        self.order(&format!("clock 22 {thread}\n"));
    }

    fn order(&self, lines: &str) {
        // Replaced as a whole, so that nobody reads half of it.
        std::fs::write(self.dir.path().join("new"), lines).unwrap();
        std::fs::rename(self.dir.path().join("new"), self.dir.path().join("faults")).unwrap();
    }

    /// From now on all is well.
    pub fn works(&self) {
        std::fs::remove_file(self.dir.path().join("faults")).unwrap();
    }

    /// A desk on this disk.
    pub fn start(&self, folder: &Folder) -> Desk {
        folder.start_with(self.under(doorman()))
    }

    /// What this command starts works on this disk.
    pub fn under(&self, mut command: Command) -> Command {
        let [(_, library), (name, orders)] = self.variables();
        preload(&mut command, &library);
        command.env(name, orders);
        command
    }

    /// The variables that a program works on this disk by.
    pub fn variables(&self) -> [(&'static str, String); 2] {
        let file = |name| self.dir.path().join(name).to_string_lossy().into_owned();
        [("LD_PRELOAD", file("faults.so")), ("DOORMAN_FAULTS", file("faults"))]
    }
}

/// The clock of a desk; only what it says of the time of day can be set, not how fast it runs.
#[derive(Debug)]
pub struct WallClock {
    dir: tempfile::TempDir,
}

impl WallClock {
    /// So many seconds off, as faketime writes it: `+0`, `-3600`, or `@2026-01-01 12:00:00`.
    pub fn new(at: &str) -> Self {
        let clock = Self { dir: tempfile::tempdir().unwrap() };
        clock.set(at);
        clock
    }

    pub fn set(&self, at: &str) {
        std::fs::write(self.dir.path().join("new"), format!("{at}\n")).unwrap();
        std::fs::rename(self.dir.path().join("new"), self.dir.path().join("now")).unwrap();
    }

    /// A desk by this clock.
    pub fn start(&self, folder: &Folder) -> Desk {
        folder.start_with(self.under(doorman()))
    }

    /// An open desk, so many days from now.
    pub fn open_desk_after(&self, folder: &Folder, days: i64) -> Desk {
        self.set(&format!("+{}", days * 86_400));
        let desk = self.start(folder);
        desk.wait_until_open();
        desk
    }

    /// What this command starts goes by this clock.
    pub fn under(&self, mut command: Command) -> Command {
        let library = Command::new("faketime").args(["-f", "+0", "printenv", "LD_PRELOAD"]).output().unwrap();
        preload(&mut command, String::from_utf8_lossy(&library.stdout).trim());
        command
            .env("FAKETIME_TIMESTAMP_FILE", self.dir.path().join("now"))
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        command
    }
}

/// Loads one more library before the others.
fn preload(command: &mut Command, library: &str) {
    let before = command.get_envs().find(|(name, _)| *name == "LD_PRELOAD").and_then(|(_, value)| value);
    let all =
        before.map_or_else(|| library.into(), |before| format!("{}:{library}", before.to_string_lossy()));
    command.env("LD_PRELOAD", all);
}
