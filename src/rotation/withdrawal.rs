//! What becomes of tokens that the homeserver was asked for: who has used theirs, and which are to be taken back.
//!
//! What is to be taken back is read from the store's state each time, so that nothing has to be remembered to be done: the
//! shared token before this one after its grace, one whose letter failed, was dropped or forgotten, whose request was
//! refused, whose holder is banned, and all that have ended.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use crate::alarms::Trouble;
use crate::bans::Lists;
use crate::clock::Clock;
use crate::domain::{EmailAddress, Localpart};
use crate::premises::Premises;
use crate::stop::Stop;
use crate::store::{Holder, TokenRecord};
use crate::tokens::{Tokens, TokensError};

/// How often it is looked whether there is something to do.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// At once so many are asked about or taken back.
const BATCH: usize = 20;

/// The first and the longest pause after the homeserver's API has failed.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How often a token was used is asked for after a quarter of its age, but not more often and not more rarely than this.
const SHORTEST_WAIT: TimeDelta = TimeDelta::seconds(3);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

/// Looks after the tokens that are out.
pub struct Withdrawal {
    /// What the desk's threads share.
    pub premises: Arc<Premises>,
    /// The tokens.
    pub tokens: Arc<Tokens>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Withdrawal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Withdrawal").finish_non_exhaustive()
    }
}

impl Withdrawal {
    /// Looks after them until the stop signal comes.
    pub fn run(&self, stop: &Stop) {
        let mut seen = None;
        let (mut pause, mut rests_until) = (FIRST_PAUSE, None::<Instant>);
        let mut is_more = false;
        while !stop.wait(if is_more { Duration::ZERO } else { LOOK_EVERY }) {
            is_more = false;
            if rests_until.is_some_and(|until| self.clock.monotonic() < until) {
                continue;
            }
            match self.round(&mut seen, stop) {
                Ok(full) => (is_more, pause, rests_until) = (full, FIRST_PAUSE, None),
                Err(TokensError::Api(fault)) => {
                    self.premises.alarms.raise(Trouble::TokenApi, fault.to_string());
                    rests_until = Some(self.clock.monotonic() + pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(error) => self.premises.alarms.raise(Trouble::Store, error.to_string()),
            }
        }
    }

    /// Returns whether there was as much to be taken back as is done at once.
    fn round(&self, seen: &mut Option<(Arc<Lists>, i64)>, stop: &Stop) -> Result<bool, TokensError> {
        let Some(api) = self.tokens.api() else { return Ok(false) };
        let lists = self.premises.bans.current();
        let newest = self.premises.store.read(|store| store.newest_token())?;
        // A letter may have been owed to somebody before they were banned.
        if !seen.as_ref().is_some_and(|(seen, last)| Arc::ptr_eq(seen, &lists) && *last == newest) {
            self.end_those_of_banned(&lists)?;
            *seen = Some((lists, newest));
        }
        let (now, word) = (self.clock.now(), api.word());
        let (ended, used) = self.premises.store.read(|store| {
            Ok((store.withdrawals(word, now, BATCH)?, store.tokens_to_look_at(word, now, BATCH)?))
        })?;
        let asked = !ended.is_empty() || !used.is_empty();
        let is_full = ended.len() == BATCH;
        for one in ended {
            if stop.is_given() {
                return Ok(false);
            }
            if one.is_personal && one.token.is_made {
                // Who has used it would be forgotten with it.
                self.note_uses(&one.token)?;
            }
            self.tokens.withdraw(&one.token)?;
            let id = one.token.id;
            self.premises.store.write(move |store| store.note_withdrawn(id, now))?;
        }
        for token in used {
            if stop.is_given() {
                return Ok(false);
            }
            self.note_uses(&token)?;
        }
        if asked {
            self.premises.alarms.clear(Trouble::TokenApi);
        }
        Ok(is_full)
    }

    fn note_uses(&self, token: &TokenRecord) -> Result<(), TokensError> {
        let found = self.tokens.look_at(token)?;
        let now = self.clock.now();
        let wait = ((now - token.made_at) / 4).clamp(SHORTEST_WAIT, LONGEST_WAIT);
        let uses = match found {
            Some(found) => found.uses.unwrap_or(token.uses),
            None if self.is_used_up_when_gone(token, now) => token.uses_allowed.unwrap_or(token.uses),
            // Taken away by somebody else: nothing more is to be learned of it.
            None => token.uses,
        };
        let id = token.id;
        if uses > token.uses {
            tracing::info!("a token was used: its applicant has arrived");
        }
        self.premises.store.write(move |store| store.note_uses(id, uses, now + wait))?;
        Ok(())
    }

    /// Of a token that has not ended, and that the desk has not taken back.
    fn is_used_up_when_gone(&self, token: &TokenRecord, now: DateTime<Utc>) -> bool {
        let homeserver = self.premises.homeserver.load();
        let family = homeserver.as_ref().and_then(|homeserver| homeserver.last_family());
        token.dead_at.is_some_and(|at| now < at)
            && family.is_some_and(|family| family.row().forgets_used_tokens)
    }

    /// A ban takes back the token of whoever it hits.
    fn end_those_of_banned(&self, lists: &Lists) -> Result<(), TokensError> {
        let now = self.clock.now();
        let server = self.premises.settings.load().homeserver.clone();
        let holders = self.premises.store.read(|store| store.token_holders(now))?;
        for holder in holders {
            let email = EmailAddress::parse(&holder.email).ok();
            let name = Localpart::parse(&holder.username, &server).ok();
            if is_banned(lists, &holder, email.as_ref(), name.as_ref()) {
                self.end(holder.token.id, now)?;
            }
        }
        Ok(())
    }

    fn end(&self, id: i64, now: DateTime<Utc>) -> Result<(), TokensError> {
        if self.premises.store.write(move |store| store.end_token(id, now))? {
            tracing::info!("a ban has hit somebody who holds a token: it is withdrawn");
        }
        Ok(())
    }
}

fn is_banned(lists: &Lists, holder: &Holder, email: Option<&EmailAddress>, name: Option<&Localpart>) -> bool {
    let ip = holder.ip.as_deref().and_then(|ip| ip.parse().ok());
    ip.is_some_and(|ip| lists.ip(ip).is_some())
        || email.is_some_and(|email| lists.email(email).is_some())
        || name.is_some_and(|name| lists.username(name).is_some())
}
