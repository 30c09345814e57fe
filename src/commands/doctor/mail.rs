//! The mail server and the letter box.

use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::clock::Clock;
use crate::config::{Settings, TlsMode};
use crate::domain::{EmailAddress, Language, MessageId};
use crate::inbox::Visit;
use crate::outbox::{Letter, LetterFacts, Outcome, Relay, compose};

use super::{Finding, PATIENCE, fine, note, wrong};

/// Connects and logs in.
pub(super) fn server(settings: &Settings) -> Finding {
    let Some(smtp) = &settings.smtp else {
        return note("none: emails are written to outbox/; see smtp in config.yaml");
    };
    let mut relay = Relay::new(smtp.clone(), PATIENCE);
    let found = match relay.connect() {
        Ok(()) => {
            let tls = if smtp.tls == TlsMode::None { "without TLS" } else { "over TLS" };
            let login = smtp.login.as_ref().map(|(name, _)| format!(", logged in as {name}"));
            fine(format!("{}:{} takes mail {tls}{}", smtp.host, smtp.port, login.unwrap_or_default()))
        }
        Err(fault) => wrong(fault.to_string()),
    };
    relay.rest();
    found
}

/// `--send`
pub(super) fn send(to: &EmailAddress, settings: &Settings, clock: &dyn Clock) -> Finding {
    let Some(smtp) = &settings.smtp else {
        return wrong("it needs a mail server: see smtp in config.yaml");
    };
    let (_, facts) = test_letter(
        to,
        format!("A test email from the registration desk of {}", settings.homeserver),
        format!(
            "This email was sent by `doorman doctor --send`, the same way as emails to applicants.\n\n\
             If it is in your spam folder, theirs would be too. Whether {} is verified as its sender is in its header field Authentication-Results (spf, dkim, dmarc).\n",
            settings.from.address
        ),
        settings,
        clock,
    );
    let letter = match compose(&facts, settings) {
        Ok(letter) => letter,
        Err(problem) => return wrong(problem.to_string()),
    };
    let mut relay = Relay::new(smtp.clone(), PATIENCE);
    let (to, host) = (to.to_ascii(), &smtp.host);
    let found = match relay.deliver(&letter) {
        Ok(Outcome::Sent { answer }) => fine(format!("to {to}: {host} has accepted it and says: {answer}")),
        Ok(Outcome::Permanent { answer }) => wrong(format!("to {to}: {host} refuses it: {answer}")),
        Ok(Outcome::Temporary { answer }) => {
            wrong(format!("to {to}: {host} does not accept it now, perhaps later: {answer}"))
        }
        Ok(Outcome::Unknown { answer }) => wrong(format!("to {to}: it may or may not arrive: {answer}")),
        Err(fault) => wrong(fault.to_string()),
    };
    relay.rest();
    found
}

/// A letter in these words, and its Message-ID.
pub(super) fn test_letter(
    to: &EmailAddress,
    subject: String,
    text: String,
    settings: &Settings,
    clock: &dyn Clock,
) -> (MessageId, LetterFacts) {
    let now = clock.now();
    let message_id =
        MessageId::generate(&mut UnwrapErr(SysRng), &settings.from.address, &settings.homeserver);
    let letter = Letter::Words { subject, text };
    let facts = LetterFacts {
        language: Language::English,
        letter,
        to: to.clone(),
        message_id: message_id.clone(),
        date: now,
        now,
        own_page: None,
        not_me: None,
        answers: None,
    };
    (message_id, facts)
}

/// Opens the mailbox; the visit goes on for the test mails.
pub(super) fn letter_box(settings: &Settings) -> (Finding, Option<Visit>) {
    let Some(imap) = &settings.imap else {
        return (note("none: requests come by the web only; see imap in config.yaml"), None);
    };
    match Visit::open(imap) {
        Ok(visit) => {
            let address = imap.address.to_ascii();
            let found = format!("{} on {} can be read; people write to {address}", imap.mailbox, imap.host);
            (fine(found), Some(visit))
        }
        Err(fault) => (wrong(fault), None),
    }
}
