//! What the operator does with letters.

use chrono::{DateTime, Utc};

use crate::policy::Pace;

use super::deed::Deed;
use super::opened::Opened;
use super::outcome::{Done, NotDone, Outcome};

/// Owed letters are due now; all where none is named.
pub fn retry(opened: &Opened, ids: Vec<i64>, now: DateTime<Utc>) -> Result<Outcome, NotDone> {
    let asked = ids.len();
    let named: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let subject = (asked > 0).then(|| named.join(" "));
    let (letters, act) = opened.journaled(now, move |store| {
        let letters = store.retry_letters(&ids, now)?;
        Ok((letters, (letters > 0).then_some(Deed::Retry { subject })))
    })?;
    if letters < asked {
        return Err(NotDone::NotOwed { asked, retried: letters });
    }
    let sent = opened.store.read(|store| store.paced_by(now))?;
    let pace = Pace::after(&sent, opened.settings.letters_per_hour, now);
    let is_full = pace.is_some_and(|pace| pace.at_once < letters as u64);
    Ok(Outcome { done: Done::Retried { letters, is_full }, act })
}

/// Takes an owed letter out: its name and address are free again.
pub fn drop_letter(opened: &Opened, id: i64, now: DateTime<Utc>) -> Result<Outcome, NotDone> {
    let ((), act) = opened.journaled(now, move |store| {
        Ok(((), store.drop_letter(id, now)?.then_some(Deed::Drop { subject: id })))
    })?;
    if act.is_some() { Ok(Outcome { done: Done::Dropped(id), act }) } else { Err(NotDone::NotDropped(id)) }
}

/// Sends the letter of an accepted request once more.
pub fn resend(opened: &Opened, request: i64, now: DateTime<Utc>) -> Result<Outcome, NotDone> {
    let message_id = opened.message_id();
    let (letter, act) = opened.journaled(now, move |store| {
        let letter = store.resend_letter(request, message_id.as_str(), now)?;
        Ok((letter, letter.is_ok().then_some(Deed::Resend { subject: request })))
    })?;
    let letter = letter.map_err(|why| NotDone::NotResent(request, why))?;
    Ok(Outcome { done: Done::Resent { request, letter }, act })
}
