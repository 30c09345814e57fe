//! Tokens that are asked for in an admin room, which is one of a real Synapse.

use crate::support::admin_room_bot::{AdminRoom, CONTINUWUITY, Manner, TUWUNEL};
use crate::support::desk::{Desk, Folder};
use crate::support::smtp::SmtpServer;
use crate::support::synapse::synapse;
use crate::support::wait_until;

const FALSE: &str = "New registration token issued: `false-false-fals` . Never expires.";

fn config(room: &AdminRoom, smtp: &SmtpServer, tokens: &str) -> String {
    format!("{}{}email_cooldown: 0\n", room.config(tokens), smtp.config("none"))
}

fn start(folder: &Folder) -> Desk {
    let desk = folder.start();
    desk.wait_until_open();
    desk
}

fn live(folder: &Folder) {
    wait_until("the token is live", || (folder.json(&["token", "--json"])["live"] == true).then_some(()));
}

/// The one of these tokens that stands alone on a line of the mail.
fn token(mail: &str, issued: &[String]) -> String {
    let found = mail.lines().map(str::trim).find(|line| issued.iter().any(|token| token == line));
    found.unwrap_or_else(|| panic!("no token in {mail}")).to_owned()
}

#[test]
fn a_shared_token_is_made_in_the_room_and_the_old_one_revoked_after_its_grace() {
    let smtp = SmtpServer::start();
    for (release, names) in [(CONTINUWUITY, ["cy.old", "cy.new"]), (TUWUNEL, ["tw.old", "tw.new"])] {
        let room = AdminRoom::start(release);
        let folder = Folder::new(&config(&room, &smtp, ""));
        let desk = start(&folder);
        let old = folder.read(".registration_token");
        assert_eq!(room.issued(), std::slice::from_ref(&old));
        assert_eq!(folder.json(&["token", "--json"])["backend"], "admin_room");
        folder.ok(&["rotate"]);
        live(&folder);
        let new = folder.read(".registration_token");
        assert_eq!(room.issued(), [old.clone(), new.clone()]);
        assert_eq!(desk.get_json("/api/status")["open"], true, "nothing closes for it");
        assert!(synapse().register(names[0], &old).is_ok() && synapse().register(names[1], &new).is_ok());
        assert!(synapse().knows(&old).is_some(), "its grace has just begun");

        // Without any grace it ends at once.
        drop(desk);
        folder.configure(&config(&room, &smtp, ", grace_minutes: 0"));
        let desk = start(&folder);
        folder.ok(&["rotate"]);
        wait_until("the token before it is revoked", || synapse().knows(&new).is_none().then_some(()));
        assert!(synapse().knows(&folder.read(".registration_token")).is_some());
        assert!(!desk.log().contains(&room.access_token()), "{}", desk.log());
        assert_eq!(room.commands("list"), 0, "nobody wants to know how often a shared one was used");
        let guards = usize::from(release == TUWUNEL);
        assert_eq!(room.guards().len(), guards, "tuwunel must never be without any");
        assert!(
            room.guards().iter().all(|guard| synapse().knows(guard).is_some() && !desk.log().contains(guard))
        );
    }
}

#[test]
fn each_applicant_gets_a_token_of_their_own_and_is_seen_to_arrive() {
    let smtp = SmtpServer::start();
    for (release, kind) in [(CONTINUWUITY, "cy"), (TUWUNEL, "tw")] {
        let room = AdminRoom::start(release);
        let folder = Folder::new(&config(&room, &smtp, ", per_applicant: true"));
        let desk = start(&folder);
        let names: Vec<String> = (0..4).map(|number| format!("{kind}.own.{number}")).collect();
        let mut tokens = Vec::new();
        for name in &names {
            let address = format!("{name}@example.org");
            assert_eq!(desk.verdict(name, &address), "accepted");
            let token = token(&smtp.wait_for_mail(&address), &room.issued());
            assert_eq!(synapse().register(name, &token).unwrap(), format!("@{name}:synapse.test"));
            tokens.push(token);
        }
        assert_eq!(room.issued(), tokens, "one each, and no more");
        assert!(synapse().register(&format!("{kind}.second"), &tokens[0]).is_ok());
        assert!(synapse().register(&format!("{kind}.third"), &tokens[0]).is_err(), "it can be used twice");

        // The list is asked for at once when a desk starts, and then rarely.
        drop(desk);
        let desk = start(&folder);
        wait_until("the operator sees who has arrived", || {
            let requests = folder.json(&["requests", "--json"]);
            let requests = requests.as_array().unwrap();
            let arrived = |name: &String| {
                requests.iter().any(|one| one["username"] == name.as_str() && one["arrived"] == true)
            };
            names[1..].iter().all(arrived).then_some(())
        });
        assert!(room.commands("list") <= 2, "{}", room.commands("list"));

        folder.ok(&["ban", "add", "email", &format!("{}@example.org", names[1])]);
        wait_until("a ban takes the token back", || synapse().knows(&tokens[1]).is_none().then_some(()));
        assert!(synapse().knows(&tokens[2]).is_some());
        for token in &tokens {
            assert!(!desk.log().contains(token), "no token stands in the log");
        }
    }
}

#[test]
fn what_others_say_in_the_room_is_not_taken_for_a_token() {
    let smtp = SmtpServer::start();
    let room = AdminRoom::start(CONTINUWUITY);
    room.behave(Manner::Silent);
    room.talk(FALSE);
    let folder = Folder::new(&config(&room, &smtp, ""));
    let desk = folder.start();
    wait_until("the desk asks for a token", || (room.commands("issue") == 1).then_some(()));
    // Before the reply comes, and more of it than is read at once.
    for _ in 0..15 {
        room.talk(FALSE);
    }
    assert_eq!(desk.get_json("/api/status")["open"], false);
    room.behave(Manner::Prompt);
    room.talk(FALSE);
    desk.wait_until_open();
    assert_eq!(vec![folder.read(".registration_token")], room.issued());
}

#[test]
fn a_reply_counts_however_it_comes() {
    let smtp = SmtpServer::start();
    for manner in [Manner::Chatty, Manner::Edits] {
        let room = AdminRoom::start(TUWUNEL);
        room.behave(manner);
        let folder = Folder::new(&config(&room, &smtp, ""));
        let _desk = start(&folder);
        assert_eq!(vec![folder.read(".registration_token")], room.issued(), "{manner:?}");
    }
}

#[test]
fn a_bot_that_is_silent_or_fails_keeps_the_desk_closed_and_says_why() {
    let smtp = SmtpServer::start();
    let room = AdminRoom::start(CONTINUWUITY);
    room.behave(Manner::Silent);
    let folder = Folder::new(&config(&room, &smtp, ""));
    let desk = folder.start();
    wait_until("the desk says that nobody replies", || {
        desk.log().contains("nobody replies in the admin room").then_some(())
    });
    assert_eq!(desk.get_json("/api/status")["open"], false);
    room.behave(Manner::Prompt);
    desk.wait_until_open();
    assert_eq!((vec![folder.read(".registration_token")], room.commands("issue")), (room.issued(), 1));

    room.behave(Manner::Fails);
    let failed = folder.command(&["rotate"]);
    let told = String::from_utf8(failed.stderr).unwrap();
    assert!(!failed.status.success() && told.contains("the database is shut"), "{told}");
    assert_eq!(vec![folder.read(".registration_token")], room.issued(), "the old one stays");
    assert_eq!(desk.get_json("/api/status")["open"], true);
}

#[test]
fn a_desk_that_is_put_out_of_the_room_says_so_and_enters_again_when_it_is_asked_in() {
    let room = AdminRoom::start(CONTINUWUITY);
    let folder = Folder::new(&room.config(""));
    let desk = start(&folder);
    room.put_out();
    let failed = folder.command(&["rotate"]);
    let told = String::from_utf8(failed.stderr).unwrap();
    assert!(!failed.status.success() && told.contains("/invite"), "{told}");
    let examined = || String::from_utf8(folder.command(&["doctor"]).stdout).unwrap();
    let told = examined();
    assert!(told.contains("/invite"), "{told}");
    assert!(
        !told.contains("can be guessed"),
        "it is the homeserver's own making, and no other can be had: {told}"
    );
    room.invite();
    assert!(
        examined().contains("backend admin_room: the homeserver lets the desk make tokens"),
        "{}",
        examined()
    );
    folder.ok(&["rotate"]);
    assert_eq!(room.issued().len(), 2);
    assert!(!desk.log().contains(&room.access_token()));
}

#[test]
fn a_desk_that_is_killed_while_it_asks_takes_the_token_that_was_made() {
    let smtp = SmtpServer::start();
    let room = AdminRoom::start(CONTINUWUITY);
    room.behave(Manner::Silent);
    let folder = Folder::new(&config(&room, &smtp, ""));
    let desk = folder.start();
    wait_until("the token is made", || (room.issued().len() == 1).then_some(()));
    desk.kill();
    room.behave(Manner::Prompt);
    let _desk = start(&folder);
    assert_eq!(vec![folder.read(".registration_token")], room.issued());
    assert_eq!(room.commands("issue"), 1);
}

#[test]
fn a_kill_at_any_question_leaves_no_second_token() {
    let smtp = SmtpServer::start();
    let room = AdminRoom::start(TUWUNEL);
    let mut made_unheard = 0;
    for half in [false, true] {
        // As far as the desk has questions before it opens.
        for questions in 0.. {
            let folder = Folder::new(&config(&room, &smtp, ""));
            let (before, guards) = (room.issued().len(), room.guards().len());
            room.door.shut_after(questions, half);
            let desk = folder.start();
            let is_open = wait_until("it stands before the door, or has no more questions", || {
                let waits = room.door.waiting.load(std::sync::atomic::Ordering::SeqCst);
                (waits || desk.get_json("/api/status")["open"] == true).then_some(!waits)
            });
            if is_open {
                room.door.open();
                break;
            }
            desk.kill();
            room.door.open();
            if room.issued().len() > before && folder.read(".registration_token").is_empty() {
                made_unheard += 1;
            }
            let _desk = start(&folder);
            let issued = room.issued();
            assert_eq!(room.guards().len(), guards + 1, "{questions}, {half}");
            assert_eq!(issued[before..], [folder.read(".registration_token")], "{questions}, {half}");
        }
    }
    assert!(made_unheard > 0, "none of these kills came between the command and its reply");
}

#[test]
fn a_letter_waits_for_a_late_reply_and_carries_the_token_of_its_first_command() {
    let smtp = SmtpServer::start();
    let room = AdminRoom::start(TUWUNEL);
    let folder = Folder::new(&config(&room, &smtp, ", per_applicant: true"));
    let desk = start(&folder);
    room.behave(Manner::Silent);
    assert_eq!(desk.verdict("late.one", "late.one@example.org"), "accepted");
    wait_until("the desk says that nobody replies", || {
        desk.log().contains("nobody replies in the admin room").then_some(())
    });
    assert!(smtp.mails().is_empty());
    room.behave(Manner::Prompt);
    let token = token(&smtp.wait_for_mail("late.one@example.org"), &room.issued());
    assert_eq!((vec![token], room.commands("issue")), (room.issued(), room.guards().len() + 1));
}

#[test]
fn a_kill_while_a_letter_gets_its_token_leaves_no_second_one() {
    let smtp = SmtpServer::start();
    let room = AdminRoom::start(CONTINUWUITY);
    let folder = Folder::new(&config(&room, &smtp, ", per_applicant: true"));
    let desk = start(&folder);
    room.behave(Manner::Silent);
    assert_eq!(desk.verdict("killed.one", "killed.one@example.org"), "accepted");
    wait_until("the token is made", || (room.issued().len() == 1).then_some(()));
    desk.kill();
    // Nobody is to have a token that was made for nobody: the request is forgotten before its letter went out.
    folder.ok(&["forget", "killed.one@example.org"]);
    room.behave(Manner::Prompt);
    let _desk = start(&folder);
    wait_until("the token is revoked", || synapse().knows(&room.issued()[0]).is_none().then_some(()));
    assert_eq!(room.commands("issue"), 1);
    assert!(smtp.mails().is_empty());
}
