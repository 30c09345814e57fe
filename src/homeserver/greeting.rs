//! Whether a homeserver is there, and what time it is there.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Family, Homeserver, deadline, left};

/// A homeserver's answer to whoever only wants to know that it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// Where it is: `https://matrix.your.server`.
    pub at: String,
    /// What time it is there, to the second.
    pub date: Option<DateTime<Utc>>,
}

impl Homeserver {
    /// Asks for the versions of the specification, which every homeserver tells everybody. Err: what is wrong.
    pub fn greet(&self, budget: Duration) -> Result<Greeting, String> {
        let deadline = deadline(budget);
        let base = self.base(deadline).map_err(|no_answer| no_answer.words)?;
        let reply = self
            .http
            .get(&format!("{base}/_matrix/client/versions"), left(deadline))
            .map_err(|fault| fault.to_string())?;
        let is_homeserver = reply.status == 200
            && reply.json().is_ok_and(|json| json.get("versions").is_some_and(serde_json::Value::is_array));
        // A proxy may let through no more of it than the desk needs.
        if !is_homeserver && self.identify(left(deadline)) == Family::Unknown {
            return Err(format!(
                "{} does not answer as a homeserver does (status {}): base_url has to lead to its client-server API",
                reply.at, reply.status
            ));
        }
        Ok(Greeting { at: reply.at, date: reply.date })
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::ServerName;
    use crate::net::http::scripted_server::{Act, ScriptedServer};

    use super::*;

    fn greeted(act: Act) -> Result<Greeting, String> {
        let server = ScriptedServer::that_does(act);
        let homeserver = Homeserver::new(ServerName::parse("your.server").unwrap(), Some(server.url.clone()));
        let greeting = homeserver.greet(Duration::from_secs(20));
        assert_eq!(server.questions()[0].line, "GET /_matrix/client/versions");
        greeting.map(|greeting| {
            assert_eq!(greeting.at, server.url);
            Greeting { at: String::new(), ..greeting }
        })
    }

    #[test]
    fn a_homeserver_tells_what_time_it_is_there() {
        let versions = br#"{"versions": ["v1.11"]}"#.to_vec();
        let dated =
            greeted(Act::Full(200, "Date: Mon, 23 Nov 2026 18:48:00 GMT\r\n".into(), versions.clone()));
        let date = dated.unwrap().date.map(|date| date.to_rfc3339());
        assert_eq!(date.as_deref(), Some("2026-11-23T18:48:00+00:00"));
        for rubbish in ["", "Date: yesterday\r\n", "Date: 99999999999\r\n"] {
            let undated = greeted(Act::Full(200, rubbish.into(), versions.clone()));
            assert_eq!(undated.unwrap().date, None, "{rubbish}");
        }
    }

    #[test]
    fn one_that_tells_only_its_name_is_a_homeserver_too() {
        let server = ScriptedServer::start(|question| match question.line.as_str() {
            "GET /_tuwunel/server_version" => {
                Act::Json(200, r#"{"name":"Tuwunel","version":"1.9.0"}"#.into())
            }
            _ => Act::Json(404, "{}".into()),
        });
        let homeserver = Homeserver::new(ServerName::parse("your.server").unwrap(), Some(server.url.clone()));
        assert_eq!(homeserver.greet(Duration::from_secs(20)).unwrap().at, server.url);
    }

    #[test]
    fn what_is_no_homeserver_is_told_from_one() {
        for act in [
            Act::Json(404, r#"{"errcode": "M_UNRECOGNIZED"}"#.into()),
            Act::Json(200, r#"{"available": true}"#.into()),
            Act::Full(200, "Content-Type: text/html\r\n".into(), b"<h1>It works!</h1>".to_vec()),
        ] {
            let told = greeted(act.clone()).unwrap_err();
            assert!(told.contains("does not answer as a homeserver does"), "{act:?}: {told}");
        }
        assert!(greeted(Act::HangUp).is_err());
    }
}
