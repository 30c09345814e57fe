use proptest::prelude::*;

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::domain::{Action, EmailAddress, Hit, Localpart, ServerName};

use super::*;

fn now() -> DateTime<Utc> {
    "2026-11-28T12:00:00Z".parse().unwrap()
}

impl Lists {
    fn ip(&self, ip: IpAddr) -> Option<Hit> {
        self.decides(Who::Ip(ip), now())
    }

    fn email(&self, email: &EmailAddress) -> Option<Hit> {
        self.decides(Who::Email(email), now())
    }

    fn username(&self, name: &Localpart) -> Option<Hit> {
        self.decides(Who::Username(name), now())
    }

    fn all_username(&self, name: &Localpart) -> Vec<Hit> {
        self.all(Who::Username(name), now())
    }
}

fn folder() -> (tempfile::TempDir, Folder) {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::new(dir.path());
    (dir, folder)
}

fn write(folder: &Folder, kind: BanKind, text: impl AsRef<[u8]>) {
    std::fs::write(folder.path().join(kind.file_name()), text).unwrap();
}

fn text(folder: &Folder, kind: BanKind) -> String {
    std::fs::read_to_string(folder.path().join(kind.file_name())).unwrap()
}

fn name(text: &str) -> Localpart {
    Localpart::parse(text, &ServerName::parse("your.server").unwrap()).unwrap()
}

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn lists(kind: BanKind, text: &str) -> Lists {
    let mut lists = Lists::default();
    lists.replace(kind, text);
    lists
}

#[test]
fn ip_lines_ban_addresses_and_nets() {
    let lists = lists(
        BanKind::Ip,
        "# c\n192.0.2.7\n198.51.100.0/24\n2001:db8::/32\n::ffff:203.0.113.9\n10.1.2.3/8\n\nrubbish\n1.2.3.4/33\n",
    );
    for (ip, line) in [
        ("192.0.2.7", Some(2)),
        ("::ffff:192.0.2.7", Some(2)),
        ("192.0.2.8", None),
        ("198.51.100.255", Some(3)),
        ("2001:db8:1::1", Some(4)),
        ("2001:db9::1", None),
        ("203.0.113.9", Some(5)),
        ("10.200.0.1", Some(6)),
        ("64:ff9b::c633:6407", Some(3)),
        ("2002:c633:6407::1", Some(3)),
        ("::198.51.100.7", Some(3)),
        ("::1", None),
    ] {
        assert_eq!(lists.ip(ip.parse().unwrap()).map(|hit| hit.line), line, "{ip}");
    }
    let problems: Vec<usize> = lists.problems().map(|problem| problem.line).collect();
    assert_eq!(problems, [8, 9]);
}

#[test]
fn email_lines_match_whole_addresses_and_domains_with_their_subdomains() {
    let lists = lists(
        BanKind::Email,
        "bad@example.org\n*@trash.example\nspam.example\nlink*+*@mail.example\n*.evil.example\nBÜCHER.example\n*casino*\na b@c.example\n",
    );
    for (address, line) in [
        ("bad@example.org", Some(1)),
        ("BAD@EXAMPLE.ORG", Some(1)),
        ("bad+tag@example.org", Some(1)),
        ("notbad@example.org", None),
        ("x@trash.example", Some(2)),
        ("x@sub.trash.example", None),
        ("x@trash.example.org", None),
        ("x@spam.example", Some(3)),
        ("x@a.b.spam.example", Some(3)),
        ("x@notspam.example", None),
        ("linkplus+7@mail.example", Some(4)),
        ("linkplus@mail.example", None),
        ("x@a.evil.example", Some(5)),
        ("x@evil.example", None),
        ("x@bücher.example", Some(6)),
        ("x@sub.xn--bcher-kva.example", Some(6)),
        ("x@mycasino.example", Some(7)),
    ] {
        assert_eq!(lists.email(&email(address)).map(|hit| hit.line), line, "{address}");
    }
    assert_eq!(lists.problems().map(|problem| problem.line).collect::<Vec<_>>(), [8]);
}

#[test]
fn a_net_inside_of_ipv6_is_that_of_ipv4_and_all_of_6to4_is_not_everybody() {
    let lists = lists(BanKind::Ip, "2002:c000:200::/40\n2002::/16\n64:ff9b::/96\n");
    for (ip, line) in [
        ("192.0.2.7", Some(1)),
        ("192.0.3.7", None),
        ("2002:c633:6407::1", Some(2)),
        ("64:ff9b::c633:6407", Some(3)),
    ] {
        assert_eq!(lists.ip(ip.parse().unwrap()).map(|hit| hit.line), line, "{ip}");
    }
}

#[test]
fn an_address_is_banned_with_all_that_lead_to_its_mailbox() {
    let lists =
        lists(BanKind::Email, "a.b@gmail.com\nann-x@yahoo.de\nbob+news@example.org\nc.d*@gmail.com\n");
    for (address, line) in [
        ("ab+x@googlemail.com", Some(1)),
        ("ann-y@yahoo.de", Some(2)),
        ("bob@example.org", Some(3)),
        ("b.ob@example.org", None),
        ("C.D.e@gmail.com", Some(4)),
    ] {
        assert_eq!(lists.email(&email(address)).map(|hit| hit.line), line, "{address}");
    }
}

#[test]
fn username_lines_are_found_anywhere_and_bad_ones_are_told_while_all_others_hold() {
    let lists = lists(
        BanKind::Username,
        ".*admin.*\n^root$\n(?=x)y\n^.{1,2}$\nSupport\n(unclosed\nx{1000}{1000}\n[0-9]{8}\\Z\n",
    );
    for (username, line) in [
        ("myadmin1", Some(1)),
        ("root", Some(2)),
        ("rooty", None),
        ("ab", Some(4)),
        ("abc", None),
        ("the.support.desk", Some(5)),
        ("u12345678", Some(8)),
        ("12345678u", None),
    ] {
        assert_eq!(lists.username(&name(username)).map(|hit| hit.line), line, "{username}");
    }
    let problems: Vec<usize> = lists.problems().map(|problem| problem.line).collect();
    assert_eq!(problems, [3, 6, 7]);
    assert!(lists.problems().next().unwrap().what.contains("look-around"));
}

#[test]
fn all_hits_are_told_in_the_order_of_the_file() {
    let lists = lists(BanKind::Username, "adm\nx\nadmin\n^a\n");
    let lines: Vec<usize> = lists.all_username(&name("admin")).iter().map(|hit| hit.line).collect();
    assert_eq!(lines, [1, 3, 4]);
}

#[test]
fn lines_without_a_literal_part_are_bounded() {
    let many = (160..250).cycle().take(2005).map(|n| format!("^.{{{n}}}$")).collect::<Vec<_>>().join("\n");
    let lists = lists(BanKind::Username, &many);
    assert_eq!(lists.problems().count(), 5);
    assert!(lists.problems().next().unwrap().what.contains("2000"));
}

#[test]
fn what_is_not_utf8_costs_only_its_own_line() {
    let (_dir, folder) = folder();
    write(&folder, BanKind::Username, b"good\nb\xffd\nfine\n");
    let lists = Bans::open(&folder, |_| None).current();
    assert!(lists.username(&name("good")).is_some() && lists.username(&name("fine")).is_some());
    assert_eq!(lists.problems().map(|problem| problem.line).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_changed_file_is_in_force_after_two_looks() {
    let (_dir, folder) = folder();
    write(&folder, BanKind::Username, "one\n");
    let bans = Bans::open(&folder, |_| None);
    bans.refresh();
    assert!(bans.refresh().last_good.is_empty());
    write(&folder, BanKind::Username, "second\n");
    bans.refresh();
    let refreshed = bans.refresh();
    assert_eq!(refreshed.last_good, [(BanKind::Username, "second\n".to_owned())]);
    assert!(bans.current().username(&name("second")).is_some());
    // An editor that writes beside and renames.
    let beside = folder.path().join("x");
    std::fs::write(&beside, "third\n").unwrap();
    std::fs::rename(&beside, folder.path().join("banned_usernames.txt")).unwrap();
    bans.refresh();
    bans.refresh();
    assert!(bans.current().username(&name("third")).is_some());
    assert!(bans.current().username(&name("second")).is_none());
}

#[test]
fn a_lost_file_keeps_its_last_good_content_in_force_and_is_told() {
    let (_dir, folder) = folder();
    write(&folder, BanKind::Username, "one\n");
    let bans = Bans::open(&folder, |_| None);
    std::fs::remove_file(folder.path().join("banned_usernames.txt")).unwrap();
    bans.refresh();
    let refreshed = bans.refresh();
    assert!(bans.current().username(&name("one")).is_some());
    assert!(refreshed.troubles[0].contains("last good content"), "{:?}", refreshed.troubles);
    // Also after a start without it.
    let bans = Bans::open(&folder, |kind| (kind == BanKind::Username).then(|| "one\n".to_owned()));
    assert!(bans.current().username(&name("one")).is_some());
    assert!(!bans.refresh().troubles.is_empty());
    // One that never was is an empty list, and no trouble.
    let bans = Bans::open(&folder, |_| None);
    assert!(bans.current().username(&name("one")).is_none());
    assert!(bans.refresh().troubles.is_empty());
}

#[test]
fn what_stands_there_at_the_start_is_told_once_to_be_remembered() {
    let (_dir, folder) = folder();
    write(&folder, BanKind::Username, "one\n");
    let bans = Bans::open(&folder, |_| None);
    assert_eq!(bans.refresh().last_good, [(BanKind::Username, "one\n".to_owned())]);
    assert!(bans.refresh().last_good.is_empty());
    let bans = Bans::open(&folder, |kind| (kind == BanKind::Username).then(|| "one\n".to_owned()));
    assert!(bans.refresh().last_good.is_empty(), "it is remembered already");
}

#[test]
fn edits_keep_comments_order_mode_and_line_ends() {
    use std::os::unix::fs::PermissionsExt;
    let (_dir, folder) = folder();
    write(&folder, BanKind::Ip, "# mine\r\n192.0.2.1\r\n\r\n192.0.2.2");
    let path = folder.path().join("banned_ips.txt");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o604)).unwrap();
    let add = Edit::Add("192.0.2.3".into());
    assert_eq!(edit(&folder, BanKind::Ip, &add).unwrap().line, 5);
    assert_eq!(text(&folder, BanKind::Ip), "# mine\r\n192.0.2.1\r\n\r\n192.0.2.2\r\n192.0.2.3\r\n");
    assert_eq!(edit(&folder, BanKind::Ip, &Edit::Remove("192.0.2.1".into())).unwrap().line, 2);
    assert_eq!(text(&folder, BanKind::Ip), "# mine\r\n\r\n192.0.2.2\r\n192.0.2.3\r\n");
    edit(&folder, BanKind::Ip, &Edit::Insert(2, "192.0.2.1".into())).unwrap();
    assert_eq!(text(&folder, BanKind::Ip), "# mine\r\n192.0.2.1\r\n\r\n192.0.2.2\r\n192.0.2.3\r\n");
    edit(&folder, BanKind::Ip, &Edit::Replace("192.0.2.2".into(), "192.0.2.0/24".into())).unwrap();
    assert_eq!(text(&folder, BanKind::Ip), "# mine\r\n192.0.2.1\r\n\r\n192.0.2.0/24\r\n192.0.2.3\r\n");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o604);
    let left = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name != ".doorman.bans.lock").collect();
    assert_eq!(left, ["banned_ips.txt"], "nothing is left beside it");
}

#[test]
fn what_cannot_be_done_is_said() {
    let (_dir, folder) = folder();
    let said = |change| edit(&folder, BanKind::Username, &change).unwrap_err().to_string();
    assert!(said(Edit::Add("(x".into())).contains("not a valid pattern"));
    assert!(said(Edit::Add("a\nb".into())).contains("line end"));
    assert!(said(Edit::Add(" ".into())).contains("blank"));
    assert!(said(Edit::Remove("x".into())).contains("no such entry"));
    edit(&folder, BanKind::Username, &Edit::Add("x".into())).unwrap();
    assert!(said(Edit::Add("x".into())).contains("line 1"));
}

#[test]
fn an_edit_that_was_not_read_is_never_overwritten() {
    let (_dir, folder) = folder();
    write(&folder, BanKind::Username, "");
    let path = folder.path().join("banned_usernames.txt");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..200 {
                edit(&folder, BanKind::Username, &Edit::Add(format!("ours{n}").into())).unwrap();
                edit(&folder, BanKind::Username, &Edit::Remove(format!("ours{n}"))).unwrap();
            }
        });
        scope.spawn(|| {
            use std::io::Write;
            for n in 0..200 {
                // A script that appends, as the README of the original shows.
                let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
                file.write_all(format!("theirs{n}\n").as_bytes()).unwrap();
            }
        });
    });
    let left = text(&folder, BanKind::Username);
    assert!(!left.contains("ours"), "{left}");
}

/// What each line says, without any index.
fn naive(patterns: &[String], name: &str) -> Vec<usize> {
    let matches = |pattern: &String| {
        regex::RegexBuilder::new(pattern)
            .case_insensitive(true)
            .build()
            .is_ok_and(|regex| regex.is_match(name))
    };
    (1..).zip(patterns).filter(|(_, pattern)| matches(pattern)).map(|(line, _)| line).collect()
}

proptest! {
    #[test]
    fn the_index_finds_what_trying_every_line_finds(
        patterns in proptest::collection::vec("(\\^)?[abAB]{1,3}(\\.\\*|[ab]\\?|\\[ab\\]|\\(a\\|b\\)\\+)?[abAB]{0,2}(\\$)?", 1..30),
        username in "[ab.]{1,8}",
    ) {
        let lists = lists(BanKind::Username, &patterns.join("\n"));
        let found: Vec<usize> = lists.all_username(&name(&username)).iter().map(|hit| hit.line).collect();
        prop_assert_eq!(found, naive(&patterns, &username));
    }

    #[test]
    fn no_line_makes_it_panic(line in "\\PC{0,40}") {
        for kind in BanKind::ALL {
            let _ = check_entry(kind, &line);
            lists(kind, &line);
        }
    }
}

/// Found by fuzzing.
#[test]
fn an_entry_is_checked_as_the_file_will_be_read() {
    for (kind, entry) in [
        (BanKind::Username, " ?abc"),
        (BanKind::Email, "tr\u{fffd}sh.example"),
        (BanKind::Username, "\u{feff}# comment"),
    ] {
        assert!(check_entry(kind, entry).is_err(), "{entry:?}");
    }
}

#[test]
fn a_line_does_what_stands_above_it() {
    let lists = lists(
        BanKind::Email,
        "a.example\n#: hold until=2026-12-01 note=\"spring wave\"\nb.example\n#: approve\n*@c.example\n\
         #: hold until=2026-11-28T12:00:00Z\nd.example\n#: hold until=never\ne.example\n#: lost\n\n#: also lost\n",
    );
    let found = |address: &str| {
        lists.email(&email(address)).map(|hit| (hit.line, hit.action, hit.note.unwrap_or_default()))
    };
    for (address, expected) in [
        ("x@a.example", Some((1, Action::Refuse, ""))),
        ("x@b.example", Some((3, Action::Hold, "spring wave"))),
        ("x@c.example", Some((5, Action::Approve, ""))),
        ("x@d.example", None),
        ("x@e.example", Some((9, Action::Refuse, ""))),
    ] {
        let expected = expected.map(|(line, action, note)| (line, action, note.to_owned()));
        assert_eq!(found(address), expected, "{address}");
    }
    let told: Vec<String> = lists.problems().map(ToString::to_string).collect();
    assert!(told[0].starts_with("banned_emails.txt:8: until=\"never\" is not a date"), "{told:?}");
    assert!(told[1].starts_with("banned_emails.txt:10: there is no entry directly below"), "{told:?}");
    assert!(told[2].starts_with("banned_emails.txt:12:") && told.len() == 3, "{told:?}");
    let expired: Vec<String> = lists.expired(now()).map(|line| line.to_string()).collect();
    assert_eq!(
        expired,
        ["banned_emails.txt:7: d.example has expired (until=2026-11-28T12:00:00Z) and is passed over"]
    );
}

#[test]
fn within_a_list_approve_decides_over_refuse_and_refuse_over_hold_wherever_they_stand() {
    let entry = |action: &str, entry: &str| format!("#: {action}\n{entry}\n");
    for (actions, decides) in [
        (["refuse", "hold", "approve"], Action::Approve),
        (["hold", "refuse", "hold"], Action::Refuse),
        (["approve", "refuse", "refuse"], Action::Approve),
        (["hold", "hold", "hold"], Action::Hold),
        (["refuse", "refuse", "approve until=2026-11-01"], Action::Refuse),
    ] {
        for (kind, entries) in [
            (BanKind::Ip, ["192.0.2.7", "192.0.2.0/24", "192.0.0.0/16"]),
            (BanKind::Email, ["x@y.example", "*@y.example", "*y.exam*"]),
            (BanKind::Username, ["^anna", "n+", "^.{4}$"]),
        ] {
            let text: String = actions.iter().zip(entries).map(|(action, of)| entry(action, of)).collect();
            let lists = lists(kind, &text);
            let (address, name) = (email("x@y.example"), name("anna"));
            let hits = lists.hits("192.0.2.7".parse().ok(), Some(&address), Some(&name), now());
            assert_eq!(hits.first(decides).map(|hit| hit.list), Some(kind), "{text}");
        }
    }
}

#[test]
fn edits_keep_and_change_what_stands_above_an_entry() {
    let (_dir, folder) = folder();
    let written = |entry: &str, mark: &str| Written { entry: entry.into(), mark: Some(mark.into()) };
    let now = |change| {
        let edited = edit(&folder, BanKind::Ip, &change).unwrap();
        (edited.line, text(&folder, BanKind::Ip))
    };
    write(&folder, BanKind::Ip, "#: hold\n192.0.2.1\n192.0.2.2\n#: lost");
    let add = now(Edit::Add(written("192.0.2.3", "#: approve note=\"x\"")));
    let whole = "#: hold\n192.0.2.1\n192.0.2.2\n#: lost\n\n#: approve note=\"x\"\n192.0.2.3\n";
    assert_eq!(add, (7, whole.into()), "a mark that belongs to nothing does not belong to what is added");
    let removed = now(Edit::Remove("192.0.2.1".into()));
    assert_eq!(removed.0, 2);
    assert!(removed.1.starts_with("192.0.2.2\n#: lost\n"), "it goes with its entry: {}", removed.1);
    assert_eq!(now(Edit::Insert(2, written("192.0.2.1", "#: hold"))), (2, whole.into()));
    let replaced = now(Edit::Replace("192.0.2.1".into(), "192.0.2.9".into()));
    assert_eq!(replaced, (2, whole.replace("2.1", "2.9")));
    let unmarked = now(Edit::Replace("192.0.2.9".into(), written("192.0.2.9", "")));
    assert!(unmarked.0 == 1 && unmarked.1.starts_with("192.0.2.9\n192.0.2.2\n"), "{unmarked:?}");
    now(Edit::Replace("192.0.2.2".into(), written("192.0.2.2", "#: hold")));
    let between = now(Edit::Insert(3, "192.0.2.4".into()));
    assert!(between.1.starts_with("192.0.2.9\n192.0.2.4\n#: hold\n192.0.2.2\n"), "{between:?}");
    let bad = edit(&folder, BanKind::Ip, &Edit::Add(written("192.0.2.8", "#: perhaps"))).unwrap_err();
    assert!(bad.to_string().contains("not an action"), "{bad}");
}

#[test]
fn what_alone_hits_nearly_everybody_is_known() {
    let is_wide = |kind, entry: &str| {
        Lists::single(kind, &entry.into()).unwrap().wide(now()).map(|wide| wide.what).next()
    };
    for (kind, wide, narrow) in [
        (
            BanKind::Ip,
            &["0.0.0.0/0", "::/0", "128.0.0.0/1", "10.0.0.0/7", "2000::/3", "2001::/31"][..],
            &["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"][..],
        ),
        (
            BanKind::Email,
            &["*", "*@*", "com", "*.com", "*@*.com", "co.uk", "xyz", "*.*", "*mail*", "*o*"],
            &[
                "gmail.com",
                "*@gmail.com",
                "hotmail.*",
                "*casino*",
                "trash.example",
                "a*@gmail.com",
                "github.io",
            ],
        ),
        (
            BanKind::Username,
            &[".*", ".", "^", "[a-z]", "^[^x]", "a|", "[a-z0-9]+$", "^.{2,}$"],
            &["admin", "^.{1,2}$", "[0-9]{4,}", "^a", "x"],
        ),
    ] {
        for entry in wide {
            assert!(is_wide(kind, entry).is_some(), "{entry}");
        }
        for entry in narrow {
            assert_eq!(is_wide(kind, entry), None, "{entry}");
        }
    }
    let told = is_wide(BanKind::Email, "com").unwrap();
    assert_eq!(told, "com would refuse everybody under a suffix that anybody can have a domain in");
}
