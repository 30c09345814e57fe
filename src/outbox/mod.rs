//! The outbox: what turns an owed letter into mail.
//!
//! [`compose()`] is pure: the same facts and settings give the same bytes. [`Post`] hands the result over, to the mail
//! server or, where none is configured, into a folder, and says in an [`Outcome`] what became of it; [`backoff`] says when to try again.

pub mod backoff;
mod compose;
mod content;
mod delivery;
mod dialogue;
mod errand;
mod lanes;
mod letter;
mod mail_folder;
mod outcome;
mod relay;
#[cfg(test)]
mod samples;
mod smtp_fault;

pub use compose::{Composed, compose};
pub use delivery::Delivery;
pub use letter::{Answered, Letter, LetterFacts, Quoted, SignUpLink};
pub use mail_folder::MailFolder;
pub use outcome::Outcome;
pub use relay::{Relay, Timeouts};

use std::time::Duration;

use crate::config::{Folder, Settings};
use crate::net::Fault;

/// After trouble of the desk's own (a full disk) the outbox rests for so long.
const AFTER_TROUBLE: Duration = Duration::from_secs(1);

/// Where letters are handed over.
#[derive(Debug)]
pub enum Post {
    /// To the mail server.
    Relay(Box<Relay>),
    /// Into `outbox/`.
    Folder(MailFolder),
}

impl Post {
    /// As the settings say: `smtp`, else the folder. Nothing is opened yet.
    pub fn new(settings: &Settings, folder: &Folder) -> Self {
        match &settings.smtp {
            Some(smtp) => Self::Relay(Box::new(Relay::new(smtp.clone(), Timeouts::default()))),
            None => Self::Folder(MailFolder::new(folder.outbox())),
        }
    }

    /// Hands over one letter. Blocks, with a mail server up to the sum of [`Timeouts`].
    pub fn deliver(&mut self, letter: &Composed) -> Result<Outcome, Fault> {
        match self {
            Self::Relay(relay) => relay.deliver(letter),
            Self::Folder(folder) => folder.deliver(letter),
        }
    }

    /// No more letters for now: a connection that is still open is closed.
    pub fn rest(&mut self) {
        if let Self::Relay(relay) = self {
            relay.rest();
        }
    }
}
