//! What every homeserver can do that is asked for its tokens, whichever way it is asked.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::BackendKind;
use crate::domain::RegistrationToken;
use crate::homeserver::CallFault;
use crate::store::TokenRecord;

/// How long one question may take.
pub(super) const BUDGET: Duration = Duration::from_secs(8);

/// A token that is to be made. The same order again brings the same token, however far the first one came.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// Its number in the store.
    pub id: i64,
    /// What it is to be, where the homeserver lets that be chosen. Where not, it tells this order from all others.
    pub token: &'a RegistrationToken,
    /// When it is to end by itself.
    pub ends_at: DateTime<Utc>,
    /// How often it can be used; None: any number of times.
    pub uses_allowed: Option<u32>,
}

/// A token that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The token.
    pub token: RegistrationToken,
    /// By what it is known there, where that is not the token itself, or was not known before.
    pub remote_id: Option<String>,
}

/// How the homeserver knows a token.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Its number in the store.
    pub id: i64,
    /// The token.
    pub token: &'a RegistrationToken,
    /// By what it is known there, where that is not the token itself.
    pub remote_id: Option<&'a str>,
    /// How often it can be used; None: any number of times.
    pub uses_allowed: Option<u32>,
    /// Whether it was surely made; perhaps it was all the same.
    pub is_made: bool,
}

impl<'a> From<&'a TokenRecord> for Known<'a> {
    fn from(token: &'a TokenRecord) -> Self {
        Self {
            id: token.id,
            token: &token.token,
            remote_id: token.remote_id.as_deref(),
            uses_allowed: token.uses_allowed,
            is_made: token.is_made,
        }
    }
}

/// What the homeserver says of a token that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Whether somebody can register with it now.
    pub opens: bool,
    /// How often somebody has. None: it does not count.
    pub uses: Option<u32>,
}

/// Why it could not be done. The words are for the operator, without any secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct ApiFault {
    /// What is wrong and what to do.
    pub words: String,
    /// Nobody answers, lets the desk in, or wants to be asked now: a question about another token would fare no better.
    pub is_silence: bool,
}

impl ApiFault {
    pub(super) fn new(words: impl Into<String>) -> Self {
        Self { words: words.into(), is_silence: false }
    }

    /// Nobody answers, or not to the desk.
    pub fn silence(words: impl Into<String>) -> Self {
        Self { words: words.into(), is_silence: true }
    }
}

impl From<CallFault> for ApiFault {
    fn from(CallFault(words): CallFault) -> Self {
        Self::silence(words)
    }
}

/// Makes and ends registration tokens at the homeserver. Everything blocks for some seconds at most.
pub trait TokenApi: fmt::Debug + Send + Sync {
    /// Which backend it is.
    fn kind(&self) -> BackendKind;

    /// Its word in the config and in the store.
    fn word(&self) -> &'static str {
        self.kind().word()
    }

    /// Whether it can be given a token that somebody else has thought of.
    fn takes_any_token(&self) -> bool;

    /// Whether it begins to count anew the uses of a token that was withdrawn and is made once more.
    fn forgets_withdrawn(&self) -> bool {
        false
    }

    /// How long a token that has ended by itself is better left there: somebody may be in the middle of registering with it.
    fn leisure(&self) -> TimeDelta {
        TimeDelta::zero()
    }

    /// Makes a token, or finds that this order made it already.
    fn make(&self, order: &Order<'_>) -> Result<Made, ApiFault>;

    /// What the homeserver knows of a token; None: it does not know it.
    fn look(&self, token: &Known<'_>, now: DateTime<Utc>) -> Result<Option<Found>, ApiFault>;

    /// The homeserver is not to have this token any more; that it does not know it is fine.
    fn withdraw(&self, token: &Known<'_>) -> Result<(), ApiFault>;

    /// Whether it lets the desk make tokens, as far as that can be said without making one.
    fn try_out(&self) -> Result<(), ApiFault>;
}
