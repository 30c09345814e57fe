//! Which homeserver is there, whether it is the one of the config, and whether it asks for a token at all: found out at start,
//! after each rotation, when it is seen to take the new token, and every ten minutes; and, while it is silent, whether it
//! answers again. On a thread of its own, so that no rotation and no letter waits for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::alarms::Trouble;
use crate::backoff::Backoff;
use crate::clock::Clock;
use crate::config::{BackendKind, SignUp};
use crate::domain::Localpart;
use crate::homeserver::{Family, Homeserver, NameAnswer, RegistrationFlows};
use crate::premises::Premises;
use crate::pulse::{Next, Topic};
use crate::stop::Stop;
use crate::store::{Live, StoreError};

use super::liveness::opens_nothing;

/// However much happens, it is looked no more often whether there is a reason to ask.
const REST: Duration = Duration::from_millis(250);

/// How often it is asked without a reason.
const ASK_EVERY: Duration = Duration::from_secs(600);

/// How long each of the two questions may take.
const ASK_FOR: Duration = Duration::from_secs(5);

/// Pauses while there is no answer, or registration is open: the first, the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The longest pause while the clock is not believed: its own may be right again.
const WHILE_DOUBTED: Duration = Duration::from_secs(5);

/// The longest pause while it does not tell which names are free.
const LONGEST_SILENCE: Duration = Duration::from_secs(10);

/// A name that nobody has, fit for every server.
const NOBODY: &str = "doorman-asks";

/// What is a reason to ask when it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reason {
    /// The token that the homeserver was told of last.
    told: Option<i64>,
    live: Option<Live>,
}

/// What the operator was told of: not twice.
#[derive(Debug, PartialEq, Eq)]
struct Introduced {
    family: Family,
    backend: BackendKind,
    has_after_rotation: bool,
}

/// When it is asked next.
#[derive(Debug)]
struct Watch {
    of: Option<Arc<Homeserver>>,
    reason: Option<Reason>,
    introduced: Option<Introduced>,
    not_before: Option<Instant>,
    pauses: Backoff,
    /// While it does not tell which names are free: when it is asked for one again, and after how long a pause.
    names: Option<(Instant, Duration)>,
}

/// Whether it has to be asked again soon.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    AllIsWell,
    AskAgain,
    AskAgainAfter(Duration),
}

/// Keeps watch until the stop signal comes.
pub fn watch_homeserver(premises: &Premises, clock: &dyn Clock, stop: &Stop) {
    let mut watch = Watch::new();
    let topics = [Topic::Store, Topic::Settings, Topic::Condition];
    let mut listener = premises.pulse().listen(stop, &topics, REST);
    loop {
        let mut next = Next::never();
        // Where the store cannot be read, that is an alarm of others.
        let _ = watch.look(premises, clock);
        for at in [watch.not_before, watch.names.map(|(at, _)| at)] {
            next.waits(at, clock.monotonic());
        }
        if !listener.wait(next) {
            return;
        }
    }
}

impl Watch {
    fn new() -> Self {
        let pauses = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        Self { of: None, reason: None, introduced: None, not_before: None, pauses, names: None }
    }

    fn look(&mut self, premises: &Premises, clock: &dyn Clock) -> Result<(), StoreError> {
        let Some(homeserver) = premises.homeserver.load_full() else { return Ok(()) };
        let reason = premises.store.read(|store| {
            let shared = store.current_token()?.map(|token| token.live);
            Ok(Reason { told: store.told_of_token()?, live: store.personal_tokens()?.or(shared) })
        })?;
        let is_another = !self.of.as_ref().is_some_and(|known| Arc::ptr_eq(known, &homeserver));
        let now = clock.monotonic();
        if is_another || self.reason != Some(reason) {
            self.of = Some(Arc::clone(&homeserver));
            self.reason = Some(reason);
            self.not_before = None;
            self.pauses.reset();
        }
        self.look_at_names(premises, &homeserver, clock);
        // An alarm that another question has raised is to end as soon as its reason does.
        for (trouble, pause) in [(Trouble::RegistrationOpen, LONGEST_PAUSE), (Trouble::Clock, WHILE_DOUBTED)]
        {
            if premises.alarms.is_raised(trouble) {
                self.not_before = self.not_before.map(|at| at.min(now + pause));
            }
        }
        if self.not_before.is_some_and(|at| now < at) {
            return Ok(());
        }
        let family = homeserver.identify_anew(ASK_FOR);
        if let Some(family) = family.clone() {
            self.introduce(premises, family);
        }
        let flows = homeserver.registration_flows(ASK_FOR);
        if premises.settings.load().sign_up != SignUp::Token {
            homeserver.forget_sign_up_way();
            homeserver.sign_up_way(ASK_FOR);
        }
        if !matches!(flows, RegistrationFlows::NoAnswer { .. }) {
            look_at_its_name(premises, &homeserver);
        }
        let backend = premises.settings.load().tokens.backend.kind();
        if opens_nothing(&flows, backend, family.as_ref()).is_some() {
            close(premises)?;
        }
        let wait = match heard(premises, flows, reason.live) {
            Heard::AllIsWell => {
                self.pauses.reset();
                ASK_EVERY
            }
            Heard::AskAgain => self.pauses.next_pause(),
            Heard::AskAgainAfter(wait) => wait.clamp(self.pauses.next_pause(), ASK_EVERY),
        };
        self.not_before = Some(clock.monotonic() + wait);
        Ok(())
    }

    /// An alarm because it does not tell which names are free ends when it does, whether somebody wants to know or not.
    fn look_at_names(&mut self, premises: &Premises, homeserver: &Homeserver, clock: &dyn Clock) {
        if !premises.alarms.is_raised(Trouble::Homeserver) {
            self.names = None;
            return;
        }
        let (at, pause) = *self.names.get_or_insert((clock.monotonic() + FIRST_PAUSE, FIRST_PAUSE));
        if clock.monotonic() < at {
            return;
        }
        let answer = homeserver.name(&Localpart::from_stored(NOBODY.into()), ASK_FOR);
        premises.heed(&answer);
        let longest = match answer {
            NameAnswer::CannotBeAsked { .. } => ASK_EVERY,
            NameAnswer::RegistrationClosed { .. } => LONGEST_PAUSE,
            _ => LONGEST_SILENCE,
        };
        self.names = Some((clock.monotonic() + pause, (pause * 2).min(longest)));
    }

    /// Says which homeserver it is, and what the operator has to do for it, whenever that changes.
    fn introduce(&mut self, premises: &Premises, family: Family) {
        let settings = premises.settings.load();
        let introduced = Introduced {
            family,
            backend: settings.tokens.backend.kind(),
            has_after_rotation: settings.after_rotation.is_some(),
        };
        if self.introduced.as_ref() == Some(&introduced) {
            return;
        }
        let Introduced { family, backend, has_after_rotation } = &introduced;
        tracing::info!("the homeserver is {family}");
        if let Some(note) = family.operator_note(*backend, *has_after_rotation) {
            tracing::warn!("{note}");
        }
        self.introduced = Some(introduced);
        premises.pulse().ring(Topic::Condition);
    }
}

/// Names, tokens and letters would be those of another one.
fn look_at_its_name(premises: &Premises, homeserver: &Homeserver) {
    match homeserver.calls_itself_otherwise(ASK_FOR) {
        Some(words) => premises.alarms.raise(Trouble::WrongHomeserver, words),
        None => premises.alarms.clear(Trouble::WrongHomeserver),
    }
}

/// No token opens anything there: the desk is closed until whoever asks about the token says otherwise.
fn close(premises: &Premises) -> Result<(), StoreError> {
    premises.store.write(|store| {
        if let Some(current) = store.current_token()? {
            store.note_live(current.id, Live::No)?;
        }
        if store.personal_tokens()?.is_some_and(|live| live != Live::No) {
            store.note_personal_tokens(Some(false))?;
        }
        Ok(())
    })
}

/// Raises the alarm, or ends it.
fn heard(premises: &Premises, flows: RegistrationFlows, live: Option<Live>) -> Heard {
    match flows {
        RegistrationFlows::Open { words } => {
            premises.alarms.raise_unless_raised(
                Trouble::RegistrationOpen,
                format!(
                    "the homeserver's registration is OPEN to everybody: it lets people in without a registration token \
                     ({words}); make its configuration ask for one"
                ),
            );
            Heard::AskAgain
        }
        RegistrationFlows::TokenRequired { .. }
        | RegistrationFlows::Closed { .. }
        | RegistrationFlows::ByTheDeskAlone { .. } => {
            premises.alarms.clear(Trouble::RegistrationOpen);
            Heard::AllIsWell
        }
        RegistrationFlows::CannotBeAsked { .. } => {
            // Then a token that is not live may be so because the homeserver has none, which was an alarm.
            if live != Some(Live::No) {
                premises.alarms.clear(Trouble::RegistrationOpen);
            }
            Heard::AllIsWell
        }
        RegistrationFlows::TooOften(wait) => Heard::AskAgainAfter(wait),
        RegistrationFlows::NoAnswer { .. } => Heard::AskAgain,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};

    use crate::clock::ManualClock;
    use crate::config::{Backend, Settings};
    use crate::domain::{Secret, ServerName};
    use crate::net::http::scripted_server::{Act, ScriptedServer};

    use super::*;

    const TOKEN_FLOW: &str = r#"{"flows":[{"stages":["m.login.registration_token"]}],"session":"x"}"#;
    const OPEN_FLOW: &str = r#"{"flows":[{"stages":["m.login.dummy"]}],"session":"x"}"#;

    struct Bench {
        _dir: tempfile::TempDir,
        server: ScriptedServer,
        says: Arc<Mutex<(u16, String)>>,
        tells_names: Arc<AtomicBool>,
        premises: Premises,
        clock: ManualClock,
        watch: Watch,
    }

    impl Bench {
        /// Of a tuwunel whose `/register` says this.
        fn of(status: u16, body: &str) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let says = Arc::new(Mutex::new((status, body.to_owned())));
            let (told, tells_names) = (Arc::clone(&says), Arc::new(AtomicBool::new(false)));
            let names = Arc::clone(&tells_names);
            let server = ScriptedServer::start(move |question| {
                if question.line.starts_with("POST ") {
                    let (status, body) = told.lock().unwrap().clone();
                    Act::Json(status, body)
                } else if question.line.contains("/available") {
                    let status = if names.load(Ordering::SeqCst) { 200 } else { 502 };
                    Act::Json(status, r#"{"available":true}"#.into())
                } else {
                    Act::Json(200, r#"{"server":{"name":"Tuwunel","version":"1.9.0"}}"#.into())
                }
            });
            let premises = Premises::for_tests(dir.path(), Settings::trial());
            let name = ServerName::parse("your.server").unwrap();
            let homeserver = Homeserver::new(name, Some(server.url.clone()));
            premises.homeserver.store(Some(Arc::new(homeserver)));
            let clock = ManualClock::at("2026-01-01T12:00:00Z");
            Self { _dir: dir, server, says, tells_names, premises, clock, watch: Watch::new() }
        }

        fn says(&self, status: u16, body: &str) {
            *self.says.lock().unwrap() = (status, body.to_owned());
        }

        /// Looks, and tells how often `/register` was asked by now.
        fn look(&mut self) -> usize {
            self.watch.look(&self.premises, &self.clock).unwrap();
            self.server.questions().iter().filter(|question| question.line.starts_with("POST ")).count()
        }

        fn look_after(&mut self, seconds: u64) -> usize {
            self.clock.advance(Duration::from_secs(seconds));
            self.look()
        }

        fn is_open(&self) -> bool {
            self.premises.alarms.is_raised(Trouble::RegistrationOpen)
        }
    }

    #[test]
    fn it_is_asked_at_start_and_every_ten_minutes() {
        let mut bench = Bench::of(401, TOKEN_FLOW);
        assert_eq!(bench.look(), 1);
        assert_eq!(bench.look_after(599), 1);
        assert_eq!(bench.look_after(1), 2);
        assert!(!bench.is_open());
        let homeserver = bench.premises.homeserver.load_full().unwrap();
        assert_eq!(homeserver.name_of_family().as_deref(), Some("tuwunel 1.9.0"));
    }

    #[test]
    fn it_is_asked_after_a_rotation() {
        let mut bench = Bench::of(401, TOKEN_FLOW);
        assert_eq!(bench.look(), 1);
        bench.premises.store.write(|store| store.note_told_of_token(7)).unwrap();
        assert_eq!(bench.look(), 2);
        assert_eq!(bench.look(), 2);
    }

    #[test]
    fn a_registration_without_a_token_is_an_alarm_until_it_asks_for_one() {
        let mut bench = Bench::of(401, OPEN_FLOW);
        bench.look();
        let (trouble, words) = bench.premises.alarms.all().remove(0);
        assert_eq!(trouble.word(), "registration_open");
        assert!(words.contains("OPEN") && words.contains("m.login.dummy"), "{words}");
        bench.says(401, TOKEN_FLOW);
        assert_eq!(bench.look_after(1), 2);
        assert!(!bench.is_open());
    }

    #[test]
    fn no_answer_ends_no_alarm_and_is_asked_for_with_growing_pauses() {
        let mut bench = Bench::of(401, OPEN_FLOW);
        bench.look();
        bench.says(502, "{}");
        let mut asked = 0;
        for _ in 0..600 {
            asked = bench.look_after(1);
        }
        assert!(bench.is_open());
        // After 1, 2, 4 … 32 s, and then each minute.
        assert_eq!(asked, 1 + 6 + (600 - 63) / 60);
    }

    #[test]
    fn asked_too_often_it_is_left_alone_for_as_long_as_it_says() {
        let mut bench = Bench::of(429, r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":100000}"#);
        assert_eq!(bench.look(), 1);
        assert_eq!(bench.look_after(99), 1);
        assert_eq!(bench.look_after(1), 2);
    }

    #[test]
    fn where_nobody_can_register_the_desk_is_closed_although_the_token_is_there() {
        const OFF: &str = r#"{"errcode":"M_FORBIDDEN","error":"Registration has been disabled"}"#;
        for (backend, closes) in [
            (Backend::Synapse { access_token: Secret::new("syt_hush") }, true),
            // Whoever is asked about the token says so itself.
            (Backend::File, false),
        ] {
            let mut bench = Bench::of(401, TOKEN_FLOW);
            let mut settings = Settings::trial();
            settings.tokens.backend = backend;
            bench.premises.settings.store(Arc::new(settings));
            bench.premises.store.write(|store| store.note_personal_tokens(Some(true))).unwrap();
            let is_closed = |bench: &Bench| {
                bench.premises.store.read(|store| store.personal_tokens()).unwrap() == Some(Live::No)
            };
            bench.look();
            assert!(!is_closed(&bench));
            bench.says(403, OFF);
            bench.look_after(600);
            assert_eq!(is_closed(&bench), closes);
        }
    }

    #[test]
    fn a_homeserver_that_was_silent_is_asked_until_it_answers_whether_anybody_wants_to_know_or_not() {
        let mut bench = Bench::of(401, TOKEN_FLOW);
        bench.look();
        bench.premises.alarms.raise(Trouble::Homeserver, "nobody answers");
        bench.look();
        assert!(bench.premises.alarms.is_raised(Trouble::Homeserver), "it was silent just now");
        bench.look_after(1);
        // This one says neither yes nor no, so it is asked on.
        let asked = |bench: &Bench| {
            bench.server.questions().iter().filter(|question| question.line.contains("/available")).count()
        };
        assert_eq!(asked(&bench), 1);
        for _ in 0..60 {
            bench.look_after(1);
        }
        // After 1, 2, 4, 8 s, and then every ten seconds.
        assert_eq!(asked(&bench), 1 + 4 + (60 - 15) / 10);
        bench.tells_names.store(true, Ordering::SeqCst);
        bench.look_after(10);
        assert!(!bench.premises.alarms.is_raised(Trouble::Homeserver));
    }

    #[test]
    fn what_another_has_said_of_it_stands() {
        let mut bench = Bench::of(401, OPEN_FLOW);
        bench.premises.alarms.raise(Trouble::RegistrationOpen, "403 on /validity");
        bench.look();
        assert_eq!(bench.premises.alarms.all().remove(0).1, "403 on /validity");
    }

    #[test]
    fn an_alarm_of_anothers_ends_when_the_flow_asks_for_a_token() {
        let mut bench = Bench::of(401, TOKEN_FLOW);
        bench.look();
        bench.premises.alarms.raise(Trouble::RegistrationOpen, "403 on /validity");
        bench.look();
        assert!(bench.is_open(), "it was asked just before");
        assert_eq!(bench.look_after(60), 2);
        assert!(!bench.is_open());
    }
}
