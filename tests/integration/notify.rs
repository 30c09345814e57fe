//! What waits for the operator, told where they are: the digest's links, the Matrix room, the webhook.

use serde_json::Value;

use crate::support::desk::{Desk, Folder, escaped, open_desk};
use crate::support::http::{Answer, exchange};
use crate::support::wait_until;

const DIGEST: &str = "approval: manual\nprove_address: false\npublic_url: https://desk.test/join\n\
     notify: {email: operator@desk.test}\nemail_cooldown: 0\n";

/// The paths of the links in the digest, as they stand in it.
fn links(folder: &Folder) -> Option<Vec<String>> {
    let digest = folder.letters().into_iter().find(|letter| letter.contains("needs you"))?;
    let text = digest.split("Content-Type: text/html").next()?;
    let links = text.split("https://desk.test/join/decide/").skip(1);
    Some(links.filter_map(|rest| Some(format!("/decide/{}", rest.split_whitespace().next()?))).collect())
}

fn send(desk: &Desk, path: &str, headers: &str, fields: &[(&str, &str)]) -> Answer {
    let pairs = fields.iter().map(|(name, text)| format!("{name}={}", escaped(text)));
    let body = pairs.collect::<Vec<_>>().join("&");
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         {headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    exchange(&desk.address, request.as_bytes())
}

fn verdict(folder: &Folder, username: &str) -> (Value, Value) {
    let listed = folder.json(&["requests", "--json"]);
    let row = listed.as_array().unwrap().iter().find(|row| row["username"] == username).unwrap();
    (row["verdict"].clone(), row["reason"].clone())
}

#[test]
fn a_link_in_the_digest_shows_its_request_and_decides_it_once() {
    let (_homeserver, folder, desk) = open_desk(DIGEST);
    assert_eq!(desk.verdict("alice", "alice@example.org"), "held");
    let path = wait_until("the digest", || links(&folder)?.pop());
    let secret = path.rsplit('/').next().unwrap();
    assert_eq!(secret.len(), 32, "160 bits");
    assert!(!folder.read("doorman.db").contains(secret) && !folder.read("doorman.db-wal").contains(secret));
    let page = desk.get(&path);
    assert!(page.status == 200 && page.body.contains("alice@example.org"), "{page:?}");
    assert_eq!(page.body.matches("<button").count(), 2, "{page:?}");
    for (name, value) in
        [("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("x-robots-tag", "noindex")]
    {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
    assert_eq!(verdict(&folder, "alice").0, "held", "looking decides nothing");
    let approve = [("act", "approve")];
    assert_eq!(send(&desk, &path, "Sec-Fetch-Site: cross-site\r\n", &approve).status, 403);
    assert_eq!(send(&desk, &path, "", &[("act", "perhaps")]).status, 400);
    assert_eq!(send(&desk, "/decide/23456789abcdefghijkmnpqrstuvwxyz", "", &approve).status, 404);
    assert_eq!(verdict(&folder, "alice").0, "held");
    let done = send(&desk, &path, "", &approve);
    assert!(done.status == 200 && done.body.contains("Approved: the email for alice goes to"), "{done:?}");
    assert_eq!(verdict(&folder, "alice").0, "accepted");
    let line = &folder.json(&["log", "--json"])[0];
    assert_eq!((&line["what"], &line["who"]), (&"approve".into(), &"operator@desk.test".into()), "{line}");
    assert_eq!(line["whence"], "link in the digest");
    let again = send(&desk, &path, "", &[("act", "refuse")]);
    assert!(again.status == 409 && again.body.contains("nothing is changed"), "{again:?}");
    assert!(again.body.contains("by operator@desk.test (link in the digest)"), "{again:?}");
    assert_eq!(verdict(&folder, "alice").0, "accepted");
    assert!(!desk.log().contains(secret));
}

#[test]
fn who_comes_second_by_a_digest_is_told_who_was_first() {
    let (_homeserver, folder, desk) =
        open_desk(&format!("{DIGEST}question: {{text: Why?, min_length: 0}}\n"));
    let form = [
        ("requested_username", "mallory"),
        ("email", "mallory@example.org"),
        ("answer", "\u{1}7\u{1} <b>https://evil.test</b>"),
    ];
    assert_eq!(send(&desk, "/register", "Accept: application/json\r\n", &form).status, 202);
    let path = wait_until("the digest", || {
        let mut links = links(&folder)?;
        assert_eq!(links.len(), 1, "an applicant makes no link");
        links.pop()
    });
    let page = desk.get(&path);
    assert!(page.body.contains("&#60;b&#62;") && !page.body.contains("<b>https"), "{page:?}");
    folder.ok(&["refuse", "1", "--because", "no \"spam\" <here>"]);
    let shown = desk.get(&path);
    assert!(shown.status == 200 && !shown.body.contains("<button"), "{shown:?}");
    assert!(shown.body.contains("Refused by ") && shown.body.contains("(command)"), "{shown:?}");
    assert_eq!(send(&desk, &path, "", &[("act", "approve")]).status, 409);
    assert_eq!(verdict(&folder, "mallory"), ("refused".into(), "refused_by_operator".into()));
    folder.ok(&["forget", "mallory@example.org"]);
    assert!([404, 410].contains(&desk.get(&path).status), "it is erased");
}
