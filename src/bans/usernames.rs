//! `banned_usernames.txt`: regular expressions, found anywhere in the name, case folded.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

use crate::domain::Localpart;

use super::file::Line;
use super::index::{Gathered, Index};
use super::literal::required;
use super::python::translated;

/// Bytes that a compiled pattern may have.
const SIZE: usize = 256 * 1024;

/// What bans names.
#[derive(Debug, Default)]
pub(super) struct NameList {
    /// Of each line the pattern, compiled when its literal is met for the first time.
    compiled: Vec<OnceLock<Option<Box<Regex>>>>,
    index: Index,
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
            format!(
                "this is not a valid pattern: {words}; put a \\ before a character that is meant literally"
            )
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
    pub(super) fn new<'a>(
        lines: impl Iterator<Item = Line<'a>>,
        mut refuse: impl FnMut(usize, String),
    ) -> Self {
        let mut list = Self::default();
        let mut gathered = Gathered::default();
        for line in lines {
            list.compiled.resize_with(line.index as usize + 1, OnceLock::new);
            let understood = translated(line.entry).and_then(|text| {
                let literals = required(&parse(&text)?);
                let is_tried_always = literals.is_none();
                // Only repetition makes a pattern larger than its line.
                let compiled = (is_tried_always || text.contains('{')).then(|| compile(&text)).transpose()?;
                gathered.add(line.index, literals)?;
                Ok(compiled.filter(|_| is_tried_always))
            });
            match understood {
                Ok(None) => {}
                Ok(Some(compiled)) => list.compiled[line.index as usize] = Some(Box::new(compiled)).into(),
                Err(why) => refuse(line.number, why),
            }
        }
        list.index = Index::new(gathered);
        list
    }

    /// The lines that ban this name, in the order of the file. `entry` is the text of a line.
    pub(super) fn hits<'a>(
        &self,
        name: &Localpart,
        entry: impl Fn(u32) -> &'a str,
    ) -> impl Iterator<Item = u32> {
        self.index.candidates(name.as_str()).into_iter().filter(move |line| {
            self.compiled.get(*line as usize).is_some_and(|compiled| {
                let compile = || Some(Box::new(compile(&translated(entry(*line)).ok()?).ok()?));
                compiled.get_or_init(compile).as_ref().is_some_and(|regex| regex.is_match(name.as_str()))
            })
        })
    }
}
