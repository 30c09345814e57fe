//! What the tests stand on.

pub mod account_server;
pub mod admin_room_bot;
pub mod browser;
pub mod desk;
pub mod dovecot;
pub mod faults;
pub mod homeserver;
pub mod http;
pub mod imap_server;
pub mod json_server;
pub mod load;
pub mod mas;
pub mod name_server;
pub mod sign_up;
pub mod smtp;
pub mod stand_in;
pub mod synapse;
pub mod terminal;
pub mod tuwunel;
pub mod wire;

use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

/// What `tests/run` has installed.
pub fn tools() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let tools = target.join("test-tools");
    assert!(tools.join("venv").is_dir(), "{}: run tests/run once, which installs it", tools.display());
    tools
}

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder whose names end so.
pub fn files_below(dir: &Path, end: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, end, found);
        } else if path.extension().is_some_and(|it| it == end) {
            found.push(path);
        }
    }
}

/// Looks again and again until it is so; fails after half a minute.
pub fn wait_until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "it did not come to this within 30 s: {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// A process that ends with the test, by its id.
#[derive(Debug)]
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that is free just now.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
