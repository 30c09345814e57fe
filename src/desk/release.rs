//! What the desk does by itself with those that wait: it gives away the day's accounts, in order, and notices a surge.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::alarms::Trouble;
use crate::policy::{Judgement, Moment, Terms};
use crate::pulse::{Next, Topic};
use crate::stop::Stop;
use crate::store::{AnswerLetter, HeldRequest, NewAct, StoreError};

use super::facts::judge_waiting;
use super::proof::refused;
use super::waves::{keep, learn, quota};
use super::{Desk, PATIENCE};

/// Commits in quick succession are looked at together.
const REST: Duration = Duration::from_secs(1);

/// While there is a surge, and after a failure, it is looked at again after so long.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// What is usual is found out so often.
const LEARN_EVERY: Duration = Duration::from_secs(3600);

/// So many are released before anybody else has a turn.
const AT_ONCE: u64 = 20;

impl Desk {
    /// Sees to those that wait for the desk itself, until the stop signal comes.
    pub fn keep(&self, stop: &Stop) {
        let topics = [Topic::Store, Topic::Settings];
        let mut listener = self.premises.pulse().listen(stop, &topics, REST);
        let mut learned: Option<Instant> = None;
        loop {
            let mut next = Next::never();
            if let Err(error) = self.look_after(&mut learned, &mut next, stop) {
                self.premises.alarms.raise(Trouble::Store, error.to_string());
                next = Next::after(LOOK_AGAIN);
            }
            if !listener.wait(next) {
                return;
            }
        }
    }

    pub(super) fn look_after(
        &self,
        learned: &mut Option<Instant>,
        next: &mut Next,
        stop: &Stop,
    ) -> Result<(), StoreError> {
        let (at, moment) = (self.clock.reading(), self.clock.monotonic());
        // What lapses, and what is given away, cannot be undone.
        if !self.premises.believes(at) {
            next.at(moment + LOOK_AGAIN);
            return Ok(());
        }
        let now = at.wall;
        if !next.waits(learned.map(|at| at + LEARN_EVERY), moment) {
            *learned = Some(moment);
            self.premises.store.write(move |store| learn(store, now))?;
            next.at(moment + LEARN_EVERY);
        }
        let lapses = self.premises.store.read(|store| store.next_unproven_lapses())?;
        if lapses.is_some_and(|at| at <= now) {
            self.premises.store.write(move |store| store.lapse_unproven(now))?;
        } else {
            next.at_time(lapses, &*self.clock);
        }
        if keep(&self.premises, now)? {
            next.at(moment + LOOK_AGAIN);
        }
        if self.release(now, stop)? {
            next.at(moment + LOOK_AGAIN);
        } else {
            let waits = self.premises.store.read(|store| Ok(!store.waiting_for_quota(1)?.is_empty()))?;
            let reset = self.premises.settings.load().schedule.next_reset(now);
            next.at_time(waits.then_some(reset), &*self.clock);
        }
        Ok(())
    }

    /// Gives away what is left of the day's accounts, to whoever waits longest. Returns whether one has to be tried again.
    fn release(&self, now: DateTime<Utc>, stop: &Stop) -> Result<bool, StoreError> {
        let settings = self.premises.settings.load_full();
        let waiting = self.premises.store.read(|store| {
            let left =
                settings.accounts_per_day.map(|most| quota(store, &settings, most, now)).transpose()?;
            store.waiting_for_quota(left.map_or(AT_ONCE, |quota| quota.left.min(AT_ONCE)))
        })?;
        for held in waiting {
            if stop.is_given() || !self.release_one(held, now)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// False: its time has not come.
    fn release_one(&self, held: HeldRequest, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let deadline = self.clock.monotonic() + PATIENCE;
        let answer = held.username.as_ref().map(|name| self.ask(name, deadline, now));
        let settings = self.premises.settings.load_full();
        let (lists, message_id) = (self.premises.bans.current(), self.message_id());
        self.premises.store.write(move |store| {
            let (id, to) = (held.id, held.email.clone());
            match judge_waiting(store, &held, answer, (&settings, &lists), Moment::Released, now)? {
                Judgement::Refuse(refusal) if refusal.passes_by_itself() => return Ok(false),
                Judgement::Refuse(refusal) => {
                    let words = refused(held.language, settings.homeserver.as_str(), &refusal);
                    let letter = AnswerLetter { kind: "refusal", to, message_id, words };
                    store.end_waiting(&held, refusal.reason(), &refusal.operator_text(), &letter, now)?;
                }
                Judgement::Accept(Terms { hold: Some(why), .. }) => {
                    store.note_hold(id, why.reason(), why.operator_text().as_deref())?;
                }
                Judgement::Accept(_) => {
                    if store.approve(&held, &message_id, now, now)? {
                        store.note_act(&NewAct::of_desk(now, "release", Some(id.to_string()), None))?;
                    }
                }
                // The moment knows all there is to know.
                Judgement::Look | Judgement::Ask(_) | Judgement::Repeat { .. } => return Ok(false),
            }
            Ok(true)
        })
    }
}
