//! What a ban would hit: from the requests of the last 30 days.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::bans::{Edit, Lists};
use crate::domain::{BanKind, EmailAddress, Localpart, ServerName};
use crate::store::{PastRequest, RequestRow};

/// How many of the last 30 days' requests an entry would have refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hits {
    pub all: u64,
    pub accepted: u64,
}

impl Hits {
    pub(super) fn in_words(self) -> String {
        format!("{} of the last 30 days' requests, {} of them accepted", self.all, self.accepted)
    }
}

/// What would have been refused by this entry. The error says what is wrong with it.
pub(super) fn hits(
    kind: BanKind,
    entry: &str,
    past: &[PastRequest],
    server: &ServerName,
) -> Result<Hits, String> {
    let list = Lists::single(kind, entry)?;
    let mut hits = Hits::default();
    for request in past {
        let hit = match kind {
            BanKind::Ip => {
                request.ip.as_deref().and_then(|ip| ip.parse().ok()).is_some_and(|ip| list.ip(ip).is_some())
            }
            BanKind::Email => {
                EmailAddress::parse(&request.email).is_ok_and(|email| list.email(&email).is_some())
            }
            BanKind::Username => {
                Localpart::parse(&request.username, server).is_ok_and(|name| list.username(&name).is_some())
            }
        };
        if hit {
            hits.all += request.stands_for;
            hits.accepted += u64::from(request.verdict == "accepted");
        }
    }
    Ok(hits)
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
pub(super) fn choices(request: &RequestRow, past: &[PastRequest], server: &ServerName) -> Vec<Choice> {
    let mut choices: Vec<(&'static str, BanKind, String)> = Vec::new();
    if let Ok(email) = EmailAddress::parse(&request.email) {
        choices.push(("the address", BanKind::Email, email.folded()));
        choices.push(("its domain", BanKind::Email, email.domain().to_owned()));
    }
    if let Ok(name) = Localpart::parse(&request.username, server) {
        choices.push(("the name", BanKind::Username, format!("^{}$", regex::escape(name.as_str()))));
    }
    if let Some(ip) = request.ip.as_deref().and_then(|ip| ip.parse::<IpAddr>().ok()) {
        choices.push(("the IP", BanKind::Ip, ip.to_canonical().to_string()));
        if let Some(net) = net(ip) {
            let what = if ip.to_canonical().is_ipv4() { "its /24" } else { "its /64" };
            choices.push((what, BanKind::Ip, net.to_string()));
        }
    }
    choices
        .into_iter()
        .filter_map(|(what, kind, entry)| {
            let hits = hits(kind, &entry, past, server).ok()?;
            Some(Choice { what, kind, entry, hits })
        })
        .collect()
}
