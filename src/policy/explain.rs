//! Every rule in its order, with what it saw and what it said.

use chrono::{DateTime, TimeDelta, Utc};
use strum::{IntoStaticStr, VariantArray};

use crate::domain::{Action, Hit, Reason};

use super::{Availability, Facts, Judgement, Rules, cooldown_left, too_many};

/// What a rule said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Said {
    /// Nothing against it.
    Passed,
    /// No.
    Refused,
    /// That a person looks at it first.
    Held,
    /// Nothing: a rule before it has decided.
    NotReached,
}

impl Said {
    /// As scripts see it.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// A rule, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The reason that it gives where it applies.
    pub rule: Reason,
    /// What it looked at, in words for the operator.
    pub saw: String,
    /// What it said.
    pub said: Said,
}

/// What became of a request, as far as the rules are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    /// All rules passed it.
    Accepted,
    /// One held it; with what is known of why.
    Held(Reason, Option<String>),
    /// One refused it.
    Refused(Reason, Option<String>),
    /// Answered like the request of this number, which had been held or not.
    Repeated(i64, Option<Reason>),
}

/// All rules for this outcome, in their order. The one that decided tells what is known of that; the others what the facts
/// show.
pub fn explain(decided: &Decided, facts: &Facts, rules: &Rules, now: DateTime<Utc>) -> Vec<Step> {
    let (by, said, detail) = match decided {
        Decided::Accepted => (None, Said::Passed, None),
        Decided::Held(reason, detail) => (Some(*reason), Said::Held, detail.as_ref()),
        Decided::Refused(reason, detail) => (Some(*reason), Said::Refused, detail.as_ref()),
        // It stands where the cooldown of an address is looked at.
        Decided::Repeated(..) => (Some(Reason::EmailInUse), Said::Passed, None),
    };
    let is_rule = |reason: &&Reason| !matches!(reason, Reason::RefusedByOperator | Reason::Lapsed);
    let mut is_over = false;
    let step = |rule: &Reason| {
        let is_it = by == Some(*rule);
        let said_here = match (is_it, is_over) {
            (true, _) => said,
            (false, true) => Said::NotReached,
            (false, false) => Said::Passed,
        };
        let saw = match (is_it, is_over) {
            (true, _) => match (decided, detail) {
                (Decided::Repeated(of, _), _) => format!("the same pair again: answered like request {of}"),
                (_, Some(detail)) => detail.clone(),
                (_, None) => saw(*rule, facts, rules, now),
            },
            (false, true) => String::new(),
            (false, false) => saw(*rule, facts, rules, now),
        };
        is_over |= is_it;
        Step { rule: *rule, saw, said: said_here }
    };
    Reason::VARIANTS.iter().filter(is_rule).map(step).collect()
}

impl Decided {
    /// What a judgement comes to; None: there is none yet. `words` tells what a refusal or a hold is about.
    pub fn of(judgement: &Judgement, words: impl Fn(&Judgement) -> Option<String>) -> Option<Self> {
        Some(match judgement {
            Judgement::Refuse(refusal) => Self::Refused(refusal.reason(), words(judgement)),
            Judgement::Repeat { of, held } => Self::Repeated(*of, *held),
            Judgement::Accept(terms) => match &terms.hold {
                Some(hold) => Self::Held(hold.reason(), words(judgement)),
                None => Self::Accepted,
            },
            Judgement::Look | Judgement::Ask(_) => return None,
        })
    }

    /// What is known of why.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Accepted | Self::Repeated(..) => None,
            Self::Held(_, detail) | Self::Refused(_, detail) => detail.as_deref(),
        }
    }

    /// `accepted`, `held` or `refused`, and the reason.
    pub fn verdict(&self) -> (&'static str, Option<Reason>) {
        match self {
            Self::Accepted | Self::Repeated(_, None) => ("accepted", None),
            Self::Held(reason, _) | Self::Repeated(_, Some(reason)) => ("held", Some(*reason)),
            Self::Refused(reason, _) => ("refused", Some(*reason)),
        }
    }
}

/// What a rule looks at, as far as it is known.
fn saw(rule: Reason, facts: &Facts, rules: &Rules, now: DateTime<Utc>) -> String {
    let line = |hit: Option<&Hit>, what: Option<String>, file: &str| match (hit, what) {
        // It did not decide, so it has come since.
        (Some(hit), _) if hit.action == Action::Refuse => format!("today it would be refused by {hit}"),
        (Some(hit), _) => format!("{} by {hit}", hit.action.done()),
        (None, Some(what)) => format!("no line of {file} hits {what}"),
        (None, None) => "there is none".into(),
    };
    let by = |action| facts.hits.first(action).map(|hit| format!("{} by {hit}", hit.action.done()));
    let approved = || by(Action::Approve).map(|by| format!("not asked: {by}"));
    let held_for = |reason: Reason| match &facts.hold {
        Some(hold) if hold.reason() == reason => "this speaks for it".to_owned(),
        _ => "nothing speaks for it".to_owned(),
    };
    let seen = facts.seen.as_ref();
    let unknown = || "not looked at".to_owned();
    match rule {
        Reason::CrossSite => "sent by no other site's page".into(),
        Reason::Malformed => {
            let name = facts.name.as_ref().map_or_else(|| "none that is clear".into(), ToString::to_string);
            let email = facts.email.as_ref().map_or_else(String::new, |email| email.to_ascii());
            format!("name {name}, address {email}")
        }
        Reason::Closed => facts.closed.map_or("the desk is open", |_| "the desk is closed").into(),
        Reason::IpBanned => line(facts.hits.ip.as_ref(), facts.ip.map(|ip| ip.to_string()), "banned_ips.txt"),
        Reason::RateLimited => match too_many(facts, rules) {
            Some(_) => "too many".into(),
            None if facts.ip.is_none() => "by mail no address is counted".into(),
            None => "not too many from there".into(),
        },
        Reason::EmailBanned => line(
            facts.hits.email.as_ref(),
            facts.email.as_ref().map(|email| email.to_ascii()),
            "banned_emails.txt",
        ),
        Reason::EmailInUse if rules.multiple_users_per_email => "multiple_users_per_email: any number".into(),
        Reason::EmailInUse => seen.map_or_else(unknown, |seen| {
            let others: Vec<&str> = seen
                .address_holds
                .iter()
                .filter(|held| Some(&held.name) != facts.name.as_ref())
                .map(|held| held.name.as_str())
                .collect();
            match others.as_slice() {
                [] => "the address has asked for no other name".into(),
                others => format!("the address holds {}", others.join(", ")),
            }
        }),
        Reason::EmailCooldown => seen.map_or_else(unknown, |seen| {
            let cooldown = TimeDelta::from_std(rules.email_cooldown).unwrap_or(TimeDelta::MAX);
            match (cooldown_left(seen, rules, cooldown, now), seen.last_counting_at) {
                (Some(_), _) => "too soon".into(),
                (None, None) => "the address has not asked before".into(),
                (None, Some(at)) => {
                    format!("the address asked last at {}", at.format("%Y-%m-%d %H:%M:%S UTC"))
                }
            }
        }),
        Reason::UsernameUnavailable => {
            let file = "banned_usernames.txt";
            let name = facts.name.as_ref();
            let listed = line(facts.hits.username.as_ref(), name.map(ToString::to_string), file);
            let held = match seen.and_then(|seen| seen.name_held_by.as_ref()) {
                Some(held) if held.same_address => "it is reserved for this address",
                Some(_) => "it is reserved for another address",
                None => "nobody has it reserved",
            };
            let answer = match name.and_then(|name| facts.answers.get(name)) {
                Some(Availability::Free) => "; the homeserver calls it free",
                Some(Availability::Unavailable(_)) => "; the homeserver says that it is taken",
                Some(Availability::CannotBeAsked | Availability::NoAnswer { .. }) | None => "",
            };
            format!("{listed}; {held}{answer}")
        }
        Reason::HomeserverUnreachable => match facts.name.as_ref().and_then(|name| facts.answers.get(name)) {
            Some(Availability::CannotBeAsked) => "it cannot be asked".into(),
            Some(Availability::NoAnswer { .. }) => "no answer".into(),
            Some(_) => "it answered".into(),
            None => "not asked".into(),
        },
        Reason::List => by(Action::Hold).unwrap_or_else(|| "no line holds it".into()),
        Reason::Reply | Reason::UnverifiedSender | Reason::NameUnclear => {
            if facts.ip.is_some() {
                "only by mail".into()
            } else {
                held_for(rule)
            }
        }
        Reason::DomainBudget | Reason::Unproven => held_for(rule),
        Reason::Surge | Reason::Quota => approved().unwrap_or_else(|| held_for(rule)),
        Reason::Approval if !rules.hold_all => "approval: automatic".into(),
        Reason::Approval => approved().unwrap_or_else(|| "approval: manual".into()),
        Reason::RefusedByOperator | Reason::Lapsed => String::new(),
    }
}
