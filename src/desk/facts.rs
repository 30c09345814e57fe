//! What the rules are judged by, gathered in one place: also for commands and the console, which have no running desk.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use ipnet::IpNet;

use crate::alarms::Trouble;
use crate::bans::Lists;
use crate::config::{Approval, Settings, WhenUnreachable};
use crate::domain::{EmailAddress, Localpart, Refusal, TokenRequest};
use crate::policy::{Availability, Facts, Judgement, Moment, Reserved, Rules, Seen, judge, most_owed};
use crate::premises::Premises;
use crate::store::{HeldRequest, OwedLetter, Reading, Reservation, StoreError};

use super::{Desk, Door};

/// Who asks.
#[derive(Clone, Copy)]
pub(super) struct Applicant<'a> {
    /// None: a mail that names none clearly.
    pub name: Option<&'a Localpart>,
    pub email: &'a EmailAddress,
    pub ip: Option<IpAddr>,
}

impl<'a> From<&'a TokenRequest> for Applicant<'a> {
    fn from(request: &'a TokenRequest) -> Self {
        Self { name: Some(&request.username), email: &request.email, ip: request.ip }
    }
}

/// From where the state of the desk is known.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// From memory: it takes no time, and tells nothing of the applicant.
    Door(&'a Door),
    /// From the store.
    Store(&'a Reading<'a>),
}

/// Gathers all facts anew; what the request brought along and what the homeserver said stays.
fn gather(
    facts: &mut Facts,
    applicant: Applicant<'_>,
    settings: &Settings,
    lists: &Lists,
    source: Source<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    facts.name = applicant.name.cloned();
    let (door, named) = match source {
        Source::Door(door) => (*door, None),
        Source::Store(store) => {
            facts.availability_lies |= store.desk_state()?.availability_lies;
            facts.seen = Some(seen(store, applicant, settings, now)?);
            (Door::read(store, now)?, applicant.name)
        }
    };
    facts.closed = door.closed(&settings.schedule, now);
    // Names come late in the order of the rules, and their patterns take the longest: not without the store.
    facts.hits = lists.hits(applicant.ip, Some(applicant.email), named);
    Ok(())
}

/// Gathers all facts anew by the settings and lists of now, and judges a request as it is asked.
pub(super) fn judge_anew(
    premises: &Premises,
    facts: &mut Facts,
    applicant: Applicant<'_>,
    source: Source<'_>,
    now: DateTime<Utc>,
) -> Result<Judgement, StoreError> {
    let settings = premises.settings.load();
    gather(facts, applicant, &settings, &premises.bans.current(), source, now)?;
    Ok(judge(facts, &rules(&settings), Moment::Asked, now))
}

/// The settings that the rules depend on.
pub(super) fn rules(settings: &Settings) -> Rules {
    Rules {
        email_cooldown: settings.email_cooldown,
        multiple_users_per_email: settings.multiple_users_per_email,
        letters_per_address_per_day: settings.letters_per_address_per_day,
        letters_per_hour: settings.letters_per_hour,
        accept_when_unreachable: settings.when_homeserver_unreachable == WhenUnreachable::Accept,
        hold_all: settings.approval == Approval::Manual,
    }
}

fn seen(
    store: &Reading<'_>,
    applicant: Applicant<'_>,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<Seen, StoreError> {
    let (email, identity) = (applicant.email, settings.email_identity);
    let most_owed = most_owed(settings.letters_per_hour);
    let outbox_is_full = most_owed > 0 && store.owes_letters(most_owed)?;
    let Some(name) = applicant.name else {
        let (held_without_name, held_without_name_of_address) = store.held_without_name(email)?;
        return Ok(Seen {
            outbox_is_full,
            held_without_name,
            held_without_name_of_address,
            ..Seen::default()
        });
    };
    let seen = store.seen(name, email, identity, now)?;
    let reserved = |reservation: Reservation| Reserved {
        id: reservation.id,
        same_address: reservation.is_for(email, identity),
        holds_name: reservation.holds_name,
        token_dead_at: reservation.token_dead_at,
        name: reservation.name,
    };
    let held = store.held_from()?;
    let of_net = |net: IpNet| (net, held.iter().flatten().filter(|ip| net.contains(*ip)).count());
    Ok(Seen {
        outbox_is_full,
        name_held_by: seen.name_holder.map(reserved),
        address_holds: seen.address_holds.into_iter().map(reserved).collect(),
        address_lapsed_at: seen.address_lapsed_at,
        last_counting_at: seen.last_counting_at,
        same_before: seen.same_before,
        letters_lately: seen.letters_lately,
        held: held.len(),
        held_of_net: applicant.ip.and_then(net).map(of_net),
        ..Seen::default()
    })
}

/// The net of which only so many may wait for the operator.
pub fn net(ip: IpAddr) -> Option<IpNet> {
    let ip = ip.to_canonical();
    IpNet::new(ip, if ip.is_ipv4() { 24 } else { 64 }).ok().map(|net| net.trunc())
}

/// Judges a request once more that the operator approves, after the homeserver was asked for its name. Some: why not.
pub fn judge_approval(
    store: &Reading<'_>,
    held: &HeldRequest,
    answer: Availability,
    settings: &Settings,
    lists: &Lists,
    now: DateTime<Utc>,
) -> Result<Option<Refusal>, StoreError> {
    let mut facts = Facts::default();
    facts.answers.extend(held.username.clone().map(|name| (name, answer)));
    let applicant = Applicant { name: held.username.as_ref(), email: &held.email, ip: held.ip };
    gather(&mut facts, applicant, settings, lists, Source::Store(store), now)?;
    Ok(refusal(judge(&facts, &rules(settings), Moment::Approved, now)))
}

/// Judges a request once more whose letter goes out. Some: why it does not.
pub fn judge_letter(
    letter: &OwedLetter,
    settings: &Settings,
    lists: &Lists,
    now: DateTime<Utc>,
) -> Option<Refusal> {
    let to = EmailAddress::parse(&letter.recipient).ok();
    let facts = Facts {
        hits: lists.hits(letter.ip, to.as_ref(), Some(&letter.username)),
        ended: letter.refused.then_some(Refusal::RefusedByOperator(None)),
        ..Facts::default()
    };
    refusal(judge(&facts, &rules(settings), Moment::Sent, now))
}

fn refusal(judgement: Judgement) -> Option<Refusal> {
    match judgement {
        Judgement::Refuse(refusal) => Some(refusal),
        // The moments at which these are asked for know all there is to know.
        Judgement::Accept(_) | Judgement::Look | Judgement::Ask(_) | Judgement::Repeat { .. } => None,
    }
}

impl Desk {
    /// Whether a letter to this address is owed and cannot go out at once: more than `letters_per_hour` are before it, or
    /// the mail server, or the homeserver that makes the tokens, is in trouble.
    pub fn letter_waits(&self, to: &EmailAddress, now: DateTime<Utc>) -> bool {
        let premises = self.premises();
        let in_trouble = [Trouble::MailServer, Trouble::TokenApi]
            .into_iter()
            .any(|trouble| premises.alarms.is_raised(trouble));
        let per_hour = u64::from(premises.settings.load().letters_per_hour);
        if !in_trouble && per_hour == 0 {
            return false;
        }
        let waits = |store: &Reading<'_>| {
            // One that was asked for again may have gone out long ago.
            Ok(store.owes_a_letter_to(to)?
                && (in_trouble || store.sent_in_the_hour(now)? + store.outbox_counts()?.owed > per_hour))
        };
        premises.store.read(waits).unwrap_or(false)
    }
}
