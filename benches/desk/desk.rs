//! The real binary in a folder of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use doorman::clock::{Clock, SystemClock};
use doorman::config::Folder;
use doorman::domain::{Channel, EmailAddress, Localpart, ServerName, TokenRequest};
use doorman::store::Store;

use crate::mail_server::MailServer;
use crate::nginx::Nginx;
use crate::wrk;

/// So that no two runs ask for the same names.
static RUNS: AtomicUsize = AtomicUsize::new(0);

pub struct Desk {
    dir: tempfile::TempDir,
    running: std::sync::Mutex<Running>,
    pub imported_in: Duration,
}

struct Running {
    child: Child,
    address: String,
    started_in: Duration,
}

pub struct BanInForce {
    pub in_force: Duration,
    pub slowest_answer: Duration,
}

impl Desk {
    pub fn fresh(nginx: &Nginx, mail: &MailServer) -> Self {
        Self::with_history(nginx, mail, 0)
    }

    /// With an `imap:` section.
    pub fn with_letter_box(nginx: &Nginx, mail: &MailServer, imap: &str) -> Self {
        Self::new(nginx, mail, 0, imap)
    }

    /// With so many requests of the original's, imported by the first start.
    pub fn with_history(nginx: &Nginx, mail: &MailServer, entries: usize) -> Self {
        Self::new(nginx, mail, entries, "")
    }

    fn new(nginx: &Nginx, mail: &MailServer, entries: usize, more: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        // Half a day away: a rotation in the middle would close the desk for an instant.
        let reset = (SystemClock.now() + TimeDelta::hours(12)).format("%H%M");
        let config = format!(
            "port: 0\nhomeserver: your.server\nbase_url: {}\ndowntime_before_token_reset: 0\n\
             token_reset_time_utc: \"{reset}\"\n\
             requests_per_ip_per_hour: 0\nletters_per_hour: 0\nletters_per_address_per_day: 0\n\
             smtp: {{host: 127.0.0.1, port: {}, tls: none, from: desk@your.server}}\n{more}",
            nginx.url, mail.port
        );
        std::fs::write(dir.path().join("config.yaml"), config).unwrap();
        if entries > 0 {
            let entries: Vec<String> = (0..entries)
                .map(|n| {
                    let (day, second) = (n % 28 + 1, n % 60);
                    format!(
                        r#"{{"requested_name": "old{n}", "email": "old{n}@mail{}.example", "datetime": "2025-{:02}-{day:02}T12:00:{second:02}.123456", "ip_address": "192.0.2.{}"}}"#,
                        n % 1000, n % 12 + 1, n % 250
                    )
                })
                .collect();
            std::fs::write(dir.path().join("registrations.json"), format!("[{}]", entries.join(",\n")))
                .unwrap();
        }
        let running = start(dir.path());
        let imported_in = running.started_in;
        let desk = Self { dir, running: std::sync::Mutex::new(running), imported_in };
        desk.wait_until_open();
        desk
    }

    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    fn address(&self) -> String {
        self.running.lock().unwrap().address.clone()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// Ends it in order and starts it again: how long until it listens, and its memory then, in MB.
    pub fn start_again(&self) -> (Duration, u64) {
        let mut times = Vec::new();
        for _ in 0..5 {
            let mut running = self.running.lock().unwrap();
            running.end();
            *running = start(self.dir.path());
            times.push(running.started_in);
        }
        times.sort();
        self.wait_until_open();
        (times[2], self.memory())
    }

    /// Resident memory, in MB.
    pub fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most that it has been, in MB.
    pub fn peak_memory(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, field: &str) -> u64 {
        let pid = self.running.lock().unwrap().child.id();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with(field)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }

    /// What it has used so far, of all processors.
    pub fn processor_time(&self) -> Duration {
        let pid = self.running.lock().unwrap().child.id();
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        // User and system time, in hundredths of a second.
        Duration::from_millis((fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()) * 10)
    }

    /// The page's bytes.
    pub fn page(&self) -> Vec<u8> {
        self.exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .split_once("\r\n\r\n")
            .unwrap()
            .1
            .into()
    }

    pub fn requests_a_second(&self) -> f64 {
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        wrk::register(&self.url(""), &format!("r{run}"))
    }

    /// The median of how long after the answer the letter is there.
    pub fn request_to_letter(&self, mail: &MailServer) -> Duration {
        let mut times: Vec<Duration> = (0..41)
            .map(|number| {
                assert!(self.register(&format!("letter{number}"), "example.org").contains("\"accepted\""));
                let answered = Instant::now();
                mail.when_came(&format!("letter{number}@")).saturating_duration_since(answered)
            })
            .collect();
        times.sort();
        times[times.len() / 2]
    }

    /// Owes so many letters, to one recipient or to one each, and is started with them: letters a second.
    pub fn letters_a_second(&self, mail: &MailServer, count: u32, to_one: bool) -> f64 {
        let mut running = self.running.lock().unwrap();
        running.end();
        let store = Store::open(&Folder::new(self.dir.path())).unwrap();
        let server = ServerName::parse("your.server").unwrap();
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        store
            .write(move |store| {
                for number in 0..count {
                    let name = format!("owed{run}.{number}");
                    let mailbox = if to_one { "one" } else { name.as_str() };
                    let request = TokenRequest {
                        username: Some(Localpart::parse(&name, &server).unwrap()),
                        email: EmailAddress::parse(&format!("{mailbox}@example.org")).unwrap(),
                        channel: Channel::Web,
                        ip: None,
                        received_at: SystemClock.now(),
                        answer: None,
                        terms: None,
                        mail: None,
                        receipt: None,
                        language: doorman::domain::Language::default(),
                    };
                    let id = format!("<{run}.{number}@your.server>");
                    store.record_accepted(&request, None, Some(&id))?;
                }
                Ok(())
            })
            .unwrap();
        drop(store);
        *running = start(self.dir.path());
        mail.letters_a_second(count)
    }

    /// Writes three long ban lists, and waits until they hold.
    pub fn ban_many(&self) {
        let lines = |line: fn(usize) -> String| (0..100_000).map(line).collect::<String>();
        let write = |name: &str, text: String| std::fs::write(self.dir.path().join(name), text).unwrap();
        write("banned_usernames.txt", lines(|n| format!(".*admin{n}.*\n")));
        write("banned_ips.txt", lines(|n| format!("10.{}.{}.0/24\n", n / 250, n % 250)));
        write("banned_emails.txt", lines(|n| format!("trash{n}.example\n")));
        self.wait_for_ban("anybody", "trash99999.example");
        self.wait_for_ban("admin99999", "example.org");
    }

    /// The medians of how long a whole request takes, asked of both desks in turns.
    pub fn whole_requests(&self, other: &Self) -> (Duration, Duration) {
        let mut times = (Vec::new(), Vec::new());
        for number in 0..1000 {
            for (desk, times) in [(self, &mut times.0), (other, &mut times.1)] {
                let asked = Instant::now();
                assert!(desk.register(&format!("whole{number}"), "example.org").contains("\"accepted\""));
                times.push(asked.elapsed());
            }
        }
        times.0.sort();
        times.1.sort();
        (times.0[500], times.1[500])
    }

    /// Adds a line to two long ban lists, and waits until it holds, asking all the time.
    pub fn ban_in_force(&self) -> BanInForce {
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let visitor = scope.spawn(|| {
                let mut slowest = Duration::ZERO;
                while !done.load(Ordering::Relaxed) {
                    let asked = Instant::now();
                    assert!(
                        self.exchange("GET /api/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                            .contains("open")
                    );
                    slowest = slowest.max(asked.elapsed());
                    std::thread::park_timeout(Duration::from_millis(10));
                }
                slowest
            });
            // Of each kind of list one line; the slowest counts. Patterns take longest to compile.
            let in_force = [
                ("banned_emails.txt", "new.example\n", "anybody", "new.example"),
                ("banned_usernames.txt", "^unwelcome\n", "unwelcome", "example.org"),
            ]
            .map(|(list, line, name, domain)| {
                let path = self.dir.path().join(list);
                let mut list = std::fs::OpenOptions::new().append(true).open(path).unwrap();
                list.write_all(line.as_bytes()).unwrap();
                let edited = Instant::now();
                self.wait_for_ban(name, domain);
                edited.elapsed()
            });
            done.store(true, Ordering::Relaxed);
            BanInForce {
                in_force: in_force.into_iter().max().unwrap(),
                slowest_answer: visitor.join().unwrap(),
            }
        })
    }

    /// Asks for one new name after the other until a ban refuses it.
    fn wait_for_ban(&self, prefix: &str, domain: &str) {
        for number in 0.. {
            let answer = self.register(&format!("{prefix}{number}"), domain);
            if answer.contains("email_banned") || answer.contains("username_unavailable") {
                return;
            }
            assert!(answer.contains("accepted"), "{answer}");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    fn wait_until_open(&self) {
        while !self
            .exchange("GET /api/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .contains("\"open\":true")
        {
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    fn register(&self, name: &str, domain: &str) -> String {
        let body = format!("requested_username={name}&email={name}%40{domain}");
        self.exchange(&format!(
            "POST /register HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: application/json\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    fn exchange(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

fn start(folder: &Path) -> Running {
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_doorman"))
        .current_dir(folder)
        .arg("serve")
        .env_remove("DOORMAN_CONFIG")
        .env_remove("NOTIFY_SOCKET")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let address =
        log.by_ref().find_map(|line| Some(line.unwrap().split_once("listening on http://")?.1.to_owned()));
    let started_in = started.elapsed();
    // A log that nobody reads would hold up the desk some day.
    std::thread::spawn(move || log.for_each(drop));
    Running { child, address: address.expect("the desk ended at once"), started_in }
}

impl Running {
    fn end(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = Command::new("kill").arg(self.child.id().to_string()).status();
            let _ = self.child.wait();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
