//! Where the desk is reached, and where it sends applicants.

use super::entry::{Entry, check_url};
use super::problems::Problems;
use super::proxies::trusted_proxies;
use super::section::Section;
use super::settings::Settings;
use super::template::Template;

/// `bind`, `port` and all the URLs but the homeserver's.
pub(super) fn read(top: &mut Section<'_>, settings: &mut Settings, problems: &mut Problems) {
    top.set("bind", &mut settings.bind, |entry| entry.ip(problems));
    top.set("port", &mut settings.port, |entry| entry.number(problems, 0, 65_535, "; 0 takes any free one"));
    top.set("public_url", &mut settings.public_url, |entry| entry.url(problems).map(Some));
    top.set("client_url", &mut settings.client_url, |entry| entry.url(problems));
    top.set("signup_url", &mut settings.signup_url, |entry| signup_url(entry, problems).map(Some));
    top.set("allowed_origins", &mut settings.allowed_origins, |entry| Some(allowed_origins(entry, problems)));
    top.set("trusted_proxies", &mut settings.trusted_proxies, |entry| Some(trusted_proxies(entry, problems)));
}

fn signup_url(entry: &Entry<'_>, problems: &mut Problems) -> Option<Template> {
    let text = entry.text(problems, "a URL with {requested_username} and {registration_token} in it")?;
    let plain = text.replace(['{', '}'], "").split(['?', '#']).next().unwrap_or_default().to_owned();
    if let Err(why) = check_url(&plain) {
        entry.error(problems, why);
        return None;
    }
    match Template::parse(text.trim(), &["requested_username", "registration_token"]) {
        Ok(template) => Some(template),
        Err((_, what)) => {
            entry.error(problems, what);
            None
        }
    }
}

fn allowed_origins(entry: &Entry<'_>, problems: &mut Problems) -> Vec<String> {
    let mut origins = Vec::new();
    for (line, text) in entry.texts(problems, "origins like https://www.your.server") {
        let text = text.trim().trim_end_matches('/').to_ascii_lowercase();
        let rest = text.split_once("://").map_or("", |(_, rest)| rest);
        match check_url(&text) {
            Ok(()) if !rest.contains('/') => origins.push(text),
            _ => problems.error(
                line,
                &entry.path,
                "it should be an origin like https://www.your.server, without a path",
            ),
        }
    }
    origins
}
