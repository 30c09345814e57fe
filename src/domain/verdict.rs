use std::time::Duration;

use chrono::{DateTime, Utc};

use super::BanHit;

/// What the desk answers to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The letter with the token is owed.
    Accepted,
    /// A person has to look at it first.
    Held,
    /// No; with the reason.
    Refused(Refusal),
}

impl Verdict {
    /// `accepted`, `held` or `refused`: as scripts see it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Held => "held",
            Self::Refused(_) => "refused",
        }
    }

    /// The HTTP status of the answer.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::Accepted => 200,
            Self::Held => 202,
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
}

impl Field {
    /// Its name in the form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Username => "requested_username",
            Self::Email => "email",
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
}

impl Closed {
    /// When to ask again: in downtime at the reset, else after five minutes.
    pub fn retry_after(&self, now: DateTime<Utc>) -> Duration {
        match self {
            Self::Downtime { until } => {
                (*until - now).to_std().unwrap_or_default().max(Duration::from_secs(1))
            }
            Self::Paused | Self::NotLive => Duration::from_secs(300),
        }
    }

    /// The applicant's text.
    pub fn applicant_text(&self) -> String {
        match self {
            Self::Downtime { until } => format!(
                "Registration is closed while the registration token is being replaced. It opens again at {} UTC.",
                until.format("%H:%M")
            ),
            Self::Paused => "Registration is paused at the moment. Please try again later.".into(),
            Self::NotLive => {
                "Registration is closed until the homeserver has taken up the new registration token. \
                 This usually takes a few minutes; please try again soon."
                    .into()
            }
        }
    }

    /// The operator's text.
    pub fn operator_text(&self) -> String {
        match self {
            Self::Downtime { until } => format!("downtime until {}", until.format("%Y-%m-%d %H:%M UTC")),
            Self::Paused => "paused by the operator".into(),
            Self::NotLive => "the homeserver does not take the current token yet".into(),
        }
    }
}

/// Which of the three it was; the applicant is not told, the operator is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unavailable {
    /// A pattern in `banned_usernames.txt`.
    Banned(BanHit),
    /// Requested here from another address.
    Requested,
    /// The homeserver says so, in its own words.
    InUse(String),
}

/// Why a request is refused. One variant a reason, in the order in which they are checked; each with its code, its HTTP
/// status, its text for the applicant and its text for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Sent by another site's page in the visitor's browser. Comes before all.
    CrossSite,
    /// Not a name, not an address.
    Malformed {
        /// What is wrong with which field, for the applicant; the first one is the one to look at.
        problems: Vec<(Field, String)>,
    },
    /// The desk takes no requests at the moment.
    Closed(Closed, Duration),
    /// The applicant's address is banned.
    IpBanned(BanHit),
    /// Too many requests from this address or net, or the desk has promised all the letters it can send.
    RateLimited {
        /// When the next request has a chance.
        retry_after: Duration,
        /// Which limit it was, for the operator.
        which: String,
    },
    /// The e-mail address or its domain is banned.
    EmailBanned(BanHit),
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
}

impl Refusal {
    /// The reason as scripts see it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::CrossSite => "cross_site",
            Self::Malformed { .. } => "malformed",
            Self::Closed(..) => "closed",
            Self::IpBanned(_) => "ip_banned",
            Self::RateLimited { .. } => "rate_limited",
            Self::EmailBanned(_) => "email_banned",
            Self::EmailInUse { .. } => "email_in_use",
            Self::EmailCooldown { .. } => "email_cooldown",
            Self::UsernameUnavailable(_) => "username_unavailable",
            Self::HomeserverUnreachable { .. } => "homeserver_unreachable",
        }
    }

    /// The HTTP status of the answer.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::CrossSite | Self::IpBanned(_) | Self::EmailBanned(_) => 403,
            Self::Malformed { .. } => 422,
            Self::Closed(..) | Self::HomeserverUnreachable { .. } => 503,
            Self::RateLimited { .. } | Self::EmailCooldown { .. } => 429,
            Self::EmailInUse { .. } | Self::UsernameUnavailable(_) => 409,
        }
    }

    /// When asking again can help; none where it does not.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Closed(_, retry_after)
            | Self::RateLimited { retry_after, .. }
            | Self::EmailCooldown { retry_after, .. }
            | Self::HomeserverUnreachable { retry_after, .. } => Some(*retry_after),
            _ => None,
        }
    }

    /// The field of the form that the message belongs to.
    pub fn field(&self) -> Option<Field> {
        match self {
            Self::Malformed { problems } => problems.first().map(|(field, _)| *field),
            Self::EmailBanned(_) | Self::EmailInUse { .. } | Self::EmailCooldown { .. } => Some(Field::Email),
            Self::UsernameUnavailable(_) => Some(Field::Username),
            _ => None,
        }
    }

    /// The applicant's text.
    pub fn applicant_text(&self) -> String {
        match self {
            Self::CrossSite => {
                "This request came from another website. Please use the form on this page.".into()
            }
            Self::Malformed { problems } => {
                problems.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ")
            }
            Self::Closed(closed, _) => closed.applicant_text(),
            Self::IpBanned(_) => "Requests from your network address are not accepted here.".into(),
            Self::RateLimited { retry_after, .. } => {
                format!("There were too many requests lately. Please try again in {}.", wait_in_words(*retry_after))
            }
            Self::EmailBanned(_) => {
                "Requests with this e-mail address are not accepted here. Please use another one.".into()
            }
            Self::EmailInUse { .. } => {
                "There is already an account or a request with this e-mail address, and each address can have only one."
                    .into()
            }
            Self::EmailCooldown { retry_after, .. } => format!(
                "A letter went to this address not long ago; please look into its spam folder too. \
                 You can ask again in {}.",
                wait_in_words(*retry_after)
            ),
            Self::UsernameUnavailable(_) => "This username is not available. Please choose another one.".into(),
            Self::HomeserverUnreachable { .. } => {
                "The homeserver could not be asked whether this username is free. \
                 Nothing was lost; please try again in a minute."
                    .into()
            }
        }
    }

    /// The operator's text: what exactly it was.
    pub fn operator_text(&self) -> String {
        match self {
            Self::CrossSite => "the browser said that another site's page sent it".into(),
            Self::Malformed { problems } => problems
                .iter()
                .map(|(field, text)| format!("{}: {text}", field.name()))
                .collect::<Vec<_>>()
                .join(" "),
            Self::Closed(closed, _) => closed.operator_text(),
            Self::IpBanned(hit)
            | Self::EmailBanned(hit)
            | Self::UsernameUnavailable(Unavailable::Banned(hit)) => format!("banned by {hit}"),
            Self::RateLimited { which, .. } | Self::EmailCooldown { which, .. } => which.clone(),
            Self::EmailInUse { by } => format!("the address already asked for {by}"),
            Self::UsernameUnavailable(Unavailable::Requested) => {
                "already requested here from another address".into()
            }
            Self::UsernameUnavailable(Unavailable::InUse(answer)) => {
                format!("in use on the homeserver: {answer}")
            }
            Self::HomeserverUnreachable { detail, .. } => format!("homeserver: {detail}"),
        }
    }
}

/// A waiting time, rounded up so that whoever keeps it does not come too early.
fn wait_in_words(span: Duration) -> String {
    let seconds = (span.as_secs() + u64::from(span.subsec_nanos() > 0)).max(1);
    let (n, unit) = match seconds {
        ..=90 => (seconds, "second"),
        91..=5400 => (seconds.div_ceil(60), "minute"),
        5401..=172_800 => (seconds.div_ceil(3600), "hour"),
        _ => (seconds.div_ceil(86_400), "day"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_in_words_is_never_shorter_than_the_wait() {
        for (millis, words) in [
            (0, "1 second"),
            (1_000, "1 second"),
            (59_001, "60 seconds"),
            (90_000, "90 seconds"),
            (90_001, "2 minutes"),
            (5_400_000, "90 minutes"),
            (5_400_001, "2 hours"),
            (172_800_001, "3 days"),
        ] {
            assert_eq!(wait_in_words(Duration::from_millis(millis)), words, "{millis} ms");
        }
    }
}
