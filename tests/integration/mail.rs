//! Letters on their way to a real mail server.

use chrono::TimeDelta;
use doorman::clock::{Clock as _, SystemClock};

use crate::support::desk::{Desk, Folder, doorman};
use crate::support::homeserver::FakeHomeserver;
use crate::support::smtp::{SmtpServer, header, token};
use crate::support::{free_port, wait_until};

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
fn whose_letter_has_to_wait_is_told_so() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    let folder = folder(&homeserver, &format!("letters_per_hour: 1\n{}", smtp.config("none")));
    let desk = folder.start();
    desk.wait_until_open();
    let waits = |desk: &Desk, name: &str| {
        let answer = desk.ask(name, &format!("{name}@example.org"));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body.contains("It may take a while")
    };
    assert!(!waits(&desk, "first"));
    assert!(waits(&desk, "second"));
    smtp.wait_for_mail("first@example.org");
    wait_until("it is noted as sent", || letter_to(&folder, "first@example.org").is_none().then_some(()));
    assert!(waits(&desk, "third"));
    // Whose letter is out waits for nothing, whoever else does.
    assert!(!waits(&desk, "first"));
    assert!(waits(&desk, "second"));
    drop(desk);

    let nobody = format!("smtp: {{host: 127.0.0.1, port: {}, tls: none}}\n", free_port());
    let folder = self::folder(&homeserver, &nobody);
    let desk = folder.start();
    desk.wait_until_open();
    desk.ask("first", "first@example.org");
    wait_until("the mail server is away", || desk.get("/healthz").body.contains("mail_server").then_some(()));
    assert!(waits(&desk, "second"));
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
fn a_letter_that_is_dropped_or_given_up_takes_its_request_out_of_the_mirror() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    let folder = folder(&homeserver, &smtp.config("none"));
    let desk = folder.start();
    desk.wait_until_open();
    let shows = |addresses: &[&str]| {
        let mirror: serde_json::Value = serde_json::from_str(&folder.read("registrations.json")).ok()?;
        let shown = mirror.as_array()?.iter().map(|entry| entry["email"].as_str().unwrap());
        shown.eq(addresses.iter().copied()).then_some(())
    };
    let tried = |address: &str| {
        wait_until("it was tried", || letter_to(&folder, address).filter(|letter| letter["attempts"] == 1))
    };
    assert_eq!(desk.verdict("one", "greylisted@example.org"), "accepted");
    assert_eq!(desk.verdict("two", "greylisted@example.net"), "accepted");
    let dropped = tried("greylisted@example.org");
    tried("greylisted@example.net");
    wait_until("both are in", || shows(&["greylisted@example.org", "greylisted@example.net"]));
    folder.ok(&["outbox", "drop", &dropped["id"].to_string()]);
    wait_until("the dropped one is out", || shows(&["greylisted@example.net"]));
    folder.ok(&["ban", "add", "email", "example.net"]);
    wait_until("the ban holds", || desk.log().contains("banned_emails.txt is in force").then_some(()));
    folder.ok(&["outbox", "retry"]);
    wait_until("it is given up", || {
        letter_to(&folder, "greylisted@example.net").filter(|letter| letter["state"] == "failed")
    });
    wait_until("the other one is out", || shows(&[]));
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

#[test]
fn a_letter_to_somebody_who_is_banned_before_it_is_mailed_is_not_sent() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    let nobody =
        format!("smtp: {{host: localhost, port: {}, tls: none, from: desk@desk.test}}\n", free_port());
    let folder = folder(&homeserver, &nobody);
    let desk = folder.start();
    desk.wait_until_open();
    let far = "X-Forwarded-For: 192.0.2.7\r\n";
    assert_eq!(desk.ask_with("by-net", "net@example.org", far).status, 200);
    for name in ["address", "name", "kept"] {
        assert_eq!(desk.verdict(&format!("by.{name}"), &format!("{name}@example.org")), "accepted");
    }
    folder.write("banned_emails.txt", "# nobody\nother@example.org\naddress@*\n");
    folder.ok(&["ban", "add", "ip", "192.0.2.0/24"]);
    folder.ok(&["ban", "add", "username", "^by\\.name$"]);
    let in_force = |desk: &Desk, file: &str| {
        wait_until("the list is in force", || {
            desk.log().contains(&format!("{file} is in force as it stands now")).then_some(())
        });
    };
    for file in ["banned_ips.txt", "banned_emails.txt", "banned_usernames.txt"] {
        in_force(&desk, file);
    }
    // A list that is lost holds all the same.
    std::fs::remove_file(folder.file("banned_usernames.txt")).unwrap();
    wait_until("the loss is seen", || {
        desk.get("/healthz").body.contains("banned_usernames.txt").then_some(())
    });

    folder.configure(&format!("base_url: {}\n{}", homeserver.url, smtp.config("none")));
    desk.signal("-HUP");
    smtp.wait_for_mail("kept@example.org");
    for (to, by) in [
        ("net@example.org", "banned by banned_ips.txt line 1: 192.0.2.0/24"),
        ("address@example.org", "banned by banned_emails.txt line 3: address@*"),
        ("name@example.org", "banned by banned_usernames.txt line 1: ^by\\.name$"),
    ] {
        let failed = wait_until("it has failed", || {
            letter_to(&folder, to).filter(|letter| letter["state"] == "failed")
        });
        assert_eq!(
            (failed["last_answer"].as_str(), failed["attempts"].as_u64()),
            (Some(by), Some(0)),
            "{failed}"
        );
    }
    assert_eq!(smtp.mails().len(), 1);
    // The name is free, and so is the address for another.
    assert_eq!(desk.verdict("by.address", "elsewhere@example.org"), "accepted");
    assert_eq!(desk.verdict("another", "name@example.org"), "accepted");
    smtp.wait_for_mail("name@example.org");
}

#[test]
fn a_ban_that_is_taken_back_in_time_costs_no_letter() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    let folder = folder(&homeserver, &smtp.config("none"));
    let desk = folder.start();
    desk.wait_until_open();
    assert_eq!(desk.verdict("grey", "greylisted@example.org"), "accepted");
    let owed = wait_until("it was tried", || {
        letter_to(&folder, "greylisted@example.org").filter(|letter| letter["attempts"] == 1)
    });
    folder.ok(&["ban", "add", "email", "*@example.org"]);
    wait_until("it is in force", || (desk.verdict("any", "any@example.org") == "email_banned").then_some(()));
    smtp.let_in();
    folder.ok(&["outbox", "retry", &owed["id"].to_string()]);
    // One that is due later is sent, so that one's turn has come.
    assert_eq!(desk.verdict("other", "other@example.com"), "accepted");
    smtp.wait_for_mail("other@example.com");
    let kept = letter_to(&folder, "greylisted@example.org").unwrap();
    assert_eq!((kept["state"].as_str(), kept["attempts"].as_u64()), (Some("owed"), Some(1)), "{kept}");
    folder.ok(&["undo"]);
    smtp.wait_for_mail("greylisted@example.org");
}

#[test]
fn letters_that_wait_for_the_token_keep_none_waiting_that_brings_none() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    let nobody =
        format!("smtp: {{host: localhost, port: {}, tls: none, from: desk@desk.test}}\n", free_port());
    let more = "letters_per_hour: 0\n";
    let folder = folder(&homeserver, &format!("{nobody}{more}"));
    let desk = folder.start();
    desk.wait_until_open();
    // More than the outbox takes up at once.
    for number in 0..60 {
        assert_eq!(desk.verdict(&format!("n{number}"), &format!("n{number}@example.org")), "accepted");
    }
    folder.configure(&format!("base_url: {}\napproval: manual\n{nobody}{more}", homeserver.url));
    desk.signal("-HUP");
    wait_until("it is read again", || desk.log().contains("config.yaml is read again").then_some(()));
    assert_eq!(desk.verdict("held", "held@example.org"), "held");
    let soon = (SystemClock.now() + TimeDelta::minutes(10)).format("%H%M");
    folder.configure(&format!(
        "base_url: {}\ntoken_reset_time_utc: \"{soon}\"\n{}{more}",
        homeserver.url,
        smtp.config("none")
    ));
    desk.signal("-HUP");
    wait_until("downtime has begun", || (desk.get_json("/api/status")["open"] == false).then_some(()));
    let held = folder.json(&["requests", "--held", "--json"])[0]["id"].to_string();
    folder.ok(&["refuse", &held, "--because", "not today"]);
    smtp.wait_for_mail("held@example.org");
    assert_eq!(smtp.mails().len(), 1);
}
