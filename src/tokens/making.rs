//! How a token comes to be: noted, asked of the homeserver where that makes it, written into the file, current. Whoever is
//! killed in between is taken up by the next one.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{RegistrationToken, Schedule};
use crate::store::{Asked, NewAct, Origin, Reading, StoreError, TokenRecord};

use super::{ApiFault, Content, Found, Order, TokenApi, Tokens, TokensError, ends_at};

/// Who asks the homeserver for a token by the operator's hand has had the answer by then, or was killed.
const UNDER_WAY: TimeDelta = TimeDelta::seconds(15);

/// Where a token that is to be current has come.
pub(super) enum Begun {
    /// The homeserver is to be asked for it, by whoever holds no lock.
    Noted(TokenRecord),
    Current(TokenRecord),
}

/// What those who are no more have left behind.
pub(super) struct Left {
    /// The one that is current by that.
    finished: Option<TokenRecord>,
    /// One that the homeserver is to be asked for again.
    to_ask: Option<TokenRecord>,
    /// Somebody is just asking for one.
    under_way: bool,
}

impl Tokens {
    /// Replaces the current token by a new one: for the reset `satisfies`, or by the operator's hand. Where the homeserver is
    /// asked for it and does not make it, the old one stays.
    pub fn rotate(
        &self,
        origin: Origin,
        satisfies: Option<DateTime<Utc>>,
        schedule: &Schedule,
    ) -> Result<TokenRecord, TokensError> {
        let by_hand = origin == Origin::Manual;
        loop {
            let lock = self.lock()?;
            let left = self.finish_pending(schedule)?;
            // One that was begun and could not be finished is as good as another.
            if let Some(finished) = left.finished.filter(|_| !by_hand) {
                return Ok(finished);
            }
            if left.under_way && !by_hand {
                return Err(ApiFault::new("the token is just being replaced by hand").into());
            }
            let is_anothers = left.to_ask.is_some();
            let begun = match left.to_ask {
                Some(pending) => Begun::Noted(pending),
                None => self.begin(origin, satisfies, schedule)?,
            };
            drop(lock);
            let current = match begun {
                Begun::Current(current) => current,
                Begun::Noted(pending) => self.have_made(&pending)?,
            };
            if !(is_anothers && by_hand) {
                return Ok(current);
            }
        }
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
        let ends_at = ends_at(schedule, self.grace(), self.clock.now());
        let made = api.make(&Order { id: current.id, token: &current.token, ends_at, uses_allowed: None })?;
        let (id, word, now) = (current.id, api.word(), self.clock.now());
        self.store.write(move |store| {
            // A rotation of another process may have been faster: then this one is withdrawn.
            let is_current = store.current_token()?.is_some_and(|current| current.id == id);
            store.note_asked(id, word, if is_current { ends_at } else { now })?;
            store.note_made(id, &made.token, made.remote_id.as_deref())
        })?;
        Ok(())
    }

    /// Whoever was about to replace the shared token and is no more: what they began is finished or given up. Returns whether
    /// there is something left of that kind.
    pub fn clear_up(&self, schedule: &Schedule) -> Result<bool, TokensError> {
        let some = |store: &Reading<'_>| Ok(!store.pending_tokens()?.is_empty());
        if self.store.read(some)?
            && let Some(_lock) = self.try_lock()?
        {
            self.finish_pending(schedule)?;
        }
        Ok(self.store.read(some)?)
    }

    /// Notes a new token. Where nobody is asked for it, it is current then.
    pub(super) fn begin(
        &self,
        origin: Origin,
        satisfies: Option<DateTime<Utc>>,
        schedule: &Schedule,
    ) -> Result<Begun, TokensError> {
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
        if asked.is_some() {
            let pending = self.pending(id)?;
            return pending
                .map(Begun::Noted)
                .ok_or_else(|| StoreError::Other("the token was not kept".into()).into());
        }
        if let Err(error) = self.write(&token) {
            self.store.write(move |store| store.void_token(id))?;
            return Err(error);
        }
        self.promote(id).map(Begun::Current)
    }

    fn pending(&self, id: i64) -> Result<Option<TokenRecord>, StoreError> {
        Ok(self.store.read(|store| store.pending_tokens())?.into_iter().find(|pending| pending.id == id))
    }

    /// Has the homeserver make it; then it stands in the file, and is current.
    fn have_made(&self, pending: &TokenRecord) -> Result<TokenRecord, TokensError> {
        let id = pending.id;
        let done = self.ask_for(pending);
        // What the homeserver was asked for without being heard is asked for again, as long as nobody waits for it.
        if done.is_err() && pending.origin == Origin::Manual {
            self.store.write(move |store| store.void_token(id))?;
        }
        done
    }

    fn ask_for(&self, pending: &TokenRecord) -> Result<TokenRecord, TokensError> {
        let given_up =
            || ApiFault::new("the token was dropped while the homeserver was asked for it: try again");
        let (Some(api), Some(ends_at)) = (self.api(), pending.dead_at) else { return Err(given_up().into()) };
        let (id, uses_allowed) = (pending.id, pending.uses_allowed);
        let made = api.make(&Order { id, token: &pending.token, ends_at, uses_allowed })?;
        let token = made.token.clone();
        let _lock = self.lock()?;
        let current = self.store.write(move |store| {
            store.note_made(id, &made.token, made.remote_id.as_deref())?;
            store.current_token()
        })?;
        // Somebody else may have come to its end meanwhile.
        if let Some(finished) = current.filter(|current| current.id == id) {
            return Ok(finished);
        }
        self.pending(id)?.ok_or_else(given_up)?;
        self.write(&token)?;
        self.promote(id)
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
            let is_new = store.promote_token(id, now, asked)?;
            let current = store.current_token()?;
            // What the operator asked for is the operator's act.
            if let Some(current) =
                current.as_ref().filter(|current| is_new && current.origin != Origin::Manual)
            {
                let how = format!("{{\"how\":\"{}\"}}", current.origin.word());
                store.note_act(&NewAct::of_desk(now, "rotate", None, Some(how)))?;
            }
            Ok(current)
        })?;
        current.ok_or_else(|| StoreError::Other("the token was not kept".into()).into())
    }

    /// Whoever began these is no more: killed before or after writing the file, which tells; or while the homeserver was asked,
    /// which is to be asked again, unless the token would soon be dead.
    pub(super) fn finish_pending(&self, schedule: &Schedule) -> Result<Left, TokensError> {
        let mut left = Left { finished: None, to_ask: None, under_way: false };
        let now = self.clock.now();
        for pending in self.store.read(|store| store.pending_tokens())? {
            if self.read()? == Content::Token(pending.token.clone()) {
                left.finished = Some(self.promote(pending.id)?);
                continue;
            }
            let is_of_api = self.api().is_some_and(|api| pending.backend.as_deref() == Some(api.word()));
            let works_on = pending.dead_at.is_some_and(|at| at >= ends_at(schedule, self.grace(), now));
            if is_of_api && pending.origin == Origin::Manual && (now - pending.made_at).abs() < UNDER_WAY {
                left.under_way = true;
            } else if is_of_api && pending.origin != Origin::Manual && works_on {
                if pending.remote_id.is_some() {
                    // It was made, and noted; only the file was not written.
                    self.write(&pending.token)?;
                    left.finished = Some(self.promote(pending.id)?);
                } else {
                    left.to_ask.get_or_insert(pending);
                }
            } else {
                self.store.write(move |store| store.void_token(pending.id))?;
            }
        }
        Ok(left)
    }
}
