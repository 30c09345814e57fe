//! Whoever writes anything at all, and is who they say, gets a link on which the name is chosen.

use crate::support::account_server::AccountServer;
use crate::support::desk::{Desk, Folder};
use crate::support::dovecot::Dovecot;
use crate::support::http::Answer;
use crate::support::sign_up::{LINKS, link, sign_up, told};
use crate::support::smtp::{SmtpServer, header};
use crate::support::wait_until;

const PASSWORD: &str = "a horse & a battery";
const VERIFIED: &str = "Authentication-Results: mx.desk.test; dmarc=pass header.from=example.org\r\n";

struct Place {
    server: AccountServer,
    smtp: SmtpServer,
    dovecot: Dovecot,
    folder: Folder,
}

fn place(more: &str) -> (Place, Desk) {
    let (server, smtp, dovecot) = (AccountServer::start(), SmtpServer::start(), Dovecot::start());
    let folder = Folder::new(&format!(
        "{}{}{}{LINKS}{more}",
        server.config(),
        smtp.config("none"),
        dovecot.config("none", "")
    ));
    folder.write("banned_usernames.txt", "^admin\n");
    let desk = folder.start();
    desk.wait_until_open();
    (Place { server, smtp, dovecot, folder }, desk)
}

impl Place {
    fn write(&self, id: &str, from: &str, head: &str, subject: &str, body: &str) {
        self.dovecot.deliver(&format!(
            "{head}From: Somebody <{from}@example.org>\r\nTo: register@desk.test\r\nSubject: {subject}\r\n\
             Message-ID: <{id}@example.org>\r\n\r\n{body}\r\n"
        ));
    }

    /// The newest email to this person.
    fn answer(&self, from: &str, to: &str) -> String {
        let address = format!("X-Envelope-To: {from}@example.org");
        wait_until("the answer", || {
            let answers = format!("<{to}@example.org>");
            self.smtp
                .mails()
                .into_iter()
                .find(|mail| mail.starts_with(&address) && header(mail, "In-Reply-To") == answers)
        })
    }

    fn row(&self, id: i64) -> serde_json::Value {
        let rows = self.folder.json(&["requests", "--json"]);
        rows.as_array().unwrap().iter().find(|row| row["id"] == id).unwrap().clone()
    }
}

fn choose(desk: &Desk, path: &str, name: &str) -> Answer {
    sign_up(desk, path, &[("password", PASSWORD), ("username", name)])
}

#[test]
fn a_mail_that_names_nobody_is_answered_by_a_link_on_which_the_name_is_chosen() {
    let (place, desk) = place("");
    place.write("a1", "someone", VERIFIED, "Hello", "How do I get in? My friends call me Alice.");
    let mail = place.answer("someone", "a1");
    assert_eq!(header(&mail, "References"), "<a1@example.org>");
    assert!(!mail.contains(&place.folder.read(".registration_token")), "one link, and nothing else: {mail}");
    let path = link(&mail).unwrap();
    let page = desk.get(&path);
    assert!(page.status == 200 && page.body.contains("name=\"username\""), "{page:?}");
    // It is judged as any name is, and nothing was reserved.
    assert_eq!(told(&choose(&desk, &path, "x y")).0, 422);
    assert_eq!(told(&choose(&desk, &path, "admin.two")), (409, "username_unavailable".into()));
    assert_eq!(told(&choose(&desk, &path, "www.example.com")), (409, "username_unavailable".into()));
    assert_eq!(told(&choose(&desk, &path, "wonder")), (200, "@wonder:accounts.test".into()));
    assert_eq!(place.row(1)["username"], "wonder");
    assert!(place.row(1)["account_made"].is_string());
    // Another mail gives no second account.
    place.write("a2", "someone", VERIFIED, "Hello", "And for my cat?");
    let refused = place.answer("someone", "a2");
    assert_eq!(link(&refused), None, "{refused}");
    assert_eq!(place.server.state().made, ["wonder"]);
}

#[test]
fn a_guess_stands_in_the_field_and_a_name_that_somebody_has_is_chosen_anew() {
    let (place, desk) = place("");
    place.write("a1", "someone", VERIFIED, "Hello", "Username: alice or bob.smith, please");
    let mail = place.answer("someone", "a1");
    assert!(desk.get(&link(&mail).unwrap()).body.contains("name=\"username\""));
    assert_eq!(desk.verdict("alice", "alice@example.net"), "accepted", "nothing is reserved");

    place.server.state().users.insert("taken".into(), "theirs".into());
    place.write("b1", "other", VERIFIED, "Account", "Username: taken");
    let mail = place.answer("other", "b1");
    let path = link(&mail).unwrap();
    let page = desk.get(&path);
    assert!(page.body.contains("value=\"taken\"") && page.body.contains("aria-invalid"), "{page:?}");
    assert_eq!(told(&choose(&desk, &path, "taken")), (409, "username_unavailable".into()));
    assert_eq!(told(&choose(&desk, &path, "given")), (200, "@given:accounts.test".into()));
}

#[test]
fn what_was_read_is_kept_so_that_it_steers_nothing() {
    let (place, desk) = place("");
    place.write("a1", "someone", VERIFIED, "Account", "Username: b\u{202e}ob\u{200b}\u{1b}[2J");
    let page = desk.get(&link(&place.answer("someone", "a1")).unwrap());
    let kept = place.row(1)["username"].as_str().unwrap().to_owned();
    assert!(kept.contains("ob"), "it is a guess: {kept:?}");
    for shown in [&kept, &page.body, &place.folder.ok(&["requests"])] {
        let steers = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{200b}".contains(c);
        assert!(!shown.contains(steers), "{shown:?}");
    }
}

#[test]
fn two_links_of_one_mailbox_make_one_account() {
    let (place, desk) = place("");
    place.write("a1", "someone", VERIFIED, "Hello", "How do I get in?");
    let first = link(&place.answer("someone", "a1")).unwrap();
    place.write("a2", "some.one+x", VERIFIED, "Hello", "How do I get in?");
    place.write("a3", "someone+y", VERIFIED, "Hello", "How do I get in?");
    // The other one asks on the page, by a name.
    let asked = desk.ask("by.form", "someone@example.org");
    let mut paths = vec![first];
    paths.extend(link(&place.answer("some.one+x", "a2")));
    paths.extend(
        place.smtp.mails().iter().filter(|mail| mail.contains("someone")).filter_map(|mail| link(mail)),
    );
    paths.dedup();
    assert!(asked.status < 500);
    let made: Vec<_> = std::thread::scope(|scope| {
        let tries: Vec<_> = paths
            .iter()
            .enumerate()
            .map(|(n, path)| {
                let desk = &desk;
                scope.spawn(move || told(&choose(desk, path, &format!("choice.{n}"))))
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let by_mailbox = |mailbox: &str| {
        let rows = place.folder.json(&["requests", "--json"]);
        let rows = rows.as_array().unwrap().iter();
        rows.filter(|row| {
            row["account_made"].is_string() && row["email"].as_str().unwrap().starts_with(mailbox)
        })
        .count()
    };
    assert!(by_mailbox("someone") <= 1, "{made:?}");
    assert_eq!(by_mailbox("some.one"), 1, "{made:?}");
}

#[test]
fn an_open_link_is_worth_nothing_once_the_address_has_an_account() {
    let (place, desk) = place("");
    place.write("a1", "someone", VERIFIED, "Hello", "How do I get in?");
    let open = link(&place.answer("someone", "a1")).unwrap();
    // The mailbox asks by the form as well, as it may after its cooldown.
    assert_eq!(desk.verdict("by.form", "someone@example.org"), "accepted");
    let mail = wait_until("the other link", || {
        let mails = place.smtp.mails();
        mails.into_iter().find(|mail| mail.contains("@by.form:accounts.test"))
    });
    let named = link(&mail).unwrap();
    let late = choose(&desk, &open, "second");
    assert_eq!(told(&late), (409, "email_in_use".into()), "{late:?}");
    assert_eq!(
        told(&sign_up(&desk, &named, &[("password", PASSWORD)])),
        (200, "@by.form:accounts.test".into())
    );
    assert_eq!(place.server.state().made, ["by.form"]);
}

#[test]
fn what_the_rules_hold_waits_and_its_approval_mails_the_link() {
    let (place, desk) = place("approval: manual\n");
    place.write("a1", "someone", VERIFIED, "Hello", "How do I get in?");
    wait_until("it waits", || (place.row_count() == 1).then_some(()));
    let row = place.row(1);
    assert_eq!((row["verdict"].as_str(), row["reason"].as_str()), (Some("held"), Some("approval")), "{row}");
    let told_of_it = place.folder.ok(&["approve", "1"]);
    assert!(told_of_it.contains("a link on which the name is chosen"), "{told_of_it}");
    let path = link(&place.answer("someone", "a1")).unwrap();
    assert_eq!(told(&choose(&desk, &path, "approved")), (200, "@approved:accounts.test".into()));
    place.folder.ok(&["why", "1"]);
}

impl Place {
    fn row_count(&self) -> usize {
        self.folder.json(&["requests", "--json"]).as_array().unwrap().len()
    }
}
