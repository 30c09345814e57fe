//! `doorman doctor` before the real parts: each in order, and each out of order.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use chrono::TimeDelta;
use doorman::lock::{Lock, Purpose};
use doorman::store::{DeskCondition, Store};

use super::support::desk::{Desk, Folder, doorman};
use super::support::dovecot::Dovecot;
use super::support::homeserver::{Act, FakeHomeserver};
use super::support::mas::{Mas, State};
use super::support::name_server::{self, Zone};
use super::support::smtp::{SmtpServer, header};
use super::support::synapse::{OwnSynapse, synapse};
use super::support::{free_port, wait_until};

/// How MAS is set, and the state and words of the line that tells.
type MasSetting = (fn(&mut State), &'static str, &'static str);

const GOOD_ZONE: Zone = &[
    ("mail.desk-test.org", "TXT", "some-verification=1"),
    ("mail.desk-test.org", "TXT", "v=spf1 mx -all"),
    ("mail.desk-test.org", "MX", "mx.desk-test.org"),
    ("_dmarc.desk-test.org", "TXT", "v=DMARC1; p=reject"),
];

/// What the doctor said, and its exit code.
#[derive(Debug)]
struct Told {
    text: String,
    code: Option<i32>,
}

impl Told {
    /// Whether a line of this state and subject says so.
    fn says(&self, state: &str, what: &str, words: &str) -> bool {
        let start = format!("{state:<6} {what:<12} ");
        self.text.lines().any(|line| line.starts_with(&start) && line.contains(words))
    }

    #[track_caller]
    fn assert(&self, state: &str, what: &str, words: &str) {
        assert!(self.says(state, what, words), "no {state} {what} with {words:?} in {}", self.text);
        assert_eq!(self.code, Some(i32::from(self.text.contains("WRONG "))), "{}", self.text);
    }
}

fn examined(folder: &Folder, args: &[&str]) -> Told {
    examined_by(doorman(), folder, args)
}

fn examined_by(mut command: std::process::Command, folder: &Folder, args: &[&str]) -> Told {
    let output = command.current_dir(folder.path()).arg("doctor").args(args).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let token = folder.read(".registration_token");
    let mut of_no_password = text.clone();
    for words in [
        "a long secret registration_token",
        "it contains a password or access token",
        "put the secret into a file",
        "client_secret_file",
    ] {
        of_no_password = of_no_password.replace(words, "");
    }
    for secret in ["secret", "hunter2", token.as_str()] {
        assert!(secret.is_empty() || !of_no_password.contains(secret), "{text}");
    }
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    Told { text, code: output.status.code() }
}

/// A tuwunel in order.
fn homeserver() -> FakeHomeserver {
    let homeserver = FakeHomeserver::start();
    let json = |text: &str| Act::Answer(200, text.into());
    homeserver.on("/client/v3/register", flows(r#"["m.login.registration_token"]"#));
    homeserver.on("/available", json(r#"{"available": true}"#));
    homeserver.on("/federation/v1/version", json(r#"{"server": {"name": "Tuwunel", "version": "1.8.1"}}"#));
    at(&homeserver, TimeDelta::zero());
    homeserver
}

fn flows(stages: &str) -> Act {
    Act::Answer(401, format!(r#"{{"flows": [{{"stages": {stages}}}], "session": "x", "params": {{}}}}"#))
}

/// From now on its clock is off by so much.
fn at(homeserver: &FakeHomeserver, off: TimeDelta) {
    homeserver.on("/client/versions", Act::Dated(off, r#"{"versions": ["v1.11"]}"#.into()));
}

fn folder_for(homeserver: &FakeHomeserver, more: &str) -> Folder {
    Folder::new(&format!("base_url: {}\ndowntime_before_token_reset: 0\n{more}", homeserver.url))
}

/// The same after a desk has run there.
fn lived_in(homeserver: &FakeHomeserver, more: &str) -> Folder {
    let folder = folder_for(homeserver, more);
    folder.start().wait_until_open();
    folder
}

#[test]
fn where_all_is_in_order_each_line_says_so() {
    let (homeserver, smtp, dovecot) = (homeserver(), SmtpServer::start(), Dovecot::start());
    let port = free_port();
    let mail = smtp.config("starttls").replace("desk@desk.test", "desk@mail.desk-test.org");
    let folder = folder_for(&homeserver, &format!("{mail}{}", dovecot.config("none", "")));
    let proxy = proxy(port, "X-Forwarded-For: 198.51.100.7\r\n");
    let config = folder.read("config.yaml").replace("port: 0", &format!("port: {port}\npublic_url: {proxy}"));
    folder.write("config.yaml", &config);
    std::fs::set_permissions(folder.file("config.yaml"), std::fs::Permissions::from_mode(0o600)).unwrap();
    folder.write("banned_ips.txt", "# none yet\n192.0.2.0/24\n");
    let with_authority = || {
        let mut command = doorman();
        command.env("SSL_CERT_FILE", smtp.authority());
        command
    };
    let desk = folder.start_with(with_authority());
    desk.wait_until_open();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o750)).unwrap();
    let resolver = name_server::start(GOOD_ZONE).to_string();
    let told =
        examined_by(with_authority(), &folder, &["--resolver", &resolver, "--send", "you@example.org"]);
    for (what, words) in [
        ("config", "config.yaml"),
        ("folder", "mode 0750, can be written"),
        ("free space", " MiB"),
        ("database", "can be read and written"),
        ("ban lists", "1 entry, all understood"),
        ("desk", "it runs"),
        ("homeserver", "is tuwunel 1.8.1"),
        ("clock", "the homeserver's too"),
        ("registration", "asks for a registration token"),
        ("names", "says whether a name is free"),
        ("token file", "mode 0640: the homeserver has to run as "),
        ("live", "accepts the token"),
        ("page", "open"),
        ("public_url", &proxy),
        ("proxy", "client addresses look right"),
        ("mail server", "takes mail over TLS, logged in as desk"),
        ("sender", "has SPF: v=spf1 mx -all"),
        ("sender", "desk-test.org has DMARC: v=DMARC1; p=reject"),
        ("sender", "goes to mx.desk-test.org"),
        ("letter box", "can be read"),
        ("test email", "to you@example.org: localhost has accepted it and says: 250 2.0.0 queued"),
    ] {
        told.assert("ok", what, words);
    }
    assert_eq!(told.code, Some(0), "{}", told.text);
    let letter = smtp.wait_for_mail("you@example.org");
    assert_eq!(header(&letter, "Subject"), "A test email from the registration desk of desk.test");
    assert_eq!(header(&letter, "From"), "Desk <desk@mail.desk-test.org>");
    assert!(folder.json(&["requests", "--json"]).as_array().unwrap().is_empty());
    drop(desk);
}

#[test]
fn before_the_first_start_nothing_is_made() {
    let homeserver = homeserver();
    let folder = folder_for(&homeserver, "");
    let told = examined(&folder, &[]);
    told.assert("note", "database", "the desk creates it");
    told.assert("note", "token file", "the desk creates it");
    told.assert("note", "desk", "start it with `doorman serve`");
    told.assert("note", "mail server", "none");
    assert_eq!(told.code, Some(0), "{}", told.text);
    assert!(!folder.file("doorman.db").exists() && !folder.file(".registration_token").exists());
}

#[test]
fn a_broken_config_is_told_whole_and_nothing_else_is_tried() {
    let homeserver = homeserver();
    let folder = folder_for(&homeserver, "email_coldown: 3\nletters_per_hour: many\n");
    let told = examined(&folder, &[]);
    told.assert("WRONG", "config", "email_cooldown");
    told.assert("WRONG", "config", "letters_per_hour");
    assert!(homeserver.asked().is_empty());
}

#[test]
fn lines_of_the_ban_lists_that_do_not_hold_are_told() {
    let homeserver = homeserver();
    let folder = lived_in(&homeserver, "");
    folder.write("banned_usernames.txt", "good\n(bad\n");
    folder.write("banned_ips.txt", "192.0.2.300\n");
    let told = examined(&folder, &[]);
    told.assert("WRONG", "ban lists", "banned_usernames.txt:2");
    told.assert("WRONG", "ban lists", "banned_ips.txt:1");
}

#[test]
fn a_lost_ban_list_is_told() {
    let homeserver = homeserver();
    let folder = folder_for(&homeserver, "");
    folder.write("banned_emails.txt", "trash.example\n");
    let desk = folder.start();
    let store = Store::open(&doorman::config::Folder::new(folder.path())).unwrap();
    wait_until("the desk remembers the list", || {
        store.read(|store| store.last_good("banned_emails.txt")).unwrap()
    });
    drop(desk);
    std::fs::remove_file(folder.file("banned_emails.txt")).unwrap();
    examined(&folder, &[]).assert("WRONG", "ban lists", "banned_emails.txt");
}

#[test]
fn a_folder_that_anybody_can_write_is_told() {
    let homeserver = homeserver();
    let folder = lived_in(&homeserver, "");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    std::fs::set_permissions(folder.file("doorman.db"), std::fs::Permissions::from_mode(0o644)).unwrap();
    // Root looks no further in a folder that anybody can write to.
    examined(&folder, &[]).assert("WRONG", "folder", "chmod o-w");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    examined(&folder, &[]).assert("WRONG", "database", "chmod o-r");
}

#[test]
fn a_database_that_is_none_is_told_and_the_rest_is_tried_all_the_same() {
    let homeserver = homeserver();
    let folder = folder_for(&homeserver, "");
    folder.write("doorman.db", "this is no database, and longer than the head of one would have to be");
    let told = examined(&folder, &[]);
    told.assert("WRONG", "database", "doorman.db");
    told.assert("ok", "homeserver", "tuwunel");
}

#[test]
fn a_clock_that_is_off_is_told_with_how_far() {
    let homeserver = homeserver();
    let folder = lived_in(&homeserver, "");
    for (off, state, words) in [
        (TimeDelta::hours(2), "WRONG", "behind the homeserver's: one of the two is wrong"),
        (TimeDelta::hours(-2), "WRONG", "2 h 0 min ahead of the homeserver's"),
        (TimeDelta::seconds(-20), "note", "s ahead of the homeserver's"),
    ] {
        at(&homeserver, off);
        examined(&folder, &[]).assert(state, "clock", words);
    }
    homeserver.on("/client/versions", Act::Answer(200, r#"{"versions": []}"#.into()));
    examined(&folder, &[]).assert("note", "clock", "does not say what time");
}

#[test]
fn a_record_from_the_future_is_told() {
    let homeserver = homeserver();
    let folder = lived_in(&homeserver, "");
    let mut command = std::process::Command::new("faketime");
    command.arg("-f").arg("-3d").arg(env!("CARGO_BIN_EXE_doorman"));
    at(&homeserver, TimeDelta::days(-3));
    examined_by(command, &folder, &[]).assert(
        "WRONG",
        "clock",
        "the newest record was written 2 d 23 h from now",
    );
}

#[test]
fn a_homeserver_that_is_down_is_one_line() {
    let homeserver = homeserver();
    let folder = lived_in(&homeserver, "");
    let config = folder.read("config.yaml").replace(&homeserver.url, "http://127.0.0.1:9");
    folder.write("config.yaml", &config);
    let told = examined(&folder, &[]);
    told.assert("WRONG", "homeserver", "http://127.0.0.1:9");
    told.assert("ok", "token file", "mode 0640");
    for silent in ["registration", "names", "live"] {
        let about =
            |line: &str| line.get(7..).is_some_and(|line| line.starts_with(&format!("{silent:<12} ")));
        assert!(!told.text.lines().any(about), "{}", told.text);
    }
    folder.write("config.yaml", &format!("{config}when_homeserver_unreachable: accept\n"));
    examined(&folder, &[]).assert("WRONG", "homeserver", "accepted meanwhile");
    let other = FakeHomeserver::start();
    folder.write("config.yaml", &config.replace("http://127.0.0.1:9", &other.url));
    examined(&folder, &[]).assert("WRONG", "homeserver", "does not answer as a homeserver does (status 404)");
}

#[test]
fn what_the_homeserver_does_with_tokens_is_told() {
    let homeserver = homeserver();
    let folder = lived_in(&homeserver, "");
    let not_valid = || Act::Answer(200, r#"{"valid": false}"#.into());
    let off = || {
        let text = r#"{"errcode": "M_FORBIDDEN", "error": "Registration has been disabled"}"#;
        Act::Answer(403, text.into())
    };
    let unknown = || Act::Answer(404, r#"{"errcode": "M_UNRECOGNIZED"}"#.into());
    let family = |name: &str, version: &str| {
        Act::Answer(200, format!(r#"{{"server": {{"name": "{name}", "version": "{version}"}}}}"#))
    };
    // The path, its answer, and the line that tells.
    let cases: [(&str, Act, &str, &str, &str); 12] = [
        ("/validity", not_valid(), "WRONG", "live", "not valid"),
        ("/validity", unknown(), "note", "live", "cannot be checked"),
        ("/validity", Act::Answer(500, "{}".into()), "note", "live", "is unknown"),
        ("/v3/register", flows(r#"["m.login.dummy"]"#), "WRONG", "registration", "ANYBODY"),
        ("/v3/register", off(), "WRONG", "registration", "nobody register"),
        ("/v3/register", unknown(), "note", "registration", "404"),
        ("/available", off(), "WRONG", "names", "disabled"),
        ("/available", unknown(), "note", "names", "count as free"),
        ("/available", Act::Answer(500, "{}".into()), "WRONG", "names", "500"),
        ("version", family("Dendrite", "0.15"), "WRONG", "homeserver", "cannot serve it"),
        ("version", family("Continuwuity", "26.6"), "note", "homeserver", "after_rotation"),
        ("version", family("unheard-of", "1"), "note", "homeserver", "does not know"),
    ];
    for (path, act, state, what, words) in cases {
        // `/v3/register` is also the beginning of the availability's path.
        homeserver.on(path, act);
        if path == "/v3/register" {
            homeserver.on("/available", Act::Answer(200, r#"{"available": true}"#.into()));
        }
        if path == "version" {
            at(&homeserver, TimeDelta::zero());
        }
        examined(&folder, &[]).assert(state, what, words);
        homeserver.on("/validity", Act::Answer(200, r#"{"valid": true}"#.into()));
        homeserver.on("/v3/register", flows(r#"["m.login.registration_token"]"#));
        homeserver.on("/available", Act::Answer(200, r#"{"available": true}"#.into()));
    }
}

#[test]
fn a_continuwuity_that_knows_no_token_yet_is_not_taken_for_a_closed_one() {
    let homeserver = homeserver();
    let shut =
        r#"{"errcode": "M_FORBIDDEN", "error": "This server is not accepting registrations at this time."}"#;
    homeserver.on("/v3/register", Act::Answer(403, shut.into()));
    homeserver.on("/available", Act::Answer(200, r#"{"available": true}"#.into()));
    let is = |version: &str| {
        let answer = format!(r#"{{"server": {{"name": "continuwuity", "version": "{version}"}}}}"#);
        homeserver.on("/federation/v1/version", Act::Answer(200, answer));
    };
    is("26.7.3");
    let folder = folder_for(&homeserver, "tokens: {backend: admin_room, access_token_file: access}\n");
    folder.write("access", "hunter2");
    examined(&folder, &[]).assert(
        "note",
        "registration",
        "continuwuity 26.7.3 says so while it knows no token",
    );
    // Its file holds one.
    folder.configure(&format!("base_url: {}\n", homeserver.url));
    examined(&folder, &[]).assert("WRONG", "registration", "nobody register");
}

#[test]
fn what_is_asked_for_beside_the_token_is_named() {
    let homeserver = homeserver();
    let folder = lived_in(&homeserver, "");
    for (stage, words) in [
        ("m.login.email.identity", "a code by email"),
        ("m.login.recaptcha", "a captcha"),
        ("x.paper", "x.paper"),
    ] {
        homeserver.on("/client/v3/register", flows(&format!(r#"["m.login.registration_token", "{stage}"]"#)));
        homeserver.on("/available", Act::Answer(200, r#"{"available": true}"#.into()));
        examined(&folder, &[]).assert("note", "registration", words);
    }
    homeserver.on("/client/v3/register", flows(r#"["m.login.registration_token", "m.login.terms"]"#));
    homeserver.on("/available", Act::Answer(200, r#"{"available": true}"#.into()));
    examined(&folder, &[]).assert("ok", "registration", "asks for a registration token");
}

#[test]
fn mas_is_examined_by_its_own_settings() {
    let mas = Mas::start();
    let folder = Folder::new(&mas.config(""));
    let told = examined(&folder, &[]);
    told.assert("ok", "homeserver", "Synapse 1.157.1 behind the Matrix Authentication Service");
    told.assert("ok", "registration", "asks for a registration token");
    told.assert("note", "names", "application services");
    told.assert("ok", "token API", "backend mas");
    assert!(!told.text.contains("enable_registration"), "{}", told.text);
    assert_eq!(told.code, Some(0), "{}", told.text);
    let settings: [MasSetting; 3] = [
        (|mas| mas.email_required = true, "note", "a code by email"),
        (|mas| mas.token_required = false, "WRONG", "account.password_registration_token_required: true"),
        (
            |mas| mas.registration_enabled = false,
            "WRONG",
            "account.password_registration_enabled: true in MAS",
        ),
    ];
    for (set, state, words) in settings {
        set(&mut mas.state());
        let told = examined(&folder, &[]);
        told.assert(state, "registration", words);
        assert!(!told.text.contains("enable_registration"), "{}", told.text);
    }
    mas.state().registration_enabled = true;
    mas.state().admin_client = false;
    examined(&folder, &[]).assert("WRONG", "token API", "admin_clients");
}

#[test]
fn behind_mas_it_is_said_what_cannot_be_seen() {
    let mas = Mas::start();
    let folder = Folder::new(&format!("homeserver: mas.test\nbase_url: {}\n", mas.url));
    let told = examined(&folder, &[]);
    told.assert("ok", "homeserver", "behind the Matrix Authentication Service");
    told.assert("note", "registration", "but with tokens.backend mas");
    mas.state().is_down = true;
    let told = examined(&folder, &[]);
    told.assert("ok", "homeserver", "behind the Matrix Authentication Service");
    told.assert("note", "registration", "does not answer");
    told.assert("note", "registration", "cannot be seen");
    assert!(!told.text.contains("enable_registration"), "{}", told.text);
}

#[test]
fn a_real_synapse_behind_a_service_that_is_down_is_not_taken_for_one_alone() {
    let synapse = OwnSynapse::behind_mas("http://127.0.0.1:9/");
    let folder = Folder::new(&format!("homeserver: {}\nbase_url: {}\n", synapse.name, synapse.url));
    let told = examined(&folder, &[]);
    told.assert("ok", "homeserver", "behind the Matrix Authentication Service");
    told.assert("note", "registration", "does not answer");
    told.assert("note", "registration", "cannot be seen");
    assert!(!told.text.contains("enable_registration"), "{}", told.text);
}

#[test]
fn a_homeserver_of_another_name_is_told() {
    let homeserver = homeserver();
    let folder = lived_in(&homeserver, "");
    homeserver
        .on("/.well-known/matrix/server", Act::Answer(200, r#"{"m.server": "other.example:443"}"#.into()));
    examined(&folder, &[]).assert("WRONG", "homeserver", "other.example, and the config says homeserver:");
    let synapse = synapse();
    let config = synapse.config_by_api("").replace("homeserver: synapse.test", "homeserver: example.com");
    let folder = Folder::new(&config);
    examined(&folder, &[]).assert(
        "WRONG",
        "homeserver",
        "one of synapse.test, and the config says homeserver: example.com",
    );
}

#[test]
fn whether_a_homeserver_lets_the_desk_make_tokens_is_told() {
    let synapse = synapse();
    let folder = Folder::new(&synapse.config_by_api(""));
    examined(&folder, &[]).assert(
        "ok",
        "token API",
        "backend synapse: the homeserver lets the desk make tokens",
    );
    folder.start().wait_until_open();
    let told = examined(&folder, &[]);
    told.assert("ok", "live", "accepts the token");
    told.assert("ok", "token file", "mode 0640");
    let token = folder.read(".registration_token");
    assert_eq!(synapse.administer("DELETE", &format!("/registration_tokens/{token}")).0, 200);
    examined(&folder, &[]).assert("note", "live", "the desk will see to that when it starts");
    folder.configure(&synapse.config_by_api(", per_applicant: true"));
    let told = examined(&folder, &[]);
    told.assert("ok", "live", "a token of its own");
    assert!(!told.text.contains("token file"), "{}", told.text);
    // The access token of nobody.
    let access_token = folder.file("access");
    folder.write("access", "hunter2");
    let config = synapse.config_by_api("");
    let good = synapse.access_token_file().display().to_string();
    folder.configure(&config.replace(&good, &access_token.display().to_string()));
    examined(&folder, &[]).assert("WRONG", "token API", "does not know the access token");
    folder.configure(&config.replace(&synapse.url, "http://127.0.0.1:9"));
    examined(&folder, &[]).assert("note", "token API", "not tried");
}

#[test]
fn the_homeservers_second_configuration_file_is_looked_at() {
    let homeserver = homeserver();
    let folder = folder_for(&homeserver, "tokens: {backend: toml, path: token.toml}\n");
    examined(&folder, &[]).assert("note", "toml file", "none yet");
    folder.start().wait_until_open();
    examined(&folder, &[]).assert("ok", "toml file", "holds the same token");
    folder.write("token.toml", "[global]\nregistration_token = \"SomeOtherTokenThatIsLongEnough234\"\n");
    examined(&folder, &[]).assert("WRONG", "toml file", "does not hold the current token");
    std::fs::remove_file(folder.file("token.toml")).unwrap();
    examined(&folder, &[]).assert("WRONG", "toml file", "is not there");
}

#[test]
fn a_real_synapse_is_examined_and_says_itself_whether_the_token_is_live() {
    let synapse = synapse();
    let folder = Folder::new(&format!("downtime_before_token_reset: 0\n{}", synapse.config()));
    folder.start().wait_until_open();
    let told = examined(&folder, &[]);
    told.assert("ok", "homeserver", "is Synapse");
    told.assert("ok", "registration", "asks for a registration token");
    told.assert("ok", "names", "whether a name is free");
    told.assert("ok", "live", "accepts the token");
    assert_eq!(told.code, Some(0), "{}", told.text);
    // Written by another hand, and told to nobody.
    folder.write(".registration_token", "NobodyHasToldSynapseOfThisOne234");
    let told = examined(&folder, &[]);
    told.assert("WRONG", "live", "not valid");
    told.assert("note", "token file", "somebody else");
}

#[test]
fn a_token_file_that_is_out_of_order_is_told() {
    let homeserver = homeserver();
    let folder = lived_in(&homeserver, "");
    let file = folder.file(".registration_token");
    let mode = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
    mode(0o644);
    examined(&folder, &[]).assert("note", "token file", "every user of this machine can read it");
    mode(0o600);
    examined(&folder, &[]).assert("note", "token file", "chmod g+r");
    mode(0o640);
    examined(&folder, &[]).assert("ok", "token file", "has to run as");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    examined(&folder, &[]).assert("note", "token file", "may enter the folder");

    std::fs::write(&file, "abc123def456").unwrap();
    let told = examined(&folder, &[]);
    told.assert("note", "token file", "can be guessed");
    told.assert("note", "token file", "somebody else");
    std::fs::write(&file, "").unwrap();
    let told = examined(&folder, &[]);
    told.assert("WRONG", "token file", "it is empty");
    assert!(!told.text.contains(" live "), "{}", told.text);
    std::fs::remove_file(&file).unwrap();
    examined(&folder, &[]).assert("WRONG", "token file", "is gone");
    // What a container's engine makes of a mounted file that is not there.
    std::fs::create_dir(&file).unwrap();
    examined(&folder, &[]).assert("WRONG", "token file", "cannot be read");
}

#[test]
fn what_the_running_desk_finds_wrong_is_told_and_nothing_of_one_that_does_not_run() {
    let homeserver = homeserver();
    let folder = lived_in(&homeserver, "");
    let config = |path: &Path| doorman::config::Folder::new(path);
    let store = Store::open(&config(folder.path())).unwrap();
    let alarms = vec![
        ("mirror".to_owned(), "registrations.json cannot be written: the disk is full".to_owned()),
        ("proxy".to_owned(), "add this to config.yaml: trusted_proxies: [loopback, 172.17.0.1]".to_owned()),
    ];
    let condition = DeskCondition { alarms, ..DeskCondition::default() };
    store.write(move |store| store.note_condition(&condition)).unwrap();
    let told = examined(&folder, &[]);
    assert_eq!(told.code, Some(0), "{}", told.text);
    // As a running desk holds it.
    let _lock = Lock::take(config(folder.path()).path(), Purpose::Desk).unwrap();
    let told = examined(&folder, &[]);
    told.assert("WRONG", "alarm", "the disk is full");
    told.assert("WRONG", "proxy", "trusted_proxies: [loopback, 172.17.0.1]");
    assert_eq!(told.text.matches("172.17.0.1").count(), 1, "{}", told.text);
}

#[test]
fn an_alarm_of_a_real_desk_reaches_the_doctor() {
    let homeserver = homeserver();
    let folder = folder_for(&homeserver, "");
    folder.write("banned_ips.txt", "192.0.2.300\n");
    let desk = folder.start();
    desk.wait_until_open();
    wait_until("the doctor tells", || {
        examined(&folder, &[]).says("WRONG", "alarm", "banned_ips.txt:1").then_some(())
    });
}

/// Passes connections on to the desk, with this in each request's head. Its URL.
fn proxy(port: u16, more: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for client in listener.incoming() {
            std::thread::spawn(move || pass_on(client.unwrap(), ([127, 0, 0, 1], port).into(), more));
        }
    });
    url
}

/// One request for each connection.
fn pass_on(mut client: TcpStream, to: SocketAddr, more: &str) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if client.read(&mut byte).unwrap_or_default() == 0 {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let (line, rest) = head.split_once("\r\n").unwrap();
    let mut desk = TcpStream::connect(to).unwrap();
    desk.write_all(format!("{line}\r\nConnection: close\r\n{more}{rest}").as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = desk.read_to_end(&mut answer);
    let _ = client.write_all(&answer);
}

/// A desk on a port of its own, with this `public_url`.
fn behind(homeserver: &FakeHomeserver, public_url: impl Fn(u16) -> String, more: &str) -> (Folder, Desk) {
    let port = free_port();
    let folder = folder_for(homeserver, more);
    let config = folder
        .read("config.yaml")
        .replace("port: 0", &format!("port: {port}\npublic_url: {}", public_url(port)));
    folder.write("config.yaml", &config);
    let desk = folder.start();
    desk.wait_until_open();
    (folder, desk)
}

#[test]
fn a_proxy_that_hides_the_clients_is_told() {
    let homeserver = homeserver();
    let (folder, _desk) = behind(&homeserver, |port| proxy(port, ""), "");
    let told = examined(&folder, &[]);
    told.assert("ok", "public_url", "the desk answers");
    told.assert("WRONG", "proxy", "sends no X-Forwarded-For");
    // Who comes to the desk's own port comes through none.
    let (folder, desk) = behind(&homeserver, |port| format!("http://127.0.0.1:{port}"), "");
    let told = examined(&folder, &[]);
    told.assert("ok", "proxy", "");
    assert_eq!(told.code, Some(0), "{}", told.text);
    for name in ["alice", "bob", "carol", "dave", "erin"] {
        desk.ask(name, &format!("{name}@example.org"));
    }
    examined(&folder, &[]).assert("note", "proxy", "the last 5 requests by the web all came from 127.0.0.1");
}

#[test]
fn a_page_that_leads_elsewhere_is_told() {
    let (homeserver, other) = (homeserver(), FakeHomeserver::start());
    let (folder, desk) = behind(&homeserver, |_| other.url.clone(), "");
    examined(&folder, &[]).assert("WRONG", "public_url", "does not lead to this desk (status 404)");
    folder.ok(&["pause"]);
    wait_until("the desk is closed", || (desk.get_json("/api/status")["open"] == false).then_some(()));
    examined(&folder, &[]).assert("note", "page", "closed: ");
    drop(desk);
    let (folder, _desk) = behind(&homeserver, |_| "http://127.0.0.1:9".into(), "");
    examined(&folder, &[]).assert("WRONG", "public_url", "http://127.0.0.1:9");
    let more = format!("allowed_origins: [\"{}\"]\n", other.url);
    let (folder, _desk) = behind(&homeserver, |_| other.url.clone(), &more);
    examined(&folder, &[]).assert("note", "public_url", "doorman site");
    let (folder, _desk) =
        behind(&homeserver, |port| format!("http://127.0.0.1:{port}"), "trusted_proxies: [0.0.0.0/0]\n");
    examined(&folder, &[]).assert("WRONG", "proxy", "anybody can claim");
}

#[test]
fn what_is_wrong_with_the_mail_server_is_told() {
    let (homeserver, smtp) = (homeserver(), SmtpServer::start());
    let folder = lived_in(&homeserver, "");
    let examine = |mail: &str, args: &[&str]| {
        folder.configure(&format!("base_url: {}\n{mail}", homeserver.url));
        let mut command = doorman();
        command.env("SSL_CERT_FILE", smtp.authority());
        examined_by(command, &folder, args)
    };
    let wrong_password = smtp.config("starttls").replace("password: secret", "password: hunter2");
    examine(&wrong_password, &[]).assert("WRONG", "mail server", "535");
    let plain = smtp.config("none");
    examine(&plain, &[]).assert("ok", "mail server", "without TLS");
    examine(&plain.replace("tls: none", "tls: starttls"), &[]).assert("WRONG", "mail server", "STARTTLS");
    let port = format!("port: {}", smtp.plain);
    examine(&plain.replace(&port, "port: 9"), &["--send", "you@example.org"]).assert(
        "WRONG",
        "test email",
        "localhost:9",
    );
    // Without the authority.
    folder.configure(&format!("base_url: {}\n{}", homeserver.url, smtp.config("implicit")));
    examined(&folder, &[]).assert("WRONG", "mail server", "certificate");
    // The mail server's own words.
    let told = examine(&plain, &["--send", "nobody@example.org"]);
    told.assert("WRONG", "test email", "550 5.1.1 No such user");
    let told = examine(&plain, &["--send", "greylisted@example.org"]);
    told.assert("WRONG", "test email", "451 4.7.1 Greylisted");
    examine("", &["--send", "you@example.org"]).assert("WRONG", "test email", "needs a mail server");
    assert!(smtp.mails().is_empty());
}

#[test]
fn what_the_dns_says_of_the_sender_is_told() {
    let (homeserver, smtp) = (homeserver(), SmtpServer::start());
    let from = |domain: &str| {
        let mail = smtp.config("none").replace("desk@desk.test", &format!("desk@{domain}"));
        folder_for(&homeserver, &mail)
    };
    let folder = from("desk-test.org");
    let examine = |zone: Zone| examined(&folder, &["--resolver", &name_server::start(zone).to_string()]);
    let cases: [(Zone, &str, &str); 9] = [
        (&[("org", "TXT", "x")], "WRONG", "the domain desk-test.org does not exist"),
        (&[], "note", "knows nothing of .org"),
        (&[("desk-test.org", "TXT", "other")], "note", "no SPF record"),
        (&[("desk-test.org", "TXT", "other")], "note", "no DMARC record"),
        (&[("desk-test.org", "TXT", "other")], "WRONG", "neither MX nor address"),
        (
            &[("desk-test.org", "TXT", "v=spf1 -all"), ("desk-test.org", "TXT", "V=SPF1 mx")],
            "WRONG",
            "2 SPF records",
        ),
        (&[("desk-test.org", "TXT", "v=spf1 +all")], "WRONG", "lets everybody send"),
        (&[("desk-test.org", "MX", ".")], "WRONG", "accepts no mail"),
        (&[("desk-test.org", "A", "192.0.2.7")], "note", "no MX record"),
    ];
    for (zone, state, words) in cases {
        examine(zone).assert(state, "sender", words);
    }
    // Others' domains are nobody's to ask about, and this one is on no name server.
    examined(&from("desk.test"), &[]).assert("note", "sender", "not a domain on the public internet");
}

#[test]
fn without_a_name_server_the_doctor_says_so_and_ends() {
    let (homeserver, smtp) = (homeserver(), SmtpServer::start());
    let mail = smtp.config("none").replace("desk@desk.test", "desk@desk-test.org");
    let folder = folder_for(&homeserver, &mail);
    let (_socket, silent) = name_server::silent();
    let started = std::time::Instant::now();
    let told = examined(&folder, &["--resolver", &silent.to_string()]);
    told.assert("note", "sender", "is unknown: the name server 127.0.0.1: no answer in time");
    assert_eq!(told.code, Some(0), "{}", told.text);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn the_help_has_examples_and_wrong_usage_is_told_from_failure() {
    let folder = folder_for(&homeserver(), "");
    let help = folder.ok(&["doctor", "--help"]);
    for words in
        ["Examples:", "doorman doctor --send you@example.org", "--resolver <IP[:PORT]>", "/etc/resolv.conf"]
    {
        assert!(help.contains(words), "{words}: {help}");
    }
    for args in [["doctor", "--send", "nonsense"], ["doctor", "--resolver", "nonsense"]] {
        assert_eq!(folder.command(&args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn a_trial_desk_is_examined_too() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("trial")).unwrap();
    let output = doorman().current_dir(dir.path()).arg("doctor").output().unwrap();
    let told = Told { text: String::from_utf8(output.stdout).unwrap(), code: output.status.code() };
    told.assert("note", "config", "trial");
    told.assert("note", "homeserver", "asks no homeserver");
    assert_eq!(told.code, Some(0), "{}", told.text);
}
