//! What becomes of tokens that the homeserver was asked for: who has used theirs, and which are to be taken back.
//!
//! What is to be taken back is read from the store's state each time, so that nothing has to be remembered to be done: the
//! shared token before this one after its grace, one whose letter failed, was dropped or forgotten, whose request was
//! refused, whose holder is banned, and all that have ended. Where a ban is taken back, so is what it has ended.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use crate::alarms::Trouble;
use crate::backoff::Backoff;
use crate::bans::Lists;
use crate::domain::{Action, EmailAddress, Localpart};
use crate::pulse::{Next, Topic};
use crate::stop::Stop;
use crate::store::{Holder, Origin, TokenRecord};
use crate::tokens::{ApiFault, Known, Order, TokenApi, TokensError};

use super::Rotation;

/// However much happens, it is looked no more often whether there is something to do.
const REST: Duration = Duration::from_secs(1);

/// While the clock is not believed, and that is no alarm yet, it is asked about again after so long.
const WHILE_DOUBTED: Duration = Duration::from_secs(5);

/// At once so many are asked about or taken back.
const BATCH: usize = 20;

/// So many refusals are met at once: they cost the others time, and some homeservers a message in a room that people read.
const REFUSALS: usize = 3;

/// The first pause after the homeserver's API has failed; the longest if it did not answer, or refused one token.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE_OF_ONE: Duration = Duration::from_secs(300);

/// How often a token was used is asked for after a quarter of its age, but not more often and not more rarely than this.
const SHORTEST_WAIT: TimeDelta = TimeDelta::seconds(3);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

/// What one round leaves to the next.
struct Rounds {
    /// Whom they are about.
    api: Option<Arc<dyn TokenApi>>,
    /// The ban lists and the newest token that were looked at.
    seen: Option<(Arc<Lists>, i64)>,
    /// It does not answer, and is left alone.
    silence: Backoff,
    /// What is left alone after a failure, with what was said, so that one that is refused again and again holds up no other.
    set_aside: BTreeMap<(i64, Chore), (Backoff, String)>,
}

/// What is to be done about a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Chore {
    Withdraw,
    MakeAgain,
    LookAt,
}

impl Rounds {
    fn of(api: Option<Arc<dyn TokenApi>>) -> Self {
        let silence = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        Self { api, seen: None, silence, set_aside: BTreeMap::new() }
    }

    fn are_of(&self, api: Option<&Arc<dyn TokenApi>>) -> bool {
        match (&self.api, api) {
            (Some(own), Some(api)) => Arc::ptr_eq(own, api),
            (own, api) => own.is_none() && api.is_none(),
        }
    }

    fn is_due(&self, key: (i64, Chore), now: Instant) -> bool {
        self.set_aside.get(&key).is_none_or(|(pause, _)| !pause.rests(now))
    }

    fn set_aside(&mut self, key: (i64, Chore), fault: ApiFault, now: Instant) {
        let new = || (Backoff::new(FIRST_PAUSE, LONGEST_PAUSE_OF_ONE), String::new());
        let (pause, words) = self.set_aside.entry(key).or_insert_with(new);
        pause.failed(now);
        *words = fault.words;
    }
}

impl Rotation {
    /// Looks after the tokens that are out until the stop signal comes.
    pub fn look_after_tokens(&self, stop: &Stop) {
        let mut rounds = Rounds::of(None);
        // The end of the alarm about the clock, too.
        let topics = [Topic::Store, Topic::Settings, Topic::Bans, Topic::Condition];
        let mut listener = self.premises.pulse().listen(stop, &topics, REST);
        while !stop.is_given() {
            // What becomes due while others are dealt with is due at once.
            let now = self.clock.now();
            let next = self.chores(&mut rounds, stop).and_then(|more_after| match more_after {
                Some(pause) => Ok(Next::after(pause)),
                None => self.next_chore(&rounds, now),
            });
            listener.wait(next.unwrap_or_else(|error| {
                self.premises.alarms.raise(Trouble::Store, error.to_string());
                Next::after(REST)
            }));
        }
    }

    /// When there is something to do although nothing happens, beside what was due at `now`.
    fn next_chore(&self, rounds: &Rounds, now: DateTime<Utc>) -> Result<Next, TokensError> {
        let (mut next, moment) = (Next::never(), self.clock.monotonic());
        next.waits(rounds.silence.until(), moment);
        for (pause, _) in rounds.set_aside.values() {
            next.waits(pause.until(), moment);
        }
        if let Some(api) = &rounds.api {
            let at = self.premises.store.read(|store| store.next_chore(api.word(), now, api.leisure()))?;
            next.at_time(at, &*self.clock);
            if !self.premises.believes(self.clock.reading()) {
                next.at(moment + WHILE_DOUBTED);
            }
        }
        Ok(next)
    }

    /// Returns after how long the next of those can be done that could be done now. None: there are none.
    fn chores(&self, rounds: &mut Rounds, stop: &Stop) -> Result<Option<Duration>, TokensError> {
        let api = self.tokens.api();
        if !rounds.are_of(api.as_ref()) {
            *rounds = Rounds::of(api.clone());
        }
        let more_after = match api {
            Some(api) if !rounds.silence.rests(self.clock.monotonic()) => self.tend(&*api, rounds, stop)?,
            _ => None,
        };
        match rounds.set_aside.values().next() {
            Some((_, fault)) => self.premises.alarms.raise(Trouble::TokenWithdrawal, fault),
            None => self.premises.alarms.clear(Trouble::TokenWithdrawal),
        }
        Ok(more_after)
    }

    fn tend(
        &self,
        api: &dyn TokenApi,
        rounds: &mut Rounds,
        stop: &Stop,
    ) -> Result<Option<Duration>, TokensError> {
        let lists = self.premises.bans.current();
        let newest = self.premises.store.read(|store| store.newest_token())?;
        // A letter may have been owed to somebody before they were banned.
        if !rounds.seen.as_ref().is_some_and(|(seen, last)| Arc::ptr_eq(seen, &lists) && *last == newest) {
            self.follow_bans(api, &lists)?;
            rounds.seen = Some((lists, newest));
        }
        let (at, at_most) = (self.clock.reading(), BATCH + rounds.set_aside.len());
        // By a clock that is not believed nothing ends that had not ended before.
        let until = if self.premises.believes(at) {
            at.wall
        } else {
            self.premises.trust.seen_at().unwrap_or_default()
        };
        let now = at.wall;
        let all = self.premises.store.read(|store| {
            Ok([
                (Chore::Withdraw, store.withdrawals(api.word(), until, api.leisure(), at_most)?),
                (Chore::MakeAgain, store.tokens_to_make_again(api.word(), now, at_most)?),
                (Chore::LookAt, store.tokens_to_look_at(api.word(), now, at_most)?),
            ])
        })?;
        let is_all = all.iter().all(|(_, tokens)| tokens.len() < at_most);
        let chores: Vec<_> = all
            .into_iter()
            .flat_map(|(chore, tokens)| tokens.into_iter().map(move |token| (chore, token)))
            .collect();
        if is_all {
            // Whatever was the matter with others, it is no more.
            rounds.set_aside.retain(|key, _| chores.iter().any(|(chore, token)| (token.id, *chore) == *key));
        }
        let moment = self.clock.monotonic();
        let mut due: Vec<_> =
            chores.into_iter().filter(|(chore, token)| rounds.is_due((token.id, *chore), moment)).collect();
        // What has failed before comes last.
        due.sort_by_key(|(chore, token)| rounds.set_aside.contains_key(&(token.id, *chore)));
        let is_full = due.len() >= BATCH;
        let mut refusals = 0;
        for (chore, token) in due.into_iter().take(BATCH) {
            if stop.is_given() {
                return Ok(None);
            }
            let key = (token.id, chore);
            let done = match chore {
                Chore::Withdraw => self.withdraw(api, &token, rounds.set_aside.contains_key(&key), now),
                Chore::MakeAgain => self.make_again(api, &token),
                Chore::LookAt => self.note_uses(api, &token),
            };
            let moment = self.clock.monotonic();
            match done {
                Ok(()) => {
                    rounds.set_aside.remove(&key);
                    rounds.silence.reset();
                }
                Err(TokensError::Api(fault)) => {
                    let is_silence = fault.is_silence;
                    rounds.set_aside(key, fault, moment);
                    refusals += 1;
                    if is_silence {
                        rounds.silence.failed(moment);
                        return Ok(None);
                    }
                    // It speaks with the desk.
                    rounds.silence.reset();
                    if refusals == REFUSALS {
                        return Ok(Some(REST));
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(is_full.then_some(Duration::ZERO))
    }

    /// `again`: it was tried before.
    fn withdraw(
        &self,
        api: &dyn TokenApi,
        token: &TokenRecord,
        again: bool,
        now: DateTime<Utc>,
    ) -> Result<(), TokensError> {
        if token.origin == Origin::Personal && token.is_made {
            // Who has used it would be forgotten with it. But that it must go is what matters.
            match self.note_uses(api, token) {
                Err(TokensError::Api(fault)) if again && !fault.is_silence => {}
                looked => looked?,
            }
        }
        api.withdraw(&Known::from(token))?;
        let id = token.id;
        self.premises.store.write(move |store| store.note_withdrawn(id, now))?;
        Ok(())
    }

    fn make_again(&self, api: &dyn TokenApi, token: &TokenRecord) -> Result<(), TokensError> {
        let spent = if api.forgets_withdrawn() { token.uses } else { 0 };
        let made = api.make(&Order {
            id: token.id,
            token: &token.token,
            ends_at: token.dead_at.unwrap_or_else(|| self.clock.now()),
            uses_allowed: token.uses_allowed.map(|uses| uses.saturating_sub(spent).max(1)),
        })?;
        let id = token.id;
        self.premises
            .store
            .write(move |store| store.note_made(id, &made.token, made.remote_id.as_deref()))?;
        Ok(())
    }

    fn note_uses(&self, api: &dyn TokenApi, token: &TokenRecord) -> Result<(), TokensError> {
        let found = api.look(&Known::from(token), self.clock.now())?;
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

    /// A ban takes back the token of whoever it hits; a ban that is taken back gives it back.
    fn follow_bans(&self, api: &dyn TokenApi, lists: &Lists) -> Result<(), TokensError> {
        let now = self.clock.now();
        let server = self.premises.settings.load().homeserver.clone();
        let is_banned = |holder: &Holder| {
            let email = EmailAddress::parse(&holder.email).ok();
            let name = Localpart::parse(&holder.username, &server).ok();
            lists.hits(holder.ip, email.as_ref(), name.as_ref(), now).first(Action::Refuse).is_some()
        };
        let (holders, ended) = self.premises.store.read(|store| {
            Ok((store.token_holders(now)?, store.holders_of_ended(api.word(), api.takes_any_token(), now)?))
        })?;
        for Holder { token_id, .. } in holders.into_iter().filter(|holder| is_banned(holder)) {
            if self.premises.store.write(move |store| store.end_token(token_id, now))? {
                tracing::info!("a ban has hit somebody who holds a token: it is withdrawn");
            }
        }
        for Holder { token_id, .. } in ended.into_iter().filter(|holder| !is_banned(holder)) {
            if self.premises.store.write(move |store| store.revive_token(token_id))? {
                tracing::info!("no ban hits any more somebody whose token was withdrawn: it is given back");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::clock::{Clock, ManualClock};
    use crate::config::{Backend, Settings};
    use crate::domain::{RegistrationToken, Secret, ServerName};
    use crate::homeserver::Homeserver;
    use crate::net::http::scripted_server::{Act, ScriptedServer};
    use crate::premises::Premises;
    use crate::store::Asked;
    use crate::tokens::Tokens;

    use super::*;

    #[test]
    fn a_homeserver_that_does_not_answer_is_asked_once_a_round_and_after_growing_pauses() {
        ask_for_a_while(Act::HangUp);
    }

    #[test]
    fn nor_is_one_asked_more_often_that_does_not_let_the_desk_in() {
        ask_for_a_while(Act::Json(401, r#"{"errcode": "M_UNKNOWN_TOKEN"}"#.into()));
        ask_for_a_while(Act::Json(
            403,
            r#"{"errcode": "M_FORBIDDEN", "error": "You are not a server admin"}"#.into(),
        ));
        ask_for_a_while(Act::Json(404, r#"{"errcode": "M_UNRECOGNIZED"}"#.into()));
    }

    /// Fifty tokens are to go, and it always does the same.
    fn ask_for_a_while(act: Act) {
        let dir = tempfile::tempdir().unwrap();
        let server = ScriptedServer::that_does(act);
        let mut settings = Settings::trial();
        settings.tokens.backend = Backend::Synapse { access_token: Secret::new("syt_secret") };
        let name = ServerName::parse("your.server").unwrap();
        let homeserver = Arc::new(Homeserver::new(name, Some(server.url.clone())));
        let clock = Arc::new(ManualClock::at("2026-01-01T12:00:00Z"));
        let premises = Arc::new(Premises::for_tests(dir.path(), settings.clone()));
        let (folder, store) = (premises.folder.clone(), Arc::clone(&premises.store));
        let tokens = Tokens::new(folder, store, clock.clone(), &settings, Some(homeserver));
        let rotation = Rotation { premises, tokens: Arc::new(tokens), clock: clock.clone() };
        let now = clock.now();
        rotation
            .premises
            .store
            .write(move |store| {
                for letter in 0..50 {
                    let token =
                        RegistrationToken::parse(&format!("token-of-a-dropped-letter-{letter}")).unwrap();
                    let (backend, dead_at) = ("synapse", now + TimeDelta::days(1));
                    let asked = Asked { backend, dead_at, uses_allowed: None, letter_id: Some(letter) };
                    store.add_pending_token(&token, Origin::Personal, now, None, Some(asked))?;
                }
                Ok(())
            })
            .unwrap();
        let mut rounds = Rounds::of(None);
        let mut seconds = Vec::new();
        for second in 0..100 {
            let before = server.questions().len();
            assert_eq!(rotation.chores(&mut rounds, &Stop::new()).unwrap(), None);
            if server.questions().len() > before {
                seconds.push(second);
            }
            clock.advance(Duration::from_secs(1));
        }
        assert_eq!(seconds, [0, 1, 3, 7, 15, 31, 63]);
        let asked: std::collections::BTreeSet<String> =
            server.questions().into_iter().map(|question| question.line).collect();
        assert_eq!(asked.len(), seconds.len(), "{asked:?}");
        assert!(rotation.premises.alarms.is_raised(Trouble::TokenWithdrawal));
    }
}
