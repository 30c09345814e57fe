//! The mail server that takes the letters, their words, and the letter box.

use super::imap;
use super::letter;
use super::problems::Problems;
use super::secrets::Sources;
use super::section::{Section, either};
use super::settings::Settings;
use super::smtp;

/// `smtp`, `imap` and the letter's words, flat or under `email:`. Whether a password stands in the config itself.
pub(super) fn read(
    top: &mut Section<'_>,
    settings: &mut Settings,
    sources: &Sources<'_>,
    problems: &mut Problems,
) -> bool {
    settings.letter = letter::flat(top, problems);
    let flat = top.take("smtp");
    let mut nested = None;
    if let Some(mut email) = top.section("email", problems) {
        nested = email.take("smtp");
        if let Some(mut templates) = email.section("templates", problems) {
            if let Some(mut section) = templates.section("registration_token", problems) {
                letter::nested(&mut section, sources.folder, &mut settings.letter, problems);
                section.finish(problems);
            }
            // The successor's other letters are not doorman's to send.
            templates.take("deactivation_notice");
            templates.finish(problems);
        }
        email.finish(problems);
    }
    let mut inline_secret = false;
    if let Some(entry) = either(flat, nested, problems) {
        let written = smtp::read(&entry, sources, problems);
        settings.smtp = written.smtp;
        if let Some(from) = written.from {
            settings.from = from;
        }
        inline_secret |= written.inline_secret;
    }
    if let Some(entry) = top.take("imap") {
        let (imap, inline) = imap::read(&entry, sources, problems);
        settings.imap = imap;
        inline_secret |= inline;
    }
    inline_secret
}
