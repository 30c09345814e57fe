//! From the form to an account on a real Synapse.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::browser::Browser;
use crate::support::desk::{Folder, doorman};
use crate::support::dovecot::Dovecot;
use crate::support::sign_up::link;
use crate::support::smtp::{SmtpServer, header, token};
use crate::support::synapse::{OwnSynapse, synapse};
use crate::support::{tools, wait_until};

fn desk_config(smtp: &SmtpServer, tls: &str) -> String {
    format!(
        "{}{}public_url: https://desk.synapse.test\nemail_cooldown: 0\n",
        synapse().config(),
        smtp.config(tls)
    )
}

#[test]
fn a_request_leads_to_an_account_and_the_name_is_no_longer_to_be_had() {
    let smtp = SmtpServer::start();
    let folder = Folder::new(&desk_config(&smtp, "starttls"));
    let mut command = doorman();
    command.env("SSL_CERT_FILE", smtp.authority());
    let desk = folder.start_with(command);
    desk.wait_until_open();

    let answer = desk.ask("@Whole.Way:synapse.test", "Whole.Way@example.org");
    assert_eq!((answer.status, answer.json()["status"].as_str()), (200, Some("accepted")), "{answer:?}");
    let mail = smtp.wait_for_mail("Whole.Way@example.org");
    assert_eq!(header(&mail, "X-Tls"), "True");
    assert_eq!(header(&mail, "X-Login"), "True");
    assert_eq!(header(&mail, "From"), "Desk <desk@desk.test>");
    assert_eq!(header(&mail, "Auto-Submitted"), "auto-generated");
    assert_eq!(token(&mail), folder.read(".registration_token"));
    assert!(mail.contains("@whole.way:synapse.test"));

    assert_eq!(synapse().register("whole.way", &token(&mail)).unwrap(), "@whole.way:synapse.test");
    // Another desk of the same homeserver knows of no reservation: only the homeserver can say it.
    let other = Folder::new(&desk_config(&smtp, "none"));
    let other_desk = other.start();
    other_desk.wait_until_open();
    assert_eq!(other_desk.verdict("whole.way", "other@example.org"), "username_unavailable");
    wait_until("the log has it", || {
        let requests = other.json(&["requests", "--json"]);
        requests[0]["detail"].as_str().filter(|detail| detail.contains("in use on the homeserver")).map(drop)
    });
}

/// Logs in with an ID and a password as clients do, tells whom the homeserver takes it for, and logs out.
const CLIENT: &str = r"
import asyncio, sys
from nio import AsyncClient, LoginResponse, SyncResponse
async def main():
    client = AsyncClient(sys.argv[1], sys.argv[2])
    logged_in = await client.login(sys.stdin.read())
    assert isinstance(logged_in, LoginResponse), logged_in
    assert isinstance(await client.sync(), SyncResponse)
    print(logged_in.user_id)
    await client.logout()
    await client.close()
asyncio.run(main())
";

fn client_logs_in(user: &str, password: &str) -> String {
    let mut client = Command::new(tools().join("venv/bin/python"))
        .args(["-c", CLIENT, &synapse().url, user])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    client.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
    let output = client.wait_with_output().unwrap();
    assert!(output.status.success(), "{user}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn from_the_page_to_a_client_that_is_logged_in_there_are_two_pages_one_email_and_no_token() {
    const PASSWORD: &str = "a horse & a battery: 100% staple";
    let smtp = SmtpServer::start();
    let folder = Folder::new(&format!(
        "{}{}public_url: http://127.0.0.1:9\nsign_up: link\nwelcome_room: '#welcome:synapse.test'\n",
        synapse().config(),
        smtp.config("none")
    ));
    let desk = folder.start();
    desk.wait_until_open();
    for (width, scheme) in [(360, "light"), (800, "dark")] {
        let (browser, name) = (Browser::open(width, scheme), format!("two.pages.{width}"));
        let began = Instant::now();
        browser.go(&desk.url("/"));
        browser.fill("#username", &name);
        browser.fill("#email", &format!("{name}@example.org"));
        browser.click("#send");
        let mail = smtp.wait_for_mail(&format!("{name}@example.org"));
        assert!(!mail.contains(&folder.read(".registration_token")));
        browser.go(&desk.url(&link(&mail).unwrap()));
        browser.assert_accessible("the sign-up page");
        browser.picture(&format!("sign-up-{width}-{scheme}"));
        browser.fill("#password", PASSWORD);
        browser.click("#send");
        let id = wait_until("the account", || browser.find_text("#mxid"));
        assert_eq!(client_logs_in(&id, PASSWORD), format!("@{name}:synapse.test"));
        println!("from the page to a client that is logged in: {:?}", began.elapsed());
        browser.assert_accessible("the account");
        browser.picture(&format!("account-{width}-{scheme}"));
        let page = browser.text("main");
        assert!(page.contains("synapse.test") && page.contains("#welcome:synapse.test"), "{page}");
    }
}

#[test]
fn one_line_by_mail_leads_to_an_account() {
    let (smtp, dovecot) = (SmtpServer::start(), Dovecot::start());
    let folder = Folder::new(&format!("{}{}", desk_config(&smtp, "none"), dovecot.config("none", "")));
    let desk = folder.start();
    desk.wait_until_open();
    dovecot.deliver(
        "From: By Mail <by.mail@example.org>\r\nTo: register@desk.test\r\nSubject: an account, please\r\n\
         Message-ID: <one@example.org>\r\n\r\nUsername: by.mail\r\n",
    );
    let mail = smtp.wait_for_mail("by.mail@example.org");
    assert_eq!(header(&mail, "In-Reply-To"), "<one@example.org>");
    assert_eq!(synapse().register("by.mail", &token(&mail)).unwrap(), "@by.mail:synapse.test");
    wait_until("the mail is moved away", || (dovecot.count("Done") == 1).then_some(()));
}

#[test]
fn after_a_rotation_the_new_token_opens_the_door_and_the_old_one_does_not() {
    let smtp = SmtpServer::start();
    let folder = Folder::new(&desk_config(&smtp, "none"));
    let desk = folder.start();
    desk.wait_until_open();
    let old = folder.read(".registration_token");
    folder.ok(&["rotate"]);
    let new = folder.read(".registration_token");
    assert_ne!(old, new);
    wait_until("it is told which homeserver that is", || {
        folder.ok(&["token"]).contains("homeserver  Synapse 1.").then_some(())
    });
    wait_until("the new token is live", || {
        let token = folder.json(&["token", "--json", "--reveal"]);
        (token["live"] == true && token["token"] == new.as_str()).then_some(())
    });
    assert!(!desk.log().contains("OPEN to everybody"), "{}", desk.log());
    assert!(synapse().register("with.old.token", &old).unwrap_err().contains("M_UNAUTHORIZED"));
    assert_eq!(synapse().register("with.new.token", &new).unwrap(), "@with.new.token:synapse.test");
}

#[test]
fn a_desk_whose_homeserver_does_not_know_the_token_stays_closed() {
    let config = synapse().config();
    let config: Vec<&str> = config.lines().filter(|line| !line.starts_with("after_rotation")).collect();
    let folder = Folder::new(&(config.join("\n") + "\n"));
    let desk = folder.start();
    wait_until("it has asked", || desk.log().contains("does not accept the current token").then_some(()));
    let status = desk.get_json("/api/status");
    assert_eq!((status["open"].as_bool(), status["reason"].as_str()), (Some(false), Some("closed")));
    let answer = desk.ask("closed", "closed@example.org");
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("300")));
    assert_eq!(folder.json(&["token", "--json"])["live"], false);
}

/// Synapse takes about one name a second from one address, and says 429 to more.
#[test]
fn thirty_applicants_at_once_each_get_a_true_answer() {
    let synapse = OwnSynapse::start("");
    let folder = Folder::new(&synapse.config());
    let desk = folder.start();
    desk.wait_until_open();
    let taken = synapse.register("first.come", &folder.read(".registration_token")).unwrap();
    assert_eq!(taken, "@first.come:synapse.test");
    let answers: Vec<_> = std::thread::scope(|scope| {
        let desk = &desk;
        let asking: Vec<_> = (0..30)
            .map(|n| {
                scope.spawn(move || {
                    let asked = Instant::now();
                    // One of them wants a name that somebody has.
                    let name = if n == 0 { "first.come".to_owned() } else { format!("applicant.{n}") };
                    let answer = desk.ask(&name, &format!("{n}@applicants.example"));
                    (name, answer, asked.elapsed())
                })
            })
            .collect();
        asking.into_iter().map(|asking| asking.join().unwrap()).collect()
    });
    let mut accepted = 0;
    let mut retries = std::collections::BTreeSet::new();
    for (name, answer, took) in answers {
        assert!(took < Duration::from_secs(15), "{name} waited for {took:?}");
        let json = answer.json();
        match (answer.status, json["reason"].as_str()) {
            (200, None) if name != "first.come" => accepted += 1,
            (409, Some("username_unavailable")) if name == "first.come" => {}
            (503, Some("homeserver_unreachable")) => {
                retries.insert(answer.header("retry-after").unwrap().parse::<u32>().unwrap());
            }
            other => panic!("{name}: {other:?} {json}"),
        }
    }
    assert!(accepted >= 5, "{accepted}");
    assert!(retries.len() > 5, "those who have to come again come one by one: {retries:?}");
}

#[test]
fn a_synapse_that_is_open_to_everybody_is_an_alarm() {
    let synapse = OwnSynapse::open_to_everybody();
    let folder = Folder::new(&synapse.config());
    let desk = folder.start();
    wait_until("the alarm is raised", || {
        desk.get("/healthz").body.contains("registration_open").then_some(())
    });
    assert!(desk.log().contains("stages: m.login.dummy"), "{}", desk.log());
}
