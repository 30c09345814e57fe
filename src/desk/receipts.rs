//! What became of a request, as its applicant is shown it, and for how long they can correct it.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{LinkHash, LinkSecret, Reason};
use crate::policy::HELD_LAPSES_AFTER;
use crate::store::{LetterState, LinkKind, NewAct, Progress, Reading, StoreError, TIME_TO_PROVE, Unasked};

use super::Desk;

/// For so long what was typed can be corrected.
const CORRECTABLE: TimeDelta = TimeDelta::minutes(30);

/// How far a request has come.
#[derive(Debug, Clone, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Stage {
    /// It waits.
    Held {
        /// For what.
        waits: Reason,
        /// How many wait for the same and came before.
        before: u64,
    },
    /// Its email waits to be sent.
    Queued,
    /// The mail server has taken it.
    Sent,
    /// It does not arrive, in the mail server's words.
    Failed(Option<String>),
    /// Its link was opened.
    Opened,
    /// There is an account.
    Created,
    /// It came to nothing, for this reason where there is one to tell.
    Ended(Option<Reason>),
}

impl Stage {
    /// As scripts see it.
    pub fn word(&self) -> &'static str {
        self.into()
    }

    /// Whether nothing follows.
    pub fn is_last(&self) -> bool {
        matches!(self, Self::Created | Self::Ended(_))
    }
}

/// What a receipt shows.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The request.
    pub of: Progress,
    /// How far it has come.
    pub stage: Stage,
    /// Whether name and address can still be corrected.
    pub is_correctable: bool,
}

/// Whether it is refused for what nobody is to find out: no request that was taken is refused for that later.
fn is_concealed(of: &Progress) -> bool {
    let known = [Reason::EmailInUse, Reason::EmailCooldown, Reason::RateLimited];
    of.verdict == "refused" && of.reason.is_some_and(|reason| known.contains(&reason))
}

/// As far as one that is answered as if it were not refused would have come by itself: nobody decides it.
fn concealed_stage(store: &Reading<'_>, of: &mut Progress, now: DateTime<Utc>) -> Result<Stage, StoreError> {
    if let Some(waits) = of.would_be_held_for {
        let lapses_after = if waits == Reason::Unproven { TIME_TO_PROVE } else { HELD_LAPSES_AFTER };
        if now - of.received_at >= lapses_after {
            return Ok(Stage::Ended(Some(Reason::Lapsed)));
        }
        return Ok(Stage::Held { waits, before: store.held_before(of.request, waits)? });
    }
    if of.letter.is_some() {
        return Ok(letter_stage(of));
    }
    // Its owner gets none, for the budgets of the address.
    of.letter_ended_at = store.sent_like_others(of.received_at)?.filter(|at| *at <= now);
    Ok(if of.letter_ended_at.is_some() { Stage::Sent } else { Stage::Queued })
}

fn letter_stage(of: &Progress) -> Stage {
    match of.letter {
        None | Some(LetterState::Owed | LetterState::Sending) => Stage::Queued,
        Some(LetterState::Sent) if of.has_own_letter && of.opened_at.is_some() => Stage::Opened,
        Some(LetterState::Sent) => Stage::Sent,
        Some(LetterState::Failed) => Stage::Failed(of.last_answer.clone()),
        Some(LetterState::Dropped) => Stage::Ended(None),
    }
}

fn stage(store: &Reading<'_>, of: &mut Progress, now: DateTime<Utc>) -> Result<Stage, StoreError> {
    let account = of.made_at.is_some() || (of.has_own_letter && of.token_was_used);
    Ok(match of.verdict.as_str() {
        _ if account => Stage::Created,
        // Whoever asks for a stranger's mailbox is not told what its owner said of it.
        "refused" if of.reason == Some(Reason::Suppressed) => Stage::Sent,
        "refused" if is_concealed(of) => concealed_stage(store, of, now)?,
        "refused" => Stage::Ended(of.reason),
        "held" => {
            let waits = of.reason.unwrap_or(Reason::Approval);
            Stage::Held { waits, before: store.held_before(of.request, waits)? }
        }
        _ => letter_stage(of),
    })
}

/// Whether it can be corrected, by the link that was made then. What has taken up a name and address that were there before,
/// or was answered like one before it, may be a stranger's: that corrects nothing.
fn is_correctable(of: &Progress, stage: &Stage, made_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    of.is_first && !of.is_unsure && !stage.is_last() && (made_at..made_at + CORRECTABLE).contains(&now)
}

/// What the secret of this hash shows. None: nothing, or nothing any more.
pub(super) fn receipt(
    store: &Reading<'_>,
    hash: &LinkHash,
    now: DateTime<Utc>,
) -> Result<Option<Receipt>, StoreError> {
    let link = store.link_of_hash(LinkKind::Receipt, hash)?.filter(|link| link.is_open(now));
    let Some((link, id)) = link.and_then(|link| link.request_id.map(|id| (link, id))) else {
        return Ok(None);
    };
    let Some(mut of) = store.progress(id)? else { return Ok(None) };
    let stage = stage(store, &mut of, now)?;
    let is_correctable = is_correctable(&of, &stage, link.made_at, now);
    Ok(Some(Receipt { of, stage, is_correctable }))
}

impl Desk {
    /// What the receipt of this secret shows. None: there is none, or none any more.
    pub fn receipt(&self, secret: &LinkSecret) -> Result<Option<Receipt>, StoreError> {
        let (hash, now) = (secret.hash(), self.now());
        self.premises().store.read(|store| receipt(store, &hash, now))
    }

    /// What a not-me link is about, after it was done where somebody `acts` on it. None: there is no such link.
    pub fn not_me(&self, secret: &LinkSecret, acts: bool) -> Result<Option<Unasked>, StoreError> {
        let store = &self.premises().store;
        let unasked = store.read(|store| store.unasked(secret))?;
        match unasked {
            Some(unasked) if acts && !unasked.is_suppressed => {
                let (now, secret) = (self.now(), secret.clone());
                store.write(move |store| {
                    store.not_me(&secret, &unasked, now)?;
                    store.note_act(&NewAct::of_desk(
                        now,
                        "not_me",
                        Some(unasked.address.to_string()),
                        None,
                    ))?;
                    store.unasked(&secret)
                })
            }
            unasked => Ok(unasked),
        }
    }
}
