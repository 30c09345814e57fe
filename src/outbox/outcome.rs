//! What became of a letter that was handed over.

/// What a delivery ended with, unless with a [`Fault`](crate::net::Fault): the mail server's trouble, or the desk's, not the
/// letter's, so that nothing is to be charged to it. Answers are the mail server's own words, fit for the store, a log line and a terminal.
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
}
