//! What a refusal says to the applicant; and, with what exactly it was, to the operator, as a hold does.

use std::time::Duration;

use crate::domain::{Closed, Hold, Refusal, Unavailable};
use crate::text::{Language, messages};

messages! {
    closed_for_reset(time) = "Registration is closed while the registration token is being replaced. It opens again at {time}.";
    closed_by_hand = "Registration is paused at the moment. Please try again later.";
    closed_until_live = "Registration is closed until the homeserver has taken up the new registration token. This usually takes a few minutes; please try again soon.";
    cross_site = "This request came from another website. Please use the form on this page.";
    ip_banned = "Requests from your network address are not accepted here.";
    rate_limited(wait) = "There were too many requests lately. Please try again in {wait}.";
    email_banned = "Requests with this email address are not accepted here. Please use another one.";
    email_in_use = "There is already an account or a request with this email address, and each address can have only one.";
    email_cooldown(wait) = "We sent an email to this address not long ago; please check its spam folder too. You can ask again in {wait}.";
    username_unavailable = "This username is not available. Please choose another one.";
    homeserver_unreachable = "The homeserver could not be asked whether this username is free. Nothing was lost; please try again in a minute.";
    operator_refused = "The operator has looked at your request and refused it.";
    operator_refused_because(why) = "The operator has looked at your request and refused it: {why}";
    lapsed = "Your request waited too long for approval and has lapsed. Please ask again.";
}

impl Language {
    /// Why the desk takes no requests.
    pub fn closed(self, closed: Closed) -> String {
        match closed {
            Closed::Downtime { until } => self.closed_for_reset(&self.time(until.time())),
            Closed::Paused => self.closed_by_hand().to_owned(),
            Closed::NotLive => self.closed_until_live().to_owned(),
        }
    }

    /// Why a request is refused; never empty.
    pub fn refusal(self, refusal: &Refusal) -> String {
        match refusal {
            Refusal::CrossSite => self.cross_site().to_owned(),
            Refusal::Malformed { problems } if problems.is_empty() => self.form_incomplete().to_owned(),
            Refusal::Malformed { problems } => {
                problems.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ")
            }
            Refusal::Closed(closed, _) => self.closed(*closed),
            Refusal::IpBanned(_) => self.ip_banned().to_owned(),
            Refusal::RateLimited { retry_after, .. } => self.rate_limited(&self.wait(*retry_after)),
            Refusal::EmailBanned(_) => self.email_banned().to_owned(),
            Refusal::EmailInUse { .. } => self.email_in_use().to_owned(),
            Refusal::EmailCooldown { retry_after, .. } => self.email_cooldown(&self.wait(*retry_after)),
            Refusal::UsernameUnavailable(_) => self.username_unavailable().to_owned(),
            Refusal::HomeserverUnreachable { .. } => self.homeserver_unreachable().to_owned(),
            Refusal::RefusedByOperator(None) => self.operator_refused().to_owned(),
            Refusal::RefusedByOperator(Some(why)) => self.operator_refused_because(why),
            Refusal::Lapsed => self.lapsed().to_owned(),
        }
    }

    /// A waiting time, rounded up so that whoever keeps it does not come too early.
    fn wait(self, span: Duration) -> String {
        let Self::English = self;
        let seconds = (span.as_secs() + u64::from(span.subsec_nanos() > 0)).max(1);
        let (n, unit) = match seconds {
            ..=90 => (seconds, "second"),
            91..=5400 => (seconds.div_ceil(60), "minute"),
            5401..=172_800 => (seconds.div_ceil(3600), "hour"),
            _ => (seconds.div_ceil(86_400), "day"),
        };
        format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
    }
}

impl Closed {
    /// For the operator.
    fn operator_text(&self) -> String {
        match self {
            Self::Downtime { until } => format!("downtime until {}", until.format("%Y-%m-%d %H:%M UTC")),
            Self::Paused => "paused by the operator".into(),
            Self::NotLive => "the homeserver does not take the current token yet".into(),
        }
    }
}

impl Hold {
    /// For the operator; none where the reason says it all.
    pub fn operator_text(&self) -> Option<String> {
        match self {
            Self::List(hit) => Some(format!("held by {hit}")),
            Self::UnverifiedSender(why) | Self::NameUnclear(why) => Some(why.clone()),
            Self::Approval => None,
        }
    }
}

impl Refusal {
    /// For the operator: what exactly it was.
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
            Self::RefusedByOperator(because) => {
                because.clone().unwrap_or_else(|| "refused by the operator".into())
            }
            Self::Lapsed => "nobody decided it in time".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{Action, BanKind, Hit};

    use super::*;

    #[test]
    fn why_a_name_is_not_to_be_had_only_the_operator_is_told() {
        let hit = Hit { list: BanKind::Username, line: 7, entry: "x".into(), action: Action::Refuse };
        let answer = "M_USER_IN_USE".to_owned();
        let all = [Unavailable::Banned(hit), Unavailable::Requested, Unavailable::InUse(answer)]
            .map(Refusal::UsernameUnavailable);
        for one in &all {
            assert_eq!(Language::English.refusal(one), Language::English.refusal(&all[0]));
        }
        assert!(all[2].operator_text().contains("M_USER_IN_USE"));
    }

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
            assert_eq!(Language::English.wait(Duration::from_millis(millis)), words, "{millis} ms");
        }
    }
}
