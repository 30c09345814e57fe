//! A desk in a folder of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use doorman::clock::{Clock, SystemClock};
use serde_json::Value;

use super::homeserver::FakeHomeserver;
use super::http::{self, Answer};
use super::wait_until;

/// An open desk beside a homeserver, with this more in its config.
pub fn open_desk(more: &str) -> (FakeHomeserver, Folder, Desk) {
    let homeserver = FakeHomeserver::start();
    let folder = Folder::new(&format!("base_url: {}\n{more}", homeserver.url));
    let desk = folder.start();
    desk.wait_until_open();
    (homeserver, folder, desk)
}

/// A folder with a `config.yaml`.
#[derive(Debug)]
pub struct Folder {
    dir: tempfile::TempDir,
}

impl Folder {
    /// With this config; it gets a free port, and limits that no test meets by accident.
    pub fn new(config: &str) -> Self {
        let folder = Self { dir: tempfile::tempdir().unwrap() };
        folder.configure(config);
        folder
    }

    /// One that was made by other means.
    pub fn at(dir: tempfile::TempDir) -> Self {
        Self { dir }
    }

    /// Writes another config.
    pub fn configure(&self, config: &str) {
        let mut text = String::from("port: 0\n");
        for (key, default) in [
            ("homeserver", "desk.test"),
            ("requests_per_ip_per_hour", "0"),
            ("letters_per_hour", "0"),
            ("letters_per_domain_per_day", "0"),
            ("base_url", "http://127.0.0.1:9"),
            ("token_reset_time_utc", far_reset().as_str()),
        ] {
            if !config.lines().any(|line| line.starts_with(&format!("{key}:"))) {
                text.push_str(&format!("{key}: {default}\n"));
            }
        }
        text.push_str(config);
        self.write("config.yaml", &text);
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    /// Runs a command on this folder.
    pub fn command(&self, args: &[&str]) -> Output {
        doorman().current_dir(self.path()).args(args).output().unwrap()
    }

    /// Runs one that succeeds; what it prints.
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.command(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The time that a clock was set over has passed.
    pub fn trust_clock(&self) {
        self.ok(&["doctor", "--trust-clock"]);
    }

    /// Runs one that succeeds and prints JSON.
    pub fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.ok(args)).unwrap()
    }

    /// The letters in `outbox/`.
    pub fn letters(&self) -> Vec<String> {
        let mut names: Vec<PathBuf> = std::fs::read_dir(self.file("outbox"))
            .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
            .unwrap_or_default();
        names.retain(|path| path.extension().is_some_and(|end| end == "eml"));
        names.sort();
        names.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }

    pub fn start(&self) -> Desk {
        self.start_with(doorman())
    }

    /// Starts the desk by this command, to which `serve` is added.
    pub fn start_with(&self, mut command: Command) -> Desk {
        let mut child = command
            .current_dir(self.path())
            .arg("serve")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut log = kept.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let mut desk = Desk { child: Some(child), log, address: String::new() };
        let address = wait_until("the desk listens", || {
            let log = desk.log();
            if let Some(status) = desk.child.as_mut().unwrap().try_wait().unwrap() {
                panic!("the desk ended at once ({status}): {log}");
            }
            log.split("listening on http://").nth(1)?.lines().next().map(ToOwned::to_owned)
        });
        desk.address = address;
        desk
    }
}

/// A reset time half a day away: no test meets the downtime before it, or a rotation, because of the time of day.
pub fn far_reset() -> String {
    format!("\"{}\"", (SystemClock.now() + TimeDelta::hours(12)).format("%H%M"))
}

/// The binary, with nothing of the tests' environment that it would listen to.
pub fn doorman() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorman"));
    command
        .env_remove("DOORMAN_CONFIG")
        .env_remove("NOTIFY_SOCKET")
        .env_remove("DOORMAN_LOG")
        .env("NO_COLOR", "1");
    command
}

/// A running desk. When it is dropped it is stopped, and has to end in order.
#[derive(Debug)]
pub struct Desk {
    child: Option<Child>,
    log: Arc<Mutex<String>>,
    /// `127.0.0.1:PORT`
    pub address: String,
}

impl Desk {
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn get(&self, path: &str) -> Answer {
        http::exchange(
            &self.address,
            format!("GET {path} HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n\r\n").as_bytes(),
        )
    }

    pub fn get_json(&self, path: &str) -> Value {
        serde_json::from_str(&self.get(path).body).unwrap()
    }

    /// Sends the form, as a script does.
    pub fn ask(&self, username: &str, email: &str) -> Answer {
        self.ask_with(username, email, "")
    }

    /// The same with more header lines, each with its line end.
    pub fn ask_with(&self, username: &str, email: &str, headers: &str) -> Answer {
        http::exchange(&self.address, form(username, email, headers).as_bytes())
    }

    /// The reason of a refusal, or the status of what was not refused.
    pub fn verdict(&self, username: &str, email: &str) -> String {
        let answer = self.ask(username, email);
        let json = answer.json();
        let key = if json["status"] == "refused" { "reason" } else { "status" };
        json[key].as_str().unwrap_or_default().to_owned()
    }

    pub fn wait_until_open(&self) {
        wait_until("the desk is open", || (self.get_json("/api/status")["open"] == true).then_some(()));
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    pub fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.pid().to_string()]).status().unwrap().success());
    }

    /// As a power cut would end it.
    pub fn kill(mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Waits for its end.
    pub fn end(mut self) -> ExitStatus {
        let mut child = self.child.take().unwrap();
        wait_until("the desk ends", || child.try_wait().unwrap())
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let _ = Command::new("kill").arg(child.id().to_string()).status();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while child.try_wait().unwrap().is_none() {
            if std::time::Instant::now() > deadline {
                child.kill().unwrap();
                child.wait().unwrap();
                assert!(std::thread::panicking(), "SIGTERM did not end the desk within 10 s: {}", self.log());
                return;
            }
            std::thread::park_timeout(std::time::Duration::from_millis(10));
        }
        let status = child.wait().unwrap();
        if std::thread::panicking() {
            eprintln!("the desk's log:\n{}", self.log());
        } else {
            assert!(status.success(), "the desk ended with {status}: {}", self.log());
            assert!(!self.log().contains("a bug in doorman"), "{}", self.log());
        }
    }
}

/// The form, as a script sends it, with more header lines.
pub fn form(username: &str, email: &str, headers: &str) -> String {
    let body = format!("requested_username={}&email={}", escaped(username), escaped(email));
    format!(
        "POST /register HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\nAccept: application/json\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub fn escaped(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}
