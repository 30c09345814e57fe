//! The rules, top to bottom, in the order in which the first that applies gives the reason. Pure: what is known comes
//! in, a judgement comes out.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::BELIEVABLE;
use crate::domain::{BanHit, Closed, Localpart, Refusal, Unavailable};

/// A pair that comes again within this is answered like the first time.
const SAME_AGAIN: TimeDelta = TimeDelta::minutes(10);

/// An address is free this long after its token's death, if the account was never made …
const ADDRESS_LAPSES_AFTER: TimeDelta = TimeDelta::hours(48);

/// … and at most once in this time.
const ADDRESS_LAPSES_ONCE_IN: TimeDelta = TimeDelta::days(90);

/// Other names of one address that the homeserver is asked about, at most.
const OTHER_NAMES_ASKED: usize = 5;

/// The operator's settings that the rules depend on.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// `email_cooldown`
    pub email_cooldown: Duration,
    /// `multiple_users_per_email`
    pub multiple_users_per_email: bool,
    /// `letters_per_address_per_day`; 0 = no limit.
    pub letters_per_address_per_day: u32,
    /// `when_homeserver_unreachable: accept`
    pub accept_when_unreachable: bool,
    /// `approval: manual`
    pub hold_all: bool,
}

/// A name or an address that is spoken for.
#[derive(Debug, Clone)]
pub struct Hold {
    /// Its number.
    pub id: i64,
    /// The name.
    pub name: Localpart,
    /// Whether it was made for the address that asks now.
    pub same_address: bool,
    /// Whether the name is still held, or lapsed already.
    pub holds_name: bool,
    /// Since when the token of its last letter is dead; None: it lives, or no letter was sent yet.
    pub token_dead_at: Option<DateTime<Utc>>,
}

/// What the homeserver says of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// It can be had.
    Free,
    /// It cannot; in the homeserver's words.
    Unavailable(String),
    /// There is nothing to ask: no reason to refuse, and nothing lapses on it.
    CannotBeAsked,
    /// No answer in time.
    NoAnswer {
        /// When to ask again.
        retry_after: Duration,
        /// What happened.
        detail: String,
    },
}

/// All that bears on one request.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The desk takes no requests.
    pub closed: Option<Closed>,
    /// A line that bans the applicant's IP address.
    pub ip_ban: Option<BanHit>,
    /// Too many requests from there, or too many letters owed: how long, and which limit.
    pub rate_limit: Option<(Duration, String)>,
    /// A line that bans the e-mail address.
    pub email_ban: Option<BanHit>,
    /// A line that bans the name.
    pub username_ban: Option<BanHit>,
    /// Who holds the name.
    pub name_held_by: Option<Hold>,
    /// What the address holds.
    pub address_holds: Vec<Hold>,
    /// When a hold of the address lapsed last.
    pub address_lapsed_at: Option<DateTime<Utc>>,
    /// When the address was accepted last, as far as it counts for the cooldown.
    pub last_counting_at: Option<DateTime<Utc>>,
    /// The last request for just this name from this address: its number, when, and whether it was held.
    pub same_before: Option<(i64, DateTime<Utc>, bool)>,
    /// Letters queued for this mailbox in the last 24 hours, oldest first.
    pub letters_lately: Vec<DateTime<Utc>>,
    /// What the homeserver said so far, by name.
    pub answers: HashMap<Localpart, Availability>,
    /// The homeserver calls names free whose accounts exist.
    pub availability_lies: bool,
}

/// What follows from the facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// No.
    Refuse(Refusal),
    /// It cannot be said before the homeserver has said whether this name is free.
    Ask(Localpart),
    /// The same again: answered as the first request was.
    Repeat {
        /// The first request.
        of: i64,
        /// Whether that one was held.
        held: bool,
    },
    /// Yes.
    Accept {
        /// A person has to look at it first.
        held: bool,
        /// The reservation that it has already.
        again: Option<i64>,
        /// Reservations whose name is free again.
        lapse_names: Vec<i64>,
        /// Reservations whose address is free again.
        lapse_addresses: Vec<i64>,
    },
}

/// Whether a hold may lapse on the homeserver's word.
enum Lapse {
    Ask(Localpart),
    Yes,
    No,
}

fn may_lapse(hold: &Hold, facts: &Facts, dead_for: TimeDelta, now: DateTime<Utc>) -> Lapse {
    let dead_long_enough = hold.token_dead_at.is_some_and(|at| now - at >= dead_for);
    if !dead_long_enough || facts.availability_lies {
        return Lapse::No;
    }
    if !hold.holds_name {
        // The homeserver called it free when the name lapsed: the account was never made.
        return Lapse::Yes;
    }
    match facts.answers.get(&hold.name) {
        None => Lapse::Ask(hold.name.clone()),
        Some(Availability::Free) => Lapse::Yes,
        Some(_) => Lapse::No,
    }
}

/// Judges a request whose shape is right, for `name`.
pub fn judge(name: &Localpart, facts: &Facts, rules: &Rules, now: DateTime<Utc>) -> Judgement {
    use Judgement::{Ask, Refuse};

    if let Some(closed) = facts.closed {
        return Refuse(Refusal::Closed(closed, closed.retry_after(now)));
    }
    if let Some(hit) = &facts.ip_ban {
        return Refuse(Refusal::IpBanned(hit.clone()));
    }
    if let Some((retry_after, which)) = &facts.rate_limit {
        return Refuse(Refusal::RateLimited { retry_after: *retry_after, which: which.clone() });
    }
    if let Some(hit) = &facts.email_ban {
        return Refuse(Refusal::EmailBanned(hit.clone()));
    }

    let cooldown = TimeDelta::from_std(rules.email_cooldown).unwrap_or(TimeDelta::MAX);
    if let Some((of, at, held)) = facts.same_before
        && is_within(SAME_AGAIN.min(cooldown), at, now)
    {
        return Judgement::Repeat { of, held };
    }

    // One account for each address.
    let mut lapse_addresses = Vec::new();
    if !rules.multiple_users_per_email {
        let lapsed_lately =
            facts.address_lapsed_at.is_some_and(|at| is_within(ADDRESS_LAPSES_ONCE_IN, at, now));
        let others = facts.address_holds.iter().filter(|hold| hold.name != *name);
        for (asked, hold) in others.enumerate() {
            let in_use = || Refuse(Refusal::EmailInUse { by: hold.name.to_string() });
            if lapsed_lately || asked >= OTHER_NAMES_ASKED {
                return in_use();
            }
            match may_lapse(hold, facts, ADDRESS_LAPSES_AFTER, now) {
                Lapse::No => return in_use(),
                Lapse::Ask(name) => return Ask(name),
                Lapse::Yes => lapse_addresses.push(hold.id),
            }
        }
    }

    if let Some(refusal) = cooldown_left(facts, rules, cooldown, now) {
        return Refuse(refusal);
    }

    if let Some(hit) = &facts.username_ban {
        return Refuse(Refusal::UsernameUnavailable(Unavailable::Banned(hit.clone())));
    }
    let (mut again, mut lapse_names) = (None, Vec::new());
    match &facts.name_held_by {
        Some(hold) if hold.same_address => again = Some(hold.id),
        Some(hold) => match may_lapse(hold, facts, TimeDelta::zero(), now) {
            Lapse::No => return Refuse(Refusal::UsernameUnavailable(Unavailable::Requested)),
            Lapse::Ask(name) => return Ask(name),
            Lapse::Yes => lapse_names.push(hold.id),
        },
        // The address still has a hold on the name that lapsed: it takes it up again.
        None => again = facts.address_holds.iter().find(|hold| hold.name == *name).map(|hold| hold.id),
    }

    match facts.answers.get(name) {
        None => return Ask(name.clone()),
        Some(Availability::Free | Availability::CannotBeAsked) => {}
        Some(Availability::Unavailable(words)) => {
            return Refuse(Refusal::UsernameUnavailable(Unavailable::InUse(words.clone())));
        }
        Some(Availability::NoAnswer { .. }) if rules.accept_when_unreachable => {}
        Some(Availability::NoAnswer { retry_after, detail }) => {
            return Refuse(Refusal::HomeserverUnreachable {
                retry_after: *retry_after,
                detail: detail.clone(),
            });
        }
    }
    Judgement::Accept { held: rules.hold_all, again, lapse_names, lapse_addresses }
}

/// Whether `at` is younger than `span`. What a clock noted that stood far ahead bars nobody.
fn is_within(span: TimeDelta, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - at < span && at <= now + BELIEVABLE
}

fn cooldown_left(facts: &Facts, rules: &Rules, cooldown: TimeDelta, now: DateTime<Utc>) -> Option<Refusal> {
    if let Some(at) = facts.last_counting_at.filter(|at| is_within(cooldown, *at, now)) {
        let age = (now - at).max(TimeDelta::zero());
        return Some(Refusal::EmailCooldown {
            retry_after: (cooldown - age).to_std().unwrap_or_default(),
            which: format!("email_cooldown: the last request was {} s ago", age.num_seconds()),
        });
    }
    let per_day = rules.letters_per_address_per_day as usize;
    let lately: Vec<_> =
        facts.letters_lately.iter().filter(|at| is_within(TimeDelta::hours(24), **at, now)).collect();
    if per_day > 0 && lately.len() >= per_day {
        let frees_a_place = *lately[lately.len() - per_day] + TimeDelta::hours(24);
        return Some(Refusal::EmailCooldown {
            retry_after: (frees_a_place - now).to_std().unwrap_or_default(),
            which: format!("letters_per_address_per_day: {} letters in 24 hours", lately.len()),
        });
    }
    None
}

#[cfg(test)]
mod tests;
