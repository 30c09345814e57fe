//! One configured HTTP client: time-outs, a body limit, no redirects.
//!
//! What goes wrong is told in the operator's words. The words name the server (`https://matrix.your.server`), never
//! path or query, since these can hold a token.

mod connecting;
mod fault;

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::http::{HeaderMap, HeaderValue, Response, Uri, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::typestate::WithBody;
use ureq::{Agent, RequestBuilder};

use crate::domain::Secret;

pub use fault::{HttpFault, HttpFaultKind, cleaned};

use connecting::{Addresses, connector};
use fault::fault;

/// The longest answer that is read, unpacked, in bytes.
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

/// Asks web servers. Keeps connections; asks through no proxy, whatever the environment says.
#[derive(Debug, Clone)]
pub struct HttpClient {
    agent: Agent,
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
    /// The server, as [`place`] has it.
    pub at: String,
    is_page: bool,
    body: Vec<u8>,
}

impl Reply {
    /// The body as JSON. A body that calls itself HTML is none, whatever it holds; otherwise the type is not looked
    /// at, since many a static file comes with none.
    pub fn json(&self) -> Result<serde_json::Value, HttpFault> {
        let json = if self.is_page { None } else { serde_json::from_slice(&self.body).ok() };
        json.ok_or_else(|| {
            HttpFault::new(
                HttpFaultKind::NotJson,
                format!("{} answers something that is not JSON (status {})", self.at, self.status),
            )
        })
    }
}

impl Default for HttpClient {
    fn default() -> Self {
        Self::new()
    }
}

impl HttpClient {
    /// A client with no connection yet. Clones share their connections.
    pub fn new() -> Self {
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
            .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
            .build();
        Self { agent: Agent::with_parts(config, connector(), Addresses::default()) }
    }

    /// Asks by GET; `within` bounds everything from the name's lookup to the last byte. A kept connection that the
    /// server has closed meanwhile is replaced.
    pub fn get(&self, url: &str, within: Duration) -> Result<Reply, HttpFault> {
        self.send(Method::Get, url, None, within)
    }

    /// Asks by POST with a JSON body; `within` as in [`HttpClient::get`].
    pub fn post(&self, url: &str, json: &serde_json::Value, within: Duration) -> Result<Reply, HttpFault> {
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
    ) -> Result<Reply, HttpFault> {
        let started = std::time::Instant::now();
        match self.send_once(&method, url, bearer, within) {
            Err(HttpFault { kind: HttpFaultKind::HungUp, .. }) if !matches!(method, Method::Post(_)) => {
                self.send_once(&method, url, bearer, within.saturating_sub(started.elapsed()))
            }
            reply => reply,
        }
    }

    fn send_once(
        &self,
        method: &Method<'_>,
        url: &str,
        bearer: Option<&Secret>,
        within: Duration,
    ) -> Result<Reply, HttpFault> {
        let at = place(url)?;
        let bearer = bearer.map(|secret| {
            let header = HeaderValue::from_str(&format!("Bearer {}", secret.reveal()));
            header.map(|mut header| {
                header.set_sensitive(true);
                header
            })
        });
        let Ok(bearer) = bearer.transpose() else {
            return Err(HttpFault::new(
                HttpFaultKind::Url,
                "the access token has characters in it that no token has: look at the file that it stands in",
            ));
        };
        let sent = match method {
            Method::Get => authorized(timed(self.agent.get(url), within), bearer).call(),
            Method::Delete => authorized(timed(self.agent.delete(url), within), bearer).call(),
            Method::Post(body) => body.send(authorized(timed(self.agent.post(url), within), bearer)),
            Method::Put(body) => body.send(authorized(timed(self.agent.put(url), within), bearer)),
        };
        sent.and_then(|reply| read(reply, &at)).map_err(|error| fault(&error, &at, within))?
    }
}

/// How something is asked.
#[derive(Debug, Clone, Copy)]
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

/// What is sent along. `Debug` does not show it: it may be a secret.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// JSON.
    Json(&'a serde_json::Value),
    /// A form.
    Form {
        /// Keys and values.
        fields: &'a [(&'a str, &'a str)],
        /// The client's name and password, sent as they are (HTTP Basic, RFC 7617).
        client: Option<(&'a str, &'a Secret)>,
    },
}

impl std::fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Json(_) => "Json(…)",
            Self::Form { .. } => "Form(…)",
        })
    }
}

impl Body<'_> {
    fn send(self, request: RequestBuilder<WithBody>) -> Result<Response<ureq::Body>, ureq::Error> {
        match self {
            Self::Json(json) => request.content_type("application/json").send(json.to_string()),
            Self::Form { fields, client } => {
                let body: Vec<String> = fields
                    .iter()
                    .map(|(key, value)| format!("{}={}", form_encoded(key), form_encoded(value)))
                    .collect();
                let request = match client {
                    Some((name, password)) => {
                        let login = format!("{name}:{}", password.reveal());
                        let login =
                            HeaderValue::from_str(&format!("Basic {}", BASE64_STANDARD.encode(login)));
                        let mut login = login.map_err(|error| ureq::Error::Http(error.into()))?;
                        login.set_sensitive(true);
                        request.header(header::AUTHORIZATION, login)
                    }
                    None => request,
                };
                request.content_type("application/x-www-form-urlencoded").send(body.join("&"))
            }
        }
    }
}

/// `application/x-www-form-urlencoded`, a blank as `%20`, which means the same.
fn form_encoded(text: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, KEPT).to_string()
}

fn authorized<B>(request: RequestBuilder<B>, bearer: Option<HeaderValue>) -> RequestBuilder<B> {
    match bearer {
        Some(bearer) => request.header(header::AUTHORIZATION, bearer),
        None => request,
    }
}

/// A request with its time-outs. Zero would mean none at all.
fn timed<B>(request: RequestBuilder<B>, within: Duration) -> RequestBuilder<B> {
    let within = within.max(Duration::from_millis(1));
    request.config().timeout_global(Some(within)).timeout_connect(Some(within.min(CONNECT))).build()
}

/// The server that a URL leads to, as `https://host:port`: without user, path and query, fit to be shown.
pub fn place(url: &str) -> Result<String, HttpFault> {
    let uri: Option<Uri> = url.parse().ok();
    uri.as_ref().and_then(origin).ok_or_else(|| {
        HttpFault::new(HttpFaultKind::Url, "the homeserver's URL is none: check base_url in the config")
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

/// The inner result: an answer came, but is not one to go on with.
fn read(response: Response<ureq::Body>, at: &str) -> Result<Result<Reply, HttpFault>, ureq::Error> {
    let status = response.status();
    let (parts, body) = response.into_parts();
    if status.is_redirection() {
        return Ok(Err(redirect(&parts.headers, at)));
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
        at: at.to_owned(),
        is_page: kind.trim_start().to_ascii_lowercase().starts_with("text/html"),
        body: body.into_with_config().limit(BODY_BYTES).read_to_vec()?,
    }))
}

/// The place is named without its path, which may repeat a token.
fn redirect(headers: &HeaderMap, at: &str) -> HttpFault {
    let to = headers.get(header::LOCATION).and_then(|to| to.to_str().ok());
    let to = to.and_then(|to| to.parse::<Uri>().ok()).and_then(|to| origin(&to));
    let words = match to {
        Some(to) if to != at => {
            format!("{at} sends on to {}: if that is the homeserver, set it as base_url", cleaned(&to))
        }
        _ => format!("{at} sends on to another place (a redirect) instead of answering: check base_url"),
    };
    HttpFault::new(HttpFaultKind::Redirect, words)
}

#[cfg(test)]
pub(crate) mod scripted_server;

#[cfg(test)]
mod tests;
