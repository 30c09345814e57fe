//! `banned_usernames.txt`: regular expressions, found anywhere in the name, case folded.

use std::collections::HashMap;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

use crate::domain::Localpart;

use super::file::Line;
use super::index::{Gathered, Index};
use super::literal::required;
use super::python::translated;

/// Bytes that a compiled pattern may have.
const SIZE: usize = 256 * 1024;

/// What bans names. A pattern is compiled when its literal is met for the first time.
#[derive(Debug, Default)]
pub(super) struct NameList {
    patterns: HashMap<u32, Pattern>,
    index: Index,
}

#[derive(Debug)]
struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

/// Understands a line.
pub(super) fn check(entry: &str) -> Result<(), String> {
    let text = translated(entry)?;
    parse(&text)?;
    compile(&text).map(drop)
}

fn parse(text: &str) -> Result<regex_syntax::hir::Hir, String> {
    regex_syntax::ParserBuilder::new().case_insensitive(true).nest_limit(50).build().parse(text).map_err(
        |error| {
            let words = match &error {
                regex_syntax::Error::Parse(error) => error.kind().to_string(),
                regex_syntax::Error::Translate(error) => error.kind().to_string(),
                _ => error.to_string(),
            };
            format!("this is no pattern: {words}; a sign that is meant as it is needs a \\ before it")
        },
    )
}

fn compile(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text)
        .case_insensitive(true)
        .size_limit(SIZE)
        .dfa_size_limit(SIZE)
        .nest_limit(50)
        .build()
        .map_err(|_| "this pattern is too large; repeat less in it".into())
}

impl NameList {
    /// Of these lines; `refuse` is told of those that cannot be understood.
    pub(super) fn new(lines: &[Line<'_>], mut refuse: impl FnMut(usize, String)) -> Self {
        let mut list = Self::default();
        let mut gathered = Gathered::default();
        for line in lines {
            let understood = translated(line.entry).and_then(|text| {
                let literals = required(&parse(&text)?);
                // Only repetition makes a pattern larger than its line.
                let compiled =
                    if text.contains('{') || literals.is_none() { Some(compile(&text)?) } else { None };
                gathered.add(line.index, literals)?;
                Ok(Pattern {
                    text,
                    compiled: compiled.map_or_else(OnceLock::new, |regex| Some(regex).into()),
                })
            });
            match understood {
                Ok(pattern) => drop(list.patterns.insert(line.index, pattern)),
                Err(why) => refuse(line.number, why),
            }
        }
        list.index = Index::new(gathered);
        list
    }

    /// The lines that ban this name, in the order of the file.
    pub(super) fn hits(&self, name: &Localpart) -> impl Iterator<Item = u32> {
        self.index.candidates(name.as_str()).into_iter().filter(|line| {
            self.patterns.get(line).is_some_and(|pattern| {
                let compiled = pattern.compiled.get_or_init(|| compile(&pattern.text).ok());
                compiled.as_ref().is_some_and(|regex| regex.is_match(name.as_str()))
            })
        })
    }
}
