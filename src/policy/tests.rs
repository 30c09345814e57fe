use super::*;
use crate::domain::{BanKind, ServerName};

use Action::{Approve, Hold as HoldIt, Refuse};

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
        letters_per_domain_per_day: 50,
        letters_per_hour: 100,
        accept_when_unreachable: false,
        hold_all: false,
        held_at_most: 200,
        held_per_network: 10,
        prove_first: false,
    }
}

fn hit(list: BanKind, action: Action) -> Hit {
    Hit { list, file: list.file_name().into(), line: 7, entry: "x".into(), action, note: None }
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// A reservation whose name is held and whose token died so many seconds ago.
fn reserved(id: i64, of: &str, same_address: bool, dead_for: Option<i64>) -> Reserved {
    Reserved {
        id,
        name: name(of),
        same_address,
        holds_name: true,
        was_accepted: true,
        token_dead_at: dead_for.map(ago),
    }
}

fn answers(list: &[(&str, Availability)]) -> HashMap<Localpart, Availability> {
    list.iter().map(|(of, answer)| (name(of), answer.clone())).collect()
}

fn no_answer() -> Availability {
    Availability::NoAnswer { retry_after: Duration::from_secs(60), detail: "hangs".into() }
}

/// Facts with which alice is accepted.
fn good() -> Facts {
    Facts { answers: answers(&[("alice", Availability::Free)]), ..asked(Seen::default()) }
}

/// That alice is asked for, and what the store knows.
fn asked(seen: Seen) -> Facts {
    Facts { name: Some(name("alice")), seen: Some(seen), ..Facts::default() }
}

/// Facts with which alice is accepted, but for what the store knows.
fn good_but(seen: Seen) -> Facts {
    Facts { seen: Some(seen), ..good() }
}

fn accept() -> Judgement {
    Judgement::Accept(Terms::default())
}

fn judged(facts: &Facts) -> Judgement {
    judged_by(facts, &rules())
}

fn judged_by(facts: &Facts, rules: &Rules) -> Judgement {
    judge(facts, rules, Moment::Asked, now())
}

fn code(judgement: &Judgement) -> &'static str {
    match judgement {
        Judgement::Refuse(refusal) => refusal.code(),
        Judgement::Look => "look",
        Judgement::Ask(_) => "ask",
        Judgement::Repeat { .. } => "repeat",
        Judgement::Accept(terms) => terms.hold.as_ref().map_or("accepted", |hold| hold.reason().word()),
    }
}

type Apply = fn(&mut Facts);

fn seen(facts: &mut Facts) -> &mut Seen {
    facts.seen.get_or_insert_default()
}

/// What alone makes each reason apply, in the order of the rules.
fn reasons() -> Vec<(&'static str, Apply)> {
    vec![
        ("refused_by_operator", |facts| facts.ended = Some(Refusal::RefusedByOperator(None))),
        ("closed", |facts| facts.closed = Some(Closed::Paused)),
        ("ip_banned", |facts| facts.hits.ip = Some(hit(BanKind::Ip, Refuse))),
        ("rate_limited", |facts| facts.rate_limit = Some((Duration::from_secs(9), "20 an hour".into()))),
        ("rate_limited", |facts| seen(facts).owed.all = 2400),
        ("email_banned", |facts| facts.hits.email = Some(hit(BanKind::Email, Refuse))),
        ("email_in_use", |facts| seen(facts).address_holds = vec![reserved(1, "other", true, None)]),
        ("email_cooldown", |facts| seen(facts).last_counting_at = Some(ago(3599))),
        ("username_unavailable", |facts| facts.hits.username = Some(hit(BanKind::Username, Refuse))),
        ("username_unavailable", |facts| seen(facts).name_held_by = Some(reserved(9, "alice", false, None))),
        ("homeserver_unreachable", |facts| facts.answers = answers(&[("alice", no_answer())])),
        ("list", |facts| facts.hits.username = Some(hit(BanKind::Username, HoldIt))),
        ("unverified_sender", |facts| facts.hold = Some(Hold::UnverifiedSender("forged?".into()))),
        ("domain_budget", |facts| seen(facts).mailed.to_domain = Some(("example.org".into(), 50))),
        ("surge", |facts| facts.surging = true),
        ("quota", |facts| seen(facts).quota = Some(Quota { left: 0, first: None })),
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
        let mut facts = asked(Seen::default());
        apply(&mut facts);
        if !["homeserver_unreachable", "list", "unverified_sender", "domain_budget", "surge", "quota"]
            .contains(&reason)
        {
            assert_eq!(code(&judged(&facts)), reason);
        }
    }
    assert_eq!(judged(&asked(Seen::default())), Judgement::Ask(name("alice")));
}

#[test]
fn who_cannot_be_asked_is_no_reason_to_refuse() {
    let facts = Facts { answers: answers(&[("alice", Availability::CannotBeAsked)]), ..good() };
    assert_eq!(judged(&facts), accept());
}

#[test]
fn a_homeserver_that_does_not_answer_refuses_unless_the_operator_wants_otherwise() {
    let facts = Facts { answers: answers(&[("alice", no_answer())]), ..good() };
    let Judgement::Refuse(refusal) = judged(&facts) else { panic!() };
    assert_eq!((refusal.http_status(), refusal.retry_after()), (503, Some(Duration::from_secs(60))));
    let rules = Rules { accept_when_unreachable: true, ..rules() };
    assert_eq!(judged_by(&facts, &rules), accept());
}

#[test]
fn a_name_in_use_on_the_homeserver_is_refused_in_its_words() {
    let facts =
        Facts { answers: answers(&[("alice", Availability::Unavailable("M_USER_IN_USE".into()))]), ..good() };
    let in_use = Unavailable::InUse("M_USER_IN_USE".into());
    assert_eq!(judged(&facts), Judgement::Refuse(Refusal::UsernameUnavailable(in_use)));
}

#[test]
fn a_manual_desk_holds_what_passes_all_rules() {
    let rules = Rules { hold_all: true, ..rules() };
    assert_eq!(code(&judged_by(&good(), &rules)), "approval");
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
        let facts = good_but(Seen {
            same_before: Some((5, ago(age), Some(Reason::List))),
            last_counting_at: Some(ago(age)),
            address_holds: vec![reserved(1, "alice", true, None)],
            name_held_by: Some(reserved(1, "alice", true, None)),
            ..Seen::default()
        });
        let rules = Rules { email_cooldown: Duration::from_secs(cooldown), ..rules() };
        let judgement = judged_by(&facts, &rules);
        assert_eq!(code(&judgement), expected, "cooldown {cooldown}, age {age}");
        if expected == "repeat" {
            assert_eq!(judgement, Judgement::Repeat { of: 5, held: Some(Reason::List) });
        }
    }
}

#[test]
fn the_letter_again_after_the_cooldown_needs_a_free_name_and_makes_no_new_reservation() {
    let facts = good_but(Seen {
        last_counting_at: Some(ago(HOUR)),
        address_holds: vec![reserved(1, "alice", true, None)],
        name_held_by: Some(reserved(1, "alice", true, None)),
        ..Seen::default()
    });
    assert_eq!(judged(&facts), Judgement::Accept(Terms { again: Some(1), ..Terms::default() }));
    let taken = answers(&[("alice", Availability::Unavailable("in use".into()))]);
    assert_eq!(code(&judged(&Facts { answers: taken, ..facts })), "username_unavailable");
}

#[test]
fn more_letters_than_a_mailbox_may_have_in_a_day_is_a_cooldown() {
    let to_mailbox = vec![ago(20 * HOUR), ago(10 * HOUR), ago(2 * HOUR)];
    let mailed = Mailed { to_mailbox, ..Mailed::default() };
    let mut facts = good_but(Seen { mailed, ..Seen::default() });
    let Judgement::Refuse(refusal) = judged(&facts) else { panic!() };
    assert_eq!(
        (refusal.code(), refusal.retry_after()),
        ("email_cooldown", Some(Duration::from_secs(4 * 3600)))
    );
    let no_limit = Rules { letters_per_address_per_day: 0, ..rules() };
    assert_eq!(judged_by(&facts, &no_limit), accept());
    seen(&mut facts).mailed.to_mailbox.remove(0);
    assert_eq!(judged(&facts), accept());
}

#[test]
fn who_never_made_an_account_gets_twice_a_days_worth_in_thirty_days() {
    let to_mailbox: Vec<_> = (1..=6).rev().map(|week| ago(week * 4 * DAY)).collect();
    let mut facts = good_but(Seen { mailed: Mailed { to_mailbox, ..Mailed::default() }, ..Seen::default() });
    let Judgement::Refuse(refusal) = judged(&facts) else { panic!() };
    assert_eq!(
        (refusal.code(), refusal.retry_after()),
        ("email_cooldown", Some(Duration::from_secs(6 * 24 * 3600)))
    );
    assert_eq!(judged_by(&facts, &Rules { letters_per_address_per_day: 0, ..rules() }), accept());
    seen(&mut facts).mailed.has_account = true;
    assert_eq!(judged(&facts), accept());
}

#[test]
fn over_the_budget_of_a_domain_a_person_decides() {
    let to_domain = |count| Some(("example.org".to_owned(), count));
    let facts = |count| {
        good_but(Seen {
            mailed: Mailed { to_domain: to_domain(count), ..Mailed::default() },
            ..Seen::default()
        })
    };
    assert_eq!(judged(&facts(49)), accept());
    assert_eq!(code(&judged(&facts(50))), "domain_budget");
    assert_eq!(judged_by(&facts(50), &Rules { letters_per_domain_per_day: 0, ..rules() }), accept());
}

#[test]
fn several_accounts_for_an_address_where_the_operator_allows_them() {
    let facts = good_but(Seen { address_holds: vec![reserved(1, "other", true, None)], ..Seen::default() });
    let rules = Rules { multiple_users_per_email: true, ..rules() };
    assert_eq!(judged_by(&facts, &rules), accept());
}

#[test]
fn a_name_lapses_when_its_token_is_dead_and_the_homeserver_calls_it_free() {
    let held = |dead_for, answered: &[(&str, Availability)]| Facts {
        answers: answers(answered),
        ..asked(Seen { name_held_by: Some(reserved(9, "alice", false, dead_for)), ..Seen::default() })
    };
    let free = [("alice", Availability::Free)];
    assert_eq!(code(&judged(&held(None, &free))), "username_unavailable");
    assert_eq!(judged(&held(Some(1), &[])), Judgement::Ask(name("alice")));
    assert_eq!(
        judged(&held(Some(1), &free)),
        Judgement::Accept(Terms { lapse_names: vec![9], ..Terms::default() })
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
        answers: answers(answered),
        ..asked(Seen {
            address_holds: vec![reserved(4, "other", true, Some(dead_for))],
            address_lapsed_at: lapsed.map(ago),
            ..Seen::default()
        })
    };
    let both_free = [("other", Availability::Free), ("alice", Availability::Free)];
    assert_eq!(code(&judged(&other(48 * HOUR - 1, None, &both_free))), "email_in_use");
    assert_eq!(judged(&other(48 * HOUR, None, &[])), Judgement::Ask(name("other")));
    assert_eq!(
        judged(&other(48 * HOUR, None, &both_free)),
        Judgement::Accept(Terms { lapse_addresses: vec![4], ..Terms::default() })
    );
    assert_eq!(code(&judged(&other(48 * HOUR, Some(90 * DAY - 1), &both_free))), "email_in_use");
    assert_eq!(code(&judged(&other(48 * HOUR, Some(90 * DAY), &both_free))), "accepted");
    let made = [("other", Availability::Unavailable("in use".into()))];
    assert_eq!(code(&judged(&other(48 * HOUR, None, &made))), "email_in_use");
}

#[test]
fn a_name_that_lapsed_already_is_not_asked_about_again() {
    let mut lapsed = reserved(4, "other", true, Some(48 * HOUR));
    lapsed.holds_name = false;
    let facts = good_but(Seen { address_holds: vec![lapsed], ..Seen::default() });
    assert_eq!(judged(&facts), Judgement::Accept(Terms { lapse_addresses: vec![4], ..Terms::default() }));
}

#[test]
fn an_address_takes_up_its_own_lapsed_name_again() {
    let mut lapsed = reserved(4, "alice", true, Some(1));
    lapsed.holds_name = false;
    let facts = good_but(Seen { address_holds: vec![lapsed], ..Seen::default() });
    assert_eq!(judged(&facts), Judgement::Accept(Terms { again: Some(4), ..Terms::default() }));
}

#[test]
fn what_a_clock_noted_that_stood_far_ahead_bars_nobody() {
    let ahead = now() + TimeDelta::days(900);
    let facts = good_but(Seen {
        last_counting_at: Some(ahead),
        same_before: Some((1, ahead, None)),
        mailed: Mailed { to_mailbox: vec![ahead; 5], ..Mailed::default() },
        ..Seen::default()
    });
    assert_eq!(judged(&facts), accept());
    // A minute ahead is what two machines' clocks differ by.
    let facts = good_but(Seen { last_counting_at: Some(now() + TimeDelta::minutes(1)), ..Seen::default() });
    assert_eq!(code(&judged(&facts)), "email_cooldown");
}

#[test]
fn refuse_beats_hold_beats_approve_across_the_lists() {
    let manual = Rules { hold_all: true, ..rules() };
    let hits = |ip: Option<Action>, email: Option<Action>, username: Option<Action>| Hits {
        ip: ip.map(|action| hit(BanKind::Ip, action)),
        email: email.map(|action| hit(BanKind::Email, action)),
        username: username.map(|action| hit(BanKind::Username, action)),
    };
    for (hits, automatic, by_hand) in [
        (hits(None, None, None), "accepted", "approval"),
        (hits(Some(Approve), None, None), "accepted", "accepted"),
        (hits(Some(HoldIt), None, None), "list", "list"),
        (hits(Some(Approve), Some(HoldIt), None), "list", "list"),
        (hits(Some(Approve), None, Some(Refuse)), "username_unavailable", "username_unavailable"),
        (hits(Some(HoldIt), Some(Refuse), Some(Approve)), "email_banned", "email_banned"),
    ] {
        let facts = Facts { hits, ..good() };
        let judged = (code(&judged(&facts)), code(&judged_by(&facts, &manual)));
        assert_eq!(judged, (automatic, by_hand), "{:?}", facts.hits);
        // What approves does not vouch for the sender of a mail.
        let unverified = Facts { hold: Some(Hold::UnverifiedSender("who?".into())), ..facts.clone() };
        assert_ne!(code(&judged_by(&unverified, &manual)), "accepted");
        // The operator has looked at what was held; a ban holds against that, too.
        let approved = judge(&facts, &manual, Moment::Approved, now());
        let refused = facts.hits.first(Refuse).is_some();
        assert_eq!(matches!(approved, Judgement::Refuse(_)), refused, "{:?}", facts.hits);
    }
}

#[test]
fn only_so_many_are_held_and_whoever_is_not_held_takes_no_place() {
    let ip = |text: &str| Some(text.parse().unwrap());
    let manual = Rules { hold_all: true, ..rules() };
    let places = |count: usize, of_net: usize| -> Vec<HeldPlace> {
        let place = |n: usize| HeldPlace {
            id: i64::try_from(n).unwrap(),
            reservation: i64::try_from(n).unwrap(),
            mailbox: format!("{n}@of{n}.example"),
            ip: if n < of_net { ip("192.0.2.9") } else { None },
            source: n.to_string(),
        };
        (0..count).map(place).collect()
    };
    let crowd = |held: Vec<HeldPlace>, nameless: u64, address: &str, rules: &Rules| {
        let seen = Seen { held, held_without_name: (nameless, None), ..Seen::default() };
        let email = Some(EmailAddress::parse(address).unwrap());
        let facts = Facts { ip: ip("::ffff:192.0.2.1"), email, ..good_but(seen) };
        assert_eq!(judged(&facts), accept(), "whoever is not held");
        match judged_by(&facts, rules) {
            Judgement::Refuse(Refusal::Crowded(crowd)) => Some(crowd),
            other => {
                assert_eq!(code(&other), "approval");
                None
            }
        }
    };
    let new = "new@example.org";
    assert_eq!(crowd(places(199, 9), 0, new, &manual), None);
    assert_eq!(crowd(places(150, 0), 50, new, &manual), Some(Crowd::Everybody(200)));
    assert_eq!(crowd(places(12, 10), 0, new, &manual), Some(Crowd::Net("192.0.2.0/24".into(), 10)));
    // One source, or one domain, takes no more than it leaves free to others.
    let of_one = |count, source: Option<&str>, domain: &str| {
        let mut places = places(count, 0);
        for (n, place) in places.iter_mut().enumerate() {
            place.mailbox = format!("{n}@{domain}");
            if let Some(source) = source {
                place.source = source.into();
            }
        }
        places
    };
    assert_eq!(crowd(of_one(99, Some(""), "gmail.com"), 0, new, &manual), None);
    assert_eq!(
        crowd(of_one(100, Some(""), "gmail.com"), 0, new, &manual),
        Some(Crowd::Share(String::new(), 100))
    );
    assert_eq!(crowd(of_one(99, None, "sub.example.org"), 0, new, &manual), None);
    let share = Some(Crowd::Share("example.org".into(), 100));
    assert_eq!(crowd(of_one(100, None, "sub.example.org"), 0, new, &manual), share);
    assert_eq!(crowd(of_one(100, None, "sub.example.org"), 0, "new@example.net", &manual), None);
    assert_eq!(crowd(places(12, 12), 0, new, &Rules { held_per_network: 0, ..manual }), None);
    assert_eq!(crowd(places(3, 0), 0, "2+tag@of2.example", &manual), Some(Crowd::Mailbox(2)));

    let again =
        Seen { held: places(3, 0), name_held_by: Some(reserved(2, "alice", true, None)), ..Seen::default() };
    let email = Some(EmailAddress::parse("2@of2.example").unwrap());
    assert_eq!(
        code(&judged_by(&Facts { email, ..good_but(again) }, &manual)),
        "approval",
        "it has its place"
    );
}

#[test]
fn those_without_a_name_wait_once_an_address_and_bounded() {
    let hold = Hold::NameUnclear("no clear name".into());
    let without_name = |waiting, of_address| Facts {
        hold: Some(hold.clone()),
        seen: Some(Seen { held_without_name: (waiting, of_address), ..Seen::default() }),
        ..Facts::default()
    };
    assert_eq!(code(&judged(&without_name(199, None))), "name_unclear");
    assert_eq!(code(&judged(&without_name(200, None))), "malformed");
    let Judgement::Refuse(Refusal::Malformed { problems }) = judged(&without_name(3, Some(7))) else {
        panic!()
    };
    assert!(problems[0].1.contains("see request 7"), "{problems:?}");
    let banned = Hits { email: Some(hit(BanKind::Email, Refuse)), ..Hits::default() };
    assert_eq!(code(&judged(&Facts { hits: banned, ..without_name(0, None) })), "email_banned");
    let closed = Facts { closed: Some(Closed::Paused), ..without_name(0, None) };
    assert_eq!(code(&judged(&closed)), "closed");
}

#[test]
fn before_anybody_has_looked_only_what_comes_first_is_said() {
    for (reason, apply) in reasons() {
        let mut facts = Facts { name: Some(name("alice")), ..Facts::default() };
        apply(&mut facts);
        let is_first = ["refused_by_operator", "closed", "ip_banned", "rate_limited", "email_banned"];
        let expected = if is_first.contains(&reason) { reason } else { "look" };
        if facts.seen.is_none() {
            assert_eq!(code(&judged(&facts)), expected);
        }
    }
}

#[test]
fn what_goes_out_is_judged_by_bans_and_by_the_operators_word_alone() {
    for (reason, apply) in reasons() {
        let mut facts = good();
        apply(&mut facts);
        let sent = judge(&facts, &rules(), Moment::Sent, now());
        let ends = facts.ended.is_some() || facts.hits.first(Refuse).is_some();
        assert_eq!(code(&sent), if ends { reason } else { "accepted" });
    }
}

#[test]
fn an_address_is_proved_before_anybody_is_called() {
    let rules = Rules { prove_first: true, hold_all: true, ..rules() };
    let asks = Facts { to_prove: true, ..good() };
    assert_eq!(
        code(&judged_by(&asks, &Rules { hold_all: false, ..rules })),
        "accepted",
        "no case for the operator"
    );
    let Judgement::Accept(Terms { hold, .. }) = judged_by(&asks, &rules) else { panic!() };
    assert_eq!(hold, Some(Hold::Unproven(Reason::Approval)));
    assert_eq!(code(&judged_by(&good(), &rules)), "approval", "a verified sender");
    assert_eq!(code(&judge(&asks, &rules, Moment::Proved, now())), "approval");
    // It takes no place before, and needs one then.
    let full =
        Facts { seen: Some(Seen { held_without_name: (200, None), ..Seen::default() }), ..asks.clone() };
    assert_eq!(code(&judged_by(&full, &rules)), "unproven");
    assert_eq!(code(&judge(&full, &rules, Moment::Proved, now())), "rate_limited");
    // What is a case no more is accepted.
    assert_eq!(judge(&asks, &Rules { hold_all: false, ..rules }, Moment::Proved, now()), accept());
}

#[test]
fn the_days_accounts_are_given_away_in_order() {
    let waiting =
        |left, first| Facts { ..good_but(Seen { quota: Some(Quota { left, first }), ..Seen::default() }) };
    assert_eq!(judged(&waiting(1, None)), accept());
    assert_eq!(code(&judged(&waiting(0, None))), "quota");
    assert_eq!(code(&judged(&waiting(1, Some(7)))), "quota", "somebody waits longer");
    let mut own = waiting(0, None);
    seen(&mut own).name_held_by = Some(reserved(3, "alice", true, None));
    assert_eq!(code(&judged(&own)), "accepted", "a lost letter costs no other account");
    assert_eq!(judge(&waiting(0, Some(7)), &rules(), Moment::Released, now()), accept());
    let manual = Rules { hold_all: true, ..rules() };
    assert_eq!(code(&judge(&waiting(0, None), &manual, Moment::Released, now())), "approval");
    let approved = Hits { email: Some(hit(BanKind::Email, Approve)), ..Hits::default() };
    assert_eq!(judged(&Facts { hits: approved, surging: true, ..waiting(0, None) }), accept());
}

#[test]
fn a_name_that_mail_programs_make_a_link_of_stands_in_nobodys_email() {
    for (wanted, verdict) in [("www.prizes.example/claim", "username_unavailable"), ("anna.love", "accepted")]
    {
        let answers = answers(&[(wanted, Availability::Free)]);
        let facts = Facts { name: Some(name(wanted)), answers, ..good() };
        assert_eq!(code(&judged(&facts)), verdict, "{wanted}");
    }
}

#[test]
fn the_same_again_at_a_discreet_desk_takes_as_long_as_what_is_new() {
    let mut facts = good();
    seen(&mut facts).same_before = Some((7, ago(60), None));
    facts.answers.clear();
    assert!(matches!(judged(&facts), Judgement::Repeat { of: 7, held: None }));
    facts.discreet = true;
    assert_eq!(code(&judged(&facts)), "ask");
    facts.answers = answers(&[("alice", Availability::Free)]);
    assert!(matches!(judged(&facts), Judgement::Repeat { of: 7, held: None }));
}

#[test]
fn a_discreet_desk_tells_nobody_but_its_owner_that_an_address_is_known() {
    let known: [fn(&mut Facts); 2] = [
        |facts| seen(facts).address_holds = vec![reserved(1, "other", true, None)],
        |facts| seen(facts).last_counting_at = Some(ago(60)),
    ];
    for (apply, code_of) in known.into_iter().zip(["email_in_use", "email_cooldown"]) {
        let mut facts = good();
        apply(&mut facts);
        assert_eq!(code(&judged(&facts)), code_of);
        facts.discreet = true;
        let Judgement::Accept(terms) = judged(&facts) else { panic!() };
        assert_eq!(terms.hidden.as_deref().map(Refusal::code), Some(code_of));
        // What has nothing to do with the address is told, as it is to everybody.
        facts.answers = answers(&[("alice", Availability::Unavailable("M_USER_IN_USE".into()))]);
        assert_eq!(code(&judged(&facts)), "username_unavailable");
        facts.answers.clear();
        assert_eq!(code(&judged(&facts)), "ask", "the homeserver is asked as for anybody");
    }
}
