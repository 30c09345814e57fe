use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::config::{Sender, Template};
use crate::desk::{Receipt, Stage};
use crate::domain::{
    Action, BanKind, Closed, EmailProblem, Field, Flaw, Hit, Language, LocalpartProblem, Reason, Refusal,
    Schedule, Unavailable, Verdict,
};
use crate::homeserver::{Homeserver, OwnPage};

use super::samples::{at, evening, look, receipt, secret};
use super::*;

const ALICE: Typed<'static> =
    Typed { username: "alice", email: "alice@example.org", likely_meant: None, answer: "", terms: false };

fn refused(typed: Typed<'_>, refusal: &Refusal) -> String {
    refused_page(&look(), typed, refusal, None, evening())
}

fn rate_limited() -> Refusal {
    Refusal::RateLimited { retry_after: Duration::from_secs(1234), which: "20 in an hour".into() }
}

fn shown(look: &Look, receipt: &Receipt) -> String {
    receipt_page(look, &secret(), receipt, None, false, evening())
}

#[test]
fn the_page_while_the_desk_is_open() {
    assert_snapshot!(front_page(&look(), None, evening()));
}

#[test]
fn the_page_in_downtime_has_no_form_and_says_until_when() {
    let until = at("2026-11-24T00:00:00Z");
    let page = front_page(&look(), Some(Closed::Downtime { until }), at("2026-11-23T23:47:03Z"));
    assert!(!page.contains("<form"));
    assert_snapshot!(page);
}

#[test]
fn a_refused_name_is_given_back_with_the_message_beside_it() {
    assert_snapshot!(refused(ALICE, &Refusal::UsernameUnavailable(Unavailable::Requested)));
}

#[test]
fn two_wrong_fields_have_a_message_each_and_focus_is_in_the_first() {
    let problems = vec![
        (Field::Username, Flaw::Username(LocalpartProblem::Empty)),
        (Field::Email, Flaw::Email(EmailProblem::Empty)),
    ];
    let page = refused(Typed::default(), &Refusal::Malformed { problems });
    assert_eq!(page.matches("autofocus").count(), 1);
    assert_snapshot!(page);
}

#[test]
fn a_refusal_that_concerns_no_field_stands_above_the_form_and_has_focus() {
    let page = refused(ALICE, &rate_limited());
    assert_eq!(page.matches("autofocus").count(), 1);
    assert!(!page.contains("aria-invalid"));
    assert_snapshot!(page);
}

#[test]
fn a_request_in_downtime_gets_the_form_back_with_when_it_opens() {
    let until = at("2026-11-24T00:00:00Z");
    let closed = Closed::Downtime { until };
    let now = at("2026-11-23T23:47:03Z");
    let refusal = Refusal::Closed(closed, closed.retry_after(now));
    let page = refused_page(&look(), ALICE, &refusal, None, now);
    assert!(page.contains(&closed.applicant_text(Language::English)));
    assert!(
        page.contains(r#"value="alice@example.org""#)
            && page.contains(r#"data-opens-at="2026-11-24T00:00:00Z""#)
    );
    assert_eq!(page.matches("autofocus").count(), 1);
    // What is malformed is found before: the page does not call the desk open for that.
    let malformed = Refusal::Malformed { problems: vec![(Field::Email, Flaw::Told("No.".into()))] };
    let page = refused_page(&look(), ALICE, &malformed, Some(closed), now);
    assert!(page.contains(&closed.applicant_text(Language::English)) && !page.contains("is open"));
}

#[test]
fn every_refusal_gives_back_what_was_typed_and_says_why() {
    let hit = || Hit {
        list: BanKind::Email,
        file: "banned_emails.txt".into(),
        line: 1,
        entry: "e".into(),
        action: Action::Refuse,
        note: None,
    };
    let wait = Duration::from_secs(60);
    for refusal in [
        Refusal::CrossSite,
        Refusal::Malformed { problems: vec![(Field::Username, Flaw::Told("A name is missing.".into()))] },
        Refusal::Malformed { problems: Vec::new() },
        Refusal::Closed(Closed::Paused, wait),
        Refusal::Closed(Closed::NotLive, wait),
        Refusal::IpBanned(hit()),
        rate_limited(),
        Refusal::EmailBanned(hit()),
        Refusal::EmailInUse { by: "bob".into() },
        Refusal::EmailCooldown { retry_after: wait, which: "email_cooldown".into() },
        Refusal::UsernameUnavailable(Unavailable::InUse("M_USER_IN_USE".into())),
        Refusal::HomeserverUnreachable { retry_after: wait, detail: "os error 111".into() },
        Refusal::RefusedByOperator(None),
        Refusal::Lapsed,
    ] {
        let page = refused(ALICE, &refusal);
        assert!(
            page.contains(r#"value="alice""#) && page.contains(r#"value="alice@example.org""#),
            "{refusal:?}"
        );
        assert!(page.contains(&refused_message(&look(), &refusal)), "{refusal:?}");
        assert_eq!(page.matches("autofocus").count(), 1, "{refusal:?}");
        // What only the operator is told.
        assert!(
            !page.contains("M_USER_IN_USE") && !page.contains("bob") && !page.contains("os error"),
            "{refusal:?}"
        );
    }
}

#[test]
fn the_receipt_of_a_request_whose_email_was_sent() {
    assert_snapshot!(shown(&look(), &receipt(Stage::Sent)));
}

#[test]
fn the_receipt_of_a_held_request() {
    let page = shown(&look(), &receipt(Stage::Held { waits: Reason::Approval, before: 2 }));
    assert!(page.contains("2 requests are before yours."), "{page}");
    assert_snapshot!(page);
}

#[test]
fn the_receipt_of_an_email_that_was_refused_says_why_in_plain_words() {
    for (answer, words) in [
        (Some("550 5.1.1 <x@y>: Recipient address rejected: User unknown in table"), "no such mailbox"),
        (Some("550 No such user here"), "no such mailbox"),
        (Some("552 5.2.2 Over quota"), "mailbox is full"),
        (Some("452 4.2.2 Over quota"), "mailbox is full"),
        (Some("550 5.1.2 Bad destination system"), "no email can be delivered there"),
        (Some("554 5.7.1 <script>spam</script>"), "did not accept"),
        (Some("550 5.7.1 user unknown to us"), "did not accept"),
        (Some("banned by banned_emails.txt:3"), "could not be sent"),
        (Some("5é0"), "could not be sent"),
        (None, "could not be sent"),
    ] {
        let failed = Receipt { is_correctable: true, ..receipt(Stage::Failed(answer.map(str::to_owned))) };
        let page = shown(&look(), &failed);
        assert!(page.contains(words) && page.contains("Wrong address?"), "{answer:?}: {page}");
        assert!(
            !page.contains("banned") && !page.contains("script>spam") && !page.contains("5.1.1"),
            "{page}"
        );
    }
}

#[test]
fn a_receipt_renews_itself_until_nothing_follows_and_not_while_somebody_types() {
    let renews = |page: &str| (page.contains("http-equiv=\"refresh\""), page.contains("data-renew"));
    for (stage, goes_on) in [
        (Stage::Held { waits: Reason::Approval, before: 0 }, true),
        (Stage::Queued, true),
        (Stage::Sent, true),
        (Stage::Opened, true),
        (Stage::Failed(None), true),
        (Stage::Created, false),
        (Stage::Ended(Some(Reason::Lapsed)), false),
    ] {
        let receipt = receipt(stage);
        assert_eq!(renews(&shown(&look(), &receipt)), (goes_on, goes_on), "{:?}", receipt.stage);
        let still = receipt_page(&look(), &secret(), &receipt, None, true, evening());
        assert_eq!(renews(&still), (false, false));
        assert_eq!(parsed(&receipt_json(&look(), &receipt))["done"], !goes_on);
    }
}

#[test]
fn what_was_typed_to_correct_it_comes_back_with_the_message_beside_it() {
    let receipt = Receipt { is_correctable: true, ..receipt(Stage::Sent) };
    let refusal = Refusal::EmailInUse { by: "bob".into() };
    let typed = "\"><script>@x.example";
    let page =
        receipt_page(&look(), &secret(), &receipt, Some((Field::Email, typed, &refusal)), true, evening());
    assert!(page.contains(&refused_message(&look(), &refusal)) && page.contains("aria-invalid"), "{page}");
    assert!(page.contains("<details open>") && !page.contains("<script>@"), "{page}");
    assert_eq!(page.matches("autofocus").count(), 1);
}

#[test]
fn the_page_of_an_error() {
    assert_snapshot!(error_page(&look(), 404));
}

#[test]
fn asking_again_is_named_so_that_nobody_comes_too_early() {
    for (cooldown, words) in [
        (Duration::ZERO, "at any time"),
        (Duration::from_secs(1), "after 18:49 UTC (in 1 minute)"),
        (Duration::from_secs(3600), "after 19:49 UTC (in 1 hour)"),
        (Duration::from_secs(6 * 3600), "after 00:49 UTC on 24 November (in 6 hours)"),
        (Duration::MAX, "later"),
    ] {
        let mut look = look();
        Arc::make_mut(&mut look.settings).email_cooldown = cooldown;
        let mut receipt = receipt(Stage::Sent);
        receipt.of.received_at = evening();
        let page = shown(&look, &receipt);
        let read: String =
            page.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
        assert!(read.contains(words), "{cooldown:?}\n{page}");
    }
}

#[test]
fn every_page_says_of_a_trial_that_it_is_one() {
    let mut look = look();
    Arc::make_mut(&mut look.settings).trial = true;
    let now = evening();
    for page in [
        front_page(&look, None, now),
        front_page(&look, Some(Closed::Paused), now),
        refused_page(&look, ALICE, &Refusal::CrossSite, None, now),
        shown(&look, &receipt(Stage::Sent)),
        error_page(&look, 500),
    ] {
        assert!(page.contains("This is a trial.") && page.contains("trial/outbox/"), "{page}");
    }
    for verdict in [Verdict::Accepted, Verdict::Held(Reason::Approval), Verdict::Refused(Refusal::CrossSite)]
    {
        assert!(verdict_json(&look, &verdict, "So.", None).contains("This is a trial"), "{verdict:?}");
    }
}

#[test]
fn whatever_was_typed_stays_text() {
    let attacks = [
        r#""><script>alert(1)</script>"#,
        "'><img src=x onerror=alert(1)>",
        "</p></form><form action=//evil.example>",
        "{{ 7 * 7 }}{% if x %}",
        "&quot;&#x3c;script&#x3e;",
        "a\u{202e}\u{2066}gpj.exe\u{200b}\u{0}\u{1b}[2J\r\nX: y",
    ];
    let plain = refused(ALICE, &rate_limited());
    for attack in attacks {
        let problems =
            [Field::Username, Field::Email].map(|field| (field, Flaw::Told(attack.to_owned()))).to_vec();
        for refusal in [rate_limited(), Refusal::Malformed { problems }] {
            let page = refused(
                Typed {
                    username: attack,
                    email: attack,
                    likely_meant: Some(attack),
                    answer: attack,
                    terms: false,
                },
                &refusal,
            );
            assert_eq!(page.matches("<script").count(), plain.matches("<script").count(), "{page}");
            assert_eq!(page.matches("<form").count(), 1, "{page}");
            assert!(!page.contains("<img src=x") && !page.contains("49{"), "{page}");
            let fields = page.split("<input").skip(1).map(|input| input.split('>').next().unwrap());
            for field in fields {
                assert!(
                    !field.contains(['\u{202e}', '\u{2066}', '\u{200b}', '\u{0}', '\u{1b}', '\r']),
                    "{field:?}"
                );
            }
        }
    }
}

#[test]
fn what_the_operator_wrote_stays_text_too() {
    let mut look = look();
    Arc::make_mut(&mut look.settings).from =
        Sender { name: Some("<b>Desk</b>".into()), address: "desk@your.server".into() };
    Arc::make_mut(&mut look.settings).letter.subject =
        Some(Template::parse("<i>Hi</i>\r\n {homeserver}", &["homeserver"]).unwrap());
    Arc::make_mut(&mut look.settings).client_url = r#"https://x.example/"><script>"#.into();
    let page = shown(&look, &receipt(Stage::Sent));
    assert!(!page.contains("<b>Desk") && !page.contains("<i>Hi") && !page.contains("<script>"), "{page}");
    assert!(page.contains("&#60;i&#62;Hi&#60;/i&#62; your.server"), "{page}");
}

#[test]
fn where_clients_lead_to_a_page_of_the_homeserver_the_pages_say_so() {
    let register = "https://account.your.server/register";
    let links = Some((register.to_owned(), Template::default()));
    for (links, words) in [(links, register), (None, "it leads you to the sign-up page")] {
        let mut look = look();
        let homeserver = Homeserver::new(look.settings.homeserver.clone(), None);
        look.homeserver = Some(Arc::new(homeserver.with_own_page(OwnPage { links })));
        let front = front_page(&look, None, evening());
        assert!(front.contains(words), "{front}");
        assert!(front.contains("Element X") && front.contains("sign-up page of"), "{front}");
        assert!(!front.contains("FluffyChat do not"), "{front}");
    }
}

#[test]
fn no_page_has_anything_inline_or_of_another_host() {
    for page in [
        front_page(&look(), None, evening()),
        refused(ALICE, &rate_limited()),
        shown(&look(), &receipt(Stage::Sent)),
        error_page(&look(), 404),
    ] {
        assert!(!page.contains("<style") && !page.contains(" style="), "{page}");
        assert!(!page.contains(" onclick") && !page.contains("javascript:"), "{page}");
        for tag in
            page.split('<').filter(|tag| ["script", "link", "img"].iter().any(|name| tag.starts_with(name)))
        {
            let target = tag.split(['"']).collect::<Vec<_>>();
            let of_the_desk =
                target.iter().any(|part| part.starts_with("/static/") || *part == "/favicon.ico");
            assert!(of_the_desk && !tag.contains("//"), "<{tag}");
        }
        assert_eq!(page.matches("<h1").count(), 1, "{page}");
    }
}

fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

#[test]
fn verdicts_for_scripts_have_only_the_keys_that_apply() {
    let accepted =
        verdict_json(&look(), &Verdict::Accepted, "Yes \"so\".", Some("https://desk.your.server/request/x"));
    assert_eq!(
        parsed(&accepted),
        json!({"status": "accepted", "message": "Yes \"so\".", "status_url": "https://desk.your.server/request/x"})
    );
    let held = verdict_json(&look(), &Verdict::Held(Reason::List), "Later.", None);
    assert_eq!(parsed(&held), json!({"status": "held", "reason": "list", "message": "Later."}));
    let limited = rate_limited();
    let message = refused_message(&look(), &limited);
    assert_eq!(
        parsed(&verdict_json(&look(), &Verdict::Refused(limited), &message, None)),
        json!({"status": "refused", "reason": "rate_limited", "message": message, "retry_after": 1234})
    );
    let in_use = Refusal::EmailInUse { by: "bob".into() };
    let message = refused_message(&look(), &in_use);
    assert_eq!(
        parsed(&verdict_json(&look(), &Verdict::Refused(in_use), &message, None)),
        json!({"status": "refused", "reason": "email_in_use", "message": message})
    );
}

#[test]
fn waiting_times_are_rounded_up() {
    for (wait, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (299_999, 300)] {
        assert_eq!(retry_after_seconds(Duration::from_millis(wait)), seconds, "{wait} ms");
    }
    assert_eq!(retry_after_seconds(Duration::MAX), u64::MAX);
}

#[test]
fn the_state_for_scripts_has_every_key_and_null_where_there_is_nothing() {
    assert_eq!(
        parsed(&status_json(&look(), None, evening())),
        json!({"open": true, "reason": null, "message": "Registration is open until 23:30 UTC.",
            "utc_time": "2026-11-23T18:48:12Z", "closes_at": "2026-11-23T23:30:00Z",
            "next_reset": "2026-11-24T00:00:00Z", "homeserver": "your.server"})
    );
    let status = parsed(&status_json(&look(), Some(Closed::Paused), evening()));
    assert_eq!(status["open"], false);
    assert_eq!(status["reason"], "closed");
    assert_eq!(status["message"], Closed::Paused.applicant_text(Language::English));
    assert_eq!(status["closes_at"], Value::Null);
    let mut never_closes = look();
    Arc::make_mut(&mut never_closes.settings).schedule = Schedule::new(0, 0).unwrap();
    let status = parsed(&status_json(&never_closes, None, evening()));
    assert_eq!((&status["closes_at"], &status["message"]), (&Value::Null, &json!("Registration is open.")));
    let mut each_has_one = look();
    Arc::make_mut(&mut each_has_one.settings).tokens.per_applicant = true;
    assert_eq!(parsed(&status_json(&each_has_one, None, evening()))["next_reset"], Value::Null);
    assert_eq!(parsed(&time_json(evening())), json!({"utc_time": "18:48:12"}));
}

#[test]
fn the_headers_forbid_what_is_inline_and_keep_the_origin_of_the_form() {
    let of = |name: &str| security_headers().iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
    let policy = of("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none';") && policy.contains("frame-ancestors 'none'"));
    assert!(
        !policy.contains("unsafe")
            && !policy.contains('*')
            && !policy.contains('\n')
            && !policy.contains("  ")
    );
    assert_eq!(of("x-content-type-options"), Some("nosniff"));
    assert_eq!(of("referrer-policy"), Some("same-origin"));
}

#[test]
fn the_operators_own_words_are_on_every_page_and_cannot_become_markup() {
    let mut look = look();
    std::sync::Arc::make_mut(&mut look.settings).about = Some(crate::config::About {
        who: Some("Ann & Bo <b>".into()),
        rules_url: Some("https://your.server/rules".into()),
        privacy_url: None,
        contact: Some(crate::config::Contact {
            text: "ann@your.server".into(),
            url: "mailto:ann@your.server".into(),
        }),
    });
    let page = front_page(&look, None, evening());
    assert!(page.contains("Ann &#38; Bo &#60;b&#62;") && !page.contains("Chat and call"), "{page}");
    for page in [page, shown(&look, &receipt(Stage::Sent)), error_page(&look, 404)] {
        for link in ["href=\"https://your.server/rules\"", "href=\"mailto:ann@your.server\""] {
            assert!(page.contains(link), "{link}: {page}");
        }
        assert!(!page.contains(">Privacy<"), "{page}");
    }
}
