//! The admin API of the Matrix Authentication Service, 0.17 or later.
//!
//! Source: MAS's `OpenAPI` description. It knows a token by an ID of its own and
//! deletes none: what is to end is revoked.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::config::BackendKind;
use crate::domain::RegistrationToken;
use crate::homeserver::{Homeserver, MAS_TOKENS};
use crate::net::cleaned;
use crate::net::http::{Body, Method, Reply};

use super::api::{ApiFault, BUDGET, Found, Known, Made, Order, TokenApi};

/// As many as are read at once where one has to be looked for.
const PAGE: usize = 100;

/// So many pages are looked through: tokens of this desk are among the newest.
const PAGES: usize = 50;

/// The admin API, asked in the desk's own name.
#[derive(Debug)]
pub(super) struct MasApi {
    homeserver: Arc<Homeserver>,
}

impl MasApi {
    pub(super) fn new(homeserver: Arc<Homeserver>) -> Self {
        Self { homeserver }
    }

    fn ask(&self, method: Method<'_>, path: &str) -> Result<Reply, ApiFault> {
        let reply = self.homeserver.call_mas(method, &format!("{MAS_TOKENS}{path}"), BUDGET)?;
        match reply.status {
            401 | 403 => Err(ApiFault::silence(format!(
                "{} does not let the desk administer registration tokens (status {}): name its client in MAS's \
                 policy.data.admin_clients",
                reply.at, reply.status
            ))),
            429 => Err(ApiFault::silence(format!("{} gets too many requests (429)", reply.at))),
            status @ 500.. => Err(ApiFault::new(format!("{} is not working: status {status}", reply.at))),
            _ => Ok(reply),
        }
    }

    /// The newest come last, and pages can be read from the end.
    fn id_of(&self, token: &RegistrationToken) -> Result<Option<(String, Value)>, ApiFault> {
        let mut before = String::new();
        for _ in 0..PAGES {
            let reply = self.ask(Method::Get, &format!("?page%5Blast%5D={PAGE}{before}"))?;
            let json = understood(&reply)?;
            let Some(all) = json.get("data").and_then(Value::as_array) else {
                return Err(not_understood(&reply));
            };
            let own = all.iter().find(|one| one["attributes"]["token"] == token.reveal());
            if let Some((id, one)) = own.and_then(|one| Some((one.get("id")?.as_str()?, one))) {
                return Ok(Some((id.to_owned(), one["attributes"].clone())));
            }
            let first = all.first().and_then(|one| one.get("id")).and_then(Value::as_str);
            match first {
                Some(first) if all.len() >= PAGE => before = format!("&page%5Bbefore%5D={}", escaped(first)),
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    fn known(&self, token: &Known<'_>) -> Result<Option<(String, Value)>, ApiFault> {
        let Some(id) = token.remote_id else { return self.id_of(token.token) };
        let reply = self.ask(Method::Get, &format!("/{}", escaped(id)))?;
        match reply.status {
            404 => Ok(None),
            _ => Ok(Some((id.to_owned(), understood(&reply)?["data"]["attributes"].clone()))),
        }
    }
}

fn understood(reply: &Reply) -> Result<Value, ApiFault> {
    let json = reply.json().ok().filter(|_| (200..300).contains(&reply.status));
    json.ok_or_else(|| not_understood(reply))
}

fn not_understood(reply: &Reply) -> ApiFault {
    let json = reply.json().unwrap_or(Value::Null);
    let why = json["errors"][0]["title"].as_str().unwrap_or_default();
    ApiFault::new(cleaned(&match reply.status {
        404 => format!(
            "{} has no API for registration tokens (status 404): the listener that tokens.mas_url leads to needs the \
             resource adminapi, and MAS be 0.17 or later",
            reply.at
        ),
        status => format!("{} answers something that is not understood (status {status}): {why}", reply.at),
    }))
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

impl TokenApi for MasApi {
    fn kind(&self) -> BackendKind {
        BackendKind::Mas
    }

    fn takes_any_token(&self) -> bool {
        true
    }

    fn make(&self, order: &Order<'_>) -> Result<Made, ApiFault> {
        let made = |id: &str| Made { token: order.token.clone(), remote_id: Some(id.to_owned()) };
        let limits = json!({
            "usage_limit": order.uses_allowed,
            "expires_at": order.ends_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        });
        let mut new = limits.clone();
        new["token"] = order.token.reveal().into();
        let reply = self.ask(Method::Post(Body::Json(&new)), "")?;
        if reply.status != 409 {
            let json = understood(&reply)?;
            return json["data"]["id"].as_str().map(made).ok_or_else(|| not_understood(&reply));
        }
        // It is there already: an earlier try came that far, or somebody else made it.
        let Some((id, attributes)) = self.id_of(order.token)? else {
            return Err(ApiFault::new("the homeserver has the token already, and does not show it"));
        };
        if !attributes["revoked_at"].is_null() {
            understood(
                &self.ask(Method::Post(Body::Json(&json!({}))), &format!("/{}/unrevoke", escaped(&id)))?,
            )?;
        }
        understood(&self.ask(Method::Put(Body::Json(&limits)), &format!("/{}", escaped(&id)))?)?;
        Ok(made(&id))
    }

    fn look(&self, token: &Known<'_>, _now: DateTime<Utc>) -> Result<Option<Found>, ApiFault> {
        let Some((_, attributes)) = self.known(token)? else { return Ok(None) };
        Ok(Some(Found {
            opens: attributes["valid"].as_bool().unwrap_or(false),
            uses: attributes["times_used"].as_u64().and_then(|uses| u32::try_from(uses).ok()),
        }))
    }

    fn withdraw(&self, token: &Known<'_>) -> Result<(), ApiFault> {
        let Some((id, attributes)) = self.known(token)? else { return Ok(()) };
        if !attributes["revoked_at"].is_null() {
            return Ok(());
        }
        let reply = self.ask(Method::Post(Body::Json(&json!({}))), &format!("/{}/revoke", escaped(&id)))?;
        // 400: somebody was faster.
        if matches!(reply.status, 400 | 404) { Ok(()) } else { understood(&reply).map(drop) }
    }

    fn try_out(&self) -> Result<(), ApiFault> {
        understood(&self.ask(Method::Get, "?page%5Bfirst%5D=1")?).map(drop)
    }
}
