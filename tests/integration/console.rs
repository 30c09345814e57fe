//! The operator's console: the built binary in a terminal, beside a running desk.

use std::process::Command;
use std::time::Duration;

use chrono::TimeDelta;
use doorman::clock::{Clock, SystemClock};
use doorman::domain::{Channel, EmailAddress};
use doorman::store::{Record, Store};

use crate::support::desk::{Desk, Folder};
use crate::support::faults::Disk;
use crate::support::homeserver::{Act, FakeHomeserver};
use crate::support::terminal::Terminal;
use crate::support::{free_port, wait_until};

const ENTER: &str = "\r";
const ESCAPE: &str = "\x1b";
const DOWN: &str = "\x1b[B";

/// A console ends within this after a key or a signal.
const AT_ONCE: Duration = Duration::from_secs(2);

/// A desk whose homeserver takes its token, and which is open.
fn desk(more: &str) -> (FakeHomeserver, Folder, Desk) {
    let homeserver = FakeHomeserver::start();
    let folder = Folder::new(&format!(
        "base_url: {}\ndowntime_before_token_reset: 0\nemail_cooldown: 3600\n{more}",
        homeserver.url
    ));
    let desk = folder.start();
    desk.wait_until_open();
    (homeserver, folder, desk)
}

/// The line with this in it.
fn line<'a>(screen: &'a str, part: &str) -> &'a str {
    screen.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("no line has {part}:\n{screen}"))
}

/// The two lines above everything.
fn status(screen: &str) -> String {
    screen.lines().take(2).collect::<Vec<_>>().join(" · ")
}

#[test]
fn requests_are_listed_as_they_come_and_enter_tells_everything() {
    let (homeserver, folder, desk) = desk("");
    homeserver
        .on("username=taken", Act::Answer(400, r#"{"errcode": "M_USER_IN_USE", "error": "taken"}"#.into()));
    folder.write("banned_usernames.txt", "boss\n");
    wait_until("the ban holds", || desk.log().contains("banned_usernames.txt is in force").then_some(()));
    let mut console = Terminal::console(folder.path(), 80, 24);
    console.wait_for("Nobody has asked");
    assert_eq!(desk.verdict("alice", "alice@example.org"), "accepted");
    let screen = console.wait_for("alice@example.org");
    assert!(screen.contains("[1 Requests]"), "{screen}");
    wait_until("the ban holds", || {
        (desk.verdict("boss", "b@example.org") == "username_unavailable").then_some(())
    });
    assert_eq!(desk.verdict("alice", "mallory@example.org"), "username_unavailable");
    assert_eq!(desk.verdict("taken", "t@example.org"), "username_unavailable");
    assert_eq!(desk.verdict("!", "nobody"), "malformed");
    let screen = console.wait_for("malformed");
    let order = ["malformed", "taken", "mallory", "boss", "alice@example.org"];
    let places: Vec<usize> = order.iter().map(|name| screen.find(name).unwrap()).collect();
    assert!(places.is_sorted(), "newest first: {places:?}\n{screen}");

    for (name, which) in [
        ("mallory", "already requested here"),
        ("taken", "in use on the homeserver"),
        ("boss", "banned by banned_usernames.txt line 1: boss"),
    ] {
        console.press(&format!("/{name}{ENTER}"));
        console.wait_for("1 of");
        console.press(ENTER);
        let screen = console.wait_for(which);
        for part in
            ["name ", "address ", "IP ", "127.0.0.1", "channel ", "web", "refused", "username_unavailable"]
        {
            assert!(screen.contains(part), "{part}: {screen}");
        }
        console.press(ESCAPE);
        console.wait_without(which);
        console.press("/");
        console.press(ESCAPE);
        console.wait_for("alice@example.org");
    }
    console.press("q");
    console.end_within(AT_ONCE);
}

#[test]
fn panels_are_reached_by_digit_and_tab_and_the_active_one_is_named() {
    let (_homeserver, folder, _desk) = desk("");
    let mut console = Terminal::console(folder.path(), 80, 24);
    console.wait_for("[1 Requests]");
    for (keys, name) in [
        ("3", "[3 Token]"),
        ("2", "[2 Cooldowns]"),
        ("5", "[5 Outbox]"),
        ("4", "[4 Bans]"),
        ("\t", "[5 Outbox]"),
        ("\t", "[6 Journal]"),
        ("\t", "[1 Requests]"),
        ("\x1b[Z", "[6 Journal]"),
        ("1", "[1 Requests]"),
    ] {
        console.press(keys);
        console.wait_for(name);
    }
    // Escape and a key in one piece, as they come over a slow line.
    console.press("/zzz\x1b4");
    console.wait_for("[4 Bans]");
    console.press("1?");
    let screen = console.wait_for("Keys (Esc closes");
    assert!(screen.contains("ban address, domain"), "{screen}");
    console.press("G");
    console.wait_for("signs ");
    console.press(ESCAPE);
    console.wait_without("Keys (Esc closes");
}

#[test]
fn the_status_tells_what_the_desk_does_at_every_size() {
    let (homeserver, folder, desk) = desk("");
    let mut console = Terminal::console(folder.path(), 60, 14);
    let screen = console.wait_for("desk");
    for word in ["open", "reset", "token", "live", "outbox", "box"] {
        assert!(status(&screen).contains(word), "{word}: {screen}");
    }
    // By hand from elsewhere, and from here after `y`.
    folder.ok(&["pause"]);
    console.wait_for("closed: paused");
    console.press("pn");
    console.wait_for("Nothing was changed");
    assert_eq!(desk.get_json("/api/status")["open"], false);
    console.press("p");
    assert!(console.wait_for("Resume the desk?").contains("y: yes"));
    console.press("y");
    console.wait_without("closed");
    desk.wait_until_open();
    // The token is not live any more.
    homeserver.on("/validity", Act::Answer(200, r#"{"valid": false}"#.into()));
    console.press("3R");
    assert!(console.wait_for("Make a new token now?").contains("y: yes"));
    console.press("y");
    let screen = console.wait_for("closed: ");
    assert!(status(&screen).contains("not live"), "{screen}");
    // The desk goes, and comes again.
    drop(desk);
    let screen = console.wait_for("no desk");
    assert!(status(&screen).contains("closed"), "{screen}");
    homeserver.on("/validity", Act::Answer(200, r#"{"valid": true}"#.into()));
    let desk = folder.start();
    desk.wait_until_open();
    let screen = console.wait_without("no desk");
    assert!(status(&screen).contains("token"), "{screen}");
    console.wait_without("closed");
    // All was well, but there is nobody to ask any more: not open; a pause is still called one.
    drop(desk);
    let screen = console.wait_for("no desk");
    assert!(status(&screen).contains("closed") && !status(&screen).contains("open"), "{screen}");
    folder.ok(&["pause"]);
    let screen = console.wait_for("closed: paused");
    assert!(status(&screen).contains("no desk"), "{screen}");
}

#[test]
fn an_approved_letter_is_owed_at_once_can_be_taken_back_and_goes_out_after_ten_seconds() {
    let (_homeserver, folder, desk) = desk("approval: manual\n");
    assert_eq!(desk.verdict("alice", "alice@example.org"), "held");
    let mut console = Terminal::console(folder.path(), 80, 24);
    console.wait_for("approval");
    console.press("a");
    console.wait_for("Approved: the email for alice goes to alice@example.org");
    assert!(folder.ok(&["outbox"]).contains("alice@example.org"));
    console.press("u");
    console.wait_for("waits for your decision again");
    assert!(!folder.ok(&["outbox"]).contains("alice@example.org"));
    // From its details, too.
    console.press(ENTER);
    console.wait_for("verdict   held");
    console.press("a");
    console.wait_for("Approved:");
    console.press("5");
    assert!(line(&console.wait_for("[5 Outbox]"), "alice@example.org").contains("owed"));
    assert!(folder.letters().is_empty());
    console.wait_for_screen("it is sent", |screen| screen.contains("> sent"));
    assert_eq!(folder.letters().len(), 1);
    console.press("u");
    console.wait_for("was sent, or may have arrived");
    // A refusal without a reason sends nothing and frees both.
    assert_eq!(desk.verdict("bob", "bob@example.org"), "held");
    console.press("1");
    console.wait_for("bob@example.org");
    console.press("gx");
    console.wait_for("Refuse bob for bob@example.org");
    console.press(ENTER);
    console.wait_for("Refused: bob@example.org is not told");
    assert_eq!(desk.verdict("bob", "bob@example.org"), "held");
    assert_eq!(folder.letters().len(), 1);
}

#[test]
fn a_ban_says_what_it_would_have_hit_is_in_force_and_is_taken_back() {
    let (_homeserver, folder, desk) = desk("trusted_proxies: [loopback]\n");
    folder.write("banned_emails.txt", "# who sells\n");
    for (name, email) in [("alice", "alice@example.org"), ("buy-now", "s1@trash.example")] {
        let answer = desk.ask_with(name, email, "X-Forwarded-For: 192.0.2.9\r\n");
        assert_eq!(answer.json()["status"], "accepted");
    }
    let mut console = Terminal::console(folder.path(), 80, 24);
    console.wait_for("buy-now");
    console.press("b");
    let screen = console.wait_for("Ban what?");
    for (option, entry, hits) in [
        ("the address", "s1@trash.example", "hits 1, 1 accepted"),
        ("its domain", "trash.example", "hits 1, 1 accepted"),
        ("the name", "^buy\\-now$", "hits 1, 1 accepted"),
        ("the IP", "192.0.2.9", "hits 2, 2 accepted"),
        ("its /24", "192.0.2.0/24", "hits 2, 2 accepted"),
    ] {
        let line = line(&screen, option);
        assert!(line.contains(entry) && line.contains(hits), "{option}: {screen}");
    }
    console.press(&DOWN.repeat(4));
    console.wait_for("> 5   its /24");
    let screen = console.wait_for("alice (alice@example.org)");
    assert!(screen.contains("buy-now (s1@trash.example)"), "{screen}");
    console.press(ESCAPE);
    console.wait_for("Nothing was changed");
    assert_eq!(folder.read("banned_ips.txt"), "");
    console.press(&format!("b{DOWN}"));
    console.wait_for("> 2   its domain");
    console.press(ENTER);
    console.wait_for("banned_emails.txt:2: added trash.example");
    assert_eq!(folder.read("banned_emails.txt"), "# who sells\ntrash.example\n");
    wait_until("it is in force", || {
        (desk.verdict("other", "s2@trash.example") == "email_banned").then_some(())
    });
    console.press("u");
    console.wait_for("removed trash.example");
    assert_eq!(folder.read("banned_emails.txt"), "# who sells\n");
    // What somebody else did is asked about.
    folder.ok(&["ban", "add", "ip", "198.51.100.1"]);
    console.press("u");
    console.wait_for("Undo the ban of 198.51.100.1");
    console.press("n");
    console.wait_for("Nothing was changed");
    assert_eq!(folder.read("banned_ips.txt"), "198.51.100.1\n");
}

#[test]
fn among_many_requests_what_a_ban_would_have_hit_is_counted_beside_and_seen_before_it_is_confirmed() {
    let folder = Folder::new("");
    let store = Store::open(&doorman::config::Folder::new(folder.path())).unwrap();
    let (now, many) = (SystemClock.now(), 12_000);
    store
        .write(move |store| {
            for number in 1..=many {
                let email = format!("s{number}@trash.example");
                store.record_refusal(&Record {
                    received_at: now - TimeDelta::seconds(many - number),
                    channel: Channel::Web,
                    username: format!("buy{number}"),
                    parsed_email: EmailAddress::parse(&email).ok(),
                    email,
                    ip: Some("192.0.2.9".parse().unwrap()),
                    held: false,
                    reason: doorman::domain::Reason::Closed,
                    detail: String::new(),
                    language: doorman::domain::Language::default(),
                    stands_for: 1,
                })?;
            }
            Ok(())
        })
        .unwrap();
    let mut console = Terminal::console(folder.path(), 80, 24);
    console.wait_for("buy12000");
    console.press(ENTER);
    console.wait_for("11999 from the domain trash.example");
    console.press(&format!("{ESCAPE}b"));
    let screen = console.wait_for("hits 12000, 0 accepted");
    assert!(line(&screen, "the address").contains("hits 1, 0 accepted"), "{screen}");
    console.press(&format!("{DOWN}{ENTER}"));
    console.wait_for("added trash.example");
    // Of all that is typed in one go, the last counts.
    console.press("4a");
    console.wait_for("Add to which list?");
    console.press(&format!("{DOWN}{DOWN}{ENTER}buy1199[0-4]"));
    console.wait_for("would have refused 5 of the last 30 days' requests");
    console.press(ENTER);
    console.wait_for("added buy1199[0-4]");
    assert_eq!(folder.read("banned_usernames.txt"), "buy1199[0-4]\n");
}

#[test]
fn the_lists_stand_as_in_their_files_and_are_edited_beside_an_editor() {
    let (_homeserver, folder, _desk) = desk("");
    folder.write("banned_ips.txt", "192.0.2.0/24\n");
    folder.write("banned_usernames.txt", "# names\n(unclosed\n.*admin.*\n");
    let mut console = Terminal::console(folder.path(), 80, 24);
    console.press("4");
    let screen = console.wait_for("LEFT OUT");
    for part in [
        "banned_ips.txt: 1 entry",
        "banned_emails.txt: 0 entries",
        "banned_usernames.txt: 1 entry",
        "# names",
    ] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    // A hand edit shows.
    folder.write("banned_emails.txt", "*@hand.example\n");
    console.wait_for("*@hand.example");
    // The kind of the selected entry; what is not valid is not written, and says why.
    console.press("ga");
    console.wait_for("Add to banned_ips.txt");
    console.press(&format!("nonsense{ENTER}"));
    console.wait_for("> nonsense");
    console.press(ENTER);
    assert!(console.screen().contains("Add to banned_ips.txt"), "{}", console.screen());
    console.press("\x15203.0.113.0/24");
    console.wait_for("would have refused 0 of the last 30 days' requests");
    console.press(ENTER);
    console.wait_for("banned_ips.txt:2: added 203.0.113.0/24");
    assert_eq!(folder.read("banned_ips.txt"), "192.0.2.0/24\n203.0.113.0/24\n");
    // From a heading it asks.
    console.press("gka");
    console.wait_for("Add to which list?");
    console.press(&format!("{DOWN}{ENTER}"));
    console.wait_for("Add to banned_emails.txt");
    console.press(ESCAPE);
    console.wait_for("Nothing was changed");
    // An edit that was not read is never overwritten.
    console.press("ge");
    console.wait_for("Edit in banned_ips.txt");
    folder.write("banned_ips.txt", "198.51.100.0/24\n");
    console.press(&format!("\x15192.0.2.0/25{ENTER}"));
    console.wait_for("there is no such entry");
    assert_eq!(folder.read("banned_ips.txt"), "198.51.100.0/24\n");
    console.wait_for("198.51.100.0/24");
    console.press("gd");
    console.wait_for("Delete 198.51.100.0/24");
    console.press("y");
    console.wait_for("removed 198.51.100.0/24");
    assert_eq!(folder.read("banned_ips.txt"), "");
    console.press("tSuperadmin");
    console.wait_for("refused by banned_usernames.txt line 3: .*admin.*");
    console.press(ESCAPE);
    console.wait_without("Which lines");
    console.press("q");
    console.end_within(AT_ONCE);
}

#[test]
fn a_line_and_what_is_wrong_with_it_show_together() {
    let (_homeserver, folder, _desk) = desk("");
    let mut console = Terminal::console(folder.path(), 80, 24);
    console.press("4");
    console.wait_for("banned_usernames.txt: 0 entries");
    for at in 0..4 {
        folder.write("banned_usernames.txt", &format!("good{at}\n(bad{at}\n"));
        let screen = console.wait_for(&format!("(bad{at}"));
        assert!(line(&screen, &format!("(bad{at}")).contains("LEFT OUT"), "{screen}");
        assert!(screen.contains("banned_usernames.txt: 1 entry"), "{screen}");
    }
}

#[test]
fn the_token_is_shown_alone_on_its_line_when_asked_for_and_hidden_again_on_leaving() {
    let (_homeserver, folder, _desk) = desk("");
    let token = folder.read(".registration_token");
    let mut console = Terminal::console(folder.path(), 80, 24);
    console.press("3");
    console.wait_for("(hidden; v shows it)");
    console.press("v");
    let screen = console.wait_for(&token);
    assert_eq!(line(&screen, &token).trim_end(), token);
    console.press("\t");
    console.wait_for("[4 Bans]");
    console.press("3");
    console.wait_for("(hidden; v shows it)");
    console.press("Ry");
    wait_until("it is another one", || (folder.read(".registration_token") != token).then_some(()));
    console.wait_for("manual");
    assert!(!console.screen().contains(&folder.read(".registration_token")));
}

#[test]
fn cooldowns_are_lifted_and_letters_that_cannot_go_out_are_retried_and_dropped() {
    let port = free_port();
    let (_homeserver, folder, desk) =
        desk(&format!("smtp: {{host: 127.0.0.1, port: {port}, tls: none, from: desk@desk.test}}\n"));
    assert_eq!(desk.verdict("alice", "alice@example.org"), "accepted");
    let mut console = Terminal::console(folder.path(), 80, 24);
    console.press("2");
    console.wait_for("alice@example.org");
    console.press("l");
    console.wait_for("The cooldown of alice@example.org is over");
    console.wait_for("No address is in a cooldown");
    console.press("5");
    // The alarm says why on every screen.
    console.wait_for("connection refused");
    let screen = console.wait_for("> owed");
    assert!(line(&screen, "> owed").contains("alice@example.org") && screen.contains("outbox 1"), "{screen}");
    console.press("r");
    console.wait_for("1 letter is due now");
    console.press("dn");
    console.wait_for("Nothing was changed");
    console.press("d");
    console.wait_for("Drop the email to alice@example.org?");
    console.press("y");
    console.wait_for("outbox 0");
    assert_eq!(desk.verdict("alice", "another@example.org"), "accepted");
}

/// What it is called, the keys before it, what ends the console, and the exit code.
type End<'a> = (&'a str, &'a str, &'a dyn Fn(&mut Terminal), u32);

#[test]
fn the_terminal_is_as_it_was_however_the_console_ends() {
    let (_homeserver, folder, desk) = desk("");
    desk.ask("alice", "alice@example.org");
    let ends: [End; 8] = [
        ("q", "", &|console| console.press("q"), 0),
        ("q in details", "\r", &|console| console.press("q"), 0),
        ("q in help", "?", &|console| console.press("q"), 0),
        ("q in a menu", "b", &|console| console.press("q"), 0),
        ("Ctrl-C while filtering", "/x", &|console| console.press("\x03"), 0),
        ("SIGTERM", "", &|console| console.signal("-TERM"), 143),
        ("SIGHUP", "4", &|console| console.signal("-HUP"), 129),
        ("SIGINT", "p", &|console| console.signal("-INT"), 130),
    ];
    for (what, keys, end, code) in ends {
        let mut console = Terminal::start(folder.path(), (80, 24), &["console", "--mouse"], &[]);
        console.wait_for("alice@example.org");
        assert!(!console.is_as_it_was(), "{what}");
        console.press(keys);
        console.wait_for("outbox");
        end(&mut console);
        assert_eq!(console.end_within(AT_ONCE).exit_code(), code, "{what}");
        console.assert_as_it_was();
        let bytes = console.bytes();
        for title in [b"\x1b]0;", b"\x1b]2;"] {
            assert!(!bytes.windows(4).any(|part| part == title), "{what}: it sets a window title");
        }
    }
}

/// A console whose threads can be made to panic.
fn console_on(faults: &Disk, folder: &Folder) -> Terminal {
    let variables = faults.variables();
    let mut set = vec![("RUST_BACKTRACE", "0")];
    set.extend(variables.iter().map(|(name, value)| (*name, value.as_str())));
    Terminal::start(folder.path(), (80, 24), &["console", "--mouse"], &set)
}

#[test]
fn after_a_panic_the_terminal_is_as_it_was_and_the_panic_can_be_read() {
    let (_homeserver, folder, desk) = desk("");
    desk.ask("alice", "alice@example.org");
    for keys in ["", ENTER, "/ali", "4a"] {
        let faults = Disk::new();
        let mut console = console_on(&faults, &folder);
        console.wait_for("alice@example.org");
        console.press(keys);
        console.wait_for("outbox");
        assert!(!console.is_as_it_was());
        faults.panics("doorman");
        assert_eq!(console.end_within(AT_ONCE).exit_code(), 101, "{keys:?}");
        console.assert_as_it_was();
        let screen = console.wait_for("panicked at");
        // On the screen that was there before: nothing of the console is left on it.
        assert!(!screen.contains("outbox"), "{screen}");
    }
}

#[test]
fn a_panic_of_another_thread_is_told_on_a_screen_that_stays() {
    let (_homeserver, folder, desk) = desk("approval: manual\n");
    assert_eq!(desk.verdict("alice", "alice@example.org"), "held");
    let faults = Disk::new();
    let mut console = console_on(&faults, &folder);
    console.wait_for("alice@example.org");
    faults.panics("console-effect");
    console.press("a");
    let screen = console.wait_for("went wrong inside doorman");
    assert!(screen.contains("[1 Requests]") && !screen.contains("panicked"), "{screen}");
    assert!(!console.is_as_it_was());
    faults.works();
    console.press("a");
    console.wait_for("Approved:");
    // Without the thread that reads them, the lists would stand there as if they were up to date.
    faults.panics("console-bans");
    let screen = console.wait_for("the ban lists");
    assert!(screen.contains("[1 Requests]") && !screen.contains("panicked"), "{screen}");
    faults.works();
    folder.write("banned_ips.txt", "192.0.2.77\n");
    console.press("4");
    console.wait_for("192.0.2.77");
    console.press("q");
    assert_eq!(console.end_within(AT_ONCE).exit_code(), 0);
    console.assert_as_it_was();
}

#[test]
fn with_its_terminal_closed_the_console_ends() {
    let (_homeserver, folder, _desk) = desk("");
    let console = Terminal::console(folder.path(), 80, 24);
    console.wait_for("[1 Requests]");
    console.close(Duration::from_secs(6));
}

#[test]
fn in_the_background_the_terminal_is_anothers() {
    let (_homeserver, folder, _desk) = desk("");
    let mut console = Terminal::console(folder.path(), 80, 24);
    console.wait_for("[1 Requests]");
    console.signal("-TSTP");
    console.assert_as_it_was();
    console.signal("-CONT");
    wait_until("it is back", || (!console.is_as_it_was()).then_some(()));
    console.wait_for("[1 Requests]");
    wait_until("its cursor is hidden again", || console.hides_cursor().then_some(()));
    console.press("4");
    console.wait_for("[4 Bans]");
    // Nobody could bring it back from here: it says so and stays.
    console.press("\x1a");
    console.wait_for("no shell to go back to");
    console.press("q");
    console.end_within(AT_ONCE);
    console.assert_as_it_was();
}

#[test]
fn nothing_is_written_while_nothing_changes() {
    let (_homeserver, folder, desk) = desk("");
    desk.ask("alice", "alice@example.org");
    let mut console = Terminal::console(folder.path(), 80, 24);
    for panel in ["1", "2", "3", "4", "5", "6"] {
        console.press(panel);
        console.wait_for(&format!("[{panel} "));
        console.wait_for_silence(Duration::from_millis(2500));
    }
}

#[test]
fn it_says_when_the_terminal_is_too_small_and_goes_on_when_it_is_enlarged() {
    let (_homeserver, folder, desk) = desk("");
    desk.ask("alice", "alice@example.org");
    let mut console = Terminal::console(folder.path(), 80, 24);
    console.wait_for("alice@example.org");
    console.resize(59, 20);
    console.wait_for("59x20: too small, at least 60x14 is needed");
    console.resize(60, 14);
    console.wait_for("alice@example.org");
    console.press("4");
    console.wait_for("[4 Bans]");
    console.resize(20, 3);
    console.wait_for("too small");
    // Nothing is done that cannot be seen.
    console.press("1");
    console.wait_until_read();
    console.resize(120, 40);
    console.wait_for("banned_usernames.txt: 0 entries");
    console.resize(20, 3);
    console.wait_for("too small");
    console.press("q");
    console.end_within(AT_ONCE);
    console.assert_as_it_was();
}

#[test]
fn without_colours_and_without_utf_8_everything_is_still_told() {
    let (_homeserver, folder, desk) = desk("");
    desk.ask("alice", "alice@example.org");
    desk.ask("名前\u{202e}", "x\u{1b}]0;pwn\u{7}");
    for (set, is_coloured, is_ascii) in [
        (&[("TERM", "xterm-256color")][..], true, false),
        (&[("TERM", "xterm")], true, false),
        (&[("NO_COLOR", "1")], false, false),
        (&[("NO_COLOR", "1"), ("LANG", "C")], false, true),
        (&[("LC_ALL", "POSIX")], true, true),
    ] {
        let mut console = Terminal::start(folder.path(), (80, 24), &["console"], set);
        let screen = console.wait_for("alice@example.org");
        assert!(screen.contains("> "), "{set:?}: {screen}");
        assert_eq!(console.styles(), (true, is_coloured), "{set:?}: {screen}");
        console.press(ENTER);
        console.wait_for("(Esc closes");
        console.press("q");
        console.end_within(AT_ONCE);
        let bytes = console.bytes();
        assert_eq!(bytes.is_ascii(), is_ascii, "{set:?}");
        let has_palette = bytes.windows(5).any(|part| part == b"38;5;");
        assert_eq!(has_palette, set[0].1 == "xterm-256color" || set[0].0 == "LC_ALL", "{set:?}");
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains('\u{202e}') && !text.contains('\u{7}') && !text.contains("\x1b]0"), "{set:?}");
    }
}

#[test]
fn what_only_looks_says_so_and_changes_nothing() {
    let (_homeserver, folder, desk) = desk("approval: manual\n");
    desk.ask("alice", "alice@example.org");
    let mut console = Terminal::start(folder.path(), (80, 24), &["console", "--read-only"], &[]);
    console.wait_for("read-only");
    console.wait_for("approval");
    for keys in ["a", "x", "b", "p", "u", "3R", "4a", "4d"] {
        console.press(keys);
        console.wait_for("this console is read-only");
        console.press("1");
        console.wait_without("this console is read-only");
    }
    assert!(folder.ok(&["requests", "--held"]).contains("alice"));
}

#[test]
fn a_folder_without_a_desk_is_shown_as_such() {
    let folder = Folder::new("");
    let looks = Terminal::start(folder.path(), (80, 24), &["console", "--read-only"], &[]).end_and_say();
    assert_eq!(looks.0, 1);
    assert!(looks.1.contains("there is no doorman.db yet"), "{}", looks.1);
    assert!(!folder.file("doorman.db").exists());
    let mut console = Terminal::console(folder.path(), 80, 24);
    let screen = console.wait_for("no desk");
    assert!(status(&screen).contains("no token"), "{screen}");
    console.press("4");
    console.wait_for("[4 Bans]");
    console.press("a");
    console.wait_for("Add to which list?");
    console.press(&format!("{ENTER}192.0.2.1{ENTER}"));
    console.wait_for("added 192.0.2.1");
    assert_eq!(folder.read("banned_ips.txt"), "192.0.2.1\n");
    console.press("q");
    console.end_within(AT_ONCE);

    let nowhere = Folder::new("");
    std::fs::remove_file(nowhere.file("config.yaml")).unwrap();
    let (code, said) = Terminal::console(nowhere.path(), 80, 24).end_and_say();
    assert_eq!(code, 1);
    assert!(said.contains("there is no config.yaml"), "{said}");
}

#[test]
fn a_restored_backup_and_other_settings_are_taken_up() {
    let (_homeserver, folder, desk) = desk("");
    desk.ask("alice", "alice@example.org");
    folder.ok(&["backup", "before.db"]);
    desk.ask("bob", "bob@example.org");
    let console = Terminal::console(folder.path(), 80, 24);
    console.wait_for("bob@example.org");
    drop(desk);
    console.wait_for("no desk");
    folder.ok(&["restore", "before.db"]);
    console.wait_without("bob@example.org");
    console.wait_for("alice@example.org");
    let config = folder.read("config.yaml");
    let reset = config.lines().find(|line| line.starts_with("token_reset_time_utc:")).unwrap();
    folder.write("config.yaml", &config.replace(reset, "token_reset_time_utc: 1234"));
    console.wait_for("reset 12:34 UTC");
    folder.write("config.yaml", "nonsense");
    console.wait_for("! ");
    folder.write("config.yaml", &config);
    let (hour, minute) = reset.split('"').nth(1).unwrap().split_at(2);
    console.wait_for(&format!("reset {hour}:{minute} UTC"));
}

#[test]
fn off_a_terminal_there_is_a_hint_and_exit_code_2() {
    let folder = Folder::new("");
    let output = folder.command(&["console"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("doorman requests --follow"));
    assert!(output.stdout.is_empty() && !folder.file("doorman.db").exists());
}

#[test]
fn a_terminal_that_cannot_show_it_is_told_what_can() {
    let folder = Folder::new("");
    let (code, said) =
        Terminal::start(folder.path(), (80, 24), &["console"], &[("TERM", "dumb")]).end_and_say();
    assert!(
        code == 2 && said.contains("doorman status") && said.contains("doorman requests"),
        "{code}: {said}"
    );
}

#[test]
fn little_goes_over_the_line() {
    let (_homeserver, folder, desk) = desk("requests_per_ip_per_hour: 0\n");
    for number in 0..20 {
        desk.ask(&format!("name{number}"), &format!("name{number}@club{number}.example"));
    }
    for colours in ["", "truecolor"] {
        let mut console = Terminal::start(folder.path(), (80, 24), &["console"], &[("COLORTERM", colours)]);
        console.wait_for("name19@club19.example");
        console.wait_for_silence(Duration::from_millis(700));
        let first = console.bytes().len();
        assert!(first <= 6 * 1024, "the first frame has {first} bytes");
        for keys in ["j", "j", "k"] {
            let before = console.bytes().len();
            console.press(keys);
            wait_until("the row is drawn", || (console.bytes().len() > before).then_some(()));
            console.wait_for_silence(Duration::from_millis(700));
            let row = console.bytes().len() - before;
            assert!(row <= 300, "{keys}: a row has {row} bytes");
        }
        // The day is counted every two seconds at most: what came last may still be added to it.
        console.wait_for_silence(Duration::from_millis(2500));
        let before = console.bytes().len();
        console.wait_for_silence(Duration::from_secs(5));
        assert_eq!(console.bytes().len(), before);
        console.press("q");
        console.end_within(AT_ONCE);
    }
}

#[test]
fn what_has_come_since_the_last_visit_is_told() {
    let (_homeserver, folder, desk) = desk("");
    let mut console = Terminal::console(folder.path(), 80, 24);
    console.press("6");
    console.wait_for("This is your first visit");
    console.press("q");
    console.end_within(AT_ONCE);
    assert_eq!(desk.verdict("alice", "alice@example.org"), "accepted");
    folder.ok(&["ban", "add", "ip", "198.51.100.1"]);
    let mut console = Terminal::console(folder.path(), 80, 24);
    console.press("6");
    let screen = console.wait_for("1 accepted, 0 held");
    assert!(line(&screen, "the ban of 198.51.100.1").contains("(command)"), "{screen}");
    console.press("u");
    console.wait_for("Undo the ban of 198.51.100.1");
    console.press("y");
    console.wait_for("removed 198.51.100.1");
    assert_eq!(folder.read("banned_ips.txt"), "");
}

#[test]
fn ctrl_l_draws_it_anew_and_a_copy_goes_to_the_terminal() {
    let (_homeserver, folder, desk) = desk("");
    desk.ask("alice", "alice@example.org");
    let mut console = Terminal::console(folder.path(), 80, 24);
    console.wait_for("alice@example.org");
    console.wait_for_silence(Duration::from_millis(700));
    let before = console.bytes().len();
    console.press("\x0c");
    wait_until("it is drawn anew", || {
        String::from_utf8_lossy(&console.bytes()[before..]).contains("alice@example.org").then_some(())
    });
    console.press("y");
    console.wait_for("If it was not copied");
    let text = String::from_utf8_lossy(&console.bytes()).into_owned();
    // base64 of the address
    assert!(text.contains("\x1b]52;c;YWxpY2VAZXhhbXBsZS5vcmc=\x1b\\"));
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = Folder::new("");
    // What only looks makes no database.
    folder.ok(&["pause"]);
    let change = |path: &std::path::Path, mode: &str| {
        assert!(Command::new("chmod").arg(mode).arg(path).status().unwrap().success());
    };
    for name in ["doorman.db", "doorman.db-wal", "doorman.db-shm", "config.yaml"] {
        if folder.file(name).exists() {
            change(&folder.file(name), "0444");
        }
    }
    change(folder.path(), "0555");
    let program = env!("CARGO_BIN_EXE_doorman");
    // root may write everywhere.
    let console = if is_root() {
        let args = ["--reuid=65534", "--regid=65534", "--clear-groups", program, "console"];
        Terminal::start_program(folder.path(), (80, 24), "setpriv", &args, &[])
    } else {
        Terminal::console(folder.path(), 80, 24)
    };
    let (code, said) = console.end_and_say();
    change(folder.path(), "0755");
    assert_eq!(code, 1, "{said}");
    let named = folder.path().canonicalize().unwrap();
    let said = said.replace(['\n', '\r'], "");
    assert!(said.contains(named.to_str().unwrap()) && said.contains("cannot be written"), "{said}");
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim() == "0"
}
