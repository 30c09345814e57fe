//! A stand-in for the Matrix Authentication Service 1.22 and the Synapse behind it: it answers as they do.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use doorman::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};

use super::json_server::{Answer, NO_ANSWER, Question, serve};

const CLIENT: &str = "01HZ00000000000000DESK0000";
/// What form-encoding would change.
pub const SECRET: &str = "the+desk's/secret==";
const USERS: &str = "/mas/api/admin/v1/users";
const EMAILS: &str = "/mas/api/admin/v1/user-emails";
const TOKENS: &str = "/mas/api/admin/v1/user-registration-tokens";

#[derive(Debug, Clone)]
pub struct Token {
    id: String,
    pub text: String,
    pub usage_limit: Option<u64>,
    pub times_used: u64,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Token {
    pub fn is_valid(&self) -> bool {
        self.revoked_at.is_none()
            && self.expires_at.is_none_or(|at| at > SystemClock.now())
            && self.usage_limit.is_none_or(|limit| self.times_used < limit)
    }

    fn json(&self) -> Value {
        json!({
            "type": "user-registration_token", "id": self.id,
            "attributes": {
                "token": self.text, "valid": self.is_valid(), "usage_limit": self.usage_limit,
                "times_used": self.times_used, "created_at": "2026-01-01T00:00:00Z", "last_used_at": null,
                "expires_at": self.expires_at, "revoked_at": self.revoked_at,
            },
            "links": {"self": format!("{TOKENS}/{}", self.id)},
        })
    }
}

/// A user that the admin API has made.
#[derive(Debug, Clone)]
pub struct Account {
    pub name: String,
    id: String,
    pub password: Option<String>,
    pub emails: Vec<String>,
}

/// What can be set.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct State {
    pub tokens: Vec<Token>,
    pub users: BTreeSet<String>,
    pub accounts: Vec<Account>,
    /// Sessions that were begun by a password and not ended.
    pub sessions: usize,
    /// A user is made, or a password set, and the answer to so many such questions never comes.
    pub swallows_accounts: usize,
    /// How long an access token holds.
    pub access_for: Duration,
    /// `client_secret_post` instead of `client_secret_basic`.
    pub by_post: bool,
    /// What HTTP Basic carries is form-decoded (RFC 6749), unlike in 1.22.
    pub decodes_basic: bool,
    /// `policy.data.admin_clients` names the desk.
    pub admin_client: bool,
    /// `account.password_registration_enabled`
    pub registration_enabled: bool,
    /// `account.password_registration_token_required`
    pub token_required: bool,
    /// `account.password_registration_email_required`
    pub email_required: bool,
    /// It is down; the Synapse behind it is not.
    pub is_down: bool,
    /// A gateway before both that finds nobody behind it.
    pub is_away: bool,
    /// Tokens are made, and the answer never comes.
    pub swallows_answers: bool,
    /// How many access tokens were given out.
    pub logins: usize,
    access: Vec<(String, Instant)>,
}

#[derive(Debug)]
pub struct Mas {
    pub url: String,
    state: Arc<Mutex<State>>,
    folder: tempfile::TempDir,
}

impl Mas {
    pub fn start() -> Self {
        let state = Arc::new(Mutex::new(State {
            tokens: Vec::new(),
            users: BTreeSet::new(),
            accounts: Vec::new(),
            sessions: 0,
            swallows_accounts: 0,
            access_for: Duration::from_secs(300),
            by_post: false,
            decodes_basic: false,
            admin_client: true,
            registration_enabled: true,
            token_required: true,
            email_required: false,
            is_down: false,
            is_away: false,
            swallows_answers: false,
            logins: 0,
            access: Vec::new(),
        }));
        let served = Arc::clone(&state);
        let url = serve(move |question| served.lock().unwrap().answer(question));
        let mas = Self { url, state, folder: tempfile::tempdir().unwrap() };
        mas.set_secret(SECRET);
        mas
    }

    pub fn set_secret(&self, secret: &str) {
        let path = self.secret_file();
        std::fs::write(&path, format!("{secret}\n")).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn secret_file(&self) -> PathBuf {
        self.folder.path().join("mas-client")
    }

    /// The keys of a desk that is a client of it.
    pub fn config(&self, more: &str) -> String {
        format!(
            "homeserver: mas.test\nbase_url: {}\ntokens: {{backend: mas, client_id: {CLIENT}, client_secret_file: {}{more}}}\n",
            self.url,
            self.secret_file().display()
        )
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn knows(&self, token: &str) -> Option<Token> {
        self.state().tokens.iter().find(|known| known.text == token).cloned()
    }

    /// The tokens that open the door now.
    pub fn valid(&self) -> Vec<String> {
        self.state().tokens.iter().filter(|token| token.is_valid()).map(|token| token.text.clone()).collect()
    }

    /// As its registration page does it.
    pub fn register(&self, name: &str, token: &str) -> bool {
        let mut state = self.state();
        let Some(token) = state.tokens.iter_mut().find(|known| known.text == token && known.is_valid())
        else {
            return false;
        };
        token.times_used += 1;
        state.users.insert(name.to_owned())
    }
}

fn error(status: u16, title: &str) -> Answer {
    (status, json!({"errors": [{"title": title}]}))
}

impl State {
    fn answer(&mut self, question: &Question) -> Answer {
        if self.is_away {
            return (502, Value::Null);
        }
        let host = question.header("host").unwrap_or_default();
        if self.is_down && question.path.contains("/auth_") {
            // Synapse asks it each time.
            return (500, json!({"errcode": "M_UNKNOWN", "error": "Internal server error"}));
        }
        if self.is_down && question.path.starts_with("/mas/") {
            return (502, Value::Null);
        }
        match question.path.as_str() {
            "/_matrix/client/v1/auth_metadata" => (
                200,
                json!({"issuer": format!("http://{host}/mas/"), "token_endpoint": format!("http://{host}/mas/oauth2/token")}),
            ),
            "/_matrix/federation/v1/version" => {
                (200, json!({"server": {"name": "Synapse", "version": "1.157.1"}}))
            }
            "/mas/oauth2/token" => self.log_in(question),
            path if path.starts_with("/mas/api/admin/v1/") => self.administer(question),
            path if path.starts_with("/mas/") => (404, Value::Null),
            // MAS answers these in Synapse's place.
            "/_matrix/client/v3/login" => self.log_in_to_account(question),
            "/_matrix/client/v3/logout" => {
                self.sessions -= 1;
                (200, json!({}))
            }
            // Synapse takes no registration then.
            "/_matrix/client/v3/register" => (
                403,
                json!({"errcode": "M_FORBIDDEN", "error":
                    "Registration has been disabled. Only m.login.application_service registrations are allowed."}),
            ),
            _ => (404, json!({"errcode": "M_UNRECOGNIZED", "error": "Unrecognized request"})),
        }
    }

    fn log_in(&mut self, question: &Question) -> Answer {
        let basic = question.header("authorization").and_then(|value| value.strip_prefix("Basic ")).and_then(
            |value| {
                let pair = String::from_utf8(BASE64_STANDARD.decode(value).ok()?).ok()?;
                let (client, secret) = pair.split_once(':')?;
                let plain = |text: &str| {
                    if self.decodes_basic {
                        let text = text.replace('+', " ");
                        percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned()
                    } else {
                        text.to_owned()
                    }
                };
                Some((plain(client), plain(secret)))
            },
        );
        let posted = question.form("client_id").zip(question.form("client_secret"));
        let named = if self.by_post { posted } else { basic };
        if named != Some((CLIENT.into(), SECRET.into())) {
            return (
                401,
                json!({"error": "invalid_client", "error_description": "Client authentication failed"}),
            );
        }
        if question.form("grant_type").as_deref() != Some("client_credentials") {
            return (400, json!({"error": "unsupported_grant_type"}));
        }
        if question.form("scope").as_deref() != Some("urn:mas:admin") || !self.admin_client {
            return (
                403,
                json!({"error": "invalid_scope", "error_description": "Policy rejected the request"}),
            );
        }
        self.logins += 1;
        let access = format!("mat_{}", self.logins);
        self.access.push((access.clone(), Instant::now() + self.access_for));
        (
            200,
            json!({"access_token": access, "token_type": "Bearer", "expires_in": self.access_for.as_secs(), "scope": "urn:mas:admin"}),
        )
    }

    /// All access tokens are revoked.
    pub fn end_sessions(&mut self) {
        self.access.clear();
    }

    fn administer(&mut self, question: &Question) -> Answer {
        let Some(access) = question.header("authorization").and_then(|value| value.strip_prefix("Bearer "))
        else {
            return error(400, "Missing authorization header");
        };
        match self.access.iter().find(|(known, _)| known == access) {
            None => return error(401, "Unknown access token"),
            Some((_, until)) if Instant::now() >= *until => return error(401, "Access token expired"),
            Some(_) => {}
        }
        if question.path == "/mas/api/admin/v1/site-config" {
            return (
                200,
                json!({
                    "server_name": "mas.test", "password_login_enabled": true,
                    "password_registration_enabled": self.registration_enabled,
                    "password_registration_email_required": self.email_required,
                    "password_registration_token_required": self.token_required,
                    "captcha_enabled": false, "minimum_password_complexity": 3,
                }),
            );
        }
        if let Some(name) = question.after("/mas/api/admin/v1/users/by-username/") {
            return if self.has(&name) {
                (200, json!({"data": {"type": "user", "id": "01HZ", "attributes": {"username": name}}}))
            } else {
                error(404, &format!("User with username {name:?} not found"))
            };
        }
        if question.path.starts_with(USERS) || question.path == EMAILS {
            let answer = self.change_users(question);
            if question.method == "POST"
                && answer.0 < 300
                && question.path != EMAILS
                && self.swallows_accounts > 0
            {
                self.swallows_accounts -= 1;
                return (NO_ANSWER, Value::Null);
            }
            return answer;
        }
        let Some(rest) = question.path.strip_prefix(TOKENS) else { return (404, Value::Null) };
        let mut parts = rest.trim_start_matches('/').split('/');
        match (question.method.as_str(), parts.next().unwrap_or_default(), parts.next()) {
            ("POST", "", None) => self.add(question),
            ("GET", "", None) => self.list(question),
            (_, id, _) if id.len() != 26 => error(400, "Invalid ULID in path"),
            (method, id, act) => {
                let Some(token) = self.tokens.iter_mut().find(|token| token.id == id) else {
                    return error(404, &format!("Registration token with ID {id} not found"));
                };
                change(token, method, act, question)
            }
        }
    }

    fn has(&self, name: &str) -> bool {
        self.users.contains(name) || self.accounts.iter().any(|account| account.name == name)
    }

    fn log_in_to_account(&mut self, question: &Question) -> Answer {
        let body = question.json().unwrap();
        let user = body["identifier"]["user"].as_str().unwrap().trim_start_matches('@').to_owned();
        let (name, password) = (user.split(':').next().unwrap(), body["password"].as_str());
        let opens = |account: &Account| {
            account.name == name && password.is_some() && account.password.as_deref() == password
        };
        if !self.accounts.iter().any(opens) {
            return (403, json!({"errcode": "M_FORBIDDEN", "error": "Invalid username/password"}));
        }
        self.sessions += 1;
        (200, json!({"user_id": format!("@{name}:mas.test"), "access_token": "session", "device_id": "D"}))
    }

    /// Users, their passwords and addresses.
    fn change_users(&mut self, question: &Question) -> Answer {
        let body = question.json().unwrap_or_default();
        let rest = question.path.strip_prefix(USERS).unwrap_or_default().trim_start_matches('/');
        match (question.method.as_str(), rest.split_once('/')) {
            ("GET", None) => (200, json!({"meta": {"count": self.accounts.len()}, "data": [], "links": {}})),
            ("POST", _) if question.path == EMAILS => {
                let (id, email) = (&body["user_id"], body["email"].as_str().unwrap().to_owned());
                let Some(account) = self.accounts.iter_mut().find(|account| *id == account.id) else {
                    return error(404, "User not found");
                };
                if account.emails.contains(&email) {
                    return error(409, "User email already in use");
                }
                account.emails.push(email);
                (201, json!({"data": {"type": "user-email", "id": "01HZ"}}))
            }
            ("POST", None) => {
                let name = body["username"].as_str().unwrap().to_owned();
                if self.has(&name) {
                    return error(409, "User already exists");
                }
                let id = format!("01HU{:022}", self.accounts.len());
                self.accounts.push(Account {
                    name: name.clone(),
                    id: id.clone(),
                    password: None,
                    emails: Vec::new(),
                });
                (201, json!({"data": {"type": "user", "id": id, "attributes": {"username": name}}}))
            }
            ("POST", Some((id, "set-password"))) => {
                let password = body["password"].as_str().unwrap();
                if password.len() < 8 {
                    return error(400, "Password is too weak");
                }
                let Some(account) = self.accounts.iter_mut().find(|account| account.id == id) else {
                    return error(404, "User not found");
                };
                account.password = Some(password.to_owned());
                (204, Value::Null)
            }
            _ => (405, Value::Null),
        }
    }

    /// A token that is none of the desk's.
    pub fn add_another(&mut self, token: &str) {
        self.tokens.push(Token {
            id: format!("01HZ{:022}", self.tokens.len()),
            text: token.to_owned(),
            usage_limit: None,
            times_used: 0,
            expires_at: None,
            revoked_at: None,
        });
    }

    fn add(&mut self, question: &Question) -> Answer {
        let Some(new) = question.json() else {
            return error(415, "Expected request with `Content-Type: application/json`");
        };
        let token = new["token"].as_str().unwrap_or("by-the-server").to_owned();
        if self.tokens.iter().any(|known| known.text == token) {
            return error(409, "A registration token with the same token already exists");
        }
        self.add_another(&token);
        let token = self.tokens.last_mut().unwrap();
        token.usage_limit = new["usage_limit"].as_u64();
        token.expires_at = new["expires_at"].as_str().map(|at| at.parse().unwrap());
        if self.swallows_answers { (NO_ANSWER, Value::Null) } else { (201, json!({"data": token.json()})) }
    }

    fn list(&self, question: &Question) -> Answer {
        let number = |name| question.query(name).map(|number| number.parse::<usize>().unwrap());
        let (first, last) = (number("page[first]"), number("page[last]"));
        if first.is_some() && last.is_some() {
            return error(400, "Cannot specify both `page[first]` and `page[last]` parameters");
        }
        let (before, after) = (question.query("page[before]"), question.query("page[after]"));
        let mut all: Vec<&Token> = self
            .tokens
            .iter()
            .filter(|token| before.as_ref().is_none_or(|before| token.id < *before))
            .filter(|token| after.as_ref().is_none_or(|after| token.id > *after))
            .collect();
        match last {
            Some(last) => drop(all.drain(..all.len().saturating_sub(last))),
            None => all.truncate(first.unwrap_or(10)),
        }
        let data: Vec<Value> = all.into_iter().map(Token::json).collect();
        (200, json!({"meta": {"count": self.tokens.len()}, "data": data, "links": {"self": TOKENS}}))
    }
}

fn change(token: &mut Token, method: &str, act: Option<&str>, question: &Question) -> Answer {
    match (method, act) {
        ("GET", None) => {}
        ("PUT", None) => {
            let Some(new) = question.json() else {
                return error(415, "Expected request with `Content-Type: application/json`");
            };
            // What is not named stays.
            if let Some(limit) = new.get("usage_limit") {
                token.usage_limit = limit.as_u64();
            }
            if let Some(at) = new.get("expires_at") {
                token.expires_at = at.as_str().map(|at| at.parse().unwrap());
            }
        }
        ("POST", Some("revoke")) if token.revoked_at.is_none() => token.revoked_at = Some(SystemClock.now()),
        ("POST", Some("unrevoke")) if token.revoked_at.is_some() => token.revoked_at = None,
        ("POST", Some("revoke")) => {
            return error(400, &format!("Registration token with ID {} is already revoked", token.id));
        }
        ("POST", Some("unrevoke")) => {
            return error(400, &format!("Registration token with ID {} is not revoked", token.id));
        }
        _ => return (405, Value::Null),
    }
    (200, json!({"data": token.json()}))
}
