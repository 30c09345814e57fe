//! The headers that every answer carries.

/// `Cache-Control` of pages that look the same to everybody: asked for again each time, kept for going back.
pub const PAGE_CACHE: &str = "no-cache";

/// `Cache-Control` of answers to an applicant, of `/api/` and of `/healthz`.
pub const ANSWER_CACHE: &str = "no-store";

/// What a page may do: style, script, images and fonts of its own, nothing inline, nothing of another host.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Names, in lower case, and values.
pub fn security_headers() -> &'static [(&'static str, &'static str)] {
    &[
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        // Not `no-referrer`: with it browsers send `Origin: null` along with the form (Fetch standard, "append a request
        // `Origin` header"), which could not be told from another site's.
        ("referrer-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ]
}

/// The policy of a static site whose form goes to `desk`, an origin; None: to its own. For a `meta` element, where
/// `frame-ancestors` is not allowed.
pub(super) fn static_policy(desk: Option<&str>) -> String {
    let desk = desk.map(|origin| format!(" {origin}")).unwrap_or_default();
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; \
         connect-src 'self'{desk}; form-action 'self'{desk}; base-uri 'none'"
    )
}
