//! What is written down of a request: accepted or held, asked once more, or refused.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::alarms::Trouble;
use crate::config::Settings;
use crate::domain::{Channel, MessageId, Refusal, TokenRequest, Verdict, printable};
use crate::policy::{Facts, Judgement, judge};
use crate::store::{MailOutcome, Record, StoreError, Writing};

use super::facts::{look_up, rules};
use super::waiting::too_many;
use super::{Case, Desk};

/// Of what is not a name or an address, so many characters are kept.
const TYPED_CHARS: usize = 300;

/// What became of writing it down.
pub(super) enum Written {
    Done(Verdict),
    /// What was known had changed meanwhile.
    Changed(Box<Facts>),
    /// Too many are held already.
    Full(Refusal),
}

impl Desk {
    /// One transaction: what is known again, the judgement again, and what follows from it.
    pub(super) fn write_down(
        &self,
        case: &Case,
        settings: &Arc<Settings>,
        now: DateTime<Utc>,
    ) -> Result<Written, StoreError> {
        let (request, known, settings) = (case.request.clone(), case.facts.clone(), Arc::clone(settings));
        let mut rng = rand::rand_core::UnwrapErr(rand::rngs::SysRng);
        let message_id = MessageId::generate(&mut rng, &settings.from.address, &settings.homeserver);
        let written = self.premises.store.write(move |store| {
            let mut facts = known;
            look_up(store, &request, &settings, now, &mut facts)?;
            match judge(&request.username, &facts, &rules(&settings, &request), now) {
                Judgement::Accept { held, again, lapse_names, lapse_addresses } => {
                    if held && let Some(which) = too_many(store, request.ip)? {
                        let retry_after = Duration::from_secs(24 * 3600);
                        return Ok(Written::Full(Refusal::RateLimited { retry_after, which }));
                    }
                    for id in lapse_names {
                        store.lapse_name(id, now)?;
                    }
                    for id in lapse_addresses {
                        store.lapse_address(id, now)?;
                    }
                    record(store, &request, again, (!held).then_some(&message_id))?;
                    Ok(Written::Done(if held { Verdict::Held } else { Verdict::Accepted }))
                }
                _ => Ok(Written::Changed(Box::new(facts))),
            }
        });
        if let Ok(Written::Done(verdict)) = &written {
            tracing::info!(
                username = case.request.username.as_str(),
                channel = case.request.channel.word(),
                "{}",
                verdict.word()
            );
        }
        self.note_store(written)
    }

    pub(super) fn repeated(&self, request: TokenRequest, of: i64, held: bool) -> Result<Verdict, StoreError> {
        if let Some(mail) = request.mail.clone() {
            let outcome = if held { MailOutcome::Held } else { MailOutcome::Done };
            let written = self.premises.store.write(move |store| {
                store.record_repeat(&request, of, &as_before(of))?;
                store.mail_decided(&mail, Some(&request.email), outcome, Some(of))
            });
            self.note_store(written)?;
        } else {
            self.premises.store.write_later(move |store| store.record_repeat(&request, of, &as_before(of)));
        }
        Ok(if held { Verdict::Held } else { Verdict::Accepted })
    }

    /// Turns away what was found out to be wrong at the door itself: no name, no address, another site's form.
    pub fn turn_away(
        &self,
        channel: Channel,
        ip: Option<IpAddr>,
        username: &str,
        email: &str,
        refusal: Refusal,
    ) -> Verdict {
        self.keep_refusal(
            Record {
                received_at: self.clock.now(),
                channel,
                username: printable(username, TYPED_CHARS),
                email: printable(email, TYPED_CHARS),
                parsed_email: None,
                ip,
                reason: refusal.code(),
                detail: refusal.operator_text(),
                stands_for: 1,
            },
            refusal,
        )
    }

    /// The refusal of a mail is kept by the letter box, together with what it answers.
    pub(super) fn refused(&self, request: &TokenRequest, refusal: Refusal) -> Verdict {
        if request.mail.is_some() {
            return Verdict::Refused(refusal);
        }
        self.keep_refusal(
            Record {
                received_at: request.received_at,
                channel: request.channel,
                username: request.username.to_string(),
                email: request.email.as_typed().to_owned(),
                parsed_email: Some(request.email.clone()),
                ip: request.ip,
                reason: refusal.code(),
                detail: refusal.operator_text(),
                stands_for: 1,
            },
            refusal,
        )
    }

    fn keep_refusal(&self, mut record: Record, refusal: Refusal) -> Verdict {
        let kept = self.thinning.lock().unwrap_or_else(PoisonError::into_inner).note(record.received_at);
        if let Some(stands_for) = kept {
            record.stands_for = stands_for;
            tracing::info!(reason = record.reason, channel = record.channel.word(), "refused");
            self.premises.store.write_later(move |store| store.record_refusal(&record).map(drop));
        }
        Verdict::Refused(refusal)
    }

    /// Makes sure that the store can be written to.
    pub fn probe_store(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let probed = self.premises.store.write(move |store| store.probe(now));
        self.note_store(probed)
    }

    fn note_store<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        match &result {
            Ok(_) => self.premises.alarms.clear(Trouble::Store),
            Err(error) => self.premises.alarms.raise(Trouble::Store, error.to_string()),
        }
        result
    }
}

/// For the operator, of a request that is answered like one before it.
fn as_before(first: i64) -> String {
    format!("the same again: answered as request {first}")
}

fn record(
    store: &Writing<'_>,
    request: &TokenRequest,
    again: Option<i64>,
    message_id: Option<&MessageId>,
) -> Result<(), StoreError> {
    let recorded = store.record_accepted(request, again, message_id.map(MessageId::as_str))?;
    if let Some(mail) = &request.mail {
        if let Some(letter_id) = recorded.letter_id {
            store.letter_answers(letter_id, mail)?;
        }
        let outcome = if recorded.letter_id.is_some() { MailOutcome::Done } else { MailOutcome::Held };
        store.mail_decided(mail, Some(&request.email), outcome, Some(recorded.request_id))?;
        if let Some(why) = &mail.hold {
            store.note_request_detail(recorded.request_id, why)?;
        }
    }
    Ok(())
}
