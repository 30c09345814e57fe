//! Which path is answered how. Pages, assets and cheap refusals are answered at once, from memory; everything else is
//! handed to the [`Crew`]s, so that no page waits for a disk or for a homeserver.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::config::Settings;
use crate::desk::{Desk, Knock, Looked, PATIENCE};
use crate::domain::{Channel, Closed, Mxid, Refusal, TokenRequest, Verdict};
use crate::store::StoreError;

use super::client_address::client_address;
use super::crew::Crew;
use super::form::Form;
use super::origin::Provenance;
use super::pages::{self, Assets, Format, Look, Typed};
use super::server::{Method, Request, Responder, Response, Service};

/// Threads that look things up in the store, and jobs that may wait for them.
const LOOKERS: (usize, usize) = (4, 2000);

/// Threads that wait for the homeserver and for the disk, and jobs that may wait for them. Requests that are written down
/// at the same time share one fsync, so there are more of them than cores.
const ASKERS: (usize, usize) = (64, 2000);

/// When to come back after the desk was overrun, or its disk full.
const COME_BACK: &str = "60";

/// How often a store in trouble is tried at most, for `/healthz`.
const PROBE_EVERY_MS: i64 = 1000;

/// The front door of a desk.
#[derive(Debug)]
pub struct FrontDoor {
    inner: Arc<Inner>,
    lookers: Crew,
}

struct Inner {
    desk: Arc<Desk>,
    clock: Arc<dyn Clock>,
    look: ArcSwap<Look>,
    assets: Arc<Assets>,
    front: ArcSwap<Front>,
    askers: Crew,
    probed_at: AtomicI64,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}

/// The page, made once a second at most.
#[derive(Debug)]
struct Front {
    second: i64,
    closed: Option<Closed>,
    plain: Arc<[u8]>,
    gzip: Option<Arc<[u8]>>,
}

/// A header that plays a part is not ASCII.
struct Unreadable;

impl FrontDoor {
    /// The door of this desk.
    pub fn new(desk: Arc<Desk>, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let premises = desk.premises();
        let assets = Arc::new(Assets::load(&premises.folder));
        let look = Look::new(&premises.settings.load(), Arc::clone(&assets));
        let front = Front { second: i64::MIN, closed: None, plain: Arc::new([]), gzip: None };
        Ok(Self {
            inner: Arc::new(Inner {
                clock,
                look: ArcSwap::from_pointee(look),
                assets,
                front: ArcSwap::from_pointee(front),
                askers: Crew::hire("desk-ask", ASKERS.0, ASKERS.1)?,
                probed_at: AtomicI64::new(0),
                desk,
            }),
            lookers: Crew::hire("desk-look", LOOKERS.0, LOOKERS.1)?,
        })
    }

    /// The settings have changed.
    pub fn refurbish(&self, settings: &Settings) {
        self.inner.look.store(Arc::new(Look::new(settings, Arc::clone(&self.inner.assets))));
        // The page of this second is made anew.
        let front = Front { second: i64::MIN, closed: None, plain: Arc::new([]), gzip: None };
        self.inner.front.store(Arc::new(front));
    }

    fn register(&self, request: &Request, responder: Responder) {
        let inner = &self.inner;
        let desk = &inner.desk;
        let ip = inner.client(request);
        let knock = desk.knock(ip);
        let (format, settings) = match inner.read_post(request) {
            Ok(read) => read,
            Err((status, format)) => return responder.send(inner.error(status, format)),
        };
        let form = Form::read(&request.body);
        let provenance = Provenance {
            fetch_site: request.headers.text("sec-fetch-site"),
            origin: request.headers.text("origin"),
            host: request.headers.text("host"),
            public_url: settings.public_url.as_deref(),
            allowed: &settings.allowed_origins,
        };
        let refused_at_once = if provenance.is_cross_site() {
            Err(Refusal::CrossSite)
        } else {
            form.request(&settings.homeserver, ip, desk.now())
        };
        let token_request = match refused_at_once {
            Ok(token_request) => token_request,
            Err(refusal) => {
                let verdict = desk.turn_away(Channel::Web, Some(ip), &form.username, &form.email, refusal);
                return responder.send(inner.answer(&verdict, &form, None, format));
            }
        };
        if let Some(verdict) = desk.at_the_door(&token_request, &knock) {
            return responder.send(inner.answer(&verdict, &form, Some(&token_request), format));
        }
        let deadline = inner.clock.monotonic() + PATIENCE;
        let work = Arc::clone(inner);
        // Where nobody takes it on, the responder is dropped, and that answers too.
        self.lookers.take_on(move || work.look(token_request, &knock, form, format, deadline, responder));
    }

    fn health(&self, request: &Request, responder: Responder) {
        let work = Arc::clone(&self.inner);
        // So that it comes to light before an applicant meets it.
        work.client(request);
        let names_faults = request.peer.ip().to_canonical().is_loopback()
            && request.headers.all("x-forwarded-for").next().is_none();
        self.lookers.take_on(move || responder.send(work.health(names_faults)));
    }
}

impl Service for FrontDoor {
    fn call(&self, request: Request, responder: Responder) {
        let inner = &self.inner;
        let Some(path) = path_of(&request.target) else {
            return responder.send(inner.error(400, Format::Html));
        };
        let allowed = match path.as_str() {
            "/register" => "POST, OPTIONS",
            "/" | "/api/time" | "/api/status" | "/healthz" | "/robots.txt" | "/favicon.ico" => {
                "GET, HEAD, OPTIONS"
            }
            path if path.starts_with("/static/") => "GET, HEAD, OPTIONS",
            _ => return responder.send(inner.error(404, format_of(&request).unwrap_or(Format::Html))),
        };
        match (path.as_str(), request.method) {
            ("/register", Method::Post) => self.register(&request, responder),
            ("/healthz", Method::Get | Method::Head) => self.health(&request, responder),
            (path, Method::Get | Method::Head) if path != "/register" => {
                responder.send(inner.get(path, &request));
            }
            (_, Method::Options) => responder.send(secured(Response::new(204)).header("allow", allowed)),
            _ => {
                let format = format_of(&request).unwrap_or(Format::Html);
                responder.send(inner.error(405, format).header("allow", allowed));
            }
        }
    }

    fn error(&self, status: u16) -> Response {
        let response = self.inner.error(status, Format::Html);
        if status == 503 { response.header("retry-after", COME_BACK) } else { response }
    }
}

impl Inner {
    /// How the answer is to look, and the settings; else the HTTP status of what is wrong, and how that is to look.
    fn read_post(&self, request: &Request) -> Result<(Format, Arc<Settings>), (u16, Format)> {
        let format = format_of(request).map_err(|Unreadable| (400, Format::Html))?;
        for name in ["host", "origin", "sec-fetch-site", "content-type"] {
            if request.headers.all(name).any(|value| !value.is_ascii()) {
                return Err((400, format));
            }
        }
        let content_type = request.headers.text("content-type").unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err((415, format));
        }
        Ok((format, self.desk.premises().settings.load_full()))
    }

    /// The applicant's address; a proxy that is not trusted, and should be, is an alarm.
    fn client(&self, request: &Request) -> IpAddr {
        let premises = self.desk.premises();
        let settings = premises.settings.load();
        let client = client_address(
            request.peer.ip(),
            request.headers.all("x-forwarded-for"),
            &settings.trusted_proxies,
        );
        if let Some(proxy) = client.untrusted_proxy {
            premises.alarms.raise(
                Trouble::Proxy,
                format!(
                    "{proxy} sends X-Forwarded-For and is not trusted, so all its visitors count as one: if it is your \
                     proxy, add this to config.yaml: trusted_proxies: [loopback, {proxy}]"
                ),
            );
        }
        client.ip
    }

    fn get(&self, path: &str, request: &Request) -> Response {
        let now = self.clock.now();
        let look = self.look.load();
        match path {
            "/" => {
                let front = self.front(now);
                let body = zipped(request, &front.plain, front.gzip.as_ref());
                secured(body)
                    .header("content-type", "text/html; charset=utf-8")
                    .header("cache-control", pages::PAGE_CACHE)
            }
            "/api/time" => self.with_cors(request, plain_json(200, pages::time_json(now))),
            "/api/status" => {
                let status = pages::status_json(&look, self.desk.closed(now), now);
                self.with_cors(request, plain_json(200, status))
            }
            path => match self.assets.get(path) {
                None => self.error(404, Format::Html),
                Some(asset) => {
                    let known = request
                        .headers
                        .text("if-none-match")
                        .is_some_and(|known| etag_matches(known, &asset.etag));
                    let response = if known {
                        Response::new(304)
                    } else {
                        zipped(request, &asset.bytes, asset.gzip.as_ref())
                            .header("content-type", asset.content_type)
                    };
                    secured(response)
                        .header("cache-control", asset.cache_control)
                        .header("etag", asset.etag.to_string())
                        .header("vary", "accept-encoding")
                }
            },
        }
    }

    fn front(&self, now: DateTime<Utc>) -> Arc<Front> {
        let closed = self.desk.closed(now);
        let made = self.front.load();
        if made.second == now.timestamp() && made.closed == closed {
            return Arc::clone(&made);
        }
        let page = pages::front_page(&self.look.load(), closed, now).into_bytes();
        let front =
            Arc::new(Front { second: now.timestamp(), closed, gzip: pages::gzip(&page), plain: page.into() });
        self.front.store(Arc::clone(&front));
        front
    }

    /// A site that the operator has named may read what is not secret.
    fn with_cors(&self, request: &Request, response: Response) -> Response {
        let settings = self.desk.premises().settings.load();
        let origin = request.headers.text("origin");
        let response = response.header("vary", "origin");
        let provenance = Provenance { origin, allowed: &settings.allowed_origins, ..Provenance::default() };
        match origin {
            Some(origin) if provenance.origin_is_allowed() => {
                response.header("access-control-allow-origin", origin.to_owned())
            }
            _ => response,
        }
    }

    fn look(
        self: &Arc<Self>,
        request: TokenRequest,
        knock: &Knock,
        form: Form,
        format: Format,
        deadline: Instant,
        responder: Responder,
    ) {
        let case = match self.desk.look(request.clone(), knock) {
            Ok(Looked::Ask(case)) => case,
            Ok(Looked::Decided(verdict)) => {
                return responder.send(self.answer(&verdict, &form, Some(&request), format));
            }
            Err(error) => return responder.send(self.not_kept(&error, format)),
        };
        let work = Arc::clone(self);
        self.askers.take_on(move || {
            let response = match work.desk.decide(case, deadline) {
                Ok(verdict) => work.answer(&verdict, &form, Some(&request), format),
                Err(error) => work.not_kept(&error, format),
            };
            responder.send(response);
        });
    }

    fn answer(
        &self,
        verdict: &Verdict,
        form: &Form,
        request: Option<&TokenRequest>,
        format: Format,
    ) -> Response {
        let look = self.look.load();
        let settings = self.desk.premises().settings.load();
        let now = self.clock.now();
        let mxid = |request: &TokenRequest| Mxid {
            localpart: request.username.clone(),
            server: settings.homeserver.clone(),
        };
        let (html, message) = match (verdict, request) {
            (Verdict::Accepted, Some(request)) => {
                let mxid = mxid(request);
                let page =
                    pages::accepted_page(&look, &mxid, &request.email, settings.email_cooldown, false, now);
                (page, pages::accepted_message(&look, &mxid, &request.email))
            }
            (Verdict::Held, Some(request)) => {
                let mxid = mxid(request);
                let page = pages::held_page(&look, &mxid, &request.email, now);
                (page, pages::held_message(&mxid, &request.email))
            }
            (Verdict::Refused(refusal), _) => {
                let typed = Typed { username: &form.username, email: &form.email };
                (
                    pages::refused_page(&look, typed, refusal, self.desk.closed(now), now),
                    pages::refused_message(refusal),
                )
            }
            // Only what was a request can be accepted.
            (Verdict::Accepted | Verdict::Held, None) => return self.error(500, format),
        };
        let response = match format {
            Format::Json => plain_json(verdict.http_status(), pages::verdict_json(&look, verdict, &message)),
            Format::Html => secured(Response::new(verdict.http_status()).body(html.into_bytes()))
                .header("content-type", "text/html; charset=utf-8")
                .header("cache-control", pages::ANSWER_CACHE),
        };
        let response = response.header("vary", "accept");
        match verdict {
            Verdict::Refused(refusal) => match refusal.retry_after() {
                Some(wait) => response.header("retry-after", pages::retry_after_seconds(wait).to_string()),
                None => response,
            },
            _ => response,
        }
    }

    /// The request is not on disk, so it is not acknowledged.
    fn not_kept(&self, error: &StoreError, format: Format) -> Response {
        self.desk.premises().alarms.raise(Trouble::Store, error.to_string());
        self.error(503, format).header("retry-after", COME_BACK)
    }

    fn health(&self, names_faults: bool) -> Response {
        let now = self.clock.now().timestamp_millis();
        let alarms = &self.desk.premises().alarms;
        // Whether a request could be kept is found out by keeping something.
        let probed_at = self.probed_at.swap(now, Ordering::Relaxed);
        if (now - probed_at).abs() >= PROBE_EVERY_MS || alarms.is_raised(Trouble::Store) {
            // What is wrong is an alarm by now.
            let _ = self.desk.probe_store();
        }
        let failing = alarms.is_raised(Trouble::Store);
        let mut body = serde_json::json!({ "status": if failing { "failing" } else { "ok" } });
        if names_faults {
            let faults: Vec<_> = alarms
                .all()
                .into_iter()
                .map(|(trouble, what)| serde_json::json!({ "fault": trouble.word(), "what": what }))
                .collect();
            body["faults"] = faults.into();
        }
        plain_json(if failing { 503 } else { 200 }, format!("{body}\n"))
    }

    fn error(&self, status: u16, format: Format) -> Response {
        match format {
            Format::Json => plain_json(status, pages::error_json(status)),
            Format::Html => {
                let page = pages::error_page(&self.look.load(), status);
                secured(Response::new(status).body(page.into_bytes()))
                    .header("content-type", "text/html; charset=utf-8")
                    .header("cache-control", pages::ANSWER_CACHE)
            }
        }
    }
}

/// How the answer is to look.
fn format_of(request: &Request) -> Result<Format, Unreadable> {
    let lines: Vec<&[u8]> = request.headers.all("accept").collect();
    // Several lines are one list (RFC 9110, section 5.3).
    match String::from_utf8(lines.join(&b","[..])) {
        Ok(accept) if accept.is_ascii() => Ok(pages::negotiate(Some(&accept))),
        _ => Err(Unreadable),
    }
}

/// The path of a request's target, decoded once. None: it is not readable.
fn path_of(target: &str) -> Option<String> {
    let target = match target.split_once("://") {
        // RFC 9112, section 3.2.2: a proxy may send the whole URL.
        Some((scheme, rest)) if !scheme.contains('/') => rest.find('/').map_or("/", |at| &rest[at..]),
        _ => target,
    };
    let path = target.split(['?', '#']).next().unwrap_or_default();
    percent_encoding::percent_decode_str(path).decode_utf8().ok().map(String::from)
}

fn secured(response: Response) -> Response {
    pages::security_headers().iter().fold(response, |response, (name, value)| response.header(name, *value))
}

fn plain_json(status: u16, body: String) -> Response {
    secured(Response::new(status).body(body.into_bytes()))
        .header("content-type", "application/json")
        .header("cache-control", pages::ANSWER_CACHE)
}

fn zipped(request: &Request, plain: &Arc<[u8]>, gzip: Option<&Arc<[u8]>>) -> Response {
    let takes_gzip = request.headers.text("accept-encoding").is_some_and(accepts_gzip);
    match gzip {
        Some(gzip) if takes_gzip => {
            Response::new(200).body(Arc::clone(gzip)).header("content-encoding", "gzip")
        }
        _ => Response::new(200).body(Arc::clone(plain)),
    }
}

fn accepts_gzip(accept: &str) -> bool {
    accept.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts
            .any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0)));
        (name.eq_ignore_ascii_case("gzip") || name == "*") && !refused
    })
}

/// Weak comparison (RFC 9110, section 8.8.3.2).
fn etag_matches(known: &str, etag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known.trim() == "*" || known.split(',').any(|tag| bare(tag) == bare(etag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_gives_its_path_decoded_once() {
        for (target, path) in [
            ("/", Some("/")),
            ("/?a=b", Some("/")),
            ("/static/%2e%2e/x", Some("/static/../x")),
            ("/static/%252e", Some("/static/%2e")),
            ("http://desk.example/register?x", Some("/register")),
            ("http://desk.example", Some("/")),
            ("/%ff", None),
            ("*", Some("*")),
        ] {
            assert_eq!(path_of(target).as_deref(), path, "{target}");
        }
    }

    #[test]
    fn gzip_goes_only_to_who_takes_it() {
        for (accept, takes) in [
            ("gzip", true),
            ("br, gzip;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("identity", false),
            ("", false),
        ] {
            assert_eq!(accepts_gzip(accept), takes, "{accept}");
        }
    }

    #[test]
    fn an_etag_is_known_again() {
        assert!(etag_matches("W/\"a\"", "W/\"a\"") && etag_matches("\"x\", \"a\"", "W/\"a\""));
        assert!(etag_matches("*", "W/\"a\"") && !etag_matches("\"b\"", "W/\"a\""));
    }
}
