//! The room, as the account sees it that the desk has there.
//!
//! Source: Matrix spec, client-server API (joining, sending, redactions, power levels); room version 12 for
//! creators, who have all power.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::config::NotifyRoom;
use crate::domain::Secret;
use crate::homeserver::{Homeserver, too_often};
use crate::net::cleaned;
use crate::net::http::{Body, Method, Reply};

use super::failing::Fault;

/// So long one question may take.
pub(super) const WITHIN: Duration = Duration::from_secs(15);

/// Who decides.
const POWER: i64 = 50;

/// The room in which requests are told of.
pub struct Room {
    pub(super) homeserver: Arc<Homeserver>,
    named: String,
    pub(super) access_token: Secret,
    entered: Mutex<Option<Arc<Entered>>>,
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").field("named", &self.named).finish_non_exhaustive()
    }
}

/// Who the desk is there, and where.
#[derive(Debug)]
pub struct Entered {
    /// The room's ID.
    pub id: String,
    /// The desk's account.
    pub me: String,
}

impl Room {
    /// As the settings name it.
    pub fn new(homeserver: Arc<Homeserver>, named: &NotifyRoom) -> Self {
        let (access_token, named) = (named.access_token.clone(), named.room.clone());
        Self { homeserver, named, access_token, entered: Mutex::default() }
    }

    /// Where the desk is in it, as far as was found out.
    pub(super) fn entered(&self) -> Option<Arc<Entered>> {
        self.entered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, entered: Option<Arc<Entered>>) {
        *self.entered.lock().unwrap_or_else(PoisonError::into_inner) = entered;
    }

    /// Whether the desk could tell something there: who it is, whether the room is there and it in it (or invited, if it is not
    /// to `join`), lets it write, and is not encrypted.
    pub fn look(&self, join: bool) -> Result<Entered, String> {
        self.find(join).map_err(|fault| fault.words)
    }

    fn find(&self, join: bool) -> Result<Entered, Fault> {
        let who = self.answered(Method::Get, "/_matrix/client/v3/account/whoami")?;
        let me = text(&who["user_id"]);
        let named = escaped(&self.named);
        let id = if self.named.starts_with('#') {
            let found = self.ask(Method::Get, &format!("/_matrix/client/v3/directory/room/{named}"))?;
            let found = whole(&found, &format!("there is no room {}", self.named))?;
            text(&found["room_id"])
        } else {
            self.named.clone()
        };
        let joined = self.answered(Method::Get, "/_matrix/client/v3/joined_rooms")?;
        if !joined["joined_rooms"].as_array().is_some_and(|rooms| rooms.iter().any(|room| *room == *id)) {
            let outside = format!(
                "{me} is not in the room {}: write `/invite {me}` there{}",
                self.named,
                if join {
                    ", and the desk enters by itself"
                } else {
                    "; a running desk then enters by itself"
                }
            );
            if !join {
                return Err(Fault::new(outside));
            }
            let path = format!("/_matrix/client/v3/join/{}", escaped(&id));
            whole(&self.ask(Method::Post(Body::Json(&json!({}))), &path)?, &outside)?;
        }
        let entered = Entered { id, me };
        if self.state(&entered, "m.room.encryption")?.is_some() {
            return Err(self.is_encrypted());
        }
        let levels = self.state(&entered, "m.room.power_levels")?.unwrap_or_default();
        let (needed, own) = (
            levels["events"]["m.room.message"].as_i64().or(levels["events_default"].as_i64()).unwrap_or(0),
            self.power_of(&entered, &levels, &entered.me)?,
        );
        if own < needed {
            return Err(Fault::new(format!(
                "{} may not write in the room {}: its power level is {own}, and {needed} is needed",
                entered.me, self.named
            )));
        }
        Ok(entered)
    }

    /// Goes in, if that is not done.
    pub(super) fn enter(&self) -> Result<Arc<Entered>, Fault> {
        if let Some(entered) = self.entered() {
            return Ok(entered);
        }
        self.find(true).map(Arc::new)
    }

    /// From now on something can be told there.
    pub(super) fn open(&self, entered: &Arc<Entered>) {
        self.set(Some(Arc::clone(entered)));
    }

    /// It is to be entered anew.
    pub(super) fn leave(&self) {
        self.set(None);
    }

    pub(super) fn is_encrypted(&self) -> Fault {
        Fault::new(format!(
            "the room {} is encrypted, and the desk reads and writes in plain text alone: make one without encryption (it cannot \
             be switched off again)",
            self.named
        ))
    }

    /// Sends this, once for each `key`. Returns the event's ID.
    pub(super) fn send(&self, entered: &Entered, key: &str, content: &Value) -> Result<String, Fault> {
        let path =
            format!("/_matrix/client/v3/rooms/{}/send/m.room.message/{}", escaped(&entered.id), escaped(key));
        self.put(&path, content)
    }

    /// Takes a message out of the room.
    pub(super) fn redact(&self, entered: &Entered, message: &str, key: &str) -> Result<(), Fault> {
        let path = format!(
            "/_matrix/client/v3/rooms/{}/redact/{}/{}",
            escaped(&entered.id),
            escaped(message),
            escaped(key)
        );
        self.put(&path, &json!({ "reason": "erased at the desk" })).map(drop)
    }

    fn put(&self, path: &str, content: &Value) -> Result<String, Fault> {
        let reply = self.ask(Method::Put(Body::Json(content)), path)?;
        if matches!(reply.status, 403 | 404) {
            // It was put out of the room, or the room is another one now.
            self.leave();
        }
        let refused = format!("the desk may not write in the room {}", self.named);
        let id = text(&whole(&reply, &refused)?["event_id"]);
        if id.is_empty() { Err(Fault::new(refused)) } else { Ok(id) }
    }

    /// One event. None: there is none that the desk can see.
    pub(super) fn event(&self, entered: &Entered, id: &str) -> Result<Option<Value>, Fault> {
        let path = format!("/_matrix/client/v3/rooms/{}/event/{}", escaped(&entered.id), escaped(id));
        let reply = self.ask(Method::Get, &path)?;
        if matches!(reply.status, 403 | 404) {
            return Ok(None);
        }
        whole(&reply, "an event of the room cannot be read").map(Some)
    }

    /// Whether this is a member who may decide.
    pub(super) fn may_decide(&self, entered: &Entered, who: &str) -> Result<bool, Fault> {
        let member = self.state(entered, &format!("m.room.member/{}", escaped(who)))?.unwrap_or_default();
        if member["membership"] != "join" {
            return Ok(false);
        }
        let levels = self.state(entered, "m.room.power_levels")?.unwrap_or_default();
        Ok(self.power_of(entered, &levels, who)? >= POWER)
    }

    fn power_of(&self, entered: &Entered, levels: &Value, who: &str) -> Result<i64, Fault> {
        // From version 12 on a room's ID is that of the event that made it.
        if let Some(made) = entered.id.strip_prefix('!').filter(|id| !id.contains(':')) {
            let made = self.event(entered, &format!("${made}"))?.unwrap_or_default();
            let creators = made["content"]["additional_creators"].as_array();
            if made["sender"] == who || creators.is_some_and(|all| all.iter().any(|one| one == who)) {
                return Ok(i64::MAX);
            }
        }
        Ok(levels["users"][who].as_i64().or(levels["users_default"].as_i64()).unwrap_or(0))
    }

    /// What holds in the room. None: nothing of the kind.
    fn state(&self, entered: &Entered, kind: &str) -> Result<Option<Value>, Fault> {
        let path = format!("/_matrix/client/v3/rooms/{}/state/{kind}", escaped(&entered.id));
        let reply = self.ask(Method::Get, &path)?;
        if reply.status == 404 {
            return Ok(None);
        }
        whole(&reply, &format!("the room {} cannot be looked at", self.named)).map(Some)
    }

    fn answered(&self, method: Method<'_>, path: &str) -> Result<Value, Fault> {
        whole(&self.ask(method, path)?, "the homeserver does not answer as one")
    }

    fn ask(&self, method: Method<'_>, path: &str) -> Result<Reply, Fault> {
        let reply = self.homeserver.call(method, path, Some(&self.access_token), WITHIN);
        self.checked(reply.map_err(|fault| Fault::new(fault.0))?)
    }

    pub(super) fn checked(&self, reply: Reply) -> Result<Reply, Fault> {
        match reply.status {
            401 => {
                self.leave();
                Err(Fault::new(format!(
                    "{} does not know the access token in notify.matrix.access_token_file: log in with the account of the desk \
                     again and put the new one there",
                    reply.at
                )))
            }
            429 => {
                let words = format!("{} gets too many requests (429)", reply.at);
                Err(Fault { wait: too_often(&reply), ..Fault::new(words) })
            }
            500.. => {
                Err(Fault::new(format!("{} is not working: it answers status {}", reply.at, reply.status)))
            }
            _ => Ok(reply),
        }
    }
}

/// What was asked for. Else, why not: in these words, and in the homeserver's.
pub(super) fn whole(reply: &Reply, otherwise: &str) -> Result<Value, Fault> {
    let json = reply.json().unwrap_or_default();
    if reply.status == 200 {
        return Ok(json);
    }
    let said = json["error"].as_str().unwrap_or_default();
    Err(Fault::new(format!("{otherwise} ({}: status {} {})", reply.at, reply.status, cleaned(said))))
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub(super) fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
