use std::collections::BTreeSet;

use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::clock::ManualClock;
use crate::config::{Approval, EmailIdentity, Settings};
use crate::domain::{Channel, EmailAddress, Language, LinkSecret, Localpart, Reason, ServerName, SurgeMode};
use crate::store::{Live, Origin, RequestFilter};
use crate::tokens::Tokens;

use super::*;

/// An open desk without a homeserver, under a clock set by hand.
struct Bench {
    _dir: tempfile::TempDir,
    clock: Arc<ManualClock>,
    desk: Desk,
    tokens: Tokens,
}

impl Bench {
    fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at("2026-01-01T12:00:00Z"));
        let mut settings = Settings::trial();
        change(&mut settings);
        let schedule = settings.schedule;
        let premises = Arc::new(Premises::for_tests(dir.path(), settings));
        let settings = premises.settings.load_full();
        let tokens =
            Tokens::new(premises.folder.clone(), Arc::clone(&premises.store), clock.clone(), &settings, None);
        tokens.settle(&schedule).unwrap();
        let desk = Desk::new(premises, clock.clone()).unwrap();
        let bench = Self { _dir: dir, clock, desk, tokens };
        bench.rotate();
        bench
    }

    fn request(&self, name: &str, email: &str) -> TokenRequest {
        TokenRequest {
            username: Some(Localpart::parse(name, &ServerName::parse("trial.example").unwrap()).unwrap()),
            email: EmailAddress::parse(email).unwrap(),
            channel: Channel::Web,
            ip: Some("192.0.2.1".parse().unwrap()),
            received_at: self.clock.now(),
            answer: None,
            terms: None,
            mail: None,
            receipt: None,
            language: Language::default(),
        }
    }

    /// The reason of the refusal, or `accepted`.
    fn ask(&self, name: &str, email: &str) -> &'static str {
        let request = self.request(name, email);
        let knock = self.desk.knock(request.ip.unwrap());
        let verdict = self.desk.receive(request, &knock).unwrap();
        verdict.reason().map_or("accepted", Reason::word)
    }

    fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// What the rotation does at the reset time.
    fn rotate(&self) {
        let premises = self.desk.premises();
        let reset = premises.settings.load().schedule.last_reset(self.clock.now());
        let token =
            self.tokens.rotate(Origin::Scheduled, Some(reset), &crate::domain::Schedule::default()).unwrap();
        premises.store.write(move |store| store.note_live(token.id, Live::CannotBeChecked)).unwrap();
        self.desk.refresh().unwrap();
    }

    fn letters(&self) -> Vec<i64> {
        let now = self.clock.now();
        let due = self.desk.premises().store.read(|store| store.due_letters(now, 1000)).unwrap();
        due.iter().map(|letter| letter.id).collect()
    }

    fn send(&self, letter: i64) {
        let now = self.clock.now();
        let store = &self.desk.premises().store;
        assert!(store.write(move |store| store.claim_letter(letter, None, "m@x", now)).unwrap());
        store.write(move |store| store.letter_sent(letter, "250 ok", now, now)).unwrap();
    }

    fn fail(&self, letter: i64) {
        let now = self.clock.now();
        let store = &self.desk.premises().store;
        assert!(store.write(move |store| store.claim_letter(letter, None, "m@x", now)).unwrap());
        assert!(store.write(move |store| store.letter_failed(letter, "550 gone", now)).unwrap());
    }
}

#[test]
fn the_same_pair_again_within_ten_minutes_gets_no_second_letter() {
    let bench = Bench::with(|_| {});
    assert_eq!(bench.ask("alice", "a@example.org"), "accepted");
    bench.later(599);
    assert_eq!(bench.ask("alice", "A+tag@example.org"), "accepted");
    assert_eq!(bench.letters().len(), 1);
    bench.later(2);
    assert_eq!(bench.ask("alice", "a@example.org"), "email_cooldown");
    bench.later(3000);
    assert_eq!(bench.ask("alice", "a@example.org"), "accepted");
    assert_eq!(bench.letters().len(), 2, "whoever lost the letter asks again");
}

#[test]
fn a_shorter_cooldown_is_the_shorter_window() {
    let bench = Bench::with(|settings| settings.email_cooldown = Duration::from_secs(60));
    assert_eq!(bench.ask("alice", "a@example.org"), "accepted");
    bench.later(61);
    assert_eq!(bench.ask("alice", "a@example.org"), "accepted");
    assert_eq!(bench.letters().len(), 2);
}

#[test]
fn one_address_has_one_account_and_one_name_one_address() {
    let bench = Bench::with(|_| {});
    assert_eq!(bench.ask("alice", "a@example.org"), "accepted");
    bench.later(7200);
    assert_eq!(bench.ask("bob", "a+other@example.org"), "email_in_use");
    assert_eq!(bench.ask("alice", "b@example.org"), "username_unavailable");
    assert_eq!(bench.ask("bob", "b@example.org"), "accepted");
    assert_eq!(bench.letters().len(), 2, "a refusal queues no letter");
}

#[test]
fn an_exact_identity_tells_tags_apart_and_several_accounts_may_be_allowed() {
    let bench = Bench::with(|settings| settings.email_identity = EmailIdentity::Exact);
    assert_eq!(bench.ask("alice", "a@example.org"), "accepted");
    assert_eq!(bench.ask("bob", "a+tag@example.org"), "accepted");
    assert_eq!(bench.ask("carol", "A@Example.ORG"), "email_in_use", "case is folded, and nothing else");
    let bench = Bench::with(|settings| settings.multiple_users_per_email = true);
    assert_eq!(bench.ask("alice", "a@example.org"), "accepted");
    assert_eq!(bench.ask("bob", "a@example.org"), "email_cooldown");
    bench.later(3601);
    assert_eq!(bench.ask("bob", "a@example.org"), "accepted");
}

#[test]
fn a_letter_that_failed_for_good_frees_name_and_address_and_ends_the_cooldown() {
    let bench = Bench::with(|_| {});
    assert_eq!(bench.ask("alice", "a@example.org"), "accepted");
    bench.fail(bench.letters()[0]);
    assert_eq!(bench.ask("alice", "b@example.org"), "accepted");
    assert_eq!(bench.ask("bob", "a@example.org"), "accepted");
}

#[test]
fn a_mailbox_gets_only_so_many_letters_a_day() {
    let bench = Bench::with(|settings| settings.email_cooldown = Duration::from_secs(1));
    for _ in 0..3 {
        assert_eq!(bench.ask("alice", "a@example.org"), "accepted");
        bench.later(3600);
    }
    assert_eq!(bench.ask("alice", "a@example.org"), "email_cooldown");
    bench.later(21 * 3600);
    bench.rotate();
    assert_eq!(bench.ask("alice", "a@example.org"), "accepted");
}

#[test]
fn a_days_worth_of_letters_may_wait_and_half_of_it_from_one_source() {
    let bench = Bench::with(|settings| {
        (settings.letters_per_hour, settings.requests_per_ip_per_hour) = (1, 0);
    });
    let ask = |ip: &str, number: usize| {
        let request = bench.request(&format!("n{number}"), &format!("n{number}@gmail.com"));
        let request = TokenRequest { ip: ip.parse().ok(), ..request };
        bench.desk.receive(request, &Knock::default()).unwrap().reason().map_or("accepted", Reason::word)
    };
    for number in 0..12 {
        assert_eq!(ask("192.0.2.1", number), "accepted");
    }
    assert_eq!(ask("192.0.99.1", 12), "rate_limited", "the same /16");
    for number in 0..12 {
        assert_eq!(ask(&format!("198.{number}.2.1"), 100 + number), "accepted");
    }
    assert_eq!(ask("198.99.2.1", 99), "rate_limited", "24 wait");
    let now = bench.clock.now();
    let first = bench.letters()[0];
    bench.desk.premises().store.write(move |store| store.drop_letter(first, now)).unwrap();
    assert_eq!(ask("192.0.99.1", 12), "rate_limited");
    assert_eq!(ask("198.99.2.1", 99), "accepted");
}

#[test]
fn an_address_asks_only_so_often_an_hour_and_the_hour_slides() {
    let bench = Bench::with(|settings| settings.requests_per_ip_per_hour = 2);
    assert_eq!(bench.ask("alice", "a@example.org"), "accepted");
    bench.later(1800);
    assert_eq!(bench.ask("alice", "b@example.org"), "username_unavailable");
    assert_eq!(bench.ask("carol", "c@example.org"), "rate_limited");
    bench.later(7300);
    assert_eq!(bench.ask("carol", "c@example.org"), "accepted");
}

#[test]
fn a_paused_desk_takes_nothing_and_a_desk_in_downtime_neither() {
    let bench = Bench::with(|_| {});
    let now = bench.clock.now();
    let store = &bench.desk.premises().store;
    store.write(move |store| store.pause(Some(now))).unwrap();
    bench.desk.refresh().unwrap();
    assert_eq!(bench.ask("alice", "a@example.org"), "closed");
    store.write(|store| store.pause(None)).unwrap();
    bench.desk.refresh().unwrap();
    bench.clock.sleep_until("2026-01-01T23:29:59Z");
    assert_eq!(bench.ask("alice", "a@example.org"), "accepted");
    bench.clock.sleep_until("2026-01-01T23:30:00Z");
    assert_eq!(bench.ask("bob", "b@example.org"), "closed");
    bench.clock.sleep_until("2026-01-02T00:00:01Z");
    assert_eq!(
        bench.ask("bob", "b@example.org"),
        "closed",
        "the reset has passed, and nobody has rotated yet"
    );
}

#[test]
fn a_clock_that_is_not_believed_closes_nothing_and_nothing_lapses_by_it() {
    let bench = Bench::with(|_| {});
    assert_eq!(bench.ask("alice", "a@example.org"), "accepted");
    bench.clock.step_to("2026-02-11T00:00:01Z");
    assert_eq!(bench.ask("bob", "b@example.org"), "accepted", "the reset has not passed");
    assert_eq!(bench.ask("alice", "c@example.org"), "username_unavailable");
}

#[test]
fn a_clock_that_once_stood_ahead_bars_nobody() {
    let bench = Bench::with(|_| {});
    bench.clock.step_to("2031-01-01T12:00:00Z");
    // Its token is as old as the clock was wrong: only the door's view of it matters here.
    let request = bench.request("alice", "a@example.org");
    let store = &bench.desk.premises().store;
    store.write(move |store| store.record_accepted(&request, None, Some("m1@x"))).unwrap();
    bench.clock.step_to("2026-01-01T13:00:00Z");
    assert_eq!(bench.ask("alice", "a@example.org"), "accepted");
}

#[test]
fn of_many_who_race_for_one_name_or_from_one_address_one_is_accepted() {
    let bench = Bench::with(|settings| settings.requests_per_ip_per_hour = 0);
    for (round, one_name) in [(0, true), (1, false)] {
        let accepted: BTreeSet<usize> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..24)
                .map(|number| {
                    let bench = &bench;
                    scope.spawn(move || {
                        let own = format!("r{round}n{number}");
                        let (name, mailbox) =
                            if one_name { ("wanted", own.as_str()) } else { (own.as_str(), "one") };
                        (number, bench.ask(name, &format!("{mailbox}@example.org")))
                    })
                })
                .collect();
            racers
                .into_iter()
                .map(|racer| racer.join().unwrap())
                .filter(|(_, verdict)| *verdict == "accepted")
                .map(|(number, _)| number)
                .collect()
        });
        assert_eq!(accepted.len(), 1, "{accepted:?}");
        assert_eq!(bench.letters().len(), round + 1);
    }
}

#[test]
fn a_clock_that_once_stood_ahead_keeps_no_letter_waiting() {
    let bench = Bench::with(|_| {});
    bench.clock.step_to("2026-03-01T12:00:00Z");
    bench.rotate();
    assert_eq!(bench.ask("early", "early@example.org"), "accepted");
    bench.clock.step_to("2026-01-01T12:05:00Z");
    assert_eq!(bench.letters().len(), 1);
}

/// Settings and lists to judge by.
#[derive(Debug, Clone)]
struct Regime {
    cooldown: u64,
    several: bool,
    manual: bool,
    per_ip: u32,
    lists: [&'static str; 3],
}

impl Regime {
    fn bench(&self) -> Bench {
        let bench = Bench::with(|settings| self.set(settings));
        let premises = bench.desk.premises();
        for (kind, text) in crate::domain::BanKind::ALL.into_iter().zip(self.lists) {
            std::fs::write(premises.folder.path().join(kind.file_name()), text).unwrap();
        }
        premises.bans.refresh();
        premises.bans.refresh();
        bench
    }

    fn set(&self, settings: &mut Settings) {
        settings.email_cooldown = Duration::from_secs(self.cooldown);
        settings.multiple_users_per_email = self.several;
        settings.approval = if self.manual { Approval::Manual } else { crate::config::Approval::Automatic };
        settings.requests_per_ip_per_hour = self.per_ip;
    }
}

fn regime() -> impl proptest::strategy::Strategy<Value = Regime> {
    use proptest::prelude::*;
    let lists = (
        prop::sample::select(vec!["", "192.0.2.2\n", "#: hold\n192.0.2.0/24\n", "#: approve\n192.0.2.3\n"]),
        prop::sample::select(vec![
            "",
            "two.example\n",
            "#: hold\none.example\n",
            "#: approve\na@one.example\n",
        ]),
        prop::sample::select(vec!["", "^b\n", "#: hold\nn\n", "#: approve\nanna\n"]),
    );
    let numbers = (prop::sample::select(vec![60_u64, 3600]), prop::sample::select(vec![0_u32, 2, 20]));
    (numbers, any::<bool>(), any::<bool>(), lists).prop_map(
        |((cooldown, per_ip), several, manual, (ips, emails, names))| Regime {
            cooldown,
            several,
            manual,
            per_ip,
            lists: [ips, emails, names],
        },
    )
}

type Ask = (u64, &'static str, &'static str, &'static str);

fn asks() -> impl proptest::strategy::Strategy<Value = Vec<Ask>> {
    use proptest::prelude::*;
    let one = (
        prop::sample::select(vec![0_u64, 5, 300, 700, 1500]),
        prop::sample::select(vec!["anna", "bob", "carl"]),
        prop::sample::select(vec!["a@one.example", "a+t@one.example", "b@one.example", "c@two.example"]),
        prop::sample::select(vec!["192.0.2.1", "192.0.2.2", "192.0.2.3", "198.51.100.1"]),
    );
    prop::collection::vec(one, 1..20)
}

impl Bench {
    fn live_through(&self, asks: &[Ask]) -> Vec<(&'static str, Option<Reason>)> {
        asks.iter()
            .map(|(wait, name, email, ip)| {
                self.later(*wait);
                let request = TokenRequest { ip: ip.parse().ok(), ..self.request(name, email) };
                let knock = self.desk.knock(request.ip.unwrap());
                let verdict = self.desk.at_the_door(&request, &knock);
                let verdict = verdict.unwrap_or_else(|| self.desk.receive(request, &knock).unwrap());
                // Whatever is still to be written down.
                self.desk.premises().store.write(|_| Ok(())).unwrap();
                (verdict.clone().word(), verdict.reason())
            })
            .collect()
    }

    fn rehearse(&self, by: &Bench) -> Vec<(&'static str, Option<Reason>)> {
        let (premises, rules) = (self.desk.premises(), by.desk.premises());
        let (mut told, since) = (Vec::new(), "2026-01-01T12:00:00Z".parse().unwrap());
        let (settings, lists) = (rules.settings.load_full(), rules.bans.current());
        let each = |one: Rehearsed| told.push(one.now.verdict());
        rehearse(&premises.store, &settings, &lists, since, Instant::now(), each).unwrap();
        told
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

    #[test]
    fn what_a_rehearsal_foretells_is_what_happens(one in regime(), other in regime(), asks in asks()) {
        let (then, now, rules) = (one.bench(), other.bench(), other.bench());
        let recorded = then.live_through(&asks);
        proptest::prop_assert_eq!(then.rehearse(&then), recorded, "by its own rules nothing changes");
        proptest::prop_assert_eq!(then.rehearse(&rules), now.live_through(&asks));
    }
}

impl Bench {
    /// What the desk does by itself.
    fn looks_after(&self) {
        let (mut learned, mut next) = (None, crate::pulse::Next::never());
        self.desk.look_after(&mut learned, &mut next, &crate::stop::Stop::new()).unwrap();
    }

    fn verdicts(&self) -> Vec<String> {
        let rows =
            self.desk.premises().store.read(|store| store.requests(&RequestFilter::default())).unwrap();
        let mut rows: Vec<_> = rows
            .into_iter()
            .map(|row| (row.id, format!("{} {}", row.username, row.reason.unwrap_or(row.verdict))))
            .collect();
        rows.sort_unstable();
        rows.into_iter().map(|(_, verdict)| verdict).collect()
    }
}

#[test]
fn the_days_accounts_are_given_away_in_order_and_a_place_that_is_given_back_is_the_next_ones() {
    let bench = Bench::with(|settings| settings.accounts_per_day = Some(2));
    for (name, verdict) in
        [("a", "accepted"), ("b", "accepted"), ("c", "quota"), ("d", "quota"), ("e", "quota")]
    {
        assert_eq!(bench.ask(name, &format!("{name}@example.org")), verdict);
    }
    let before = |name: &str| {
        let store = &bench.desk.premises().store;
        let rows = store.read(|store| store.requests(&RequestFilter::default())).unwrap();
        let id = rows.iter().find(|row| row.username == name).unwrap().id;
        store.read(|store| store.held_before(id, Reason::Quota)).unwrap()
    };
    assert_eq!((before("c"), before("e")), (0, 2));
    bench.looks_after();
    assert_eq!(bench.verdicts(), ["a accepted", "b accepted", "c quota", "d quota", "e quota"]);
    bench.fail(bench.letters()[0]);
    assert_eq!(bench.ask("f", "f@example.org"), "quota", "who waits comes before");
    bench.looks_after();
    assert_eq!(bench.verdicts()[2..4], ["c accepted", "d quota"]);
    assert_eq!(before("e"), 1);
    bench.later(12 * 3600);
    bench.rotate();
    bench.looks_after();
    assert_eq!(bench.verdicts()[3..], ["d accepted", "e accepted", "f quota"]);
    assert_eq!(bench.ask("e", "e@example.org"), "accepted", "a lost letter costs no other account");
}

#[test]
fn a_surge_begins_and_ends_by_itself_and_the_operator_has_the_last_word() {
    let bench = Bench::with(|settings| settings.surge_threshold = Some(3));
    let ask = |name: &str| bench.ask(name, &format!("{name}@example.org"));
    let alarm = || bench.desk.premises().alarms.is_raised(crate::alarms::Trouble::Surge);
    for name in ["a", "b", "c"] {
        assert_eq!(ask(name), "accepted");
        bench.looks_after();
        assert_eq!(alarm(), name == "c", "the next one is one too many");
    }
    assert_eq!(ask("d"), "surge");
    bench.later(59 * 60);
    bench.looks_after();
    assert_eq!(ask("e"), "surge");
    bench.later(62 * 60);
    bench.looks_after();
    assert!(!alarm());
    assert_eq!(ask("f"), "accepted");
    let say = |mode| {
        bench.desk.premises().store.write(move |store| store.set_surge_mode(mode)).unwrap();
        bench.looks_after();
    };
    say(SurgeMode::On);
    assert_eq!((ask("g"), alarm()), ("surge", true));
    say(SurgeMode::Off);
    for name in ["h", "i", "j", "k"] {
        assert_eq!((ask(name), alarm()), ("accepted", false));
    }
}

#[test]
fn a_desk_learns_what_is_usual_within_a_week() {
    let bench = Bench::with(|settings| settings.requests_per_ip_per_hour = 0);
    let threshold = || {
        bench.looks_after();
        bench.desk.premises().store.read(|store| store.known_threshold()).unwrap()
    };
    for n in 0..30 {
        assert_eq!(
            bench.ask(&format!("first{n}"), &format!("first{n}@example.org")),
            "accepted",
            "a new desk"
        );
    }
    assert_eq!(threshold(), None);
    bench.later(7 * 24 * 3600);
    assert_eq!(threshold(), Some(10));
    bench.rotate();
    let all: Vec<&str> =
        (0..12).map(|n| bench.ask(&format!("wave{n}"), &format!("wave{n}@example.org"))).collect();
    assert_eq!(all[..5], ["accepted"; 5]);
    assert_eq!(all[10..], ["surge"; 2], "{all:?}");
}

#[test]
fn an_address_that_nobody_proves_in_a_day_frees_its_name() {
    let bench = Bench::with(|settings| {
        settings.approval = Approval::Manual;
        settings.public_url = Some("https://desk.test".into());
    });
    assert_eq!(bench.ask("alice", "a@example.org"), "unproven");
    bench.later(23 * 3600);
    bench.rotate();
    assert_eq!(bench.ask("alice", "a@example.org"), "unproven", "asked again, with another email");
    bench.later(2 * 3600);
    bench.looks_after();
    assert_eq!(bench.verdicts(), ["alice unproven", "alice unproven"]);
    bench.later(22 * 3600);
    bench.looks_after();
    assert_eq!(bench.verdicts(), ["alice lapsed", "alice lapsed"]);
    bench.rotate();
    assert_eq!(bench.ask("alice", "b@example.org"), "unproven");
    bench.fail(*bench.letters().last().unwrap());
    assert_eq!(bench.verdicts()[2], "alice lapsed", "no email reaches it");
}

mod attacks;

#[test]
fn the_receipt_of_a_known_address_stands_as_that_of_any_other() {
    let open: fn(&mut Settings) = |_| {};
    let quota: fn(&mut Settings) = |settings| settings.accounts_per_day = Some(1);
    let unproven: fn(&mut Settings) = |settings| {
        settings.approval = Approval::Manual;
        settings.public_url = Some("https://desk.example".into());
    };
    let held: fn(&mut Settings) = |settings| {
        settings.approval = Approval::Manual;
        settings.prove_address = false;
    };
    for (change, reason) in [(open, "accepted"), (quota, "quota"), (unproven, "unproven"), (held, "approval")]
    {
        let bench = Bench::with(|settings| {
            change(settings);
            settings.discreet = true;
        });
        // Of whoever is known already, and of two more, so that there is a queue.
        for name in ["owner", "second", "third"] {
            bench.ask(name, &format!("{name}@example.org"));
        }
        for letter in bench.letters() {
            bench.send(letter);
        }
        bench.later(120);
        let ask = |name: &str, email: &str| {
            let secret = LinkSecret::generate(&mut UnwrapErr(SysRng), 128);
            let receipt = Some(crate::domain::Receipt { hash: secret.hash(), corrects: None });
            let request = TokenRequest { receipt, ..bench.request(name, email) };
            let verdict = bench.desk.receive(request, &Knock::default()).unwrap();
            assert_eq!(verdict.reason().map_or("accepted", Reason::word), reason);
            secret
        };
        let two = [ask("known", "owner@example.org"), ask("stranger", "nobody@example.org")];
        let shown = || {
            let shown = two.each_ref().map(|secret| bench.desk.receipt(secret).unwrap().unwrap());
            shown.map(|Receipt { stage, is_correctable, of }| {
                let has_time = stage == Stage::Sent && of.letter_ended_at.is_some();
                (stage, is_correctable, has_time)
            })
        };
        let alike = |[known, stranger]: [(Stage, bool, bool); 2]| {
            assert_eq!(known, stranger, "{reason}");
            known.0
        };
        let first = alike(shown());
        let waits = |stage: &Stage| match stage {
            Stage::Held { waits, .. } => waits.word(),
            Stage::Queued => "queued",
            _ => "something else",
        };
        assert_eq!(waits(&first), if reason == "accepted" { "queued" } else { reason });
        for letter in bench.letters() {
            bench.send(letter);
        }
        assert_eq!(alike(shown()), if reason == "accepted" { Stage::Sent } else { first });
        if reason == "unproven" {
            bench.later(25 * 3600);
            bench.looks_after();
            assert_eq!(alike(shown()), Stage::Ended(Some(Reason::Lapsed)));
        }
    }
}

#[test]
fn a_trial_tells_of_names_as_if_it_had_a_homeserver() {
    let bench = Bench::with(|_| {});
    assert_eq!(bench.ask("alice", "alice@example.org"), "accepted");
    let far = bench.clock.monotonic() + PATIENCE;
    let told = |name: &str| {
        bench.desk.can_be_had(&bench.request(name, "a@example.org").username.unwrap(), far).unwrap()
    };
    assert_eq!((told("alice"), told("bob")), (Some(false), Some(true)));
}
