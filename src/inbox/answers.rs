//! What applicants are written who get no token.

use crate::config::{Imap, Settings};
use crate::domain::Refusal;

/// Why it was refused: the kind of the letter, and its words.
pub(super) fn refused(refusal: &Refusal, settings: &Settings) -> (&'static str, String) {
    let words = format!(
        "Hello,\n\nyou asked for an account on {} by e-mail.\n\n{}\n{}",
        settings.homeserver,
        refusal.applicant_text(),
        again(settings)
    );
    ("refusal", words)
}

/// How to ask so that it is understood.
pub(super) fn help(problem: &str, imap: &Imap, settings: &Settings) -> (&'static str, String) {
    let words = format!(
        "Hello,\n\nyou wrote to the registration desk of {}, and it could not understand which username you want.\n\n\
         {problem}\n\nPlease write to {} again, with just one line:\n\nUsername: the-name-you-want\n{}",
        settings.homeserver,
        imap.address.to_ascii(),
        again(settings)
    );
    ("help", words)
}

fn again(settings: &Settings) -> String {
    settings.public_url.as_ref().map_or_else(String::new, |url| format!("\nThere is a form, too: {url}\n"))
}
