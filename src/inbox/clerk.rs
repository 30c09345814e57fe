//! Decides a mail, once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chrono::TimeDelta;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::config::{Imap, Settings, UnverifiedSenders};
use crate::desk::{Desk, Knock, Looked, PATIENCE, hold_without_name};
use crate::domain::{
    Channel, EmailAddress, Localpart, MessageId, Refusal, RequestMail, TokenRequest, Verdict, printable,
};
use crate::store::{AnswerLetter, Answered, MailKey, MailOutcome, Record, StoreError};

use super::answers::Answer;
use super::authentication::Proof;
use super::meaning::{LetterBox, Meaning, Understood, understand};

/// A mail that could not be read so often goes to `Failed`.
const ATTEMPTS: u32 = 3;

/// The same Message-ID from the same sender within this is the same mail, delivered twice.
const SAME_MAIL: TimeDelta = TimeDelta::days(7);

/// Answers without a token: to an address and to a domain in a day, to all in an hour. Help goes to an address once a week.
const TO_ADDRESS: u64 = 3;
const TO_DOMAIN: u64 = 20;
const TO_ALL: u64 = 60;

/// What became of a mail.
pub(super) struct Decided {
    pub outcome: MailOutcome,
    /// Not only now.
    pub before: bool,
}

/// Decides what becomes of mails.
pub(super) struct Clerk {
    pub desk: Arc<Desk>,
    pub clock: Arc<dyn Clock>,
}

impl Clerk {
    /// Decides a mail. When this returns, what was decided is on disk, its answer included. None: its time has not come.
    pub(super) fn decide(
        &self,
        bytes: &[u8],
        key: &MailKey,
        imap: &Imap,
        settings: &Arc<Settings>,
    ) -> Result<Option<Decided>, StoreError> {
        let now = self.clock.now();
        let (digest, noted_key) = (Sha256::digest(bytes).to_vec(), key.clone());
        let store = &self.desk.premises().store;
        let noted = store.write(move |store| store.note_mail(&noted_key, &digest, now))?;
        if let Some(outcome) = noted.outcome {
            return Ok(Some(Decided { outcome, before: true }));
        }
        let fresh = |outcome| Decided { outcome, before: false };
        let nothing_known =
            RequestMail { id: noted.id, message_id: None, references: Vec::new(), hold: None };
        if noted.attempts > ATTEMPTS {
            tracing::warn!(mail = key.uid, "a mail cannot be read: it is moved to Failed");
            return self.file(nothing_known, None, MailOutcome::Failed).map(fresh).map(Some);
        }
        let letter_box = LetterBox {
            address: imap.address.clone(),
            own: EmailAddress::parse(&settings.from.address).into_iter().collect(),
            server: settings.homeserver.clone(),
            trusted_authserv_ids: imap.trusted_authserv_ids.clone(),
        };
        let Ok(understood) = catch_unwind(AssertUnwindSafe(|| understand(bytes, &letter_box))) else {
            return Ok(None);
        };
        let mail = RequestMail {
            message_id: understood.mail.message_id.clone(),
            references: understood.mail.references.clone(),
            ..nothing_known
        };
        Ok(self.act(&understood, mail, imap, settings)?.map(fresh))
    }

    fn act(
        &self,
        understood: &Understood,
        mail: RequestMail,
        imap: &Imap,
        settings: &Settings,
    ) -> Result<Option<MailOutcome>, StoreError> {
        let from = match (&understood.meaning, &understood.mail.from) {
            (Meaning::Failed(failure), _) => {
                let (failure, now) = (failure.clone(), self.clock.now());
                return self.desk.premises().store.write(move |store| {
                    let mut ours = false;
                    for letter in &failure.letters {
                        ours |= store.letter_bounced(letter, &failure.words, now)?;
                    }
                    let outcome = if ours { MailOutcome::Done } else { MailOutcome::Ignored };
                    store.mail_decided(&mail, None, outcome, None)?;
                    Ok(Some(outcome))
                });
            }
            (Meaning::Ignored(why), from) => {
                tracing::info!("a mail is not answered: {why}");
                return self.file(mail, from.as_ref().ok(), MailOutcome::Ignored).map(Some);
            }
            (_, Ok(from)) => from,
            (_, Err(_)) => return self.file(mail, None, MailOutcome::Ignored).map(Some),
        };
        let store = &self.desk.premises().store;
        let came_before = match &mail.message_id {
            Some(id) => {
                let since = self.clock.now() - SAME_MAIL;
                store.read(|store| store.mail_came_before(mail.id, id, from, since))?
            }
            None => false,
        };
        if came_before {
            tracing::info!("a mail is not answered: it came before");
            return self.file(mail, Some(from), MailOutcome::Ignored).map(Some);
        }
        let verified = understood.proof == Proof::Verified;
        if !verified && imap.unverified_senders == UnverifiedSenders::Ignore {
            tracing::info!("a mail is not answered: nobody has verified its sender");
            return self.file(mail, Some(from), MailOutcome::Ignored).map(Some);
        }
        match &understood.meaning {
            Meaning::Held(why, Some(name)) => {
                let mail = RequestMail { hold: Some((*why).to_owned()), ..mail };
                // If it may have been a machine, it is not told either why it gets nothing.
                self.request(name, from, mail, false, settings)
            }
            Meaning::Held(why, None) => self.hold(mail, from, "", why, settings).map(Some),
            Meaning::Request(name) if !verified && imap.unverified_senders == UnverifiedSenders::Hold => {
                let mail = RequestMail { hold: Some("nobody has verified its sender".into()), ..mail };
                self.request(name, from, mail, verified, settings)
            }
            Meaning::Request(name) => self.request(name, from, mail, verified, settings),
            Meaning::Unclear(names, problem) => {
                let words = names.join(", ");
                if verified {
                    let answer = Answer::help(problem, imap, settings);
                    self.refuse(mail, from, &words, "malformed", problem, Some(answer), settings).map(Some)
                } else {
                    self.hold(mail, from, &words, problem, settings).map(Some)
                }
            }
            Meaning::Failed(_) | Meaning::Ignored(_) => Ok(None),
        }
    }

    fn request(
        &self,
        name: &Localpart,
        from: &EmailAddress,
        mail: RequestMail,
        verified: bool,
        settings: &Settings,
    ) -> Result<Option<MailOutcome>, StoreError> {
        let request = TokenRequest {
            username: name.clone(),
            email: from.clone(),
            channel: Channel::Email,
            ip: None,
            received_at: self.clock.now(),
            mail: Some(mail.clone()),
        };
        let verdict = match self.desk.look(request, &Knock::default())? {
            Looked::Decided(verdict) => verdict,
            Looked::Ask(case) => self.desk.decide(case, self.clock.monotonic() + PATIENCE)?,
        };
        match verdict {
            Verdict::Accepted => Ok(Some(MailOutcome::Done)),
            Verdict::Held => Ok(Some(MailOutcome::Held)),
            Verdict::Refused(
                Refusal::Closed(..) | Refusal::HomeserverUnreachable { .. } | Refusal::RateLimited { .. },
            ) => {
                self.desk.premises().store.write(move |store| store.mail_deferred(mail.id))?;
                Ok(None)
            }
            Verdict::Refused(refusal) => {
                let answer = verified.then(|| Answer::refused(&refusal, settings));
                let (code, detail) = (refusal.code(), refusal.operator_text());
                self.refuse(mail, from, name.as_str(), code, &detail, answer, settings).map(Some)
            }
        }
    }

    /// One transaction: the refusal, its answer where one may go out, and that the mail is dealt with.
    #[expect(clippy::too_many_arguments, reason = "all of it is one row and its letter")]
    fn refuse(
        &self,
        mail: RequestMail,
        from: &EmailAddress,
        name: &str,
        reason: &'static str,
        detail: &str,
        answer: Option<Answer>,
        settings: &Settings,
    ) -> Result<MailOutcome, StoreError> {
        let now = self.clock.now();
        let record = self.record(from, name, reason, detail);
        let from = from.clone();
        let message_id =
            MessageId::generate(&mut UnwrapErr(SysRng), &settings.from.address, &settings.homeserver);
        tracing::info!(reason, channel = Channel::Email.word(), "refused");
        self.desk.premises().store.write(move |store| {
            let request_id = store.record_refusal(&record)?;
            if let Some(answer) = answer {
                let day = now - TimeDelta::hours(24);
                let may = store.answers_since(Answered::Address(&from), day)? < TO_ADDRESS
                    && store.answers_since(Answered::Domain(&from), day)? < TO_DOMAIN
                    && store.answers_since(Answered::Anybody, now - TimeDelta::hours(1))? < TO_ALL
                    && (answer.kind != "help"
                        || store.answers_since(Answered::WithHelp(&from), now - TimeDelta::days(7))? == 0);
                if may {
                    let letter =
                        AnswerLetter { kind: answer.kind, to: from.clone(), message_id, words: answer.words };
                    store.queue_answer(Some(request_id), &letter, Some(&mail), now)?;
                }
            }
            store.mail_decided(&mail, Some(&from), MailOutcome::Done, Some(request_id))?;
            Ok(MailOutcome::Done)
        })
    }

    /// For the operator: a request without a name that is clear, whose mail lies in the folder `Held`. Whoever is banned
    /// does not bother them.
    fn hold(
        &self,
        mail: RequestMail,
        from: &EmailAddress,
        name: &str,
        why: &str,
        settings: &Settings,
    ) -> Result<MailOutcome, StoreError> {
        if let Some(hit) = self.desk.premises().bans.current().email(from) {
            let detail = Refusal::EmailBanned(hit);
            return self.refuse(mail, from, name, detail.code(), &detail.operator_text(), None, settings);
        }
        let why = why.trim_end_matches('.');
        let detail = format!("{why}: answer its mail in Held by hand, and refuse this");
        let record = self.record(from, name, "malformed", &detail);
        let from = from.clone();
        tracing::info!("a mail waits for the operator in Held: {why}");
        self.desk.premises().store.write(move |store| {
            let request_id = hold_without_name(store, &record)?;
            store.mail_decided(&mail, Some(&from), MailOutcome::Held, Some(request_id))?;
            Ok(MailOutcome::Held)
        })
    }

    fn file(
        &self,
        mail: RequestMail,
        from: Option<&EmailAddress>,
        outcome: MailOutcome,
    ) -> Result<MailOutcome, StoreError> {
        let from = from.cloned();
        self.desk.premises().store.write(move |store| {
            store.mail_decided(&mail, from.as_ref(), outcome, None)?;
            Ok(outcome)
        })
    }

    fn record(&self, from: &EmailAddress, name: &str, reason: &'static str, detail: &str) -> Record {
        Record {
            received_at: self.clock.now(),
            channel: Channel::Email,
            username: printable(name, 300),
            email: printable(from.as_typed(), 300),
            parsed_email: Some(from.clone()),
            ip: None,
            reason,
            detail: printable(detail, 300),
            stands_for: 1,
        }
    }
}
