//! What a letter is about.

use chrono::{DateTime, Utc};

use crate::domain::{EmailAddress, MessageId, Mxid, RegistrationToken};
use crate::homeserver::OwnPage;

/// What a letter is for.
#[derive(Debug, Clone)]
pub enum Letter {
    /// The answer to an accepted request: the registration token.
    Token {
        /// The account that was asked for.
        mxid: Mxid,
        /// What opens the homeserver's door.
        token: RegistrationToken,
        /// When it stops working: the next reset, or its own end.
        works_until: DateTime<Utc>,
    },
    /// Anything else: a refusal, help, news for the operator.
    Words {
        /// Ours, never the applicant's.
        subject: String,
        /// Ours, never the applicant's.
        text: String,
    },
}

/// Everything that a letter is made of, beside the settings.
#[derive(Debug, Clone)]
pub struct LetterFacts {
    /// What it is for.
    pub letter: Letter,
    /// Who gets it.
    pub to: EmailAddress,
    /// The same at each try.
    pub message_id: MessageId,
    /// Its `Date`, the same at each try.
    pub date: DateTime<Utc>,
    /// What `{utc_time}` and the time left are counted from. The same `now` gives the same bytes.
    pub now: DateTime<Utc>,
    /// The homeserver's own page for new accounts. None: clients ask for the token themselves.
    pub own_page: Option<OwnPage>,
    /// Where whoever gets it says that they did not ask. None: nowhere.
    pub not_me: Option<String>,
    /// The mail that it answers; None: it answers a web request, or nobody.
    pub answers: Option<Answered>,
}

/// The mail that a letter answers, for threading (RFC 5322, section 3.6.4).
#[derive(Debug, Clone, Default)]
pub struct Answered {
    /// Its Message-ID, where it has a usable one.
    pub message_id: Option<MessageId>,
    /// Its `References`; the last ten are repeated.
    pub references: Vec<MessageId>,
}
