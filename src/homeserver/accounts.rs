//! An account for whoever chose a name and a password at the desk: made only by calls that fail where the name exists.

mod by_client_api;
mod by_mas;
mod by_shared_secret;

use std::net::IpAddr;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::domain::{EmailAddress, Localpart, Password, RegistrationToken};
use crate::net::http::{Body, HttpClient, Method};
use crate::net::{Fault, FaultKind, cleaned};

use super::answers::{self, Said};
use super::gate::{Gate, GaveUp, Heard, Turn};
use super::{CallFault, Homeserver, NoAnswer, deadline, escaped, left};

/// An account that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewAccount<'a> {
    /// Its name.
    pub name: &'a Localpart,
    /// What its owner has chosen.
    pub password: &'a Password,
    /// What opens the door, where the client-server API is the way.
    pub token: Option<&'a RegistrationToken>,
    /// Whether its owner has agreed to the homeserver's terms.
    pub agreed: bool,
    /// Whence its owner comes.
    pub client: Option<IpAddr>,
}

/// What came of it. `words` are one short line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountAnswer {
    /// It is made.
    Made,
    /// It is not: somebody has the name.
    Taken {
        /// The homeserver's.
        words: String,
    },
    /// It is not: the homeserver allows no such name.
    NameRefused {
        /// The homeserver's.
        words: String,
    },
    /// It is not: the homeserver wants a better password.
    Weak {
        /// The homeserver's own, for the applicant.
        words: String,
    },
    /// It is not: its owner has to agree to the terms first.
    TermsMissing,
    /// It is not, and will not be before the operator has done something.
    Refused {
        /// For the operator.
        words: String,
    },
    /// It is not: the homeserver wants to be left alone for so long.
    TooOften(Duration),
    /// No answer came, and surely it is not made.
    NotAsked {
        /// What went wrong.
        words: String,
    },
    /// No answer came, and perhaps it is made.
    Unsure {
        /// What went wrong.
        words: String,
    },
}

/// Whose an account is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The password opens it.
    Yes,
    /// It does not, or there is no such account.
    No,
    /// The homeserver does not say; in words for the operator.
    NoAnswer(String),
}

/// By which way accounts are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountWay {
    /// By the registration token, as a client does.
    ClientApi,
    /// By the secret that the homeserver shares with the desk.
    SharedSecret,
    /// By the admin API of the Matrix Authentication Service.
    Mas,
}

/// Why a question brought nothing.
enum Silence {
    Fault(Fault),
    /// It is not its turn before that.
    Busy(String, Duration),
}

impl Silence {
    fn words(self) -> String {
        match self {
            Self::Fault(fault) => fault.to_string(),
            Self::Busy(words, _) => words,
        }
    }
}

/// Whoever finds too many before them comes again after so long.
const TURN: Duration = Duration::from_secs(10);

/// One question may take so long, beside the waiting for its turn.
const EACH: Duration = Duration::from_secs(12);

/// Longer than any body that holds a password: it is never moved while it is written, and leaves no copy.
const BODY_BYTES: usize = 20 * 1024;

/// JSON that is overwritten when it goes.
fn written(json: &impl Serialize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(BODY_BYTES));
    // Structs of strings: nothing that cannot be written.
    let _ = serde_json::to_writer(&mut *bytes, json);
    bytes
}

#[derive(Serialize)]
struct User<'a> {
    r#type: &'a str,
    user: &'a str,
}

#[derive(Serialize)]
struct Login<'a> {
    r#type: &'a str,
    identifier: User<'a>,
    password: &'a str,
    initial_device_display_name: &'a str,
}

impl Homeserver {
    /// By which way accounts are made here.
    pub fn account_way(&self) -> AccountWay {
        match (&self.shared_secret, &self.mas) {
            (Some(_), _) => AccountWay::SharedSecret,
            (None, Some(_)) => AccountWay::Mas,
            (None, None) => AccountWay::ClientApi,
        }
    }

    /// Whether the desk makes accounts for people where the homeserver lets nobody register.
    pub(super) fn makes_accounts_past_registration(&self) -> bool {
        self.signs_up && self.account_way() != AccountWay::ClientApi
    }

    /// Whether accounts can be made here, as far as that can be said without making one: what that takes, else what stands against
    /// it.
    pub fn try_account_way(&self, budget: Duration) -> Result<String, String> {
        let deadline = deadline(budget);
        match self.account_way() {
            AccountWay::ClientApi => {
                self.forget_sign_up_way();
                let way =
                    self.sign_up_way(budget).ok_or("the homeserver does not say what signing up takes")?;
                match way.bar {
                    Some(bar) => Err(bar),
                    None if way.terms.is_empty() => Ok("the registration token is enough".into()),
                    None => Ok(format!(
                        "the registration token is enough, and the applicant's word for {} of its terms",
                        way.terms.len()
                    )),
                }
            }
            AccountWay::SharedSecret => {
                let base = self.base(deadline).map_err(|NoAnswer { words, .. }| words)?;
                let url = format!("{base}/_synapse/admin/v1/register");
                let reply = self.http.get(&url, left(deadline)).map_err(|fault| fault.to_string())?;
                let offers = reply.json().is_ok_and(|json| json.get("nonce").is_some());
                if reply.status == 200 && offers {
                    Ok("the homeserver offers to make accounts by registration_shared_secret".into())
                } else {
                    Err(cleaned(&format!(
                        "{} makes no accounts by tokens.registration_shared_secret_file ({}): it needs registration_shared_secret \
                         in its configuration, and base_url has to lead to it directly, past a web server that keeps \
                         /_synapse/admin from the outside",
                        reply.at,
                        Said::of(&reply).words()
                    )))
                }
            }
            AccountWay::Mas => self.try_mas(left(deadline)),
        }
    }

    /// Whether an address can be added to an account, so that its owner can reset a lost password.
    pub fn can_attach_email(&self) -> bool {
        self.administrator.is_some() || self.account_way() == AccountWay::Mas
    }

    /// Makes an account by the client-server API or the shared secret. Waits for nothing but the homeserver.
    pub fn make_account(&self, account: NewAccount<'_>, budget: Duration) -> AccountAnswer {
        let deadline = deadline(budget);
        let base = match self.base(deadline) {
            Ok(base) => base,
            Err(NoAnswer { words, .. }) => return AccountAnswer::NotAsked { words },
        };
        let http = self.http.on_behalf_of(account.client);
        let made = match &self.shared_secret {
            Some(secret) => self.make_by_shared_secret(&http, &base, secret, account, deadline),
            None => self.make_by_client_api(&http, &base, account, deadline),
        };
        made.unwrap_or_else(|answer| answer)
    }

    /// Whether this password opens this account: by a log-in, whose session is ended at once.
    pub fn password_opens(&self, account: NewAccount<'_>, budget: Duration) -> Proof {
        let deadline = deadline(budget);
        let base = match self.base(deadline) {
            Ok(base) => base,
            Err(NoAnswer { words, .. }) => return Proof::NoAnswer(words),
        };
        let http = self.http.on_behalf_of(account.client);
        let mxid = format!("@{}:{}", account.name, self.server_name);
        let login = written(&Login {
            r#type: "m.login.password",
            identifier: User { r#type: "m.id.user", user: &mxid },
            password: account.password.reveal(),
            initial_device_display_name: "registration desk",
        });
        let url = format!("{base}/_matrix/client/v3/login");
        let said =
            match self.asked(&self.login_gate, &http, Method::Post(Body::Written(&login)), &url, deadline) {
                Ok(said) => said,
                Err(silence) => return Proof::NoAnswer(silence.words()),
            };
        match (said.status, said.errcode()) {
            (200, _) => {
                end_session(&http, &base, &said.json);
                Proof::Yes
            }
            (400 | 401 | 403, "M_FORBIDDEN" | "M_USER_DEACTIVATED" | "M_UNAUTHORIZED" | "M_NOT_FOUND") => {
                Proof::No
            }
            _ => Proof::NoAnswer(said.not_understood()),
        }
    }

    /// What is said to a question that may make an account. `makes`: whether this one may.
    fn ask_for_account(
        &self,
        http: &HttpClient,
        method: Method<'_>,
        url: &str,
        makes: bool,
        deadline: Instant,
    ) -> Result<Said, AccountAnswer> {
        let said =
            self.asked(&self.account_gate, http, method, url, deadline).map_err(|silence| match silence {
                Silence::Busy(_, wait) => AccountAnswer::TooOften(wait),
                // Whoever took no connection has made nothing.
                Silence::Fault(fault)
                    if !makes || matches!(fault.kind, FaultKind::Refused | FaultKind::Name) =>
                {
                    AccountAnswer::NotAsked { words: fault.to_string() }
                }
                Silence::Fault(fault) => AccountAnswer::Unsure { words: fault.to_string() },
            })?;
        match said.status {
            500.. if makes => Err(AccountAnswer::Unsure { words: said.not_understood() }),
            500.. => Err(AccountAnswer::NotAsked { words: said.not_understood() }),
            _ => Ok(said),
        }
    }

    /// Asks when it is its turn, and again where that was too often.
    fn asked(
        &self,
        gate: &Gate,
        http: &HttpClient,
        method: Method<'_>,
        url: &str,
        deadline: Instant,
    ) -> Result<Said, Silence> {
        let mut last_wait = TURN;
        let heard = gate.ask(Turn::InOrder, deadline, |within| {
            let reply = http.send(method, url, None, within.min(EACH));
            match reply.as_ref().ok().and_then(answers::too_often) {
                Some(wait) => {
                    last_wait = wait;
                    Heard::TooOften(wait)
                }
                None => Heard::Answer(reply),
            }
        });
        match heard {
            Ok(Ok(reply)) => Ok(Said::of(&reply)),
            Ok(Err(fault)) => {
                self.bases.forget(&());
                Err(Silence::Fault(fault))
            }
            Err(GaveUp::InTheQueue) => Err(Silence::Busy(self.in_the_queue(), TURN)),
            Err(GaveUp::TooOften) => {
                Err(Silence::Busy(format!("{} gets too many requests (429)", self.server_name), last_wait))
            }
        }
    }

    /// Adds the address to an account that the desk has just made, so that a lost password can be reset. As an administrator;
    /// where the desk is none, nothing happens.
    pub fn attach_email(
        &self,
        name: &Localpart,
        email: &EmailAddress,
        budget: Duration,
    ) -> Result<(), String> {
        let Some(administrator) = &self.administrator else { return Ok(()) };
        let path = format!("/_synapse/admin/v2/users/{}", escaped(&format!("@{name}:{}", self.server_name)));
        let body = json!({"threepids": [{"medium": "email", "address": email.to_ascii()}]});
        match self.call(Method::Put(Body::Json(&body)), &path, Some(administrator), budget) {
            Ok(reply) if reply.status == 200 => Ok(()),
            Ok(reply) => Err(Said::of(&reply).not_understood()),
            Err(CallFault(words)) => Err(words),
        }
    }
}

/// Ends the session that an answer has begun, if it has.
fn end_session(http: &HttpClient, base: &str, answer: &Value) {
    let Some(token) = answer.get("access_token").and_then(Value::as_str) else { return };
    let (token, url) = (crate::domain::Secret::new(token), format!("{base}/_matrix/client/v3/logout"));
    // Once more where the first is lost: it is somebody's session.
    for _ in 0..2 {
        let ended = http.send(Method::Post(Body::Json(&json!({}))), &url, Some(&token), LOG_OUT);
        if ended.is_ok_and(|reply| matches!(reply.status, 200 | 401)) {
            return;
        }
    }
    tracing::warn!(
        "a session that proved whose an account is could not be ended; it is called “registration desk”"
    );
}

/// Nobody waits longer for the end of a session.
const LOG_OUT: Duration = Duration::from_secs(5);

/// What a refusal says that is the same whichever way is gone. None: something else.
fn refusal(said: &Said) -> Option<AccountAnswer> {
    let words = said.words();
    Some(match (said.status, said.errcode()) {
        (400, "M_USER_IN_USE" | "M_EXCLUSIVE") => AccountAnswer::Taken { words },
        (400, "M_INVALID_USERNAME") => AccountAnswer::NameRefused { words },
        (400, code) if code == "M_WEAK_PASSWORD" || code.starts_with("M_PASSWORD") => {
            AccountAnswer::Weak { words: cleaned(said.error()) }
        }
        (400, _) if said.error().to_ascii_lowercase().contains("password") => {
            AccountAnswer::Weak { words: cleaned(said.error()) }
        }
        (403, "M_FORBIDDEN") if said.error().to_ascii_lowercase().contains("username") => {
            AccountAnswer::NameRefused { words }
        }
        _ => return None,
    })
}
