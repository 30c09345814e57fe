//! What the console does outside, each on a thread of its own: it may have to ask the homeserver.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::acts::{self, Done, Door, NotDone, Opened};
use crate::bans::Edit;
use crate::clock::{Clock, SystemClock};
use crate::domain::{BanKind, EmailAddress, LinkSecret};
use crate::store::RequestRow;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    Approve(Vec<i64>),
    /// The requests, and what they are told.
    Refuse(Vec<i64>, Option<String>),
    Ban(Vec<(BanKind, Edit)>),
    /// An act that is taken back.
    Undo(i64, acts::Deed),
    /// A taking back, and what is done again.
    Redo(i64, acts::Deed),
    Lift(EmailAddress),
    Rotate,
    Retry(Vec<i64>),
    Drop(Vec<i64>),
    /// The email of this request.
    Resend(i64),
    Pause(bool),
    Invite(Box<acts::Invitation>),
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// What was done.
    pub done: Vec<String>,
    /// Why something was not.
    pub failed: Option<String>,
    /// The lines of the journal that tell it.
    pub acts: Vec<i64>,
    /// The requests that wait and are hit by a new ban.
    pub held: Vec<RequestRow>,
    /// What makes the link that is to be handed over.
    pub link: Option<LinkSecret>,
    /// What cannot be undone.
    pub is_final: Option<i64>,
}

/// Does it.
pub(super) fn run(effect: Effect, opened: &Opened) -> Told {
    let now = SystemClock.now();
    let mut told = Told::default();
    let outcomes: Vec<_> = match effect {
        Effect::Approve(ids) => ids.into_iter().map(|id| acts::approve(opened, id, now)).collect(),
        Effect::Refuse(ids, because) => {
            ids.into_iter().map(|id| acts::refuse(opened, id, because.as_deref(), now)).collect()
        }
        Effect::Ban(bans) => {
            bans.iter().map(|(kind, edit)| acts::ban(opened, *kind, edit, false, now)).collect()
        }
        Effect::Undo(act, deed) => {
            let outcome = acts::undo(opened, act, deed, now);
            let passes = |why: &NotDone| matches!(why, NotDone::Store(_) | NotDone::InHands(_));
            told.is_final = outcome.as_ref().is_err_and(|why| !passes(why)).then_some(act);
            vec![outcome]
        }
        Effect::Redo(act, deed) => vec![acts::redo(opened, act, deed, now)],
        Effect::Lift(email) => vec![acts::lift(opened, &email, now)],
        Effect::Rotate => vec![acts::rotate(opened, Arc::new(SystemClock))],
        Effect::Retry(ids) => vec![acts::retry(opened, ids, now)],
        Effect::Resend(request) => vec![acts::resend(opened, request, now)],
        Effect::Drop(ids) => ids.into_iter().map(|id| acts::drop_letter(opened, id, now)).collect(),
        Effect::Invite(invitation) => vec![acts::invite(opened, &invitation, now)],
        Effect::Pause(is_paused) => vec![acts::pause(opened, is_paused, now)],
    };
    for outcome in outcomes {
        match outcome {
            Ok(outcome) => {
                told.done.push(outcome.done.words(Door::Console));
                told.acts.extend(outcome.act);
                match outcome.done {
                    Done::Banned { held, .. } => {
                        let known: Vec<i64> = told.held.iter().map(|row| row.id).collect();
                        told.held.extend(held.into_iter().filter(|row| !known.contains(&row.id)));
                    }
                    Done::Invited(invited) => told.link = invited.link,
                    Done::Rotated { alarms, .. } => told.done.extend(alarms.into_iter().next()),
                    _ => {}
                }
            }
            Err(why) => told.failed = Some(why.words(Door::Console)),
        }
    }
    // Of many the first says what was done.
    if let more @ 2.. = told.done.len().saturating_sub(1) {
        told.done.truncate(1);
        told.done.push(format!("And so {more} more."));
    }
    told
}

/// The same beside; what came of it is told.
pub(super) fn set_off(effect: Effect, opened: &Arc<Opened>, tell: impl Fn(Told) + Clone + Send + 'static) {
    let (opened, told) = (Arc::clone(opened), tell.clone());
    let failed = |why: String| Told { failed: Some(why), ..Told::default() };
    let doing = move || {
        let done = catch_unwind(AssertUnwindSafe(|| run(effect, &opened)));
        told(done.unwrap_or_else(|_| {
            failed("something went wrong inside doorman; check whether it was done".into())
        }));
    };
    if let Err(error) = std::thread::Builder::new().name("console-effect".into()).spawn(doing) {
        tell(failed(error.to_string()));
    }
}
