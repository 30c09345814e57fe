//! The pictures of `docs/screens`, which are kept to be looked at.

use crate::support::browser::Browser;
use crate::support::desk::{Desk, Folder};
use crate::support::homeserver::{Act, FakeHomeserver};
use crate::support::smtp::SmtpServer;
use crate::support::wait_until;

const ABOUT: &str = "about: {who: \"The server of the Tuesday choir, run by Ann and Bo.\", \
     rules_url: https://choir.example/rules, privacy_url: https://choir.example/privacy, contact: ann@choir.example}\n";

const PERSON: &str = "approval: manual\nprove_address: false\nquestion: {text: How did you hear of us?}\n\
     terms: {url: https://choir.example/terms}\n";

fn desk(smtp: &SmtpServer, more: &str) -> (FakeHomeserver, Folder, Desk) {
    let homeserver = FakeHomeserver::start();
    homeserver.on("username=taken", Act::Answer(400, r#"{"errcode": "M_USER_IN_USE"}"#.into()));
    let folder = Folder::new(&format!(
        "homeserver: choir.example\nbase_url: {}\npublic_url: http://127.0.0.1:9\n{}{more}",
        homeserver.url,
        smtp.config("none")
    ));
    let desk = folder.start();
    desk.wait_until_open();
    (homeserver, folder, desk)
}

fn type_name(browser: &Browser, name: &str) {
    browser.fill("#username", name);
    let told = "return ['free', 'taken'].includes(document.getElementById('username-told').dataset.state)";
    wait_until("it is told", || (browser.script(told) == true).then_some(()));
}

/// `DOORMAN_PICTURES=docs/screens cargo test --test integration -- --ignored screens`
#[test]
#[ignore = "writes pictures"]
fn every_state_of_the_page() {
    let smtp = SmtpServer::start();
    let (_one, open_folder, open) = desk(&smtp, ABOUT);
    let (_two, _person_folder, person) = desk(&smtp, PERSON);
    let fields = [("alice", "alice@example.org"), ("bea", "bea@example.org")];
    for (number, (width, scheme)) in [(390, "light"), (800, "dark")].into_iter().enumerate() {
        let (name, address) = fields[number];
        let browser = Browser::open(width, scheme);
        let keep = |state: &str| browser.picture(&format!("{state}-{width}-{scheme}"));
        browser.size(width, if width == 390 { 740 } else { 800 });
        browser.go(&open.url("/"));
        keep("open");
        type_name(&browser, name);
        keep("name-free");
        type_name(&browser, "taken");
        keep("name-taken");
        browser.fill("#email", "ann@gmial.com");
        browser.click("#send");
        wait_until("it is asked", || browser.find_text(".either"));
        keep("did-you-mean");
        browser.go(&person.url("/"));
        keep("approval");
        browser.fill("#username", name);
        browser.fill("#email", address);
        browser.fill("#answer", "I sing in the choir with Ann, every Tuesday.");
        browser.click("#terms");
        browser.click("#send");
        wait_until("it waits", || browser.find_text(".progress"));
        keep("waiting");
        browser.go(&open.url("/"));
        browser.fill("#username", name);
        browser.fill("#email", address);
        browser.click("#send");
        let sent = || browser.find_text("#progress .done + .done");
        wait_until("it is sent", sent);
        keep("sent");
        browser.go(&open.url("/nothing"));
        keep("not-found");
    }
    open_folder.ok(&["pause"]);
    wait_until("it is closed", || (open.get_json("/api/status")["open"] == false).then_some(()));
    for (width, scheme) in [(360, "light"), (390, "dark")] {
        let browser = Browser::open(width, scheme);
        browser.size(width, 740);
        browser.go(&open.url("/"));
        browser.picture(&format!("closed-{width}-{scheme}"));
    }
}
