//! Earlier requests that share something with one.

use std::net::IpAddr;
use std::ops::ControlFlow;

use chrono::DateTime;

use crate::bans::Lists;
use crate::domain::{BanKind, EmailAddress, ServerName};
use crate::policy::net;
use crate::store::{RequestRow, Store, StoreError};

use super::banning::{Hits, hits};

/// Earlier requests that share something.
#[derive(Debug)]
pub(super) struct Alike {
    /// What they share.
    pub what: String,
    pub hits: Hits,
}

/// Earlier requests of the same address, domain, IP and net: whom a ban of it would hit.
pub(super) fn alike(
    store: &Store,
    server: &ServerName,
    row: &RequestRow,
    go_on: &impl Fn() -> ControlFlow<()>,
) -> Result<Vec<Alike>, StoreError> {
    let email = EmailAddress::parse(&row.email).ok();
    let ip = row.ip.as_deref().and_then(|ip| ip.parse::<IpAddr>().ok()).map(|ip| ip.to_canonical());
    let shared = [
        ("the address", BanKind::Email, email.as_ref().map(EmailAddress::mailbox)),
        ("the domain", BanKind::Email, email.as_ref().map(|email| email.domain().to_owned())),
        ("the IP", BanKind::Ip, ip.map(|ip| ip.to_string())),
        ("the net", BanKind::Ip, ip.and_then(net).map(|net| net.to_string())),
    ];
    let shared = shared.into_iter().filter_map(|(what, kind, entry)| Some((what, kind, entry?)));
    let (words, entries): (Vec<&str>, Vec<(BanKind, String)>) = shared
        .filter(|(_, kind, entry)| Lists::single(*kind, &entry.as_str().into()).is_ok())
        .map(|(what, kind, entry)| (what, (kind, entry)))
        .unzip();
    let before = Some((row.received_at, row.id));
    let found = hits(store, DateTime::UNIX_EPOCH, before, server, &entries, go_on)?;
    let named = words.into_iter().zip(entries).zip(found);
    Ok(named.map(|((what, (_, entry)), hits)| Alike { what: format!("{what} {entry}"), hits }).collect())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::config::{Folder, Settings};
    use crate::domain::{Channel, EmailAddress, Reason};
    use crate::store::{Record, RequestFilter};

    #[test]
    fn what_was_asked_earlier_is_so_also_when_it_was_imported_later() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Folder::new(dir.path())).unwrap();
        let server = Settings::trial().homeserver;
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
                language: crate::domain::Language::default(),
            };
            store.write(move |store| store.record_refusal(&record)).unwrap();
        }
        let rows = store.read(|store| store.requests(&RequestFilter::default())).unwrap();
        for (name, earlier) in [("eve100", &["eve90", "eve10"][..]), ("eve90", &["eve10"]), ("eve10", &[])] {
            let row = rows.iter().find(|row| row.username == name).unwrap();
            let found = alike(&store, &server, row, &|| ControlFlow::Continue(())).unwrap();
            let names: Vec<&str> = found[0].hits.newest.iter().map(|one| one.username.as_str()).collect();
            assert_eq!(names, earlier, "{name}");
        }
    }
}
