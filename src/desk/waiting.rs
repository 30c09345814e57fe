//! How many requests may wait for the operator.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::domain::EmailAddress;
use crate::store::{Reading, Record, StoreError, Writing};

/// From one IPv6 /64 or IPv4 /24, and in all.
const MOST_OF_A_NET: usize = 3;
const MOST: usize = 200;

/// Of those without a name, in all.
const MOST_WITHOUT_NAME: u64 = 200;

/// The net of which only so many may wait.
fn net(ip: IpAddr) -> Option<IpNet> {
    let ip = ip.to_canonical();
    IpNet::new(ip, if ip.is_ipv4() { 24 } else { 64 }).ok().map(|net| net.trunc())
}

/// Why no further one may wait. Those without a name take nobody's place, and whoever asks for the same again waits for the
/// same decision.
pub(super) fn too_many(store: &Reading<'_>, from: Option<IpAddr>) -> Result<Option<String>, StoreError> {
    let waiting = store.held_ips()?;
    if waiting.len() >= MOST {
        return Ok(Some(format!("{MOST} requests wait for the operator")));
    }
    let Some(own) = from.and_then(net) else { return Ok(None) };
    let alike = waiting.iter().flatten().filter(|ip| own.contains(*ip)).count();
    Ok((alike >= MOST_OF_A_NET).then(|| format!("{MOST_OF_A_NET} requests from {own} wait for the operator")))
}

/// Keeps a mail that names nobody clearly as a request that waits. One an address, and so many in all: what comes beyond that
/// is kept as refused, with the reason that the record names, and why it does not wait. Returns its number.
pub fn hold_without_name(store: &Writing<'_>, record: &Record) -> Result<i64, StoreError> {
    let mailbox = record.parsed_email.as_ref().map(EmailAddress::mailbox);
    let waiting = store.held_without_name(mailbox.as_deref())?;
    let id = store.record_refusal(record)?;
    if let Some(first) = waiting.of_mailbox {
        let detail = format!("{}: see request {first}, which waits already", record.detail);
        store.note_request_detail(id, &detail)?;
    } else if waiting.count < MOST_WITHOUT_NAME {
        store.hold_without_name(id)?;
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use crate::config::Folder;
    use crate::domain::{Channel, MessageId};
    use crate::store::{RequestFilter, Store, TakenBack};

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-01-01T12:00:00Z").unwrap().to_utc()
    }

    fn without_name(from: &str) -> Record {
        let email = EmailAddress::parse(from).unwrap();
        Record {
            received_at: now(),
            channel: Channel::Email,
            username: String::new(),
            email: from.to_owned(),
            parsed_email: Some(email),
            ip: None,
            reason: "malformed",
            detail: "no clear name".to_owned(),
            stands_for: 1,
        }
    }

    #[test]
    fn those_without_a_name_wait_once_an_address_bounded_and_take_nobodys_place() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Folder::new(dir.path())).unwrap();
        let keep = |from: &str| {
            let record = without_name(from);
            store.write(move |store| hold_without_name(store, &record)).unwrap()
        };
        let first = keep("a@example.org");
        keep("a+again@example.org");
        for number in 0..250 {
            keep(&format!("n{number}@example.org"));
        }
        let held = RequestFilter { verdict: Some("held"), ..RequestFilter::default() };
        assert_eq!(store.read(|store| store.requests(&held)).unwrap().len(), 200);
        assert_eq!(store.read(|store| store.requests(&RequestFilter::default())).unwrap().len(), 252);
        assert_eq!(store.read(|store| too_many(store, None)).unwrap(), None);
        let waiting = store.read(|store| store.held_request(first)).unwrap().unwrap();
        assert_eq!(waiting.username, None);
        let id = MessageId::parse("<x@your.server>").unwrap();
        let approved = waiting.clone();
        assert!(!store.write(move |store| store.approve(&approved, &id, now(), now())).unwrap());
        // It is over with the refusal, which can be taken back, or with time.
        let refused = waiting.clone();
        assert!(store.write(move |store| store.refuse_held(&refused, None, None, now(), now())).unwrap());
        assert!(store.read(|store| store.held_request(first)).unwrap().is_none());
        assert_eq!(store.write(move |store| store.decide_anew(first, None)).unwrap(), TakenBack::Yes);
        assert!(store.read(|store| store.held_request(first)).unwrap().is_some());
        assert_eq!(store.write(|store| store.lapse_held(now() + TimeDelta::days(1), now())).unwrap(), 200);
    }
}
