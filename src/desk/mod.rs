//! The desk: the one place where a request is decided, recorded and its letter queued.
//!
//! [`Desk::at_the_door`] decides from memory alone, [`Desk::look`] also reads the store, [`Desk::decide`] asks the
//! homeserver and writes. Whoever calls them chooses the threads: the first is fit for one that serves pages, the last
//! can take as long as its deadline.

mod appointments;
mod door;
mod rate_limits;
mod thinning;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::config::{Approval, EmailIdentity, Settings, WhenUnreachable};
use crate::domain::{
    Channel, Closed, EmailAddress, Localpart, MessageId, Refusal, TokenRequest, Verdict, printable,
};
use crate::homeserver::NameAnswer;
use crate::policy::{Availability, Facts, Hold, Judgement, Rules, judge};
use crate::premises::Premises;
use crate::store::{MailOutcome, Reading, Record, Reservation, StoreError, Writing};

use appointments::Appointments;
pub use door::Door;
use rate_limits::RateLimits;
use thinning::Thinning;

/// Nobody waits longer for the homeserver, waiting in the desk's own queue included.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Names that the homeserver is asked about for one request, at most: what changes meanwhile can make it ask again.
const ROUNDS: usize = 12;

/// Hours' worth of letters that may be owed before requests are turned away.
const OWED_HOURS: u64 = 24;

/// Of what is not a name or an address, so many characters are kept.
const TYPED_CHARS: usize = 300;

/// The registration desk.
pub struct Desk {
    premises: Arc<Premises>,
    clock: Arc<dyn Clock>,
    door: ArcSwap<Door>,
    rate_limits: Mutex<RateLimits>,
    thinning: Mutex<Thinning>,
    appointments: Mutex<Appointments>,
}

/// What counting a request led to: it came too often, or not.
#[derive(Debug, Clone, Default)]
pub struct Knock(Option<(Duration, String)>);

/// A request that only the homeserver's word can decide.
#[derive(Debug)]
pub struct Case {
    request: TokenRequest,
    facts: Facts,
}

/// What a look into the store led to.
#[derive(Debug)]
pub enum Looked {
    /// It is decided.
    Decided(Verdict),
    /// To be taken to [`Desk::decide`].
    Ask(Box<Case>),
}

/// What became of writing it down.
enum Written {
    Done(Verdict),
    /// What was known had changed meanwhile.
    Changed(Box<Facts>),
    /// Too many are held already.
    Full(Refusal),
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl Desk {
    /// A desk; open or closed as the store says.
    pub fn new(premises: Arc<Premises>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let now = clock.now();
        let door = premises.store.read(|store| Door::read(store, now))?;
        Ok(Self {
            door: ArcSwap::from_pointee(door),
            rate_limits: Mutex::new(RateLimits::new(clock.monotonic())),
            thinning: Mutex::default(),
            appointments: Mutex::default(),
            premises,
            clock,
        })
    }

    /// What the desk shares with the other threads.
    pub fn premises(&self) -> &Premises {
        &self.premises
    }

    /// What time it is at the desk.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Somebody has written to the store: the door is looked at again.
    pub fn refresh(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let door = self.premises.store.read(|store| Door::read(store, now))?;
        self.door.store(Arc::new(door));
        Ok(())
    }

    /// Why the desk takes no requests just now.
    pub fn closed(&self, now: DateTime<Utc>) -> Option<Closed> {
        self.door.load().closed(&self.premises.settings.load().schedule, now)
    }

    /// Counts a request from `ip`, whatever becomes of it.
    pub fn knock(&self, ip: IpAddr) -> Knock {
        let per_hour = self.premises.settings.load().requests_per_ip_per_hour;
        let mut limits = self.rate_limits.lock().unwrap_or_else(PoisonError::into_inner);
        Knock(limits.knock(ip.to_canonical(), per_hour, self.clock.monotonic()))
    }

    /// Turns away what was found out to be wrong at the door itself: no name, no address, another site's form.
    pub fn turn_away(
        &self,
        channel: Channel,
        ip: Option<IpAddr>,
        username: &str,
        email: &str,
        refusal: Refusal,
    ) -> Verdict {
        self.keep_refusal(
            Record {
                received_at: self.clock.now(),
                channel,
                username: printable(username, TYPED_CHARS),
                email: printable(email, TYPED_CHARS),
                parsed_email: None,
                ip,
                reason: refusal.code(),
                detail: refusal.operator_text(),
                stands_for: 1,
            },
            refusal,
        )
    }

    /// Refuses what needs no look into the store to be refused: no lock that anybody holds for long, no disk.
    pub fn at_the_door(&self, request: &TokenRequest, knock: &Knock) -> Option<Verdict> {
        let now = self.clock.now();
        let settings = self.premises.settings.load();
        let lists = self.premises.bans.current();
        let facts = Facts {
            closed: self.door.load().closed(&settings.schedule, now),
            ip_ban: request.ip.and_then(|ip| lists.ip(ip)),
            rate_limit: knock.0.clone(),
            email_ban: lists.email(&request.email),
            ..Facts::default()
        };
        match judge(&request.username, &facts, &rules(&settings, request), now) {
            // Only these are final: the others depend on facts not yet looked up.
            Judgement::Refuse(
                refusal @ (Refusal::Closed(..)
                | Refusal::IpBanned(_)
                | Refusal::RateLimited { .. }
                | Refusal::EmailBanned(_)),
            ) => Some(self.refused(request, refusal)),
            _ => None,
        }
    }

    /// Decides what the store alone can decide. Reads, and writes nothing that the applicant has to wait for.
    pub fn look(&self, request: TokenRequest, knock: &Knock) -> Result<Looked, StoreError> {
        if let Some(verdict) = self.at_the_door(&request, knock) {
            return Ok(Looked::Decided(verdict));
        }
        let now = self.clock.now();
        let settings = self.premises.settings.load_full();
        let lists = self.premises.bans.current();
        let mut facts = Facts {
            rate_limit: knock.0.clone(),
            ip_ban: request.ip.and_then(|ip| lists.ip(ip)),
            email_ban: lists.email(&request.email),
            username_ban: lists.username(&request.username),
            ..Facts::default()
        };
        self.premises.store.read(|store| look_up(store, &request, &settings, now, &mut facts))?;
        Ok(match judge(&request.username, &facts, &rules(&settings, &request), now) {
            Judgement::Refuse(refusal) => Looked::Decided(self.refused(&request, refusal)),
            Judgement::Repeat { of, held } => Looked::Decided(self.repeated(request, of, held)?),
            Judgement::Ask(_) | Judgement::Accept { .. } => Looked::Ask(Box::new(Case { request, facts })),
        })
    }

    /// Decides with the homeserver's help, by `deadline`, and writes down what is accepted: when this returns, it is on
    /// disk.
    pub fn decide(&self, mut case: Box<Case>, deadline: Instant) -> Result<Verdict, StoreError> {
        let settings = self.premises.settings.load_full();
        let rules = rules(&settings, &case.request);
        let mut profiles_asked = false;
        for _ in 0..ROUNDS {
            let now = self.clock.now();
            match judge(&case.request.username, &case.facts, &rules, now) {
                Judgement::Refuse(refusal) => return Ok(self.refused(&case.request, refusal)),
                Judgement::Repeat { of, held } => return self.repeated(case.request, of, held),
                Judgement::Ask(name) => {
                    let answer = self.ask(&name, deadline, now);
                    if answer == Availability::Free
                        && self.premises.store.read(|store| store.account_was_seen(&name))?
                    {
                        self.availability_lies(&mut case.facts)?;
                    }
                    case.facts.answers.insert(name, answer);
                }
                Judgement::Accept { lapse_names, lapse_addresses, .. } => {
                    let something_lapses = !lapse_names.is_empty() || !lapse_addresses.is_empty();
                    if something_lapses && !profiles_asked {
                        profiles_asked = true;
                        if self.an_account_exists(&case.facts, deadline) {
                            self.availability_lies(&mut case.facts)?;
                            continue;
                        }
                    }
                    match self.write_down(&case, &settings, now)? {
                        Written::Done(verdict) => return Ok(verdict),
                        Written::Changed(facts) => case.facts = *facts,
                        Written::Full(refusal) => return Ok(self.refused(&case.request, refusal)),
                    }
                }
            }
        }
        let refusal = Refusal::HomeserverUnreachable {
            retry_after: Duration::from_secs(60),
            detail: "too much changed while it was asked".into(),
        };
        Ok(self.refused(&case.request, refusal))
    }

    /// Makes sure that the store can be written to.
    pub fn probe_store(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let probed = self.premises.store.write(move |store| store.probe(now));
        self.note_store(probed)
    }

    fn ask(&self, name: &Localpart, deadline: Instant, now: DateTime<Utc>) -> Availability {
        let Some(homeserver) = self.premises.homeserver.load_full() else {
            return Availability::CannotBeAsked;
        };
        let left = deadline.saturating_duration_since(self.clock.monotonic());
        let unanswered = |detail, retry_after| Availability::NoAnswer { retry_after, detail };
        let answer = homeserver.name(name, left);
        let alarms = &self.premises.alarms;
        if !matches!(
            answer,
            NameAnswer::NoAnswer { .. }
                | NameAnswer::CannotBeAsked { .. }
                | NameAnswer::RegistrationClosed { .. }
        ) {
            alarms.clear(Trouble::Homeserver);
        }
        match answer {
            NameAnswer::Free => Availability::Free,
            NameAnswer::InUse { words } => {
                let name = name.clone();
                self.premises.store.write_later(move |store| store.note_account_seen(&name, now));
                Availability::Unavailable(words)
            }
            NameAnswer::Reserved { words }
            | NameAnswer::Invalid { words }
            | NameAnswer::Forbidden { words } => Availability::Unavailable(words),
            NameAnswer::CannotBeAsked { words } => {
                alarms.raise(
                    Trouble::Homeserver,
                    format!(
                        "the homeserver cannot be asked whether a name is free ({words}): \
                         requests are accepted without that check"
                    ),
                );
                Availability::CannotBeAsked
            }
            NameAnswer::RegistrationClosed { words } => {
                alarms.raise(
                    Trouble::Homeserver,
                    format!("the homeserver says that registration is closed ({words}): open it, with a token required"),
                );
                unanswered(words, Duration::from_secs(300))
            }
            NameAnswer::NoAnswer { words } => {
                alarms.raise(Trouble::Homeserver, format!("the homeserver does not answer: {words}"));
                let mut appointments = self.appointments.lock().unwrap_or_else(PoisonError::into_inner);
                unanswered(words, appointments.next(self.clock.monotonic()))
            }
        }
    }

    /// Whether one of the names that the homeserver called free is seen to have an account all the same.
    fn an_account_exists(&self, facts: &Facts, deadline: Instant) -> bool {
        let Some(homeserver) = self.premises.homeserver.load_full() else { return false };
        facts.answers.iter().filter(|(_, answer)| **answer == Availability::Free).any(|(name, _)| {
            let left = deadline.saturating_duration_since(self.clock.monotonic());
            homeserver.account_exists(name, left) == Some(true)
        })
    }

    fn availability_lies(&self, facts: &mut Facts) -> Result<(), StoreError> {
        facts.availability_lies = true;
        tracing::warn!(
            "the homeserver called a name free whose account exists: from now on no reservation lapses on its word"
        );
        self.premises.store.write(|store| store.note_availability_lies())
    }

    /// One transaction: what is known again, the judgement again, and what follows from it.
    fn write_down(
        &self,
        case: &Case,
        settings: &Arc<Settings>,
        now: DateTime<Utc>,
    ) -> Result<Written, StoreError> {
        let (request, known, settings) = (case.request.clone(), case.facts.clone(), Arc::clone(settings));
        let mut rng = rand::rand_core::UnwrapErr(rand::rngs::SysRng);
        let message_id = MessageId::generate(&mut rng, &settings.from.address, &settings.homeserver);
        let written = self.premises.store.write(move |store| {
            let mut facts = known;
            look_up(store, &request, &settings, now, &mut facts)?;
            match judge(&request.username, &facts, &rules(&settings, &request), now) {
                Judgement::Accept { held, again, lapse_names, lapse_addresses } => {
                    if held && let Some(which) = store.too_many_held(request.ip)? {
                        let retry_after = Duration::from_secs(24 * 3600);
                        return Ok(Written::Full(Refusal::RateLimited { retry_after, which }));
                    }
                    for id in lapse_names {
                        store.lapse_name(id, now)?;
                    }
                    for id in lapse_addresses {
                        store.lapse_address(id, now)?;
                    }
                    record(store, &request, again, (!held).then_some(&message_id))?;
                    Ok(Written::Done(if held { Verdict::Held } else { Verdict::Accepted }))
                }
                _ => Ok(Written::Changed(Box::new(facts))),
            }
        });
        if let Ok(Written::Done(verdict)) = &written {
            tracing::info!(
                username = case.request.username.as_str(),
                channel = case.request.channel.word(),
                "{}",
                verdict.word()
            );
        }
        self.note_store(written)
    }

    fn note_store<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        match &result {
            Ok(_) => self.premises.alarms.clear(Trouble::Store),
            Err(error) => self.premises.alarms.raise(Trouble::Store, error.to_string()),
        }
        result
    }

    fn repeated(&self, request: TokenRequest, of: i64, held: bool) -> Result<Verdict, StoreError> {
        if let Some(mail) = request.mail.clone() {
            let outcome = if held { MailOutcome::Held } else { MailOutcome::Done };
            let written = self.premises.store.write(move |store| {
                store.record_repeat(&request, of)?;
                store.mail_decided(&mail, Some(&request.email), outcome, Some(of))
            });
            self.note_store(written)?;
        } else {
            self.premises.store.write_later(move |store| store.record_repeat(&request, of));
        }
        Ok(if held { Verdict::Held } else { Verdict::Accepted })
    }

    /// The refusal of a mail is kept by the letter box, together with what it answers.
    fn refused(&self, request: &TokenRequest, refusal: Refusal) -> Verdict {
        if request.mail.is_some() {
            return Verdict::Refused(refusal);
        }
        self.keep_refusal(
            Record {
                received_at: request.received_at,
                channel: request.channel,
                username: request.username.to_string(),
                email: request.email.as_typed().to_owned(),
                parsed_email: Some(request.email.clone()),
                ip: request.ip,
                reason: refusal.code(),
                detail: refusal.operator_text(),
                stands_for: 1,
            },
            refusal,
        )
    }

    fn keep_refusal(&self, mut record: Record, refusal: Refusal) -> Verdict {
        let kept = self.thinning.lock().unwrap_or_else(PoisonError::into_inner).note(record.received_at);
        if let Some(stands_for) = kept {
            record.stands_for = stands_for;
            tracing::info!(reason = record.reason, channel = record.channel.word(), "refused");
            self.premises.store.write_later(move |store| store.record_refusal(&record).map(drop));
        }
        Verdict::Refused(refusal)
    }
}

/// The settings that the rules depend on.
fn rules(settings: &Settings, request: &TokenRequest) -> Rules {
    Rules {
        email_cooldown: settings.email_cooldown,
        multiple_users_per_email: settings.multiple_users_per_email,
        letters_per_address_per_day: settings.letters_per_address_per_day,
        accept_when_unreachable: settings.when_homeserver_unreachable == WhenUnreachable::Accept,
        hold_all: settings.approval == Approval::Manual
            || request.mail.as_ref().is_some_and(|mail| mail.hold.is_some()),
    }
}

/// Fills in what the store knows; what the homeserver said, and what came from memory, stays.
fn look_up(
    store: &Reading<'_>,
    request: &TokenRequest,
    settings: &Settings,
    now: DateTime<Utc>,
    facts: &mut Facts,
) -> Result<(), StoreError> {
    let identity = settings.email_identity;
    facts.closed = Door::read(store, now)?.closed(&settings.schedule, now);
    let seen = store.seen(&request.username, &request.email, identity, now)?;
    let hold = |reservation: Reservation| hold(reservation, &request.email, identity);
    facts.name_held_by = seen.name_holder.map(hold);
    facts.address_holds = seen.address_holds.into_iter().map(hold).collect();
    facts.address_lapsed_at = seen.address_lapsed_at;
    facts.last_counting_at = seen.last_counting_at;
    facts.same_before = seen.same_before;
    facts.letters_lately = seen.letters_lately;
    facts.availability_lies |= store.desk_state()?.availability_lies;
    let most_owed = OWED_HOURS * u64::from(settings.letters_per_hour);
    if facts.rate_limit.is_none() && most_owed > 0 && store.owes_letters(most_owed)? {
        facts.rate_limit = Some((
            Duration::from_secs(3600),
            format!("{most_owed} letters wait in the outbox: 24 hours' worth by letters_per_hour"),
        ));
    }
    Ok(())
}

fn hold(reservation: Reservation, email: &EmailAddress, identity: EmailIdentity) -> Hold {
    Hold {
        id: reservation.id,
        same_address: reservation.is_for(email, identity),
        holds_name: reservation.holds_name,
        token_dead_at: reservation.token_dead_at,
        name: reservation.name,
    }
}

fn record(
    store: &Writing<'_>,
    request: &TokenRequest,
    again: Option<i64>,
    message_id: Option<&MessageId>,
) -> Result<(), StoreError> {
    let recorded = store.record_accepted(request, again, message_id.map(MessageId::as_str))?;
    if let Some(mail) = &request.mail {
        if let Some(letter_id) = recorded.letter_id {
            store.letter_answers(letter_id, mail)?;
        }
        let outcome = if recorded.letter_id.is_some() { MailOutcome::Done } else { MailOutcome::Held };
        store.mail_decided(mail, Some(&request.email), outcome, Some(recorded.request_id))?;
        if let Some(why) = &mail.hold {
            store.note_request_detail(recorded.request_id, why)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
