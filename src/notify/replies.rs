//! What is said in the room to what was told there: a member who may decides by a reaction or a reply.
//!
//! What was heard is noted after it was done, so that nothing is lost; and it is done once, since only what still waits can be
//! decided, by the youngest message that tells of it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::acts::{self, Door, NotDone, Opened};
use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::premises::Premises;
use crate::pulse::Topic;
use crate::stop::Stop;

use super::failing::{Failing, Fault};
use super::message;
use super::room::{Entered, Room};

/// Pauses after failures: the first, the longest.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(30)];

/// What somebody wants of a request.
#[derive(Debug, PartialEq, Eq)]
enum Wish {
    Approve,
    /// With these words for the applicant, or none.
    Refuse(Option<String>),
}

impl Wish {
    /// By a reaction; some clients ask for its coloured form.
    fn of_reaction(key: &str) -> Option<Self> {
        match key.trim_end_matches('\u{fe0f}') {
            "✅" => Some(Self::Approve),
            "❌" => Some(Self::Refuse(None)),
            _ => None,
        }
    }

    /// By a reply, whose quote of what it replies to does not count.
    fn of_reply(body: &str) -> Option<Self> {
        let mut lines = body.lines().peekable();
        if body.starts_with("> ") {
            while lines.next_if(|line| line.starts_with('>')).is_some() {}
        }
        let text = lines.collect::<Vec<_>>().join("\n");
        let text = text.trim();
        let is =
            |text: &str, word: &str| text.trim_end_matches(['.', '!']).trim_end().eq_ignore_ascii_case(word);
        if is(text, "approve") {
            return Some(Self::Approve);
        }
        if is(text, "refuse") {
            return Some(Self::Refuse(None));
        }
        let (first, rest) = text.split_once(char::is_whitespace)?;
        let (because, why) = rest.trim_start().split_once(char::is_whitespace)?;
        let fits = first.eq_ignore_ascii_case("refuse")
            && because.trim_end_matches(':').eq_ignore_ascii_case("because");
        fits.then(|| Self::Refuse(Some(why.trim().to_owned())))
    }
}

/// Hears it until the stop signal comes.
pub(super) fn hear(room: &Room, premises: &Premises, clock: &dyn Clock, stop: &Stop) {
    let mut failing = Failing::new(Trouble::MatrixRoom, PAUSES[0], PAUSES[1]);
    while !stop.is_given() {
        match round(room, premises, clock) {
            Ok(()) => failing.works(premises),
            Err(fault) => {
                let pause = failing.failed(premises, clock, &fault);
                if stop.wait(pause) {
                    return;
                }
            }
        }
    }
}

/// Enters, if need be, and does what is new.
fn round(room: &Room, premises: &Premises, clock: &dyn Clock) -> Result<(), Fault> {
    let entered = room.enter()?;
    let since = premises.store.read(|store| store.room_read())?;
    let heard = room.hear(&entered, since.as_deref())?;
    for event in &heard.events {
        do_one(room, &entered, premises, clock, event)?;
    }
    if since.as_ref() != Some(&heard.upto) {
        let upto = heard.upto;
        premises.store.write(move |store| store.note_room_read(&upto))?;
    }
    // Nothing is told before it is known from where to listen on: it might be answered at once.
    if since.is_none() || room.entered().is_none_or(|known| !Arc::ptr_eq(&known, &entered)) {
        room.open(&entered);
        premises.pulse().ring(Topic::Condition);
    }
    Ok(())
}

/// Does what one event asks for, if somebody asks who may.
fn do_one(
    room: &Room,
    entered: &Entered,
    premises: &Premises,
    clock: &dyn Clock,
    event: &Value,
) -> Result<(), Fault> {
    if event["type"] == "m.room.encryption" && event.get("state_key").is_some() {
        room.leave();
        return Err(room.is_encrypted());
    }
    let Some((wish, target)) = wish(room, entered, event)? else { return Ok(()) };
    let request = premises.store.read(|store| store.request_of_message(&target))?;
    let (Some(id), Some(who)) = (request, event["sender"].as_str()) else { return Ok(()) };
    if who == entered.me {
        return Ok(());
    }
    if !room.may_decide(entered, who)? {
        tracing::info!(
            request = id,
            "who asks in the room for its decision has not the power (50) to decide"
        );
        return Ok(());
    }
    let (opened, now) = (Opened::running(premises, who, Door::Room), clock.now());
    let done = match wish {
        Wish::Approve => acts::approve(&opened, id, now),
        Wish::Refuse(because) => acts::refuse(&opened, id, because.as_deref(), now),
    };
    match done {
        // The message says what became of it.
        Ok(_) | Err(NotDone::NotHeld(_) | NotDone::DecidedMeanwhile(_)) => Ok(()),
        Err(NotDone::Store(error)) => Err(error.into()),
        Err(why) => {
            let key = format!("answer{}", event["event_id"].as_str().unwrap_or_default());
            let words = why.words(Door::Room);
            room.send(entered, &key, &message::answer(&target, &words)).map(drop)
        }
    }
}

/// What an event asks for, and of which message.
fn wish(room: &Room, entered: &Entered, event: &Value) -> Result<Option<(Wish, String)>, Fault> {
    let (content, relation) = (&event["content"], &event["content"]["m.relates_to"]);
    let target = relation["event_id"].as_str();
    let of = |wish: Option<Wish>, target: Option<&str>| wish.zip(target.map(ToOwned::to_owned));
    match (event["type"].as_str(), relation["rel_type"].as_str()) {
        (Some("m.reaction"), Some("m.annotation")) => {
            Ok(of(relation["key"].as_str().and_then(Wish::of_reaction), target))
        }
        // A reply that was mended: to what it replies stands in the first one.
        (Some("m.room.message"), Some("m.replace")) => {
            let wish = reply(&content["m.new_content"]);
            let (Some(wish), Some(id)) = (wish, target) else { return Ok(None) };
            let first = room.event(entered, id)?.filter(|first| first["sender"] == event["sender"]);
            let target = first.as_ref().and_then(|first| replied_to(&first["content"]["m.relates_to"]));
            Ok(of(Some(wish), target))
        }
        (Some("m.room.message"), _) => Ok(of(reply(content), replied_to(relation))),
        _ => Ok(None),
    }
}

fn reply(content: &Value) -> Option<Wish> {
    let body = content["body"].as_str().filter(|_| content["msgtype"] == "m.text")?;
    Wish::of_reply(body)
}

/// Directly, or as the first of a thread.
fn replied_to(relates: &Value) -> Option<&str> {
    let thread = relates["event_id"].as_str().filter(|_| relates["rel_type"] == "m.thread");
    thread.or_else(|| relates["m.in_reply_to"]["event_id"].as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_decides_in_these_words_alone() {
        let because = |text: &str| Some(Wish::Refuse(Some(text.into())));
        for (body, wish) in [
            ("approve", Some(Wish::Approve)),
            (" Approve!\n", Some(Wish::Approve)),
            ("> <@desk:x> Request 1: alice\n> refuse\n\napprove", Some(Wish::Approve)),
            ("refuse", Some(Wish::Refuse(None))),
            ("Refuse because it is spam", because("it is spam")),
            ("refuse because: two\nlines", because("two\nlines")),
            ("refuse  because  x", because("x")),
            ("approve?", None),
            ("do not approve", None),
            ("approve and refuse", None),
            ("refuse because", None),
            ("refuse this", None),
            ("> approve", None),
            ("", None),
            (">", None),
        ] {
            assert_eq!(Wish::of_reply(body), wish, "{body:?}");
        }
    }

    #[test]
    fn a_reaction_decides_by_two_signs_however_they_are_drawn() {
        for (key, wish) in [
            ("✅", Some(Wish::Approve)),
            ("✅\u{fe0f}", Some(Wish::Approve)),
            ("❌", Some(Wish::Refuse(None))),
            ("👍", None),
            ("✅✅", None),
            ("approve", None),
            ("", None),
        ] {
            assert_eq!(Wish::of_reaction(key), wish, "{key:?}");
        }
    }
}
