//! A stand-in for tuwunel 1.8.1 and 1.9.0: its registration, and Synapse's API for registration tokens as it serves it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::TimeDelta;
use doorman::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};

use super::json_server::{Answer, Question, serve};

const TOKENS: &str = "/_synapse/admin/v1/registration_tokens/";

#[derive(Debug, Clone)]
pub struct Token {
    pub uses_allowed: Option<u64>,
    pub completed: u64,
    pub expiry_time: Option<i64>,
}

/// What differs between 1.8.1 to 1.8.3 and what came after them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    #[default]
    Of1_8_1,
    Of1_9_0,
}

/// What can be set.
#[derive(Debug, Default)]
pub struct State {
    pub release: Release,
    /// In its database. One that is used up or has ended is forgotten when somebody looks.
    pub tokens: BTreeMap<String, Token>,
    /// `registration_token` of its configuration.
    pub configured: Option<String>,
    pub users: BTreeSet<String>,
    /// How far its clock is ahead.
    pub ahead: TimeDelta,
    /// Tokens that its API refuses to say anything of, and with which status.
    pub refuses: BTreeMap<String, u16>,
}

#[derive(Debug)]
pub struct Tuwunel {
    pub url: String,
    state: Arc<Mutex<State>>,
    folder: tempfile::TempDir,
}

impl Tuwunel {
    pub fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let served = Arc::clone(&state);
        let url = serve(move |question| served.lock().unwrap().answer(question));
        let folder = tempfile::tempdir().unwrap();
        let tuwunel = Self { url, state, folder };
        tuwunel.set_access_token("administrator");
        tuwunel
    }

    /// What the desk believes to be an administrator's.
    pub fn set_access_token(&self, access_token: &str) {
        std::fs::write(self.folder.path().join("access-token"), format!("{access_token}\n")).unwrap();
    }

    /// The keys of a desk that asks it for its tokens.
    pub fn config(&self, more: &str) -> String {
        format!(
            "homeserver: tuwunel.test\nbase_url: {}\ntokens: {{backend: synapse, access_token_file: {}{more}}}\n",
            self.url,
            self.folder.path().join("access-token").display()
        )
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap();
        state.clean();
        state
    }

    /// Whether anybody may register, with no token at all.
    pub fn is_open(&self) -> bool {
        !self.state().is_shut()
    }

    pub fn register(&self, name: &str, token: &str) -> bool {
        let mut state = self.state();
        let known = state.configured.as_deref() == Some(token) || state.consume(token);
        known && state.users.insert(name.to_owned())
    }
}

fn error(status: u16, code: &str, words: &str) -> Answer {
    // All but what it did not mean to tell anybody begins with the code.
    let words = if status == 500 { words.to_owned() } else { format!("{code}: {words}") };
    (status, json!({"errcode": code, "error": words}))
}

impl State {
    fn clean(&mut self) {
        let now = (SystemClock.now() + self.ahead).timestamp_millis();
        self.tokens.retain(|_, token| {
            token.expiry_time.is_none_or(|at| at > now)
                && token.uses_allowed.is_none_or(|allowed| token.completed < allowed)
        });
    }

    fn consume(&mut self, token: &str) -> bool {
        let Some(known) = self.tokens.get_mut(token) else { return false };
        known.completed += 1;
        self.clean();
        true
    }

    fn is_shut(&self) -> bool {
        self.configured.is_some() || !self.tokens.is_empty()
    }

    fn answer(&mut self, question: &Question) -> Answer {
        let query = |name| question.query(name).unwrap_or_default();
        match question.path.as_str() {
            "/_matrix/federation/v1/version" => {
                let version = match self.release {
                    Release::Of1_8_1 => "1.8.1",
                    Release::Of1_9_0 => "1.9.0",
                };
                (200, json!({"server": {"name": "Tuwunel", "version": version}}))
            }
            "/_matrix/client/v3/register" => {
                self.clean();
                let stage = if self.is_shut() { "m.login.registration_token" } else { "m.login.dummy" };
                (401, json!({"flows": [{"stages": [stage]}], "params": {}, "session": "s"}))
            }
            "/_matrix/client/v1/register/m.login.registration_token/validity" => {
                self.clean();
                if !self.is_shut() {
                    return error(403, "M_FORBIDDEN", "Server does not allow token registration");
                }
                let token = query("token");
                (
                    200,
                    json!({"valid": self.configured.as_ref() == Some(&token) || self.tokens.contains_key(&token)}),
                )
            }
            path if path.starts_with("/_synapse/admin/") => {
                if question.header("authorization") != Some("Bearer administrator") {
                    return error(401, "M_UNKNOWN_TOKEN", "Unknown access token.");
                }
                if path == "/_synapse/admin/v1/username_available" {
                    return if self.users.contains(&query("username")) {
                        error(400, "M_USER_IN_USE", "Username is not available")
                    } else {
                        (200, json!({"available": true}))
                    };
                }
                match question.after(TOKENS) {
                    Some(token) if token == "new" && question.method == "POST" => self.create(question),
                    Some(token) => self.administer(&token, question),
                    None => error(404, "M_UNRECOGNIZED", "Not found."),
                }
            }
            _ => error(404, "M_UNRECOGNIZED", "Not found."),
        }
    }

    fn create(&mut self, question: &Question) -> Answer {
        let new = question.json().unwrap();
        let token = new["token"].as_str().unwrap().to_owned();
        if self.tokens.contains_key(&token) {
            return error(400, "M_INVALID_PARAM", "Registration token already exists");
        }
        let made = Token {
            uses_allowed: new["uses_allowed"].as_u64(),
            completed: 0,
            expiry_time: new["expiry_time"].as_i64(),
        };
        self.tokens.insert(token.clone(), made);
        self.show(&token)
    }

    fn show(&self, token: &str) -> Answer {
        let configured = Token { uses_allowed: None, completed: 0, expiry_time: None };
        let shown = if self.configured.as_deref() == Some(token) {
            Some(&configured)
        } else {
            self.tokens.get(token)
        };
        match shown {
            Some(shown) => (
                200,
                json!({"token": token, "uses_allowed": shown.uses_allowed, "pending": 0, "completed": shown.completed,
                       "expiry_time": shown.expiry_time}),
            ),
            None => error(404, "M_NOT_FOUND", "Registration token not found"),
        }
    }

    fn administer(&mut self, token: &str, question: &Question) -> Answer {
        if let Some(status) = self.refuses.get(token) {
            return error(*status, "M_UNKNOWN", "Internal server error");
        }
        let is_configured = self.configured.as_deref() == Some(token);
        match question.method.as_str() {
            "GET" => self.show(token),
            "PUT" if is_configured => match self.release {
                Release::Of1_8_1 => error(404, "M_NOT_FOUND", "No such registration token"),
                Release::Of1_9_0 => {
                    error(403, "M_FORBIDDEN", "Tokens set in the config file can't be updated")
                }
            },
            "DELETE" if is_configured => {
                let (status, code) = match self.release {
                    Release::Of1_8_1 => (500, "M_UNKNOWN"),
                    Release::Of1_9_0 => (403, "M_FORBIDDEN"),
                };
                let words =
                    "The token set in the config file cannot be revoked. Edit the config file to change it.";
                error(status, code, words)
            }
            "PUT" => {
                let Some(known) = self.tokens.get_mut(token) else {
                    return error(404, "M_NOT_FOUND", "Registration token not found");
                };
                let new = question.json().unwrap();
                if let Some(allowed) = new.get("uses_allowed") {
                    known.uses_allowed = allowed.as_u64();
                }
                if let Some(at) = new.get("expiry_time") {
                    known.expiry_time = at.as_i64();
                }
                self.show(token)
            }
            "DELETE" => match self.tokens.remove(token) {
                Some(_) => (200, json!({})),
                None => error(404, "M_NOT_FOUND", "Registration token not found"),
            },
            _ => (405, Value::Null),
        }
    }
}
