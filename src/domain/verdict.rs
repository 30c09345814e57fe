use std::time::Duration;

use chrono::{DateTime, Utc};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{EmailProblem, Hit, LocalpartProblem};

/// Why a request is refused or held: every reason there is, in the order in which they are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
#[expect(missing_docs, reason = "`Refusal` and `Hold` describe them")]
pub enum Reason {
    CrossSite,
    Malformed,
    Closed,
    IpBanned,
    RateLimited,
    EmailBanned,
    EmailInUse,
    EmailCooldown,
    UsernameUnavailable,
    HomeserverUnreachable,
    // Held.
    List,
    Reply,
    UnverifiedSender,
    NameUnclear,
    DomainBudget,
    Surge,
    Quota,
    Approval,
    Unproven,
    // Refused after they were held.
    RefusedByOperator,
    Lapsed,
    Corrected,
    NotMe,
    Suppressed,
}

impl Reason {
    /// As scripts see it, and as it is stored.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// What the desk answers to a request.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Verdict {
    /// The letter with the token is owed.
    Accepted,
    /// A person has to look at it first.
    Held(Reason),
    /// No.
    Refused(Refusal),
}

impl Verdict {
    /// `accepted`, `held` or `refused`: as scripts see it.
    pub fn word(&self) -> &'static str {
        self.into()
    }

    /// Why it is not accepted.
    pub fn reason(&self) -> Option<Reason> {
        match self {
            Self::Accepted => None,
            Self::Held(reason) => Some(*reason),
            Self::Refused(refusal) => Some(refusal.reason()),
        }
    }

    /// The HTTP status of the answer.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::Accepted => 200,
            Self::Held(_) => 202,
            Self::Refused(refusal) => refusal.http_status(),
        }
    }
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// `requested_username`
    Username,
    /// `email`
    Email,
    /// `answer`: to the operator's question.
    Answer,
    /// `terms`: the box that is to be ticked.
    Terms,
}

impl Field {
    /// All of them, as they stand on the page.
    pub const ALL: [Self; 4] = [Self::Username, Self::Email, Self::Answer, Self::Terms];

    /// Its name in the form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Username => "requested_username",
            Self::Email => "email",
            Self::Answer => "answer",
            Self::Terms => "terms",
        }
    }
}

/// Why the desk is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The minutes before a reset.
    Downtime {
        /// The reset.
        until: DateTime<Utc>,
    },
    /// By the operator's hand.
    Paused,
    /// The homeserver does not take the new token yet.
    NotLive,
    /// A newer doorman has changed the database: the desk has to be restarted with it.
    Outdated,
    /// More come than usual, and `on_surge` is `close`.
    Surge,
}

impl Closed {
    /// When to ask again: in downtime at the reset, else after five minutes.
    pub fn retry_after(&self, now: DateTime<Utc>) -> Duration {
        match self {
            Self::Downtime { until } => {
                (*until - now).to_std().unwrap_or_default().max(Duration::from_secs(1))
            }
            Self::Paused | Self::NotLive | Self::Outdated => Duration::from_secs(300),
            Self::Surge => Duration::from_secs(3600),
        }
    }
}

/// Which it was; the applicant is not told, the operator is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unavailable {
    /// A pattern in `banned_usernames.txt`.
    Banned(Hit),
    /// Requested here from another address.
    Requested,
    /// The homeserver says so, in its own words.
    InUse(String),
    /// Mail programs would make a link of it, in an email to somebody who may never have asked.
    ReadsAsLink,
}

/// Of whom as many wait for the operator as may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Crowd {
    /// Of all: `held_at_most`.
    Everybody(usize),
    /// Of one source, or to one domain, as many as it leaves free to others.
    Share(String, u64),
    /// Of one net: `held_per_network`.
    Net(String, usize),
    /// This mailbox has its place, with this request.
    Mailbox(i64),
}

/// What is left to the operator to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// A line of a ban list holds it.
    List(Box<Hit>),
    /// Whether its sender is a person, and who they say they are; in words for the operator.
    UnverifiedSender(String),
    /// Which name a mail wants; in words for the operator.
    NameUnclear(String),
    /// A reply to one of the desk's emails that is no request; in words for the operator.
    Reply(String),
    /// More emails than `letters_per_domain_per_day` to this registrable domain.
    DomainBudget(String),
    /// More requests than usual.
    Surge,
    /// `accounts_per_day` are given away.
    Quota,
    /// `approval: manual`
    Approval,
    /// Its address is not proved yet; the reason for which the operator is to look at it then.
    Unproven(Reason),
}

impl Hold {
    /// Its reason.
    pub fn reason(&self) -> Reason {
        match self {
            Self::List(_) => Reason::List,
            Self::UnverifiedSender(_) => Reason::UnverifiedSender,
            Self::NameUnclear(_) => Reason::NameUnclear,
            Self::Reply(_) => Reason::Reply,
            Self::DomainBudget(_) => Reason::DomainBudget,
            Self::Surge => Reason::Surge,
            Self::Quota => Reason::Quota,
            Self::Approval => Reason::Approval,
            Self::Unproven(_) => Reason::Unproven,
        }
    }
}

/// What is wrong with what somebody typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// It is no name.
    Username(LocalpartProblem),
    /// It is no address.
    Email(EmailProblem),
    /// The field came more than once.
    SentTwice,
    /// Another address is probably meant.
    Slip {
        /// The other one.
        meant: String,
        /// This one.
        typed: String,
    },
    /// Nothing is said to this question.
    NoAnswer(String),
    /// The answer has to have so many characters at least.
    ShortAnswer(usize),
    /// It can have so many at most.
    LongAnswer(usize),
    /// The terms are not agreed to.
    NotAgreed,
    /// A mail names several names.
    SeveralNames,
    /// It names none.
    NoName,
    /// Something that only the operator is told.
    Told(String),
}

/// Why a request is refused. One variant a reason; their texts stand in [`text`](crate::text).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Sent by another site's page in the visitor's browser. Comes before all.
    CrossSite,
    /// Not a name, not an address.
    Malformed {
        /// What is wrong with which field; the first one is the one to look at.
        problems: Vec<(Field, Flaw)>,
    },
    /// The desk takes no requests at the moment.
    Closed(Closed, Duration),
    /// The applicant's address is banned.
    IpBanned(Hit),
    /// Too many requests from this address or net, or the desk has promised all the letters it can send.
    RateLimited {
        /// When the next request has a chance.
        retry_after: Duration,
        /// Which limit it was, for the operator.
        which: String,
    },
    /// It would be held, and no more can wait until the operator has decided.
    Crowded(Crowd),
    /// The email address or its domain is banned.
    EmailBanned(Hit),
    /// The address has an account, or one is on its way, under another name.
    EmailInUse {
        /// The other name, for the operator.
        by: String,
    },
    /// The address had a letter lately, or its letters of the day.
    EmailCooldown {
        /// What is left of the cooldown.
        retry_after: Duration,
        /// Which limit it was, for the operator.
        which: String,
    },
    /// The name is not to be had.
    UsernameUnavailable(Unavailable),
    /// The homeserver did not say whether the name is free.
    HomeserverUnreachable {
        /// When to ask again.
        retry_after: Duration,
        /// What happened, for the operator.
        detail: String,
    },
    /// It was held, and the operator said no; with what they gave as the reason.
    RefusedByOperator(Option<String>),
    /// It was held for so long that nobody is left waiting.
    Lapsed,
    /// Its applicant has corrected it: another stands in its place.
    Corrected,
    /// Whoever reads the mailbox says that they have not asked.
    NotMe,
    /// Whoever reads the mailbox wants no email from this desk.
    Suppressed,
}

/// What is known of a reason: its code, its HTTP status, the field of the form that it belongs to, and when asking again
/// can help.
type Row = (Reason, u16, Option<Field>, Option<Duration>);

impl Refusal {
    fn row(&self) -> Row {
        match self {
            Self::CrossSite => (Reason::CrossSite, 403, None, None),
            Self::Malformed { problems } => {
                (Reason::Malformed, 422, problems.first().map(|(field, _)| *field), None)
            }
            Self::Closed(_, wait) => (Reason::Closed, 503, None, Some(*wait)),
            Self::IpBanned(_) => (Reason::IpBanned, 403, None, None),
            Self::RateLimited { retry_after, .. } => (Reason::RateLimited, 429, None, Some(*retry_after)),
            // Nobody knows when the operator decides.
            Self::Crowded(_) => (Reason::RateLimited, 429, None, Some(Duration::from_secs(3600))),
            Self::EmailBanned(_) => (Reason::EmailBanned, 403, Some(Field::Email), None),
            Self::EmailInUse { .. } => (Reason::EmailInUse, 409, Some(Field::Email), None),
            Self::EmailCooldown { retry_after, .. } => {
                (Reason::EmailCooldown, 429, Some(Field::Email), Some(*retry_after))
            }
            Self::UsernameUnavailable(_) => (Reason::UsernameUnavailable, 409, Some(Field::Username), None),
            Self::HomeserverUnreachable { retry_after, .. } => {
                (Reason::HomeserverUnreachable, 503, None, Some(*retry_after))
            }
            Self::RefusedByOperator(_) => (Reason::RefusedByOperator, 403, None, None),
            Self::Lapsed => (Reason::Lapsed, 410, None, None),
            Self::Corrected => (Reason::Corrected, 410, None, None),
            Self::NotMe => (Reason::NotMe, 410, None, None),
            Self::Suppressed => (Reason::Suppressed, 403, Some(Field::Email), None),
        }
    }

    /// Its reason.
    pub fn reason(&self) -> Reason {
        self.row().0
    }

    /// The reason as scripts see it.
    pub fn code(&self) -> &'static str {
        self.reason().word()
    }

    /// The HTTP status of the answer.
    pub fn http_status(&self) -> u16 {
        self.row().1
    }

    /// The field of the form that the message belongs to.
    pub fn field(&self) -> Option<Field> {
        self.row().2
    }

    /// When asking again can help; none where it does not.
    pub fn retry_after(&self) -> Option<Duration> {
        self.row().3
    }

    /// Whether it passes without the applicant's doing: the same request can be accepted a while later.
    pub fn passes_by_itself(&self) -> bool {
        self.retry_after().is_some() && self.field().is_none()
    }
}
