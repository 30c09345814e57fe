//! What the lists do beside refusing, and what the desk says of its own judgement.

use serde_json::json;

use crate::support::desk::open_desk;
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
