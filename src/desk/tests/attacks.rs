//! Ten thousand requests of each shape of attack, at default limits: how many emails a stranger gets, and how long an honest
//! applicant waits.

use std::collections::HashMap;

use chrono::TimeDelta;

use crate::domain::RequestMail;
use crate::policy::Pace;

use super::*;

/// What an attacker sends, one after the other.
type Shape = fn(u32) -> (String, String, Whence);

enum Whence {
    Web(IpAddr),
    /// The host that brings the mail.
    Mail(IpAddr),
}

/// What came of it.
#[derive(Debug, Default)]
struct Outcome {
    /// Most emails to one mailbox, and to one domain that is no provider's, in all.
    to_mailbox: usize,
    to_domain: usize,
    /// How long each of the honest waited.
    waits: Vec<TimeDelta>,
    verdicts: HashMap<&'static str, usize>,
}

/// An open desk whose mail server takes everything at once.
struct Scene {
    bench: Bench,
    /// By mailbox, oldest first.
    sent: HashMap<String, Vec<DateTime<Utc>>>,
    to_domain: HashMap<String, usize>,
}

impl Scene {
    fn new() -> Self {
        let bench = Bench::with(|settings| {
            let defaults = Settings::trial();
            assert_eq!(defaults.letters_per_hour, 100);
            assert_eq!((defaults.letters_per_address_per_day, defaults.letters_per_domain_per_day), (3, 50));
            settings.schedule = crate::domain::Schedule::new(0, 0).unwrap();
        });
        Self { bench, sent: HashMap::new(), to_domain: HashMap::new() }
    }

    fn ask(&self, name: &str, email: &str, whence: &Whence) -> &'static str {
        let mut request = self.bench.request(name, email);
        let knock = match whence {
            Whence::Web(ip) => {
                request.ip = Some(*ip);
                self.bench.desk.knock(*ip)
            }
            Whence::Mail(relay) => {
                let mail = RequestMail {
                    guess: String::new(),
                    is_taken: false,
                    id: 0,
                    message_id: None,
                    references: Vec::new(),
                    hold: None,
                    relay: Some(*relay),
                    to_prove: false,
                    language: crate::domain::Language::default(),
                };
                (request.channel, request.ip, request.mail) = (Channel::Email, None, Some(mail));
                Knock::default()
            }
        };
        let verdict = self.bench.desk.receive(request, &knock).unwrap();
        verdict.reason().map_or("accepted", Reason::word)
    }

    /// Sends what may go now, as the outbox does.
    fn deliver(&mut self) {
        let now = self.bench.clock.now();
        let store = &self.bench.desk.premises().store;
        loop {
            let paced_by = store.read(|store| store.paced_by(now)).unwrap();
            let at_once = Pace::after(&paced_by, 100, now).unwrap().at_once;
            if at_once == 0 {
                return;
            }
            let due = store.read(|store| store.due_letters(now, 1)).unwrap();
            let Some(letter) = due.first() else { return };
            let (id, to) = (letter.id, EmailAddress::parse(&letter.recipient).unwrap());
            store
                .write(move |store| {
                    store.claim_letter(id, None, "<a@x>", now)?;
                    store.letter_sent(id, "250 ok", now, now)
                })
                .unwrap();
            self.sent.entry(to.mailbox()).or_default().push(now);
            if let Some(domain) = to.own_domain() {
                *self.to_domain.entry(domain.to_owned()).or_default() += 1;
            }
        }
    }

    /// Time passes, and the outbox goes on.
    fn pass(&mut self, span: TimeDelta) {
        let until = self.bench.clock.now() + span;
        while self.bench.clock.now() < until {
            let now = self.bench.clock.now();
            let read = |store: &Reading<'_>| Ok((store.outbox_counts()?.owed, store.paced_by(now)?));
            let (owed, paced_by) = self.bench.desk.premises().store.read(read).unwrap();
            // Where nothing is owed, nothing happens; else not before the next one may go.
            let next_at = Pace::after(&paced_by, 100, now).unwrap().next_at.max(now + TimeDelta::seconds(1));
            let step = (until - now).min(if owed > 0 { next_at - now } else { TimeDelta::MAX });
            self.bench.clock.advance(step.to_std().unwrap());
            self.deliver();
        }
    }

    /// The attacker's ten thousand, so far apart; an honest applicant comes after each thousand.
    fn attacked(mut self, shape: Shape, apart: TimeDelta) -> Outcome {
        const ALL: u32 = 10_000;
        let (mut outcome, mut honest, mut gap) = (Outcome::default(), Vec::new(), TimeDelta::zero());
        let mut day = self.bench.clock.now().date_naive();
        for number in 0..ALL {
            gap += apart;
            if gap >= TimeDelta::seconds(6) {
                self.pass(std::mem::take(&mut gap));
            }
            if self.bench.clock.now().date_naive() != day {
                day = self.bench.clock.now().date_naive();
                self.bench.rotate();
            }
            let (name, email, whence) = shape(number);
            *outcome.verdicts.entry(self.ask(&name, &email, &whence)).or_default() += 1;
            if number % 1000 == 999 {
                let came = self.bench.clock.now();
                let email = format!("honest{number}@gmail.com");
                // Who is turned away comes again each minute.
                let whence = Whence::Web(format!("203.{}.113.7", number / 1000).parse().unwrap());
                while self.ask(&format!("honest{number}"), &email, &whence) != "accepted" {
                    self.pass(TimeDelta::minutes(1));
                }
                self.deliver();
                honest.push((EmailAddress::parse(&email).unwrap().mailbox(), came));
            }
        }
        while !honest.iter().all(|(mailbox, _)| self.sent.contains_key(mailbox)) {
            self.pass(TimeDelta::hours(1));
        }
        outcome.to_mailbox = self.sent.values().map(Vec::len).max().unwrap_or(0);
        outcome.to_domain = self.to_domain.values().copied().max().unwrap_or(0);
        outcome.waits = honest.into_iter().map(|(mailbox, came)| self.sent[&mailbox][0] - came).collect();
        outcome
    }
}

fn web(ip: &str) -> Whence {
    Whence::Web(ip.parse().unwrap())
}

/// Somebody else's at a provider for everybody.
fn stranger(number: u32) -> (String, String) {
    (format!("n{number}"), format!("stranger{number}@gmail.com"))
}

type Row = (&'static str, Shape, TimeDelta, (usize, usize), i64);

#[test]
fn what_each_attack_gets_and_how_long_the_honest_wait() {
    let second = TimeDelta::seconds(1);
    // What it is, how far apart they come, the most for a mailbox and a domain, and how many seconds an honest one waits.
    let table: [Row; 6] = [
        (
            "one /32 with 2,500 /48s",
            |number| {
                let (name, email) = stranger(number);
                (name, email, web(&format!("2001:db8:{:x}::{number}", number % 2500)))
            },
            second / 2,
            (1, 0),
            120,
        ),
        (
            "fifteen /16s",
            |number| {
                let (name, email) = stranger(number);
                (name, email, web(&format!("{}.7.{}.{}", 30 + number % 15, number / 15 % 250, number / 3750)))
            },
            second / 2,
            (1, 0),
            600,
        ),
        (
            "a catch-all domain, from everywhere",
            |number| {
                let ip = web(&format!("{}.{}.2.3", 20 + number % 100, number / 100));
                (format!("n{number}"), format!("a{number}@sub{number}.catch-all.example"), ip)
            },
            second / 2,
            (1, 50),
            120,
        ),
        (
            "dotted Gmail, for a month",
            |number| {
                let dots: String = "stranger"
                    .chars()
                    .enumerate()
                    .flat_map(|(at, c)| [(number >> at & 1 == 1 && at > 0).then_some('.'), Some(c)])
                    .flatten()
                    .collect();
                let ip = web(&format!("{}.{}.2.3", 20 + number % 100, number / 100));
                ("victim".into(), format!("{dots}@googlemail.com"), ip)
            },
            second * 250,
            (6, 0),
            120,
        ),
        (
            "forged senders, by one host",
            |number| {
                let (name, email) = stranger(number);
                (name, email, Whence::Mail("198.51.100.7".parse().unwrap()))
            },
            second / 2,
            (1, 0),
            120,
        ),
        (
            "a botnet of 1,000 /24s in as many /16s",
            |number| {
                let (bot, (name, email)) = (number % 1000, stranger(number));
                (name, email, web(&format!("{}.{}.2.{}", 20 + bot % 100, bot / 100, number / 1000)))
            },
            second / 2,
            (1, 0),
            // Nobody can tell who is who: the surge mode is what helps here.
            24 * 3600,
        ),
    ];
    for (what, shape, apart, (to_mailbox, to_domain), patience) in table {
        let outcome = Scene::new().attacked(shape, apart);
        let longest = outcome.waits.iter().max().unwrap().num_seconds();
        println!(
            "{what}: {} emails to one mailbox, {} to one domain; the honest wait {:?} s; {:?}",
            outcome.to_mailbox,
            outcome.to_domain,
            outcome.waits.iter().map(TimeDelta::num_seconds).collect::<Vec<_>>(),
            outcome.verdicts,
        );
        assert_eq!((outcome.to_mailbox, outcome.to_domain), (to_mailbox, to_domain), "{what}");
        assert_eq!(outcome.waits.len(), 10, "{what}");
        assert!(longest <= patience, "{what}: {longest} s");
    }
}
