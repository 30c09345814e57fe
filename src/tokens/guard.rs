//! A token that nobody is given.
//!
//! tuwunel is open to all while it knows no token at all. Where its tokens come from the desk alone there are times of none:
//! with one for each applicant before the first letter and after the last, and whenever the desk was away for so long that
//! all have ended. So it gets one that does not end, is as long as any, and stands in no file and no letter.

use chrono::TimeDelta;

use crate::domain::RegistrationToken;
use crate::store::StoreError;

use super::{Known, Order, Tokens, TokensError};

/// As good as for ever: whoever takes the desk away leaves the door shut.
const FOR_EVER: TimeDelta = TimeDelta::days(36_500);

impl Tokens {
    /// Sees to it that the homeserver has such a token. One that it has lost it gets again.
    pub fn stand_guard(&self) -> Result<(), TokensError> {
        let Some(api) = self.api() else { return Ok(()) };
        let (word, now) = (api.word(), self.clock.now());
        // Noted before it is asked for, so that a crash leaves none that nobody knows of.
        let token = RegistrationToken::generate(&mut rand::rand_core::UnwrapErr(rand::rngs::SysRng));
        let guard = match self.store.read(|store| store.guard_token(word))? {
            None => self.store.write(move |store| {
                if store.guard_token(word)?.is_none() {
                    store.add_guard_token(&token, word, now)?;
                }
                store.guard_token(word)
            })?,
            noted => noted,
        };
        let guard = guard.ok_or_else(|| StoreError::Other("the token was not kept".into()))?;
        if api.look(&Known::from(&guard), now)?.is_some_and(|found| found.opens) {
            return Ok(());
        }
        let made = api.make(&Order {
            id: guard.id,
            token: &guard.token,
            ends_at: now + FOR_EVER,
            uses_allowed: None,
        })?;
        self.store.write(move |store| store.note_made(guard.id, &made.token, made.remote_id.as_deref()))?;
        tracing::info!(
            "the homeserver has a token that nobody is given: without any it would be open to all"
        );
        Ok(())
    }
}
