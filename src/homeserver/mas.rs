//! The Matrix Authentication Service (MAS), where one stands before the homeserver: accounts and registration tokens are
//! its business then, and the desk is one of its clients.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::clock::Clock;
use crate::config::MasAccess;
use crate::domain::{Localpart, Secret};
use crate::net::http::{Method, Reply};

use super::kept::Kept;
use super::{CallFault, Homeserver, NameAnswer, NoAnswer, deadline, escaped, is_plain, left};

/// MAS's registration tokens, in its admin API.
pub const MAS_TOKENS: &str = "/api/admin/v1/user-registration-tokens";

/// The service as one client of it sees it.
pub(super) struct Mas {
    pub(super) access: MasAccess,
    place: Mutex<Option<Place>>,
    pub(super) bearers: Kept<(), Result<Secret, CallFault>>,
}

/// Where it is.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Without a slash at its end.
    base: String,
    pub(super) token_endpoint: String,
}

impl Mas {
    /// The clock tells for how long an access token holds.
    pub(super) fn new(access: MasAccess, clock: Arc<dyn Clock>) -> Self {
        Self { access, place: Mutex::default(), bearers: Kept::new(clock) }
    }
}

impl Homeserver {
    /// Asks MAS's admin API, in the desk's own name.
    ///
    /// # Errors
    /// No answer, or the desk is not let in; the words say what to do.
    pub fn call_mas(&self, method: Method<'_>, path: &str, budget: Duration) -> Result<Reply, CallFault> {
        let deadline = deadline(budget);
        let Some(mas) = &self.mas else {
            return Err(CallFault("no Matrix Authentication Service is configured".into()));
        };
        let place = self.place_of_mas(mas, deadline)?;
        self.call_mas_at(mas, &place, method, path, deadline).inspect_err(|_| {
            // It may have moved, or never have been there.
            *mas.place.lock().unwrap_or_else(PoisonError::into_inner) = None;
        })
    }

    fn call_mas_at(
        &self,
        mas: &Mas,
        place: &Place,
        method: Method<'_>,
        path: &str,
        deadline: Instant,
    ) -> Result<Reply, CallFault> {
        let url = format!("{}{path}", place.base);
        // An access token can be taken back at any time: then another one is asked for, once.
        for is_last in [false, true] {
            let bearer = self.bearer(mas, place, deadline)?;
            match self.http.send(method, &url, Some(&bearer), left(deadline)) {
                Ok(reply) if reply.status == 401 && !is_last => mas.bearers.forget(&()),
                Ok(reply) => return Ok(reply),
                Err(fault) => return Err(CallFault(fault.to_string())),
            }
        }
        Err(CallFault(format!("{} does not let the desk in", place.base)))
    }

    /// Where MAS is: as the config says, else as the homeserver does (Matrix spec 1.15, `auth_metadata`), else at the
    /// homeserver's own address.
    fn place_of_mas(&self, mas: &Mas, deadline: Instant) -> Result<Place, CallFault> {
        if let Some(place) = &*mas.place.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(place.clone());
        }
        let found = match &mas.access.url {
            Some(url) => at(url),
            None => self.discover_mas(deadline)?,
        };
        *mas.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(found.clone());
        Ok(found)
    }

    fn discover_mas(&self, deadline: Instant) -> Result<Place, CallFault> {
        let base = self.base(deadline).map_err(|NoAnswer { words, .. }| CallFault(words))?;
        for path in [
            "/_matrix/client/v1/auth_metadata",
            "/_matrix/client/unstable/org.matrix.msc2965/auth_metadata",
            "/.well-known/openid-configuration",
        ] {
            let reply = self
                .http
                .get(&format!("{base}{path}"), left(deadline))
                .map_err(|fault| CallFault(fault.to_string()))?;
            // The secret is for nobody who only stands in for one that is away.
            if reply.status == 429 || reply.status >= 500 {
                return Err(CallFault(format!(
                    "{} does not say where the Matrix Authentication Service is (status {}); tokens.mas_url can",
                    reply.at, reply.status
                )));
            }
            let Some(json) = reply.json().ok().filter(|_| reply.status == 200) else { continue };
            // The desk's secret is sent there.
            let url = |key: &str| json.get(key).and_then(Value::as_str).filter(|url| is_plain(url));
            if let Some(issuer) = url("issuer") {
                let mut found = at(issuer);
                if let Some(endpoint) = url("token_endpoint") {
                    endpoint.clone_into(&mut found.token_endpoint);
                }
                return Ok(found);
            }
        }
        Ok(at(&base))
    }

    /// What MAS knows of a name. None: nothing, so Synapse is to be asked.
    pub(super) fn ask_mas_for_name(
        &self,
        name: &Localpart,
        deadline: Instant,
    ) -> Result<Option<NameAnswer>, NoAnswer> {
        let ask = |path: &str| {
            self.call_mas(Method::Get, path, left(deadline))
                .map_err(|CallFault(words)| NoAnswer { words, ran_out: Instant::now() >= deadline })
        };
        let reply = ask(&format!("/api/admin/v1/users/by-username/{}", escaped(name.as_str())))?;
        match reply.status {
            200 => Ok(Some(NameAnswer::InUse {
                words: "the Matrix Authentication Service has an account of this name".into(),
            })),
            // MAS gives a reason. Whoever gives none may not know the question.
            404 if reply.json().is_ok_and(|json| json.get("errors").is_some()) => Ok(None),
            404 if ask(&format!("{MAS_TOKENS}?page%5Bfirst%5D=1"))?.status == 200 => Ok(None),
            404 => Ok(Some(NameAnswer::NoAnswer {
                words: format!(
                    "{} does not serve MAS's admin API: the listener that tokens.mas_url leads to needs the resource adminapi",
                    reply.at
                ),
            })),
            status => Ok(Some(NameAnswer::NoAnswer {
                words: format!("{} answers status {status} when asked for a name", reply.at),
            })),
        }
    }
}

fn at(base: &str) -> Place {
    let base = base.trim_end_matches('/').to_owned();
    Place { token_endpoint: format!("{base}/oauth2/token"), base }
}
