//! What is asked of whoever wants to register.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::net::cleaned;
use crate::net::http::Method;

use super::answers::{self, Said};
use super::{CallFault, Homeserver, NoAnswer, deadline, left};

/// MAS's settings, in its admin API.
const SITE_CONFIG: &str = "/api/admin/v1/site-config";

/// What the homeserver asks of whoever wants to register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistrationFlows {
    /// A registration token, whichever way is gone.
    TokenRequired {
        /// What it asks for besides, whichever way is gone, and what most clients cannot give or have given already.
        besides: Option<String>,
    },
    /// There is a way without a token.
    Open {
        /// Which.
        words: String,
    },
    /// The homeserver lets nobody register.
    Closed {
        /// The homeserver's.
        words: String,
    },
    /// The homeserver lets nobody register but those for whom the desk makes the account: a token opens nothing there.
    ByTheDeskAlone {
        /// The homeserver's.
        words: String,
    },
    /// The homeserver does not serve registration (Synapse behind MAS), or its proxy does not pass it on.
    CannotBeAsked {
        /// What came instead.
        words: String,
    },
    /// Asked too often: it may be asked again after this.
    TooOften(Duration),
    /// No answer in time, or none that can be understood.
    NoAnswer {
        /// What went wrong.
        words: String,
    },
}

impl RegistrationFlows {
    fn token_required(besides: &[&str]) -> Self {
        Self::TokenRequired { besides: (!besides.is_empty()).then(|| cleaned(&besides.join(" and "))) }
    }
}

impl Homeserver {
    /// What is asked of whoever wants to register: by the settings of MAS, where the desk administers it, else by an empty
    /// `/register`. This makes no account.
    pub fn registration_flows(&self, budget: Duration) -> RegistrationFlows {
        let deadline = deadline(budget);
        let asked =
            if self.mas.is_some() { self.settings_of_mas(deadline) } else { self.empty_register(deadline) };
        let flows = match asked.unwrap_or_else(|words| RegistrationFlows::NoAnswer { words }) {
            RegistrationFlows::Closed { words } if self.makes_accounts_past_registration() => {
                RegistrationFlows::ByTheDeskAlone { words }
            }
            flows => flows,
        };
        match flows {
            RegistrationFlows::ByTheDeskAlone { .. } => {
                self.tokens_open_nothing.store(true, Ordering::Relaxed);
            }
            RegistrationFlows::TooOften(_) | RegistrationFlows::NoAnswer { .. } => {}
            RegistrationFlows::TokenRequired { .. }
            | RegistrationFlows::Open { .. }
            | RegistrationFlows::Closed { .. }
            | RegistrationFlows::CannotBeAsked { .. } => {
                self.tokens_open_nothing.store(false, Ordering::Relaxed);
            }
        }
        flows
    }

    /// Whether it was closed to all but the desk when it last told: then no email brings a token.
    pub fn tokens_open_nothing(&self) -> bool {
        self.tokens_open_nothing.load(Ordering::Relaxed)
    }

    fn empty_register(&self, deadline: Instant) -> Result<RegistrationFlows, String> {
        let base = self.base(deadline).map_err(|NoAnswer { words, .. }| words)?;
        let url = format!("{base}/_matrix/client/v3/register");
        let reply = self.http.post(&url, &json!({}), left(deadline)).map_err(|fault| fault.to_string())?;
        Ok(answers::too_often(&reply)
            .map_or_else(|| of_flows(&Said::of(&reply)), RegistrationFlows::TooOften))
    }

    fn settings_of_mas(&self, deadline: Instant) -> Result<RegistrationFlows, String> {
        let reply =
            self.call_mas(Method::Get, SITE_CONFIG, left(deadline)).map_err(|CallFault(words)| words)?;
        if let Some(wait) = answers::too_often(&reply) {
            return Ok(RegistrationFlows::TooOften(wait));
        }
        let unknown = |words| RegistrationFlows::CannotBeAsked { words };
        match (reply.status, reply.json()) {
            (200, Ok(settings)) => Ok(of_settings(&settings)),
            (404, _) => Ok(unknown(format!(
                "{} does not show its settings: this release of MAS is too old for it",
                reply.at
            ))),
            (status, _) => {
                Err(format!("{} does not show its settings: it answers status {status}", reply.at))
            }
        }
    }

    /// What MAS calls the homeserver.
    pub(super) fn name_at_mas(&self, deadline: Instant) -> Option<String> {
        self.mas.as_ref()?;
        let reply = self
            .call_mas(Method::Get, SITE_CONFIG, left(deadline))
            .ok()
            .filter(|reply| reply.status == 200)?;
        reply.json().ok()?.get("server_name")?.as_str().map(ToOwned::to_owned)
    }
}

/// Source: MAS's `OpenAPI` description, `SiteConfig`.
fn of_settings(settings: &Value) -> RegistrationFlows {
    let is = |key: &str| settings.get(key).and_then(Value::as_bool);
    match (is("password_registration_enabled"), is("password_registration_token_required")) {
        (Some(false), _) => {
            RegistrationFlows::Closed { words: "MAS has account.password_registration_enabled: false".into() }
        }
        (Some(true), Some(false)) => RegistrationFlows::Open {
            words: "MAS has account.password_registration_token_required: false".into(),
        },
        (Some(true), Some(true)) => {
            let besides = [
                ("password_registration_email_required", "a code by email"),
                ("captcha_enabled", "a captcha"),
            ];
            let asked: Vec<&str> =
                besides.into_iter().filter(|(key, _)| is(key) == Some(true)).map(|(_, what)| what).collect();
            RegistrationFlows::token_required(&asked)
        }
        _ => RegistrationFlows::CannotBeAsked {
            words: "MAS does not tell whether it asks for a registration token".into(),
        },
    }
}

/// A stage that is more than the desk's email gives, or a client does by itself; in words.
fn more_than_a_token(stage: &str) -> Option<&str> {
    match stage {
        // The second was the name before version 1.2 of the specification.
        stage if stage.ends_with("registration_token") => None,
        "m.login.dummy" | "m.login.terms" => None,
        "m.login.email.identity" => Some("a code by email (m.login.email.identity)"),
        "m.login.msisdn" => Some("a code by text message (m.login.msisdn)"),
        "m.login.recaptcha" => Some("a captcha (m.login.recaptcha)"),
        other => Some(other),
    }
}

/// What an answer to an empty `/register` says (Matrix spec, client-server API: user-interactive authentication).
pub(super) fn of_flows(said: &Said) -> RegistrationFlows {
    let not_understood = || RegistrationFlows::NoAnswer { words: said.not_understood() };
    match (said.status, said.errcode()) {
        (401, _) => {
            let Some(flows) =
                said.json.get("flows").and_then(Value::as_array).filter(|flows| !flows.is_empty())
            else {
                return not_understood();
            };
            let mut shortest: Option<Vec<&str>> = None;
            for flow in flows {
                let Some(stages) = flow.get("stages").and_then(Value::as_array) else {
                    return not_understood();
                };
                let stages: Vec<_> = stages.iter().filter_map(Value::as_str).collect();
                if !stages.iter().any(|stage| stage.ends_with("registration_token")) {
                    let words = cleaned(&format!("stages: {}", stages.join(", ")));
                    return RegistrationFlows::Open { words };
                }
                let more: Vec<_> = stages.into_iter().filter_map(more_than_a_token).collect();
                if shortest.as_ref().is_none_or(|shortest| more.len() < shortest.len()) {
                    shortest = Some(more);
                }
            }
            RegistrationFlows::token_required(&shortest.unwrap_or_default())
        }
        // Synapse behind MAS.
        (403, _) if said.is_for_application_services_alone() => RegistrationFlows::CannotBeAsked {
            words: format!("{} leaves registration to the Matrix Authentication Service (MAS)", said.at),
        },
        (403, "M_FORBIDDEN") => RegistrationFlows::Closed { words: said.words() },
        _ if said.is_unknown_here() => {
            RegistrationFlows::CannotBeAsked { words: said.cannot_be_asked("how one registers") }
        }
        _ => not_understood(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::answers::tests::{kind, said, said_json};
    use super::*;

    #[test]
    fn registration_is_open_as_soon_as_one_way_needs_no_token() {
        let flows = |flows: Value| of_flows(&said_json(401, json!({"flows": flows, "session": "x"})));
        let token = json!({"stages": ["m.login.registration_token", "m.login.dummy"]});
        let dummy = json!({"stages": ["m.login.dummy"]});
        let unstable = json!({"stages": ["org.matrix.msc3231.login.registration_token"]});
        let required = RegistrationFlows::TokenRequired { besides: None };
        assert_eq!(flows(json!([token])), required);
        assert_eq!(flows(json!([unstable])), required);
        assert_eq!(
            flows(json!([token, dummy])),
            RegistrationFlows::Open { words: "stages: m.login.dummy".into() }
        );
        assert_eq!(kind(&flows(json!([{"stages": []}]))), "Open");
        for rubbish in [json!([]), json!(null), json!("x"), json!([7]), json!([{"stages": 7}])] {
            assert_eq!(kind(&flows(rubbish)), "NoAnswer");
        }
        assert_eq!(kind(&of_flows(&said(403, "M_FORBIDDEN", "Registration has been disabled"))), "Closed");
        assert_eq!(kind(&of_flows(&said(404, "M_UNRECOGNIZED", ""))), "CannotBeAsked");
        assert_eq!(kind(&of_flows(&said_json(200, json!({})))), "NoAnswer");
        let behind_mas =
            "Registration has been disabled. Only m.login.application_service registrations are allowed.";
        assert_eq!(kind(&of_flows(&said(403, "M_FORBIDDEN", behind_mas))), "CannotBeAsked");
    }

    #[test]
    fn what_is_asked_for_beside_the_token_is_told_where_no_way_is_without_it() {
        let besides = |flows: Value| match of_flows(&said_json(401, json!({"flows": flows}))) {
            RegistrationFlows::TokenRequired { besides } => besides.unwrap_or_default(),
            other => panic!("{other:?}"),
        };
        let stages = |more: &[&str]| {
            let all = [&["m.login.registration_token"], more].concat();
            json!({"stages": all})
        };
        assert_eq!(besides(json!([stages(&["m.login.terms", "m.login.dummy"])])), "");
        assert_eq!(
            besides(json!([stages(&["m.login.email.identity"])])),
            "a code by email (m.login.email.identity)"
        );
        assert_eq!(
            besides(json!([stages(&["m.login.recaptcha", "m.login.email.identity", "x.\u{1b}[2J"])])),
            "a captcha (m.login.recaptcha) and a code by email (m.login.email.identity) and x. [2J"
        );
        assert_eq!(besides(json!([stages(&["m.login.email.identity"]), stages(&[])])), "");
    }

    #[test]
    fn the_settings_of_mas_tell_what_it_asks_for() {
        let settings = |enabled: bool, token: bool, more: &[&str]| {
            let mut settings = json!({
                "server_name": "your.server", "password_registration_enabled": enabled,
                "password_registration_token_required": token, "password_registration_email_required": false,
                "captcha_enabled": false,
            });
            for key in more {
                settings[*key] = true.into();
            }
            of_settings(&settings)
        };
        assert_eq!(settings(true, true, &[]), RegistrationFlows::TokenRequired { besides: None });
        assert_eq!(kind(&settings(true, false, &[])), "Open");
        assert_eq!(kind(&settings(false, true, &[])), "Closed");
        assert_eq!(kind(&settings(false, false, &[])), "Closed");
        assert_eq!(
            settings(true, true, &["password_registration_email_required", "captcha_enabled"]),
            RegistrationFlows::TokenRequired { besides: Some("a code by email and a captcha".into()) }
        );
        assert_eq!(kind(&of_settings(&json!({"server_name": "your.server"}))), "CannotBeAsked");
    }
}
