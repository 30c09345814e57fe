//! Where applicants find the desk.

use super::Settings;

impl Settings {
    /// What the paths of the desk begin with there: nothing, or `/join/desk`.
    pub fn public_path(&self) -> &str {
        let behind_scheme = self.public_url.as_deref().and_then(|url| url.split_once("://"));
        let path = behind_scheme.and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
        path.unwrap_or_default().trim_end_matches('/')
    }

    /// The whole URL of a path of the desk. None: `public_url` is not set.
    pub fn public(&self, path: &str) -> Option<String> {
        self.public_url.as_deref().map(|url| format!("{}{path}", url.trim_end_matches('/')))
    }

    /// Where rules, privacy and whoever is to be asked are found.
    pub fn about_urls(&self) -> [Option<&str>; 3] {
        let about = self.about.as_ref();
        [
            about.and_then(|about| about.rules_url.as_deref()),
            about.and_then(|about| about.privacy_url.as_deref()),
            about.and_then(|about| Some(about.contact.as_ref()?.url.as_str())),
        ]
    }

    /// Whether it is a real desk without a mail server.
    pub fn mails_nobody(&self) -> bool {
        self.smtp.is_none() && !self.trial
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_desk_below_a_path_knows_it() {
        for (url, path, page) in [
            (None, "", None),
            (Some("https://desk.example"), "", Some("https://desk.example/x")),
            (Some("https://desk.example/"), "", Some("https://desk.example/x")),
            (Some("https://example.org/join/desk"), "/join/desk", Some("https://example.org/join/desk/x")),
            (Some("https://example.org/join//"), "/join", Some("https://example.org/join/x")),
        ] {
            let settings = Settings { public_url: url.map(str::to_owned), ..Settings::trial() };
            assert_eq!((settings.public_path(), settings.public("/x").as_deref()), (path, page), "{url:?}");
        }
    }
}
