//! What the homeserver says, and what it does instead.

use std::sync::{Arc, Barrier};

use crate::support::desk::open_desk;
use crate::support::homeserver::Act;
use crate::support::wait_until;

fn error(code: &str) -> String {
    format!(r#"{{"errcode": "{code}", "error": "no"}}"#)
}

#[test]
fn its_answers_are_told_apart() {
    let (homeserver, _folder, desk) = open_desk("");
    for (name, status, code, reason) in [
        ("taken", 400, "M_USER_IN_USE", "username_unavailable"),
        ("reserved", 400, "M_EXCLUSIVE", "username_unavailable"),
        ("invalid", 400, "M_INVALID_USERNAME", "username_unavailable"),
        ("closed", 403, "M_FORBIDDEN", "homeserver_unreachable"),
        ("broken", 500, "M_UNKNOWN", "homeserver_unreachable"),
        ("gateway", 502, "M_UNKNOWN", "homeserver_unreachable"),
        ("nowhere", 404, "M_UNRECOGNIZED", "accepted"),
    ] {
        homeserver.on(&format!("username={name}"), Act::Answer(status, error(code)));
        assert_eq!(desk.verdict(name, &format!("{name}@example.org")), reason, "{name}");
    }
    assert_eq!(desk.verdict("a+b/c", "plus@example.org"), "accepted");
    let asked = homeserver.asked();
    assert!(asked.iter().any(|path| path.contains("a%2Bb")), "{asked:?}");
}

#[test]
fn rubbish_floods_redirects_and_drips_are_no_answer_and_no_hang() {
    let (homeserver, folder, desk) = open_desk("");
    homeserver.on("username=rubbish", Act::Answer(200, "<html>hello".into()));
    homeserver.on("username=lies", Act::Answer(200, r#"{"available": "perhaps"}"#.into()));
    homeserver.on("username=flood", Act::Flood);
    homeserver.on("username=drip", Act::Drip);
    homeserver.on("username=hang", Act::Hang);
    let elsewhere = "Location: http://127.0.0.1:9/\r\n".to_owned();
    homeserver.on("username=redirect", Act::AnswerWith(302, elsewhere, String::new()));
    std::thread::scope(|scope| {
        let desk = &desk;
        for name in ["rubbish", "lies", "flood", "drip", "hang", "redirect"] {
            scope.spawn(move || {
                let answer = desk.ask(name, &format!("{name}@example.org"));
                assert_eq!(
                    (answer.status, answer.json()["reason"].as_str()),
                    (503, Some("homeserver_unreachable")),
                    "{name}"
                );
                assert!(answer.header("retry-after").is_some(), "{name}");
            });
        }
        // Whoever waits for the homeserver keeps nobody else waiting.
        assert_eq!(desk.get("/").status, 200);
    });
    assert_eq!(folder.read("registrations.json").trim(), "[]");
    assert_eq!(desk.verdict("fine", "fine@example.org"), "accepted");
}

#[test]
fn asked_too_often_for_longer_than_there_is_time_it_is_told_once() {
    let (homeserver, _folder, desk) = open_desk("");
    for number in 0..5 {
        let wait = format!("Retry-After: {}\r\n", 100 - number);
        homeserver.on("/available", Act::AnswerWith(429, wait, r#"{"errcode": "M_LIMIT_EXCEEDED"}"#.into()));
        let name = format!("name{number}");
        assert_eq!(desk.verdict(&name, &format!("{name}@example.org")), "homeserver_unreachable");
    }
    assert_eq!(desk.log().matches("gets too many requests").count(), 1, "{}", desk.log());
}

#[test]
fn what_comes_in_force_while_it_is_asked_counts() {
    let (homeserver, folder, desk) = open_desk("approval: automatic\n");
    let while_asked = |name: &str, change: &dyn Fn()| {
        let barrier = Arc::new(Barrier::new(2));
        homeserver.on(&format!("username={name}"), Act::Free(Arc::clone(&barrier)));
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| desk.verdict(name, &format!("{name}@example.org")));
            let asked = || homeserver.asked().iter().any(|path| path.contains(&format!("username={name}")));
            wait_until("it is asked", || asked().then_some(()));
            change();
            barrier.wait();
            asking.join().unwrap()
        })
    };
    let banned = |file: &str, entry: &str| {
        folder.write(file, entry);
        let in_force = format!("{file} is in force");
        let before = desk.log().matches(&in_force).count();
        wait_until("it is in force", || (desk.log().matches(&in_force).count() > before).then_some(()));
    };
    let wanted = |file: &'static str, entry: &'static str| move || banned(file, entry);
    assert_eq!(while_asked("email", &wanted("banned_emails.txt", "email@*\n")), "email_banned");
    assert_eq!(while_asked("name", &wanted("banned_usernames.txt", "^name$\n")), "username_unavailable");
    assert_eq!(while_asked("ip", &wanted("banned_ips.txt", "127.0.0.0/8\n")), "ip_banned");
    folder.write("banned_ips.txt", "");
    wait_until("nobody is banned", || (desk.verdict("any", "any@example.org") == "accepted").then_some(()));
    let reload = || {
        let config = folder.read("config.yaml").replace("automatic", "manual");
        folder.write("config.yaml", &config);
        desk.signal("-HUP");
        wait_until("it is read again", || desk.log().contains("config.yaml is read again").then_some(()));
    };
    assert_eq!(while_asked("reload", &reload), "held");
    assert_eq!(while_asked("closed", &|| drop(folder.ok(&["pause"]))), "closed");
    assert_eq!(folder.json(&["requests", "--json", "--accepted"]).as_array().unwrap().len(), 1);
}

#[test]
fn asked_too_often_it_is_asked_again_later() {
    let (homeserver, _folder, desk) = open_desk("");
    let wait = r#"{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1000}"#;
    homeserver.on("username=patient", Act::Answer(429, wait.into()));
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| desk.verdict("patient", "patient@example.org"));
        let asked = || homeserver.asked().iter().filter(|path| path.contains("username=patient")).count();
        wait_until("it was asked", || (asked() == 1).then_some(()));
        homeserver.on("username=patient", Act::Answer(200, r#"{"available": true}"#.into()));
        assert_eq!(asking.join().unwrap(), "accepted");
        assert_eq!(asked(), 2);
    });
}

#[test]
fn a_homeserver_that_is_down_refuses_nobody_where_the_operator_says_so() {
    let (homeserver, _folder, desk) = open_desk("when_homeserver_unreachable: accept\n");
    homeserver.on("/available", Act::Answer(502, String::new()));
    assert_eq!(desk.verdict("name", "someone@example.org"), "accepted");
}

#[test]
fn a_name_whose_account_was_made_stays_taken_when_its_token_is_dead() {
    let (homeserver, folder, desk) = open_desk("email_cooldown: 0\n");
    assert_eq!(desk.verdict("name", "first@example.org"), "accepted");
    wait_until("the letter is sent", || {
        (folder.json(&["requests", "--json"])[0]["letter"] == "sent").then_some(())
    });
    assert_eq!(desk.verdict("name", "second@example.org"), "username_unavailable");
    homeserver.on("/available", Act::Answer(400, error("M_USER_IN_USE")));
    folder.ok(&["rotate"]);
    // The new token closes the desk until the homeserver is seen to take it.
    let verdict = |name: &str, email: &str| {
        wait_until("the desk has seen the new token", || {
            Some(desk.verdict(name, email)).filter(|verdict| verdict != "closed")
        })
    };
    assert_eq!(verdict("other", "first@example.org"), "email_in_use", "it is held for two days more");
    assert_eq!(verdict("name", "third@example.org"), "username_unavailable", "the account was made");
}

#[test]
fn a_name_is_free_again_when_its_token_is_dead_and_no_account_was_made() {
    let (_homeserver, folder, desk) = open_desk("email_cooldown: 0\n");
    assert_eq!(desk.verdict("name", "first@example.org"), "accepted");
    wait_until("the letter is sent", || {
        (folder.json(&["requests", "--json"])[0]["letter"] == "sent").then_some(())
    });
    folder.ok(&["rotate"]);
    let verdict = wait_until("the desk has seen the new token", || {
        Some(desk.verdict("name", "second@example.org")).filter(|verdict| verdict != "closed")
    });
    assert_eq!(verdict, "accepted");
}
