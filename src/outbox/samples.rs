//! What the tests of this module compose and deliver.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::config::{
    Approval, Backend, EmailIdentity, LetterTemplates, Sender, Settings, Template, Tokens, WhenUnreachable,
};
use crate::domain::{EmailAddress, Localpart, MessageId, Mxid, RegistrationToken, Schedule, ServerName};

use super::{Composed, Letter, LetterFacts, compose};

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
        bind: [127, 0, 0, 1].into(),
        port: 6626,
        schedule: Schedule::new(0, 30).unwrap(),
        email_cooldown: Duration::from_secs(3600),
        multiple_users_per_email: false,
        email_identity: EmailIdentity::Mailbox,
        letters_per_address_per_day: 3,
        letters_per_hour: 100,
        requests_per_ip_per_hour: 20,
        when_homeserver_unreachable: WhenUnreachable::Refuse,
        base_url: None,
        public_url: Some("https://desk.your.server".into()),
        client_url: "https://app.element.io".into(),
        signup_url: None,
        allowed_origins: Vec::new(),
        trusted_proxies: Vec::new(),
        approval: Approval::Automatic,
        retention_days: 0,
        operator_email: None,
        after_rotation: None,
        smtp: None,
        from: Sender { name: Some("Desk".into()), address: "desk@your.server".into() },
        letter: LetterTemplates::default(),
        tokens: Tokens {
            backend: Backend::File,
            per_applicant: false,
            uses: 2,
            lifetime: Duration::from_secs(48 * 3600),
            grace: Duration::from_secs(3600),
        },
        imap: None,
        trial: false,
    }
}

pub(super) fn facts_for(name: &str, to: &str) -> LetterFacts {
    let server = ServerName::parse("your.server").unwrap();
    LetterFacts {
        letter: Letter::Token {
            mxid: Mxid { localpart: Localpart::parse(name, &server).unwrap(), server },
            token: RegistrationToken::parse(TOKEN).unwrap(),
            works_until: at("2026-11-24T00:00:00Z"),
        },
        to: EmailAddress::parse(to).unwrap(),
        message_id: MessageId::parse("<abc123@your.server>").unwrap(),
        date: at("2026-11-23T18:48:00Z"),
        now: at("2026-11-23T18:48:00Z"),
        answers: None,
    }
}

pub(super) fn letter_to(to: &str) -> Composed {
    compose(&facts_for("alice", to), &settings()).unwrap()
}
