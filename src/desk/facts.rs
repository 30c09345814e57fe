//! What the rules are judged by, gathered in one place: also for commands and the console, which have no running desk.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::alarms::Trouble;
use crate::bans::Lists;
use crate::clock::Reading as ClockReading;
use crate::config::{Approval, OnSurge, Settings, WhenUnreachable};
use crate::domain::{Closed, EmailAddress, Hold, Localpart, Reason, Refusal};
use crate::policy::{Availability, Facts, Judgement, Moment, Pace, Rules, Seen, judge};
use crate::premises::Premises;
use crate::store::{Guest, HeldRequest, OwedLetter, Reading, Reservation, StoreError};

use super::waves::{quota, surges};
use super::{Desk, Door};

/// From where the state of the desk is known.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// From memory: it takes no time, and tells nothing of the applicant.
    Door(&'a Door),
    /// From the store.
    Store(&'a Reading<'a>),
    /// From a store of the past, and whether the desk was closed then.
    Past(&'a Reading<'a>, Option<Closed>),
}

/// Gathers all facts anew; what the request brought along and what the homeserver said stays.
fn gather(
    facts: &mut Facts,
    settings: &Settings,
    lists: &Lists,
    source: Source<'_>,
    (now, is_doubted): (DateTime<Utc>, bool),
) -> Result<(), StoreError> {
    facts.closed = match source {
        Source::Door(door) => door.closed(settings, now, is_doubted),
        Source::Store(store) => {
            facts.availability_lies |= store.desk_state()?.availability_lies;
            facts.seen = Some(seen(store, facts, settings, now)?);
            facts.surging = surges(store, settings, now)?;
            Door::read(store, now)?.closed(settings, now, is_doubted)
        }
        Source::Past(store, closed) => {
            facts.seen = Some(seen(store, facts, settings, now)?);
            closed
        }
    };
    if facts.surging && settings.on_surge == OnSurge::Close {
        facts.closed = facts.closed.or(Some(Closed::Surge));
    }
    // Names come late in the order of the rules, and their patterns take the longest: not without the store.
    let name = facts.name.as_ref().filter(|_| {
        facts.seen.is_some() || facts.unanswered.is_some() || facts.closed == Some(Closed::Surge)
    });
    facts.hits = lists.hits_despite(&facts.despite, facts.ip, facts.email.as_ref(), name, now);
    Ok(())
}

/// Gathers all facts anew by the settings and lists of now, and judges a request as it is asked.
pub(super) fn judge_anew(
    premises: &Premises,
    facts: &mut Facts,
    source: Source<'_>,
    at: ClockReading,
) -> Result<Judgement, StoreError> {
    let (settings, now) = (premises.settings.load(), at.wall);
    facts.clock_is_doubted = !premises.believes(at);
    let is_doubted = premises.alarms.is_raised(Trouble::Clock);
    gather(facts, &settings, &premises.bans.current(), source, (now, is_doubted))?;
    Ok(judge(facts, &rules(&settings), Moment::Asked, now))
}

/// Gathers all facts anew, and judges a request that nobody has made, or that the operator makes for somebody. What it brought
/// along and what the homeserver said stays.
pub fn judge_supposed(
    store: &Reading<'_>,
    facts: &mut Facts,
    (settings, lists): (&Settings, &Lists),
    moment: Moment,
    now: DateTime<Utc>,
) -> Result<Judgement, StoreError> {
    gather(facts, settings, lists, Source::Store(store), (now, false))?;
    Ok(judge(facts, &rules(settings), moment, now))
}

/// Judges a name alone, whoever may want it.
pub(super) fn judge_name(
    store: &Reading<'_>,
    name: &Localpart,
    answer: Availability,
    premises: &Premises,
    at: ClockReading,
) -> Result<Judgement, StoreError> {
    let (settings, now) = (premises.settings.load(), at.wall);
    let name_held_by = store.holder_of_name(name)?.map(Reservation::seen_by_anybody);
    let facts = Facts {
        hits: premises.bans.current().hits(None, None, Some(name), now),
        seen: Some(Seen { name_held_by, ..Seen::default() }),
        answers: [(name.clone(), answer)].into(),
        availability_lies: store.desk_state()?.availability_lies || store.account_was_seen(name)?,
        clock_is_doubted: !premises.believes(at),
        name: Some(name.clone()),
        ..Facts::default()
    };
    Ok(judge(&facts, &rules(&settings), Moment::Asked, now))
}

/// Judges a request of the past as it was asked then.
pub(super) fn judge_past(
    store: &Reading<'_>,
    facts: &mut Facts,
    settings: &Settings,
    lists: &Lists,
    closed: Option<Closed>,
    now: DateTime<Utc>,
) -> Result<Judgement, StoreError> {
    gather(facts, settings, lists, Source::Past(store, closed), (now, false))?;
    Ok(judge(facts, &rules(settings), Moment::Asked, now))
}

/// The settings that the rules depend on.
pub fn rules(settings: &Settings) -> Rules {
    Rules {
        email_cooldown: settings.email_cooldown,
        multiple_users_per_email: settings.multiple_users_per_email,
        letters_per_address_per_day: settings.letters_per_address_per_day,
        letters_per_domain_per_day: settings.letters_per_domain_per_day,
        letters_per_hour: settings.letters_per_hour,
        accept_when_unreachable: settings.when_homeserver_unreachable == WhenUnreachable::Accept,
        hold_all: settings.approval == Approval::Manual,
        held_at_most: settings.held_at_most,
        held_per_network: settings.held_per_network,
        prove_first: settings.prove_address && settings.public_url.is_some(),
    }
}

fn seen(
    store: &Reading<'_>,
    facts: &Facts,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<Seen, StoreError> {
    let mut seen = match (&facts.name, &facts.email) {
        (Some(name), Some(email)) => {
            let corrected = facts.corrects.map(|id| store.reservation_of(id)).transpose()?.flatten();
            store.seen(name, email, settings.email_identity, corrected, now)?
        }
        (None, Some(email)) => store.seen_of_address(email, settings.email_identity, now)?,
        (Some(name), None) => Seen { name_held_by: store.seen_of_name(name)?, ..Seen::default() },
        (None, None) => Seen::default(),
    };
    seen.quota = settings.accounts_per_day.map(|most| quota(store, settings, most, now)).transpose()?;
    if let Some(email) = &facts.email
        && settings.letters_per_hour > 0
    {
        seen.owed = store.owed(&facts.source, email)?;
    }
    Ok(seen)
}

/// Whether one more email may go to this address, whatever makes it.
pub fn may_be_mailed(
    store: &Reading<'_>,
    to: &EmailAddress,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let (mailed, rules) = (store.mailed(to, now)?, rules(settings));
    Ok(mailed.mailbox_rests(&rules, now).is_none() && mailed.spent_domain(&rules).is_none())
}

/// Judges a request once more that waits, after the homeserver was asked for its name.
pub(super) fn judge_waiting(
    store: &Reading<'_>,
    held: &HeldRequest,
    answer: Option<Availability>,
    (settings, lists): (&Settings, &Lists),
    moment: Moment,
    now: DateTime<Utc>,
) -> Result<Judgement, StoreError> {
    let (name, email, ip) = (held.username.clone(), Some(held.email.clone()), held.ip);
    let answers = name.clone().zip(answer).into_iter().collect();
    // That its sender was not verified is for a person to judge, as it was.
    let was_doubted = held.held_for == Some(Reason::UnverifiedSender);
    let doubt = was_doubted.then(|| Hold::UnverifiedSender("its sender was not verified".to_owned()));
    let mut facts = Facts { name, email, ip, hold: doubt, answers, ..Facts::default() };
    gather(&mut facts, settings, lists, Source::Store(store), (now, false))?;
    Ok(judge(&facts, &rules(settings), moment, now))
}

/// The same of one that the operator approves. Some: why not.
pub fn judge_approval(
    store: &Reading<'_>,
    held: &HeldRequest,
    answer: Option<Availability>,
    settings: &Settings,
    lists: &Lists,
    now: DateTime<Utc>,
) -> Result<Option<Refusal>, StoreError> {
    Ok(refusal(judge_waiting(store, held, answer, (settings, lists), Moment::Approved, now)?))
}

/// Judges a request once more whose letter goes out. Some: why it does not.
pub fn judge_letter(
    letter: &OwedLetter,
    settings: &Settings,
    lists: &Lists,
    now: DateTime<Utc>,
) -> Option<Refusal> {
    let to = EmailAddress::parse(&letter.recipient).ok();
    let name = (!letter.chooses).then_some(&letter.username);
    let facts = Facts {
        hits: lists.hits_despite(&letter.despite, letter.ip, to.as_ref(), name, now),
        ended: letter.refused.then_some(Refusal::RefusedByOperator(None)),
        ..Facts::default()
    };
    refusal(judge(&facts, &rules(settings), Moment::Sent, now))
}

/// Judges once more who comes by a sign-up link, from wherever they come. A name that is not kept for them, and so `chosen`
/// now, is judged as any name is. Some: why they get no account.
pub(super) fn judge_sign_up(
    store: &Reading<'_>,
    guest: &Guest,
    name: &Localpart,
    chosen: Option<Availability>,
    ip: IpAddr,
    premises: &Premises,
    now: DateTime<Utc>,
) -> Result<Option<Refusal>, StoreError> {
    let (settings, lists) = (premises.settings.load(), premises.bans.current());
    let moment = if chosen.is_some() { Moment::Chosen } else { Moment::Sent };
    let email = guest.address();
    let mut facts = Facts {
        name: Some(name.clone()),
        ip: Some(ip),
        hits: lists.hits(guest.ip.filter(|before| *before != ip), None, None, now),
        ended: guest.is_refused.then_some(Refusal::RefusedByOperator(None)),
        answers: chosen.map(|answer| (name.clone(), answer)).into_iter().collect(),
        email,
        despite: guest.despite.clone(),
        // What is kept for them already is no other account.
        corrects: Some(guest.request_id),
        ..Facts::default()
    };
    if let Some(refusal) = refusal(judge(&facts, &rules(&settings), Moment::Sent, now)) {
        return Ok(Some(refusal));
    }
    if moment == Moment::Sent {
        facts.hits =
            lists.hits_despite(&facts.despite, facts.ip, facts.email.as_ref(), facts.name.as_ref(), now);
        return Ok(refusal(judge(&facts, &rules(&settings), moment, now)));
    }
    gather(&mut facts, &settings, &lists, Source::Store(store), (now, false))?;
    Ok(refusal(judge(&facts, &rules(&settings), moment, now)))
}

fn refusal(judgement: Judgement) -> Option<Refusal> {
    match judgement {
        Judgement::Refuse(refusal) => Some(refusal),
        // The moments at which these are asked for know all there is to know.
        Judgement::Accept(_) | Judgement::Look | Judgement::Ask(_) | Judgement::Repeat { .. } => None,
    }
}

impl Desk {
    /// Whether a letter to this address is owed and cannot go out at once: more are before it than can go by `letters_per_hour`, or
    /// the mail server, or the homeserver that makes the tokens, is in trouble.
    pub fn letter_waits(&self, to: &EmailAddress, now: DateTime<Utc>) -> bool {
        let premises = self.premises();
        let in_trouble = [Trouble::MailServer, Trouble::TokenApi]
            .into_iter()
            .any(|trouble| premises.alarms.is_raised(trouble));
        let per_hour = premises.settings.load().letters_per_hour;
        if !in_trouble && per_hour == 0 {
            return false;
        }
        let waits = |store: &Reading<'_>| {
            let pace = Pace::after(&store.paced_by(now)?, per_hour, now);
            let at_once = pace.map_or(u64::MAX, |pace| pace.at_once);
            // One that was asked for again may have gone out long ago.
            // Where nobody is to find out which addresses are known, all wait alike.
            let is_discreet = premises.settings.load().discreet;
            Ok((is_discreet || store.owes_a_letter_to(to)?)
                && (in_trouble || store.outbox_counts()?.owed > at_once))
        };
        premises.store.read(waits).unwrap_or(false)
    }
}
