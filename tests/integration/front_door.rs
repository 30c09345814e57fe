//! What browsers, caches and other sites are told with an answer.

use crate::support::desk::{Desk, escaped, open_desk};
use crate::support::http::{Answer, exchange};

fn get(desk: &Desk, path: &str, headers: &str) -> Answer {
    let request = format!("GET {path} HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n{headers}\r\n");
    exchange(&desk.address, request.as_bytes())
}

#[test]
fn what_is_compressed_for_some_is_not_kept_for_all() {
    let (_homeserver, _folder, desk) = open_desk("");
    for path in ["/", "/static/style.css"] {
        for (headers, coding) in [("Accept-Encoding: gzip, br\r\n", Some("gzip")), ("", None)] {
            let answer = get(&desk, path, headers);
            assert_eq!((answer.status, answer.header("content-encoding")), (200, coding), "{path}");
            assert_eq!(answer.header("vary"), Some("accept-encoding"), "{path} {headers}");
        }
    }
}

#[test]
fn an_asset_that_is_known_is_not_sent_again() {
    let (_homeserver, folder, desk) = open_desk("");
    let style = get(&desk, "/static/style.css", "");
    let known = format!("If-None-Match: {}\r\n", style.header("etag").unwrap());
    let again = get(&desk, "/static/style.css", &known);
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(again.header("vary"), Some("accept-encoding"));
    std::fs::create_dir(folder.file("static")).unwrap();
    folder.write("static/style.css", "body { color: teal }");
    let own = get(&desk, "/static/style.css", &known);
    assert_eq!((own.status, own.body.as_str()), (200, "body { color: teal }"));
}

#[test]
fn every_answer_says_what_a_page_may_do() {
    let (_homeserver, _folder, desk) = open_desk("");
    for path in
        ["/", "/register", "/nothing", "/api/time", "/api/status", "/healthz", "/static/desk.js", "/%ff"]
    {
        let answer = get(&desk, path, "");
        let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{path}: {answer:?}"));
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe-inline"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(answer.header("referrer-policy").is_some(), "{path}");
    }
}

#[test]
fn only_sites_that_the_operator_names_may_read_the_state() {
    let (_homeserver, _folder, desk) = open_desk("allowed_origins: [\"https://www.desk.test\"]\n");
    for path in ["/api/status", "/api/time"] {
        for (origin, allowed) in [
            ("https://www.desk.test", Some("https://www.desk.test")),
            ("http://www.desk.test", None),
            ("https://elsewhere.test", None),
            ("null", None),
        ] {
            let answer = get(&desk, path, &format!("Origin: {origin}\r\n"));
            assert_eq!(answer.header("access-control-allow-origin"), allowed, "{path} {origin}");
            assert_eq!(answer.header("vary"), Some("origin"), "{path} {origin}");
        }
    }
}

#[test]
fn a_script_is_told_in_its_own_language_what_is_wrong_with_a_request() {
    let (_homeserver, _folder, desk) = open_desk("");
    let long = "a".repeat(20_000);
    for (what, status, request) in [
        ("too long", 413, format!("POST /register HTTP/1.1\r\nContent-Length: {}\r\n", long.len())),
        ("too long, in chunks", 413, "POST /register HTTP/1.1\r\nTransfer-Encoding: chunked\r\n".into()),
        ("no form", 415, "POST /register HTTP/1.1\r\nContent-Length: 0\r\n".into()),
        ("no page", 404, "GET /nothing HTTP/1.1\r\n".into()),
        ("not so", 405, "GET /register HTTP/1.1\r\n".into()),
    ] {
        for (accept, content_type) in
            [("application/json", "application/json"), ("text/html", "text/html; charset=utf-8")]
        {
            let body = match what {
                "too long" => long.clone(),
                "too long, in chunks" => format!("{:x}\r\n{long}\r\n0\r\n\r\n", long.len()),
                _ => String::new(),
            };
            let whole =
                format!("{request}Host: desk.test\r\nConnection: close\r\nAccept: {accept}\r\n\r\n{body}");
            let answer = exchange(&desk.address, whole.as_bytes());
            assert_eq!(
                (answer.status, answer.header("content-type")),
                (status, Some(content_type)),
                "{what}: {answer:?}"
            );
        }
    }
}

/// What the form sends when one of the two buttons is pressed.
fn pressed(desk: &Desk, page: &str, label: &str) -> Answer {
    let button = page.split("<button ").find(|button| button.contains(label)).unwrap();
    let value = button.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
    let body = format!("requested_username=frank&email=frank%40gmial.com&confirmed_email={}", escaped(value));
    let head = "POST /register HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n\
                Content-Type: application/x-www-form-urlencoded";
    exchange(&desk.address, format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
}

#[test]
fn a_likely_slip_is_asked_about_once_and_taken_when_it_is_confirmed() {
    let (_homeserver, folder, desk) = open_desk("");
    let answer = desk.ask_with("ann", "ann@gmial.com", "Accept: application/json\r\n");
    let json = answer.json();
    assert_eq!((answer.status, &json["reason"]), (422, &"malformed".into()));
    assert!(json["message"].as_str().unwrap().contains("Did you mean ann@gmail.com?"), "{json}");
    // The same once more is the answer to the question.
    assert_eq!(desk.verdict("ann", "ann@gmial.com"), "accepted");

    // Without a script, both are buttons.
    let page = desk.ask_with("frank", "frank@gmial.com", "Accept: text/html\r\n");
    assert_eq!(page.status, 422);
    assert!(page.body.contains("Did you mean frank@gmail.com?"), "{}", page.body);
    assert_eq!(pressed(&desk, &page.body, "No, frank@gmial.com").status, 303);
    assert_eq!(pressed(&desk, &page.body, "Yes, frank@gmail.com").status, 409, "the name is taken by then");
    let asked = folder.json(&["requests", "--json"]);
    let addresses: Vec<&str> =
        asked.as_array().unwrap().iter().map(|row| row["email"].as_str().unwrap()).collect();
    assert_eq!(
        addresses,
        ["frank@gmail.com", "frank@gmial.com", "frank@gmial.com", "ann@gmial.com", "ann@gmial.com"]
    );
}

#[test]
fn whatever_is_answered_behind_a_secret_is_kept_by_nobody_and_every_post_counts_there() {
    let (_homeserver, _folder, desk) = open_desk("requests_per_ip_per_hour: 12\n");
    let secret = "23456789abcdefghijkmnpqrst";
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    for place in ["/prove/", "/signup/", "/not-me/", "/request/"] {
        let path =
            if place == "/request/" { format!("{place}{secret}/name") } else { format!("{place}{secret}") };
        for (method, headers, status) in [
            ("GET", "", 404),
            ("OPTIONS", "", 204),
            ("DELETE", "", 405),
            ("POST", form, 404),
            (
                "POST",
                &format!("{form}Sec-Fetch-Site: cross-site\r\n"),
                if place == "/request/" { 404 } else { 403 },
            ),
            ("POST", &format!("{form}Content-Length: 20000\r\n"), 413),
        ] {
            let length = if headers.contains("Content-Length") { "" } else { "Content-Length: 0\r\n" };
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n{headers}{length}\r\n"
            );
            let answer = exchange(&desk.address, request.as_bytes());
            assert_eq!(answer.status, status, "{method} {path} {headers}: {answer:?}");
            for (name, value) in [
                ("cache-control", "no-store"),
                ("referrer-policy", "no-referrer"),
                ("x-robots-tag", "noindex"),
            ] {
                assert_eq!(answer.header(name), Some(value), "{method} {path}: {name}");
            }
        }
    }
    assert_eq!(desk.verdict("alice", "alice@example.org"), "rate_limited");
}

#[test]
fn a_desk_whose_path_is_called_like_one_of_its_own_works() {
    let (_homeserver, _folder, desk) = open_desk("public_url: http://127.0.0.1/register\n");
    for path in ["/register", "/register/", "/"] {
        let page = get(&desk, path, "");
        assert!(
            page.status == 200 && page.body.contains("action=\"/register/register\""),
            "{path}: {page:?}"
        );
    }
    assert_eq!(get(&desk, "/register/static/style.css", "").status, 200);
    assert_eq!(desk.verdict("alice", "alice@example.org"), "accepted");
}
