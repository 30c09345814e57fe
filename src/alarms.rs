//! What is wrong at the moment. Each trouble is logged once when it begins and once when it ends, however often it is
//! met in between, and stays visible until then.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::pulse::{Pulse, Topic};

/// Where something can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::VariantArray)]
pub enum Trouble {
    /// The database cannot be written: requests cannot be kept.
    Store,
    /// The token file, or what stands in it.
    TokenFile,
    /// The homeserver does not make tokens.
    TokenApi,
    /// It does not say what has become of one, or does not take it back.
    TokenWithdrawal,
    /// The homeserver does not accept the current token.
    TokenNotLive,
    /// The homeserver seems to let anybody in.
    RegistrationOpen,
    /// `after_rotation` failed.
    AfterRotation,
    /// The homeserver does not answer, or cannot be asked.
    Homeserver,
    /// It is another one than the config says.
    WrongHomeserver,
    /// The mail server, or how it is configured.
    MailServer,
    /// The letter box cannot be read.
    LetterBox,
    /// A budget, or a place that all have to share, is used up by a quarter or more.
    Budgets,
    /// A ban list is lost, or lines of it were left out.
    Bans,
    /// `registrations.json` cannot be written.
    Mirror,
    /// `config.yaml` was to be read again and is broken.
    Config,
    /// The operator's own messages (`lang/`) cannot be said as they are.
    Languages,
    /// The wall clock is not to be believed.
    Clock,
    /// A proxy in front of the desk is not trusted.
    Proxy,
    /// More requests come than usual.
    Surge,
    /// Nothing can be told in the Matrix room, or heard there.
    MatrixRoom,
    /// The webhook takes nothing.
    Webhook,
    /// A thread of the desk does not get on.
    Stuck,
}

impl Trouble {
    /// The word for it in `/healthz` and the console.
    pub fn word(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::TokenFile => "token_file",
            Self::TokenApi | Self::TokenWithdrawal => "token_api",
            Self::TokenNotLive => "token_not_live",
            Self::RegistrationOpen => "registration_open",
            Self::AfterRotation => "after_rotation",
            Self::Homeserver => "homeserver",
            Self::WrongHomeserver => "wrong_homeserver",
            Self::MailServer => "mail_server",
            Self::LetterBox => "letter_box",
            Self::Budgets => "budgets",
            Self::Bans => "bans",
            Self::Mirror => "registrations_json",
            Self::Config => "config",
            Self::Languages => "languages",
            Self::Clock => "clock",
            Self::Proxy => "proxy",
            Self::Surge => "surge",
            Self::MatrixRoom => "matrix_room",
            Self::Webhook => "webhook",
            Self::Stuck => "stuck",
        }
    }
}

/// The troubles of a running desk.
#[derive(Debug)]
pub struct Alarms {
    current: Mutex<BTreeMap<Trouble, String>>,
    pulse: Arc<Pulse>,
}

impl Alarms {
    /// None so far.
    pub fn new(pulse: Arc<Pulse>) -> Self {
        Self { current: Mutex::default(), pulse }
    }

    /// Something is wrong; `what` tells the operator what, and what to do.
    pub fn raise(&self, trouble: Trouble, what: impl Into<String>) {
        let what = what.into();
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.get(&trouble) != Some(&what) {
            tracing::warn!(trouble = trouble.word(), "{what}");
            current.insert(trouble, what);
            self.pulse.ring(Topic::Condition);
        }
    }

    /// The same for one of several who notice the same thing: what the first of them said stands, so that the log does not
    /// hear each in turn.
    pub fn raise_unless_raised(&self, trouble: Trouble, what: impl Into<String>) {
        if !self.is_raised(trouble) {
            self.raise(trouble, what);
        }
    }

    /// It is right again.
    pub fn clear(&self, trouble: Trouble) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(what) = current.remove(&trouble) {
            tracing::info!(trouble = trouble.word(), "right again: {what}");
            self.pulse.ring(Topic::Condition);
        }
    }

    /// Whether this is wrong now.
    pub fn is_raised(&self, trouble: Trouble) -> bool {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&trouble)
    }

    /// All that is wrong now.
    pub fn all(&self) -> Vec<(Trouble, String)> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.iter().map(|(trouble, what)| (*trouble, what.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_stays_until_it_is_cleared() {
        let alarms = Alarms::new(Arc::default());
        alarms.raise(Trouble::MailServer, "refused");
        alarms.raise(Trouble::MailServer, "hangs");
        assert_eq!(alarms.all(), [(Trouble::MailServer, "hangs".to_owned())]);
        assert!(alarms.is_raised(Trouble::MailServer) && !alarms.is_raised(Trouble::Store));
        alarms.raise_unless_raised(Trouble::MailServer, "is slow");
        assert_eq!(alarms.all(), [(Trouble::MailServer, "hangs".to_owned())]);
        alarms.clear(Trouble::MailServer);
        assert_eq!(alarms.all(), []);
        alarms.raise_unless_raised(Trouble::MailServer, "is slow");
        assert_eq!(alarms.all(), [(Trouble::MailServer, "is slow".to_owned())]);
    }
}
