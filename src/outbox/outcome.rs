//! What became of a letter that was handed over, and whose fault it was.

use crate::domain::printable;

/// What a delivery ended with. Answers are the mail server's own words, cleaned by [`cleaned`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The mail server took it.
    Sent {
        /// Its answer.
        answer: String,
    },
    /// Not now: this letter is to be tried again later.
    Temporary {
        /// Its answer.
        answer: String,
    },
    /// Never: this letter has failed.
    Permanent {
        /// Its answer.
        answer: String,
    },
    /// All of the letter was handed over, and no answer came: it may or may not arrive. To be tried again with the
    /// same Message-ID, so that a second copy is known as one.
    Unknown {
        /// What happened instead of an answer.
        answer: String,
    },
    /// The mail server's trouble, not the letter's: nothing is to be charged to it.
    Fault(RelayFault),
}

/// What is wrong with the mail server, or with how it is configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct RelayFault {
    /// What kind of trouble.
    pub kind: FaultKind,
    /// For the operator: what happened and what to do. Never has a password in it.
    pub words: String,
}

impl RelayFault {
    pub(super) fn new(kind: FaultKind, words: impl Into<String>) -> Self {
        Self { kind, words: words.into() }
    }
}

/// Kinds of [`RelayFault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// Its name has no address.
    Resolve,
    /// Nobody answers there.
    Connect,
    /// It went silent.
    Timeout,
    /// The connection was closed in the middle.
    Lost,
    /// It has no time for us (421, 4xx before any recipient was named), or turns us away at the door.
    Unavailable,
    /// Its certificate does not hold.
    Certificate,
    /// TLS fails otherwise.
    Tls,
    /// STARTTLS is demanded and not offered.
    NoStartTls,
    /// User name or password refused, or asked for, or not asked for.
    Login,
    /// It does not let us send from this address, or to others' mailboxes.
    Sender,
    /// It said something that is not SMTP.
    Protocol,
    /// Without a mail server: `outbox/` cannot be written.
    MailFolder,
    /// The letter could not even be put together: the configuration's fault.
    Letter,
}

/// Longest answer that is kept, in characters.
const ANSWER_CHARS: usize = 500;

/// A server's answer, fit for the store, a log line and a terminal.
pub fn cleaned(answer: &str) -> String {
    printable(answer, ANSWER_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_one_short_line_without_anything_that_steers_a_terminal() {
        assert_eq!(
            cleaned("550 5.1.1\r\n no\u{1b}[31m such\u{202e}\0user \t\n"),
            "550 5.1.1 no [31m such user"
        );
        assert_eq!(cleaned(" \u{200b} \r\n"), "");
        let long = cleaned(&"ab ".repeat(1000));
        assert_eq!(long.chars().count(), 500);
        assert!(long.ends_with('…'));
        let exact = "a".repeat(499);
        assert_eq!(cleaned(&exact), exact);
    }
}
