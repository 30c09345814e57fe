//! The admin room of continuwuity (0.5.2 or later) and tuwunel (1.5.0 or later): `!admin token …`.
//!
//! The homeserver thinks of the token itself. That an order makes one token and no second is the transaction's doing: the
//! homeserver remembers it, and brings our first message again, behind which the reply stands. It is derived from the token
//! that was noted in the store before anything was said, which nobody is given here, and which is the same only for the same
//! order: also in a store that was restored from a backup, whose numbers others have had since.

mod conversation;
mod replies;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use rand::Rng as _;
use sha2::{Digest as _, Sha256};

use crate::clock::Clock;
use crate::config::BackendKind;
use crate::domain::{RegistrationToken, Secret};
use crate::homeserver::{Family, Homeserver, TokenAnswer};

use super::api::{ApiFault, Found, Known, Made, Order, TokenApi};
use conversation::{Conversation, Heard, NEVER_MIND};
use replies::Revoked;

/// All uses are asked for at once, and not more often than this: it is a message in a room that people read.
const LIST_EVERY: Duration = Duration::from_secs(5 * 60);

/// A command that was refused, or has made a token that opens nothing, is said again after this, one that was lost after
/// that: nobody replies to it any more. Both are doubled each time.
const AFTER_REFUSAL: Duration = Duration::from_secs(60);
const AFTER_SILENCE: Duration = Duration::from_secs(10 * 60);

/// So often one token is asked for.
const ATTEMPTS: u8 = 8;

/// How long one command may take, with the way there and back: a reply comes at once, or late enough for another try.
const WITHIN: Duration = Duration::from_secs(5);

const COMMANDS: &str = "!admin token ";

/// The admin room, asked in a member's name.
pub(super) struct AdminRoom {
    homeserver: Arc<Homeserver>,
    clock: Arc<dyn Clock>,
    /// One command at a time.
    conversation: Mutex<Conversation>,
    list: Mutex<Option<List>>,
    /// How long one command may take.
    budget: Duration,
}

impl std::fmt::Debug for AdminRoom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdminRoom").field("conversation", &self.conversation).finish_non_exhaustive()
    }
}

/// How often each token was used.
struct List {
    asked_at: Instant,
    /// None: it could not be read.
    uses: Option<HashMap<RegistrationToken, u32>>,
}

/// What became of one of an order's commands.
enum Outcome {
    Issued(Made),
    /// Not of this one, and none is to be expected of it any more.
    Nothing,
    /// It may still come.
    NotYet(ApiFault),
}

impl AdminRoom {
    pub(super) fn new(homeserver: Arc<Homeserver>, access_token: Secret, clock: Arc<dyn Clock>) -> Self {
        let conversation = Conversation::new(Arc::clone(&homeserver), access_token, Arc::clone(&clock));
        Self {
            homeserver,
            clock,
            conversation: Mutex::new(conversation),
            list: Mutex::default(),
            budget: WITHIN,
        }
    }

    fn conversation(&self) -> MutexGuard<'_, Conversation> {
        self.conversation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn family(&self) -> Result<Family, ApiFault> {
        let family = self.homeserver.identify(self.budget);
        if family.row().has_token_commands {
            return Ok(family);
        }
        Err(ApiFault::new(match family {
            Family::Unknown => {
                format!("{} does not tell which homeserver it is", self.homeserver.server_name())
            }
            family => format!(
                "{family} has no `!admin token`, which needs continuwuity 0.5.2 or tuwunel 1.5.0 or later: update it, or \
                 choose another tokens.backend"
            ),
        }))
    }

    fn command_for(&self, order: &Order<'_>) -> Result<String, ApiFault> {
        let family = self.family()?;
        let lifetime = (order.ends_at - self.clock.now()).num_seconds().max(1);
        Ok(match (order.uses_allowed, family) {
            (None, _) => format!("{COMMANDS}issue --max-age {lifetime}s"),
            (Some(uses), Family::Tuwunel(_)) => {
                format!("{COMMANDS}issue --max-uses {uses} --max-age {lifetime}s")
            }
            // It takes just one of them. The desk ends the token itself when it is time.
            (Some(uses), _) => format!("{COMMANDS}issue --max-uses {uses}"),
        })
    }

    /// Says one of an order's commands, or comes back to it, and hears what became of it.
    fn attempt(
        &self,
        noted: &RegistrationToken,
        attempt: u8,
        words: &str,
    ) -> Result<(Heard, Outcome), ApiFault> {
        let transaction = transaction(noted, attempt);
        let (after_refusal, after_silence) = (AFTER_REFUSAL * (1 << attempt), AFTER_SILENCE * (1 << attempt));
        let decides = |reply: &str| replies::issued(reply).is_some() || replies::refusal(reply).is_some();
        let mut conversation = self.conversation();
        let deadline = Instant::now() + self.budget;
        let heard = conversation.converse(&transaction, words, after_silence, deadline, &decides)?;
        let outcome = match (heard.first(replies::issued), heard.first(replies::refusal)) {
            (Some(token), _) => Outcome::Issued(Made { token, remote_id: Some(transaction) }),
            (None, Some(_)) if heard.age >= after_refusal => Outcome::Nothing,
            (None, Some(words)) => {
                Outcome::NotYet(ApiFault::new(format!("the homeserver makes no token: {words}")))
            }
            (None, None) if heard.age >= after_silence => Outcome::Nothing,
            (None, None) => Outcome::NotYet(no_reply(&heard)),
        };
        Ok((heard, outcome))
    }

    /// Asks for the uses of all tokens, if that is not too early.
    fn uses(&self, token: &RegistrationToken) -> Option<u32> {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.monotonic();
        if list.as_ref().is_none_or(|list| now.duration_since(list.asked_at) >= LIST_EVERY) {
            let heard = self.command("list", &|_| true).ok();
            *list = Some(List { asked_at: now, uses: heard.and_then(|heard| heard.first(replies::uses)) });
        }
        list.as_ref()?.uses.as_ref()?.get(token).copied()
    }

    /// Says a command that is meant to be said each time.
    fn command(&self, command: &str, decides: &dyn Fn(&str) -> bool) -> Result<Heard, ApiFault> {
        let mut fresh = [0; 16];
        rand::rand_core::UnwrapErr(rand::rngs::SysRng).fill_bytes(&mut fresh);
        let transaction = format!("doorman-{:032x}", u128::from_be_bytes(fresh));
        let mut conversation = self.conversation();
        let deadline = Instant::now() + self.budget;
        let words = format!("{COMMANDS}{command}");
        let heard = conversation.converse(&transaction, &words, AFTER_SILENCE, deadline, decides);
        conversation.forget(&transaction);
        heard
    }

    /// Whether it is there and opens the door. None: it is not there.
    fn opens(&self, token: &RegistrationToken) -> Result<Option<bool>, ApiFault> {
        match self.homeserver.token_validity(token, self.budget) {
            TokenAnswer::Live => Ok(Some(true)),
            TokenAnswer::NotLive { .. } => Ok(Some(false)),
            // It has no token at all.
            TokenAnswer::MaybeOpen { .. } => Ok(None),
            TokenAnswer::CannotBeChecked { words }
            | TokenAnswer::RegistrationClosed { words }
            | TokenAnswer::NoAnswer { words } => Err(ApiFault::silence(words)),
        }
    }

    fn is_dead(&self, token: &RegistrationToken) -> bool {
        matches!(self.opens(token), Ok(None | Some(false)))
    }

    fn revoke(&self, token: &RegistrationToken) -> Result<(), ApiFault> {
        // Most have ended by themselves: the room need not hear of them.
        if self.is_dead(token) {
            return Ok(());
        }
        let decides = |reply: &str| replies::revoked(reply).is_some() || replies::refusal(reply).is_some();
        let heard = self.command(&format!("revoke {}", token.reveal()), &decides)?;
        match (heard.first(replies::revoked), heard.first(replies::refusal)) {
            (Some(Revoked::Yes | Revoked::NotOurs), _) => Ok(()),
            _ if self.is_dead(token) => Ok(()),
            (None, Some(words)) => {
                let words = words.replace(token.reveal(), "[token]");
                Err(ApiFault::new(format!("the homeserver does not revoke a token: {words}")))
            }
            (None, None) => Err(no_reply(&heard)),
        }
    }
}

fn no_reply(heard: &Heard) -> ApiFault {
    ApiFault::silence(if heard.replies.is_empty() {
        "nobody replies in the admin room: is the desk's account an administrator, and the room not encrypted?"
    } else {
        "what is replied in the admin room is not understood"
    })
}

fn transaction(noted: &RegistrationToken, attempt: u8) -> String {
    let digest = Sha256::digest(format!("a registration token for doorman: {}", noted.reveal()));
    let name = digest.iter().take(16).fold(0u128, |number, byte| number << 8 | u128::from(*byte));
    format!("doorman-{name:032x}-{attempt}")
}

impl TokenApi for AdminRoom {
    fn kind(&self) -> BackendKind {
        BackendKind::AdminRoom
    }

    fn takes_any_token(&self) -> bool {
        false
    }

    fn make(&self, order: &Order<'_>) -> Result<Made, ApiFault> {
        let command = self.command_for(order)?;
        for attempt in 0..ATTEMPTS {
            let (heard, outcome) = self.attempt(order.token, attempt, &command)?;
            match outcome {
                Outcome::Issued(made) if !self.is_dead(&made.token) => {
                    self.conversation().forget(&transaction(order.token, attempt));
                    return Ok(made);
                }
                Outcome::Issued(_) if heard.age < AFTER_REFUSAL * (1 << attempt) => {
                    return Err(ApiFault::new(
                        "the homeserver has made a token, and says that it does not take it: tuwunel 1.5.0 makes such where \
                         tokens are limited in their uses, so update that one",
                    ));
                }
                Outcome::NotYet(fault) => return Err(fault),
                Outcome::Issued(_) | Outcome::Nothing => {}
            }
        }
        Err(ApiFault::new(format!(
            "the homeserver was asked {ATTEMPTS} times for a token in its admin room, and made none: what it says there \
             tells why"
        )))
    }

    fn look(&self, token: &Known<'_>, _now: DateTime<Utc>) -> Result<Option<Found>, ApiFault> {
        let Some(opens) = self.opens(token.token)? else { return Ok(None) };
        // Nobody wants to know how often one was used that everybody shares.
        let uses = if opens && token.uses_allowed.is_some() { self.uses(token.token) } else { None };
        Ok(Some(Found { opens, uses }))
    }

    fn withdraw(&self, token: &Known<'_>) -> Result<(), ApiFault> {
        if token.is_made || token.remote_id.is_some() {
            return self.revoke(token.token);
        }
        // What it is called there, if it was made at all, only the room knows.
        for attempt in 0..ATTEMPTS {
            let (heard, outcome) = self.attempt(token.token, attempt, NEVER_MIND)?;
            match outcome {
                Outcome::Issued(made) => {
                    self.conversation().forget(&transaction(token.token, attempt));
                    return self.revoke(&made.token);
                }
                _ if heard.asked == NEVER_MIND => return Ok(()),
                Outcome::NotYet(fault) => return Err(fault),
                Outcome::Nothing => {}
            }
        }
        Ok(())
    }

    fn try_out(&self) -> Result<(), ApiFault> {
        self.family()?;
        self.conversation().enter(Instant::now() + self.budget).map(drop)
    }
}

#[cfg(test)]
mod tests;
