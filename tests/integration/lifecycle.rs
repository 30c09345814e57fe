//! Starting, ending, dying and coming back.

use std::os::unix::fs::MetadataExt;
use std::process::Command;

use serde_json::json;

use crate::support::desk::{Desk, Folder, doorman};
use crate::support::homeserver::FakeHomeserver;
use crate::support::smtp::{SmtpServer, header, token};
use crate::support::{free_port, wait_until};

fn folder(homeserver: &FakeHomeserver, more: &str) -> Folder {
    Folder::new(&format!("base_url: {}\n{more}", homeserver.url))
}

fn open(folder: &Folder) -> Desk {
    let desk = folder.start();
    desk.wait_until_open();
    desk
}

#[test]
fn an_acknowledged_request_outlives_a_killed_desk() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    // Nobody listens there: the letter is owed when the desk dies.
    let nobody = format!("smtp: {{host: 127.0.0.1, port: {}, tls: none}}\n", free_port());
    let folder = folder(&homeserver, &nobody);
    let desk = open(&folder);
    assert_eq!(desk.verdict("name", "someone@example.org"), "accepted");
    desk.kill();
    assert_eq!(folder.json(&["requests", "--json"])[0]["letter"], "owed");

    folder.configure(&format!("base_url: {}\n{}", homeserver.url, smtp.config("none")));
    let desk = open(&folder);
    assert_eq!(token(&smtp.wait_for_mail("someone@example.org")), folder.read(".registration_token"));
    assert_eq!(desk.verdict("name", "other@example.org"), "username_unavailable");
    wait_until("the mirror has it", || {
        folder.read("registrations.json").contains("someone@example.org").then_some(())
    });
}

#[test]
fn a_letter_that_the_crash_left_in_doubt_comes_again_with_the_same_message_id() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    let folder = folder(&homeserver, &smtp.config("none"));
    let desk = open(&folder);
    assert_eq!(desk.verdict("name", "vanish@example.org"), "accepted");
    let first = smtp.wait_for_mail("vanish@example.org");
    desk.kill();
    let _desk = open(&folder);
    folder.ok(&["outbox", "retry"]);
    let mails = wait_until("it comes again", || Some(smtp.mails()).filter(|mails| mails.len() >= 2));
    assert_eq!(header(&first, "Message-ID"), header(&mails[1], "Message-ID"));
    assert!(header(&first, "Message-ID").ends_with("@desk.test>"), "{first}");
}

/// Where nobody can read what the desk says, and what it wants to write may not grow.
#[test]
fn a_desk_whose_outputs_cannot_be_written_goes_on() {
    for shell in
        ["exec >/dev/full 2>&1", "exec >&- 2>&-", "exec > >(:) 2>&1", "ulimit -f 600; exec >log 2>&1"]
    {
        let (homeserver, port) = (FakeHomeserver::start(), free_port());
        let folder = folder(&homeserver, "");
        let config = folder.read("config.yaml").replace("port: 0", &format!("port: {port}"));
        folder.write("config.yaml", &config);
        let mut command = Command::new("bash");
        command.args(["-c", &format!("{shell}; exec \"$0\" serve")]).arg(doorman().get_program());
        let mut desk = Ended(command.current_dir(folder.path()).spawn().unwrap());
        let mut count = 0;
        let mut ask = || {
            count += 1;
            let answer = Command::new("curl")
                .args(["-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}"])
                .args(["--data", &format!("requested_username=name{count}&email=someone{count}@example.org")])
                .arg(format!("http://127.0.0.1:{port}/register"))
                .output()
                .unwrap();
            String::from_utf8(answer.stdout).unwrap()
        };
        wait_until("it takes requests", || (ask() == "303").then_some(()));
        // Each of these is a line that cannot be written.
        for _ in 0..20 {
            assert_ne!(ask(), "000", "{shell}");
        }
        if shell.contains("ulimit") {
            wait_until("the database may not grow any more", || (ask() == "503").then_some(()));
        }
        assert_eq!(desk.0.try_wait().unwrap(), None, "{shell}: it still runs");
        assert!(Command::new("kill").arg(desk.0.id().to_string()).status().unwrap().success());
        assert!(desk.0.wait().unwrap().success(), "{shell}");
    }
}

/// A process that does not outlive its test.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn both_signals_end_the_desk_in_order() {
    let homeserver = FakeHomeserver::start();
    for signal in ["-TERM", "-INT"] {
        let folder = folder(&homeserver, "");
        let desk = open(&folder);
        desk.signal(signal);
        assert!(desk.end().success(), "{signal}");
    }
}

#[test]
fn a_changed_config_is_taken_up_and_a_broken_one_is_not() {
    let homeserver = FakeHomeserver::start();
    let folder = folder(&homeserver, "");
    let desk = open(&folder);
    let base = format!("base_url: {}\n", homeserver.url);
    folder.configure(&format!("{base}client_url: https://client.example\n"));
    desk.signal("-HUP");
    wait_until("it is taken up", || desk.get("/").body.contains("client.example").then_some(()));
    folder.configure(&format!("{base}client_url: https://other.example\nemial_cooldown: 5\n"));
    desk.signal("-HUP");
    wait_until("it is reported", || desk.log().contains("email_cooldown").then_some(()));
    assert!(desk.get("/").body.contains("client.example"));
    folder.write("config.yaml", &format!("{base}homeserver: desk.test\nport: {}\n", free_port()));
    desk.signal("-HUP");
    wait_until("it says what a restart needs", || {
        desk.log().lines().any(|line| line.contains("port") && line.contains("restart")).then_some(())
    });
    assert_eq!(desk.get("/healthz").status, 200);
}

#[test]
fn a_port_in_use_is_told() {
    let homeserver = FakeHomeserver::start();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = folder(&homeserver, "");
    folder.write(
        "config.yaml",
        &format!("homeserver: desk.test\nbase_url: {}\nport: {port}\n", homeserver.url),
    );
    let output = folder.command(&["serve"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&port) && said.contains("in use"), "{said}");
}

#[test]
fn a_second_desk_on_the_same_folder_is_refused_and_the_first_goes_on() {
    let homeserver = FakeHomeserver::start();
    let folder = folder(&homeserver, "");
    let desk = open(&folder);
    let second = folder.command(&["serve"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("already"), "{second:?}");
    assert_eq!(desk.verdict("name", "someone@example.org"), "accepted");
}

#[test]
fn a_database_that_cannot_be_written_is_told_at_start() {
    use std::os::unix::fs::{PermissionsExt, chown};
    use std::os::unix::process::CommandExt;
    let homeserver = FakeHomeserver::start();
    let folder = folder(&homeserver, "");
    drop(open(&folder));
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    // Root may write everything: then it is somebody else who tries.
    let nobody = std::fs::metadata(folder.path()).unwrap().uid() == 0;
    let binary = folder.file("doorman");
    std::fs::copy(env!("CARGO_BIN_EXE_doorman"), &binary).unwrap();
    if nobody {
        chown(folder.path(), Some(65534), Some(65534)).unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            chown(file.unwrap().path(), Some(65534), Some(65534)).unwrap();
        }
    }
    let serve = || {
        let mut command = Command::new(&binary);
        command
            .current_dir(folder.path())
            .args(["--config", "config.yaml", "serve"])
            .env_remove("DOORMAN_CONFIG");
        if nobody {
            command.uid(65534).gid(65534);
        }
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        said
    };
    mode(folder.path(), 0o755);
    mode(&folder.file("doorman.db"), 0o444);
    assert!(serve().contains("doorman.db cannot be written"), "{}", serve());
    mode(&folder.file("doorman.db"), 0o600);
    mode(folder.path(), 0o555);
    assert!(serve().contains("write permission"), "{}", serve());
    mode(folder.path(), 0o755);
}

#[test]
fn a_newer_or_damaged_database_is_told_and_left_alone() {
    let homeserver = FakeHomeserver::start();
    for (content, said) in
        [(&b"this is no database, and long enough to be read as one"[..], "damaged"), (b"", "")]
    {
        let folder = folder(&homeserver, "");
        if content.is_empty() {
            drop(open(&folder));
            let python = "import sqlite3; d = sqlite3.connect('doorman.db'); d.execute('PRAGMA user_version = 9999'); d.close()";
            let done =
                Command::new("python3").args(["-c", python]).current_dir(folder.path()).status().unwrap();
            assert!(done.success());
        } else {
            std::fs::write(folder.file("doorman.db"), content.repeat(100)).unwrap();
        }
        let before = std::fs::read(folder.file("doorman.db")).unwrap();
        let output = folder.command(&["serve"]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains(if said.is_empty() { "newer doorman" } else { said }), "{told}");
        assert_eq!(std::fs::read(folder.file("doorman.db")).unwrap(), before);
    }
}

#[test]
fn there_is_no_trial_by_accident() {
    let refused = |prepare: &dyn Fn(&std::path::Path, &mut Command)| {
        let dir = tempfile::tempdir().unwrap();
        let mut command = doorman();
        command.current_dir(&dir);
        prepare(dir.path(), &mut command);
        let output = command.arg("serve").output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(!dir.path().join("trial").exists());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(
        refused(&|_, command| {
            command.args(["--config", "nowhere.yaml"]);
        })
        .contains("nowhere.yaml")
    );
    assert!(
        refused(&|_, command| {
            command.env("DOORMAN_CONFIG", "nowhere.yaml");
        })
        .contains("nowhere.yaml")
    );
    assert!(
        refused(&|_, command| {
            command.env("NOTIFY_SOCKET", "/nowhere");
        })
        .contains("config.yaml")
    );
    for file in [".registration_token", "doorman.db"] {
        let said = refused(&|dir, _| std::fs::write(dir.join(file), "").unwrap());
        assert!(said.contains(file), "{said}");
    }
}

#[test]
fn a_rotation_keeps_the_token_files_inode_and_mode() {
    let homeserver = FakeHomeserver::start();
    let folder = folder(&homeserver, "");
    let desk = open(&folder);
    let before = std::fs::metadata(folder.file(".registration_token")).unwrap();
    let old = folder.read(".registration_token");
    assert_eq!((before.mode() & 0o777, old.len()), (0o640, 32));
    folder.ok(&["rotate"]);
    let after = std::fs::metadata(folder.file(".registration_token")).unwrap();
    assert_eq!((before.ino(), before.mode(), before.uid()), (after.ino(), after.mode(), after.uid()));
    assert_ne!(folder.read(".registration_token"), old);
    assert!(!desk.log().contains(&old) && !desk.log().contains(&folder.read(".registration_token")));
    // The operator's own cron.
    folder.write(".registration_token", "AnotherTokenOfTheOperatorsOwn");
    wait_until("it is adopted", || {
        let token = folder.json(&["token", "--json", "--reveal"]);
        (token["token"] == "AnotherTokenOfTheOperatorsOwn").then_some(())
    });
}

#[test]
fn the_token_changes_at_the_reset_time_by_itself() {
    let homeserver = FakeHomeserver::start();
    let folder = folder(&homeserver, "token_reset_time_utc: 0\ndowntime_before_token_reset: 1\n");
    let preload = Command::new("faketime").args(["-f", "+0", "printenv", "LD_PRELOAD"]).output().unwrap();
    let start = |at: &str| {
        let mut command = doorman();
        command
            .env("LD_PRELOAD", String::from_utf8_lossy(&preload.stdout).trim())
            .env("FAKETIME", at)
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        folder.start_with(command)
    };
    let desk = start("@2026-01-01 23:59:56");
    let old = wait_until("the first token", || {
        Some(folder.read(".registration_token")).filter(|token| !token.is_empty())
    });
    let closed = desk.ask("name", "someone@example.org");
    assert_eq!((closed.status, closed.json()["reason"].as_str()), (503, Some("closed")), "{closed:?}");
    wait_until("the reset", || (folder.read(".registration_token") != old).then_some(()));
    desk.wait_until_open();
    assert_eq!(desk.verdict("name", "someone@example.org"), "accepted");
    let day_one = folder.read(".registration_token");
    drop(desk);
    // Slept through three resets: one rotation.
    let desk = start("@2026-01-05 12:00:00");
    let later = wait_until("the missed reset", || {
        Some(folder.read(".registration_token")).filter(|token| *token != day_one)
    });
    desk.wait_until_open();
    drop(desk);
    // Set back by a minute: none. By days: what it noted ahead of time is disregarded, so that one is missed, once.
    let desk = start("@2026-01-05 11:59:00");
    desk.wait_until_open();
    assert_eq!(folder.read(".registration_token"), later);
    drop(desk);
    let desk = start("@2026-01-03 12:00:00");
    let back = wait_until("the missed reset", || {
        Some(folder.read(".registration_token")).filter(|token| *token != later)
    });
    desk.wait_until_open();
    drop(desk);
    let desk = start("@2026-01-03 12:00:00");
    desk.wait_until_open();
    assert_eq!(folder.read(".registration_token"), back);
}

#[test]
fn the_folder_of_the_original_is_taken_over() {
    let homeserver = FakeHomeserver::start();
    let folder = folder(
        &homeserver,
        "token_reset_time_utc: 0\ndowntime_before_token_reset: 0\nemail_cooldown: 3600\n",
    );
    folder.write(".registration_token", "TheOldTokenOfTheOriginals\n");
    folder.write("banned_usernames.txt", "# theirs\n.*admin.*\n");
    folder.write(
        "registrations.json",
        &json!([{"requested_name": "old", "email": "old@example.org", "datetime": "2026-01-01T00:00:00.123456",
                 "ip_address": "192.0.2.1"}])
        .to_string(),
    );
    let desk = open(&folder);
    assert_eq!(folder.json(&["token", "--json", "--reveal"])["token"], "TheOldTokenOfTheOriginals");
    assert_eq!(desk.verdict("the.administrator", "someone@example.org"), "username_unavailable");
    assert_eq!(
        folder
            .json(&["requests", "--json"])
            .as_array()
            .unwrap()
            .iter()
            .filter(|r| r["username"] == "old")
            .count(),
        1
    );
    drop(desk);
    let _again = open(&folder);
    let requests = folder.json(&["requests", "--json"]);
    assert_eq!(
        requests.as_array().unwrap().iter().filter(|r| r["username"] == "old").count(),
        1,
        "imported once: {requests}"
    );
}
