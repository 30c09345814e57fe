//! Requests by e-mail, through a real dovecot and a real SMTP server.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::support::desk::{Desk, Folder, doorman};
use crate::support::dovecot::Dovecot;
use crate::support::homeserver::FakeHomeserver;
use crate::support::load::share;
use crate::support::smtp::{SmtpServer, header, token};
use crate::support::wait_until;

const VERIFIED: &str = "Authentication-Results: mx.desk.test; dmarc=pass header.from=example.org\r\n";

fn mail(id: &str, from: &str, head: &str, subject: &str, body: &str) -> String {
    format!(
        "{head}From: Somebody <{from}@example.org>\r\nTo: register@desk.test\r\nSubject: {subject}\r\n\
         Message-ID: <{id}@example.org>\r\nDate: Mon, 3 Nov 2025 10:11:12 +0100\r\n\r\n{body}\r\n"
    )
}

struct Set {
    _homeserver: FakeHomeserver,
    smtp: SmtpServer,
    dovecot: Dovecot,
    folder: Folder,
}

fn set(tls: &str, more: &str) -> Set {
    let (homeserver, smtp, dovecot) = (FakeHomeserver::start(), SmtpServer::start(), Dovecot::start());
    let folder = Folder::new(&format!(
        "base_url: {}\ndowntime_before_token_reset: 0\nletters_per_hour: 0\n{}{}{more}",
        homeserver.url,
        smtp.config("none"),
        dovecot.config(tls, "")
    ));
    Set { _homeserver: homeserver, smtp, dovecot, folder }
}

fn start(set: &Set) -> Desk {
    let mut command = doorman();
    command.env("SSL_CERT_FILE", set.dovecot.certificate());
    let desk = set.folder.start_with(command);
    desk.wait_until_open();
    desk
}

impl Set {
    fn moved(&self, folder: &str, count: usize) {
        wait_until(&format!("{count} in {folder}"), || (self.dovecot.count(folder) == count).then_some(()));
    }
}

#[test]
fn whoever_writes_one_line_gets_the_token() {
    for tls in ["none", "starttls", "implicit"] {
        let set = set(tls, "");
        let _desk = start(&set);
        set.dovecot.deliver(&mail("a1", "someone", "", "Account", "Username: alice"));
        let letter = set.smtp.wait_for_mail("someone@example.org");
        assert_eq!(token(&letter), set.folder.read(".registration_token"));
        assert_eq!(header(&letter, "In-Reply-To"), "<a1@example.org>");
        assert_eq!(header(&letter, "References"), "<a1@example.org>");
        assert_eq!(header(&letter, "Auto-Submitted"), "auto-replied");
        assert_eq!(header(&letter, "To"), "someone@example.org");
        assert!(header(&letter, "Subject").starts_with("Re: "), "{letter}");
        set.moved("Done", 1);
        assert_eq!(set.dovecot.count("INBOX"), 0);
        let requests = set.folder.json(&["requests", "--json"]);
        let request = &requests[0];
        assert_eq!(
            (request["channel"].as_str(), request["username"].as_str(), request["verdict"].as_str()),
            (Some("email"), Some("alice"), Some("accepted")),
            "{requests}"
        );
        assert!(request["ip"].is_null());
    }
}

#[test]
fn each_mail_gets_what_it_deserves_and_nobody_else_anything() {
    let set = set("none", "");
    set.folder.write("banned_usernames.txt", ".*admin.*\n");
    // What waits already is dealt with as well.
    set.dovecot.deliver(&mail(
        "m1",
        "machine",
        "Auto-Submitted: auto-replied\r\n",
        "Re: x",
        "Username: machine",
    ));
    set.dovecot.deliver(&mail("m2", "refused", VERIFIED, "x y", "Username: superadmin"));
    set.dovecot.deliver(&mail("m3", "unverified", "", "x y", "Username: sysadmin"));
    set.dovecot.deliver(&mail("m4", "lost", VERIFIED, "Hello there", "How do I get in?"));
    set.dovecot.deliver(&mail("m5", "unclear", "", "Hello there", "How do I get in?"));
    let forged = "Authentication-Results: mx.desk.test; dmarc=fail header.from=example.org\r\n";
    set.dovecot.deliver(&mail("m6", "victim", forged, "x y", "Username: victim"));
    let desk = start(&set);
    set.moved("Ignored", 2);
    set.moved("Done", 3);
    set.moved("Held", 1);
    let refusal = set.smtp.wait_for_mail("refused@example.org");
    assert!(refusal.contains("not available") && !refusal.contains("superadmin"), "{refusal}");
    assert_eq!(header(&refusal, "In-Reply-To"), "<m2@example.org>");
    let help = set.smtp.wait_for_mail("lost@example.org");
    assert!(help.contains("register@desk.test") && !help.contains("How do I get in"), "{help}");
    // Asked again within a week, there is no more help; and the same mail, delivered twice, is one.
    set.dovecot.deliver(&mail("m7", "lost", VERIFIED, "Hello there", "Really, how?"));
    set.dovecot.deliver(&mail("m2", "refused", VERIFIED, "x y", "Username: superadmin\r\n\r\nagain"));
    set.dovecot.deliver(&mail("m8", "last", "", "x y", "Username: last"));
    set.smtp.wait_for_mail("last@example.org");
    set.moved("Done", 5);
    set.moved("Ignored", 3);
    wait_until("all is out", || {
        set.folder.json(&["outbox", "--json"]).as_array().unwrap().is_empty().then_some(())
    });
    assert_eq!(set.smtp.mails().len(), 3);
    assert!(!desk.get("/healthz").body.contains("letter_box"));
}

#[test]
fn a_mail_that_comes_while_the_desk_is_closed_waits_in_the_mailbox() {
    let set = set("none", "");
    let desk = start(&set);
    set.folder.ok(&["pause"]);
    wait_until("it is closed", || (desk.get_json("/api/status")["open"] == false).then_some(()));
    set.dovecot.deliver(&mail("a1", "someone", "", "x y", "Username: alice"));
    set.dovecot.deliver(&mail("a2", "machine", "Precedence: bulk\r\n", "x y", "Username: bulk"));
    set.moved("Ignored", 1);
    assert_eq!((set.dovecot.count("INBOX"), set.dovecot.count("Done")), (1, 0));
    assert_eq!(set.folder.json(&["requests", "--json"]).as_array().unwrap().len(), 0);
    set.folder.ok(&["resume"]);
    set.smtp.wait_for_mail("someone@example.org");
    set.moved("Done", 1);
}

#[test]
fn a_report_that_a_letter_never_arrived_frees_name_and_address() {
    let set = set("none", "");
    let desk = start(&set);
    assert_eq!(desk.verdict("alice", "someone@example.org"), "accepted");
    let id = header(&set.smtp.wait_for_mail("someone@example.org"), "Message-ID");
    wait_until("it is noted as sent", || {
        (set.folder.json(&["requests", "--json"])[0]["letter"] == "sent").then_some(())
    });
    set.dovecot.deliver(&format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.org\r\nTo: register@desk.test\r\nSubject: Undelivered\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=d\r\n\r\n\
         --d\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nAction: failed\r\n\
         Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 No such user\r\n\r\n--d\r\nContent-Type: message/rfc822\r\n\r\n\
         Message-ID: {id}\r\nSubject: x\r\n\r\nx\r\n--d--\r\n"
    ));
    set.moved("Done", 1);
    let failed = set.folder.json(&["requests", "--json"]);
    assert_eq!(failed[0]["letter"], "failed", "{failed}");
    assert!(set.folder.ok(&["outbox"]).contains("550 No such user"));
    assert_eq!(desk.verdict("alice", "other@example.org"), "accepted");
}

#[test]
fn a_mail_server_that_is_away_is_told_and_the_web_desk_goes_on() {
    let set = set("none", "");
    let desk = start(&set);
    set.dovecot.deliver(&mail("a1", "someone", "", "x y", "Username: alice"));
    set.moved("Done", 1);
    set.dovecot.stop();
    wait_until("it is told", || desk.get("/healthz").body.contains("letter_box").then_some(()));
    assert_eq!(desk.get("/healthz").status, 200);
    assert_eq!(desk.verdict("bob", "bob@example.org"), "accepted");
    set.dovecot.deliver(&mail("a2", "other", "", "x y", "Username: carol"));
    set.dovecot.resume();
    set.smtp.wait_for_mail("other@example.org");
    set.moved("Done", 2);
    wait_until("it is right again", || (!desk.get("/healthz").body.contains("letter_box")).then_some(()));
}

#[test]
fn a_wrong_password_is_told_without_the_password() {
    let set = set("none", "");
    let wrong = set.folder.read("config.yaml").replace("password: secret", "password: not-the-secret");
    set.folder.write("config.yaml", &wrong);
    let desk = start(&set);
    wait_until("it is told", || desk.get("/healthz").body.contains("imap.password").then_some(()));
    assert!(!desk.log().contains("not-the-secret"));
    assert_eq!(desk.verdict("bob", "bob@example.org"), "accepted");
}

#[test]
fn killed_at_any_moment_each_mail_is_answered_once() {
    let set = set("none", "");
    let rounds = share(60);
    let mut delivered = 0;
    for round in 0..rounds {
        for number in 0..4 {
            let name = format!("r{round}n{number}");
            set.dovecot.deliver(&mail(&name, &name, "", "x y", &format!("Username: {name}")));
            delivered += 1;
        }
        let desk = set.folder.start();
        std::thread::park_timeout(Duration::from_millis(40 * (u64::try_from(round).unwrap() % 12)));
        desk.kill();
    }
    let desk = start(&set);
    set.moved("Done", delivered);
    set.folder.ok(&["outbox", "retry"]);
    wait_until("all is out", || {
        set.folder.json(&["outbox", "--json"]).as_array().unwrap().is_empty().then_some(())
    });
    drop(desk);
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for mail in set.smtp.mails() {
        ids.entry(header(&mail, "X-Envelope-To")).or_default().insert(header(&mail, "Message-ID"));
    }
    assert_eq!(ids.len(), delivered);
    assert!(ids.values().all(|ids| ids.len() == 1), "{ids:?}");
    assert_eq!(set.folder.json(&["requests", "--json"]).as_array().unwrap().len(), delivered);
}
