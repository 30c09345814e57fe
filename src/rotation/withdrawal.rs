//! What becomes of tokens that the homeserver was asked for: who has used theirs, and which are to be taken back.
//!
//! What is to be taken back is read from the store's state each time, so that nothing has to be remembered to be done: the
//! shared token before this one after its grace, one whose letter failed, was dropped or forgotten, whose request was
//! refused, whose holder is banned, and all that have ended.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use crate::alarms::Trouble;
use crate::bans::Lists;
use crate::clock::Clock;
use crate::domain::{Action, EmailAddress, Localpart};
use crate::premises::Premises;
use crate::stop::Stop;
use crate::store::{Origin, TokenRecord};
use crate::tokens::{ApiFault, Known, TokenApi, Tokens, TokensError};

/// How often it is looked whether there is something to do.
const LOOK_EVERY: Duration = Duration::from_secs(1);

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

/// Looks after the tokens that are out.
pub struct Withdrawal {
    /// What the desk's threads share.
    pub premises: Arc<Premises>,
    /// The tokens.
    pub tokens: Arc<Tokens>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// What one round leaves to the next.
#[derive(Default)]
struct Rounds {
    /// Whom they are about.
    api: Option<Arc<dyn TokenApi>>,
    /// The ban lists and the newest token that were looked at.
    seen: Option<(Arc<Lists>, i64)>,
    /// It does not answer, and is left alone.
    rest: Option<Rest>,
    /// What is left alone after a failure, with what was said, so that one that is refused again and again holds up no other.
    set_aside: BTreeMap<(i64, Chore), (Rest, String)>,
}

/// What is to be done about a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Chore {
    Withdraw,
    LookAt,
}

/// A pause, and its end.
#[derive(Debug, Clone, Copy)]
struct Rest {
    pause: Duration,
    until: Instant,
}

impl Rest {
    /// The next one, twice as long.
    fn after(last: Option<Self>, now: Instant, longest: Duration) -> Self {
        let pause = last.map_or(FIRST_PAUSE, |last| (last.pause * 2).min(longest));
        Self { pause, until: now + pause }
    }
}

impl Rounds {
    fn are_of(&self, api: Option<&Arc<dyn TokenApi>>) -> bool {
        match (&self.api, api) {
            (Some(own), Some(api)) => Arc::ptr_eq(own, api),
            (own, api) => own.is_none() && api.is_none(),
        }
    }

    fn is_due(&self, key: (i64, Chore), now: Instant) -> bool {
        self.set_aside.get(&key).is_none_or(|(rest, _)| rest.until <= now)
    }

    fn set_aside(&mut self, key: (i64, Chore), fault: ApiFault, now: Instant) {
        let last = self.set_aside.get(&key).map(|(rest, _)| *rest);
        self.set_aside.insert(key, (Rest::after(last, now, LONGEST_PAUSE_OF_ONE), fault.words));
    }
}

impl std::fmt::Debug for Withdrawal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Withdrawal").finish_non_exhaustive()
    }
}

impl Withdrawal {
    /// Looks after them until the stop signal comes.
    pub fn run(&self, stop: &Stop) {
        let mut rounds = Rounds::default();
        let mut is_more = false;
        while !stop.wait(if is_more { Duration::ZERO } else { LOOK_EVERY }) {
            is_more = self.round(&mut rounds, stop).unwrap_or_else(|error| {
                self.premises.alarms.raise(Trouble::Store, error.to_string());
                false
            });
        }
    }

    /// Returns whether there is more that can be done at once.
    fn round(&self, rounds: &mut Rounds, stop: &Stop) -> Result<bool, TokensError> {
        let api = self.tokens.api();
        if !rounds.are_of(api.as_ref()) {
            *rounds = Rounds { api: api.clone(), ..Rounds::default() };
        }
        let is_more = match api {
            Some(api) if rounds.rest.is_none_or(|rest| rest.until <= self.clock.monotonic()) => {
                self.tend(&*api, rounds, stop)?
            }
            _ => false,
        };
        match rounds.set_aside.values().next() {
            Some((_, fault)) => self.premises.alarms.raise(Trouble::TokenWithdrawal, fault),
            None => self.premises.alarms.clear(Trouble::TokenWithdrawal),
        }
        Ok(is_more)
    }

    fn tend(&self, api: &dyn TokenApi, rounds: &mut Rounds, stop: &Stop) -> Result<bool, TokensError> {
        let lists = self.premises.bans.current();
        let newest = self.premises.store.read(|store| store.newest_token())?;
        // A letter may have been owed to somebody before they were banned.
        if !rounds.seen.as_ref().is_some_and(|(seen, last)| Arc::ptr_eq(seen, &lists) && *last == newest) {
            self.end_those_of_banned(&lists)?;
            rounds.seen = Some((lists, newest));
        }
        let (now, at_most) = (self.clock.now(), BATCH + rounds.set_aside.len());
        let (ended, used) = self.premises.store.read(|store| {
            Ok((
                store.withdrawals(api.word(), now, api.leisure(), at_most)?,
                store.tokens_to_look_at(api.word(), now, at_most)?,
            ))
        })?;
        let is_all = ended.len() < at_most && used.len() < at_most;
        let chores: Vec<_> = ended
            .into_iter()
            .map(|token| (Chore::Withdraw, token))
            .chain(used.into_iter().map(|token| (Chore::LookAt, token)))
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
                return Ok(false);
            }
            let key = (token.id, chore);
            let done = match chore {
                Chore::Withdraw => self.withdraw(api, &token, rounds.set_aside.contains_key(&key), now),
                Chore::LookAt => self.note_uses(api, &token),
            };
            let moment = self.clock.monotonic();
            match done {
                Ok(()) => {
                    rounds.set_aside.remove(&key);
                    rounds.rest = None;
                }
                Err(TokensError::Api(fault)) => {
                    let is_silence = fault.is_silence;
                    rounds.set_aside(key, fault, moment);
                    refusals += 1;
                    if is_silence {
                        rounds.rest = Some(Rest::after(rounds.rest, moment, LONGEST_PAUSE));
                    }
                    if is_silence || refusals == REFUSALS {
                        return Ok(false);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(is_full)
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

    /// A ban takes back the token of whoever it hits.
    fn end_those_of_banned(&self, lists: &Lists) -> Result<(), TokensError> {
        let now = self.clock.now();
        let server = self.premises.settings.load().homeserver.clone();
        let holders = self.premises.store.read(|store| store.token_holders(now))?;
        for holder in holders {
            let email = EmailAddress::parse(&holder.email).ok();
            let name = Localpart::parse(&holder.username, &server).ok();
            if lists.hits(holder.ip, email.as_ref(), name.as_ref()).first(Action::Refuse).is_some() {
                self.end(holder.token_id, now)?;
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

#[cfg(test)]
mod tests {
    use crate::clock::ManualClock;
    use crate::config::{Backend, Settings};
    use crate::domain::{RegistrationToken, Secret, ServerName};
    use crate::homeserver::Homeserver;
    use crate::http_client::scripted_server::{Act, ScriptedServer};
    use crate::store::Asked;

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
        let withdrawal = Withdrawal { premises, tokens: Arc::new(tokens), clock: clock.clone() };
        let now = clock.now();
        withdrawal
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
        let mut rounds = Rounds::default();
        let mut seconds = Vec::new();
        for second in 0..100 {
            let before = server.questions().len();
            assert!(!withdrawal.round(&mut rounds, &Stop::new()).unwrap());
            if server.questions().len() > before {
                seconds.push(second);
            }
            clock.advance(Duration::from_secs(1));
        }
        assert_eq!(seconds, [0, 1, 3, 7, 15, 31, 63]);
        let asked: std::collections::BTreeSet<String> =
            server.questions().into_iter().map(|question| question.line).collect();
        assert_eq!(asked.len(), seconds.len(), "{asked:?}");
        assert!(withdrawal.premises.alarms.is_raised(Trouble::TokenWithdrawal));
    }
}
