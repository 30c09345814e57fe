use super::*;
use crate::domain::{BanKind, ServerName};

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn now() -> DateTime<Utc> {
    at("2026-06-15T12:00:00Z")
}

fn ago(seconds: i64) -> DateTime<Utc> {
    now() - TimeDelta::seconds(seconds)
}

fn name(text: &str) -> Localpart {
    Localpart::parse(text, &ServerName::parse("your.server").unwrap()).unwrap()
}

fn rules() -> Rules {
    Rules {
        email_cooldown: Duration::from_secs(3600),
        multiple_users_per_email: false,
        letters_per_address_per_day: 3,
        accept_when_unreachable: false,
        hold_all: false,
    }
}

fn hit(kind: BanKind) -> BanHit {
    BanHit { kind, line: 7, entry: "x".into() }
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// A hold whose name is held and whose token died so many seconds ago.
fn hold(id: i64, of: &str, same_address: bool, dead_for: Option<i64>) -> Hold {
    Hold { id, name: name(of), same_address, holds_name: true, token_dead_at: dead_for.map(ago) }
}

fn answers(list: &[(&str, Availability)]) -> HashMap<Localpart, Availability> {
    list.iter().map(|(of, answer)| (name(of), answer.clone())).collect()
}

fn no_answer() -> Availability {
    Availability::NoAnswer { retry_after: Duration::from_secs(60), detail: "hangs".into() }
}

/// Facts with which alice is accepted.
fn good() -> Facts {
    Facts { answers: answers(&[("alice", Availability::Free)]), ..Facts::default() }
}

fn accept() -> Judgement {
    Judgement::Accept { held: false, again: None, lapse_names: vec![], lapse_addresses: vec![] }
}

fn judged(facts: &Facts) -> Judgement {
    judge(&name("alice"), facts, &rules(), now())
}

fn code(judgement: &Judgement) -> &'static str {
    match judgement {
        Judgement::Refuse(refusal) => refusal.code(),
        Judgement::Ask(_) => "ask",
        Judgement::Repeat { .. } => "repeat",
        Judgement::Accept { held: true, .. } => "held",
        Judgement::Accept { .. } => "accepted",
    }
}

type Apply = fn(&mut Facts);

/// What alone makes each reason apply, in the order of the rules.
fn reasons() -> Vec<(&'static str, Apply)> {
    vec![
        ("closed", |facts| facts.closed = Some(Closed::Paused)),
        ("ip_banned", |facts| facts.ip_ban = Some(hit(BanKind::Ip))),
        ("rate_limited", |facts| facts.rate_limit = Some((Duration::from_secs(9), "20 an hour".into()))),
        ("email_banned", |facts| facts.email_ban = Some(hit(BanKind::Email))),
        ("email_in_use", |facts| facts.address_holds = vec![hold(1, "other", true, None)]),
        ("email_cooldown", |facts| facts.last_counting_at = Some(ago(3599))),
        ("username_unavailable", |facts| facts.username_ban = Some(hit(BanKind::Username))),
        ("homeserver_unreachable", |facts| facts.answers = answers(&[("alice", no_answer())])),
    ]
}

#[test]
fn each_reason_applies_alone_and_before_all_that_come_after_it() {
    let reasons = reasons();
    for first in 0..reasons.len() {
        let mut facts = good();
        (reasons[first].1)(&mut facts);
        assert_eq!(code(&judged(&facts)), reasons[first].0);
        for (_, apply) in &reasons[first + 1..] {
            apply(&mut facts);
        }
        assert_eq!(code(&judged(&facts)), reasons[first].0, "with all that come after it");
    }
}

#[test]
fn nothing_against_it_is_accepted() {
    assert_eq!(judged(&good()), accept());
}

#[test]
fn what_is_refused_without_the_homeserver_does_not_ask_it() {
    for (reason, apply) in reasons() {
        let mut facts = Facts::default();
        apply(&mut facts);
        if reason != "homeserver_unreachable" {
            assert_eq!(code(&judged(&facts)), reason);
        }
    }
    assert_eq!(judged(&Facts::default()), Judgement::Ask(name("alice")));
}

#[test]
fn who_cannot_be_asked_is_no_reason_to_refuse() {
    let facts = Facts { answers: answers(&[("alice", Availability::CannotBeAsked)]), ..Facts::default() };
    assert_eq!(judged(&facts), accept());
}

#[test]
fn a_homeserver_that_does_not_answer_refuses_unless_the_operator_wants_otherwise() {
    let facts = Facts { answers: answers(&[("alice", no_answer())]), ..Facts::default() };
    let Judgement::Refuse(refusal) = judged(&facts) else { panic!() };
    assert_eq!((refusal.http_status(), refusal.retry_after()), (503, Some(Duration::from_secs(60))));
    let rules = Rules { accept_when_unreachable: true, ..rules() };
    assert_eq!(judge(&name("alice"), &facts, &rules, now()), accept());
}

#[test]
fn a_name_in_use_on_the_homeserver_is_refused_and_only_the_operator_is_told_why() {
    let facts = Facts {
        answers: answers(&[("alice", Availability::Unavailable("M_USER_IN_USE".into()))]),
        ..Facts::default()
    };
    let Judgement::Refuse(refusal) = judged(&facts) else { panic!() };
    assert_eq!(refusal.code(), "username_unavailable");
    assert!(refusal.operator_text().contains("M_USER_IN_USE"));
    let banned = Refusal::UsernameUnavailable(Unavailable::Banned(hit(BanKind::Username)));
    let requested = Refusal::UsernameUnavailable(Unavailable::Requested);
    assert_eq!(refusal.applicant_text(), banned.applicant_text());
    assert_eq!(refusal.applicant_text(), requested.applicant_text());
}

#[test]
fn a_manual_desk_holds_what_passes_all_rules() {
    let rules = Rules { hold_all: true, ..rules() };
    assert_eq!(code(&judge(&name("alice"), &good(), &rules, now())), "held");
}

#[test]
fn the_same_pair_is_answered_like_the_first_time_for_ten_minutes_or_the_cooldown() {
    for (cooldown, age, expected) in [
        (3600, 0, "repeat"),
        (3600, 599, "repeat"),
        (3600, 600, "email_cooldown"),
        (60, 59, "repeat"),
        (60, 60, "accepted"),
        (0, 0, "accepted"),
    ] {
        let facts = Facts {
            same_before: Some((5, ago(age), false)),
            last_counting_at: Some(ago(age)),
            address_holds: vec![hold(1, "alice", true, None)],
            name_held_by: Some(hold(1, "alice", true, None)),
            ..good()
        };
        let rules = Rules { email_cooldown: Duration::from_secs(cooldown), ..rules() };
        let judgement = judge(&name("alice"), &facts, &rules, now());
        assert_eq!(code(&judgement), expected, "cooldown {cooldown}, age {age}");
        if expected == "repeat" {
            assert_eq!(judgement, Judgement::Repeat { of: 5, held: false });
        }
    }
}

#[test]
fn the_letter_again_after_the_cooldown_needs_a_free_name_and_makes_no_new_reservation() {
    let facts = Facts {
        last_counting_at: Some(ago(HOUR)),
        address_holds: vec![hold(1, "alice", true, None)],
        name_held_by: Some(hold(1, "alice", true, None)),
        ..good()
    };
    assert_eq!(
        judged(&facts),
        Judgement::Accept { held: false, again: Some(1), lapse_names: vec![], lapse_addresses: vec![] }
    );
    let taken = answers(&[("alice", Availability::Unavailable("in use".into()))]);
    assert_eq!(code(&judged(&Facts { answers: taken, ..facts })), "username_unavailable");
}

#[test]
fn more_letters_than_a_mailbox_may_have_in_a_day_is_a_cooldown() {
    let mut facts = Facts { letters_lately: vec![ago(20 * HOUR), ago(10 * HOUR), ago(2 * HOUR)], ..good() };
    let Judgement::Refuse(refusal) = judged(&facts) else { panic!() };
    assert_eq!(
        (refusal.code(), refusal.retry_after()),
        ("email_cooldown", Some(Duration::from_secs(4 * 3600)))
    );
    let no_limit = Rules { letters_per_address_per_day: 0, ..rules() };
    assert_eq!(judge(&name("alice"), &facts, &no_limit, now()), accept());
    facts.letters_lately.remove(0);
    assert_eq!(judged(&facts), accept());
}

#[test]
fn several_accounts_for_an_address_where_the_operator_allows_them() {
    let facts = Facts { address_holds: vec![hold(1, "other", true, None)], ..good() };
    let rules = Rules { multiple_users_per_email: true, ..rules() };
    assert_eq!(judge(&name("alice"), &facts, &rules, now()), accept());
}

#[test]
fn a_name_lapses_when_its_token_is_dead_and_the_homeserver_calls_it_free() {
    let held = |dead_for, answered: &[(&str, Availability)]| Facts {
        name_held_by: Some(hold(9, "alice", false, dead_for)),
        answers: answers(answered),
        ..Facts::default()
    };
    let free = [("alice", Availability::Free)];
    assert_eq!(code(&judged(&held(None, &free))), "username_unavailable");
    assert_eq!(judged(&held(Some(1), &[])), Judgement::Ask(name("alice")));
    assert_eq!(
        judged(&held(Some(1), &free)),
        Judgement::Accept { held: false, again: None, lapse_names: vec![9], lapse_addresses: vec![] }
    );
    for answer in [Availability::CannotBeAsked, no_answer(), Availability::Unavailable("in use".into())] {
        assert_eq!(code(&judged(&held(Some(1), &[("alice", answer)]))), "username_unavailable");
    }
    let lying = Facts { availability_lies: true, ..held(Some(1), &free) };
    assert_eq!(code(&judged(&lying)), "username_unavailable");
}

#[test]
fn an_address_lapses_48_hours_after_its_tokens_death_and_once_in_90_days() {
    let other = |dead_for: i64, lapsed: Option<i64>, answered: &[(&str, Availability)]| Facts {
        address_holds: vec![hold(4, "other", true, Some(dead_for))],
        address_lapsed_at: lapsed.map(ago),
        answers: answers(answered),
        ..Facts::default()
    };
    let both_free = [("other", Availability::Free), ("alice", Availability::Free)];
    assert_eq!(code(&judged(&other(48 * HOUR - 1, None, &both_free))), "email_in_use");
    assert_eq!(judged(&other(48 * HOUR, None, &[])), Judgement::Ask(name("other")));
    assert_eq!(
        judged(&other(48 * HOUR, None, &both_free)),
        Judgement::Accept { held: false, again: None, lapse_names: vec![], lapse_addresses: vec![4] }
    );
    assert_eq!(code(&judged(&other(48 * HOUR, Some(90 * DAY - 1), &both_free))), "email_in_use");
    assert_eq!(code(&judged(&other(48 * HOUR, Some(90 * DAY), &both_free))), "accepted");
    let made = [("other", Availability::Unavailable("in use".into()))];
    assert_eq!(code(&judged(&other(48 * HOUR, None, &made))), "email_in_use");
}

#[test]
fn a_name_that_lapsed_already_is_not_asked_about_again() {
    let mut lapsed = hold(4, "other", true, Some(48 * HOUR));
    lapsed.holds_name = false;
    let facts = Facts { address_holds: vec![lapsed], ..good() };
    assert_eq!(
        judged(&facts),
        Judgement::Accept { held: false, again: None, lapse_names: vec![], lapse_addresses: vec![4] }
    );
}

#[test]
fn an_address_takes_up_its_own_lapsed_name_again() {
    let mut lapsed = hold(4, "alice", true, Some(1));
    lapsed.holds_name = false;
    let facts = Facts { address_holds: vec![lapsed], ..good() };
    assert_eq!(
        judged(&facts),
        Judgement::Accept { held: false, again: Some(4), lapse_names: vec![], lapse_addresses: vec![] }
    );
}

#[test]
fn what_a_clock_noted_that_stood_far_ahead_bars_nobody() {
    let ahead = now() + TimeDelta::days(900);
    let facts = Facts {
        last_counting_at: Some(ahead),
        same_before: Some((1, ahead, false)),
        letters_lately: vec![ahead; 5],
        ..good()
    };
    assert_eq!(judged(&facts), accept());
    // A minute ahead is what two machines' clocks differ by.
    let facts = Facts { last_counting_at: Some(now() + TimeDelta::minutes(1)), ..good() };
    assert_eq!(code(&judged(&facts)), "email_cooldown");
}
