//! The daily new token: when, exactly once, and what follows until the homeserver takes it.

mod after_rotation;
mod liveness;
mod watch_homeserver;
mod withdrawal;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::alarms::Trouble;
use crate::backoff::Backoff;
use crate::clock::{BELIEVABLE, Clock};
use crate::config::{BackendKind, Settings};
use crate::domain::Schedule;
use crate::premises::Premises;
use crate::pulse::{Next, Topic};
use crate::stop::Stop;
use crate::store::{Live, Origin, StoreError, TokenRecord};
use crate::tokens::{ApiFault, Noticed, Tokens, TokensError};

pub use watch_homeserver::watch_homeserver;

use liveness::{ASK_FOR, LOOK_AGAIN_EVERY};

/// However much happens, it is looked no more often what is to be done.
const REST: Duration = Duration::from_millis(250);

/// Pauses between questions whether the homeserver takes a token: the first, the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// Pauses after `after_rotation` failed: the first, the longest.
const FIRST_TELL_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_TELL_PAUSE: Duration = Duration::from_secs(300);

/// Pauses after the homeserver's API failed: the first, the longest. The desk opens within 10 s of the token being live.
const FIRST_API_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_API_PAUSE: Duration = Duration::from_secs(4);

/// After trouble (a full disk, a file that cannot be written) it is tried again after so long.
const AFTER_TROUBLE: Duration = Duration::from_secs(2);

/// While somebody else may be at a token, it is looked again after so long.
const BESIDE_OTHERS: Duration = Duration::from_secs(1);

/// Replaces the token each day and sees to it that the homeserver takes it.
pub struct Rotation {
    /// What the desk's threads share.
    pub premises: Arc<Premises>,
    /// The tokens.
    pub tokens: Arc<Tokens>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// When the homeserver is told of a token again, and asked about it again.
#[derive(Debug)]
struct Asking {
    token_id: Option<i64>,
    /// Whether it takes the token.
    live: Backoff,
    tell: Backoff,
    look_again_at: Option<Instant>,
    /// When it is looked again whether the homeserver has the token that nobody is given.
    guard_again_at: Option<Instant>,
    api: Backoff,
    /// Others may be at a token.
    beside_others: bool,
}

impl Default for Asking {
    fn default() -> Self {
        Self {
            token_id: None,
            live: Backoff::new(FIRST_PAUSE, LONGEST_PAUSE),
            tell: Backoff::new(FIRST_TELL_PAUSE, LONGEST_TELL_PAUSE),
            look_again_at: None,
            guard_again_at: None,
            api: Backoff::new(FIRST_API_PAUSE, LONGEST_API_PAUSE),
            beside_others: false,
        }
    }
}

/// Whether tokens come otherwise now, or from another homeserver.
fn comes_otherwise(old: &Settings, new: &Settings) -> bool {
    old.tokens != new.tokens || old.homeserver != new.homeserver || old.base_url != new.base_url
}

impl Rotation {
    /// Before the desk opens: the token file and the store agree, and whether the homeserver accepts the token is to be
    /// found out anew.
    pub fn settle(&self) -> Result<(), TokensError> {
        let current = self.tokens.settle(&self.premises.settings.load().schedule)?;
        for left in self.tokens.left_behind()? {
            tracing::warn!("{left}");
        }
        let Some(current) = current else { return Ok(()) };
        let is_toml = self.premises.settings.load().tokens.backend.kind() == BackendKind::Toml;
        // A trial has nobody to ask, and is open at once.
        let live = if self.premises.homeserver.load().is_some() { Live::No } else { Live::CannotBeChecked };
        self.premises.store.write(move |store| {
            store.note_live(current.id, live)?;
            // A token that somebody else put there is one that they have told the homeserver of; what stands in its own
            // configuration file the desk has put there.
            if matches!(current.origin, Origin::Found | Origin::Adopted) && !is_toml {
                store.note_told_of_token(current.id)?;
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Keeps the token fresh until the stop signal comes.
    pub fn run(&self, stop: &Stop) {
        let mut asking = Asking::default();
        let mut settings = self.premises.settings.load_full();
        let topics = [Topic::Store, Topic::Settings, Topic::TokenFiles];
        let mut listener = self.premises.pulse().listen(stop, &topics, REST);
        while !stop.is_given() {
            let now = self.premises.settings.load_full();
            let resettled = if comes_otherwise(&settings, &now) {
                asking = Asking::default();
                self.resettle(&now)
            } else {
                Ok(())
            };
            if resettled.is_ok() {
                settings = now;
            }
            match resettled.and_then(|()| self.round(&mut asking, stop)) {
                Ok(()) => {
                    self.premises.alarms.clear(Trouble::TokenFile);
                    listener.wait(self.next(&asking));
                }
                Err(error) => {
                    self.premises.alarms.raise(Trouble::TokenFile, error.to_string());
                    stop.wait(AFTER_TROUBLE);
                }
            }
        }
    }

    /// When there is something to do although nothing happens.
    fn next(&self, asking: &Asking) -> Next {
        let (mut next, now) = (Next::never(), self.clock.monotonic());
        let again = [asking.live.until(), asking.tell.until(), asking.api.until()];
        for at in again.into_iter().chain([asking.look_again_at, asking.guard_again_at]) {
            next.waits(at, now);
        }
        let at = self.clock.reading();
        if !self.premises.believes(at) {
            next.at(now + BESIDE_OTHERS);
        }
        let reset = self.premises.settings.load().schedule.next_reset(at.wall);
        next.at_time(Some(reset), &*self.clock);
        let beside_others = asking.beside_others.then_some(BESIDE_OTHERS);
        for pause in self.tokens.unsure_for().into_iter().chain(beside_others) {
            next.at(now + pause);
        }
        next
    }

    /// The config says now that tokens come otherwise.
    fn resettle(&self, settings: &Settings) -> Result<(), TokensError> {
        self.tokens.refurbish(settings, self.premises.homeserver.load_full());
        self.premises.alarms.clear(Trouble::TokenApi);
        self.settle()
    }

    fn round(&self, asking: &mut Asking, stop: &Stop) -> Result<(), TokensError> {
        let schedule = self.premises.settings.load().schedule;
        if !asking.api.rests(self.clock.monotonic())
            && let Err(failed) = self.stand_guard(asking)
        {
            self.heed_api(asking, Err(failed))?;
        }
        if self.tokens.are_personal() {
            return self.try_out_api(asking);
        }
        asking.beside_others = self.tokens.clear_up(&schedule)?;
        match self.tokens.look(&schedule)? {
            Noticed::Nothing => {}
            Noticed::Adopted { weak } => {
                tracing::info!("adopted a token that somebody else had written");
                if weak {
                    tracing::warn!(
                        "it has fewer than 20 characters and can be guessed; `doorman rotate` makes a better one"
                    );
                }
                if let Some(current) = self.premises.store.read(|store| store.current_token())? {
                    self.premises.store.write(move |store| store.note_told_of_token(current.id))?;
                }
            }
            Noticed::RestoredToml => {
                tracing::warn!(
                    "the homeserver's second configuration file held another token; it holds the current one again"
                );
                self.tell_again()?;
            }
            Noticed::Restored => {
                let was_open = self
                    .premises
                    .homeserver
                    .load()
                    .as_ref()
                    .and_then(|homeserver| homeserver.last_family())
                    .is_some_and(|family| family.row().empty_file_is_open);
                tracing::warn!(
                    "the token file held no token; the current one stands there again{}",
                    if was_open {
                        ": this homeserver takes such a file for open registration, so look for accounts that were made \
                         meanwhile"
                    } else {
                        ""
                    }
                );
            }
        }
        if !asking.api.rests(self.clock.monotonic()) {
            let made = self.have_one_made(&schedule);
            self.heed_api(asking, made)?;
        }
        let Some(current) = self.premises.store.read(|store| store.current_token())? else { return Ok(()) };
        if asking.token_id != Some(current.id) {
            let Asking { guard_again_at, api, beside_others, .. } = *asking;
            let token_id = Some(current.id);
            *asking = Asking { token_id, guard_again_at, api, beside_others, ..Asking::default() };
            // Whoever had it made, a command perhaps, was not refused.
            self.heed_api(asking, Ok(self.tokens.api().is_some() && current.backend.is_some()))?;
            if let Some(homeserver) = self.premises.homeserver.load_full() {
                homeserver.forget_names();
                // What its answers mean depends on its release, and it may have been updated.
                homeserver.forget_family();
            }
        }
        if !asking.tell.rests(self.clock.monotonic()) && !self.tell_homeserver(&current, stop)? {
            asking.tell.failed(self.clock.monotonic());
        }
        if current.live == Live::No {
            self.ask_whether_live(&current, asking, &schedule)?;
        } else {
            self.premises.alarms.clear(Trouble::TokenNotLive);
            self.look_again(&current, asking, &schedule)?;
        }
        Ok(())
    }

    /// Where no token at all means open to all, there is always one.
    fn stand_guard(&self, asking: &mut Asking) -> Result<(), TokensError> {
        let now = self.clock.monotonic();
        let kind = self.tokens.api().map(|api| api.kind());
        // MAS is never open for want of a token.
        if asking.guard_again_at.is_some_and(|at| now < at)
            || kind.is_none_or(|kind| kind == BackendKind::Mas)
        {
            return Ok(());
        }
        let Some(homeserver) = self.premises.homeserver.load_full() else { return Ok(()) };
        homeserver.identify(ASK_FOR);
        let Some(family) = homeserver.last_family() else {
            let words = "the homeserver does not answer, so nothing is known of what it does without a token";
            return Err(ApiFault::silence(words).into());
        };
        if family.row().empty_file_is_open {
            self.tokens.stand_guard()?;
        }
        asking.guard_again_at = Some(now + LOOK_AGAIN_EVERY);
        Ok(())
    }

    /// The scheduled rotation, when it is due; the first token, where the homeserver had to be asked for it; a token that the
    /// homeserver was not asked for. Returns whether any of that was to be done.
    fn have_one_made(&self, schedule: &Schedule) -> Result<bool, TokensError> {
        let at = self.clock.reading();
        let now = at.wall;
        let (satisfied, current) = self
            .premises
            .store
            .read(|store| Ok((store.satisfied_reset(now + BELIEVABLE)?, store.current_token()?)))?;
        let last_reset = schedule.last_reset(now);
        let is_first = current.is_none();
        // By a clock that is not believed it is due when that is believed again, or is another time.
        let is_due = self.premises.believes(at) && !is_first && schedule.rotation_is_due(satisfied, now);
        if is_first {
            self.tokens.rotate(Origin::First, Some(last_reset), schedule)?;
        } else if is_due {
            self.tokens.rotate(Origin::Scheduled, Some(last_reset), schedule)?;
            tracing::info!("the token is replaced; the next reset is at {}", schedule.next_reset(now));
        }
        Ok(self.tokens.hand_over(schedule)? || is_first || is_due)
    }

    /// Trouble with the homeserver's API keeps nothing else waiting; it is asked again after growing pauses. `done`: whether it
    /// was asked at all, and did what it was asked for.
    fn heed_api(&self, asking: &mut Asking, done: Result<bool, TokensError>) -> Result<(), TokensError> {
        match done {
            Err(TokensError::Api(fault)) => {
                self.premises.alarms.raise(Trouble::TokenApi, fault.to_string());
                asking.api.failed(self.clock.monotonic());
                Ok(())
            }
            Ok(true) if asking.api.until().is_some() => {
                self.premises.alarms.clear(Trouble::TokenApi);
                asking.api.reset();
                Ok(())
            }
            done => done.map(drop),
        }
    }

    /// Each letter has a token of its own: whether the homeserver lets the desk make them. Once it has, letters wait while it
    /// does not, and the desk stays open.
    fn try_out_api(&self, asking: &mut Asking) -> Result<(), TokensError> {
        let works = self.premises.store.read(|store| store.personal_tokens())?;
        let Some(api) = self.tokens.api() else { return Ok(()) };
        if works == Some(Live::Yes) || asking.api.rests(self.clock.monotonic()) {
            return Ok(());
        }
        let opens = || match self.premises.homeserver.load_full() {
            Some(homeserver) => self.tokens_open_the_door(&homeserver),
            None => Ok(()),
        };
        let tried = api.try_out().map_err(|fault| format!("the homeserver makes no tokens: {fault}"));
        match tried.and_then(|()| opens()) {
            Ok(()) => {
                self.premises.alarms.clear(Trouble::TokenApi);
                self.premises.alarms.clear(Trouble::TokenNotLive);
                tracing::info!("the homeserver makes a token for each email");
                self.tokens.take_away_file()?;
                self.premises.store.write(|store| store.note_personal_tokens(Some(true)))?;
                asking.api.reset();
            }
            Err(reason) => {
                self.premises.alarms.raise(Trouble::TokenNotLive, format!("the desk is closed: {reason}"));
                asking.api.failed(self.clock.monotonic());
            }
        }
        Ok(())
    }

    /// A new token by the operator's hand. The reset that has passed last is paid with it.
    pub fn rotate_now(&self) -> Result<TokenRecord, TokensError> {
        let schedule = self.premises.settings.load().schedule;
        let last_reset = schedule.last_reset(self.clock.now());
        self.tokens.rotate(Origin::Manual, Some(last_reset), &schedule)
    }

    /// Runs `after_rotation`, until it has succeeded once for this token. False: it failed.
    pub fn tell_homeserver(&self, current: &TokenRecord, stop: &Stop) -> Result<bool, StoreError> {
        let id = current.id;
        if self.premises.store.read(|store| store.told_of_token())? == Some(id) {
            return Ok(true);
        }
        if let Some(command) = &self.premises.settings.load().after_rotation
            && let Err(error) = after_rotation::run(command, &self.premises.folder, &current.token, stop)
        {
            self.premises.alarms.raise(Trouble::AfterRotation, error);
            return Ok(false);
        }
        self.premises.alarms.clear(Trouble::AfterRotation);
        self.premises.store.write(move |store| store.note_told_of_token(id))?;
        Ok(true)
    }

    /// The homeserver may have read something else: it is told anew, and no letter quotes the token before it takes it.
    fn tell_again(&self) -> Result<(), StoreError> {
        self.premises.store.write(|store| {
            store.forget_told_of_token()?;
            match store.current_token()? {
                Some(current) => store.note_live(current.id, Live::No),
                None => Ok(()),
            }
        })
    }
}

#[cfg(test)]
mod tests;
