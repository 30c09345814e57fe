//! The conversation in the admin room: a command is a message, its reply another one, by the homeserver's own user.
//!
//! Others talk there too. What counts is a message of just that user that says itself to be the reply to just our
//! message, or what that user has made of it since by an edit.
//!
//! Source: Matrix spec, client-server API (sending events, `/context`, `/messages`, event relationships); continuwuity's and
//! tuwunel's `src/service/admin`.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::backoff::Backoff;
use crate::clock::Clock;
use crate::domain::Secret;
use crate::homeserver::Homeserver;
use crate::net::cleaned;
use crate::net::http::{Body, Method, Reply};

use super::super::api::ApiFault;

/// Pauses between two looks for a reply: the first, the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

/// So many messages are read at once; then, since very long ones may stand among them, so few.
const AT_ONCE: [u32; 2] = [20, 2];

/// So many pages behind our message are looked through: the reply comes at once, or late in a room that is quiet meanwhile.
const PAGES: usize = 5;

/// What takes the place of a command that was perhaps said: if it was not, it is no command.
pub(super) const NEVER_MIND: &str = "doorman needs this token no more.";

/// The admin room, as a member sees it.
pub(super) struct Conversation {
    homeserver: Arc<Homeserver>,
    access_token: Secret,
    clock: Arc<dyn Clock>,
    /// Its ID, once it was found and joined.
    room: Option<String>,
    /// Since when this process waits for replies, by the transactions of our messages.
    waits: HashMap<String, Instant>,
}

impl fmt::Debug for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversation").field("room", &self.room).finish_non_exhaustive()
    }
}

/// What stands in the room.
#[derive(Debug)]
pub(super) struct Heard {
    /// Our message: the first one, where this transaction was there before.
    pub(super) asked: String,
    /// How old it is at least: as the homeserver says, if it does, or as long as this process waits for a reply. Its time of
    /// sending would be compared with another machine's clock.
    pub(super) age: Duration,
    /// What was replied to it, oldest first.
    pub(super) replies: Vec<String>,
}

impl Heard {
    /// The first reply that means something.
    pub(super) fn first<T>(&self, meaning: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.replies.iter().find_map(|reply| meaning(reply))
    }
}

impl Conversation {
    pub(super) fn new(homeserver: Arc<Homeserver>, access_token: Secret, clock: Arc<dyn Clock>) -> Self {
        Self { homeserver, access_token, clock, room: None, waits: HashMap::new() }
    }

    /// Sees to it that the room is there, and the desk in it.
    pub(super) fn enter(&mut self, deadline: Instant) -> Result<String, ApiFault> {
        if let Some(room) = &self.room {
            return Ok(room.clone());
        }
        let alias = format!("#admins:{}", self.homeserver.server_name());
        let found = self.ask(
            Method::Get,
            &format!("/_matrix/client/v3/directory/room/{}", escaped(&alias)),
            deadline,
        )?;
        let room = found.json().ok().filter(|_| found.status == 200);
        let Some(room) = room.as_ref().and_then(|room| room["room_id"].as_str()) else {
            return Err(ApiFault::new(format!(
                "{} has no room {alias} (status {}): is it continuwuity or tuwunel, and does base_url lead to it?",
                found.at, found.status
            )));
        };
        // Who is in it already is let in once more.
        let join = Method::Post(Body::Json(&json!({})));
        let joined = self.ask(join, &format!("/_matrix/client/v3/join/{}", escaped(room)), deadline)?;
        // Where this is not served, whether the desk is in it is seen when it speaks.
        if joined.status != 200 && !is_unserved(&joined) {
            return Err(ApiFault::new(format!(
                "the account of tokens.access_token_file is not in the admin room {alias}, and {} does not let it in \
                 (status {}): write `/invite` and its name there; the desk then enters by itself",
                joined.at, joined.status
            )));
        }
        self.room = Some(room.to_owned());
        Ok(room.to_owned())
    }

    /// Says this, unless this transaction has said something before, and waits until somebody replies so that it `decides`,
    /// as long as there is time, our message is younger than `patience`, and it is none that nobody replies to.
    pub(super) fn converse(
        &mut self,
        transaction: &str,
        words: &str,
        patience: Duration,
        deadline: Instant,
        decides: &dyn Fn(&str) -> bool,
    ) -> Result<Heard, ApiFault> {
        let since = *self.waits.entry(transaction.to_owned()).or_insert_with(|| self.clock.monotonic());
        let event = self.say(transaction, words, deadline)?;
        let mut pauses = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        loop {
            let pause = pauses.next_pause();
            let mut heard = self.look(&event, deadline, decides);
            if let Ok(heard) = &mut heard {
                heard.age = heard.age.max(self.clock.monotonic().duration_since(since));
            }
            let is_over = Instant::now() + pause >= deadline;
            match heard {
                Ok(heard)
                    if heard.replies.iter().any(|reply| decides(reply))
                        || heard.age >= patience
                        || heard.asked == NEVER_MIND =>
                {
                    return Ok(heard);
                }
                heard if is_over => return heard,
                _ => std::thread::park_timeout(pause),
            }
        }
    }

    /// Nobody comes back to this transaction.
    pub(super) fn forget(&mut self, transaction: &str) {
        self.waits.remove(transaction);
    }

    /// The ID of our message.
    fn say(&mut self, transaction: &str, words: &str, deadline: Instant) -> Result<String, ApiFault> {
        let message = json!({"msgtype": "m.text", "body": words});
        let mut said = self.put(transaction, &message, deadline)?;
        if matches!(said.status, 403 | 404) {
            // It was put out of the room, or the room is another one now.
            self.room = None;
            said = self.put(transaction, &message, deadline)?;
        }
        let event = said.json().ok().filter(|_| said.status == 200);
        event.as_ref().and_then(|event| event["event_id"].as_str()).map(ToOwned::to_owned).ok_or_else(|| {
            ApiFault::new(cleaned(&format!(
                "{} does not let the desk write in the admin room (status {}): {}",
                said.at,
                said.status,
                said.json().unwrap_or_default()["error"].as_str().unwrap_or_default()
            )))
        })
    }

    fn put(&mut self, transaction: &str, message: &Value, deadline: Instant) -> Result<Reply, ApiFault> {
        let room = self.enter(deadline)?;
        let path = format!(
            "/_matrix/client/v3/rooms/{}/send/m.room.message/{}",
            escaped(&room),
            escaped(transaction)
        );
        self.ask(Method::Put(Body::Json(message)), &path, deadline)
    }

    fn look(
        &self,
        event: &str,
        deadline: Instant,
        decides: &dyn Fn(&str) -> bool,
    ) -> Result<Heard, ApiFault> {
        let [many, few] = AT_ONCE;
        self.look_by(many, event, deadline, decides).or_else(|_| self.look_by(few, event, deadline, decides))
    }

    /// Reads on from our message, so many messages at once.
    fn look_by(
        &self,
        at_once: u32,
        event: &str,
        deadline: Instant,
        decides: &dyn Fn(&str) -> bool,
    ) -> Result<Heard, ApiFault> {
        let server_user = format!("@conduit:{}", self.homeserver.server_name());
        let room = escaped(self.room.as_deref().unwrap_or_default());
        let filter =
            json!({"types": ["m.room.message"], "senders": [server_user], "lazy_load_members": true});
        let query = format!("limit={at_once}&filter={}", escaped(&filter.to_string()));
        let path = format!("/_matrix/client/v3/rooms/{room}/context/{}?{query}", escaped(event));
        let mut thread = Thread { server_user: &server_user, event, replies: Vec::new() };
        let around = self.ask(Method::Get, &path, deadline)?;
        if is_unserved(&around) {
            return self.look_back(&room, thread, deadline);
        }
        let mut page = shown(&around)?;
        let (asked, age) = told_of(&page["event"]);
        thread.read(page["events_after"].as_array().into_iter().flatten());
        for _ in 0..PAGES {
            let Some(end) = page["end"].as_str().map(escaped) else { break };
            if thread.replies.iter().any(|(_, reply)| decides(reply)) {
                break;
            }
            page = self.page(
                &format!("/_matrix/client/v3/rooms/{room}/messages?dir=f&from={end}&{query}"),
                deadline,
            )?;
            thread.read(page["chunk"].as_array().into_iter().flatten());
        }
        Ok(thread.heard(asked, age))
    }

    /// Reads back from what was said last to our message: for where `/context` is not served.
    fn look_back(&self, room: &str, mut thread: Thread<'_>, deadline: Instant) -> Result<Heard, ApiFault> {
        let [at_once, _] = AT_ONCE;
        let path = format!("/_matrix/client/v3/rooms/{room}/messages?dir=b&limit={at_once}");
        let mut newest_first: Vec<Value> = Vec::new();
        let mut from = String::new();
        for _ in 0..PAGES {
            let mut page = self.page(&format!("{path}{from}"), deadline)?;
            let Value::Array(chunk) = page["chunk"].take() else { break };
            let is_end = chunk.is_empty() || chunk.iter().any(|event| event["event_id"] == thread.event);
            newest_first.extend(chunk);
            match page["end"].as_str() {
                Some(end) if !is_end => from = format!("&from={}", escaped(end)),
                _ => break,
            }
        }
        thread.read(newest_first.iter().rev());
        let ours = newest_first.iter().find(|event| event["event_id"] == thread.event);
        let (asked, age) = ours.map(told_of).unwrap_or_default();
        Ok(thread.heard(asked, age))
    }

    fn page(&self, path: &str, deadline: Instant) -> Result<Value, ApiFault> {
        shown(&self.ask(Method::Get, path, deadline)?)
    }

    fn ask(&self, method: Method<'_>, path: &str, deadline: Instant) -> Result<Reply, ApiFault> {
        let left = deadline.saturating_duration_since(Instant::now());
        let reply = self.homeserver.call(method, path, Some(&self.access_token), left)?;
        let fault = |what: &str| Err(ApiFault::new(format!("{} {what}", reply.at)));
        match reply.status {
            401 => fault(
                "does not know the access token in tokens.access_token_file: log in with the desk's account again and put \
                 the new one there",
            ),
            429 => fault("gets too many requests (429)"),
            500.. => fault(&format!("is not working: it answers status {}", reply.status)),
            _ => Ok(reply),
        }
    }
}

/// Whether it is the question that the homeserver does not know, and not what was asked for.
fn is_unserved(reply: &Reply) -> bool {
    let code = reply.json().ok().and_then(|json| json["errcode"].as_str().map(ToOwned::to_owned));
    matches!(reply.status, 404 | 405) && code.is_none_or(|code| code == "M_UNRECOGNIZED")
}

fn shown(reply: &Reply) -> Result<Value, ApiFault> {
    let page = reply.json().ok().filter(|page| reply.status == 200 && page.is_object());
    page.ok_or_else(|| {
        ApiFault::new(format!(
            "{} does not show the desk what is said in the admin room (status {})",
            reply.at, reply.status
        ))
    })
}

/// What our message says, and how old it is.
fn told_of(event: &Value) -> (String, Duration) {
    let age = Duration::from_millis(event["unsigned"]["age"].as_u64().unwrap_or(0));
    (event["content"]["body"].as_str().unwrap_or_default().to_owned(), age)
}

/// What belongs to our message, of all that is said.
struct Thread<'a> {
    server_user: &'a str,
    event: &'a str,
    /// By the IDs of their messages.
    replies: Vec<(String, String)>,
}

impl Thread<'_> {
    fn heard(self, asked: String, age: Duration) -> Heard {
        Heard { asked, age, replies: self.replies.into_iter().map(|(_, reply)| reply).collect() }
    }

    fn read<'e>(&mut self, events: impl Iterator<Item = &'e Value>) {
        for event in events {
            if event["sender"] == self.server_user && event["type"] == "m.room.message" {
                self.read_one(event);
            }
        }
    }

    fn read_one(&mut self, event: &Value) {
        let (content, relates) = (&event["content"], &event["content"]["m.relates_to"]);
        let relates_to = relates["event_id"].as_str();
        if relates["rel_type"] == "m.replace" {
            let edited = self.replies.iter_mut().find(|(id, _)| Some(id.as_str()) == relates_to);
            if let (Some((_, body)), Some(words)) = (edited, words(&content["m.new_content"])) {
                *body = words;
            }
            return;
        }
        // tuwunel can be configured to reply in threads.
        let is_reply = relates["m.in_reply_to"]["event_id"] == self.event
            || (relates["rel_type"] == "m.thread" && relates_to == Some(self.event));
        if let (true, Some(id), Some(words)) = (is_reply, event["event_id"].as_str(), words(content)) {
            self.replies.push((id.to_owned(), words));
        }
    }
}

/// The text of a message. What comes as a file is a reply without words.
fn words(content: &Value) -> Option<String> {
    match content["msgtype"].as_str()? {
        "m.notice" | "m.text" => content["body"].as_str().map(ToOwned::to_owned),
        "m.file" => Some(String::new()),
        _ => None,
    }
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
