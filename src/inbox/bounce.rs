//! Reports of failed deliveries (RFC 3464): which of our letters they are about.

use std::collections::HashSet;

use mail_parser::{Message, MimeHeaders, PartType};

use crate::domain::{MessageId, printable};

use super::headers::{Headers, without_comments};

/// A report names one; more are looked up in vain.
const MOST_LETTERS: usize = 20;

/// A report that a letter could not be delivered, ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Of the letters that the report carries.
    pub letters: Vec<MessageId>,
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
pub(super) fn failure(message: &Message<'_>, headers: &Headers, raw: &[u8]) -> Option<Failure> {
    let words = match message.parts.iter().find(|part| subtype(part) == "delivery-status") {
        Some(status) => failed_recipient(&content(status, raw))?,
        // Exim's older reports are plain text, and name whom they are about in the head.
        None if headers.has("x-failed-recipients") => "not delivered".to_owned(),
        None => return None,
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
        for part in &message.parts {
            let PartType::Text(text) = &part.body else { continue };
            let fields = text.lines().filter_map(|line| line.trim_start_matches([' ', '>']).split_once(':'));
            let ids = fields.filter(|(name, _)| name.eq_ignore_ascii_case("message-id"));
            letters.extend(ids.filter_map(|(_, id)| MessageId::parse(id.trim())));
        }
    }
    let mut named = HashSet::new();
    letters.retain(|id| named.insert(id.clone()));
    letters.truncate(MOST_LETTERS);
    (!letters.is_empty()).then(|| Failure { letters, words: printable(&words, 300) })
}

/// What the mail server said of the first recipient that failed: a block of fields for each.
fn failed_recipient(status: &str) -> Option<String> {
    let status = status.replace("\r\n", "\n");
    let headers = status.split("\n\n").map(|block| Headers::read(block.trim_start().as_bytes()));
    let failed = headers.into_iter().find(|block| {
        block
            .first("action")
            .is_some_and(|action| without_comments(action).trim().eq_ignore_ascii_case("failed"))
    })?;
    Some(failed.first("diagnostic-code").or(failed.first("status")).unwrap_or_default().to_owned())
}

/// Decoded where the parser has done it.
fn content(part: &mail_parser::MessagePart<'_>, raw: &[u8]) -> String {
    let body = match &part.body {
        PartType::Text(text) => return text.clone().into_owned(),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes.as_ref(),
        _ => raw.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default(),
    };
    String::from_utf8_lossy(body).into_owned()
}

fn subtype(part: &mail_parser::MessagePart<'_>) -> String {
    part.content_type().and_then(|kind| kind.subtype()).unwrap_or_default().to_ascii_lowercase()
}
