//! The desk: the one place where a request is decided, recorded and its letter queued.
//!
//! [`Desk::at_the_door`] decides from memory alone, [`Desk::look`] also reads the store, [`Desk::decide`] asks the
//! homeserver and writes. Whoever calls them chooses the threads: the first is fit for one that serves pages, the last
//! can take as long as its deadline.

mod appointments;
mod availability;
mod door;
mod facts;
mod rate_limits;
mod records;
mod thinning;
mod waiting;
mod watch;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};

use crate::clock::Clock;
use crate::domain::{Closed, Refusal, TokenRequest, Verdict};
use crate::policy::{Availability, Facts, Judgement, judge};
use crate::premises::Premises;
use crate::store::StoreError;

use appointments::Appointments;
pub use door::Door;
pub use facts::most_owed;
use facts::{look_up, rules};
use rate_limits::RateLimits;
use records::Written;
use thinning::Thinning;
pub use waiting::hold_without_name;

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
}

#[cfg(test)]
mod tests;
