//! What applicants are written who get no token.

use crate::config::{Imap, Settings};
use crate::domain::{Field, Flaw, Localpart, Mxid, Refusal, printable};
use crate::text::{EXAMPLE_NAME, Language};

/// Of what was read in a mail, so much is repeated.
const READ: usize = 100;

/// Why it was refused, and what to do: the kind of the letter, and its words. Only a verified sender gets one, so that it brings no
/// words of somebody else's to anybody.
pub(super) fn refused(
    t: Language,
    refusal: &Refusal,
    name: Option<&Localpart>,
    imap: &Imap,
    settings: &Settings,
) -> (&'static str, String) {
    let homeserver = settings.homeserver.as_str();
    let why = refusal.applicant_text(t);
    let read = name.map(|name| Mxid { localpart: name.clone(), server: settings.homeserver.clone() });
    let mut words = vec![match read {
        Some(read) => t.refused(homeserver, &*read.to_string(), &*why),
        None => t.refused_without_name(homeserver, &*why),
    }];
    if refusal.field() == Some(Field::Username) {
        words.push(t.write_again(&*imap.address.to_ascii(), EXAMPLE_NAME));
    }
    ("refusal", paragraphs(t, words, settings))
}

/// How to ask so that it is understood.
pub(super) fn help(
    t: Language,
    names: &[String],
    problem: &Flaw,
    imap: &Imap,
    settings: &Settings,
) -> (&'static str, String) {
    let mut words = vec![t.help(settings.homeserver.as_str(), &t.flaw(problem))];
    if !names.is_empty() {
        words.push(t.names_read(&*printable(&names.join("  "), READ)));
    }
    words.push(t.write_again(&*imap.address.to_ascii(), EXAMPLE_NAME));
    ("help", paragraphs(t, words, settings))
}

/// With where the form is, where there is one.
fn paragraphs(t: Language, mut words: Vec<String>, settings: &Settings) -> String {
    words.extend(settings.public_url.as_deref().map(|url| t.form_too(url)));
    words.join("\n\n") + "\n"
}
