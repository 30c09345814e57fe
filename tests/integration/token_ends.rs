//! When a token that a real Synapse made for one letter ends, and what a Synapse that is slow or away keeps waiting.

use std::time::{Duration, Instant};

use crate::support::desk::{Desk, Folder, doorman};
use crate::support::dovecot::Dovecot;
use crate::support::faults::WallClock;
use crate::support::smtp::{SmtpServer, header, token};
use crate::support::synapse::{NO_LIMITS, OwnSynapse};
use crate::support::wait_until;

fn config(synapse: &OwnSynapse, smtp: &SmtpServer, tokens: &str) -> String {
    format!(
        "{}{}email_cooldown: 0\n",
        synapse.config_by_api(&format!(", per_applicant: true{tokens}")),
        smtp.config("none")
    )
}

fn start(folder: &Folder) -> Desk {
    let desk = folder.start();
    desk.wait_until_open();
    desk
}

fn request(folder: &Folder, name: &str) -> serde_json::Value {
    let requests = folder.json(&["requests", "--json"]);
    let found = requests.as_array().unwrap().iter().find(|request| request["username"] == name);
    found.unwrap_or_else(|| panic!("{name}: {requests}")).clone()
}

/// Waits until Synapse has only these.
fn only(synapse: &OwnSynapse, what: &str, tokens: &[&str]) {
    let expected = tokens.iter().map(|token| (*token).to_owned()).collect();
    wait_until(what, || (synapse.all_tokens() == expected).then_some(()));
}

#[test]
fn a_letter_that_comes_to_nothing_takes_its_token_along() {
    let (synapse, smtp, dovecot) = (OwnSynapse::start(NO_LIMITS), SmtpServer::start(), Dovecot::start());
    let automatic = format!("{}{}", config(&synapse, &smtp, ""), dovecot.config("none", ""));
    let folder = Folder::new(&automatic);
    let desk = start(&folder);
    only(&synapse, "nobody has asked yet", &[]);

    // One that waits for a later try has its token already.
    assert_eq!(desk.verdict("dropped", "greylisted@example.org"), "accepted");
    wait_until("it was tried", || (synapse.all_tokens().len() == 1).then_some(()));
    let put_off = || {
        let outbox = folder.json(&["outbox", "--json"]);
        let newest = outbox.as_array()?.first()?;
        (newest["attempts"] == 1 && newest["last_answer"].is_string()).then(|| newest.clone())
    };
    let owed = wait_until("it is owed again", put_off);
    folder.ok(&["outbox", "drop", &owed["id"].to_string()]);
    only(&synapse, "it is dropped", &[]);

    // Somebody who is banned while theirs waits gets none, and no other one is made for them.
    assert_eq!(desk.verdict("banned", "greylisted@example.net"), "accepted");
    wait_until("it was tried", || (synapse.all_tokens().len() == 1).then_some(()));
    folder.ok(&["ban", "add", "email", "example.net"]);
    only(&synapse, "its holder is banned", &[]);
    folder.ok(&["outbox", "retry"]);
    wait_until("it has failed", || {
        assert!(synapse.all_tokens().is_empty());
        (request(&folder, "banned")["letter"] == "failed").then_some(())
    });

    assert_eq!(desk.verdict("bounced", "bounced@example.org"), "accepted");
    let mail = smtp.wait_for_mail("bounced@example.org");
    only(&synapse, "it is sent", &[&token(&mail)]);
    wait_until("it is noted as sent", || (request(&folder, "bounced")["letter"] == "sent").then_some(()));
    dovecot.deliver(&format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.org\r\nTo: register@desk.test\r\nSubject: Undelivered\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=d\r\n\r\n\
         --d\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n\
         Final-Recipient: rfc822; bounced@example.org\r\nAction: failed\r\n\
         Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 No such user\r\n\r\n--d\r\nContent-Type: message/rfc822\r\n\r\n\
         Message-ID: {}\r\nSubject: x\r\n\r\nx\r\n--d--\r\n",
        header(&mail, "Message-ID")
    ));
    only(&synapse, "a report came that it never arrived", &[]);

    // What was lost comes again with another one; both work, whichever letter is found first.
    assert_eq!(desk.verdict("again", "again@example.org"), "accepted");
    let first = token(&smtp.wait_for_mail("again@example.org"));
    wait_until("it is noted as sent", || (request(&folder, "again")["letter"] == "sent").then_some(()));
    folder.ok(&["requests", "resend", &request(&folder, "again")["id"].to_string()]);
    let second = wait_until("it is sent again", || {
        let came = smtp.mails().into_iter().filter(|mail| mail.starts_with("X-Envelope-To: again@"));
        came.map(|mail| token(&mail)).find(|token| *token != first)
    });
    only(&synapse, "both work", &[&first, &second]);

    // An approval that is taken back before its letter is out.
    folder.configure(&format!("{automatic}approval: manual\n"));
    desk.signal("-HUP");
    wait_until("all are held", || desk.log().contains("config.yaml is read again").then_some(()));
    assert_eq!(desk.verdict("undone", "greylisted@example.com"), "held");
    folder.ok(&["approve", &request(&folder, "undone")["id"].to_string()]);
    // Until the mail server has said what becomes of it, nothing is taken back.
    wait_until("it was tried, and put off", put_off);
    assert_eq!(synapse.all_tokens().len(), 3);
    folder.ok(&["undo"]);
    assert_eq!(request(&folder, "undone")["verdict"], "held");
    only(&synapse, "the approval is taken back", &[&first, &second]);
    let known = [first, second];
    assert!(known.iter().all(|token| !desk.log().contains(token)), "{}", desk.log());
}

#[test]
fn a_token_whose_time_is_over_is_withdrawn_and_a_late_letter_brings_a_new_one() {
    let (synapse, smtp) = (OwnSynapse::start(NO_LIMITS), SmtpServer::start());
    let folder = Folder::new(&config(&synapse, &smtp, ", lifetime_hours: 1, uses: 1"));
    let clock = WallClock::new("+0");
    let desk = folder.start_with(clock.under(doorman()));
    desk.wait_until_open();
    assert_eq!(desk.verdict("over", "over@example.org"), "accepted");
    let mail = smtp.wait_for_mail("over@example.org");
    let over = token(&mail);
    assert_eq!(desk.verdict("late", "greylisted@example.org"), "accepted");
    wait_until("the late one's was made", || (synapse.all_tokens().len() == 2).then_some(()));
    let early = synapse.all_tokens().into_iter().find(|token| *token != over).unwrap();
    clock.set("+7200");
    folder.trust_clock();
    wait_until("what has ended is withdrawn", || synapse.knows(&over).is_none().then_some(()));
    smtp.let_in();
    folder.ok(&["outbox", "retry"]);
    let late = token(&smtp.wait_for_mail("greylisted@example.org"));
    assert_ne!(late, early, "that one had ended");
    only(&synapse, "the late one is the only one", &[&late]);
    assert!(synapse.register("late", &late).is_ok());
    assert!(synapse.register("late.two", &late).is_err(), "uses: 1");
}

#[test]
fn thirty_at_once_each_get_a_verdict_and_letters_wait_for_a_synapse_that_is_away() {
    let (mut synapse, smtp) = (OwnSynapse::start(""), SmtpServer::start());
    let folder = Folder::new(&config(&synapse, &smtp, ""));
    let desk = start(&folder);
    let began = Instant::now();
    std::thread::scope(|scope| {
        for number in 0..30 {
            let desk = &desk;
            scope.spawn(move || {
                let name = format!("thirty.{number}");
                assert_eq!(desk.verdict(&name, &format!("{name}@example.org")), "accepted");
            });
        }
    });
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    for number in 0..30 {
        smtp.wait_for_mail(&format!("thirty.{number}@example.org"));
    }
    assert_eq!(synapse.all_tokens().len(), 30);

    synapse.stop();
    folder.configure(&format!("{}when_homeserver_unreachable: accept\n", config(&synapse, &smtp, "")));
    assert_eq!(desk.verdict("away", "away@example.org"), "homeserver_unreachable");
    desk.signal("-HUP");
    wait_until("it is accepted meanwhile", || {
        (desk.verdict("away", "away@example.org") == "accepted").then_some(())
    });
    wait_until("the operator is told", || desk.get("/healthz").body.contains("token_api").then_some(()));
    assert_eq!(desk.get_json("/api/status")["open"], true);
    assert_eq!(folder.json(&["outbox", "--json"])[0]["state"], "owed");
    synapse.start_again();
    let late = token(&smtp.wait_for_mail("away@example.org"));
    assert!(synapse.register("away", &late).is_ok());
    wait_until("all is well", || (!desk.get("/healthz").body.contains("token_api")).then_some(()));
}

#[test]
fn whoever_has_begun_to_register_before_a_token_ended_comes_to_an_end_too() {
    let (synapse, smtp) = (OwnSynapse::start(NO_LIMITS), SmtpServer::start());
    let folder = Folder::new(&config(&synapse, &smtp, ", lifetime_hours: 1"));
    let clock = WallClock::new("+0");
    let desk = folder.start_with(clock.under(doorman()));
    desk.wait_until_open();
    let sent = |name: &str| {
        let address = format!("{name}@example.org");
        assert_eq!(desk.verdict(name, &address), "accepted");
        token(&smtp.wait_for_mail(&address))
    };
    let begun = sent("begun");
    let session = synapse.give_token("begun", &begun).unwrap();
    synapse.expire(&begun);
    assert!(synapse.give_token("late", &begun).is_err(), "it has ended");
    clock.set("+3660");
    folder.trust_clock();
    // What is withdrawn after that shows that its turn has come.
    for name in ["first", "second"] {
        let banned = sent(name);
        folder.ok(&["ban", "add", "email", &format!("{name}@example.org")]);
        wait_until("a ban takes effect at once", || synapse.knows(&banned).is_none().then_some(()));
    }
    assert_eq!(synapse.finish("begun", &session).unwrap(), "@begun:synapse.test");
    clock.set("+4260");
    folder.trust_clock();
    wait_until("it is withdrawn later", || synapse.knows(&begun).is_none().then_some(()));
    wait_until("the operator sees who has arrived", || {
        (request(&folder, "begun")["arrived"] == true).then_some(())
    });
}
