//! What the lists do beside refusing, and what the desk says of its own judgement.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use doorman::clock::{Clock, SystemClock};
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
    assert!(told.contains("banned_emails.txt:8") && told.contains("is not an action"), "{told}");
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

/// A web server with one text, which knows what state of it a client has.
struct ListServer {
    url: String,
    text: Arc<Mutex<String>>,
    /// Of each question the state that was named, and the status of the answer.
    asked: Arc<Mutex<Vec<(String, u16)>>>,
}

impl ListServer {
    fn start(text: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/domains.txt?all", listener.local_addr().unwrap());
        let (text, asked) = (Arc::new(Mutex::new(text.to_owned())), Arc::new(Mutex::new(Vec::new())));
        let (told, noted) = (Arc::clone(&text), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let head: Vec<String> = BufReader::new(&stream)
                    .lines()
                    .map_while(Result::ok)
                    .take_while(|line| !line.is_empty())
                    .collect();
                let mut lower = head.iter().map(|line| line.to_lowercase());
                let named = lower.find_map(|line| line.strip_prefix("if-none-match: ").map(str::to_owned));
                let text = told.lock().unwrap().clone();
                let etag = format!("\"{}\"", text.len());
                let is_same = named.as_ref() == Some(&etag);
                let status = if is_same { 304 } else { 200 };
                let body = if is_same { "" } else { &text };
                let length =
                    if is_same { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
                noted.lock().unwrap().push((named.unwrap_or_default(), status));
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} X\r\nETag: {etag}\r\n{length}Connection: close\r\n\r\n{body}"
                );
            }
        });
        Self { url, text, asked }
    }

    fn asked(&self) -> Vec<(String, u16)> {
        self.asked.lock().unwrap().clone()
    }
}

#[test]
fn lists_of_others_hold_or_refuse_beside_the_operators_own() {
    let server =
        ListServer::start("# theirs\n#: approve\ntrash.example\nclub.example\ncom\n*\nnot a domain\n");
    let (_homeserver, folder, desk) = open_desk(&format!(
        "lists:\n  - {{kind: email, url: \"{}\", action: hold}}\n  - {{kind: username, file: names.txt}}\n",
        server.url
    ));
    wait_until("the list is fetched", || desk.log().contains("lists/email-127.0.0.1-").then_some(()));
    folder.write("banned_emails.txt", "#: approve\nclub.example\n");
    folder.write("names.txt", "^bad\n.*\n");
    wait_until("the lists are in force", || {
        let log = desk.log();
        (log.contains("names.txt is in force") && log.contains("banned_emails.txt is in force")).then_some(())
    });
    for (name, address, verdict, reason) in [
        ("one", "a@trash.example", "held", json!("list")),
        ("two", "a@club.example", "accepted", json!(null)),
        ("three", "a@mail.com", "accepted", json!(null)),
        ("badone", "a@example.org", "refused", json!("username_unavailable")),
    ] {
        let answer = desk.ask(name, address).json();
        assert_eq!((&answer["status"], &answer["reason"]), (&json!(verdict), &reason), "{name} {address}");
    }
    let hit = &folder.json(&["ban", "test", "email", "x@trash.example", "--json"])["hits"][0];
    let copy = hit["file"].as_str().unwrap().to_owned();
    assert!(copy.starts_with("lists/email-127.0.0.1-") && hit["action"] == "hold", "{hit}");
    assert_eq!(
        folder.read(&copy).lines().nth(usize::try_from(hit["line"].as_u64().unwrap()).unwrap() - 1),
        Some("trash.example")
    );
    let checked = folder.command(&["check-config"]);
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    for told in
        ["com would hold everybody", "* would hold", ".* would refuse most names", "there is a space in it"]
    {
        assert!(said.contains(told), "{told}: {said}");
    }
    assert!(checked.status.success() && !said.contains("#:"), "{said}");
    // What is lost stays in force, also over a restart without the server.
    std::fs::remove_file(folder.file("names.txt")).unwrap();
    wait_until("its loss is told", || desk.log().contains("last good content stays in force").then_some(()));
    assert_eq!(desk.verdict("badtwo", "b@example.org"), "username_unavailable");
    drop(desk);
    let desk = folder.start();
    desk.wait_until_open();
    assert_eq!(desk.verdict("badthree", "c@example.org"), "username_unavailable");
    assert_eq!(desk.verdict("four", "b@trash.example"), "held");
    assert!(!desk.get("/healthz").body.contains("lists/"), "it is a note, and no alarm");
    drop(desk);
    // A day later only what has changed is fetched.
    let old = std::time::SystemTime::from(SystemClock.now() - chrono::TimeDelta::hours(25));
    let age =
        || std::fs::File::options().append(true).open(folder.file(&copy)).unwrap().set_modified(old).unwrap();
    age();
    let desk = folder.start();
    desk.wait_until_open();
    wait_until("it is asked again", || (server.asked().len() == 2).then_some(()));
    assert_eq!(server.asked()[1].1, 304);
    drop(desk);
    *server.text.lock().unwrap() = "other.example\n".into();
    age();
    let desk = folder.start();
    desk.wait_until_open();
    wait_until("it is fetched again", || folder.read(&copy).contains("other.example").then_some(()));
    wait_until("it is in force", || desk.log().contains(&format!("{copy} is in force")).then_some(()));
    assert_eq!(desk.verdict("five", "c@other.example"), "held");
    assert_eq!(desk.verdict("six", "c@trash.example"), "accepted");
    // An empty answer is no empty list.
    drop(desk);
    server.text.lock().unwrap().clear();
    age();
    let desk = folder.start();
    desk.wait_until_open();
    wait_until("it is told", || desk.log().contains("cannot be fetched: it is empty").then_some(()));
    let hits = folder.json(&["ban", "test", "email", "x@other.example", "--json"]);
    assert_eq!(hits["hits"][0]["file"], copy.as_str(), "{hits}");
}

#[test]
fn other_rules_are_rehearsed_on_the_requests_of_the_past() {
    let (_homeserver, folder, desk) = open_desk("");
    for (name, address) in
        [("alice", "a@provider.example"), ("bob", "b@trash.example"), ("carol", "c@example.org")]
    {
        assert_eq!(desk.verdict(name, address), "accepted");
    }
    let config = folder.read("config.yaml");
    folder.write("new.yaml", &format!("{config}\napproval: manual\n"));
    std::fs::create_dir(folder.file("new")).unwrap();
    folder.write("new/banned_emails.txt", "#: hold\nprovider.example\ntrash.example\n");
    let same = folder.json(&["rehearse", "--json"]);
    assert_eq!((&same["requests"], &same["changed"]), (&json!(3), &json!([])), "{same}");
    let lists = folder.json(&["rehearse", "--since", "1d", "--bans", "new", "--json"]);
    let of = |told: &serde_json::Value| -> Vec<String> {
        let one =
            |one: &serde_json::Value| format!("{} {} {}", one["username"], one["verdict"], one["reason"]);
        told["changed"].as_array().unwrap().iter().map(one).collect()
    };
    assert_eq!(of(&lists), [r#""bob" "refused" "email_banned""#, r#""alice" "held" "list""#]);
    let manual = folder.json(&["rehearse", "--config", "new.yaml", "--json"]);
    assert_eq!((&manual["held"], &manual["refused"], &manual["accepted"]), (&json!(3), &json!(0), &json!(0)));
    let said = folder.ok(&["ban", "add", "email", "trash.example", "example.org", "--dry-run"]);
    assert!(said.contains("bob") && said.contains("carol") && !said.contains("alice"), "{said}");
    assert!(last_line(&said).contains("2 would have been refused, 0 held, 0 accepted instead"), "{said}");
    assert_eq!(folder.json(&["ban", "list", "--json"]), json!([]), "nothing is changed");
}
