//! What a refusal and a hold say: to the applicant, and, with what exactly it was, to the operator.

use std::time::Duration;

use crate::domain::{Closed, Crowd, Hold, Refusal, Unavailable};
use crate::text::{Language, messages};

messages! {
    closed_until(time) = "Registration is closed while the registration token is being replaced. It opens again at {time}.";
    paused = "Registration is paused at the moment. Please try again later.";
    being_updated = "Registration is closed while the desk is being updated. Please try again in a few minutes.";
    not_live_yet = "Registration is closed until the homeserver accepts the new registration token. This usually takes a few minutes; please try again soon.";
    too_many_come = "Registration is closed for a while, because more requests arrive than usual. Please try again in an hour.";
    cross_site = "This request came from another website. Please use the form on this page.";
    form_incomplete = "The form did not arrive whole. Please fill in both fields.";
    ip_banned = "Requests from your network address are not accepted here.";
    rate_limited(span) = "Too many requests. Please try again in {span}.";
    too_many_wait = "Too many requests are waiting for approval. No more can be taken until the operator has decided.";
    too_many_wait_of_net = "Too many requests from your network are waiting for approval. No more can be taken until the operator has decided.";
    mailbox_waits = "A request with this email address is waiting for approval already. Another one cannot be taken until the operator has decided.";
    email_banned = "Requests with this email address are not accepted here. Please use another one.";
    email_in_use = "There is already an account or a request with this email address, and each address can have only one.";
    email_cooldown(span) = "We sent an email to this address not long ago; please check its spam folder too. You can ask again in {span}.";
    username_unavailable = "This username is not available. Please choose another one.";
    homeserver_unreachable = "The homeserver could not be asked whether this username is free. Nothing was lost; please try again in a minute.";
    refused_because(because) = "The operator has looked at your request and refused it:\n\n{because}";
    refused_without_reason = "The operator has looked at your request and refused it.";
    ended_otherwise = "This request has ended.";
    lapsed = "Your request waited too long for approval and has lapsed. Please ask again.";
}

impl Closed {
    /// The applicant's text.
    pub fn applicant_text(&self) -> String {
        match self {
            Self::Downtime { until } => {
                Language::default().closed_until(&*Language::default().time(until.time()))
            }
            Self::Paused => Language::default().paused().into(),
            Self::NotLive => Language::default().not_live_yet().into(),
            Self::Outdated => Language::default().being_updated().into(),
            Self::Surge => Language::default().too_many_come().into(),
        }
    }

    /// The operator's text.
    pub fn operator_text(&self) -> String {
        match self {
            Self::Downtime { until } => format!("downtime until {}", until.format("%Y-%m-%d %H:%M UTC")),
            Self::Paused => "paused by the operator".into(),
            Self::Outdated => {
                "a newer doorman has changed doorman.db: restart the desk with that doorman".into()
            }
            Self::NotLive => "the homeserver does not take the current token yet".into(),
            Self::Surge => "a surge, and on_surge is close (`doorman surge off` opens it)".into(),
        }
    }
}

impl Hold {
    /// The operator's text; none where the reason says it all.
    pub fn operator_text(&self) -> Option<String> {
        match self {
            Self::List(hit) => Some(format!("held by {hit}")),
            Self::UnverifiedSender(why) | Self::NameUnclear(why) | Self::Reply(why) => Some(why.clone()),
            Self::DomainBudget(domain) => {
                Some(format!("{domain} has had its emails of the day (letters_per_domain_per_day)"))
            }
            Self::Surge => Some("more requests come than usual".into()),
            Self::Quota => Some("accounts_per_day is used up".into()),
            Self::Approval => None,
            Self::Unproven(next) => Some(format!("then held: {}", next.word())),
        }
    }
}

impl Refusal {
    /// The applicant's text; never empty.
    pub fn applicant_text(&self) -> String {
        let say = Language::default();
        match self {
            Self::CrossSite => say.cross_site().into(),
            Self::Malformed { problems } if problems.is_empty() => say.form_incomplete().into(),
            Self::Malformed { problems } => {
                problems.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ")
            }
            Self::Closed(closed, _) => closed.applicant_text(),
            Self::IpBanned(_) => say.ip_banned().into(),
            Self::RateLimited { retry_after, .. } => say.rate_limited(&*wait_in_words(*retry_after)),
            Self::Crowded(Crowd::Everybody(_) | Crowd::Share(..)) => say.too_many_wait().into(),
            Self::Crowded(Crowd::Net(..)) => say.too_many_wait_of_net().into(),
            Self::Crowded(Crowd::Mailbox(_)) => say.mailbox_waits().into(),
            Self::EmailBanned(_) => say.email_banned().into(),
            Self::EmailInUse { .. } => say.email_in_use().into(),
            Self::EmailCooldown { retry_after, .. } => say.email_cooldown(&*wait_in_words(*retry_after)),
            Self::UsernameUnavailable(_) => say.username_unavailable().into(),
            Self::HomeserverUnreachable { .. } => say.homeserver_unreachable().into(),
            Self::RefusedByOperator(Some(because)) => say.refused_because(because.as_str()),
            Self::RefusedByOperator(None) => say.refused_without_reason().into(),
            Self::Lapsed => say.lapsed().into(),
            Self::Corrected | Self::NotMe | Self::Suppressed => say.ended_otherwise().into(),
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
            Self::Crowded(Crowd::Everybody(most)) => format!("{most} requests wait for you (held_at_most)"),
            Self::Crowded(Crowd::Share(source, count)) if source.is_empty() => {
                format!("{count} requests of the same source wait for you, which is its share")
            }
            Self::Crowded(Crowd::Share(source, count)) => {
                format!("{count} requests of {source} wait for you, which is its share")
            }
            Self::Crowded(Crowd::Net(net, most)) => {
                format!("{most} requests from {net} wait for you (held_per_network)")
            }
            Self::Crowded(Crowd::Mailbox(first)) => format!("the address waits already: see request {first}"),
            Self::EmailInUse { by } => format!("the address already asked for {by}"),
            Self::UsernameUnavailable(Unavailable::Requested) => {
                "already requested here from another address".into()
            }
            Self::UsernameUnavailable(Unavailable::InUse(answer)) => {
                format!("in use on the homeserver: {answer}")
            }
            Self::UsernameUnavailable(Unavailable::ReadsAsLink) => {
                "mail programs would make a link of it".into()
            }
            Self::HomeserverUnreachable { detail, .. } => format!("homeserver: {detail}"),
            Self::RefusedByOperator(because) => {
                because.clone().unwrap_or_else(|| "refused by the operator".into())
            }
            Self::Lapsed => "nobody decided it in time".into(),
            Self::Corrected => "its applicant has corrected it".into(),
            Self::NotMe => "whoever reads this mailbox says that they did not ask".into(),
            Self::Suppressed => "this mailbox gets no email from this desk (`doorman suppress list`)".into(),
        }
    }
}

/// A waiting time, rounded up so that whoever keeps it does not come too early.
pub(crate) fn wait_in_words(span: Duration) -> String {
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
    use crate::domain::{Action, BanKind, Hit};

    use super::*;

    #[test]
    fn why_a_name_is_not_to_be_had_only_the_operator_is_told() {
        let hit = Hit {
            list: BanKind::Username,
            file: "banned_usernames.txt".into(),
            line: 7,
            entry: "x".into(),
            action: Action::Refuse,
            note: None,
        };
        let answer = "M_USER_IN_USE".to_owned();
        let all = [
            Unavailable::Banned(hit),
            Unavailable::Requested,
            Unavailable::InUse(answer),
            Unavailable::ReadsAsLink,
        ]
        .map(Refusal::UsernameUnavailable);
        for one in &all {
            assert_eq!(one.applicant_text(), all[0].applicant_text());
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
            assert_eq!(wait_in_words(Duration::from_millis(millis)), words, "{millis} ms");
        }
    }
}
