//! What was asked before that bears on a request.

use std::net::IpAddr;
use std::ops::ControlFlow;

use chrono::{DateTime, Utc};

use crate::domain::{EmailAddress, likeness};
use crate::policy::net;

use super::{Reading, RequestFilter, StoreError};

/// What two requests have in common; the closest of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Common {
    /// Both lead to one mailbox.
    Mailbox,
    /// The names look alike.
    Name,
    /// Both came from one /24 or /64.
    Network,
    /// Both addresses are of one domain.
    Domain,
}

impl Common {
    /// As scripts see it.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// A request that was there before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// Its number.
    pub id: i64,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// The name.
    pub username: String,
    /// The address as typed.
    pub email: String,
    /// What became of it.
    pub verdict: String,
    /// Why.
    pub reason: Option<String>,
    /// What it has in common.
    pub common: Common,
}

impl Reading<'_> {
    /// What was asked before this request that has something in common with it, refused or not: the closest first, and of
    /// those the newest. Each request is looked at, as long as retention keeps it.
    pub fn seen_before(&self, id: i64, at_most: usize) -> Result<Vec<Before>, StoreError> {
        let of = RequestFilter { id: Some(id), ..RequestFilter::default() };
        let Some(asked) = self.requests(&of)?.pop() else { return Ok(Vec::new()) };
        let mailbox = EmailAddress::parse(&asked.email).ok().map(|email| email.mailbox());
        let domain =
            mailbox.as_deref().and_then(|mailbox| mailbox.rsplit_once('@')).map(|(_, domain)| domain);
        let network = asked.ip.as_deref().and_then(|ip| net(ip.parse().ok()?));
        let looks = likeness(&asked.username);
        let mut found: Vec<Before> = Vec::new();
        self.past_requests(DateTime::UNIX_EPOCH, |past| {
            // What holds the domain in its text may hold the mailbox.
            let may_be_ours = domain.is_some_and(|domain| past.email.to_lowercase().ends_with(domain));
            let other = may_be_ours.then(|| EmailAddress::parse(past.email).ok()).flatten();
            let other = other.map(|email| email.mailbox());
            let same_net = || {
                let ip: IpAddr = past.ip?.parse().ok()?;
                network.filter(|network| network.contains(&ip.to_canonical()))
            };
            let common = if other.is_some() && other == mailbox {
                Some(Common::Mailbox)
            } else if !looks.is_empty() && likeness(past.username) == looks {
                Some(Common::Name)
            } else if same_net().is_some() {
                Some(Common::Network)
            } else {
                other.map(|_| Common::Domain)
            };
            if let Some(common) = common.filter(|_| past.id != id && past.received_at <= asked.received_at) {
                found.push(Before {
                    id: past.id,
                    received_at: past.received_at,
                    username: past.username.to_owned(),
                    email: past.email.to_owned(),
                    verdict: past.verdict.to_owned(),
                    reason: past.reason.map(str::to_owned),
                    common,
                });
            }
            ControlFlow::Continue(())
        })?;
        found.sort_by(|one, other| {
            one.common.cmp(&other.common).then(other.received_at.cmp(&one.received_at))
        });
        found.truncate(at_most);
        Ok(found)
    }
}
