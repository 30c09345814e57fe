//! Decides a mail, once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::config::{Imap, Settings, UnverifiedSenders};
use crate::desk::{Desk, Knock};
use crate::domain::{
    Channel, EmailAddress, Field, Hold, LONGEST_ANSWER, Language, Localpart, Refusal, RequestMail,
    TokenRequest, Verdict, escaped,
};
use crate::store::{MailKey, MailOutcome, Returned, StoreError};

use super::answers;
use super::authentication::Proof;
use super::language::answered_in;
use super::meaning::{LetterBox, Meaning, Understood, understand};
use super::message::Mail;
use super::relay::relay;

/// A mail that could not be read so often goes to `Failed`.
const ATTEMPTS: u32 = 3;

/// The same Message-ID from the same sender within this is the same mail, delivered twice.
const SAME_MAIL: TimeDelta = TimeDelta::days(7);

/// Of a reply, so many characters are shown in lists; the whole lies in the folder `Held`.
const SAID: usize = 200;

/// Of a name that cannot be one, so many stand in the field where another is chosen.
const NAME: usize = 255;

/// What the sender wrote, as an answer to the operator's question.
fn own_words(text: &str) -> String {
    text.trim().replace('\r', "").chars().take(LONGEST_ANSWER).collect()
}

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
        let nothing_known = RequestMail {
            id: noted.id,
            message_id: None,
            references: Vec::new(),
            hold: None,
            to_prove: false,
            guess: String::new(),
            is_taken: false,
            relay: None,
            language: Language::default(),
        };
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
            relay: relay(&understood.mail.headers),
            language: answered_in(understood.language, settings),
            to_prove: understood.proof != Proof::Verified && !matches!(understood.meaning, Meaning::Held(..)),
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
                    let by_address = failure.tags.iter().map(Returned::To);
                    for returned in by_address.chain(failure.letters.iter().map(Returned::Naming)) {
                        ours |= store.letter_bounced(returned, &failure.recipients, &failure.words, now)?;
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
            tracing::info!("a mail is not answered: it was handled before");
            return self.file(mail, Some(from), MailOutcome::Ignored).map(Some);
        }
        let verified = understood.proof == Proof::Verified;
        if !verified && imap.unverified_senders == UnverifiedSenders::Ignore {
            tracing::info!("a mail is not answered: its sender is not verified");
            return self.file(mail, Some(from), MailOutcome::Ignored).map(Some);
        }
        let names_nobody = match &understood.meaning {
            Meaning::Unclear(names, _) => names.is_empty(),
            Meaning::Held(_, name) => name.is_none(),
            Meaning::Request(_) | Meaning::Failed(_) | Meaning::Ignored(_) => false,
        };
        if names_nobody && let Some(hold) = self.reply(&understood.mail)? {
            return self.desk.hold_mail(mail, from, "", hold);
        }
        let doubted =
            |why: &str, mail| RequestMail { hold: Some(Hold::UnverifiedSender(why.to_owned())), ..mail };
        match &understood.meaning {
            // If it may have been a machine, it is not told either why it gets nothing.
            Meaning::Held(why, Some(name)) => self.request(
                (Some(name), &understood.mail.text),
                from,
                doubted(why, mail),
                false,
                (imap, settings),
            ),
            Meaning::Held(why, None) => self.desk.hold_mail(mail, from, "", by_hand(why)),
            Meaning::Request(name) if !verified && imap.unverified_senders == UnverifiedSenders::Hold => {
                let mail = doubted("its sender is not verified", mail);
                self.request((Some(name), &understood.mail.text), from, mail, verified, (imap, settings))
            }
            Meaning::Request(name) => {
                self.request((Some(name), &understood.mail.text), from, mail, verified, (imap, settings))
            }
            // A name is chosen where the link leads, and what was read stands there already.
            Meaning::Unclear(names, _) if verified && self.desk.premises().links_lead_on() => {
                let guess = if let [name] = &names[..] { escaped(name, NAME) } else { String::new() };
                let mail = RequestMail { guess, ..mail };
                self.request((None, &understood.mail.text), from, mail, verified, (imap, settings))
            }
            Meaning::Unclear(names, problem) if verified => {
                let refusal = Refusal::Malformed { problems: vec![(Field::Username, problem.clone())] };
                let help = answers::help(mail.language, names, problem, imap, settings);
                self.desk.refuse_mail(mail, from, &names.join(", "), &refusal, Some(help)).map(Some)
            }
            Meaning::Unclear(names, problem) => {
                self.desk.hold_mail(mail, from, &names.join(", "), by_hand(&Language::English.flaw(problem)))
            }
            Meaning::Failed(_) | Meaning::Ignored(_) => Ok(None),
        }
    }

    /// Somebody answers an email of the desk, and asks for nothing: the operator reads it, and no machine answers.
    fn reply(&self, mail: &Mail) -> Result<Option<Hold>, StoreError> {
        let store = &self.desk.premises().store;
        let letter = store.read(|store| store.answered_letter(&mail.replies_to))?;
        Ok(letter.map(|letter| {
            let name = letter.username.map(|name| format!(" for {name}")).unwrap_or_default();
            let queued_at = letter.created_at.format("%Y-%m-%d %H:%M UTC");
            let (kind, said) = (letter.kind, escaped(&mail.text, SAID));
            Hold::Reply(format!("answers email {} ({kind}{name}, {queued_at}): “{said}”", letter.id))
        }))
    }

    fn request(
        &self,
        (name, text): (Option<&Localpart>, &str),
        from: &EmailAddress,
        mail: RequestMail,
        verified: bool,
        (imap, settings): (&Imap, &Settings),
    ) -> Result<Option<MailOutcome>, StoreError> {
        let request = TokenRequest {
            username: name.cloned(),
            email: from.clone(),
            channel: Channel::Email,
            ip: None,
            received_at: self.clock.now(),
            answer: settings.question.as_ref().map(|_| own_words(text)),
            terms: None,
            language: mail.language,
            mail: Some(mail.clone()),
            receipt: None,
        };
        let shown = request.shown_name().to_owned();
        match self.desk.receive(request, &Knock::default())? {
            Verdict::Accepted => Ok(Some(MailOutcome::Done)),
            Verdict::Held(_) => Ok(Some(MailOutcome::Held)),
            Verdict::Refused(refusal) if refusal.passes_by_itself() => {
                self.desk.premises().store.write(move |store| store.mail_deferred(mail.id))?;
                Ok(None)
            }
            Verdict::Refused(Refusal::UsernameUnavailable(_))
                if name.is_some() && verified && self.desk.premises().links_lead_on() =>
            {
                let guess = name.map(ToString::to_string).unwrap_or_default();
                let mail = RequestMail { guess, is_taken: true, ..mail };
                self.request((None, text), from, mail, verified, (imap, settings))
            }
            Verdict::Refused(refusal) => {
                let answer =
                    verified.then(|| answers::refused(mail.language, &refusal, name, imap, settings));
                self.desk.refuse_mail(mail, from, &shown, &refusal, answer).map(Some)
            }
        }
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
}

fn by_hand(why: &str) -> Hold {
    let why = why.trim_end_matches('.');
    Hold::NameUnclear(format!("{why}: answer its mail in Held by hand, and refuse this"))
}
