//! Whether a name can be had, told while it is typed.

use serde_json::{Value, json};

use crate::support::desk::{Desk, escaped, open_desk};
use crate::support::homeserver::{Act, FakeHomeserver};
use crate::support::http::{Answer, exchange};
use crate::support::wait_until;

const IN_USE: &str = r#"{"errcode": "M_USER_IN_USE", "error": "taken"}"#;

fn look(desk: &Desk, name: &str) -> Answer {
    desk.get(&format!("/api/username?name={}", escaped(name)))
}

fn told(desk: &Desk, name: &str) -> Value {
    let answer = look(desk, name);
    assert_eq!(
        (answer.status, answer.header("cache-control")),
        (200, Some("no-store")),
        "{name}: {answer:?}"
    );
    let json = answer.json();
    assert!(json["message"].as_str().is_some_and(|message| !message.is_empty()), "{name}: {json}");
    assert_eq!(json.as_object().unwrap().len(), 2, "{name}: {json}");
    json
}

fn questions(homeserver: &FakeHomeserver, name: &str) -> usize {
    let path = format!("/available?username={name}");
    homeserver.asked().iter().filter(|asked| asked.ends_with(&path)).count()
}

#[test]
fn a_name_is_told_by_shape_bans_requests_and_the_homeserver_and_not_which_of_them() {
    let (homeserver, folder, desk) = open_desk("");
    homeserver.on("username=taken", Act::Answer(400, IN_USE.into()));
    folder.ok(&["ban", "add", "username", "^banned"]);
    assert_eq!(desk.verdict("asked", "asked@example.org"), "accepted");
    wait_until("the ban holds", || (told(&desk, "banned")["available"] == false).then_some(()));
    let free = told(&desk, "free");
    assert_eq!(free["available"], true, "{free}");
    for name in [" Free ", "@free:desk.test"] {
        assert_eq!(told(&desk, name), free, "{name}");
    }
    let taken = told(&desk, "taken");
    assert_eq!(taken["available"], false, "{taken}");
    for name in ["banned", "banned-too", "asked", "www.prizes.example/claim"] {
        assert_eq!(told(&desk, name), taken, "{name}");
    }
    // Each of them has taken as long as the homeserver takes, and none longer.
    for name in ["taken", "free", "banned", "asked"] {
        assert_eq!(questions(&homeserver, name), 1, "{name}: an answer is kept for a while");
    }
    for (name, part) in
        [("", "username"), ("b\u{f6}b", "b\u{f6}b".get(1..3).unwrap()), ("bob:matrix.org", ":desk.test")]
    {
        let json = told(&desk, name);
        assert!(
            json["available"] == false && json["message"].as_str().unwrap().contains(part),
            "{name}: {json}"
        );
    }
    assert_eq!(desk.get("/api/username").json()["available"], false);
    let posted = "POST /api/username HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    let posted = exchange(&desk.address, posted.as_bytes());
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
    // It is nobody's request, and an address plays no part.
    assert_eq!(folder.json(&["requests", "--json"]).as_array().unwrap().len(), 1);
    assert_eq!(desk.get("/api/username?name=free&email=asked%40example.org").json(), free);
}

#[test]
fn a_homeserver_that_cannot_say_leaves_it_open_and_what_is_known_here_is_told() {
    let (homeserver, folder, desk) = open_desk("");
    homeserver.on("/available", Act::Answer(502, String::new()));
    folder.ok(&["ban", "add", "username", "^banned"]);
    wait_until("the ban holds", || (told(&desk, "banned")["available"] == false).then_some(()));
    assert_eq!(told(&desk, "free")["available"], Value::Null);
    // Whoever only types is no reason to alarm anybody.
    assert_eq!(folder.json(&["status", "--json"])["alarms"], json!([]));
}

#[test]
fn a_look_counts_as_a_tenth_of_a_request() {
    let (_homeserver, _folder, desk) = open_desk("requests_per_ip_per_hour: 2\n");
    assert_eq!(desk.verdict("asked", "asked@example.org"), "accepted");
    for _ in 0..10 {
        assert_eq!(told(&desk, "free")["available"], true);
    }
    let answer = look(&desk, "free");
    assert_eq!((answer.status, &answer.json()["available"]), (429, &Value::Null), "{answer:?}");
    assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() > 3000, "{answer:?}");
    assert_eq!(desk.verdict("other", "other@example.org"), "rate_limited");
}
