//! Tells in the room what is owed to it.

use std::time::Duration;

use chrono::TimeDelta;

use crate::acts::Matter;
use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::metrics::Outcome;
use crate::premises::Premises;
use crate::pulse::{Next, Topic};
use crate::stop::Stop;
use crate::store::{Notice, NoticeChannel, NoticeEvent};

use super::failing::{Failing, Fault};
use super::message;
use super::room::{Entered, Room};

/// Pauses after failures: the first, the longest.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];

/// So many are looked at together.
const AT_ONCE: u64 = 20;

/// What became of trying to tell something.
enum Told {
    /// It stands there, by this message, or nothing is to be told any more.
    Done(Option<String>),
    /// What is to be told before is not told yet.
    Later,
}

/// Tells it as soon as it is owed, until the stop signal comes.
pub(super) fn tell(room: &Room, premises: &Premises, clock: &dyn Clock, stop: &Stop) {
    let mut listener =
        premises.pulse().listen(stop, &[Topic::Store, Topic::Condition], Duration::from_millis(20));
    let mut failing = Failing::new(Trouble::MatrixRoom, PAUSES[0], PAUSES[1]);
    let mut rests_until = None;
    loop {
        let (mut next, now) = (Next::never(), clock.monotonic());
        if let Some(entered) = room.entered()
            && !next.waits(rests_until, now)
        {
            rests_until = None;
            match round(room, &entered, premises, clock, &mut next) {
                Ok(false) => {}
                Ok(true) => failing.works(premises),
                Err(fault) => {
                    premises.metrics.notified("matrix", Outcome::Retried);
                    let until = clock.monotonic() + failing.failed(premises, clock, &fault);
                    next.at(until);
                    rests_until = Some(until);
                }
            }
        }
        if !listener.wait(next) {
            return;
        }
    }
}

/// Tells what is due. Returns whether something was told.
fn round(
    room: &Room,
    entered: &Entered,
    premises: &Premises,
    clock: &dyn Clock,
    next: &mut Next,
) -> Result<bool, Fault> {
    let (store, now) = (&premises.store, clock.now());
    let due = store.read(|store| store.due_notices(NoticeChannel::Matrix, now, AT_ONCE))?;
    let mut told = false;
    for notice in &due {
        let id = notice.id;
        let done = tell_one(room, entered, premises, notice);
        if done.is_err() {
            // If it is this one alone that is not taken, the others are not held up.
            let at = now + TimeDelta::seconds(1 << notice.attempts.min(6));
            store.write(move |store| store.notice_again(id, at))?;
        }
        match done? {
            Told::Done(message) => {
                if message.is_some() {
                    told = true;
                    premises.metrics.notified("matrix", Outcome::Sent);
                }
                store.write(move |store| store.notice_told(id, message.as_deref()))?;
            }
            Told::Later => {
                let at = now + TimeDelta::seconds(1);
                store.write(move |store| store.notice_again(id, at))?;
            }
        }
    }
    if due.len() as u64 == AT_ONCE {
        *next = Next::after(Duration::ZERO);
    }
    let at = store.read(|store| store.next_notice_due(NoticeChannel::Matrix, now))?;
    next.at_time(at, clock);
    Ok(told)
}

fn tell_one(room: &Room, entered: &Entered, premises: &Premises, notice: &Notice) -> Result<Told, Fault> {
    let (store, id) = (&premises.store, notice.id);
    let nothing = Ok(Told::Done(None));
    let Some(request) = notice.request else { return nothing };
    if notice.event == NoticeEvent::Erased {
        let Some(message) = &notice.remote_id else { return nothing };
        room.redact(entered, message, &notice.key)?;
        return Ok(Told::Done(Some(message.clone())));
    }
    let found = store.read(|store| Ok((Matter::read(store, request)?, store.told_in_room(request)?)));
    let (Some(matter), Some(last)) = found? else { return nothing };
    let is_decided = matter.outcome().is_some();
    match notice.event {
        NoticeEvent::Held => {
            // Perhaps it stands there already, and is only not noted: then what became of it is to be told there.
            if last.id != id || (is_decided && notice.attempts == 0) {
                return nothing;
            }
            if !store.write(move |store| store.notice_begun(id))? {
                return nothing;
            }
            room.send(entered, &notice.key, &message::of(&matter)).map(|message| Told::Done(Some(message)))
        }
        NoticeEvent::Decided => match &last.remote_id {
            // It waits again, which is told by itself.
            _ if !is_decided || last.id > id => nothing,
            Some(of) => {
                let edit = message::instead(of, message::of(&matter));
                room.send(entered, &notice.key, &edit).map(|message| Told::Done(Some(message)))
            }
            None if last.attempts > 0 => Ok(Told::Later),
            None => nothing,
        },
        NoticeEvent::Erased | NoticeEvent::Alarm | NoticeEvent::AlarmOver => nothing,
    }
}
