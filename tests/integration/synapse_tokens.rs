//! Tokens that a real Synapse is asked for: a shared one, and one for each applicant.

use serde_json::json;

use crate::support::desk::{Desk, Folder};
use crate::support::dovecot::Dovecot;
use crate::support::smtp::{SmtpServer, token};
use crate::support::synapse::{NO_LIMITS, OwnSynapse, synapse};
use crate::support::wait_until;

const EACH_ONE: &str = ", per_applicant: true";

fn config(smtp: &SmtpServer, tokens: &str) -> String {
    format!("{}{}email_cooldown: 0\n", synapse().config_by_api(tokens), smtp.config("none"))
}

fn start(folder: &Folder) -> Desk {
    let desk = folder.start();
    desk.wait_until_open();
    desk
}

#[test]
fn a_rotation_leaves_the_old_token_its_grace_and_closes_nothing() {
    let smtp = SmtpServer::start();
    let folder = Folder::new(&config(&smtp, ""));
    let desk = start(&folder);
    let old = folder.read(".registration_token");
    let told = folder.json(&["token", "--json"]);
    assert_eq!(told["backend"], "synapse");
    let next_reset = chrono::DateTime::parse_from_rfc3339(told["next_reset"].as_str().unwrap()).unwrap();
    let ends_at = synapse().knows(&old).unwrap()["expiry_time"].as_i64().unwrap();
    assert_eq!(ends_at, (next_reset + chrono::TimeDelta::hours(1)).timestamp_millis());
    folder.ok(&["rotate"]);
    let new = folder.read(".registration_token");
    assert_ne!(old, new);
    wait_until("the new token is live", || (folder.json(&["token", "--json"])["live"] == true).then_some(()));
    assert_eq!(synapse().register("grace.old", &old).unwrap(), "@grace.old:synapse.test");
    assert_eq!(synapse().register("grace.new", &new).unwrap(), "@grace.new:synapse.test");
    assert!(synapse().knows(&old).is_some(), "its grace has just begun");
    assert_eq!(desk.get_json("/api/status")["open"], true);

    // Without any grace it ends at once.
    drop(desk);
    folder.configure(&config(&smtp, ", grace_minutes: 0"));
    let _desk = start(&folder);
    folder.ok(&["rotate"]);
    wait_until("the token before it is withdrawn", || synapse().knows(&new).is_none().then_some(()));
    assert!(synapse().knows(&folder.read(".registration_token")).is_some());
}

#[test]
fn a_token_that_another_hand_wrote_or_that_was_lost_is_made_at_the_homeserver() {
    let smtp = SmtpServer::start();
    let folder = Folder::new(&config(&smtp, ""));
    folder.write(".registration_token", "the-operators-own-token-of-old");
    let desk = start(&folder);
    assert!(synapse().knows("the-operators-own-token-of-old").is_some());
    drop(desk);
    assert_eq!(synapse().administer("DELETE", "/registration_tokens/the-operators-own-token-of-old").0, 200);
    let _desk = start(&folder);
    assert!(synapse().knows("the-operators-own-token-of-old").is_some(), "it is the same, made again");
    folder.write(".registration_token", "another-hands-token-of-today-");
    wait_until("it is adopted and made", || synapse().knows("another-hands-token-of-today-").map(drop));
}

#[test]
fn twenty_applicants_get_twenty_tokens_of_their_own() {
    let (smtp, dovecot) = (SmtpServer::start(), Dovecot::start());
    let folder = Folder::new(&format!("{}{}", config(&smtp, EACH_ONE), dovecot.config("none", "")));
    let desk = start(&folder);
    assert!(!folder.file(".registration_token").exists(), "nobody shares one");
    assert_eq!(desk.get_json("/api/status")["closes_at"], json!(null));

    let names: Vec<String> = (0..20).map(|number| format!("own.{number}")).collect();
    for (number, name) in names.iter().enumerate() {
        if number % 2 == 0 {
            assert_eq!(desk.verdict(name, &format!("{name}@example.org")), "accepted");
        } else {
            dovecot.deliver(&format!(
                "From: {name}@example.org\r\nTo: register@desk.test\r\nSubject: account\r\nMessage-ID: <{name}@example.org>\r\n\
                 \r\nUsername: {name}\r\n"
            ));
        }
    }
    let mut tokens: Vec<String> = names
        .iter()
        .map(|name| {
            let token = token(&smtp.wait_for_mail(&format!("{name}@example.org")));
            assert_eq!(synapse().register(name, &token).unwrap(), format!("@{name}:synapse.test"));
            token
        })
        .collect();
    wait_until("the operator sees who has arrived", || {
        let arrived = folder.json(&["requests", "--json"]);
        arrived.as_array().unwrap().iter().all(|request| request["arrived"] == true).then_some(())
    });
    assert!(folder.ok(&["requests"]).contains("arrived"));
    // Each can be used once more, and not a third time.
    assert!(synapse().register("own.second", &tokens[0]).is_ok());
    assert!(synapse().register("own.third", &tokens[0]).unwrap_err().contains("M_UNAUTHORIZED"));
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 20);
    for token in tokens {
        assert!(!desk.log().contains(&token), "no token stands in the log");
    }
}

#[test]
fn a_ban_withdraws_the_token_of_whoever_it_hits_and_so_does_forgetting_them() {
    let smtp = SmtpServer::start();
    let folder = Folder::new(&config(&smtp, EACH_ONE));
    let desk = start(&folder);
    let sent = |name: &str| {
        let address = format!("{name}@example.org");
        assert_eq!(desk.verdict(name, &address), "accepted");
        token(&smtp.wait_for_mail(&address))
    };
    let (banned, kept, forgotten) = (sent("banned.one"), sent("kept.one"), sent("forgotten.one"));
    assert!(synapse().knows(&banned).is_some());
    folder.ok(&["ban", "add", "email", "banned.one@example.org"]);
    folder.ok(&["forget", "forgotten.one@example.org"]);
    // The next letter may get the number of the forgotten one's, and gets a token of its own nevertheless.
    let next = sent("next.one");
    assert!(next != forgotten && next != banned && next != kept);
    wait_until("the banned one's is withdrawn", || synapse().knows(&banned).is_none().then_some(()));
    wait_until("the forgotten one's is withdrawn", || synapse().knows(&forgotten).is_none().then_some(()));
    assert!(synapse().knows(&kept).is_some());
}

#[test]
fn a_ban_that_is_taken_back_gives_the_token_back() {
    let smtp = SmtpServer::start();
    let folder = Folder::new(&config(&smtp, ", per_applicant: true, uses: 2"));
    let desk = start(&folder);
    assert_eq!(desk.verdict("given.back", "given.back@example.org"), "accepted");
    let token = token(&smtp.wait_for_mail("given.back@example.org"));
    let ends_at = synapse().knows(&token).unwrap()["expiry_time"].clone();
    assert!(synapse().register("given.back", &token).is_ok());
    folder.ok(&["ban", "add", "email", "given.back@example.org"]);
    wait_until("it is withdrawn", || synapse().knows(&token).is_none().then_some(()));
    folder.ok(&["undo"]);
    let again = wait_until("it is there again", || synapse().knows(&token));
    assert_eq!((&again["expiry_time"], &again["uses_allowed"]), (&ends_at, &json!(1)), "one use is spent");
    assert!(synapse().register("given.back.too", &token).is_ok());
    assert!(synapse().register("given.back.three", &token).is_err());
}

#[test]
fn a_synapse_whose_registration_is_off_closes_the_desk_until_it_is_on() {
    let (mut synapse, smtp) = (OwnSynapse::start(NO_LIMITS), SmtpServer::start());
    for tokens in ["", EACH_ONE] {
        synapse.reconfigure("enable_registration: false\n");
        let folder = Folder::new(&format!("{}{}", synapse.config_by_api(tokens), smtp.config("none")));
        let desk = folder.start();
        wait_until("the desk says why", || {
            desk.log().contains("Registration has been disabled").then_some(())
        });
        assert!(desk.get("/healthz").body.contains("token_not_live"));
        assert_eq!(desk.verdict("early", "early@example.org"), "closed");
        synapse.reconfigure("enable_registration: true\n");
        desk.wait_until_open();
        wait_until("all is well", || (!desk.get("/healthz").body.contains("token_not_live")).then_some(()));
    }
    // Seen at each rotation, and every ten minutes.
    let folder = Folder::new(&format!("{}{}", synapse.config_by_api(""), smtp.config("none")));
    let desk = start(&folder);
    synapse.reconfigure("enable_registration: false\n");
    folder.ok(&["rotate"]);
    wait_until("it is closed", || (desk.get_json("/api/status")["open"] == false).then_some(()));
}

#[test]
fn a_synapse_that_was_stopped_is_no_alarm_when_it_answers_again() {
    let (mut synapse, smtp) = (OwnSynapse::start(NO_LIMITS), SmtpServer::start());
    for config in
        [synapse.config_by_api(EACH_ONE), format!("downtime_before_token_reset: 0\n{}", synapse.config())]
    {
        let folder = Folder::new(&format!("{config}{}", smtp.config("none")));
        let desk = start(&folder);
        let is_alarm = || desk.get("/healthz").body.contains("\"homeserver\"");
        synapse.stop();
        assert_eq!(desk.verdict("meanwhile", "meanwhile@example.org"), "homeserver_unreachable");
        assert!(is_alarm());
        synapse.start_again();
        wait_until("it is right again, though nobody asks", || (!is_alarm()).then_some(()));
    }
}

#[test]
fn a_homeserver_of_another_name_is_an_alarm() {
    let smtp = SmtpServer::start();
    let folder =
        Folder::new(&config(&smtp, "").replace("homeserver: synapse.test", "homeserver: example.com"));
    let desk = folder.start();
    wait_until("the desk says so", || {
        desk.log().contains("one of synapse.test, and the config").then_some(())
    });
    assert!(desk.get("/healthz").body.contains("wrong_homeserver"));
}

#[test]
fn an_access_token_that_does_not_hold_is_told_and_a_better_one_opens_the_desk() {
    let smtp = SmtpServer::start();
    let folder = Folder::new(&config(&smtp, EACH_ONE));
    let desk = start(&folder);
    let good = synapse().config_by_api(EACH_ONE);
    let bad = folder.file("no-administrator");
    std::fs::write(&bad, "syt_nobody").unwrap();
    folder.configure(&format!(
        "homeserver: {}\nbase_url: {}\ntokens: {{backend: synapse, access_token_file: {}{EACH_ONE}}}\n{}email_cooldown: 0\n",
        synapse().name,
        synapse().url,
        bad.display(),
        smtp.config("none")
    ));
    desk.signal("-HUP");
    wait_until("the desk says what is wrong", || {
        desk.log().contains("does not know the access token").then_some(())
    });
    wait_until("it is closed: nobody was seen to make tokens since", || {
        (desk.get_json("/api/status")["open"] == false).then_some(())
    });
    folder.configure(&format!("{good}{}email_cooldown: 0\n", smtp.config("none")));
    desk.signal("-HUP");
    desk.wait_until_open();
    assert_eq!(desk.verdict("waits", "waits@example.org"), "accepted");
    let token = token(&smtp.wait_for_mail("waits@example.org"));
    assert!(synapse().register("waits", &token).is_ok());
    assert!(!desk.log().contains("syt_"), "{}", desk.log());
}
