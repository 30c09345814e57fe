//! The loop that empties the outbox: takes what is due, hands it over, notes what became of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::{self, Builder, Scope};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::config::{Settings, SignUp};
use crate::desk::{Door, judge_letter};
use crate::domain::LinkSecret;
use crate::policy::{Pace, UNDO_TIME};
use crate::premises::Premises;
use crate::pulse::{Next, Topic};
use crate::stop::Stop;
use crate::store::{
    DIGEST, INVITATION, LinkKind, OwedLetter, PROOF, StoreError, TokenRecord, Writing, decided_in,
};
use crate::tokens::{Tokens, TokensError};

use super::AFTER_TROUBLE;
use super::errand::{Errand, Errands, works_for};
use super::lanes::{Lane, Lanes};

/// Letters that are read from the store at once.
const BATCH: usize = 50;

/// While letters wait for a token, a full hour, or the end of a ban, the outbox is looked at again after so long.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// What a sign-up link's secret has.
const LINK_BITS: usize = 160;

/// The homeserver may take so long to say what signing up takes, once in a while.
const WAY: Duration = Duration::from_secs(3);

/// Where the homeserver makes no token for a letter, it is asked again after so long.
const AFTER_API_TROUBLE: Duration = Duration::from_secs(3);

/// Sends what is owed. It decides what goes out, one letter after the other; what the mail server has in its hands are a
/// few at once.
pub struct Delivery {
    errands: Errands,
    lanes: Arc<Lanes>,
    tokens: Arc<Tokens>,
    settings: Arc<Settings>,
    retry_asked_at: Option<DateTime<Utc>>,
    /// The homeserver is not asked for tokens until then.
    tokens_rest_until: Option<Instant>,
    /// Letters whose turn came, and that a ban keeps back since then.
    banned_since: HashMap<i64, Instant>,
    /// Letters are due, and wait for something that rings no bell.
    letters_wait: bool,
    /// They wait for `letters_per_hour` alone, until then.
    next_turn_at: Option<DateTime<Utc>>,
}

impl Delivery {
    /// The outbox of this desk.
    pub fn new(premises: Arc<Premises>, tokens: Arc<Tokens>, clock: Arc<dyn Clock>) -> Self {
        let settings = premises.settings.load_full();
        Self {
            lanes: Arc::new(Lanes::new(Arc::clone(&settings), premises.folder.clone())),
            errands: Errands { premises, clock },
            tokens,
            settings,
            retry_asked_at: None,
            tokens_rest_until: None,
            banned_since: HashMap::new(),
            letters_wait: false,
            next_turn_at: None,
        }
    }

    /// Sends until the stop signal comes, and ends when the mail server has said what becomes of the last one. What a crash
    /// left in the middle of being sent goes out again first.
    pub fn run(mut self, stop: &Stop) {
        let premises = Arc::clone(&self.errands.premises);
        let now = self.errands.clock.now();
        match premises.store.write(move |store| store.send_unknown_again(now)) {
            Ok(0) => {}
            Ok(count) => tracing::info!(
                "{count} emails whose fate a crash left unknown are sent again, with the same Message-ID"
            ),
            Err(error) => premises.alarms.raise(Trouble::Store, error.to_string()),
        }
        self.retry_asked_at = premises.store.read(|store| store.outbox_retry_at()).ok().flatten();
        let topics = [Topic::Store, Topic::Settings, Topic::Bans, Topic::TokenFiles];
        let mut listener = premises.pulse().listen(stop, &topics, Duration::ZERO);
        thread::scope(|scope| {
            while !stop.is_given() {
                match self.round(scope, stop).and_then(|()| Ok(self.next()?)) {
                    Ok(next) => {
                        listener.wait(next);
                    }
                    Err(error) => {
                        let trouble = match error {
                            TokensError::Api(_) => Trouble::TokenApi,
                            TokensError::File(..) | TokensError::Lock(_) => Trouble::TokenFile,
                            TokensError::Store(_) => Trouble::Store,
                        };
                        premises.alarms.raise(trouble, error.to_string());
                        stop.wait(AFTER_TROUBLE);
                    }
                }
            }
        });
        self.lanes.rest();
    }

    /// When there is something to do although nothing happens.
    fn next(&self) -> Result<Next, StoreError> {
        let (mut next, now) = (Next::never(), self.errands.clock.monotonic());
        if self.lanes.wait(&mut next, now) {
            return Ok(next);
        }
        if self.next_turn_at.is_some() {
            next.at_time(self.next_turn_at, &*self.errands.clock);
        } else if self.letters_wait {
            next.at(now + LOOK_AGAIN);
        }
        let time = self.errands.clock.now();
        let due_at = self.errands.premises.store.read(|store| store.next_letter_due(time))?;
        next.at_time(due_at, &*self.errands.clock);
        Ok(next)
    }

    /// Hands over what is due now.
    fn round<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, '_>,
        stop: &'scope Stop,
    ) -> Result<(), TokensError> {
        self.settings = self.errands.premises.settings.load_full();
        self.lanes.take_up(&self.settings);
        self.lanes.rest_when_idle(self.errands.clock.monotonic());
        (self.letters_wait, self.next_turn_at) = (false, None);
        if self.mail_server_rests()? || !self.lanes.have_room() {
            return Ok(());
        }
        let now = self.errands.clock.now();
        // Those that a ban keeps back are to keep nobody else waiting.
        let at_most = BATCH + self.banned_since.len();
        let due = self.errands.premises.store.read(|store| store.due_letters(now, at_most))?;
        if due.len() < at_most {
            self.banned_since.retain(|id, _| due.iter().any(|letter| letter.id == *id));
        }
        self.letters_wait = !due.is_empty();
        if due.is_empty() {
            // Nobody waits for a token any more, and whether one would be made is not known.
            if self.tokens_rest_until.take().is_some() {
                self.errands.premises.alarms.clear(Trouble::TokenApi);
            }
            return Ok(());
        }
        if self.send(due, scope, stop)? == at_most {
            // All of these have to wait. What brings no token may stand behind them.
            let answers = self.errands.premises.store.read(|store| store.due_answers(now, BATCH))?;
            self.send(answers, scope, stop)?;
        }
        Ok(())
    }

    /// Returns how many of them have to wait, each for a reason of its own.
    fn send<'scope>(
        &mut self,
        due: Vec<OwedLetter>,
        scope: &'scope Scope<'scope, '_>,
        stop: &'scope Stop,
    ) -> Result<usize, TokensError> {
        let mut waiting = 0;
        for letter in due {
            let now = self.errands.clock.now();
            let rest = self.lanes.rest_at(self.errands.clock.monotonic()) || !self.lanes.have_room();
            if stop.is_given() || rest {
                break;
            }
            if letter.is_suppressed {
                let id = letter.id;
                self.errands.note(stop, move |store| store.letter_suppressed(id, now));
                continue;
            }
            // The operator's own stand outside of the budget, and before all others.
            if letter.source.is_some() {
                self.next_turn_at = self.next_turn(now)?;
                if self.next_turn_at.is_some() {
                    break;
                }
            }
            let Some(lane) = self.lanes.take(&letter.recipient) else {
                waiting += 1;
                continue;
            };
            // An invitation, and what leads to a name that is still to be chosen, brings a link or nothing.
            let needs_link = letter.kind == INVITATION || letter.chooses;
            let brings = match () {
                () if letter.words.is_some() => None,
                () if needs_link && !self.links_lead_on() => {
                    waiting += 1;
                    continue;
                }
                () if needs_link => Some(SignUp::Link),
                () => Some(self.brings()),
            };
            let mut token = None;
            if let Some(brings) = brings {
                let is_banned = self.is_banned(&letter, stop);
                if brings != SignUp::Link && !is_banned {
                    token = self.token_for(&letter, now)?;
                }
                // That one is made takes its time.
                if (brings != SignUp::Link && token.is_none()) || self.is_banned(&letter, stop) {
                    waiting += 1;
                    continue;
                }
            }
            let has_link = brings.is_some_and(|brings| brings != SignUp::Token);
            self.hand_over(letter, token, has_link, lane, scope, stop)?;
        }
        Ok(waiting)
    }

    /// Whether the mail server is left alone for now. The operator's `outbox retry` ends that.
    fn mail_server_rests(&mut self) -> Result<bool, StoreError> {
        let asked = self.errands.premises.store.read(|store| store.outbox_retry_at())?;
        if asked != self.retry_asked_at {
            self.retry_asked_at = asked;
            self.lanes.leave_alone(None);
        }
        Ok(self.lanes.rest_at(self.errands.clock.monotonic()))
    }

    /// When the next letter may go by `letters_per_hour`; None: now.
    fn next_turn(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        let per_hour = self.settings.letters_per_hour;
        let store = &self.errands.premises.store;
        let (mut sent, in_hands) = store.read(|store| Ok((store.paced_by(now)?, store.being_sent()?)))?;
        sent.extend(std::iter::repeat_n(now, in_hands));
        let pace = Pace::after(&sent, per_hour, now).filter(|pace| pace.at_once == 0);
        Ok(pace.map(|pace| pace.next_at))
    }

    /// What a letter brings that leads to an account: as the settings have it, where nothing at the homeserver stands against a
    /// link, and the operator's own letter has room for it.
    fn brings(&self) -> SignUp {
        let settings = &self.settings;
        match settings.sign_up {
            SignUp::Both if !settings.letter.can_bring_link() => SignUp::Token,
            _ if !self.links_lead_on() => SignUp::Token,
            asked => {
                let homeserver = self.errands.premises.homeserver.load_full();
                if homeserver.is_some_and(|there| there.tokens_open_nothing()) { SignUp::Link } else { asked }
            }
        }
    }

    /// Whether a sign-up link leads to an account; the homeserver is asked for it where it was not lately.
    fn links_lead_on(&self) -> bool {
        let premises = &self.errands.premises;
        if self.settings.sign_up != SignUp::Token
            && let Some(homeserver) = premises.homeserver.load_full()
        {
            homeserver.sign_up_way(WAY);
        }
        premises.links_lead_on()
    }

    /// The token that this letter may quote now.
    fn token_for(
        &mut self,
        letter: &OwedLetter,
        now: DateTime<Utc>,
    ) -> Result<Option<TokenRecord>, TokensError> {
        let door = self.errands.premises.store.read(|store| Door::read(store, now))?;
        let is_doubted = self.errands.premises.alarms.is_raised(Trouble::Clock);
        if door.token_rests(&self.settings.schedule, now, is_doubted).is_some() {
            return Ok(None);
        }
        if !self.tokens.are_personal() {
            return self.tokens.quotable();
        }
        if self.tokens_rest_until.is_some_and(|until| self.errands.clock.monotonic() < until) {
            return Ok(None);
        }
        match self.tokens.for_letter(letter.id) {
            Ok(token) => {
                self.tokens_rest_until = None;
                self.errands.premises.alarms.clear(Trouble::TokenApi);
                Ok(Some(token))
            }
            // Letters that quote none go out meanwhile, and none of those that wait is charged for it.
            Err(TokensError::Api(fault)) => {
                self.errands.premises.alarms.raise(Trouble::TokenApi, fault.to_string());
                self.tokens_rest_until = Some(self.errands.clock.monotonic() + AFTER_API_TROUBLE);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether its applicant was banned since they were accepted. Then it is not sent, and in the end has failed: as long
    /// as the ban can be taken back the letter can still go out.
    fn is_banned(&mut self, letter: &OwedLetter, stop: &Stop) -> bool {
        let (id, now) = (letter.id, self.errands.clock.monotonic());
        let lists = self.errands.premises.bans.current();
        let refusal = judge_letter(letter, &self.settings, &lists, self.errands.clock.now());
        let Some(refusal) = refusal else {
            self.banned_since.remove(&id);
            return false;
        };
        let since = *self.banned_since.entry(id).or_insert(now);
        if now.duration_since(since) >= UNDO_TIME {
            self.banned_since.remove(&id);
            let answer = refusal.operator_text();
            tracing::warn!(letter = id, "not sent: {answer}");
            let now = self.errands.clock.now();
            self.errands.note(stop, move |store| store.letter_failed(id, &answer, now).map(drop));
        }
        true
    }

    /// Starts it on its way: claimed here, sent on a thread of its own, since the mail server takes its time.
    fn hand_over<'scope>(
        &self,
        letter: OwedLetter,
        token: Option<TokenRecord>,
        has_link: bool,
        lane: Lane,
        scope: &'scope Scope<'scope, '_>,
        stop: &'scope Stop,
    ) -> Result<(), StoreError> {
        let is_proof = letter.kind == PROOF;
        let link = (has_link || is_proof).then(|| LinkSecret::generate(&mut UnwrapErr(SysRng), LINK_BITS));
        let is_told = letter.kind != DIGEST && self.settings.public_url.is_some();
        let not_me = is_told.then(|| LinkSecret::generate(&mut UnwrapErr(SysRng), LINK_BITS));
        let mut errand = Errand::new(letter, token, (link, not_me), lane);
        if errand.letter.kind == DIGEST {
            let ids = decided_in(errand.letter.words.as_deref().unwrap_or_default());
            errand.decides =
                ids.map(|id| (id, LinkSecret::generate(&mut UnwrapErr(SysRng), LINK_BITS))).collect();
        }
        let decides: Vec<_> = errand.decides.iter().map(|(id, secret)| (*id, secret.hash())).collect();
        let (hash, request) = (errand.link.as_ref().map(LinkSecret::hash), errand.letter.request_id);
        let not_me = errand.not_me.as_ref().map(LinkSecret::hash);
        let until = works_for(&errand.letter, &self.settings);
        let (id, token_id) = (errand.letter.id, errand.token.as_ref().map(|token| token.id));
        let (claimed, now) = (errand.message_id.to_string(), self.errands.clock.now());
        let store = &self.errands.premises.store;
        let claim = move |store: &Writing<'_>| {
            if !store.claim_letter(id, token_id, &claimed, now)? {
                return Ok(false);
            }
            for (request, hash) in decides {
                store.add_decide_link(&hash, request, id, now)?;
            }
            if let Some(hash) = not_me {
                store.add_link(&hash, LinkKind::NotMe, (request, Some(id)), (now, None))?;
            }
            if let Some(hash) = hash
                && is_proof
            {
                store.add_proof_link(&hash, id, now)?;
            } else if let Some(hash) = hash {
                store.add_link(&hash, LinkKind::SignUp, (request, Some(id)), (now, Some(now + until)))?;
            }
            Ok(true)
        };
        if !store.write(claim)? {
            return Ok(());
        }
        let errands = self.errands.clone();
        let started =
            Builder::new().name("sending".into()).spawn_scoped(scope, move || errands.run(errand, stop));
        if let Err(error) = started {
            tracing::warn!(letter = id, "it cannot be sent now: {error}");
            self.errands.note(stop, move |store| store.letter_untried(id, now, None));
            self.lanes.leave_alone(Some(self.errands.clock.monotonic() + AFTER_TROUBLE));
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
