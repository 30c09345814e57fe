//! From the link in an email to an account, on a real Synapse.

use crate::support::desk::{Desk, Folder};
use crate::support::http;
use crate::support::sign_up::{LINKS, invited, link, post, sign_up, told};
use crate::support::smtp::{SmtpServer, header, token};
use crate::support::synapse::{NO_LIMITS, OwnSynapse, synapse};
use crate::support::wait_until;

const PASSWORD: &str = "a horse & a battery: 100% staple + ü";

/// What lets the desk make accounts, in a folder's own file.
const SHARED: &str = ", registration_shared_secret_file: SHARED";

fn start(folder: &Folder) -> Desk {
    let desk = folder.start();
    desk.wait_until_open();
    desk
}

fn desk(more: &str) -> (SmtpServer, Folder, Desk) {
    let smtp = SmtpServer::start();
    let folder = Folder::new(&format!("{}{}{LINKS}{more}", synapse().config(), smtp.config("none")));
    let desk = start(&folder);
    (smtp, folder, desk)
}

#[test]
fn a_link_and_a_password_make_an_account_that_a_client_logs_in_with() {
    let (smtp, folder, desk) = desk("");
    assert_eq!(desk.verdict("by.link", "by.link@example.org"), "accepted");
    let mail = smtp.wait_for_mail("by.link@example.org");
    assert_eq!(header(&mail, "Subject"), "Create your account on synapse.test");
    assert_eq!(token(&mail), folder.read(".registration_token"), "the token stands below it");
    let path = link(&mail).unwrap();
    assert_eq!(path.len(), "/signup/".len() + 32, "160 bits");

    let page = desk.get(&path);
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.body.contains("@by.link:synapse.test") && page.body.contains("new-password"));
    for (name, value) in
        [("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("x-robots-tag", "noindex")]
    {
        assert_eq!(page.header(name), Some(value));
    }
    assert_eq!(
        told(&sign_up(&desk, &path, &[("password", PASSWORD)])),
        (200, "@by.link:synapse.test".into())
    );
    assert_eq!(synapse().log_in("by.link", PASSWORD).unwrap(), "@by.link:synapse.test");

    // The same again, as after an answer that was lost; and not with another password.
    assert_eq!(
        told(&sign_up(&desk, &path, &[("password", PASSWORD)])),
        (200, "@by.link:synapse.test".into())
    );
    assert_eq!(told(&sign_up(&desk, &path, &[("password", "another")])), (410, "link_used".into()));
    assert_eq!(desk.get(&path).status, 410);
    assert_eq!(synapse().devices("@by.link:synapse.test"), 1, "the client's own session, and no other");
    wait_until("the operator sees it", || {
        let request = &folder.json(&["requests", "--json"])[0];
        let is_seen = request["account_made"].is_string()
            && request["link_opened"].is_string()
            && request["arrived"] == true;
        is_seen.then_some(())
    });
    assert!(folder.ok(&["requests"]).contains("account created"));
}

#[test]
fn whatever_opens_a_link_changes_nothing() {
    let (smtp, folder, desk) = desk("sign_up: link\n");
    assert_eq!(desk.verdict("scanned", "scanned@example.org"), "accepted");
    let mail = smtp.wait_for_mail("scanned@example.org");
    assert!(!mail.contains(&folder.read(".registration_token")), "the token never leaves the house");
    let path = link(&mail).unwrap();
    for _ in 0..10 {
        assert_eq!(desk.get(&path).status, 200);
    }
    let head = format!("HEAD {path} HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n\r\n");
    assert_eq!(http::exchange(&desk.address, head.as_bytes()).status, 200);
    let options = head.replace("HEAD", "OPTIONS");
    assert_eq!(http::exchange(&desk.address, options.as_bytes()).status, 204);
    assert_eq!(http::exchange(&desk.address, head.replace("HEAD", "PUT").as_bytes()).status, 405);
    assert!(synapse().account("@scanned:synapse.test").is_none());
    assert_eq!(
        told(&sign_up(&desk, &path, &[("password", PASSWORD)])),
        (200, "@scanned:synapse.test".into())
    );
    assert_eq!(desk.get("/signup/23456789abcdefghijkmnpqrstuvwxyz").status, 404);
    assert_eq!(desk.get("/signup/../etc/passwd").status, 404);
}

#[test]
fn the_page_says_what_is_wrong_and_makes_nothing_of_it() {
    let (smtp, _folder, desk) = desk("");
    let path = invited(&desk, &smtp, "corrected");
    assert_eq!(told(&sign_up(&desk, &path, &[])), (422, "malformed".into()));
    assert_eq!(told(&sign_up(&desk, &path, &[("password", "")])), (422, "malformed".into()));
    let long = sign_up(&desk, &path, &[("password", &"x".repeat(600))]);
    assert_eq!(told(&long), (422, "weak_password".into()));
    assert!(
        long.json()["message"].as_str().unwrap().contains("Invalid password"),
        "the homeserver's own words"
    );
    let page = http::exchange(&desk.address, post(&path, &[], "text/html").as_bytes());
    assert_eq!(page.status, 422);
    assert!(page.body.contains("Please choose a password"));
    assert!(synapse().account("@corrected:synapse.test").is_none());
    let page = http::exchange(&desk.address, post(&path, &[("password", PASSWORD)], "text/html").as_bytes());
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.body.contains("Your account is ready") && page.body.contains("<svg"));
    assert!(!page.body.contains("horse"));
}

#[test]
fn a_name_that_somebody_has_taken_meanwhile_is_chosen_anew() {
    let (smtp, folder, desk) = desk("");
    let path = invited(&desk, &smtp, "too.late");
    synapse().register("too.late", &folder.read(".registration_token")).unwrap();
    assert_eq!(told(&sign_up(&desk, &path, &[("password", PASSWORD)])), (409, "username_unavailable".into()));
    // Another applicant's name is not to be had either, nor one that is banned.
    let _other = invited(&desk, &smtp, "somebody.elses");
    folder.write("banned_usernames.txt", "^admin\n");
    for name in ["somebody.elses", "too.late"] {
        let answer = sign_up(&desk, &path, &[("password", PASSWORD), ("username", name)]);
        assert_eq!(told(&answer), (409, "username_unavailable".into()), "{name}");
    }
    wait_until("the ban holds", || desk.log().contains("banned_usernames.txt is in force").then_some(()));
    let banned = sign_up(&desk, &path, &[("password", PASSWORD), ("username", "admin.of.all")]);
    assert_eq!(told(&banned), (409, "username_unavailable".into()));
    let malformed = sign_up(&desk, &path, &[("password", PASSWORD), ("username", "not a name")]);
    assert_eq!(told(&malformed), (422, "malformed".into()));
    assert_eq!(
        told(&sign_up(&desk, &path, &[("password", PASSWORD), ("username", "@In.Time:synapse.test")])),
        (200, "@in.time:synapse.test".into())
    );
    assert!(synapse().log_in("in.time", PASSWORD).is_ok());
    assert!(synapse().log_in("too.late", PASSWORD).is_err(), "somebody else's account is not touched");
    assert_eq!(folder.json(&["requests", "--json"])[1]["username"], "in.time");
}

#[test]
fn a_new_email_a_ban_and_forgetting_end_a_link() {
    let (smtp, folder, desk) = desk("");
    let first = invited(&desk, &smtp, "again");
    assert_eq!(desk.verdict("again", "again@example.org"), "accepted");
    let second = wait_until("the second email", || {
        let mails = smtp.mails();
        (mails.len() == 2).then(|| mails.iter().filter_map(|mail| link(mail)).find(|link| *link != first))?
    });
    assert_ne!(first, second);
    assert_eq!(told(&sign_up(&desk, &first, &[("password", PASSWORD)])), (410, "link_expired".into()));

    folder.ok(&["ban", "add", "email", "again@example.org"]);
    wait_until("the ban holds", || desk.log().contains("banned_emails.txt is in force").then_some(()));
    assert_eq!(told(&sign_up(&desk, &second, &[("password", PASSWORD)])), (403, "email_banned".into()));
    assert!(synapse().account("@again:synapse.test").is_none());
    folder.ok(&["undo"]);
    folder.ok(&["forget", "again@example.org"]);
    assert_eq!(told(&sign_up(&desk, &second, &[("password", PASSWORD)])), (410, "link_expired".into()));
    assert!(synapse().account("@again:synapse.test").is_none());
}

#[test]
fn twenty_applicants_at_once_have_twenty_accounts() {
    let (smtp, _folder, desk) = desk("letters_per_hour: 0\n");
    let paths: Vec<(String, String)> = (0..20)
        .map(|number| format!("crowd.{number}"))
        .map(|name| (invited(&desk, &smtp, &name), name))
        .collect();
    std::thread::scope(|scope| {
        for (path, name) in &paths {
            let desk = &desk;
            // Each clicks twice.
            for _ in 0..2 {
                scope.spawn(move || {
                    let answer = sign_up(desk, path, &[("password", PASSWORD)]);
                    assert_eq!(told(&answer), (200, format!("@{name}:synapse.test")));
                });
            }
        }
    });
    for (_, name) in &paths {
        assert!(synapse().log_in(name, PASSWORD).is_ok(), "{name}");
    }
}

#[test]
fn by_the_shared_secret_no_token_is_needed_and_an_administrator_adds_the_address() {
    let smtp = SmtpServer::start();
    let folder = Folder::new("");
    folder.write("shared-secret", "shared\n");
    let tokens = format!(", registration_shared_secret_file: {}", folder.file("shared-secret").display());
    folder.configure(&format!(
        "{}{}{LINKS}sign_up: link\n",
        synapse().config_by_api(&tokens),
        smtp.config("none")
    ));
    let desk = start(&folder);
    let path = invited(&desk, &smtp, "shared.secret");
    let token = folder.read(".registration_token");
    assert_eq!(
        told(&sign_up(&desk, &path, &[("password", PASSWORD)])),
        (200, "@shared.secret:synapse.test".into())
    );
    assert!(synapse().log_in("shared.secret", PASSWORD).is_ok());
    assert_eq!(synapse().knows(&token).unwrap()["completed"], 0, "nobody has used the token");
    let account = synapse().account("@shared.secret:synapse.test").unwrap();
    assert_eq!(account["threepids"][0]["address"], "shared.secret@example.org");
    assert_eq!(account["admin"], false);
    let doctor = folder.command(&["doctor"]);
    let report = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(report.contains("the desk can create accounts"), "{report}");

    // Somebody who comes first is not touched.
    let path = invited(&desk, &smtp, "first.come.secret");
    synapse().register("first.come.secret", &folder.read(".registration_token")).unwrap();
    assert_eq!(told(&sign_up(&desk, &path, &[("password", PASSWORD)])), (409, "username_unavailable".into()));
    assert!(synapse().log_in("first.come.secret", PASSWORD).is_err());
    let theirs = synapse().account("@first.come.secret:synapse.test").unwrap();
    assert_eq!(theirs["threepids"], serde_json::json!([]));
}

#[test]
fn by_the_shared_secret_accounts_are_made_where_registration_is_off_and_emails_bring_no_token() {
    let synapse = OwnSynapse::start(&format!("{NO_LIMITS}enable_registration: false\n"));
    let smtp = SmtpServer::start();
    for (name, backend) in
        [("off.api", synapse.config_by_api(SHARED)), ("off.file", synapse.config_with(SHARED))]
    {
        let folder = Folder::new("");
        folder.write("shared-secret", "shared\n");
        let config = backend.replace("SHARED", &folder.file("shared-secret").display().to_string());
        folder.configure(&format!("{config}{}{LINKS}", smtp.config("none")));
        let desk = start(&folder);
        let email = format!("{name}@example.org");
        assert_eq!(desk.verdict(name, &email), "accepted");
        let mail = smtp.wait_for_mail(&email);
        assert!(!mail.contains(&folder.read(".registration_token")), "a token opens nothing there: {mail}");
        let made = sign_up(&desk, &link(&mail).unwrap(), &[("password", PASSWORD)]);
        assert_eq!(told(&made), (200, format!("@{name}:synapse.test")));
        assert!(synapse.log_in(name, PASSWORD).is_ok());
        let report = String::from_utf8_lossy(&folder.command(&["doctor"]).stdout).into_owned();
        assert!(report.contains("nobody can register there but through the desk"), "{report}");
        // A desk that makes no accounts has nothing to give.
        folder.configure(&format!("{config}{}{LINKS}sign_up: token\n", smtp.config("none")));
        desk.signal("-HUP");
        wait_until("it is closed", || (desk.get_json("/api/status")["open"] == false).then_some(()));
    }
}

#[test]
fn the_token_of_ones_own_is_withdrawn_from_whoever_came_by_the_link() {
    let smtp = SmtpServer::start();
    let folder = Folder::new(&format!(
        "{}{}{LINKS}",
        synapse().config_by_api(", per_applicant: true"),
        smtp.config("none")
    ));
    let desk = start(&folder);
    assert_eq!(desk.verdict("own.token", "own.token@example.org"), "accepted");
    let mail = smtp.wait_for_mail("own.token@example.org");
    let (path, token) = (link(&mail).unwrap(), token(&mail));
    assert!(synapse().knows(&token).is_some());
    assert_eq!(
        told(&sign_up(&desk, &path, &[("password", PASSWORD)])),
        (200, "@own.token:synapse.test".into())
    );
    wait_until("it is withdrawn", || synapse().knows(&token).is_none().then_some(()));
}

/// What Synapse shows to whoever has to agree to something.
const CONSENT: &str = "<html>{% if public_version %}<p>Be kind.</p>{% endif %}</html>";

#[test]
fn a_synapse_that_wants_terms_or_a_captcha_and_counts_is_served_as_it_is() {
    let templates = tempfile::tempdir().unwrap();
    std::fs::create_dir(templates.path().join("en")).unwrap();
    for page in ["1.0.html", "success.html"] {
        std::fs::write(templates.path().join("en").join(page), CONSENT).unwrap();
    }
    let terms = format!(
        "user_consent: {{template_dir: {}, version: '1.0', require_at_registration: true, policy_name: House rules}}\n",
        templates.path().display()
    );
    // Its own limits: three accounts at once from one address, then one in six seconds.
    let mut synapse = OwnSynapse::start(&terms);
    let smtp = SmtpServer::start();
    let folder =
        Folder::new(&format!("{}{}{LINKS}sign_up: link\n", synapse.config_by_api(""), smtp.config("none")));
    let desk = start(&folder);
    let paths: Vec<_> = (0..5).map(|n| invited(&desk, &smtp, &format!("agreed.{n}"))).collect();
    let page = desk.get(&paths[0]);
    assert!(page.body.contains("House rules") && page.body.contains("/_matrix/consent"), "{page:?}");
    let refused = sign_up(&desk, &paths[0], &[("password", PASSWORD)]);
    assert_eq!(refused.status, 422, "{refused:?}");
    std::thread::scope(|scope| {
        for (n, path) in paths.iter().enumerate() {
            let desk = &desk;
            scope.spawn(move || {
                let made = sign_up(desk, path, &[("password", PASSWORD), ("terms", "agreed")]);
                assert_eq!(told(&made), (200, format!("@agreed.{n}:synapse.test")));
            });
        }
    });
    assert!(synapse.log_in("agreed.4", PASSWORD).is_ok());

    synapse.reconfigure(
        "enable_registration_captcha: true\nrecaptcha_public_key: public\nrecaptcha_private_key: private\n",
    );
    let doctor = || String::from_utf8_lossy(&folder.command(&["doctor"]).stdout).into_owned();
    wait_until("the doctor sees it", || doctor().contains("m.login.recaptcha").then_some(()));
    desk.signal("-HUP");
    drop(desk);
    let desk = start(&folder);
    assert_eq!(desk.verdict("robot", "robot@example.org"), "accepted");
    let mail = smtp.wait_for_mail("robot@example.org");
    assert_eq!(link(&mail), None);
    assert_eq!(token(&mail), folder.read(".registration_token"));
}
