//! What the homeserver says, told apart. Servers of different families mean different things by the same status.

use std::time::Duration;

use serde_json::Value;

use crate::net::cleaned;
use crate::net::http::Reply;

use super::family::Family;
use super::row::{Forbidden, Validity};

/// To wait where the homeserver says "too often", but not for how long.
const UNSAID_WAIT: Duration = Duration::from_secs(1);

/// What the homeserver says of a name. `words` are for the operator: one short line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameAnswer {
    /// Nobody has it.
    Free,
    /// Somebody has it, or had it.
    InUse {
        /// The homeserver's.
        words: String,
    },
    /// It belongs to an application service.
    Reserved {
        /// The homeserver's.
        words: String,
    },
    /// The homeserver does not allow such a name; it is stricter than the Matrix specification.
    Invalid {
        /// The homeserver's.
        words: String,
    },
    /// The homeserver's own configuration forbids the name.
    Forbidden {
        /// The homeserver's.
        words: String,
    },
    /// The homeserver lets nobody register, token or not.
    RegistrationClosed {
        /// The homeserver's.
        words: String,
    },
    /// The homeserver does not serve this question (Synapse behind MAS), or its proxy does not pass it on.
    CannotBeAsked {
        /// What came instead.
        words: String,
    },
    /// No answer in time, or none that can be understood.
    NoAnswer {
        /// What went wrong.
        words: String,
    },
}

/// What the homeserver says of a token. `words` are for the operator: one short line, never with the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenAnswer {
    /// Whoever has it can register.
    Live,
    /// The homeserver does not take it.
    NotLive {
        /// Why, as far as it is known.
        words: String,
    },
    /// The homeserver does not tell, or what it tells means nothing on this release.
    CannotBeChecked {
        /// Why.
        words: String,
    },
    /// The homeserver lets nobody register, token or not.
    RegistrationClosed {
        /// The homeserver's.
        words: String,
    },
    /// Alarm: the homeserver has no token at all, so registration may be open to everybody.
    MaybeOpen {
        /// The homeserver's.
        words: String,
    },
    /// No answer in time, or none that can be understood.
    NoAnswer {
        /// What went wrong.
        words: String,
    },
}

/// An answer of the client-server API: a status, and JSON or none.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) status: u16,
    pub(super) json: Value,
    /// The server, for words.
    pub(super) at: String,
}

impl Said {
    pub(super) fn of(reply: &Reply) -> Self {
        Self { status: reply.status, json: reply.json().unwrap_or(Value::Null), at: reply.at.clone() }
    }

    /// The Matrix error code, or nothing.
    pub(super) fn errcode(&self) -> &str {
        self.json.get("errcode").and_then(Value::as_str).unwrap_or_default()
    }

    /// The homeserver's explanation as it came; not for a terminal.
    pub(super) fn error(&self) -> &str {
        self.json.get("error").and_then(Value::as_str).unwrap_or_default()
    }

    /// Code and explanation, cleaned.
    pub(super) fn words(&self) -> String {
        cleaned(&format!("{} {}: {}", self.status, self.errcode(), self.error()))
    }

    /// Somebody who does not speak Matrix, or says something that has no place here.
    pub(super) fn not_understood(&self) -> String {
        let Self { status, at, .. } = self;
        match (status, self.errcode()) {
            (500.., _) => cleaned(&format!("{at} is not working: it answers {}", self.shown())),
            (403, "") => format!("{at}: something before the homeserver forbids the question (status 403)"),
            _ => cleaned(&format!("{at} answers something that is not understood: {}", self.shown())),
        }
    }

    fn shown(&self) -> String {
        if self.errcode().is_empty() { format!("status {}", self.status) } else { self.words() }
    }

    /// A question that this server does not know. Older Synapses say so with status 400.
    pub(super) fn is_unknown_here(&self) -> bool {
        match self.status {
            404 => true,
            400 | 405 => self.errcode() == "M_UNRECOGNIZED",
            _ => false,
        }
    }

    pub(super) fn cannot_be_asked(&self, about: &str) -> String {
        cleaned(&format!("{} does not say {about}: it answers {}", self.at, self.shown()))
    }

    /// Synapse behind MAS says so to whoever wants to register.
    pub(super) fn is_for_application_services_alone(&self) -> bool {
        self.status == 403 && self.error().contains("m.login.application_service")
    }

    fn says_that_registration_is_off(&self) -> bool {
        let error = self.error().to_ascii_lowercase();
        error.contains("registration")
            && ["disabled", "closed", "not allowed"].iter().any(|off| error.contains(off))
    }
}

/// How long to wait before asking again, where this says "too often" (429): `Retry-After`, or `retry_after_ms` of
/// older servers.
pub fn too_often(reply: &Reply) -> Option<Duration> {
    if reply.status != 429 {
        return None;
    }
    let json = reply.json().ok();
    let milliseconds = json.as_ref().and_then(|json| json.get("retry_after_ms")).and_then(Value::as_f64);
    let exact = milliseconds.and_then(|wait| Duration::try_from_secs_f64(wait / 1000.0).ok());
    Some(exact.or(reply.retry_after).unwrap_or(UNSAID_WAIT))
}

/// What an answer to `/register/available` means; None: that depends on the family.
pub(super) fn of_name(said: &Said, family: Option<&Family>) -> Option<NameAnswer> {
    let words = said.words();
    Some(match (said.status, said.errcode()) {
        (200, _) => match said.json.get("available").and_then(Value::as_bool) {
            Some(true) => NameAnswer::Free,
            Some(false) => NameAnswer::InUse { words: "200: available: false".into() },
            None => NameAnswer::NoAnswer { words: said.not_understood() },
        },
        (400, "M_USER_IN_USE") => NameAnswer::InUse { words },
        (400, "M_EXCLUSIVE") => NameAnswer::Reserved { words },
        (400, "M_INVALID_USERNAME") => NameAnswer::Invalid { words },
        (403, "M_FORBIDDEN") if said.says_that_registration_is_off() => {
            NameAnswer::RegistrationClosed { words }
        }
        (403, "M_FORBIDDEN") if said.error().to_ascii_lowercase().contains("username") => {
            NameAnswer::Forbidden { words }
        }
        (403, "M_FORBIDDEN") if family?.row().forbidden == Forbidden::Name => NameAnswer::Forbidden { words },
        (403, "M_FORBIDDEN") => NameAnswer::RegistrationClosed { words },
        _ if said.is_unknown_here() => {
            NameAnswer::CannotBeAsked { words: said.cannot_be_asked("whether a name is free") }
        }
        _ => NameAnswer::NoAnswer { words: said.not_understood() },
    })
}

/// What an answer to `/validity` means; None: that depends on the family.
pub(super) fn of_token(said: &Said, family: Option<&Family>) -> Option<TokenAnswer> {
    Some(match (said.status, said.errcode()) {
        (200, _) => match said.json.get("valid").and_then(Value::as_bool) {
            Some(true) => TokenAnswer::Live,
            Some(false) if family?.row().validity == Validity::Stale => TokenAnswer::CannotBeChecked {
                words: format!("{} reads the token file at each registration, but does not say so", family?),
            },
            Some(false) => {
                TokenAnswer::NotLive { words: format!("{} says that the token is not valid", said.at) }
            }
            None => TokenAnswer::NoAnswer { words: said.not_understood() },
        },
        (403, "M_FORBIDDEN") if said.says_that_registration_is_off() => {
            TokenAnswer::RegistrationClosed { words: said.words() }
        }
        (403, "M_FORBIDDEN")
            if said.error().to_ascii_lowercase().contains("token registration")
                || family?.row().forbidden == Forbidden::Name =>
        {
            TokenAnswer::MaybeOpen {
                words: cleaned(&format!("{} knows no registration token at all ({})", said.at, said.words())),
            }
        }
        (403, "M_FORBIDDEN") => TokenAnswer::RegistrationClosed { words: said.words() },
        _ if said.is_unknown_here() && !family?.row().asks_for_tokens => TokenAnswer::NotLive {
            words: format!("{} never asks for a registration token, so doorman cannot serve it", family?),
        },
        _ if said.is_unknown_here() => {
            TokenAnswer::CannotBeChecked { words: said.cannot_be_asked("whether a token is valid") }
        }
        _ => TokenAnswer::NoAnswer { words: said.not_understood() },
    })
}

/// What an answer to `/profile` says of the account; None: nothing.
pub(super) fn of_profile(said: &Said) -> Option<bool> {
    match (said.status, said.errcode()) {
        (200, _) if said.json.is_object() => Some(true),
        // Nobody, or nobody who knows what a profile is.
        (404, "" | "M_UNRECOGNIZED") => None,
        // M_NOT_FOUND; M_UNKNOWN on Synapse.
        (404, _) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
#[path = "answers_tests.rs"]
pub(super) mod tests;
