//! What is new in the room.
//!
//! Source: Matrix spec, client-server API (`/sync`, `/messages`, filtering).

use std::time::Duration;

use serde_json::{Value, json};

use crate::net::http::Reply;

use super::failing::Fault;
use super::room::{Entered, Room, WITHIN, escaped, text, whole};

/// So long the homeserver keeps the question open whether there is anything new.
const POLL: Duration = Duration::from_secs(25);

/// The longest answer that is read: so many of the longest events, and some more.
const MOST: u64 = 4 * 1024 * 1024;

/// So many events at once.
const EVENTS: u32 = 20;

/// So many pages of what was said while nobody listened.
const PAGES: usize = 100;

const SILENT: &str = "the homeserver does not say what is new in the room";

/// What is new.
pub(super) struct Heard {
    /// Oldest first.
    pub events: Vec<Value>,
    /// Up to where it goes.
    pub upto: String,
}

impl Room {
    /// What is new since then; waits for it some seconds. Without `since` nothing is: it begins now.
    pub(super) fn hear(&self, entered: &Entered, since: Option<&str>) -> Result<Heard, Fault> {
        let filter = json!({
            "presence": { "not_types": ["*"] },
            "account_data": { "not_types": ["*"] },
            "room": {
                "rooms": [entered.id],
                "state": { "not_types": ["*"] },
                "ephemeral": { "not_types": ["*"] },
                "account_data": { "not_types": ["*"] },
                "timeline": timeline(entered),
            },
        });
        let wait = if since.is_some() { POLL } else { Duration::ZERO };
        let mut path = format!(
            "/_matrix/client/v3/sync?timeout={}&filter={}",
            wait.as_millis(),
            escaped(&filter.to_string())
        );
        if let Some(since) = since {
            path.push_str(&format!("&since={}", escaped(since)));
        }
        let reply = self.read(&path, WITHIN + wait)?;
        if reply.status == 400 && since.is_some() {
            tracing::warn!(
                "the homeserver knows no more what the desk has heard in the room: it listens from now on"
            );
            return self.hear(entered, None);
        }
        let news = whole(&reply, SILENT)?;
        let upto = text(&news["next_batch"]);
        if upto.is_empty() {
            return Err(Fault::new(SILENT));
        }
        if news["rooms"]["leave"].get(&entered.id).is_some() {
            self.leave();
        }
        let room = &news["rooms"]["join"][&entered.id]["timeline"];
        let mut events: Vec<Value> = room["events"].as_array().cloned().unwrap_or_default();
        if let (Some(since), Some(true), Some(from)) =
            (since, room["limited"].as_bool(), room["prev_batch"].as_str())
        {
            let mut before = self.missed(entered, since, from)?;
            before.append(&mut events);
            events = before;
        }
        if since.is_none() {
            events.clear();
        }
        Ok(Heard { events, upto })
    }

    /// What was said between the two, oldest first.
    fn missed(&self, entered: &Entered, since: &str, from: &str) -> Result<Vec<Value>, Fault> {
        let (mut newest_first, mut from) = (Vec::new(), from.to_owned());
        for _ in 0..PAGES {
            let path = format!(
                "/_matrix/client/v3/rooms/{}/messages?dir=b&from={}&to={}&limit={EVENTS}&filter={}",
                escaped(&entered.id),
                escaped(&from),
                escaped(since),
                escaped(&timeline(entered).to_string())
            );
            let page = whole(&self.read(&path, WITHIN)?, SILENT)?;
            newest_first.extend(page["chunk"].as_array().into_iter().flatten().cloned());
            match page["end"].as_str() {
                Some(end) if end != from => end.clone_into(&mut from),
                _ => break,
            }
        }
        newest_first.reverse();
        Ok(newest_first)
    }

    /// Asks for what can be long.
    fn read(&self, path: &str, within: Duration) -> Result<Reply, Fault> {
        let reply = self.homeserver.call_for(path, Some(&self.access_token), within, MOST);
        self.checked(reply.map_err(|fault| Fault::new(fault.0))?)
    }
}

fn timeline(entered: &Entered) -> Value {
    json!({
        "types": ["m.reaction", "m.room.message", "m.room.encryption"],
        "not_senders": [entered.me],
        "limit": EVENTS,
    })
}
