//! What the operator decides of requests that wait.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::config::SignUp;
use crate::desk::{availability, judge_approval, may_be_mailed};
use crate::domain::{Reason, printable};
use crate::homeserver::Homeserver;
use crate::policy::{Availability, UNDO_TIME};
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
    let username = request.username.clone();
    if username.is_none() && opened.settings.sign_up == SignUp::Token {
        return Err(NotDone::NoName(id, to));
    }
    // As the desk asks, where it is let: the Matrix Authentication Service knows names that Synapse behind it does not.
    let answer = username.as_ref().map(|name| match Homeserver::of(&opened.settings) {
        Some(homeserver) => availability(homeserver.name(name, PATIENCE), PATIENCE),
        None => Availability::CannotBeAsked,
    });
    let lists = lists_in_force(&opened.folder, Some(&opened.store), &opened.settings.lists);
    let (message_id, settings) = (opened.message_id(), opened.settings.clone());
    let (judged, act) = opened.journaled(now, move |store| {
        if let Some(refusal) = judge_approval(store, &request, answer, &settings, &lists, now)? {
            return Ok((Some(refusal), None));
        }
        let deed = Deed::Approve { subject: request.id, before: request.reason.word().to_owned() };
        Ok((None, store.approve(&request, &message_id, now, now + UNDO_TIME)?.then_some(deed)))
    })?;
    match (judged, act) {
        (Some(refusal), _) => Err(NotDone::Judged(id, refusal)),
        (None, None) => Err(NotDone::DecidedMeanwhile(id)),
        (None, act) => Ok(Outcome { done: Done::Approved { username, to }, act }),
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
        words: {
            let (t, homeserver) = (request.language, opened.settings.homeserver.as_str());
            let words = if request.reason == Reason::Reply {
                t.answered_by_operator(homeserver, because)
            } else {
                t.refused_by_operator(homeserver, because)
            };
            words + "\n"
        },
    });
    let (username, to, settings) = (request.username.clone(), request.email.clone(), opened.settings.clone());
    let (is_told, act) = opened.journaled(now, move |store| {
        let may_be_told = may_be_mailed(store, &request.email, &settings, now)?;
        let (why, letter) = (because.as_deref(), letter.as_ref().filter(|_| may_be_told));
        let is_done = store.refuse_held(&request, why, letter, now, now + UNDO_TIME)?;
        let before = request.reason.word().to_owned();
        let is_told = letter.is_some();
        Ok((is_told, is_done.then_some(Deed::Refuse { subject: request.id, before, after: because })))
    })?;
    let done = Done::Refused { username, to, is_told };
    if act.is_some() { Ok(Outcome { done, act }) } else { Err(NotDone::DecidedMeanwhile(id)) }
}
