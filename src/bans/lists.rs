//! The lists as they are in force.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::{Action, BanKind, EmailAddress, Hit, Hits, Localpart, printable};

use super::breadth::{self, Breadth};
use super::edit::Written;
use super::emails::{self, EmailList};
use super::file::{Entries, Line, lines, orphans};
use super::ips::{self, IpList};
use super::mark::{Mark, shown_until};
use super::usernames::{self, NameList};

/// What stands in a text for bytes that are not UTF-8.
const UNREADABLE: char = '\u{fffd}';

/// Of a subscribed list, so many lines are told of one by one.
const TOLD: usize = 10;

/// What is to be said of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineProblem {
    /// Of which kind the list is.
    pub kind: BanKind,
    /// The file, seen from the desk's folder.
    pub file: Arc<str>,
    /// Line number in the file, from 1.
    pub line: usize,
    /// What is wrong, and what to write instead.
    pub what: String,
}

impl fmt::Display for LineProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
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

/// Whom a line can hit.
#[derive(Debug, Clone, Copy)]
pub enum Who<'a> {
    /// Whoever comes from there.
    Ip(IpAddr),
    /// Whoever has this address.
    Email(&'a EmailAddress),
    /// Whoever wants this name.
    Username(&'a Localpart),
}

#[derive(Debug)]
pub(super) enum Rules {
    Ip(IpList),
    Email(Box<EmailList>),
    Username(Box<NameList>),
}

/// One list.
#[derive(Debug)]
pub(super) struct List {
    kind: BanKind,
    file: Arc<str>,
    /// What all its entries do: of a subscribed list. None: what stands above each.
    action: Option<Action>,
    entries: Entries,
    rules: Rules,
    problems: Vec<LineProblem>,
    /// When marked entries are over, and which.
    ends: Box<[(DateTime<Utc>, u32)]>,
    /// The highest action that a line has: nothing decides more.
    highest: Action,
    /// Entries that alone hit nearly everybody.
    wide: Vec<(u32, Breadth)>,
}

impl List {
    /// Takes as long as compiling the text. With an action it is a subscribed list, whose comments mean nothing.
    pub(super) fn of(kind: BanKind, file: Arc<str>, action: Option<Action>, text: &str) -> Self {
        let mut problems = Vec::new();
        let mut refuse =
            |line, what| problems.push(LineProblem { kind, file: Arc::clone(&file), line, what });
        for line in lines(text).filter(|line| line.entry.contains(UNREADABLE)) {
            refuse(line.number, "it is not UTF-8; save the file as UTF-8".into());
        }
        let is_own = action.is_none();
        for number in orphans(text).filter(|_| is_own) {
            refuse(number, "there is no entry directly below this #: line, so it has no effect".into());
        }
        let (mut ends, mut highest) = (Vec::new(), action.unwrap_or_default());
        for line in lines(text) {
            let Some(mark) = line.mark.filter(|_| is_own) else { continue };
            match mark.parse::<Mark>() {
                Ok(mark) => {
                    highest = highest.max(mark.action);
                    ends.extend(mark.until.map(|until| (until, line.index)));
                }
                Err(why) => {
                    refuse(line.number - 1, format!("{why}; the line below refuses until this is fixed"));
                }
            }
        }
        ends.sort_unstable();
        let readable = lines(text).filter(|line| !line.entry.contains(UNREADABLE));
        let rules = match kind {
            BanKind::Ip => Rules::Ip(IpList::new(readable, &mut refuse)),
            BanKind::Email => Rules::Email(Box::new(EmailList::new(readable, &mut refuse))),
            BanKind::Username => Rules::Username(Box::new(NameList::new(readable, &mut refuse))),
        };
        problems.sort_by_key(|problem| problem.line);
        // What is left out keeps its place, so that entries are found by their number.
        let entries = Entries::of(text);
        let mut list = Self {
            kind,
            file,
            action,
            entries,
            rules,
            problems,
            ends: ends.into(),
            highest,
            wide: Vec::new(),
        };
        list.wide = breadth::wide(&list);
        list
    }

    fn line(&self, index: u32) -> Line<'_> {
        self.entries.get(index).unwrap_or(Line { index, number: 0, entry: "", mark: None })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.iter().len() == 0
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(super) fn entry(&self, index: u32) -> &str {
        self.line(index).entry
    }

    /// The entries that hit, in the order of the file, whether they are over or not.
    pub(super) fn found<'a>(&'a self, who: Who<'a>) -> Box<dyn Iterator<Item = u32> + 'a> {
        let entry = |index| self.entry(index);
        match (&self.rules, who) {
            (Rules::Ip(list), Who::Ip(ip)) => Box::new(list.hits(ip).into_iter()),
            (Rules::Email(list), Who::Email(email)) => Box::new(list.hits(email, entry).into_iter()),
            (Rules::Username(list), Who::Username(name)) => Box::new(list.hits(name, entry)),
            _ => Box::new(std::iter::empty()),
        }
    }

    /// The entries that are in force and hit, with what they do.
    fn hits<'a>(&'a self, who: Who<'a>, now: DateTime<Utc>) -> impl Iterator<Item = (u32, Action)> + 'a {
        let mark = move |index| self.line(index).mark.filter(|_| self.action.is_none());
        self.found(who).filter(|index| !self.leaves_out(*index)).filter_map(move |index| match mark(index) {
            None => Some((index, self.action.unwrap_or_default())),
            Some(mark) => {
                let mark: Mark = mark.parse().unwrap_or_default();
                (!mark.is_over(now)).then_some((index, mark.action))
            }
        })
    }

    /// What alone hits nearly everybody the operator may mean; somebody else has made a mistake.
    fn leaves_out(&self, index: u32) -> bool {
        self.action.is_some() && self.wide.binary_search_by_key(&index, |(wide, _)| *wide).is_ok()
    }

    /// The one that decides: the first of the highest action.
    fn decides(&self, who: Who<'_>, now: DateTime<Utc>) -> Option<Hit> {
        let mut best: Option<(u32, Action)> = None;
        for hit in self.hits(who, now) {
            best = best.filter(|best| best.1 >= hit.1).or(Some(hit));
            if hit.1 == self.highest {
                break;
            }
        }
        best.map(|hit| self.hit(hit))
    }

    fn hit(&self, (index, action): (u32, Action)) -> Hit {
        let line = self.line(index);
        let mark = line.mark.filter(|_| self.action.is_none());
        let note = mark.and_then(|mark| mark.parse::<Mark>().ok()?.note);
        let (entry, file) = (line.entry.to_owned(), Arc::clone(&self.file));
        Hit { list: self.kind, file, line: line.number, entry, action, note }
    }

    fn said(&self, index: u32, what: String) -> LineProblem {
        LineProblem { kind: self.kind, file: Arc::clone(&self.file), line: self.line(index).number, what }
    }
}

/// All lists of a desk.
#[derive(Debug, Clone)]
pub struct Lists {
    own: [Arc<List>; 3],
    pub(super) subscribed: Vec<Arc<List>>,
}

impl Default for Lists {
    fn default() -> Self {
        let empty = |kind: BanKind| Arc::new(List::of(kind, kind.file_name().into(), None, ""));
        Self { own: BanKind::ALL.map(empty), subscribed: Vec::new() }
    }
}

impl Lists {
    /// Nothing but this entry, to try what it would hit.
    ///
    /// # Errors
    /// What is wrong with it, and what to write instead.
    pub fn single(kind: BanKind, new: &Written) -> Result<Self, String> {
        check_entry(kind, &new.entry)?;
        let mut lists = Self::default();
        lists.replace(kind, &[new.mark.as_deref().unwrap_or_default(), &new.entry].join("\n"));
        Ok(lists)
    }

    /// The same, with these entries at the end of one of the operator's lists.
    ///
    /// # Errors
    /// What is wrong with one of them.
    pub fn with(&self, kind: BanKind, new: &[Written]) -> Result<Self, String> {
        let mut text = self.own[kind as usize].entries.text().to_owned();
        for one in new {
            check_entry(kind, &one.entry).map_err(|why| format!("{}: {why}", shown(&one.entry)))?;
            text.push_str(&format!("\n{}\n{}", one.mark.as_deref().unwrap_or_default(), one.entry));
        }
        let mut lists = self.clone();
        lists.replace(kind, &text);
        Ok(lists)
    }

    /// One of the operator's lists is this text from now on.
    pub(super) fn replace(&mut self, kind: BanKind, text: &str) {
        self.own[kind as usize] = Arc::new(List::of(kind, kind.file_name().into(), None, text));
    }

    /// The line that decides of this, among those of its kind: the operator's, unless one only holds whom a subscribed
    /// list refuses.
    pub fn decides(&self, who: Who<'_>, now: DateTime<Utc>) -> Option<Hit> {
        let own = self.own.iter().find_map(|list| list.decides(who, now));
        if own.as_ref().is_some_and(|own| own.action != Action::Hold) {
            return own;
        }
        let theirs = self.subscribed.iter().filter_map(|list| list.decides(who, now));
        let first = theirs.reduce(|first, next| if next.action > first.action { next } else { first });
        match (own, first) {
            (None, theirs) => theirs,
            (Some(_), Some(theirs)) if theirs.action == Action::Refuse => Some(theirs),
            (own, _) => own,
        }
    }

    /// For each kind the line that decides of whoever asks so.
    pub fn hits(
        &self,
        ip: Option<IpAddr>,
        email: Option<&EmailAddress>,
        name: Option<&Localpart>,
        now: DateTime<Utc>,
    ) -> Hits {
        Hits {
            ip: ip.and_then(|ip| self.decides(Who::Ip(ip), now)),
            email: email.and_then(|email| self.decides(Who::Email(email), now)),
            username: name.and_then(|name| self.decides(Who::Username(name), now)),
        }
    }

    /// The same, as if these lines did not refuse: see [`Hit::is_among`].
    pub fn hits_despite(
        &self,
        known: &str,
        ip: Option<IpAddr>,
        email: Option<&EmailAddress>,
        name: Option<&Localpart>,
        now: DateTime<Utc>,
    ) -> Hits {
        let unknown = |hit: Option<Hit>, who: Option<Who<'_>>| {
            let Some(who) = who.filter(|_| hit.as_ref().is_some_and(|hit| hit.is_among(known))) else {
                return hit;
            };
            self.all(who, now).into_iter().find(|hit| hit.action == Action::Refuse && !hit.is_among(known))
        };
        let hits = self.hits(ip, email, name, now);
        Hits {
            ip: hits.ip,
            email: unknown(hits.email, email.map(Who::Email)),
            username: unknown(hits.username, name.map(Who::Username)),
        }
    }

    /// All lines in force that hit this.
    pub fn all(&self, who: Who<'_>, now: DateTime<Utc>) -> Vec<Hit> {
        let lists = self.own.iter().chain(&self.subscribed);
        lists.flat_map(|list| list.hits(who, now).map(|hit| list.hit(hit))).collect()
    }

    /// What cannot be understood: entries that are left out, and marks.
    pub fn problems(&self) -> impl Iterator<Item = &LineProblem> {
        self.own.iter().flat_map(|list| &list.problems)
    }

    /// The marked entries whose time is over.
    pub fn expired(&self, now: DateTime<Utc>) -> impl Iterator<Item = LineProblem> {
        self.own.iter().flat_map(move |list| {
            let over = list.ends.partition_point(|(until, _)| *until <= now);
            let words = |(until, index): &(DateTime<Utc>, u32)| {
                let entry = shown(list.entry(*index));
                list.said(
                    *index,
                    format!("{entry} has expired (until={}) and is passed over", shown_until(*until)),
                )
            };
            list.ends[..over].iter().map(words)
        })
    }

    /// The lines in force that alone hit nearly everybody.
    pub fn wide(&self, now: DateTime<Utc>) -> impl Iterator<Item = LineProblem> {
        self.own.iter().flat_map(move |list| {
            list.wide.iter().filter_map(move |(index, breadth)| {
                let mark: Mark =
                    list.line(*index).mark.and_then(|mark| mark.parse().ok()).unwrap_or_default();
                (!mark.is_over(now)).then(|| {
                    let (entry, verb) = (shown(list.entry(*index)), mark.action.word());
                    list.said(*index, format!("{entry} would {verb} {breadth}"))
                })
            })
        })
    }

    /// What is to be said of the subscribed lists: lines that are left out. Nothing there is the operator's to mend.
    pub fn notes(&self) -> Vec<String> {
        let of = |list: &Arc<List>| {
            let wide = list.wide.iter().map(|(index, breadth)| {
                let (entry, verb) = (shown(list.entry(*index)), list.highest.word());
                list.said(*index, format!("{entry} would {verb} {breadth}, and is left out")).to_string()
            });
            let bad = list.problems.len();
            let first = list.problems.first().map(|first| match bad {
                1 => format!("{first}; it is left out"),
                _ => format!("{first}; it and {} more lines are left out", bad - 1),
            });
            wide.take(TOLD).chain(first).collect::<Vec<_>>()
        };
        self.subscribed.iter().flat_map(of).collect()
    }

    /// The subscribed lists: file, kind, what they do, and how many entries they have.
    pub fn subscribed(&self) -> impl Iterator<Item = (&str, BanKind, Action, usize)> {
        let of = |list: &Arc<List>| (list.kind, list.highest, list.entries.iter().len());
        self.subscribed.iter().map(move |list| {
            let (kind, action, count) = of(list);
            (&*list.file, kind, action, count)
        })
    }

    /// The entries of one of the operator's lists.
    pub fn entries(&self, kind: BanKind) -> impl ExactSizeIterator<Item = Line<'_>> {
        self.own[kind as usize].entries.iter()
    }
}

/// An entry as it can be shown.
pub fn shown(entry: &str) -> String {
    printable(entry, 200)
}
