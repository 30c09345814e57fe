//! Whatever is sent, the answer is a clear refusal with the right status, and the desk goes on.

use crate::support::desk::{Desk, Folder, escaped, open_desk};
use crate::support::http::{Answer, exchange, exchange_half_closed};

fn post(desk: &Desk, headers: &str, body: &[u8]) -> Answer {
    let head = format!(
        "POST /register HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\nAccept: application/json\r\n{headers}\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    exchange(&desk.address, &[head.as_bytes(), body].concat())
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

/// Nothing is left behind by what was refused.
fn assert_nothing_was_kept(desk: &Desk, folder: &Folder) {
    assert_eq!(folder.json(&["outbox", "--json"]), serde_json::json!([]));
    assert_eq!(folder.read("registrations.json").trim(), "[]");
    assert_eq!(folder.letters(), [] as [String; 0]);
    assert!(!desk.log().contains('\u{1b}') && !desk.log().contains('\u{202e}'), "{}", desk.log());
}

#[test]
fn a_request_that_is_too_long_counts_like_any_other() {
    let (_homeserver, _folder, desk) = open_desk("requests_per_ip_per_hour: 2\n");
    for _ in 0..2 {
        assert_eq!(post(&desk, FORM, &vec![b'x'; 17_000]).status, 413);
    }
    assert_eq!(desk.verdict("name", "someone@example.org"), "rate_limited");
}

#[test]
fn a_form_that_is_not_right_is_malformed() {
    let (homeserver, folder, desk) = open_desk("");
    let name = "requested_username=name";
    let email = "email=someone%40example.org";
    let mut bodies: Vec<Vec<u8>> = [
        String::new(),
        "&&&===&".into(),
        name.into(),
        email.into(),
        format!("requested_username=&{email}"),
        format!("{name}&email="),
        format!("{name}&{name}&{email}"),
        format!("{name}&requested_username=other&{email}"),
        format!("{name}&{email}&{email}"),
        format!("{name}&email=%FF%FE%40example.org"),
        format!("requested_username=%C3%28&{email}"),
        format!("requested_username=na%00me&{email}"),
        format!("requested_username=na%0D%0Ame&{email}"),
        format!("requested_username=na%E2%80%AEme&{email}"), // right-to-left override
        format!("requested_username=na%E2%80%8Bme&{email}"), // zero-width space
        format!("requested_username=%EF%BD%8E%EF%BD%81&{email}"), // full-width letters
        format!("requested_username={}&{email}", "n".repeat(250)),
        format!("{name}&email=a%00%40example.org"),
        format!("{name}&email=a%40example.org%0D%0ABcc%3A%20other%40example.org"),
        format!("{name}&email=a%E2%80%8Bb%40example.org"),
        format!("{name}&email=a%E2%80%AEb%40example.org"),
        "{\"requested_username\": \"name\", \"email\": \"someone@example.org\"}".into(),
    ]
    .into_iter()
    .map(String::into_bytes)
    .collect();
    // The bytes themselves, not escaped.
    bodies.push([b"requested_username=\xff\x00\r\n&".as_slice(), email.as_bytes()].concat());
    bodies.push([name.as_bytes(), b"&email=\xff\x00@example.org\r\n"].concat());
    for body in bodies {
        let answer = post(&desk, FORM, &body);
        let shown = String::from_utf8_lossy(&body).into_owned();
        assert_eq!(answer.status, 422, "{shown}: {answer:?}");
        let json = answer.json();
        assert_eq!(
            (json["status"].as_str(), json["reason"].as_str()),
            (Some("refused"), Some("malformed")),
            "{shown}"
        );
        assert!(json["message"].as_str().unwrap().len() > 10, "{shown}: {json}");
    }
    assert_nothing_was_kept(&desk, &folder);
    assert!(!homeserver.asked().iter().any(|path| path.contains("/available")), "none of it cost a question");
    assert_eq!(desk.verdict("name", "someone@example.org"), "accepted");
}

#[test]
fn an_address_that_cannot_be_mailed_to_is_malformed_and_an_odd_one_that_can_is_not() {
    let (_homeserver, folder, desk) = open_desk("");
    let long = |count: usize| "l".repeat(count);
    for email in [
        "someone",
        "@example.org",
        "someone@",
        "some one@example.org",
        "a@b@example.org",
        "\"some one\"@example.org",
        "\"a\\\"b\"@example.org",
        "someone(comment)@example.org",
        "someone@example.org(comment)",
        "Someone <someone@example.org>",
        "a@example.org, b@example.org",
        "a@example.org;b@example.org",
        "someone@[192.0.2.1]",
        "someone@[IPv6:2001:db8::1]",
        "someone@192.0.2.1",
        "someone@localhost",
        "someone@example..org",
        "someone@.example.org",
        "someone@-example.org",
        "some..one@example.org",
        ".someone@example.org",
        "someone.@example.org",
        "-oQ/tmp@example.org",
        "müller@example.org",
        "ｓｏｍｅｏｎｅ@example.org",
        &format!("{}@example.org", long(65)),
        &format!("a@{}.org", long(64)),
        &format!("a@{}org", "label.".repeat(50)),
    ] {
        let answer = desk.ask("name", email);
        assert_eq!(
            (answer.status, answer.json()["reason"].as_str()),
            (422, Some("malformed")),
            "{email}: {answer:?}"
        );
    }
    let clear = desk.ask("name", "müller@example.org").json();
    assert!(clear["message"].as_str().unwrap().contains("before the @"), "{clear}");
    assert_nothing_was_kept(&desk, &folder);
    for (name, email) in [
        ("international", "someone@bücher.example"),
        ("longest", &format!("{}@example.org", long(64))),
        ("signs", "o'brien+tag{x}=y|z@example.org"),
        ("blanks", "  someone@example.net \t"),
    ] {
        assert_eq!(desk.verdict(name, email), "accepted", "{email}");
    }
    let recipients = folder.json(&["outbox", "--json"]).to_string() + &folder.letters().concat();
    assert!(recipients.contains("someone@xn--bcher-kva.example"), "{recipients}");
}

#[test]
fn a_name_of_any_byte_is_understood_or_refused() {
    let (_homeserver, _folder, desk) =
        open_desk("multiple_users_per_email: true\nemail_cooldown: 0\nletters_per_address_per_day: 0\n");
    for byte in 0..=255u8 {
        let body = format!("requested_username=x%{byte:02X}{byte}&email=someone%40example.org");
        let answer = post(&desk, FORM, body.as_bytes());
        // `x:56`: a colon ends the name where what follows is not another server's.
        let good = byte.is_ascii_alphanumeric() || b"._=-/+".contains(&byte);
        assert_eq!(answer.status, if good { 200 } else { 422 }, "byte {byte}: {answer:?}");
    }
}

#[test]
fn who_prefers_json_is_told_in_json_that_the_form_is_none() {
    let (_homeserver, _folder, desk) = open_desk("");
    let answer = post(&desk, "Content-Type: text/plain\r\n", b"x");
    assert_eq!((answer.status, answer.header("content-type")), (415, Some("application/json")));
    assert_eq!(answer.json()["status"], "error");
    // Several lines are one list (RFC 9110, section 5.3).
    let lines =
        "Accept: text/plain\r\nAccept: application/json\r\nConnection: close\r\nContent-Length: 1\r\n";
    let request = format!("POST /register HTTP/1.1\r\nHost: desk.test\r\n{lines}{FORM}\r\nx");
    let answer = exchange(&desk.address, request.as_bytes());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json()["reason"], "malformed");
}

#[test]
fn a_body_that_is_not_what_its_head_says() {
    let (_homeserver, folder, desk) = open_desk("");
    let good = "requested_username=name&email=someone%40example.org";
    let raw = |headers: &str, body: &str| {
        let text =
            format!("POST /register HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n{headers}\r\n{body}");
        exchange_half_closed(&desk.address, text.as_bytes())
    };
    let too_big = format!("requested_username={}", "a".repeat(1_000_000));
    for (what, status, answer) in [
        ("no type", 415, post(&desk, "", good.as_bytes())),
        ("JSON", 415, post(&desk, "Content-Type: application/json\r\n", b"{}")),
        ("multipart", 415, post(&desk, "Content-Type: multipart/form-data; boundary=x\r\n", b"--x--")),
        ("text", 415, post(&desk, "Content-Type: text/plain\r\n", good.as_bytes())),
        ("1 MB", 413, post(&desk, FORM, too_big.as_bytes())),
        (
            "1 MB of the other field",
            413,
            post(&desk, FORM, format!("email={}", "a".repeat(1_000_000)).as_bytes()),
        ),
        (
            "1 MB in chunks",
            413,
            raw(
                &format!("{FORM}Transfer-Encoding: chunked\r\n"),
                &format!("F4240\r\n{}\r\n0\r\n\r\n", "a".repeat(1_000_000)),
            ),
        ),
        ("says more than it can", 413, raw(&format!("{FORM}Content-Length: 99999999999\r\n"), good)),
        (
            "a number past all",
            413,
            raw(&format!("{FORM}Content-Length: 99999999999999999999999999\r\n"), good),
        ),
        ("negative", 400, raw(&format!("{FORM}Content-Length: -1\r\n"), good)),
        ("no number", 400, raw(&format!("{FORM}Content-Length: many\r\n"), good)),
        ("two lengths", 400, raw(&format!("{FORM}Content-Length: 10\r\nContent-Length: 51\r\n"), good)),
        (
            "both kinds",
            400,
            raw(&format!("{FORM}Content-Length: 51\r\nTransfer-Encoding: chunked\r\n"), good),
        ),
        ("unknown coding", 501, raw(&format!("{FORM}Transfer-Encoding: gzip, chunked\r\n"), good)),
        ("broken chunk", 400, raw(&format!("{FORM}Transfer-Encoding: chunked\r\n"), "zz\r\nabc\r\n")),
        ("shorter than it says", 400, raw(&format!("{FORM}Content-Length: 500\r\n"), good)),
        ("no body", 422, raw(FORM, "")),
        ("an endless header line", 431, raw(&format!("X: {}\r\n", "a".repeat(20_000)), "")),
        ("endless header lines", 431, raw(&"X: a\r\n".repeat(5_000), "")),
    ] {
        assert_eq!(answer.status, status, "{what}: {answer:?}");
    }
    assert_nothing_was_kept(&desk, &folder);
    let chunks = format!(
        "{:x}\r\n{}\r\n{:x};x=y\r\n{}\r\n0\r\nTrailer: x\r\n\r\n",
        10,
        &good[..10],
        good.len() - 10,
        &good[10..]
    );
    assert_eq!(raw(&format!("{FORM}Transfer-Encoding: chunked\r\n"), &chunks).status, 303);
}

#[test]
fn a_head_that_is_not_right() {
    let (_homeserver, _folder, desk) = open_desk("");
    let get = |head: &str| exchange_half_closed(&desk.address, head.as_bytes());
    for (status, head) in [
        (400, "rubbish\r\n\r\n"),
        (400, "\u{16}\u{3}\u{1}\u{0}client hello\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost desk.test\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\nHost: desk.test\r\nX : y\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\n\r\n"),
        (405, "DELETE / HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n\r\n"),
        (405, "GET /register HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n\r\n"),
        (404, "GET /nothing HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n\r\n"),
        (505, "GET / HTTP/2.0\r\nHost: desk.test\r\n\r\n"),
        (200, "GET / HTTP/1.0\r\n\r\n"),
        (200, "GET http://desk.test/ HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n\r\n"),
        (200, "GET /?x=y HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n\r\n"),
    ] {
        let answer = get(head);
        assert_eq!(answer.status, status, "{head:?}: {answer:?}");
    }
    assert_eq!(desk.get("/register").header("allow"), Some("POST, OPTIONS"));
}

#[test]
fn a_header_that_is_not_ascii_is_passed_over_where_it_plays_no_part() {
    let (_homeserver, _folder, desk) = open_desk("");
    let get = |line: &[u8]| {
        let head =
            [b"GET / HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\n".as_slice(), line, b"\r\n\r\n"]
                .concat();
        exchange(&desk.address, &head).status
    };
    for name in ["X-Anything", "User-Agent", "Cookie", "Referer", "Accept-Language"] {
        for value in [b"\xc3\xbc".as_slice(), b"\xff\xfe", b"\x80"] {
            assert_eq!(get(&[name.as_bytes(), b": ", value].concat()), 200, "{name}: {value:?}");
        }
    }
    let body = b"requested_username=name&email=someone%40example.org";
    let ask = |line: &[u8]| {
        let head = [
            b"POST /register HTTP/1.1\r\nConnection: close\r\nContent-Length: 51\r\n".as_slice(),
            line,
            b"\r\n\r\n",
            body,
        ];
        exchange(&desk.address, &head.concat()).status
    };
    let form = FORM.trim_end().as_bytes();
    for line in [b"Origin: http://\xff.example".as_slice(), b"Sec-Fetch-Site: \xc3\xbc", b"Accept: \xff"] {
        assert_eq!(ask(&[b"Host: desk.test\r\n", form, b"\r\n", line].concat()), 400, "{line:?}");
    }
    assert_eq!(ask(&[b"Host: \xff.example\r\n", form].concat()), 400);
    assert_eq!(ask(b"Host: desk.test\r\nContent-Type: \xff"), 400);
    assert_eq!(ask(&[b"Host: desk.test\r\nX-Forwarded-For: \xff\r\n", form].concat()), 303);
}

#[test]
fn forwarded_addresses_in_every_shape() {
    let (_homeserver, folder, desk) = open_desk("trusted_proxies: [loopback, 10.0.0.0/8, 2001:db8:1::/48]\n");
    let shapes = [
        ("X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1"),
        ("X-Forwarded-For: 203.0.113.9, 192.0.2.2\r\n", "192.0.2.2"),
        ("X-Forwarded-For: 192.0.2.3, 10.0.0.1\r\n", "192.0.2.3"),
        ("X-Forwarded-For: 192.0.2.4\r\nX-Forwarded-For: 10.0.0.1\r\n", "192.0.2.4"),
        ("X-Forwarded-For:   192.0.2.5  ,   10.0.0.1 \r\n", "192.0.2.5"),
        ("X-Forwarded-For: 192.0.2.6:1234\r\n", "192.0.2.6"),
        ("X-Forwarded-For: [2001:db8::6]:1234\r\n", "2001:db8::6"),
        ("X-Forwarded-For: [2001:db8::7]\r\n", "2001:db8::7"),
        ("X-Forwarded-For: 2001:db8::8\r\n", "2001:db8::8"),
        ("X-Forwarded-For: ::ffff:192.0.2.9\r\n", "192.0.2.9"),
        ("X-Forwarded-For: 192.0.2.10, 2001:db8:1::5, 127.0.0.1\r\n", "192.0.2.10"),
        ("X-Forwarded-For: 192.0.2.11,,\r\n", "192.0.2.11"),
        ("x-forwarded-for: 192.0.2.12\r\n", "192.0.2.12"),
        ("X-Forwarded-For: unknown\r\n", "127.0.0.1"),
        ("X-Forwarded-For: 192.0.2.13, unknown\r\n", "127.0.0.1"),
        ("X-Forwarded-For: _hidden, 10.0.0.1\r\n", "127.0.0.1"),
        ("X-Forwarded-For: 999.0.2.1\r\n", "127.0.0.1"),
        ("X-Forwarded-For: \r\n", "127.0.0.1"),
        ("X-Forwarded-For: 10.0.0.2, 10.0.0.1\r\n", "10.0.0.2"),
        ("Forwarded: for=192.0.2.14\r\n", "127.0.0.1"),
        ("X-Real-IP: 192.0.2.15\r\n", "127.0.0.1"),
    ];
    for (index, (headers, ip)) in shapes.iter().enumerate() {
        let name = format!("shape{index}");
        let answer = desk.ask_with(&name, &format!("{name}@example.org"), headers);
        assert_eq!(answer.status, 200, "{headers}: {answer:?}");
        let requests = folder.json(&["requests", "--json", "--limit", "1"]);
        assert_eq!(
            (requests[0]["username"].as_str(), requests[0]["ip"].as_str()),
            (Some(name.as_str()), Some(*ip)),
            "{headers}"
        );
    }
    folder.write("banned_ips.txt", "192.0.2.0/24\n");
    crate::support::wait_until("the ban is in force", || {
        let answer = desk.ask_with("banned", "banned@example.org", "X-Forwarded-For: 192.0.2.77\r\n");
        (answer.status == 403).then_some(())
    });
}

#[test]
fn a_path_reaches_no_file_outside_static() {
    let (_homeserver, folder, desk) = open_desk("");
    std::fs::create_dir(folder.file("static")).unwrap();
    folder.write("static/own.css", "own {}");
    folder.write("static/custom.css", "custom {}");
    let secret = folder.read(".registration_token");
    for path in [
        "/static/../.registration_token",
        "/static/%2e%2e/.registration_token",
        "/static/%2e%2e%2f.registration_token",
        "/static/..%2f.registration_token",
        "/static/..%5c.registration_token",
        "/static/%252e%252e/.registration_token",
        "/static/....//.registration_token",
        "/static/./../.registration_token",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/%00../.registration_token",
        "/static/custom.css%00.png",
        "/static/\\..\\config.yaml",
        "/../config.yaml",
        "/.registration_token",
        "/static/",
        "/static",
        "/doorman.db",
    ] {
        let answer = desk.get(path);
        assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
        assert!(!answer.body.contains(&secret) && !answer.body.contains("root:"), "{path}");
    }
}

#[test]
fn what_was_typed_comes_back_escaped() {
    let (_homeserver, folder, desk) = open_desk("");
    let typed = "<script>alert(1)</script>\"'&\u{1b}[31m\u{202e}";
    let body = format!("requested_username={}&email={}", escaped(typed), escaped(typed));
    let head = format!(
        "POST /register HTTP/1.1\r\nHost: desk.test\r\nConnection: close\r\nAccept: text/html\r\n{FORM}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = exchange(&desk.address, head.as_bytes());
    assert_eq!(answer.status, 422);
    assert!(!answer.body.contains("<script>alert"), "{}", answer.body);
    assert!(
        answer.body.contains("&#60;script&#62;alert(1)") || answer.body.contains("&lt;script&gt;alert(1)"),
        "{}",
        answer.body
    );
    let listing = folder.ok(&["requests"]);
    assert!(!listing.contains('\u{1b}') && !listing.contains('\u{202e}'), "{listing:?}");
    assert_nothing_was_kept(&desk, &folder);
}

#[test]
fn a_request_from_a_foreign_page_is_refused() {
    let (_homeserver, folder, desk) =
        open_desk("public_url: https://desk.example.org\nallowed_origins: [https://site.example.org]\n");
    for headers in [
        "Sec-Fetch-Site: cross-site\r\nOrigin: https://evil.example\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Origin: https://evil.example\r\n",
        "Origin: null\r\n",
        "Sec-Fetch-Site: cross-site\r\nOrigin: https://site.example.org.evil.example\r\n",
    ] {
        let answer = desk.ask_with("name", "someone@example.org", headers);
        assert_eq!((answer.status, answer.json()["reason"].as_str()), (403, Some("cross_site")), "{headers}");
    }
    assert_nothing_was_kept(&desk, &folder);
    for (index, headers) in [
        "Sec-Fetch-Site: same-origin\r\nOrigin: http://desk.test\r\n",
        "Sec-Fetch-Site: none\r\n",
        "Sec-Fetch-Site: cross-site\r\nOrigin: https://site.example.org\r\n",
        "Origin: https://desk.example.org\r\n",
        "Origin: http://desk.test\r\n",
    ]
    .iter()
    .enumerate()
    {
        let answer = desk.ask_with(&format!("name{index}"), &format!("name{index}@example.org"), headers);
        assert_eq!(answer.status, 200, "{headers}: {answer:?}");
    }
}
