//! Tokens and names where the Matrix Authentication Service stands before the homeserver.

use crate::support::desk::{Desk, Folder, doorman};
use crate::support::mas::{Mas, SECRET, State};
use crate::support::smtp::{SmtpServer, token};
use crate::support::{Running, wait_until};

const EACH_ONE: &str = ", per_applicant: true";

fn config(mas: &Mas, smtp: &SmtpServer, tokens: &str) -> String {
    format!("{}{}email_cooldown: 0\n", mas.config(tokens), smtp.config("none"))
}

fn start(folder: &Folder) -> Desk {
    let desk = folder.start();
    desk.wait_until_open();
    desk
}

#[test]
fn a_rotation_at_mas_leaves_the_old_token_its_grace_and_closes_nothing() {
    let (mas, smtp) = (Mas::start(), SmtpServer::start());
    let folder = Folder::new(&config(&mas, &smtp, ""));
    let desk = start(&folder);
    let old = folder.read(".registration_token");
    let told = folder.json(&["token", "--json"]);
    assert_eq!((&told["backend"], &told["live"]), (&"mas".into(), &true.into()));
    let next_reset: chrono::DateTime<chrono::Utc> = told["next_reset"].as_str().unwrap().parse().unwrap();
    let made = mas.knows(&old).unwrap();
    assert_eq!((made.usage_limit, made.expires_at), (None, Some(next_reset + chrono::TimeDelta::hours(1))));
    folder.ok(&["rotate"]);
    let new = folder.read(".registration_token");
    assert_ne!(old, new);
    wait_until("the new token is live", || (folder.json(&["token", "--json"])["live"] == true).then_some(()));
    assert_eq!(desk.verdict("shared", "shared@example.org"), "accepted");
    assert_eq!(token(&smtp.wait_for_mail("shared@example.org")), new);
    assert_eq!(mas.valid(), [old, new.clone()], "its grace has just begun");
    assert_eq!(desk.get_json("/api/status")["closes_at"], serde_json::Value::Null);

    drop(desk);
    folder.configure(&config(&mas, &smtp, ", grace_minutes: 0"));
    let _desk = start(&folder);
    folder.ok(&["rotate"]);
    let newest = folder.read(".registration_token");
    wait_until("the one before it is revoked", || mas.knows(&new).unwrap().revoked_at.map(drop));
    assert!(mas.valid().contains(&newest));
}

#[test]
fn each_applicant_has_a_token_at_mas_and_the_operator_sees_who_has_arrived() {
    let (mas, smtp) = (Mas::start(), SmtpServer::start());
    let folder = Folder::new(&config(&mas, &smtp, EACH_ONE));
    let desk = start(&folder);
    assert!(!folder.file(".registration_token").exists(), "nobody shares one");
    let sent = |name: &str| {
        let address = format!("{name}@example.org");
        assert_eq!(desk.verdict(name, &address), "accepted");
        token(&smtp.wait_for_mail(&address))
    };
    let (one, other) = (sent("one"), sent("other"));
    assert!(mas.register("one", &one) && mas.register("one.more", &one));
    assert!(!mas.register("one.too.many", &one), "it could be used twice");
    wait_until("who has arrived is seen", || {
        let requests = folder.json(&["requests", "--json"]);
        let arrived = |name: &str| {
            requests.as_array().unwrap().iter().find(|request| request["username"] == name).unwrap()["arrived"]
                == true
        };
        (arrived("one") && !arrived("other")).then_some(())
    });
    let told = folder.ok(&["requests"]);
    assert!(told.contains("email sent, arrived") && told.contains("email sent, not arrived yet"), "{told}");
    let told = folder.ok(&["token"]);
    assert!(told.contains("outstanding 1\n") && told.contains("2 made, 1 of them used"), "{told}");
    folder.ok(&["ban", "add", "email", "other@example.org"]);
    wait_until("a ban takes it back", || mas.knows(&other).unwrap().revoked_at.map(drop));
    let ends_at = mas.knows(&other).unwrap().expires_at;
    folder.ok(&["undo"]);
    wait_until("and gives it back", || mas.knows(&other).unwrap().is_valid().then_some(()));
    assert_eq!(mas.knows(&other).unwrap().expires_at, ends_at);
    folder.ok(&["ban", "add", "email", "other@example.org"]);
    wait_until("a ban takes it back again", || mas.knows(&other).unwrap().revoked_at.map(drop));
    assert!(!desk.log().contains(&other) && !desk.log().contains("mat_"), "{}", desk.log());
}

#[test]
fn letter_and_page_lead_to_the_page_of_mas() {
    let (mas, smtp) = (Mas::start(), SmtpServer::start());
    let folder = Folder::new(&config(&mas, &smtp, EACH_ONE));
    let desk = start(&folder);
    let page = wait_until("the desk has seen MAS", || {
        Some(desk.get("/").body).filter(|page| page.contains(&format!("{}/mas/register\"", mas.url)))
    });
    assert!(!page.contains("FluffyChat do not"), "{page}");
    assert_eq!(desk.verdict("a+b", "a@example.org"), "accepted");
    let letter = smtp.wait_for_mail("a@example.org");
    let link = format!("{}/mas/register/password?username=a%2Bb", mas.url);
    assert!(letter.contains(&link) && !letter.contains("FluffyChat do not"), "{letter}");
}

#[test]
fn names_are_asked_of_mas_since_synapse_does_not_say() {
    let (mas, smtp) = (Mas::start(), SmtpServer::start());
    mas.state().users.insert("taken+one".into());
    let folder = Folder::new(&config(&mas, &smtp, EACH_ONE));
    let desk = start(&folder);
    assert_eq!(desk.verdict("taken+one", "taken@example.org"), "username_unavailable");
    assert_eq!(desk.verdict("free+one", "free@example.org"), "accepted");
}

#[test]
fn a_wrong_client_secret_closes_the_desk_and_says_what_to_do() {
    let (mas, smtp) = (Mas::start(), SmtpServer::start());
    mas.set_secret("not/the+one");
    let folder = Folder::new(&config(&mas, &smtp, EACH_ONE));
    let desk = folder.start();
    wait_until("the desk says what is wrong", || desk.log().contains("client_secret_file").then_some(()));
    assert!(desk.log().contains("status 401 invalid_client"), "{}", desk.log());
    assert_eq!(desk.verdict("early", "early@example.org"), "closed");
    assert!(!desk.log().contains("not/the+one"), "{}", desk.log());
    mas.set_secret(SECRET);
    desk.signal("-HUP");
    desk.wait_until_open();
    assert_eq!(desk.verdict("late", "late@example.org"), "accepted");
    assert!(mas.register("late", &token(&smtp.wait_for_mail("late@example.org"))));
}

#[test]
fn a_client_secret_reaches_mas_whichever_way_it_is_to_be_told() {
    type Way = fn(&mut State);
    let ways: [Way; 3] = [|_| {}, |mas| mas.decodes_basic = true, |mas| mas.by_post = true];
    for way in ways {
        let (mas, smtp) = (Mas::start(), SmtpServer::start());
        way(&mut mas.state());
        let folder = Folder::new(&config(&mas, &smtp, EACH_ONE));
        let desk = start(&folder);
        assert!(!desk.log().contains("401"), "{}", desk.log());
    }
}

#[test]
fn a_client_that_is_no_administrator_is_told_what_to_write_where() {
    let (mas, smtp) = (Mas::start(), SmtpServer::start());
    mas.state().admin_client = false;
    let folder = Folder::new(&config(&mas, &smtp, EACH_ONE));
    let desk = folder.start();
    let words =
        "(status 403 invalid_scope): add it to MAS's configuration, policy: {data: {admin_clients: [01HZ";
    wait_until("the desk says what is wrong", || desk.log().contains(words).then_some(()));
    assert!(!desk.log().contains("invalid_client"), "{}", desk.log());
    mas.state().admin_client = true;
    desk.wait_until_open();
}

#[test]
fn a_mas_that_asks_for_no_token_or_lets_nobody_register_closes_the_desk_until_it_does() {
    type Setting = fn(&mut State, bool);
    let settings: [(Setting, &str); 2] = [
        (|mas, is| mas.token_required = is, "password_registration_token_required: false"),
        (|mas, is| mas.registration_enabled = is, "password_registration_enabled: false"),
    ];
    for (tokens, (set, words)) in
        [("", settings[0]), ("", settings[1]), (EACH_ONE, settings[0]), (EACH_ONE, settings[1])]
    {
        let (mas, smtp) = (Mas::start(), SmtpServer::start());
        set(&mut mas.state(), false);
        let folder = Folder::new(&config(&mas, &smtp, tokens));
        let desk = folder.start();
        wait_until("the desk says why", || desk.log().contains(words).then_some(()));
        let is_alarm = |word: &str| desk.get("/healthz").body.contains(word);
        wait_until("it is an alarm", || is_alarm("token_not_live").then_some(()));
        assert_eq!(desk.verdict("early", "early@example.org"), "closed");
        set(&mut mas.state(), true);
        desk.wait_until_open();
        wait_until("all is well", || {
            (!is_alarm("token_not_live") && !is_alarm("registration_open")).then_some(())
        });
        assert_eq!(desk.verdict("late", "late@example.org"), "accepted");
        assert!(mas.register("late", &token(&smtp.wait_for_mail("late@example.org"))));
        if tokens.is_empty() {
            // Seen at each rotation, and every ten minutes.
            set(&mut mas.state(), false);
            folder.ok(&["rotate"]);
            wait_until("it is closed", || (desk.get_json("/api/status")["open"] == false).then_some(()));
        }
    }
}

#[test]
fn an_access_token_that_has_ended_is_replaced() {
    let (mas, smtp) = (Mas::start(), SmtpServer::start());
    let folder = Folder::new(&config(&mas, &smtp, EACH_ONE));
    let desk = start(&folder);
    assert_eq!(mas.state().logins, 1, "one is used again");
    mas.state().end_sessions();
    assert_eq!(desk.verdict("revoked", "revoked@example.org"), "accepted");
    assert!(mas.state().logins > 1);
    // One that ends at once is asked for each time.
    mas.state().access_for = std::time::Duration::from_secs(1);
    mas.state().end_sessions();
    assert_eq!(desk.verdict("short", "short@example.org"), "accepted");
    assert!(mas.register("short", &token(&smtp.wait_for_mail("short@example.org"))));
}

#[test]
fn while_mas_is_away_the_desk_asks_nobody_else_and_opens_when_it_is_back() {
    let (mas, smtp) = (Mas::start(), SmtpServer::start());
    mas.state().is_away = true;
    let folder = Folder::new(&config(&mas, &smtp, EACH_ONE));
    let desk = folder.start();
    wait_until("it is told", || desk.log().contains("502").then_some(()));
    mas.state().is_away = false;
    desk.wait_until_open();
    mas.state().is_away = true;
    assert_eq!(desk.verdict("meanwhile", "meanwhile@example.org"), "homeserver_unreachable");
    assert_eq!(desk.get_json("/api/status")["open"], true);
    mas.state().is_away = false;
    assert_eq!(desk.verdict("meanwhile", "meanwhile@example.org"), "accepted");
    smtp.wait_for_mail("meanwhile@example.org");

    // The trouble lasts as long as somebody waits for a token.
    folder.configure(&format!("{}when_homeserver_unreachable: accept\n", config(&mas, &smtp, EACH_ONE)));
    desk.signal("-HUP");
    wait_until("it is read again", || desk.log().contains("config.yaml is read again").then_some(()));
    mas.state().is_away = true;
    assert_eq!(desk.verdict("waits", "waits@example.org"), "accepted");
    let is_alarm = || desk.get("/healthz").body.contains("\"token_api\"");
    wait_until("the operator is told", || is_alarm().then_some(()));
    let owed = folder.json(&["outbox", "--json"])[0]["id"].to_string();
    folder.ok(&["outbox", "drop", &owed]);
    mas.state().is_away = false;
    wait_until("all is well", || (!is_alarm()).then_some(()));
}

#[test]
fn killed_between_the_making_and_the_noting_the_same_token_goes_out_and_none_is_left() {
    let (mas, smtp) = (Mas::start(), SmtpServer::start());
    // More than one page before it.
    for number in 0..250 {
        mas.state().add_another(&format!("somebody-elses-{number}"));
    }
    let before = mas.valid().len();
    let folder = Folder::new(&config(&mas, &smtp, EACH_ONE));
    let desk = start(&folder);
    mas.state().swallows_answers = true;
    assert_eq!(desk.verdict("killed", "killed@example.org"), "accepted");
    wait_until("it is made", || (mas.valid().len() > before).then_some(()));
    desk.kill();
    let made = mas.valid()[before..].to_vec();
    assert_eq!(made.len(), 1);
    mas.state().swallows_answers = false;
    let desk = start(&folder);
    assert_eq!(token(&smtp.wait_for_mail("killed@example.org")), made[0]);
    assert_eq!(mas.valid().len(), before + 1, "none is left over");
    // The same with one for all.
    drop(desk);
    let shared = Folder::new(&config(&mas, &smtp, ""));
    mas.state().swallows_answers = true;
    let desk = shared.start();
    wait_until("it is made", || (mas.valid().len() > before + 1).then_some(()));
    desk.kill();
    mas.state().swallows_answers = false;
    let _desk = start(&shared);
    assert_eq!(mas.valid()[before + 1..], [shared.read(".registration_token")]);
    // And the same by the operator's hand, beside the running desk: nobody waits for that one.
    mas.state().swallows_answers = true;
    let before = mas.valid().len();
    let mut by_hand = Running(doorman().current_dir(shared.path()).arg("rotate").spawn().unwrap());
    wait_until("it is made", || (mas.valid().len() > before).then_some(()));
    by_hand.0.kill().unwrap();
    mas.state().swallows_answers = false;
    wait_until("it is revoked", || (mas.valid().len() == before).then_some(()));
    assert!(mas.valid().contains(&shared.read(".registration_token")));
}
