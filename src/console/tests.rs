//! Screens at three sizes, in colour and without; and that no keys break it, or change a file unasked.

use std::net::IpAddr;
use std::ops::ControlFlow;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use ratatui::style::Modifier;

use crate::acts::{Author, Door};
use crate::bans::{Bans, Edit};
use crate::config::{ConsoleTheme, Folder, Settings, SignUp, WhenUnreachable};
use crate::domain::{
    BanKind, Channel, EmailAddress, Hold, Language, Localpart, MessageId, Reason, RegistrationToken,
    RequestMail, TokenRequest,
};
use crate::lock::{Lock, Purpose};
use crate::store::{Asked, DeskCondition, Live, Origin, Record, Store};

use super::effects::Effect;
use super::model::Mode;
use super::*;

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-06-15T17:40:10Z").unwrap().to_utc()
}

fn folder() -> (tempfile::TempDir, Arc<Opened>) {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::new(dir.path());
    let store = Store::open(&folder).unwrap();
    (dir, at_desk(Settings::trial(), folder, Arc::new(store)))
}

fn at_desk(settings: Settings, folder: Folder, store: Arc<Store>) -> Arc<Opened> {
    let by = Author { who: "operator".into(), door: Door::Console };
    Arc::new(Opened { settings, folder, store, by })
}

fn request(name: &str, address: &str, ip: Option<&str>, minutes_ago: i64) -> TokenRequest {
    TokenRequest {
        username: Some(Localpart::parse(name, &Settings::trial().homeserver).unwrap()),
        email: EmailAddress::parse(address).unwrap(),
        channel: if ip.is_some() { Channel::Web } else { Channel::Email },
        ip: ip.map(|ip| ip.parse::<IpAddr>().unwrap()),
        received_at: now() - TimeDelta::minutes(minutes_ago),
        answer: None,
        terms: None,
        mail: None,
        receipt: None,
        language: Language::default(),
    }
}

fn refused(opened: &Opened, name: &str, address: &str, reason: &str, detail: &str, minutes_ago: i64) {
    let record = Record {
        received_at: now() - TimeDelta::minutes(minutes_ago),
        channel: Channel::Web,
        username: name.into(),
        email: address.into(),
        parsed_email: EmailAddress::parse(address).ok(),
        ip: Some("203.0.113.9".parse().unwrap()),
        held: false,
        reason: reason.parse().unwrap(),
        detail: detail.into(),
        stands_for: 1,
        language: Language::default(),
    };
    opened.store.write(move |store| store.record_refusal(&record)).unwrap();
}

fn accepted(opened: &Opened, request: TokenRequest, id: &str) {
    let id = id.to_owned();
    opened.store.write(move |store| store.record_accepted(&request, None, Some(&id)).map(drop)).unwrap();
}

/// A desk with a little of everything.
fn populated() -> (tempfile::TempDir, Arc<Opened>) {
    let (dir, opened) = folder();
    let token = RegistrationToken::parse("aTokenOf32CharactersForScreens22").unwrap();
    opened
        .store
        .write(move |store| {
            let made = now() - TimeDelta::hours(17);
            let reset = now() - TimeDelta::minutes(17 * 60 + 40) - TimeDelta::seconds(10);
            let id = store.add_pending_token(&token, Origin::Scheduled, made, Some(reset), None)?;
            store.promote_token(id, made, None)?;
            store.note_live(id, Live::Yes)?;
            store.note_condition(&DeskCondition {
                alarms: vec![("mail_server".into(), "mail.your.server:587 does not answer".into())],
                letter_box_is_open: Some(true),
                homeserver: Some("tuwunel 1.9.0".into()),
            })
        })
        .unwrap();
    for number in 0..12 {
        refused(
            &opened,
            "spam",
            "spam@trash.example",
            "email_banned",
            "banned by banned_emails.txt line 2: *@trash.example",
            300 - number,
        );
    }
    accepted(&opened, request("alice", "alice@example.org", Some("192.0.2.7"), 200), "<a@your.server>");
    accepted(&opened, request("bob", "bob@example.org", Some("2001:db8::1"), 100), "<b@your.server>");
    refused(
        &opened,
        "superadmin",
        "eve@example.org",
        "username_unavailable",
        "banned by banned_usernames.txt line 1: .*admin.*",
        50,
    );
    refused(
        &opened,
        "x\u{202e}y\u{1b}[2J",
        "not an address",
        "malformed",
        "email: this is no email address",
        40,
    );
    let mail = RequestMail {
        guess: String::new(),
        is_taken: false,
        id: 1,
        message_id: MessageId::parse("<m@example.org>"),
        references: Vec::new(),
        to_prove: false,
        hold: Some(Hold::UnverifiedSender("its sender is not verified".into())),
        relay: None,
        language: Language::default(),
    };
    let held = TokenRequest { mail: Some(mail), ..request("carol", "carol@example.net", None, 10) };
    opened.store.write(move |store| store.record_accepted(&held, None, None).map(drop)).unwrap();
    std::fs::write(dir.path().join("banned_emails.txt"), "# those who sell\n*@trash.example\n\n").unwrap();
    std::fs::write(dir.path().join("banned_usernames.txt"), ".*admin.*\n(unclosed\n").unwrap();
    (dir, opened)
}

fn console(opened: &Arc<Opened>, look: &'static [(&str, &str)]) -> Console {
    let look = Look::of(
        |name| look.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
        ConsoleTheme::Auto,
    );
    let mut console = Console::new(Arc::clone(opened), look, false, now());
    console.read().unwrap();
    take_bans(&mut console);
    count(&mut console);
    console
}

/// What is wanted is counted.
fn count(console: &mut Console) {
    for wanted in std::mem::take(&mut console.wanted) {
        let counted = wanted.run(&console.opened, &|| ControlFlow::Continue(())).unwrap();
        console.take_counted(counted);
    }
}

/// The lists as they stand in the files now.
fn take_bans(console: &mut Console) {
    let folder = &console.opened.folder;
    let bans = Bans::open(folder, |_| None);
    let lines = |kind: BanKind| {
        let text = std::fs::read_to_string(folder.path().join(kind.file_name())).unwrap_or_default();
        (kind, text.lines().map(Arc::from).collect())
    };
    let lines = BanKind::ALL.into_iter().map(lines).collect();
    console.take_bans(BanFiles { lines, lists: Some(bans.current()) });
}

const COLOURS: &[(&str, &str)] = &[("TERM", "xterm-256color"), ("LANG", "C.UTF-8")];
const PLAIN: &[(&str, &str)] = &[("TERM", "xterm"), ("NO_COLOR", "1"), ("LANG", "C")];

fn press(console: &mut Console, keys: &str) -> Vec<Effect> {
    keys.chars()
        .filter_map(|key| {
            let code = match key {
                '\n' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                '\t' => KeyCode::Tab,
                '\u{8}' => KeyCode::Backspace,
                '↓' => KeyCode::Down,
                '↑' => KeyCode::Up,
                key => KeyCode::Char(key),
            };
            let effect = console.key(arrow(code)).unwrap();
            count(console);
            effect
        })
        .collect()
}

/// The screen as text; with `styles`, what stands out is told below it.
fn screen(console: &mut Console, width: u16, height: u16, styles: bool) -> String {
    console.resize(Size { width, height });
    console.read_panel().unwrap();
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view::draw(frame, console)).unwrap();
    let buffer = terminal.backend().buffer().clone();
    let mut text = String::new();
    let mut told = Vec::new();
    for y in 0..height {
        let mut line = String::new();
        let mut run: Option<(String, String)> = None;
        for x in 0..width {
            let cell = &buffer[(x, y)];
            line.push_str(cell.symbol());
            let style = cell.style();
            let colour = style.fg.filter(|colour| *colour != ratatui::style::Color::Reset);
            let reverse = style.add_modifier.contains(Modifier::REVERSED);
            let name = format!(
                "{}{}",
                colour.map(|colour| colour.to_string()).unwrap_or_default(),
                if reverse { " reverse" } else { "" }
            );
            match &mut run {
                Some((before, run)) if *before == name => run.push_str(cell.symbol()),
                _ => {
                    told.extend(run.replace((name, cell.symbol().to_owned())).map(|run| (y, run)));
                }
            }
        }
        told.extend(run.map(|run| (y, run)));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if styles {
        text.push('\n');
        for (y, (style, run)) in told {
            if !style.is_empty() && !run.trim().is_empty() {
                text.push_str(&format!("{y:>2} {}: {}\n", style.trim(), run.trim()));
            }
        }
    }
    text
}

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (60, 14)];

#[test]
fn the_screens_look_like_this() {
    let (_dir, opened) = populated();
    let _running = Lock::take(opened.folder.path(), Purpose::Desk).unwrap();
    for (name, keys) in [
        ("requests", ""),
        ("details", "↓↓↓\n"),
        ("ban", "jjb"),
        ("filter", "/spam"),
        ("cooldowns", "2"),
        ("token", "3"),
        ("bans", "4"),
        ("add", "4ja*@example.org"),
        ("test", "4tsuperadmin"),
        ("outbox", "5"),
        ("journal", "6"),
        ("waiting", "h"),
        ("palette", ":ban"),
        ("question", "p"),
        ("help", "?"),
    ] {
        let all =
            if name == "requests" { [(80, 24), (120, 40), (60, 14), (160, 45)].as_slice() } else { &SIZES };
        for (width, height) in all.iter().copied() {
            for (colour, look) in [("colour", COLOURS), ("plain", PLAIN)] {
                let mut console = console(&opened, look);
                console.resize(Size { width, height });
                press(&mut console, keys);
                screen(&mut console, width, height, false);
                count(&mut console);
                let shown = screen(&mut console, width, height, colour == "colour");
                insta::assert_snapshot!(format!("{name}-{width}x{height}-{colour}"), shown);
            }
        }
    }
}

#[test]
fn where_each_applicant_has_a_token_of_their_own_it_shows_who_has_arrived() {
    let (_dir, opened) = populated();
    opened
        .store
        .write(|store| {
            store.note_personal_tokens(Some(true))?;
            for (letter, uses) in [(1, 1), (2, 0)] {
                let token =
                    RegistrationToken::parse(&format!("anApplicantsOwnTokenForLetter{letter}")).unwrap();
                let asked = Asked {
                    backend: "synapse",
                    dead_at: now() + TimeDelta::hours(40),
                    uses_allowed: Some(2),
                    letter_id: Some(letter),
                };
                let made_at = now() - TimeDelta::hours(8);
                let id = store.add_pending_token(&token, Origin::Personal, made_at, None, Some(asked))?;
                store.note_made(id, &token, None)?;
                store.note_uses(id, uses, now())?;
            }
            Ok(())
        })
        .unwrap();
    let mut console = console(&opened, PLAIN);
    let requests = screen(&mut console, 80, 24, false);
    assert!(requests.lines().any(|line| line.contains("alice") && line.contains("arrived")), "{requests}");
    press(&mut console, "3v");
    let shown = screen(&mut console, 80, 24, false);
    assert!(!shown.contains("anApplicants"), "{shown}");
    insta::assert_snapshot!("personal-80x24-plain", shown);
}

#[test]
fn the_row_that_was_chosen_stays_selected_while_others_come_and_go() {
    let (dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    press(&mut console, "2g");
    accepted(&opened, request("dora", "dora@example.org", Some("192.0.2.7"), 0), "<d@your.server>");
    console.read().unwrap();
    assert_eq!(press(&mut console, "l"), [Effect::Lift(EmailAddress::parse("carol@example.net").unwrap())]);

    // Nobody has chosen the first: it is the newest.
    press(&mut console, "5");
    accepted(&opened, request("frank", "frank@example.org", Some("192.0.2.7"), 0), "<f@your.server>");
    console.read().unwrap();
    let newest = console.shown_letters().next().unwrap();
    assert_eq!((newest.to.as_str(), console.cursor().at), ("frank@example.org", 0));
    press(&mut console, "G");
    let selected = console.shown_letters().last().unwrap().id;
    accepted(&opened, request("emil", "emil@example.org", Some("192.0.2.7"), 0), "<e@your.server>");
    console.read().unwrap();
    assert_eq!(press(&mut console, "r"), [Effect::Retry(vec![selected])]);

    press(&mut console, "4Gk");
    std::fs::write(dir.path().join("banned_ips.txt"), "192.0.2.1\n192.0.2.2\n").unwrap();
    std::fs::write(dir.path().join("banned_usernames.txt"), "another\n.*admin.*\n(unclosed\n").unwrap();
    take_bans(&mut console);
    assert_eq!(
        press(&mut console, "dy"),
        [Effect::Ban(vec![(BanKind::Username, Edit::Remove(".*admin.*".into()))])]
    );
}

#[test]
fn a_held_mail_without_a_clear_name_is_not_offered_for_approval() {
    let (_dir, opened) = folder();
    let record = Record {
        received_at: now(),
        channel: Channel::Email,
        username: String::new(),
        email: "someone@example.org".into(),
        parsed_email: EmailAddress::parse("someone@example.org").ok(),
        ip: None,
        held: true,
        reason: Reason::NameUnclear,
        detail: "no clear name: answer its mail in Held by hand, and refuse this".into(),
        stands_for: 1,
        language: Language::default(),
    };
    opened.store.write(move |store| store.record_refusal(&record).map(drop)).unwrap();
    let mut console = console(&opened, PLAIN);
    press(&mut console, "\n");
    let shown = screen(&mut console, 80, 24, false);
    assert!(shown.contains("none that is clear") && shown.contains("answer its mail in Held"), "{shown}");
    assert!(shown.contains("decision: x refuses it") && !shown.contains("approves"), "{shown}");
}

#[test]
fn below_its_least_size_it_says_so() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    for (width, height) in [(59, 24), (80, 13), (20, 3), (1, 1)] {
        let shown = screen(&mut console, width, height, false);
        assert!(
            shown.starts_with(&format!("{width}x{height}: too small")[..usize::from(width.min(10))]),
            "{shown}"
        );
    }
}

#[test]
fn what_cannot_be_seen_is_not_done() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    press(&mut console, "p");
    console.is_unseen = true;
    assert_eq!(press(&mut console, "yab4\n"), []);
    assert!(!console.is_over);
    console.is_unseen = false;
    assert_eq!(press(&mut console, "y"), [Effect::Pause(true)]);
    console.is_unseen = true;
    press(&mut console, "/q");
    assert!(console.is_over);
}

#[test]
fn the_token_is_hidden_until_asked_for_and_again_after_leaving() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    press(&mut console, "3");
    assert!(!screen(&mut console, 80, 24, false).contains("aTokenOf"));
    press(&mut console, "v");
    assert!(
        screen(&mut console, 80, 24, false).lines().any(|line| line == "aTokenOf32CharactersForScreens22")
    );
    press(&mut console, "43");
    assert!(!screen(&mut console, 80, 24, false).contains("aTokenOf"));
}

#[test]
fn the_days_rotations_are_seen_at_every_size() {
    let (_dir, opened) = populated();
    for number in 0..20 {
        let token =
            RegistrationToken::parse(&format!("aTokenOf32CharactersForScreens{:02}", 30 + number)).unwrap();
        let made = now() - TimeDelta::minutes(60 - number);
        opened
            .store
            .write(move |store| {
                let id = store.add_pending_token(&token, Origin::Manual, made, None, None)?;
                store.promote_token(id, made, None).map(drop)
            })
            .unwrap();
    }
    for (width, height) in [(120, 40), (80, 24), (60, 14)] {
        let mut console = console(&opened, PLAIN);
        press(&mut console, "3");
        let shown = screen(&mut console, width, height, false);
        assert!(shown.contains("current") && shown.contains("06-15 16:"), "{shown}");
        assert!(shown.contains("06-15 00:40") || shown.contains(" more"), "{shown}");
        assert!(shown.lines().last().unwrap().ends_with("q quit"), "{shown}");
    }
}

#[test]
fn a_filter_is_kept_by_enter_and_cleared_by_escape() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    press(&mut console, "/ALICE@\n");
    assert_eq!(console.rows(), (1, 17));
    press(&mut console, "/\u{1b}");
    assert_eq!(console.rows(), (17, 17));
    press(&mut console, "/bob\n");
    press(&mut console, "\u{1b}");
    assert_eq!(console.rows(), (17, 17));
    press(&mut console, "/zzz");
    assert_eq!(console.rows().0, 0);
    press(&mut console, "\u{8}\u{8}\u{8}");
    assert_eq!(console.rows().0, 17);
}

#[test]
fn the_newest_is_selected_until_a_key_is_pressed() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    refused(&opened, "late", "late@example.org", "malformed", "x", 0);
    console.read().unwrap();
    assert_eq!((console.cursor().at, console.window[0].username.as_str()), (0, "late"));
}

#[test]
fn the_selected_request_stays_selected_while_new_ones_come_and_these_are_in_sight() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    press(&mut console, "jjjg");
    for number in 1..console.height {
        refused(&opened, "late", "late@example.org", "malformed", "x", 0);
        console.read().unwrap();
        assert_eq!((console.cursor().at, console.cursor().top), (number, 0));
        assert_eq!(console.window[0].username, "late");
        assert_eq!(console.window[number].username, "carol");
    }
    // Before it leaves the screen, the newest is selected again.
    refused(&opened, "later", "late@example.org", "malformed", "x", 0);
    console.read().unwrap();
    assert_eq!((console.cursor().at, console.window[0].username.as_str()), (0, "later"));
    // Further down the list stands still.
    press(&mut console, "G");
    let before: Vec<i64> = console.window.iter().map(|row| row.id).collect();
    refused(&opened, "latest", "late@example.org", "malformed", "x", 0);
    console.read().unwrap();
    assert_eq!(console.window.iter().map(|row| row.id).collect::<Vec<_>>(), before);
}

#[test]
fn each_way_to_ban_names_what_it_bans_and_its_count() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    press(&mut console, "/bob\nb");
    let shown = screen(&mut console, 100, 30, false);
    for expected in ["bob@example.org", "example.org ", "^bob$", "2001:db8::1", "2001:db8::/64"] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    let Mode::BanMenu(choices, _) = &console.mode else { panic!("{shown}") };
    assert_eq!(
        choices
            .iter()
            .flat_map(|choice| &choice.hits)
            .map(|hits| (hits.all, hits.accepted))
            .collect::<Vec<_>>(),
        [(1, 1), (3, 2), (1, 1), (1, 1), (1, 1)]
    );
    assert_eq!(
        press(&mut console, "↓\n"),
        [Effect::Ban(vec![(BanKind::Email, Edit::Add("example.org".into()))])]
    );
}

#[test]
fn nothing_is_banned_before_its_count_is_there() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    for code in ['b', 'j'] {
        console.key(arrow(KeyCode::Char(code))).unwrap();
    }
    assert!(screen(&mut console, 80, 24, false).contains("is being counted: one moment"));
    assert_eq!(console.key(arrow(KeyCode::Enter)).unwrap(), None);
    count(&mut console);
    assert!(screen(&mut console, 80, 24, false).contains("would have refused 1 of"));
    assert_eq!(press(&mut console, "\n").len(), 1);
    // Nor written; and a count that comes late says nothing of what stands there by now.
    press(&mut console, "4Gaab");
    for code in ['c', '('] {
        console.key(arrow(KeyCode::Char(code))).unwrap();
        assert_eq!(console.key(arrow(KeyCode::Enter)).unwrap(), None);
    }
    count(&mut console);
    assert!(!screen(&mut console, 80, 24, false).contains("would have refused"));
    // Details are there before what needs counting.
    press(&mut console, "\u{1b}1jj");
    console.key(arrow(KeyCode::Enter)).unwrap();
    let shown = screen(&mut console, 80, 24, false);
    assert!(shown.contains("verdict") && shown.contains("earlier   being counted"), "{shown}");
    count(&mut console);
    assert!(screen(&mut console, 80, 24, false).contains("earlier   0 from the address"));
}

#[test]
fn a_ban_says_beforehand_which_accepted_requests_it_would_have_refused() {
    let (_dir, opened) = populated();
    for (width, height) in [(80, 24), (60, 14)] {
        let mut console = console(&opened, PLAIN);
        press(&mut console, "/bob\nb↓");
        let words = |console: &mut Console| {
            let shown = screen(console, width, height, false).replace(['|', '\n'], " ");
            shown.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let shown = words(&mut console);
        let expected = "example.org would have refused 3 of the last 30 days' requests; 2 of them accepted: \
                        bob (bob@example.org), alice (alice@example.org)";
        assert!(shown.contains(expected), "{width}x{height}: {shown}");
        press(&mut console, "\u{1b}4ja*@example.org");
        let shown = words(&mut console);
        assert!(
            shown.contains("it would have refused 3 of the last 30 days' requests; 2 of them"),
            "{shown}"
        );
    }
}

#[test]
fn every_size_shows_all_fields_of_the_status_in_words() {
    let (_dir, opened) = populated();
    opened.store.write(|store| store.note_live(1, Live::No)).unwrap();
    let mut lock = None;
    for (is_running, is_paused, words) in [
        (false, false, ["no desk", "closed"]),
        (false, true, ["no desk", "closed: paused"]),
        (true, true, ["desk", "closed: paused"]),
        (true, false, ["desk", "closed: "]),
    ] {
        if is_running && lock.is_none() {
            lock = Some(Lock::take(opened.folder.path(), Purpose::Desk).unwrap());
        }
        opened.store.write(move |store| store.pause(is_paused.then(now))).unwrap();
        for (width, height) in [(120, 40), (80, 24), (60, 14)] {
            let mut console = console(&opened, PLAIN);
            let shown = screen(&mut console, width, height, false);
            let status: String = shown.lines().take(2).collect::<Vec<_>>().join(" ");
            for word in words.into_iter().chain(["reset", "token 17", "not live", "outbox", "box"]) {
                assert!(status.contains(word), "{width}x{height}: {word}: {status}");
            }
            // Without a desk nobody can ask, however well everything else is.
            assert!(!status.contains("open"), "{width}x{height}: {status}");
        }
    }
}

#[test]
fn an_outbox_that_takes_no_more_is_called_full() {
    let (_dir, opened) = populated();
    for number in 0..23 {
        let request = request(&format!("n{number}"), &format!("n{number}@example.org"), Some("192.0.2.7"), 5);
        accepted(&opened, request, &format!("<n{number}@your.server>"));
    }
    for (most, is_full) in [(1, true), (2, false), (0, false)] {
        let mut settings = opened.settings.clone();
        settings.letters_per_hour = most;
        let opened = at_desk(settings, opened.folder.clone(), Arc::clone(&opened.store));
        for (width, height) in [(120, 40), (80, 24), (60, 14)] {
            let shown = screen(&mut console(&opened, PLAIN), width, height, false);
            assert_eq!(shown.contains("outbox 25 FULL"), is_full, "{most}: {shown}");
        }
    }
}

#[test]
fn a_token_that_is_overdue_is_not_called_both_live_and_not() {
    let (_dir, opened) = populated();
    let _running = Lock::take(opened.folder.path(), Purpose::Desk).unwrap();
    let mut console = console(&opened, PLAIN);
    assert!(screen(&mut console, 80, 24, false).contains("desk running | open | reset"));
    console.now += TimeDelta::hours(7);
    console.tick().unwrap();
    let shown = screen(&mut console, 80, 24, false);
    assert!(shown.contains("closed: a new token is due") && !shown.contains("not live"), "{shown}");
}

#[test]
fn why_it_is_closed_is_shortened_last() {
    let (_dir, opened) = populated();
    let _running = Lock::take(opened.folder.path(), Purpose::Desk).unwrap();
    opened.store.write(|store| store.note_live(1, Live::No)).unwrap();
    let mut console = console(&opened, PLAIN);
    for (width, height) in [(80, 24), (60, 14)] {
        let shown = screen(&mut console, width, height, false);
        assert!(shown.contains("closed: the token is not live"), "{shown}");
    }
}

#[test]
fn the_details_name_what_is_relied_on_at_every_size() {
    let (_dir, opened) = populated();
    for (width, height) in [(120, 40), (80, 24), (60, 14)] {
        let mut console = console(&opened, PLAIN);
        press(&mut console, "/superadmin\n\n");
        let shown = screen(&mut console, width, height, false);
        for expected in [
            "superadmin",
            "eve@example.org",
            "203.0.113.9",
            "web",
            "refused",
            "username_unavailable",
            "banned by banned_usernames.txt line 1",
            "[1 Requests]",
        ] {
            assert!(shown.contains(expected), "{width}x{height}: {expected}: {shown}");
        }
    }
}

#[test]
fn open_details_follow_what_becomes_of_the_request() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    press(&mut console, "\n");
    assert!(screen(&mut console, 80, 24, false).contains("verdict   held"));
    let decided = opened.store.read(|store| store.held_request(17)).unwrap().unwrap();
    opened
        .store
        .write(move |store| {
            store.approve(&decided, &MessageId::parse("<x@your.server>").unwrap(), now(), now())
        })
        .unwrap();
    console.read().unwrap();
    let shown = screen(&mut console, 80, 24, false);
    assert!(shown.contains("verdict   accepted") && shown.contains("email     owed"), "{shown}");
}

#[test]
fn escape_and_a_key_that_came_in_one_piece_are_two_keys() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    press(&mut console, "/zzz");
    console.key(KeyEvent::new(KeyCode::Char('4'), KeyModifiers::ALT)).unwrap();
    assert_eq!((console.panel, console.rows().0 > 0), (keys::Panel::Bans, true));
    press(&mut console, "1");
    assert_eq!(console.rows(), (17, 17));
    press(&mut console, "p");
    let effect = console.key(KeyEvent::new(KeyCode::Char('y'), KeyModifiers::ALT)).unwrap();
    assert_eq!(effect, None);
}

#[test]
fn another_panel_is_reached_from_details_and_help() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    for (keys, panel) in
        [("\n2", keys::Panel::Cooldowns), ("?\t", keys::Panel::Token), ("?1", keys::Panel::Requests)]
    {
        press(&mut console, keys);
        assert_eq!(console.panel, panel);
        assert!(matches!(console.mode, Mode::Panel));
    }
}

#[test]
fn what_is_scrolled_to_the_end_scrolls_back_at_once() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    press(&mut console, "?");
    let top = screen(&mut console, 80, 24, false);
    press(&mut console, "G");
    let end = screen(&mut console, 80, 24, false);
    assert!(end.contains("q, Ctrl-C") && top != end);
    press(&mut console, "k");
    let back = screen(&mut console, 80, 24, false);
    assert!(back != end, "{back}");
    press(&mut console, "g");
    assert_eq!(screen(&mut console, 80, 24, false), top);
}

#[test]
fn what_was_done_elsewhere_is_taken_back_only_after_asking() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    assert_eq!(press(&mut console, "u"), []);
    let ban = |console: &mut Console, entry: &str| {
        let told = effects::run(Effect::Ban(vec![(BanKind::Ip, Edit::Add(entry.into()))]), &console.opened);
        assert_eq!(told.failed, None);
        told
    };
    let undone = |console: &mut Console, keys: &str| match press(console, keys).as_slice() {
        [Effect::Undo(act, _)] => *act,
        other => panic!("{other:?}"),
    };
    // By a command, or another console.
    ban(&mut console, "192.0.2.1");
    assert_eq!(press(&mut console, "u"), []);
    let shown = screen(&mut console, 80, 24, false);
    assert!(shown.contains("Undo the ban of 192.0.2.1 in banned_ips.txt?"), "{shown}");
    assert_eq!(press(&mut console, "n"), []);
    assert_eq!(undone(&mut console, "uy"), 1);
    // Here, just now.
    let told = ban(&mut console, "192.0.2.2");
    console.busy = 1;
    assert_eq!(press(&mut console, "u"), []);
    console.take_done(told).unwrap();
    assert_eq!(undone(&mut console, "u"), 2);
}

#[test]
fn an_invitation_is_a_form_and_its_link_stands_there_once() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::new(dir.path());
    let public_url = Some("https://desk.your.server".to_owned());
    let (sign_up, when_homeserver_unreachable) = (SignUp::Link, WhenUnreachable::Accept);
    let settings =
        Settings { public_url, sign_up, when_homeserver_unreachable, trial: false, ..Settings::trial() };
    let store = Arc::new(Store::open(&folder).unwrap());
    std::fs::write(dir.path().join("banned_usernames.txt"), "bot\n").unwrap();
    let mut console = console(&at_desk(settings, folder, store), PLAIN);
    assert_eq!(press(&mut console, "ino way\n"), []);
    let text = screen(&mut console, 60, 14, false);
    assert!(text.contains("> name  no way") && text.contains("Esc cancels"), "{text}");
    press(&mut console, &"\u{8}".repeat(6));
    assert_eq!(press(&mut console, "a.bot\n"), []);
    assert!(screen(&mut console, 80, 24, false).contains("hand it over"), "neither mailed nor handed over");
    let control = |console: &mut Console, key| {
        console.key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::CONTROL)).unwrap();
    };
    control(&mut console, 'p');
    let text = screen(&mut console, 80, 24, false);
    assert!(text.contains("[x] Ctrl-P hand it over") && text.contains("[ ] Ctrl-B despite bans"), "{text}");
    let _ = done(&mut console, "\n");
    let text = screen(&mut console, 80, 24, false);
    assert!(text.contains("banned_usernames.txt line 1: bot; Ctrl-B"), "the form is there again: {text}");
    control(&mut console, 'b');
    let said = done(&mut console, "\n").unwrap();
    assert!(said.contains("Invited, request 1") && said.contains("u takes it back"), "{said}");
    let text = screen(&mut console, 80, 24, false);
    let url = text.lines().map(str::trim).find(|line| line.starts_with("https://")).unwrap().to_owned();
    assert_eq!(url.len(), "https://desk.your.server/signup/".len() + 32, "alone on its line");
    press(&mut console, "yq");
    assert_eq!(console.copied.as_deref(), Some(url.as_str()));
    assert!(!console.is_over && !format!("{:?}", console.mode).contains(&url[32..]));
    press(&mut console, "\u{1b}");
    assert!(!screen(&mut console, 80, 24, false).contains(&url));
    assert!(done(&mut console, "u").unwrap().contains("Invitation 1 is taken back"));
    console.read_only = true;
    press(&mut console, "i");
    assert!(matches!(console.mode, Mode::Panel));
}

/// Has done what these keys ask for.
fn done(console: &mut Console, keys: &str) -> Result<String, String> {
    for effect in press(console, keys) {
        console.busy += 1;
        let told = effects::run(effect, &console.opened);
        console.take_done(told).unwrap();
    }
    console.message.clone().unwrap_or_else(|| Err("nothing is said".into()))
}

#[test]
fn what_was_done_here_is_taken_back_step_by_step_and_done_again() {
    let (dir, opened) = populated();
    let held = request("dora", "dora@example.net", Some("192.0.2.7"), 5);
    opened.store.write(move |store| store.record_accepted(&held, None, None).map(drop)).unwrap();
    let mut console = console(&opened, PLAIN);
    let verdicts = |console: &mut Console| {
        console.read().unwrap();
        console.window.iter().take(2).map(|row| row.verdict.clone()).collect::<Vec<_>>()
    };
    assert!(done(&mut console, "a").unwrap().contains("u takes it back"));
    // The next one that waits is selected.
    done(&mut console, "a").unwrap();
    assert_eq!(verdicts(&mut console), ["accepted", "accepted"]);
    done(&mut console, "4gkka\n192.0.2.9\n").unwrap();
    let bans = || std::fs::read_to_string(dir.path().join("banned_ips.txt")).unwrap();
    assert_eq!(bans(), "192.0.2.9\n");
    done(&mut console, "u").unwrap();
    done(&mut console, "1u").unwrap();
    assert_eq!((bans().as_str(), verdicts(&mut console)), ("", vec!["accepted".to_owned(), "held".into()]));
    done(&mut console, "u").unwrap();
    assert_eq!(verdicts(&mut console), ["held", "held"]);
    assert!(done(&mut console, "u").unwrap_err().contains("nothing to undo"));
    for _ in 0..3 {
        done(&mut console, "U").unwrap();
    }
    assert_eq!((bans().as_str(), verdicts(&mut console)), ("192.0.2.9\n", vec!["accepted".to_owned(); 2]));
    assert!(done(&mut console, "U").unwrap_err().contains("nothing to redo"));
    let letter = opened.store.read(|store| store.letter_of_request(18)).unwrap().unwrap().id;
    opened.store.write(move |store| store.claim_letter(letter, Some(1), "<a@your.server>", now())).unwrap();
    done(&mut console, "u").unwrap();
    assert!(done(&mut console, "u").unwrap().contains("Request 17 waits"));
    // What is in the mail server's hands can be undone a moment later, perhaps; what is mailed cannot.
    let desk = Lock::take(opened.folder.path(), Purpose::Desk).unwrap();
    for _ in 0..2 {
        assert!(done(&mut console, "u").unwrap_err().contains("try again in a moment"));
    }
    drop(desk);
    opened.store.write(move |store| store.letter_sent(letter, "250 ok", now(), now())).unwrap();
    assert!(done(&mut console, "u").unwrap_err().contains("its email was sent, or may have arrived"));
    assert!(done(&mut console, "u").unwrap_err().contains("nothing to undo"));
}

#[test]
fn a_ban_that_hits_who_waits_offers_to_refuse_them() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    done(&mut console, "b↓\n").unwrap();
    let shown = screen(&mut console, 80, 24, false).replace('|', " ");
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("17 (carol, carol@example.net). Refuse them?"), "{shown}");
    assert!(done(&mut console, "y").unwrap().contains("Refused: carol@example.net"));
    console.read().unwrap();
    assert_eq!(console.window[0].verdict, "refused");
}

#[test]
fn a_wave_of_refusals_is_told_in_words() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    assert!(!screen(&mut console, 80, 24, false).contains("in the last hour"));
    for number in 0..30 {
        refused(&opened, &format!("w{number}"), "w@example.org", "email_banned", "x", 5);
    }
    console.now += TimeDelta::seconds(2);
    console.read().unwrap();
    for (width, height) in [(80, 24), (60, 14)] {
        let shown = screen(&mut console, width, height, false);
        assert!(shown.contains("! 32 refused in the last hour"), "{shown}");
    }
}

#[test]
fn an_alarm_is_told_in_full_or_says_how_it_is_seen_in_full() {
    let (_dir, opened) = populated();
    let _running = Lock::take(opened.folder.path(), Purpose::Desk).unwrap();
    let what = "127.0.0.1 does not let register@your.server in (No Response: [AUTHENTICATIONFAILED] Invalid credentials): \
                see imap.username and imap.password (or token_command)";
    let mut alarms = vec![("letter_box".to_owned(), what.to_owned())];
    for count in [1, 2] {
        let condition = DeskCondition { alarms: alarms.clone(), ..DeskCondition::default() };
        opened.store.write(move |store| store.note_condition(&condition)).unwrap();
        let words = |width, height| {
            let mut console = console(&opened, PLAIN);
            let shown = screen(&mut console, width, height, false);
            assert!(shown.contains("17:30") || shown.contains("06-15"), "{shown}");
            shown.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert!(words(120, 40).contains(&format!("letter_box: {what}")));
        let small = words(60, 14);
        assert!(
            small.contains(if count == 1 { "(! shows all of it)" } else { "(and 1 more: ! shows them)" }),
            "{small}"
        );
        assert!(words(80, 24).contains("token_command)"));
        alarms.push(("bans".into(), "banned_ips.txt:1: this is not an IP address".into()));
    }
}

#[test]
fn an_alarm_of_several_lines_is_told_in_words() {
    let (_dir, opened) = populated();
    let _running = Lock::take(opened.folder.path(), Purpose::Desk).unwrap();
    let what =
        "config.yaml is broken, the settings stay as they were:\nconfig.yaml:3: port: it stands twice\n";
    let condition =
        DeskCondition { alarms: vec![("config".into(), what.into())], ..DeskCondition::default() };
    opened.store.write(move |store| store.note_condition(&condition)).unwrap();
    for keys in ["", "!"] {
        let mut console = console(&opened, PLAIN);
        press(&mut console, keys);
        let shown = screen(&mut console, 120, 40, false);
        assert!(shown.contains("stay as they were: config.yaml:3: port: it stands twice"), "{shown}");
    }
}

#[test]
fn a_letter_that_waits_says_for_what() {
    let (_dir, opened) = populated();
    let mut settings = opened.settings.clone();
    settings.letters_per_hour = 1;
    let opened = at_desk(settings, opened.folder.clone(), Arc::clone(&opened.store));
    let waits = |keys: &str| {
        let mut console = console(&opened, PLAIN);
        press(&mut console, keys);
        let shown = screen(&mut console, 80, 24, false).replace('|', " ");
        shown.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(waits("5").contains("no desk is running in this folder"));
    let _running = Lock::take(opened.folder.path(), Purpose::Desk).unwrap();
    assert!(!waits("5").contains("it waits"));
    opened.store.write(|store| store.note_live(1, Live::No)).unwrap();
    assert!(waits("5").contains("until the homeserver accepts the token"));
    assert!(waits("/bob\n\n").contains("until the homeserver accepts the token"));
    opened.store.write(|store| store.note_live(1, Live::Yes)).unwrap();
    opened
        .store
        .write(|store| {
            store.claim_letter(1, Some(1), "<a@your.server>", now())?;
            store.letter_sent(1, "250 ok", now(), now())
        })
        .unwrap();
    let paced = waits("5");
    assert!(paced.contains("it waits for its turn, at "), "{paced}");
    assert!(paced.contains("1 were sent in the last hour, and letters_per_hour is 1"), "{paced}");
}

#[test]
fn what_became_of_a_letter_can_be_told_apart_at_every_size() {
    let (_dir, opened) = populated();
    opened
        .store
        .write(|store| {
            store.claim_letter(1, Some(1), "<a@your.server>", now())?;
            store.letter_failed(1, "550 no such user", now()).map(drop)
        })
        .unwrap();
    for (width, height, failed) in
        [(120, 40, "email failed "), (80, 24, "email failed "), (60, 14, "email fail~")]
    {
        let shown = screen(&mut console(&opened, PLAIN), width, height, false);
        assert!(shown.contains(failed) && shown.contains("email owed"), "{shown}");
    }
    // The keys that do something are told, and no others.
    let mut console = console(&opened, PLAIN);
    press(&mut console, "\n");
    assert!(screen(&mut console, 80, 24, false).contains("\na approve"));
    press(&mut console, "\u{1b}/alice\n\n");
    let shown = screen(&mut console, 80, 24, false);
    assert!(
        shown.contains("failed") && shown.contains("550 no such user") && shown.contains("\nb ban"),
        "{shown}"
    );
}

#[test]
fn words_that_have_no_room_in_their_row_stand_below_the_list() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    press(&mut console, "4G");
    let shown = screen(&mut console, 80, 24, false);
    assert!(shown.contains("line 2 of banned_usernames.txt is left out:"), "{shown}");
}

#[test]
fn what_only_looks_changes_nothing() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    console.read_only = true;
    for panel in "123456".chars() {
        press(&mut console, &panel.to_string());
        for key in "axblRedrpuUi".chars() {
            assert_eq!(press(&mut console, &format!("{key}y\n\u{1b}")), [], "{panel}{key}");
            assert!(!console.is_over);
        }
    }
}

fn keys() -> impl Strategy<Value = KeyEvent> {
    let codes = prop_oneof![
        8 => prop::sample::select("123456jkgG/?axblvRedtrpuUiyn hsTy!: q\u{e9}*.@".chars().collect::<Vec<_>>()).prop_map(KeyCode::Char),
        2 => any::<char>().prop_map(KeyCode::Char),
        4 => prop::sample::select(vec![
            KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::BackTab, KeyCode::Up, KeyCode::Down, KeyCode::Left,
            KeyCode::Right, KeyCode::Home, KeyCode::End, KeyCode::PageUp, KeyCode::PageDown, KeyCode::Backspace,
            KeyCode::Delete, KeyCode::F(1),
        ]),
    ];
    (codes, prop::bool::weighted(0.05)).prop_map(|(code, control)| {
        KeyEvent::new(code, if control { KeyModifiers::CONTROL } else { KeyModifiers::NONE })
    })
}

/// What stands in the files that people edit.
fn files(dir: &tempfile::TempDir) -> Vec<Option<Vec<u8>>> {
    let names = ["config.yaml", ".registration_token", "registrations.json"];
    let lists = BanKind::ALL.map(BanKind::file_name);
    lists.iter().chain(&names).map(|name| std::fs::read(dir.path().join(name)).ok()).collect()
}

/// What is decided in the desk's memory alone, and can be taken back or waits.
fn is_harmless(effect: &Effect) -> bool {
    matches!(effect, Effect::Approve(ids) if ids.len() == 1)
        || matches!(effect, Effect::Lift(_) | Effect::Retry(_) | Effect::Invite(_))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_keys_break_it_and_no_file_is_changed_unasked(
        keys in prop::collection::vec(keys(), 0..80),
        size in (1u16..140, 1u16..50),
        names in prop::collection::vec("\\PC{0,30}", 0..4),
    ) {
        let (dir, opened) = populated();
        for name in &names {
            refused(&opened, name, name, "malformed", name, 1);
        }
        // Somebody else's, which nobody here may take back unasked.
        effects::run(Effect::Ban(vec![(BanKind::Ip, Edit::Add("192.0.2.66".into()))]), &opened);
        let mut console = console(&opened, COLOURS);
        let mut own = Vec::new();
        for key in keys {
            let asked = matches!(
                (&console.mode, key.code),
                (Mode::Ask(_), KeyCode::Char('y')) | (Mode::BanMenu(..) | Mode::Type(_), KeyCode::Enter)
            );
            let before = files(&dir);
            let effect = console.key(key).unwrap();
            screen(&mut console, size.0, size.1, false);
            count(&mut console);
            prop_assert_eq!(&files(&dir), &before);
            if let Some(effect) = effect {
                let is_own = matches!(&effect, Effect::Undo(act, _) | Effect::Redo(act, _) if own.contains(act));
                prop_assert!(asked || is_own || is_harmless(&effect), "{:?}", effect);
                // Really done, as far as that needs nothing outside.
                if !matches!(effect, Effect::Rotate) {
                    console.busy += 1;
                    let told = effects::run(effect, &opened);
                    own.extend(&told.acts);
                    console.take_done(told).unwrap();
                }
            }
            console.is_over = false;
        }
    }
}

/// A desk with requests that wait, every sixth of them from one domain and net.
fn with_waiting(count: usize) -> (tempfile::TempDir, Arc<Opened>) {
    let (dir, opened) = folder();
    for number in 0..count {
        let (name, ip) = (format!("n{number}"), format!("192.0.2.{number}"));
        let (address, ip) = if number % 6 == 0 {
            (format!("buy{number}@trash.example"), format!("203.0.113.{number}"))
        } else {
            (format!("n{number}@club{number}.example"), ip)
        };
        let held = request(&name, &address, Some(&ip), 60 - i64::try_from(number).unwrap());
        opened.store.write(move |store| store.record_accepted(&held, None, None).map(drop)).unwrap();
    }
    (dir, opened)
}

fn verdicts(console: &Console) -> [usize; 3] {
    let rows =
        console.opened.store.read(|store| store.requests(&crate::store::RequestFilter::default())).unwrap();
    ["accepted", "held", "refused"].map(|verdict| rows.iter().filter(|row| row.verdict == verdict).count())
}

#[test]
fn what_an_operator_does_takes_few_keys() {
    let shown = |console: &mut Console| screen(console, 80, 24, false);
    // 1: is it well? Nothing is pressed.
    let (_dir, opened) = populated();
    let running = Lock::take(opened.folder.path(), Purpose::Desk).unwrap();
    let mut one = console(&opened, PLAIN);
    let text = shown(&mut one);
    for part in ["open", "1 waiting", "outbox 2", "mail_server", "live"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // 2: why did superadmin get nothing? Seven of its name are enough.
    press(&mut one, "/supera\n\n");
    assert!(shown(&mut one).contains("banned by banned_usernames.txt line 1"));
    drop(running);

    // 3: this spammer's domain and net are banned, and who waits is refused; it is seen that nobody else is hit.
    let (dir, opened) = with_waiting(30);
    let mut console = console(&opened, PLAIN);
    press(&mut console, "G");
    let keys = "b25";
    press(&mut console, keys);
    let text = shown(&mut console);
    assert!(
        text.contains("* its domain") && text.contains("* its /24") && text.contains("hits 5, 0 accepted"),
        "{text}"
    );
    done(&mut console, "\n").unwrap();
    assert!(shown(&mut console).contains("Refuse them?"));
    done(&mut console, "y").unwrap();
    assert!(keys.len() + 2 <= 9);
    let bans = || {
        BanKind::ALL
            .map(|kind| std::fs::read_to_string(dir.path().join(kind.file_name())).unwrap_or_default())
    };
    assert_eq!(bans(), ["203.0.113.0/24\n", "trash.example\n", ""]);
    assert_eq!(verdicts(&console), [0, 25, 5]);
    // 4: both are taken back, after who was refused.
    for _ in 0..5 {
        done(&mut console, "u").unwrap();
    }
    assert_eq!(verdicts(&console), [0, 30, 0]);
    done(&mut console, "u").unwrap();
    done(&mut console, "u").unwrap();
    assert_eq!(bans(), ["", "", ""]);

    // 5: of thirty who wait five are spam.
    let (_dir, opened) = with_waiting(30);
    let mut console = self::console(&opened, PLAIN);
    let (spam, others) = ("h/trash\n*x\n", "\u{1b}*ay");
    done(&mut console, spam).unwrap();
    done(&mut console, others).unwrap();
    assert!(spam.len() + others.len() <= 25);
    assert_eq!(verdicts(&console), [25, 0, 5]);

    // 6: what has come since yesterday?
    console.visited_at = Some(now() - TimeDelta::hours(20));
    press(&mut console, "6");
    let text = shown(&mut console).replace('|', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("20 h 0 min ago): 25 accepted, 0 held, 5 refused") && text.contains("the approval of"),
        "{text}"
    );

    // 7: the token by telephone.
    let (_dir, opened) = populated();
    let mut console = self::console(&opened, PLAIN);
    press(&mut console, "3v");
    assert!(
        shown(&mut console).contains("alfa-Tango-oscar-kilo   echo-november-Oscar-foxtrot"),
        "{}",
        shown(&mut console)
    );

    // 8: one filter.
    refused(&opened, "eve", "eve@example.net", "rate_limited", "too many", 60 * 24 * 6);
    press(&mut console, "1/on:tue domain:example.net reason:rate_limited");
    assert_eq!(console.rows().0, 1, "{}", shown(&mut console));
}

#[test]
fn what_is_marked_is_decided_with_one_question_that_names_the_odd_ones() {
    let (_dir, opened) = populated();
    for name in ["dora", "emil"] {
        let held = request(name, &format!("{name}@mail.example"), Some("192.0.2.7"), 5);
        opened.store.write(move |store| store.record_accepted(&held, None, None).map(drop)).unwrap();
    }
    let mut console = console(&opened, PLAIN);
    press(&mut console, "    a");
    let text = screen(&mut console, 80, 24, false)
        .replace('|', " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(text.contains("3 marked: 2 of mail.example, 1 of example.net."), "{text}");
    assert!(text.contains("is left out: it does not wait. Approve them?"), "{text}");
    assert_eq!(press(&mut console, "n"), []);
    assert_eq!(console.marks(), 4);
    assert!(matches!(press(&mut console, "ay")[..], [Effect::Approve(ref ids)] if ids.len() == 3));
    // Escape takes the marks away before the filter.
    press(&mut console, "\u{1b}/spam\n*\u{1b}");
    assert_eq!((console.marks(), console.rows().0), (0, 12));
}

#[test]
fn enter_leads_to_the_requests_and_escape_comes_back() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    for (keys, panel, rows) in [("4gj\n", keys::Panel::Bans, 12), ("2\n", keys::Panel::Cooldowns, 1)] {
        press(&mut console, keys);
        assert_eq!((console.panel, console.rows().0), (keys::Panel::Requests, rows), "{keys}");
        press(&mut console, "\u{1b}");
        assert_eq!(console.panel, panel, "{keys}");
    }
    press(&mut console, "5\n");
    assert!(screen(&mut console, 80, 24, false).contains("bob@example.org"));
    press(&mut console, "\u{1b}");
    assert_eq!(console.panel, keys::Panel::Outbox);
    let told = effects::run(Effect::Approve(vec![17]), &opened);
    console.take_done(told).unwrap();
    press(&mut console, "6\n");
    assert!(screen(&mut console, 80, 24, false).contains("carol@example.net"));
    press(&mut console, "\u{1b}");
    assert_eq!(console.panel, keys::Panel::Journal);
    // A line of the journal is taken back by itself.
    assert!(matches!(press(&mut console, "u")[..], [Effect::Undo(1, _)]));
}

#[test]
fn what_is_not_understood_is_told_while_it_is_typed() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    press(&mut console, "/reason:emax\n");
    let text = screen(&mut console, 80, 24, false);
    assert!(text.contains("! reason:emax: one of"), "{text}");
    assert_eq!(console.rows(), (17, 17));
    press(&mut console, "\u{8}i\t");
    assert!(screen(&mut console, 80, 24, false).contains("/reason:email_"));
    press(&mut console, "b\t\n");
    assert_eq!(console.rows(), (12, 17));
    // It is remembered.
    press(&mut console, "\u{1b}/↑\n");
    assert_eq!(console.filter(), "reason:email_banned");
    assert_eq!(console.rows(), (12, 17));
}

#[test]
fn everything_is_found_by_its_words() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    press(&mut console, ":pause");
    assert!(screen(&mut console, 80, 24, false).contains("pause or resume the desk"));
    assert_eq!(press(&mut console, "\ny"), [Effect::Pause(true)]);
    press(&mut console, ":test value\n");
    assert_eq!(console.panel, keys::Panel::Bans);
    assert!(matches!(console.mode, Mode::Type(_)));
}

#[test]
fn what_is_selected_is_copied_and_never_said_to_have_arrived() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    press(&mut console, "y");
    assert_eq!(console.copied.take().as_deref(), Some("carol@example.net"));
    assert!(screen(&mut console, 80, 24, false).contains("If it was not copied"));
    press(&mut console, "3y");
    assert_eq!(console.copied, None);
    press(&mut console, "vy");
    assert_eq!(console.copied.take().as_deref(), Some("aTokenOf32CharactersForScreens22"));
    assert!(!console.message.clone().unwrap().unwrap().contains("aTokenOf"));
}

#[test]
fn names_and_addresses_are_whole_where_there_is_room() {
    let (_dir, opened) = populated();
    refused(&opened, "sixteen.letters1", "of22.columns@abc.examp", "malformed", "x", 0);
    for size in [(80, 24), (120, 40), (160, 45)] {
        let text = screen(&mut console(&opened, PLAIN), size.0, size.1, false);
        assert!(text.contains("sixteen.letters1") && text.contains("of22.columns@abc.examp"), "{text}");
    }
}

#[test]
fn headings_are_no_entries() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    press(&mut console, "4/trash\ng");
    assert_eq!(console.counts(), (1, 2));
    press(&mut console, "d");
    assert!(screen(&mut console, 80, 24, false).contains("Delete *@trash.example"));
}

#[test]
fn no_text_names_a_command_of_the_shell() {
    let (_dir, opened) = populated();
    for keys in ["", "\n", "2", "3", "4", "5", "6", "?", ":", "h"] {
        let mut console = console(&opened, PLAIN);
        press(&mut console, keys);
        let text = screen(&mut console, 120, 60, false);
        assert!(!text.contains("doorman "), "{keys}: {text}");
    }
}

#[test]
fn help_goes_a_page_at_a_time() {
    let (_dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    press(&mut console, "?");
    let mut seen = String::new();
    for _ in 0..12 {
        seen.push_str(&screen(&mut console, 60, 14, false));
        console.key(arrow(KeyCode::PageDown)).unwrap();
    }
    for shown in ["Tab ", "p  ", "u  ", "x  ", "Ctrl-L", "q, Ctrl-C"] {
        assert!(seen.contains(shown), "{shown}: {seen}");
    }
}

#[test]
fn a_ban_can_hold_and_end_by_itself() {
    let (dir, opened) = populated();
    let mut console = console(&opened, PLAIN);
    press(&mut console, "b2mwait");
    assert!(screen(&mut console, 80, 24, false).contains("is not an action"));
    press(&mut console, "\n");
    assert!(matches!(console.mode, Mode::Type(_)), "what is not understood is not taken");
    press(&mut console, "\u{8}\u{8}\u{8}\u{8}hold until=2099-01-01 note=spring\n");
    let text = screen(&mut console, 80, 24, false);
    assert!(text.contains("* its domain") && text.contains("It will: hold until=2099-01-01"), "{text}");
    done(&mut console, "\n").unwrap();
    let written = std::fs::read_to_string(dir.path().join("banned_emails.txt")).unwrap();
    assert!(
        written.contains("#: hold until=2099-01-01 note=\"spring\" by=operator")
            && written.contains("\nexample.net\n"),
        "{written}"
    );
}
