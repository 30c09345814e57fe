//! What is written down of a request: accepted or held, asked once more, or refused.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::alarms::Trouble;
use crate::config::Settings;
use crate::domain::{
    Channel, EmailAddress, Hold, Language, Localpart, MessageId, Mxid, Reason, Receipt, Refusal,
    TokenRequest, Verdict, escaped,
};
use crate::policy::{Facts, Judgement, Terms};
use crate::store::{AnswerLetter, LINK_HERE, MailOutcome, PROOF, Record, StoreError, Writing};

use super::facts::{Source, judge_anew, may_be_mailed};
use super::mails::may_be_answered;
use super::receipts::receipt;
use super::{Case, Desk};

/// Of what is not a name or an address, so many characters are kept.
pub(super) const TYPED_CHARS: usize = 300;

impl Desk {
    /// One transaction: all facts again, the judgement again, and what follows from it. The inner error: what was known
    /// had changed meanwhile.
    pub(super) fn write_down(&self, case: &Case) -> Result<Result<Verdict, Box<Facts>>, StoreError> {
        let (request, mut facts) = (case.request.clone(), case.facts.clone());
        let (premises, clock, message_id) =
            (Arc::clone(&self.premises), Arc::clone(&self.clock), self.message_id());
        let written = self.premises.store.write(move |store| {
            let (at, source) = (clock.reading(), Source::Store(store));
            let (judged, now) = (judge_anew(&premises, &mut facts, source, at)?, at.wall);
            let Judgement::Accept(terms) = judged else { return Ok(Err(Box::new(facts))) };
            let settings = premises.settings.load();
            let held = terms.hold.as_ref().map(Hold::reason);
            let verdict = held.map_or(Verdict::Accepted, Verdict::Held);
            // What it takes the place of ends, whether its address is known or not.
            if !makes_way(store, &request, now)? {
                return Ok(Ok(verdict));
            }
            if let Some(known) = &terms.hidden {
                let id = conceal(store, &request, known, &settings, message_id, now)?;
                store.note_would_be_held(id, held)?;
                give_receipt(store, &request, id)?;
                return Ok(Ok(verdict));
            }
            let id = record(store, &request, &terms, &message_id, &settings, now)?;
            give_receipt(store, &request, id)?;
            Ok(Ok(verdict))
        });
        if let Ok(Ok(verdict)) = &written {
            let (username, channel) = (case.request.shown_name(), case.request.channel.word());
            tracing::info!(username, channel, "{}", verdict.word());
            self.premises.metrics.judged(case.request.channel, verdict);
        }
        self.note_store(written)
    }

    /// A new one of the desk's own.
    pub(super) fn message_id(&self) -> MessageId {
        let settings = self.premises.settings.load();
        MessageId::generate(&mut UnwrapErr(SysRng), &settings.from.address, &settings.homeserver)
    }

    pub(super) fn repeated(
        &self,
        request: TokenRequest,
        of: i64,
        held: Option<Reason>,
    ) -> Result<Verdict, StoreError> {
        let verdict = held.map_or(Verdict::Accepted, Verdict::Held);
        self.premises.metrics.judged(request.channel, &verdict);
        let now = self.now();
        let written = self.premises.store.write(move |store| {
            if makes_way(store, &request, now)?
                && let Some(id) = store.record_repeat(&request, of, &as_before(of))?
            {
                give_receipt(store, &request, id)?;
            }
            let outcome = if held.is_some() { MailOutcome::Held } else { MailOutcome::Done };
            request
                .mail
                .as_ref()
                .map_or(Ok(()), |mail| store.mail_decided(mail, Some(&request.email), outcome, Some(of)))
        });
        self.note_store(written)?;
        Ok(verdict)
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
        let (username, email) = (escaped(username, TYPED_CHARS), escaped(email, TYPED_CHARS));
        let why = (refusal.reason(), refusal.operator_text());
        self.keep_refusal(record_of((self.now(), channel, ip), username, email, None, why), None, refusal)
    }

    /// The refusal of a mail is kept by the letter box, together with what it answers.
    pub(super) fn refused(&self, request: &TokenRequest, refusal: Refusal) -> Verdict {
        if request.mail.is_some() {
            return Verdict::Refused(refusal);
        }
        let came = (request.received_at, request.channel, request.ip);
        let (username, email) = (request.shown_name().to_owned(), request.email.as_typed().to_owned());
        let why = (refusal.reason(), refusal.operator_text());
        let language = request.language;
        let record = Record { language, ..record_of(came, username, email, Some(&request.email), why) };
        self.keep_refusal(record, request.answer.clone(), refusal)
    }

    fn keep_refusal(&self, record: Record, answer: Option<String>, refusal: Refusal) -> Verdict {
        let (channel, code, verdict) = (record.channel, refusal.code(), Verdict::Refused(refusal));
        self.premises.metrics.judged(channel, &verdict);
        let kept = self.thinning.lock().unwrap_or_else(PoisonError::into_inner).note(record.received_at);
        if let Some(stands_for) = kept {
            tracing::info!(reason = code, channel = channel.word(), "refused");
            let record = Record { stands_for, ..record };
            self.premises.store.write_later(move |store| {
                let id = store.record_refusal(&record)?;
                store.note_answer(id, answer.as_deref())
            });
        }
        verdict
    }

    /// Makes sure that the store can be written to.
    pub fn probe_store(&self) -> Result<(), StoreError> {
        let now = self.now();
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
    format!("{SAME_AGAIN} {first}")
}

const SAME_AGAIN: &str = "the same again: answered as request";

/// The request that this one was answered like, by what is kept for the operator.
pub fn repeated_of(detail: &str) -> Option<i64> {
    detail.strip_prefix(SAME_AGAIN)?.trim().parse().ok()
}

/// Ends the request that this one takes the place of. False: somebody was first, and nothing is written down.
fn makes_way(store: &Writing<'_>, request: &TokenRequest, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let Some(Receipt { hash, corrects: Some(old) }) = request.receipt else { return Ok(true) };
    let shown = receipt(store, &hash, now)?.filter(|shown| shown.of.request == old && shown.is_correctable);
    let Some(shown) = shown else { return Ok(false) };
    // What was mailed to another address stays counted there.
    let same_mailbox =
        EmailAddress::parse(&shown.of.email).is_ok_and(|email| email.mailbox() == request.email.mailbox());
    store.end_request(old, Reason::Corrected, !same_mailbox, now)?;
    Ok(true)
}

fn give_receipt(store: &Writing<'_>, request: &TokenRequest, id: i64) -> Result<(), StoreError> {
    request.receipt.map_or(Ok(()), |receipt| store.give_receipt(&receipt, id, request.received_at))
}

/// When it came, by which door, and whence.
pub(super) type Came = (DateTime<Utc>, Channel, Option<IpAddr>);

/// A refusal as it is kept.
pub(super) fn record_of(
    (received_at, channel, ip): Came,
    username: String,
    email: String,
    parsed_email: Option<&EmailAddress>,
    (reason, detail): (Reason, String),
) -> Record {
    let parsed_email = parsed_email.cloned();
    Record {
        received_at,
        channel,
        username,
        email,
        parsed_email,
        ip,
        held: false,
        reason,
        detail,
        stands_for: 1,
        language: Language::default(),
    }
}

/// Keeps what is refused though the applicant is answered as if it were not; within its budgets, the owner of the address is
/// told. Returns its number.
fn conceal(
    store: &Writing<'_>,
    request: &TokenRequest,
    known: &Refusal,
    settings: &Settings,
    message_id: MessageId,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let came = (request.received_at, request.channel, request.ip);
    let (username, email) = (request.shown_name().to_owned(), request.email.as_typed().to_owned());
    let why = (known.reason(), known.operator_text());
    let language = request.language;
    let record = Record { language, ..record_of(came, username, email, Some(&request.email), why) };
    let id = store.record_refusal(&record)?;
    store.note_answer(id, request.answer.as_deref())?;
    if !may_be_mailed(store, &request.email, settings, now)?
        || !may_be_answered(store, &request.email, "refusal", now)?
    {
        return Ok(id);
    }
    let words = request.language.address_is_known(settings.homeserver.as_str()) + "\n";
    let letter = AnswerLetter { kind: "refusal", to: request.email.clone(), message_id, words };
    store.queue_answer(Some(id), &letter, None, now)?;
    Ok(id)
}

/// What the email says by which an address is proved; the link is made when it goes out.
fn proof_words(settings: &Settings, language: Language, name: &Localpart) -> String {
    let mxid = Mxid { localpart: name.clone(), server: settings.homeserver.clone() };
    language.prove_address(&*mxid.to_string(), settings.homeserver.as_str(), LINK_HERE) + "\n"
}

/// Writes down what is accepted or held, and ends what lapses for it. Returns its number.
pub(super) fn record(
    store: &Writing<'_>,
    request: &TokenRequest,
    terms: &Terms,
    message_id: &MessageId,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    for id in &terms.lapse_names {
        store.lapse_name(*id, now)?;
    }
    for id in &terms.lapse_addresses {
        store.lapse_address(*id, now)?;
    }
    let own_id = terms.hold.is_none().then_some(message_id.as_str());
    let recorded = store.record_accepted(request, terms.again, own_id)?;
    if let Some(hold) = &terms.hold {
        store.note_hold(recorded.request_id, hold.reason(), hold.operator_text().as_deref())?;
    }
    if let (Some(Hold::Unproven(next)), Some(name)) = (&terms.hold, &request.username) {
        let (to, message_id) = (request.email.clone(), message_id.clone());
        let words = proof_words(settings, request.language, name);
        let letter = AnswerLetter { kind: PROOF, to, message_id, words };
        store.ask_for_proof(
            recorded.request_id,
            *next,
            &letter,
            request.mail.as_ref(),
            request.received_at,
        )?;
    }
    let Some(mail) = &request.mail else { return Ok(recorded.request_id) };
    if let Some(letter_id) = recorded.letter_id {
        store.letter_answers(letter_id, mail)?;
    }
    let outcome = if terms.hold.is_some() { MailOutcome::Held } else { MailOutcome::Done };
    store.mail_decided(mail, Some(&request.email), outcome, Some(recorded.request_id))?;
    Ok(recorded.request_id)
}
