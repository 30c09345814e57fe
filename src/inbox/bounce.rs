//! Reports of failed deliveries (RFC 3464): which of our letters they are about.

use mail_parser::{Message, MimeHeaders, PartType};

use crate::domain::{MessageId, printable};

use super::headers::Headers;

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

/// What a delivery report says has failed for good. A delay, or a success, is nothing.
pub(super) fn failure(message: &Message<'_>, raw: &[u8]) -> Option<Failure> {
    let status = message.parts.iter().find(|part| subtype(part) == "delivery-status")?;
    let body = raw.get(status.offset_body as usize..status.offset_end as usize)?;
    let text = String::from_utf8_lossy(body).into_owned();
    let field = |name: &str| {
        text.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    if !field("Action").is_some_and(|action| action.eq_ignore_ascii_case("failed")) {
        return None;
    }
    if field("Status").is_some_and(|status| !status.starts_with('5')) {
        return None;
    }
    let mut letters = Vec::new();
    for part in &message.parts {
        let returned = match (&part.body, subtype(part).as_str()) {
            (PartType::Message(_), _) | (_, "rfc822-headers" | "rfc822" | "global-headers") => {
                raw.get(part.offset_body as usize..part.offset_end as usize)
            }
            _ => None,
        };
        let Some(returned) = returned else { continue };
        let headers = Headers::read(returned);
        letters.extend(headers.all("message-id").filter_map(MessageId::parse));
    }
    let words = field("Diagnostic-Code").or_else(|| field("Status")).unwrap_or_default();
    (!letters.is_empty()).then(|| Failure { letters, words: printable(&words, 300) })
}

fn subtype(part: &mail_parser::MessagePart<'_>) -> String {
    part.content_type().and_then(|kind| kind.subtype()).unwrap_or_default().to_ascii_lowercase()
}
