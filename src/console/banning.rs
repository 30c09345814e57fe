//! What a ban would hit: from the requests of the last 30 days.

use std::collections::HashMap;
use std::net::IpAddr;
use std::ops::ControlFlow;

use chrono::{DateTime, Utc};

use crate::bans::{Edit, Lists, Mark, Written};
use crate::domain::{Action, BanKind, EmailAddress, Localpart, ServerName};
use crate::policy::net;
use crate::store::{PastRequest, RequestRow, Store, StoreError};

/// Accepted requests that are named, at most; all are counted.
const MOST_NAMED: usize = 40;

/// So many of the newest are kept.
const NEWEST: usize = 5;

/// How many of the last 30 days' requests an entry would have refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hits {
    pub all: u64,
    pub accepted: u64,
    /// The accepted ones, newest first: name and address.
    pub named: Vec<(String, String)>,
    /// The newest, newest first.
    pub newest: Vec<Earlier>,
}

/// A request of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Earlier {
    pub received_at: DateTime<Utc>,
    pub verdict: String,
    pub reason: Option<String>,
    pub username: String,
    pub email: String,
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
    /// What an email address that it hits ends with, in lower case, where that is known: most addresses need not be
    /// understood then.
    tail: Option<String>,
    hits: Hits,
}

impl Probe {
    /// The error says what is wrong with the entry.
    fn new(kind: BanKind, entry: &str) -> Result<Self, String> {
        let domain = entry.trim().rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
        let is_literal = domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
        let tail = is_literal.then_some(domain);
        Ok(Self { kind, list: Lists::single(kind, &entry.into())?, tail, hits: Hits::default() })
    }

    /// Whether it could hit what was typed so.
    fn may_hit(&self, typed: &str) -> bool {
        let Some(tail) = &self.tail else { return true };
        let typed = typed.trim_end().trim_end_matches('.').as_bytes();
        let start = typed.len().saturating_sub(tail.len());
        !typed.is_ascii() || typed[start..].eq_ignore_ascii_case(tail.as_bytes())
    }
}

/// What each of these entries would have refused, in their order, since the one time and before the request of this time and
/// number.
pub(super) fn hits(
    store: &Store,
    since: DateTime<Utc>,
    before: Option<(DateTime<Utc>, i64)>,
    server: &ServerName,
    entries: &[(BanKind, String)],
    go_on: &impl Fn() -> ControlFlow<()>,
) -> Result<Vec<Hits>, StoreError> {
    let probes: Result<Vec<Probe>, String> =
        entries.iter().map(|(kind, entry)| Probe::new(*kind, entry)).collect();
    let mut probes = probes.map_err(StoreError::Other)?;
    let any = |kind| entries.iter().any(|(one, _)| *one == kind);
    let (ips, emails, names) = (any(BanKind::Ip), any(BanKind::Email), any(BanKind::Username));
    let look = |past: &PastRequest<'_>| {
        go_on()?;
        if before.is_some_and(|before| (past.received_at, past.id) >= before) {
            return ControlFlow::Continue(());
        }
        let ip = past.ip.filter(|_| ips).and_then(|ip| ip.parse::<IpAddr>().ok());
        let is_email =
            emails && probes.iter().any(|one| one.kind == BanKind::Email && one.may_hit(past.email));
        let email = is_email.then(|| EmailAddress::parse(past.email).ok()).flatten();
        let name = names.then(|| Localpart::parse(past.username, server).ok()).flatten();
        for probe in &mut probes {
            let list = &probe.list;
            if list.hits(ip, email.as_ref(), name.as_ref(), past.received_at).any() {
                probe.hits.all += past.stands_for;
                if probe.hits.newest.len() < NEWEST {
                    probe.hits.newest.push(Earlier {
                        received_at: past.received_at,
                        verdict: past.verdict.to_owned(),
                        reason: past.reason.map(ToOwned::to_owned),
                        username: past.username.to_owned(),
                        email: past.email.to_owned(),
                    });
                }
                if past.verdict == "accepted" {
                    probe.hits.accepted += 1;
                    if probe.hits.named.len() < MOST_NAMED {
                        probe.hits.named.push((past.username.to_owned(), past.email.to_owned()));
                    }
                }
            }
        }
        ControlFlow::Continue(())
    };
    store.read(|store| store.past_requests(since, look))?;
    Ok(probes.into_iter().map(|probe| probe.hits).collect())
}

/// How often each entry of these lists is the one that hits whom a line has refused or held since.
pub(super) fn hits_of_lists(
    store: &Store,
    since: DateTime<Utc>,
    server: &ServerName,
    lists: &Lists,
    go_on: &impl Fn() -> ControlFlow<()>,
) -> Result<HashMap<(BanKind, String), u64>, StoreError> {
    let mut counted: HashMap<(BanKind, String), u64> = HashMap::new();
    let look = |past: &PastRequest<'_>| {
        let (ips, emails, names) = match past.reason {
            Some("ip_banned") => (true, false, false),
            Some("email_banned") => (false, true, false),
            Some("username_unavailable") => (false, false, true),
            Some("list") => (true, true, true),
            _ => return go_on(),
        };
        let ip = past.ip.filter(|_| ips).and_then(|ip| ip.parse().ok());
        let email = emails.then(|| EmailAddress::parse(past.email).ok()).flatten();
        let name = names.then(|| Localpart::parse(past.username, server).ok()).flatten();
        let hits = lists.hits(ip, email.as_ref(), name.as_ref(), past.received_at);
        let action = if past.reason == Some("list") { Action::Hold } else { Action::Refuse };
        if let Some(hit) = hits.first(action) {
            *counted.entry((hit.list, hit.entry.clone())).or_default() += past.stands_for;
        }
        go_on()
    };
    store.read(|store| store.past_requests(since, look))?;
    Ok(counted)
}

/// One way to ban who sent requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// `the address`, `its domain` …
    pub what: &'static str,
    pub kind: BanKind,
    pub entries: Vec<String>,
    /// None: they are being counted.
    pub hits: Option<Hits>,
    /// Several are banned at once.
    pub is_ticked: bool,
}

impl Choice {
    /// With what belongs to each entry.
    pub(super) fn bans(&self, mark: Option<&str>) -> impl Iterator<Item = (BanKind, Edit)> {
        let written = move |entry: &String| Written { entry: entry.clone(), mark: mark.map(str::to_owned) };
        self.entries.iter().map(move |entry| (self.kind, Edit::Add(written(entry))))
    }

    /// Takes what its entries would have refused.
    pub(super) fn take(&mut self, hits: &mut impl Iterator<Item = Hits>) {
        let all = hits.take(self.entries.len()).fold(Hits::default(), |mut all, one| {
            all.all += one.all;
            all.accepted += one.accepted;
            all.named.extend(one.named);
            all
        });
        self.hits = Some(all);
    }
}

/// What belongs to an entry, as it is typed.
pub(super) fn shown_mark(mark: &Mark) -> String {
    mark.to_string().trim_start_matches("#:").trim_start().to_owned()
}

/// All ways that there are for these requests.
pub(super) fn ways(server: &ServerName, requests: &[RequestRow]) -> Vec<Choice> {
    let emails = || requests.iter().filter_map(|row| EmailAddress::parse(&row.email).ok());
    let names = requests.iter().filter_map(|row| Localpart::parse(&row.username, server).ok());
    let ips = || requests.iter().filter_map(|row| row.ip.as_deref()?.parse::<IpAddr>().ok());
    let is_one = requests.len() == 1;
    let net_of = if ips().all(|ip| ip.to_canonical().is_ipv4()) { "its /24" } else { "its /64" };
    let all: [(&'static str, &'static str, BanKind, Vec<String>); 5] = [
        ("the address", "addresses", BanKind::Email, emails().map(|email| email.folded()).collect()),
        ("its domain", "domains", BanKind::Email, emails().map(|email| email.domain().to_owned()).collect()),
        (
            "the name",
            "names",
            BanKind::Username,
            names.map(|name| format!("^{}$", regex::escape(name.as_str()))).collect(),
        ),
        ("the IP", "IPs", BanKind::Ip, ips().map(|ip| ip.to_canonical().to_string()).collect()),
        (net_of, "nets", BanKind::Ip, ips().filter_map(net).map(|net| net.to_string()).collect()),
    ];
    let choices = all.into_iter().map(|(one, many, kind, entries)| {
        let mut entries: Vec<String> =
            entries.into_iter().filter(|entry| Lists::single(kind, &entry.as_str().into()).is_ok()).collect();
        entries.sort_unstable();
        entries.dedup();
        Choice { what: if is_one { one } else { many }, kind, entries, hits: None, is_ticked: false }
    });
    choices.filter(|choice| !choice.entries.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::config::{Folder, Settings};
    use crate::domain::{Channel, Reason, escaped};
    use crate::store::{Record, RequestFilter};

    #[test]
    fn nothing_is_offered_for_what_imitates_another() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Folder::new(dir.path())).unwrap();
        let server = Settings::trial().homeserver;
        let offered = |username: &str, email: &str| {
            let record = Record {
                received_at: DateTime::UNIX_EPOCH,
                channel: Channel::Web,
                username: escaped(username, 300),
                email: escaped(email, 300),
                parsed_email: None,
                ip: None,
                held: false,
                reason: Reason::Malformed,
                detail: String::new(),
                stands_for: 1,
                language: crate::domain::Language::default(),
            };
            store.write(move |store| store.record_refusal(&record)).unwrap();
            let row = store.read(|store| store.requests(&RequestFilter::default())).unwrap().remove(0);
            ways(&server, std::slice::from_ref(&row))
                .into_iter()
                .flat_map(|way| way.entries)
                .collect::<Vec<_>>()
        };
        assert_eq!(offered("alice", "alice@example.org"), ["alice@example.org", "example.org", "^alice$"]);
        for unseen in ['\u{200b}', '\u{202e}', '\u{ad}', '\u{1}', '\u{85}', '\u{e0041}'] {
            let altered = |text: &str| text.replace("li", &format!("l{unseen}i"));
            assert_eq!(offered(&altered("alice"), &altered("alice@example.org")), [""; 0], "{unseen:?}");
            assert_eq!(offered(&altered("alice"), &altered("x@alice.example")), [""; 0], "{unseen:?}");
        }
    }

    #[test]
    fn an_entry_hits_in_the_past_what_it_would_refuse_now() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Folder::new(dir.path())).unwrap();
        let (now, server) = (DateTime::UNIX_EPOCH + TimeDelta::days(100), Settings::trial().homeserver);
        for (days, email, ip) in [
            (31, "eve@trash.example", "192.0.2.1"),
            (3, "eve@b\u{fc}cher.example", "2001:db8::1"),
            (2, "eve@nottrash.example", "198.51.100.1"),
            (1, "eve@sub.trash.example", "192.0.2.2"),
            (0, " Eve@Trash.Example ", "192.0.2.1"),
        ] {
            let record = Record {
                received_at: now - TimeDelta::days(days),
                channel: Channel::Web,
                username: format!("eve{days}"),
                email: email.into(),
                parsed_email: EmailAddress::parse(email).ok(),
                ip: ip.parse().ok(),
                held: false,
                reason: Reason::Closed,
                detail: String::new(),
                stands_for: 1,
                language: crate::domain::Language::default(),
            };
            store.write(move |store| store.record_refusal(&record)).unwrap();
        }
        let since = now - TimeDelta::days(30);
        for (kind, entry) in [
            (BanKind::Email, "trash.example"),
            (BanKind::Email, "TRASH.example"),
            (BanKind::Email, "*@trash.example"),
            (BanKind::Email, "*@*"),
            (BanKind::Email, "eve@*.example"),
            (BanKind::Email, "b\u{fc}cher.example"),
            (BanKind::Email, "xn--bcher-kva.example"),
            (BanKind::Ip, "192.0.2.0/24"),
            (BanKind::Ip, "2001:db8::/32"),
            (BanKind::Username, "eve[01]"),
        ] {
            let list = Lists::single(kind, &entry.into()).unwrap();
            let mut expected = 0;
            let each = |past: &PastRequest<'_>| {
                let ip = past.ip.and_then(|ip| ip.parse().ok());
                let email = EmailAddress::parse(past.email).ok();
                let name = Localpart::parse(past.username, &server).ok();
                expected += u64::from(list.hits(ip, email.as_ref(), name.as_ref(), now).any());
                ControlFlow::Continue(())
            };
            store.read(|store| store.past_requests(since, each)).unwrap();
            let go_on = || ControlFlow::Continue(());
            let found = hits(&store, since, None, &server, &[(kind, entry.to_owned())], &go_on).unwrap();
            assert_eq!(found[0].all, expected, "{entry}");
            assert!(expected > 0, "{entry}");
        }
    }
}
