//! The homeserver's own page for new accounts, where it is one of those to which every client leads (OAuth; Matrix spec 1.15):
//! there a registration token can be entered whatever the client.

use crate::config::Template;

use super::family::{Family, Version};
use super::is_plain;

/// Where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPage {
    /// For anybody, and for somebody with a name and a token, as far as it fills them in. None: only a client leads there.
    pub links: Option<(String, Template)>,
}

impl OwnPage {
    /// That of a homeserver that says that this is its issuer (`/auth_metadata`).
    pub(super) fn of(family: &Family, issuer: &str) -> Option<Self> {
        let path = match family {
            Family::SynapseBehindMas(_) => {
                Some(("register", "register/password?username={requested_username}"))
            }
            Family::Continuwuity(release) if *release >= Version(26, 6, 0) => Some((
                "_continuwuity/account/register/?flow=trusted",
                "_continuwuity/account/register/?flow=trusted&username={requested_username}&token={registration_token}",
            )),
            Family::Tuwunel(_) => None,
            _ => return None,
        };
        let issuer =
            Some(issuer.trim_end_matches('/')).filter(|url| is_plain(url) && !url.contains(['{', '}']));
        let links = issuer.zip(path).and_then(|(issuer, (start, filled))| {
            let known = ["requested_username", "registration_token"];
            Some((format!("{issuer}/{start}"), Template::parse(&format!("{issuer}/{filled}"), &known).ok()?))
        });
        Some(Self { links })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_that_clients_lead_to_are_known() {
        let links = |family: Family, issuer: &str| {
            OwnPage::of(&family, issuer).map(|page| {
                let filled =
                    |(start, page): (String, Template)| (start, page.fill(|name| name[..3].to_owned()));
                page.links.map(filled)
            })
        };
        let mas = Family::SynapseBehindMas(None);
        assert_eq!(
            links(mas.clone(), "https://account.your.server/"),
            Some(Some((
                "https://account.your.server/register".into(),
                "https://account.your.server/register/password?username=req".into()
            )))
        );
        assert_eq!(
            links(Family::Continuwuity(Version(26, 8, 0)), "https://matrix.your.server/"),
            Some(Some((
                "https://matrix.your.server/_continuwuity/account/register/?flow=trusted".into(),
                "https://matrix.your.server/_continuwuity/account/register/?flow=trusted&username=req&token=reg".into()
            )))
        );
        assert_eq!(links(Family::Tuwunel(Version(1, 9, 0)), "https://your.server/"), Some(None));
        for odd in ["https://x/{y}", "javascript:x", "https://x/?y"] {
            assert_eq!(links(mas.clone(), odd), Some(None), "{odd}");
        }
        for none in [Family::Continuwuity(Version(0, 5, 7)), Family::Synapse(None), Family::Unknown] {
            assert_eq!(links(none, "https://your.server/"), None);
        }
    }
}
