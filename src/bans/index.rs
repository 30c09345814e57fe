//! Finds, among many lines, the few whose literal occurs in a text.

use std::collections::HashMap;
use std::fmt;

use daachorse::DoubleArrayAhoCorasick;

/// Lines without a literal that are tried one by one, at most.
const MOST_WITHOUT: usize = 2000;

/// Gathers the lines of an [`Index`].
#[derive(Debug, Default)]
pub(super) struct Gathered {
    lines: Vec<(u32, Option<Vec<String>>)>,
    without: usize,
}

impl Gathered {
    /// Takes in a line of which a match must contain one of these literals.
    ///
    /// # Errors
    /// It has none, and too many before it had none either.
    pub(super) fn add(&mut self, line: u32, literals: Option<Vec<String>>) -> Result<(), String> {
        if literals.is_none() {
            self.without += 1;
            if self.without > MOST_WITHOUT {
                return Err(format!(
                    "there are more than {MOST_WITHOUT} lines without a literal part, which are tried one by one; this one is left out"
                ));
            }
        }
        self.lines.push((line, literals));
        Ok(())
    }
}

/// Lines by the literals that a match must contain.
#[derive(Default)]
pub(super) struct Index {
    /// `aho-corasick` would do, but building it takes seconds for some lists of 100,000 lines that are much alike.
    literals: Option<DoubleArrayAhoCorasick<usize>>,
    /// For each literal the lines that want it.
    wanted_by: Vec<Vec<u32>>,
    /// Lines without any literal: always candidates.
    others: Vec<u32>,
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
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut wanted_by: Vec<Vec<u32>> = Vec::new();
        let mut others = Vec::new();
        for (line, literals) in gathered.lines {
            let Some(literals) = literals else {
                others.push(line);
                continue;
            };
            for literal in literals {
                let next = numbers.len();
                let number = *numbers.entry(literal).or_insert_with(|| {
                    wanted_by.push(Vec::new());
                    next
                });
                wanted_by[number].push(line);
            }
        }
        // It cannot be made of nothing.
        let literals =
            (!numbers.is_empty()).then(|| DoubleArrayAhoCorasick::with_values(numbers).ok()).flatten();
        if literals.is_none() {
            // Too many for the automaton: then all are tried, which is slow and right.
            others.extend(wanted_by.iter().flatten());
            others.sort_unstable();
            others.dedup();
        }
        Self { literals, wanted_by, others }
    }

    /// The lines that may match `text`, in the order of the file.
    pub(super) fn candidates(&self, text: &str) -> Vec<u32> {
        let mut lines = self.others.clone();
        if let Some(literals) = &self.literals {
            for found in literals.find_overlapping_iter(text) {
                lines.extend(&self.wanted_by[found.value()]);
            }
        }
        lines.sort_unstable();
        lines.dedup();
        lines
    }
}
