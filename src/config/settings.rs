//! The settings as the desk uses them: every value checked, every default filled in.

use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use crate::domain::{EmailAddress, Schedule, Secret, ServerName};

use super::template::Template;

/// All settings of a desk.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `homeserver`
    pub homeserver: ServerName,
    /// `bind`: the address to listen on.
    pub bind: std::net::IpAddr,
    /// `port`; 0 takes any free one.
    pub port: u16,
    /// `token_reset_time_utc` and `downtime_before_token_reset`; with a backend that needs no downtime, and none asked
    /// for, the downtime is 0.
    pub schedule: Schedule,
    /// `email_cooldown`
    pub email_cooldown: Duration,
    /// `multiple_users_per_email`
    pub multiple_users_per_email: bool,
    /// `email_identity`
    pub email_identity: EmailIdentity,
    /// `letters_per_address_per_day`; 0 = no limit.
    pub letters_per_address_per_day: u32,
    /// `letters_per_hour`; 0 = no limit.
    pub letters_per_hour: u32,
    /// `requests_per_ip_per_hour`; 0 = no limit.
    pub requests_per_ip_per_hour: u32,
    /// `when_homeserver_unreachable`
    pub when_homeserver_unreachable: WhenUnreachable,
    /// `base_url` of the client-server API, without a trailing slash. None: ask `.well-known`, else `https://HOMESERVER`.
    pub base_url: Option<String>,
    /// `public_url`: where applicants find the page, without a trailing slash.
    pub public_url: Option<String>,
    /// `client_url`
    pub client_url: String,
    /// `signup_url`, with `{requested_username}` and `{registration_token}`.
    pub signup_url: Option<Template>,
    /// `allowed_origins`, as a browser sends them in `Origin`.
    pub allowed_origins: Vec<String>,
    /// `trusted_proxies`, the words `loopback` and `private` spelled out.
    pub trusted_proxies: Vec<IpNet>,
    /// `approval`
    pub approval: Approval,
    /// `retention_days`; 0 = keep.
    pub retention_days: u32,
    /// `operator_email`: who gets the digest.
    pub operator_email: Option<EmailAddress>,
    /// `after_rotation`: a command for `sh -c`.
    pub after_rotation: Option<String>,
    /// `smtp`; None: letters are written into `outbox/`.
    pub smtp: Option<Smtp>,
    /// `smtp.from`, or what stands in for it: the From of every letter.
    pub from: Sender,
    /// `email_subject`, `email_body`, `email_body_html`.
    pub letter: LetterTemplates,
    /// `tokens`
    pub tokens: Tokens,
    /// `imap`; None: no requests by e-mail.
    pub imap: Option<Imap>,
    /// A trial desk: asks no homeserver, sends nothing, and says so. Never from a file.
    pub trial: bool,
}

/// `email_identity`: when two addresses are the same applicant's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailIdentity {
    /// `a+tag@x` is `a@x`, case folded.
    Mailbox,
    /// The local part as typed.
    Exact,
}

/// `when_homeserver_unreachable`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenUnreachable {
    /// 503: ask again later.
    Refuse,
    /// Accept without the check.
    Accept,
}

/// `approval`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// What passes all rules is accepted.
    Automatic,
    /// What passes all rules is held.
    Manual,
}

/// `smtp`
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Name and password; None: no AUTH.
    pub login: Option<(String, Secret)>,
    /// `smtp.tls`, or `use_tls`.
    pub tls: TlsMode,
}

/// How a mail connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// TLS after STARTTLS; without it the connection is given up.
    StartTls,
    /// TLS from the first byte.
    Implicit,
    /// None.
    None,
}

/// Who letters come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The display name.
    pub name: Option<String>,
    /// The bare address.
    pub address: String,
}

/// The operator's own letter; None: the built-in one.
#[derive(Debug, Clone, Default)]
pub struct LetterTemplates {
    /// `email_subject`
    pub subject: Option<Template>,
    /// `email_body`
    pub text: Option<Template>,
    /// `email_body_html`; values are HTML-escaped when filled in.
    pub html: Option<Template>,
}

/// `tokens`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// `tokens.backend`
    pub backend: Backend,
    /// `tokens.per_applicant`
    pub per_applicant: bool,
    /// `tokens.uses`
    pub uses: u32,
    /// `tokens.lifetime_hours`
    pub lifetime: Duration,
    /// `tokens.grace_minutes`
    pub grace: Duration,
}

/// `tokens.backend` with what each needs: where the homeserver has its tokens from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backend {
    /// `.registration_token`
    File,
    /// A second configuration file of the homeserver's, too.
    Toml {
        /// `tokens.path`
        path: PathBuf,
    },
    /// The admin API of Synapse and of tuwunel.
    Synapse {
        /// Of a server administrator.
        access_token: Secret,
    },
    /// The admin API of the Matrix Authentication Service.
    Mas(MasAccess),
    /// Commands in the admin room of continuwuity and tuwunel.
    AdminRoom {
        /// Of a member of that room.
        access_token: Secret,
    },
}

/// How the desk gets at the Matrix Authentication Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasAccess {
    /// `tokens.client_id`
    pub client_id: String,
    /// `tokens.client_secret`
    pub client_secret: Secret,
    /// `tokens.mas_url`: where its admin API is, without a trailing slash. None: where the homeserver says that it is.
    pub url: Option<String>,
    /// Of a Synapse administrator, to ask Synapse for names too.
    pub access_token: Option<Secret>,
}

impl Backend {
    /// Whether tokens are made by asking the homeserver. Then the old one can live on for a while beside the new one, and
    /// each applicant can have one of their own.
    pub fn asks_homeserver(&self) -> bool {
        match self {
            Self::File | Self::Toml { .. } => false,
            Self::Synapse { .. } | Self::Mas(_) | Self::AdminRoom { .. } => true,
        }
    }

    /// Which of them it is, without what it needs.
    pub fn kind(&self) -> BackendKind {
        match self {
            Self::File => BackendKind::File,
            Self::Toml { .. } => BackendKind::Toml,
            Self::Synapse { .. } => BackendKind::Synapse,
            Self::Mas(_) => BackendKind::Mas,
            Self::AdminRoom { .. } => BackendKind::AdminRoom,
        }
    }
}

/// `tokens.backend`: the word alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackendKind {
    /// `.registration_token`
    File,
    /// A second config file of continuwuity's.
    Toml,
    /// The admin API of Synapse, which tuwunel has too.
    Synapse,
    /// The admin API of the Matrix Authentication Service.
    Mas,
    /// `!admin token` in the admin room.
    AdminRoom,
}

impl BackendKind {
    /// As the config writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Toml => "toml",
            Self::Synapse => "synapse",
            Self::Mas => "mas",
            Self::AdminRoom => "admin_room",
        }
    }
}

/// `imap`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imap {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The account.
    pub username: String,
    /// How it proves itself.
    pub login: ImapLogin,
    /// `imap.tls`
    pub tls: TlsMode,
    /// The folder that is watched.
    pub mailbox: String,
    /// The address that people write to.
    pub address: EmailAddress,
    /// Whose `Authentication-Results` are believed.
    pub trusted_authserv_ids: Vec<String>,
    /// `imap.unverified_senders`
    pub unverified_senders: UnverifiedSenders,
}

/// What the account proves itself with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImapLogin {
    /// A password.
    Password(Secret),
    /// What this command prints is an OAuth access token.
    TokenCommand(String),
}

/// `imap.unverified_senders`: what becomes of mails whose sender nobody has verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnverifiedSenders {
    /// The letter of an accepted request goes out, as it would for the web; nothing else does.
    Answer,
    /// They wait for the operator.
    Hold,
    /// They are filed.
    Ignore,
}
