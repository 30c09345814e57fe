//! Synapse's API for registration tokens as tuwunel serves it, which is open to all while it knows no token.

use chrono::TimeDelta;

use crate::support::desk::{Desk, Folder};
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
