//! What is left when things die, fail and lie. `tests/failure` kills ten times as often.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::desk::{Desk, Folder, doorman, form};
use crate::support::faults::{Disk, IO, NO_SPACE, WallClock};
use crate::support::homeserver::FakeHomeserver;
use crate::support::http::try_exchange;
use crate::support::load::share;
use crate::support::smtp::{SmtpServer, header, token};
use crate::support::wait_until;
use crate::support::wire::{Line, Wire};

const NO_LIMITS: &str =
    "letters_per_hour: 0\nletters_per_address_per_day: 0\ndowntime_before_token_reset: 0\n";

fn folder(homeserver: &FakeHomeserver, more: &str) -> Folder {
    Folder::new(&format!("base_url: {}\n{NO_LIMITS}{more}", homeserver.url))
}

fn random(below: u64) -> u64 {
    RandomState::new().hash_one(Instant::now()) % below
}

/// The names of the accepted requests.
fn accepted(folder: &Folder) -> BTreeSet<String> {
    let requests = folder.json(&["requests", "--json"]);
    let names: Vec<String> = requests
        .as_array()
        .unwrap()
        .iter()
        .filter(|request| request["verdict"] == "accepted")
        .map(|request| request["username"].as_str().unwrap().to_owned())
        .collect();
    let set: BTreeSet<String> = names.iter().cloned().collect();
    assert_eq!(set.len(), names.len(), "a name was accepted twice");
    set
}

/// The names in the mirror, each of which stands there once.
fn mirrored(folder: &Folder) -> BTreeSet<String> {
    let entries: Vec<Value> = serde_json::from_str(&folder.read("registrations.json")).unwrap();
    let names: Vec<String> =
        entries.iter().map(|entry| entry["requested_name"].as_str().unwrap().to_owned()).collect();
    let set: BTreeSet<String> = names.iter().cloned().collect();
    assert_eq!(set.len(), names.len(), "the mirror has a name twice");
    set
}

fn assert_token_is_whole(folder: &Folder) {
    let token = folder.read(".registration_token");
    assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{token:?}");
}

/// To each recipient's name the letters that came, each Message-ID with its token.
fn letters(smtp: &SmtpServer) -> BTreeMap<String, BTreeSet<(String, String)>> {
    let mut letters: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for mail in smtp.mails() {
        let to = header(&mail, "X-Envelope-To");
        let name = to.split('@').next().unwrap().to_owned();
        letters.entry(name).or_default().insert((header(&mail, "Message-ID"), token(&mail)));
    }
    letters
}

/// Applicants, and an operator at work, until the desk is gone. Returns what they were told has been done.
struct Told {
    requests: Mutex<Vec<String>>,
    bans: Mutex<Vec<String>>,
    imports: Mutex<Vec<String>>,
}

impl Told {
    fn load(&self, folder: &Folder, address: &str, round: usize, done: &AtomicBool) {
        std::thread::scope(|scope| {
            for asker in 0..3 {
                scope.spawn(move || self.ask(address, &format!("r{round}a{asker}n"), done));
            }
            scope.spawn(move || self.operate(folder, round, done));
        });
    }

    fn ask(&self, address: &str, prefix: &str, done: &AtomicBool) {
        for number in 0.. {
            if done.load(Ordering::Relaxed) {
                return;
            }
            let name = format!("{prefix}{number}");
            let request = form(&name, &format!("{name}@example.org"), "");
            let answer = try_exchange(address, request.as_bytes());
            // An answer that was cut off is none.
            let told = answer.and_then(|answer| serde_json::from_str::<Value>(&answer.body).ok());
            if told.is_some_and(|told| told["status"] == "accepted") {
                self.requests.lock().unwrap().push(name);
            }
            std::thread::park_timeout(Duration::from_millis(30));
        }
    }

    fn operate(&self, folder: &Folder, round: usize, done: &AtomicBool) {
        let ban = format!("trash{round}.example");
        let file = format!("import{round}.json");
        let names: Vec<String> = (0..40).map(|number| format!("old{round}x{number}")).collect();
        let entries: Vec<Value> = names
            .iter()
            .map(|name| {
                json!({"requested_name": name, "email": format!("{name}@old.example"),
                       "datetime": "2025-03-04T05:06:07", "ip_address": null})
            })
            .collect();
        folder.write(&file, &Value::from(entries).to_string());
        if succeeds(folder, &["ban", "add", "email", &ban], done) {
            self.bans.lock().unwrap().push(ban);
        }
        if succeeds(folder, &["import", &file], done) {
            self.imports.lock().unwrap().extend(names);
        }
        // The desk is closed for an instant after each: now and then is enough.
        std::thread::park_timeout(Duration::from_millis(random(400)));
        succeeds(folder, &["rotate"], done);
    }
}

/// Runs a command, which dies with the desk.
fn succeeds(folder: &Folder, args: &[&str], done: &AtomicBool) -> bool {
    let mut command = doorman();
    command.current_dir(folder.path()).args(args).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child: Child = command.spawn().unwrap();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.success() && !done.load(Ordering::Relaxed);
        }
        if done.load(Ordering::Relaxed) {
            let _ = child.kill();
            return child.wait().unwrap().success();
        }
        std::thread::park_timeout(Duration::from_millis(1));
    }
}

#[test]
fn killed_at_any_moment_nothing_is_lost_and_nothing_comes_twice() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    let folder = folder(&homeserver, &smtp.config("none"));
    let told = Told { requests: Mutex::default(), bans: Mutex::default(), imports: Mutex::default() };
    let rounds = share(200);
    for round in 0..rounds {
        let desk = folder.start();
        let address = desk.address.clone();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| told.load(&folder, &address, round, &done));
            std::thread::park_timeout(Duration::from_millis(random(600)));
            desk.kill();
            done.store(true, Ordering::Relaxed);
        });
        assert_token_is_whole(&folder);
        if folder.file("registrations.json").exists() {
            mirrored(&folder);
        }
    }

    let desk = folder.start();
    folder.ok(&["outbox", "retry"]);
    let mut left = usize::MAX;
    while left > 0 {
        left = wait_until("more letters are out", || {
            let owed = folder.json(&["outbox", "--json"]);
            let owed = owed.as_array().unwrap();
            assert!(owed.iter().all(|letter| letter["state"] == "owed"), "{owed:?}");
            (owed.len() < left).then_some(owed.len())
        });
    }
    drop(desk);
    let accepted = accepted(&folder);
    let letters = letters(&smtp);
    let (requests, imports) = (told.requests.into_inner().unwrap(), told.imports.into_inner().unwrap());
    let bans = told.bans.into_inner().unwrap();
    println!(
        "killed {rounds} times: {} requests acknowledged, {} imported, {} bans, letters to {}, {} twice",
        requests.len(),
        imports.len(),
        bans.len(),
        letters.len(),
        smtp.mails().len() - letters.len()
    );
    assert!(!requests.is_empty() && !bans.is_empty() && !imports.is_empty());
    for name in requests.iter().chain(&imports) {
        assert!(accepted.contains(name), "{name} was acknowledged and is not there");
    }
    for name in &requests {
        assert!(letters.contains_key(name), "{name} has no letter");
    }
    for (name, came) in &letters {
        assert!(accepted.contains(name), "{name} has a letter and no request");
        // A new Message-ID only where the token has changed, since mail programs pass over a second mail of the same.
        let tokens: BTreeSet<&String> = came.iter().map(|(_, token)| token).collect();
        assert_eq!(tokens.len(), came.len(), "{name} has two different letters: {came:?}");
    }
    assert_eq!(mirrored(&folder), accepted);
    assert_token_is_whole(&folder);
    assert_eq!(folder.json(&["token", "--json", "--reveal"])["token"], folder.read(".registration_token"));
    let list = folder.read("banned_emails.txt");
    for ban in &bans {
        assert_eq!(list.lines().filter(|line| line == ban).count(), 1, "{ban}: {list}");
    }
    assert!(list.lines().all(|line| line.starts_with("trash") && line.ends_with(".example")), "{list}");
}

#[test]
fn a_disk_that_fails_breaks_no_promise() {
    let (homeserver, drive) = (FakeHomeserver::start(), Disk::new());
    for (calls, errno) in
        [(&["sync"][..], IO), (&["sync"], NO_SPACE), (&["write"], NO_SPACE), (&["write"], IO)]
    {
        let smtp = SmtpServer::start();
        let folder = folder(&homeserver, &smtp.config("none"));
        let desk = drive.start(&folder);
        desk.wait_until_open();
        assert_eq!(desk.verdict("before", "before@example.org"), "accepted");
        smtp.wait_for_mail("before@example.org");
        drive.fails(calls, errno, "");
        for number in 0..5 {
            let answer = desk.ask(&format!("during{number}"), "during@example.org");
            assert_eq!(answer.status, 503, "{calls:?} {errno}: {answer:?}");
            assert!(answer.header("Retry-After").is_some(), "{answer:?}");
        }
        let health = desk.get("/healthz");
        assert!(health.status == 503 && health.body.contains("store"), "{health:?}");
        assert_token_is_whole(&folder);
        drive.works();
        wait_until("it goes on by itself", || (desk.get("/healthz").status == 200).then_some(()));
        assert_eq!(desk.verdict("after", "after@example.org"), "accepted");
        assert_eq!(desk.verdict("during0", "during@example.org"), "accepted");
        // One that the mail server has and that is not noted goes out again after the kill, as it should.
        wait_until("all letters are noted as sent", || {
            let requests = folder.json(&["requests", "--json"]);
            let mut accepted = requests.as_array()?.iter().filter(|request| request["verdict"] == "accepted");
            accepted.all(|request| request["letter"] == "sent").then_some(())
        });
        desk.kill();

        let desk = folder.start();
        let expected: BTreeSet<String> = ["after", "before", "during0"].map(String::from).into();
        assert_eq!(accepted(&folder), expected, "{calls:?} {errno}");
        drop(desk);
        assert_eq!(mirrored(&folder), expected);
        assert_eq!(smtp.mails().len(), 3);
    }
}

#[test]
fn a_token_file_that_cannot_be_written_is_told_and_no_letter_has_a_dead_token() {
    let (homeserver, smtp, drive) = (FakeHomeserver::start(), SmtpServer::start(), Disk::new());
    for (number, call) in ["write", "sync"].into_iter().enumerate() {
        let folder = folder(&homeserver, &smtp.config("none"));
        let clock = WallClock::new("+0");
        let desk = folder.start_with(drive.under(clock.under(doorman())));
        desk.wait_until_open();
        let old = folder.read(".registration_token");
        drive.fails(&[call], NO_SPACE, ".registration_token");
        let by_hand = drive.under(doorman()).current_dir(folder.path()).arg("rotate").output().unwrap();
        let said = String::from_utf8_lossy(&by_hand.stderr).into_owned();
        assert_eq!(by_hand.status.code(), Some(1), "{said}");
        assert!(said.contains("No space left"), "{said}");
        clock.set("+86400");
        folder.trust_clock();
        wait_until("it is told", || desk.get("/healthz").body.contains("token_file").then_some(()));
        assert_token_is_whole(&folder);
        let name = format!("someone{number}");
        let during = desk.ask(&name, &format!("{name}@example.org"));
        assert!(matches!(during.status, 200 | 503), "{during:?}");
        drive.works();
        wait_until("it is right again", || (!desk.get("/healthz").body.contains("token_file")).then_some(()));
        desk.wait_until_open();
        assert_ne!(folder.read(".registration_token"), old);
        if during.status == 503 {
            assert_eq!(desk.verdict(&name, &format!("{name}@example.org")), "accepted");
        }
        let letter = smtp.wait_for_mail(&format!("{name}@example.org"));
        assert_eq!(token(&letter), folder.read(".registration_token"), "{call}");
        assert_eq!(folder.json(&["token", "--json", "--reveal"])["token"], token(&letter));
    }
}

#[test]
fn a_mirror_that_cannot_be_replaced_stops_nothing_and_is_told() {
    let (homeserver, drive) = (FakeHomeserver::start(), Disk::new());
    let folder = folder(&homeserver, "");
    let desk = drive.start(&folder);
    desk.wait_until_open();
    for (number, (call, errno)) in [("rename", NO_SPACE), ("write", IO)].into_iter().enumerate() {
        wait_until("a mirror", || folder.file("registrations.json").exists().then_some(()));
        drive.fails(&[call], errno, "registrations.json");
        let name = format!("name{number}");
        assert_eq!(desk.verdict(&name, &format!("{name}@example.org")), "accepted");
        wait_until("it is told", || desk.get("/healthz").body.contains("registrations_json").then_some(()));
        assert_eq!(desk.get("/healthz").status, 200);
        assert!(!mirrored(&folder).contains(&name));
        drive.works();
        wait_until("it catches up", || mirrored(&folder).contains(&name).then_some(()));
    }
    std::fs::remove_file(folder.file("registrations.json")).unwrap();
    wait_until("one that was deleted comes back", || {
        folder.file("registrations.json").exists().then_some(())
    });
    assert_eq!(mirrored(&folder), ["name0", "name1"].map(String::from).into());
}

#[test]
fn a_mail_server_that_was_away_for_an_hour_gets_each_letter_once() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    let line = Line::to(smtp.plain);
    let clock = WallClock::new("+0");
    // A reset in the midst of it would only change the token.
    let folder = folder(
        &homeserver,
        &format!(
            "smtp: {{host: 127.0.0.1, port: {}, tls: none, from: desk@desk.test}}\nemail_cooldown: 0\n",
            line.port
        ),
    );
    let desk = clock.start(&folder);
    desk.wait_until_open();
    let mut hours = 0;
    for wire in [Wire::Drops, Wire::Lies, Wire::Hangs, Wire::LosesTheYes] {
        let name = format!("{wire:?}").to_lowercase();
        let (came, mails) = (line.connections(), smtp.mails().len());
        line.set(wire);
        assert_eq!(desk.verdict(&name, &format!("{name}@example.org")), "accepted");
        wait_until("it is tried", || (line.connections() > came).then_some(()));
        if wire == Wire::LosesTheYes {
            wait_until("the letter is through", || (smtp.mails().len() > mails).then_some(()));
        }
        let before = folder.json(&["outbox", "--json"]);
        assert!(before.as_array().unwrap().iter().any(|letter| letter["state"] == "owed"), "{before}");
        line.set(Wire::Whole);
        wait_until("the try is noted", || {
            let outbox = folder.json(&["outbox", "--json"]);
            let noted = outbox
                .as_array()
                .unwrap()
                .iter()
                .any(|letter| letter["last_answer"].is_string() || letter["attempts"].as_u64() > Some(0));
            (noted || outbox.as_array().unwrap().is_empty()).then_some(())
        });
        hours += 1;
        clock.set(&format!("+{}", hours * 3600));
        folder.trust_clock();
        wait_until("the letter is out", || {
            folder.json(&["outbox", "--json"]).as_array().unwrap().is_empty().then_some(())
        });
    }
    let letters = letters(&smtp);
    assert_eq!(letters.len(), 4, "{letters:?}");
    assert!(letters.values().all(|ids| ids.len() == 1), "{letters:?}");
    for (name, _) in letters.iter().filter(|(name, _)| *name != "losestheyes") {
        let to = format!("X-Envelope-To: {name}@");
        assert_eq!(smtp.mails().iter().filter(|mail| mail.starts_with(&to)).count(), 1, "{name}");
    }
}

#[test]
fn a_stop_under_load_keeps_every_answered_request() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    let folder = folder(&homeserver, &smtp.config("none"));
    let desk = folder.start();
    desk.wait_until_open();
    let told = Told { requests: Mutex::default(), bans: Mutex::default(), imports: Mutex::default() };
    let (address, done) = (desk.address.clone(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for asker in 0..8 {
            let (told, address, done) = (&told, &address, &done);
            scope.spawn(move || told.ask(address, &format!("a{asker}n"), done));
        }
        wait_until("load", || (told.requests.lock().unwrap().len() > 200).then_some(()));
        let asked = Instant::now();
        desk.signal("-TERM");
        let status = Desk::end(desk);
        done.store(true, Ordering::Relaxed);
        assert!(status.success(), "{status}");
        assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    });
    let accepted = accepted(&folder);
    for name in told.requests.into_inner().unwrap() {
        assert!(accepted.contains(&name), "{name} was acknowledged and is not there");
    }
    assert_eq!(mirrored(&folder), accepted);
}
