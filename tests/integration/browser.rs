//! The page in a real browser.

use serde_json::json;

use crate::support::browser::Browser;
use crate::support::desk::{Desk, open_desk};
use crate::support::homeserver::Act;
use crate::support::wait_until;

fn wait_for_heading(browser: &Browser, heading: &str) {
    wait_until(heading, || browser.find_text("h1").filter(|found| found == heading));
}

/// The same walk in every window: a refusal, what was typed comes back, focus at the fault, then the answer.
fn ask(browser: &Browser, desk: &Desk, what: &str) {
    browser.go(&desk.url("/"));
    browser.assert_accessible(&format!("{what}: the form"));
    let name = what.replace([' ', ','], ".");
    browser.fill("#username", &name);
    browser.fill("#email", "not an address");
    browser.click("#send");
    let error = wait_until("the message beside the field", || browser.find_text("#email-error"));
    assert!(error.contains("email address"), "{error}");
    let state = "return [document.querySelector('#username').value, document.activeElement.id, \
                 document.querySelector('#email').getAttribute('aria-invalid')]";
    assert_eq!(browser.script(state), json!([name, "email", "true"]), "{what}");
    browser.assert_accessible(&format!("{what}: the refusal"));

    browser.fill("#email", &format!("{name}@example.org"));
    browser.click("#send");
    wait_for_heading(browser, "Check your email");
    let answer = browser.text("main");
    for said in
        [&format!("@{name}:desk.test"), &format!("{name}@example.org"), "noreply@desk.test", "Ask again"]
    {
        assert!(answer.contains(said), "{what}: {said} is missing in {answer}");
    }
    browser.assert_accessible(&format!("{what}: the answer"));
}

#[test]
fn the_page_works_in_narrow_and_wide_windows_and_in_both_colour_schemes() {
    let (_homeserver, folder, desk) = open_desk("");
    let mut backgrounds = Vec::new();
    for (width, scheme) in [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")] {
        let browser = Browser::open(width, scheme);
        ask(&browser, &desk, &format!("{width} {scheme}"));
        backgrounds.push(browser.script("return getComputedStyle(document.body).backgroundColor"));
    }
    assert_eq!(backgrounds[0], backgrounds[2]);
    assert_ne!(backgrounds[0], backgrounds[1], "dark is another scheme");
    wait_until("four letters", || (folder.letters().len() == 4).then_some(()));
}

#[test]
fn whether_a_name_can_be_had_is_told_while_typing() {
    let (homeserver, _folder, desk) = open_desk("");
    homeserver.on("username=taken", Act::Answer(400, r#"{"errcode": "M_USER_IN_USE"}"#.into()));
    let browser = Browser::open(1280, "light");
    browser.go(&desk.url("/"));
    assert_eq!(browser.text("#username-server"), ":desk.test");
    let told = |state: &str| {
        wait_until(state, || {
            let read = "return document.getElementById('username-told').dataset.state";
            (browser.script(read) == json!(state)).then(|| browser.text("#username-told"))
        })
    };
    browser.fill("#username", "Alice");
    assert!(told("free").contains("is available"));
    browser.assert_accessible("a free name");
    browser.fill("#username", "taken");
    assert!(told("taken").contains("is not available"));
    browser.assert_accessible("a taken name");
    browser.fill("#username", "a b");
    wait_until("a space is told", || browser.text("#username-told").contains("a space").then_some(()));
    let attributes = "const of = (id, name) => document.getElementById(id).getAttribute(name); return \
                      [of('username', 'autocapitalize'), of('username', 'spellcheck'), of('email', 'type'), \
                      of('email', 'autocomplete')]";
    assert_eq!(browser.script(attributes), json!(["none", "false", "email", "email"]));
}

#[test]
fn the_button_is_above_the_fold_and_the_page_is_light() {
    let (_homeserver, _folder, desk) =
        open_desk("approval: manual\nsmtp: {host: 127.0.0.1, port: 9, tls: none}\n");
    let browser = Browser::open(390, "light");
    browser.go(&desk.url("/"));
    let seen = "return [document.getElementById('send').getBoundingClientRect().bottom <= 740, \
                document.documentElement.scrollWidth <= window.innerWidth]";
    assert_eq!(browser.script(seen), json!([true, true]));
    let all = ["/", "/static/style.css", "/static/desk.js", "/static/logo.png", "/favicon.ico"];
    let size = |path| desk.get(path).header("content-length").unwrap().parse::<usize>().unwrap();
    let bytes: usize = all.map(size).iter().sum();
    assert!(bytes < 40 * 1024, "{bytes} bytes");
}

#[test]
fn the_page_is_complete_without_javascript() {
    let (_homeserver, folder, desk) = open_desk("");
    let browser = Browser::open(320, "light");
    browser.without_script();
    browser.go(&desk.url("/"));
    browser.fill("#username", "no.script");
    browser.fill("#email", "nothing");
    browser.click("#send");
    wait_until("the message beside the field", || browser.find_text("#email-error"));
    browser.fill("#email", "no.script@example.org");
    browser.click("#send");
    wait_for_heading(&browser, "Check your email");
    wait_until("the letter", || (folder.letters().len() == 1).then_some(()));
}

#[test]
fn a_closed_desk_says_so_and_until_when() {
    let (_homeserver, folder, desk) = open_desk("");
    folder.ok(&["pause"]);
    wait_until("it is closed", || (desk.get_json("/api/status")["open"] == false).then_some(()));
    for scheme in ["light", "dark"] {
        let browser = Browser::open(320, scheme);
        browser.go(&desk.url("/"));
        assert!(browser.text("#state-text").contains("paused"), "{}", browser.text("#state-text"));
        browser.assert_accessible(&format!("{scheme}: closed"));
    }
}
