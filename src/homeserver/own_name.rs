//! What the homeserver calls itself: the config may name another one.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::net::cleaned;
use crate::net::http::Method;

use super::{Homeserver, deadline, left};

impl Homeserver {
    /// In words, that it is another homeserver than the config says. By whom the desk's access token belongs to; by MAS; by
    /// the homeserver's signing keys (Matrix spec, server-server API); by what its own `.well-known` says. None: it is
    /// not, or nothing tells.
    pub fn calls_itself_otherwise(&self, budget: Duration) -> Option<String> {
        let deadline = deadline(budget);
        let base = self.base(deadline).ok()?;
        let ours = self.server_name.as_str();
        let own_name = self
            .name_of_account(&base, deadline)
            .map(|name| (name, "the account of tokens.access_token_file is one of"))
            .or_else(|| self.name_at_mas(deadline).map(|name| (name, "MAS says that the homeserver is")))
            .or_else(|| {
                let told = self.told(&format!("{base}/_matrix/key/v2/server"), deadline)?;
                Some((text(&told, "/server_name")?, "the homeserver calls itself"))
            });
        let found = match own_name {
            Some((name, how)) => (!name.eq_ignore_ascii_case(ours)).then(|| format!("{how} {name}")),
            None => self.well_known_elsewhere(&base, deadline),
        }?;
        Some(cleaned(&format!("{found}, and the config says homeserver: {ours}")))
    }

    fn name_of_account(&self, base: &str, deadline: Instant) -> Option<String> {
        let bearer = self.access_token.as_ref()?;
        let url = format!("{base}/_matrix/client/v3/account/whoami");
        let reply = self.http.send(Method::Get, &url, Some(bearer), left(deadline) / 2).ok()?;
        let told = reply.json().ok().filter(|_| reply.status == 200)?;
        text(&told, "/user_id")?.split_once(':').map(|(_, name)| name.to_owned())
    }

    /// What stands at the server itself about where it is reached: Synapse names itself there, others a place. A place of
    /// another domain counts only where the config's name does not lead there as well.
    fn well_known_elsewhere(&self, base: &str, deadline: Instant) -> Option<String> {
        if base == self.itself {
            return None;
        }
        [
            ("server", "/m.server", "that servers reach it at"),
            ("client", "/m.homeserver/base_url", "that clients reach it at"),
        ]
        .into_iter()
        .find_map(|(which, key, what)| {
            let path = format!("/.well-known/matrix/{which}");
            let says = |at: &str| text(&self.told(&format!("{at}{path}"), deadline)?, key);
            let named = says(base)?;
            let (host, own) = (host(&named), host(base));
            let is_other =
                is_name(host) && host != own && !are_of_one_domain(host, self.server_name.as_str());
            let is_confirmed = || says(&self.itself).is_some_and(|ours| self::host(&ours) == host);
            (is_other && !is_confirmed()).then(|| format!("{path} of the homeserver says {what} {host}"))
        })
    }

    fn told(&self, url: &str, deadline: Instant) -> Option<Value> {
        let reply = self.http.get(url, left(deadline) / 2).ok()?;
        reply.json().ok().filter(|_| reply.status == 200)
    }
}

fn text(json: &Value, pointer: &str) -> Option<String> {
    json.pointer(pointer)?.as_str().map(ToOwned::to_owned)
}

/// Of a URL, or of `host:port`.
fn host(place: &str) -> &str {
    let place = place.split_once("://").map_or(place, |(_, rest)| rest);
    let authority = place.split('/').next().unwrap_or_default();
    authority
        .rsplit_once(':')
        .filter(|(_, port)| port.parse::<u16>().is_ok())
        .map_or(authority, |(host, _)| host)
}

/// Not an address, nor a name within one's own network.
fn is_name(host: &str) -> bool {
    host.contains('.') && host.bytes().any(|byte| byte.is_ascii_alphabetic()) && !host.contains(':')
}

/// As far as their last two labels tell.
fn are_of_one_domain(one: &str, other: &str) -> bool {
    let domain = |name: &str| {
        let labels: Vec<String> = host(name).rsplit('.').take(2).map(str::to_ascii_lowercase).collect();
        labels
    };
    domain(one) == domain(other)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::domain::{Secret, ServerName};
    use crate::net::http::scripted_server::{Act, ScriptedServer};

    use super::*;

    const AMPLE: Duration = Duration::from_secs(20);

    /// What is said of a server for `example.com` that answers so, asked with an access token.
    fn told(answers: &'static [(&'static str, &'static str)]) -> String {
        let server = ScriptedServer::start(move |question| {
            let known = answers.iter().find(|(path, _)| question.line.ends_with(path));
            known.map_or(Act::Json(404, "{}".into()), |(_, body)| Act::Json(200, (*body).into()))
        });
        let mut homeserver =
            Homeserver::new(ServerName::parse("example.com").unwrap(), Some(server.url.clone()));
        homeserver.access_token = Some(Secret::new("syt_hush"));
        // Whatever the name itself leads to knows nothing of it.
        homeserver.itself = "http://127.0.0.1:9".into();
        homeserver.calls_itself_otherwise(AMPLE).unwrap_or_default()
    }

    #[test]
    fn another_name_is_told_by_whoever_knows_it() {
        for (answers, words) in [
            (&[("/whoami", r#"{"user_id": "@op:your.server:8448"}"#)][..], "one of your.server:8448, and"),
            (
                &[("/_matrix/key/v2/server", r#"{"server_name": "your.server"}"#)],
                "calls itself your.server, and",
            ),
            (
                &[("/.well-known/matrix/server", r#"{"m.server": "your.server:443"}"#)],
                "reach it at your.server, and",
            ),
            (
                &[(
                    "/.well-known/matrix/client",
                    r#"{"m.homeserver": {"base_url": "https://matrix.your.server/"}}"#,
                )],
                "clients reach it at matrix.your.server, and",
            ),
        ] {
            let told = told(answers);
            assert!(told.contains(words) && told.ends_with("homeserver: example.com"), "{words}: {told}");
        }
    }

    #[test]
    fn what_fits_the_name_or_says_nothing_of_it_is_no_other_name() {
        for answers in [
            &[][..],
            &[("/whoami", r#"{"user_id": "@op:example.com"}"#)],
            // Whoever knows it for certain is asked first.
            &[
                ("/whoami", r#"{"user_id": "@op:Example.com"}"#),
                ("/.well-known/matrix/server", r#"{"m.server": "your.server:443"}"#),
            ],
            &[("/.well-known/matrix/server", r#"{"m.server": "matrix.example.com:443"}"#)],
            &[("/.well-known/matrix/server", r#"{"m.server": "192.0.2.7:8448"}"#)],
            &[("/.well-known/matrix/server", r#"{"m.server": "synapse:8448"}"#)],
            &[("/.well-known/matrix/server", r#"{"m.server": 7}"#)],
            &[("/.well-known/matrix/client", r#"{"m.homeserver": {"base_url": "http://127.0.0.1:8008"}}"#)],
        ] {
            assert_eq!(told(answers), "", "{answers:?}");
        }
    }

    #[test]
    fn a_place_that_the_name_itself_leads_to_is_no_other_name() {
        let says = || Act::Json(200, json!({"m.server": "matrix.host.example:443"}).to_string());
        let server = ScriptedServer::that_does(says());
        let name = ScriptedServer::that_does(says());
        let mut homeserver =
            Homeserver::new(ServerName::parse("example.com").unwrap(), Some(server.url.clone()));
        homeserver.itself.clone_from(&name.url);
        assert_eq!(homeserver.calls_itself_otherwise(AMPLE), None);
    }
}
