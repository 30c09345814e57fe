//! The three lists as they are in force.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::domain::{Action, BanKind, EmailAddress, Hit, Hits, Localpart, printable};

use super::emails::{self, EmailList};
use super::file::{Entries, Line, lines};
use super::ips::{self, IpList};
use super::usernames::{self, NameList};

/// What stands in a text for bytes that are not UTF-8.
const UNREADABLE: char = '\u{fffd}';

/// A line that cannot be understood and is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineProblem {
    /// Which list.
    pub kind: BanKind,
    /// Line number in the file, from 1.
    pub line: usize,
    /// What is wrong, and what to write instead.
    pub what: String,
}

impl fmt::Display for LineProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.kind.file_name(), self.line, self.what)
    }
}

/// Whether an entry can be understood.
///
/// # Errors
/// What is wrong with it, and what to write instead.
pub fn check_entry(kind: BanKind, entry: &str) -> Result<(), String> {
    // As it will be read from the file.
    let entry = entry.trim().trim_start_matches('\u{feff}').trim();
    if entry.is_empty() || entry.starts_with('#') {
        return Err("this is a blank line or a comment, not an entry".into());
    }
    if entry.chars().any(char::is_control) {
        return Err("there is a line end or another control character in it".into());
    }
    if entry.contains(UNREADABLE) {
        return Err("there is a � in it, which stands where something could not be read".into());
    }
    match kind {
        BanKind::Ip => ips::parse(entry).map(drop),
        BanKind::Email => emails::check(entry),
        BanKind::Username => usernames::check(entry),
    }
}

/// One list.
#[derive(Debug)]
pub(super) struct List<L> {
    entries: Entries,
    rules: L,
    problems: Vec<LineProblem>,
}

impl<L> List<L> {
    fn hit(&self, list: BanKind, index: u32) -> Option<Hit> {
        let (line, entry) = self.entries.get(index)?;
        Some(Hit { list, line, entry: entry.to_owned(), action: Action::Refuse })
    }

    fn entry(&self, index: u32) -> &str {
        self.entries.get(index).map_or("", |(_, entry)| entry)
    }
}

fn list<L>(
    kind: BanKind,
    text: &str,
    build: impl FnOnce(&mut dyn Iterator<Item = Line<'_>>, &mut dyn FnMut(usize, String)) -> L,
) -> Arc<List<L>> {
    let mut problems = Vec::new();
    let mut refuse = |line, what| problems.push(LineProblem { kind, line, what });
    for line in lines(text).filter(|line| line.entry.contains(UNREADABLE)) {
        refuse(line.number, "it is not UTF-8; save the file as UTF-8".into());
    }
    let rules = build(&mut lines(text).filter(|line| !line.entry.contains(UNREADABLE)), &mut refuse);
    problems.sort_by_key(|problem| problem.line);
    // What is left out keeps its place, so that entries are found by their number.
    Arc::new(List { entries: Entries::of(text), rules, problems })
}

/// The three lists.
#[derive(Debug, Clone)]
pub struct Lists {
    ips: Arc<List<IpList>>,
    emails: Arc<List<EmailList>>,
    usernames: Arc<List<NameList>>,
}

impl Default for Lists {
    fn default() -> Self {
        Self {
            ips: list(BanKind::Ip, "", |lines, refuse| IpList::new(lines, refuse)),
            emails: list(BanKind::Email, "", |lines, refuse| EmailList::new(lines, refuse)),
            usernames: list(BanKind::Username, "", |lines, refuse| NameList::new(lines, refuse)),
        }
    }
}

impl Lists {
    /// Nothing but this entry, to try what it would hit.
    ///
    /// # Errors
    /// What is wrong with it, and what to write instead.
    pub fn single(kind: BanKind, entry: &str) -> Result<Self, String> {
        check_entry(kind, entry)?;
        let mut lists = Self::default();
        lists.replace(kind, entry);
        Ok(lists)
    }

    /// One list is this text from now on. Takes as long as compiling it.
    pub(super) fn replace(&mut self, kind: BanKind, text: &str) {
        match kind {
            BanKind::Ip => self.ips = list(kind, text, |lines, refuse| IpList::new(lines, refuse)),
            BanKind::Email => {
                self.emails = list(kind, text, |lines, refuse| EmailList::new(lines, refuse));
            }
            BanKind::Username => {
                self.usernames = list(kind, text, |lines, refuse| NameList::new(lines, refuse));
            }
        }
    }

    /// The first line that bans this address.
    pub fn ip(&self, ip: IpAddr) -> Option<Hit> {
        let first = self.ips.rules.hits(ip).into_iter().next()?;
        self.ips.hit(BanKind::Ip, first)
    }

    /// The first line that bans this e-mail address.
    pub fn email(&self, email: &EmailAddress) -> Option<Hit> {
        let first = self.email_hits(email).into_iter().next()?;
        self.emails.hit(BanKind::Email, first)
    }

    fn email_hits(&self, email: &EmailAddress) -> Vec<u32> {
        self.emails.rules.hits(email, |index| self.emails.entry(index))
    }

    /// The first line that bans this name.
    pub fn username(&self, name: &Localpart) -> Option<Hit> {
        let first = self.username_hits(name).next()?;
        self.usernames.hit(BanKind::Username, first)
    }

    fn username_hits(&self, name: &Localpart) -> impl Iterator<Item = u32> {
        self.usernames.rules.hits(name, |index| self.usernames.entry(index))
    }

    /// For each list the line that decides of whoever asks so.
    pub fn hits(&self, ip: Option<IpAddr>, email: Option<&EmailAddress>, name: Option<&Localpart>) -> Hits {
        Hits {
            ip: ip.and_then(|ip| self.ip(ip)),
            email: email.and_then(|email| self.email(email)),
            username: name.and_then(|name| self.username(name)),
        }
    }

    /// All lines that ban this address.
    pub fn all_ip(&self, ip: IpAddr) -> Vec<Hit> {
        self.ips.rules.hits(ip).into_iter().filter_map(|index| self.ips.hit(BanKind::Ip, index)).collect()
    }

    /// All lines that ban this e-mail address.
    pub fn all_email(&self, email: &EmailAddress) -> Vec<Hit> {
        let hits = self.email_hits(email);
        hits.into_iter().filter_map(|index| self.emails.hit(BanKind::Email, index)).collect()
    }

    /// All lines that ban this name.
    pub fn all_username(&self, name: &Localpart) -> Vec<Hit> {
        self.username_hits(name).filter_map(|index| self.usernames.hit(BanKind::Username, index)).collect()
    }

    /// The lines that are left out.
    pub fn problems(&self) -> impl Iterator<Item = &LineProblem> {
        self.ips.problems.iter().chain(&self.emails.problems).chain(&self.usernames.problems)
    }

    /// The entries of a list, with their line numbers.
    pub fn entries(&self, kind: BanKind) -> impl ExactSizeIterator<Item = (usize, &str)> {
        match kind {
            BanKind::Ip => &self.ips.entries,
            BanKind::Email => &self.emails.entries,
            BanKind::Username => &self.usernames.entries,
        }
        .iter()
    }
}

/// An entry as it can be shown.
pub fn shown(entry: &str) -> String {
    printable(entry, 200)
}
