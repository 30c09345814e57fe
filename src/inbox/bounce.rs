//! Reports of failed deliveries, RFC 3464 and of older makes: which of our letters they are about, and to whom.

use std::collections::HashSet;
use std::sync::LazyLock;

use mail_parser::{Message, MessagePart, MimeHeaders, PartType};
use regex::Regex;

use crate::domain::{BounceTag, MessageId, printable};

use super::headers::{Headers, without_comments};
use super::machines;

/// A report names one; more are looked up in vain.
const MOST_LETTERS: usize = 20;

/// Who reports failures in plain text.
const REPORTERS: &str = "mailer-daemon postmaster mailer_daemon mail-daemon maildaemon mdaemon mailerdaemon mail-delivery-subsystem system";

/// What stands in reports of mails that are not given up.
const DELAYED: &str = "will be retried|will keep trying|will continue to|still trying|has been delayed|delivery delayed|is delayed|being delayed|\
    not yet been delivered|not been delivered yet|warning message only|no action is required|do not need to resend|\
    delivery attempts will continue|temporarily deferred|wird weiterhin versucht|sera retent|se volverá a intentar";

static MESSAGE_ID: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?im)^[>|\s]*(?:x-|original-)*message-id\s*:[>|\s]*(<[^<>\s]+>)"));

static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,255}"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("{error}"))
}

/// A report that a letter could not be delivered, ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Whose bounces come to the address that it was sent to.
    pub tags: Vec<BounceTag>,
    /// Of the letters that the report carries.
    pub letters: Vec<MessageId>,
    /// To whom they could not be delivered, in lower case, as far as it says.
    pub recipients: Vec<String>,
    /// What the mail server said.
    pub words: String,
}

/// Whether this is a report of any kind, by its type or a part's.
pub(super) fn is_report(message: &Message<'_>) -> bool {
    message.parts.iter().any(|part| {
        part.content_type().is_some_and(|kind| {
            let subtype = kind.subtype().unwrap_or_default().to_ascii_lowercase();
            match kind.ctype().to_ascii_lowercase().as_str() {
                "multipart" => subtype == "report",
                "message" => ["delivery-status", "disposition-notification", "feedback-report"]
                    .contains(&subtype.as_str()),
                _ => false,
            }
        })
    })
}

/// What a delivery report says has failed for good. A delay, or a success, is nothing. `Action` alone tells: what was given
/// up after days of a fault that might have passed keeps that fault's 4.x.x as its status (RFC 3464, section 2.3.3).
pub(super) fn failure(
    message: &Message<'_>,
    headers: &Headers,
    tags: Vec<BounceTag>,
    raw: &[u8],
) -> Option<Failure> {
    let status = message.parts.iter().find(|part| subtype(part) == "delivery-status");
    let (words, mut recipients) = match status {
        Some(status) => failed_recipient(&content(status, raw))?,
        None if is_report(message) => return None,
        None => in_plain_text(message, headers)?,
    };
    let mut letters: Vec<MessageId> = Vec::new();
    for part in &message.parts {
        if matches!(part.body, PartType::Message(_))
            || ["rfc822-headers", "rfc822", "global", "global-headers"].contains(&subtype(part).as_str())
        {
            let returned = Headers::read(content(part, raw).as_bytes());
            letters.extend(returned.all("message-id").filter_map(MessageId::parse));
        }
    }
    // Some send nothing back, and are threaded.
    for field in ["in-reply-to", "references", "original-message-id", "x-original-message-id"] {
        letters.extend(headers.all(field).flat_map(str::split_whitespace).filter_map(MessageId::parse));
    }
    // Others write into their text what they send back.
    if letters.is_empty() {
        for text in texts(message) {
            letters.extend(MESSAGE_ID.captures_iter(&text).filter_map(|id| MessageId::parse(&id[1])));
        }
    }
    distinct(&mut letters);
    distinct(&mut recipients);
    let is_ours = !letters.is_empty() || !tags.is_empty();
    is_ours.then(|| Failure { tags, letters, recipients, words: printable(&words, 300) })
}

fn distinct<T: Clone + Eq + std::hash::Hash>(all: &mut Vec<T>) {
    let mut seen = HashSet::new();
    all.retain(|one| seen.insert(one.clone()));
    all.truncate(MOST_LETTERS);
}

/// What the mail server said of the first recipient that failed, and all that did: a block of fields for each.
fn failed_recipient(status: &str) -> Option<(String, Vec<String>)> {
    let status = status.replace("\r\n", "\n");
    let failed: Vec<Headers> = status
        .split("\n\n")
        .map(|block| Headers::read(block.trim_start().as_bytes()))
        .filter(|block| {
            block
                .first("action")
                .is_some_and(|action| without_comments(action).trim().eq_ignore_ascii_case("failed"))
        })
        .collect();
    let first = failed.first()?;
    let words = first.first("diagnostic-code").or(first.first("status")).unwrap_or_default().to_owned();
    let named = failed.iter().flat_map(|block| {
        ["final-recipient", "original-recipient"].into_iter().flat_map(|field| block.all(field))
    });
    // `rfc822; a@example.org`, the address in angle brackets or not. One without its @ is encoded (RFC 3461, section 4).
    let decoded = |field: &str| field.replace("+40", "@").replace("+2B", "+");
    let found = |field: &str| ADDRESS.find(field).map(|found| found.as_str().to_lowercase());
    let address = |field: &str| found(field).or_else(|| found(&decoded(field)));
    Some((words, named.filter_map(address).collect()))
}

/// A report of an older make: qmail, Yahoo, Exim, Exchange 2003, Amazon's.
fn in_plain_text(message: &Message<'_>, headers: &Headers) -> Option<(String, Vec<String>)> {
    let named = headers.all("x-failed-recipients").flat_map(|field| ADDRESS.find_iter(field));
    let mut recipients: Vec<String> = named.map(|found| found.as_str().to_lowercase()).collect();
    let from = message.from().and_then(|from| from.first()).and_then(|from| from.address());
    let local =
        from.and_then(|from| from.rsplit_once('@')).map_or("", |(local, _)| local).to_ascii_lowercase();
    let subject = message.subject().unwrap_or_default();
    let by_reporter = REPORTERS.split_whitespace().any(|name| name == local);
    let by_exim = !recipients.is_empty();
    if !(by_exim || by_reporter || machines::is_report_of_failure(subject)) || machines::is_automatic(subject)
    {
        return None;
    }
    let text = texts(message).collect::<Vec<_>>().join("\n");
    let told = format!("{subject}\n{text}").to_lowercase();
    if DELAYED.split('|').any(|word| told.contains(word)) {
        return None;
    }
    if recipients.is_empty() {
        recipients = ADDRESS.find_iter(&text).map(|found| found.as_str().to_lowercase()).collect();
    }
    Some((said(&text).unwrap_or("not delivered").to_owned(), recipients))
}

/// The line in which the mail server says why, by its code.
fn said(text: &str) -> Option<&str> {
    static CODE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b5\d\d[ -#]|\b5\.\d{1,3}\.\d{1,3}\b"));
    text.lines().map(str::trim).find(|line| CODE.is_match(line))
}

/// All that is to be read, the returned mail included.
fn texts(message: &Message<'_>) -> impl Iterator<Item = String> {
    message.parts.iter().filter_map(|part| match &part.body {
        PartType::Text(text) => Some(text.replace("\r\n", "\n")),
        PartType::Html(html) => Some(crate::html::to_text(html)),
        PartType::Message(inner) => Some(String::from_utf8_lossy(inner.raw_message()).replace("\r\n", "\n")),
        PartType::Binary(_) | PartType::InlineBinary(_) | PartType::Multipart(_) => None,
    })
}

/// Decoded where the parser has done it.
fn content(part: &MessagePart<'_>, raw: &[u8]) -> String {
    let body = match &part.body {
        PartType::Text(text) => return text.clone().into_owned(),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes.as_ref(),
        _ => raw.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default(),
    };
    String::from_utf8_lossy(body).into_owned()
}

fn subtype(part: &MessagePart<'_>) -> String {
    part.content_type().and_then(|kind| kind.subtype()).unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_is_read_as_it_stands_and_decoded_only_where_it_is_encoded() {
        for (field, expected) in [
            ("rfc822; ann+404@example.org", "ann+404@example.org"),
            ("rfc822;<Ann+40@Example.org>", "ann+40@example.org"),
            ("rfc822;ann+40example.org", "ann@example.org"),
            ("rfc822;ann+2B40+40example.org", "ann+40@example.org"),
        ] {
            let block = format!("Final-Recipient: {field}\nAction: failed\nStatus: 5.1.1\n");
            let (_, recipients) = failed_recipient(&block).unwrap();
            assert_eq!(recipients, [expected], "{field}");
        }
    }
}
