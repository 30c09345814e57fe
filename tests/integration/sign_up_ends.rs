//! Accounts whose making ends in the middle: never two, never a link that is lost, never “failed” for one that exists.

use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::fs::FileExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::time::Duration;

use crate::support::account_server::{AccountServer, Fate};
use crate::support::desk::{Desk, Folder};
use crate::support::sign_up::{LINKS, invited, post, sign_up, told};
use crate::support::smtp::SmtpServer;
use crate::support::wait_until;

const PASSWORD: &str = "correct horse battery staple";

struct Place {
    server: AccountServer,
    smtp: SmtpServer,
    folder: Folder,
}

fn place(more: &str) -> (Place, Desk) {
    let (server, smtp) = (AccountServer::start(), SmtpServer::start());
    let limits = "letters_per_hour: 0\nletters_per_address_per_day: 0\n";
    let folder = Folder::new(&format!("{}{}{LINKS}{limits}{more}", server.config(), smtp.config("none")));
    let desk = folder.start();
    desk.wait_until_open();
    (Place { server, smtp, folder }, desk)
}

/// The desk is killed and started anew.
fn again(place: &Place, desk: Desk) -> Desk {
    desk.kill();
    let desk = place.folder.start();
    desk.wait_until_open();
    desk
}

#[test]
fn an_account_whose_answer_was_lost_is_found_by_the_same_password_alone() {
    for fate in [Fate::Swallowed, Fate::Gateway] {
        let (place, desk) = place("");
        let path = invited(&desk, &place.smtp, "lost");
        place.server.state().fate = fate;
        std::thread::scope(|scope| {
            // A gateway answers at once, and a homeserver that never does is asked for half a minute.
            let answer = scope.spawn(|| sign_up(&desk, &path, &[("password", PASSWORD)]));
            assert_eq!(told(&answer.join().unwrap()), (200, "@lost:accounts.test".into()), "{fate:?}");
        });
        place.server.state().fate = Fate::Answered;
        let state = place.server.state();
        assert_eq!((state.made.len(), state.sessions), (1, 0), "the session is ended");
    }
}

#[test]
fn a_desk_that_is_killed_after_the_homeserver_has_made_it_finds_it_again() {
    let (place, mut desk) = place("");
    let path = invited(&desk, &place.smtp, "killed");
    place.server.state().fate = Fate::Swallowed;
    let mut stream = TcpStream::connect(&desk.address).unwrap();
    stream.write_all(post(&path, &[("password", PASSWORD)], "application/json").as_bytes()).unwrap();
    wait_until("it is made", || (place.server.state().made.len() == 1).then_some(()));
    desk = again(&place, desk);
    place.server.state().fate = Fate::Answered;
    // Nobody else's password leads to it, nor to a second one.
    assert_eq!(
        told(&sign_up(&desk, &path, &[("password", "somebody else's")])),
        (409, "username_unavailable".into())
    );
    let second = sign_up(&desk, &path, &[("password", "somebody else's"), ("username", "second")]);
    assert_eq!(told(&second), (409, "username_unavailable".into()));
    assert_eq!(
        told(&sign_up(&desk, &path, &[("password", PASSWORD)])),
        (200, "@killed:accounts.test".into())
    );
    let state = place.server.state();
    assert_eq!((state.made.as_slice(), state.sessions), (&["killed".to_owned()][..], 0));
}

#[test]
fn a_homeserver_that_made_nothing_is_asked_once_more() {
    let (place, mut desk) = place("");
    let path = invited(&desk, &place.smtp, "nothing");
    place.server.state().fate = Fate::Lost;
    let mut stream = TcpStream::connect(&desk.address).unwrap();
    stream.write_all(post(&path, &[("password", PASSWORD)], "application/json").as_bytes()).unwrap();
    wait_until("it is noted", || desk.log().contains("sent letter").then_some(()));
    desk = again(&place, desk);
    place.server.state().fate = Fate::Answered;
    assert_eq!(
        told(&sign_up(&desk, &path, &[("password", PASSWORD)])),
        (200, "@nothing:accounts.test".into())
    );
    assert_eq!(place.server.state().made.len(), 1);
}

#[test]
fn killed_at_any_moment_there_is_one_account_and_the_link_leads_to_it() {
    let (place, mut desk) = place("");
    place.server.state().fate = Fate::Slow(Duration::from_millis(20));
    let rounds = std::env::var("DOORMAN_KILLS").map_or(25, |rounds| rounds.parse().unwrap());
    for round in 0..rounds {
        let name = format!("moment.{round}");
        let path = invited(&desk, &place.smtp, &name);
        let mut stream = TcpStream::connect(&desk.address).unwrap();
        stream.write_all(post(&path, &[("password", PASSWORD)], "application/json").as_bytes()).unwrap();
        // From before it is read to after it is answered.
        std::thread::sleep(Duration::from_millis(round * 37 % 83));
        desk = again(&place, desk);
        let answer = sign_up(&desk, &path, &[("password", PASSWORD)]);
        assert_eq!(told(&answer), (200, format!("@{name}:accounts.test")), "round {round}");
        assert_eq!(told(&sign_up(&desk, &path, &[("password", "another")])), (410, "link_used".into()));
        let state = place.server.state();
        assert_eq!(state.made.iter().filter(|made| **made == name).count(), 1);
        assert_eq!(state.users[&name], PASSWORD);
    }
    assert_eq!(place.server.state().made.len() as u64, rounds);
}

#[test]
fn a_homeserver_that_wants_to_be_left_alone_is_waited_for() {
    let (place, desk) = place("");
    let path = invited(&desk, &place.smtp, "patient");
    place.server.state().too_often = 3;
    assert_eq!(
        told(&sign_up(&desk, &path, &[("password", PASSWORD)])),
        (200, "@patient:accounts.test".into())
    );
    assert_eq!(place.server.state().clients, ["127.0.0.1"], "it is told for whom");
}

#[test]
fn what_the_desk_cannot_pass_is_left_to_the_token() {
    for flows in [
        vec![vec!["m.login.registration_token", "m.login.recaptcha"]],
        vec![vec!["m.login.registration_token", "m.login.email.identity"]],
    ] {
        let (place, desk) = {
            let (server, smtp) = (AccountServer::start(), SmtpServer::start());
            server.state().flows = flows.clone();
            let folder =
                Folder::new(&format!("{}{}{LINKS}sign_up: link\n", server.config(), smtp.config("none")));
            let desk = folder.start();
            desk.wait_until_open();
            (Place { server, smtp, folder }, desk)
        };
        assert_eq!(desk.verdict("barred", "barred@example.org"), "accepted");
        let mail = place.smtp.wait_for_mail("barred@example.org");
        assert!(
            !mail.contains("/signup/") && mail.contains(&place.folder.read(".registration_token")),
            "{mail}"
        );
        let told = place.folder.command(&["doctor"]);
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(told.contains(flows[0][1]) && told.contains("sign-up"), "{told}");
        assert!(place.server.state().made.is_empty());
    }
}

#[test]
fn terms_are_shown_and_nobody_agrees_to_them_for_the_applicant() {
    let (place, desk) = place("");
    place.server.state().flows = vec![vec!["m.login.registration_token", "m.login.terms"]];
    let path = invited(&desk, &place.smtp, "agreed");
    // The desk learns of them when somebody is asked for them.
    let first = sign_up(&desk, &path, &[("password", PASSWORD)]);
    assert_eq!(first.status, 422, "{first:?}");
    let page = desk.get(&path);
    assert!(
        page.body.contains("https://accounts.test/rules") && page.body.contains("House rules"),
        "{page:?}"
    );
    assert_eq!(sign_up(&desk, &path, &[("password", PASSWORD)]).status, 422);
    assert!(place.server.state().made.is_empty());
    let agreed = sign_up(&desk, &path, &[("password", PASSWORD), ("terms", "on")]);
    assert_eq!(told(&agreed), (200, "@agreed:accounts.test".into()));
}

#[test]
fn a_weak_password_is_told_in_the_homeservers_words_and_the_twenty_first_try_is_too_many() {
    let (place, desk) = place("");
    let path = invited(&desk, &place.smtp, "weak");
    for _ in 0..20 {
        let answer = sign_up(&desk, &path, &[("password", "short")]);
        assert_eq!(told(&answer), (422, "weak_password".into()));
        assert!(answer.json()["message"].as_str().unwrap().contains("At least eight characters, please"));
    }
    let answer = sign_up(&desk, &path, &[("password", PASSWORD)]);
    assert_eq!(told(&answer), (429, "rate_limited".into()));
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 3000);
    assert!(place.server.state().made.is_empty());
}

/// Where this stands in the memory of a process: so often.
fn times_in_memory(pid: u32, needle: &str) -> usize {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let memory = std::fs::File::open(format!("/proc/{pid}/mem")).unwrap();
    let regions =
        maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|mode| mode.starts_with("rw")));
    regions
        .map(|line| {
            let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
            let number = |text| u64::from_str_radix(text, 16).unwrap();
            let mut bytes = vec![0; usize::try_from(number(to) - number(from)).unwrap()];
            // What goes meanwhile is no longer there.
            let read = memory.read_at(&mut bytes, number(from)).unwrap_or_default();
            memchr::memmem::find_iter(&bytes[..read], needle.as_bytes()).count()
        })
        .sum()
}

#[test]
fn no_secret_is_left_anywhere() {
    let (place, desk) = place("");
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -c unlimited; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_doorman")]);
    command.env("DOORMAN_LOG", "trace").env_remove("NOTIFY_SOCKET").env_remove("DOORMAN_CONFIG");
    drop(desk);
    let desk = place.folder.start_with(command);
    desk.wait_until_open();
    let path = invited(&desk, &place.smtp, "secret");
    let secret = path.trim_start_matches("/signup/").to_owned();
    let password = "a-password-that-nobody-else-has";
    desk.get(&path);
    desk.get(&format!("{path}/x"));
    sign_up(&desk, &path, &[("password", "short")]);
    assert_eq!(sign_up(&desk, &path, &[("password", password)]).status, 200);
    assert!(times_in_memory(desk.pid(), "accounts.test") > 0);
    wait_until("memory has forgotten it", || (times_in_memory(desk.pid(), password) == 0).then_some(()));
    let log = desk.log();
    desk.signal("-ABRT");
    let end = desk.end();
    assert_eq!((end.signal(), end.core_dumped()), (Some(6), false));
    for name in ["doorman.db", "doorman.db-wal", "registrations.json"] {
        let bytes = std::fs::read(place.folder.file(name)).unwrap_or_default();
        for needle in [&secret, password] {
            let found = bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
            assert!(!found, "{needle} stands in {name}");
        }
    }
    for needle in [&secret, password, "short"] {
        assert!(!log.contains(needle), "{needle}: {log}");
    }
}
