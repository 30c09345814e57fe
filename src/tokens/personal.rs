//! A token for one letter alone.

use chrono::TimeDelta;

use crate::domain::RegistrationToken;
use crate::store::{Asked, Origin, TokenRecord};

use super::{ApiFault, Order, Tokens, TokensError};

impl Tokens {
    /// The token of this letter: the one that an earlier try had, as long as it works for half of its life, or a new one. It is
    /// noted before the homeserver is asked for it, so that nobody forgets one that was made.
    pub fn for_letter(&self, letter_id: i64) -> Result<TokenRecord, TokensError> {
        let Some(api) = self.api() else {
            return Err(ApiFault::new("no backend is configured that makes tokens").into());
        };
        let settings = self.ways.load().settings.clone();
        let now = self.clock.now();
        let lifetime = TimeDelta::from_std(settings.lifetime).unwrap_or(TimeDelta::days(365));
        let word = api.word();
        let kept = self.store.read(|store| store.token_of_letter(letter_id, word, now + lifetime / 2))?;
        let (id, token, dead_at, uses_allowed) = match kept {
            Some(kept) if kept.is_made => return Ok(kept),
            Some(kept) => {
                let dead_at = kept.dead_at.unwrap_or(now + lifetime);
                (kept.id, kept.token, dead_at, kept.uses_allowed)
            }
            None => {
                let token = RegistrationToken::generate(&mut rand::rand_core::UnwrapErr(rand::rngs::SysRng));
                let (noted, dead_at, uses) = (token.clone(), now + lifetime, settings.uses);
                let asked =
                    Asked { backend: word, dead_at, uses_allowed: Some(uses), letter_id: Some(letter_id) };
                let id = self.store.write(move |store| {
                    store.add_pending_token(&noted, Origin::Personal, now, None, Some(asked))
                })?;
                (id, token, dead_at, Some(uses))
            }
        };
        let made = api.make(&Order { id, token: &token, ends_at: dead_at, uses_allowed })?;
        self.store.write(move |store| store.note_made(id, &made.token, made.remote_id.as_deref()))?;
        let made = self.store.read(|store| store.token_of_letter(letter_id, word, now))?;
        made.ok_or_else(|| ApiFault::new("the token was withdrawn while it was made").into())
    }
}
