//! The mail server and the letter box.

use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;

use crate::clock::Clock;
use crate::config::{Settings, TlsMode};
use crate::domain::{EmailAddress, MessageId};
use crate::inbox::Visit;
use crate::outbox::{Letter, LetterFacts, Outcome, Relay, compose};

use super::{Findings, PATIENCE};

/// Connects and logs in.
pub(super) fn server(settings: &Settings, findings: &mut Findings) {
    const WHAT: &str = "mail server";
    let Some(smtp) = &settings.smtp else {
        return findings.note(WHAT, "none: letters land in outbox/; see smtp in config.yaml");
    };
    let mut relay = Relay::new(smtp.clone(), PATIENCE);
    match relay.connect() {
        Ok(()) => {
            let tls = match smtp.tls {
                TlsMode::StartTls | TlsMode::Implicit => "over TLS",
                TlsMode::None => "without TLS",
            };
            let login =
                smtp.login.as_ref().map_or_else(String::new, |(name, _)| format!(", logged in as {name}"));
            findings.fine(WHAT, &format!("{}:{} takes mail {tls}{login}", smtp.host, smtp.port));
        }
        Err(fault) => findings.wrong(WHAT, &fault.to_string()),
    }
    relay.rest();
}

/// `--send`
pub(super) fn send(to: &EmailAddress, settings: &Settings, clock: &dyn Clock, findings: &mut Findings) {
    const WHAT: &str = "test letter";
    let Some(smtp) = &settings.smtp else {
        return findings.wrong(WHAT, "it needs a mail server: see smtp in config.yaml");
    };
    let now = clock.now();
    let facts = LetterFacts {
        letter: Letter::Words {
            subject: format!("A test letter of the registration desk of {}", settings.homeserver),
            text: format!(
                "This letter was sent by `doorman doctor --send`, the way that registration tokens are sent.\n\n\
                 If it lies in your spam folder, theirs would too. Whether {} is verified as its sender stands in its \
                 header field Authentication-Results (spf, dkim, dmarc).\n",
                settings.from.address
            ),
        },
        to: to.clone(),
        message_id: MessageId::generate(&mut UnwrapErr(SysRng), &settings.from.address, &settings.homeserver),
        date: now,
        now,
        answers: None,
    };
    let letter = match compose(&facts, settings) {
        Ok(letter) => letter,
        Err(problem) => return findings.wrong(WHAT, &problem.to_string()),
    };
    let mut relay = Relay::new(smtp.clone(), PATIENCE);
    match relay.deliver(&letter) {
        Ok(Outcome::Sent { answer }) => findings
            .fine(WHAT, &format!("to {}: {} has taken it and says: {answer}", to.to_ascii(), smtp.host)),
        Ok(Outcome::Permanent { answer }) => {
            findings.wrong(WHAT, &format!("to {}: {} refuses it: {answer}", to.to_ascii(), smtp.host));
        }
        Ok(Outcome::Temporary { answer }) => findings.wrong(
            WHAT,
            &format!("to {}: {} does not take it now, later perhaps: {answer}", to.to_ascii(), smtp.host),
        ),
        Ok(Outcome::Unknown { answer }) => {
            findings.wrong(WHAT, &format!("to {}: it may arrive or not: {answer}", to.to_ascii()));
        }
        Err(fault) => findings.wrong(WHAT, &fault.to_string()),
    }
    relay.rest();
}

/// Opens the mailbox; the visit goes on for the test mails.
pub(super) fn letter_box(settings: &Settings, findings: &mut Findings) -> Option<Visit> {
    const WHAT: &str = "letter box";
    let Some(imap) = &settings.imap else {
        findings.note(WHAT, "none: requests come by the web only; see imap in config.yaml");
        return None;
    };
    match Visit::open(imap) {
        Ok(visit) => {
            findings.fine(
                WHAT,
                &format!(
                    "{} on {} can be read; people write to {}",
                    imap.mailbox,
                    imap.host,
                    imap.address.to_ascii()
                ),
            );
            Some(visit)
        }
        Err(fault) => {
            findings.wrong(WHAT, &fault);
            None
        }
    }
}
