//! The answers to a request that was not refused, in words, for JSON.

use crate::domain::{EmailAddress, Mxid};

use super::look::Look;

/// The applicant's text of an accepted request, for JSON. `letters_wait`: the letter cannot go out at once.
pub fn accepted_message(look: &Look, mxid: &Mxid, email: &EmailAddress, letters_wait: bool) -> String {
    let (t, id) = (look.language, mxid.to_string());
    let (id, email) = (id.as_str(), email.as_typed());
    let way = match (letters_wait, look.has_link()) {
        (true, true) => format!("{} {}", t.link_queued(id, email), t.email_queued_what()),
        (true, false) => format!("{} {}", t.queued(id, email), t.email_queued_what()),
        (false, true) => t.link_on_its_way(id, email),
        (false, false) => t.on_its_way(id, email),
    };
    format!("{way} {}", t.email_from_with_subject(&look.sender(), &look.subject(mxid)))
}

/// For what a request waits that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// A person is to look at it.
    ForOperator,
    /// The day's accounts are given away: in this place of the queue.
    InQueue(u64),
    /// Its address is to be proved first.
    ForProof,
}

/// The applicant's text of a held request, for JSON.
pub fn held_message(look: &Look, mxid: &Mxid, email: &EmailAddress, waits: Waits) -> String {
    let (id, server, email) = (mxid.to_string(), mxid.server.as_str(), email.as_typed());
    match waits {
        Waits::ForOperator if look.has_link() => look.language.held_link(&*id, server, email),
        Waits::ForOperator => look.language.held(&*id, server, email),
        Waits::InQueue(place) => look.language.queued_for(&*id, &look.reset_time(), email, place),
        Waits::ForProof => look.language.prove_first(&*id, server, email),
    }
}
