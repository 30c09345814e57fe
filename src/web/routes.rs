//! Which path is answered how. Pages, assets and cheap refusals are answered at once, from memory; everything else is
//! handed to the crews of the [`Hall`], so that no page waits for a disk or for a homeserver.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Settings;
use crate::desk::Desk;

use super::hall::Hall;
use super::health::may_name_faults;
use super::origin::Provenance;
use super::pages::{self, Format};
use super::replies::{self, COME_BACK, etag_matches, format_or_html, secured, zipped};
use super::server::{Method, Request, Responder, Response, Service};

/// The front door of a desk.
#[derive(Debug)]
pub struct FrontDoor {
    hall: Arc<Hall>,
}

impl FrontDoor {
    /// The door of this desk.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn new(desk: Arc<Desk>, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        Ok(Self { hall: Arc::new(Hall::new(desk, clock)?) })
    }

    /// The settings have changed.
    pub fn refurbish(&self, settings: &Settings) {
        self.hall.refurbish(settings);
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
            ("/register", Method::Post) => hall.register(&request, responder),
            ("/healthz", Method::Get | Method::Head) => hall.tell_health(&request, responder),
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

    fn error(&self, status: u16, begun: Option<&Request>) -> Response {
        if let Some(request) = begun
            && request.method == Method::Post
            && path_of(&request.target).as_deref() == Some("/register")
        {
            // Every POST counts.
            self.hall.desk.knock(self.hall.client(request));
        }
        let format = begun.map_or(Format::Html, |request| format_or_html(&request.headers));
        let response = self.hall.error(status, format);
        if status == 503 { response.header("retry-after", COME_BACK) } else { response }
    }
}

impl Hall {
    fn tell_health(self: &Arc<Self>, request: &Request, responder: Responder) {
        // A proxy that is not trusted comes to light before an applicant meets it.
        self.client(request);
        let (hall, names_faults) = (Arc::clone(self), may_name_faults(request));
        self.lookers.take_on(move || responder.send(hall.health.answer(names_faults)));
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
