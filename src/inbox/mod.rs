//! The letter box: mails come in, are decided once, and are moved away.
//!
//! [`Keeper`] watches the mailbox by a `session`, which alone knows IMAP, and goes through it in `round`s. Each mail is noted
//! before it is read, decided by the `clerk` in one transaction with its answer, and moved after that: killed at any instant,
//! it is neither lost nor answered twice.
//!
//! [`Visit`] is what `doctor` looks in by. [`understand`] reads a mail once and asks, in this order: is it a report that one
//! of our letters failed; did a machine write it (`machines`, one table); is there one sender, and is it really them
//! (`authentication`); is it meant for the desk; which name do they want (`wanted_name`). Never a guess.

mod access_token;
mod answers;
mod authentication;
mod bounce;
mod charset;
mod clerk;
mod fault;
mod headers;
mod keeper;
mod language;
mod lease;
mod machines;
mod meaning;
mod message;
mod own_text;
mod relay;
mod session;
mod visit;
mod wanted_name;

pub use authentication::Proof;
pub use keeper::Keeper;
pub use meaning::{LetterBox, Meaning, Understood, understand};
pub use message::{LARGEST, Mail};
pub use visit::{Arrived, Visit};

#[cfg(test)]
mod tests;
