use chrono::NaiveDate;

use super::*;

fn now() -> DateTime<Utc> {
    // A Wednesday.
    "2026-11-18T12:00:00Z".parse().unwrap()
}

fn takes(filter: &str, row: &Row<'_>) -> bool {
    Filter::parse(filter, now()).unwrap_or_else(|why| panic!("{why}")).takes(row)
}

#[test]
fn what_is_written_means_these_rows() {
    let texts =
        ["alice", "Alice@Sub.Example.net", "198.51.100.7", "rate_limited", "refused", "M\u{fc}ller says so"];
    let row = Row {
        texts: &texts,
        at: Some(now() - TimeDelta::hours(30)),
        verdict: "refused",
        reason: "rate_limited",
        name: "alice",
        email: "Alice@Sub.Example.net",
        ip: Some("64:ff9b::c633:6407".parse().unwrap()),
        by: "web",
        letter: "failed",
        list: "banned by banned_emails.txt line 2: *@trash.example",
        arrived: false,
    };
    for filter in [
        "",
        "  ",
        "ALICE@",
        "rate_limited",
        "198.51.100",
        "refused",
        "m\u{dc}ller",
        "\"says so\"",
        "reason:rate_limited",
        "ip:198.51.100.0/24",
        "ip:198.51.100.7 domain:example.net name:lic",
        "domain:@sub.example.net",
        "by:web letter:failed list:trash",
        "since:2d before:today !held !arrived",
        "on:tue",
        "on:yesterday",
        "on:2026-11-17",
        "on:Tuesday",
        "since:2026-11-17T05:00 before:2026-11-17T07:00:00Z",
        "!bob !domain:ample.net !ip:198.51.100.8",
    ] {
        assert!(takes(filter, &row), "{filter}");
    }
    for filter in [
        "bob",
        "held",
        "arrived",
        "!refused",
        "reason:closed",
        "ip:198.51.101.0/24",
        "domain:ample.net",
        "on:wed",
        "since:1d",
    ] {
        assert!(!takes(filter, &row), "{filter}");
    }
}

#[test]
fn a_day_of_the_week_is_its_last_one() {
    for (typed, expected) in
        [("on:wed", 18), ("on:tue", 17), ("on:thu", 12), ("on:mon", 16), ("on:today", 18)]
    {
        let filter = Filter::parse(typed, now()).unwrap();
        let [Term { what: What::On(day), .. }] = &filter.terms[..] else { panic!("{filter:?}") };
        assert_eq!(day.to_rfc3339(), format!("2026-11-{expected}T00:00:00+00:00"), "{typed}");
    }
}

#[test]
fn the_last_day_of_all_can_be_asked_for() {
    let last = NaiveDate::MAX;
    assert!(!takes(&format!("on:{last}"), &Row { at: Some(now()), ..Row::default() }));
}

#[test]
fn what_is_not_understood_says_what_could_be_written() {
    for (typed, told) in [
        ("reason:rate", "reason:rate: one of rate_limited"),
        ("reason:x", "one of cross_site, malformed"),
        ("raeson:closed", "did you mean reason:?"),
        ("ip:nonsense", "an address or a net"),
        ("held on:someday", "today, yesterday, tue or 2026-11-17"),
        ("since:", "as in since:2d"),
        ("!", "what should not be there?"),
        ("by:mail", "one of web, email, invitation"),
        ("before:99999999999999999999d", "30m, 12h"),
    ] {
        let unclear = Filter::parse(typed, now()).unwrap_err().to_string();
        assert!(unclear.contains(told), "{typed}: {unclear}");
    }
    // Colons that divide nothing.
    for typed in ["2001:db8::1", "@alice:your.server", "dead:beef::", "\"a: b\"", ":"] {
        assert!(Filter::parse(typed, now()).is_ok(), "{typed}");
    }
}

#[test]
fn tab_completes_as_far_as_it_is_sure() {
    for (typed, expected) in [
        ("he", Some("held ")),
        ("held re", None),
        ("held rea", Some("held reason:")),
        ("reason:ra", Some("reason:rate_limited ")),
        ("reason:ema", Some("reason:email_")),
        ("!ar", Some("!arrived ")),
        ("on:to", Some("on:today ")),
        ("on:tue", Some("on:tuesday ")),
        ("zzz", None),
        ("held", None),
    ] {
        assert_eq!(completed(typed).as_deref(), expected, "{typed}");
    }
    assert_eq!(candidates("by:"), ["by:web", "by:email", "by:invitation"]);
    assert_eq!(candidates("held ").len(), FLAGS.len() + KEYS.len());
}
