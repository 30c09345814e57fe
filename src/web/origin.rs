//! Whether a form was sent by another site's page: browsers say so, and a visitor's browser is nobody's botnet.

use super::server::Request;

/// Whether a browser says that another site's page has sent this. Where a secret is needed to send it that is all to go by:
/// the page behind one tells no site whence its form comes, not even its own, so that `Origin` says nothing.
pub fn says_cross_site(request: &Request) -> bool {
    let fetch_site = request.text("sec-fetch-site");
    Provenance { fetch_site, ..Provenance::default() }.is_cross_site()
}

/// What a browser says about where a request comes from, and what the desk knows of itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Provenance<'a> {
    /// `Sec-Fetch-Site`
    pub fetch_site: Option<&'a str>,
    /// `Origin`
    pub origin: Option<&'a str>,
    /// `Host`
    pub host: Option<&'a str>,
    /// `public_url`
    pub public_url: Option<&'a str>,
    /// `allowed_origins`
    pub allowed: &'a [String],
}

impl Provenance<'_> {
    /// Whether the request is another site's doing, and that site not allowed to.
    pub fn is_cross_site(&self) -> bool {
        if self.origin_is_allowed() {
            return false;
        }
        match (self.fetch_site, self.origin) {
            (Some(site), _) => site.trim().eq_ignore_ascii_case("cross-site"),
            (None, None) => false,
            (None, Some(origin)) => {
                let Some((scheme, authority)) = split(origin) else { return true };
                let ours = |host: &str| same_authority(scheme, authority, host);
                let public = self.public_url.and_then(split);
                !(self.host.is_some_and(ours) || public.is_some_and(|(_, host)| ours(host)))
            }
        }
    }

    /// Whether the operator has named its origin.
    pub fn origin_is_allowed(&self) -> bool {
        self.origin.is_some_and(|origin| {
            self.allowed.iter().any(|allowed| match (split(origin), split(allowed)) {
                (Some((scheme, authority)), Some((allowed_scheme, allowed_authority))) => {
                    scheme.eq_ignore_ascii_case(allowed_scheme)
                        && same_authority(scheme, authority, allowed_authority)
                }
                _ => false,
            })
        })
    }
}

/// Scheme and authority of an origin or URL. None: `null`, or no origin at all.
fn split(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    (!authority.is_empty()).then_some((scheme, authority))
}

/// The scheme's own port may stand there or not.
fn same_authority(scheme: &str, one: &str, other: &str) -> bool {
    let default = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    let bare = |authority: &str| authority.strip_suffix(default).unwrap_or(authority).to_ascii_lowercase();
    bare(one) == bare(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_say_is_believed() {
        let allowed = vec!["https://site.example".to_owned()];
        let host = Some("desk.example");
        for (fetch_site, origin, cross) in [
            (None, None, false),
            (Some("same-origin"), Some("https://desk.example"), false),
            (Some("same-site"), Some("https://www.example"), false),
            (Some("none"), None, false),
            (Some("cross-site"), Some("https://evil.example"), true),
            (Some("cross-site"), None, true),
            (Some("cross-site"), Some("null"), true),
            (Some("cross-site"), Some("https://site.example"), false),
            (Some("cross-site"), Some("http://site.example"), true),
            (Some("Cross-Site"), None, true),
            (None, Some("https://desk.example"), false),
            (None, Some("https://DESK.example:443"), false),
            (None, Some("http://desk.example:8080"), true),
            (None, Some("https://public.example"), false),
            (None, Some("https://evil.example"), true),
            (None, Some("https://desk.example.evil.example"), true),
            (None, Some("https://site.example"), false),
            (None, Some("null"), true),
            (None, Some(""), true),
        ] {
            let provenance = Provenance {
                fetch_site,
                origin,
                host,
                public_url: Some("https://public.example/register"),
                allowed: &allowed,
            };
            assert_eq!(provenance.is_cross_site(), cross, "{fetch_site:?} {origin:?}");
        }
    }
}
