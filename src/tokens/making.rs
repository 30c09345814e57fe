//! How a token comes to be: noted, asked of the homeserver where that makes it, written into the file, current. Whoever is
//! killed in between is taken up by the next one.

use chrono::{DateTime, Utc};

use crate::domain::{RegistrationToken, Schedule};
use crate::store::{Asked, Origin, StoreError, TokenRecord};

use super::{Content, Found, Order, TokenApi, Tokens, TokensError, ends_at};

impl Tokens {
    /// Replaces the current token by a new one: for the reset `satisfies`, or by the operator's hand. Where the homeserver is
    /// asked for it and does not make it, the old one stays.
    pub fn rotate(
        &self,
        origin: Origin,
        satisfies: Option<DateTime<Utc>>,
        schedule: &Schedule,
    ) -> Result<TokenRecord, TokensError> {
        let _lock = self.lock()?;
        // One that was begun and could not be finished is as good as another.
        if let Some(finished) = self.finish_pending(true, schedule)?
            && origin != Origin::Manual
        {
            return Ok(finished);
        }
        self.make(origin, satisfies, schedule)
    }

    /// Sees to it that the homeserver has the current token, which it may never have been asked for: another hand wrote it,
    /// or another backend made it. Returns whether there was anything to do.
    pub fn hand_over(&self, schedule: &Schedule) -> Result<bool, TokensError> {
        let Some(api) = self.api() else { return Ok(false) };
        let Some(current) = self.store.read(|store| store.current_token())? else { return Ok(false) };
        if current.backend.as_deref() == Some(api.word()) && current.dead_at.is_some() {
            return Ok(false);
        }
        if api.takes_any_token() {
            self.make_again(&*api, &current, schedule)?;
        } else {
            // It cannot be told of a token, only asked for one.
            self.rotate(Origin::Replacing, None, schedule)?;
        }
        Ok(true)
    }

    /// The homeserver has lost the current token: it gets it once more, or, where it has let it end, another one.
    pub fn renew(&self, found: Option<Found>, schedule: &Schedule) -> Result<(), TokensError> {
        let Some(api) = self.api() else { return Ok(()) };
        let Some(current) = self.store.read(|store| store.current_token())? else { return Ok(()) };
        if found.is_some() || !api.takes_any_token() {
            self.rotate(Origin::Replacing, None, schedule)?;
            return Ok(());
        }
        self.make_again(&*api, &current, schedule)
    }

    fn make_again(
        &self,
        api: &dyn TokenApi,
        current: &TokenRecord,
        schedule: &Schedule,
    ) -> Result<(), TokensError> {
        let _lock = self.lock()?;
        // A rotation of another process may have been faster: nobody would withdraw this one then.
        if self.store.read(|store| store.current_token())?.map(|now| now.id) != Some(current.id) {
            return Ok(());
        }
        let ends_at = ends_at(schedule, self.grace(), self.clock.now());
        let made = api.make(&Order { id: current.id, token: &current.token, ends_at, uses_allowed: None })?;
        let (id, word) = (current.id, api.word());
        self.store.write(move |store| {
            store.note_asked(id, word, ends_at)?;
            store.note_made(id, &made.token, made.remote_id.as_deref())
        })?;
        Ok(())
    }

    /// Whoever was about to replace the shared token and is no more: what they began is finished or given up.
    pub fn clear_up(&self, schedule: &Schedule) -> Result<(), TokensError> {
        if self.store.read(|store| store.pending_tokens())?.is_empty() {
            return Ok(());
        }
        if let Some(_lock) = self.try_lock()? {
            self.finish_pending(false, schedule)?;
        }
        Ok(())
    }

    pub(super) fn make(
        &self,
        origin: Origin,
        satisfies: Option<DateTime<Utc>>,
        schedule: &Schedule,
    ) -> Result<TokenRecord, TokensError> {
        let token = RegistrationToken::generate(&mut rand::rand_core::UnwrapErr(rand::rngs::SysRng));
        let (now, api) = (self.clock.now(), self.api());
        let asked = api.as_ref().map(|api| Asked {
            backend: api.word(),
            dead_at: ends_at(schedule, self.grace(), now),
            uses_allowed: None,
            letter_id: None,
        });
        let noted = token.clone();
        let id =
            self.store.write(move |store| store.add_pending_token(&noted, origin, now, satisfies, asked))?;
        let brought = self.bring_in(id, &token, asked);
        if let Err(error) = brought {
            // What the homeserver was asked for without being heard is asked for again, as long as nobody waits for it.
            if asked.is_none() || origin == Origin::Manual {
                self.store.write(move |store| store.void_token(id))?;
            }
            return Err(error);
        }
        self.promote(id)
    }

    /// The homeserver makes it, where it is asked; then it stands in the file.
    fn bring_in(&self, id: i64, token: &RegistrationToken, asked: Option<Asked>) -> Result<(), TokensError> {
        let (Some(api), Some(asked)) = (self.api(), asked) else { return self.write(token) };
        let made =
            api.make(&Order { id, token, ends_at: asked.dead_at, uses_allowed: asked.uses_allowed })?;
        let token = made.token.clone();
        self.store.write(move |store| store.note_made(id, &made.token, made.remote_id.as_deref()))?;
        self.write(&token)
    }

    pub(super) fn note(
        &self,
        token: &RegistrationToken,
        origin: Origin,
        satisfies: Option<DateTime<Utc>>,
    ) -> Result<TokenRecord, TokensError> {
        let (token, now) = (token.clone(), self.clock.now());
        let id =
            self.store.write(move |store| store.add_pending_token(&token, origin, now, satisfies, None))?;
        self.promote(id)
    }

    fn promote(&self, id: i64) -> Result<TokenRecord, TokensError> {
        let (now, asked) = (self.clock.now(), self.asked());
        let current = self.store.write(move |store| {
            store.promote_token(id, now, asked)?;
            store.current_token()
        })?;
        current.ok_or_else(|| StoreError::Other("the token was not kept".into()).into())
    }

    /// Whoever made these was killed before or after writing the file; the file tells. One that the homeserver was asked for
    /// it is asked for again, if `ask`, unless it would soon be dead. Returns the one that is current by that.
    pub(super) fn finish_pending(
        &self,
        ask: bool,
        schedule: &Schedule,
    ) -> Result<Option<TokenRecord>, TokensError> {
        let mut finished = None;
        for pending in self.store.read(|store| store.pending_tokens())? {
            if self.read()? == Content::Token(pending.token.clone()) {
                finished = Some(self.promote(pending.id)?);
                continue;
            }
            let api = self.api().filter(|api| pending.backend.as_deref() == Some(api.word()));
            // Nobody waits for one that the operator asked for: the command was killed.
            let works_on = pending.origin != Origin::Manual
                && pending.dead_at.is_some_and(|at| at >= ends_at(schedule, self.grace(), self.clock.now()));
            match (api, pending.dead_at) {
                // It was made, and noted; only the file was not written.
                (Some(_), _) if works_on && pending.remote_id.is_some() => {
                    self.write(&pending.token)?;
                    finished = Some(self.promote(pending.id)?);
                }
                (Some(_), Some(_)) if works_on && !ask => {}
                (Some(api), Some(dead_at)) if works_on => {
                    let asked = Asked { backend: api.word(), dead_at, uses_allowed: None, letter_id: None };
                    self.bring_in(pending.id, &pending.token, Some(asked))?;
                    finished = Some(self.promote(pending.id)?);
                }
                _ => self.store.write(move |store| store.void_token(pending.id))?,
            }
        }
        Ok(finished)
    }
}
