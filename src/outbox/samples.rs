//! What the tests of this module compose and deliver.

use chrono::{DateTime, Utc};

use crate::config::{Sender, Settings, Template};
use crate::domain::{EmailAddress, Language, Localpart, MessageId, Mxid, RegistrationToken, ServerName};

use super::{Composed, Letter, LetterFacts, Quoted, compose};

pub(super) const TOKEN: &str = "mWq3vXk7RtY2uHs9bNc4Gf8DzJp5LaEi";

/// What the config lets operators use.
pub(super) const PLACEHOLDERS: &[&str] =
    &["homeserver", "registration_token", "requested_username", "utc_time", "time_until_reset"];

pub(super) fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

pub(super) fn template(text: &str) -> Template {
    Template::parse(text, PLACEHOLDERS).unwrap()
}

pub(super) fn settings() -> Settings {
    Settings {
        homeserver: ServerName::parse("your.server").unwrap(),
        public_url: Some("https://desk.your.server".into()),
        from: Sender { name: Some("Desk".into()), address: "desk@your.server".into() },
        trial: false,
        ..Settings::trial()
    }
}

pub(super) fn facts_for(name: &str, to: &str) -> LetterFacts {
    let server = ServerName::parse("your.server").unwrap();
    LetterFacts {
        language: Language::English,
        letter: Letter::Account {
            mxid: Some(Mxid { localpart: Localpart::parse(name, &server).unwrap(), server }),
            link: None,
            token: Some(Quoted {
                token: RegistrationToken::parse(TOKEN).unwrap(),
                works_until: at("2026-11-24T00:00:00Z"),
            }),
        },
        to: EmailAddress::parse(to).unwrap(),
        message_id: MessageId::parse("<abc123@your.server>").unwrap(),
        date: at("2026-11-23T18:48:00Z"),
        now: at("2026-11-23T18:48:00Z"),
        own_page: None,
        not_me: None,
        answers: None,
    }
}

pub(super) fn letter_to(to: &str) -> Composed {
    compose(&facts_for("alice", to), &settings()).unwrap()
}
