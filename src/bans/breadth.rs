//! Entries that alone hit nearly everybody: hardly ever meant.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::domain::{EmailAddress, Localpart, ServerName};

use super::lists::{List, Rules, Who};

/// Whom such an entry hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Breadth {
    /// A net with a shorter prefix than this.
    Net(u8),
    /// `com`, `co.uk`
    Suffix,
    /// Addresses of most providers.
    Providers,
    /// Most names.
    Names,
}

impl fmt::Display for Breadth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Net(least) => write!(f, "a net wider than /{least}"),
            Self::Suffix => f.write_str("everybody under a suffix that anybody can have a domain in"),
            Self::Providers => f.write_str("the customers of most mail providers"),
            Self::Names => f.write_str("most names"),
        }
    }
}

/// The shortest prefix that is no slip: of IPv4, and of IPv6.
const LEAST_PREFIX: (u8, u8) = (8, 32);

/// Providers of mail of many countries; no line that is meant for one of them hits so many.
const PROVIDERS: [&str; 16] = [
    "gmail.com",
    "outlook.com",
    "yahoo.com",
    "icloud.com",
    "proton.me",
    "gmx.de",
    "web.de",
    "mail.ru",
    "yandex.ru",
    "qq.com",
    "orange.fr",
    "libero.it",
    "seznam.cz",
    "wp.pl",
    "mailbox.org",
    "comcast.net",
];
const MOST_PROVIDERS: usize = 3;
const LOCAL_PARTS: [&str; 3] = ["maria.lopez", "tom", "j-f77"];
const MOST_LOCAL_PARTS: usize = 2;

/// Names of many kinds; no line that is meant for some of them hits so many.
const NAMES: [&str; 20] = [
    "anna",
    "bob",
    "carl-otto",
    "d.miller",
    "eve77",
    "flo",
    "gwen_x",
    "hhh",
    "ivy",
    "jo",
    "k8",
    "lucy.w",
    "mo42",
    "nightowl",
    "oz",
    "priya",
    "quux",
    "rick",
    "sunny1990",
    "zed",
];
const MOST_NAMES: usize = 14;

/// All of them in a list, in the order of the file.
pub(super) fn wide(list: &List) -> Vec<(u32, Breadth)> {
    if list.is_empty() {
        return Vec::new();
    }
    let mut found: BTreeMap<u32, Breadth> = BTreeMap::new();
    match list.rules() {
        Rules::Ip(ips) => found.extend(ips.wider_than(LEAST_PREFIX).map(|(is_ipv4, index)| {
            (index, Breadth::Net(if is_ipv4 { LEAST_PREFIX.0 } else { LEAST_PREFIX.1 }))
        })),
        Rules::Email(emails) => {
            found.extend(emails.suffixes().iter().map(|index| (*index, Breadth::Suffix)));
            let mut hits: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
            for provider in PROVIDERS {
                let mut here: BTreeMap<u32, usize> = BTreeMap::new();
                for local in LOCAL_PARTS {
                    let Ok(email) = EmailAddress::parse(&format!("{local}@{provider}")) else { continue };
                    for index in list.found(Who::Email(&email)) {
                        *here.entry(index).or_default() += 1;
                    }
                }
                for (index, _) in here.into_iter().filter(|(_, count)| *count >= MOST_LOCAL_PARTS) {
                    hits.entry(index).or_default().insert(provider);
                }
            }
            let most = hits.into_iter().filter(|(_, providers)| providers.len() >= MOST_PROVIDERS);
            for (index, _) in most {
                found.entry(index).or_insert(Breadth::Providers);
            }
        }
        Rules::Username(_) => {
            let server = ServerName::parse("a.example").ok();
            let mut hits: BTreeMap<u32, usize> = BTreeMap::new();
            for name in NAMES.iter().filter_map(|name| Localpart::parse(name, server.as_ref()?).ok()) {
                for index in list.found(Who::Username(&name)) {
                    *hits.entry(index).or_default() += 1;
                }
            }
            let most = hits.into_iter().filter(|(_, count)| *count >= MOST_NAMES);
            found.extend(most.map(|(index, _)| (index, Breadth::Names)));
        }
    }
    found.into_iter().collect()
}
