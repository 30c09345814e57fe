//! The loop that empties the outbox: takes what is due, hands it over, notes what became of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::config::Settings;
use crate::desk::{Door, judge_letter};
use crate::domain::{EmailAddress, MessageId, Mxid};
use crate::policy::UNDO_TIME;
use crate::premises::Premises;
use crate::stop::Stop;
use crate::store::{DIGEST, Origin, OwedLetter, StoreError, TokenRecord, Writing};
use crate::text::Language;
use crate::tokens::{Tokens, TokensError};

use super::backoff::{self, RelayPause};
use super::{Answered, Letter, LetterFacts, Outcome, Post, compose};

/// Letters that are read from the store at once.
const BATCH: usize = 50;

/// The outbox is looked at again at least so often, and whenever this process writes to the store.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// An idle connection to the mail server is closed after so long.
const REST_AFTER: Duration = Duration::from_secs(5);

/// Where the homeserver makes no token for a letter, it is asked again after so long.
const AFTER_API_TROUBLE: Duration = Duration::from_secs(3);

/// After trouble of the desk's own (a full disk) the outbox rests for so long.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

/// Sends what is owed.
pub struct Delivery {
    premises: Arc<Premises>,
    tokens: Arc<Tokens>,
    clock: Arc<dyn Clock>,
    settings: Arc<Settings>,
    post: Post,
    /// The mail server is left alone until then.
    relay_rests_until: Option<Instant>,
    relay_pause: RelayPause,
    retry_asked_at: Option<DateTime<Utc>>,
    /// The homeserver is not asked for tokens until then.
    tokens_rest_until: Option<Instant>,
    idle_since: Option<Instant>,
    /// Letters whose turn came, and that a ban keeps back since then.
    banned_since: HashMap<i64, Instant>,
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delivery").finish_non_exhaustive()
    }
}

/// One of a letter's own until it ends; the shared one until it is replaced, or ends because that did not succeed.
fn works_until(token: &TokenRecord, next_reset: DateTime<Utc>) -> DateTime<Utc> {
    match token.dead_at {
        Some(dead_at) if token.origin == Origin::Personal => dead_at,
        Some(dead_at) => dead_at.min(next_reset),
        None => next_reset,
    }
}

/// Why the loop ended its round early.
#[derive(Debug)]
enum Halt {
    Store(StoreError),
    Tokens(TokensError),
    MailServer,
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<TokensError> for Halt {
    fn from(error: TokensError) -> Self {
        Self::Tokens(error)
    }
}

impl Delivery {
    /// The outbox of this desk.
    pub fn new(premises: Arc<Premises>, tokens: Arc<Tokens>, clock: Arc<dyn Clock>) -> Self {
        let settings = premises.settings.load_full();
        let post = Post::new(&settings, &premises.folder);
        Self {
            premises,
            tokens,
            clock,
            settings,
            post,
            relay_rests_until: None,
            relay_pause: RelayPause::new(),
            retry_asked_at: None,
            tokens_rest_until: None,
            idle_since: None,
            banned_since: HashMap::new(),
        }
    }

    /// Sends until the stop signal comes. What a crash left in the middle of being sent goes out again first.
    pub fn run(mut self, stop: &Stop) {
        let now = self.clock.now();
        match self.premises.store.write(move |store| store.send_unknown_again(now)) {
            Ok(0) => {}
            Ok(count) => tracing::info!(
                "{count} letters whose fate a crash left unknown go out again, with the same Message-ID"
            ),
            Err(error) => self.premises.alarms.raise(Trouble::Store, error.to_string()),
        }
        self.retry_asked_at = self.premises.store.read(|store| store.outbox_retry_at()).ok().flatten();
        let mut seen = 0;
        while !stop.is_given() {
            let pause = match self.round(stop) {
                Ok(()) | Err(Halt::MailServer) => LOOK_EVERY,
                Err(Halt::Store(error)) => {
                    self.premises.alarms.raise(Trouble::Store, error.to_string());
                    AFTER_TROUBLE
                }
                Err(Halt::Tokens(error)) => {
                    let trouble = match error {
                        TokensError::Api(_) => Trouble::TokenApi,
                        TokensError::File(..) | TokensError::Store(_) => Trouble::TokenFile,
                    };
                    self.premises.alarms.raise(trouble, error.to_string());
                    AFTER_TROUBLE
                }
            };
            seen = self.premises.store.wait_for_change(seen, pause);
        }
        self.post.rest();
    }

    /// Hands over what is due now.
    fn round(&mut self, stop: &Stop) -> Result<(), Halt> {
        self.take_up_settings();
        if self.relay_rests()? {
            return Ok(());
        }
        let now = self.clock.now();
        // Those that a ban keeps back are to keep nobody else waiting.
        let at_most = BATCH + self.banned_since.len();
        let due = self.premises.store.read(|store| store.due_letters(now, at_most))?;
        if due.len() < at_most {
            self.banned_since.retain(|id, _| due.iter().any(|letter| letter.id == *id));
        }
        if due.is_empty() {
            // Nobody waits for a token any more, and whether one would be made is not known.
            if self.tokens_rest_until.take().is_some() {
                self.premises.alarms.clear(Trouble::TokenApi);
            }
            self.rest_when_idle();
            return Ok(());
        }
        self.idle_since = None;
        if self.send(due, stop)? == at_most {
            // All of these wait for a token, or are kept back. What brings none may stand behind them.
            let answers = self.premises.store.read(|store| store.due_answers(now, BATCH))?;
            self.send(answers, stop)?;
        }
        Ok(())
    }

    /// Returns how many of them wait for a token, or are kept back by a ban.
    fn send(&mut self, due: Vec<OwedLetter>, stop: &Stop) -> Result<usize, Halt> {
        let mut waiting = 0;
        for letter in due {
            let now = self.clock.now();
            if stop.is_given() || self.hour_is_full(now)? {
                break;
            }
            let token = if letter.words.is_some() {
                None
            } else {
                if self.is_banned(&letter, stop) {
                    waiting += 1;
                    continue;
                }
                let token = self.token_for(&letter, now)?;
                if token.is_none() {
                    waiting += 1;
                    continue;
                }
                // That one is made takes its time.
                if self.is_banned(&letter, stop) {
                    waiting += 1;
                    continue;
                }
                token
            };
            self.hand_over(&letter, token.as_ref(), now, stop)?;
        }
        Ok(waiting)
    }

    fn take_up_settings(&mut self) {
        let settings = self.premises.settings.load();
        if !Arc::ptr_eq(&settings, &self.settings) {
            self.settings = Arc::clone(&settings);
            self.post.rest();
            self.post = Post::new(&self.settings, &self.premises.folder);
            self.relay_rests_until = None;
            self.relay_pause = RelayPause::new();
        }
    }

    /// Whether the mail server is left alone for now. The operator's `outbox retry` ends that.
    fn relay_rests(&mut self) -> Result<bool, StoreError> {
        let asked = self.premises.store.read(|store| store.outbox_retry_at())?;
        if asked != self.retry_asked_at {
            self.retry_asked_at = asked;
            self.relay_rests_until = None;
        }
        Ok(self.relay_rests_until.is_some_and(|until| self.clock.monotonic() < until))
    }

    fn rest_when_idle(&mut self) {
        let now = self.clock.monotonic();
        let since = *self.idle_since.get_or_insert(now);
        if now.saturating_duration_since(since) >= REST_AFTER {
            self.post.rest();
        }
    }

    fn hour_is_full(&self, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let per_hour = u64::from(self.settings.letters_per_hour);
        if per_hour == 0 {
            return Ok(false);
        }
        Ok(self.premises.store.read(|store| store.sent_in_the_hour(now))? >= per_hour)
    }

    /// The token that this letter may quote now.
    fn token_for(&mut self, letter: &OwedLetter, now: DateTime<Utc>) -> Result<Option<TokenRecord>, Halt> {
        let door = self.premises.store.read(|store| Door::read(store, now))?;
        if door.token_rests(&self.settings.schedule, now).is_some() {
            return Ok(None);
        }
        if !self.tokens.are_personal() {
            return Ok(self.tokens.quotable()?);
        }
        if self.tokens_rest_until.is_some_and(|until| self.clock.monotonic() < until) {
            return Ok(None);
        }
        match self.tokens.for_letter(letter.id) {
            Ok(token) => {
                self.tokens_rest_until = None;
                self.premises.alarms.clear(Trouble::TokenApi);
                Ok(Some(token))
            }
            // Letters that quote none go out meanwhile, and none of those that wait is charged for it.
            Err(TokensError::Api(fault)) => {
                self.premises.alarms.raise(Trouble::TokenApi, fault.to_string());
                self.tokens_rest_until = Some(self.clock.monotonic() + AFTER_API_TROUBLE);
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whether its applicant was banned since they were accepted. Then it is not sent, and in the end has failed: as long
    /// as the ban can be taken back the letter can still go out.
    fn is_banned(&mut self, letter: &OwedLetter, stop: &Stop) -> bool {
        let (id, now) = (letter.id, self.clock.monotonic());
        let refusal = judge_letter(letter, &self.settings, &self.premises.bans.current(), self.clock.now());
        let Some(refusal) = refusal else {
            self.banned_since.remove(&id);
            return false;
        };
        let since = *self.banned_since.entry(id).or_insert(now);
        if now.duration_since(since) >= UNDO_TIME {
            self.banned_since.remove(&id);
            let answer = refusal.operator_text();
            tracing::warn!(letter = id, "not sent: {answer}");
            let now = self.clock.now();
            self.note(stop, move |store| store.letter_failed(id, &answer, now).map(drop));
        }
        true
    }

    fn hand_over(
        &mut self,
        letter: &OwedLetter,
        token: Option<&TokenRecord>,
        now: DateTime<Utc>,
        stop: &Stop,
    ) -> Result<(), Halt> {
        let (id, token_id) = (letter.id, token.map(|token| token.id));
        let message_id = self.message_id(letter, token_id);
        let claimed = message_id.to_string();
        if !self.premises.store.write(move |store| store.claim_letter(id, token_id, &claimed, now))? {
            return Ok(());
        }
        let outcome = self.deliver(letter, token, message_id, now);
        let now = self.clock.now();
        if !matches!(outcome, Outcome::Fault(_)) {
            self.relay_pause.after_answer();
            self.premises.alarms.clear(Trouble::MailServer);
        }
        match outcome {
            Outcome::Sent { answer } => {
                tracing::info!(letter = id, "sent");
                self.note(stop, move |store| store.letter_sent(id, &answer, now));
            }
            Outcome::Permanent { answer } => {
                tracing::warn!(letter = id, "failed for good: {answer}");
                self.note(stop, move |store| store.letter_failed(id, &answer, now).map(drop));
            }
            Outcome::Temporary { answer } => self.again(letter, answer, false, now, stop),
            Outcome::Unknown { answer } => self.again(letter, answer, true, now, stop),
            Outcome::Fault(fault) => {
                let pause = self.relay_pause.after_fault(&mut UnwrapErr(SysRng));
                self.relay_rests_until = Some(self.clock.monotonic() + pause);
                self.post.rest();
                let words = fault.to_string();
                self.premises.alarms.raise(Trouble::MailServer, &words);
                self.note(stop, move |store| store.letter_untried(id, now + pause, Some(&words)));
                return Err(Halt::MailServer);
            }
        }
        Ok(())
    }

    /// Writes down what became of a letter. Where the store cannot take it (a full disk), it is tried until it can: the
    /// next start would send the letter once more.
    fn note(
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

    /// The letter's own, unless an earlier try may have arrived with a token that is dead by now: mail programs pass over
    /// a second mail of the same Message-ID.
    fn message_id(&self, letter: &OwedLetter, token_id: Option<i64>) -> MessageId {
        let stale = letter.fate_unknown && letter.token_id.is_some() && letter.token_id != token_id;
        MessageId::parse(&letter.message_id).filter(|_| !stale).unwrap_or_else(|| {
            MessageId::generate(
                &mut UnwrapErr(SysRng),
                &self.settings.from.address,
                &self.settings.homeserver,
            )
        })
    }

    fn deliver(
        &mut self,
        letter: &OwedLetter,
        token: Option<&TokenRecord>,
        message_id: MessageId,
        now: DateTime<Utc>,
    ) -> Outcome {
        let Ok(to) = EmailAddress::parse(&letter.recipient) else {
            return Outcome::Permanent { answer: "the recipient's address is not usable".into() };
        };
        let content = match (token, &letter.words) {
            (_, Some(words)) => Letter::Words {
                subject: if letter.kind == DIGEST {
                    format!("The registration desk of {} needs you", self.settings.homeserver)
                } else {
                    Language::default().request_subject(self.settings.homeserver.as_str())
                },
                text: words.clone(),
            },
            (Some(token), None) => Letter::Token {
                mxid: Mxid { localpart: letter.username.clone(), server: self.settings.homeserver.clone() },
                token: token.token.clone(),
                works_until: works_until(token, self.settings.schedule.next_reset(now)),
            },
            (None, None) => return Outcome::Temporary { answer: "there is no token to quote".into() },
        };
        let facts = LetterFacts {
            letter: content,
            to,
            message_id,
            date: letter.created_at,
            now,
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
        match compose(&facts, &self.settings) {
            Ok(composed) => self.post.deliver(&composed),
            Err(problem) => Outcome::Fault(problem.into()),
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
            tracing::warn!(letter = id, "given up after 24 hours: {answer}");
            self.note(stop, move |store| store.letter_failed(id, &answer, now).map(drop));
        }
    }
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
