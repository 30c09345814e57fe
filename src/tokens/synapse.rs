//! The admin API of Synapse, which tuwunel serves too from 1.8.1 on.
//!
//! Source: Synapse's documentation, "Registration Tokens"; tuwunel's `src/service/registration_tokens`. Where a token stands
//! in its configuration or its token file tuwunel cannot change it: it answers 403, and up to 1.8.3 500 to whoever deletes
//! it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::config::BackendKind;
use crate::domain::{RegistrationToken, Secret};
use crate::homeserver::Homeserver;
use crate::net::cleaned;
use crate::net::http::{Body, Method, Reply};

use super::api::{ApiFault, BUDGET, Found, Known, Made, Order, TokenApi};

const TOKENS: &str = "/_synapse/admin/v1/registration_tokens";

/// The admin API, asked in a server administrator's name.
#[derive(Debug)]
pub(super) struct SynapseApi {
    homeserver: Arc<Homeserver>,
    access_token: Secret,
}

/// An answer that is not a fault.
enum Said {
    /// 200.
    Yes(Value),
    /// 400: Synapse says so of bad input as of a token that is there already.
    No(String),
    /// 403 of one who is let in, or 500: tuwunel, of what stands in a file.
    NotOurs,
    /// 404 of one who knows the question.
    Unknown,
}

impl SynapseApi {
    pub(super) fn new(homeserver: Arc<Homeserver>, access_token: Secret) -> Self {
        Self { homeserver, access_token }
    }

    fn ask(&self, method: Method<'_>, path: &str) -> Result<Said, ApiFault> {
        let reply =
            self.homeserver.call(method, &format!("{TOKENS}{path}"), Some(&self.access_token), BUDGET)?;
        said(&reply)
    }
}

fn said(reply: &Reply) -> Result<Said, ApiFault> {
    let json = reply.json().unwrap_or(Value::Null);
    let text = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or_default();
    let (code, error) = (text("errcode"), text("error"));
    let fault = |words: String| Err(ApiFault::new(cleaned(&words)));
    let shut_out = |words: String| Err(ApiFault::silence(cleaned(&words)));
    let at = &reply.at;
    match (reply.status, code) {
        (200, _) => Ok(Said::Yes(json)),
        (400, _) => Ok(Said::No(cleaned(&format!("{code}: {error}")))),
        (401, _) => shut_out(format!(
            "{at} does not know the access token in tokens.access_token_file ({code}): log in as a server administrator \
             again and put the new one there"
        )),
        (403, "M_FORBIDDEN") if error.contains("server admin") || error.contains("administrator") => {
            shut_out(format!(
                "the access token in tokens.access_token_file is not one of a server administrator of {at}: {error}"
            ))
        }
        (403, "M_FORBIDDEN") => Ok(Said::NotOurs),
        (500, "M_UNKNOWN") if error.contains("cannot be revoked") => Ok(Said::NotOurs),
        (404, "M_NOT_FOUND") => Ok(Said::Unknown),
        (404 | 405, _) => shut_out(format!(
            "{at} has no API for registration tokens (status {}): is it Synapse or tuwunel 1.8.1 or later, and does \
             base_url lead to it directly, past a web server that keeps /_synapse/admin from the outside?",
            reply.status
        )),
        (429, _) => Err(ApiFault::silence(format!("{at} gets too many requests (429)"))),
        (status, _) => fault(format!("{at} is not working: it answers status {status} {code}")),
    }
}

fn path(token: &RegistrationToken) -> String {
    // Its alphabet needs no escaping.
    format!("/{}", token.reveal())
}

impl TokenApi for SynapseApi {
    fn kind(&self) -> BackendKind {
        BackendKind::Synapse
    }

    fn takes_any_token(&self) -> bool {
        true
    }

    fn forgets_withdrawn(&self) -> bool {
        true
    }

    fn leisure(&self) -> TimeDelta {
        // Synapse makes the account of whoever has given a token that is deleted before the last stage, and answers 404.
        TimeDelta::minutes(5)
    }

    fn make(&self, order: &Order<'_>) -> Result<Made, ApiFault> {
        let made = Made { token: order.token.clone(), remote_id: None };
        // `uses_allowed: 0` would be no limit at all.
        let limits =
            json!({"uses_allowed": order.uses_allowed, "expiry_time": order.ends_at.timestamp_millis()});
        let mut new = limits.clone();
        new["token"] = order.token.reveal().into();
        let why = match self.ask(Method::Post(Body::Json(&new)), "/new")? {
            Said::Yes(_) => return Ok(made),
            Said::No(why) => why,
            Said::NotOurs => "it says 403".into(),
            Said::Unknown => "it says 404".into(),
        };
        // It may be there already: an earlier try came that far, or somebody else made it.
        match self.ask(Method::Get, &path(order.token))? {
            Said::Yes(_) => match self.ask(Method::Put(Body::Json(&limits)), &path(order.token))? {
                Said::Yes(_) | Said::NotOurs => Ok(made),
                Said::No(why) => {
                    Err(ApiFault::new(format!("the homeserver does not accept the token: {why}")))
                }
                Said::Unknown => Err(ApiFault::new("the homeserver has lost the token again")),
            },
            _ => Err(ApiFault::new(format!("the homeserver does not accept the token: {why}"))),
        }
    }

    fn look(&self, token: &Known<'_>, now: DateTime<Utc>) -> Result<Option<Found>, ApiFault> {
        let Said::Yes(json) = self.ask(Method::Get, &path(token.token))? else { return Ok(None) };
        let number = |key: &str| json.get(key).and_then(Value::as_i64);
        let (completed, pending) = (number("completed").unwrap_or(0), number("pending").unwrap_or(0));
        let has_uses = number("uses_allowed").is_none_or(|allowed| completed + pending < allowed);
        let lives = number("expiry_time").is_none_or(|ends_at| ends_at > now.timestamp_millis());
        Ok(Some(Found { opens: has_uses && lives, uses: u32::try_from(completed).ok() }))
    }

    fn withdraw(&self, token: &Known<'_>) -> Result<(), ApiFault> {
        match self.ask(Method::Delete, &path(token.token))? {
            // What stands in a file of tuwunel's has been replaced there, or is somebody else's business.
            Said::Yes(_) | Said::Unknown | Said::NotOurs => Ok(()),
            Said::No(why) => Err(ApiFault::new(format!("the homeserver does not delete a token: {why}"))),
        }
    }

    fn try_out(&self) -> Result<(), ApiFault> {
        // Nobody's: 404 is what one is told who is let in.
        match self.ask(Method::Get, "/doorman-asks-whether-it-is-let-in")? {
            Said::Yes(_) | Said::Unknown => Ok(()),
            Said::No(why) => Err(ApiFault::new(format!("the homeserver answers {why}"))),
            Said::NotOurs => Err(ApiFault::new(
                "the homeserver forbids the desk to look at tokens: see tokens.access_token_file",
            )),
        }
    }
}
