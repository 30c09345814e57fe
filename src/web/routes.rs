//! Which path is answered how. Pages, assets and cheap refusals are answered at once, from memory; everything else is
//! handed to the [`Crew`]s, so that no page waits for a disk or for a homeserver.

use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::alarms::Trouble;
use crate::clock::Clock;
use crate::config::Settings;
use crate::desk::Desk;

use super::client_address::client_address;
use super::crew::Crew;
use super::front_page::FrontPage;
use super::health::{Health, may_name_faults};
use super::origin::Provenance;
use super::pages::{self, Assets, Format, Look};
use super::replies::{self, COME_BACK, etag_matches, format_or_html, secured, zipped};
use super::server::{Headers, Method, Request, Responder, Response, Service};

/// Threads that look things up in the store, and jobs that may wait for them.
const LOOKERS: (usize, usize) = (4, 2000);

/// Threads that wait for the homeserver and for the disk, and jobs that may wait for them. Requests that are written down
/// at the same time share one fsync, so there are more of them than cores.
const ASKERS: (usize, usize) = (64, 2000);

/// The front door of a desk.
#[derive(Debug)]
pub struct FrontDoor {
    pub(super) hall: Arc<Hall>,
    pub(super) lookers: Crew,
    health: Arc<Health>,
}

/// What the threads behind the door share.
pub(super) struct Hall {
    pub(super) desk: Arc<Desk>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) look: ArcSwap<Look>,
    pub(super) askers: Crew,
    assets: Arc<Assets>,
    front_page: FrontPage,
}

impl std::fmt::Debug for Hall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hall").finish_non_exhaustive()
    }
}

impl FrontDoor {
    /// The door of this desk.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn new(desk: Arc<Desk>, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let premises = desk.premises();
        let assets = Arc::new(Assets::load(&premises.folder));
        let look = Look::new(&premises.settings.load(), Arc::clone(&assets));
        Ok(Self {
            health: Arc::new(Health::new(Arc::clone(&desk))),
            hall: Arc::new(Hall {
                desk,
                clock,
                look: ArcSwap::from_pointee(look),
                askers: Crew::hire("desk-ask", ASKERS.0, ASKERS.1)?,
                assets,
                front_page: FrontPage::new(),
            }),
            lookers: Crew::hire("desk-look", LOOKERS.0, LOOKERS.1)?,
        })
    }

    /// The settings have changed.
    pub fn refurbish(&self, settings: &Settings) {
        self.hall.look.store(Arc::new(Look::new(settings, Arc::clone(&self.hall.assets))));
        self.hall.front_page.forget();
    }

    fn health(&self, request: &Request, responder: Responder) {
        // A proxy that is not trusted comes to light before an applicant meets it.
        self.hall.client(request);
        let (health, names_faults) = (Arc::clone(&self.health), may_name_faults(request));
        self.lookers.take_on(move || responder.send(health.answer(names_faults)));
    }
}

impl Service for FrontDoor {
    fn call(&self, request: Request, responder: Responder) {
        let hall = &self.hall;
        let Some(path) = path_of(&request.target) else {
            return responder.send(hall.error(400, format_or_html(&request.headers)));
        };
        let allowed = match path.as_str() {
            "/register" => "POST, OPTIONS",
            "/" | "/api/time" | "/api/status" | "/healthz" | "/robots.txt" | "/favicon.ico" => {
                "GET, HEAD, OPTIONS"
            }
            path if path.starts_with("/static/") => "GET, HEAD, OPTIONS",
            _ => return responder.send(hall.error(404, format_or_html(&request.headers))),
        };
        match (path.as_str(), request.method) {
            ("/register", Method::Post) => self.register(&request, responder),
            ("/healthz", Method::Get | Method::Head) => self.health(&request, responder),
            (path, Method::Get | Method::Head) if path != "/register" => {
                responder.send(hall.get(path, &request));
            }
            (_, Method::Options) => responder.send(secured(Response::new(204)).header("allow", allowed)),
            _ => {
                let format = format_or_html(&request.headers);
                responder.send(hall.error(405, format).header("allow", allowed));
            }
        }
    }

    fn error(&self, status: u16, headers: Option<&Headers>) -> Response {
        let response = self.hall.error(status, headers.map_or(Format::Html, format_or_html));
        if status == 503 { response.header("retry-after", COME_BACK) } else { response }
    }
}

impl Hall {
    /// The applicant's address; a proxy that is not trusted, and should be, is an alarm.
    pub(super) fn client(&self, request: &Request) -> IpAddr {
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
        let now = self.desk.now();
        match path {
            "/" => {
                let page = self.front_page.at(&self.look.load(), self.desk.closed(now), now);
                secured(zipped(request, &page.plain, page.gzip.as_ref()))
                    .header("content-type", Format::Html.content_type())
                    .header("cache-control", pages::PAGE_CACHE)
            }
            "/api/time" => self.with_cors(request, replies::answer(200, Format::Json, pages::time_json(now))),
            "/api/status" => {
                let status = pages::status_json(&self.look.load(), self.desk.closed(now), now);
                self.with_cors(request, replies::answer(200, Format::Json, status))
            }
            path => self.asset(path, request),
        }
    }

    fn asset(&self, path: &str, request: &Request) -> Response {
        let Some(asset) = self.assets.get(path) else {
            return self.error(404, format_or_html(&request.headers));
        };
        let known = request.headers.text("if-none-match").is_some_and(|tags| etag_matches(tags, &asset.etag));
        let response = if known {
            Response::new(304).header("vary", "accept-encoding")
        } else {
            zipped(request, &asset.bytes, asset.gzip.as_ref()).header("content-type", asset.content_type)
        };
        secured(response).header("cache-control", asset.cache_control).header("etag", asset.etag.to_string())
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

    /// The answer where HTTP itself went wrong.
    pub(super) fn error(&self, status: u16, format: Format) -> Response {
        replies::error(&self.look.load(), status, format)
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
}
