use std::io::Write;
use std::time::Instant;

use super::scripted_server::{Act, ScriptedServer};
use super::*;

/// More than any of these answers takes, less than anybody would sit through.
const AMPLE: Duration = Duration::from_secs(20);
/// For servers that never come to an end.
const SHORT: Duration = Duration::from_millis(150);

const SECRET: &str = "S3CRETtoken";

fn ask(server: &ScriptedServer, within: Duration) -> Result<Reply, Fault> {
    HttpClient::default().get(&format!("{}/validity?token={SECRET}", server.url), within)
}

fn kind_of(act: Act, within: Duration) -> FaultKind {
    let fault = ask(&ScriptedServer::that_does(act), within).unwrap_err();
    assert!(!format!("{fault} {fault:?}").contains(SECRET), "{fault:?}");
    fault.kind
}

fn raw(answer: &str) -> Act {
    Act::Raw(answer.as_bytes().to_vec())
}

fn drip(first: &str, again: &str) -> Act {
    Act::Drip(first.as_bytes().to_vec(), again.as_bytes().to_vec())
}

#[test]
fn an_answer_comes_with_status_and_json() {
    let server = ScriptedServer::that_does(Act::Json(418, r#"{"tea": true}"#.into()));
    let reply = ask(&server, AMPLE).unwrap();
    assert_eq!((reply.status, reply.retry_after), (418, None));
    assert_eq!(reply.json().unwrap()["tea"], true);
    let question = &server.questions()[0];
    assert_eq!(question.line, format!("GET /validity?token={SECRET}"));
    let head = question.head.to_ascii_lowercase();
    assert!(head.contains(concat!("user-agent: doorman/", env!("CARGO_PKG_VERSION"))), "{head}");
    assert!(!head.contains("gzip"), "{head}");
}

#[test]
fn a_post_carries_its_json() {
    let server = ScriptedServer::that_does(Act::Json(200, "{}".into()));
    let client = HttpClient::default();
    client.post(&format!("{}/register", server.url), &serde_json::json!({"a": 1}), AMPLE).unwrap();
    let question = &server.questions()[0];
    assert_eq!((question.line.as_str(), question.body.as_str()), ("POST /register", r#"{"a":1}"#));
    assert!(question.head.to_ascii_lowercase().contains("content-type: application/json"));
}

#[test]
fn what_is_not_json_is_told_so() {
    for body in ["", "<html>", "{\"available\": tru", "\u{0}", &"[".repeat(60_000)] {
        let server = ScriptedServer::that_does(Act::Full(200, String::new(), body.as_bytes().to_vec()));
        let fault = ask(&server, AMPLE).unwrap().json().unwrap_err();
        assert_eq!(fault.kind, FaultKind::NotJson);
        assert!(!fault.to_string().contains(SECRET));
    }
}

#[test]
fn a_page_is_not_json_whatever_it_holds_but_a_file_without_a_type_can_be() {
    let answer = |head: &str| {
        let server =
            ScriptedServer::that_does(Act::Full(200, head.into(), b"{\"available\": true}".to_vec()));
        ask(&server, AMPLE).unwrap().json().is_ok()
    };
    assert!(!answer("Content-Type: text/html; charset=utf-8\r\n"));
    assert!(answer("Content-Type: application/octet-stream\r\n"));
    assert!(answer(""));
}

#[test]
fn retry_after_is_read_in_seconds_and_believed_up_to_an_hour() {
    for (written, meant) in [
        ("3", Some(Duration::from_secs(3))),
        ("99999999999", Some(Duration::from_secs(3600))),
        ("-1", None),
        ("Fri, 31 Dec 1999 23:59:59 GMT", None),
    ] {
        let server =
            ScriptedServer::that_does(Act::Full(429, format!("Retry-After: {written}\r\n"), Vec::new()));
        assert_eq!(ask(&server, AMPLE).unwrap().retry_after, meant, "{written}");
    }
}

#[test]
fn redirects_are_not_followed_and_only_the_other_server_is_named() {
    for status in [301, 302, 303, 307, 308] {
        let head = format!("Location: https://www.elsewhere.example:8443/x?token={SECRET}\r\n");
        let server = ScriptedServer::that_does(Act::Full(status, head, b"moved".to_vec()));
        let fault = ask(&server, AMPLE).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Redirect);
        assert!(fault.to_string().contains("redirects to https://www.elsewhere.example:8443:"), "{fault}");
        assert!(!fault.to_string().contains(SECRET));
        assert_eq!(server.questions().len(), 1);
    }
    let hostile = format!("Location: /{SECRET}\u{202e}\r\n");
    assert_eq!(kind_of(Act::Full(302, hostile, Vec::new()), AMPLE), FaultKind::Redirect);
    assert_eq!(kind_of(Act::Full(302, String::new(), Vec::new()), AMPLE), FaultKind::Redirect);
}

#[test]
fn long_answers_are_given_up_early() {
    let megabytes = vec![b' '; 10 * 1024 * 1024];
    assert_eq!(kind_of(Act::Full(200, String::new(), megabytes.clone()), AMPLE), FaultKind::TooLong);
    let endless = drip(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        &format!("4000\r\n{}\r\n", " ".repeat(0x4000)),
    );
    assert_eq!(kind_of(endless, AMPLE), FaultKind::TooLong);
    let until_closed = Act::Drip(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; 0x4000]);
    assert_eq!(kind_of(until_closed, AMPLE), FaultKind::TooLong);
    let heads = drip("HTTP/1.1 200 OK\r\n", &format!("X: {}\r\n", "x".repeat(1000)));
    assert_eq!(kind_of(heads, AMPLE), FaultKind::TooLong);

    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&megabytes).unwrap();
    let bomb = Act::Full(200, "Content-Encoding: gzip\r\n".into(), packed.finish().unwrap());
    assert_eq!(kind_of(bomb, AMPLE), FaultKind::TooLong);
}

#[test]
fn just_so_much_is_still_read() {
    let most = vec![b' '; usize::try_from(BODY_BYTES).unwrap() - 2];
    let server = ScriptedServer::that_does(Act::Full(200, String::new(), [most, b"{}".to_vec()].concat()));
    assert!(ask(&server, AMPLE).unwrap().json().is_ok());
}

#[test]
fn never_ending_answers_are_a_time_out() {
    for act in [
        Act::Silence,
        drip("HTTP/1.1 200 OK\r\n", "X"),
        drip("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", " "),
        drip("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"),
        drip("HTTP/1.1 200 OK\r\n\r\n", " "),
        drip("", "HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        let began = Instant::now();
        let shown = format!("{act:?}");
        assert_eq!(kind_of(act, SHORT), FaultKind::Timeout, "{shown}");
        assert!(began.elapsed() < AMPLE, "{shown}");
    }
    // A redirect is told before its body is there.
    let slow = drip("HTTP/1.1 302 Found\r\nContent-Length: 60000\r\n\r\n", " ");
    assert_eq!(kind_of(slow, AMPLE), FaultKind::Redirect);
}

#[test]
fn rubbish_is_told_apart_from_silence() {
    for (answer, kinds) in [
        ("", vec![FaultKind::HungUp]),
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n", vec![FaultKind::Foreign]),
        ("HTTP/1.1 999999 ?\r\n\r\n", vec![FaultKind::Foreign]),
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", vec![FaultKind::HungUp]),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", vec![FaultKind::Foreign]),
        (
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nnot gz!",
            vec![FaultKind::Foreign],
        ),
        ("\u{0}\u{1}\u{2}\u{3}\r\n\r\n", vec![FaultKind::Foreign]),
    ] {
        let kind = kind_of(raw(answer), AMPLE);
        assert!(kinds.contains(&kind), "{answer:?}: {kind:?}");
    }
}

#[test]
fn where_nobody_listens_the_operator_hears_so() {
    let closed = ScriptedServer::that_does(Act::HangUp).url.clone();
    let fault = HttpClient::default().get(&format!("{closed}/?token={SECRET}"), AMPLE).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Refused);
    assert_eq!(fault.to_string(), format!("nobody answers at {closed} (connection refused)"));
    let fault = HttpClient::default().get(&format!("http://a..b/{SECRET}"), AMPLE).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Name, "{fault}");
}

#[test]
fn what_is_no_url_is_told_without_repeating_it() {
    for url in [
        "",
        "no url ",
        "ftp://x/",
        "/path/",
        "http://[",
        "http:///",
        "http://u@/",
        "http://a b/",
        "http://127.0.0.1:99999/",
        "http://h:/",
        "http://h:x/",
        "http:h/",
    ] {
        let fault = HttpClient::default().get(&format!("{url}{SECRET}"), AMPLE).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Ours, "{url}");
        assert!(!format!("{fault:?}").contains(SECRET), "{url}: {fault}");
    }
}

#[test]
fn user_and_password_of_the_url_stay_unsaid() {
    let closed = ScriptedServer::that_does(Act::HangUp).url.replace("http://", "http://user:S3CRETtoken@");
    let fault = HttpClient::default().get(&closed, AMPLE).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Refused);
    assert!(!format!("{fault:?}").contains(SECRET), "{fault:?}");
}

#[test]
fn plain_http_where_tls_is_asked_for_is_told_so() {
    let server = ScriptedServer::start(|_| Act::HangUp);
    let plain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/?token={SECRET}", plain.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = plain.accept().unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        let _ = std::io::Read::read(&mut stream, &mut [0; 4096]);
    });
    let fault = HttpClient::default().get(&url, AMPLE).unwrap_err();
    answering.join().unwrap();
    drop(server);
    assert_eq!(fault.kind, FaultKind::Tls, "{fault}");
    assert!(fault.to_string().contains("does not speak TLS"), "{fault}");
    assert!(!fault.to_string().contains(SECRET));
}

#[test]
fn connections_are_kept_and_replaced_when_the_server_closed_them() {
    let server = ScriptedServer::that_does(Act::Json(200, "{}".into()));
    let client = HttpClient::default();
    for _ in 0..20 {
        client.get(&server.url, AMPLE).unwrap();
    }
    assert_eq!(server.connections(), 1);
    server.close_connections();
    client.get(&server.url, AMPLE).unwrap();
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_kept_connection_that_closes_under_the_question_is_asked_again_once() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let server =
        ScriptedServer::start(move |_| match count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            1 => Act::HangUp,
            _ => Act::Json(200, "{}".into()),
        });
    let client = HttpClient::default();
    client.get(&server.url, AMPLE).unwrap();
    assert_eq!(client.get(&server.url, AMPLE).unwrap().status, 200);
    assert_eq!(server.questions().len(), 3);
}

#[test]
fn ureq_has_no_way_to_log_a_url() {
    // It would at the level below.
    assert_eq!(log::STATIC_MAX_LEVEL, log::LevelFilter::Debug);
}
