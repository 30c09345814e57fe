//! Homeservers of the conduwuit family and Dendrite, as far as a desk sees them: each release reads its token where and
//! when the real one does, and answers in the real one's words.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// When a release reads `registration_token_file`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// It has no such option.
    Never,
    AtStart,
    AtEachRegistration,
}

/// What `/validity` goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// The tokens that open the door now.
    Now,
    /// The one that did at start.
    Start,
    /// There is no such endpoint.
    Absent,
}

/// A release.
#[derive(Debug, Clone, Copy)]
pub struct Release {
    /// As it calls itself.
    pub name: &'static str,
    pub version: &'static str,
    pub reads: Reads,
    pub validity: Validity,
    /// Whether it asks for a token only while there is one.
    pub empty_is_open: bool,
}

const fn release(name: &'static str, version: &'static str, reads: Reads, validity: Validity) -> Release {
    Release { name, version, reads, validity, empty_is_open: false }
}

pub const CONDUIT: Release = release("Conduit", "0.11.0-alpha", Reads::Never, Validity::Absent);
pub const CONDUWUIT_0_4_6: Release = release("conduwuit", "0.4.6", Reads::Never, Validity::Start);
pub const CONDUWUIT_0_5_0: Release =
    release("conduwuit", "0.5.0 (d8311a5f)", Reads::AtEachRegistration, Validity::Start);
pub const CONTINUWUITY_0_5_1: Release =
    release("continuwuity", "0.5.1", Reads::AtEachRegistration, Validity::Start);
pub const CONTINUWUITY_0_5_4: Release = release("continuwuity", "0.5.4", Reads::Never, Validity::Now);
pub const CONTINUWUITY_0_5_7: Release = release("continuwuity", "0.5.7", Reads::AtStart, Validity::Now);
pub const CONTINUWUITY_26_8: Release = release("continuwuity", "26.8.0", Reads::AtStart, Validity::Now);
pub const TUWUNEL_1_4_7: Release = release("Tuwunel", "1.4.7", Reads::AtEachRegistration, Validity::Start);
pub const TUWUNEL_1_4_8: Release =
    Release { empty_is_open: true, ..release("Tuwunel", "1.4.8", Reads::AtEachRegistration, Validity::Now) };
pub const TUWUNEL_1_9_0: Release = Release { version: "1.9.0", ..TUWUNEL_1_4_8 };
pub const DENDRITE: Release = release("Dendrite", "0.15.2", Reads::Never, Validity::Absent);

/// A homeserver of such a release. Its own folder holds `configured`, the static `registration_token` of its
/// configuration; it is restarted by a file `restart` there, and told to read the configuration again (SIGUSR1) by a file
/// `reload`.
#[derive(Debug)]
pub struct StandIn {
    pub url: String,
    folder: tempfile::TempDir,
    server: Arc<Server>,
}

#[derive(Debug)]
struct Server {
    release: Mutex<Release>,
    folder: PathBuf,
    /// `registration_token_file`
    token_file: Mutex<Option<PathBuf>>,
    memory: Mutex<Memory>,
}

/// What it keeps from its start on.
#[derive(Debug, Default)]
struct Memory {
    configured: Option<String>,
    from_file: Vec<String>,
    at_start: Vec<String>,
}

impl StandIn {
    pub fn start(release: Release) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Arc::new(Server {
            release: Mutex::new(release),
            folder: folder.path().to_owned(),
            token_file: Mutex::default(),
            memory: Mutex::default(),
        });
        let its = Arc::clone(&server);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let its = Arc::clone(&its);
                std::thread::spawn(move || serve(stream.unwrap(), &its));
            }
        });
        Self { url, folder, server }
    }

    /// Its `registration_token_file`, read as a restart would.
    pub fn reads(&self, token_file: &Path) {
        *self.server.token_file.lock().unwrap() = Some(token_file.to_owned());
        self.server.start();
    }

    /// A file in its own folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn restart(&self) {
        self.server.start();
    }

    /// Another release, restarted.
    pub fn update(&self, release: Release) {
        *self.server.release.lock().unwrap() = release;
        self.server.start();
    }

    /// Whether somebody with this token could register now. For tests alone: no real one can be asked so.
    pub fn opens_to(&self, token: &str) -> bool {
        self.server.look_at_signals();
        self.server.tokens().iter().any(|known| known == token)
    }
}

impl Server {
    fn release(&self) -> Release {
        *self.release.lock().unwrap()
    }

    fn start(&self) {
        let from_file = self.read_file();
        let configured = self.read_configuration();
        let at_start = from_file.iter().cloned().chain(configured.clone()).collect();
        *self.memory.lock().unwrap() = Memory { configured, from_file, at_start };
    }

    fn look_at_signals(&self) {
        if std::fs::remove_file(self.folder.join("restart")).is_ok() {
            self.start();
        }
        if std::fs::remove_file(self.folder.join("reload")).is_ok() {
            // The configuration, not the token file.
            self.memory.lock().unwrap().configured = self.read_configuration();
        }
    }

    fn read_configuration(&self) -> Option<String> {
        std::fs::read_to_string(self.folder.join("configured")).ok()
    }

    fn read_file(&self) -> Vec<String> {
        if self.release().reads == Reads::Never {
            return Vec::new();
        }
        let path = self.token_file.lock().unwrap().clone();
        let text = path.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        match self.release().name {
            "continuwuity" if self.release().reads == Reads::AtStart => {
                text.lines().map(ToOwned::to_owned).collect()
            }
            "Tuwunel" => text.split_whitespace().map(ToOwned::to_owned).collect(),
            _ => vec![text],
        }
    }

    /// Those that open the door now.
    fn tokens(&self) -> Vec<String> {
        let file = match self.release().reads {
            Reads::AtEachRegistration => self.read_file(),
            Reads::AtStart | Reads::Never => self.memory.lock().unwrap().from_file.clone(),
        };
        let configured = self.memory.lock().unwrap().configured.clone();
        file.into_iter().chain(configured).filter(|token| !token.is_empty()).collect()
    }

    fn answer(&self, method: &str, path: &str) -> (u16, Value) {
        self.look_at_signals();
        let release = self.release();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let asked = query.split_once('=').map_or("", |(_, value)| value);
        let error = |status, code: &str, words: &str| (status, json!({"errcode": code, "error": words}));
        match (method, path) {
            ("GET", "/_matrix/federation/v1/version") => {
                (200, json!({"server": {"name": release.name, "version": release.version}}))
            }
            ("GET", "/_matrix/client/v3/register/available") => match asked {
                "taken" => {
                    let words = match release.name {
                        "continuwuity" => "Username is not available.",
                        "Tuwunel" => "M_USER_IN_USE: User ID is not available.",
                        _ => "Desired user ID is already taken.",
                    };
                    error(400, "M_USER_IN_USE", words)
                }
                name if release.name == "Dendrite" && name.starts_with('_') => {
                    error(400, "M_INVALID_USERNAME", "Username cannot start with a '_'")
                }
                "forbidden" if !["Dendrite", "Conduit"].contains(&release.name) => {
                    error(403, "M_FORBIDDEN", "Username is forbidden")
                }
                _ => (200, json!({"available": true})),
            },
            ("GET", "/_matrix/client/v1/register/m.login.registration_token/validity") => {
                let known = match release.validity {
                    Validity::Now => self.tokens(),
                    Validity::Start => self.memory.lock().unwrap().at_start.clone(),
                    Validity::Absent => return error(404, "M_UNRECOGNIZED", "Unrecognized request"),
                };
                if release.empty_is_open && known.is_empty() {
                    let words = "M_FORBIDDEN: Server does not allow token registration";
                    return error(403, "M_FORBIDDEN", words);
                }
                (200, json!({"valid": known.iter().any(|token| token == asked)}))
            }
            ("POST", "/_matrix/client/v3/register") => {
                if release.name == "continuwuity"
                    && release.validity == Validity::Now
                    && self.tokens().is_empty()
                {
                    return error(
                        403,
                        "M_FORBIDDEN",
                        "This server is not accepting registrations at this time.",
                    );
                }
                // Of those that do not ask the file again, whether it asks for a token is fixed at start.
                let is_open = release.name == "Dendrite" || release.empty_is_open && self.tokens().is_empty();
                let stage = if is_open { "m.login.dummy" } else { "m.login.registration_token" };
                let session = "stand-in";
                (401, json!({"flows": [{"stages": [stage]}], "params": {}, "session": session}))
            }
            _ => error(404, "M_UNRECOGNIZED", "Unrecognized request"),
        }
    }
}

/// One question a connection.
fn serve(mut stream: TcpStream, server: &Server) {
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut received = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&received).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, value)| value.trim().parse().unwrap());
            if body.len() >= length {
                let mut words = head.split(' ');
                let (method, path) = (words.next().unwrap(), words.next().unwrap());
                let (status, json) = server.answer(method, path);
                let json = json.to_string();
                let _ = stream.write_all(
                    format!(
                        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\n\
                         Content-Length: {}\r\n\r\n{json}",
                        json.len()
                    )
                    .as_bytes(),
                );
                return;
            }
        }
        let mut piece = [0; 4096];
        match stream.read(&mut piece) {
            Ok(count) if count > 0 => received.extend_from_slice(&piece[..count]),
            _ => return,
        }
    }
}
