//! What is written down of a mail that makes no request, or whose request is refused.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{
    Channel, EmailAddress, Hold, Language, Reason, Refusal, RequestMail, Verdict, escaped, printable,
};
use crate::policy::{Facts, Judgement};
use crate::store::{AnswerLetter, Answered, MailOutcome, Reading, Record, StoreError};

use super::Desk;
use super::facts::{Source, judge_anew, may_be_mailed};
use super::records::{TYPED_CHARS, record_of};

/// Answers without a token: to an address and to a domain in a day, to all in an hour. Help goes to an address once a week.
const TO_ADDRESS: u64 = 3;
const TO_DOMAIN: u64 = 20;
const TO_ALL: u64 = 60;

impl Desk {
    /// Keeps a refusal, its answer where one may go out, and that the mail is dealt with: one transaction. `name` is
    /// what the mail says that it wants; `answer` is of which kind, and its words.
    pub fn refuse_mail(
        &self,
        mail: RequestMail,
        from: &EmailAddress,
        name: &str,
        refusal: &Refusal,
        answer: Option<(&'static str, String)>,
    ) -> Result<MailOutcome, StoreError> {
        let (now, from, settings) = (self.now(), from.clone(), self.premises.settings.load_full());
        let record =
            record_of_mail(now, &from, name, mail.language, (refusal.reason(), refusal.operator_text()));
        let letter = answer.map(|(kind, words)| AnswerLetter {
            kind,
            to: from.clone(),
            message_id: self.message_id(),
            words,
        });
        tracing::info!(reason = refusal.code(), channel = Channel::Email.word(), "refused");
        let outcome = self.premises.store.write(move |store| {
            let request_id = store.record_refusal(&record)?;
            if let Some(letter) = letter
                && may_be_answered(store, &from, letter.kind, now)?
                && may_be_mailed(store, &from, &settings, now)?
            {
                store.queue_answer(Some(request_id), &letter, Some(&mail), now)?;
            }
            store.mail_decided(&mail, Some(&from), MailOutcome::Done, Some(request_id))?;
            Ok(MailOutcome::Done)
        })?;
        self.premises.metrics.judged(Channel::Email, &Verdict::Refused(refusal.clone()));
        Ok(outcome)
    }

    /// Keeps a mail without a name that is clear: for the operator, where nothing speaks against it. It lies in the folder
    /// `Held` then. None: its time has not come.
    pub fn hold_mail(
        &self,
        mail: RequestMail,
        from: &EmailAddress,
        name: &str,
        hold: Hold,
    ) -> Result<Option<MailOutcome>, StoreError> {
        let (at, from, premises) = (self.clock.reading(), from.clone(), Arc::clone(&self.premises));
        let now = at.wall;
        let name = name.to_owned();
        let judged = self.premises.store.write(move |store| {
            let (email, hold_it, source) = (Some(from.clone()), Some(hold.clone()), mail.source());
            let mut facts = Facts { email, hold: hold_it, source, ..Facts::default() };
            let (why, verdict) = match judge_anew(&premises, &mut facts, Source::Store(store), at)? {
                Judgement::Refuse(refusal) if refusal.passes_by_itself() => {
                    store.mail_deferred(mail.id)?;
                    return Ok(None);
                }
                Judgement::Refuse(refusal) => {
                    ((refusal.reason(), refusal.operator_text()), Verdict::Refused(refusal))
                }
                Judgement::Accept(_) | Judgement::Look | Judgement::Ask(_) | Judgement::Repeat { .. } => {
                    let reason = hold.reason();
                    ((reason, hold.operator_text().unwrap_or_default()), Verdict::Held(reason))
                }
            };
            let waits = matches!(verdict, Verdict::Held(_));
            // One that is refused for being too many is to be answered all the same, unlike one of somebody banned.
            let in_held = waits || why.0 == Reason::Malformed;
            let outcome = if in_held { MailOutcome::Held } else { MailOutcome::Done };
            let record = Record { held: waits, ..record_of_mail(now, &from, &name, mail.language, why) };
            let channel = Channel::Email.word();
            tracing::info!(reason = record.reason.word(), channel, "a mail that asks for no clear name");
            let id = store.record_refusal(&record)?;
            store.mail_decided(&mail, Some(&from), outcome, Some(id))?;
            Ok(Some((outcome, verdict)))
        })?;
        Ok(judged.map(|(outcome, verdict)| {
            self.premises.metrics.judged(Channel::Email, &verdict);
            outcome
        }))
    }
}

fn record_of_mail(
    now: DateTime<Utc>,
    from: &EmailAddress,
    name: &str,
    language: Language,
    (reason, why): (Reason, String),
) -> Record {
    let (name, email) = (escaped(name, TYPED_CHARS), escaped(from.as_typed(), TYPED_CHARS));
    let why = (reason, printable(&why, TYPED_CHARS));
    Record { language, ..record_of((now, Channel::Email, None), name, email, Some(from), why) }
}

pub(super) fn may_be_answered(
    store: &Reading<'_>,
    to: &EmailAddress,
    kind: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let since = |whom, hours| store.answers_since(whom, now - TimeDelta::hours(hours));
    Ok(since(Answered::Address(to), 24)? < TO_ADDRESS
        && since(Answered::Domain(to), 24)? < TO_DOMAIN
        && since(Answered::Anybody, 1)? < TO_ALL
        && (kind != "help" || since(Answered::WithHelp(to), 7 * 24)? == 0))
}
