//! Requests that wait: for which reason, in which place, and what the applicant reads.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::desk::{Desk, Folder, open_desk};
use crate::support::http::{self, Answer};
use crate::support::wait_until;

/// Verdict, reason and message of an answer.
fn told(answer: &Answer) -> (u16, String, String) {
    let json = answer.json();
    let word = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    (answer.status, word("reason"), word("message"))
}

#[test]
fn no_more_wait_than_may_and_the_answer_says_until_when() {
    let (_homeserver, folder, desk) = open_desk(
        "approval: manual\nmultiple_users_per_email: true\nemail_cooldown: 0\nheld_at_most: 7\nheld_per_network: 3\n",
    );
    for name in ["one", "two"] {
        let (status, reason, _) = told(&desk.ask(name, &format!("{name}@example.org")));
        assert_eq!((status, reason.as_str()), (202, "approval"));
    }
    let (status, reason, message) = told(&desk.ask("other", "two+tag@example.org"));
    assert_eq!((status, reason.as_str()), (429, "rate_limited"));
    assert!(
        message.contains("with this email address") && message.contains("until the operator has decided")
    );
    told(&desk.ask("three", "three@example.org"));
    let answer = desk.ask("four", "four@example.org");
    assert!(answer.header("retry-after").is_some());
    let (status, _, message) = told(&answer);
    assert_eq!(status, 429);
    assert!(message.contains("from your network") && !message.contains("hours"), "{message}");
    let id = folder.json(&["requests", "--held", "--json"])[0]["id"].to_string();
    folder.ok(&["refuse", &id]);
    assert_eq!(told(&desk.ask("four", "four@example.org")).1, "approval", "a place is free again");
    let refused = folder.json(&["requests", "--refused", "--json"]);
    assert!(
        refused.as_array().unwrap().iter().any(|row: &Value| {
            row["detail"].as_str().is_some_and(|detail| detail.contains("127.0.0.0/24"))
        })
    );
}

fn ask_with(desk: &Desk, name: &str, more: &str, headers: &str) -> Answer {
    let body = format!("requested_username={name}&email={name}%40example.org{more}");
    let request = format!(
        "POST /register HTTP/1.1\r\nHost: desk.test\r\n{headers}Content-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    http::exchange(&desk.address, request.as_bytes())
}

const JSON: &str = "Accept: application/json\r\n";

#[test]
fn the_operators_question_is_asked_first_and_its_answer_stands_beside_the_request() {
    let (_homeserver, folder, desk) = open_desk(
        "approval: manual\nquestion: {text: \"Who are you, & why <here>?\", min_length: 10}\n\
         terms: {url: \"https://desk.test/terms\", version: \"2026-11\"}\n",
    );
    let page = desk.get("/").body;
    assert!(page.contains("approves every account") && page.contains("one question"), "{page}");
    assert!(page.contains("Who are you, &#38; why &#60;here&#62;?") && page.contains("name=\"answer\""));
    assert!(page.contains("https://desk.test/terms") && !page.contains("Within minutes"), "{page}");
    let ask = |more: &str| told(&ask_with(&desk, "alice", more, JSON));
    let (status, reason, message) = ask("&terms=on");
    assert_eq!((status, reason.as_str()), (422, "malformed"));
    assert!(message.contains("Who are you"), "{message}");
    let (status, _, message) = ask("&terms=on&answer=too+short");
    assert!(status == 422 && message.contains("at least 10"), "{message}");
    let (status, _, message) = ask("&answer=a+friend+of+bob");
    assert!(status == 422 && message.contains("terms"), "{message}");
    assert_eq!(ask("&terms=2025-01&answer=a+friend+of+bob").0, 422, "the box of an older version");
    let given_back = ask_with(&desk, "alice", "&terms=2026-11&answer=%3Cb%3E+x", "").body;
    assert!(
        given_back.contains("&#60;b&#62; x</textarea>") && given_back.contains(" checked"),
        "{given_back}"
    );
    assert_eq!(ask("&terms=2026-11&answer=a+friend%0D%0Aof+bob").0, 202);

    let held = &folder.json(&["requests", "--held", "--json"])[0];
    assert_eq!(held["answer"], "a friend\nof bob");
    assert_eq!((&held["terms"]["version"], held["terms"]["at"].is_string()), (&"2026-11".into(), true));
    let listed = folder.ok(&["requests", "--held"]);
    assert!(listed.contains("“a friend of bob”"), "{listed}");
    let refused = folder.json(&["requests", "--refused", "--json"]);
    assert!(refused.as_array().unwrap().iter().any(|row| row["answer"] == "too short"), "{refused}");
}

/// The secret link in the letter to this address.
fn link(folder: &Folder, to: &str) -> Option<String> {
    let letter =
        folder.letters().into_iter().find(|letter| letter.contains(to) && letter.contains("/prove/"))?;
    let rest = letter.split("https://desk.test/join/prove/").nth(1)?;
    Some(format!("/prove/{}", rest.split_whitespace().next()?))
}

#[test]
fn an_address_is_proved_before_the_operator_is_called() {
    let (_homeserver, folder, desk) = open_desk(
        "approval: manual\npublic_url: https://desk.test/join\noperator_email: me@desk.test\nheld_at_most: 1\n",
    );
    for name in ["one", "two"] {
        let (status, reason, message) = told(&desk.ask(name, &format!("{name}@example.org")));
        assert_eq!((status, reason.as_str()), (202, "unproven"), "it takes no place");
        assert!(message.contains("confirm"), "{message}");
    }
    let path = wait_until("the link is mailed", || link(&folder, "one@example.org"));
    let secret = path.rsplit('/').next().unwrap();
    assert!(!folder.read("doorman.db").contains(secret) && !desk.log().contains(secret));
    for _ in 0..2 {
        let shown = desk.get(&path);
        assert!(
            shown.status == 200
                && shown.body.contains("<form method=\"post\"")
                && shown.body.contains("@one:desk.test")
        );
    }
    assert_eq!(
        folder.json(&["requests", "--json"])[1]["reason"],
        "unproven",
        "a scanner opens it, and nothing happens"
    );
    assert!(!folder.letters().iter().any(|letter| letter.contains("needs you")), "nobody is called");
    let post = |path: &str| {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: desk.test\r\n{JSON}Content-Length: 0\r\nConnection: close\r\n\r\n"
        );
        http::exchange(&desk.address, request.as_bytes())
    };
    let (status, reason, _) = told(&post(&path));
    assert_eq!((status, reason.as_str()), (202, "approval"));
    assert_eq!(told(&post(&path)).1, "approval", "a second click says the same");
    wait_until("the operator is called", || {
        folder.letters().iter().any(|letter| letter.contains("1 request waits")).then_some(())
    });
    let other = wait_until("the other link is mailed", || link(&folder, "two@example.org"));
    let (status, reason, message) = told(&post(&other));
    assert_eq!((status, reason.as_str()), (429, "rate_limited"), "now it needs a place");
    assert!(message.contains("until the operator has decided"), "{message}");
    assert_eq!(desk.get("/prove/22222222222222222222222222222222").status, 404);
    let id = folder.json(&["requests", "--json"])[1]["id"].to_string();
    folder.ok(&["approve", &id]);
    assert_eq!(told(&post(&other)).1, "approval", "there is room again");
    folder.ok(&["refuse", &folder.json(&["requests", "--json"])[0]["id"].to_string()]);
    assert_eq!((desk.get(&other).status, post(&other).status), (410, 410));
}

#[test]
fn the_operator_says_that_there_is_a_surge_and_what_waits_for_its_turn_reads_its_place() {
    let (_homeserver, folder, desk) = open_desk("accounts_per_day: 1\n");
    assert_eq!(desk.verdict("one", "one@example.org"), "accepted");
    for (name, place) in [("two", "number 1"), ("three", "number 2")] {
        let (status, reason, message) = told(&desk.ask(name, &format!("{name}@example.org")));
        assert_eq!((status, reason.as_str()), (202, "quota"));
        assert!(message.contains(place), "{message}");
    }
    assert!(folder.ok(&["surge", "on"]).contains("surge"));
    wait_until("it is a surge", || (told(&desk.ask("four", "four@example.org")).1 == "surge").then_some(()));
    wait_until("the alarm", || desk.get("/healthz").body.contains("surge").then_some(()));
    assert!(folder.ok(&["undo"]).contains("detects surges"));
    wait_until("it is over", || (!desk.get("/healthz").body.contains("surge")).then_some(()));
    assert_eq!(folder.command(&["surge", "perhaps"]).status.code(), Some(2));

    folder.configure(&format!("{}on_surge: close\n", folder.read("config.yaml").replace("port: 0\n", "")));
    desk.signal("-HUP");
    folder.ok(&["surge", "on"]);
    wait_until("it is closed", || (desk.verdict("five", "five@example.org") == "closed").then_some(()));
    let says = || desk.get_json("/api/status")["message"].as_str().unwrap().contains("more requests");
    wait_until("the page says why", || says().then_some(()));
}

#[test]
fn a_discreet_desk_answers_a_known_address_as_any_other_and_tells_its_owner() {
    let (_homeserver, folder, desk) = open_desk("discreet: true\nletters_per_hour: 0\n");
    assert_eq!(desk.verdict("owner", "owner@example.org"), "accepted");
    let answers = |format: &str| {
        let of = |name: &str, address: &str| {
            let answer = desk.ask_with(name, address, format);
            let mut plain = answer.body.replace(address, "ADDRESS").replace(name, "NAME");
            // The secret of a receipt: each has its own.
            let at = plain.find("/request/").unwrap() + "/request/".len();
            let end = at + plain[at..].find('"').unwrap();
            assert_eq!(end - at, 26);
            plain.replace_range(at..end, "RECEIPT");
            (answer.status, answer.header("content-type").map(str::to_owned), plain)
        };
        [of("another", "owner@example.org"), of("stranger", "nobody@example.org")]
    };
    let [known, unknown] = answers(JSON);
    assert_eq!(known, unknown);
    let name = |name: &str| {
        folder
            .json(&["requests", "--json"])
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["username"] == name)
            .cloned()
            .unwrap()
    };
    assert_eq!(name("another")["reason"], "email_in_use");
    wait_until("the owner is told", || {
        folder
            .letters()
            .iter()
            .any(|letter| {
                letter.contains("To: owner@example.org") && letter.contains("with this address already")
            })
            .then_some(())
    });
}

#[test]
fn all_that_is_known_of_an_address_is_disclosed_and_forgotten() {
    let (_homeserver, folder, desk) = open_desk(
        "approval: manual\npublic_url: https://desk.test/join\nquestion: {text: Why?, min_length: 1}\nretention: {refused: 90d, ip: 30d, addresses: 0, answers: 180d}\n",
    );
    assert_eq!(told(&ask_with(&desk, "alice", "&answer=because", JSON)).1, "unproven");
    let page = desk.get("/").body;
    assert!(page.contains("deleted after 30 days") && page.contains("deleted after 180 days"), "{page}");
    let path = wait_until("the link is mailed", || link(&folder, "alice@example.org"));
    let known = || folder.json(&["disclose", "Alice+tag@example.org"]);
    assert_eq!(known()["requests"][0]["answer"], "because");
    let kinds = |rows: &str| -> BTreeSet<String> {
        known()[rows].as_array().unwrap().iter().map(|row| row["kind"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds("links"), ["not_me", "proof", "receipt"].map(str::to_owned).into());
    assert_eq!(kinds("letters"), ["proof".to_owned()].into());
    assert!(!known().to_string().contains(path.rsplit('/').next().unwrap()));
    folder.ok(&["forget", "alice@example.org"]);
    assert_eq!(desk.get(&path).status, 410);
    let known = known();
    assert!(
        known.as_object().unwrap().values().all(|rows| rows.as_array().is_none_or(Vec::is_empty)),
        "{known}"
    );
}

/// Not run by default: it takes a minute, and a machine that does nothing else.
#[test]
#[ignore = "a measurement"]
fn a_known_address_takes_as_long_as_an_unknown_one() {
    let (_homeserver, _folder, desk) =
        open_desk("discreet: true\nemail_cooldown: 3600\nletters_per_address_per_day: 0\n");
    assert_eq!(desk.verdict("owner", "owner@example.org"), "accepted");
    let timed = |name: &str, address: &str| {
        let begun = std::time::Instant::now();
        assert_eq!(desk.verdict(name, address), "accepted");
        begun.elapsed().as_secs_f64() * 1e3
    };
    let (mut known, mut unknown, mut again) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..2000 {
        let (name, address) = (format!("stranger{number}"), format!("nobody{number}@example{number}.org"));
        unknown.push(timed(&name, &address));
        known.push(timed(&format!("known{number}"), "owner@example.org"));
        again.push(timed("owner", "owner@example.org"));
    }
    let quarters = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        [1, 2, 3].map(|quarter| times[times.len() * quarter / 4])
    };
    let (unknown, known, again) = (quarters(&mut unknown), quarters(&mut known), quarters(&mut again));
    println!("milliseconds, quarters: unknown {unknown:.2?}, known {known:.2?}, the same again {again:.2?}");
    let spread = unknown[2] - unknown[0];
    for other in [known, again] {
        assert!((other[1] - unknown[1]).abs() < spread.max(0.1), "the medians lie apart");
    }
}
