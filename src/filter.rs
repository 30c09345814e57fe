//! One language for which rows are meant: the console's `/`, `--where`, and every list. `held domain:example.net !since:2d`.

mod complete;

use std::fmt;
use std::net::IpAddr;

use chrono::{DateTime, Datelike, NaiveTime, TimeDelta, Utc};
use ipnet::IpNet;
use strum::VariantArray;

use crate::clock::when::parse_since;
use crate::domain::{Reason, source_of};

pub use complete::{candidates, completed};

/// What stands alone and is no text to look for.
const FLAGS: [&str; 4] = ["held", "refused", "accepted", "arrived"];

/// What has a value after a colon, and an example of it.
const KEYS: [(&str, &str); 10] = [
    ("reason", "rate_limited"),
    ("ip", "198.51.100.0/24"),
    ("domain", "example.net"),
    ("name", "alice"),
    ("by", "email"),
    ("letter", "failed"),
    ("list", "trash.example"),
    ("since", "2d"),
    ("on", "tue"),
    ("before", "2026-11-17"),
];

const CHANNELS: [&str; 3] = ["web", "email", "invitation"];
const LETTERS: [&str; 4] = ["owed", "sent", "failed", "dropped"];
const DAYS: [&str; 9] =
    ["today", "yesterday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Which rows are meant: those of which every term is true. The empty one means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// All of these.
    pub terms: Vec<Term>,
}

/// One thing that is asked of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Whether it must not be so.
    pub is_not: bool,
    /// What.
    pub what: What,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// This stands in one of its texts; capitals or not.
    Text(String),
    /// `accepted`, `held`, `refused`
    Verdict(&'static str),
    /// Somebody has come with what was mailed.
    Arrived,
    /// A reason's code.
    Reason(&'static str),
    /// From this net.
    Net(IpNet),
    /// An address of this domain, or of one below it.
    Domain(String),
    /// This stands in its name.
    Name(String),
    /// `web`, `email`, `invitation`
    By(&'static str),
    /// `owed`, `sent`, `failed`, `dropped`
    Letter(&'static str),
    /// A line of a ban list met it, in which this stands.
    List(String),
    /// Not older.
    Since(DateTime<Utc>),
    /// Older.
    Before(DateTime<Utc>),
    /// Of this day.
    On(DateTime<Utc>),
}

/// What was not understood, and what could be written instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclear {
    /// As typed.
    pub typed: String,
    /// In words.
    pub why: String,
}

impl fmt::Display for Unclear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.typed, self.why)
    }
}

/// What a row of any list has of what can be asked for.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "they are called as in `What`")]
pub struct Row<'a> {
    pub texts: &'a [&'a str],
    pub at: Option<DateTime<Utc>>,
    pub verdict: &'a str,
    pub reason: &'a str,
    pub name: &'a str,
    pub email: &'a str,
    pub ip: Option<IpAddr>,
    pub by: &'a str,
    pub letter: &'a str,
    pub list: &'a str,
    pub arrived: bool,
}

impl Filter {
    /// Understands what was typed.
    pub fn parse(typed: &str, now: DateTime<Utc>) -> Result<Self, Unclear> {
        let terms = words(typed).map(|(_, word)| term(word, now)).collect::<Result<_, _>>()?;
        Ok(Self { terms })
    }

    /// Whether it means all rows.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether this row is meant.
    pub fn takes(&self, row: &Row<'_>) -> bool {
        self.terms.iter().all(|term| term.what.is_true_of(row) != term.is_not)
    }
}

impl What {
    fn is_true_of(&self, row: &Row<'_>) -> bool {
        match self {
            Self::Text(text) => row.texts.iter().any(|one| contains(one, text)),
            Self::Verdict(verdict) => row.verdict == *verdict,
            Self::Arrived => row.arrived,
            Self::Reason(reason) => row.reason == *reason,
            Self::Net(net) => row.ip.is_some_and(|ip| is_within(ip, net)),
            Self::Domain(domain) => is_of_domain(row.email, domain),
            Self::Name(name) => contains(row.name, name),
            Self::By(channel) => row.by == *channel,
            Self::Letter(state) => row.letter == *state,
            Self::List(text) => contains(row.list, text),
            Self::Since(at) => row.at.is_some_and(|one| one >= *at),
            Self::Before(at) => row.at.is_some_and(|one| one < *at),
            Self::On(day) => row.at.is_some_and(|one| one >= *day && one - day < TimeDelta::days(1)),
        }
    }
}

/// Whether this stands in a text, capitals or not. `part` is in lower case.
pub fn contains(text: &str, part: &str) -> bool {
    if !(text.is_ascii() && part.is_ascii()) {
        return text.to_lowercase().contains(part);
    }
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let Some(first) = part.first() else { return true };
    let Some(last) = text.len().checked_sub(part.len()) else { return false };
    memchr::memchr2_iter(*first, first.to_ascii_uppercase(), &text[..=last])
        .any(|at| text[at..at + part.len()].eq_ignore_ascii_case(part))
}

/// Whether an address, or the IPv4 address inside of it, is of this net.
pub fn is_within(ip: IpAddr, net: &IpNet) -> bool {
    net.contains(&ip) || net.contains(&source_of(ip))
}

/// Whether an email address as typed is of this domain, or of one below it.
pub fn is_of_domain(email: &str, domain: &str) -> bool {
    let Some((_, of)) = email.trim_end().trim_end_matches('.').rsplit_once('@') else { return false };
    let of = of.to_lowercase();
    of.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The words and where each begins. A blank inside quotation marks divides nothing.
fn words(typed: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_quoted = false;
    let mut start = 0;
    let ends = typed.char_indices().filter_map(move |(at, c)| {
        is_quoted ^= c == '"';
        (c.is_whitespace() && !is_quoted).then_some((at, at + c.len_utf8()))
    });
    let pieces = ends.chain([(typed.len(), typed.len())]).map(move |(end, next)| {
        let begun = std::mem::replace(&mut start, next);
        (begun, &typed[begun..end])
    });
    pieces.filter(|(_, word)| !word.is_empty())
}

fn term(typed: &str, now: DateTime<Utc>) -> Result<Term, Unclear> {
    let (is_not, word) = typed.strip_prefix('!').map_or((false, typed), |rest| (true, rest));
    let unclear = |why: String| Unclear { typed: typed.to_owned(), why };
    if let Some(flag) = FLAGS.into_iter().find(|flag| flag.eq_ignore_ascii_case(word)) {
        let what = if flag == "arrived" { What::Arrived } else { What::Verdict(flag) };
        return Ok(Term { is_not, what });
    }
    let text = |text: &str| text.replace('"', "").to_lowercase();
    let is_key = |key: &str| {
        key.len() > 1
            && key.bytes().all(|byte| byte.is_ascii_alphabetic())
            // The first part of an IPv6 address.
            && (KEYS.iter().any(|(known, _)| known.eq_ignore_ascii_case(key))
                || !key.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let Some((key, value)) = word.split_once(':').filter(|(key, _)| is_key(key)) else {
        return match text(word) {
            word if word.is_empty() => Err(unclear("what should not be there?".into())),
            word => Ok(Term { is_not, what: What::Text(word) }),
        };
    };
    let (key, value) = (key.to_ascii_lowercase(), text(value));
    if value.is_empty() {
        return Err(unclear(match KEYS.iter().find(|(known, _)| *known == key) {
            Some((_, example)) => format!("as in {key}:{example}"),
            None => unknown_key(&key),
        }));
    }
    let what = match key.as_str() {
        "reason" => one_of(&value, &reasons()).map(What::Reason),
        "by" => one_of(&value, &CHANNELS).map(What::By),
        "letter" => one_of(&value, &LETTERS).map(What::Letter),
        "ip" => parse_net(&value).map(What::Net).ok_or_else(|| "an address or a net: 198.51.100.0/24".into()),
        "domain" => Ok(What::Domain(value.trim_matches(['@', '*', '.']).to_owned())),
        "name" => Ok(What::Name(value)),
        "list" => Ok(What::List(value)),
        "since" => instant(&value, now).map(What::Since),
        "before" => instant(&value, now).map(What::Before),
        "on" => day(&value, now).map(What::On).ok_or_else(|| "today, yesterday, tue or 2026-11-17".into()),
        other => Err(unknown_key(other)),
    };
    what.map(|what| Term { is_not, what }).map_err(unclear)
}

fn reasons() -> Vec<&'static str> {
    Reason::VARIANTS.iter().map(|reason| reason.word()).collect()
}

fn unknown_key(key: &str) -> String {
    let nearest = KEYS.iter().map(|(known, _)| *known).max_by_key(|known| {
        // Thousandths, so that they can be compared.
        #[expect(clippy::cast_possible_truncation, reason = "it lies between 0 and 1")]
        let likeness = (strsim::jaro_winkler(key, known) * 1000.0) as i32;
        likeness
    });
    let keys: Vec<String> = KEYS.iter().map(|(known, _)| format!("{known}:")).collect();
    format!("did you mean {}:? There are {}", nearest.unwrap_or_default(), keys.join(" "))
}

/// The word that is meant: it is written in full, or begins like no other.
fn one_of(typed: &str, words: &[&'static str]) -> Result<&'static str, String> {
    if let Some(word) = words.iter().find(|word| **word == typed) {
        return Ok(word);
    }
    let begun: Vec<&str> = words.iter().filter(|word| word.starts_with(typed)).copied().collect();
    let all = if begun.is_empty() { words.to_vec() } else { begun };
    Err(format!("one of {}", all.join(", ")))
}

fn parse_net(typed: &str) -> Option<IpNet> {
    typed.parse().ok().or_else(|| typed.parse::<IpAddr>().ok().map(IpNet::from))
}

/// The beginning of a day.
fn day(typed: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let today = now.date_naive();
    let date = match DAYS.iter().position(|day| typed.len() >= 3 && day.starts_with(typed)) {
        Some(0) => today,
        Some(1) => today.pred_opt()?,
        // The last one, today included.
        Some(weekday) => {
            let back =
                (i64::from(today.weekday().num_days_from_monday()) + 9 - i64::try_from(weekday).ok()?) % 7;
            today.checked_sub_signed(TimeDelta::days(back))?
        }
        None => typed.parse().ok()?,
    };
    Some(date.and_time(NaiveTime::MIN).and_utc())
}

fn instant(typed: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    // RFC 3339 is written in capitals.
    day(typed, now)
        .map_or_else(|| parse_since(&typed.to_uppercase(), now), Ok)
        .map_err(|_| "30m, 12h, 2d, yesterday, tue, 2026-11-17 or 2026-11-17T12:00".into())
}

#[cfg(test)]
mod tests;
