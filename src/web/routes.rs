//! Which path is answered how. Pages, assets and cheap refusals are answered at once, from memory; everything else is
//! handed to the crews of the [`Hall`], so that no page waits for a disk or for a homeserver.

use std::sync::Arc;

use hyper::{Method, Uri};

use crate::clock::Clock;
use crate::config::Settings;
use crate::desk::{Desk, Knock};
use crate::domain::Refusal;
use crate::net::http::DESK;
use crate::signup::SignUps;

use super::hall::Hall;
use super::health::may_name_faults;
use super::origin::{Provenance, says_cross_site};
use super::pages::{self, Format};
use super::receipts::corrected;
use super::replies::{self, etag_matches, format_or_html, private, secured, zipped};
use super::server::{Request, Response, Service, WithHeader as _, response};

/// What a secret in the path leads to. Whatever is answered there is told nobody, found by nobody and kept by nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behind {
    Receipt,
    NotMe,
    Proof,
    SignUp,
    /// What the operator's digest brings.
    Decision,
}

const SECRETS: [(&str, Behind); 5] = [
    ("/request/", Behind::Receipt),
    ("/not-me/", Behind::NotMe),
    ("/prove/", Behind::Proof),
    ("/signup/", Behind::SignUp),
    ("/decide/", Behind::Decision),
];

/// What the path leads to, and the secret with what stands behind it.
fn secret_of(path: &str) -> Option<(Behind, &str)> {
    SECRETS.iter().find_map(|(place, behind)| Some((*behind, path.strip_prefix(place)?)))
}

const SHOWN: &str = "GET, HEAD, OPTIONS";
const SHOWN_AND_ACTED_ON: &str = "GET, HEAD, POST, OPTIONS";

/// The methods that a path takes. None: there is no such path.
fn allowed(path: &str) -> Option<&'static str> {
    match (path, secret_of(path)) {
        ("/register", _) => Some("POST, OPTIONS"),
        (
            "/" | "/api/time" | "/api/status" | "/api/username" | "/healthz" | "/robots.txt" | "/favicon.ico",
            _,
        ) => Some(SHOWN),
        (_, Some((Behind::Receipt, tail))) => match tail.split_once('/') {
            None => Some(SHOWN),
            Some((_, tail)) => corrected(tail).map(|_| SHOWN_AND_ACTED_ON),
        },
        (_, Some((Behind::NotMe | Behind::Proof | Behind::SignUp | Behind::Decision, _))) => {
            Some(SHOWN_AND_ACTED_ON)
        }
        (path, None) => path.starts_with("/static/").then_some(SHOWN),
    }
}

fn takes(path: &str, method: &Method) -> bool {
    allowed(path).is_some_and(|allowed| allowed.split(", ").any(|one| one == method.as_str()))
}

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
        let (hall, format) = (&self.hall, format_or_html(&request));
        let knock = hall.count(&request);
        let Some(path) = hall.path_of(&request) else {
            return Some(hall.error(&request, 400, format));
        };
        let (is_secret, look) = (secret_of(&path).is_some(), hall.look(&request));
        let answer = hall.answer(&path, request, knock).await;
        let too_many = || replies::error(&look, 503, format);
        let answer = if is_secret { Some(private(answer.unwrap_or_else(too_many))) } else { answer };
        // What is said in a language is said in another to others.
        let in_its = |answer: Response| {
            let is_said = answer.headers().contains_key("content-language");
            if is_said { answer.with("vary", "accept-language") } else { answer }
        };
        answer.map(in_its)
    }

    fn error(&self, status: u16, begun: Option<&Request>) -> Response {
        let hall = &self.hall;
        let answer = hall.error(begun, status, begun.map_or(Format::Html, format_or_html));
        let Some(request) = begun else { return answer };
        hall.count(request);
        let is_secret = hall.path_of(request).is_some_and(|path| secret_of(&path).is_some());
        if is_secret { private(answer) } else { answer }
    }
}

impl Hall {
    /// Every POST counts, whatever it is and becomes.
    fn count(&self, request: &Request) -> Knock {
        if request.head.method == Method::POST {
            self.desk.knock(self.client(request))
        } else {
            Knock::default()
        }
    }

    /// None: too many wait already.
    async fn answer(self: &Arc<Self>, path: &str, request: Request, knock: Knock) -> Option<Response> {
        let (format, method) = (format_or_html(&request), &request.head.method);
        let Some(allowed) = allowed(path) else { return Some(self.error(&request, 404, format)) };
        if !takes(path, method) {
            return Some(self.error(&request, 405, format).with("allow", allowed));
        }
        if method == Method::OPTIONS {
            return Some(secured(response(204, "")).with("allow", allowed));
        }
        if let Some((behind, secret)) = secret_of(path) {
            return self.behind(behind, secret, request, knock).await;
        }
        match path {
            "/register" => self.register(&request, knock).await,
            "/healthz" => self.tell_health(&request).await,
            "/api/username" => {
                let told = self.tell_of_name(&request).await;
                Some(self.with_cors(&request, told))
            }
            path => Some(self.get(path, &request)),
        }
    }

    async fn behind(
        self: &Arc<Self>,
        behind: Behind,
        secret: &str,
        request: Request,
        knock: Knock,
    ) -> Option<Response> {
        // Corrections are requests, and keep that as a refusal.
        if request.head.method == Method::POST && behind != Behind::Receipt && says_cross_site(&request) {
            let look = self.look(&request);
            let page = || pages::error_page(&look, 403);
            return Some(replies::refusal(&look, &Refusal::CrossSite, format_or_html(&request), page));
        }
        match behind {
            Behind::Receipt => self.below_request(secret, &request, knock).await,
            Behind::NotMe => self.not_me(secret, &request).await,
            Behind::Proof => self.prove(secret, &request).await,
            Behind::SignUp => self.sign_up(request, secret).await,
            Behind::Decision => self.decide(secret, &request, knock).await,
        }
    }

    /// The path that is asked for, as the desk knows it. A web server in front of it may pass on what `public_url` has behind
    /// its host, or take it off. None: it is not readable.
    fn path_of(&self, request: &Request) -> Option<String> {
        let (path, settings) = (path_of(&request.head.uri)?, self.desk.premises().settings.load());
        Some(below(&path, settings.public_path(), &request.head.method).to_owned())
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
                let look = self.look(request);
                let page = self.front_page.at(&look, self.desk.closed(now), now);
                secured(zipped(request, &page.plain, page.gzip.as_ref()))
                    .with("content-language", look.language.tag())
                    .with("content-type", Format::Html.content_type())
                    .with("cache-control", pages::PAGE_CACHE)
            }
            "/api/time" => self.with_cors(request, replies::plain(200, Format::Json, pages::time_json(now))),
            "/api/status" => {
                let look = self.look(request);
                let status = pages::status_json(&look, self.desk.closed(now), now);
                let identity = self.desk.premises().identity.clone();
                self.with_cors(request, replies::answer(&look, 200, Format::Json, status))
                    .with(DESK, identity)
            }
            path => self.asset(path, request),
        }
    }

    fn asset(&self, path: &str, request: &Request) -> Response {
        let Some(asset) = self.assets.get(path) else {
            return self.error(request, 404, format_or_html(request));
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

/// A path without what all paths begin with, where it begins with that, and means something without it: `/register` may be
/// the page of `https://your.server/register`, or what its form is sent to.
fn below<'a>(path: &'a str, public: &str, method: &Method) -> &'a str {
    let public = percent_encoding::percent_decode_str(public).decode_utf8_lossy();
    let rest = match path.strip_prefix(&*public) {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => return path,
    };
    if takes(rest, method) || !takes(path, method) { rest } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_known_with_and_without_what_stands_before_it() {
        for (method, path, public, known) in [
            (Method::POST, "/register", "", "/register"),
            (Method::GET, "/", "", "/"),
            (Method::GET, "/join/desk", "/join/desk", "/"),
            (Method::GET, "/join/desk/", "/join/desk", "/"),
            (Method::POST, "/join/desk/register", "/join/desk", "/register"),
            (Method::GET, "/join/desk/register", "/join/desk", "/register"),
            (Method::POST, "/register", "/join/desk", "/register"),
            (Method::GET, "/join/desks", "/join/desk", "/join/desks"),
            (Method::GET, "/b\u{fc}ro/api/time", "/b%C3%BCro", "/api/time"),
            (Method::GET, "/register", "/register", "/"),
            (Method::POST, "/register", "/register", "/register"),
            (Method::POST, "/register/register", "/register", "/register"),
            (Method::GET, "/register/static/style.css", "/register", "/static/style.css"),
            (Method::GET, "/signup/secret", "/signup", "/signup/secret"),
            (Method::GET, "/signup/signup/secret", "/signup", "/signup/secret"),
            (Method::GET, "/static/style.css", "/static", "/static/style.css"),
            (Method::GET, "/static/api/time", "/static", "/api/time"),
        ] {
            assert_eq!(below(path, public, &method), known, "{method} {path} {public}");
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
