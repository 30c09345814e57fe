//! One letter: composed, handed over, and what became of it written down.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::config::Settings;
use crate::domain::{EmailAddress, LinkSecret, MessageId, Mxid};
use crate::homeserver::OwnPage;
use crate::metrics;
use crate::net::Fault;
use crate::premises::Premises;
use crate::stop::Stop;
use crate::store::{
    DIGEST, INVITATION, LINK_HERE, Origin, OwedLetter, PROOF, StoreError, TokenRecord, Writing, decide_here,
};

use super::lanes::Lane;
use super::{AFTER_TROUBLE, Answered, Letter, LetterFacts, Outcome, Quoted, SignUpLink, backoff, compose};

/// What each errand is run with.
#[derive(Clone)]
pub(super) struct Errands {
    pub premises: Arc<Premises>,
    pub clock: Arc<dyn Clock>,
}

/// A letter that goes out now.
pub(super) struct Errand {
    pub letter: OwedLetter,
    pub token: Option<TokenRecord>,
    /// What the secret link is made of that it brings.
    pub link: Option<LinkSecret>,
    /// What the link is made of by which whoever gets it says that they did not ask.
    pub not_me: Option<LinkSecret>,
    /// What the operator's own links are made of, each with its request.
    pub decides: Vec<(i64, LinkSecret)>,
    pub message_id: MessageId,
    pub lane: Lane,
}

/// One of a letter's own until it ends; the shared one until it is replaced, or ends because that did not succeed.
fn works_until(token: &TokenRecord, next_reset: DateTime<Utc>) -> DateTime<Utc> {
    match token.dead_at {
        Some(dead_at) if token.origin == Origin::Personal => dead_at,
        Some(dead_at) => dead_at.min(next_reset),
        None => next_reset,
    }
}

/// How long the sign-up link in a letter works.
pub(super) fn works_for(letter: &OwedLetter, settings: &Settings) -> TimeDelta {
    letter.works_for.unwrap_or_else(|| TimeDelta::from_std(settings.sign_up_for).unwrap_or_default())
}

impl Errand {
    pub(super) fn new(
        letter: OwedLetter,
        token: Option<TokenRecord>,
        (link, not_me): (Option<LinkSecret>, Option<LinkSecret>),
        lane: Lane,
    ) -> Self {
        let message_id = message_id(&letter, token.as_ref(), &lane.settings);
        Self { letter, token, link, not_me, decides: Vec::new(), message_id, lane }
    }

    /// The account that it leads to; None: its name is still to be chosen.
    fn mxid(&self) -> Option<Mxid> {
        let letter = &self.letter;
        (!letter.chooses).then(|| Mxid {
            localpart: letter.username.clone(),
            server: self.lane.settings.homeserver.clone(),
        })
    }

    fn sign_up_link(&self, now: DateTime<Utc>) -> Option<SignUpLink> {
        let (secret, settings) = (self.link.as_ref()?, &self.lane.settings);
        Some(SignUpLink {
            url: settings.public(&format!("/signup/{}", secret.reveal()))?,
            works_until: now + works_for(&self.letter, settings),
        })
    }

    fn deliver(
        &mut self,
        own_page: Option<OwnPage>,
        returning_to: Option<&EmailAddress>,
        now: DateTime<Utc>,
    ) -> Result<Outcome, Fault> {
        let (letter, settings) = (&self.letter, &self.lane.settings);
        let Ok(to) = EmailAddress::parse(&letter.recipient) else {
            return Ok(Outcome::Permanent { answer: "the recipient's address is not usable".into() });
        };
        let content = match (&self.token, &letter.words) {
            (_, Some(words)) => Letter::Words {
                subject: match letter.kind.as_str() {
                    DIGEST => format!("The registration desk of {} needs you", settings.homeserver),
                    PROOF => letter.language.prove_subject(settings.homeserver.as_str()),
                    _ => letter.language.request_subject(settings.homeserver.as_str()),
                },
                text: match &self.link {
                    Some(secret) => {
                        let link = settings.public(&format!("/prove/{}", secret.reveal()));
                        words.replace(LINK_HERE, &link.unwrap_or_default())
                    }
                    None => self.decides.iter().fold(words.clone(), |words, (id, secret)| {
                        let link = settings.public(&format!("/decide/{}", secret.reveal()));
                        words.replace(&decide_here(*id), &link.unwrap_or_default())
                    }),
                },
            },
            (_, None) if letter.kind == INVITATION => match self.sign_up_link(now) {
                Some(link) => Letter::Invitation { mxid: self.mxid(), link, note: letter.note.clone() },
                None => return Ok(Outcome::Temporary { answer: "there is no page for its link".into() }),
            },
            (None, None) if self.link.is_none() => {
                return Ok(Outcome::Temporary { answer: "there is no token to quote".into() });
            }
            (token, None) => Letter::Account {
                mxid: self.mxid(),
                link: self.sign_up_link(now),
                token: token.as_ref().map(|token| Quoted {
                    token: token.token.clone(),
                    works_until: works_until(token, settings.schedule.next_reset(now)),
                }),
            },
        };
        let facts = LetterFacts {
            language: letter.language,
            letter: content,
            to,
            message_id: self.message_id.clone(),
            date: letter.created_at,
            now,
            own_page,
            not_me: self
                .not_me
                .as_ref()
                .and_then(|secret| settings.public(&format!("/not-me/{}", secret.reveal()))),
            answers: letter.answers.as_ref().map(|message_id| Answered {
                message_id: MessageId::parse(message_id),
                references: letter
                    .answers_references
                    .iter()
                    .flat_map(|references| references.split(' '))
                    .filter_map(MessageId::parse)
                    .collect(),
            }),
        };
        let mut composed = compose(&facts, settings)?;
        if let Some(address) = returning_to {
            composed = composed.returning_to(address);
        }
        self.lane.post().deliver(&composed)
    }
}

/// The letter's own, unless an earlier try may have arrived with a token that is dead by now: mail programs pass over
/// a second mail of the same Message-ID.
fn message_id(letter: &OwedLetter, token: Option<&TokenRecord>, settings: &Settings) -> MessageId {
    let stale =
        letter.fate_unknown && letter.token_id.is_some() && letter.token_id != token.map(|token| token.id);
    MessageId::parse(&letter.message_id).filter(|_| !stale).unwrap_or_else(|| {
        MessageId::generate(&mut UnwrapErr(SysRng), &settings.from.address, &settings.homeserver)
    })
}

impl Errands {
    /// A letter that is claimed is handed over, and what became of it noted.
    pub(super) fn run(&self, mut errand: Errand, stop: &Stop) {
        let homeserver = self.premises.homeserver.load_full();
        let own_page = homeserver.and_then(|homeserver| homeserver.own_page());
        let letter_box = errand.lane.settings.imap.as_ref().map(|imap| imap.address.clone());
        let returning_to = letter_box.and_then(|letter_box| {
            let id = errand.letter.id;
            self.premises.store.read(|store| store.bounce_address(&letter_box, id)).ok().flatten()
        });
        let began_at = self.clock.monotonic();
        let outcome = errand.deliver(own_page, returning_to.as_ref(), self.clock.now());
        let took = self.clock.monotonic().duration_since(began_at);
        self.premises.metrics.handed_over(
            match &outcome {
                Ok(Outcome::Sent { .. }) => metrics::Outcome::Sent,
                Ok(Outcome::Permanent { .. }) => metrics::Outcome::Failed,
                Ok(Outcome::Temporary { .. } | Outcome::Unknown { .. }) | Err(_) => metrics::Outcome::Retried,
            },
            took,
        );
        let (id, now) = (errand.letter.id, self.clock.now());
        let fault = match outcome {
            Ok(outcome) => {
                errand.lane.has_answered();
                // The next letter may go while this one's fate is written down.
                drop(errand.lane);
                self.premises.alarms.clear(Trouble::MailServer);
                return self.note_outcome(&errand.letter, outcome, now, stop);
            }
            Err(fault) => fault,
        };
        let trouble = errand.lane.has_faulted(self.clock.monotonic());
        drop(errand.lane);
        let Some(pause) = trouble else {
            tracing::info!(letter = id, "another connection may take it: {fault}");
            let due_at = errand.letter.created_at;
            return self.note(stop, move |store| store.letter_untried(id, due_at, None));
        };
        self.premises.alarms.raise(Trouble::MailServer, &fault.words);
        self.note(stop, move |store| store.letter_untried(id, now + pause, Some(&fault.words)));
    }

    fn note_outcome(&self, letter: &OwedLetter, outcome: Outcome, now: DateTime<Utc>, stop: &Stop) {
        let id = letter.id;
        match outcome {
            Outcome::Sent { answer } => {
                tracing::info!(letter = id, "sent");
                let until = now + works_for(letter, &self.premises.settings.load());
                self.note(stop, move |store| store.letter_sent(id, &answer, now, until));
            }
            Outcome::Permanent { answer } => {
                tracing::warn!(letter = id, "failed for good: {answer}");
                self.note(stop, move |store| store.letter_failed(id, &answer, now).map(drop));
            }
            Outcome::Temporary { answer } => self.again(letter, answer, false, now, stop),
            Outcome::Unknown { answer } => self.again(letter, answer, true, now, stop),
        }
    }

    fn again(
        &self,
        letter: &OwedLetter,
        answer: String,
        fate_unknown: bool,
        now: DateTime<Utc>,
        stop: &Stop,
    ) {
        let id = letter.id;
        if let Some(pause) = backoff::pause(letter.tried_for, &mut UnwrapErr(SysRng)) {
            tracing::info!(letter = id, "again in {} s: {answer}", pause.num_seconds());
            self.note(stop, move |store| store.letter_again(id, now + pause, pause, &answer, fate_unknown));
        } else {
            tracing::warn!(letter = id, "failed after 24 hours: {answer}");
            self.note(stop, move |store| store.letter_failed(id, &answer, now).map(drop));
        }
    }

    /// Writes down what became of a letter. Where the store cannot take it (a full disk), it is tried until it can: the
    /// next start would send the letter once more.
    pub(super) fn note(
        &self,
        stop: &Stop,
        work: impl Fn(&Writing<'_>) -> Result<(), StoreError> + Clone + Send + 'static,
    ) {
        loop {
            match self.premises.store.write(work.clone()) {
                Ok(()) => return self.premises.alarms.clear(Trouble::Store),
                Err(error) => self.premises.alarms.raise(Trouble::Store, error.to_string()),
            }
            if stop.wait(AFTER_TROUBLE) {
                return;
            }
        }
    }
}
