//! `banned_emails.txt`: whole addresses, in which `*` stands for anything, and domains, which ban their subdomains too.

use std::collections::HashMap;

use crate::domain::EmailAddress;

use super::file::Line;
use super::index::Index;

/// What bans e-mail addresses.
#[derive(Debug, Default)]
pub(super) struct EmailList {
    /// `trash.example`: that domain and its subdomains.
    domains: HashMap<String, Vec<u32>>,
    /// `*@trash.example`: that domain alone.
    hosts: HashMap<String, Vec<u32>>,
    /// `someone@trash.example`
    addresses: HashMap<String, Vec<u32>>,
    /// Everything with another `*` in it, by line.
    globs: HashMap<u32, Glob>,
    index: Index,
}

#[derive(Debug)]
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
    AddressGlob(String),
    DomainGlob(String),
}

const HELP: &str = "write someone@trash.example, *@trash.example or trash.example";

/// Whether a line can be understood.
pub(super) fn check(entry: &str) -> Result<(), String> {
    understand(entry).map(drop)
}

fn understand(entry: &str) -> Result<Entry, String> {
    if entry.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("there is a blank in it; {HELP}"));
    }
    let Some((local, domain)) = entry.rsplit_once('@') else {
        let domain = ascii_domain(entry.trim_start_matches('.'))?;
        return Ok(if domain.contains('*') { Entry::DomainGlob(domain) } else { Entry::Domain(domain) });
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
        (_, false, false) => Entry::Address(format!("{local}@{domain}")),
        _ => Entry::AddressGlob(format!("{local}@{domain}")),
    })
}

/// In ASCII, as addresses have it; labels with a `*` only in lower case.
fn ascii_domain(domain: &str) -> Result<String, String> {
    if domain.is_empty() {
        return Err(format!("there is nothing behind the @; {HELP}"));
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
    domain.ok_or_else(|| format!("this is no domain; {HELP}"))
}

impl EmailList {
    /// Of these lines; `refuse` is told of those that cannot be understood.
    pub(super) fn new(
        lines: &[Line<'_>],
        most_without: usize,
        mut refuse: impl FnMut(usize, String),
    ) -> Self {
        let mut list = Self::default();
        let mut indexed = Vec::new();
        let mut without = 0;
        for line in lines {
            let (map, key) = match understand(line.entry) {
                Err(why) => {
                    refuse(line.number, why);
                    continue;
                }
                Ok(Entry::Domain(domain)) => (&mut list.domains, domain),
                Ok(Entry::Host(domain)) => (&mut list.hosts, domain),
                Ok(Entry::Address(address)) => (&mut list.addresses, address),
                Ok(entry @ (Entry::AddressGlob(_) | Entry::DomainGlob(_))) => {
                    let domain = matches!(entry, Entry::DomainGlob(_));
                    let (Entry::AddressGlob(pattern) | Entry::DomainGlob(pattern)) = entry else { continue };
                    let literal =
                        pattern.split('*').max_by_key(|part| part.len()).filter(|part| part.len() > 1);
                    if literal.is_none() {
                        without += 1;
                        if without > most_without {
                            refuse(line.number, too_many(most_without));
                            continue;
                        }
                    }
                    indexed.push((line.index, literal.map(|literal| vec![literal.to_owned()])));
                    list.globs.insert(line.index, Glob { pattern, domain });
                    continue;
                }
            };
            map.entry(key).or_default().push(line.index);
        }
        list.index = Index::new(indexed.into_iter());
        list
    }

    /// The lines that ban this address, in the order of the file. It is held against them as it is and without its
    /// `+tag`.
    pub(super) fn hits(&self, email: &EmailAddress) -> Vec<u32> {
        let mut hits = Vec::new();
        let domain = email.domain();
        let mut parent = Some(domain);
        while let Some(name) = parent {
            hits.extend(self.domains.get(name).into_iter().flatten());
            parent = name.split_once('.').map(|(_, parent)| parent);
        }
        hits.extend(self.hosts.get(domain).into_iter().flatten());
        let folded = email.folded();
        let mailbox = email.mailbox();
        let mut forms = vec![folded.as_str()];
        if mailbox != folded {
            forms.push(&mailbox);
        }
        for form in forms {
            hits.extend(self.addresses.get(form).into_iter().flatten());
            hits.extend(
                self.index
                    .candidates(form)
                    .into_iter()
                    .filter(|line| self.globs.get(line).is_some_and(|glob| glob.matches(form, domain))),
            );
        }
        hits.sort_unstable();
        hits.dedup();
        hits
    }
}

/// What lines beyond the bound are told.
pub(super) fn too_many(most: usize) -> String {
    format!(
        "there are more than {most} lines without a literal part, which are tried one by one; this one is left out"
    )
}

impl Glob {
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
