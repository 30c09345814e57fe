//! Requests by email, through a real dovecot and a real SMTP server.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
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
        let desk = start(&set);
        set.dovecot.deliver(&mail("a1", "someone", "", "Account", "Username: alice"));
        let letter = set.smtp.wait_for_mail("someone@example.org");
        assert_eq!(token(&letter), set.folder.read(".registration_token"));
        assert_eq!(header(&letter, "In-Reply-To"), "<a1@example.org>");
        assert_eq!(header(&letter, "References"), "<a1@example.org>");
        assert_eq!(header(&letter, "Auto-Submitted"), "auto-replied");
        assert_eq!(header(&letter, "To"), "someone@example.org");
        assert!(header(&letter, "Subject").starts_with("Re: "), "{letter}");
        set.moved("Done", 1);
        // Moving is copying, then taking away.
        set.moved("INBOX", 0);
        let requests = set.folder.json(&["requests", "--json"]);
        let request = &requests[0];
        assert_eq!(
            (request["channel"].as_str(), request["username"].as_str(), request["verdict"].as_str()),
            (Some("email"), Some("alice"), Some("accepted")),
            "{requests}"
        );
        assert!(request["ip"].is_null());
        // The note that keeps other desks away goes with the desk.
        drop(desk);
        assert_eq!(set.dovecot.count("Lease"), 0, "{tls}");
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
    // Perhaps a vacation program.
    set.dovecot.deliver(&mail("m9", "away", VERIFIED, "Automatic reply: x", "Username: superadmin"));
    let desk = start(&set);
    set.moved("Ignored", 2);
    set.moved("Done", 4);
    set.moved("Held", 1);
    let refusal = set.smtp.wait_for_mail("refused@example.org");
    assert!(refusal.contains("not available") && refusal.contains("@superadmin:desk.test"), "{refusal}");
    assert!(refusal.contains("Please write to register@desk.test again"), "{refusal}");
    assert_eq!(header(&refusal, "Reply-To"), "register@desk.test");
    assert_eq!(header(&refusal, "In-Reply-To"), "<m2@example.org>");
    let help = set.smtp.wait_for_mail("lost@example.org");
    assert!(help.contains("register@desk.test") && !help.contains("How do I get in"), "{help}");
    // Asked again within a week, there is no more help; and the same mail, delivered twice, is one.
    set.dovecot.deliver(&mail("m7", "lost", VERIFIED, "Hello there", "Really, how?"));
    set.dovecot.deliver(&mail("m2", "refused", VERIFIED, "x y", "Username: superadmin\r\n\r\nagain"));
    set.dovecot.deliver(&mail("m8", "last", "", "x y", "Username: last"));
    set.smtp.wait_for_mail("last@example.org");
    set.moved("Done", 6);
    set.moved("Ignored", 3);
    wait_until("all is out", || {
        set.folder.json(&["outbox", "--json"]).as_array().unwrap().is_empty().then_some(())
    });
    assert_eq!(set.smtp.mails().len(), 3);
    assert!(!desk.get("/healthz").body.contains("letter_box"));
}

#[test]
fn a_mail_counts_whatever_its_flags() {
    let set = set("none", "");
    for (number, flags) in ["S", "T", "DFRST"].into_iter().enumerate() {
        let name = format!("n{number}");
        let mail = mail(&name, &name, "", "x y", &format!("Username: {name}"));
        set.dovecot.deliver_into("INBOX", flags, mail.as_bytes());
    }
    set.dovecot.deliver_into(
        "INBOX",
        "T",
        mail("m1", "unclear", "", "Hello there", "How do I get in?").as_bytes(),
    );
    let _desk = start(&set);
    for number in 0..3 {
        set.smtp.wait_for_mail(&format!("n{number}@example.org"));
    }
    set.moved("Done", 3);
    set.moved("Held", 1);
    set.moved("INBOX", 0);
    // The operator is to find them there: no mail program hides them, or takes them out.
    for folder in ["Done", "Held"] {
        let flags = set.dovecot.flags(folder);
        assert!(flags.iter().all(|flags| !flags.contains('T')), "{folder}: {flags:?}");
    }
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
    // A move is a copy first.
    wait_until("one is left", || (set.dovecot.count("INBOX") == 1).then_some(()));
    assert_eq!(set.dovecot.count("Done"), 0);
    assert_eq!(set.folder.json(&["requests", "--json"]).as_array().unwrap().len(), 0);
    set.folder.ok(&["resume"]);
    set.smtp.wait_for_mail("someone@example.org");
    set.moved("Done", 1);
}

/// As a mail server reports that this letter could not be delivered to them.
fn bounce(return_path: &str, to: &str, recipient: &str, id: &str) -> String {
    format!(
        "Return-Path: {return_path}\r\nFrom: MAILER-DAEMON@mx.example.org\r\nTo: {to}\r\nSubject: Undelivered\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=d\r\n\r\n\
         --d\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n\
         Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\n\
         Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 No such user\r\n\r\n--d\r\nContent-Type: message/rfc822\r\n\r\n\
         Message-ID: {id}\r\nSubject: x\r\n\r\nx\r\n--d--\r\n"
    )
}

#[test]
fn each_letter_comes_back_to_an_address_of_its_own() {
    let set = set("none", "");
    let desk = start(&set);
    let told = deliver_to_itself(&set, Some("mx.desk.test"), true, || {
        String::from_utf8_lossy(&set.folder.command(&["doctor", "--mail"]).stdout).into_owned()
    });
    assert!(told.contains("ok     bounces"), "{told}");
    // The doctor does not wait for the last of its own emails.
    set.moved("INBOX", 0);
    let own = set.dovecot.count("Ignored");
    for name in ["alice", "bob"] {
        assert_eq!(desk.verdict(name, &format!("{name}@example.org")), "accepted");
    }
    let address =
        |name: &str| header(&set.smtp.wait_for_mail(&format!("{name}@example.org")), "X-Envelope-From");
    let (alice, bob) = (address("alice"), address("bob"));
    assert!(
        alice.starts_with("register+b.") && alice.ends_with("@desk.test") && alice != bob,
        "{alice} {bob}"
    );
    wait_until("both are noted as sent", || {
        set.folder.json(&["outbox", "--json"]).as_array()?.is_empty().then_some(())
    });
    let letter = |name: &str| {
        let requests = set.folder.json(&["requests", "--json"]);
        let all = requests.as_array().unwrap().iter();
        all.clone().find(|one| one["username"] == name).unwrap()["letter"].as_str().unwrap().to_owned()
    };
    // In plain text, and without any Message-ID; a holiday, a delay, and somebody's guess change nothing.
    let report = |to: &str, from: &str, subject: &str, text: &str| {
        set.dovecot.deliver(&format!(
            "Return-Path: <>\r\nFrom: {from}\r\nTo: {to}\r\nSubject: {subject}\r\n\r\n{text}\r\n"
        ));
    };
    report(&bob, "bob@example.org", "Out of office", "I am away until Monday.");
    report(
        &bob,
        "MAILER-DAEMON@mx.example.org",
        "Delivery delayed",
        "<bob@example.org> It will be retried for 4 days.",
    );
    report(
        &alice.replace("+b.", "+b.1"),
        "MAILER-DAEMON@mx.example.org",
        "failure notice",
        "<bob@example.org>: 550 No such user",
    );
    set.moved("Ignored", own + 3);
    report(
        &alice,
        "MAILER-DAEMON@mx.example.org",
        "failure notice",
        "<alice@example.org>:\r\n550 No such user",
    );
    set.moved("Done", 1);
    assert_eq!((letter("alice").as_str(), letter("bob").as_str()), ("failed", "sent"));
    assert!(set.folder.ok(&["outbox"]).contains("550 No such user"));
}

#[test]
fn a_report_that_a_letter_never_arrived_frees_the_name_and_not_the_address() {
    let set = set("none", "");
    let desk = start(&set);
    assert_eq!(desk.verdict("alice", "someone@example.org"), "accepted");
    let id = header(&set.smtp.wait_for_mail("someone@example.org"), "Message-ID");
    wait_until("it is noted as sent", || {
        (set.folder.json(&["requests", "--json"])[0]["letter"] == "sent").then_some(())
    });
    // Anybody can write these.
    for (return_path, recipient) in
        [("<someone@example.org>", "someone@example.org"), ("<>", "other@example.org")]
    {
        set.dovecot.deliver(&bounce(return_path, "register@desk.test", recipient, &id));
    }
    set.moved("Ignored", 2);
    assert_eq!(set.folder.json(&["requests", "--json"])[0]["letter"], "sent");
    set.dovecot.deliver(&bounce("<>", "register@desk.test", "Someone@example.org", &id));
    set.moved("Done", 1);
    let failed = set.folder.json(&["requests", "--json"]);
    assert_eq!(failed[0]["letter"], "failed", "{failed}");
    assert!(set.folder.ok(&["outbox"]).contains("550 No such user"));
    assert_eq!(desk.verdict("alice", "other@example.org"), "accepted");
    set.smtp.wait_for_mail("other@example.org");
    // Whoever writes such reports gets no more letters for it.
    for name in ["alice", "alice2"] {
        assert_ne!(desk.verdict(name, "someone@example.org"), "accepted", "{name}");
    }
    assert_eq!(set.smtp.mails().len(), 2);
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

/// A mail server between the desk's mail server and its mailbox: adds its own results, and may take out forged ones.
fn deliver_to_itself(
    set: &Set,
    authserv_id: Option<&str>,
    takes_out_forged: bool,
    told: impl FnOnce() -> String,
) -> String {
    let over = std::sync::atomic::AtomicBool::new(false);
    let before = set.smtp.mails().len();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut delivered = before;
            while !over.load(std::sync::atomic::Ordering::Relaxed) {
                for mail in set.smtp.mails().into_iter().skip(delivered) {
                    delivered += 1;
                    let from = header(&mail, "X-Envelope-From");
                    // What the SMTP server has noted stands before the mail, in four lines.
                    let mut mail = mail.splitn(5, "\r\n").nth(4).unwrap().to_owned();
                    if takes_out_forged && let Some(rest) = mail.strip_prefix("Authentication-Results:") {
                        mail = rest.split_once("from=desk.test\r\n").unwrap().1.to_owned();
                    }
                    let own = authserv_id.map_or_else(String::new, |id| {
                        format!(
                            "Authentication-Results: {id}; dmarc=none\r\n\
                             Received: from desk.test (desk.test [203.0.113.1])\r\n by {id} with ESMTP id 1\r\n"
                        )
                    });
                    set.dovecot.deliver(&format!("Return-Path: <{from}>\r\n{own}{mail}"));
                }
                std::thread::park_timeout(Duration::from_millis(20));
            }
        });
        let told = told();
        over.store(true, std::sync::atomic::Ordering::Relaxed);
        told
    })
}

#[test]
fn the_doctor_says_whom_to_trust() {
    let set = set("none", "");
    let doctor = || {
        let output = set.folder.command(&["doctor", "--mail"]);
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
            .replace('\n', " ")
    };
    // Without a desk, and with one that moves the test mails away.
    for round in 0..2 {
        let _desk = (round == 1).then(|| start(&set));
        let told = deliver_to_itself(&set, Some("mx.desk.test"), true, doctor);
        assert!(told.contains("mx.desk.test is trusted: it takes out"), "{told}");
        let bounces = if round == 0 { "not tried" } else { "mail to register+anything@desk.test arrives" };
        assert!(told.contains(bounces), "{told}");
        assert_eq!(set.dovecot.count("INBOX"), 0);
    }
    let told = deliver_to_itself(&set, Some("filter.desk.test"), true, doctor);
    assert!(told.contains("put trusted_authserv_ids: [filter.desk.test] into imap"), "{told}");
    // Its own says nothing of DMARC; the forged one stands below the line by which it took the mail in.
    let told = deliver_to_itself(&set, Some("mx.desk.test"), false, doctor);
    assert!(told.contains("it leaves forged ones where they are"), "{told}");
    set.dovecot.deliver(&mail("m1", "someone", VERIFIED, "x y", "Username: alice"));
    let _desk = start(&set);
    set.moved("Done", 1);
    let told = deliver_to_itself(&set, None, false, doctor);
    assert!(
        told.contains("1 of the last 1 mails of others carry Authentication-Results of mx.desk.test"),
        "{told}"
    );
}

#[test]
fn the_doctor_tells_what_is_wrong_with_mail() {
    let set = set("none", "");
    set.dovecot.stop();
    // So that no warning of its secrets hides one of them.
    std::fs::set_permissions(set.folder.file("config.yaml"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let output = set.folder.command(&["doctor"]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("WRONG  letter box") && told.contains("ok     mail server"), "{told}");
    assert!(!told.contains("secret"), "{told}");
}

#[test]
fn the_operator_gets_one_digest_an_hour_of_what_waits() {
    let set = set("none", "approval: manual\noperator_email: operator@desk.test\n");
    let desk = start(&set);
    assert_eq!(desk.ask("alice", "alice@example.org").status, 202);
    let digest = set.smtp.wait_for_mail("operator@desk.test");
    assert_eq!(header(&digest, "Subject"), "The registration desk of desk.test needs you");
    assert_eq!(header(&digest, "Auto-Submitted"), "auto-generated");
    assert!(digest.contains("1 request waits") && digest.contains("alice@example.org"), "{digest}");
    assert_eq!(desk.ask("bob", "bob@example.org").status, 202);
    set.folder.ok(&["approve", "1"]);
    // When this letter is out, a second digest would be, too.
    set.smtp.wait_for_mail("alice@example.org");
    assert_eq!(set.smtp.mails().len(), 2);
}

#[test]
fn a_mail_without_a_clear_name_waits_where_the_operator_looks() {
    let set = set("none", "operator_email: operator@desk.test\n");
    let _desk = start(&set);
    let thread = "References: <r1@example.org> <r2@example.org>\r\n";
    set.dovecot.deliver(&mail("a1", "someone", thread, "Hello there", "How do I get in?"));
    set.moved("Held", 1);
    let held = set.folder.json(&["requests", "--held", "--json"]);
    let request = &held[0];
    assert_eq!(
        (request["username"].as_str(), request["email"].as_str(), request["verdict"].as_str()),
        (Some(""), Some("someone@example.org"), Some("held")),
        "{held}"
    );
    assert!(request["reason"] == "name_unclear" && request["letter"].is_null());
    let listed = set.folder.ok(&["requests", "--held"]);
    assert!(listed.contains("(no name)") && listed.contains("answer its mail"), "{listed}");
    let digest = set.smtp.wait_for_mail("operator@desk.test");
    assert!(digest.contains("1 request waits") && digest.contains("(no name)"), "{digest}");
    // No name, no approval; a refusal ends it, and may say why.
    let output = set.folder.command(&["approve", "1"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("names no clear username") && told.contains("someone@example.org"), "{told}");
    // It reserves nothing: the sender may ask by a clear name meanwhile.
    set.dovecot.deliver(&mail("a2", "someone", "", "x y", "Username: alice"));
    assert_eq!(header(&set.smtp.wait_for_mail("someone@example.org"), "In-Reply-To"), "<a2@example.org>");
    set.dovecot.deliver(&mail("b1", "other", thread, "Hello there", "How do I get in?"));
    set.moved("Held", 2);
    let id = set.folder.json(&["requests", "--held", "--json"])[0]["id"].to_string();
    set.folder.ok(&["refuse", &id, "--because", "Members only."]);
    let refusal = set.smtp.wait_for_mail("other@example.org");
    assert!(refusal.contains("Members only."), "{refusal}");
    assert_eq!(header(&refusal, "In-Reply-To"), "<b1@example.org>");
    assert_eq!(header(&refusal, "References"), "<r1@example.org> <r2@example.org> <b1@example.org>");
    assert_eq!(set.folder.json(&["requests", "--held", "--json"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_reply_that_is_no_request_waits_for_the_operator_who_can_answer() {
    let set = set("none", "");
    let desk = start(&set);
    assert_eq!(desk.verdict("alice", "someone@example.org"), "accepted");
    let id = header(&set.smtp.wait_for_mail("someone@example.org"), "Message-ID");
    let thread = format!("{VERIFIED}In-Reply-To: {id}\r\n");
    let quoted = "\r\n\r\nOn 28 Nov 2026, at 10:11, Desk wrote:\r\n> Username: alice";
    let asked = format!("The token says invalid, what do I do?{quoted}");
    set.dovecot.deliver(&mail("a1", "someone", &thread, "Re: Your Registration Token", &asked));
    set.moved("Held", 1);
    let held = set.folder.json(&["requests", "--held", "--json"]);
    assert_eq!(
        (held[0]["reason"].as_str(), held[0]["username"].as_str()),
        (Some("reply"), Some("")),
        "{held}"
    );
    let listed = set.folder.ok(&["requests", "--held"]);
    assert!(listed.contains("The token says invalid"), "{listed}");
    // A program that is away bothers nobody; who asks by a clear name is a request.
    set.dovecot.deliver(&mail(
        "a2",
        "other",
        &thread,
        "Automatic reply: Your Registration Token",
        "I am away.",
    ));
    set.dovecot.deliver(&mail(
        "a3",
        "third",
        &thread,
        "Re: Your Registration Token",
        &format!("Username: bob{quoted}"),
    ));
    set.moved("Ignored", 1);
    set.smtp.wait_for_mail("third@example.org");
    assert_eq!(set.smtp.mails().len(), 2);
    set.folder.ok(&["refuse", &held[0]["id"].to_string(), "--because", "Take the new one."]);
    let answer = wait_until("it is answered", || {
        set.smtp.mails().into_iter().find(|mail| mail.contains("Take the new one."))
    });
    assert!(answer.contains("answers:") && !answer.contains("refused"), "{answer}");
    assert_eq!(header(&answer, "In-Reply-To"), "<a1@example.org>");
}

#[test]
fn a_mail_without_a_clear_name_from_somebody_banned_bothers_nobody() {
    let set = set("none", "");
    set.folder.write("banned_emails.txt", "example.org\n");
    let _desk = start(&set);
    set.dovecot.deliver(&mail("a1", "someone", "", "Cheap watches", "Buy them now."));
    set.moved("Done", 1);
    let requests = set.folder.json(&["requests", "--json"]);
    assert_eq!(
        (&requests[0]["verdict"], &requests[0]["reason"]),
        (&"refused".into(), &"email_banned".into())
    );
    assert!(set.smtp.mails().is_empty());
}

#[test]
fn the_letter_of_an_approved_mail_is_threaded_like_any_other() {
    let set = set("none", "approval: manual\n");
    let _desk = start(&set);
    let ids: Vec<String> = (0..14).map(|number| format!("<r{number}@example.org>")).collect();
    let head = format!("References: {}\r\n", ids.join("\r\n "));
    set.dovecot.deliver(&mail("a1", "someone", &head, "x y", "Username: alice"));
    set.moved("Held", 1);
    set.folder.ok(&["approve", "1"]);
    let letter = set.smtp.wait_for_mail("someone@example.org");
    assert_eq!(header(&letter, "In-Reply-To"), "<a1@example.org>");
    let references = header(&letter.replace("\r\n ", " "), "References");
    assert_eq!(references, format!("{} <a1@example.org>", ids[4..].join(" ")));
}

/// The folder that a fixture's mail belongs into, by what it means.
fn belongs_into(meaning: &str) -> &'static str {
    let verified = meaning.ends_with(" verified");
    match meaning.split([':', ' ']).next().unwrap() {
        // No letter of this desk is meant.
        "ignored" | "failed" => "Ignored",
        "unclear" if !verified => "Held",
        "held" => "Held",
        "request" | "unclear" => "Done",
        other => panic!("{other}"),
    }
}

#[test]
fn the_fixtures_fare_the_same_through_a_real_mail_server() {
    let set = set("none", "");
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails");
    let (mut expected, mut others, mut held) = (BTreeMap::new(), Vec::new(), Vec::new());
    for entry in std::fs::read_dir(&fixtures).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "eml") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let meaning = std::fs::read_to_string(path.with_extension("expected")).unwrap();
        let mut mail = format!("X-Fixture: {name}\n").into_bytes();
        mail.extend(std::fs::read(&path).unwrap());
        // Most ask for the same name from the same address: whoever comes later is answered like whoever came first.
        if meaning.starts_with("held") { &mut held } else { &mut others }.push(mail);
        expected.insert(name, meaning.trim_end().to_owned());
    }
    assert!(expected.len() >= 120 && !held.is_empty());
    let _desk = start(&set);
    for mails in [others, held] {
        for asked in ["someone@example.org", "someone@xn--bcher-kva.example"] {
            set.folder.ok(&["forget", asked]);
        }
        for mail in mails {
            set.dovecot.deliver_bytes(&mail);
        }
        wait_until("all are dealt with", || (set.dovecot.count("INBOX") == 0).then_some(()));
    }
    let mut wrong = Vec::new();
    for folder in ["Done", "Ignored", "Held", "Failed"] {
        for mail in set.dovecot.mails(folder) {
            let mail = String::from_utf8_lossy(&mail).into_owned();
            let name = mail.lines().next().unwrap().trim_start_matches("X-Fixture: ").to_owned();
            let meaning = expected.remove(&name).unwrap();
            if belongs_into(&meaning) != folder {
                wrong.push(format!("{name}: {folder}, {meaning}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(expected.is_empty(), "not there any more: {expected:?}");
}

#[test]
fn every_third_fixture_ends_where_it_belongs() {
    let set = set("none", "");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "eml"));
    paths.sort();
    let (mut delivered, mut ignored) = (0, 0);
    for path in paths.iter().step_by(3) {
        let mail = std::fs::read(path).unwrap();
        if mail.is_empty() {
            continue;
        }
        let expected = std::fs::read_to_string(path.with_extension("expected")).unwrap();
        // Nobody here has written the emails that these reports are about.
        ignored += usize::from(expected.starts_with("ignored") || expected.starts_with("failed"));
        delivered += 1;
        set.dovecot.deliver_bytes(&mail);
    }
    assert!(delivered >= 140, "{delivered}");
    let _desk = start(&set);
    set.moved("INBOX", 0);
    let count = |folder| set.dovecot.count(folder);
    assert_eq!((count("Ignored"), count("Failed")), (ignored, 0));
    assert_eq!(count("Done") + count("Held"), delivered - ignored);
}
