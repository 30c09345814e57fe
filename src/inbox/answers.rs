//! What applicants are written who get no token.

use crate::config::{Imap, Settings};
use crate::domain::Refusal;
use crate::text::{EXAMPLE_NAME, Language};

/// Why it was refused: the kind of the letter, and its words.
pub(super) fn refused(refusal: &Refusal, settings: &Settings) -> (&'static str, String) {
    let words = Language::default().refused(settings.homeserver.as_str(), &*refusal.applicant_text());
    ("refusal", words + &form(settings))
}

/// How to ask so that it is understood.
pub(super) fn help(problem: &str, imap: &Imap, settings: &Settings) -> (&'static str, String) {
    let (homeserver, address) = (settings.homeserver.as_str(), imap.address.to_ascii());
    let words = Language::default().help(homeserver, problem, &address, EXAMPLE_NAME);
    ("help", words + &form(settings))
}

fn form(settings: &Settings) -> String {
    settings.public_url.as_deref().map_or_else(String::new, |url| Language::default().form_too(url))
}
