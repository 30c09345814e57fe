use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;

use crate::clock::ManualClock;
use crate::config::{Backend, Settings};
use crate::domain::Secret;
use crate::homeserver::Homeserver;
use crate::net::http::scripted_server::{Act, ScriptedServer};

use super::*;

/// A desk's rotation under a clock set by hand: reset at midnight, no homeserver to ask.
struct Days {
    dir: tempfile::TempDir,
    clock: Arc<ManualClock>,
    rotation: Rotation,
    asking: Asking,
}

impl Days {
    fn from(now: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(now));
        let rotation = rotation(dir.path(), &clock);
        Self { dir, clock, rotation, asking: Asking::default() }
    }

    fn token(&self) -> String {
        std::fs::read_to_string(self.dir.path().join(".registration_token")).unwrap()
    }

    fn round(&mut self) {
        self.rotation.round(&mut self.asking, &Stop::new()).unwrap();
    }

    /// The operator says that the clock is right.
    fn vouch(&self) {
        self.rotation.premises.trust.excuse(self.clock.reading());
    }

    /// How often the token has changed in as many rounds, each so much later.
    fn changes(&mut self, rounds: u32, pause: Duration) -> u32 {
        let mut changes = 0;
        for _ in 0..rounds {
            let before = self.token();
            self.clock.advance(pause);
            self.round();
            changes += u32::from(self.token() != before);
        }
        changes
    }

    /// Two looks far enough apart to agree on what another hand wrote.
    fn adopt(&mut self, token: &str) {
        std::fs::write(self.dir.path().join(".registration_token"), token).unwrap();
        self.round();
        self.clock.advance(Duration::from_millis(600));
        self.round();
        assert_eq!(self.current(), token);
    }

    fn current(&self) -> String {
        let current = self.rotation.premises.store.read(|store| store.current_token()).unwrap().unwrap();
        current.token.reveal().to_owned()
    }
}

fn rotation(folder: &Path, clock: &Arc<ManualClock>) -> Rotation {
    let premises = Arc::new(Premises::for_tests(folder, Settings::trial()));
    let clock: Arc<dyn Clock> = clock.clone();
    let settings = premises.settings.load_full();
    let tokens = Tokens::new(
        premises.folder.clone(),
        Arc::clone(&premises.store),
        Arc::clone(&clock),
        &settings,
        None,
    );
    let rotation = Rotation { premises, tokens: Arc::new(tokens), clock };
    rotation.settle().unwrap();
    rotation
}

const TOKEN_FLOW: &str = r#"{"flows":[{"stages":["m.login.registration_token"]}],"session":"x"}"#;

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn the_token_is_replaced_once_a_day() {
    let mut days = Days::from("2026-01-01T12:00:00Z");
    assert_eq!(days.changes(11, 60 * MINUTE), 0, "before the first reset time");
    assert_eq!(days.changes(5 * 24 * 6, 10 * MINUTE), 5);
}

#[test]
fn resets_that_were_slept_through_are_made_up_by_one() {
    let mut days = Days::from("2026-01-01T12:00:00Z");
    days.clock.sleep_until("2026-01-09T07:00:00Z");
    assert_eq!(days.changes(60, MINUTE), 1);
}

#[test]
fn a_desk_started_late_rotates_once_and_not_again_at_the_next_start() {
    let mut days = Days::from("2026-01-01T12:00:00Z");
    days.clock.sleep_until("2026-01-03T12:00:00Z");
    let first = days.token();
    for start in 0..3 {
        days.rotation = rotation(days.dir.path(), &days.clock);
        days.asking = Asking::default();
        assert_eq!(days.changes(3, MINUTE), u32::from(start == 0));
    }
    assert_ne!(days.token(), first);
}

#[test]
fn by_a_clock_that_is_not_believed_nothing_is_replaced() {
    for wrong in ["2026-01-04T12:00:00Z", "2025-12-29T12:00:00Z", "2026-02-10T12:00:00Z"] {
        let mut days = Days::from("2026-01-01T12:00:00Z");
        let is_told = |days: &Days| days.rotation.premises.alarms.is_raised(Trouble::Clock);
        assert_eq!(days.changes(1, Duration::ZERO), 0);
        days.clock.step_to(wrong);
        assert_eq!((days.changes(24, 60 * MINUTE), is_told(&days)), (0, true), "{wrong}");
        days.clock.step_to("2026-01-02T12:00:00Z");
        assert_eq!((days.changes(3, MINUTE), is_told(&days)), (1, false), "the day's own: {wrong}");
    }
}

#[test]
fn a_clock_set_back_over_the_reset_time_does_not_rotate_twice() {
    let mut days = Days::from("2026-01-01T23:59:00Z");
    assert_eq!(days.changes(2, MINUTE), 1);
    for back in ["2026-01-01T23:58:00Z", "2026-01-01T23:00:00Z", "2026-01-01T12:00:00Z"] {
        days.clock.step_to(back);
        days.vouch();
        assert_eq!(days.changes(13 * 6, 10 * MINUTE), 0, "set back to {back}");
    }
    assert_eq!(days.changes(24, 60 * MINUTE), 1, "the next day has its own");
}

#[test]
fn a_clock_that_once_stood_years_ahead_stops_no_rotation() {
    let mut days = Days::from("2031-06-01T12:00:00Z");
    days.clock.step_to("2026-01-01T12:00:00Z");
    days.vouch();
    days.changes(3, MINUTE);
    assert_eq!(days.changes(3 * 24, 60 * MINUTE), 3);
}

#[test]
fn a_token_of_the_operators_near_the_reset_time_is_that_days_rotation() {
    for at in ["2026-01-01T23:55:00Z", "2026-01-02T00:00:00Z"] {
        let mut days = Days::from("2026-01-01T12:00:00Z");
        days.clock.sleep_until(at);
        if at.ends_with("00:00:00Z") {
            days.round();
        }
        days.adopt("TheOperatorsOwnTokenFromCron");
        assert_eq!(days.changes(23 * 6, 10 * MINUTE), 0, "{at}");
        assert_eq!(days.changes(7, 10 * MINUTE), 1, "{at}");
    }
}

#[test]
fn a_token_of_the_operators_at_noon_is_not() {
    let mut days = Days::from("2026-01-01T12:00:00Z");
    days.adopt("TheOperatorsOwnTokenFromCron");
    assert_eq!(days.changes(13, 60 * MINUTE), 1);
}

#[test]
fn the_operators_hand_pays_the_reset_that_has_passed_and_no_later_one() {
    let mut days = Days::from("2026-01-01T12:00:00Z");
    days.clock.sleep_until("2026-01-02T00:05:00Z");
    days.rotation.rotate_now().unwrap();
    assert_eq!(days.changes(23, 60 * MINUTE), 0);
    assert_eq!(days.changes(1, 60 * MINUTE), 1);
}

#[test]
fn where_there_is_nobody_to_ask_the_token_counts_as_good() {
    let mut days = Days::from("2026-01-01T12:00:00Z");
    for _ in 0..2 {
        let current = days.rotation.premises.store.read(|store| store.current_token()).unwrap().unwrap();
        assert_eq!(current.live, Live::CannotBeChecked, "at once, and for good");
        days.round();
    }
}

/// A Synapse that can lose its tokens, and refuse to make others.
#[derive(Default)]
struct Synapse {
    has_lost_all: AtomicBool,
    makes_none: AtomicBool,
}

impl Synapse {
    fn answer(&self, line: &str) -> Act {
        let says = |status, json: &str| Act::Json(status, json.to_owned());
        let is = |what: &AtomicBool| what.load(Ordering::SeqCst);
        match line {
            line if line.starts_with("POST /_synapse/admin") && is(&self.makes_none) => says(500, "{}"),
            line if line.starts_with("POST /_synapse/admin") => {
                self.has_lost_all.store(false, Ordering::SeqCst);
                says(200, "{}")
            }
            line if line.starts_with("GET /_synapse/admin") && is(&self.has_lost_all) => {
                says(404, r#"{"errcode":"M_NOT_FOUND"}"#)
            }
            line if line.starts_with("GET /_synapse/admin") => says(200, r#"{"completed":0,"pending":0}"#),
            line if line.ends_with("/register") => says(401, TOKEN_FLOW),
            _ => says(200, r#"{"server":{"name":"Synapse","version":"1.157.1"}}"#),
        }
    }
}

/// A desk's rotation that asks such a Synapse for its tokens.
struct ByApi {
    _dir: tempfile::TempDir,
    synapse: Arc<Synapse>,
    server: ScriptedServer,
    clock: Arc<ManualClock>,
    rotation: Rotation,
    asking: Asking,
}

impl ByApi {
    fn start() -> Self {
        let synapse = Arc::new(Synapse::default());
        let answering = Arc::clone(&synapse);
        let server = ScriptedServer::start(move |question| answering.answer(&question.line));
        let dir = tempfile::tempdir().unwrap();
        let mut settings = Settings::trial();
        settings.tokens.backend = Backend::Synapse { access_token: Secret::new("syt_secret") };
        let homeserver = Arc::new(Homeserver::new(settings.homeserver.clone(), Some(server.url.clone())));
        let clock = Arc::new(ManualClock::at("2026-01-01T12:00:00Z"));
        let premises = Premises::for_tests(dir.path(), settings.clone());
        premises.homeserver.store(Some(Arc::clone(&homeserver)));
        let (folder, store) = (premises.folder.clone(), Arc::clone(&premises.store));
        let tokens = Tokens::new(folder, store, clock.clone(), &settings, Some(homeserver));
        let rotation =
            Rotation { premises: Arc::new(premises), tokens: Arc::new(tokens), clock: clock.clone() };
        rotation.settle().unwrap();
        Self { _dir: dir, synapse, server, clock, rotation, asking: Asking::default() }
    }

    fn round_after(&mut self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
        self.rotation.round(&mut self.asking, &Stop::new()).unwrap();
    }

    fn current(&self) -> TokenRecord {
        self.rotation.premises.store.read(|store| store.current_token()).unwrap().unwrap()
    }

    /// Whether it is live, and whether the API is an alarm, after a round so much later.
    fn state_after(&mut self, seconds: u64) -> (Live, bool) {
        self.round_after(seconds);
        (self.current().live, self.rotation.premises.alarms.is_raised(Trouble::TokenApi))
    }

    /// How often it was asked to make a token.
    fn asked(&self) -> usize {
        let questions = self.server.questions();
        questions.iter().filter(|question| question.line.starts_with("POST /_synapse/admin")).count()
    }
}

#[test]
fn a_token_that_the_homeserver_has_lost_is_not_live_until_it_has_it_again() {
    let mut desk = ByApi::start();
    assert_eq!(desk.state_after(0), (Live::Yes, false));
    desk.round_after(1);
    desk.synapse.has_lost_all.store(true, Ordering::SeqCst);
    desk.synapse.makes_none.store(true, Ordering::SeqCst);
    assert_eq!(desk.state_after(298), (Live::Yes, false), "it is not asked all the time");
    for second in 0..60 {
        assert_eq!(desk.state_after(1), (Live::No, true), "{second} s later");
    }
    assert!(desk.asked() < 25, "{}", desk.asked());
    desk.synapse.makes_none.store(false, Ordering::SeqCst);
    desk.round_after(LONGEST_PAUSE.as_secs());
    assert_eq!(desk.state_after(LONGEST_PAUSE.as_secs()), (Live::Yes, false));
}

#[test]
fn a_homeserver_that_makes_none_for_days_makes_one_when_it_is_back_and_the_last_has_ended_in_time() {
    let mut desk = ByApi::start();
    desk.round_after(0);
    let last = desk.current();
    desk.synapse.makes_none.store(true, Ordering::SeqCst);
    let has_ended = |desk: &ByApi| desk.current().dead_at.unwrap() <= desk.clock.now();
    for hour in 1..=60 {
        desk.round_after(3600);
        assert_eq!(has_ended(&desk), hour >= 13, "after {hour} hours: reset after 12, grace of one");
        assert_eq!(desk.current().id, last.id);
    }
    desk.synapse.makes_none.store(false, Ordering::SeqCst);
    let before = desk.asked();
    for _ in 0..60 {
        desk.round_after(10);
    }
    assert_eq!(desk.asked() - before, 1, "one, however many days there were");
    let (now, current) = (desk.clock.now(), desk.current());
    assert!(!has_ended(&desk) && current.id != last.id && current.live == Live::Yes);
    assert!(current.dead_at.unwrap() > Schedule::default().next_reset(now));
    assert_eq!(desk.rotation.premises.store.read(|store| store.pending_tokens()).unwrap().len(), 0);
    // All that may have been made meanwhile is taken back, the last one among it.
    let left = desk
        .rotation
        .premises
        .store
        .read(|store| store.withdrawals("synapse", now, TimeDelta::zero(), 99))
        .unwrap();
    assert!(left.iter().any(|token| token.id == last.id) && left.iter().all(|token| token.id != current.id));
}

#[test]
fn by_api_too_there_is_one_rotation_a_day_whatever_the_clock_does() {
    let mut desk = ByApi::start();
    desk.round_after(0);
    let mut made = |steps: u32, seconds: u64, step_to: Option<&str>| {
        if let Some(at) = step_to {
            desk.clock.step_to(at);
            desk.rotation.premises.trust.excuse(desk.clock.reading());
        }
        let before = desk.current().id;
        for _ in 0..steps {
            desk.round_after(seconds);
        }
        let after = desk.current();
        assert!(after.dead_at.unwrap() > desk.clock.now(), "it works");
        after.id - before
    };
    assert_eq!(made(66, 600, None), 0);
    assert_eq!(made(12, 600, None), 1, "over midnight");
    assert_eq!(made(12, 600, Some("2026-01-01T23:00:00Z")), 0, "set back, and over it again");
    assert_eq!(made(12, 600, Some("2026-01-09T07:00:00Z")), 1, "slept through a week");
    assert_eq!(made(12, 600, Some("2031-01-01T12:00:00Z")), 1, "years ahead");
    assert_eq!(made(12, 600, Some("2026-01-09T12:00:00Z")), 0, "and back, with a token that works");
    assert_eq!(made(24, 3600, None), 1, "the next day has its own");
}
