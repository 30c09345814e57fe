//! Which path is answered how. Pages, assets and cheap refusals are answered at once, from memory; everything else is
//! handed to the crews of the [`Hall`], so that no page waits for a disk or for a homeserver.

use std::sync::Arc;

use hyper::{Method, Uri};

use crate::clock::Clock;
use crate::config::Settings;
use crate::desk::Desk;
use crate::signup::SignUps;

use super::hall::Hall;
use super::health::may_name_faults;
use super::origin::Provenance;
use super::pages::{self, Format};
use super::replies::{self, etag_matches, format_or_html, private, secured, zipped};
use super::server::{Request, Response, Service, WithHeader as _, response};

/// What a sign-up link's secret stands behind.
const SIGN_UP: &str = "/signup/";

/// Below it, the secret by which an address is proved.
const PROVE: &str = "/prove/";

/// Below it, the secret by which the operator decides a request.
const DECIDE: &str = "/decide/";

/// The front door of a desk.
#[derive(Debug)]
pub struct FrontDoor {
    hall: Arc<Hall>,
}

impl FrontDoor {
    /// The door of this desk.
    pub fn new(desk: Arc<Desk>, sign_ups: Arc<SignUps>, clock: Arc<dyn Clock>) -> Self {
        Self { hall: Arc::new(Hall::new(desk, sign_ups, clock)) }
    }

    /// The settings have changed.
    pub fn refurbish(&self, settings: &Settings) {
        self.hall.refurbish(settings);
    }
}

impl Service for FrontDoor {
    async fn call(&self, request: Request) -> Option<Response> {
        let hall = &self.hall;
        let Some(path) = hall.path_of(&request) else {
            return Some(hall.error(400, format_or_html(&request)));
        };
        if let Some(tail) = path.strip_prefix("/request/") {
            return hall.below_request(tail, &request).await.map(private);
        }
        if let Some(secret) = path.strip_prefix("/not-me/") {
            return hall.below_not_me(secret, &request).await.map(private);
        }
        let allowed = match path.as_str() {
            "/register" => "POST, OPTIONS",
            path if path.starts_with(PROVE) || path.starts_with(DECIDE) => "GET, HEAD, POST, OPTIONS",
            "/" | "/api/time" | "/api/status" | "/healthz" | "/robots.txt" | "/favicon.ico" => {
                "GET, HEAD, OPTIONS"
            }
            path if path.starts_with(SIGN_UP) => "GET, HEAD, POST, OPTIONS",
            path if path.starts_with("/static/") => "GET, HEAD, OPTIONS",
            _ => return Some(hall.error(404, format_or_html(&request))),
        };
        match (path.as_str(), &request.head.method) {
            ("/register", &Method::POST) => hall.register(&request).await,
            (path, &Method::GET | &Method::HEAD | &Method::POST) if path.starts_with(SIGN_UP) => {
                let secret = path[SIGN_UP.len()..].to_owned();
                hall.sign_up(request, &secret).await
            }
            (path, &Method::GET | &Method::HEAD | &Method::POST) if path.starts_with(PROVE) => {
                hall.prove(&path[PROVE.len()..], &request).await.map(private)
            }
            (path, &Method::GET | &Method::HEAD | &Method::POST) if path.starts_with(DECIDE) => {
                hall.decide(&path[DECIDE.len()..], &request).await.map(private)
            }
            ("/healthz", &Method::GET | &Method::HEAD) => hall.tell_health(&request).await,
            (path, &Method::GET | &Method::HEAD) if path != "/register" => Some(hall.get(path, &request)),
            (_, &Method::OPTIONS) => Some(secured(response(204, "")).with("allow", allowed)),
            _ => Some(hall.error(405, format_or_html(&request)).with("allow", allowed)),
        }
    }

    fn error(&self, status: u16, begun: Option<&Request>) -> Response {
        let answer = self.hall.error(status, begun.map_or(Format::Html, format_or_html));
        let Some((request, path)) = begun.and_then(|request| Some((request, self.hall.path_of(request)?)))
        else {
            return answer;
        };
        let is_secret =
            ["/request/", "/not-me/", PROVE, DECIDE].iter().any(|secret| path.starts_with(secret));
        if request.head.method == Method::POST && (is_secret || path == "/register") {
            // Every POST counts.
            self.hall.desk.knock(self.hall.client(request));
        }
        if is_secret { private(answer) } else { answer }
    }
}

impl Hall {
    /// The path that is asked for, as the desk knows it. A web server in front of it may pass on what `public_url` has behind
    /// its host, or take it off. None: it is not readable.
    fn path_of(&self, request: &Request) -> Option<String> {
        let (path, settings) = (path_of(&request.head.uri)?, self.desk.premises().settings.load());
        Some(below(&path, settings.public_path()).to_owned())
    }

    async fn tell_health(self: &Arc<Self>, request: &Request) -> Option<Response> {
        // A proxy that is not trusted comes to light before an applicant meets it.
        self.client(request);
        let (hall, names_faults) = (Arc::clone(self), may_name_faults(request));
        self.lookers.have_done(move || hall.health.answer(names_faults)).await
    }

    fn get(&self, path: &str, request: &Request) -> Response {
        let now = self.desk.now();
        match path {
            "/" => {
                let page = self.front_page.at(&self.look.load(), self.desk.closed(now), now);
                secured(zipped(request, &page.plain, page.gzip.as_ref()))
                    .with("content-type", Format::Html.content_type())
                    .with("cache-control", pages::PAGE_CACHE)
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
            return self.error(404, format_or_html(request));
        };
        let known = request.text("if-none-match").is_some_and(|tags| etag_matches(tags, &asset.etag));
        let response = if known {
            response(304, "").with("vary", "accept-encoding")
        } else {
            zipped(request, &asset.bytes, asset.gzip.as_ref()).with("content-type", asset.content_type)
        };
        secured(response).with("cache-control", asset.cache_control).with("etag", asset.etag.to_string())
    }

    /// A site that the operator has named may read what is not secret.
    fn with_cors(&self, request: &Request, response: Response) -> Response {
        let settings = self.desk.premises().settings.load();
        let origin = request.text("origin");
        let response = response.with("vary", "origin");
        let provenance = Provenance { origin, allowed: &settings.allowed_origins, ..Provenance::default() };
        match origin {
            Some(origin) if provenance.origin_is_allowed() => {
                response.with("access-control-allow-origin", origin.to_owned())
            }
            _ => response,
        }
    }
}

/// The path of a request's target, decoded once. None: it is not readable.
fn path_of(target: &Uri) -> Option<String> {
    percent_encoding::percent_decode_str(target.path()).decode_utf8().ok().map(String::from)
}

/// A path without what all paths begin with, where it begins with that.
fn below<'a>(path: &'a str, public: &str) -> &'a str {
    let public = percent_encoding::percent_decode_str(public).decode_utf8_lossy();
    match path.strip_prefix(&*public) {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_known_with_and_without_what_stands_before_it() {
        for (path, public, known) in [
            ("/register", "", "/register"),
            ("/", "", "/"),
            ("/join/desk", "/join/desk", "/"),
            ("/join/desk/", "/join/desk", "/"),
            ("/join/desk/register", "/join/desk", "/register"),
            ("/register", "/join/desk", "/register"),
            ("/join/desks", "/join/desk", "/join/desks"),
            ("/b\u{fc}ro/api/time", "/b%C3%BCro", "/api/time"),
        ] {
            assert_eq!(below(path, public), known, "{path} {public}");
        }
    }

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
            assert_eq!(path_of(&target.parse().unwrap()).as_deref(), path, "{target}");
        }
    }
}
