//! An address is proved: whoever has the link that was mailed there says so.

use crate::domain::{LinkSecret, Mxid, Reason, Refusal};
use crate::policy::{Judgement, Moment};
use crate::store::{AnswerLetter, HeldRequest, LinkKind, StoreError};
use crate::text::Language;

use super::facts::judge_waiting;
use super::{Desk, PATIENCE};

/// What a link to prove an address leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proved {
    /// No such link was ever given out.
    Unknown,
    /// It has had its time, or its request has ended.
    Over,
    /// It can be proved: for this account.
    CanBe(Mxid),
    /// It is proved, and the request waits, for this reason.
    Waits(Mxid, Reason),
    /// It is proved, and accepted at once.
    Accepted(Mxid),
    /// It is proved, and cannot be granted, now or ever.
    Refused(Refusal),
}

impl Desk {
    fn proof(&self, secret: &LinkSecret) -> Result<Result<HeldRequest, Proved>, StoreError> {
        let now = self.clock.now();
        self.premises.store.read(|store| {
            let Some(link) = store.link(LinkKind::Proof, secret)? else { return Ok(Err(Proved::Unknown)) };
            let held = link.request_id.map(|id| store.held_request(id)).transpose()?.flatten();
            Ok(match held {
                Some(held) if held.reason == Reason::Unproven && link.is_open(now) => Ok(held),
                Some(held) if held.reason != Reason::Unproven => Err(self.waits(&held)),
                _ => Err(Proved::Over),
            })
        })
    }

    fn mxid(&self, held: &HeldRequest) -> Option<Mxid> {
        let server = self.premises.settings.load().homeserver.clone();
        held.username.clone().map(|localpart| Mxid { localpart, server })
    }

    fn waits(&self, held: &HeldRequest) -> Proved {
        self.mxid(held).map_or(Proved::Over, |mxid| Proved::Waits(mxid, held.reason))
    }

    /// What this link would prove. Changes nothing.
    pub fn look_at_proof(&self, secret: &LinkSecret) -> Result<Proved, StoreError> {
        Ok(match self.proof(secret)? {
            Ok(held) => self.mxid(&held).map_or(Proved::Over, Proved::CanBe),
            Err(other) => other,
        })
    }

    /// Proves it. The homeserver is asked first, since it may be accepted at once.
    pub fn prove(&self, secret: &LinkSecret) -> Result<Proved, StoreError> {
        let held = match self.proof(secret)? {
            Ok(held) => held,
            Err(other) => return Ok(other),
        };
        let (now, Some(mxid)) = (self.clock.now(), self.mxid(&held)) else { return Ok(Proved::Over) };
        let answer = Some(self.ask(&mxid.localpart, self.clock.monotonic() + PATIENCE, now));
        let (settings, lists) = (self.premises.settings.load_full(), self.premises.bans.current());
        let (hash, message_id) = (secret.hash(), self.message_id());
        self.premises.store.write(move |store| {
            let judged = judge_waiting(store, &held, answer, (&settings, &lists), Moment::Proved, now)?;
            let proved = match judged {
                // The link stays good until there is room, or the homeserver answers.
                Judgement::Refuse(refusal) if refusal.passes_by_itself() => {
                    return Ok(Proved::Refused(refusal));
                }
                Judgement::Refuse(refusal) => {
                    let words = refused(held.language, settings.homeserver.as_str(), &refusal);
                    let letter = AnswerLetter { kind: "refusal", to: held.email.clone(), message_id, words };
                    store.end_waiting(&held, refusal.reason(), &refusal.operator_text(), &letter, now)?;
                    Proved::Refused(refusal)
                }
                Judgement::Accept(terms) => match terms.hold {
                    Some(why) => {
                        store.note_proved(&held, why.reason(), why.operator_text().as_deref())?;
                        Proved::Waits(mxid, why.reason())
                    }
                    None if store.approve(&held, &message_id, now, now)? => Proved::Accepted(mxid),
                    None => Proved::Over,
                },
                // The moment knows all there is to know.
                Judgement::Look | Judgement::Ask(_) | Judgement::Repeat { .. } => return Ok(Proved::Over),
            };
            store.end_link(&hash, "used", now)?;
            Ok(proved)
        })
    }
}

/// What somebody reads whose request had to wait, and cannot be granted any more.
pub(super) fn refused(t: Language, homeserver: &str, refusal: &Refusal) -> String {
    t.no_longer(homeserver, &*refusal.applicant_text(t)) + "\n"
}
