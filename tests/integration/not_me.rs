//! Whoever gets an email that they did not ask for, and mailboxes that get none any more.

use serde_json::{Value, json};

use crate::support::desk::{Desk, Folder, open_desk};
use crate::support::http::{Answer, exchange};
use crate::support::wait_until;

const DESK: &str = "public_url: https://desk.test/join\nemail_cooldown: 0\nletters_per_address_per_day: 0\n";

fn send(desk: &Desk, method: &str, path: &str, headers: &str) -> Answer {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\nContent-Length: 0\r\n{headers}\r\n"
    );
    exchange(&desk.address, request.as_bytes())
}

/// The path of the not-me link in this email, where the desk is asked for it.
fn link(mail: &str) -> String {
    let rest = mail.split("https://desk.test/join/not-me/").nth(1).unwrap_or_else(|| panic!("{mail}"));
    let secret: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
    assert_eq!(secret.len(), 32, "160 bits: {mail}");
    format!("/not-me/{secret}")
}

/// Verdict and reason of the latest request.
fn latest(folder: &Folder) -> (Value, Value) {
    let listed = folder.json(&["requests", "--json"]);
    (listed[0]["verdict"].clone(), listed[0]["reason"].clone())
}

fn suppressed(folder: &Folder) -> Vec<(Value, Value)> {
    let listed = folder.json(&["suppress", "list", "--json"]);
    let row = |row: &Value| (row["address"].clone(), row["how"].clone());
    listed.as_array().unwrap().iter().map(row).collect()
}

#[test]
fn whoever_did_not_ask_says_so_and_gets_nothing_more() {
    let (_homeserver, folder, desk) = open_desk(DESK);
    assert_eq!(desk.verdict("alice", "victim@example.org"), "accepted");
    let mail = wait_until("the email", || folder.letters().pop());
    let path = link(&mail);
    // Looking changes nothing, however often a scanner looks, and whatever another site has a browser do.
    for _ in 0..10 {
        for method in ["GET", "HEAD"] {
            assert_eq!(send(&desk, method, &path, "").status, 200);
        }
    }
    let page = send(&desk, "GET", &path, "");
    assert!(page.body.contains("victim@example.org") && page.body.contains("@alice:desk.test"), "{page:?}");
    assert!(page.body.contains(&format!("action=\"/join{path}\"")), "{}", page.body);
    for (name, value) in
        [("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("x-robots-tag", "noindex")]
    {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
    assert_eq!(send(&desk, "POST", &path, "Sec-Fetch-Site: cross-site\r\n").status, 403);
    assert_eq!(send(&desk, "POST", "/not-me/23456789abcdefghijkmnpqrstuvwxyz", "").status, 404);
    assert_eq!(latest(&folder), (json!("accepted"), Value::Null));

    let done = send(&desk, "POST", &path, "");
    assert!(done.body.contains("gets no more email from this desk"), "{done:?}");
    assert_eq!(latest(&folder), (json!("refused"), json!("not_me")));
    assert_eq!(suppressed(&folder), [(json!("victim@example.org"), json!("not_me"))]);
    assert!(send(&desk, "GET", &path, "").body.contains("gets no more email"));
    assert_eq!(
        send(&desk, "POST", &path, "Accept: application/json\r\n").json(),
        json!({"suppressed": true})
    );
    assert!(folder.ok(&["log"]).contains("victim@example.org"));

    // Whoever asks with it again finds no difference, and no email goes out.
    let answer = desk.ask("mallory", "Victim+x@example.org");
    assert_eq!((answer.status, answer.json()["status"].as_str()), (200, Some("accepted")));
    let receipt = answer.json()["status_url"]
        .as_str()
        .unwrap()
        .strip_prefix("https://desk.test/join")
        .unwrap()
        .to_owned();
    let seen = wait_until("it looks sent", || {
        let seen = send(&desk, "GET", &receipt, "Accept: application/json\r\n").json();
        (seen["status"] == "sent").then_some(seen)
    });
    assert!(seen["message"].as_str().unwrap().starts_with("Check your email."), "{seen}");
    assert_eq!(latest(&folder), (json!("refused"), json!("suppressed")));
    assert_eq!(folder.letters().len(), 1);
    assert_eq!(desk.verdict("mallory.two", "victim@example.org"), "email_in_use", "as of any address");

    folder.ok(&["suppress", "lift", "victim@example.org"]);
    assert_eq!(suppressed(&folder), []);
    assert_eq!(desk.verdict("victim", "victim@example.org"), "accepted");
    wait_until("the email", || (folder.letters().len() == 2).then_some(()));
}

#[test]
fn the_operator_suppresses_a_mailbox_and_takes_it_back() {
    let (_homeserver, folder, desk) = open_desk(&format!("{DESK}approval: manual\n"));
    assert_eq!(desk.verdict("alice", "alice@example.org"), "held");
    folder.ok(&["suppress", "add", "Alice@example.org"]);
    assert_eq!(suppressed(&folder), [(json!("alice@example.org"), json!("operator"))]);
    assert!(!folder.command(&["suppress", "add", "alice+x@example.org"]).status.success());
    let refused = folder.command(&["approve", "1"]);
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && why.contains("suppress list"), "{why}");
    folder.ok(&["undo"]);
    assert_eq!(suppressed(&folder), []);
    folder.ok(&["redo"]);
    assert_eq!(suppressed(&folder).len(), 1);
    folder.ok(&["suppress", "lift", "alice@example.org"]);
    folder.ok(&["undo"]);
    assert_eq!(suppressed(&folder), [(json!("alice@example.org"), json!("operator"))]);
    assert!(folder.ok(&["suppress", "list"]).contains("alice@example.org"));
    folder.ok(&["forget", "alice@example.org"]);
    assert_eq!(suppressed(&folder), []);
    let log = folder.ok(&["log", "--json"]);
    assert!(!log.contains("alice@example.org"), "{log}");
    assert!(!folder.command(&["suppress", "lift", "alice@example.org"]).status.success());
}
