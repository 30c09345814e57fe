//! The requests of the past judged again, one after the other, by other rules: by the same judge over the same facts, on a
//! desk in memory.
//!
//! What depended on the moment is taken as it was: whether the desk was closed, what the homeserver said of a name, what the
//! operator decided of what waited.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

use crate::bans::Lists;
use crate::config::Settings;
use crate::domain::{
    Channel, Closed, EmailAddress, Field, Hold, Language, Localpart, MessageId, Reason, TokenRequest,
    source_of,
};
use crate::policy::{Availability, Decided, Facts, HELD_LAPSES_AFTER, Judgement};
use crate::store::{Act, NewInvitation, Replayed, Scratch, Store, StoreError, Writing};

use super::facts::judge_past;
use super::rate_limits::RateLimits;
use super::records::{record, repeated_of};

/// The hour whose requests count for the limits of the first that is judged.
const BEFORE: TimeDelta = TimeDelta::hours(1);

/// What a request came to, and what it would come to.
#[derive(Debug, Clone)]
pub struct Rehearsed {
    /// The request.
    pub request: Replayed,
    /// What it came to as it was asked: verdict and reason.
    pub was: (String, Option<String>),
    /// What it would come to.
    pub now: Decided,
}

/// What came between the requests, as it is known from the past.
enum Event {
    Decided { request: i64, approves: bool },
    Freed { request: i64 },
}

struct Rehearsal<'a> {
    settings: &'a Settings,
    lists: &'a Lists,
    message_id: MessageId,
    started_at: (Instant, DateTime<Utc>),
    limits: RateLimits,
    decisions: HashMap<i64, Act>,
    lapses: HashMap<String, DateTime<Utc>>,
    /// What is still to come, by time.
    events: BTreeMap<(DateTime<Utc>, i64), Event>,
    /// What requests of the past came to when they were asked.
    was: HashMap<i64, (String, Option<String>)>,
    /// Their numbers here.
    here: HashMap<i64, i64>,
}

/// Judges all requests since again, by these settings and lists; oldest first.
pub fn rehearse(
    store: &Store,
    settings: &Settings,
    lists: &Lists,
    since: DateTime<Utc>,
    started: Instant,
    mut each: impl FnMut(Rehearsed),
) -> Result<(), StoreError> {
    let (requests, decisions, lapses) = store
        .read(|store| Ok((store.replayed(since - BEFORE)?, store.decisions()?, store.lapses_of_names()?)))?;
    let Some(message_id) = MessageId::parse("<rehearsal@doorman.invalid>") else { return Ok(()) };
    let scratch = Scratch::as_of(store, since)?;
    let mut rehearsal = Rehearsal {
        settings,
        lists,
        message_id,
        started_at: (started, since - BEFORE),
        limits: RateLimits::new(started),
        decisions,
        lapses,
        events: BTreeMap::new(),
        was: HashMap::new(),
        here: HashMap::new(),
    };
    for request in requests {
        if request.received_at < since {
            rehearsal.knock(&request);
            continue;
        }
        let now = rehearsal.judge(&scratch.writing(), &request)?;
        let was = rehearsal.as_asked(&request);
        each(Rehearsed { request, was, now });
    }
    Ok(())
}

impl Rehearsal<'_> {
    /// Counts it, as the desk does.
    fn knock(&mut self, request: &Replayed) -> super::Knock {
        let ip = request.ip.as_deref().and_then(|ip| ip.parse::<IpAddr>().ok());
        let (started, from) = self.started_at;
        let now = started + (request.received_at - from).to_std().unwrap_or_default();
        let per_hour = self.settings.requests_per_ip_per_hour;
        super::Knock(ip.and_then(|ip| self.limits.knock(source_of(ip), per_hour, now)))
    }

    /// What it came to when it was asked, whatever was decided since.
    fn as_asked(&mut self, request: &Replayed) -> (String, Option<String>) {
        let first = request.detail.as_deref().and_then(repeated_of).and_then(|of| self.was.get(&of).cloned());
        let decision = self.decisions.get(&request.id);
        let was = match (first, decision) {
            (Some(first), _) => first,
            (None, Some(act)) => {
                ("held".to_owned(), act.before.as_ref().map(|reason| reason.trim_matches('"').to_owned()))
            }
            (None, None) if request.reason.as_deref() == Some(Reason::Lapsed.word()) => {
                ("held".to_owned(), None)
            }
            (None, None) => (request.verdict.clone(), request.reason.clone()),
        };
        self.was.insert(request.id, was.clone());
        was
    }

    fn judge(&mut self, store: &Writing<'_>, request: &Replayed) -> Result<Decided, StoreError> {
        let now = request.received_at;
        self.happen_until(store, now)?;
        let knock = self.knock(request);
        let reason: Option<Reason> = request.reason.as_deref().and_then(|reason| reason.parse().ok());
        let detail = request.detail.clone();
        let (name, email) = (
            Localpart::parse(&request.username, &self.settings.homeserver),
            EmailAddress::parse(&request.email),
        );
        if request.channel == Channel::Invitation.word() {
            // It is the operator's own, whatever the rules are.
            if let Ok(name) = name
                && store.holder_of_name(&name)?.is_none()
            {
                let (name, email) = (Some(name), email.ok());
                let invitation = NewInvitation { at: now, name, email, ..NewInvitation::default() };
                let here = store.record_invitation(&invitation, None, None)?;
                self.expect(request, here);
            }
            return Ok(reason.map_or(Decided::Accepted, |reason| Decided::Refused(reason, detail)));
        }
        let is_clear =
            !matches!(reason, Some(Reason::UnverifiedSender | Reason::NameUnclear | Reason::Reply));
        let chooses = !request.reserves && request.verdict != "refused" && is_clear;
        let (Ok(username), Ok(email)) = (if chooses { Ok(None) } else { name.map(Some) }, email) else {
            // It never came to the rules, whatever they are.
            return Ok(match (request.verdict.as_str(), reason) {
                ("held", reason) => Decided::Held(reason.unwrap_or(Reason::NameUnclear), detail),
                (_, reason) => Decided::Refused(reason.unwrap_or(Reason::Malformed), detail),
            });
        };
        // Of its shape only the answer is for the rules to judge.
        let is_unanswered = detail.as_ref().is_some_and(|detail| detail.starts_with(Field::Answer.name()));
        if let Some(reason @ (Reason::CrossSite | Reason::Malformed)) = reason.filter(|_| !is_unanswered) {
            return Ok(Decided::Refused(reason, detail));
        }
        let channel = if request.channel == Channel::Email.word() { Channel::Email } else { Channel::Web };
        let why = detail.clone().unwrap_or_default();
        let held_for = match self.decisions.get(&request.id).and_then(|act| act.before.as_deref()) {
            Some(before) => before.trim_matches('"').parse().ok(),
            None => reason,
        };
        let hold = match held_for {
            Some(Reason::UnverifiedSender) => Some(Hold::UnverifiedSender(why.clone())),
            Some(Reason::NameUnclear) => Some(Hold::NameUnclear(why.clone())),
            Some(Reason::Reply) => Some(Hold::Reply(why.clone())),
            _ => None,
        };
        if hold.is_some() && !request.reserves && request.verdict != "refused" {
            return Ok(Decided::Held(held_for.unwrap_or(Reason::NameUnclear), detail));
        }
        let ip = request.ip.as_deref().and_then(|ip| ip.parse().ok());
        let answer = request.answer.clone();
        let asked = TokenRequest {
            username,
            email,
            channel,
            ip,
            received_at: now,
            answer,
            terms: None,
            mail: None,
            receipt: None,
            language: Language::default(),
        };
        let mut facts = Facts { hold, ..super::facts_of(&asked, &knock, self.settings) };
        facts.surging = held_for == Some(Reason::Surge);
        let closed = (reason == Some(Reason::Closed)).then_some(Closed::NotLive);
        for _ in 0..super::ROUNDS {
            let judged = judge_past(store, &mut facts, self.settings, self.lists, closed, now)?;
            match &judged {
                Judgement::Ask(name) => {
                    let answer = self.homeserver_said(name, asked.username.as_ref(), reason, &why, now);
                    facts.answers.insert(name.clone(), answer);
                }
                Judgement::Accept(terms) => {
                    let here = record(store, &asked, terms, &self.message_id, self.settings, now)?;
                    store.suppose_sent(here, now)?;
                    self.expect(request, here);
                    return Ok(decided(&judged));
                }
                Judgement::Repeat { of, .. } => {
                    let of = *of;
                    self.here.insert(request.id, of);
                    return Ok(decided(&judged));
                }
                Judgement::Refuse(_) | Judgement::Look => return Ok(decided(&judged)),
            }
        }
        Ok(Decided::Refused(Reason::HomeserverUnreachable, None))
    }

    /// What the homeserver says of a name, by what it must have said then.
    fn homeserver_said(
        &self,
        name: &Localpart,
        asked: Option<&Localpart>,
        reason: Option<Reason>,
        why: &str,
        now: DateTime<Utc>,
    ) -> Availability {
        if Some(name) != asked {
            let is_free = self.lapses.get(name.as_str()).is_some_and(|at| *at <= now);
            let words = String::new();
            return if is_free { Availability::Free } else { Availability::Unavailable(words) };
        }
        match reason {
            Some(Reason::HomeserverUnreachable) => {
                Availability::NoAnswer { retry_after: super::PATIENCE, detail: why.to_owned() }
            }
            // Of the three kinds this one is the homeserver's.
            Some(Reason::UsernameUnavailable) if why.starts_with("in use on the homeserver") => {
                Availability::Unavailable(why.to_owned())
            }
            _ => Availability::Free,
        }
    }

    /// Notes down what became of a request of the past that is accepted or held here.
    fn expect(&mut self, request: &Replayed, here: i64) {
        self.here.insert(request.id, here);
        match self.decisions.get(&request.id) {
            Some(act) => {
                let approves = act.what == "approve";
                self.events.insert((act.at, here), Event::Decided { request: here, approves });
            }
            None if request.reason.as_deref() != Some(Reason::Lapsed.word()) => {
                if let Some(at) = request.freed_at.filter(|at| *at >= request.received_at) {
                    self.events.insert((at, here), Event::Freed { request: here });
                }
            }
            None => {}
        }
    }

    fn happen_until(&mut self, store: &Writing<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
        while let Some(next) = self.events.first_entry().filter(|next| next.key().0 <= now) {
            let ((at, _), event) = next.remove_entry();
            match event {
                Event::Decided { request, approves } => {
                    if let Some(held) = store.held_request(request)? {
                        store.suppose_decided(&held, approves, &self.message_id, at)?;
                    }
                }
                Event::Freed { request } => store.suppose_freed(request, at)?,
            }
        }
        store.lapse_unproven(now)?;
        store.lapse_held(now - HELD_LAPSES_AFTER, now).map(drop)
    }
}

fn decided(judged: &Judgement) -> Decided {
    let words = |judged: &Judgement| match judged {
        Judgement::Refuse(refusal) => Some(refusal.operator_text()),
        Judgement::Accept(terms) => terms.hold.as_ref().and_then(|hold| hold.operator_text()),
        Judgement::Look | Judgement::Ask(_) | Judgement::Repeat { .. } => None,
    };
    Decided::of(judged, words).unwrap_or(Decided::Accepted)
}
