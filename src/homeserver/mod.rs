//! Which homeserver is there, is a name free, is a token valid.
//!
//! All questions are bounded by the caller's budget, waiting in the desk's own queue included. What they bring is an
//! answer of a kind, never an error: that no answer came is one of the kinds.

mod accounts;
mod answers;
mod base;
mod family;
mod flows;
mod gate;
mod greeting;
mod kept;
mod mas;
mod mas_login;
mod names;
mod own_name;
mod own_page;
mod recognise;
mod registration;
mod row;
mod table;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::clock::{Clock, SystemClock};
use crate::config::{Backend, Settings, SignUp};
use crate::domain::{Localpart, RegistrationToken, Secret, ServerName};
use crate::net::http::{HttpClient, Method, Reply, place};
use crate::net::{Fault, FaultKind};

pub use accounts::{AccountAnswer, AccountWay, NewAccount, Proof};
pub use answers::{NameAnswer, TokenAnswer, too_often};
pub use family::{Family, Version};
pub use flows::{Policy, SignUpWay};
pub use greeting::Greeting;
pub use mas::MAS_TOKENS;
pub use own_page::OwnPage;
pub use registration::RegistrationFlows;
pub use row::{Forbidden, RefusedNames, Row, TokenFile, Validity};

use answers::Said;
use gate::{Gate, GaveUp, Heard, Turn};
use kept::Kept;
use mas::Mas;

/// Everything in a URL but what never means anything there (RFC 3986, unreserved characters).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Nobody waits longer, whatever budget they give.
const LONGEST_BUDGET: Duration = Duration::from_secs(10 * 60);

/// The homeserver that this desk is for. Shared by threads.
pub struct Homeserver {
    server_name: ServerName,
    base_url: Option<String>,
    /// Of a server administrator of Synapse or tuwunel, who may ask for names without limit.
    administrator: Option<Secret>,
    /// Of whoever the desk makes tokens as.
    access_token: Option<Secret>,
    /// By which it makes accounts for whoever knows it.
    shared_secret: Option<Secret>,
    /// The Matrix Authentication Service before it, where the desk has to do with that.
    mas: Option<Mas>,
    /// `https://` and the name: where `.well-known` is, and the rest too where that names no other place.
    itself: String,
    http: HttpClient,
    /// Each kind of question has a limit of its own there (Synapse).
    name_gate: Gate,
    token_gate: Gate,
    profile_gate: Gate,
    account_gate: Gate,
    login_gate: Gate,
    names: Kept<Localpart, NameAnswer>,
    bases: Kept<(), Result<String, NoAnswer>>,
    families: Kept<(), Option<Family>>,
    ways: Kept<(), Option<SignUpWay>>,
    /// Where it was last found; better than nothing while `.well-known` is not working.
    last_base: Mutex<Option<String>>,
    /// Which it was when it last told; better than nothing while it does not answer.
    last_family: Mutex<Option<Family>>,
    last_own_page: Mutex<Option<OwnPage>>,
    last_way: Mutex<Option<SignUpWay>>,
    /// Whether the desk is to make accounts at all.
    signs_up: bool,
    /// What [`Homeserver::registration_flows`] was told last.
    tokens_open_nothing: AtomicBool,
}

impl fmt::Debug for Homeserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Homeserver").field("server_name", &self.server_name).finish_non_exhaustive()
    }
}

/// Why no answer came.
#[derive(Debug, Clone)]
struct NoAnswer {
    words: String,
    /// The caller's time was up; somebody with more of it may have more luck.
    ran_out: bool,
}

impl From<Fault> for NoAnswer {
    fn from(fault: Fault) -> Self {
        Self { ran_out: fault.kind == FaultKind::Timeout, words: fault.to_string() }
    }
}

impl Homeserver {
    /// A homeserver that nothing was asked yet. `base_url`: its client-server API, where the operator says so; else
    /// it is looked up when it is first needed.
    pub fn new(server_name: ServerName, base_url: Option<String>) -> Self {
        Self::with_clock(server_name, base_url, Arc::new(SystemClock))
    }

    /// The one that these settings name, asked as one who may administer it where they say how. None: a trial has none.
    pub fn of(settings: &Settings) -> Option<Self> {
        if settings.trial {
            return None;
        }
        let mut homeserver = Self::new(settings.homeserver.clone(), settings.base_url.clone());
        match &settings.tokens.backend {
            Backend::Synapse { access_token } => homeserver.administrator = Some(access_token.clone()),
            Backend::Mas(access) => {
                homeserver.administrator.clone_from(&access.access_token);
                homeserver.mas = Some(Mas::new(access.clone(), Arc::new(SystemClock)));
            }
            // A member of the admin room may ask no other question than who they are.
            Backend::AdminRoom { access_token } => homeserver.access_token = Some(access_token.clone()),
            Backend::File | Backend::Toml { .. } => {}
        }
        homeserver.signs_up = settings.sign_up != SignUp::Token;
        homeserver.shared_secret.clone_from(&settings.tokens.registration_shared_secret);
        if homeserver.administrator.is_some() {
            homeserver.access_token.clone_from(&homeserver.administrator);
        }
        Some(homeserver)
    }

    /// Its name.
    pub fn server_name(&self) -> &ServerName {
        &self.server_name
    }

    /// The clock tells for how long answers hold; deadlines go by the machine's own.
    fn with_clock(server_name: ServerName, base_url: Option<String>, clock: Arc<dyn Clock>) -> Self {
        Self {
            itself: format!("https://{server_name}"),
            server_name,
            base_url: base_url.map(|url| url.trim_end_matches('/').to_owned()),
            administrator: None,
            access_token: None,
            shared_secret: None,
            mas: None,
            http: HttpClient::default(),
            name_gate: Gate::default(),
            token_gate: Gate::default(),
            profile_gate: Gate::default(),
            account_gate: Gate::default(),
            login_gate: Gate::default(),
            names: Kept::new(Arc::clone(&clock)),
            bases: Kept::new(Arc::clone(&clock)),
            families: Kept::new(Arc::clone(&clock)),
            ways: Kept::new(clock),
            last_base: Mutex::default(),
            last_family: Mutex::default(),
            last_own_page: Mutex::default(),
            last_way: Mutex::default(),
            signs_up: false,
            tokens_open_nothing: AtomicBool::new(false),
        }
    }

    /// Whether a token opens the door, by `/validity`, which means different things on different servers: this tells
    /// what it means on this one. Waits through "asked too often", at most `budget` in all.
    pub fn token_validity(&self, token: &RegistrationToken, budget: Duration) -> TokenAnswer {
        let deadline = deadline(budget);
        let path = format!(
            "/_matrix/client/v1/register/m.login.registration_token/validity?token={}",
            escaped(token.reveal())
        );
        let said = match self.ask(&self.token_gate, &path, deadline) {
            Ok(said) => said,
            Err(NoAnswer { words, .. }) => return TokenAnswer::NoAnswer { words },
        };
        let answer = answers::of_token(&said, None).unwrap_or_else(|| {
            let family = self.family(deadline);
            let unclear = || TokenAnswer::NoAnswer { words: format!("{} does not say what it is", said.at) };
            answers::of_token(&said, family.as_ref()).unwrap_or_else(unclear)
        });
        match answer {
            TokenAnswer::RegistrationClosed { words } if self.makes_accounts_past_registration() => {
                self.tokens_open_nothing.store(true, Ordering::Relaxed);
                TokenAnswer::CannotBeChecked { words }
            }
            answer => answer,
        }
    }

    /// Whether the account is there, by its profile. `Some(false)` is no sign of it, no proof; None: no answer, or
    /// the homeserver does not tell strangers.
    pub fn account_exists(&self, name: &Localpart, budget: Duration) -> Option<bool> {
        let mxid = format!("@{name}:{}", self.server_name);
        let path = format!("/_matrix/client/v3/profile/{}", escaped(&mxid));
        answers::of_profile(&self.ask(&self.profile_gate, &path, deadline(budget)).ok()?)
    }

    /// Asks its client-server API by GET, where the answer may be of so many bytes.
    pub fn call_for(
        &self,
        path: &str,
        bearer: Option<&Secret>,
        budget: Duration,
        most: u64,
    ) -> Result<Reply, CallFault> {
        self.call_by(&self.http.reading(most), Method::Get, path, bearer, budget)
    }

    /// Asks its client-server or admin API; `bearer` proves who asks. Without a limit of the desk's own: for questions that
    /// the homeserver has no limit for, or that are rare.
    pub fn call(
        &self,
        method: Method<'_>,
        path: &str,
        bearer: Option<&Secret>,
        budget: Duration,
    ) -> Result<Reply, CallFault> {
        self.call_by(&self.http, method, path, bearer, budget)
    }

    fn call_by(
        &self,
        http: &HttpClient,
        method: Method<'_>,
        path: &str,
        bearer: Option<&Secret>,
        budget: Duration,
    ) -> Result<Reply, CallFault> {
        let deadline = deadline(budget);
        let base = self.base(deadline).map_err(|NoAnswer { words, .. }| CallFault(words))?;
        http.send(method, &format!("{base}{path}"), bearer, left(deadline)).map_err(|fault| {
            // It may have moved.
            self.bases.forget(&());
            CallFault(fault.to_string())
        })
    }

    /// Asks by GET when it is this question's turn.
    fn ask(&self, gate: &Gate, path: &str, deadline: Instant) -> Result<Said, NoAnswer> {
        self.ask_at(Turn::InOrder, gate, path, deadline)
    }

    fn ask_at(&self, turn: Turn, gate: &Gate, path: &str, deadline: Instant) -> Result<Said, NoAnswer> {
        let base = self.base(deadline)?;
        let url = format!("{base}{path}");
        let heard = gate.ask(turn, deadline, |within| {
            let reply = self.http.get(&url, within);
            match reply.as_ref().ok().and_then(answers::too_often) {
                Some(wait) => Heard::TooOften(wait),
                None => Heard::Answer(reply),
            }
        });
        match heard {
            Ok(Ok(reply)) => Ok(Said::of(&reply)),
            Ok(Err(fault)) => {
                // It may have moved.
                self.bases.forget(&());
                Err(fault.into())
            }
            Err(GaveUp::InTheQueue) => Err(NoAnswer { words: self.in_the_queue(), ran_out: true }),
            Err(GaveUp::TooOften) => Err(NoAnswer {
                // Not for how long: whoever tells the operator of it is to do that once.
                words: format!(
                    "{} gets too many requests (429) and asks to wait for a while",
                    self.server_name
                ),
                ran_out: true,
            }),
        }
    }

    fn in_the_queue(&self) -> String {
        format!("{} answers too slowly for all that want to know something", self.server_name)
    }
}

/// Why no answer came to a call, for the operator.
#[derive(Debug, Clone)]
pub struct CallFault(pub String);

fn escaped(word: &str) -> impl fmt::Display {
    utf8_percent_encode(word, ESCAPED)
}

/// Whether a URL that a server tells may be asked: only an address, with nothing in it that could lead elsewhere.
fn is_plain(url: &str) -> bool {
    url.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#' | b'@')) && place(url).is_ok()
}

fn deadline(budget: Duration) -> Instant {
    Instant::now() + budget.min(LONGEST_BUDGET)
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

#[cfg(test)]
mod tests;
