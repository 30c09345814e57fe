//! Sign-up links that the operator gives away.

use crate::support::account_server::AccountServer;
use crate::support::desk::{Desk, Folder, open_desk};
use crate::support::sign_up::{LINKS, link, sign_up, told};
use crate::support::smtp::{SmtpServer, header};
use crate::support::synapse::synapse;
use crate::support::wait_until;

const PASSWORD: &str = "correct horse battery staple";

struct Place {
    server: AccountServer,
    smtp: SmtpServer,
    folder: Folder,
}

fn place(more: &str) -> (Place, Desk) {
    let (server, smtp) = (AccountServer::start(), SmtpServer::start());
    let folder = Folder::new(&format!("{}{}{LINKS}{more}", server.config(), smtp.config("none")));
    let desk = folder.start();
    desk.wait_until_open();
    (Place { server, smtp, folder }, desk)
}

/// The path of a link that was printed.
fn path(printed: &str) -> String {
    let path = printed.trim_end().strip_prefix("http://127.0.0.1:9").unwrap().to_owned();
    assert_eq!((path.len(), path.lines().count()), ("/signup/".len() + 32, 1), "{printed}");
    path
}

fn fails(folder: &Folder, args: &[&str]) -> (i32, String) {
    let output = folder.command(args);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{args:?}");
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn an_invitation_that_is_mailed_leads_to_an_account_at_a_real_homeserver() {
    let smtp = SmtpServer::start();
    let folder = Folder::new(&format!(
        "{}{}{LINKS}approval: manual\naccounts_per_day: 1\n",
        synapse().config(),
        smtp.config("none")
    ));
    let desk = folder.start();
    desk.wait_until_open();
    folder.ok(&["pause"]);
    let note = "See you <b>on Monday</b>\nat \u{202e}nine";
    let said = folder.ok(&[
        "invite",
        "by.invitation",
        "--email",
        "invited@example.org",
        "--note",
        note,
        "--hours",
        "7",
    ]);
    assert!(said.contains("the link goes to invited@example.org"), "{said}");
    let mail = smtp.wait_for_mail("invited@example.org");
    assert_eq!(header(&mail, "Subject"), "You have been invited to synapse.test");
    assert_eq!(header(&mail, "In-Reply-To"), "");
    for words in
        ["`@by.invitation:synapse.test`", "See you <b>on Monday</b> at nine", "7 hours from", "/not-me/"]
    {
        assert!(mail.contains(words), "{words}: {mail}");
    }
    assert!(mail.contains("See you &#60;b&#62;on Monday&#60;/b&#62; at nine"), "{mail}");
    assert!(!mail.contains(&folder.read(".registration_token")), "it brings a link, and nothing else");
    let path = link(&mail).unwrap();
    assert!(desk.get(&path).body.contains("@by.invitation:synapse.test"));
    let shown = || folder.json(&["requests", "--where", "by:invitation", "--json"])[0].clone();
    wait_until("the operator sees that it was opened", || shown()["link_opened"].is_string().then_some(()));
    assert_eq!((&shown()["channel"], &shown()["letter"]), (&"invitation".into(), &"sent".into()));
    assert_eq!(
        told(&sign_up(&desk, &path, &[("password", PASSWORD)])),
        (200, "@by.invitation:synapse.test".into())
    );
    assert!(synapse().log_in("by.invitation", PASSWORD).is_ok());
    assert!(shown()["account_made"].is_string() && shown()["arrived"] == true, "{}", shown());
    assert_eq!(folder.json(&["requests", "--where", "arrived", "--json"]).as_array().unwrap().len(), 1);
    let mirror = || folder.read("registrations.json").contains("by.invitation");
    wait_until("it stands in registrations.json", || mirror().then_some(()));
    let undone = folder.command(&["undo"]);
    let words = String::from_utf8_lossy(&undone.stderr).into_owned();
    assert!(words.contains("there is an account"), "{words}");
}

#[test]
fn one_that_is_printed_stands_on_standard_output_and_nowhere_else() {
    let (place, desk) = place("accounts_per_day: 1\non_surge: close\n");
    let folder = &place.folder;
    assert_eq!(desk.verdict("first", "first@example.org"), "accepted");
    folder.ok(&["surge", "on"]);
    let printed = folder.ok(&["invite", "--print", "--note", "for my aunt"]);
    let path = path(&printed);
    let secret = path.strip_prefix("/signup/").unwrap();
    let page = desk.get(&path);
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.body.contains("name=\"username\""), "the name is chosen there");
    let post = |name: &str| told(&sign_up(&desk, &path, &[("username", name), ("password", PASSWORD)]));
    assert_eq!(post("not a name"), (422, "malformed".into()));
    folder.write("banned_usernames.txt", "^admin\n");
    wait_until("the ban holds", || desk.log().contains("banned_usernames.txt is in force").then_some(()));
    assert_eq!(post("admin.aunt"), (409, "username_unavailable".into()));
    assert_eq!(post("aunt"), (200, "@aunt:accounts.test".into()));
    assert_eq!(place.server.state().made, ["aunt"]);
    let request = &folder.json(&["requests", "--json"])[0];
    assert_eq!(
        (&request["channel"], &request["username"], &request["email"], &request["detail"]),
        (&"invitation".into(), &"aunt".into(), &"".into(), &"for my aunt".into())
    );
    assert!(place.smtp.mails().iter().all(|mail| !mail.contains("aunt")));
    for (what, text) in [
        ("log", desk.log()),
        ("journal", folder.ok(&["log", "--json"])),
        ("request", folder.ok(&["requests", "show", "2", "--json"])),
        ("export", folder.ok(&["export"])),
        ("database", String::from_utf8_lossy(&std::fs::read(folder.file("doorman.db")).unwrap()).into()),
        ("its log", String::from_utf8_lossy(&std::fs::read(folder.file("doorman.db-wal")).unwrap()).into()),
    ] {
        assert!(!text.contains(secret), "the secret stands in the {what}");
    }
}

#[test]
fn what_cannot_lead_anywhere_is_not_given_away() {
    let (place, desk) = place("");
    let folder = &place.folder;
    let (code, words) = fails(folder, &["invite", "nowhere"]);
    assert!(code == 2 && words.contains("--email ADDRESS") && words.contains("--print"), "{words}");
    for (args, words) in [
        (vec!["invite", "not a name", "--print"], "not a name"),
        (vec!["invite", "--print", "--email", "nobody"], "nobody"),
        (vec!["invite", "--print", "--hours", "0"], "0"),
    ] {
        let (code, said) = fails(folder, &args);
        assert!(code != 0 && said.contains(words), "{said}");
    }
    place.server.state().users.insert("taken".into(), "else".into());
    let (code, words) = fails(folder, &["invite", "taken", "--print"]);
    assert!(code == 1 && words.contains("in use on the homeserver"), "{words}");
    assert_eq!(desk.verdict("applicant", "applicant@example.org"), "accepted");
    let (_, words) = fails(folder, &["invite", "applicant", "--print"]);
    assert!(words.contains("already requested here"), "{words}");
    for args in [
        vec!["invite", "another", "--email", "applicant+x@example.org"],
        vec!["invite", "--email", "applicant+x@example.org"],
    ] {
        let (code, words) = fails(folder, &args);
        assert!(
            code == 1 && words.contains("already asked for applicant"),
            "one account an address: {words}"
        );
    }
    folder.ok(&["suppress", "add", "quiet@example.org"]);
    let (_, words) = fails(folder, &["invite", "quiet", "--email", "quiet@example.org"]);
    assert!(words.contains("suppress"), "{words}");
    assert_eq!(folder.json(&["requests", "--where", "by:invitation", "--json"]), serde_json::json!([]));

    place.server.state().flows = vec![vec!["m.login.registration_token", "m.login.recaptcha"]];
    let other = Folder::new(&format!("{}{LINKS}", place.server.config()));
    let (code, words) = fails(&other, &["invite", "--print"]);
    assert!(code == 1 && words.contains("can make no accounts") && words.contains("doctor"), "{words}");
    for (config, why) in [("", "public_url is not set"), ("public_url: http://desk.test\n", "sign_up")] {
        let other = Folder::new(&format!("{}{config}", place.server.config()));
        let (code, words) = fails(&other, &["invite", "--print"]);
        assert!(code == 1 && words.contains(why), "{words}");
    }
}

#[test]
fn a_ban_is_named_and_is_passed_by_word_alone_and_a_later_one_ends_the_link() {
    let (place, desk) = place("");
    let folder = &place.folder;
    folder.write("banned_emails.txt", "trash.example\n");
    folder.write("banned_usernames.txt", "bot\n");
    wait_until("the bans hold", || desk.log().contains("banned_usernames.txt is in force").then_some(()));
    let args = ["invite", "a.bot", "--email", "good@trash.example"];
    let (code, words) = fails(folder, &args);
    assert!(code == 1 && words.contains("banned_emails.txt line 1: trash.example"), "{words}");
    assert!(words.contains("--despite-bans"), "{words}");
    let mut despite = args.to_vec();
    despite.push("--despite-bans");
    folder.ok(&despite);
    let first = link(&place.smtp.wait_for_mail("good@trash.example")).unwrap();
    assert_eq!(told(&sign_up(&desk, &first, &[("password", "short")])), (422, "weak_password".into()));
    folder.ok(&["ban", "add", "email", "good@*"]);
    let read = |times| (desk.log().matches("banned_emails.txt is in force").count() == times).then_some(());
    wait_until("the new ban holds", || read(2));
    let ended = || told(&sign_up(&desk, &first, &[("password", PASSWORD)]));
    assert_eq!(ended(), (403, "email_banned".into()));
    folder.ok(&["undo"]);
    wait_until("it is gone", || read(3));
    assert_eq!(ended(), (200, "@a.bot:accounts.test".into()));
}

#[test]
fn an_invitation_is_taken_back_as_long_as_nothing_was_made_from_it() {
    let (place, desk) = place("");
    let folder = &place.folder;
    let printed = path(&folder.ok(&["invite", "again", "--print"]));
    assert!(folder.ok(&["log"]).contains("invitation 1"));
    assert!(folder.ok(&["undo"]).contains("Invitation 1 is taken back"));
    assert_eq!(told(&sign_up(&desk, &printed, &[("password", PASSWORD)])), (410, "link_expired".into()));
    folder.ok(&["invite", "again", "--email", "again@example.org"]);
    let mailed = link(&place.smtp.wait_for_mail("again@example.org")).unwrap();
    // Once more is a new link in the place of the old one.
    let value = folder.json(&["invite", "again", "--email", "again@example.org", "--print", "--json"]);
    let newer = path(value["link"].as_str().unwrap());
    assert!(value["works_until"].is_string() && value["username"] == "again", "{value}");
    assert_eq!(told(&sign_up(&desk, &mailed, &[("password", PASSWORD)])), (410, "link_expired".into()));
    assert_eq!(
        told(&sign_up(&desk, &newer, &[("password", PASSWORD)])),
        (200, "@again:accounts.test".into())
    );
    let disclosed = folder.json(&["disclose", "again@example.org"]);
    assert_eq!(disclosed["invitations"].as_array().unwrap().len(), 2, "{disclosed}");
    folder.ok(&["forget", "again@example.org"]);
    let disclosed = folder.json(&["disclose", "again@example.org"]);
    assert_eq!(disclosed["invitations"], serde_json::json!([]));
}

#[test]
fn invitations_stand_outside_of_the_budgets_and_are_sent_again() {
    let (place, _desk) =
        place("letters_per_hour: 1\nletters_per_address_per_day: 1\nletters_per_domain_per_day: 1\n");
    let folder = &place.folder;
    for name in ["one", "two", "three", "four"] {
        folder.ok(&["invite", name, "--email", &format!("{name}@example.org")]);
    }
    for name in ["one", "two", "three", "four"] {
        place.smtp.wait_for_mail(&format!("{name}@example.org"));
    }
    // One whose name is chosen later, too.
    folder.ok(&["invite", "--email", "five@example.org"]);
    let first = link(&place.smtp.wait_for_mail("five@example.org")).unwrap();
    wait_until("it is sent", || (folder.json(&["requests", "--json"])[0]["letter"] == "sent").then_some(()));
    folder.ok(&["requests", "resend", "5"]);
    let second = wait_until("the second email", || {
        place
            .smtp
            .mails()
            .iter()
            .filter(|mail| mail.contains("five@example.org"))
            .find_map(|mail| link(mail).filter(|link| *link != first))
    });
    assert_ne!(first, second);
}

#[test]
fn without_a_page_to_lead_to_it_says_what_to_set() {
    let (_homeserver, folder, _desk) = open_desk("");
    let (code, words) = fails(&folder, &["invite", "--print"]);
    assert!(code == 1 && words.contains("public_url"), "{words}");
}

#[test]
fn rehearsals_and_explanations_know_that_invitations_pass_the_rules() {
    let (place, _desk) = place("");
    let folder = &place.folder;
    folder.ok(&["invite", "aunt.mary", "--email", "mary@example.org"]);
    folder.ok(&["invite", "--print"]);
    folder.ok(&["undo"]);
    std::fs::create_dir(folder.file("other")).unwrap();
    folder.write("other/banned_emails.txt", "example.org\n");
    let bans = folder.file("other").display().to_string();
    let changes = folder.ok(&["rehearse", "--bans", &bans]);
    assert!(!changes.contains("mary"), "{changes}");
    let why = folder.ok(&["why", "1"]);
    assert!(
        why.contains("invited: it passes a closed desk") && why.ends_with("verdict: accepted\n"),
        "{why}"
    );
}
