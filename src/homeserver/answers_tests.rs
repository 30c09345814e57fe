use serde_json::json;

use crate::net::http::HttpClient;
use crate::net::http::scripted_server::{Act, ScriptedServer};

use super::super::family::Version;
use super::*;

const TW_OLD: Family = Family::Tuwunel(Version(1, 4, 7));
const TW: Family = Family::Tuwunel(Version(1, 9, 0));
const CY_OLD: Family = Family::Continuwuity(Version(0, 5, 1));
const CY: Family = Family::Continuwuity(Version(26, 6, 0));
const CW: Family = Family::Conduwuit(Version(0, 5, 0));
const CW_OLD: Family = Family::Conduwuit(Version(0, 4, 6));

pub(in super::super) fn said(status: u16, errcode: &str, error: &str) -> Said {
    Said { status, json: json!({"errcode": errcode, "error": error}), at: "http://hs".into() }
}

pub(in super::super) fn said_json(status: u16, json: Value) -> Said {
    Said { status, json, at: "http://hs".into() }
}

/// The kind of an answer, without its words.
pub(in super::super) fn kind(answer: &impl std::fmt::Debug) -> String {
    format!("{answer:?}").split(' ').next().unwrap().to_owned()
}

#[test]
fn every_answer_about_a_name_is_told_apart() {
    for (said, meant) in [
        (said_json(200, json!({"available": true})), "Free"),
        (said_json(200, json!({"available": false})), "InUse"),
        (said_json(200, json!({})), "NoAnswer"),
        (said_json(200, json!({"available": "true"})), "NoAnswer"),
        (said_json(200, json!([true])), "NoAnswer"),
        (said_json(200, Value::Null), "NoAnswer"),
        (said_json(204, Value::Null), "NoAnswer"),
        (said(400, "M_USER_IN_USE", "User ID already taken."), "InUse"),
        (said(400, "M_EXCLUSIVE", "This user ID is reserved by an application service."), "Reserved"),
        (said(400, "M_INVALID_USERNAME", "User ID may not begin with _"), "Invalid"),
        (said(400, "M_UNRECOGNIZED", "Unrecognized request"), "CannotBeAsked"),
        (said(400, "M_UNKNOWN", "Query parameter must be ascii"), "NoAnswer"),
        (said(400, "M_MISSING_PARAM", ""), "NoAnswer"),
        (said_json(400, Value::Null), "NoAnswer"),
        (said(401, "M_MISSING_TOKEN", ""), "NoAnswer"),
        (said(403, "M_FORBIDDEN", "Registration has been disabled"), "RegistrationClosed"),
        (said(403, "M_FORBIDDEN", "Username is forbidden"), "Forbidden"),
        (said_json(403, Value::Null), "NoAnswer"),
        (said(404, "M_UNRECOGNIZED", "Unrecognized request"), "CannotBeAsked"),
        (said_json(404, Value::Null), "CannotBeAsked"),
        (said(405, "M_UNRECOGNIZED", ""), "CannotBeAsked"),
        (said_json(405, Value::Null), "NoAnswer"),
        (said(500, "M_UNKNOWN", "Internal server error"), "NoAnswer"),
        (said(501, "M_UNRECOGNIZED", ""), "NoAnswer"),
        (said_json(502, Value::Null), "NoAnswer"),
        (said(503, "M_USER_IN_USE", ""), "NoAnswer"),
    ] {
        let answer = of_name(&said, None).map(|answer| kind(&answer));
        assert_eq!(answer.as_deref(), Some(meant), "{said:?}");
    }
}

#[test]
fn a_forbidden_name_in_other_words_depends_on_the_family() {
    let said = said(403, "M_FORBIDDEN", "No.");
    assert_eq!(of_name(&said, None), None);
    for (family, meant) in [
        (CY, "Forbidden"),
        (TW, "Forbidden"),
        (CW, "Forbidden"),
        (Family::Synapse(None), "RegistrationClosed"),
        (Family::Unknown, "RegistrationClosed"),
    ] {
        assert_eq!(kind(&of_name(&said, Some(&family)).unwrap()), meant, "{family}");
    }
}

#[test]
fn what_validity_means_depends_on_the_family() {
    for (valid, family, meant) in [
        (true, Family::Unknown, "Live"),
        (true, CW, "Live"),
        (false, Family::Synapse(None), "NotLive"),
        (false, Family::Unknown, "NotLive"),
        (false, CW_OLD, "NotLive"),
        (false, CY, "NotLive"),
        (false, TW, "NotLive"),
        (false, CW, "CannotBeChecked"),
        (false, CY_OLD, "CannotBeChecked"),
        (false, TW_OLD, "CannotBeChecked"),
    ] {
        let said = said_json(200, json!({"valid": valid}));
        assert_eq!(kind(&of_token(&said, Some(&family)).unwrap()), meant, "{family} {valid}");
        assert_eq!(of_token(&said, None).is_some(), valid);
    }
}

#[test]
fn every_other_answer_about_a_token_is_told_apart() {
    for (said, family, meant) in [
        (said(403, "M_FORBIDDEN", "Registration has been disabled"), None, "RegistrationClosed"),
        (said(403, "M_FORBIDDEN", "Server does not allow token registration"), None, "MaybeOpen"),
        (said(403, "M_FORBIDDEN", "no"), Some(TW), "MaybeOpen"),
        (said(403, "M_FORBIDDEN", "no"), Some(Family::Synapse(None)), "RegistrationClosed"),
        (said(403, "M_FORBIDDEN", "no"), Some(Family::Unknown), "RegistrationClosed"),
        (said_json(403, Value::Null), None, "NoAnswer"),
        (said(404, "M_UNRECOGNIZED", ""), Some(Family::Conduit(None)), "CannotBeChecked"),
        (said(404, "M_UNRECOGNIZED", ""), Some(Family::SynapseBehindMas(None)), "CannotBeChecked"),
        (said(404, "M_UNRECOGNIZED", ""), Some(Family::Dendrite(None)), "NotLive"),
        (said_json(404, Value::Null), Some(Family::Unknown), "CannotBeChecked"),
        (said_json(200, json!({})), None, "NoAnswer"),
        (said_json(200, Value::Null), None, "NoAnswer"),
        (said(400, "M_MISSING_PARAM", ""), None, "NoAnswer"),
        (said_json(500, Value::Null), None, "NoAnswer"),
    ] {
        assert_eq!(kind(&of_token(&said, family.as_ref()).unwrap()), meant, "{said:?}");
    }
}

#[test]
fn only_a_homeserver_that_knows_profiles_can_say_that_there_is_no_account() {
    for (said, meant) in [
        (said_json(200, json!({})), Some(true)),
        (said_json(200, json!({"displayname": "Alice"})), Some(true)),
        (said_json(200, Value::Null), None),
        (said(404, "M_NOT_FOUND", "Profile was not found"), Some(false)),
        (said(404, "M_UNKNOWN", "No row found (profiles)"), Some(false)),
        (said(404, "M_UNRECOGNIZED", ""), None),
        (said_json(404, Value::Null), None),
        (said(403, "M_FORBIDDEN", ""), None),
        (said(401, "M_MISSING_TOKEN", ""), None),
        (said_json(500, Value::Null), None),
    ] {
        assert_eq!(of_profile(&said), meant, "{said:?}");
    }
}

#[test]
fn the_homeservers_words_reach_the_operator_in_one_clean_line() {
    let hostile = format!("taken\u{1b}[2J\r\n\u{202e}{}", "x".repeat(5000));
    let Some(NameAnswer::InUse { words }) = of_name(&said(400, "M_USER_IN_USE", &hostile), None) else {
        panic!("not in use")
    };
    assert!(words.starts_with("400 M_USER_IN_USE: taken [2J xxx"), "{words}");
    assert!(words.chars().count() <= 300);
    let code = format!("M_\u{1b}{}", "X".repeat(5000));
    let Some(NameAnswer::NoAnswer { words }) = of_name(&said(418, &code, &hostile), None) else { panic!() };
    assert!(words.chars().count() <= 300 && !words.contains('\u{1b}'), "{words}");
}

#[test]
fn how_long_to_wait_is_taken_from_wherever_it_is_said() {
    let wait = |status: u16, head: &str, body: &str| {
        let server = ScriptedServer::that_does(Act::Full(status, head.into(), body.into()));
        too_often(&HttpClient::default().get(&server.url, Duration::from_secs(20)).unwrap())
    };
    let ms = Duration::from_millis;
    assert_eq!(wait(429, "Retry-After: 4\r\n", r#"{"retry_after_ms": 3435}"#), Some(ms(3435)));
    assert_eq!(wait(429, "Retry-After: 4\r\n", "slow down"), Some(ms(4000)));
    assert_eq!(wait(429, "", r#"{"retry_after_ms": -5}"#), Some(UNSAID_WAIT));
    assert_eq!(wait(429, "", r#"{"retry_after_ms": 1e300}"#), Some(UNSAID_WAIT));
    assert_eq!(wait(429, "", r#"{"retry_after_ms": "soon"}"#), Some(UNSAID_WAIT));
    assert_eq!(wait(429, "", r#"{"retry_after_ms": 12.5}"#), Some(Duration::from_micros(12500)));
    assert_eq!(wait(503, "Retry-After: 4\r\n", ""), None);
    assert_eq!(wait(200, "Retry-After: 4\r\n", ""), None);
}
