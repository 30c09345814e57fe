//! What a letter is about.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::domain::{EmailAddress, Language, MessageId, Mxid, RegistrationToken};
use crate::homeserver::OwnPage;

/// What a letter is for.
#[derive(Clone)]
pub enum Letter {
    /// The answer to an accepted request: the way to the account. It brings a link, a token, or both.
    Account {
        /// The account that was asked for. None: its name is chosen where the link leads.
        mxid: Option<Mxid>,
        /// Where the account is made.
        link: Option<SignUpLink>,
        /// What opens the homeserver's door.
        token: Option<Quoted>,
    },
    /// The operator invites: the desk's own page, where the account is made.
    Invitation {
        /// The account. None: its name is chosen where the link leads.
        mxid: Option<Mxid>,
        /// Where it is made.
        link: SignUpLink,
        /// What the operator writes to them.
        note: Option<String>,
    },
    /// Anything else: a refusal, help, news for the operator.
    Words {
        /// Ours, never the applicant's.
        subject: String,
        /// Ours, never the applicant's.
        text: String,
    },
}

// What is said in words may name a secret link, too.
impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account { mxid, link, token } => f
                .debug_struct("Account")
                .field("mxid", mxid)
                .field("link", link)
                .field("token", token)
                .finish(),
            Self::Invitation { mxid, link, .. } => {
                f.debug_struct("Invitation").field("mxid", mxid).field("link", link).finish_non_exhaustive()
            }
            Self::Words { subject, .. } => {
                f.debug_struct("Words").field("subject", subject).finish_non_exhaustive()
            }
        }
    }
}

/// The desk's own page for one applicant.
#[derive(Clone)]
pub struct SignUpLink {
    /// Whoever knows it can make the account.
    pub url: String,
    /// When it stops working.
    pub works_until: DateTime<Utc>,
}

impl fmt::Debug for SignUpLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignUpLink").field("works_until", &self.works_until).finish_non_exhaustive()
    }
}

/// A token in a letter.
#[derive(Debug, Clone)]
pub struct Quoted {
    /// The token.
    pub token: RegistrationToken,
    /// When it stops working: the next reset, or its own end.
    pub works_until: DateTime<Utc>,
}

/// Everything that a letter is made of, beside the settings.
#[derive(Clone)]
pub struct LetterFacts {
    /// What it is for.
    pub letter: Letter,
    /// What it says it in.
    pub language: Language,
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

impl fmt::Debug for LetterFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (letter, id) = (&self.letter, &self.message_id);
        f.debug_struct("LetterFacts").field("letter", letter).field("message_id", id).finish_non_exhaustive()
    }
}

/// The mail that a letter answers, for threading (RFC 5322, section 3.6.4).
#[derive(Debug, Clone, Default)]
pub struct Answered {
    /// Its Message-ID, where it has a usable one.
    pub message_id: Option<MessageId>,
    /// Its `References`; the last ten are repeated.
    pub references: Vec<MessageId>,
}
