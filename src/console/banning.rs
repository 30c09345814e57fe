//! What a ban would hit: from the requests of the last 30 days.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use ipnet::IpNet;

use crate::bans::{Edit, Lists};
use crate::domain::{BanKind, EmailAddress, Localpart, ServerName};
use crate::store::{PastRequest, RequestRow, Store, StoreError};

/// Accepted requests that are named, at most; all are counted.
const MOST_NAMED: usize = 40;

/// How many of the last 30 days' requests an entry would have refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hits {
    pub all: u64,
    pub accepted: u64,
    /// The accepted ones, newest first: name and address.
    pub named: Vec<(String, String)>,
}

impl Hits {
    /// Which accepted requests it would have refused, in words.
    pub(super) fn accepted_in_words(&self) -> String {
        let named: Vec<String> =
            self.named.iter().map(|(name, address)| format!("{name} ({address})")).collect();
        let more = match self.accepted.saturating_sub(named.len() as u64) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        match self.accepted {
            0 => "none of them was accepted".into(),
            count => format!("{count} of them accepted: {}{more}", named.join(", ")),
        }
    }

    pub(super) fn in_words(&self) -> String {
        format!("{} of the last 30 days' requests; {}", self.all, self.accepted_in_words())
    }
}

/// An entry that is tried on the past.
struct Probe {
    kind: BanKind,
    list: Lists,
    hits: Hits,
}

impl Probe {
    /// The error says what is wrong with the entry.
    fn new(kind: BanKind, entry: &str) -> Result<Self, String> {
        Ok(Self { kind, list: Lists::single(kind, entry)?, hits: Hits::default() })
    }
}

/// Looks once at each request since, for all entries.
fn look_back(
    store: &Store,
    since: DateTime<Utc>,
    server: &ServerName,
    probes: &mut [Probe],
) -> Result<(), StoreError> {
    let any = |probes: &[Probe], kind| probes.iter().any(|probe| probe.kind == kind);
    let (ips, emails, names) =
        (any(probes, BanKind::Ip), any(probes, BanKind::Email), any(probes, BanKind::Username));
    let look = |past: &PastRequest<'_>| {
        let ip = past.ip.filter(|_| ips).and_then(|ip| ip.parse::<IpAddr>().ok());
        let email = emails.then(|| EmailAddress::parse(past.email).ok()).flatten();
        let name = names.then(|| Localpart::parse(past.username, server).ok()).flatten();
        for probe in &mut *probes {
            let list = &probe.list;
            let hit = match probe.kind {
                BanKind::Ip => ip.is_some_and(|ip| list.ip(ip).is_some()),
                BanKind::Email => email.as_ref().is_some_and(|email| list.email(email).is_some()),
                BanKind::Username => name.as_ref().is_some_and(|name| list.username(name).is_some()),
            };
            if hit {
                probe.hits.all += past.stands_for;
                if past.verdict == "accepted" {
                    probe.hits.accepted += 1;
                    if probe.hits.named.len() < MOST_NAMED {
                        probe.hits.named.push((past.username.to_owned(), past.email.to_owned()));
                    }
                }
            }
        }
    };
    store.read(|store| store.past_requests(since, look))
}

/// What would have been refused by this entry. The inner error says what is wrong with it.
pub(super) fn hits(
    store: &Store,
    since: DateTime<Utc>,
    server: &ServerName,
    kind: BanKind,
    entry: &str,
) -> Result<Result<Hits, String>, StoreError> {
    let mut probes = match Probe::new(kind, entry) {
        Ok(probe) => [probe],
        Err(why) => return Ok(Err(why)),
    };
    look_back(store, since, server, &mut probes)?;
    let [probe] = probes;
    Ok(Ok(probe.hits))
}

/// One way to ban who sent a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// `the address`, `its domain` …
    pub what: &'static str,
    pub kind: BanKind,
    pub entry: String,
    pub hits: Hits,
}

impl Choice {
    pub(super) fn edit(&self) -> Edit {
        Edit::Add(self.entry.clone())
    }
}

/// The net that a ban of a neighbourhood means.
pub(super) fn net(ip: IpAddr) -> Option<IpNet> {
    let ip = ip.to_canonical();
    IpNet::new(ip, if ip.is_ipv4() { 24 } else { 64 }).ok().map(|net| net.trunc())
}

/// All ways that there are for this request.
pub(super) fn choices(
    store: &Store,
    since: DateTime<Utc>,
    server: &ServerName,
    request: &RequestRow,
) -> Result<Vec<Choice>, StoreError> {
    let mut entries: Vec<(&'static str, BanKind, String)> = Vec::new();
    if let Ok(email) = EmailAddress::parse(&request.email) {
        entries.push(("the address", BanKind::Email, email.folded()));
        entries.push(("its domain", BanKind::Email, email.domain().to_owned()));
    }
    if let Ok(name) = Localpart::parse(&request.username, server) {
        entries.push(("the name", BanKind::Username, format!("^{}$", regex::escape(name.as_str()))));
    }
    if let Some(ip) = request.ip.as_deref().and_then(|ip| ip.parse::<IpAddr>().ok()) {
        entries.push(("the IP", BanKind::Ip, ip.to_canonical().to_string()));
        if let Some(net) = net(ip) {
            let what = if ip.to_canonical().is_ipv4() { "its /24" } else { "its /64" };
            entries.push((what, BanKind::Ip, net.to_string()));
        }
    }
    let (entries, mut probes): (Vec<_>, Vec<_>) = entries
        .into_iter()
        .filter_map(|entry| Probe::new(entry.1, &entry.2).ok().map(|probe| (entry, probe)))
        .unzip();
    look_back(store, since, server, &mut probes)?;
    Ok(entries
        .into_iter()
        .zip(probes)
        .map(|((what, kind, entry), probe)| Choice { what, kind, entry, hits: probe.hits })
        .collect())
}
