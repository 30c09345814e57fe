//! `banned_emails.txt`: whole addresses, in which `*` stands for anything, and domains, which ban their subdomains too.

use crate::domain::EmailAddress;

use super::file::Line;
use super::index::{ByKey, Gathered, Index};

/// What bans email addresses.
#[derive(Debug, Default)]
pub(super) struct EmailList {
    /// `trash.example`: that domain and its subdomains.
    domains: ByKey<Box<str>>,
    /// `*@trash.example`: that domain alone.
    hosts: ByKey<Box<str>>,
    /// `someone@trash.example`, by its mailbox.
    addresses: ByKey<Box<str>>,
    /// Everything with another `*` in it.
    globs: Index,
    /// The lines that are about all domains below a public suffix.
    suffixes: Vec<u32>,
}

/// A pattern with a `*` in it.
#[derive(Debug, PartialEq, Eq)]
struct Glob {
    pattern: String,
    /// It has no `@`: it is about domains.
    domain: bool,
}

/// One line, understood.
#[derive(Debug, PartialEq, Eq)]
enum Entry {
    Domain(String),
    Host(String),
    Address(String),
    Glob(Glob),
}

const HELP: &str = "write someone@trash.example, *@trash.example or trash.example";

/// Whether a line can be understood.
pub(super) fn check(entry: &str) -> Result<(), String> {
    understand(entry).map(drop)
}

fn understand(entry: &str) -> Result<Entry, String> {
    if entry.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("there is a space in it; {HELP}"));
    }
    let Some((local, domain)) = entry.rsplit_once('@') else {
        let domain = ascii_domain(entry.trim_start_matches('.'))?;
        return Ok(if domain.contains('*') {
            Entry::Glob(Glob { pattern: domain, domain: true })
        } else {
            Entry::Domain(domain)
        });
    };
    // What many write for a whole domain.
    let local = if local.is_empty() { "*" } else { local };
    if local.contains('@') {
        return Err(format!("there is more than one @ in it; {HELP}"));
    }
    let domain = ascii_domain(domain)?;
    let local = local.to_lowercase();
    Ok(match (local.as_str(), domain.contains('*'), local.contains('*')) {
        ("*", false, _) => Entry::Host(domain),
        (_, false, false) => {
            let address = format!("{local}@{domain}");
            Entry::Address(EmailAddress::parse(&address).map_or(address, |email| email.mailbox()))
        }
        _ => Entry::Glob(Glob { pattern: format!("{local}@{domain}"), domain: false }),
    })
}

/// In ASCII, as addresses have it; labels with a `*` only in lower case.
fn ascii_domain(domain: &str) -> Result<String, String> {
    if domain.is_empty() {
        return Err(format!("there is nothing after the @; {HELP}"));
    }
    let labels: Option<Vec<String>> = domain
        .split('.')
        .map(|label| {
            if label.is_ascii() || label.contains('*') {
                Some(label.to_lowercase())
            } else {
                idna::domain_to_ascii(label).ok()
            }
        })
        .collect();
    let domain = labels
        .map(|labels| labels.join("."))
        .filter(|domain| domain.chars().all(|c| c.is_alphanumeric() || "-._*[]:".contains(c)));
    domain.ok_or_else(|| format!("this is not a domain; {HELP}"))
}

impl EmailList {
    /// Of these lines; `refuse` is told of those that cannot be understood.
    pub(super) fn new<'a>(
        lines: impl Iterator<Item = Line<'a>>,
        mut refuse: impl FnMut(usize, String),
    ) -> Self {
        let mut list = Self::default();
        let mut gathered = Gathered::default();
        for line in lines {
            let entry = understand(line.entry);
            if entry.as_ref().is_ok_and(Entry::is_about_a_suffix) {
                list.suffixes.push(line.index);
            }
            let (map, key) = match entry {
                Err(why) => {
                    refuse(line.number, why);
                    continue;
                }
                Ok(Entry::Domain(domain)) => (&mut list.domains, domain),
                Ok(Entry::Host(domain)) => (&mut list.hosts, domain),
                Ok(Entry::Address(address)) => (&mut list.addresses, address),
                Ok(Entry::Glob(glob)) => {
                    if let Err(why) = gathered.add(line.index, glob.literal()) {
                        refuse(line.number, why);
                    }
                    continue;
                }
            };
            map.add(key.into(), line.index);
        }
        list.globs = Index::new(gathered);
        list
    }

    /// The lines that are about all domains below a public suffix.
    pub(super) fn suffixes(&self) -> &[u32] {
        &self.suffixes
    }

    /// The lines that ban this address, in the order of the file: those of its mailbox and domain, and the patterns that it
    /// matches as it is, without its tag, or as its mailbox. `entry` is the text of a line.
    pub(super) fn hits<'a>(&self, email: &EmailAddress, entry: impl Fn(u32) -> &'a str) -> Vec<u32> {
        let mut hits = Vec::new();
        let domain = email.domain();
        let mut parent = Some(domain);
        while let Some(name) = parent {
            hits.extend(self.domains.get(name));
            parent = name.split_once('.').map(|(_, parent)| parent);
        }
        hits.extend(self.hosts.get(domain));
        let (folded, mailbox) = (email.folded(), email.mailbox());
        hits.extend(self.addresses.get(mailbox.as_str()));
        let untagged = folded.split_once('+').map(|(base, _)| format!("{base}@{domain}"));
        for form in [Some(folded), untagged, Some(mailbox)].into_iter().flatten() {
            let matches = |line: &u32| matches!(understand(entry(*line)), Ok(Entry::Glob(glob)) if glob.matches(&form, domain));
            hits.extend(self.globs.candidates(&form).into_iter().filter(matches));
        }
        hits.sort_unstable();
        hits.dedup();
        hits
    }
}

impl Entry {
    /// `com`, `*.co.uk`, `*@*.com`: anybody can have a domain right below it.
    fn is_about_a_suffix(&self) -> bool {
        let domain = match self {
            Self::Address(_) => return false,
            Self::Domain(domain) | Self::Host(domain) => domain,
            Self::Glob(glob) => {
                let rest = glob.pattern.trim_start_matches(['*', '@', '.']);
                let before = &glob.pattern[..glob.pattern.len() - rest.len()];
                if rest.contains(['*', '@']) || !before.ends_with('.') {
                    return false;
                }
                rest
            }
        };
        let icann =
            |suffix: psl::Suffix<'_>| suffix == domain.as_bytes() && suffix.typ() == Some(psl::Type::Icann);
        !domain.is_empty() && (!domain.contains('.') || psl::suffix(domain.as_bytes()).is_some_and(icann))
    }
}

impl Glob {
    /// The longest text that each match contains; one character would tell too little.
    fn literal(&self) -> Option<Vec<String>> {
        let longest = self.pattern.split('*').max_by_key(|part| part.len())?;
        (longest.len() > 1).then(|| vec![longest.to_owned()])
    }

    fn matches(&self, address: &str, domain: &str) -> bool {
        if !self.domain {
            return glob(self.pattern.as_bytes(), address.as_bytes());
        }
        let mut parent = Some(domain);
        while let Some(name) = parent {
            if glob(self.pattern.as_bytes(), name.as_bytes()) {
                return true;
            }
            parent = name.split_once('.').map(|(_, parent)| parent);
        }
        false
    }
}

/// Whether the whole text matches, `*` standing for anything. Linear but for one step back.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}
