use std::io::Write;

use crate::config::ConfigErrors;
use crate::store::StoreError;

/// Why a command did not do what it was asked; told on standard error, exit code 1.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// In these words.
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Self(errors.to_string())
    }
}

/// Says what went wrong.
pub fn complain(words: &str) {
    // Nothing can be done where even that fails.
    let _ = writeln!(std::io::stderr(), "doorman: {words}");
}
