//! A letter box whose mail server goes away, lies, has no room; and two desks on one mailbox.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;

use crate::support::desk::{Desk, Folder};
use crate::support::dovecot::Dovecot;
use crate::support::homeserver::{Act, FakeHomeserver};
use crate::support::imap_server::{FakeImap, Fault, Habit, UNREADABLE};
use crate::support::load::peak_memory;
use crate::support::smtp::{SmtpServer, header};
use crate::support::wait_until;

fn mail(name: &str) -> String {
    format!(
        "From: <{name}@example.org>\r\nTo: register@desk.test\r\nSubject: x y\r\nMessage-ID: <{name}@example.org>\r\n\r\n\
         Username: {name}\r\n"
    )
}

struct Set {
    homeserver: FakeHomeserver,
    smtp: SmtpServer,
    imap: FakeImap,
    folder: Folder,
}

fn desk_folder(homeserver: &FakeHomeserver, smtp: &SmtpServer, imap: &str) -> Folder {
    Folder::new(&format!(
        "base_url: {}\ndowntime_before_token_reset: 0\nletters_per_hour: 0\n{}{imap}",
        homeserver.url,
        smtp.config("none"),
    ))
}

fn set() -> (Set, Desk) {
    set_with(FakeImap::start())
}

fn set_with(imap: FakeImap) -> (Set, Desk) {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    let folder = desk_folder(&homeserver, &smtp, &imap.config());
    let desk = folder.start();
    desk.wait_until_open();
    (Set { homeserver, smtp, imap, folder }, desk)
}

impl Set {
    fn done(&self, count: usize) {
        wait_until(&format!("{count} in Done"), || (self.imap.count("Done") == count).then_some(()));
        // Where there is no MOVE, it is taken out after it was copied.
        wait_until("nothing is left", || (self.imap.count("INBOX") == 0).then_some(()));
    }

    /// Every one of them has one letter, and nobody else has any.
    fn each_answered_once(&self, names: &BTreeSet<String>) {
        each_answered_once(&self.folder, &self.smtp, names);
    }
}

fn each_answered_once(folder: &Folder, smtp: &SmtpServer, names: &BTreeSet<String>) {
    wait_until("all is out", || {
        folder.json(&["outbox", "--json"]).as_array().unwrap().is_empty().then_some(())
    });
    let mut letters: BTreeMap<String, usize> = BTreeMap::new();
    for mail in smtp.mails() {
        *letters.entry(header(&mail, "X-Envelope-To")).or_default() += 1;
    }
    assert_eq!(&letters.keys().map(|to| to.replace("@example.org", "")).collect::<BTreeSet<_>>(), names);
    assert!(letters.values().all(|count| *count == 1), "{letters:?}");
}

/// In each command of a session this goes wrong once, with a mail on its way.
fn in_every_command(fault: &Fault) {
    let (set, desk) = set();
    let mut names = BTreeSet::new();
    // The first takes the fault away, in the session that is open; it is met by the next.
    for (number, command) in [
        "UID FETCH",
        "greeting",
        "CAPABILITY",
        "AUTHENTICATE",
        "LIST",
        "SELECT",
        "STATUS",
        "APPEND",
        "UID SEARCH",
        "UID MOVE",
        "IDLE",
    ]
    .into_iter()
    .enumerate()
    {
        set.imap.at(command, fault.clone());
        let name = format!("n{number}");
        set.imap.deliver(&mail(&name));
        names.insert(name);
        if matches!(
            command,
            "greeting" | "CAPABILITY" | "AUTHENTICATE" | "LIST" | "SELECT" | "STATUS" | "APPEND"
        ) {
            // Only a new session meets these.
            set.folder.write("config.yaml", &format!("{}#\n", set.folder.read("config.yaml")));
            desk.signal("-HUP");
        }
        wait_until(&format!("{command} goes wrong"), || set.imap.has_struck().then_some(()));
        set.done(number + 1);
    }
    set.each_answered_once(&names);
    assert_eq!(desk.get("/").status, 200);
}

#[test]
fn a_connection_that_is_cut_before_any_command_costs_nothing() {
    in_every_command(&Fault::CutBefore);
}

#[test]
fn a_connection_that_is_cut_after_any_command_costs_nothing() {
    in_every_command(&Fault::CutAfter);
}

#[test]
fn a_goodbye_at_any_command_costs_nothing() {
    in_every_command(&Fault::Bye);
}

#[test]
fn rubbish_at_any_command_costs_nothing() {
    in_every_command(&Fault::Rubbish);
}

#[test]
fn a_literal_of_a_gigabyte_costs_no_memory() {
    let (set, desk) = set();
    set.imap.at("UID FETCH", Fault::HugeLiteral);
    set.imap.deliver(&mail("alice"));
    set.done(1);
    assert!(set.imap.has_struck());
    assert!(peak_memory(&desk) < 60, "{} MB", peak_memory(&desk));
    set.each_answered_once(&BTreeSet::from(["alice".to_owned()]));
}

#[test]
fn a_line_that_nobody_asked_for_does_not_end_the_session() {
    let (set, _desk) = set();
    for (number, command) in ["UID SEARCH", "UID MOVE"].into_iter().enumerate() {
        set.imap.at(command, Fault::LineBefore);
        set.imap.deliver(&mail(&format!("n{number}")));
        set.done(number + 1);
        assert!(set.imap.has_struck());
    }
}

#[test]
fn a_mail_that_comes_while_another_is_dealt_with_does_not_wait_for_the_end_of_idle() {
    const SECOND: &str = "From: <second@example.org>\r\nTo: register@desk.test\r\nMessage-ID: <second@example.org>\r\n\r\nUsername: second\r\n";
    for command in ["UID SEARCH", "UID FETCH", "UID STORE", "UID MOVE"] {
        let (set, desk) = set();
        set.imap.at(command, Fault::ComesMeanwhile(SECOND));
        set.imap.deliver(&mail("first"));
        set.done(2);
        set.each_answered_once(&["first", "second"].map(str::to_owned).into());
        drop(desk);
    }
}

#[test]
fn a_mail_that_cannot_be_moved_is_told_and_holds_up_nobody() {
    let (set, desk) = set();
    set.imap.refuse("UID MOVE", "[OVERQUOTA] Quota exceeded");
    set.imap.deliver(&mail("first"));
    set.imap.deliver(&mail("second"));
    set.smtp.wait_for_mail("first@example.org");
    set.smtp.wait_for_mail("second@example.org");
    let told = wait_until("it is told", || {
        let body = desk.get("/healthz").body;
        body.contains("letter_box").then_some(body)
    });
    assert!(told.contains("Quota exceeded") && told.contains("make room"), "{told}");
    assert_eq!(desk.verdict("web", "web@example.org"), "accepted");
    // The numbers change, as after a restore: what was answered is not answered again.
    set.imap.renumber();
    set.imap.take_again();
    set.folder.write("config.yaml", &format!("{}#\n", set.folder.read("config.yaml")));
    desk.signal("-HUP");
    set.done(2);
    set.each_answered_once(&["first", "second", "web"].map(str::to_owned).into());
    wait_until("it is right again", || (!desk.get("/healthz").body.contains("letter_box")).then_some(()));
}

#[test]
fn a_folder_that_may_not_be_written_to_is_told_and_holds_up_nobody() {
    let (homeserver, smtp, dovecot) = (FakeHomeserver::start(), SmtpServer::start(), Dovecot::start());
    let folder = desk_folder(&homeserver, &smtp, &dovecot.config("none", ""));
    let desk = folder.start();
    dovecot.deliver(&mail("first"));
    wait_until("one in Done", || (dovecot.count("Done") == 1).then_some(()));
    let done = dovecot.folder("Done");
    for part in ["new", "cur", "tmp"] {
        std::fs::set_permissions(done.join(part), std::fs::Permissions::from_mode(0o555)).unwrap();
    }
    dovecot.deliver(&mail("second"));
    smtp.wait_for_mail("second@example.org");
    let told = wait_until("it is told", || {
        let body = desk.get("/healthz").body;
        body.contains("letter_box").then_some(body)
    });
    assert!(told.contains("Done"), "{told}");
    dovecot.deliver(&mail("third"));
    smtp.wait_for_mail("third@example.org");
    for part in ["new", "cur", "tmp"] {
        std::fs::set_permissions(done.join(part), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder.write("config.yaml", &format!("{}#\n", folder.read("config.yaml")));
    desk.signal("-HUP");
    wait_until("all in Done", || (dovecot.count("Done") == 3).then_some(()));
    each_answered_once(&folder, &smtp, &["first", "second", "third"].map(str::to_owned).into());
}

#[test]
fn without_move_a_mail_is_copied_once_and_taken_out_where_only_that_one_can_be() {
    for (capabilities, left) in [("IMAP4rev1 IDLE UIDPLUS", 0), ("IMAP4rev1 IDLE", 1)] {
        let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
        let dovecot = Dovecot::start_with("separator = /", &format!("imap_capability = {capabilities}"));
        let folder = desk_folder(&homeserver, &smtp, &dovecot.config("none", ""));
        dovecot.deliver(&mail("first"));
        let settled = |count: usize| {
            wait_until(&format!("{count} in Done"), || (dovecot.count("Done") == count).then_some(()));
            wait_until("it is left or taken out", || {
                let flags = dovecot.flags("INBOX");
                (flags.len() == count * left && flags.iter().all(|flags| flags.contains('T'))).then_some(())
            });
        };
        let desk = folder.start();
        settled(1);
        drop(desk);
        // What was left is known, also to the desk's next run.
        dovecot.deliver(&mail("second"));
        let desk = folder.start();
        settled(2);
        dovecot.deliver(&mail("third"));
        settled(3);
        assert!(!desk.get("/healthz").body.contains("letter_box"));
        each_answered_once(&folder, &smtp, &["first", "second", "third"].map(str::to_owned).into());
        assert_eq!(dovecot.count("Done"), 3);
    }
}

#[test]
fn without_move_a_session_that_ends_in_the_middle_costs_a_copy_at_most() {
    // The server, cut after the copy, has told nobody that there is one.
    for (command, fault, copies) in [
        ("UID COPY", Fault::CutBefore, 1),
        ("UID COPY", Fault::CutAfter, 2),
        ("UID EXPUNGE", Fault::CutBefore, 1),
        ("UID EXPUNGE", Fault::CutAfter, 1),
    ] {
        let (set, _desk) = set_with(FakeImap::that_can("IDLE UIDPLUS"));
        set.imap.deliver(&mail("first"));
        set.done(1);
        set.imap.at(command, fault.clone());
        set.imap.deliver(&mail("second"));
        wait_until("it goes wrong", || set.imap.has_struck().then_some(()));
        wait_until("it is gone", || (set.imap.count("INBOX") == 0).then_some(()));
        assert_eq!(set.imap.count("Done"), 1 + copies, "{command} {fault:?}");
        set.each_answered_once(&["first", "second"].map(str::to_owned).into());
    }
}

#[test]
fn a_mail_that_cannot_be_taken_out_is_not_copied_again_and_again() {
    // Refused; or said to be done, and nothing happens.
    for refused in [Some("UID EXPUNGE"), Some("UID STORE"), None] {
        let (set, desk) = set_with(FakeImap::that_can("IDLE UIDPLUS"));
        match refused {
            Some(command) => set.imap.refuse(command, "[NOPERM] Permission denied"),
            None => set.imap.gets_into(Habit::KeepsEverything),
        }
        set.imap.deliver(&mail("first"));
        set.smtp.wait_for_mail("first@example.org");
        let told = wait_until("it is told", || {
            let body = desk.get("/healthz").body;
            body.contains("letter_box").then_some(body)
        });
        assert!(told.contains("taken out of INBOX"), "{told}");
        for round in 0..3 {
            // New sessions, and others' mails meanwhile.
            let name = format!("n{round}");
            set.folder.write("config.yaml", &format!("{}#\n", set.folder.read("config.yaml")));
            desk.signal("-HUP");
            set.imap.deliver(&mail(&name));
            set.smtp.wait_for_mail(&format!("{name}@example.org"));
        }
        // Where nothing can be marked as deleted, nothing is copied.
        let copies = if refused == Some("UID STORE") { 0 } else { 4 };
        wait_until("the last is copied", || (set.imap.count("Done") >= copies).then_some(()));
        assert_eq!(set.imap.count("Done"), copies);
        set.imap.take_again();
        set.folder.write("config.yaml", &format!("{}#\n", set.folder.read("config.yaml")));
        desk.signal("-HUP");
        wait_until("they are gone", || (set.imap.count("INBOX") == 0).then_some(()));
        set.each_answered_once(&["first", "n0", "n1", "n2"].map(str::to_owned).into());
        wait_until("it is right again", || (!desk.get("/healthz").body.contains("letter_box")).then_some(()));
    }
}

#[test]
fn a_mailbox_that_is_not_there_is_told() {
    let (homeserver, smtp, imap) = (FakeHomeserver::start(), SmtpServer::start(), FakeImap::start());
    let config = imap.config().replace("tls: none", "tls: none, mailbox: Register");
    let folder = desk_folder(&homeserver, &smtp, &config);
    let desk = folder.start();
    desk.wait_until_open();
    wait_until("it is told", || desk.get("/healthz").body.contains("imap.mailbox").then_some(()));
    assert_eq!(desk.verdict("web", "web@example.org"), "accepted");
}

#[test]
fn of_two_desks_on_one_mailbox_one_reads_it_and_the_other_says_so() {
    let (homeserver, smtp, dovecot) = (FakeHomeserver::start(), SmtpServer::start(), Dovecot::start());
    let folders = [(); 2].map(|()| desk_folder(&homeserver, &smtp, &dovecot.config("none", "")));
    // At the same time.
    let desks = [&folders[0], &folders[1]].map(Folder::start);
    let told = |desk: &Desk| desk.get("/healthz").body.contains("another desk reads the mailbox");
    let first = wait_until("one has it", || match (told(&desks[0]), told(&desks[1])) {
        (false, true) if desks[0].log().contains("the letter box is open") => Some(0),
        (true, false) if desks[1].log().contains("the letter box is open") => Some(1),
        _ => None,
    });
    let names: BTreeSet<String> = (0..6).map(|number| format!("n{number}")).collect();
    for name in &names {
        dovecot.deliver(&mail(name));
    }
    wait_until("all in Done", || (dovecot.count("Done") == names.len()).then_some(()));
    each_answered_once(&folders[first], &smtp, &names);
    assert!(folders[1 - first].json(&["requests", "--json"]).as_array().unwrap().is_empty());
    // Killed and started again, it is the same desk.
    let [one, two] = desks;
    let (reading, other) = if first == 0 { (one, two) } else { (two, one) };
    reading.kill();
    let again = folders[first].start();
    dovecot.deliver(&mail("later"));
    smtp.wait_for_mail("later@example.org");
    assert!(told(&other) && !told(&again));
}

#[test]
fn a_desk_that_stops_leaves_the_mailbox_to_another() {
    let (homeserver, smtp, dovecot) = (FakeHomeserver::start(), SmtpServer::start(), Dovecot::start());
    for round in ["first", "second"] {
        let folder = desk_folder(&homeserver, &smtp, &dovecot.config("none", ""));
        let desk = folder.start();
        dovecot.deliver(&mail(round));
        smtp.wait_for_mail(&format!("{round}@example.org"));
        wait_until("it waits", || (dovecot.count("Lease") == 1 && dovecot.count("INBOX") == 0).then_some(()));
        if round == "second" {
            // With another mailbox in its config it leaves this one, too.
            dovecot.deliver_into("Other", "S", mail("third").as_bytes());
            let config =
                folder.read("config.yaml").replace("password: secret", "password: secret, mailbox: Other");
            folder.write("config.yaml", &config);
            desk.signal("-HUP");
            smtp.wait_for_mail("third@example.org");
        }
        drop(desk);
        assert_eq!(dovecot.count("Lease"), 0);
    }
}

#[test]
fn a_mail_server_that_hangs_does_not_delay_the_end() {
    let (set, desk) = set();
    set.imap.deliver(&mail("alice"));
    set.done(1);
    wait_until("it is waited for", || set.imap.was_idle().then_some(()));
    set.imap.gets_into(Habit::IsSilent);
    let began = std::time::Instant::now();
    drop(desk);
    // The desk gives the session two seconds.
    assert!(began.elapsed() < std::time::Duration::from_secs(7), "{:?}", began.elapsed());
}

#[test]
fn mails_are_moved_beside_the_mailbox_whatever_the_server_calls_that_place() {
    for (namespace, mailbox, on_disk) in [
        ("separator = /", "INBOX", ""),
        ("separator = .", "INBOX", ""),
        ("separator = /\n prefix = INBOX/", "INBOX", ""),
        ("separator = .\n prefix = INBOX.", "INBOX", ""),
        ("separator = /", "Team/Register", "Team."),
        ("separator = .", "Team.Register", "Team."),
        ("separator = .\n prefix = INBOX.", "INBOX.Team.Register", "Team."),
    ] {
        let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
        let dovecot = Dovecot::start_with(namespace, "");
        let config = dovecot.config("none", &format!(", mailbox: \"{mailbox}\""));
        let folder = desk_folder(&homeserver, &smtp, &config);
        let delivered = if on_disk.is_empty() { "INBOX".to_owned() } else { format!("{on_disk}Register") };
        let machine = mail("machine").replace("Subject:", "Precedence: bulk\r\nSubject:");
        for mail in [mail("alice"), machine] {
            dovecot.deliver_into(&delivered, "", mail.as_bytes());
        }
        let desk = folder.start();
        for place in ["Done", "Ignored"] {
            wait_until(&format!("one in {place}: {namespace} {mailbox}"), || {
                (dovecot.count(&format!("{on_disk}{place}")) == 1).then_some(())
            });
        }
        wait_until("none is left", || (dovecot.count(&delivered) == 0).then_some(()));
        assert!(!desk.get("/healthz").body.contains("letter_box"), "{namespace} {mailbox}");
    }
}

#[test]
fn a_homeserver_that_is_away_leaves_the_mail_for_later() {
    let (set, desk) = set();
    set.homeserver.on("/available", Act::Answer(500, "{}".into()));
    set.imap.deliver(&mail("alice"));
    wait_until("it is asked", || {
        set.homeserver.asked().iter().any(|path| path.contains("alice")).then_some(())
    });
    set.homeserver.on("/available", Act::Answer(200, r#"{"available": true}"#.into()));
    set.done(1);
    set.each_answered_once(&BTreeSet::from(["alice".to_owned()]));
    assert!(!desk.get("/healthz").body.contains("letter_box"));
}

#[test]
fn a_server_that_always_tells_of_new_mails_is_not_asked_without_end() {
    let (set, _desk) = set();
    set.imap.gets_into(Habit::Chatters);
    set.imap.deliver(&mail("alice"));
    set.done(1);
    wait_until("it is waited for", || set.imap.was_idle().then_some(()));
}

#[test]
fn a_mail_that_the_server_cannot_hand_out_is_told_and_holds_up_nobody() {
    let (set, desk) = set();
    set.imap.deliver(&format!("{UNREADABLE}\r\n{}", mail("unreadable")));
    set.imap.deliver(&mail("first"));
    set.smtp.wait_for_mail("first@example.org");
    let told = wait_until("it is told", || {
        let body = desk.get("/healthz").body;
        body.contains("does not return").then_some(body)
    });
    assert!(told.contains("UID"), "{told}");
    // From now on it ends no more sessions.
    set.imap.deliver(&mail("second"));
    set.smtp.wait_for_mail("second@example.org");
    wait_until("two in Done", || (set.imap.count("Done") == 2).then_some(()));
    assert_eq!(set.imap.count("INBOX"), 1);
}

#[test]
fn a_server_that_lets_nobody_in_for_now_is_not_taken_for_a_wrong_password() {
    let (homeserver, smtp, imap) = (FakeHomeserver::start(), SmtpServer::start(), FakeImap::start());
    imap.refuse("AUTHENTICATE", "[UNAVAILABLE] Temporary authentication failure.");
    let folder = desk_folder(&homeserver, &smtp, &imap.config());
    let desk = folder.start();
    desk.wait_until_open();
    let told = wait_until("it is told", || {
        let body = desk.get("/healthz").body;
        body.contains("letter_box").then_some(body)
    });
    assert!(!told.contains("imap.password"), "{told}");
    imap.take_again();
    imap.deliver(&mail("alice"));
    wait_until("one in Done", || (imap.count("Done") == 1).then_some(()));
}
