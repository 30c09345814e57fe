//! What an applicant sees of their request afterwards, and how they correct it.

use serde_json::{Value, json};

use crate::support::browser::Browser;
use crate::support::desk::{Desk, Folder, escaped, open_desk};
use crate::support::homeserver::FakeHomeserver;
use crate::support::http::{Answer, exchange};
use crate::support::smtp::SmtpServer;
use crate::support::wait_until;

const JSON: &str = "Accept: application/json\r\n";

fn post(desk: &Desk, path: &str, fields: &[(&str, &str)], headers: &str) -> Answer {
    let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    let body = body.join("&");
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    exchange(&desk.address, request.as_bytes())
}

fn get(desk: &Desk, path: &str, headers: &str) -> Answer {
    let request = format!("GET {path} HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n{headers}\r\n");
    exchange(&desk.address, request.as_bytes())
}

/// Sends the form as a browser does. Returns the path of the receipt.
fn ask(desk: &Desk, name: &str, email: &str) -> String {
    let answer = post(desk, "/register", &[("requested_username", name), ("email", email)], "");
    assert_eq!(answer.status, 303, "{answer:?}");
    answer.header("location").unwrap().to_owned()
}

fn receipt(desk: &Desk, path: &str) -> Value {
    get(desk, path, JSON).json()
}

fn wait_for(desk: &Desk, path: &str, status: &str) -> Value {
    wait_until(status, || Some(receipt(desk, path)).filter(|receipt| receipt["status"] == status))
}

/// Of whom the requests are, with verdict and reason, oldest first.
fn requests(folder: &Folder) -> Vec<[String; 4]> {
    let listed = folder.json(&["requests", "--json"]);
    let word = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let rows = listed.as_array().unwrap().iter().rev();
    rows.map(|row| ["username", "email", "verdict", "reason"].map(|key| word(row, key))).collect()
}

#[test]
fn a_browser_is_sent_on_to_a_page_that_tells_what_became_of_its_request() {
    let (_homeserver, folder, desk) = open_desk("");
    let path = ask(&desk, "alice", "alice@example.org");
    let secret = path.strip_prefix("/request/").unwrap();
    assert!(secret.len() >= 26, "128 bits: {secret}");
    wait_for(&desk, &path, "sent");
    let page = get(&desk, &path, "");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("@alice:desk.test") && page.body.contains("alice@example.org"), "{page:?}");
    for answer in [
        page,
        get(&desk, &path, JSON),
        get(&desk, "/request/nothing", ""),
        get(&desk, &format!("{path}x"), ""),
    ] {
        for (name, value) in
            [("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("x-robots-tag", "noindex")]
        {
            assert_eq!(answer.header(name), Some(value), "{name}: {answer:?}");
        }
    }
    assert_eq!(get(&desk, "/request/nothing", "").status, 404);
    assert_eq!(get(&desk, &format!("{path}x"), "").status, 404);
    assert_eq!(post(&desk, &path, &[], "").status, 405);
    // Nobody who reads the log or the database can open it.
    drop(desk);
    let database = std::fs::read(folder.file("doorman.db")).unwrap();
    assert!(!database.windows(secret.len()).any(|window| window == secret.as_bytes()));
}

#[test]
fn a_secret_stands_in_no_log() {
    let homeserver = FakeHomeserver::start();
    let folder = Folder::new(&format!("base_url: {}\n", homeserver.url));
    let mut command = crate::support::desk::doorman();
    command.env("DOORMAN_LOG", "trace");
    let desk = folder.start_with(command);
    desk.wait_until_open();
    let path = ask(&desk, "alice", "alice@example.org");
    wait_for(&desk, &path, "sent");
    post(&desk, &format!("{path}/address"), &[("email", "other@example.org")], "");
    assert!(!desk.log().contains(path.strip_prefix("/request/").unwrap()), "{}", desk.log());
}

#[test]
fn a_script_is_told_where_to_look_and_a_desk_below_a_path_has_everything_there() {
    let (_homeserver, _folder, desk) = open_desk("public_url: https://example.org/join/desk\n");
    for front in ["/", "/join/desk", "/join/desk/"] {
        let page = get(&desk, front, "");
        assert_eq!(page.status, 200, "{front}");
        assert!(page.body.contains(r#"action="/join/desk/register""#), "{}", page.body);
        let links = ["href=\"", "src=\""].into_iter().flat_map(|mark| page.body.split(mark).skip(1));
        for link in links {
            let link = link.split('"').next().unwrap();
            assert!(link.starts_with("/join/desk/") || link.starts_with("https://"), "{front}: {link}");
        }
    }
    for path in
        ["/join/desk/static/style.css", "/join/desk/api/status", "/join/desk/favicon.ico", "/static/desk.js"]
    {
        assert_eq!(get(&desk, path, "").status, 200, "{path}");
    }
    assert_eq!(get(&desk, "/join/desks", "").status, 404);
    let answer = post(
        &desk,
        "/join/desk/register",
        &[("requested_username", "alice"), ("email", "alice@example.org")],
        JSON,
    );
    assert_eq!(answer.status, 200);
    let url = answer.json()["status_url"].as_str().unwrap().to_owned();
    let path = url.strip_prefix("https://example.org").unwrap_or_else(|| panic!("{url}"));
    assert!(path.starts_with("/join/desk/request/"), "{path}");
    wait_for(&desk, path, "sent");
    let page = get(&desk, path, "").body;
    assert!(page.contains(&format!(r#"action="{path}/address""#)), "{page}");
    let location = ask(&desk, "bob", "bob@example.org");
    assert!(location.starts_with("/join/desk/request/"), "{location}");
    // Without JavaScript, without a path.
    let answer = post(&desk, &format!("{path}/name"), &[("requested_username", "alice.b")], "");
    assert_eq!((answer.status, answer.header("location")), (303, Some(path)));
}

#[test]
fn whoever_waits_for_the_operator_sees_how_many_are_before_them() {
    let (_homeserver, folder, desk) = open_desk("approval: manual\n");
    let first = ask(&desk, "alice", "alice@example.org");
    let second = ask(&desk, "bob", "bob@example.net");
    assert_eq!(receipt(&desk, &first)["before"], 0);
    assert_eq!(
        receipt(&desk, &second),
        json!({"status": "held", "message":
        "Waiting for approval. One request is before yours. How long it takes depends on the operator. You don’t need to do \
         anything, and you don’t need to ask again.", "before": 1, "correctable": true, "done": false})
    );
    let answer =
        post(&desk, "/register", &[("requested_username", "carol"), ("email", "carol@example.com")], JSON);
    assert_eq!((answer.status, answer.json()["status"].as_str()), (202, Some("held")));
    assert!(answer.json()["status_url"].as_str().unwrap().starts_with("/request/"));
    folder.ok(&["refuse", "1"]);
    folder.ok(&["approve", "2"]);
    wait_until("the refusal shows", || (receipt(&desk, &first)["status"] == "ended").then_some(()));
    assert!(get(&desk, &first, "").body.contains("The operator has looked at your request and refused it."));
    assert_eq!(receipt(&desk, &first)["correctable"], false);
    let late = post(&desk, &format!("{first}/name"), &[("requested_username", "alice.b")], "");
    assert_eq!(late.status, 303);
    assert_eq!(requests(&folder).len(), 3, "what the operator refused is not asked again by a correction");
    wait_until("the approval shows", || (receipt(&desk, &second)["status"] != "held").then_some(()));
}

#[test]
fn a_wrong_address_is_corrected_and_what_went_to_it_is_dead() {
    let (_homeserver, folder, desk) = open_desk("");
    let path = ask(&desk, "alice", "alcie@example.org");
    wait_for(&desk, &path, "sent");
    // What is refused comes back, and changes nothing.
    let wrong = post(&desk, &format!("{path}/address"), &[("email", "no address")], "");
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("aria-invalid") && wrong.body.contains("no address"), "{}", wrong.body);
    assert_eq!(wrong.header("referrer-policy"), Some("no-referrer"));
    let cross = post(
        &desk,
        &format!("{path}/address"),
        &[("email", "a@example.org")],
        "Sec-Fetch-Site: cross-site\r\n",
    );
    assert_eq!(cross.status, 403);
    assert_eq!(receipt(&desk, &path)["status"], "sent");

    let corrected = post(&desk, &format!("{path}/address"), &[("email", "alice@example.org")], "");
    assert_eq!((corrected.status, corrected.header("location")), (303, Some(path.as_str())));
    wait_until("the new email", || (folder.letters().len() == 2).then_some(()));
    wait_for(&desk, &path, "sent");
    assert!(get(&desk, &path, "").body.contains("alice@example.org"));
    let all = requests(&folder);
    let of = |rows: &[[String; 4]], email: &str| {
        rows.iter()
            .find(|row| row[1] == email && row[0] == "alice")
            .map(|row| (row[2].clone(), row[3].clone()))
    };
    assert_eq!(of(&all, "alcie@example.org"), Some(("refused".into(), "corrected".into())));
    assert_eq!(of(&all, "alice@example.org"), Some(("accepted".into(), String::new())));
    wait_until("the mirror shows one of them", || {
        let mirror: Value = serde_json::from_str(&folder.read("registrations.json")).ok()?;
        let shown: Vec<_> = mirror.as_array()?.iter().map(|entry| entry["email"].clone()).collect();
        (shown == ["alice@example.org"]).then_some(())
    });
    // The address that it went to first is not free of its cooldown, and the new one has one name.
    assert_eq!(desk.verdict("carol", "alcie@example.org"), "email_cooldown");
    assert_eq!(desk.verdict("carol", "alice@example.org"), "email_in_use");
    // Sent twice, it is one correction.
    let again = post(&desk, &format!("{path}/address"), &[("email", "alice@example.org")], "");
    assert_eq!(again.status, 303);
    assert_eq!(requests(&folder).iter().filter(|row| row[2] == "accepted").count(), 1);
}

#[test]
fn a_discreet_desk_corrects_to_a_known_address_as_to_any_other() {
    let (_homeserver, folder, desk) = open_desk("discreet: true\n");
    assert_eq!(desk.verdict("owner", "owner@example.org"), "accepted");
    let told = ["owner@example.org", "nobody@example.org"].map(|to| {
        let name = format!("asks.{}", to.split('@').next().unwrap());
        let path = ask(&desk, &name, &format!("{name}@example.org"));
        wait_for(&desk, &path, "sent");
        let corrected = post(&desk, &format!("{path}/address"), &[("email", to)], "");
        assert_eq!((corrected.status, corrected.header("location")), (303, Some(path.as_str())));
        let before = format!("{name}@example.org");
        let row = wait_until("the old request has ended", || {
            requests(&folder).into_iter().find(|row| row[1] == before && row[2] == "refused")
        });
        assert_eq!(row[3], "corrected");
        wait_for(&desk, &path, "sent")["message"].to_string().replace(to, "ADDRESS").replace(&name, "NAME")
    });
    assert_eq!(told[0], told[1]);
}

#[test]
fn another_name_is_judged_as_any_and_counts_as_an_email() {
    let (_homeserver, folder, desk) = open_desk("letters_per_address_per_day: 3\n");
    assert_eq!(desk.verdict("bob", "bob@example.org"), "accepted");
    let path = ask(&desk, "alice", "alice@example.org");
    let name = |name: &str| post(&desk, &format!("{path}/name"), &[("requested_username", name)], JSON);
    assert_eq!(name("bob").json()["reason"], "username_unavailable");
    let second = name("alice.two");
    assert_eq!((second.status, second.json()["status"].as_str()), (200, Some("accepted")));
    assert!(second.json()["status_url"].as_str().unwrap().ends_with(&path));
    assert_eq!(name("alice.three").status, 200);
    assert_eq!(name("alice.four").json()["reason"], "email_cooldown", "three emails in a day");
    assert_eq!(desk.verdict("alice", "carol@example.org"), "accepted", "the name before is free");
    let all = requests(&folder);
    let reasons: Vec<_> = all.iter().filter(|row| row[2] == "refused").map(|row| row[3].as_str()).collect();
    assert_eq!(reasons.iter().filter(|reason| **reason == "corrected").count(), 2, "{all:?}");
}

#[test]
fn whoever_repeats_a_strangers_request_has_no_power_over_it() {
    let (_homeserver, folder, desk) = open_desk("email_cooldown: 1\nletters_per_address_per_day: 0\n");
    let first = ask(&desk, "alice", "alice@example.org");
    wait_for(&desk, &first, "sent");
    // Within the cooldown it is answered like the first, later it is another email: neither is the stranger's to correct.
    let mut strangers = vec![ask(&desk, "alice", "alice@example.org")];
    wait_until("the cooldown is over", || {
        strangers.push(ask(&desk, "alice", "alice@example.org"));
        (folder.letters().len() > 1).then_some(())
    });
    for stranger in &strangers {
        assert_ne!(*stranger, first);
        assert_eq!(receipt(&desk, stranger)["correctable"], false);
        assert!(!get(&desk, stranger, "").body.contains("<form"));
        for (tail, field, value) in
            [("address", "email", "mallory@example.net"), ("name", "requested_username", "mallory")]
        {
            let answer = post(&desk, &format!("{stranger}/{tail}"), &[(field, value)], "");
            assert_eq!((answer.status, answer.header("location")), (303, Some(stranger.as_str())));
        }
    }
    assert!(requests(&folder).iter().all(|row| row[0] == "alice" && row[1] == "alice@example.org"));
    // And they do not see what its owner makes of it.
    let corrected = post(&desk, &format!("{first}/name"), &[("requested_username", "secret.name")], JSON);
    assert_eq!(corrected.status, 200, "{corrected:?}");
    for stranger in &strangers {
        let page = get(&desk, stranger, "").body;
        assert!(!page.contains("secret.name"), "{page}");
    }
}

#[test]
fn an_email_that_the_mail_server_refuses_is_told_in_plain_words_and_its_address_corrected() {
    let (homeserver, smtp) = (FakeHomeserver::start(), SmtpServer::start());
    let folder = Folder::new(&format!("base_url: {}\n{}", homeserver.url, smtp.config("none")));
    let desk = folder.start();
    desk.wait_until_open();
    let path = ask(&desk, "alice", "nobody@example.org");
    let failed = wait_for(&desk, &path, "failed");
    assert!(failed["message"].as_str().unwrap().contains("there is no such mailbox"), "{failed}");
    assert_eq!(failed["correctable"], true);
    let corrected = post(&desk, &format!("{path}/address"), &[("email", "somebody@example.org")], "");
    assert_eq!(corrected.status, 303);
    smtp.wait_for_mail("somebody@example.org");
    wait_for(&desk, &path, "sent");
}

/// In a window of this size the receipt renews itself, is corrected, and nothing is wrong with it.
fn correct_in(browser: &Browser, desk: &Desk, name: &str, has_script: bool) {
    browser.go(&desk.url("/"));
    browser.fill("#username", name);
    browser.fill("#email", &format!("{name}@exmaple.net"));
    browser.click("#send");
    wait_until("it is sent", || browser.find_text("h1").filter(|found| found == "Check your email"));
    let assert_accessible = |what: &str| {
        // What looks is a script, too.
        if has_script {
            browser.assert_accessible(&format!("{name}: {what}"));
        }
    };
    assert_accessible("the receipt");
    browser.picture(&format!("receipt-{name}"));
    if has_script {
        browser.click("#corrections summary");
    } else {
        browser.go(&(browser.script("return location.href").as_str().unwrap().to_owned() + "?still"));
    }
    assert_accessible("a correction");
    browser.fill("#address", "nonsense");
    browser.click("#corrections details[open] button");
    wait_until("the message beside the field", || browser.find_text("#address-error"));
    assert_accessible("what is wrong with it");
    browser.picture(&format!("receipt-{name}-wrong"));
    browser.fill("#address", &format!("{name}@example.net"));
    browser.click("#corrections details[open] button");
    let right = format!("{name}@example.net");
    wait_until("the new email", || {
        let shown = browser.find_text("#progress")?;
        (shown.contains(&right) && shown.contains("Email sent")).then_some(())
    });
}

#[test]
fn the_receipt_works_in_every_window_with_and_without_javascript() {
    let (_homeserver, folder, desk) = open_desk("");
    for (width, height, scheme) in [(360, 900, "light"), (390, 740, "dark"), (800, 900, "light")] {
        let browser = Browser::open(width, scheme);
        browser.size(width, height);
        correct_in(&browser, &desk, &format!("script.{width}"), true);
        let browser = Browser::open(width, scheme);
        browser.without_script();
        correct_in(&browser, &desk, &format!("none.{width}"), false);
    }
    wait_until("all emails", || (folder.letters().len() == 12).then_some(()));
}
