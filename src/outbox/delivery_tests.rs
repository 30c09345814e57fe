use std::sync::atomic::{AtomicUsize, Ordering};

use crate::clock::ManualClock;
use crate::config::TlsMode;
use crate::domain::{Channel, EmailAddress, Localpart, MessageId, TokenRequest};
use crate::outbox::relay::tests::{Does, Sink, says, usual};
use crate::store::{AnswerLetter, DIGEST, Live};

use super::*;

struct Bench {
    _dir: tempfile::TempDir,
    premises: Arc<Premises>,
    clock: Arc<ManualClock>,
    delivery: Delivery,
}

impl Bench {
    fn new(banned: &str, settings: &Settings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("banned_emails.txt"), banned).unwrap();
        let clock = Arc::new(ManualClock::at("2026-01-01T12:00:00Z"));
        let premises = Arc::new(Premises::for_tests(dir.path(), settings.clone()));
        let tokens = Arc::new(Tokens::new(
            premises.folder.clone(),
            Arc::clone(&premises.store),
            clock.clone(),
            settings,
            None,
        ));
        let current = tokens.settle(&settings.schedule).unwrap().unwrap();
        premises.store.write(move |store| store.note_live(current.id, Live::Yes)).unwrap();
        let delivery = Delivery::new(Arc::clone(&premises), tokens, clock.clone());
        Self { _dir: dir, premises, clock, delivery }
    }

    /// By this mail server.
    fn by(sink: &Sink, letters_per_hour: u32) -> Self {
        let smtp = sink.smtp(TlsMode::None, false);
        Self::new("", &Settings { letters_per_hour, smtp: Some(smtp), ..Settings::trial() })
    }

    /// One to each address, in this order.
    fn owe(&self, addresses: impl IntoIterator<Item = String>) {
        let (server, now) = (self.delivery.settings.homeserver.clone(), self.clock.now());
        for (number, address) in addresses.into_iter().enumerate() {
            let name = format!("{}{number}", address.split('@').next().unwrap());
            let request = TokenRequest {
                username: Some(Localpart::parse(&name, &server).unwrap()),
                email: EmailAddress::parse(&address).unwrap(),
                channel: Channel::Web,
                ip: None,
                received_at: now,
                answer: None,
                terms: None,
                mail: None,
                receipt: None,
                language: crate::domain::Language::default(),
            };
            let id = format!("<{number}@your.server>");
            self.premises
                .store
                .write(move |store| store.record_accepted(&request, None, Some(&id)).map(drop))
                .unwrap();
        }
    }

    fn owed(&self) -> usize {
        self.premises.store.read(|store| store.outbox_counts()).unwrap().owed.try_into().unwrap()
    }

    /// Ends when all that it handed over has been answered.
    fn round(&mut self) {
        let stop = Stop::new();
        thread::scope(|scope| self.delivery.round(scope, &stop)).unwrap();
    }
}

#[test]
fn a_ban_that_hits_many_letters_keeps_no_other_waiting() {
    let mut bench = Bench::new("bots.example\n", &Settings { letters_per_hour: 0, ..Settings::trial() });
    let bots = 3 * BATCH;
    bench.owe((0..bots).map(|_| "bot@bots.example".to_owned()).chain(["one@example.org".to_owned()]));
    for _ in 0..4 {
        bench.round();
    }
    assert_eq!(
        bench.owed(),
        bots,
        "the one that nobody has banned is sent, and of the others each can be taken back"
    );
    bench.clock.advance(UNDO_TIME);
    bench.round();
    assert_eq!(bench.owed(), 0);
    bench.round();
    assert!(bench.delivery.banned_since.is_empty());
}

#[test]
fn four_letters_are_handed_over_at_once_and_no_more() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, highest) = (Arc::clone(&now), Arc::clone(&most));
    let sink = Sink::new(move |_, command| {
        if command == "." {
            highest.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // Bounded, should they come one by one.
            for _ in 0..500 {
                if highest.load(Ordering::SeqCst) >= 4 {
                    break;
                }
                thread::park_timeout(Duration::from_millis(10));
            }
            counted.fetch_sub(1, Ordering::SeqCst);
        }
        usual(command)
    });
    let mut bench = Bench::by(&sink, 0);
    bench.owe((0..12).map(|number| format!("a{number}@example.org")));
    while bench.owed() > 0 {
        bench.round();
    }
    assert_eq!((most.load(Ordering::SeqCst), sink.connections()), (4, 4));
}

#[test]
fn letters_to_one_recipient_go_out_one_after_the_other_in_their_order() {
    let sink = Sink::new(|_, command| {
        if command == "." {
            thread::park_timeout(Duration::from_millis(5));
        }
        usual(command)
    });
    let mut bench = Bench::by(&sink, 0);
    bench.owe((0..12).map(|number| format!("a{}@example.org", number % 2)));
    while bench.owed() > 0 {
        bench.round();
    }
    let letters = sink.letters.lock().unwrap();
    for recipient in ["a0@", "a1@"] {
        let numbers: Vec<u32> = letters
            .iter()
            .filter(|letter| letter.contains(&format!("To: {recipient}")))
            .map(|letter| letter.split("Message-ID: <").nth(1).unwrap().split('@').next().unwrap())
            .map(|number| number.parse().unwrap())
            .collect();
        assert_eq!(numbers.len(), 6);
        assert!(numbers.is_sorted(), "{numbers:?}");
    }
}

#[test]
fn the_hours_budget_is_kept_to_the_letter_over_all_connections() {
    let sink = Sink::new(|_, command| usual(command));
    let mut bench = Bench::by(&sink, 8);
    bench.owe((0..20).map(|number| format!("a{number}@example.org")));
    let out = |bench: &mut Bench| {
        for _ in 0..10 {
            bench.round();
        }
        sink.letters.lock().unwrap().len()
    };
    assert_eq!(out(&mut bench), 2, "a quarter of the hour's at once");
    let next = bench.delivery.next_turn(bench.clock.now()).unwrap().unwrap();
    assert_eq!(next - bench.clock.now(), chrono::TimeDelta::seconds(450));
    for at in [(449, 2), (1, 3), (450, 4)] {
        bench.clock.advance(Duration::from_secs(at.0));
        assert_eq!(out(&mut bench), at.1);
    }
    // What nobody used is left to others, a quarter of the hour's at most.
    bench.clock.advance(Duration::from_secs(3 * 3600));
    assert_eq!(out(&mut bench), 6);
}

#[test]
fn the_operators_own_waits_for_no_budget_and_uses_none_up() {
    let sink = Sink::new(|_, command| usual(command));
    let mut bench = Bench::by(&sink, 1);
    bench.owe((0..3).map(|number| format!("a{number}@example.org")));
    bench.round();
    let now = bench.clock.now();
    let digest = AnswerLetter {
        kind: DIGEST,
        to: EmailAddress::parse("operator@example.org").unwrap(),
        message_id: MessageId::parse("<digest@your.server>").unwrap(),
        words: "2 requests wait".into(),
    };
    bench.premises.store.write(move |store| store.queue_answer(None, &digest, None, now)).unwrap();
    for _ in 0..3 {
        bench.round();
    }
    let letters = sink.letters.lock().unwrap().clone();
    assert_eq!(letters.len(), 2, "one of the hour's, and the operator's own");
    assert!(letters[1].contains("To: operator@example.org"), "{}", letters[1]);
}

#[test]
fn a_mail_server_that_takes_one_connection_only_is_in_no_trouble() {
    let sink = Sink::new(|connection, command| match command {
        "220" if connection > 0 => says("421 4.7.0 too many connections from your address"),
        "." => {
            thread::park_timeout(Duration::from_millis(100));
            usual(command)
        }
        _ => usual(command),
    });
    let mut bench = Bench::by(&sink, 0);
    bench.owe((0..6).map(|number| format!("a{number}@example.org")));
    for _ in 0..20 {
        bench.round();
        assert!(!bench.premises.alarms.is_raised(Trouble::MailServer));
    }
    assert_eq!((sink.letters.lock().unwrap().len(), bench.owed()), (6, 0));
}

#[test]
fn a_mail_server_in_trouble_is_left_alone_by_all_connections_and_charges_no_letter() {
    let sink = Sink::new(|_, command| if command == "220" { Does::HangsUp } else { usual(command) });
    let mut bench = Bench::by(&sink, 0);
    bench.owe((0..8).map(|number| format!("a{number}@example.org")));
    for _ in 0..5 {
        bench.round();
    }
    assert!(bench.premises.alarms.is_raised(Trouble::MailServer));
    let tried = sink.connections();
    assert!((1..=4).contains(&tried), "{tried}");
    bench.clock.advance(Duration::from_secs(30 * 60));
    let due = bench.premises.store.read(|store| store.due_letters(bench.clock.now(), 10)).unwrap();
    assert_eq!(due.len(), 8);
    assert!(due.iter().all(|letter| letter.attempts == 0 && letter.tried_for.is_zero()));
}
