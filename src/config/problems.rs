//! Everything that is wrong in a config, gathered, so that the operator mends it in one go.

use std::fmt;
use std::path::PathBuf;

use crate::domain::printable;

/// More than any problem of ours has to say.
const MOST_WORDS: usize = 1000;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// The line in it, from 1; none where it is about the file as a whole.
    pub line: Option<usize>,
    /// The key, with its sections: `smtp.port`. Empty where it is about the file as a whole.
    pub key: String,
    /// What is wrong, and what would be right. Never a secret.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", printable(&self.key, MOST_WORDS))?;
        }
        // What it quotes from the file may steer a terminal.
        write!(f, ": {}", printable(&self.what, MOST_WORDS))
    }
}

/// All that is wrong, in the order of the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<Problem>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
