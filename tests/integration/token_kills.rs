//! Tokens that a real Synapse makes, and a desk that is killed meanwhile. `tests/failure` kills ten times as often.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::desk::{Folder, doorman, form};
use crate::support::http::try_exchange;
use crate::support::load::share;
use crate::support::smtp::{SmtpServer, header, token};
use crate::support::synapse::{NO_LIMITS, OwnSynapse};
use crate::support::wait_until;

fn random(below: u64) -> u64 {
    RandomState::new().hash_one(Instant::now()) % below
}

fn config(synapse: &OwnSynapse, smtp: &SmtpServer, tokens: &str, more: &str) -> String {
    format!(
        "{}{}email_cooldown: 0\nletters_per_hour: 0\nletters_per_address_per_day: 0\n{more}",
        synapse.config_by_api(tokens),
        smtp.config("none")
    )
}

/// Runs a command, which is killed with the desk.
fn run(folder: &Folder, args: &[&str], done: &AtomicBool) {
    let mut child = doorman()
        .current_dir(folder.path())
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while child.try_wait().unwrap().is_none() {
        if done.load(Ordering::Relaxed) {
            let _ = child.kill();
        }
        std::thread::park_timeout(Duration::from_millis(1));
    }
}

/// The entries of a listing. None: it could not be listed just now.
fn listed(folder: &Folder, args: &[&str]) -> Vec<Value> {
    let output = folder.command(args);
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

fn ask(address: &str, round: usize, done: &AtomicBool) {
    for number in 0.. {
        if done.load(Ordering::Relaxed) {
            return;
        }
        let name = format!("r{round}n{number}");
        let _ = try_exchange(address, form(&name, &format!("{name}@example.org"), "").as_bytes());
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// Approves, refuses, bans, drops.
fn operate(folder: &Folder, done: &AtomicBool) {
    while !done.load(Ordering::Relaxed) {
        for held in listed(folder, &["requests", "--held", "--json"]).iter().take(3) {
            let id = held["id"].to_string();
            run(folder, &[if random(4) == 0 { "refuse" } else { "approve" }, &id], done);
        }
        if let Some(owed) = listed(folder, &["outbox", "--json"]).first() {
            run(folder, &["outbox", "drop", &owed["id"].to_string()], done);
        }
        let accepted = listed(folder, &["requests", "--json", "--limit", "9"]);
        if let Some(banned) = accepted.get(usize::try_from(random(9)).unwrap()) {
            run(folder, &["ban", "add", "email", banned["email"].as_str().unwrap()], done);
        }
        if random(3) == 0 {
            run(folder, &["undo"], done);
        }
    }
}

/// To each recipient's name the letters that came, each Message-ID with its token.
fn letters(smtp: &SmtpServer) -> BTreeMap<String, BTreeSet<(String, String)>> {
    let mut letters: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for mail in smtp.mails() {
        let to = header(&mail, "X-Envelope-To");
        // A refusal brings none.
        if mail.contains("registration token") {
            let name = to.split('@').next().unwrap().to_owned();
            letters.entry(name).or_default().insert((header(&mail, "Message-ID"), token(&mail)));
        }
    }
    letters
}

#[test]
fn killed_at_any_moment_no_letter_brings_a_dead_token_and_no_token_is_left_over() {
    let (synapse, smtp) = (OwnSynapse::start(NO_LIMITS), SmtpServer::start());
    let folder = Folder::new("");
    let rounds = share(50);
    for round in 0..rounds {
        let approval = if round % 2 == 0 { "approval: automatic\n" } else { "approval: manual\n" };
        folder.configure(&config(&synapse, &smtp, ", per_applicant: true", approval));
        let desk = folder.start();
        let address = desk.address.clone();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| ask(&address, round, &done));
            scope.spawn(|| operate(&folder, &done));
            std::thread::park_timeout(Duration::from_millis(100 + random(900)));
            desk.kill();
            done.store(true, Ordering::Relaxed);
        });
    }
    let desk = folder.start();
    desk.wait_until_open();
    for held in listed(&folder, &["requests", "--held", "--json"]) {
        // One that was banned meanwhile is not.
        folder.command(&["approve", &held["id"].to_string()]);
    }
    folder.ok(&["outbox", "retry"]);
    let owed =
        || listed(&folder, &["outbox", "--json"]).iter().filter(|letter| letter["state"] == "owed").count();
    let mut left = usize::MAX;
    while left > 0 {
        left = wait_until("more letters are out", || Some(owed()).filter(|now| *now < left));
    }
    let banned: BTreeSet<String> = folder.read("banned_emails.txt").lines().map(ToOwned::to_owned).collect();
    let requests = listed(&folder, &["requests", "--json"]);
    let text = |request: &Value, key: &str| request[key].as_str().unwrap_or_default().to_owned();
    let entitled: BTreeSet<String> = requests
        .iter()
        .filter(|request| text(request, "verdict") == "accepted" && text(request, "letter") == "sent")
        .filter(|request| !banned.contains(&text(request, "email")))
        .map(|request| text(request, "username"))
        .collect();
    let letters = letters(&smtp);
    let due: BTreeSet<String> = letters
        .iter()
        .filter(|(name, _)| entitled.contains(*name))
        .flat_map(|(_, came)| came.iter().map(|(_, token)| token.clone()))
        .collect();
    wait_until("nothing is to be withdrawn", || synapse.all_tokens().is_subset(&due).then_some(()));
    println!(
        "killed {rounds} times: {} requests, {} letters to {} names, {} banned, {} tokens left",
        requests.len(),
        smtp.mails().len(),
        letters.len(),
        banned.len(),
        synapse.all_tokens().len()
    );
    assert!(!entitled.is_empty() && !banned.is_empty());
    let alive = synapse.all_tokens();
    for name in &entitled {
        let came = letters.get(name).unwrap_or_else(|| panic!("{name} has no letter"));
        assert_eq!(came.len(), 1, "{name} has two different letters: {came:?}");
        assert!(came.iter().all(|(_, token)| alive.contains(token)), "{name} has a dead token");
    }
    let some = entitled.iter().next().unwrap();
    let (_, token) = letters[some].first().unwrap();
    assert!(synapse.register(some, token).is_ok());
    assert!(!desk.log().contains(token));
}

#[test]
fn killed_in_a_rotation_file_store_and_homeserver_agree_afterwards() {
    let (synapse, smtp) = (OwnSynapse::start(NO_LIMITS), SmtpServer::start());
    let folder = Folder::new(&config(&synapse, &smtp, ", grace_minutes: 0", ""));
    for _ in 0..share(50) {
        let desk = folder.start();
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    run(&folder, &["rotate"], &done);
                }
            });
            std::thread::park_timeout(Duration::from_millis(50 + random(500)));
            // Now and then the command alone.
            if random(3) > 0 {
                desk.kill();
            } else {
                drop(desk);
            }
            done.store(true, Ordering::Relaxed);
        });
        let token = folder.read(".registration_token");
        assert!(token.is_empty() || token.len() == 32, "{token:?}");
    }
    let desk = folder.start();
    desk.wait_until_open();
    let token = folder.read(".registration_token");
    assert_eq!(folder.json(&["token", "--json", "--reveal"])["token"], token);
    wait_until("it is the only one there", || (synapse.all_tokens() == [token.clone()].into()).then_some(()));
    assert!(synapse.register("agreed", &token).is_ok());
    assert_eq!(desk.verdict("agreed.too", "agreed@example.org"), "accepted");
}
