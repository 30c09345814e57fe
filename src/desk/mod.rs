//! The desk: the one place where a request is decided, recorded and its letter queued.
//!
//! All facts are gathered in one place and judged by one function ([`judge`]), whenever it matters: as it is asked
//! ([`Desk::at_the_door`] from memory alone, [`Desk::look`] with what the store knows), as it is written down
//! ([`Desk::decide`], after the homeserver was asked), as it is approved ([`judge_approval`]) and as its letter goes out
//! ([`judge_letter`]). Whoever calls them chooses the threads: the first is fit for one that serves pages,
//! [`Desk::decide`] can take as long as its deadline.

mod appointments;
mod availability;
mod door;
mod facts;
mod mails;
mod proof;
mod rate_limits;
mod receipts;
mod records;
mod rehearsal;
mod release;
mod sign_up;
mod thinning;
mod waves;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::config::{Question, Settings};
use crate::domain::{Closed, Flaw, LONGEST_ANSWER, Refusal, TokenRequest, Verdict, source_of};
use crate::policy::{Availability, Facts, Judgement, Moment, judge};
use crate::premises::Premises;
use crate::store::{Reading, StoreError};

use appointments::Appointments;
pub use availability::availability;
pub use door::Door;
use facts::{Source, judge_anew};
pub use facts::{judge_approval, judge_letter, judge_supposed, may_be_mailed, rules};
pub use proof::Proved;
use rate_limits::RateLimits;
pub use receipts::{Receipt, Stage};
pub use records::repeated_of;
pub use rehearsal::{Rehearsed, rehearse};
use thinning::Thinning;

/// Nobody waits longer for the homeserver, waiting in the desk's own queue included.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How often one request is judged at most: once for each name that the homeserver is asked about, and again when what is
/// known has changed meanwhile.
const ROUNDS: usize = 12;

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

impl Knock {
    /// Whether it came too often.
    pub fn is_too_often(&self) -> bool {
        self.0.is_some()
    }
}

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

/// What is wrong with the answer to the operator's question.
fn unanswered(question: Option<&Question>, answer: Option<&str>) -> Option<Flaw> {
    let question = question?;
    match answer.unwrap_or_default().trim().chars().count() {
        0 if !question.required => None,
        0 => Some(Flaw::NoAnswer(question.text.clone())),
        given if given < question.min_length => Some(Flaw::ShortAnswer(question.min_length)),
        given if given > LONGEST_ANSWER => Some(Flaw::LongAnswer(LONGEST_ANSWER)),
        _ => None,
    }
}

/// What a request brings along.
pub fn facts_of(request: &TokenRequest, knock: &Knock, settings: &Settings) -> Facts {
    Facts {
        unanswered: unanswered(settings.question.as_ref(), request.answer.as_deref()),
        name: request.username.clone(),
        email: Some(request.email.clone()),
        ip: request.ip,
        source: request.source(),
        corrects: request.receipt.and_then(|receipt| receipt.corrects),
        hold: request.mail.as_ref().and_then(|mail| mail.hold.clone()),
        discreet: settings.discreet && request.mail.is_none(),
        to_prove: request.mail.as_ref().is_none_or(|mail| mail.to_prove),
        rate_limit: knock.0.clone(),
        ..Facts::default()
    }
}

impl Knock {
    /// Why it is not heard.
    pub fn refusal(self) -> Option<Refusal> {
        self.0.map(|(retry_after, which)| Refusal::RateLimited { retry_after, which })
    }
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
        let is_doubted = self.premises.alarms.is_raised(Trouble::Clock);
        self.door.load().closed(&self.premises.settings.load(), now, is_doubted)
    }

    /// Counts a request from `ip`, whatever becomes of it.
    pub fn knock(&self, ip: IpAddr) -> Knock {
        let per_hour = self.premises.settings.load().requests_per_ip_per_hour;
        let mut limits = self.rate_limits.lock().unwrap_or_else(PoisonError::into_inner);
        Knock(limits.knock(source_of(ip), per_hour, self.clock.monotonic()))
    }

    /// Counts a look at a name from `ip`, a tenth of a request.
    pub fn glance(&self, ip: IpAddr) -> Knock {
        let per_hour = self.premises.settings.load().requests_per_ip_per_hour;
        let mut limits = self.rate_limits.lock().unwrap_or_else(PoisonError::into_inner);
        Knock(limits.glance(source_of(ip), per_hour, self.clock.monotonic()))
    }

    /// Refuses what needs no look into the store to be refused: no lock that anybody holds for long, no disk.
    pub fn at_the_door(&self, request: &TokenRequest, knock: &Knock) -> Option<Verdict> {
        let mut facts = facts_of(request, knock, &self.premises.settings.load());
        match judge_anew(&self.premises, &mut facts, Source::Door(&self.door.load()), self.clock.reading()) {
            Ok(Judgement::Refuse(refusal)) => Some(self.refused(request, refusal)),
            _ => None,
        }
    }

    /// Decides what the store alone can decide. Reads, and writes nothing that the applicant has to wait for.
    pub fn look(&self, request: TokenRequest, knock: &Knock) -> Result<Looked, StoreError> {
        let mut facts = facts_of(&request, knock, &self.premises.settings.load());
        let (premises, at) = (&self.premises, self.clock.reading());
        let look = |store: &Reading<'_>| judge_anew(premises, &mut facts, Source::Store(store), at);
        let judged = premises.store.read(look)?;
        Ok(match judged {
            Judgement::Refuse(refusal) => Looked::Decided(self.refused(&request, refusal)),
            Judgement::Repeat { of, held } => Looked::Decided(self.repeated(request, of, held)?),
            Judgement::Look | Judgement::Ask(_) | Judgement::Accept(_) => {
                Looked::Ask(Box::new(Case { request, facts }))
            }
        })
    }

    /// Decides from beginning to end.
    pub fn receive(&self, request: TokenRequest, knock: &Knock) -> Result<Verdict, StoreError> {
        match self.look(request, knock)? {
            Looked::Decided(verdict) => Ok(verdict),
            Looked::Ask(case) => self.decide(case, self.clock.monotonic() + PATIENCE),
        }
    }

    /// Decides with the homeserver's help, by `deadline`, and writes down what is accepted: when this returns, it is on
    /// disk.
    pub fn decide(&self, mut case: Box<Case>, deadline: Instant) -> Result<Verdict, StoreError> {
        let mut profiles_asked = false;
        for _ in 0..ROUNDS {
            let (now, rules) = (self.clock.now(), rules(&self.premises.settings.load()));
            match judge(&case.facts, &rules, Moment::Asked, now) {
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
                Judgement::Accept(terms) => {
                    let something_lapses = !terms.lapse_names.is_empty() || !terms.lapse_addresses.is_empty();
                    if something_lapses && !profiles_asked {
                        profiles_asked = true;
                        if self.an_account_exists(&case.facts, deadline) {
                            self.availability_lies(&mut case.facts)?;
                            continue;
                        }
                    }
                    match self.write_down(&case)? {
                        Ok(verdict) => return Ok(verdict),
                        Err(facts) => case.facts = *facts,
                    }
                }
                // What the store knows is among the facts.
                Judgement::Look => break,
            }
        }
        let refusal = Refusal::HomeserverUnreachable {
            retry_after: Duration::from_secs(60),
            detail: "too much changed while it was asked".into(),
        };
        Ok(self.refused(&case.request, refusal))
    }
}

#[cfg(test)]
mod tests;
