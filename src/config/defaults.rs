//! What holds where the config says nothing.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use crate::domain::{Schedule, ServerName};

use super::proxies::proxies;
use super::settings::{Approval, Backend, EmailIdentity, LetterTemplates, Settings, Tokens, WhenUnreachable};
use super::smtp;

/// One that nobody can have (RFC 2606).
const TRIAL_SERVER: &str = "trial.example";

/// The settings of a config that names the homeserver alone.
pub(super) fn defaults(homeserver: ServerName) -> Settings {
    Settings {
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 6626,
        schedule: Schedule::default(),
        email_cooldown: Duration::from_secs(3600),
        multiple_users_per_email: false,
        email_identity: EmailIdentity::Mailbox,
        letters_per_address_per_day: 3,
        letters_per_hour: 100,
        requests_per_ip_per_hour: 20,
        when_homeserver_unreachable: WhenUnreachable::Refuse,
        base_url: None,
        public_url: None,
        client_url: "https://app.element.io".into(),
        signup_url: None,
        allowed_origins: Vec::new(),
        trusted_proxies: proxies("loopback").unwrap_or_default(),
        approval: Approval::Automatic,
        retention_days: 0,
        operator_email: None,
        after_rotation: None,
        smtp: None,
        from: smtp::default_sender(&homeserver),
        letter: LetterTemplates::default(),
        tokens: Tokens {
            backend: Backend::File,
            per_applicant: false,
            uses: 2,
            lifetime: Duration::from_secs(48 * 3600),
            grace: Duration::from_secs(3600),
        },
        imap: None,
        homeserver,
        trial: false,
    }
}

/// The name of the homeserver of a trial desk.
pub(super) fn trial_server() -> ServerName {
    ServerName::parse(TRIAL_SERVER).unwrap_or_else(|_| unreachable!("it is a constant"))
}

impl Settings {
    /// The built-in defaults of a trial desk.
    pub fn trial() -> Self {
        Self { trial: true, ..defaults(trial_server()) }
    }
}
