//! What a refusal and a hold say: to the applicant, and, with what exactly it was, to the operator.

use crate::domain::{Closed, Crowd, Hold, Refusal, Unavailable};
use crate::text::{Language, messages};

messages! { "refusals":
    closed_until(time);
    paused;
    being_updated;
    not_live_yet;
    too_many_come;
    cross_site;
    form_incomplete;
    ip_banned;
    rate_limited(span);
    too_many_wait;
    too_many_wait_of_net;
    mailbox_waits;
    email_banned;
    email_in_use;
    email_cooldown(span);
    username_unavailable;
    homeserver_unreachable;
    refused_because(because);
    refused_without_reason;
    ended_otherwise;
    lapsed;
}

impl Closed {
    /// The applicant's text.
    pub fn applicant_text(&self, t: Language) -> String {
        match self {
            Self::Downtime { until } => t.closed_until(&t.time(until.time())),
            Self::Paused => t.paused(),
            Self::NotLive => t.not_live_yet(),
            Self::Outdated => t.being_updated(),
            Self::Surge => t.too_many_come(),
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
    pub fn applicant_text(&self, t: Language) -> String {
        match self {
            Self::CrossSite => t.cross_site(),
            Self::Malformed { problems } if problems.is_empty() => t.form_incomplete(),
            Self::Malformed { problems } => {
                problems.iter().map(|(_, flaw)| t.flaw(flaw)).collect::<Vec<_>>().join(" ")
            }
            Self::Closed(closed, _) => closed.applicant_text(t),
            Self::IpBanned(_) => t.ip_banned(),
            Self::RateLimited { retry_after, .. } => t.rate_limited(&t.wait(*retry_after)),
            Self::Crowded(Crowd::Everybody(_) | Crowd::Share(..)) => t.too_many_wait(),
            Self::Crowded(Crowd::Net(..)) => t.too_many_wait_of_net(),
            Self::Crowded(Crowd::Mailbox(_)) => t.mailbox_waits(),
            Self::EmailBanned(_) => t.email_banned(),
            Self::EmailInUse { .. } => t.email_in_use(),
            Self::EmailCooldown { retry_after, .. } => t.email_cooldown(&t.wait(*retry_after)),
            Self::UsernameUnavailable(_) => t.username_unavailable(),
            Self::HomeserverUnreachable { .. } => t.homeserver_unreachable(),
            Self::RefusedByOperator(Some(because)) => t.refused_because(because.as_str()),
            Self::RefusedByOperator(None) => t.refused_without_reason(),
            Self::Lapsed => t.lapsed(),
            Self::Corrected | Self::NotMe | Self::Suppressed => t.ended_otherwise(),
        }
    }

    /// The operator's text: what exactly it was.
    pub fn operator_text(&self) -> String {
        match self {
            Self::CrossSite => "the browser said that another site's page sent it".into(),
            Self::Malformed { problems } => problems
                .iter()
                .map(|(field, flaw)| format!("{}: {}", field.name(), Language::English.flaw(flaw)))
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
            assert_eq!(one.applicant_text(Language::English), all[0].applicant_text(Language::English));
        }
        assert!(all[2].operator_text().contains("M_USER_IN_USE"));
    }
}
