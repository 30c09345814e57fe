use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::bans::{Edit, edit};
use crate::clock::ManualClock;
use crate::domain::{BanKind, Secret};
use crate::net::http::scripted_server::{Act, ScriptedServer};
use crate::store::Asked;

use super::*;

struct Bench {
    dir: tempfile::TempDir,
    clock: Arc<ManualClock>,
    tokens: Tokens,
}

impl Bench {
    /// A folder whose token file holds this; none for no file.
    fn with(content: Option<&str>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        if let Some(content) = content {
            std::fs::write(dir.path().join(".registration_token"), content).unwrap();
        }
        let clock = Arc::new(ManualClock::at("2026-01-01T12:00:00Z"));
        let folder = Folder::new(dir.path());
        let store = Arc::new(Store::open(&folder).unwrap());
        let tokens = Tokens::new(folder, store, clock.clone(), &Settings::trial(), None);
        Self { dir, clock, tokens }
    }

    fn settled(content: Option<&str>) -> Self {
        let bench = Self::with(content);
        bench.tokens.settle(&Schedule::default()).unwrap();
        bench
    }

    fn path(&self) -> std::path::PathBuf {
        self.dir.path().join(".registration_token")
    }

    fn file(&self) -> String {
        std::fs::read_to_string(self.path()).unwrap()
    }

    fn write(&self, content: &str) {
        std::fs::write(self.path(), content).unwrap();
    }

    fn current(&self) -> String {
        let current = self.tokens.store.read(|store| store.current_token()).unwrap().unwrap();
        current.token.reveal().to_owned()
    }

    /// Looks, and looks again so many milliseconds later.
    fn look_twice(&self, apart: u64) -> Noticed {
        assert_eq!(self.tokens.look(&Schedule::default()).unwrap(), Noticed::Nothing);
        self.clock.advance(std::time::Duration::from_millis(apart));
        self.tokens.look(&Schedule::default()).unwrap()
    }
}

#[test]
fn the_first_token_stands_whole_in_a_file_that_the_group_may_read() {
    let bench = Bench::settled(None);
    assert_eq!(bench.file(), bench.current());
    assert_eq!(bench.file().len(), 32);
    assert!(
        bench.file().chars().all(|c| c.is_ascii_alphanumeric() && !"0O1lI".contains(c)),
        "{}",
        bench.file()
    );
    assert_eq!(std::fs::metadata(bench.path()).unwrap().mode() & 0o777, 0o640);
}

#[test]
fn a_token_that_stands_there_is_kept_as_it_is() {
    for content in ["operators-own", "TheirTokenThatIsTwentyAndMore", "with.a~newline\n"] {
        let bench = Bench::settled(Some(content));
        assert_eq!((bench.file().as_str(), bench.current().as_str()), (content, content.trim_end()));
    }
}

#[test]
fn a_file_without_a_token_gets_one() {
    for content in ["", "\n", "two words", "t\u{f6}ken", &"x".repeat(65)] {
        let bench = Bench::settled(Some(content));
        assert_eq!((bench.file().len(), bench.file()), (32, bench.current()), "{content:?}");
    }
}

#[test]
fn a_rotation_writes_in_place_and_the_file_is_never_empty_nor_torn() {
    let bench = Bench::settled(Some(&"L".repeat(60)));
    std::fs::set_permissions(bench.path(), std::fs::Permissions::from_mode(0o604)).unwrap();
    let before = std::fs::metadata(bench.path()).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0;
            while !done.load(Ordering::Relaxed) || reads < 100 {
                assert!(bench.file().len() >= 32, "{:?}", bench.file());
                reads += 1;
            }
        });
        for _ in 0..200 {
            bench.tokens.rotate(Origin::Manual, None, &Schedule::default()).unwrap();
            assert_eq!(bench.file(), bench.current());
        }
        done.store(true, Ordering::Relaxed);
        reader.join().unwrap();
    });
    let after = std::fs::metadata(bench.path()).unwrap();
    assert_eq!((before.ino(), before.mode(), after.len()), (after.ino(), after.mode(), 32));
}

#[test]
fn a_lost_file_comes_back_with_the_mode_it_had() {
    let bench = Bench::settled(None);
    std::fs::set_permissions(bench.path(), std::fs::Permissions::from_mode(0o604)).unwrap();
    bench.tokens.rotate(Origin::Manual, None, &Schedule::default()).unwrap();
    let token = bench.file();
    std::fs::remove_file(bench.path()).unwrap();
    assert_eq!(bench.look_twice(600), Noticed::Restored);
    assert_eq!(bench.file(), token);
    assert_eq!(std::fs::metadata(bench.path()).unwrap().mode() & 0o777, 0o604);
}

#[test]
fn another_hands_token_is_adopted_once_two_looks_agree() {
    let bench = Bench::settled(None);
    let own = bench.current();
    bench.write("half-writ");
    assert_eq!(bench.look_twice(100), Noticed::Nothing, "too soon");
    bench.write("half-written-no-more-now");
    assert_eq!(bench.look_twice(499), Noticed::Nothing, "it has changed meanwhile");
    assert_eq!(bench.current(), own);
    bench.clock.advance(std::time::Duration::from_millis(10));
    assert_eq!(bench.tokens.look(&Schedule::default()).unwrap(), Noticed::Adopted { weak: false });
    assert_eq!(bench.current(), "half-written-no-more-now");
    bench.write("short");
    assert_eq!(bench.look_twice(600), Noticed::Adopted { weak: true });
}

#[test]
fn what_fits_no_token_is_not_adopted() {
    let bench = Bench::settled(None);
    let own = bench.current();
    for content in ["", "two words", "t\u{f6}ken", &"x".repeat(65)] {
        bench.write(content);
        assert_eq!(bench.look_twice(600), Noticed::Restored, "{content:?}");
        assert_eq!((bench.current(), bench.file()), (own.clone(), own.clone()), "{content:?}");
    }
}

#[test]
fn no_token_stands_in_debug_output() {
    let bench = Bench::settled(None);
    let record = bench.tokens.store.read(|store| store.current_token()).unwrap();
    assert!(!format!("{record:?} {:?}", bench.tokens).contains(&bench.current()));
}

/// A desk that asks a homeserver for its tokens, which is told what to do.
fn asking(server: &ScriptedServer) -> Bench {
    let bench = Bench::settled(None);
    let mut settings = Settings::trial();
    settings.tokens.backend = Backend::Synapse { access_token: Secret::new("syt_secret") };
    let homeserver = Homeserver::new(settings.homeserver.clone(), Some(server.url.clone()));
    bench.tokens.refurbish(&settings, Some(Arc::new(homeserver)));
    bench
}

#[test]
fn a_rotation_that_waits_for_the_homeserver_keeps_nobody_else_waiting() {
    let (asked, is_asked) = std::sync::mpsc::channel();
    let server = ScriptedServer::start(move |_| {
        let _ = asked.send(());
        Act::Silence
    });
    let bench = asking(&server);
    let before = bench.file();
    std::thread::scope(|scope| {
        let rotating = scope.spawn(|| bench.tokens.rotate(Origin::Manual, None, &Schedule::default()));
        is_asked.recv().unwrap();
        let began = Instant::now();
        let ban = Edit::Add("spam.example".into());
        edit(&bench.tokens.folder, BanKind::Email, &ban).unwrap();
        bench.tokens.write_again().unwrap();
        bench.tokens.clear_up(&Schedule::default()).unwrap();
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        assert!(!rotating.is_finished(), "it waits still");
        let pending = bench.tokens.store.read(|store| store.pending_tokens()).unwrap();
        assert_eq!(pending.len(), 1, "nobody gives up what somebody is at");
        assert!(matches!(rotating.join().unwrap(), Err(TokensError::Api(_))));
    });
    assert_eq!(bench.file(), before);
}

#[test]
fn what_a_killed_command_had_begun_is_given_up_a_little_later() {
    let server = ScriptedServer::that_does(Act::HangUp);
    let bench = asking(&server);
    let now = bench.clock.now();
    let dead_at = ends_at(&Schedule::default(), Duration::ZERO, now);
    let asked = Asked { backend: "synapse", dead_at, uses_allowed: None, letter_id: None };
    let token = RegistrationToken::parse("begun-and-never-finished").unwrap();
    let store = &bench.tokens.store;
    store
        .write(move |store| store.add_pending_token(&token, Origin::Manual, now, None, Some(asked)))
        .unwrap();
    assert!(bench.tokens.clear_up(&Schedule::default()).unwrap(), "somebody may be at it");
    let scheduled = bench.tokens.rotate(Origin::Scheduled, None, &Schedule::default());
    assert!(scheduled.unwrap_err().to_string().contains("by hand"));
    bench.clock.advance(Duration::from_secs(15));
    assert!(!bench.tokens.clear_up(&Schedule::default()).unwrap());
    let to_withdraw = |store: &crate::store::Reading<'_>| {
        store.withdrawals("synapse", bench.clock.now(), chrono::TimeDelta::zero(), 9)
    };
    assert_eq!(store.read(to_withdraw).unwrap().len(), 1);
}

#[test]
fn a_lock_on_the_folder_by_somebody_else_stops_nothing() {
    let bench = Bench::settled(None);
    let folder = std::fs::File::open(bench.dir.path()).unwrap();
    rustix::fs::flock(&folder, rustix::fs::FlockOperation::LockExclusive).unwrap();
    bench.tokens.rotate(Origin::Manual, None, &Schedule::default()).unwrap();
    edit(&bench.tokens.folder, BanKind::Ip, &Edit::Add("192.0.2.1".into())).unwrap();
    assert_eq!(bench.file(), bench.current());
}

#[test]
fn a_kill_between_the_homeservers_word_and_the_file_asks_nobody_again() {
    let bench = Bench::settled(None);
    let now = bench.clock.now();
    let dead_at = ends_at(&Schedule::default(), Duration::from_secs(3600), now);
    let asked = Asked { backend: "admin_room", dead_at, uses_allowed: None, letter_id: None };
    let parse = |token| RegistrationToken::parse(token).unwrap();
    bench
        .tokens
        .store
        .write(move |store| {
            let noted = parse("noted-before-it-was-made");
            let id = store.add_pending_token(&noted, Origin::Scheduled, now, None, Some(asked))?;
            store.note_made(id, &parse("made-there"), Some("doorman-transaction"))
        })
        .unwrap();
    let mut settings = Settings::trial();
    settings.tokens.backend = Backend::AdminRoom { access_token: Secret::new("syt_secret") };
    // Nobody answers there.
    let nobody = Homeserver::new(settings.homeserver.clone(), Some("http://127.0.0.1:9".into()));
    bench.tokens.refurbish(&settings, Some(Arc::new(nobody)));
    bench.tokens.settle(&Schedule::default()).unwrap();
    assert_eq!((bench.current().as_str(), bench.file().as_str()), ("made-there", "made-there"));
}

#[test]
fn what_another_backend_made_works_in_the_file_until_it_is_replaced_and_there_until_it_ends() {
    let bench = Bench::with(Some("made-there"));
    let now = bench.clock.now();
    let dead_at = ends_at(&Schedule::default(), Duration::from_secs(3600), now);
    let asked = Asked { backend: "synapse", dead_at, uses_allowed: None, letter_id: None };
    let token = RegistrationToken::parse("made-there").unwrap();
    bench
        .tokens
        .store
        .write(move |store| {
            let id = store.add_pending_token(&token, Origin::Scheduled, now, None, Some(asked))?;
            store.promote_token(id, now, Some(("synapse", Duration::from_secs(3600))))
        })
        .unwrap();
    let current = bench.tokens.settle(&Schedule::default()).unwrap().unwrap();
    assert_eq!((current.token.reveal(), current.dead_at), ("made-there", None));
    let left = || {
        bench
            .tokens
            .left_behind()
            .unwrap()
            .into_iter()
            .map(|left| (left.count, left.until))
            .collect::<Vec<_>>()
    };
    assert_eq!(left(), [(1, dead_at)]);
    bench.tokens.rotate(Origin::Manual, None, &Schedule::default()).unwrap();
    assert_eq!(left(), [(1, dead_at)]);
    bench.clock.advance(Duration::from_secs(14 * 3600));
    assert_eq!(left(), []);
}
