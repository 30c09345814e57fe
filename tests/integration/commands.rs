//! The operator's commands, beside a running desk and without one.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::support::desk::{Folder, doorman, open_desk};
use crate::support::faults::WallClock;
use crate::support::homeserver::{Act, FakeHomeserver};
use crate::support::mas::Mas;
use crate::support::smtp::SmtpServer;
use crate::support::wire::{Line, Wire};
use crate::support::{Running, wait_until};

#[test]
fn a_paused_desk_is_closed_until_it_is_resumed() {
    let (_homeserver, folder, desk) = open_desk("");
    folder.ok(&["pause"]);
    wait_until("it is closed", || (desk.verdict("name", "someone@example.org") == "closed").then_some(()));
    let answer = desk.ask("name", "someone@example.org");
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("300")));
    assert!(folder.ok(&["resume"]).contains("open again"));
    desk.wait_until_open();
    assert_eq!(desk.verdict("name", "someone@example.org"), "accepted");
    // Where none runs, none is said to be open.
    drop(desk);
    assert!(folder.ok(&["pause"]).contains("No desk is running in this folder"));
    let said = folder.ok(&["resume"]);
    assert!(said.contains("no longer paused, but none is running") && !said.contains("open"), "{said}");
}

#[test]
fn requests_and_letters_are_listed() {
    let (_homeserver, folder, desk) = open_desk("");
    for command in ["requests", "outbox"] {
        assert_eq!(folder.json(&[command, "--json"]), json!([]), "{command}");
    }
    assert_eq!(desk.verdict("first", "first@example.org"), "accepted");
    assert_eq!(desk.verdict("first", "second@example.org"), "username_unavailable");
    wait_until("the letter is sent", || {
        (folder.json(&["requests", "--json"])[1]["letter"] == "sent").then_some(())
    });
    let requests = folder.json(&["requests", "--json"]);
    let expected = [
        ("channel", json!(["web", "web"])),
        ("username", json!(["first", "first"])),
        ("email", json!(["second@example.org", "first@example.org"])),
        ("ip", json!(["127.0.0.1", "127.0.0.1"])),
        ("verdict", json!(["refused", "accepted"])),
        ("reason", json!(["username_unavailable", null])),
        ("letter", json!([null, "sent"])),
    ];
    for (key, values) in expected {
        assert_eq!(json!([requests[0][key], requests[1][key]]), values, "{key}");
    }
    assert_eq!(folder.json(&["requests", "--json", "--limit", "1"]).as_array().unwrap().len(), 1);
    assert_eq!(folder.json(&["requests", "--json", "--refused"])[0]["email"], "second@example.org");
    assert_eq!(
        folder.json(&["requests", "--json", "--email", "first@example.org"]).as_array().unwrap().len(),
        1
    );
    let listing = folder.ok(&["requests"]);
    assert_eq!(listing.lines().count(), 3, "a row is a line: {listing}");
    assert!(!listing.contains('\u{1b}'), "no colours in a pipe");
}

#[test]
fn the_token_is_shown_only_when_asked_for() {
    let (_homeserver, folder, _desk) = open_desk("");
    let secret = folder.read(".registration_token");
    let token = folder.json(&["token", "--json"]);
    assert_eq!(
        (token["live"].as_bool(), token["backend"].as_str(), token.get("token")),
        (Some(true), Some("file"), None)
    );
    assert!(
        token["age_seconds"].as_u64().is_some_and(|age| age < 600) && token["next_reset"].is_string(),
        "{token}"
    );
    assert!(!folder.ok(&["token"]).contains(&secret));
    assert_eq!(folder.json(&["token", "--json", "--reveal"])["token"], secret.as_str());
}

#[test]
fn a_rotation_beside_a_running_desk_says_whether_the_new_token_is_live() {
    let (homeserver, folder, desk) = open_desk("");
    let old = folder.read(".registration_token");
    assert!(folder.ok(&["rotate"]).contains("the homeserver accepts it"));
    assert_ne!(folder.read(".registration_token"), old);
    assert_eq!(folder.json(&["token", "--json"])["live"], true);
    let answer = r#"{"valid": false}"#.to_owned();
    homeserver
        .on("/_matrix/client/v1/register/m.login.registration_token/validity", Act::Answer(200, answer));
    assert!(folder.ok(&["rotate"]).contains("does not accept it yet"));
    assert_eq!(folder.json(&["token", "--json"])["live"], false);
    assert_eq!(desk.verdict("name", "someone@example.org"), "closed");
}

#[test]
fn a_ban_is_in_force_at_the_running_desk_and_can_be_taken_back() {
    let (_homeserver, folder, desk) = open_desk("");
    folder.write("banned_emails.txt", "# kept\n\n");
    folder.ok(&["ban", "add", "email", "*@evil.example"]);
    assert_eq!(folder.read("banned_emails.txt"), "# kept\n\n*@evil.example\n");
    wait_until("it is in force", || (desk.verdict("name", "a@evil.example") == "email_banned").then_some(()));
    assert_eq!(
        folder.json(&["ban", "test", "email", "a@evil.example", "--json"])["hits"].as_array().unwrap().len(),
        1
    );
    assert_eq!(folder.json(&["ban", "test", "email", "a@good.example", "--json"])["hits"], json!([]));
    folder.ok(&["undo"]);
    assert_eq!(folder.read("banned_emails.txt"), "# kept\n\n");
    wait_until("it is lifted", || (desk.verdict("name", "a@evil.example") == "accepted").then_some(()));

    folder.ok(&["ban", "add", "username", ".*root.*"]);
    folder.ok(&["ban", "add", "ip", "192.0.2.0/24"]);
    folder.ok(&["ban", "remove", "ip", "192.0.2.0/24"]);
    assert_eq!(folder.read("banned_ips.txt"), "");
    assert_eq!(folder.command(&["ban", "add", "ip", "nonsense"]).status.code(), Some(1));
    let mut tries = 0;
    wait_until("it is in force", || {
        tries += 1;
        let verdict = desk.verdict(&format!("root{tries}"), &format!("{tries}@good.example"));
        (verdict == "username_unavailable").then_some(())
    });
}

#[test]
fn every_error_of_the_files_is_told_at_once() {
    let folder = Folder::new(
        "emial_cooldown: 5\ntoken_reset_time_utc: 2460\ndowntime_before_token_reset: 1440\nsmtp: {port: 25}\n",
    );
    folder.write("banned_ips.txt", "192.0.2.1\nnonsense\n");
    folder.write("banned_usernames.txt", "(?=x)y\n");
    let output = folder.command(&["check-config"]);
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in [
        "emial_cooldown",
        "email_cooldown",
        "token_reset_time_utc",
        "downtime_before_token_reset",
        "host",
        "banned_ips.txt:2",
        "banned_usernames.txt:1",
    ] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }
    folder.configure("");
    folder.write("banned_ips.txt", "192.0.2.1\n");
    folder.write("banned_usernames.txt", "");
    folder.ok(&["check-config"]);
    assert_eq!(folder.ok(&["example-config"]), include_str!("../../config.yaml.example"));
}

#[test]
fn wrong_usage_exits_with_2_and_every_command_has_an_example() {
    let folder = Folder::new("");
    for args in [
        &["nonsense"][..],
        &["ban", "add", "colour", "x"],
        &["requests", "--nonsense"],
        &["requests", "--limit", "x"],
        &["requests", "--since", "yesterday"],
        &["requests", "--ip", "x"],
    ] {
        assert_eq!(folder.command(args).status.code(), Some(2), "{args:?}");
    }
    for command in [
        "serve",
        "check-config",
        "init",
        "example-config",
        "token",
        "rotate",
        "pause",
        "resume",
        "requests",
        "ban",
        "outbox",
        "site",
        "cooldowns",
        "rehearse",
        "why",
        "judge",
        "log",
        "undo",
        "redo",
        "import",
        "export",
        "forget",
        "status",
        "backup",
        "restore",
        "completions",
        "man",
    ] {
        let help = folder.ok(&[command, "--help"]);
        assert!(
            help.to_lowercase().contains("example") && help.contains(&format!("doorman {command}")),
            "{help}"
        );
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    }
}

#[test]
fn commands_work_without_a_running_desk() {
    let (_homeserver, folder, desk) = open_desk("");
    assert_eq!(desk.verdict("name", "someone@example.org"), "accepted");
    wait_until("the letter is sent", || {
        (folder.json(&["requests", "--json"])[0]["letter"] == "sent").then_some(())
    });
    drop(desk);
    let old = folder.read(".registration_token");
    folder.ok(&["rotate"]);
    assert_ne!(folder.read(".registration_token"), old);
    folder.ok(&["pause"]);
    folder.ok(&["ban", "add", "email", "evil.example"]);
    assert_eq!(folder.json(&["requests", "--json"]).as_array().unwrap().len(), 1);
    folder.ok(&["backup", "copy.db"]);
    assert!(folder.file("copy.db").metadata().unwrap().len() > 0);
    let exported: serde_json::Value = serde_json::from_str(&folder.ok(&["export"])).unwrap();
    assert!(exported.to_string().contains("someone@example.org"), "{exported}");
    folder.ok(&["forget", "someone@example.org"]);
    assert_eq!(folder.json(&["requests", "--json"]), json!([]));
    let desk = folder.start();
    assert_eq!(desk.get_json("/api/status")["open"], false, "it is still paused");
    assert_eq!(desk.verdict("name", "a@example.org"), "closed");
}

#[test]
fn the_static_site_is_written() {
    let folder = Folder::new("");
    folder.ok(&["site", "--out", "site", "--desk", "https://desk.example.org"]);
    let page = folder.read("site/index.html");
    assert!(page.contains("action=\"https://desk.example.org/register\""), "{page}");
    assert!(folder.file("site/static/style.css").is_file());
}

#[test]
fn new_requests_are_followed_as_they_come() {
    let (_homeserver, folder, desk) = open_desk("");
    let mut child = Running(
        doorman()
            .current_dir(folder.path())
            .args(["requests", "--follow", "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
    let came = std::sync::Arc::new(Mutex::new(Vec::new()));
    let kept = std::sync::Arc::clone(&came);
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            kept.lock().unwrap().push(serde_json::from_str::<Value>(&line).unwrap());
        }
    });
    // What was there before it began is not told: so names are asked for until one is.
    let mut number = 0;
    wait_until("a line comes", || {
        number += 1;
        assert_eq!(desk.verdict(&format!("n{number}"), &format!("n{number}@example.org")), "accepted");
        let came = came.lock().unwrap();
        came.first().map(|request| assert_eq!(request["verdict"], "accepted"))
    });
    assert_eq!(desk.verdict("last", "not an address"), "malformed");
    wait_until("the refusal comes", || {
        came.lock().unwrap().iter().any(|request| request["reason"] == "malformed").then_some(())
    });
}

#[test]
fn following_tells_all_of_a_request_and_ends_when_nobody_listens_any_more() {
    let (_homeserver, folder, desk) = open_desk("");
    let name = "a_name_so_long_that_the_rest_stands_below";
    assert_eq!(desk.verdict(name, "someone@example.org"), "accepted");
    let mut child = Running(
        doorman()
            .current_dir(folder.path())
            .args(["requests", "--follow"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let out = BufReader::new(child.0.stdout.take().unwrap());
    let listener = std::thread::spawn(move || {
        let mut told = String::new();
        for line in out.lines().map_while(Result::ok) {
            told.push_str(&line);
            if told.contains("someone@example.org") {
                break;
            }
        }
        told
    });
    wait_until("the address is told", || listener.is_finished().then_some(()));
    let told = listener.join().unwrap();
    assert!(told.contains("a_name_so_long"), "{told}");
    assert_eq!(desk.verdict("another", "another@example.org"), "accepted");
    let ended = wait_until("it ends", || child.0.try_wait().unwrap());
    assert!(ended.success(), "{ended}");
}

#[test]
fn a_cooldown_is_listed_and_lifted_and_a_letter_sent_again() {
    let (_homeserver, folder, desk) = open_desk("multiple_users_per_email: true\n");
    assert_eq!(desk.verdict("one", "someone@example.org"), "accepted");
    assert_eq!(desk.verdict("two", "someone@example.org"), "email_cooldown");
    let cooldowns = folder.json(&["cooldowns", "--json"]);
    assert_eq!(cooldowns.as_array().unwrap().len(), 1, "{cooldowns}");
    assert!(folder.ok(&["cooldowns"]).contains("someone@example.org"));
    folder.ok(&["cooldowns", "lift", "Someone@example.org"]);
    assert_eq!(folder.json(&["cooldowns", "--json"]), json!([]));
    wait_until("it is lifted", || (desk.verdict("two", "someone@example.org") == "accepted").then_some(()));
    wait_until("both letters", || (folder.letters().len() == 2).then_some(()));
    let id = folder.json(&["requests", "--json", "--username", "one"])[0]["id"].to_string();
    folder.ok(&["requests", "resend", &id]);
    wait_until("it comes again", || (folder.letters().len() == 3).then_some(()));
    assert_eq!(folder.command(&["requests", "resend", "999"]).status.code(), Some(1));
}

#[test]
fn an_export_is_harmless_in_a_spreadsheet_and_can_hide_who_it_was() {
    let (_homeserver, folder, desk) = open_desk("");
    assert_eq!(desk.verdict("=cmd", "=1+1@example.org"), "accepted");
    let csv = folder.ok(&["export", "--format", "csv"]);
    assert!(csv.starts_with("id,time,") && csv.contains(",'=cmd,'=1+1@example.org,"), "{csv}");
    assert_eq!(folder.json(&["export"])[0]["username"], "=cmd");
    for redacted in
        [folder.ok(&["export", "--redact"]), folder.ok(&["export", "--redact", "--format", "csv"])]
    {
        assert!(redacted.contains("accepted"), "{redacted}");
        for secret in ["cmd", "example.org", "127.0.0.1"] {
            assert!(!redacted.contains(secret), "{redacted}");
        }
    }
    // What was exported as JSON by the original, or is its mirror, comes in again.
    wait_until("the mirror", || folder.read("registrations.json").contains("=cmd").then_some(()));
    let other = Folder::new("");
    other.write("theirs.json", &folder.read("registrations.json"));
    assert!(other.ok(&["import", "theirs.json"]).contains("1 imported"));
    assert!(other.ok(&["import", "theirs.json"]).contains("1 known already"));
    assert_eq!(other.json(&["requests", "--json"])[0]["username"], "=cmd");
}

#[test]
fn who_is_forgotten_is_gone_from_everywhere_and_free() {
    let (_homeserver, folder, desk) = open_desk("");
    for name in ["gone", "stays"] {
        assert_eq!(desk.verdict(name, &format!("{name}@example.org")), "accepted");
    }
    wait_until("both are mirrored", || {
        let mirror = folder.read("registrations.json");
        (mirror.contains("gone@") && mirror.contains("stays@")).then_some(())
    });
    wait_until("both letters are written", || (folder.letters().len() == 2).then_some(()));
    folder.ok(&["forget", "Gone@example.org"]);
    let letters = folder.letters();
    assert!(letters.len() == 1 && letters[0].contains("stays@"), "{letters:?}");
    wait_until("the mirror is without", || {
        (!folder.read("registrations.json").contains("gone@")).then_some(())
    });
    let log = std::fs::read(folder.file("doorman.db-wal")).unwrap();
    assert!(!log.windows(5).any(|part| part == b"gone@"), "it still stands in the database's log");
    let requests = folder.json(&["requests", "--json"]);
    assert_eq!(requests.as_array().unwrap().len(), 1, "{requests}");
    assert_eq!(desk.verdict("gone", "other@example.org"), "accepted");
    drop(desk);
    let database = std::fs::read(folder.file("doorman.db")).unwrap();
    assert!(
        !database.windows(5).any(|part| part == b"gone@"),
        "it still stands in the database's free pages"
    );
}

#[test]
fn a_backup_of_a_busy_desk_is_whole_and_comes_back() {
    let (_homeserver, folder, desk) = open_desk("letters_per_hour: 0\n");
    let (done, acknowledged) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let before = std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0.. {
                if done.load(Ordering::Relaxed) {
                    return;
                }
                let name = format!("n{number}");
                assert_eq!(desk.verdict(&name, &format!("{name}@example.org")), "accepted");
                acknowledged.lock().unwrap().push(name);
            }
        });
        wait_until("load", || (acknowledged.lock().unwrap().len() > 50).then_some(()));
        let before = acknowledged.lock().unwrap().clone();
        folder.ok(&["backup", "saved.db"]);
        done.store(true, Ordering::Relaxed);
        before
    });
    assert_eq!(folder.command(&["backup", "saved.db"]).status.code(), Some(1), "nothing is overwritten");
    assert_eq!(folder.command(&["restore", "saved.db"]).status.code(), Some(1), "a desk is running");
    assert_eq!(desk.verdict("later", "later@example.org"), "accepted");
    drop(desk);
    folder.ok(&["restore", "saved.db"]);
    let desk = folder.start();
    desk.wait_until_open();
    let requests = folder.json(&["requests", "--json"]).to_string();
    for name in before {
        assert!(requests.contains(&format!("\"{name}\"")), "{name}");
    }
    assert!(!requests.contains("\"later\""));
    assert_eq!(desk.verdict("later", "later@example.org"), "accepted");
    folder.write("rubbish.db", "no database");
    drop(desk);
    assert_eq!(folder.command(&["restore", "rubbish.db"]).status.code(), Some(1));
    assert!(folder.json(&["requests", "--json"]).to_string().contains("\"later\""), "nothing was touched");
}

#[test]
fn what_is_older_than_the_retention_is_deleted() {
    let homeserver = FakeHomeserver::start();
    let folder = Folder::new(&format!("base_url: {}\nretention_days: 30\n", homeserver.url));
    let clock = WallClock::new("+0");
    let desk = clock.open_desk_after(&folder, 0);
    assert_eq!(desk.verdict("joined", "joined@example.org"), "accepted");
    assert_eq!(desk.verdict("refused", "no address"), "malformed");
    drop(desk);
    let _desk = clock.open_desk_after(&folder, 31);
    let left = wait_until("the refusal is gone", || {
        let requests = folder.json(&["requests", "--json"]);
        (requests.as_array().unwrap().len() == 1).then(|| requests[0].clone())
    });
    assert_eq!((left["username"].as_str(), left["ip"].as_str()), (Some("joined"), None));
}

#[test]
fn a_name_that_was_taken_while_the_request_was_held_is_not_approved() {
    let mas = Mas::start();
    let folder = Folder::new(&format!("{}approval: manual\n", mas.config("")));
    let desk = folder.start();
    desk.wait_until_open();
    assert_eq!(desk.verdict("wanted", "wanted@example.org"), "held");
    let id = folder.json(&["requests", "--held", "--json"])[0]["id"].to_string();
    mas.state().users.insert("wanted".into());
    let output = folder.command(&["approve", &id]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("the Matrix Authentication Service has an account of this name"), "{told}");
    mas.state().users.remove("wanted");
    folder.ok(&["approve", &id]);
}

#[test]
fn a_held_request_is_decided_by_the_operator_once() {
    let (homeserver, folder, desk) = open_desk("approval: manual\nheld_per_network: 3\n");
    for name in ["one", "two", "three"] {
        let answer = desk.ask(name, &format!("{name}@example.org"));
        assert_eq!((answer.status, answer.json()["status"].as_str()), (202, Some("held")), "{answer:?}");
    }
    // Three of one net are enough.
    assert_eq!(desk.verdict("four", "four@example.org"), "rate_limited");
    let waiting = folder.json(&["requests", "--held", "--json"]);
    assert_eq!(waiting.as_array().unwrap().len(), 3, "{waiting}");
    assert_eq!((folder.letters().len(), folder.read("registrations.json").contains("one@")), (0, false));
    let id = |name: &str| {
        let row = waiting.as_array().unwrap().iter().find(|row| row["username"] == name).unwrap();
        row["id"].to_string()
    };

    folder.ok(&["approve", &id("one")]);
    wait_until("its email", || {
        folder.letters().iter().any(|mail| mail.contains("one@example.org")).then_some(())
    });
    assert_eq!(folder.command(&["approve", &id("one")]).status.code(), Some(1));
    assert_eq!(folder.command(&["refuse", &id("one")]).status.code(), Some(1));
    wait_until("it is mirrored", || folder.read("registrations.json").contains("one@").then_some(()));

    folder.ok(&["refuse", &id("two"), "--because", "Only members of the club."]);
    wait_until("the reason is told", || {
        folder.letters().iter().any(|mail| mail.contains("Only members of the club.")).then_some(())
    });
    assert_eq!(desk.verdict("two", "other@example.org"), "held", "the name is free again");

    // What was banned or taken since is not approved.
    folder.write("banned_emails.txt", "three@example.org\n");
    let banned = folder.command(&["approve", &id("three")]);
    assert!(String::from_utf8_lossy(&banned.stderr).contains("banned_emails.txt"), "{banned:?}");
    folder.write("banned_emails.txt", "");
    homeserver.on("username=three", Act::Answer(400, r#"{"errcode": "M_USER_IN_USE", "error": "x"}"#.into()));
    assert_eq!(folder.command(&["approve", &id("three")]).status.code(), Some(1));
    folder.ok(&["refuse", &id("three")]);
    assert_eq!(folder.json(&["requests", "--held", "--json"]).as_array().unwrap().len(), 1);
    folder.ok(&["undo"]);
    assert_eq!(folder.json(&["requests", "--held", "--json"]).as_array().unwrap().len(), 2);
    assert_eq!(desk.verdict("three", "someone@example.org"), "username_unavailable");
}

#[test]
fn whoever_asked_twice_is_decided_of_once_by_either_number() {
    let (_homeserver, folder, desk) = open_desk("approval: manual\nemail_cooldown: 0\n");
    for _ in 0..2 {
        assert_eq!(desk.verdict("one", "one@example.org"), "held");
    }
    let verdicts = || {
        let requests = folder.json(&["requests", "--json"]);
        let requests = requests.as_array().unwrap().iter();
        requests.map(|row| (row["verdict"].clone(), row["letter"].clone())).collect::<Vec<_>>()
    };
    let both = |verdict: &str, letter: Value| vec![(json!(verdict), letter); 2];
    folder.ok(&["approve", "2"]);
    assert_eq!(verdicts(), both("accepted", json!("owed")));
    assert_eq!(folder.command(&["approve", "1"]).status.code(), Some(1));
    folder.ok(&["undo"]);
    assert_eq!(verdicts(), both("held", Value::Null));
    folder.ok(&["refuse", "2"]);
    assert_eq!(verdicts(), both("refused", Value::Null));
    folder.ok(&["undo"]);
    assert_eq!(verdicts(), both("held", Value::Null));
    folder.ok(&["approve", "1"]);
    wait_until("its email", || (verdicts() == both("accepted", json!("sent"))).then_some(()));
    assert_eq!(folder.letters().len(), 1);
}

#[test]
fn a_decision_on_somebody_who_is_forgotten_since_is_not_taken_back_of_somebody_else() {
    let nobody = format!("smtp: {{host: 127.0.0.1, port: {}, tls: none}}\n", crate::support::free_port());
    let (_homeserver, folder, desk) = open_desk(&format!("approval: manual\n{nobody}"));
    assert_eq!(desk.verdict("one", "one@example.org"), "held");
    folder.ok(&["approve", "1"]);
    folder.ok(&["forget", "one@example.org"]);
    assert_eq!(desk.verdict("two", "two@example.org"), "held");
    assert_eq!(folder.json(&["requests", "--json"])[0]["id"], 2, "a number is given once");
    let undo = folder.command(&["undo"]);
    assert_eq!(undo.status.code(), Some(1), "{undo:?}");
    assert!(String::from_utf8_lossy(&undo.stderr).contains("request 1 has been erased"), "{undo:?}");
    assert_eq!(folder.json(&["requests", "--json"])[0]["verdict"], "held");
    let undo = folder.command(&["undo"]);
    assert!(String::from_utf8_lossy(&undo.stderr).contains("nothing to undo"), "{undo:?}");
}

#[test]
fn a_refusal_is_taken_back_though_the_address_asked_for_more_where_it_may() {
    for (config, taken_back) in [
        ("multiple_users_per_email: true\nemail_cooldown: 0\n", true),
        ("email_identity: exact\n", true),
        ("", false),
    ] {
        let (_homeserver, folder, desk) = open_desk(&format!("approval: manual\n{config}"));
        assert_eq!(desk.verdict("one", "someone+one@example.org"), "held");
        folder.ok(&["refuse", "1"]);
        assert_eq!(desk.verdict("two", "someone+two@example.org"), "held");
        assert_eq!(folder.command(&["undo"]).status.success(), taken_back, "{config}");
        let held = folder.json(&["requests", "--held", "--json"]).as_array().unwrap().len();
        assert_eq!(held, if taken_back { 2 } else { 1 }, "{config}");
    }
}

#[test]
fn who_asks_again_for_what_is_held_takes_nobodys_place_and_is_decided_of_once() {
    let (_homeserver, folder, desk) = open_desk("approval: manual\nheld_per_network: 3\n");
    for _ in 0..3 {
        assert_eq!(desk.verdict("one", "one@example.org"), "held");
    }
    // Nobody waits until a repeat is written down.
    let kept = || folder.json(&["requests", "--json"]).as_array().unwrap().len();
    wait_until("all are kept", || (kept() == 3).then_some(()));
    let held = folder.json(&["requests", "--held", "--json"]);
    assert_eq!((held.as_array().unwrap().len(), held[0]["id"].as_i64()), (1, Some(1)), "{held}");
    for name in ["two", "three"] {
        assert_eq!(desk.verdict(name, &format!("{name}@example.org")), "held");
    }
    assert_eq!(desk.verdict("four", "four@example.org"), "rate_limited");
}

#[test]
fn a_command_that_mails_nothing_needs_no_password_from_the_environment() {
    let homeserver = FakeHomeserver::start();
    let smtp = "smtp: {host: localhost, port: 1, username: desk, password_env: DESK_PASSWORD}\n";
    let folder = Folder::new(&format!("base_url: {}\n{smtp}", homeserver.url));
    let mut command = doorman();
    command.env("DESK_PASSWORD", "secret");
    let desk = folder.start_with(command);
    desk.wait_until_open();
    folder.ok(&["ban", "add", "email", "trash.example"]);
    folder.ok(&["rotate"]);
    folder.ok(&["outbox", "retry"]);
    for args in [&["check-config"][..], &["serve"]] {
        let output = folder.command(args);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("smtp.password_env"), "{output:?}");
    }
}

#[test]
fn a_ban_list_that_is_gone_is_still_told_of_and_no_new_one_takes_its_place() {
    let (_homeserver, folder, desk) = open_desk("");
    for entry in ["trash.example", "gone.example"] {
        folder.ok(&["ban", "add", "email", entry]);
    }
    folder.ok(&["ban", "remove", "email", "gone.example"]);
    let verdict = || desk.verdict("name", "someone@trash.example");
    wait_until("it holds", || (verdict() == "email_banned").then_some(()));
    std::fs::remove_file(folder.file("banned_emails.txt")).unwrap();
    wait_until("its loss is seen", || desk.get("/healthz").body.contains("banned_emails.txt").then_some(()));
    // Taking back would make a new list of what was removed.
    assert!(!folder.command(&["undo"]).status.success());
    assert!(!folder.file("banned_emails.txt").exists());
    let hits = folder.json(&["ban", "test", "email", "someone@trash.example", "--json"]);
    assert_eq!(hits["hits"][0]["entry"], "trash.example", "{hits}");
    let refused = folder.command(&["ban", "add", "email", "other.example"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("put it back"), "{refused:?}");
    assert_eq!(verdict(), "email_banned");
    folder.write("banned_emails.txt", "");
    folder.ok(&["ban", "add", "email", "other.example"]);
    wait_until("the old ones have ended", || (verdict() == "accepted").then_some(()));
}

#[test]
fn an_approval_whose_letter_the_mail_server_holds_in_its_hands_can_be_taken_back_when_it_puts_it_off() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    let line = Line::to(smtp.plain);
    let folder = Folder::new(&format!(
        "base_url: {}\napproval: manual\nsmtp: {{host: 127.0.0.1, port: {}, tls: none}}\n",
        homeserver.url, line.port
    ));
    let clock = WallClock::new("+0");
    let desk = clock.start(&folder);
    desk.wait_until_open();
    let approve = |name: &str| {
        assert_eq!(desk.verdict(name, &format!("{name}@example.org")), "held");
        let id = folder.json(&["requests", "--held", "--json"])[0]["id"].to_string();
        folder.ok(&["approve", &id]);
        id
    };
    let refused = |why: &str| {
        let undo = folder.command(&["undo"]);
        assert_eq!(undo.status.code(), Some(1), "{undo:?}");
        assert!(String::from_utf8_lossy(&undo.stderr).contains(why), "{undo:?}");
    };

    folder.ok(&["ban", "add", "email", "before.example"]);
    line.set(Wire::Hangs);
    approve("one");
    clock.set("+11");
    wait_until("it is being handed over", || (line.connections() == 1).then_some(()));
    // What was done before is not taken back in its place.
    refused("try again in a moment");
    assert_eq!(folder.read("banned_emails.txt"), "before.example\n");
    line.set(Wire::Drops);
    wait_until("it is taken back", || folder.command(&["undo"]).status.success().then_some(()));
    assert_eq!(folder.json(&["requests", "--held", "--json"])[0]["username"], "one");
    assert_eq!(folder.read("banned_emails.txt"), "before.example\n");
    folder.ok(&["undo"]);
    assert_eq!(folder.read("banned_emails.txt"), "");
    refused("nothing to undo");
    folder.ok(&["refuse", "1"]);

    // Who may have the letter keeps what it says.
    line.set(Wire::LosesTheYes);
    approve("two");
    clock.set("+22");
    folder.ok(&["outbox", "retry"]);
    smtp.wait_for_mail("two@example.org");
    wait_until("it is owed again", || {
        folder.json(&["outbox", "--json"])[0]["last_answer"].is_string().then_some(())
    });
    // It stands in nobody's way: what was decided before it is taken back.
    let undo = folder.command(&["undo"]);
    assert!(String::from_utf8_lossy(&undo.stderr).contains("may have arrived"), "{undo:?}");
    assert!(
        String::from_utf8_lossy(&undo.stdout).contains("Request 1 waits for your decision again"),
        "{undo:?}"
    );
    let verdicts = folder.json(&["requests", "--json"]);
    assert_eq!((&verdicts[0]["verdict"], &verdicts[1]["verdict"]), (&json!("accepted"), &json!("held")));
    refused("may have arrived");
}

#[test]
fn an_approval_can_be_taken_back_until_it_is_mailed_and_who_waits_too_long_is_let_go() {
    let homeserver = FakeHomeserver::start();
    let nobody = format!("smtp: {{host: 127.0.0.1, port: {}, tls: none}}\n", crate::support::free_port());
    let folder = Folder::new(&format!("base_url: {}\napproval: manual\n{nobody}", homeserver.url));
    let clock = WallClock::new("+0");
    let desk = clock.open_desk_after(&folder, 0);
    assert_eq!(desk.verdict("one", "one@example.org"), "held");
    let id = folder.json(&["requests", "--held", "--json"])[0]["id"].to_string();
    folder.ok(&["approve", &id]);
    wait_until("it was tried", || {
        let outbox = folder.json(&["outbox", "--json"]);
        (outbox[0]["state"] == "owed" && outbox[0]["last_answer"].is_string()).then_some(())
    });
    folder.ok(&["undo"]);
    assert_eq!(folder.json(&["requests", "--held", "--json"])[0]["id"].to_string(), id);
    assert_eq!(folder.json(&["outbox", "--json"]), json!([]));
    drop(desk);
    let desk = clock.open_desk_after(&folder, 15);
    wait_until("it is let go", || {
        (folder.json(&["requests", "--json"])[0]["reason"] == "lapsed").then_some(())
    });
    assert_eq!(desk.verdict("one", "other@example.org"), "held");
}

/// The journal's lines of operators, oldest first: what, and on whom.
fn acts(folder: &Folder) -> Vec<(String, String)> {
    let log = folder.json(&["log", "--json"]);
    let lines = log.as_array().unwrap().iter().rev().filter(|line| line["whence"] != "desk");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    lines.map(|line| (text(&line["what"]), text(&line["subject"]))).collect()
}

#[test]
fn what_was_done_stands_in_the_journal_and_is_taken_back_newest_first_and_done_again() {
    let nobody = format!("smtp: {{host: 127.0.0.1, port: {}, tls: none}}\n", crate::support::free_port());
    let (_homeserver, folder, desk) = open_desk(&format!("approval: manual\n{nobody}"));
    for name in ["one", "two", "three"] {
        assert_eq!(desk.verdict(name, &format!("{name}@example.org")), "held");
    }
    let held = || folder.json(&["requests", "--held", "--json"]).as_array().unwrap().len();
    // One that does not wait does not keep the others from being decided.
    let approved = folder.command(&["approve", "1", "99", "2"]);
    assert_eq!(approved.status.code(), Some(1), "{approved:?}");
    assert!(String::from_utf8_lossy(&approved.stderr).contains("request 99"), "{approved:?}");
    folder.ok(&["ban", "add", "ip", "192.0.2.1", "192.0.2.2"]);
    folder.ok(&["pause"]);
    folder.ok(&["pause"]);
    folder.ok(&["refuse", "3", "--because", "No."]);
    folder.ok(&["rotate"]);
    let expected = [
        ("approve", "1"),
        ("approve", "2"),
        ("ban", "192.0.2.1"),
        ("ban", "192.0.2.2"),
        ("pause", ""),
        ("refuse", "3"),
        ("rotate", ""),
    ];
    let expected = expected.map(|(what, subject)| (what.to_owned(), subject.to_owned()));
    assert_eq!(acts(&folder), expected);
    let line = &folder.json(&["log", "--json", "--limit", "200"]);
    let ban = line.as_array().unwrap().iter().find(|line| line["subject"] == "192.0.2.2").unwrap();
    assert_eq!(ban["after"], json!({"kind": "ip", "line": 2, "entry": "192.0.2.2"}));
    assert_eq!(
        (&ban["before"], &ban["whence"], &ban["undone_at"]),
        (&json!(null), &json!("command"), &json!(null))
    );
    assert!(folder.ok(&["log"]).contains("the refusal of request 3"));
    assert_eq!(folder.json(&["log", "--json", "--since", "2100-01-01"]), json!([]));

    // The rotation says so and stands in nobody's way.
    let undo = folder.command(&["undo", "2"]);
    assert!(
        undo.status.success() && String::from_utf8_lossy(&undo.stderr).contains("a new token"),
        "{undo:?}"
    );
    let said = String::from_utf8_lossy(&undo.stdout).into_owned();
    assert!(said.contains("Undoing the refusal of request 3") && said.contains("the pause"), "{said}");
    assert_eq!(held(), 1);
    folder.ok(&["undo"]);
    folder.ok(&["undo"]);
    assert_eq!(folder.read("banned_ips.txt"), "");
    folder.ok(&["redo"]);
    assert_eq!(folder.read("banned_ips.txt"), "192.0.2.1\n");
    folder.ok(&["redo"]);
    assert_eq!(folder.read("banned_ips.txt"), "192.0.2.1\n192.0.2.2\n");
    // More than there is.
    let undo = folder.command(&["undo", "9"]);
    assert_eq!(undo.status.code(), Some(1), "{undo:?}");
    assert!(String::from_utf8_lossy(&undo.stderr).contains("nothing more to undo: 4 of 9"), "{undo:?}");
    assert_eq!((folder.read("banned_ips.txt").as_str(), held()), ("", 3));
    assert!(folder.ok(&["log"]).contains("(undone)"));
    // What is done since makes an end of it.
    folder.ok(&["ban", "add", "ip", "192.0.2.3"]);
    assert_eq!(folder.command(&["redo"]).status.code(), Some(1));
}

#[test]
fn nobody_takes_back_what_somebody_else_did_and_the_journal_forgets_with_the_desk() {
    let (_homeserver, folder, desk) = open_desk("");
    let as_user = |name: &str, args: &[&str]| {
        doorman().args(args).current_dir(folder.path()).env("SUDO_USER", name).output().unwrap()
    };
    assert!(as_user("anna", &["ban", "add", "email", "someone@example.org"]).status.success());
    assert!(as_user("bert", &["pause"]).status.success());
    assert!(as_user("bert", &["undo"]).status.success());
    let nothing = as_user("bert", &["undo"]);
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("nothing to undo"), "{nothing:?}");
    let log = folder.json(&["log", "--json"]);
    let who: Vec<&Value> = log
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["whence"] != "desk")
        .map(|line| &line["who"])
        .collect();
    assert_eq!(who, [&json!("bert"), &json!("bert"), &json!("anna")]);
    assert!(
        log.as_array().unwrap().iter().any(|line| line["what"] == "rotate" && line["who"] == "desk"),
        "{log}"
    );
    // Beside the list, which is the operator's.
    assert!(log.to_string().contains("someone@example.org"));
    drop(desk);
    folder.ok(&["forget", "Someone+else@example.org"]);
    let log = folder.json(&["log", "--json"]).to_string() + &folder.ok(&["log"]);
    assert!(!log.contains("someone@") && log.contains("forgotten"), "{log}");
}

#[test]
fn a_ban_names_the_waiting_requests_that_it_hits_and_refuses_them_where_asked() {
    let (_homeserver, folder, desk) = open_desk("approval: manual\n");
    for name in ["one", "two", "three"] {
        let domain = if name == "three" { "good.example" } else { "evil.example" };
        assert_eq!(desk.verdict(name, &format!("{name}@{domain}")), "held");
    }
    let held = || folder.json(&["requests", "--held", "--json"]).as_array().unwrap().len();
    let said = folder.ok(&["ban", "add", "email", "evil.example"]);
    for part in ["1 (one, one@evil.example)", "2 (two, two@evil.example)", "doorman refuse 1 2"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(!said.contains("three") && held() == 3, "{said}");
    let said = folder.ok(&["ban", "add", "username", "^one$", "t.*", "--and-refuse-held"]);
    assert!(said.contains("Refused: three@good.example is not told"), "{said}");
    assert_eq!(held(), 0);
    // Each is an act of its own.
    folder.ok(&["undo", "3"]);
    assert_eq!((held(), folder.read("banned_usernames.txt").as_str()), (3, "^one$\nt.*\n"));
}

#[test]
fn alarms_and_reloads_stand_in_the_journal_too() {
    let (_homeserver, folder, desk) = open_desk("");
    let has = |what: &str| {
        let log = folder.json(&["log", "--json"]);
        log.as_array().unwrap().iter().any(|line| line["what"] == what && line["who"] == "desk").then_some(())
    };
    folder.write("banned_ips.txt", "nonsense\n");
    wait_until("the alarm", || has("alarm"));
    assert!(folder.ok(&["log"]).contains("alarm bans: banned_ips.txt:1"));
    folder.write("banned_ips.txt", "");
    wait_until("its end", || has("alarm_over"));
    desk.signal("-HUP");
    wait_until("the reload", || has("reload"));
}

#[test]
fn listings_and_decisions_take_one_filter_language() {
    let (_homeserver, folder, desk) = open_desk("approval: manual\ntrusted_proxies: [loopback]\n");
    for (name, email, ip) in [
        ("alice", "alice@club.example", "192.0.2.1"),
        ("spam1", "spam1@trash.example", "198.51.100.7"),
        ("spam2", "spam2@sub.trash.example", "198.51.101.7"),
    ] {
        let answer = desk.ask_with(name, email, &format!("X-Forwarded-For: {ip}\r\n"));
        assert_eq!(answer.json()["status"], "held");
    }
    let names = |expression: &str| -> Vec<String> {
        let rows = folder.json(&["requests", "--json", "--where", expression]);
        rows.as_array().unwrap().iter().map(|row| row["username"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("held domain:trash.example"), ["spam2", "spam1"]);
    assert_eq!(names("ip:198.51.100.0/24 since:1h on:today"), ["spam1"]);
    assert_eq!(names("!spam"), ["alice"]);
    assert_eq!(names("reason:approval by:web 192.0.2"), ["alice"]);
    let wrong = folder.command(&["requests", "--where", "raeson:closed"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("did you mean reason:?"));
    // Who waits is refused by it, and nobody else.
    let refused = folder.ok(&["refuse", "--where", "domain:trash.example"]);
    assert_eq!(refused.lines().count(), 2, "{refused}");
    assert_eq!(names("held"), ["alice"]);
    assert!(!folder.command(&["refuse", "--where", "name:nobody"]).status.success());
    assert_eq!(folder.command(&["refuse"]).status.code(), Some(2));
}

#[test]
fn owed_emails_are_dropped_by_what_is_known_of_their_requests() {
    let port = crate::support::free_port();
    let (_homeserver, folder, desk) = open_desk(&format!(
        "trusted_proxies: [loopback]\nsmtp: {{host: 127.0.0.1, port: {port}, tls: none, from: desk@desk.test}}\n"
    ));
    for (name, ip) in [("alice", "192.0.2.1"), ("eve", "198.51.100.7"), ("mallory", "198.51.100.8")] {
        let email = format!("{name}@example.org");
        desk.ask_with(name, &email, &format!("X-Forwarded-For: {ip}\r\n"));
    }
    assert_eq!(folder.json(&["outbox", "--json"]).as_array().unwrap().len(), 3);
    folder.ok(&["outbox", "drop", "--where", "ip:198.51.100.0/24"]);
    let left = folder.json(&["outbox", "--json"]);
    let owed: Vec<_> = left.as_array().unwrap().iter().filter(|row| row["state"] == "owed").collect();
    assert!(owed.len() == 1 && owed[0]["to"] == "alice@example.org", "{left}");
    assert!(!folder.command(&["outbox", "drop", "--where", "ip:198.51.100.0/24"]).status.success());
}

#[test]
fn a_request_is_shown_with_all_that_is_known_of_it() {
    let (_homeserver, folder, desk) = open_desk("approval: manual\n");
    assert_eq!(desk.verdict("alice", "alice@example.org"), "held");
    folder.ok(&["approve", "1"]);
    let shown = folder.ok(&["requests", "show", "1"]);
    for part in [
        "name      alice",
        "alice@example.org",
        "127.0.0.1",
        "verdict   accepted",
        "email     owed",
        "the approval",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let json = folder.json(&["requests", "show", "1", "--json"]);
    assert_eq!(
        (&json["id"], &json["verdict"], &json["acts"][0]["what"]),
        (&json!(1), &json!("accepted"), &json!("approve"))
    );
    let missing = folder.command(&["requests", "show", "2"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("there is no request 2"));
}

#[test]
fn the_status_says_whether_something_needs_the_operator() {
    let (_homeserver, folder, desk) = open_desk("approval: manual\n");
    let status = || {
        let output = folder.command(&["status"]);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, text) = status();
    assert_eq!(code, Some(0), "{text}");
    for part in [
        "all is well",
        "desk        open",
        "live",
        "letter box  none",
        "waiting     nobody",
        "alarms      none",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(desk.verdict("alice", "alice@example.org"), "held");
    let (code, text) = status();
    assert!(code == Some(1) && text.contains("waiting     1;"), "{text}");
    let output = folder.command(&["status", "--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        [
            &json["well"],
            &json["open"],
            &json["waiting"],
            &json["failed"],
            &json["token"]["live"],
            &json["alarms"]
        ],
        [&json!(false), &json!(true), &json!(1), &json!(0), &json!(true), &json!([])]
    );
    folder.ok(&["refuse", "1"]);
    assert_eq!(status().0, Some(0));
    folder.ok(&["pause"]);
    assert!(status().1.contains("closed: paused by hand"));
    drop(desk);
    let (code, text) = status();
    assert!(code == Some(1) && text.contains("closed"), "{text}");
    assert_eq!(folder.command(&["status", "--nonsense"]).status.code(), Some(2));
}

#[test]
fn the_manual_has_a_page_for_each_command_and_what_is_below_it() {
    let page = String::from_utf8(doorman().arg("man").output().unwrap().stdout).unwrap();
    for name in ["doorman status", "doorman requests show", "doorman ban add", "doorman outbox drop"] {
        let titled = format!(".SH NAME\n{}", name.replace('-', "\\-"));
        assert!(page.contains(&titled), "{name}");
    }
}

#[test]
fn a_line_that_is_left_out_is_marked_in_the_listing() {
    let folder = Folder::new("");
    folder.write("banned_usernames.txt", "admin\n(unclosed\n");
    let listed = folder.ok(&["ban", "list", "username"]);
    assert!(listed.lines().any(|line| line.contains("! (unclosed LEFT OUT: ")), "{listed}");
    let json = folder.json(&["ban", "list", "username", "--json"]);
    assert!(json[0].get("left_out").is_none() && json[1]["left_out"].is_string(), "{json}");
}
