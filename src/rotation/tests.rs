use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::clock::ManualClock;
use crate::config::{Backend, Settings};
use crate::domain::Secret;
use crate::homeserver::Homeserver;
use crate::http_client::scripted_server::{Act, ScriptedServer};

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
    days.clock.step_to("2026-01-09T07:00:00Z");
    assert_eq!(days.changes(60, MINUTE), 1);
}

#[test]
fn a_desk_started_late_rotates_once_and_not_again_at_the_next_start() {
    let mut days = Days::from("2026-01-01T12:00:00Z");
    days.clock.step_to("2026-01-03T12:00:00Z");
    let first = days.token();
    for start in 0..3 {
        days.rotation = rotation(days.dir.path(), &days.clock);
        days.asking = Asking::default();
        assert_eq!(days.changes(3, MINUTE), u32::from(start == 0));
    }
    assert_ne!(days.token(), first);
}

#[test]
fn a_clock_set_back_over_the_reset_time_does_not_rotate_twice() {
    let mut days = Days::from("2026-01-01T23:59:00Z");
    assert_eq!(days.changes(2, MINUTE), 1);
    for back in ["2026-01-01T23:58:00Z", "2026-01-01T23:00:00Z", "2026-01-01T12:00:00Z"] {
        days.clock.step_to(back);
        assert_eq!(days.changes(13 * 6, 10 * MINUTE), 0, "set back to {back}");
    }
    assert_eq!(days.changes(24, 60 * MINUTE), 1, "the next day has its own");
}

#[test]
fn a_clock_that_once_stood_years_ahead_stops_no_rotation() {
    let mut days = Days::from("2031-06-01T12:00:00Z");
    days.clock.step_to("2026-01-01T12:00:00Z");
    days.changes(3, MINUTE);
    assert_eq!(days.changes(3 * 24, 60 * MINUTE), 3);
}

#[test]
fn a_token_of_the_operators_near_the_reset_time_is_that_days_rotation() {
    for at in ["2026-01-01T23:55:00Z", "2026-01-02T00:00:00Z"] {
        let mut days = Days::from("2026-01-01T12:00:00Z");
        days.clock.step_to(at);
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
    days.clock.step_to("2026-01-02T00:05:00Z");
    days.rotation.rotate_now().unwrap();
    assert_eq!(days.changes(23, 60 * MINUTE), 0);
    assert_eq!(days.changes(1, 60 * MINUTE), 1);
}

#[test]
fn where_there_is_nobody_to_ask_the_token_counts_as_good() {
    let mut days = Days::from("2026-01-01T12:00:00Z");
    let live =
        |days: &Days| days.rotation.premises.store.read(|store| store.current_token()).unwrap().unwrap().live;
    assert_eq!(live(&days), Live::No, "not before it was looked at");
    days.round();
    assert_eq!(live(&days), Live::CannotBeChecked);
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
            _ => says(200, r#"{"server":{"name":"Synapse","version":"1.157.1"}}"#),
        }
    }
}

#[test]
fn a_token_that_the_homeserver_has_lost_is_not_live_until_it_has_it_again() {
    let synapse = Arc::new(Synapse::default());
    let answering = Arc::clone(&synapse);
    let server = ScriptedServer::start(move |question| answering.answer(&question.line));
    let dir = tempfile::tempdir().unwrap();
    let mut settings = Settings::trial();
    settings.tokens.backend = Backend::Synapse { access_token: Secret::new("syt_secret") };
    let homeserver = Arc::new(Homeserver::new(settings.homeserver.clone(), Some(server.url.clone())));
    let clock = Arc::new(ManualClock::at("2026-01-01T12:00:00Z"));
    let mut premises = Premises::for_tests(dir.path(), settings.clone());
    premises.homeserver = arc_swap::ArcSwapOption::new(Some(Arc::clone(&homeserver)));
    let store = Arc::clone(&premises.store);
    let tokens =
        Tokens::new(premises.folder.clone(), Arc::clone(&store), clock.clone(), &settings, Some(homeserver));
    let rotation = Rotation { premises: Arc::new(premises), tokens: Arc::new(tokens), clock: clock.clone() };
    rotation.settle().unwrap();
    let mut asking = Asking::default();
    let mut round = |seconds| {
        clock.advance(Duration::from_secs(seconds));
        rotation.round(&mut asking, &Stop::new()).unwrap();
        let current = store.read(|store| store.current_token()).unwrap().unwrap();
        (current.live, rotation.premises.alarms.is_raised(Trouble::TokenApi))
    };
    assert_eq!(round(0), (Live::Yes, false));
    round(1);
    synapse.has_lost_all.store(true, Ordering::SeqCst);
    synapse.makes_none.store(true, Ordering::SeqCst);
    assert_eq!(round(298), (Live::Yes, false), "it is not asked all the time");
    for second in 0..60 {
        assert_eq!(round(1), (Live::No, true), "{second} s later");
    }
    let asked =
        |start: &str| server.questions().iter().filter(|question| question.line.starts_with(start)).count();
    assert!(asked("POST /_synapse/admin") < 25, "{}", asked("POST /_synapse/admin"));
    synapse.makes_none.store(false, Ordering::SeqCst);
    round(LONGEST_PAUSE.as_secs());
    assert_eq!(round(LONGEST_PAUSE.as_secs()), (Live::Yes, false));
}
