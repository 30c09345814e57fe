//! One configured HTTP client: time-outs, a body limit, no redirects.
//!
//! What goes wrong is told in the operator's words. The words name the server (`https://matrix.your.server`), never
//! path or query, since these can hold a token.

mod connecting;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use form_urlencoded::Serializer;
use ureq::http::{HeaderMap, HeaderValue, Request, Response, Uri, header};
use ureq::{Agent, AsSendBody};

use crate::clock::{Clock, SystemClock, Theirs};
use crate::domain::Secret;
use crate::stop::gets_on;

use super::fault::{Fault, FaultKind, Peer, Protocol, cleaned};

use connecting::{Addresses, connector};

/// The longest answer that is read where nobody says otherwise.
const BODY_BYTES: u64 = 64 * 1024;

/// The longest head of an answer, in bytes.
const HEAD_BYTES: usize = 16 * 1024;

/// How long a connection may take, TLS included; less where the whole question has less.
const CONNECT: Duration = Duration::from_secs(5);

/// How many idle connections are kept, and for how long (Synapse closes its side after a minute).
const IDLE_CONNECTIONS: usize = 8;
const IDLE_FOR: Duration = Duration::from_secs(50);

/// No `Retry-After` is believed beyond this.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// The header by which a desk tells others that it is another.
pub const DESK: &str = "x-doorman-desk";

/// Asks web servers. Keeps connections; asks through no proxy, whatever the environment says.
#[derive(Debug, Clone)]
pub struct HttpClient {
    agent: Agent,
    /// What time each server said last that it is.
    told: Arc<Mutex<BTreeMap<String, Theirs>>>,
    /// Whose questions it passes on.
    behalf: Option<IpAddr>,
    /// With whom, as far as the words for faults go.
    protocol: Protocol,
    /// The longest answer that is read, unpacked, in bytes.
    most: u64,
}

/// An answer of any status but a redirect.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, where it is given in seconds; an hour at most.
    pub retry_after: Option<Duration>,
    /// `Date`: what time it is there, to the second.
    pub date: Option<DateTime<Utc>>,
    /// [`DESK`]: which desk it is that answers.
    pub desk: Option<String>,
    /// The server, as [`place`] has it.
    pub at: String,
    is_page: bool,
    body: Vec<u8>,
}

impl Reply {
    /// The body as JSON. A body that calls itself HTML is none, whatever it holds; otherwise the type is not looked
    /// at, since many a static file comes with none.
    pub fn json(&self) -> Result<serde_json::Value, Fault> {
        let json = if self.is_page { None } else { serde_json::from_slice(&self.body).ok() };
        json.ok_or_else(|| {
            Fault::new(
                FaultKind::NotJson,
                format!("{} answers something that is not JSON (status {})", self.at, self.status),
            )
        })
    }
}

/// A text that was fetched.
#[derive(Debug)]
pub struct Fetched {
    /// As it came.
    pub text: Vec<u8>,
    /// What its server calls this state of it.
    pub etag: Option<String>,
}

/// A client with no connection yet. Clones share their connections.
impl Default for HttpClient {
    fn default() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("doorman/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            // Answers are a few bytes: nothing to pack.
            .accept_encoding("identity")
            .max_response_header_size(HEAD_BYTES)
            .max_idle_connections(2 * IDLE_CONNECTIONS)
            .max_idle_connections_per_host(IDLE_CONNECTIONS)
            .max_idle_age(IDLE_FOR)
            .build();
        let agent = Agent::with_parts(config, connector(), Addresses::default());
        Self { agent, told: Arc::default(), behalf: None, protocol: Protocol::Http, most: BODY_BYTES }
    }
}

impl HttpClient {
    /// The same that says in `X-Forwarded-For` for whom it asks.
    #[must_use]
    pub fn on_behalf_of(&self, client: Option<IpAddr>) -> Self {
        Self { behalf: client, ..self.clone() }
    }

    /// The same that reads answers of so many bytes.
    #[must_use]
    pub fn reading(&self, most: u64) -> Self {
        Self { most, ..self.clone() }
    }

    /// One that tells a webhook.
    pub fn for_webhook() -> Self {
        Self { protocol: Protocol::Webhook, ..Self::default() }
    }

    /// Asks by GET; `within` bounds everything from the name's lookup to the last byte. A kept connection that the
    /// server has closed meanwhile is replaced.
    pub fn get(&self, url: &str, within: Duration) -> Result<Reply, Fault> {
        self.send(Method::Get, url, None, within)
    }

    /// Asks by POST with a JSON body; `within` as in [`HttpClient::get`].
    pub fn post(&self, url: &str, json: &serde_json::Value, within: Duration) -> Result<Reply, Fault> {
        self.send(Method::Post(Body::Json(json)), url, None, within)
    }

    /// Asks; `bearer` proves who asks (RFC 6750). What a second time does no harm (all but POST) is sent again where a
    /// kept connection was closed meanwhile; `within` as in [`HttpClient::get`].
    pub fn send(
        &self,
        method: Method<'_>,
        url: &str,
        bearer: Option<&Secret>,
        within: Duration,
    ) -> Result<Reply, Fault> {
        let started = std::time::Instant::now();
        match self.send_once(method, url, bearer, within) {
            Err(Fault { kind: FaultKind::HungUp, .. }) if !matches!(method, Method::Post(_)) => {
                self.send_once(method, url, bearer, within.saturating_sub(started.elapsed()))
            }
            reply => reply,
        }
    }

    fn send_once(
        &self,
        method: Method<'_>,
        url: &str,
        bearer: Option<&Secret>,
        within: Duration,
    ) -> Result<Reply, Fault> {
        let at = place(url)?;
        let (name, body) = match method {
            Method::Get => ("GET", None),
            Method::Delete => ("DELETE", None),
            Method::Post(body) => ("POST", Some(body)),
            Method::Put(body) => ("PUT", Some(body)),
        };
        let mut request = Request::builder().method(name).uri(url);
        if let Some(client) = self.behalf {
            request = request.header("x-forwarded-for", client.to_string());
        }
        let bearer = bearer.map(|secret| format!("Bearer {}", secret.reveal()));
        if let Some(who) = bearer.or_else(|| body.and_then(Body::basic)) {
            let mut who = HeaderValue::from_str(&who).map_err(|_| {
                let words =
                    "the access token has characters in it that no token has: look at the file that it stands in";
                Fault::new(FaultKind::Ours, words)
            })?;
            who.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, who);
        }
        if let Some(Body::Signed { signature, .. }) = body {
            request = request.header("x-doorman-signature", signature);
        }
        let sent = match body {
            Some(body) => {
                let (kind, text) = body.written();
                self.run(request.header(header::CONTENT_TYPE, kind).body(&*text), within)
            }
            None => self.run(request.body(()), within),
        };
        let reply = sent
            .and_then(|reply| read(reply, &at, self.protocol, self.most))
            .map_err(|error| fault(&error, &at, within, self.protocol))??;
        let told = reply.date.map_or(Theirs::Untold, |date| Theirs::Said(date, SystemClock.since_boot()));
        self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(at, told);
        Ok(reply)
    }

    /// Fetches a text of at most so many bytes. With the `ETag` of what is there already None comes back where that is
    /// still so; else the text, and its own. No redirect is followed: who keeps the text says nothing of where else to ask.
    pub fn fetch(
        &self,
        url: &str,
        etag: Option<&str>,
        most: u64,
        within: Duration,
    ) -> Result<Option<Fetched>, Fault> {
        let at = place(url)?;
        let mut request = Request::builder().uri(url).header(header::ACCEPT, "text/plain, */*;q=0.1");
        if let Some(etag) = etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        let told = |error: &ureq::Error| fault(error, &at, within, Protocol::List);
        let (parts, body) = self.run(request.body(()), within).map_err(|error| told(&error))?.into_parts();
        match parts.status.as_u16() {
            200 => {
                let text = body.into_with_config().limit(most).read_to_vec().map_err(|error| told(&error))?;
                let etag = parts.headers.get(header::ETAG).and_then(|etag| etag.to_str().ok());
                Ok(Some(Fetched { text, etag: etag.map(ToOwned::to_owned) }))
            }
            304 if etag.is_some() => Ok(None),
            300..400 => {
                let to =
                    parts.headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
                let words = format!("{at} redirects to {}: if that is the list, write its URL", cleaned(to));
                Err(Fault::new(FaultKind::Redirect, words))
            }
            status => Err(Fault::new(FaultKind::Foreign, format!("{at} answers with status {status}"))),
        }
    }

    /// What time this server, by its [`place`], said last that it is.
    pub fn told_time(&self, at: &str) -> Theirs {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.get(at).copied().unwrap_or(Theirs::Silent)
    }

    fn run(
        &self,
        request: ureq::http::Result<Request<impl AsSendBody>>,
        within: Duration,
    ) -> Result<Response<ureq::Body>, ureq::Error> {
        // Zero would mean none at all.
        let within = within.max(Duration::from_millis(1));
        let request = self.agent.configure_request(request?).timeout_global(Some(within));
        let response = self.agent.run(request.timeout_connect(Some(within.min(CONNECT))).build());
        gets_on();
        response
    }
}

/// How something is asked.
#[derive(Clone, Copy)]
pub enum Method<'a> {
    /// Changes nothing.
    Get,
    /// Takes away.
    Delete,
    /// Makes something new.
    Post(Body<'a>),
    /// Makes it be so.
    Put(Body<'a>),
}

/// What is sent along.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// JSON.
    Json(&'a serde_json::Value),
    /// JSON with a secret in it, written by whoever overwrites it afterwards.
    Written(&'a [u8]),
    /// JSON, and by what it is known that it is ours.
    Signed {
        /// As it is signed.
        json: &'a [u8],
        /// `X-Doorman-Signature`
        signature: &'a str,
    },
    /// A form.
    Form {
        /// Keys and values.
        fields: &'a [(&'a str, &'a str)],
        /// The client's name and password, sent as they are (HTTP Basic, RFC 7617).
        client: Option<(&'a str, &'a Secret)>,
    },
}

impl Body<'_> {
    /// Its type, and how it is written.
    fn written(&self) -> (&'static str, Cow<'_, [u8]>) {
        match self {
            Self::Json(json) => ("application/json", json.to_string().into_bytes().into()),
            Self::Written(json) | Self::Signed { json, .. } => ("application/json", Cow::Borrowed(json)),
            Self::Form { fields, .. } => {
                let text = Serializer::new(String::new()).extend_pairs(*fields).finish();
                ("application/x-www-form-urlencoded", text.into_bytes().into())
            }
        }
    }

    /// Who sends it.
    fn basic(self) -> Option<String> {
        let Self::Form { client: Some((name, password)), .. } = self else { return None };
        Some(format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{}", password.reveal()))))
    }
}

/// The server that a URL leads to, as `https://host:port`: without user, path and query, fit to be shown.
pub fn place(url: &str) -> Result<String, Fault> {
    let uri: Option<Uri> = url.parse().ok();
    uri.as_ref().and_then(origin).ok_or_else(|| {
        Fault::new(FaultKind::Ours, "the homeserver's URL is none: check base_url in the config")
    })
}

/// `https://host:port` of an http or https URL.
fn origin(uri: &Uri) -> Option<String> {
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
    let host = uri.host().filter(|host| !host.is_empty())?;
    let behind = uri.authority()?.as_str().rsplit('@').next()?.strip_prefix(host)?;
    let is_port = behind.strip_prefix(':').is_none_or(|port| port.parse::<u16>().is_ok());
    is_port.then(|| format!("{scheme}://{host}{behind}"))
}

/// ureq's error in the operator's words. Only what cannot hold the URL is taken over from it.
fn fault(error: &ureq::Error, at: &str, within: Duration, protocol: Protocol) -> Fault {
    use ureq::Timeout;
    let peer = Peer { at: at.to_owned(), protocol };
    let (whom, key) = match protocol {
        Protocol::List => ("a list may have", "lists"),
        Protocol::Webhook => ("a webhook has to say", "notify.webhook.url"),
        Protocol::Http | Protocol::Smtp | Protocol::Imap => ("a homeserver has to say", "base_url"),
    };
    let slow = |what: String| Fault::new(FaultKind::Timeout, what);
    match error {
        ureq::Error::Timeout(Timeout::Resolve) => {
            slow(format!("the name in {at} is not looked up in time (DNS)"))
        }
        ureq::Error::Timeout(Timeout::Connect) => slow(format!("{at} does not take the connection in time")),
        ureq::Error::Timeout(_) => slow(format!("{at} does not answer within {:.1} s", within.as_secs_f64())),
        ureq::Error::HostNotFound => peer.unknown(),
        ureq::Error::BodyExceedsLimit(_) | ureq::Error::LargeResponseHeader(..) => {
            Fault::new(FaultKind::TooLong, format!("{at} answers more than {whom}"))
        }
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            Fault::new(FaultKind::Ours, format!("{at} cannot be asked: its URL is none, check {key}"))
        }
        ureq::Error::Io(error) => peer.fault(error),
        _ => peer.foreign(),
    }
}

/// The inner result: an answer came, but is not one to go on with.
fn read(
    response: Response<ureq::Body>,
    at: &str,
    protocol: Protocol,
    most: u64,
) -> Result<Result<Reply, Fault>, ureq::Error> {
    let status = response.status();
    let (parts, body) = response.into_parts();
    if status.is_redirection() {
        return Ok(Err(redirect(&parts.headers, at, protocol)));
    }
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let date = parts.headers.get(header::DATE).and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| DateTime::parse_from_rfc2822(date.trim()).ok());
    let retry_after = parts.headers.get(header::RETRY_AFTER).and_then(|wait| wait.to_str().ok());
    let retry_after = retry_after.and_then(|wait| wait.trim().parse().ok()).map(Duration::from_secs);
    Ok(Ok(Reply {
        status: status.as_u16(),
        retry_after: retry_after.map(|wait| wait.min(LONGEST_WAIT)),
        date: date.map(|date| date.to_utc()),
        desk: parts.headers.get(DESK).and_then(|desk| desk.to_str().ok()).map(ToOwned::to_owned),
        at: at.to_owned(),
        is_page: kind.trim_start().to_ascii_lowercase().starts_with("text/html"),
        body: body.into_with_config().limit(most).read_to_vec()?,
    }))
}

/// The place is named without its path, which may repeat a token.
fn redirect(headers: &HeaderMap, at: &str, protocol: Protocol) -> Fault {
    if protocol == Protocol::Webhook {
        let words =
            format!("{at} sends on to another place, which is not followed: set notify.webhook.url to that");
        return Fault::new(FaultKind::Redirect, words);
    }
    let to = headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
    let to = to.and_then(|to| to.parse::<Uri>().ok()).and_then(|to| origin(&to));
    let words = match to {
        Some(to) if to != at => {
            format!("{at} redirects to {}: if that is the homeserver, set it as base_url", cleaned(&to))
        }
        _ => format!("{at} redirects elsewhere instead of answering: check base_url"),
    };
    Fault::new(FaultKind::Redirect, words)
}

#[cfg(test)]
pub(crate) mod scripted_server;

#[cfg(test)]
mod tests;
