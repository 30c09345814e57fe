//! As a client does it: by user-interactive authentication (Matrix spec, client-server API).

use std::time::Instant;

use serde::Serialize;
use serde_json::Value;

use crate::net::cleaned;
use crate::net::http::{Body, HttpClient, Method};

use super::super::Homeserver;
use super::super::answers::Said;
use super::super::flows::{Flows, TERMS, TOKEN, UNSTABLE_TOKEN};
use super::{AccountAnswer, NewAccount, end_session, refusal, written};

/// No flow has so many stages.
const MOST_STAGES: usize = 8;

#[derive(Serialize)]
struct Registration<'a> {
    username: &'a str,
    password: &'a str,
    inhibit_login: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth: Option<Auth<'a>>,
}

#[derive(Serialize)]
struct Auth<'a> {
    r#type: &'a str,
    session: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

impl Homeserver {
    /// The inner error is the answer, too.
    pub(super) fn make_by_client_api(
        &self,
        http: &HttpClient,
        base: &str,
        account: NewAccount<'_>,
        deadline: Instant,
    ) -> Result<AccountAnswer, AccountAnswer> {
        let url = format!("{base}/_matrix/client/v3/register");
        let step = |auth: Option<Auth<'_>>| {
            let makes = auth.is_some();
            let body = written(&Registration {
                username: account.name.as_str(),
                password: account.password.reveal(),
                inhibit_login: true,
                auth,
            });
            self.ask_for_account(http, Method::Post(Body::Written(&body)), &url, makes, deadline)
        };
        let mut said = step(None)?;
        let mut done: Vec<String> = Vec::new();
        for _ in 0..MOST_STAGES {
            if said.status == 200 {
                end_session(http, base, &said.json);
                return Ok(AccountAnswer::Made);
            }
            let session = said.json.get("session").and_then(Value::as_str).map(ToOwned::to_owned);
            let flows = Flows::read(&said.json);
            let (Some(session), Some(flows), 401) = (session, flows, said.status) else {
                return Err(refused(&said));
            };
            // What a stage did not like it says along with the flows.
            if !said.errcode().is_empty() && !done.is_empty() {
                return Err(refused(&said));
            }
            let Some(way) = flows.passable(account.token.is_some(), account.agreed) else {
                return Err(if flows.passable(account.token.is_some(), true).is_some() {
                    AccountAnswer::TermsMissing
                } else {
                    AccountAnswer::Refused { words: cleaned(&flows.why_not()) }
                });
            };
            let Some(stage) = way.iter().find(|stage| !done.contains(stage)) else {
                return Err(AccountAnswer::Unsure { words: said.not_understood() });
            };
            let stage = stage.clone();
            let token = matches!(stage.as_str(), TOKEN | UNSTABLE_TOKEN)
                .then(|| account.token.map(|token| token.reveal()))
                .flatten();
            debug_assert!(stage != TERMS || account.agreed);
            said = step(Some(Auth { r#type: &stage, session: &session, token }))?;
            done.push(stage);
        }
        Err(AccountAnswer::Refused { words: said.not_understood() })
    }
}

fn refused(said: &Said) -> AccountAnswer {
    refusal(said).unwrap_or_else(|| AccountAnswer::Refused { words: said.not_understood() })
}
