//! `approve`, `refuse`: what the operator decides of held requests.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;
use serde_json::Value;

use crate::desk::{availability, judge_approval};
use crate::domain::{MessageId, Reason, printable};
use crate::homeserver::Homeserver;
use crate::policy::{Availability, UNDO_TIME};
use crate::store::{AnswerLetter, HeldRequest, TakenBack};
use crate::text::Language;

use super::ban::lists_in_force;
use super::folder::{Intent, Opened, open};
use super::{Done, Failure, print};

/// The homeserver is given so long to say whether the name is free.
const PATIENCE: Duration = Duration::from_secs(10);

/// Of a reason that the operator gives, so much is mailed.
const REASON: usize = 2000;

fn held(opened: &Opened, id: i64) -> Result<HeldRequest, Failure> {
    opened.store.read(|store| store.held_request(id))?.ok_or_else(|| {
        Failure::new(format!(
            "request {id} does not wait for a decision: see `doorman requests --held`; perhaps somebody was faster"
        ))
    })
}

fn faster(id: i64) -> Failure {
    Failure::new(format!("request {id}: somebody else has just decided it"))
}

fn message_id(opened: &Opened) -> MessageId {
    let settings = &opened.settings;
    MessageId::generate(&mut UnwrapErr(SysRng), &settings.from.address, &settings.homeserver)
}

/// `approve`
pub fn run_approve(config: Option<&Path>, id: i64, now: DateTime<Utc>) -> Done {
    print(&approve(&open(config, Intent::Write)?, id, now)?)
}

/// `refuse`
pub fn run_refuse(config: Option<&Path>, id: i64, because: Option<String>, now: DateTime<Utc>) -> Done {
    print(&refuse(&open(config, Intent::Write)?, id, because, now)?)
}

/// Accepts a held request: it is judged again, and its letter is owed. Says what was done.
pub fn approve(opened: &Opened, id: i64, now: DateTime<Utc>) -> Result<String, Failure> {
    let request = held(opened, id)?;
    let Some(username) = &request.username else {
        return Err(Failure::new(format!(
            "request {id}: its mail, which lies in Held, names no username that is clear, so there is nothing to approve. \
             Write to {}, who can ask again with the line `Username: the-name`; `doorman refuse {id}` ends this one",
            request.email.to_ascii()
        )));
    };
    // As the desk asks, where it is let: the Matrix Authentication Service knows names that Synapse behind it does not.
    let answer = match Homeserver::of(&opened.settings) {
        Some(homeserver) => availability(homeserver.name(username, PATIENCE), PATIENCE),
        None => Availability::CannotBeAsked,
    };
    let lists = lists_in_force(&opened.folder, Some(&opened.store));
    let (message_id, waiting, settings) = (message_id(opened), request.clone(), opened.settings.clone());
    let done = opened.store.write(move |store| {
        Ok(match judge_approval(store, &waiting, answer, &settings, &lists, now)? {
            Some(refusal) => Err(refusal),
            None => Ok(store.approve(&waiting, &message_id, now, now + UNDO_TIME)?),
        })
    })?;
    match done {
        Ok(true) => {}
        Ok(false) => return Err(faster(id)),
        Err(refusal) => {
            let why = refusal.operator_text();
            return Err(Failure::new(if refusal.passes_by_itself() {
                format!("request {id}: {why}: try again later")
            } else {
                format!("request {id}: {why}. `doorman refuse {id}` refuses it")
            }));
        }
    }
    Ok(format!(
        "Approved: the token for {username} goes to {}. `doorman undo` takes it back until it is mailed.\n",
        request.email.to_ascii()
    ))
}

/// Refuses a held request; with a reason the applicant is told. Says what was done.
pub fn refuse(
    opened: &Opened,
    id: i64,
    because: Option<String>,
    now: DateTime<Utc>,
) -> Result<String, Failure> {
    let request = held(opened, id)?;
    let because = because.map(|text| printable(&text, REASON)).filter(|text| !text.is_empty());
    let letter = because.as_ref().map(|because| AnswerLetter {
        kind: "refusal",
        to: request.email.clone(),
        message_id: message_id(opened),
        words: Language::default().refused_by_operator(opened.settings.homeserver.as_str(), because),
    });
    let (waiting, told) = (request.clone(), because.is_some());
    let refused = opened.store.write(move |store| {
        store.refuse_held(&waiting, because.as_deref(), letter.as_ref(), now, now + UNDO_TIME)
    })?;
    if !refused {
        return Err(faster(id));
    }
    let telling = if told { "is told why" } else { "is not told" };
    let free = request.username.map_or_else(String::new, |name| format!(" The name {name} is free."));
    Ok(format!("Refused: {} {telling}.{free}\n", request.email.to_ascii()))
}

/// The request that was decided last, where that was the last thing done, and why it had been held.
pub(super) fn decision(note: &str) -> Option<(i64, Reason)> {
    let note: Value = serde_json::from_str(note).ok()?;
    let id = ["approve", "refuse"].contains(&note[0].as_str()?).then(|| note[1].as_i64()).flatten()?;
    Some((id, note[2].as_str().and_then(|reason| reason.parse().ok()).unwrap_or(Reason::Approval)))
}

/// `undo`, of a decision.
pub(super) fn undo(opened: &Opened, (id, held_for): (i64, Reason)) -> Result<String, Failure> {
    let settings = &opened.settings;
    let one_name_an_address = (!settings.multiple_users_per_email).then_some(settings.email_identity);
    let taken_back = opened.store.write(move |store| {
        let taken_back = store.decide_anew(id, held_for, one_name_an_address)?;
        // What stands in its way may pass: a mail server that puts the letter off, a name that is given back.
        if matches!(taken_back, TakenBack::Yes | TakenBack::Erased) {
            store.note_last_ban(None)?;
        }
        Ok(taken_back)
    })?;
    match taken_back {
        TakenBack::Yes => Ok(format!("Request {id} waits for your decision again.\n")),
        TakenBack::Mailed => Err(Failure::new(format!(
            "request {id}: its letter is on its way, or may have arrived: see `doorman outbox`"
        ))),
        TakenBack::Erased => Err(Failure::new(format!("request {id} was erased since it was decided"))),
        TakenBack::Gone => {
            Err(Failure::new(format!("request {id}: its name or address is somebody else's by now")))
        }
    }
}
