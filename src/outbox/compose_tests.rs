use mail_parser::{MessageParser, MimeHeaders};

use crate::domain::{EmailAddress, Mxid, RegistrationToken, ServerName};
use crate::homeserver::OwnPage;
use crate::outbox::letter::{Answered, Letter, Quoted};
use crate::outbox::samples::{PLACEHOLDERS, TOKEN, at, facts_for, settings, template};

use super::*;

/// Subject, text and HTML as a mail program reads them.
fn read(facts: &LetterFacts, settings: &Settings) -> (String, String, String) {
    let composed = compose(facts, settings).unwrap();
    let mail = MessageParser::default().parse(composed.bytes()).unwrap();
    assert_eq!(mail.parts.len(), 3);
    assert_eq!(mail.text_body_count(), 1);
    assert_eq!(mail.html_body_count(), 1);
    let unix = |text: std::borrow::Cow<'_, str>| text.replace("\r\n", "\n");
    (mail.subject().unwrap().to_owned(), unix(mail.body_text(0).unwrap()), unix(mail.body_html(0).unwrap()))
}

fn headers(composed: &Composed) -> Vec<(String, String)> {
    let mail = MessageParser::default().parse(composed.bytes()).unwrap();
    mail.headers_raw().map(|(name, value)| (name.to_owned(), value.trim().replace("\r\n", ""))).collect()
}

#[test]
fn the_built_in_letter() {
    let (subject, text, html) = read(&facts_for("alice", "alice@example.org"), &settings());
    assert_eq!(subject, "Your Registration Token for your.server");
    insta::assert_snapshot!("letter_token_text", text);
    insta::assert_snapshot!("letter_token_html", html);
}

#[test]
fn the_built_in_letter_of_a_trial_without_public_url_and_with_a_signup_page() {
    let mut settings = settings();
    settings.trial = true;
    settings.public_url = None;
    settings.signup_url = Some(template(
        "https://your.server/_continuwuity/account/register/?flow=trusted&username={requested_username}&token={registration_token}",
    ));
    let (_, text, html) = read(&facts_for("evil.com/x+y", "alice@example.org"), &settings);
    insta::assert_snapshot!("letter_token_trial_text", text);
    insta::assert_snapshot!("letter_token_trial_html", html);
}

#[test]
fn the_token_stands_alone_on_a_line_and_the_way_back_on_the_last_one() {
    let (_, text, html) = read(&facts_for("alice", "alice@example.org"), &settings());
    assert!(text.lines().any(|line| line == TOKEN));
    assert!(html.contains(&format!(">{TOKEN}</code>")));
    assert!(text.lines().last().unwrap().ends_with("the same name and address: https://desk.your.server"));
    let mut settings = settings();
    settings.public_url = None;
    let (_, text, html) = read(&facts_for("alice", "alice@example.org"), &settings);
    assert!(text.trim_end().lines().last().unwrap().starts_with("Token expired? Ask again where"));
    assert!(!html.contains("desk.your.server"));
}

#[test]
fn the_letter_is_readable_as_it_is_and_loads_nothing() {
    let composed = compose(&facts_for("alice", "alice@example.org"), &settings()).unwrap();
    let raw = std::str::from_utf8(composed.bytes()).unwrap();
    assert!(raw.contains(&format!("\r\n{TOKEN}\r\n")));
    assert_eq!(raw.matches("Content-Transfer-Encoding: 7bit").count(), 2);
    for remote in ["src=", "url(", "<link", "@import", "<img", "background="] {
        assert!(!raw.contains(remote), "{remote}");
    }
}

#[test]
fn a_name_that_looks_like_an_address_on_the_web_stands_only_in_code_style() {
    let mut settings = settings();
    settings.signup_url = Some(template("https://s.example/?u={requested_username}&t={registration_token}"));
    let (_, text, html) = read(&facts_for("evil.com/x", "alice@example.org"), &settings);
    assert_eq!(text.matches("evil.com/x").count(), text.matches("`@evil.com/x:your.server`").count());
    assert_eq!(html.matches("evil.com/x").count(), html.matches(">@evil.com/x:your.server</code>").count());
    assert!(text.contains(&format!("https://s.example/?u=evil.com%2Fx&t={TOKEN}")));
    assert!(html.contains(&format!("href=\"https://s.example/?u=evil.com%2Fx&#38;t={TOKEN}\"")));
}

#[test]
fn somebody_who_knows_nothing_of_matrix_is_told_what_to_do() {
    let mut settings = settings();
    settings.client_url = "https://chat.your.server".into();
    let (_, text, html) = read(&facts_for("alice", "alice@example.org"), &settings);
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for letter in [one_line(&text), one_line(&html)] {
        for words in [
            "https://chat.your.server",
            "Element Desktop",
            "Element X and FluffyChat do not",
            "paste the registration token where you are asked for it",
            "It is not an email code",
            "00:00 UTC on 24 November 2026",
        ] {
            assert!(letter.contains(words), "{words}: {letter}");
        }
        // One word for it, and no place that nobody has named.
        for words in ["invite", "access code", "app.element.io", "sign-up", "the token"] {
            assert!(!letter.contains(words), "{words}: {letter}");
        }
    }
    assert!(text.lines().any(|line| line.trim() == "alice"));
    assert!(html.contains(">alice</code>"));
}

#[test]
fn the_sign_up_page_comes_first_and_only_what_it_is_given_is_called_filled_in() {
    let mut settings = settings();
    for (url, words) in [
        (
            "https://s.example/?u={requested_username}&t={registration_token}",
            ", where username and registration token are",
        ),
        ("https://s.example/{registration_token}", ", where the registration token is"),
        ("https://s.example/{requested_username}", ", where the username is"),
        ("https://s.example/", ":"),
    ] {
        settings.signup_url = Some(template(url));
        let (_, text, html) = read(&facts_for("alice", "alice@example.org"), &settings);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for letter in [&text, &html] {
            assert!(letter.contains(&format!("the sign-up page of your.server{words}")), "{letter}");
            assert!(letter.find("https://s.example/") < letter.find("Or in three steps"), "{letter}");
        }
    }
}

#[test]
fn where_clients_lead_to_a_page_of_the_homeserver_the_link_does_too() {
    let url = template("https://account.your.server/register/password?username={requested_username}");
    let with_link = OwnPage { links: Some(("https://account.your.server/register".into(), url)) };
    for (page, link) in [
        (with_link, Some("https://account.your.server/register/password?username=alice")),
        (OwnPage { links: None }, None),
    ] {
        let facts = LetterFacts { own_page: Some(page), ..facts_for("alice", "alice@example.org") };
        let (_, text, html) = read(&facts, &settings());
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for letter in [&text, &html] {
            assert!(!letter.contains("do not") && letter.contains("Element X or most others"), "{letter}");
            assert_eq!(letter.contains("/register"), link.is_some(), "{letter}");
            assert!(link.is_none_or(|link| letter.contains(link)), "{letter}");
            assert_eq!(letter.contains("where the username is filled in"), link.is_some(), "{letter}");
        }
        // What the operator has chosen comes first.
        let mut settings = settings();
        settings.signup_url = Some(template("https://s.example/"));
        let (_, text, _) = read(&facts, &settings);
        assert!(text.contains("https://s.example/") && !text.contains("account.your.server"), "{text}");
    }
}

#[test]
fn the_headers_are_these_and_no_others() {
    let composed = compose(&facts_for("alice", "Al+ice@bücher.example"), &settings()).unwrap();
    let headers = headers(&composed);
    let expected = [
        ("From", "Desk <desk@your.server>"),
        ("To", "Al+ice@xn--bcher-kva.example"),
        ("Subject", "Your Registration Token for your.server"),
        ("Date", "Mon, 23 Nov 2026 18:48:00 +0000"),
        ("Message-ID", "<abc123@your.server>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("X-Doorman", "your.server"),
        ("MIME-Version", "1.0"),
    ];
    for (name, value) in expected {
        assert!(headers.iter().any(|header| header.0 == name && header.1 == value), "{name} in {headers:#?}");
    }
    assert_eq!(headers.len(), expected.len() + 1, "{headers:#?}");
    assert!(
        headers
            .iter()
            .any(|(name, value)| name == "Content-Type" && value.starts_with("multipart/alternative"))
    );
    assert!(composed.bytes().is_ascii());
}

#[test]
fn the_same_facts_give_the_same_bytes() {
    let facts = facts_for("alice", "alice@example.org");
    let mut settings = settings();
    assert_eq!(compose(&facts, &settings), compose(&facts, &settings));
    settings.letter.text = Some(template("Grüße {registration_token}"));
    assert_eq!(compose(&facts, &settings), compose(&facts, &settings));
}

#[test]
fn every_placeholder_is_filled_in_subject_and_bodies() {
    let mut settings = settings();
    let all = "{homeserver}|{registration_token}|{requested_username}|{utc_time}|{time_until_reset}|{{}}";
    settings.letter.subject = Some(template(all));
    settings.letter.text = Some(template(all));
    settings.letter.html = Some(template(&format!("<p title=\"{all}\">{all}</p>")));
    let (subject, text, html) = read(&facts_for("a.b_c=d-e/f+9", "alice@example.org"), &settings);
    let filled = format!("your.server|{TOKEN}|a.b_c=d-e/f+9|18:48:00|5 hours and 12 minutes|{{}}");
    assert_eq!(subject, filled);
    assert_eq!(text, filled);
    assert_eq!(html, format!("<p title=\"{filled}\">{filled}</p>"));
}

#[test]
fn given_only_text_the_html_is_made_from_it() {
    let mut settings = settings();
    settings.letter.text =
        Some(template("Hi <you> & co,\n\nthe token: {registration_token}\nfor {requested_username}.\n"));
    let (_, text, html) = read(&facts_for("alice", "alice@example.org"), &settings);
    assert!(text.starts_with("Hi <you> & co,\n\nthe token: mWq3"));
    assert!(html.contains("Hi &#60;you&#62; &#38; co,</p>"));
    assert!(html.contains(&format!("{TOKEN}</code><br>\nfor alice.</p>")), "{html}");
    insta::assert_snapshot!("letter_from_text_html", html);
}

#[test]
fn given_only_html_the_text_is_made_from_it() {
    let mut settings = settings();
    settings.letter.html = Some(template(
        "<style>p {{ color: red }}</style><p>Hi &amp; bye, <b>{registration_token}</b><br>\
                  at <a href=\"https://x.example/?u={requested_username}\">the page</a></p>",
    ));
    let (_, text, html) = read(&facts_for("alice", "alice@example.org"), &settings);
    assert_eq!(text, format!("Hi & bye, {TOKEN}\nat the page (https://x.example/?u=alice)\n"));
    assert!(html.contains("p { color: red }"));
}

#[test]
fn answers_to_mail_are_threaded_and_say_so() {
    let mut facts = facts_for("alice", "alice@example.org");
    let id = |n: usize| MessageId::parse(&format!("<{}{n}@mail.example>", "long".repeat(25))).unwrap();
    facts.answers = Some(Answered { message_id: Some(id(99)), references: (0..14).map(id).collect() });
    let composed = compose(&facts, &settings()).unwrap();
    let headers = headers(&composed);
    let value = |wanted: &str| headers.iter().find(|(name, _)| name == wanted).unwrap().1.clone();
    assert_eq!(value("Auto-Submitted"), "auto-replied");
    assert_eq!(value("Subject"), "Re: Your Registration Token for your.server");
    assert_eq!(value("In-Reply-To"), id(99).as_str());
    let expected: Vec<_> = (4..14).chain([99]).map(|n| id(n).to_string()).collect();
    assert_eq!(value("References").split_whitespace().collect::<Vec<_>>(), expected);

    facts.answers = Some(Answered::default());
    let composed = compose(&facts, &settings()).unwrap();
    let raw = std::str::from_utf8(composed.bytes()).unwrap();
    assert!(raw.contains("Auto-Submitted: auto-replied\r\n"));
    assert!(!raw.contains("In-Reply-To") && !raw.contains("References"));
}

#[test]
fn nothing_can_put_a_header_of_its_own_into_the_mail() {
    let mut settings = settings();
    settings.from.name = Some("Desk\r\nBcc: a@b.example\0\u{85}\"<x@y>".into());
    settings.letter.subject = Some(template("a\r\nBcc: b@c.example\n\n{requested_username} ü\0"));
    settings.letter.text = Some(template("x\r.\rBcc: d@e.example\0\n.\n{registration_token}"));
    let composed = compose(&facts_for("alice", "alice@example.org"), &settings).unwrap();
    let raw = std::str::from_utf8(composed.bytes()).unwrap();
    let head = raw.split("\r\n\r\n").next().unwrap();
    assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
    assert!(!raw.contains('\0'));
    assert_eq!(raw.matches('\r').count(), raw.matches("\r\n").count());
    assert_eq!(raw.matches('\n').count(), raw.matches("\r\n").count());
    let mail = MessageParser::default().parse(composed.bytes()).unwrap();
    assert_eq!(mail.subject(), Some("a Bcc: b@c.example alice ü"));
    assert!(mail.bcc().is_none());
    let from = mail.from().unwrap();
    assert_eq!(from.as_list().unwrap().len(), 1);
    assert_eq!(from.first().unwrap().address(), Some("desk@your.server"));
}

#[test]
fn an_empty_subject_becomes_the_built_in_one() {
    let mut settings = settings();
    settings.letter.subject = Some(template(" \n"));
    let (subject, ..) = read(&facts_for("alice", "alice@example.org"), &settings);
    assert_eq!(subject, "Your Registration Token for your.server");
}

#[test]
fn the_senders_domain_is_told_in_ascii_and_an_unusable_sender_is_named() {
    let mut settings = settings();
    settings.from.name = None;
    settings.from.address = "desk@bücher.example".into();
    let composed = compose(&facts_for("alice", "alice@example.org"), &settings).unwrap();
    assert_eq!(composed.from.to_string(), "desk@xn--bcher-kva.example");
    assert!(std::str::from_utf8(composed.bytes()).unwrap().contains("From: desk@xn--bcher-kva.example\r\n"));
    for address in ["", "desk", "dësk@your.server", "a b@your.server", "a@b c", "a@b>\r\nBcc: <c@d"] {
        settings.from.address = address.into();
        let problem = compose(&facts_for("alice", "alice@example.org"), &settings).unwrap_err();
        assert!(problem.to_string().contains("smtp.from"), "{problem}");
        assert!(!problem.to_string().contains('\n'), "{problem}");
    }
}

#[test]
fn a_letter_that_comes_too_late_counts_no_hours_below_zero() {
    let mut facts = facts_for("alice", "alice@example.org");
    facts.now = at("2026-11-24T01:00:00Z");
    let (_, text, _) = read(&facts, &settings());
    assert!(text.contains("0 minutes from now"));
}

#[test]
fn the_longest_names_make_a_mail_whose_lines_are_not_too_long() {
    let mut facts = facts_for("alice", &format!("{}@{}example.org", "a".repeat(64), "abcdefgh.".repeat(19)));
    let server = ServerName::parse(&format!("{}example.org", "abcdefgh.".repeat(20))).unwrap();
    let name = "a/".repeat((255 - 2 - server.as_str().len()) / 2);
    let mut settings = settings();
    settings.homeserver = server.clone();
    settings.letter.text = Some(template(&format!("{} {{registration_token}}", "ä".repeat(3000))));
    facts.letter = Letter::Account {
        mxid: Some(Mxid { localpart: crate::domain::Localpart::parse(&name, &server).unwrap(), server }),
        link: None,
        token: Some(Quoted {
            token: RegistrationToken::parse(&"t".repeat(64)).unwrap(),
            works_until: at("2026-11-24T00:00:00Z"),
        }),
    };
    let composed = compose(&facts, &settings).unwrap();
    let raw = std::str::from_utf8(composed.bytes()).unwrap();
    assert!(raw.lines().all(|line| line.len() <= 998));
    let mail = MessageParser::default().parse(composed.bytes()).unwrap();
    assert_eq!(mail.to().unwrap().first().unwrap().address(), Some(facts.to.to_ascii().as_str()));
    assert_eq!(mail.attachments().filter(|part| part.attachment_name().is_some()).count(), 0);
}

#[test]
fn the_placeholders_of_the_config_are_those_that_letters_fill() {
    for name in PLACEHOLDERS {
        let mut settings = settings();
        settings.letter.subject = Some(template(&format!("{{{name}}}")));
        let (subject, ..) = read(&facts_for("alice", "alice@example.org"), &settings);
        assert_ne!(subject, "Your Registration Token for your.server", "{name} is filled with nothing");
    }
}

proptest::proptest! {
    /// One that cannot would hold up all others, as if the sender was wrong.
    #[test]
    fn whatever_the_desk_takes_for_an_address_can_be_mailed_to(
        local in "[!#$%&'*+/=?^_`{|}~.a-zA-Z0-9-]{1,64}",
        domain in "[a-zA-Z0-9-]{1,63}(\\.[a-zA-Z0-9-]{1,20}){1,4}",
    ) {
        if let Ok(address) = EmailAddress::parse(&format!("{local}@{domain}")) {
            proptest::prop_assert!(address.to_ascii().parse::<Address>().is_ok(), "{address:?}");
        }
    }
}
