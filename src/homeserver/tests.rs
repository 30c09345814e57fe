use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::clock::ManualClock;
use crate::net::http::scripted_server::{Act, Question, ScriptedServer};

use serde_json::json;

use super::*;

/// More than any of these answers takes.
const AMPLE: Duration = Duration::from_secs(20);
/// For servers that never come to an end.
const SHORT: Duration = Duration::from_millis(150);

const TOKEN: &str = "S3CRET.tok~en_-";

fn at(server: &ScriptedServer) -> Homeserver {
    Homeserver::new(ServerName::parse("your.server").unwrap(), Some(server.url.clone()))
}

fn localpart(name: &str) -> Localpart {
    Localpart::parse(name, &ServerName::parse("your.server").unwrap()).unwrap()
}

fn token() -> RegistrationToken {
    RegistrationToken::parse(TOKEN).unwrap()
}

fn free() -> Act {
    Act::Json(200, r#"{"available":true}"#.into())
}

fn matrix_error(status: u16, errcode: &str, error: &str) -> Act {
    Act::Json(status, json!({"errcode": errcode, "error": error}).to_string())
}

fn asks_for_the_family(question: &Question) -> bool {
    question.line.ends_with("version")
}

/// A homeserver that tells its family, and says the same to everything else.
fn of_family(name: &'static str, version: &'static str, act: Act) -> ScriptedServer {
    ScriptedServer::start(move |question| {
        if asks_for_the_family(question) {
            Act::Json(200, json!({"server": {"name": name, "version": version}}).to_string())
        } else {
            act.clone()
        }
    })
}

#[test]
fn every_sign_of_a_name_reaches_the_homeserver_as_it_is() {
    let server = ScriptedServer::that_does(free());
    assert_eq!(at(&server).name(&localpart("a.b_c=d-e/f+9"), AMPLE), NameAnswer::Free);
    assert_eq!(
        server.questions()[0].line,
        "GET /_matrix/client/v3/register/available?username=a.b_c%3Dd-e%2Ff%2B9"
    );
}

#[test]
fn a_slash_at_the_end_of_the_base_url_does_no_harm() {
    let server = ScriptedServer::that_does(free());
    let base_url = Some(format!("{}/", server.url));
    let homeserver = Homeserver::new(ServerName::parse("your.server").unwrap(), base_url);
    assert_eq!(homeserver.name(&localpart("alice"), AMPLE), NameAnswer::Free);
    assert!(server.questions()[0].line.starts_with("GET /_matrix/"));
}

#[test]
fn a_forbidden_name_is_told_from_a_closed_registration_by_the_family() {
    for (name, version, meant) in
        [("Tuwunel", "1.9.0", "Forbidden"), ("Synapse", "1.163.2", "RegistrationClosed")]
    {
        let server = of_family(name, version, matrix_error(403, "M_FORBIDDEN", "No."));
        let answer = format!("{:?}", at(&server).name(&localpart("alice"), AMPLE));
        assert!(answer.starts_with(meant), "{name}: {answer}");
    }
}

#[test]
fn the_token_is_asked_about_and_the_answer_read_by_family() {
    let invalid = || Act::Json(200, r#"{"valid":false}"#.into());
    for (name, version, act, meant) in [
        ("Synapse", "1.163.2", Act::Json(200, r#"{"valid":true}"#.into()), "Live"),
        ("Synapse", "1.163.2", invalid(), "NotLive"),
        (
            "Synapse",
            "1.163.2",
            matrix_error(403, "M_FORBIDDEN", "Registration has been disabled"),
            "RegistrationClosed",
        ),
        ("conduwuit", "0.5.0-rc.3", invalid(), "CannotBeChecked"),
        ("continuwuity", "0.5.1", invalid(), "CannotBeChecked"),
        ("continuwuity", "0.5.7", invalid(), "NotLive"),
        ("Tuwunel", "1.4.7", invalid(), "CannotBeChecked"),
        ("Tuwunel", "1.4.8", invalid(), "NotLive"),
        ("Tuwunel", "1.9.0", matrix_error(403, "M_FORBIDDEN", "No."), "MaybeOpen"),
        ("Conduit", "0.10.0", matrix_error(404, "M_UNRECOGNIZED", "Not found"), "CannotBeChecked"),
    ] {
        let server = of_family(name, version, act);
        let answer = format!("{:?}", at(&server).token_validity(&token(), AMPLE));
        assert!(answer.starts_with(meant), "{name} {version}: {answer}");
        assert!(!answer.contains(TOKEN));
        assert_eq!(
            server.questions()[0].line,
            format!("GET /_matrix/client/v1/register/m.login.registration_token/validity?token={TOKEN}")
        );
    }
}

#[test]
fn where_federation_is_off_the_conduwuit_family_still_tells_its_name() {
    let server = ScriptedServer::start(|question| match question.line.as_str() {
        "GET /_tuwunel/server_version" => {
            Act::Json(200, r#"{"name":"tuwunel","version":"1.9.0 (abc)"}"#.into())
        }
        line if line.starts_with("GET /_matrix/federation") => {
            Act::Full(404, String::new(), b"<html>".to_vec())
        }
        _ => Act::HangUp,
    });
    let homeserver = at(&server);
    assert_eq!(homeserver.identify(AMPLE), Family::Tuwunel(Version(1, 9, 0)));
    let asked = server.questions().len();
    assert_eq!(homeserver.identify(AMPLE), Family::Tuwunel(Version(1, 9, 0)));
    assert_eq!(server.questions().len(), asked);
}

#[test]
fn synapse_behind_mas_is_told_from_plain_synapse() {
    let version = r#"{"server":{"name":"Synapse","version":"1.157.1"}}"#;
    let metadata =
        r#"{"issuer":"https://auth.your.server/","token_endpoint":"https://auth.your.server/oauth2/token"}"#;
    for (path, named) in [
        ("GET /_matrix/client/v1/auth_metadata", true),
        ("GET /_matrix/client/unstable/org.matrix.msc2965/auth_issuer", true),
        ("GET /nothing", false),
    ] {
        let server = ScriptedServer::start(move |question| match question.line.as_str() {
            line if line.ends_with("/version") => Act::Json(200, version.into()),
            line if line == path => Act::Json(200, metadata.into()),
            _ => matrix_error(404, "M_UNRECOGNIZED", "Unrecognized request"),
        });
        let release = Some(Version(1, 157, 1));
        let meant = if named { Family::SynapseBehindMas(release) } else { Family::Synapse(release) };
        assert_eq!(at(&server).identify(AMPLE), meant, "{path}");
    }
}

/// One that is asked as a client of the Matrix Authentication Service.
fn behind_mas(server: &ScriptedServer) -> Homeserver {
    let access = crate::config::MasAccess {
        client_id: "desk".into(),
        client_secret: Secret::new("secret"),
        url: None,
        access_token: None,
    };
    Homeserver { mas: Some(Mas::new(access, Arc::new(SystemClock))), ..at(server) }
}

/// MAS and Synapse at one address; what MAS says of a name that it does not know, and of its tokens.
fn mas_at_the_same_address(of_unknown: Act, of_tokens: Act, discovery: &'static str) -> ScriptedServer {
    ScriptedServer::start(move |question| {
        let line = question.line.as_str();
        if line.ends_with("/_matrix/federation/v1/version") {
            Act::Json(200, r#"{"server":{"name":"Synapse","version":"1.157.1"}}"#.into())
        } else if line == discovery {
            let host = question.head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("host").then_some(value)
            });
            Act::Json(200, json!({"issuer": format!("http://{}/", host.unwrap())}).to_string())
        } else if line == "POST /oauth2/token" {
            Act::Json(200, r#"{"access_token":"mat_1","token_type":"Bearer"}"#.into())
        } else if line.contains("/users/by-username/taken") {
            Act::Json(200, r#"{"data":{"id":"01"}}"#.into())
        } else if line.contains("/users/by-username/") {
            of_unknown.clone()
        } else if line.contains("/user-registration-tokens") {
            of_tokens.clone()
        } else {
            matrix_error(404, "M_UNRECOGNIZED", "Unrecognized request")
        }
    })
}

#[test]
fn a_name_that_mas_does_not_know_is_free_whatever_words_it_has_for_that() {
    let empty = Act::Full(404, String::new(), Vec::new());
    let listed = Act::Json(200, r#"{"data":[]}"#.into());
    for unknown in [
        Act::Json(404, r#"{"errors":[{"title":"User not found"}]}"#.into()),
        Act::Json(404, r#"{"error":"not found"}"#.into()),
        empty.clone(),
    ] {
        let server = mas_at_the_same_address(unknown.clone(), listed.clone(), "");
        let homeserver = behind_mas(&server);
        assert_eq!(homeserver.name(&localpart("free"), AMPLE), NameAnswer::Free, "{unknown:?}");
        assert!(matches!(homeserver.name(&localpart("taken"), AMPLE), NameAnswer::InUse { .. }));
    }
    // Where the admin API is not served at all, that says nothing of the name.
    let server = mas_at_the_same_address(empty.clone(), empty, "");
    let answer = behind_mas(&server).name(&localpart("free"), AMPLE);
    assert!(matches!(answer, NameAnswer::NoAnswer { .. }), "{answer:?}");
}

#[test]
fn synapse_is_behind_mas_where_the_config_says_so_and_it_serves_no_registration() {
    let nothing = || Act::Full(404, String::new(), Vec::new());
    for discovery in ["", "GET /.well-known/openid-configuration"] {
        let server = mas_at_the_same_address(nothing(), nothing(), discovery);
        let meant = Family::SynapseBehindMas(Some(Version(1, 157, 1)));
        assert_eq!(behind_mas(&server).identify(AMPLE), meant, "{discovery}");
    }
    // One that answers for itself has none before it.
    let server = of_family("Synapse", "1.157.1", free());
    assert_eq!(behind_mas(&server).identify(AMPLE), Family::Synapse(Some(Version(1, 157, 1))));
}

#[test]
fn where_a_name_cannot_be_asked_for_the_homeservers_own_rules_hold() {
    let unrecognized = || matrix_error(404, "M_UNRECOGNIZED", "Unrecognized request");
    for (family, name, refused) in [
        ("Synapse", "_name", true),
        ("Synapse", "1234", true),
        ("Synapse", "name", false),
        ("Dendrite", "_name", true),
        ("Dendrite", "1234", false),
        ("Conduit", "_name", false),
    ] {
        let server = of_family(family, "1.0.0", unrecognized());
        let answer = at(&server).name(&localpart(name), AMPLE);
        let meant = if refused { "Invalid" } else { "CannotBeAsked" };
        assert!(format!("{answer:?}").starts_with(meant), "{family} {name}: {answer:?}");
    }
    // Whom it can be asked of decides for itself.
    let server = of_family("Synapse", "1.163.2", free());
    assert_eq!(at(&server).name(&localpart("_name"), AMPLE), NameAnswer::Free);
}

#[test]
fn dendrite_never_asks_for_a_token_so_none_is_live_there() {
    let server = of_family("Dendrite", "0.15.2", matrix_error(404, "M_UNRECOGNIZED", "Unrecognized request"));
    let TokenAnswer::NotLive { words } = at(&server).token_validity(&token(), AMPLE) else { panic!() };
    assert!(words.contains("Dendrite 0.15.2 never asks for a registration token"), "{words}");
}

#[test]
fn a_federation_api_that_hangs_leaves_time_for_the_other_ways() {
    let server = ScriptedServer::start(|question| match question.line.as_str() {
        "GET /_tuwunel/server_version" => Act::Json(200, r#"{"name":"tuwunel","version":"1.9.0"}"#.into()),
        line if line.starts_with("GET /_matrix/federation") => Act::Silence,
        _ => Act::Json(404, "{}".into()),
    });
    assert_eq!(at(&server).identify(Duration::from_secs(4)), Family::Tuwunel(Version(1, 9, 0)));
}

#[test]
fn while_it_does_not_answer_it_is_what_it_was() {
    let is_down = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let down = Arc::clone(&is_down);
    let server = ScriptedServer::start(move |_| {
        if down.load(Ordering::SeqCst) {
            return Act::HangUp;
        }
        Act::Json(200, r#"{"server":{"name":"Tuwunel","version":"1.9.0"}}"#.into())
    });
    let homeserver = at(&server);
    assert_eq!(homeserver.name_of_family(), None);
    assert_eq!(homeserver.identify_anew(AMPLE), Some(Family::Tuwunel(Version(1, 9, 0))));
    is_down.store(true, Ordering::SeqCst);
    assert_eq!(homeserver.identify_anew(AMPLE), None);
    assert_eq!(homeserver.identify(AMPLE), Family::Tuwunel(Version(1, 9, 0)));
    assert_eq!(homeserver.name_of_family().as_deref(), Some("tuwunel 1.9.0"));
}

#[test]
fn who_tells_nothing_is_unknown() {
    let server = ScriptedServer::that_does(Act::Full(404, String::new(), Vec::new()));
    assert_eq!(at(&server).identify(AMPLE), Family::Unknown);
    assert_eq!(at(&ScriptedServer::that_does(Act::Silence)).identify(SHORT), Family::Unknown);
}

#[test]
fn an_account_is_known_by_its_profile() {
    let server = ScriptedServer::that_does(matrix_error(404, "M_NOT_FOUND", "Profile was not found"));
    assert_eq!(at(&server).account_exists(&localpart("a/b+c"), AMPLE), Some(false));
    assert_eq!(server.questions()[0].line, "GET /_matrix/client/v3/profile/%40a%2Fb%2Bc%3Ayour.server");
    let there = ScriptedServer::that_does(Act::Json(200, "{}".into()));
    assert_eq!(at(&there).account_exists(&localpart("alice"), AMPLE), Some(true));
    let silent = ScriptedServer::that_does(Act::Silence);
    assert_eq!(at(&silent).account_exists(&localpart("alice"), SHORT), None);
}

#[test]
fn an_empty_registration_tells_what_is_asked_for() {
    let flows = r#"{"session":"x","flows":[{"stages":["m.login.registration_token","m.login.dummy"]}]}"#;
    let server = ScriptedServer::that_does(Act::Json(401, flows.into()));
    assert_eq!(at(&server).registration_flows(AMPLE), RegistrationFlows::TokenRequired { besides: None });
    let question = &server.questions()[0];
    assert_eq!((question.line.as_str(), question.body.as_str()), ("POST /_matrix/client/v3/register", "{}"));
}

#[test]
fn how_one_registers_is_asked_again_later_where_it_was_asked_too_often() {
    let server = ScriptedServer::that_does(Act::Json(
        429,
        r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":3435}"#.into(),
    ));
    let wait = Duration::from_millis(3435);
    assert_eq!(at(&server).registration_flows(AMPLE), RegistrationFlows::TooOften(wait));
}

#[test]
fn equal_names_at_once_share_one_question() {
    let together = Arc::new(Barrier::new(16));
    let server = ScriptedServer::that_does(free());
    let homeserver = at(&server);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                together.wait();
                assert_eq!(homeserver.name(&localpart("alice"), AMPLE), NameAnswer::Free);
            });
        }
    });
    assert_eq!(server.questions().len(), 1);
    assert_eq!(homeserver.name(&localpart("bob"), AMPLE), NameAnswer::Free);
    assert_eq!(server.questions().len(), 2);
}

#[test]
fn an_answer_is_kept_for_thirty_seconds_and_no_answer_is_not() {
    let clock = Arc::new(ManualClock::at("2026-11-23T12:00:00Z"));
    let count = AtomicUsize::new(0);
    let server = ScriptedServer::start(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Act::Json(500, "{}".into()),
        1 => matrix_error(400, "M_USER_IN_USE", "Taken."),
        _ => free(),
    });
    let homeserver = Homeserver::with_clock(
        ServerName::parse("your.server").unwrap(),
        Some(server.url.clone()),
        Arc::clone(&clock) as Arc<dyn Clock>,
    );
    let alice = localpart("alice");
    assert!(matches!(homeserver.name(&alice, AMPLE), NameAnswer::NoAnswer { .. }));
    let taken = NameAnswer::InUse { words: "400 M_USER_IN_USE: Taken.".into() };
    assert_eq!(homeserver.name(&alice, AMPLE), taken);
    clock.advance(Duration::from_secs(29));
    assert_eq!(homeserver.name(&alice, AMPLE), taken);
    clock.advance(Duration::from_secs(1));
    assert_eq!(homeserver.name(&alice, AMPLE), NameAnswer::Free);
}

#[test]
fn a_homeserver_that_takes_one_name_at_a_time_gets_them_all_within_the_budget() {
    let (asking, refused) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let refusals = Arc::clone(&refused);
    let server = ScriptedServer::start(move |_| {
        let others = asking.fetch_add(1, Ordering::SeqCst);
        std::thread::yield_now();
        asking.fetch_sub(1, Ordering::SeqCst);
        // At least one is sent away, however the threads happen to run.
        if others > 0 || refusals.load(Ordering::SeqCst) == 0 {
            refusals.fetch_add(1, Ordering::SeqCst);
            return Act::Json(429, r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":20}"#.into());
        }
        free()
    });
    let homeserver = at(&server);
    std::thread::scope(|scope| {
        for number in 0..20 {
            let homeserver = &homeserver;
            scope.spawn(move || {
                assert_eq!(homeserver.name(&localpart(&format!("user{number}")), AMPLE), NameAnswer::Free);
            });
        }
    });
    let refused = refused.load(Ordering::SeqCst);
    // Only those who were under way when the first was sent away can have been sent away too.
    assert!((1..=8).contains(&refused), "{refused}");
    assert_eq!(server.questions().len(), 20 + refused);
}

#[test]
fn asked_too_often_for_longer_than_the_budget_is_no_answer() {
    let server = ScriptedServer::that_does(Act::Full(429, "Retry-After: 3600\r\n".into(), Vec::new()));
    let homeserver = at(&server);
    let NameAnswer::NoAnswer { words } = homeserver.name(&localpart("alice"), AMPLE) else { panic!() };
    assert!(words.starts_with("your.server gets too many requests (429)"), "{words}");
    let TokenAnswer::NoAnswer { words } = homeserver.token_validity(&token(), AMPLE) else { panic!() };
    assert!(words.starts_with("your.server gets too many requests (429)"), "{words}");
}

#[test]
fn whatever_a_broken_homeserver_does_is_no_answer_in_words_without_the_token() {
    let echo = format!("Location: https://your.server/?token={TOKEN}\r\n");
    for act in [
        Act::Silence,
        Act::HangUp,
        Act::Drip(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n".to_vec(), b" ".to_vec()),
        Act::Drip(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; 0x4000]),
        Act::Full(200, String::new(), vec![b' '; 10 * 1024 * 1024]),
        Act::Full(200, "Content-Type: text/html\r\n".into(), br#"{"available":true,"valid":true}"#.to_vec()),
        Act::Full(302, echo, Vec::new()),
        Act::Full(502, String::new(), b"<html>".to_vec()),
        Act::Raw(b"\x16\x03\x01 rubbish\r\n\r\n".to_vec()),
    ] {
        let shown = format!("{act:?}").chars().take(80).collect::<String>();
        // Those who end by themselves get the time to do it.
        let budget = if matches!(act, Act::Silence | Act::Drip(..)) { SHORT } else { AMPLE };
        let server = ScriptedServer::that_does(act);
        let name = at(&server).name(&localpart("alice"), budget);
        assert!(matches!(name, NameAnswer::NoAnswer { .. }), "{shown}: {name:?}");
        let answer = at(&server).token_validity(&token(), budget);
        assert!(matches!(answer, TokenAnswer::NoAnswer { .. }), "{shown}: {answer:?}");
        assert!(!format!("{answer:?}").contains(TOKEN), "{answer:?}");
        let flows = at(&server).registration_flows(budget);
        assert!(matches!(flows, RegistrationFlows::NoAnswer { .. }), "{shown}: {flows:?}");
    }
}

#[test]
fn a_homeserver_that_nobody_runs_is_no_answer_at_once() {
    let closed = ScriptedServer::that_does(Act::HangUp).url.clone();
    let homeserver = Homeserver::new(ServerName::parse("your.server").unwrap(), Some(closed.clone()));
    let NameAnswer::NoAnswer { words } = homeserver.name(&localpart("alice"), AMPLE) else { panic!() };
    assert_eq!(words, format!("nobody answers at {closed} (connection refused)"));
}

#[test]
fn a_budget_of_nothing_is_no_answer() {
    let server = ScriptedServer::that_does(free());
    let homeserver = at(&server);
    assert!(matches!(homeserver.name(&localpart("alice"), Duration::ZERO), NameAnswer::NoAnswer { .. }));
    assert_eq!(homeserver.name(&localpart("alice"), Duration::MAX), NameAnswer::Free);
}

/// A homeserver whose `.well-known` stands on `server` too.
fn discovered(server: &ScriptedServer) -> Homeserver {
    let mut homeserver = Homeserver::new(ServerName::parse("your.server").unwrap(), None);
    homeserver.itself.clone_from(&server.url);
    homeserver
}

#[test]
fn the_base_url_is_looked_up_once_where_the_config_names_none() {
    let elsewhere = ScriptedServer::that_does(free());
    let base = elsewhere.url.clone();
    let server = ScriptedServer::start(move |question| {
        assert_eq!(question.line, "GET /.well-known/matrix/client");
        Act::Full(
            200,
            String::new(),
            json!({"m.homeserver": {"base_url": format!("{base}/")}}).to_string().into(),
        )
    });
    let homeserver = discovered(&server);
    for name in ["alice", "bob"] {
        assert_eq!(homeserver.name(&localpart(name), AMPLE), NameAnswer::Free);
    }
    assert_eq!((server.questions().len(), elsewhere.questions().len()), (1, 2));
}

#[test]
fn where_well_known_names_no_base_url_the_name_itself_is_asked() {
    let usable = |base: &str| json!({"m.homeserver": {"base_url": base}}).to_string();
    for (status, body) in [
        (404, "<html>".to_owned()),
        (200, "<html>".to_owned()),
        (200, "{}".to_owned()),
        (200, usable("ftp://x")),
        (200, usable("x.example")),
        (200, usable("https://x/?q")),
        (200, usable("https://user@x")),
        (200, usable(&format!("https://{}", "x".repeat(300)))),
        (200, r#"{"m.homeserver":{"base_url":7}}"#.to_owned()),
        (302, String::new()),
    ] {
        let shown = format!("{status} {body}");
        let server = ScriptedServer::start(move |question| {
            if question.line.contains("well-known") {
                Act::Full(status, String::new(), body.clone().into_bytes())
            } else {
                free()
            }
        });
        let homeserver = discovered(&server);
        assert_eq!(homeserver.name(&localpart("alice"), AMPLE), NameAnswer::Free, "{shown}");
        assert_eq!(homeserver.name(&localpart("bob"), AMPLE), NameAnswer::Free, "{shown}");
        assert_eq!(server.questions().len(), 3, "{shown}");
    }
}

#[test]
fn after_a_failure_the_base_url_is_looked_up_again() {
    let closed = ScriptedServer::that_does(Act::HangUp).url.clone();
    let elsewhere = ScriptedServer::that_does(free());
    let (moved, count) = (elsewhere.url.clone(), AtomicUsize::new(0));
    let server = ScriptedServer::start(move |_| {
        let base = if count.fetch_add(1, Ordering::SeqCst) == 0 { &closed } else { &moved };
        Act::Json(200, json!({"m.homeserver": {"base_url": base}}).to_string())
    });
    let homeserver = discovered(&server);
    assert!(matches!(homeserver.name(&localpart("alice"), AMPLE), NameAnswer::NoAnswer { .. }));
    assert_eq!(homeserver.name(&localpart("alice"), AMPLE), NameAnswer::Free);
}

#[test]
fn the_last_base_url_serves_while_well_known_is_out_of_order() {
    for (status, body) in [(500, "{}"), (200, "<html>"), (302, ""), (200, "{}")] {
        let elsewhere =
            ScriptedServer::start(
                |question| {
                    if question.line.ends_with("alice") { Act::HangUp } else { free() }
                },
            );
        let (base, count) = (elsewhere.url.clone(), AtomicUsize::new(0));
        let server = ScriptedServer::start(move |_| match count.fetch_add(1, Ordering::SeqCst) {
            0 => Act::Json(200, json!({"m.homeserver": {"base_url": base}}).to_string()),
            _ => Act::Full(status, String::new(), body.into()),
        });
        let homeserver = discovered(&server);
        assert!(matches!(homeserver.name(&localpart("alice"), AMPLE), NameAnswer::NoAnswer { .. }));
        assert_eq!(homeserver.name(&localpart("bob"), AMPLE), NameAnswer::Free, "{status} {body}");
        assert_eq!(server.questions().len(), 2);
        // Nor when nobody is there.
        assert!(matches!(homeserver.name(&localpart("alice"), AMPLE), NameAnswer::NoAnswer { .. }));
        drop(server);
        assert_eq!(homeserver.name(&localpart("carol"), AMPLE), NameAnswer::Free, "{status} {body}");
    }
}

#[test]
fn a_well_known_out_of_order_is_no_answer_rather_than_a_question_to_the_wrong_server() {
    let server = ScriptedServer::start(|question| {
        if question.line.contains("well-known") { Act::Json(502, "{}".into()) } else { free() }
    });
    let homeserver = discovered(&server);
    let NameAnswer::NoAnswer { words } = homeserver.name(&localpart("alice"), AMPLE) else { panic!() };
    assert!(words.ends_with("is not working: .well-known answers status 502"), "{words}");
    assert_eq!(server.questions().len(), 1);
}
