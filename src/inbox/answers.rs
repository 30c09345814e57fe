//! What applicants are written who get no token.

use crate::config::{Imap, Settings};
use crate::domain::{Field, Localpart, Mxid, Refusal, printable};
use crate::text::{EXAMPLE_NAME, Language};

/// Of what was read in a mail, so much is repeated.
const READ: usize = 100;

/// Why it was refused, and what to do: the kind of the letter, and its words. Only a verified sender gets one, so that it brings no
/// words of somebody else's to anybody.
pub(super) fn refused(
    refusal: &Refusal,
    name: Option<&Localpart>,
    imap: &Imap,
    settings: &Settings,
) -> (&'static str, String) {
    let (t, homeserver) = (Language::default(), settings.homeserver.as_str());
    let why = refusal.applicant_text();
    let read = name.map(|name| Mxid { localpart: name.clone(), server: settings.homeserver.clone() });
    let mut words = match read {
        Some(read) => t.refused(homeserver, &*read.to_string(), &*why),
        None => t.refused_without_name(homeserver, &*why),
    };
    if refusal.field() == Some(Field::Username) {
        words += &t.write_again(&*imap.address.to_ascii(), EXAMPLE_NAME);
    }
    ("refusal", words + &form(settings))
}

/// How to ask so that it is understood.
pub(super) fn help(
    names: &[String],
    problem: &str,
    imap: &Imap,
    settings: &Settings,
) -> (&'static str, String) {
    let t = Language::default();
    let mut words = t.help(settings.homeserver.as_str(), problem);
    if !names.is_empty() {
        words += &t.names_read(&*printable(&names.join("  "), READ));
    }
    words += &t.write_again(&*imap.address.to_ascii(), EXAMPLE_NAME);
    ("help", words + &form(settings))
}

fn form(settings: &Settings) -> String {
    settings.public_url.as_deref().map_or_else(String::new, |url| Language::default().form_too(url))
}
