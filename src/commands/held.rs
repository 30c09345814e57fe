//! `approve`, `refuse`: what the operator decides of held requests.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;
use serde_json::Value;

use crate::domain::{Localpart, MessageId, printable};
use crate::homeserver::{Homeserver, NameAnswer};
use crate::store::{AnswerLetter, HeldRequest, TakenBack};
use crate::text::Language;

use super::ban::lists_in_force;
use super::folder::{Intent, Opened, open};
use super::{Done, Failure, print};

/// The homeserver is given so long to say whether the name is free.
const PATIENCE: Duration = Duration::from_secs(10);

/// The letter of a decision goes out after this: until then it can be taken back.
const UNDO_TIME: TimeDelta = TimeDelta::seconds(10);

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
    judge_again(opened, &request, username)?;
    let (message_id, waiting) = (message_id(opened), request.clone());
    if !opened.store.write(move |store| store.approve(&waiting, &message_id, now, now + UNDO_TIME))? {
        return Err(faster(id));
    }
    Ok(format!(
        "Approved: the token for {username} goes to {}. `doorman undo` takes it back until it is mailed.\n",
        request.email.to_ascii()
    ))
}

/// Banned, or taken, since it was held?
fn judge_again(opened: &Opened, request: &HeldRequest, username: &Localpart) -> Result<(), Failure> {
    let refuse = |why: String| {
        Err(Failure::new(format!(
            "request {}: {why}. `doorman refuse {}` refuses it",
            request.id, request.id
        )))
    };
    let lists = lists_in_force(&opened.folder, Some(&opened.store));
    if let Some(hit) = lists.any(request.ip, Some(&request.email), Some(username)) {
        return refuse(format!("banned by {hit}"));
    }
    // As the desk asks, where it is let: the Matrix Authentication Service knows names that Synapse behind it does not.
    let Some(homeserver) = Homeserver::of(&opened.settings) else { return Ok(()) };
    match homeserver.name(username, PATIENCE) {
        NameAnswer::Free | NameAnswer::CannotBeAsked { .. } => Ok(()),
        NameAnswer::InUse { words }
        | NameAnswer::Reserved { words }
        | NameAnswer::Invalid { words }
        | NameAnswer::Forbidden { words } => refuse(format!("not to be had on the homeserver: {words}")),
        NameAnswer::RegistrationClosed { words } | NameAnswer::NoAnswer { words } => {
            Err(Failure::new(format!(
                "request {}: the homeserver cannot say whether the name is free ({words}): try again later",
                request.id
            )))
        }
    }
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

/// The request that was decided last, where that was the last thing done.
pub(super) fn decision(note: &str) -> Option<i64> {
    let note: Value = serde_json::from_str(note).ok()?;
    ["approve", "refuse"].contains(&note[0].as_str()?).then(|| note[1].as_i64()).flatten()
}

/// `undo`, of a decision.
pub(super) fn undo(opened: &Opened, id: i64) -> Result<String, Failure> {
    let settings = &opened.settings;
    let one_name_an_address = (!settings.multiple_users_per_email).then_some(settings.email_identity);
    let taken_back = opened.store.write(move |store| {
        let taken_back = store.decide_anew(id, one_name_an_address)?;
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
