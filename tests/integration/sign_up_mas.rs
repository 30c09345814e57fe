//! From the link in an email to an account at the Matrix Authentication Service.

use crate::support::desk::{Desk, Folder};
use crate::support::mas::{Account, Mas};
use crate::support::sign_up::{LINKS, invited, link, sign_up, told};
use crate::support::smtp::SmtpServer;
use crate::support::wait_until;

const PASSWORD: &str = "a horse & a battery";

struct Place {
    mas: Mas,
    smtp: SmtpServer,
    folder: Folder,
}

fn place(more: &str) -> (Place, Desk) {
    let (mas, smtp) = (Mas::start(), SmtpServer::start());
    let folder = Folder::new(&format!("{}{}{LINKS}{more}", mas.config(""), smtp.config("none")));
    let desk = folder.start();
    desk.wait_until_open();
    (Place { mas, smtp, folder }, desk)
}

impl Place {
    fn account(&self, name: &str) -> Account {
        let state = self.mas.state();
        let mut of_this_name = state.accounts.iter().filter(|account| account.name == name);
        let account = of_this_name.next().unwrap_or_else(|| panic!("no account {name}")).clone();
        assert!(of_this_name.next().is_none(), "two accounts {name}");
        account
    }
}

#[test]
fn a_link_and_a_password_make_a_user_with_its_address() {
    let (place, desk) = place("");
    let path = invited(&desk, &place.smtp, "by.mas");
    let weak = sign_up(&desk, &path, &[("password", "short")]);
    assert_eq!(told(&weak), (422, "weak_password".into()));
    assert!(weak.json()["message"].as_str().unwrap().contains("Password is too weak"), "{weak:?}");
    // The user was made before its password was refused: it is theirs.
    let made = sign_up(&desk, &path, &[("password", PASSWORD)]);
    assert_eq!(told(&made), (200, "@by.mas:mas.test".into()));
    let account = place.account("by.mas");
    assert_eq!(account.password.as_deref(), Some(PASSWORD));
    assert_eq!(account.emails, ["by.mas@example.org"]);
    assert_eq!(told(&sign_up(&desk, &path, &[("password", PASSWORD)])), (200, "@by.mas:mas.test".into()));
    assert_eq!(told(&sign_up(&desk, &path, &[("password", "another one")])), (410, "link_used".into()));
    assert_eq!(place.account("by.mas").password.as_deref(), Some(PASSWORD));
    assert_eq!(place.mas.state().sessions, 0, "what proved whose it is has ended");
    let doctor = place.folder.command(&["doctor"]);
    let report = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(report.contains("lets the desk make users"), "{report}");
}

#[test]
fn a_user_that_somebody_else_has_made_is_never_touched() {
    let (place, desk) = place("");
    let path = invited(&desk, &place.smtp, "first.come");
    place.mas.state().users.insert("first.come".into());
    assert_eq!(told(&sign_up(&desk, &path, &[("password", PASSWORD)])), (409, "username_unavailable".into()));
    assert!(place.mas.state().accounts.is_empty());
    let made = sign_up(&desk, &path, &[("password", PASSWORD), ("username", "second.come")]);
    assert_eq!(told(&made), (200, "@second.come:mas.test".into()));
    assert_eq!(place.account("second.come").emails, ["first.come@example.org"]);
}

#[test]
fn an_answer_that_is_lost_leads_to_one_user_or_to_the_operator() {
    let (place, mut desk) = place("");
    // The password is set, and nobody said so; the desk is killed besides.
    let path = invited(&desk, &place.smtp, "lost.password");
    assert_eq!(told(&sign_up(&desk, &path, &[("password", "short")])).0, 422);
    place.mas.state().swallows_accounts = 1;
    let answer = sign_up(&desk, &path, &[("password", PASSWORD)]);
    assert_eq!(told(&answer), (200, "@lost.password:mas.test".into()), "the password proves whose it is");
    desk.kill();
    desk = place.folder.start();
    desk.wait_until_open();
    assert_eq!(
        told(&sign_up(&desk, &path, &[("password", PASSWORD)])),
        (200, "@lost.password:mas.test".into())
    );

    // The user is made, and its ID was never told: nobody can say whose it is, and it is not touched.
    let path = invited(&desk, &place.smtp, "lost.user");
    place.mas.state().swallows_accounts = 1;
    assert_eq!(
        told(&sign_up(&desk, &path, &[("password", PASSWORD)])),
        (503, "homeserver_unreachable".into())
    );
    assert_eq!(told(&sign_up(&desk, &path, &[("password", PASSWORD)])), (409, "username_unavailable".into()));
    assert_eq!(place.account("lost.user").password, None);
    assert!(
        desk.log().contains("the Matrix Authentication Service has a user of this name"),
        "{}",
        desk.log()
    );
    let made = sign_up(&desk, &path, &[("password", PASSWORD), ("username", "found.user")]);
    assert_eq!(told(&made), (200, "@found.user:mas.test".into()));
}

#[test]
fn where_mas_lets_nobody_register_the_desk_does_and_its_emails_bring_no_token() {
    let (place, desk) = place("");
    place.mas.state().registration_enabled = false;
    place.folder.ok(&["rotate"]);
    // MAS is asked right after a rotation; an email may be faster.
    let mut asked = 0..200;
    let mut first_mail = |brings_token: bool| {
        wait_until("it has heard so", || {
            let name = format!("applicant.{}", asked.next().unwrap());
            assert_eq!(desk.verdict(&name, &format!("{name}@example.org")), "accepted");
            let mail = place.smtp.wait_for_mail(&format!("{name}@example.org"));
            let quoted = mail.contains(&place.folder.read(".registration_token"));
            (quoted == brings_token).then_some((name, mail))
        })
    };
    let (name, mail) = first_mail(false);
    let made = sign_up(&desk, &link(&mail).unwrap(), &[("password", PASSWORD)]);
    assert_eq!(told(&made), (200, format!("@{name}:mas.test")));
    place.mas.state().registration_enabled = true;
    place.folder.ok(&["rotate"]);
    first_mail(true);
}
