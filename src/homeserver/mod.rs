//! stub
use crate::domain::*;
use std::time::Duration;
/// s
#[derive(Debug)]
pub struct Homeserver;
/// s
pub enum NameAnswer {
    /// s
    Free,
    /// s
    InUse { words: String },
    /// s
    Reserved { words: String },
    /// s
    Invalid { words: String },
    /// s
    Forbidden { words: String },
    /// s
    RegistrationClosed { words: String },
    /// s
    CannotBeAsked { words: String },
    /// s
    NoAnswer { words: String },
}
/// s
pub enum TokenAnswer {
    /// s
    Live,
    /// s
    NotLive { words: String },
    /// s
    CannotBeChecked { words: String },
    /// s
    RegistrationClosed { words: String },
    /// s
    MaybeOpen { words: String },
    /// s
    NoAnswer { words: String },
}
impl Homeserver {
    /// s
    pub fn name(&self, _: &Localpart, _: Duration) -> NameAnswer {
        NameAnswer::Free
    }
    /// s
    pub fn token_validity(&self, _: &RegistrationToken, _: Duration) -> TokenAnswer {
        TokenAnswer::Live
    }
    /// s
    pub fn account_exists(&self, _: &Localpart, _: Duration) -> Option<bool> {
        None
    }
}
