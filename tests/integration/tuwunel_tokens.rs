//! Synapse's API for registration tokens as tuwunel serves it, which is open to all while it knows no token.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::TimeDelta;

use crate::support::desk::{Desk, Folder};
use crate::support::faults::{Disk, NO_SPACE};
use crate::support::smtp::{SmtpServer, token};
use crate::support::tuwunel::{Release, Tuwunel};
use crate::support::wait_until;

const EACH_ONE: &str = ", per_applicant: true";

fn config(tuwunel: &Tuwunel, smtp: &SmtpServer, tokens: &str) -> String {
    format!("{}{}email_cooldown: 0\n", tuwunel.config(tokens), smtp.config("none"))
}

fn start(folder: &Folder) -> Desk {
    let desk = folder.start();
    desk.wait_until_open();
    desk
}

#[test]
fn it_is_shut_before_the_desk_opens_and_stays_so_while_nobody_holds_a_token() {
    let (tuwunel, smtp) = (Tuwunel::start(), SmtpServer::start());
    assert!(tuwunel.is_open());
    let folder = Folder::new(&config(&tuwunel, &smtp, EACH_ONE));
    let desk = start(&folder);
    assert!(!tuwunel.is_open(), "nobody has asked for an account yet");
    let guard: Vec<String> = tuwunel.state().tokens.keys().cloned().collect();
    assert_eq!(guard.len(), 1);
    assert!(!folder.file(".registration_token").exists() && !desk.log().contains(&guard[0]));

    assert_eq!(desk.verdict("alice", "alice@example.org"), "accepted");
    let own = token(&smtp.wait_for_mail("alice@example.org"));
    assert_ne!(own, guard[0], "nobody is given that one");
    assert!(tuwunel.register("alice", &own) && tuwunel.register("alices.robot", &own));
    assert!(!tuwunel.register("third", &own));
    wait_until("she has arrived, although her token is forgotten there", || {
        (folder.json(&["requests", "--json"])[0]["arrived"] == true).then_some(())
    });
    assert_eq!(desk.verdict("alice", "another@example.org"), "username_unavailable");
    assert!(!tuwunel.is_open());
    // The desk away for months, and all tokens of letters long dead.
    drop(desk);
    tuwunel.state().ahead = TimeDelta::days(400);
    assert!(!tuwunel.is_open());
    // Somebody took it away there: it comes back with the next start, the same.
    tuwunel.state().ahead = TimeDelta::zero();
    tuwunel.state().tokens.clear();
    assert!(tuwunel.is_open());
    let _desk = start(&folder);
    assert_eq!(tuwunel.state().tokens.keys().cloned().collect::<Vec<_>>(), guard);
}

#[test]
fn a_shared_token_that_ends_while_the_desk_is_away_opens_nothing() {
    let (tuwunel, smtp) = (Tuwunel::start(), SmtpServer::start());
    let folder = Folder::new(&config(&tuwunel, &smtp, ", grace_minutes: 0"));
    let desk = start(&folder);
    let first = folder.read(".registration_token");
    folder.ok(&["rotate"]);
    let second = folder.read(".registration_token");
    assert!(first != second && tuwunel.state().tokens.contains_key(&second));
    wait_until("the first is withdrawn", || (!tuwunel.state().tokens.contains_key(&first)).then_some(()));
    drop(desk);
    tuwunel.state().ahead = TimeDelta::days(400);
    assert!(!tuwunel.state().tokens.contains_key(&second));
    assert!(!tuwunel.is_open());
}

#[test]
fn a_token_of_its_own_configuration_is_adopted_and_can_be_left_behind() {
    for release in [Release::Of1_8_1, Release::Of1_9_0] {
        leave_its_own_token_behind(release);
    }
}

fn leave_its_own_token_behind(release: Release) {
    let (tuwunel, smtp) = (Tuwunel::start(), SmtpServer::start());
    tuwunel.state().release = release;
    let configured = "the-operators-own-token-of-old";
    tuwunel.state().configured = Some(configured.into());
    let folder = Folder::new(&config(&tuwunel, &smtp, ", grace_minutes: 0"));
    folder.write(".registration_token", configured);
    let desk = start(&folder);
    assert_eq!(folder.read(".registration_token"), configured);
    folder.ok(&["rotate"]);
    let new = folder.read(".registration_token");
    wait_until("the new one is live", || (folder.json(&["token", "--json"])["live"] == true).then_some(()));
    assert!(tuwunel.state().tokens.contains_key(&new));
    assert_eq!(desk.verdict("bob", "bob@example.org"), "accepted");
    assert_eq!(token(&smtp.wait_for_mail("bob@example.org")), new);
    // What the desk cannot take away there keeps nothing else from being taken away, and is no trouble that never ends.
    folder.ok(&["rotate"]);
    wait_until("the one after it is withdrawn", || {
        (!tuwunel.state().tokens.contains_key(&new)).then_some(())
    });
    wait_until("all is well", || (!desk.get("/healthz").body.contains("token_api")).then_some(()));
}

#[test]
fn the_file_that_it_reads_goes_only_when_it_knows_another_token() {
    let (tuwunel, smtp) = (Tuwunel::start(), SmtpServer::start());
    let folder = Folder::new(&config(&tuwunel, &smtp, EACH_ONE));
    // As the desk before this one, with backend file, has left it.
    folder.write(".registration_token", "the-operators-own-token-of-old");
    tuwunel.set_access_token("not-an-administrator");
    let desk = folder.start();
    wait_until("the desk says what is wrong", || {
        desk.log().contains("does not know the access token").then_some(())
    });
    assert!(folder.file(".registration_token").exists(), "else it would be open to all");
    tuwunel.set_access_token("administrator");
    desk.signal("-HUP");
    desk.wait_until_open();
    assert!(!folder.file(".registration_token").exists() && !tuwunel.is_open());
    // It does not start again while its configuration names a file that is not there.
    assert!(desk.log().contains("take registration_token_file out"), "{}", desk.log());
}

#[test]
fn a_token_that_it_will_not_take_back_holds_up_no_other() {
    let (tuwunel, smtp) = (Tuwunel::start(), SmtpServer::start());
    let folder = Folder::new(&config(&tuwunel, &smtp, EACH_ONE));
    let desk = start(&folder);
    let sent: Vec<String> = (0..30)
        .map(|number| {
            let address = format!("n{number}@example.org");
            assert_eq!(desk.verdict(&format!("n{number}"), &address), "accepted");
            token(&smtp.wait_for_mail(&address))
        })
        .collect();
    // More of them than the desk does at once, each in its own way.
    for (number, token) in sent[..24].iter().enumerate() {
        tuwunel.state().refuses.insert(token.clone(), [403, 500, 404][number % 3]);
    }
    assert!(tuwunel.register("n29", &sent[29]));
    wait_until("who uses theirs is seen to arrive", || {
        let requests = folder.json(&["requests", "--json"]);
        requests.as_array().unwrap().iter().any(|one| one["arrived"] == true).then_some(())
    });
    let is_alarm = || desk.get("/healthz").body.contains("token_api");
    wait_until("the operator is told", || is_alarm().then_some(()));
    for number in [0, 1, 2, 3, 28] {
        folder.ok(&["ban", "add", "email", &format!("n{number}@example.org")]);
    }
    wait_until("who is banned loses theirs", || {
        (!tuwunel.state().tokens.contains_key(&sent[28])).then_some(())
    });
    // Its letters go on, and say nothing of the trouble's end.
    assert_eq!(desk.verdict("later", "later@example.org"), "accepted");
    smtp.wait_for_mail("later@example.org");
    assert!(is_alarm());
    tuwunel.state().refuses.clear();
    wait_until("the last are withdrawn", || {
        sent[..4].iter().all(|token| !tuwunel.state().tokens.contains_key(token)).then_some(())
    });
    wait_until("all is well", || (!is_alarm()).then_some(()));
}

#[test]
fn what_another_backend_made_is_told_until_it_has_ended() {
    let (tuwunel, smtp) = (Tuwunel::start(), SmtpServer::start());
    let folder = Folder::new(&config(&tuwunel, &smtp, ""));
    let desk = start(&folder);
    let shared = folder.read(".registration_token");
    let ends_at = tuwunel.state().tokens[&shared].expiry_time.unwrap();
    let until = chrono::DateTime::from_timestamp_millis(ends_at)
        .unwrap()
        .format("until %Y-%m-%d %H:%M UTC")
        .to_string();
    let now_by_file = format!("homeserver: tuwunel.test\nbase_url: {}\n{}", tuwunel.url, smtp.config("none"));
    let made = "1 registration token made with tokens.backend synapse still works at the homeserver";
    let examined = || String::from_utf8(folder.command(&["doctor"]).stdout).unwrap();
    let told = |desk: &Desk, made: &str| {
        wait_until("it is told", || {
            desk.log().lines().any(|line| line.contains(made) && line.contains(&until)).then_some(())
        });
        let found = examined();
        assert!(found.lines().any(|line| line.contains(made) && line.contains(&until)), "{found}");
    };
    let found = examined();
    assert!(found.contains("token API") && !found.contains("old tokens"), "{found}");
    folder.configure(&now_by_file);
    desk.signal("-HUP");
    told(&desk, made);
    assert_eq!(folder.read(".registration_token"), shared);
    // That the file has another one by now takes none away there.
    folder.ok(&["rotate"]);
    assert_ne!(folder.read(".registration_token"), shared);
    drop(desk);
    let desk = folder.start();
    told(&desk, made);
    assert!(!desk.log().contains(&shared));
    drop(desk);
    // With the backend that made it, it goes after its time.
    folder.configure(&config(&tuwunel, &smtp, ""));
    let desk = start(&folder);
    assert!(!desk.log().contains(made), "{}", desk.log());
    assert!(tuwunel.state().tokens.contains_key(&shared));
}

#[test]
fn a_config_that_goes_from_shared_tokens_to_ones_own_and_back_costs_no_letter() {
    let (tuwunel, smtp) = (Tuwunel::start(), SmtpServer::start());
    let folder = Folder::new(&config(&tuwunel, &smtp, ""));
    let desk = start(&folder);
    for round in 0..6 {
        let more = if round % 2 == 0 { EACH_ONE } else { "" };
        folder.configure(&config(&tuwunel, &smtp, more));
        desk.signal("-HUP");
        for number in 0..5 {
            let (name, address) = (format!("r{round}n{number}"), format!("r{round}n{number}@example.org"));
            // While it changes it may be closed for a moment.
            wait_until("it is accepted", || (desk.verdict(&name, &address) == "accepted").then_some(()));
            assert!(tuwunel.register(&name, &token(&smtp.wait_for_mail(&address))), "{name}");
        }
        wait_until("it has changed", || {
            (folder.file(".registration_token").exists() == more.is_empty()).then_some(())
        });
        desk.wait_until_open();
        assert!(!tuwunel.is_open());
    }
}

#[test]
fn a_disk_that_is_full_now_and_then_leaves_no_dead_letter_and_no_token_over() {
    let (tuwunel, smtp, drive) = (Tuwunel::start(), SmtpServer::start(), Disk::new());
    let folder = Folder::new(&format!("{}letters_per_hour: 0\n", config(&tuwunel, &smtp, EACH_ONE)));
    let desk = drive.start(&folder);
    desk.wait_until_open();
    let guard: BTreeSet<String> = tuwunel.state().tokens.keys().cloned().collect();
    let done = AtomicBool::new(false);
    let mut accepted = BTreeSet::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                drive.fails(&["sync", "write"], NO_SPACE, "doorman.db");
                std::thread::park_timeout(Duration::from_millis(100));
                drive.works();
                std::thread::park_timeout(Duration::from_millis(300));
            }
        });
        for number in 0..150 {
            let name = format!("n{number}");
            if desk.verdict(&name, &format!("{name}@example.org")) == "accepted" {
                accepted.insert(name);
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(accepted.len() < 150, "the disk has never failed");
    wait_until("all are sent", || {
        let requests = folder.json(&["requests", "--json"]);
        let sent = requests.as_array()?.iter().filter(|request| request["letter"] == "sent").count();
        (sent >= accepted.len() && folder.json(&["outbox", "--json"]) == serde_json::json!([])).then_some(())
    });
    let mails = smtp.mails();
    let tokens: BTreeSet<String> = mails.iter().map(|mail| token(mail)).collect();
    assert_eq!(tokens.len(), mails.len(), "nobody got two letters");
    assert!(mails.len() >= accepted.len());
    wait_until("none is left over", || {
        let known: BTreeSet<String> = tuwunel.state().tokens.keys().cloned().collect();
        (known.difference(&guard).cloned().collect::<BTreeSet<_>>() == tokens).then_some(())
    });
    wait_until("all is well", || (!desk.get("/healthz").body.contains("\"fault\"")).then_some(()));
}
