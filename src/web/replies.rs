//! The answers to requests, as HTTP: status and headers around what [`super::pages`] makes.

use std::sync::Arc;

use hyper::body::Bytes;
use hyper::header::HeaderValue;

use crate::domain::{Refusal, Verdict};

use super::pages::{self, Format, Look};
use super::server::{Request, Response, WithHeader as _, response};

/// When to come back after the desk was overrun, or its disk full; in seconds.
pub(super) const COME_BACK: &str = "60";

/// A header that plays a part is not ASCII.
pub(super) struct Unreadable;

/// How the answer is to look.
pub(super) fn format_of(request: &Request) -> Result<Format, Unreadable> {
    let lines: Vec<&[u8]> = request.all("accept").collect();
    // Several lines are one list (RFC 9110, section 5.3).
    match String::from_utf8(lines.join(&b","[..])) {
        Ok(accept) if accept.is_ascii() => Ok(pages::negotiate(Some(&accept))),
        _ => Err(Unreadable),
    }
}

/// The same where something else is wrong already.
pub(super) fn format_or_html(request: &Request) -> Format {
    format_of(request).unwrap_or(Format::Html)
}

/// Whether it brings what a form sends.
pub(super) fn is_form(request: &Request) -> bool {
    let kind = request.text("content-type").unwrap_or_default();
    kind.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Adds what every answer carries.
pub(super) fn secured(response: Response) -> Response {
    pages::security_headers().iter().fold(response, |response, (name, value)| response.with(name, *value))
}

/// An answer to one visitor, that nobody keeps.
pub(super) fn answer(look: &Look, status: u16, format: Format, body: String) -> Response {
    plain(status, format, body).with("content-language", look.language.tag())
}

/// The same where nothing is said in any language.
pub(super) fn plain(status: u16, format: Format, body: String) -> Response {
    secured(response(status, body))
        .with("content-type", format.content_type())
        .with("cache-control", pages::ANSWER_CACHE)
}

/// The answer to what was refused; for people as this page.
pub(super) fn refusal(
    look: &Look,
    refusal: &Refusal,
    format: Format,
    page: impl FnOnce() -> String,
) -> Response {
    let verdict = Verdict::Refused(refusal.clone());
    let body = match format {
        Format::Json => pages::verdict_json(look, &verdict, &pages::refused_message(look, refusal), None),
        Format::Html => page(),
    };
    let response = answer(look, refusal.http_status(), format, body).with("vary", "accept");
    match refusal.retry_after() {
        Some(wait) => response.with("retry-after", pages::retry_after_seconds(wait).to_string()),
        None => response,
    }
}

/// The same for whoever came by a secret link: what they came by is told nobody, and found by nobody.
pub(super) fn private(mut response: Response) -> Response {
    for (name, value) in
        [("referrer-policy", "no-referrer"), ("x-robots-tag", "noindex"), ("cache-control", "no-store")]
    {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Sends a browser on to this path.
pub(super) fn see_other(look: &Look, path: &str) -> Response {
    private(answer(look, 303, Format::Html, String::new()))
        .with("location", format!("{path}{}", look.query()))
}

/// The answer where HTTP itself went wrong.
pub(super) fn error(look: &Look, status: u16, format: Format) -> Response {
    let body = match format {
        Format::Json => pages::error_json(look, status),
        Format::Html => pages::error_page(look, status),
    };
    let answer = answer(look, status, format, body);
    if status == 503 { answer.with("retry-after", COME_BACK) } else { answer }
}

/// 200 with this body, compressed for whoever takes it so, which caches are told.
pub(super) fn zipped(request: &Request, plain: &Arc<[u8]>, gzip: Option<&Arc<[u8]>>) -> Response {
    let takes_gzip = request.text("accept-encoding").is_some_and(accepts_gzip);
    let answer = match gzip {
        Some(gzip) if takes_gzip => {
            response(200, Bytes::from_owner(Arc::clone(gzip))).with("content-encoding", "gzip")
        }
        _ => response(200, Bytes::from_owner(Arc::clone(plain))),
    };
    answer.with("vary", "accept-encoding")
}

/// `Accept-Encoding` (RFC 9110, section 12.5.3): what is said of gzip itself, else of `*`.
fn accepts_gzip(accept: &str) -> bool {
    let said_of = |wanted: &str| {
        accept.split(',').find_map(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let refused = parts.any(|part| {
                part.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0))
            });
            name.eq_ignore_ascii_case(wanted).then_some(!refused)
        })
    };
    said_of("gzip").or_else(|| said_of("*")).unwrap_or(false)
}

/// Whether `If-None-Match` names this tag: weak comparison (RFC 9110, section 8.8.3.2).
pub(super) fn etag_matches(known: &str, etag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known.trim() == "*" || known.split(',').any(|tag| bare(tag) == bare(etag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_goes_only_to_who_takes_it() {
        for (accept, takes) in [
            ("gzip", true),
            ("br, gzip;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("gzip;q=0, *", false),
            ("*;q=0, gzip", true),
            ("*;q=0", false),
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
