//! What was done is taken back, and done again.

use chrono::{DateTime, Utc};

use crate::bans::{Edit, Written};
use crate::domain::{BanKind, EmailAddress, Reason};
use crate::lock::desk_is_running;
use crate::store::{Act, StoreError, TakenBack, TakenFrom};

use super::ban::{change_file, note_own};
use super::deed::{BanLine, Deed};
use super::opened::Opened;
use super::outcome::{Done, NotDone, Outcome};
use super::pause::paused;
use super::{approve, ban, lift, pause, refuse, suppress, surge};

/// So much of what an operator did lately is looked at.
const LATELY: usize = 100;

/// What whoever sits here did lately and has not taken back, newest first.
pub fn standing(opened: &Opened) -> Result<Vec<(Act, Deed)>, StoreError> {
    let acts = opened.store.read(|store| store.standing_acts(&opened.by.who, LATELY))?;
    let acts = acts.into_iter().filter_map(|act| Deed::of(&act).map(|deed| (act, deed)));
    Ok(acts.filter(|(_, deed)| *deed != Deed::Undo).collect())
}

/// What whoever sits here took back last, and has done nothing since that could be taken back: the taking back, and what
/// it took back.
pub fn last_undone(opened: &Opened) -> Result<Option<(Act, Deed)>, StoreError> {
    opened.store.read(|store| {
        for act in store.standing_acts(&opened.by.who, LATELY)? {
            match (Deed::of(&act), act.undoes) {
                (Some(Deed::Undo), Some(undone)) => {
                    let undone = store.act(undone)?.and_then(|undone| Deed::of(&undone));
                    return Ok(undone.map(|undone| (act, undone)));
                }
                (Some(deed), None) if deed.can_be_taken_back() => return Ok(None),
                _ => {}
            }
        }
        Ok(None)
    })
}

/// The change of a list that makes the one line the other.
fn change(from: Option<BanLine>, to: Option<BanLine>) -> Option<(BanKind, Edit)> {
    // Where none stood above, none is to stand there again.
    let whole = |line: BanLine| Written { entry: line.entry, mark: Some(line.mark.unwrap_or_default()) };
    Some(match (from, to) {
        (None, Some(new)) => (new.kind, Edit::Insert(new.line, whole(new))),
        (Some(old), None) => (old.kind, Edit::Remove(old.entry)),
        (Some(old), Some(new)) => (old.kind, Edit::Replace(old.entry, whole(new))),
        (None, None) => return None,
    })
}

/// Takes an act back.
pub fn undo(opened: &Opened, act: i64, deed: Deed, now: DateTime<Utc>) -> Result<Outcome, NotDone> {
    let (done, act) = match deed {
        Deed::Ban { before, after, .. } => {
            let (kind, edit) = change(after, before).ok_or(NotDone::NothingToTakeBack)?;
            let changed_since = |error| NotDone::ChangedSince(kind, error);
            let line = change_file(opened, kind, &edit, changed_since)?.line;
            let own = edit.clone();
            let act = opened.taken_back(act, now, move |store| {
                note_own(store, kind, &own, now)?;
                Ok(None)
            })?;
            (Done::Banned { kind, line, edit, held: Vec::new() }, act)
        }
        Deed::Approve { subject: id, before } | Deed::Refuse { subject: id, before, .. } => {
            let held_for = before.parse().unwrap_or(Reason::Approval);
            let settings = &opened.settings;
            let one_name_an_address = (!settings.multiple_users_per_email).then_some(settings.email_identity);
            let is_running = desk_is_running(opened.folder.path());
            let act = opened.taken_back(act, now, move |store| {
                Ok(match store.decide_anew(id, held_for, one_name_an_address)? {
                    TakenBack::Yes => None,
                    // A crash left it so, and the next start sends it again.
                    TakenBack::InHands if !is_running => Some(NotDone::Mailed(id)),
                    TakenBack::Mailed => Some(NotDone::Mailed(id)),
                    TakenBack::InHands => Some(NotDone::InHands(id)),
                    TakenBack::Erased => Some(NotDone::Erased(id)),
                    TakenBack::Gone => Some(NotDone::Gone(id)),
                })
            })?;
            (Done::WaitsAgain(id), act)
        }
        Deed::Invite { subject: id } => {
            let act = opened.taken_back(act, now, move |store| {
                Ok(match store.take_invitation_back(id, now)? {
                    TakenFrom::Yes => None,
                    TakenFrom::Made => Some(NotDone::AccountMade(id)),
                    TakenFrom::Erased => Some(NotDone::Erased(id)),
                })
            })?;
            (Done::Uninvited(id), act)
        }
        Deed::Pause => {
            let act = opened.taken_back(act, now, |store| store.pause(None).map(|_| None))?;
            (paused(opened, false, true), act)
        }
        Deed::Resume { before } => {
            let act = opened.taken_back(act, now, move |store| store.pause(Some(before)).map(|_| None))?;
            (paused(opened, true, true), act)
        }
        Deed::Surge { before, .. } => {
            let act =
                opened.taken_back(act, now, move |store| store.set_surge_mode(before).map(|()| None))?;
            (Done::Surge(before), act)
        }
        Deed::Lift { subject, before } => {
            let act = opened.taken_back(act, now, move |store| store.count_again(&before).map(|()| None))?;
            (Done::CoolsDown(subject), act)
        }
        Deed::Suppress { subject: address } => {
            let email = EmailAddress::parse(&address).map_err(|_| NotDone::NothingToTakeBack)?;
            let act = opened
                .taken_back(act, now, move |store| store.lift_suppression(&email, now).map(|_| None))?;
            (Done::Suppressed { address, is_suppressed: false }, act)
        }
        Deed::LiftSuppression { subject: address, before } => {
            let email = EmailAddress::parse(&address).map_err(|_| NotDone::NothingToTakeBack)?;
            let act = opened.taken_back(act, now, move |store| {
                store.suppress(&email, &before.how, before.since).map(|_| None)
            })?;
            (Done::Suppressed { address, is_suppressed: true }, act)
        }
        other => return Err(NotDone::Final(Box::new(other))),
    };
    Ok(Outcome { done, act: Some(act) })
}

/// Does again what an act took back.
pub fn redo(opened: &Opened, taken_back: i64, deed: Deed, now: DateTime<Utc>) -> Result<Outcome, NotDone> {
    let is_suppress = matches!(deed, Deed::Suppress { .. });
    let outcome = match deed {
        Deed::Ban { before, after, .. } => {
            let (kind, edit) = change(before, after).ok_or(NotDone::NothingToDoAgain)?;
            ban(opened, kind, &edit, true, now)?
        }
        Deed::Approve { subject, .. } => approve(opened, subject, now)?,
        Deed::Refuse { subject, after, .. } => refuse(opened, subject, after.as_deref(), now)?,
        Deed::Pause => pause(opened, true, now)?,
        Deed::Resume { .. } => pause(opened, false, now)?,
        Deed::Surge { after, .. } => surge(opened, after, now)?,
        Deed::Lift { subject, .. } => {
            let email = EmailAddress::parse(&subject).map_err(|_| NotDone::NothingToDoAgain)?;
            lift(opened, &email, now)?
        }
        Deed::Suppress { subject } | Deed::LiftSuppression { subject, .. } => {
            let email = EmailAddress::parse(&subject).map_err(|_| NotDone::NothingToDoAgain)?;
            suppress(opened, &email, is_suppress, now)?
        }
        _ => return Err(NotDone::NothingToDoAgain),
    };
    let by = outcome.act;
    opened.store.write(move |store| store.note_redone(taken_back, by, now))?;
    Ok(outcome)
}
