//! Why the mailbox cannot be read.

use crate::domain::printable;
use crate::net;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The account is not let in: trying often would only lock it.
    Login,
    /// This mail cannot be moved, others perhaps can.
    Stuck,
    /// Another desk reads the mailbox.
    Occupied,
    /// Everything else, which may pass by itself.
    Other,
}

/// Why the mailbox cannot be read; says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub(super) struct Fault {
    pub kind: Kind,
    words: String,
}

impl From<net::Fault> for Fault {
    fn from(fault: net::Fault) -> Self {
        Self::other(fault.words)
    }
}

impl Fault {
    pub(super) fn new(kind: Kind, words: &str) -> Self {
        Self { kind, words: printable(words, 400) }
    }

    /// Of no particular kind.
    pub(super) fn other(words: impl Into<String>) -> Self {
        Self::new(Kind::Other, &words.into())
    }
}
