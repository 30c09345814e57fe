//! A mail's bytes → what the letter box looks at.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::{Address, HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use crate::domain::{BounceTag, EmailAddress, MessageId, printable};
use crate::html::own_words;

use super::bounce::{self, Failure};
use super::headers::Headers;
use super::{charset, own_text};

/// A larger mail is no request: only so much of it is read.
pub const LARGEST: usize = 256 * 1024;

/// Of a text, so much is looked at.
const TEXT: usize = 64 * 1024;

/// Of the mails before it, so many are named in the answer, the last ones.
const REFERENCES: usize = 10;

/// A mail as far as it matters.
#[derive(Debug, Clone)]
pub struct Mail {
    pub(super) headers: Headers,
    /// The one sender, or why there is none.
    pub from: Result<EmailAddress, &'static str>,
    /// Every address that it was sent to, in lower case.
    pub recipients: Vec<String>,
    /// One line.
    pub subject: String,
    /// What the sender wrote themselves.
    pub text: String,
    /// Fit to be repeated in a header.
    pub message_id: Option<MessageId>,
    /// The last of them, the same.
    pub references: Vec<MessageId>,
    /// The mails that it answers, as far as it says.
    pub replies_to: Vec<MessageId>,
    pub(super) is_report: bool,
    pub(super) failure: Option<Failure>,
}

impl Mail {
    /// Reads a mail, or its beginning.
    pub fn read(bytes: &[u8]) -> Self {
        let headers = Headers::read(bytes);
        let message = parse(bytes);
        let from = from(&headers, message.as_ref());
        let domain = from.as_ref().ok().map(|from| from.domain().to_owned());
        let domain = domain.as_deref();
        let headers = if headers.all("subject").any(charset::is_unread) {
            Headers::read_as(bytes, |line| charset::read(line, domain))
        } else {
            headers
        };
        let recipients = recipients(&headers);
        let ids = |name: &str| {
            let all: Vec<MessageId> =
                headers.all(name).flat_map(str::split_whitespace).filter_map(MessageId::parse).collect();
            all
        };
        let tags = recipients
            .iter()
            .filter_map(|address| BounceTag::parse(address.rsplit_once('@')?.0.rsplit_once('+')?.1))
            .collect();
        // Whoever reports failures expects no answer (RFC 5321, section 4.5.5).
        let failure = message
            .as_ref()
            .filter(|_| has_null_sender(&headers))
            .and_then(|message| bounce::failure(message, &headers, tags, bytes));
        Self {
            from,
            recipients,
            subject: message
                .as_ref()
                .and_then(|message| message.subject())
                .map(|subject| {
                    if charset::is_unread(subject) {
                        headers.first("subject").unwrap_or(subject)
                    } else {
                        subject
                    }
                })
                .map(|subject| printable(subject, 300))
                .unwrap_or_default(),
            text: message.as_ref().map(|message| text(message, bytes, domain)).unwrap_or_default(),
            message_id: ids("message-id").pop(),
            // One that has none may at least say what it answers (RFC 5322, section 3.6.4).
            references: {
                let mut all = ids("references");
                if all.is_empty() {
                    all = ids("in-reply-to");
                    all.truncate(usize::from(all.len() == 1));
                }
                all.split_off(all.len().saturating_sub(REFERENCES))
            },
            replies_to: ids("in-reply-to")
                .into_iter()
                .chain(ids("references").into_iter().rev())
                .take(REFERENCES)
                .collect(),
            is_report: message.as_ref().is_some_and(bounce::is_report),
            failure,
            headers,
        }
    }

    /// Whether nobody is to be answered.
    pub(super) fn has_null_sender(&self) -> bool {
        has_null_sender(&self.headers)
    }
}

fn has_null_sender(headers: &Headers) -> bool {
    headers.all("return-path").any(|path| path.replace(' ', "") == "<>")
}

/// Fuzzing finds mails that the parser panics at: of those only the head is looked at.
fn parse(bytes: &[u8]) -> Option<Message<'_>> {
    let parser = MessageParser::default();
    catch_unwind(AssertUnwindSafe(|| parser.parse(bytes)))
        .or_else(|_| catch_unwind(AssertUnwindSafe(|| parser.parse_headers(bytes))))
        .unwrap_or(None)
}

/// Exactly one field with exactly one address (RFC 5322 allows more; a checker of signatures looks at the first, a parser
/// takes the last: so neither).
fn from(headers: &Headers, message: Option<&Message<'_>>) -> Result<EmailAddress, &'static str> {
    // The parser counts, too, what stands below more fields than are kept.
    let parsed = message
        .map_or(0, |message| message.headers().iter().filter(|field| field.name == HeaderName::From).count());
    match headers.all("from").count().max(parsed) {
        0 => return Err("no From"),
        1 => {}
        _ => return Err("several From"),
    }
    let Some(address) = message.and_then(Message::from) else { return Err("an unreadable From") };
    let Address::List(list) = address else { return Err("a group in From") };
    let [one] = list.as_slice() else { return Err("several addresses in From") };
    one.address
        .as_deref()
        .and_then(|address| EmailAddress::parse(address).ok())
        .ok_or("an unusable address in From")
}

/// From the fields in which a mail server or a sender notes whom it is for.
fn recipients(headers: &Headers) -> Vec<String> {
    ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc"]
        .iter()
        .flat_map(|name| headers.all(name))
        .flat_map(|value| value.split([',', ';']))
        .filter_map(|one| {
            let address = match one.rsplit_once('<') {
                Some((_, address)) => address.split('>').next().unwrap_or_default(),
                None => one,
            };
            let address = address.trim().to_lowercase();
            let fine =
                address.contains('@') && !address.contains(|c: char| c.is_whitespace() || c.is_control());
            fine.then_some(address)
        })
        .collect()
}

/// The plain text where there is any, else what the HTML says.
fn text(message: &Message<'_>, mail: &[u8], domain: Option<&str>) -> String {
    let read = |text: &str, part: &MessagePart<'_>| {
        let text = shortened(text);
        charset::is_unread(text)
            .then(|| charset::bytes_of(part, mail))
            .flatten()
            .map_or_else(|| text.to_owned(), |bytes| charset::read(&bytes[..bytes.len().min(TEXT)], domain))
    };
    let plain = message.text_bodies().find_map(|part| match &part.body {
        PartType::Text(text) if !text.trim().is_empty() => {
            let attribute = |name: &str| {
                part.content_type()
                    .and_then(|kind| kind.attribute(name))
                    .unwrap_or_default()
                    .to_ascii_lowercase()
            };
            let text = read(text, part);
            Some(if attribute("format") == "flowed" {
                own_text::unflowed(&text, attribute("delsp") == "yes")
            } else {
                text
            })
        }
        _ => None,
    });
    let written = plain.or_else(|| {
        message.html_bodies().find_map(|part| match &part.body {
            PartType::Html(text) => Some(own_words(&read(text, part))),
            _ => None,
        })
    });
    own_text::own_text(&written.unwrap_or_default())
}

fn shortened(text: &str) -> &str {
    let mut end = text.len().min(TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
