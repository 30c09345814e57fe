//! Letters on their way to a real mail server.

use crate::support::desk::{Folder, doorman};
use crate::support::homeserver::FakeHomeserver;
use crate::support::smtp::{SmtpServer, header, token};
use crate::support::wait_until;

fn folder(homeserver: &FakeHomeserver, more: &str) -> Folder {
    Folder::new(&format!("base_url: {}\n{more}", homeserver.url))
}

fn letter_to(folder: &Folder, to: &str) -> Option<serde_json::Value> {
    let outbox = folder.json(&["outbox", "--json"]);
    outbox.as_array().unwrap().iter().find(|letter| letter["to"] == to).cloned()
}

#[test]
fn implicit_tls_and_none_work_too() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    for tls in ["implicit", "none"] {
        let folder = folder(&homeserver, &smtp.config(tls));
        let mut command = doorman();
        command.env("SSL_CERT_FILE", smtp.authority());
        let desk = folder.start_with(command);
        desk.wait_until_open();
        let address = format!("{tls}@example.org");
        assert_eq!(desk.verdict("name", &address), "accepted");
        let mail = smtp.wait_for_mail(&address);
        assert_eq!(header(&mail, "X-Tls"), if tls == "none" { "False" } else { "True" });
    }
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_told_and_costs_no_letter() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    let folder = folder(&homeserver, &smtp.config("starttls"));
    let desk = folder.start();
    desk.wait_until_open();
    assert_eq!(desk.verdict("name", "someone@example.org"), "accepted");
    let letter = wait_until("the mail server was tried", || {
        letter_to(&folder, "someone@example.org").filter(|letter| !letter["last_answer"].is_null())
    });
    assert_eq!((letter["state"].as_str(), letter["attempts"].as_u64()), (Some("owed"), Some(0)), "{letter}");
    assert!(letter["last_answer"].as_str().unwrap().contains("certificate"), "{letter}");
    assert_eq!(smtp.mails(), [] as [String; 0]);
    assert!(!desk.log().contains("secret"));
}

#[test]
fn a_greylisted_letter_waits_and_a_refused_one_frees_name_and_address() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    let folder = folder(&homeserver, &smtp.config("none"));
    let desk = folder.start();
    desk.wait_until_open();
    assert_eq!(desk.verdict("grey", "greylisted@example.org"), "accepted");
    assert_eq!(desk.verdict("gone", "nobody@example.org"), "accepted");
    let failed = wait_until("it has failed", || {
        letter_to(&folder, "nobody@example.org").filter(|letter| letter["state"] == "failed")
    });
    assert!(failed["last_answer"].as_str().unwrap().contains("550 5.1.1 No such user"), "{failed}");
    assert_eq!(desk.verdict("gone", "somebody@example.org"), "accepted");

    let owed = wait_until("it was tried", || {
        letter_to(&folder, "greylisted@example.org").filter(|letter| letter["attempts"] == 1)
    });
    assert_eq!(owed["state"], "owed");
    let id = owed["id"].to_string();
    smtp.let_in();
    folder.ok(&["outbox", "retry", &id]);
    let mail = smtp.wait_for_mail("greylisted@example.org");
    assert_eq!(token(&mail), folder.read(".registration_token"));
    wait_until("the mirror shows who has a letter", || {
        let mirror: serde_json::Value = serde_json::from_str(&folder.read("registrations.json")).ok()?;
        let names: Vec<&str> =
            mirror.as_array()?.iter().map(|entry| entry["requested_name"].as_str().unwrap()).collect();
        (names == ["grey", "gone"]).then_some(())
    });
}

#[test]
fn a_letter_whose_fate_is_unknown_goes_out_again_with_the_same_message_id() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    let folder = folder(&homeserver, &smtp.config("none"));
    let desk = folder.start();
    desk.wait_until_open();
    assert_eq!(desk.verdict("name", "vanish@example.org"), "accepted");
    let owed = wait_until("no answer came", || {
        letter_to(&folder, "vanish@example.org").filter(|letter| !letter["last_answer"].is_null())
    });
    assert!(owed["last_answer"].as_str().unwrap().contains("may have arrived"), "{owed}");
    folder.ok(&["outbox", "retry"]);
    let mails = wait_until("it came again", || Some(smtp.mails()).filter(|mails| mails.len() >= 2));
    assert_eq!(header(&mails[0], "Message-ID"), header(&mails[1], "Message-ID"));
    folder.ok(&["outbox", "drop", &owed["id"].to_string()]);
}

#[test]
fn the_operators_own_letter_is_sent() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    let own = "email_subject: \"Welcome to {homeserver}\"\nemail_body: |\n  Hello {requested_username}, {{here}} it is:\n\n  \
               {registration_token}\n\n  at {utc_time}, for {time_until_reset}\n";
    let folder = folder(&homeserver, &format!("{}{own}", smtp.config("none")));
    let desk = folder.start();
    desk.wait_until_open();
    assert_eq!(desk.verdict("name", "someone@example.org"), "accepted");
    let mail = smtp.wait_for_mail("someone@example.org");
    assert_eq!(header(&mail, "Subject"), "Welcome to desk.test");
    assert!(mail.contains("Hello name, {here} it is:"), "{mail}");
    assert!(mail.contains("text/html"), "the other half is made from it");
    assert_eq!(token(&mail), folder.read(".registration_token"));
}
