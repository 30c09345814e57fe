//! The rules, top to bottom, in the order in which the first that applies gives the reason. Pure: what is known comes
//! in, a judgement comes out.

mod budgets;
mod explain;
mod surge;

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use ipnet::IpNet;

use crate::clock::BELIEVABLE;
use crate::domain::{
    Action, Closed, Crowd, EmailAddress, Field, Flaw, Hit, Hits, Hold, Localpart, Reason, Refusal,
    Unavailable,
};

pub use budgets::{Mailed, Pace, Share, most_owed};
pub use explain::{Decided, Said, Step, explain};
pub use surge::{Rate, surge_threshold};

/// A pair that comes again within this is answered like the first time.
const SAME_AGAIN: TimeDelta = TimeDelta::minutes(10);

/// An address is free this long after its token's death, if the account was never made …
const ADDRESS_LAPSES_AFTER: TimeDelta = TimeDelta::hours(48);

/// … and at most once in this time.
const ADDRESS_LAPSES_ONCE_IN: TimeDelta = TimeDelta::days(90);

/// Other names of one address that the homeserver is asked about, at most.
const OTHER_NAMES_ASKED: usize = 5;

/// Nobody is left waiting for the operator for longer.
pub const HELD_LAPSES_AFTER: TimeDelta = TimeDelta::days(14);

/// What a decision or a ban sets off waits so long: until then it can be taken back.
pub const UNDO_TIME: Duration = Duration::from_secs(10);

/// When it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// As it is asked, and again as it is written down.
    Asked,
    /// As the operator approves it: what counts is who may have the name, not how often anybody asked.
    Approved,
    /// As the operator invites: the same, and whether the address has an account.
    Invited,
    /// As a name is chosen where a sign-up link leads: the same, and all that is asked of a name. Nobody waits there.
    Chosen,
    /// As its address is proved: as it is approved, and for what it waits then.
    Proved,
    /// As the desk gives it one of the day's accounts.
    Released,
    /// As its letter goes out: bans, and what the operator said since.
    Sent,
}

/// The operator's settings that the rules depend on.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting")]
pub struct Rules {
    /// `email_cooldown`
    pub email_cooldown: Duration,
    /// `multiple_users_per_email`
    pub multiple_users_per_email: bool,
    /// `letters_per_address_per_day`; 0 = no limit.
    pub letters_per_address_per_day: u32,
    /// `letters_per_domain_per_day`; 0 = no limit.
    pub letters_per_domain_per_day: u32,
    /// `letters_per_hour`; 0 = no limit.
    pub letters_per_hour: u32,
    /// `when_homeserver_unreachable: accept`
    pub accept_when_unreachable: bool,
    /// `approval: manual`
    pub hold_all: bool,
    /// `held_at_most`
    pub held_at_most: usize,
    /// `held_per_network`; 0 = no limit.
    pub held_per_network: usize,
    /// `prove_address`, and there is a page to prove it on.
    pub prove_first: bool,
}

/// A name and an address that are spoken for.
#[derive(Debug, Clone)]
pub struct Reserved {
    /// Its number.
    pub id: i64,
    /// The name.
    pub name: Localpart,
    /// Whether it was made for the address that asks now.
    pub same_address: bool,
    /// Whether the name is still held, or lapsed already.
    pub holds_name: bool,
    /// Whether it was accepted once; else it waits still.
    pub was_accepted: bool,
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
#[expect(clippy::struct_excessive_bools, reason = "each is a fact")]
pub struct Facts {
    /// What is asked for; None: it is chosen later, or for a mail that names none clearly the operator writes back.
    pub name: Option<Localpart>,
    /// Where its letter would go.
    pub email: Option<EmailAddress>,
    /// Whence; None: by mail.
    pub ip: Option<IpAddr>,
    /// With whom it takes its turn; empty: that is not known.
    pub source: String,
    /// The request that it takes the place of.
    pub corrects: Option<i64>,
    /// What speaks for leaving it to the operator.
    pub hold: Option<Hold>,
    /// Too many requests from there: how long, and which limit.
    pub rate_limit: Option<(Duration, String)>,
    /// What the homeserver said so far, by name.
    pub answers: HashMap<Localpart, Availability>,
    /// The homeserver calls names free whose accounts exist.
    pub availability_lies: bool,
    /// The clock is not believed: nothing lapses by it.
    pub clock_is_doubted: bool,
    /// What is wrong with the answer to the operator's question, for the applicant.
    pub unanswered: Option<Flaw>,
    /// What has ended it since it was accepted.
    pub ended: Option<Refusal>,
    /// That the address is known is told to nobody but its owner.
    pub discreet: bool,
    /// Nobody knows yet whether the address is the applicant's, and it can be asked.
    pub to_prove: bool,
    /// More come than usual.
    pub surging: bool,
    /// The desk takes no requests.
    pub closed: Option<Closed>,
    /// The lines of the ban lists that decide.
    pub hits: Hits,
    /// Lines that the operator has invited in spite of, one a line.
    pub despite: String,
    /// None: nobody has looked yet.
    pub seen: Option<Seen>,
}

/// What the store knows that bears on one request.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The emails that are owed.
    pub owed: Share,
    /// Who holds the name.
    pub name_held_by: Option<Reserved>,
    /// What the address holds.
    pub address_holds: Vec<Reserved>,
    /// When a hold of the address lapsed last.
    pub address_lapsed_at: Option<DateTime<Utc>>,
    /// When the address was accepted last, as far as it counts for the cooldown.
    pub last_counting_at: Option<DateTime<Utc>>,
    /// The last request for just this name from this address: its number, when, and why it was held if it was.
    pub same_before: Option<(i64, DateTime<Utc>, Option<Reason>)>,
    /// What the address and its domain were sent.
    pub mailed: Mailed,
    /// Those that wait for the operator, with a name.
    pub held: Vec<HeldPlace>,
    /// Whoever reads the mailbox wants nothing from this desk. As it is asked that is told to nobody: no letter goes out.
    pub is_suppressed: bool,
    /// What `accounts_per_day` leaves for today, and what the first to be released of those that wait for it reserves. None:
    /// there is no such limit.
    pub quota: Option<Quota>,
    /// How many wait without a name, and the one of them that this address sent.
    pub held_without_name: (u64, Option<i64>),
}

/// How many accounts may still be given away today, and whether somebody waits for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Before the next reset.
    pub left: u64,
    /// The reservation of whoever waits longest.
    pub first: Option<i64>,
}

/// A place among those that wait for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPlace {
    /// Its request.
    pub id: i64,
    /// What it reserves.
    pub reservation: i64,
    /// Whose it is.
    pub mailbox: String,
    /// Whence it came.
    pub ip: Option<IpAddr>,
    /// With whom it takes its turn.
    pub source: String,
}

/// What follows from the facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// No.
    Refuse(Refusal),
    /// It cannot be said before somebody has looked into the store.
    Look,
    /// It cannot be said before the homeserver has said whether this name is free.
    Ask(Localpart),
    /// The same again: answered as the first request was.
    Repeat {
        /// The first request.
        of: i64,
        /// Why that one was held, if it was.
        held: Option<Reason>,
    },
    /// Yes.
    Accept(Terms),
}

/// On which terms it is accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// A person has to look at it first.
    pub hold: Option<Hold>,
    /// The reservation that it has already.
    pub again: Option<i64>,
    /// It is refused, and its owner alone is told: the applicant is answered as if it were not.
    pub hidden: Option<Box<Refusal>>,
    /// Reservations whose name is free again.
    pub lapse_names: Vec<i64>,
    /// Reservations whose address is free again.
    pub lapse_addresses: Vec<i64>,
}

/// Judges a request whose shape is right.
pub fn judge(facts: &Facts, rules: &Rules, moment: Moment, now: DateTime<Utc>) -> Judgement {
    in_order(facts, rules, moment, now).unwrap_or_else(|early| early)
}

/// The rules in their order; the error is the judgement of the first that ends it.
fn in_order(
    facts: &Facts,
    rules: &Rules,
    moment: Moment,
    now: DateTime<Utc>,
) -> Result<Judgement, Judgement> {
    let asked = moment == Moment::Asked;
    let refuse = |refusal: Option<Refusal>| refusal.map_or(Ok(()), |refusal| Err(Judgement::Refuse(refusal)));

    refuse(facts.ended.clone())?;
    if asked {
        // Whom a line approves need not answer.
        let unanswered = facts.unanswered.clone().filter(|_| !is_approved(facts));
        refuse(unanswered.map(|problem| Refusal::Malformed { problems: vec![(Field::Answer, problem)] }))?;
        let closed = facts.closed.filter(|closed| *closed != Closed::Surge || !is_approved(facts));
        refuse(closed.map(|closed| Refusal::Closed(closed, closed.retry_after(now))))?;
    }
    refuse(banned(facts.hits.ip.as_ref()).map(Refusal::IpBanned))?;
    if asked {
        refuse(too_many(facts, rules))?;
    }
    refuse(banned(facts.hits.email.as_ref()).map(Refusal::EmailBanned))?;
    let name_banned = || banned(facts.hits.username.as_ref()).map(Unavailable::Banned).map(unavailable);
    if moment == Moment::Sent {
        refuse(name_banned())?;
        return Ok(Judgement::Accept(Terms::default()));
    }
    let seen = facts.seen.as_ref().ok_or(Judgement::Look)?;
    if !asked {
        refuse(seen.is_suppressed.then_some(Refusal::Suppressed))?;
    }
    if let (None, Some(why)) = (&facts.name, facts.hold.as_ref().filter(|_| asked)) {
        return to_be_read(why, seen, rules);
    }

    let mut terms = Terms::default();
    let cooldown = TimeDelta::from_std(rules.email_cooldown).unwrap_or(TimeDelta::MAX);
    if let Some((of, at, held)) = seen.same_before.filter(|_| asked)
        && is_within(SAME_AGAIN.min(cooldown), at, now)
    {
        if let Some(name) = facts.name.as_ref().filter(|_| facts.discreet) {
            // It takes as long as what is new, and comes as far.
            refuse(name_banned())?;
            refuse(homeserver_says(answer_on(name, facts)?, rules))?;
        }
        return Err(Judgement::Repeat { of, held });
    }
    let one_account = matches!(moment, Moment::Asked | Moment::Invited | Moment::Chosen);
    if one_account && !rules.multiple_users_per_email {
        match other_names(facts.name.as_ref(), facts, seen, now) {
            Ok(lapse) => terms.lapse_addresses = lapse,
            Err(Judgement::Refuse(known)) if facts.discreet => terms.hidden = Some(Box::new(known)),
            // The homeserver is asked for the name that is chosen, and for no other.
            Err(Judgement::Ask(other)) if moment == Moment::Chosen => {
                refuse(Some(Refusal::EmailInUse { by: other.to_string() }))?;
            }
            Err(early) => return Err(early),
        }
    }
    if asked {
        match cooldown_left(seen, rules, cooldown, now) {
            Some(known) if facts.discreet => terms.hidden = terms.hidden.or(Some(Box::new(known))),
            left => refuse(left)?,
        }
    }
    if let Some(name) = &facts.name {
        refuse(name_banned())?;
        let new = matches!(moment, Moment::Asked | Moment::Chosen);
        refuse((new && name.reads_as_link()).then_some(unavailable(Unavailable::ReadsAsLink)))?;
        let to_be_seen = facts.hits.username.clone().filter(|hit| hit.action == Action::Hold);
        refuse(to_be_seen.filter(|_| moment == Moment::Chosen).map(Unavailable::Banned).map(unavailable))?;
        match &seen.name_held_by {
            Some(held) if held.same_address => terms.again = Some(held.id),
            Some(held) if may_lapse(held, facts, TimeDelta::zero(), now)? => terms.lapse_names.push(held.id),
            Some(_) => refuse(Some(unavailable(Unavailable::Requested)))?,
            // The address still has a hold on the name that lapsed: it takes it up again.
            None => {
                terms.again = seen.address_holds.iter().find(|held| held.name == *name).map(|held| held.id);
            }
        }
        refuse(homeserver_says(answer_on(name, facts)?, rules))?;
    }
    if matches!(moment, Moment::Asked | Moment::Proved | Moment::Released) {
        terms.hold = hold(facts, seen, rules, moment, terms.again);
    }
    let takes_place = |hold: &&Hold| moment != Moment::Released && !matches!(hold, Hold::Unproven(_));
    let takes_place = terms.hold.as_ref().filter(takes_place);
    match takes_place.and_then(|_| crowd(facts, seen, rules, terms.again)) {
        Some(known @ Crowd::Mailbox(_)) if facts.discreet => {
            terms.hidden = Some(Box::new(Refusal::Crowded(known)));
        }
        crowd => refuse(crowd.map(Refusal::Crowded))?,
    }
    Ok(Judgement::Accept(terms))
}

fn unavailable(why: Unavailable) -> Refusal {
    Refusal::UsernameUnavailable(why)
}

fn banned(hit: Option<&Hit>) -> Option<Hit> {
    hit.filter(|hit| hit.action == Action::Refuse).cloned()
}

fn too_many(facts: &Facts, rules: &Rules) -> Option<Refusal> {
    let outbox = || {
        let (owed, most) = (&facts.seen.as_ref()?.owed, most_owed(rules.letters_per_hour));
        (most > 0 && owed.is_used_up(most)).then(|| {
            let all = format!("{most} places in the outbox, 24 hours' worth by letters_per_hour");
            (Duration::from_secs(3600), format!("{all}: {}", owed.taken_by(most)))
        })
    };
    let (retry_after, which) = facts.rate_limit.clone().or_else(outbox)?;
    Some(Refusal::RateLimited { retry_after, which })
}

/// What a line approves need not be looked at again, unless another list holds it.
fn is_approved(facts: &Facts) -> bool {
    facts.hits.first(Action::Approve).is_some() && facts.hits.first(Action::Hold).is_none()
}

/// Why a person has to look at what passes all rules.
fn hold(facts: &Facts, seen: &Seen, rules: &Rules, moment: Moment, again: Option<i64>) -> Option<Hold> {
    let hold = hold_for(facts, seen, rules, moment, again)?;
    // Where no email may go to, none can prove it.
    let to_prove = moment == Moment::Asked
        && rules.prove_first
        && facts.to_prove
        && !matches!(hold, Hold::DomainBudget(_));
    Some(if to_prove { Hold::Unproven(hold.reason()) } else { hold })
}

fn hold_for(facts: &Facts, seen: &Seen, rules: &Rules, moment: Moment, again: Option<i64>) -> Option<Hold> {
    let by_list = facts.hits.first(Action::Hold).cloned().map(Box::new).map(Hold::List);
    let by_desk = || {
        // Whoever came before has their turn first; whoever was given an account asks for no other.
        let holds = || seen.name_held_by.iter().chain(&seen.address_holds);
        let has_one = holds().any(|held| Some(held.id) == again && held.was_accepted);
        let is_next = |quota: Quota| {
            has_one || (quota.left > 0 && quota.first.is_none_or(|first| Some(first) == again))
        };
        // Who came before a surge does not wait because of it.
        let is_released = moment == Moment::Released;
        let quota = seen.quota.filter(|quota| !is_released && !is_next(*quota)).map(|_| Hold::Quota);
        let surge = (facts.surging && !is_released).then_some(Hold::Surge);
        let approval = rules.hold_all.then_some(Hold::Approval);
        surge.or(quota).or(approval).filter(|_| !is_approved(facts))
    };
    let spent = || seen.mailed.spent_domain(rules).map(|domain| Hold::DomainBudget(domain.to_owned()));
    by_list.or_else(|| facts.hold.clone()).or_else(spent).or_else(by_desk)
}

/// The net that counts as one place.
pub fn net(ip: IpAddr) -> Option<IpNet> {
    let ip = ip.to_canonical();
    IpNet::new(ip, if ip.is_ipv4() { 24 } else { 64 }).ok().map(|net| net.trunc())
}

/// How many wait of the same source, or to the same domain, whichever are more.
fn most_held_of<'a>(
    source: &'a str,
    email: Option<&'a EmailAddress>,
    held: impl Iterator<Item = &'a HeldPlace>,
) -> (u64, &'a str) {
    let domain = email.and_then(EmailAddress::own_domain);
    let (mut of_source, mut of_domain) = (0, 0);
    for held in held {
        let to = EmailAddress::parse(&held.mailbox);
        of_source += u64::from(held.source == source);
        of_domain += u64::from(domain.is_some() && to.is_ok_and(|to| to.own_domain() == domain));
    }
    if of_domain > of_source { (of_domain, domain.unwrap_or_default()) } else { (of_source, source) }
}

/// Of whom as many wait already as may; whoever waits for the same already has their place.
fn crowd(facts: &Facts, seen: &Seen, rules: &Rules, again: Option<i64>) -> Option<Crowd> {
    let others = || seen.held.iter().filter(|held| Some(held.reservation) != again);
    let mailbox = facts.email.as_ref().map(EmailAddress::mailbox);
    if let Some(first) = others().find(|held| Some(&held.mailbox) == mailbox.as_ref()) {
        return Some(Crowd::Mailbox(first.id));
    }
    if let (None, Some(first)) = (&facts.name, seen.held_without_name.1) {
        return Some(Crowd::Mailbox(first));
    }
    let (most, of_net) = (rules.held_at_most, rules.held_per_network);
    let of = |net: &IpNet| others().filter_map(|held| held.ip).filter(|ip| net.contains(ip)).count();
    let all = others().count() as u64 + seen.held_without_name.0;
    if all >= most as u64 {
        return Some(Crowd::Everybody(most));
    }
    let (of_source, source) = most_held_of(&facts.source, facts.email.as_ref(), others());
    if (Share { all, of_source, source: source.to_owned() }).is_used_up(most as u64) {
        return Some(Crowd::Share(source.to_owned(), of_source));
    }
    let full = facts.ip.and_then(net).filter(|net| of_net > 0 && of(net) >= of_net);
    full.map(|net| Crowd::Net(net.to_string(), of_net))
}

/// A mail that names nobody clearly waits for the operator: one an address, and so many in all.
fn to_be_read(hold: &Hold, seen: &Seen, rules: &Rules) -> Result<Judgement, Judgement> {
    let also = match seen.held_without_name {
        (_, Some(first)) => format!(": see request {first}, which waits already"),
        (count, None) if count >= rules.held_at_most as u64 => String::new(),
        (_, None) => return Ok(Judgement::Accept(Terms { hold: Some(hold.clone()), ..Terms::default() })),
    };
    let why = hold.operator_text().unwrap_or_else(|| "no name is clear".into());
    Err(Judgement::Refuse(Refusal::Malformed {
        problems: vec![(Field::Username, Flaw::Told(format!("{why}{also}")))],
    }))
}

/// One account for each address: which reservations of other names lapse for that.
fn other_names(
    name: Option<&Localpart>,
    facts: &Facts,
    seen: &Seen,
    now: DateTime<Utc>,
) -> Result<Vec<i64>, Judgement> {
    let lapsed_lately = seen.address_lapsed_at.is_some_and(|at| is_within(ADDRESS_LAPSES_ONCE_IN, at, now));
    let mut lapse = Vec::new();
    for (asked, held) in seen.address_holds.iter().filter(|held| Some(&held.name) != name).enumerate() {
        let may_be_asked = !lapsed_lately && asked < OTHER_NAMES_ASKED;
        if !may_be_asked || !may_lapse(held, facts, ADDRESS_LAPSES_AFTER, now)? {
            return Err(Judgement::Refuse(Refusal::EmailInUse { by: held.name.to_string() }));
        }
        lapse.push(held.id);
    }
    Ok(lapse)
}

/// Whether a reservation may lapse; the error asks for the homeserver's word on it.
fn may_lapse(
    held: &Reserved,
    facts: &Facts,
    dead_for: TimeDelta,
    now: DateTime<Utc>,
) -> Result<bool, Judgement> {
    let dead_long_enough = held.token_dead_at.is_some_and(|at| now - at >= dead_for);
    if !dead_long_enough || facts.availability_lies || facts.clock_is_doubted {
        return Ok(false);
    }
    if !held.holds_name {
        // The homeserver called it free when the name lapsed: the account was never made.
        return Ok(true);
    }
    Ok(*answer_on(&held.name, facts)? == Availability::Free)
}

/// What the homeserver says of this name; the error asks it.
fn answer_on<'a>(name: &Localpart, facts: &'a Facts) -> Result<&'a Availability, Judgement> {
    facts.answers.get(name).ok_or_else(|| Judgement::Ask(name.clone()))
}

fn homeserver_says(answer: &Availability, rules: &Rules) -> Option<Refusal> {
    match answer {
        Availability::Free | Availability::CannotBeAsked => None,
        Availability::Unavailable(words) => {
            Some(Refusal::UsernameUnavailable(Unavailable::InUse(words.clone())))
        }
        Availability::NoAnswer { retry_after, detail } => (!rules.accept_when_unreachable)
            .then(|| Refusal::HomeserverUnreachable { retry_after: *retry_after, detail: detail.clone() }),
    }
}

/// Whether `at` is younger than `span`. What a clock noted that stood far ahead bars nobody.
fn is_within(span: TimeDelta, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - at < span && at <= now + BELIEVABLE
}

fn cooldown_left(seen: &Seen, rules: &Rules, cooldown: TimeDelta, now: DateTime<Utc>) -> Option<Refusal> {
    if let Some(at) = seen.last_counting_at.filter(|at| is_within(cooldown, *at, now)) {
        let age = (now - at).max(TimeDelta::zero());
        return Some(Refusal::EmailCooldown {
            retry_after: (cooldown - age).to_std().unwrap_or_default(),
            which: format!("email_cooldown: the last request was {} s ago", age.num_seconds()),
        });
    }
    let (retry_after, which) = seen.mailed.mailbox_rests(rules, now)?;
    Some(Refusal::EmailCooldown { retry_after, which })
}

#[cfg(test)]
mod tests;
