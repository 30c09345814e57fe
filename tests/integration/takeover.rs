//! The folder of the Matrix Registration System, taken over by nothing but starting the desk in it.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::desk::{Folder, doorman, far_reset};
use crate::support::homeserver::{Act, FakeHomeserver};
use crate::support::load::share;
use crate::support::smtp::SmtpServer;
use crate::support::{free_port, wait_until};

fn entry(number: usize) -> Value {
    json!({"requested_name": format!("old{number}"), "email": format!("old{number}@example.org"),
           "datetime": format!("2025-{:02}-{:02}T12:00:{:02}.123456", number % 12 + 1, number % 28 + 1, number % 60),
           "ip_address": format!("192.0.2.{}", number % 250)})
}

fn imported(folder: &Folder) -> Vec<String> {
    let requests = folder.json(&["requests", "--json"]);
    let names = requests.as_array().unwrap().iter().filter(|request| request["verdict"] == "accepted");
    names.map(|request| request["username"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn what_the_original_wrote_comes_out_of_the_mirror_as_it_went_in() {
    let theirs = json!([
        {"requested_name": "one", "email": "One@example.org", "datetime": "2025-01-02T03:04:05.678901",
         "ip_address": "192.0.2.1"},
        {"requested_name": "two", "email": "two@example.org", "datetime": "2025-01-02T03:04:06", "ip_address": null},
        {"requested_name": "three", "email": "three@example.org", "datetime": "2025-01-02T03:04:06.000007",
         "ip_address": "2001:db8::1"},
    ]);
    let folder = Folder::new("");
    folder.write("registrations.json", &serde_json::to_string_pretty(&theirs).unwrap());
    let _desk = folder.start();
    let kept = folder.read("registrations.json.before-doorman");
    let mirror = wait_until("the mirror is written", || {
        let mirror = folder.read("registrations.json");
        (mirror != kept).then_some(mirror)
    });
    assert_eq!(serde_json::from_str::<Value>(&mirror).unwrap(), theirs);
}

#[test]
fn an_old_folder_with_dirty_data_goes_on_under_the_desk() {
    let (homeserver, smtp, port) = (FakeHomeserver::start(), SmtpServer::start(), free_port());
    // One of the old names has an account; a reservation of which nothing came has lapsed long ago.
    homeserver
        .on("username=old17", Act::Answer(400, r#"{"errcode": "M_USER_IN_USE", "error": "taken"}"#.into()));
    let folder = Folder::new("");
    // Their example config, with this test's servers.
    folder.write(
        "config.yaml",
        &format!(
            r#"port: {port}
homeserver: "localhost.test"
token_reset_time_utc: {reset}
downtime_before_token_reset: 30
email_cooldown: 3600
multiple_users_per_email: false

smtp:
  host: "localhost"
  port: {}
  username: "desk"
  password: "secret"
  use_tls: true

email_subject: "{{homeserver}} Registration Token"
email_body: |
  Hello,
  Thank you for your interest in {{homeserver}}, {{requested_username}}.
  The registration token today is: {{registration_token}}
  This registration token is valid for {{time_until_reset}}. If you do not register in that period, you will need to
  request the new registration token.
  Please ensure you use the username {{requested_username}} when registering.
base_url: {}
"#,
            smtp.starttls,
            homeserver.url,
            reset = far_reset()
        ),
    );
    folder.write(".registration_token", "d3adb3efd3adb3efd3adb3ef");
    folder.write("banned_usernames.txt", "# reserved\n.*admin.*\n^root$\nweird(?!look)\n");
    folder.write("banned_emails.txt", "*@trash.example\nlink*+*@mail.example\n");
    folder.write("banned_ips.txt", "192.0.2.66\n198.51.100.0/24\n");
    std::fs::create_dir(folder.file("static")).unwrap();
    folder.write("static/custom.css", "body { color: teal }");
    let mut text = String::from("[\n");
    let mut expected = BTreeSet::new();
    for number in 0..10_000 {
        let mut entry = entry(number);
        match number % 100 {
            3 => entry["datetime"] = json!("the day before yesterday"),
            7 => entry["datetime"] = json!(null),
            11 => entry["requested_name"] = json!(null),
            13 => entry["email"] = json!("no address"),
            17 => entry["ip_address"] = json!("unknown"),
            19 => entry["datetime"] = json!(1_714_566_896),
            23 => entry = self::entry(number - 1),
            29 => entry = json!({"something": "else"}),
            _ => {}
        }
        if !matches!(number % 100, 11 | 13 | 23 | 29) {
            expected.insert(format!("old{number}"));
        }
        let line = entry.to_string();
        // One that was cut off when the machine died, and another that a hand has spoilt.
        if number == 5_000 {
            expected.remove("old5000");
            text.push_str(&format!("  {}\n", &line[..line.len() / 2]));
        } else {
            text.push_str(&format!("  {line},\n"));
        }
    }
    text.push_str("  {\"requested_name\": \"the end is mis");
    folder.write("registrations.json", &text);

    let authority = smtp.authority();
    let mut command = doorman();
    command.env("SSL_CERT_FILE", authority);
    let desk = folder.start_with(command);
    desk.wait_until_open();
    let log = desk.log();
    assert!(log.contains("imported") && log.contains("with problems"), "{log}");
    wait_until("the bad line is told", || desk.log().contains("banned_usernames.txt:4").then_some(()));
    assert_eq!(folder.read("registrations.json.before-doorman"), text);
    let names = imported(&folder);
    let found: BTreeSet<String> = names.iter().filter(|name| name.starts_with("old")).cloned().collect();
    assert_eq!(found.difference(&expected).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(expected.difference(&found).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(folder.json(&["token", "--json", "--reveal"])["token"], "d3adb3efd3adb3efd3adb3ef");
    assert!(desk.get("/static/custom.css").body.contains("teal"));
    for (name, email, verdict) in [
        ("superadmin1", "someone@example.org", "username_unavailable"),
        ("old17", "someone@example.org", "username_unavailable"),
        ("newname", "someone@trash.example", "email_banned"),
        ("newname", "old17@example.org", "email_in_use"),
        ("old21", "old21@example.org", "accepted"),
        ("newname", "newcomer@example.org", "accepted"),
    ] {
        assert_eq!(desk.verdict(name, email), verdict, "{name} {email}");
    }
    let letter = smtp.wait_for_mail("newcomer@example.org");
    assert!(letter.contains("The registration token today is: d3adb3efd3adb3efd3adb3ef"), "{letter}");
    // While it runs, a mirror of this size may be behind for a hundred times as long as writing it takes.
    desk.signal("-TERM");
    assert!(desk.end().success());
    let mirrored: Vec<Value> = serde_json::from_str(&folder.read("registrations.json")).unwrap();
    let has = |name| mirrored.iter().any(|entry| entry["requested_name"] == name);
    assert!(has("newname") && has("old0") && has("old9999"), "{mirrored:?}");
}

#[test]
fn an_import_that_is_killed_in_the_middle_happens_once() {
    let homeserver = FakeHomeserver::start();
    let folder = Folder::new(&format!("base_url: {}\n", homeserver.url));
    let count = share(200_000);
    let text = Value::from((0..count).map(entry).collect::<Vec<_>>()).to_string();
    folder.write("registrations.json", &text);
    for millis in [10, 60, 120, 250, 400, 700] {
        let mut command = doorman();
        command.current_dir(folder.path()).arg("serve").stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::park_timeout(Duration::from_millis(millis));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let desk = folder.start();
    let names = imported(&folder);
    let distinct: BTreeSet<&String> = names.iter().collect();
    assert_eq!((names.len(), distinct.len()), (count, count));
    assert_eq!(folder.read("registrations.json.before-doorman"), text);
    drop(desk);
    let entries: Vec<Value> = serde_json::from_str(&folder.read("registrations.json")).unwrap();
    assert_eq!(entries.len(), count);
}
