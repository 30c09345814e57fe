//! The wall clock is believed only where it agrees with the time since boot and with the homeserver's.

use chrono::TimeDelta;
use doorman::clock::{Clock as _, SystemClock};

use crate::support::desk::{Desk, Folder};
use crate::support::faults::WallClock;
use crate::support::homeserver::FakeHomeserver;
use crate::support::wait_until;

const DAY: i64 = 86_400;

struct Bench {
    homeserver: FakeHomeserver,
    folder: Folder,
    clock: WallClock,
}

impl Bench {
    /// The next reset is at least six hours away, and no jump of whole days comes near one.
    fn new() -> Self {
        let homeserver = FakeHomeserver::start();
        homeserver.tells_time(TimeDelta::zero());
        let reset = (SystemClock.now() + TimeDelta::hours(12)).format("%H00");
        let folder = Folder::new(&format!(
            "base_url: {}\ntoken_reset_time_utc: \"{reset}\"\nemail_cooldown: 0\nmultiple_users_per_email: true\n\
             letters_per_hour: 0\nletters_per_address_per_day: 0\n",
            homeserver.url
        ));
        Self { homeserver, folder, clock: WallClock::new("+0") }
    }

    fn start(&self, off: i64) -> Desk {
        self.clock.set(&format!("{off:+}"));
        self.clock.start(&self.folder)
    }

    fn token(&self) -> String {
        self.folder.read(".registration_token")
    }
}

/// What the desk says of its clock.
fn alarm(desk: &Desk) -> Option<String> {
    let health = desk.get_json("/healthz");
    let faults = health["faults"].as_array().unwrap().clone();
    faults
        .iter()
        .find(|fault| fault["fault"] == "clock")
        .map(|fault| fault["what"].as_str().unwrap().to_owned())
}

#[test]
fn by_a_clock_that_jumps_for_seconds_no_token_is_replaced_and_the_desk_stays_open() {
    let bench = Bench::new();
    let desk = bench.start(0);
    desk.wait_until_open();
    let token = bench.token();
    for (number, off) in [3 * DAY, -3 * DAY, 40 * DAY, -40 * DAY].into_iter().enumerate() {
        bench.clock.set(&format!("{off:+}"));
        let told = wait_until("it is told", || alarm(&desk));
        assert!(told.contains("doorman doctor --trust-clock"), "{told}");
        assert_eq!(desk.verdict(&format!("name{number}"), "someone@example.org"), "accepted", "{off}");
        bench.clock.set("+0");
        wait_until("it is over", || alarm(&desk).is_none().then_some(()));
        assert_eq!(bench.token(), token, "{off}");
    }
    assert!(bench.folder.ok(&["log"]).contains("alarm clock"));
}

#[test]
fn a_clock_that_is_set_by_four_minutes_is_believed() {
    // From the one to the other it is eight, if nobody looks in between.
    for off in ["+240", "-240"] {
        let bench = Bench::new();
        let desk = bench.start(0);
        desk.wait_until_open();
        for at in [off, "+0"] {
            bench.clock.set(at);
            assert_eq!(alarm(&desk), None, "{off} {at}");
        }
    }
}

#[test]
fn a_clock_that_is_set_for_good_is_believed_when_the_operator_says_so_and_makes_one_rotation_a_day() {
    let bench = Bench::new();
    let desk = bench.start(0);
    desk.wait_until_open();
    let first = bench.token();
    bench.clock.set(&format!("{:+}", 3 * DAY));
    wait_until("it is told", || alarm(&desk));
    drop(desk);
    // Another start believes it as little.
    let desk = bench.start(3 * DAY);
    wait_until("it is told again", || alarm(&desk));
    assert_eq!(bench.token(), first);
    bench.folder.trust_clock();
    let second = wait_until("the missed reset", || Some(bench.token()).filter(|token| *token != first));
    assert_eq!(alarm(&desk), None);
    // Back and forth by an hour, with the operator's word: the token stays.
    for (name, hours) in [("one", 72), ("two", 71), ("three", 72)] {
        bench.clock.set(&format!("{:+}", hours * 3600));
        bench.folder.trust_clock();
        wait_until("it is open", || (desk.verdict(name, "someone@example.org") == "accepted").then_some(()));
    }
    wait_until("the letters", || (bench.folder.letters().len() == 3).then_some(()));
    assert_eq!(bench.token(), second);
    assert!(bench.folder.letters().iter().all(|letter| crate::support::smtp::token(letter) == second));
    assert!(bench.folder.ok(&["log"]).contains("the word that the clock is right"));
}

#[test]
fn a_clock_that_is_wrong_at_the_start_is_found_by_the_homeservers() {
    let bench = Bench::new();
    let desk = bench.start(0);
    desk.wait_until_open();
    drop(desk);
    let token = bench.token();
    for (off, is_told) in
        [(240, false), (-240, false), (3 * DAY, true), (-3 * DAY, true), (40 * DAY, true), (-40 * DAY, true)]
    {
        let desk = bench.start(off);
        desk.wait_until_open();
        if is_told {
            let told = wait_until("it is told", || alarm(&desk));
            assert!(told.contains("the homeserver's"), "{told}");
        }
        assert_eq!((alarm(&desk).is_some(), bench.token()), (is_told, token.clone()), "{off}");
    }
}

#[test]
fn what_the_homeserver_takes_for_the_time_counts_too() {
    let bench = Bench::new();
    let desk = bench.start(0);
    desk.wait_until_open();
    for days in [3, -3, 40, -40] {
        bench.homeserver.tells_time(TimeDelta::days(days));
        assert_eq!(desk.verdict(&format!("name{days}"), "someone@example.org"), "accepted");
        wait_until("it is told", || alarm(&desk));
        bench.homeserver.tells_time(TimeDelta::minutes(4));
        wait_until("it is asked again by itself", || alarm(&desk).is_none().then_some(()));
    }
}

#[test]
fn by_a_clock_that_jumps_nothing_lapses_and_nothing_is_deleted() {
    let bench = Bench::new();
    let config = bench.folder.read("config.yaml");
    bench.folder.write("config.yaml", &format!("{config}retention_days: 30\napproval: manual\n"));
    let desk = bench.start(0);
    desk.wait_until_open();
    assert_eq!(desk.verdict("waits", "someone@example.org"), "held");
    drop(desk);
    let desk = bench.start(40 * DAY);
    wait_until("it is told", || alarm(&desk));
    let requests = || bench.folder.json(&["requests", "--json"]);
    assert_eq!(requests()[0]["verdict"], "held");
    bench.folder.trust_clock();
    wait_until("it has lapsed", || (requests()[0]["verdict"] != "held").then_some(()));
}
