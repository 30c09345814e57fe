//! How a desk starts, what it reads there, and whose database it takes for its own.

use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chrono::Timelike as _;
use doorman::clock::{Clock as _, SystemClock};
use doorman::lock::{Lock, Purpose};
use rusqlite::Connection;

use crate::support::desk::{Folder, doorman, form, open_desk};
use crate::support::faults::WallClock;
use crate::support::http;
use crate::support::wait_until;

fn pipe(at: &Path) {
    assert!(Command::new("mkfifo").arg(at).status().unwrap().success());
}

/// Takes the place of what is there, at once.
fn put(folder: &Folder, name: &str, make: &dyn Fn(&Path)) {
    let beside = folder.file("beside");
    make(&beside);
    std::fs::rename(beside, folder.file(name)).unwrap();
}

/// How something is made that is no file.
type Trap = fn(&Path);

fn traps() -> [(&'static str, Trap); 4] {
    [
        ("no regular file", pipe),
        ("no regular file", |at| symlink("/dev/zero", at).unwrap()),
        ("no regular file", |at| symlink("/dev/tty", at).unwrap()),
        ("larger than 64 MiB", |at| std::fs::File::create(at).unwrap().set_len(65 << 20).unwrap()),
    ]
}

#[test]
fn what_is_no_file_is_no_ban_list_and_no_token_and_the_last_good_one_holds() {
    let (_homeserver, folder, desk) = open_desk("email_cooldown: 0\nletters_per_address_per_day: 0\n");
    folder.ok(&["ban", "add", "email", "spam.example"]);
    wait_until("the ban holds", || (desk.verdict("a", "a@spam.example") == "email_banned").then_some(()));
    let token = folder.read(".registration_token");
    let told = |fault: &str, words: &str| {
        wait_until("it is told", || {
            let health = desk.get_json("/healthz");
            let faults = health["faults"].as_array().unwrap();
            faults
                .iter()
                .any(|told| told["fault"] == fault && told["what"].as_str().unwrap().contains(words))
                .then_some(())
        });
    };
    for (words, trap) in traps() {
        put(&folder, "banned_emails.txt", &trap);
        told("bans", "banned_emails.txt");
        assert_eq!(desk.verdict("a", "a@spam.example"), "email_banned", "{words}");
        let output = folder.command(&["ban", "add", "email", "more.example"]);
        assert_eq!(output.status.code(), Some(1), "{words}: {output:?}");
        put(&folder, "banned_emails.txt", &|at| std::fs::write(at, "spam.example\n").unwrap());
        wait_until("it is right again", || (!desk.get("/healthz").body.contains("\"bans\"")).then_some(()));

        put(&folder, ".registration_token", &trap);
        told("token_file", ".registration_token");
        assert_eq!(desk.verdict("b", "b@example.org"), "accepted", "{words}");
        put(&folder, ".registration_token", &|at| std::fs::write(at, &token).unwrap());
        wait_until("it is right again", || (!desk.get("/healthz").body.contains("token_file")).then_some(()));
    }
    assert_eq!(folder.json(&["token", "--json", "--reveal"])["token"], token.as_str());
}

#[test]
fn what_is_no_file_is_no_config() {
    for (words, trap) in traps() {
        let folder = Folder::new("");
        put(&folder, "config.yaml", &trap);
        let started = Instant::now();
        for command in ["check-config", "serve", "requests"] {
            let output = folder.command(&[command]);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{words} {command}: {said}");
            // Root follows no link at all.
            let is_told = [words, "cannot be read", "is a link"].iter().any(|words| said.contains(words));
            assert!(is_told, "{words} {command}: {said}");
        }
        assert!(started.elapsed() < Duration::from_secs(10), "{words}");
    }
}

#[test]
fn a_trial_is_open_when_it_answers_first() {
    // Half an hour before midnight it is closed.
    let clock = WallClock::new(if SystemClock.now().hour() == 23 { "-7200" } else { "+0" });
    for _ in 0..3 {
        let dir = tempfile::tempdir().unwrap();
        let mut child = clock
            .under(doorman())
            .current_dir(dir.path())
            .arg("serve")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let first = wait_until("it answers", || {
            TcpStream::connect("127.0.0.1:6626").ok()?;
            Some(http::exchange("127.0.0.1:6626", form("alice", "alice@example.org", "").as_bytes()))
        });
        let _ = child.kill();
        child.wait().unwrap();
        assert_eq!(first.json()["status"], "accepted", "{first:?}");
    }
}

#[test]
fn a_trial_is_found_from_beside_it_and_from_within() {
    let dir = tempfile::tempdir().unwrap();
    let trial = dir.path().join("trial");
    std::fs::create_dir(&trial).unwrap();
    let banned =
        doorman().current_dir(dir.path()).args(["ban", "add", "email", "a@example.org"]).output().unwrap();
    assert!(banned.status.success(), "{banned:?}");
    let [beside, within] = [dir.path(), &trial].map(|place| {
        let status = doorman().current_dir(place).args(["status", "--json"]).output().unwrap();
        serde_json::from_slice::<serde_json::Value>(&status.stdout).unwrap_or_else(|_| panic!("{status:?}"))
    });
    assert_eq!(beside["homeserver"], within["homeserver"]);
    let listed = doorman().current_dir(&trial).args(["ban", "list"]).output().unwrap();
    assert!(String::from_utf8_lossy(&listed.stdout).contains("a@example.org"), "{listed:?}");
    std::fs::rename(&trial, dir.path().join("other")).unwrap();
    let other = doorman().current_dir(dir.path().join("other")).arg("status").output().unwrap();
    assert!(String::from_utf8_lossy(&other.stderr).contains("no config.yaml"), "{other:?}");
}

#[test]
fn a_desk_without_smtp_says_so_wherever_one_looks() {
    let (_homeserver, folder, desk) = open_desk("");
    assert!(desk.log().contains("smtp: it is not set"), "{}", desk.log());
    let health = desk.get("/healthz");
    assert!(health.status == 200 && health.body.contains("no_smtp"), "{health:?}");
    assert!(desk.get("/").body.contains("No email is sent yet."));
    let checked = folder.command(&["check-config"]);
    assert!(checked.status.success(), "{checked:?}");
    assert!(String::from_utf8_lossy(&checked.stderr).contains("smtp: it is not set"), "{checked:?}");
}

#[test]
fn a_newer_commands_hands_are_off_an_older_desk() {
    let folder = Folder::new("");
    let old = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/databases/version-9.db");
    std::fs::copy(old, folder.file("doorman.db")).unwrap();
    let before = std::fs::read(old).unwrap();
    // As the older desk has it that runs.
    let runs = Lock::take(folder.path(), Purpose::Desk).unwrap();
    for command in
        [&["requests"][..], &["pause"], &["ban", "add", "email", "spam.example"], &["rotate"], &["token"]]
    {
        let output = folder.command(command);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{command:?}: {said}");
        assert!(
            said.contains("an older doorman") && said.contains("nothing was changed"),
            "{command:?}: {said}"
        );
    }
    assert!(String::from_utf8_lossy(&folder.command(&["doctor"]).stdout).contains("an older doorman"));
    let version = |folder: &Folder| -> i64 {
        let database = Connection::open(folder.file("doorman.db")).unwrap();
        database.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(version(&folder), 9);
    assert!(std::fs::read(folder.file("doorman.db")).unwrap().len() >= before.len());
    assert!(!folder.file("banned_emails.txt").exists() && !folder.file(".registration_token").exists());
    drop(runs);
    folder.ok(&["requests"]);
    assert!(version(&folder) > 9, "where no desk runs it is brought up to date");
}

#[test]
fn what_an_older_doorman_wrote_is_kept_before_it_is_changed_and_not_changed_where_it_cannot_be_kept() {
    let folder = Folder::new("");
    let old = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/databases/version-9.db");
    std::fs::copy(old, folder.file("doorman.db")).unwrap();
    let version = |file: &str| -> i64 {
        let database = Connection::open(folder.file(file)).unwrap();
        database.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    };
    std::fs::write(folder.file("backup"), "somebody's file").unwrap();
    for command in ["requests", "serve"] {
        let output = folder.command(&[command]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("backup/") && said.contains("nothing was changed"), "{said}");
        assert_eq!(version("doorman.db"), 9);
    }
    std::fs::remove_file(folder.file("backup")).unwrap();
    let before = folder.ok(&["requests"]);
    assert!(version("doorman.db") > 9);
    assert_eq!(version("backup/schema-9.db"), 9);
    for (name, mode) in [("backup", 0o700), ("backup/schema-9.db", 0o600)] {
        assert_eq!(folder.file(name).metadata().unwrap().permissions().mode() & 0o777, mode, "{name}");
    }
    // The way back, for whichever doorman opens it then.
    folder.ok(&["restore", "backup/schema-9.db"]);
    assert_eq!(version("doorman.db"), 9);
    assert_eq!(folder.ok(&["requests"]), before);
}

#[test]
fn an_older_desk_takes_nothing_more_when_its_database_has_become_newer() {
    let (_homeserver, folder, desk) = open_desk("");
    let set = |change: i64| {
        let database = Connection::open(folder.file("doorman.db")).unwrap();
        let now: i64 = database.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        database.pragma_update(None, "user_version", now + change).unwrap();
    };
    set(1);
    let told = wait_until("it is closed", || {
        let answer = desk.ask("alice", "alice@example.org");
        (answer.json()["reason"] == "closed").then_some(answer)
    });
    assert_eq!(told.status, 503);
    assert!(told.header("Retry-After").is_some() && told.body.contains("being updated"), "{told:?}");
    let health = desk.get("/healthz");
    assert!(health.status == 503 && health.body.contains("newer doorman"), "{health:?}");
    let token = folder.read(".registration_token");
    let output = folder.command(&["rotate"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(folder.read(".registration_token"), token);
    set(-1);
    desk.wait_until_open();
    assert_eq!(desk.verdict("alice", "alice@example.org"), "accepted");
}

#[test]
fn a_length_that_fits_no_number_counts_as_every_post_does() {
    let (_homeserver, _folder, desk) = open_desk("requests_per_ip_per_hour: 4\n");
    for digits in [17, 20, 40, 4000] {
        let mut stream = TcpStream::connect(&desk.address).unwrap();
        write!(
            stream,
            "POST /register HTTP/1.1\r\nHost: desk.test\r\nContent-Length: {}\r\nContent-Type: \
             application/x-www-form-urlencoded\r\n\r\n",
            "9".repeat(digits)
        )
        .unwrap();
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 413 "), "{digits}: {answer}");
    }
    assert_eq!(desk.verdict("alice", "alice@example.org"), "rate_limited");
}
