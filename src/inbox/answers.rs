//! What applicants are written who get no token.

use crate::config::{Imap, Settings};
use crate::domain::Refusal;

/// A letter without a token.
pub(super) struct Answer {
    pub kind: &'static str,
    pub words: String,
}

impl Answer {
    /// Why it was refused.
    pub(super) fn refused(refusal: &Refusal, settings: &Settings) -> Self {
        let words = format!(
            "Hello,\n\nyou asked for an account on {} by e-mail.\n\n{}\n{}",
            settings.homeserver,
            refusal.applicant_text(),
            again(settings)
        );
        Self { kind: "refusal", words }
    }

    /// How to ask so that it is understood.
    pub(super) fn help(problem: &str, imap: &Imap, settings: &Settings) -> Self {
        let words = format!(
            "Hello,\n\nyou wrote to the registration desk of {}, and it could not understand which username you want.\n\n\
             {problem}\n\nPlease write to {} again, with just one line:\n\nUsername: the-name-you-want\n{}",
            settings.homeserver,
            imap.address.to_ascii(),
            again(settings)
        );
        Self { kind: "help", words }
    }
}

fn again(settings: &Settings) -> String {
    settings.public_url.as_ref().map_or_else(String::new, |url| format!("\nThere is a form, too: {url}\n"))
}
