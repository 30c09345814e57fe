//! Earlier requests that share something with one.

use std::net::IpAddr;
use std::ops::ControlFlow;

use chrono::{DateTime, Utc};

use crate::domain::EmailAddress;
use crate::policy::net;
use crate::store::{PastRequest, RequestRow, Store, StoreError};

/// Of the requests that are alike, so many are shown.
const SHOWN: usize = 5;

/// Earlier requests that share something.
#[derive(Debug)]
pub(super) struct Alike {
    /// What they share.
    pub what: String,
    pub count: u64,
    /// The newest of them, newest first.
    pub newest: Vec<Earlier>,
}

/// A request before this one.
#[derive(Debug)]
pub(super) struct Earlier {
    pub received_at: DateTime<Utc>,
    pub verdict: String,
    pub reason: Option<String>,
    pub username: String,
    pub email: String,
}

impl Alike {
    fn take(&mut self, past: &PastRequest<'_>) {
        self.count += past.stands_for;
        if self.newest.len() < SHOWN {
            self.newest.push(Earlier {
                received_at: past.received_at,
                verdict: past.verdict.to_owned(),
                reason: past.reason.map(ToOwned::to_owned),
                username: past.username.to_owned(),
                email: past.email.to_owned(),
            });
        }
    }
}

/// Earlier requests of the same address, domain, IP and net.
pub(super) fn alike(
    store: &Store,
    row: &RequestRow,
    go_on: &impl Fn() -> ControlFlow<()>,
) -> Result<Vec<Alike>, StoreError> {
    let parsed_ip = |ip: &str| ip.parse::<IpAddr>().ok().map(|ip| ip.to_canonical());
    let email = EmailAddress::parse(&row.email).ok();
    let mailbox = email.as_ref().map(EmailAddress::mailbox);
    let ip = row.ip.as_deref().and_then(parsed_ip);
    let net = ip.and_then(net);
    let none = |what: String| Alike { what, count: 0, newest: Vec::new() };
    let mut of_address = mailbox.as_ref().map(|mailbox| none(format!("the address {mailbox}")));
    let mut of_domain = email.as_ref().map(|email| none(format!("the domain {}", email.domain())));
    let mut of_ip = ip.map(|ip| none(format!("the IP {ip}")));
    let mut of_net = net.map(|net| none(format!("the net {net}")));
    // Only what may have the domain is understood in full.
    let may_have = |typed: &str, domain: &str| {
        let tail = typed.trim_end().as_bytes();
        !typed.is_ascii()
            || tail.len() >= domain.len()
                && tail[tail.len() - domain.len()..].eq_ignore_ascii_case(domain.as_bytes())
    };
    let look = |past: &PastRequest<'_>| {
        go_on()?;
        if (past.received_at, past.id) >= (row.received_at, row.id) {
            return ControlFlow::Continue(());
        }
        if let (Some(email), Some(of_domain)) = (&email, &mut of_domain)
            && may_have(past.email, email.domain())
            && let Ok(other) = EmailAddress::parse(past.email)
            && other.domain() == email.domain()
        {
            of_domain.take(past);
            if let Some(of_address) = &mut of_address
                && Some(other.mailbox()) == mailbox
            {
                of_address.take(past);
            }
        }
        let other = past.ip.and_then(parsed_ip);
        if let (Some(other), Some(of_ip)) = (other, &mut of_ip)
            && Some(other) == ip
        {
            of_ip.take(past);
        }
        if let (Some(other), Some(net), Some(of_net)) = (other, net, &mut of_net)
            && net.contains(&other)
        {
            of_net.take(past);
        }
        ControlFlow::Continue(())
    };
    store.read(|store| store.past_requests(DateTime::UNIX_EPOCH, look))?;
    Ok([of_address, of_domain, of_ip, of_net].into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::config::Folder;
    use crate::domain::{Channel, Reason};
    use crate::store::{Record, RequestFilter};

    #[test]
    fn what_was_asked_earlier_is_so_also_when_it_was_imported_later() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Folder::new(dir.path())).unwrap();
        for days in [90, 100, 10] {
            let record = Record {
                received_at: DateTime::UNIX_EPOCH + TimeDelta::days(days),
                channel: Channel::Web,
                username: format!("eve{days}"),
                email: "eve@example.org".into(),
                parsed_email: EmailAddress::parse("eve@example.org").ok(),
                ip: None,
                held: false,
                reason: Reason::Closed,
                detail: String::new(),
                stands_for: 1,
            };
            store.write(move |store| store.record_refusal(&record)).unwrap();
        }
        let rows = store.read(|store| store.requests(&RequestFilter::default())).unwrap();
        for (name, earlier) in [("eve100", &["eve90", "eve10"][..]), ("eve90", &["eve10"]), ("eve10", &[])] {
            let row = rows.iter().find(|row| row.username == name).unwrap();
            let found = alike(&store, row, &|| ControlFlow::Continue(())).unwrap();
            let names: Vec<&str> = found[0].newest.iter().map(|one| one.username.as_str()).collect();
            assert_eq!(names, earlier, "{name}");
        }
    }
}
