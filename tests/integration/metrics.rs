//! `/metrics`, as Prometheus asks for it.

use crate::support::desk::{Desk, Folder, open_desk};
use crate::support::homeserver::FakeHomeserver;
use crate::support::http::{self, Answer};
use crate::support::wait_until;

/// Asks the listener for metrics, which the log tells of.
fn ask(desk: &Desk, target: &str) -> Answer {
    let log = desk.log();
    let address = log.split("metrics at http://").nth(1).unwrap().split('/').next().unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n");
    http::exchange(address, request.as_bytes())
}

fn metrics(desk: &Desk) -> String {
    let answer = ask(desk, "/metrics");
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    answer.body
}

#[test]
fn what_happens_at_the_desk_is_counted_and_no_applicant_is_named() {
    let homeserver = FakeHomeserver::start();
    let folder = Folder::new(&format!("base_url: {}\nmetrics: 127.0.0.1:0\n", homeserver.url));
    folder.write("banned_emails.txt", "spam.example\n");
    let desk = folder.start();
    desk.wait_until_open();
    assert_eq!(desk.verdict("mallory", "mallory@spam.example"), "email_banned");
    assert_eq!(desk.verdict("alice", "alice@example.org"), "accepted");
    assert_eq!(desk.verdict("alice", "bob@example.org"), "username_unavailable");

    let text = wait_until("the email is handed over", || {
        // It is counted when the mail server has taken it, and owed until that is written down.
        let lines = [r#"doorman_letters_total{outcome="sent"} 1"#, "doorman_letters_owed 0"];
        Some(metrics(&desk)).filter(|text| lines.iter().all(|line| text.contains(line)))
    });
    for line in [
        r#"doorman_requests_total{verdict="accepted",reason="",channel="web"} 1"#,
        r#"doorman_requests_total{verdict="refused",reason="username_unavailable",channel="web"} 1"#,
        r#"doorman_ban_entries{list="banned_emails.txt"} 1"#,
        "doorman_letters_owed 0",
        "doorman_open 1",
        "# EOF",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("alice") && !text.contains("example.org"), "{text}");
    assert_eq!(ask(&desk, "/").status, 404);
    assert_eq!(desk.get("/metrics").status, 404, "the applicants' door tells nobody");
}

#[test]
fn the_board_asks_only_for_what_is_counted() {
    let board: serde_json::Value = serde_json::from_str(include_str!("../../contrib/grafana.json")).unwrap();
    let (_homeserver, _folder, desk) = open_desk("metrics: 127.0.0.1:0\n");
    desk.verdict("alice", "alice@example.org");
    let text = wait_until("the email is handed over", || {
        Some(metrics(&desk)).filter(|text| text.contains("doorman_letters_total"))
    });
    let panels = board["panels"].as_array().unwrap();
    assert!(panels.len() > 10);
    for target in panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap()) {
        let asked = target["expr"].as_str().unwrap();
        let name: String = asked[asked.find("doorman_").unwrap()..]
            .chars()
            .take_while(|sign| sign.is_alphanumeric() || *sign == '_')
            .collect();
        let family = ["_total", "_bucket"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
        assert!(text.contains(&format!("# TYPE {family} ")), "{name} is not in\n{text}");
    }
}
