//! What a letter is about → the bytes of a mail. Pure.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use crate::config::{Sender, Settings};
use crate::domain::{EmailAddress, MessageId, one_line};
use crate::net::{Fault, FaultKind};

use super::content::content;
use super::letter::LetterFacts;

/// A mail, ready to be handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// The sender of its envelope, and of its head.
    pub(super) envelope: Address,
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) message_id: MessageId,
    pub(super) date: DateTime<Utc>,
    bytes: Vec<u8>,
}

impl Composed {
    /// The whole mail, ASCII, lines ending in CR LF.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same with this address for its bounces.
    #[must_use]
    pub fn returning_to(mut self, address: &EmailAddress) -> Self {
        if let Ok(address) = address.to_ascii().parse() {
            self.envelope = address;
        }
        self
    }

    /// The same with a field that claims to be of a server that verified the sender, as a forger would add it.
    /// `authserv_id` and `domain` have to be fit for a header.
    #[must_use]
    pub fn forged(mut self, authserv_id: &str, domain: &str) -> Self {
        let field = format!("Authentication-Results: {authserv_id};\r\n dmarc=pass header.from={domain}\r\n");
        self.bytes.splice(0..0, field.into_bytes());
        self
    }
}

/// How many `References` of the answered mail are repeated.
const REFERENCES: usize = 10;

/// Longest line of a mail, without its end (RFC 5322, section 2.1.1).
const LINE_BYTES: usize = 998;

/// Makes the mail. Where the configuration has an unusable sender, this says so, and costs the letter nothing: it goes out when
/// that is mended.
pub fn compose(facts: &LetterFacts, settings: &Settings) -> Result<Composed, Fault> {
    let content = content(facts, settings)
        .map_err(|error| unusable(format!("the email cannot be written: {error}")))?;
    let from = sender_address(&settings.from)?;
    let to: Address = facts
        .to
        .to_ascii()
        .parse()
        .map_err(|error| unusable(format!("the recipient's address is not usable: {error}")))?;

    let mut message = Message::builder()
        .from(Mailbox::new(sender_name(&settings.from), from.clone()))
        .to(Mailbox::new(None, to.clone()))
        .subject(match facts.answers {
            Some(_) => format!("Re: {}", content.subject),
            None => content.subject,
        })
        .date(facts.date.into())
        .message_id(Some(facts.message_id.to_string()))
        .raw_header(constant(
            "Auto-Submitted",
            if facts.answers.is_some() { "auto-replied" } else { "auto-generated" },
        ))
        .raw_header(constant("X-Auto-Response-Suppress", "All"))
        // By which the letter box knows the desk's own mail, should it come back.
        .raw_header(constant("X-Doorman", settings.homeserver.as_str()));
    // Answers are to come to where they are read.
    let letter_box = settings.imap.as_ref().map(|imap| imap.address.to_ascii());
    if let Some(letter_box) = letter_box
        && !letter_box.eq_ignore_ascii_case(from.as_ref())
        && let Ok(letter_box) = letter_box.parse()
    {
        message = message.reply_to(Mailbox::new(None, letter_box));
    }
    if let Some(answered) = &facts.answers {
        let mut references = String::new();
        let skipped = answered.references.len().saturating_sub(REFERENCES);
        for id in answered.references.iter().skip(skipped).chain(&answered.message_id) {
            // Writing into a String cannot fail.
            let _ = write!(references, "{}{id}", if references.is_empty() { "" } else { " " });
        }
        if let Some(id) = &answered.message_id {
            message = message.in_reply_to(id.to_string());
        }
        if !references.is_empty() {
            message = message.references(references);
        }
    }

    let alternative = MultiPart::alternative()
        .boundary(boundary(&facts.message_id))
        .singlepart(SinglePart::builder().content_type(ContentType::TEXT_PLAIN).body(body(&content.text)))
        .singlepart(SinglePart::builder().content_type(ContentType::TEXT_HTML).body(body(&content.html)));
    let message = message
        .multipart(alternative)
        .map_err(|error| unusable(format!("the email cannot be put together: {error}")))?;
    Ok(Composed {
        envelope: from.clone(),
        from,
        to,
        message_id: facts.message_id.clone(),
        date: facts.date,
        bytes: message.formatted(),
    })
}

/// A header whose value cannot have a line end: constants, and names that were parsed.
fn constant(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn unusable(words: String) -> Fault {
    Fault::new(FaultKind::Ours, words)
}

/// The sender with its domain in ASCII, so that no mail server needs SMTPUTF8.
fn sender_address(sender: &Sender) -> Result<Address, Fault> {
    let unusable = || {
        unusable(format!(
            "smtp.from is not usable as the sender of emails: {:?}; it should look like desk@your.server, \
             or Desk <desk@your.server>",
            sender.address
        ))
    };
    let (local, domain) = sender.address.rsplit_once('@').ok_or_else(unusable)?;
    let domain = idna::domain_to_ascii(domain).map_err(|_| unusable())?;
    if !local.is_ascii() {
        return Err(unusable());
    }
    Address::new(local, domain).map_err(|_| unusable())
}

/// The display name as one line; lettre panics at control characters.
fn sender_name(sender: &Sender) -> Option<String> {
    let name = one_line(sender.name.as_deref()?);
    (!name.is_empty()).then_some(name)
}

/// Must not occur in the parts, and be the same at each try: lettre's own would be random.
fn boundary(message_id: &MessageId) -> String {
    let digest = Sha256::digest(message_id.as_str().as_bytes());
    digest.iter().take(20).fold(String::from("letter-"), |mut boundary, byte| {
        let _ = write!(boundary, "{byte:02x}");
        boundary
    })
}

/// A body whose line ends are all CR LF, without NUL (RFC 5322, section 2.3, forbids lone ones, and NUL). Plain ASCII
/// goes out as it is, so that a letter in `outbox/` can be read with any pager; lettre would encode it as soon as a
/// line has more than 76 characters.
fn body(text: &str) -> Body {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
    if text.is_ascii() && text.lines().all(|line| line.len() <= LINE_BYTES) {
        Body::dangerous_pre_encoded(
            text.replace('\n', "\r\n").into_bytes(),
            ContentTransferEncoding::SevenBit,
        )
    } else {
        Body::new(text)
    }
}

#[cfg(test)]
#[path = "compose_tests.rs"]
mod tests;
