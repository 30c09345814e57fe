//! Requests that wait: for which reason, in which place, and what the applicant reads.

use serde_json::Value;

use crate::support::desk::open_desk;
use crate::support::http::Answer;

/// Verdict, reason and message of an answer.
fn told(answer: &Answer) -> (u16, String, String) {
    let json = answer.json();
    let word = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    (answer.status, word("reason"), word("message"))
}

#[test]
fn no_more_wait_than_may_and_the_answer_says_until_when() {
    let (_homeserver, folder, desk) =
        open_desk("approval: manual\nmultiple_users_per_email: true\nemail_cooldown: 0\nheld_at_most: 4\nheld_per_network: 3\n");
    for name in ["one", "two"] {
        let (status, reason, _) = told(&desk.ask(name, &format!("{name}@example.org")));
        assert_eq!((status, reason.as_str()), (202, "approval"));
    }
    let (status, reason, message) = told(&desk.ask("other", "two+tag@example.org"));
    assert_eq!((status, reason.as_str()), (429, "rate_limited"));
    assert!(message.contains("with this email address") && message.contains("until the operator has decided"));
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
    assert!(refused.as_array().unwrap().iter().any(|row: &Value| {
        row["detail"].as_str().is_some_and(|detail| detail.contains("127.0.0.0/24"))
    }));
}
