//! The answers to a request that was not refused, in words, for JSON.

use crate::domain::{EmailAddress, Mxid};

use super::look::Look;

/// The applicant's text of an accepted request. `letters_wait`: the letter cannot go out at once.
pub fn accepted_message(look: &Look, mxid: &Mxid, email: &EmailAddress, letters_wait: bool) -> String {
    let (t, id) = (look.language, mxid.to_string());
    let way = if letters_wait {
        format!("{} {}", t.queued(id.as_str(), email.as_typed()), t.email_queued_what())
    } else {
        t.on_its_way(id.as_str(), email.as_typed())
    };
    format!("{way} {}", t.email_from_with_subject(&look.sender(), &look.subject(mxid)))
}

/// The applicant's text of a held request.
pub fn held_message(look: &Look, mxid: &Mxid, email: &EmailAddress) -> String {
    look.language.held(&*mxid.to_string(), mxid.server.as_str(), email.as_typed())
}
