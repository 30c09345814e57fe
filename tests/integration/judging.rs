//! What the lists do beside refusing, and what the desk says of its own judgement.

use serde_json::json;

use crate::support::desk::open_desk;
use crate::support::homeserver::Act;
use crate::support::wait_until;

#[test]
fn a_line_refuses_holds_or_approves_by_what_stands_above_it() {
    let (_homeserver, folder, desk) = open_desk("approval: manual\n");
    folder.write(
        "banned_emails.txt",
        "# theirs\n#: hold until=2099-01-01 note=\"spring wave\"\nprovider.example\n#: approve\nclub.example\n\
         #: hold until=2020-01-01\nover.example\n#: perhaps\nunclear.example\n",
    );
    folder.write("banned_usernames.txt", "#: approve\n^vip\n");
    let in_force = "banned_usernames.txt is in force as it stands now";
    wait_until("the lists are in force", || desk.log().contains(in_force).then_some(()));
    for (name, address, verdict, reason) in [
        ("second", "a@provider.example", "held", json!("list")),
        ("third", "a@club.example", "accepted", json!(null)),
        ("fourth", "a@over.example", "held", json!("approval")),
        ("vip5", "a@plain.example", "accepted", json!(null)),
        ("vip6", "b@provider.example", "held", json!("list")),
        ("vip7", "b@unclear.example", "refused", json!("email_banned")),
    ] {
        let answer = desk.ask(name, address).json();
        assert_eq!((&answer["status"], &answer["reason"]), (&json!(verdict), &reason), "{name} {address}");
    }
    let held = &folder.json(&["requests", "--held", "--json"])[2];
    assert_eq!(held["detail"], "held by banned_emails.txt line 3: provider.example (spring wave)", "{held}");
    let told = desk.get("/healthz").body;
    assert!(told.contains("banned_emails.txt:8") && told.contains("is no action"), "{told}");
    let checked = folder.command(&["check-config"]);
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(said.contains("warning: banned_emails.txt:7: over.example has expired"), "{said}");
    assert!(said.contains("banned_emails.txt:8:") && checked.status.code() == Some(1), "{said}");

    let listed = folder.json(&["ban", "list", "email", "--json"]);
    let of =
        |entry: &str| listed.as_array().unwrap().iter().find(|line| line["entry"] == entry).unwrap().clone();
    assert_eq!(
        of("provider.example"),
        json!({
            "file": "banned_emails.txt", "line": 3, "entry": "provider.example", "action": "hold", "until": "2099-01-01",
            "note": "spring wave", "by": null, "added": null, "in_force": true, "problem": null
        })
    );
    assert_eq!(
        (&of("over.example")["in_force"], &of("over.example")["problem"]),
        (&json!(false), &json!("it has expired"))
    );
    let unclear = of("unclear.example");
    assert!(
        unclear["action"] == "refuse" && unclear["problem"].as_str().unwrap().contains("perhaps"),
        "{unclear}"
    );
    let hits = folder.json(&["ban", "test", "email", "x@club.example", "--json"]);
    assert_eq!(
        hits["hits"],
        json!([{"file": "banned_emails.txt", "line": 5, "entry": "club.example", "action": "approve", "note": null}])
    );
}

#[test]
fn actions_are_written_changed_and_taken_back_by_command() {
    let (_homeserver, folder, desk) = open_desk("");
    folder.write("banned_emails.txt", "# theirs\n");
    folder.ok(&[
        "ban",
        "add",
        "email",
        "a.example",
        "b.example",
        "--action",
        "hold",
        "--until",
        "2099-01-01",
        "--note",
        "from the \"wave\"",
    ]);
    let written = folder.read("banned_emails.txt");
    let line = "#: hold until=2099-01-01 note=\"from the \\\"wave\\\"\" by=";
    assert!(
        written.starts_with(&format!("# theirs\n{line}")) && written.matches(line).count() == 2,
        "{written}"
    );
    let in_force = "banned_emails.txt is in force as it stands now";
    wait_until("it is in force", || desk.log().contains(in_force).then_some(()));
    assert_eq!(desk.verdict("one", "x@a.example"), "held");
    folder.ok(&["ban", "edit", "email", "a.example", "--action", "refuse", "--until", "never"]);
    let listed = || folder.json(&["ban", "list", "email", "--json"])[0].clone();
    assert_eq!(
        (&listed()["action"], &listed()["until"], &listed()["note"]),
        (&json!("refuse"), &json!(null), &json!("from the \"wave\""))
    );
    folder.ok(&["undo"]);
    assert_eq!(folder.read("banned_emails.txt"), written);
    folder.ok(&["ban", "remove", "email", "a.example"]);
    assert_eq!(folder.read("banned_emails.txt").matches("#:").count(), 1);
    folder.ok(&["undo"]);
    assert_eq!(folder.read("banned_emails.txt"), written);
    let past = folder.command(&["ban", "add", "email", "c.example", "--until", "2020-01-01"]);
    assert_eq!(past.status.code(), Some(2), "{past:?}");
}

#[test]
fn what_would_hit_nearly_everybody_needs_force_and_is_an_alarm_while_it_is_in_force() {
    let (_homeserver, folder, desk) = open_desk("");
    for (kind, entry) in
        [("email", "*"), ("email", "com"), ("ip", "0.0.0.0/0"), ("ip", "2000::/16"), ("username", ".*")]
    {
        let refused = folder.command(&["ban", "add", kind, entry]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(1) && said.contains("--force"), "{kind} {entry}: {said}");
    }
    assert_eq!(folder.json(&["ban", "list", "--json"]), json!([]));
    assert_eq!(desk.verdict("one", "one@mail.com"), "accepted");
    folder.ok(&["ban", "add", "email", "com", "--action", "hold", "--force"]);
    wait_until("the alarm", || desk.get("/healthz").body.contains("banned_emails.txt:2: com").then_some(()));
    assert_eq!(desk.verdict("two", "two@mail.com"), "held");
    folder.ok(&["ban", "remove", "email", "com"]);
    wait_until("it is over", || (!desk.get("/healthz").body.contains("banned_emails.txt")).then_some(()));
}

/// The last line of what a command says.
fn last_line(said: &str) -> &str {
    said.lines().last().unwrap_or_default()
}

#[test]
fn every_request_is_explained_rule_by_rule_and_the_last_line_is_the_verdict() {
    let (_homeserver, folder, desk) = open_desk("");
    folder.write("banned_emails.txt", "trash.example\n#: hold note=\"who?\"\nprovider.example\n");
    let in_force = "banned_emails.txt is in force as it stands now";
    wait_until("the list is in force", || desk.log().contains(in_force).then_some(()));
    for (name, address) in [
        ("alice", "a@example.org"),
        ("alice", "a@example.org"),
        ("alice", "b@example.org"),
        ("bob", "a@example.org"),
        ("carol", "c@trash.example"),
        ("dave", "d@provider.example"),
        ("erin", "not an address"),
        ("frank", "f@provider.example"),
    ] {
        desk.ask(name, address);
    }
    let requests = || folder.json(&["requests", "--json"]).as_array().unwrap().clone();
    wait_until("all are kept", || (requests().len() == 8).then_some(()));
    let id = |name: &str| requests().iter().find(|row| row["username"] == name).unwrap()["id"].to_string();
    folder.ok(&["approve", &id("dave")]);
    folder.ok(&["refuse", &id("frank")]);
    for row in requests() {
        let said = folder.ok(&["why", &row["id"].to_string()]);
        let verdict = match row["reason"].as_str() {
            Some(reason) => format!("verdict: {} ({reason})", row["verdict"].as_str().unwrap()),
            None => format!("verdict: {}", row["verdict"].as_str().unwrap()),
        };
        assert_eq!(last_line(&said), verdict, "{said}");
        let told = folder.json(&["why", &row["id"].to_string(), "--json"]);
        let rules = told["rules"].as_array().unwrap();
        assert_eq!((&rules[0]["rule"], &rules[2]["rule"]), (&json!("cross_site"), &json!("closed")));
        let at = |said: &str| rules.iter().position(|rule| rule["said"] == said).unwrap_or(rules.len());
        let others = rules.iter().filter(|rule| rule["said"] == "refused" || rule["said"] == "held").count();
        assert!(others <= 1 && rules[0]["said"] == "passed", "{said}");
        if row["verdict"] == "refused" && row["reason"] != "refused_by_operator" {
            assert_eq!(rules[at("refused")]["rule"], row["reason"], "{said}");
        }
    }
    let carol = folder.ok(&["why", &id("carol")]);
    assert!(carol.contains("banned by banned_emails.txt line 1: trash.example"), "{carol}");
    assert!(carol.contains("not reached"), "{carol}");
    let dave = folder.ok(&["why", &id("dave")]);
    assert!(
        dave.contains("line 3: provider.example (who?)") && dave.contains("then: approved by "),
        "{dave}"
    );
    let unknown = folder.command(&["why", "99"]);
    assert_eq!(unknown.status.code(), Some(1), "{unknown:?}");
}

#[test]
fn what_would_become_of_a_request_is_said_and_nothing_is_recorded() {
    let (homeserver, folder, desk) = open_desk("");
    folder.write("banned_emails.txt", "trash.example\n#: hold\nprovider.example\n");
    assert_eq!(desk.verdict("alice", "a@example.org"), "accepted");
    let count = || folder.json(&["requests", "--json"]).as_array().unwrap().len();
    for (name, address, verdict, reason) in [
        ("bob", "b@example.org", "accepted", json!(null)),
        ("bob", "b@trash.example", "refused", json!("email_banned")),
        ("bob", "b@provider.example", "held", json!("list")),
        ("alice", "b@example.org", "refused", json!("username_unavailable")),
        ("bob", "a@example.org", "refused", json!("email_in_use")),
        ("Bob!", "b@example.org", "refused", json!("malformed")),
    ] {
        let judged =
            folder.json(&["judge", "--name", name, "--email", address, "--ip", "192.0.2.7", "--json"]);
        assert_eq!((&judged["verdict"], &judged["reason"]), (&json!(verdict), &reason), "{judged}");
    }
    homeserver.on(
        "/_matrix/client/v3/register/available",
        Act::Answer(400, r#"{"errcode":"M_USER_IN_USE"}"#.into()),
    );
    let said = folder.ok(&["judge", "--name", "bob", "--email", "b@example.org"]);
    assert_eq!(last_line(&said), "verdict: refused (username_unavailable)", "{said}");
    assert_eq!(count(), 1);
}
