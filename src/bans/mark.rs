//! `#: hold until=2027-01-01 note="spring wave" by=anna added=2026-11-28`: what stands above an entry and belongs to it.

use std::fmt::{self, Write as _};
use std::iter::Peekable;
use std::str::{Chars, FromStr};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::domain::Action;

use super::file::MARK;

/// What belongs to an entry beside its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mark {
    /// What the entry does.
    pub action: Action,
    /// From then on the entry is passed over.
    pub until: Option<DateTime<Utc>>,
    /// What the operator wants to remember.
    pub note: Option<String>,
    /// Who has written it.
    pub by: Option<String>,
    /// When.
    pub added: Option<String>,
}

/// A date means its first instant, in UTC.
pub fn parse_until(text: &str) -> Option<DateTime<Utc>> {
    let date = || text.parse::<NaiveDate>().ok().map(|date| date.and_time(NaiveTime::MIN).and_utc());
    let instant = || DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    date().or_else(instant)
}

/// Such an instant as it is written.
pub fn shown_until(at: DateTime<Utc>) -> String {
    let format = if at.time() == NaiveTime::MIN { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%SZ" };
    at.format(format).to_string()
}

impl FromStr for Mark {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut rest = text.trim().strip_prefix(MARK).unwrap_or(text).chars().peekable();
        let (mut mark, mut is_first) = (Self::default(), true);
        loop {
            while rest.next_if(|c| c.is_whitespace()).is_some() {}
            if rest.peek().is_none() {
                return Ok(mark);
            }
            let key = word(&mut rest, |c| c == '=');
            if rest.next_if_eq(&'=').is_none() {
                if !is_first {
                    return Err(format!(
                        "{key:?} has no = behind it; write note=\"…\" with quotes around blanks"
                    ));
                }
                mark.action = key.parse().map_err(|_| {
                    let words = Action::ALL.map(Action::word).join(", ");
                    format!("{key:?} is not an action; write one of {words}")
                })?;
            } else {
                let value = value(&mut rest)?;
                mark.set(&key, value)?;
            }
            is_first = false;
        }
    }
}

impl Mark {
    fn set(&mut self, key: &str, value: String) -> Result<(), String> {
        let place = match key {
            "until" => {
                let at = parse_until(&value).ok_or_else(|| {
                    format!(
                        "until={value:?} is not a date; write until=2027-01-01, or until=2027-01-01T12:00:00Z"
                    )
                })?;
                return if self.until.replace(at).is_some() { Err(twice(key)) } else { Ok(()) };
            }
            "note" => &mut self.note,
            "by" => &mut self.by,
            "added" => &mut self.added,
            _ => return Err(format!("{key:?} is not known; there are until, note, by and added")),
        };
        if place.replace(value).is_some() { Err(twice(key)) } else { Ok(()) }
    }

    /// Whether its time is over.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

fn twice(key: &str) -> String {
    format!("{key} is there twice")
}

/// Up to a blank, or to what ends it besides.
fn word(rest: &mut Peekable<Chars<'_>>, ends: impl Fn(char) -> bool) -> String {
    let mut word = String::new();
    while let Some(c) = rest.next_if(|c| !c.is_whitespace() && !ends(*c)) {
        word.push(c);
    }
    word
}

fn value(rest: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    if rest.next_if_eq(&'"').is_none() {
        return Ok(word(rest, |_| false));
    }
    let mut value = String::new();
    loop {
        match rest.next() {
            Some('"') => break,
            Some('\\') => value.extend(rest.next()),
            Some(c) => value.push(c),
            None => return Err("a quote is not closed".into()),
        }
    }
    match rest.peek() {
        Some(c) if !c.is_whitespace() => Err("there is no space after a closing quote".into()),
        _ => Ok(value),
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK} {}", self.action.word())?;
        if let Some(until) = self.until {
            write!(f, " until={}", shown_until(until))?;
        }
        for (key, value) in [("note", &self.note), ("by", &self.by), ("added", &self.added)] {
            let Some(value) = value else { continue };
            let is_plain =
                !value.is_empty() && !value.contains(|c: char| c.is_whitespace() || "\"\\".contains(c));
            if is_plain && key != "note" {
                write!(f, " {key}={value}")?;
                continue;
            }
            write!(f, " {key}=\"")?;
            for c in value.chars() {
                if "\"\\".contains(c) {
                    f.write_char('\\')?;
                }
                // A line end would begin another line of the file.
                f.write_char(if c.is_control() { ' ' } else { c })?;
            }
            f.write_char('"')?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mark_is_read_as_it_is_meant_and_written_as_it_is_read() {
        for (text, written) in [
            ("#:", "#: refuse"),
            ("#: hold", "#: hold"),
            ("#:approve", "#: approve"),
            ("#: note=x", "#: refuse note=\"x\""),
            (
                r#"#:  Hold  until=2027-01-01 note="spring \"wave\" 2" by=anna added=2026-11-28 "#,
                r#"#: hold until=2027-01-01 note="spring \"wave\" 2" by=anna added=2026-11-28"#,
            ),
            ("#: until=2027-01-01T12:00:00+02:00", "#: refuse until=2027-01-01T10:00:00Z"),
            ("#: refuse by=\"two words\"", "#: refuse by=\"two words\""),
        ] {
            assert_eq!(text.parse::<Mark>().map(|mark| mark.to_string()), Ok(written.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_said() {
        for (text, why) in [
            ("#: maybe", "\"maybe\" is not an action"),
            ("#: hold on", "\"on\" has no ="),
            ("#: hold till=2027-01-01", "\"till\" is not known"),
            ("#: hold until=soon", "is not a date"),
            ("#: hold until=2027-02-30", "is not a date"),
            ("#: note=\"open", "not closed"),
            ("#: note=\"a\"b", "no space"),
            ("#: by=a by=b", "is there twice"),
        ] {
            let said = text.parse::<Mark>().unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        }
    }

    proptest! {
        #[test]
        fn every_note_comes_back(note in "\\PC{0,30}", by in "\\PC{1,10}") {
            let mark = Mark { note: Some(note), by: Some(by), ..Mark::default() };
            prop_assert_eq!(mark.to_string().parse(), Ok(mark));
        }

        #[test]
        fn no_text_makes_it_panic(text in "#: \\PC{0,40}") {
            let _ = text.parse::<Mark>();
        }
    }
}
