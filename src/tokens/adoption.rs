//! What other hands do to the token file while the desk runs.

use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use crate::domain::{RegistrationToken, Schedule};
use crate::store::Origin;

use super::{Content, Tokens, TokensError, put};

/// A token of another hand is adopted once two reads this far apart agree.
const AGREE_AFTER: Duration = Duration::from_millis(500);

/// A change seen this close to the reset time counts as that day's rotation.
const NEAR_RESET: TimeDelta = TimeDelta::minutes(10);

/// What came to light when the file was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noticed {
    /// All is as it was.
    Nothing,
    /// Somebody else wrote a token, and it is ours now.
    Adopted {
        /// It is so short that it can be guessed.
        weak: bool,
    },
    /// The file was lost, or held no token, and holds the current one again.
    Restored,
    /// The same of the homeserver's own configuration file, which it may have read meanwhile.
    RestoredToml,
}

impl Tokens {
    /// Looks at the file: to be called when it was touched, and again a little later while it is unsure.
    pub fn look(&self, schedule: &Schedule) -> Result<Noticed, TokensError> {
        if self.are_personal() {
            return Ok(Noticed::Nothing);
        }
        let content = self.read()?;
        let current = self.store.read(|store| store.current_token())?;
        let mut candidate = self.candidate();
        if let (Content::Token(found), Some(current)) = (&content, &current)
            && *found == current.token
        {
            *candidate = None;
            drop(candidate);
            self.note_stamp()?;
            return self.look_at_toml(found);
        }
        let now = self.clock.monotonic();
        let agreed = match &*candidate {
            Some((seen, since)) if *seen == content => now.duration_since(*since) >= AGREE_AFTER,
            _ => {
                *candidate = Some((content.clone(), now));
                false
            }
        };
        drop(candidate);
        if !agreed {
            return Ok(Noticed::Nothing);
        }
        // A rotation of another process may be under way.
        let Some(_lock) = self.try_lock()? else { return Ok(Noticed::Nothing) };
        *self.candidate() = None;
        self.finish_pending(schedule)?;
        let current = self.store.read(|store| store.current_token())?;
        if self.read()? != content {
            return Ok(Noticed::Nothing);
        }
        match (content, current) {
            (Content::Token(found), Some(current)) if found == current.token => Ok(Noticed::Nothing),
            (Content::Token(found), _) => {
                let now = self.clock.now();
                let (last, next) = (schedule.last_reset(now), schedule.next_reset(now));
                let satisfies = if next - now <= NEAR_RESET {
                    Some(next)
                } else {
                    (now - last <= NEAR_RESET).then_some(last)
                };
                self.note(&found, Origin::Adopted, satisfies)?;
                Ok(Noticed::Adopted { weak: self.is_weak(&found) })
            }
            (_, Some(current)) => {
                self.write(&current.token)?;
                Ok(Noticed::Restored)
            }
            (_, None) => Ok(Noticed::Nothing),
        }
    }

    fn candidate(&self) -> MutexGuard<'_, Option<(Content, Instant)>> {
        self.candidate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// After how long it is to be looked again, because somebody may just be writing.
    pub fn unsure_for(&self) -> Option<Duration> {
        self.candidate().is_some().then_some(AGREE_AFTER)
    }

    /// The homeserver's own configuration file is nobody else's: what stands in the token file is to stand there too.
    fn look_at_toml(&self, token: &RegistrationToken) -> Result<Noticed, TokensError> {
        let ways = self.ways.load();
        let Some(toml) = &ways.toml else { return Ok(Noticed::Nothing) };
        let holds = toml.read().map_err(|error| TokensError::File(toml.path().to_owned(), error))?;
        if holds == Content::Token(token.clone()) {
            return Ok(Noticed::Nothing);
        }
        // A rotation of another process may be just between the two.
        let Some(_lock) = self.try_lock()? else { return Ok(Noticed::Nothing) };
        if self.read()? != Content::Token(token.clone()) {
            return Ok(Noticed::Nothing);
        }
        put(toml, token)?;
        Ok(Noticed::RestoredToml)
    }
}
