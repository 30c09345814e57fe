//! What the operator decides of requests that wait.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::{Localpart, printable};
use crate::homeserver::{Homeserver, NameAnswer};
use crate::store::{AnswerLetter, HeldRequest};

use super::ban::lists_in_force;
use super::deed::Deed;
use super::opened::Opened;
use super::outcome::{Done, NotDone, Outcome};

/// The homeserver is given so long to say whether the name is free.
const PATIENCE: Duration = Duration::from_secs(10);

/// Of a reason that the operator gives, so much is mailed.
const REASON: usize = 2000;

fn held(opened: &Opened, id: i64) -> Result<HeldRequest, NotDone> {
    opened.store.read(|store| store.held_request(id))?.ok_or(NotDone::NotHeld(id))
}

/// Accepts a held request: it is judged again, and its letter is owed.
pub fn approve(opened: &Opened, id: i64, now: DateTime<Utc>) -> Result<Outcome, NotDone> {
    let request = held(opened, id)?;
    let to = request.email.clone();
    let Some(username) = request.username.clone() else { return Err(NotDone::NoName(id, to)) };
    judge_again(opened, &request, &username)?;
    let message_id = opened.message_id();
    let ((), act) = opened.journaled(now, move |store| {
        let is_done = store.approve(&request, &message_id, now)?;
        Ok(((), is_done.then_some(Deed::Approve { subject: request.id })))
    })?;
    match act {
        None => Err(NotDone::DecidedMeanwhile(id)),
        act => Ok(Outcome { done: Done::Approved { username, to }, act }),
    }
}

/// Banned, or taken, since it was held?
fn judge_again(opened: &Opened, request: &HeldRequest, username: &Localpart) -> Result<(), NotDone> {
    let id = request.id;
    let lists = lists_in_force(&opened.folder, Some(&opened.store));
    if let Some(hit) = lists.any(request.ip, Some(&request.email), Some(username)) {
        return Err(NotDone::Banned(id, hit));
    }
    // As the desk asks, where it is let: the Matrix Authentication Service knows names that Synapse behind it does not.
    let Some(homeserver) = Homeserver::of(&opened.settings) else { return Ok(()) };
    match homeserver.name(username, PATIENCE) {
        NameAnswer::Free | NameAnswer::CannotBeAsked { .. } => Ok(()),
        NameAnswer::InUse { words }
        | NameAnswer::Reserved { words }
        | NameAnswer::Invalid { words }
        | NameAnswer::Forbidden { words } => Err(NotDone::NameNotFree(id, words)),
        NameAnswer::RegistrationClosed { words } | NameAnswer::NoAnswer { words } => {
            Err(NotDone::CannotSay(id, words))
        }
    }
}

/// Refuses a held request; with a reason the applicant is told.
pub fn refuse(
    opened: &Opened,
    id: i64,
    because: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Outcome, NotDone> {
    let request = held(opened, id)?;
    let because = because.map(|text| printable(text, REASON)).filter(|text| !text.is_empty());
    let letter = because.as_ref().map(|because| AnswerLetter {
        kind: "refusal",
        to: request.email.clone(),
        message_id: opened.message_id(),
        words: format!(
            "Hello,\n\nyou asked for an account on {}. The operator has looked at your request and refused it:\n\n{because}\n",
            opened.settings.homeserver
        ),
    });
    let done = Done::Refused {
        username: request.username.clone(),
        to: request.email.clone(),
        is_told: because.is_some(),
    };
    let ((), act) = opened.journaled(now, move |store| {
        let is_done = store.refuse_held(&request, because.as_deref(), letter.as_ref(), now)?;
        Ok(((), is_done.then_some(Deed::Refuse { subject: request.id, after: because })))
    })?;
    if act.is_some() { Ok(Outcome { done, act }) } else { Err(NotDone::DecidedMeanwhile(id)) }
}
