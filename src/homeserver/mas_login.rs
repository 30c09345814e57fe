//! How the desk logs in at MAS: OAuth 2.0, client credentials (RFC 6749, section 4.4).
//!
//! MAS 1.22 compares what HTTP Basic carries as it is; the RFC (section 2.3.1) has both parts form-encoded first, as other
//! releases may. A client can also be told by POST alone (`client_auth_method: client_secret_post`).

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::config::MasAccess;
use crate::domain::Secret;
use crate::net::cleaned;
use crate::net::http::{Body, Method, Reply};

use super::kept::Asked;
use super::mas::{Mas, Place};
use super::{CallFault, Homeserver, escaped, left};

/// What the desk asks leave for.
const SCOPE: &str = "urn:mas:admin";

/// Before its end an access token is not used any more.
const MARGIN: Duration = Duration::from_secs(20);

/// So long an access token is believed to hold that does not say for how long; MAS's own hold five minutes.
const UNSAID_LIFE: u64 = 60;

/// Ways to say who one is, in the order in which they are tried.
#[derive(Debug, Clone, Copy)]
enum Way {
    Basic,
    EncodedBasic,
    Post,
}

impl Homeserver {
    /// The access token in force, or a new one.
    pub(super) fn bearer(&self, mas: &Mas, place: &Place, deadline: Instant) -> Result<Secret, CallFault> {
        let asked = mas.bearers.answer(&(), deadline, || match self.new_bearer(mas, place, deadline) {
            Ok((secret, life)) => Asked::Answer(Ok(secret), life),
            Err(fault) if Instant::now() >= deadline => Asked::RanOut(Err(fault)),
            Err(fault) => Asked::Answer(Err(fault), Duration::ZERO),
        });
        asked.unwrap_or_else(|| Err(CallFault(self.in_the_queue())))
    }

    /// A new one, and for how long it holds.
    fn new_bearer(
        &self,
        mas: &Mas,
        place: &Place,
        deadline: Instant,
    ) -> Result<(Secret, Duration), CallFault> {
        let secret = mas.access.client_secret.reveal();
        let is_plain = escaped(secret).to_string() == secret;
        let mut first = None;
        for way in [Some(Way::Basic), (!is_plain).then_some(Way::EncodedBasic), Some(Way::Post)]
            .into_iter()
            .flatten()
        {
            let reply = self.log_in(way, &mas.access, place, deadline)?;
            if reply.status == 429 || reply.status >= 500 {
                return Err(CallFault(format!("{} is not working: status {}", reply.at, reply.status)));
            }
            let json = reply.json().unwrap_or(Value::Null);
            let token = json.get("access_token").and_then(Value::as_str).filter(|_| reply.status == 200);
            if let Some(token) = token {
                let life = json.get("expires_in").and_then(Value::as_u64).unwrap_or(UNSAID_LIFE);
                let life = Duration::from_secs(life.min(24 * 3600)).saturating_sub(MARGIN);
                return Ok((Secret::new(token), life));
            }
            let why = json.get("error").and_then(Value::as_str).unwrap_or_default();
            let fault = refusal(&reply, why, &mas.access.client_id);
            // Whoever is known and not let in is not let in under another way of saying who it is either: what comes of
            // that hides the reason.
            if !matches!((reply.status, why), (400 | 401, "" | "invalid_client" | "invalid_request")) {
                return Err(fault);
            }
            first.get_or_insert(fault);
        }
        Err(first.unwrap_or_else(|| CallFault("nobody was asked".into())))
    }

    fn log_in(
        &self,
        way: Way,
        access: &MasAccess,
        place: &Place,
        deadline: Instant,
    ) -> Result<Reply, CallFault> {
        let MasAccess { client_id, client_secret, .. } = access;
        let encoded = Secret::new(escaped(client_secret.reveal()).to_string());
        let encoded_id = escaped(client_id).to_string();
        let mut fields = vec![("grant_type", "client_credentials"), ("scope", SCOPE)];
        let client = match way {
            Way::Basic => Some((client_id.as_str(), client_secret)),
            Way::EncodedBasic => Some((encoded_id.as_str(), &encoded)),
            Way::Post => {
                fields.extend([("client_id", client_id.as_str()), ("client_secret", client_secret.reveal())]);
                None
            }
        };
        let body = Body::Form { fields: &fields, client };
        self.http
            .send(Method::Post(body), &place.token_endpoint, None, left(deadline))
            .map_err(|fault| CallFault(fault.to_string()))
    }
}

fn refusal(reply: &Reply, why: &str, client_id: &str) -> CallFault {
    let (Reply { at, status, .. }, why) = (reply, cleaned(why));
    CallFault(if *status == 403 || matches!(why.as_str(), "invalid_scope" | "unauthorized_client") {
        format!(
            "{at} knows the client {client_id}, and does not let it administer registration tokens (status {status} {why}): \
             add it to MAS's configuration, policy: {{data: {{admin_clients: [{client_id}]}}}}, and restart MAS"
        )
    } else {
        format!(
            "{at} does not let the desk in as {client_id} (status {status} {why}): tokens.client_id and client_secret_file have \
             to be client_id and client_secret of an entry under clients in MAS's configuration (`mas-cli config sync` takes \
             it over)"
        )
    })
}
