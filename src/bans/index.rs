//! Finds, among many lines, the few whose literal occurs in a text.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::iter::successors;

use daachorse::DoubleArrayAhoCorasick;

/// Lines without a literal that are tried one by one, at most.
const MOST_WITHOUT: usize = 2000;

/// Lines by the key that finds them. Mostly there is one for each: of several, each leads to the one before.
#[derive(Debug)]
pub(super) struct ByKey<K> {
    last: HashMap<K, u32>,
    before: HashMap<u32, u32>,
}

impl<K> Default for ByKey<K> {
    fn default() -> Self {
        Self { last: HashMap::new(), before: HashMap::new() }
    }
}

impl<K: Hash + Eq> ByKey<K> {
    /// A line can have one key only.
    pub(super) fn add(&mut self, key: K, line: u32) {
        if let Some(before) = self.last.insert(key, line) {
            self.before.insert(line, before);
        }
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = u32> {
        self.last.values().chain(self.before.values()).copied()
    }

    pub(super) fn get<'a, Q: Hash + Eq + ?Sized>(
        &'a self,
        key: &Q,
    ) -> impl Iterator<Item = u32> + use<'a, K, Q>
    where
        K: Borrow<Q>,
    {
        successors(self.last.get(key).copied(), |line| self.before.get(line).copied())
    }
}

/// Gathers the lines of an [`Index`].
#[derive(Debug, Default)]
pub(super) struct Gathered {
    literals: HashMap<String, u32>,
    wanted_by: Vec<(u32, u32)>,
    others: Vec<u32>,
}

impl Gathered {
    /// Takes in a line of which a match must contain one of these literals.
    ///
    /// # Errors
    /// It has none, and too many before it had none either.
    pub(super) fn add(&mut self, line: u32, literals: Option<Vec<String>>) -> Result<(), String> {
        let Some(literals) = literals else {
            if self.others.len() >= MOST_WITHOUT {
                return Err(format!(
                    "there are more than {MOST_WITHOUT} lines without a literal part, which are tried one by one; this one is left out"
                ));
            }
            self.others.push(line);
            return Ok(());
        };
        for literal in literals {
            let next = u32::try_from(self.literals.len()).unwrap_or(u32::MAX);
            let number = *self.literals.entry(literal).or_insert(next);
            self.wanted_by.push((number, line));
        }
        Ok(())
    }
}

/// Lines by the literals that a match must contain.
#[derive(Default)]
pub(super) struct Index {
    /// `aho-corasick` would do, but building it takes seconds for some lists of 100,000 lines that are much alike.
    literals: Option<DoubleArrayAhoCorasick<u32>>,
    /// The literals by their numbers, in order, and the lines that want them.
    wanted_by: Box<[(u32, u32)]>,
    /// Lines without any literal: always candidates.
    others: Box<[u32]>,
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index")
            .field("literals", &self.wanted_by.len())
            .field("others", &self.others.len())
            .finish()
    }
}

impl Index {
    /// Of these lines.
    pub(super) fn new(gathered: Gathered) -> Self {
        let Gathered { literals, mut wanted_by, mut others } = gathered;
        // It cannot be made of nothing.
        let literals =
            (!literals.is_empty()).then(|| DoubleArrayAhoCorasick::with_values(literals).ok()).flatten();
        if literals.is_none() {
            // Too many for the automaton: then all are tried, which is slow and right.
            others.extend(wanted_by.iter().map(|(_, line)| line));
        }
        wanted_by.sort_unstable();
        Self { literals, wanted_by: wanted_by.into(), others: others.into() }
    }

    /// The lines that may match `text`, in the order of the file.
    pub(super) fn candidates(&self, text: &str) -> Vec<u32> {
        let mut lines = self.others.to_vec();
        if let Some(literals) = &self.literals {
            for found in literals.find_overlapping_iter(text) {
                let from = self.wanted_by.partition_point(|(literal, _)| *literal < found.value());
                let wanted_by = self.wanted_by[from..].iter();
                lines.extend(
                    wanted_by.take_while(|(literal, _)| *literal == found.value()).map(|(_, line)| line),
                );
            }
        }
        lines.sort_unstable();
        lines.dedup();
        lines
    }
}
