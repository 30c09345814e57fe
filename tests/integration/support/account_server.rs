//! A homeserver that makes accounts by the client-server API, and does on demand what real ones do rarely.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};

use super::json_server::{Answer, NO_ANSWER, Question, serve};

/// What becomes of the question that makes an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fate {
    #[default]
    Answered,
    /// The account is made, and the answer never comes.
    Swallowed,
    /// The same, and a gateway answers in its place.
    Gateway,
    /// No account, and no answer.
    Lost,
    /// It is made after a while.
    Slow(Duration),
}

#[derive(Debug, Default)]
pub struct State {
    /// Name and password.
    pub users: BTreeMap<String, String>,
    /// Whatever registered, in its order: a name twice would be two accounts.
    pub made: Vec<String>,
    pub fate: Fate,
    /// The stages of its flows; none: the token alone.
    pub flows: Vec<Vec<&'static str>>,
    /// Sessions that were begun and not ended.
    pub sessions: usize,
    /// Questions that it answers with 429 first.
    pub too_often: usize,
    /// It does not know `/register`.
    pub exclusive: bool,
    /// The `X-Forwarded-For` of those who registered.
    pub clients: Vec<String>,
    stages: BTreeMap<String, Vec<String>>,
}

#[derive(Debug)]
pub struct AccountServer {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl AccountServer {
    pub fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let served = Arc::clone(&state);
        Self { url: serve(move |question| answer(&served, question)), state }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn config(&self) -> String {
        format!("homeserver: accounts.test\nbase_url: {}\n", self.url)
    }
}

fn error(status: u16, code: &str, words: &str) -> Answer {
    (status, json!({"errcode": code, "error": words}))
}

fn answer(state: &Mutex<State>, question: &Question) -> Answer {
    match question.path.as_str() {
        "/_matrix/federation/v1/version" => {
            (200, json!({"server": {"name": "conduwuit", "version": "0.5.0"}}))
        }
        "/_matrix/client/v1/register/m.login.registration_token/validity" => (200, json!({"valid": true})),
        "/_matrix/client/v3/register/available" => {
            let name = question.query("username").unwrap_or_default();
            if state.lock().unwrap().users.contains_key(&name) {
                return error(400, "M_USER_IN_USE", "taken");
            }
            (200, json!({"available": true}))
        }
        "/_matrix/client/v3/register" => register(state, question),
        "/_matrix/client/v3/login" => log_in(&mut state.lock().unwrap(), question),
        "/_matrix/client/v3/logout" => {
            let mut state = state.lock().unwrap();
            assert_eq!(question.header("authorization"), Some("Bearer session"));
            state.sessions -= 1;
            (200, json!({}))
        }
        _ => error(404, "M_UNRECOGNIZED", "?"),
    }
}

fn log_in(state: &mut State, question: &Question) -> Answer {
    let body = question.json().unwrap();
    let user = body["identifier"]["user"].as_str().unwrap().trim_start_matches('@');
    let name = user.split(':').next().unwrap();
    if state.users.get(name).map(String::as_str) != body["password"].as_str() {
        return error(403, "M_FORBIDDEN", "Wrong username or password.");
    }
    state.sessions += 1;
    (200, json!({"user_id": format!("@{name}:accounts.test"), "access_token": "session", "device_id": "D"}))
}

fn register(shared: &Mutex<State>, question: &Question) -> Answer {
    let mut state = shared.lock().unwrap();
    if state.exclusive {
        return error(404, "M_UNRECOGNIZED", "Legacy registration is disabled");
    }
    let body = question.json().unwrap_or_default();
    let ways =
        if state.flows.is_empty() { vec![vec!["m.login.registration_token"]] } else { state.flows.clone() };
    let (session, auth) = ("s".to_owned() + body["username"].as_str().unwrap_or_default(), &body["auth"]);
    let challenge = |done: &[String]| {
        let flows: Vec<Value> = ways.iter().map(|way| json!({"stages": way})).collect();
        let terms = json!({"m.login.terms": {"policies": {"rules": {
            "version": "1", "en": {"name": "House rules", "url": "https://accounts.test/rules"}}}}});
        (401, json!({"session": session, "flows": flows, "params": terms, "completed": done}))
    };
    let Some(given) = auth["type"].as_str() else {
        if state.users.contains_key(body["username"].as_str().unwrap_or_default()) {
            return error(400, "M_USER_IN_USE", "taken");
        }
        return challenge(&[]);
    };
    if state.too_often > 0 {
        state.too_often -= 1;
        return (
            429,
            json!({"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", "retry_after_ms": 300}),
        );
    }
    assert_eq!(body["inhibit_login"], true);
    if given == "m.login.registration_token" && auth["token"].as_str().is_none_or(str::is_empty) {
        return error(401, "M_UNAUTHORIZED", "Invalid registration token");
    }
    let done = state.stages.entry(session.clone()).or_default();
    done.push(given.to_owned());
    let done = done.clone();
    if !ways.iter().any(|way| way.iter().all(|stage| done.iter().any(|one| one == stage))) {
        return challenge(&done);
    }
    let (name, password) =
        (body["username"].as_str().unwrap().to_owned(), body["password"].as_str().unwrap());
    let fate = state.fate;
    if fate == Fate::Lost {
        return (NO_ANSWER, Value::Null);
    }
    if let Fate::Slow(wait) = fate {
        drop(state);
        std::thread::sleep(wait);
        state = shared.lock().unwrap();
    }
    if state.users.contains_key(&name) {
        return error(400, "M_USER_IN_USE", "taken");
    }
    if password.len() < 8 {
        return error(400, "M_WEAK_PASSWORD", "At least eight characters, please");
    }
    state.users.insert(name.clone(), password.to_owned());
    state.made.push(name.clone());
    state.clients.extend(question.header("x-forwarded-for").map(ToOwned::to_owned));
    match fate {
        Fate::Swallowed => (NO_ANSWER, Value::Null),
        Fate::Gateway => (502, Value::Null),
        Fate::Answered | Fate::Lost | Fate::Slow(_) => {
            (200, json!({"user_id": format!("@{name}:accounts.test")}))
        }
    }
}
